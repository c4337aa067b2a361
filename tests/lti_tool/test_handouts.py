"""Reviews are given out by themselves once works are due: once, whoever looks first, on every store."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from lti_tool import handouts, keys, projects, reviews
from lti_tool.enclosures import Enclosure
from lti_tool.projects import Setting
from lti_tool.tool import Tool
from lti_tool.works import ALLOTMENTS
from tests.lti_tool import builders
from tests.lti_tool.builders import Bench
from tests.lti_tool.test_projects import SHELF, names, person
from tests.lti_tool.working import came, hand, post, teaches
from tests.storage import stores

DAY = 86_400.0


@pytest.fixture(params=stores.STORES)
def every(
    request: pytest.FixtureRequest, tmp_path: Path, issuer: builders.Issuer, tool_key: keys.ToolKeys
) -> Iterator[Bench]:
    with builders.bench(tmp_path, issuer, tool_key, store=stores.url(request.param, tmp_path / "store")) as bench:
        yield bench


def tool(bench: Bench) -> Tool:
    found: Tool = bench.app.extensions["lti_tool"]
    return found


def works(bench: Bench, count: int = 4, course: str = "course") -> Setting:
    """A project with works, due in a day, and two reviews for each learner."""
    for number in range(count):
        whose = replace(person(f"learner-{number}"), context=course)
        projects.hand_in(
            handouts.vault(tool(bench)), whose, names(bench, whose.sub), SHELF, Enclosure("text"),
            outside=False, due=0.0, now=bench.clock(), id_=uuid.uuid4().hex,
        )  # fmt: skip

    def dated(kept: Setting) -> Setting:
        return replace(kept, reviews=2, due=bench.clock() + DAY)

    return projects.change(bench.storage, course, SHELF, dated)


def test_before_works_are_due_nothing_is_given_out_and_after_it_once(every: Bench) -> None:
    setting = works(every)
    assert handouts.give_due(tool(every)) == 0
    assert handouts.on_time(tool(every), setting) == setting

    every.clock.offset = DAY + 1
    assert handouts.give_due(tool(every)) == 1
    assert handouts.give_due(tool(every)) == 0
    given = reviews.of_project(every.storage, "course", SHELF)
    assert len(given) == 8
    kept = projects.setting(every.storage, "course", SHELF)
    assert kept.given
    assert handouts.on_time(tool(every), kept) == kept


def test_of_processes_at_the_same_moment_one_gives_out(every: Bench) -> None:
    works(every)
    every.clock.offset = DAY + 1
    start, done = threading.Barrier(4), []

    def give() -> None:
        start.wait()
        done.append(handouts.give_due(tool(every)))

    threads = [threading.Thread(target=give) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sum(done) == 1
    assert len(every.storage.find(ALLOTMENTS, {})) == 8


def test_whoever_looked_before_it_was_done_does_not_do_it_again(bench: Bench) -> None:
    setting = works(bench)
    bench.clock.offset = DAY + 1
    assert handouts.on_time(tool(bench), setting).given

    assert handouts.give(tool(bench), handouts.vault(tool(bench)), setting, once=True) is None
    assert handouts.on_time(tool(bench), setting) == setting, "what was read before stays what was read"
    assert handouts.give(tool(bench), handouts.vault(tool(bench)), setting) is not None, "the button does it again"


def test_who_died_while_giving_out_is_followed_after_the_lease(bench: Bench) -> None:
    works(bench)
    bench.clock.offset = DAY + 1
    projects.change(bench.storage, "course", SHELF, lambda kept: replace(kept, leased=bench.clock() + reviews.LEASE))

    assert handouts.give_due(tool(bench)) == 0
    bench.clock.offset += reviews.LEASE + 1
    assert handouts.give_due(tool(bench)) == 1


@pytest.mark.parametrize("change", [{"due": 0.0}, {"reviews": 0}, {"given": 1.0}])
def test_without_a_date_or_reviews_or_a_second_time_nothing_is_given_out(
    bench: Bench, change: dict[str, float]
) -> None:
    setting = replace(works(bench), **change)  # type: ignore[arg-type]  # fields of numbers

    assert not handouts.is_due(setting, bench.clock() + 2 * DAY)


def test_every_course_gets_its_own(bench: Bench) -> None:
    for course in ("course-1", "course-2"):
        works(bench, 3, course)
    bench.clock.offset = DAY + 1

    assert handouts.give_due(tool(bench)) == 2
    assert {one["course"] for one in bench.storage.find(ALLOTMENTS, {})} == {"course-1", "course-2"}


def test_the_first_page_after_the_deadline_does_not_wait_for_the_worker(bench: Bench) -> None:
    for sub in ("ada", "bao", "cyd"):
        hand(bench, came(bench, sub))
    due = "2031-01-02"
    post(bench, "class/works/set", teaches(bench), dates="1", reviews="1", due=due, due_time="12:00")
    assert not bench.storage.find(ALLOTMENTS, {})
    bench.clock.offset = 1_925_200_000 - bench.clock()

    assert "review" in came(bench, "ada").text
    assert len(bench.storage.find(ALLOTMENTS, {})) == 3


def test_a_clock_that_is_a_moment_behind_breaks_no_lease(bench: Bench) -> None:
    works(bench)
    bench.clock.offset = DAY + 1
    ahead = bench.clock() + 5 + reviews.LEASE
    projects.change(bench.storage, "course", SHELF, lambda kept: replace(kept, leased=ahead))

    assert handouts.give_due(tool(bench)) == 0
