from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest

from lti_tool import courses, errors, keys, workers
from lti_tool.courses import Course
from lti_tool.roster import job, ledger, names, sync
from lti_tool.roster.job import Round
from lti_tool.settings import ROSTERS
from tests.lti_tool import lms, rosters
from tests.lti_tool.rosters import Place
from xapi_collector import progress

DAY = 86_400


@pytest.fixture
def place(tmp_path: Path, tool_key: keys.ToolKey) -> Iterator[Place]:
    with rosters.place(tmp_path, tool_key) as running:
        yield running


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The courses that were read, in order; nothing is asked of a platform."""
    found: list[str] = []

    def note(reader: sync.Reader, course: Course) -> bool:
        found.append(course.context)
        ledger.lease(reader.storage, course.course, "x", reader.now())
        ledger.succeed(
            reader.storage, course.course, "x", reader.now(), whole=True, differences="", groups=None, chance=lambda: 1
        )
        return True

    monkeypatch.setattr(sync, "read", note)
    return found


def add(place: Place, number: int, **changes: Any) -> Course:
    known = rosters.course_of(place.platform)
    values = {"course": f"key-{number}", "context": f"context-{number}", "launched": int(place.clock() // DAY)}
    course = replace(known, **{**values, **changes})
    courses.remember(place.storage, course, None)
    return course


def run(round_: Round) -> None:
    while job.turn(round_):
        pass


def test_a_course_of_a_launch_is_read_in_the_background_and_one_never_opened_is_not(place: Place) -> None:
    place.launch(lms.LEARNER)
    run(Round(place.reader))

    (course,) = courses.every(place.storage)
    assert len(place.members(course)) == 8


def test_an_instructor_s_launch_has_the_roster_read_at_the_next_look(place: Place) -> None:
    place.launch(lms.LEARNER)
    round_ = Round(place.reader)
    run(round_)
    (course,) = courses.every(place.storage)
    record = asdict(ledger.find(place.storage, course.course))
    place.storage.replace(ROSTERS, {**record, "read": 1.0, "tried": 1.0}, expected=record)
    place.launch(lms.LEARNER)
    assert ledger.wanted(place.storage) == []

    place.launch(lms.INSTRUCTOR)
    assert len(ledger.wanted(place.storage)) == 1
    assert job.turn(round_)
    assert ledger.find(place.storage, course.course).read > 1


def test_wanted_courses_come_first_then_the_longest_due(place: Place, read: list[str]) -> None:
    for number in range(4):
        add(place, number)
        ledger.lease(place.storage, f"key-{number}", "x", 0)
        ledger.fail(
            place.storage,
            f"key-{number}",
            "x",
            1000.0 - number,
            problem="",
            status=0,
            retry_after=None,
            chance=lambda: 0,
        )
    ledger.ask(place.storage, "key-0", place.clock())
    run(Round(place.reader))

    assert read == ["context-0", "context-3", "context-2", "context-1"]


def test_what_was_read_is_not_read_again_before_six_hours(place: Place, read: list[str]) -> None:
    add(place, 1)
    round_ = Round(place.reader)
    run(round_)
    place.clock.offset = ledger.EVERY - 60
    run(round_)
    assert len(read) == 1

    place.clock.offset = ledger.EVERY + 600
    run(round_)
    assert len(read) == 2


def test_what_another_process_read_since_the_walk_is_left(place: Place, read: list[str]) -> None:
    for number in range(2):
        add(place, number)
    round_ = Round(place.reader)
    job.turn(round_)
    run(Round(rosters.reader(place.tool, "another")))
    run(round_)

    assert sorted(read) == ["context-0", "context-1"]


def test_a_course_that_another_reads_is_not_waited_for(place: Place, read: list[str]) -> None:
    add(place, 1)
    ledger.lease(place.storage, "key-1", "another", place.clock())
    ledger.ask(place.storage, "key-1", place.clock() + ledger.FRESH)
    assert ledger.wanted(place.storage)

    round_ = Round(place.reader)
    round_.looked = place.clock()
    assert not job.turn(round_)
    assert read == []


def test_a_wish_for_a_course_without_a_roster_is_let_go_of(place: Place, read: list[str]) -> None:
    add(place, 1, memberships_url="")
    ledger.ask(place.storage, "key-1", place.clock())
    ledger.ask(place.storage, "unknown", place.clock())
    run(Round(place.reader))

    assert (read, ledger.wanted(place.storage)) == ([], [])


def test_a_platform_that_is_away_costs_the_others_one_try_a_walk(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[str] = []

    def away(_reader: sync.Reader, course: Course) -> bool:
        tried.append(course.course)
        return course.client_id == "healthy"

    monkeypatch.setattr(sync, "read", away)
    for number in range(5):
        add(place, number)
    ledger.ask(place.storage, "key-4", place.clock())
    add(place, 9, client_id="healthy")
    round_ = Round(place.reader)
    for _ in range(9):
        job.turn(round_)

    assert (len(tried), tried.count("key-9")) == (2, 1)
    place.clock.offset = job.LOOK + 1
    job.turn(round_)
    assert len(tried) == 3


def test_nothing_is_read_while_pseudonyms_are_rotated(place: Place, read: list[str]) -> None:
    add(place, 1)
    progress.write(place.storage, progress.ROTATION, phase="walking")
    assert not job.turn(Round(place.reader))
    assert read == []

    progress.clear(place.storage, progress.ROTATION)
    assert job.turn(Round(place.reader))


def test_who_left_long_ago_is_removed_once_a_day(
    place: Place, read: list[str], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    runs: list[float] = []

    def tidy(_storage: Any, now: float) -> int:
        runs.append(now)
        return 2 - len(runs)

    monkeypatch.setattr(sync, "tidy", tidy)
    caplog.set_level("INFO")
    round_ = Round(place.reader)
    for hours in (0, 12, 25):
        place.clock.offset = 3600 * hours
        run(round_)

    assert len(runs) == 2
    assert caplog.text.count("code=roster_tidied removed=1") == 1


def test_every_process_reads_rosters_and_forgets_names(place: Place) -> None:
    jobs = {one.name: one for one in workers.jobs(place.tool, lambda: 0.5)}
    add(place, 1, memberships_url="")

    assert not jobs["roster"].step()
    names.show(place.tool.names, add(place, 1), dict, place.clock())
    place.clock.offset = names.LIFETIME
    assert not jobs["names"].step()
    assert place.tool.names.answers == {}


def test_an_error_of_a_service_says_nothing_that_came() -> None:
    assert str(errors.ServiceError("failing", 503)) == "failing (503)"
