from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from lti_tool import errors, keys
from lti_tool.courses import Course
from lti_tool.roster import names, sync
from lti_tool.roster.names import Names
from tests.lti_tool import lms, rosters

COURSE = Course("c", "https://lms.example", "client", "1", "1")
NOW = 1_800_000_000.0


def known() -> Mapping[str, str]:
    return {"p": "Aino Korhonen"}


def test_names_are_read_once_and_kept_for_ten_minutes() -> None:
    kept, times = Names(), list[int]()

    def read() -> Mapping[str, str]:
        times.append(1)
        return known()

    for now in (NOW, NOW + 599):
        assert names.show(kept, COURSE, read, now) == (known(), "")
    assert len(times) == 1
    names.show(kept, COURSE, read, NOW + 600)
    assert len(times) == 2


def test_names_are_forgotten_without_being_asked_for() -> None:
    kept = Names()
    names.show(kept, COURSE, known, NOW)
    names.forget(kept, NOW + 599)
    assert kept.answers
    names.forget(kept, NOW + 600)
    assert kept.answers == {}


def test_a_clock_that_was_put_back_keeps_no_name_longer() -> None:
    kept = Names()
    names.show(kept, COURSE, known, NOW)
    names.forget(kept, NOW - 1)

    assert kept.answers == {}


def test_no_page_waits_longer_than_its_patience_and_the_next_finds_what_was_read() -> None:
    kept, gate = Names(), threading.Event()

    def slow() -> Mapping[str, str]:
        gate.wait(10)
        return known()

    assert names.show(kept, COURSE, slow, NOW, patience=0.01) == ({}, "reading")
    gate.set()
    assert names.show(kept, COURSE, slow, NOW, patience=10) == (known(), "")


def test_a_failure_is_told_and_the_next_request_tries_again() -> None:
    kept = Names()

    def away() -> Mapping[str, str]:
        raise errors.ServiceError("timeout")

    assert names.show(kept, COURSE, away, NOW) == ({}, "timeout")
    assert names.show(kept, COURSE, known, NOW) == (known(), "")


def test_a_slip_is_told_as_a_failure_without_what_it_held(caplog: pytest.LogCaptureFixture) -> None:
    def slip() -> Mapping[str, str]:
        raise ValueError("Aino Korhonen")

    assert names.show(Names(), COURSE, slip, NOW) == ({}, "failing")
    assert "code=names_failed error=ValueError" in caplog.text
    assert "Aino" not in caplog.text


def test_a_failure_that_was_replaced_meanwhile_is_not_removed() -> None:
    kept, gate = Names(), threading.Event()

    def away() -> Mapping[str, str]:
        gate.wait(10)
        raise errors.ServiceError("timeout")

    first = threading.Thread(target=names.show, args=(kept, COURSE, away, NOW))
    first.start()
    while COURSE.course not in kept.answers:
        pass
    with kept.lock:
        newer = kept.answers[COURSE.course] = names.Answer(NOW + 1)
    gate.set()
    first.join()

    assert kept.answers[COURSE.course] is newer


def test_few_courses_are_read_at_once_and_few_are_kept() -> None:
    kept, gate = Names(), threading.Event()

    def slow() -> Mapping[str, str]:
        gate.wait(10)
        return known()

    for number in range(names.MOST_READERS):
        names.show(kept, replace(COURSE, course=str(number)), slow, NOW, patience=0)
    assert names.show(kept, COURSE, slow, NOW, patience=0) == ({}, "busy")
    gate.set()
    for number in range(names.MOST_COURSES + 5):
        names.show(kept, replace(COURSE, course=str(number)), known, NOW + number)

    assert len(kept.answers) == names.MOST_COURSES
    assert "0" not in kept.answers


def test_a_name_shows_in_no_repr() -> None:
    kept = Names()
    names.show(kept, COURSE, known, NOW)

    assert "Aino" not in f"{kept!r} {kept.answers['c']!r}"


@pytest.mark.parametrize("profile", ["spec", "moodle", "canvas"])
def test_names_stand_under_the_pseudonyms_of_launches(tmp_path: Path, tool_key: keys.ToolKey, profile: str) -> None:
    with rosters.place(tmp_path, tool_key, profile, change=rosters.known_by_variable) as place:
        course = place.course()
        before = read(place, course)
        sync.read(place.reader, course)
        kept = place.members(course)

        assert len(before) == 8
        assert read(place, course).keys() == kept.keys()
        assert f"Learner {lms.LEARNER}" in read(place, course).values()


def read(place: rosters.Place, course: Course) -> Mapping[str, str]:
    return names.read(place.storage, place.tool.keyring, place.tool.services, lms.record(place.platform), course)
