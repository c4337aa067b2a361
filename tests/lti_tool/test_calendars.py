"""Links of calendars: unguessable, one a course, and ended when somebody says so."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from lti_tool import app, calendars, kept
from lti_tool.calendars import Calendar
from storage import connect
from storage.port import Storage
from xapi_collector import keyring as keyrings


@pytest.fixture
def storage(tmp_path: Path) -> Iterator[Storage]:
    running = connect.connect(f"sqlite:///{tmp_path / 'store'}", *kept.COLLECTIONS)
    yield running
    running.close()


def made(storage: Storage, course: str = "c", learner: str = "p") -> Calendar:
    return calendars.make(
        storage, learner, course, catalog="cbec", language="zh", new_token=app.new_token, now=1.0
    )  # fmt: skip


def test_a_link_is_found_by_its_address_alone(storage: Storage, tmp_path: Path) -> None:
    keyring, other = keyrings.create(tmp_path / "a.json"), keyrings.create(tmp_path / "b.json")
    link = made(storage)
    address = calendars.token(keyring, link)

    assert calendars.open_(storage, keyring, address) == link
    assert calendars.open_(storage, other, address) is None
    for text in ("", ".", link.calendar, f"{link.calendar}.", f"{'0' * 32}.{address.partition('.')[2]}", address[:-1]):
        assert calendars.open_(storage, keyring, text) is None


def test_a_link_can_be_ended_in_however_many_courses_there_are_some(storage: Storage) -> None:
    links = {f"course-{number}": made(storage, f"course-{number}") for number in range(25)}

    assert {name: calendars.of(storage, "p", name) for name in links} == links
    assert all(calendars.end(storage, "p", name) for name in links)


def test_a_course_has_one_link_of_a_learner(storage: Storage, tmp_path: Path) -> None:
    keyring = keyrings.create(tmp_path / "a.json")
    first, other, second = made(storage), made(storage, "d"), made(storage)

    assert calendars.of(storage, "p", "c") == second
    assert calendars.open_(storage, keyring, calendars.token(keyring, first)) is None
    assert calendars.end(storage, "p", "c")
    assert not calendars.end(storage, "p", "c")
    assert calendars.of(storage, "p", "d") == other


def test_a_course_whose_platform_goes_has_no_link(storage: Storage) -> None:
    made(storage)
    kept_ = made(storage, "d")
    calendars.remove(storage, "c")

    assert calendars.of(storage, "p", "c") is None
    assert calendars.of(storage, "p", "d") == kept_
