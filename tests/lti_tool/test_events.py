"""Sessions as they are kept, and times of a zone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from lti_tool import errors, events, kept
from lti_tool.events import Event
from storage import connect
from storage.port import Storage

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC).timestamp()
ONE = Event("c", "0" * 32, "cbec", "Desk", int(NOW), 60, "site", "", ("cus.duty",))


@pytest.fixture
def storage(tmp_path: Path) -> Iterator[Storage]:
    running = connect.connect(f"sqlite:///{tmp_path / 'store'}", *kept.COLLECTIONS)
    yield running
    running.close()


def test_a_session_is_kept_and_found_in_order(storage: Storage) -> None:
    later = replace(ONE, event="1" * 32, begins=ONE.begins + 60)
    assert events.put(storage, later)
    assert events.put(storage, ONE)

    assert events.of_course(storage, "c") == [ONE, later]
    assert events.of_course(storage, "") == []
    assert events.find(storage, "c", ONE.event) == ONE
    assert [events.find(storage, "c", text) for text in ("", "x", "\x1f" * 32, "2" * 32)] == [None] * 4


def test_a_change_that_changes_nothing_has_no_number(storage: Storage) -> None:
    events.put(storage, ONE)

    assert events.change(storage, "c", ONE.event, lambda one: one, NOW) == ONE
    off = events.change(storage, "c", ONE.event, events.cancelled, NOW + 5)
    on = events.change(storage, "c", ONE.event, events.again, NOW + 6)
    assert off is not None
    assert (off.state, off.sequence, off.changed) == (events.CANCELLED, 1, int(NOW) + 5)
    assert on is not None
    assert (on.state, on.sequence) == (events.PLANNED, 2)
    assert events.change(storage, "c", "1" * 32, events.again, NOW) is None


def test_of_two_changes_at_once_the_later_sees_the_earlier(storage: Storage) -> None:
    events.put(storage, ONE)
    first = True

    def wish(there: Event) -> Event:
        nonlocal first
        if first:
            first = False
            events.change(storage, "c", ONE.event, lambda one: replace(one, place="Room 1"), NOW)
        return replace(there, minutes=90)

    made = events.change(storage, "c", ONE.event, wish, NOW)
    assert made is not None
    assert (made.place, made.minutes, made.sequence) == ("Room 1", 90, 2)


def test_a_course_whose_platform_goes_has_none(storage: Storage) -> None:
    events.put(storage, ONE)
    events.put(storage, replace(ONE, course="d"))
    events.remove(storage, "c")

    assert events.of_course(storage, "c") == []
    assert len(events.of_course(storage, "d")) == 1


def test_a_week_has_what_takes_place_in_it() -> None:
    day = 86_400
    listed = [replace(ONE, event=str(n), begins=ONE.begins + n * day) for n in range(-2, 9)]
    off = events.cancelled(replace(ONE, event="off"))

    assert [one.event for one in events.week([*listed, off], NOW)] == [str(n) for n in range(7)]


@pytest.mark.parametrize("name", ["Mars/Base", "", "../etc/passwd", "/etc/passwd", "Europe"])
def test_a_zone_that_there_is_not_is_told(name: str) -> None:
    with pytest.raises(errors.ConfigurationError, match="ENTREPOT_LTI_ZONE"):
        events.zone(name)


@pytest.mark.parametrize(
    ("zone", "hour"), [("UTC", 14), ("Asia/Shanghai", 6), ("Europe/London", 14), ("America/New_York", 19)]
)
def test_a_time_is_that_of_the_zone(zone: str, hour: int) -> None:
    form = {"title": "T", "day": "2026-12-01", "time": "14:30", "minutes": "60"}
    made = events.from_form(ONE, form, ["a", "a"], zone_=events.zone(zone), now=NOW).event

    assert made is not None
    assert datetime.fromtimestamp(made.begins, UTC).hour == hour
    assert made.skills == ("a",)
