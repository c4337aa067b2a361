"""A copied course takes over what was planned, on other days, and nothing that anybody did."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from html import unescape
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from lti_tool import attendance, copies, courses, events, keys, projects
from lti_tool.events import Event
from lti_tool.kept import ATTENDANCES
from lti_tool.settings import COURSES
from tests.lti_tool import builders
from tests.lti_tool.builders import Bench
from tests.lti_tool.test_ruling import Person, plain, turn

DAY = datetime(2026, 11, 26, 12, tzinfo=UTC)
ROME = ZoneInfo("Europe/Rome")
LAST = datetime(2026, 3, 10, 9, 30, tzinfo=UTC)  # a Tuesday


@pytest.fixture
def bench(tmp_path: Path, issuer: builders.Issuer, tool_key: keys.ToolKey) -> Iterator[Bench]:
    with builders.bench(tmp_path, issuer, tool_key) as found:
        turn(found, DAY)
        yield found


def session(course: str, number: int, begins: datetime, **changed: object) -> Event:
    made = {
        "course": course, "event": f"{number:032x}", "catalog": "cbec", "title": f"Session {number}",
        "begins": int(begins.timestamp()), "minutes": 90, "where": "site", "place": "R 1", "skills": ("cus.duty",),
        "activity": "operations/event:desk", **changed,
    }  # fmt: skip
    return Event(**made)  # type: ignore[arg-type]  # fields by name


def copied(bench: Bench) -> tuple[Person, str]:
    """An instructor in a course that was copied from one with two sessions, one called off, and a project."""
    person = Person(bench, builders.INSTRUCTOR)
    person.post("/lti/class")
    (here,) = bench.storage.find(COURSES, {})
    former = {**here, "course": "former", "context": "old", "title": "Trade, spring"}
    bench.storage.insert(COURSES, former)
    bench.storage.replace(COURSES, {**here, "history": ["former"]}, expected=here)
    for number, day in ((1, LAST), (2, LAST.replace(month=4, day=7))):
        events.put(bench.storage, session("former", number, day))
    events.put(bench.storage, session("former", 3, LAST, state=events.CANCELLED))
    projects.change(
        bench.storage,
        "former",
        "operations.shelf",
        lambda kept: projects.Setting(kept.course, kept.project, 5.0, 2, 6.0),
    )
    projects.change(
        bench.storage, "former", "discussion:operations.cod", lambda kept: projects.Setting(
            kept.course, kept.project, forum="https://old.example/f"
        )
    )  # fmt: skip
    return person, here["course"]


def shown(person: Person) -> str:
    return plain(person.post("/lti/class/events"))


def test_sessions_come_along_on_the_same_weekday_and_hour_and_nothing_of_anybody(bench: Bench) -> None:
    person, course = copied(bench)
    page = person.post("/lti/class/events")
    assert "From the course that this one was copied from: Trade, spring" in plain(page)
    assert "Sessions: 2, projects with reviews: 1." in plain(page)
    assert re.findall(r'name="begins" type="date" value="([^"]+)"', page.text) == ["2026-12-01"]

    told = plain(person.post("/lti/class/events/copy", begins="2026-12-01"))
    assert "Taken over: sessions 2, projects 1." in told
    assert "copied from" not in told
    first, second = events.of_course(bench.storage, course)
    assert datetime.fromtimestamp(first.begins, UTC) == datetime(2026, 12, 1, 9, 30, tzinfo=UTC)
    assert datetime.fromtimestamp(second.begins, UTC) == datetime(2026, 12, 29, 9, 30, tzinfo=UTC)
    assert (first.activity, first.title, first.skills) == ("operations/event:desk", "Session 1", ("cus.duty",))
    assert bench.storage.find(ATTENDANCES, {"course": course}) == []
    kept = projects.setting(bench.storage, course, "operations.shelf")
    assert (kept.reviews, kept.due, kept.reviewed, kept.given) == (2, 0.0, 0.0, 0.0)
    assert projects.setting(bench.storage, course, "discussion:operations.cod").forum == ""
    assert person.post("/lti/class/events/copy", begins="2026-12-01").status_code == 404
    assert len(events.of_course(bench.storage, course)) == 2
    assert attendance.of_event(bench.storage, course, first.event) == {}


def test_a_day_that_is_none_takes_nothing_over(bench: Bench) -> None:
    person, course = copied(bench)
    for begins in ("", "soon", "2026-11-25", "2040-01-01"):
        told = plain(person.post("/lti/class/events/copy", begins=begins))
        assert "Nothing was taken over: write the day of the first session" in told
    assert events.of_course(bench.storage, course) == []


def test_who_may_not_schedule_is_not_offered_it(bench: Bench) -> None:
    person = Person(bench, builders.INSTRUCTOR)
    assert "copied from" not in shown(person)
    found = re.search(r'name="bearer" value="([^"]+)"', person.page.text)
    assert found
    assert unescape(found[1])
    assert person.post("/lti/class/events/copy", begins="2026-12-01").status_code == 404


def test_projects_alone_need_no_day(bench: Bench) -> None:
    person, course = copied(bench)
    events.remove(bench.storage, "former")
    assert 'name="begins"' not in person.post("/lti/class/events").text
    assert "sessions 0, projects 1" in plain(person.post("/lti/class/events/copy"))
    assert copies.find(bench.storage, course) is None
    assert courses.former(bench.storage, course)[0].title == "Trade, spring"


def test_an_hour_stays_what_the_clock_on_the_wall_says_over_a_change_of_summer_time() -> None:
    summer = session("c", 1, datetime(2026, 7, 7, 9, 0, tzinfo=ROME))
    (found,) = copies.shifted([summer], 140, ROME)
    local = datetime.fromtimestamp(found.begins, ROME)
    assert (local.date(), local.hour) == (date(2026, 11, 24), 9)
    assert local.weekday() == datetime(2026, 7, 7, tzinfo=ROME).weekday()
