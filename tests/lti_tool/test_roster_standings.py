from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from curriculum import catalog as catalogs
from lti_tool import classes, keys
from lti_tool.roster import deeds, members, standings, sync
from lti_tool.roster.deeds import Course
from lti_tool.roster.standings import Round
from lti_tool.settings import MEMBERS, STANDINGS
from recommender import verbs
from tests.lti_tool import lms, rosters
from tests.lti_tool.rosters import STORES, Place
from xapi_collector import progress

CATALOG = catalogs.load("cbec")
ITEM = CATALOG.items["practice:cus.duty"].activity


@pytest.fixture(params=STORES)
def place(request: pytest.FixtureRequest, tmp_path: Path, tool_key: keys.ToolKey) -> Iterator[Place]:
    with rosters.place(tmp_path, tool_key, store=request.param, change=rosters.practises) as running:
        sync.read(running.reader, running.course())
        yield running


def round_(place: Place, *listed: Course) -> Round:
    return Round(place.storage, place.tool.deeds, lambda _now: listed, place.tool.now)


def course(place: Place) -> Course:
    return Course(rosters.course_of(place.platform).course, CATALOG, frozenset())


def whole(turning: Round) -> int:
    """Turn until nothing is left; how many turns."""
    turns = 1
    while standings.turn(turning):
        turns += 1
    return turns


def test_the_courses_in_use_are_summed_up_and_then_rest(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(standings, "BATCH", 1)
    place.state(lms.LEARNER, verbs.ANSWERED, ITEM, success=True)
    turning = round_(place, course(place))

    assert whole(turning) == 2
    kept = {one["learner"]: one["answers"] for one in place.storage.find(STANDINGS, {})}
    assert kept == {place.pseudonym(lms.LEARNER): 1, place.pseudonym(lms.LEARNER_2): 0}
    place.state(lms.LEARNER, verbs.ANSWERED, ITEM, success=True)
    assert whole(turning) == 1, "not before an hour is over"
    place.clock.offset = standings.LOOK
    whole(turning)
    assert {one["answers"] for one in place.storage.find(STANDINGS, {})} == {0, 2}


def test_what_a_page_wants_comes_first(place: Place) -> None:
    turning = round_(place)
    turning.queue.append((Course("elsewhere", CATALOG, frozenset()), "somebody", 1.0))
    with place.tool.deeds.lock:
        place.tool.deeds.wanted["c"] = course(place)

    assert not standings.turn(turning)
    assert place.tool.deeds.wanted == {}
    assert len(place.storage.find(STANDINGS, {"course": course(place).key})) == 2


def test_nothing_is_made_while_pseudonyms_are_rotated(place: Place) -> None:
    progress.write(place.storage, progress.ROTATION, phase="walking")

    assert not standings.turn(round_(place, course(place)))
    assert place.storage.find(STANDINGS, {}) == []


def test_who_is_erased_meanwhile_leaves_nothing(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    person, make = place.pseudonym(lms.LEARNER), deeds.make

    def erasing(*arguments: object, **named: object) -> object:
        place.storage.statements.forget([])
        return make(*arguments, **named)  # type: ignore[arg-type]  # as it was called

    monkeypatch.setattr(deeds, "make", erasing)
    standings.refresh(place.storage, course(place), person, place.clock())

    assert place.storage.get(STANDINGS, (course(place).key, person)) is None


def test_sums_go_with_the_membership_and_with_the_course(place: Place) -> None:
    whole(round_(place, course(place)))
    key = course(place).key
    place.storage.delete(MEMBERS, (key, place.pseudonym(lms.LEARNER)))

    assert standings.tidy(place.storage) == 1
    assert [one["learner"] for one in place.storage.find(STANDINGS, {})] == [place.pseudonym(lms.LEARNER_2)]
    standings.remove(place.storage, key)
    assert place.storage.find(STANDINGS, {}) == []


def test_courses_in_use_are_those_opened_lately_whose_catalog_there_is(place: Place) -> None:
    def listed() -> list[str]:
        tool = place.tool
        return [one.key for one in classes.in_use(tool.storage, tool.models, "https://t", tool.catalog, place.clock())]

    assert listed() == [], "no link names a catalog yet"
    place.launch(lms.LEARNER)
    assert listed() == [rosters.course_of(place.platform).course]
    place.clock.offset = 86_400 * (sync.IN_USE + 1)
    assert listed() == []
    assert members.learns(next(iter(place.members(place.course()).values()))) in {True, False}
