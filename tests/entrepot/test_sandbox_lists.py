"""The sandbox's gradebook, roster and course page as a person reads them."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
import requests

from entrepot.sandbox.platform import Platform
from tests.entrepot import clients
from tests.entrepot.clients import Client
from tests.lti_tool import lms


@pytest.fixture
def platform() -> Iterator[Platform]:
    with lms.running("canvas", key_set=clients.key_set, members=250) as running:
        yield running


def page(platform: Platform, tail: str = "", course: str = "course-1") -> requests.Response:
    return requests.get(f"{platform.base}/{lms.PLACE}/courses/{course}{tail}", timeout=5)


def test_the_gradebook_shows_what_was_scored_and_a_dash_where_nothing_was(platform: Platform) -> None:
    Client(platform).score()
    text = page(platform, "/grades?lang=en").text
    rows = re.findall(r'<th scope="row">([^<]+)</th><td class="number">([^<]+)</td>', text)

    assert "Exam / 100" in text
    assert rows[:2] == [("Learner 11391", "87.5"), ("Learner 28400", "–")]
    assert len(rows) == 200
    assert "Somebody instructor" not in text


def test_a_course_without_line_items_says_so(platform: Platform) -> None:
    assert "还没有计分的学习活动。" in page(platform, "/grades?lang=zh", "course-2").text


def test_the_roster_names_roles_and_groups_and_counts_everybody(platform: Platform) -> None:
    text = page(platform, "/people?lang=en").text

    assert "People in this course: 258 (the first 200)" in text
    assert '<th scope="row">Learner 11391</th><td>learner</td><td>Group A</td>' in text
    assert '<th scope="row">Somebody mentor</th><td>mentor</td><td>–</td>' in text


def test_a_small_course_is_counted_without_a_remark(platform: Platform) -> None:
    assert "People in this course: 8</p>" in page(platform, "/people?lang=en", "course-2").text


def test_whoever_teaches_may_add_an_activity_and_a_learner_is_told_how(platform: Platform) -> None:
    instructor = page(platform, f"?lang=en&learner={lms.INSTRUCTOR}").text
    learner = page(platform, f"?lang=en&learner={lms.LEARNER}").text

    assert "Add an activity" in instructor
    assert "<button>Copy this course</button>" in instructor
    assert "To add an activity, continue as somebody who teaches here." in learner


def test_whoever_left_cannot_be_chosen(platform: Platform) -> None:
    course = lms.course(platform, "course-2")
    platform.leave(course, lms.LEARNER)
    text = page(platform, f"?lang=en&learner={lms.LEARNER}", "course-2").text
    for person in list(course.members):
        platform.leave(course, person)

    assert "You are here as <b>Learner 28400</b>" in text
    assert page(platform, "", "course-2").status_code == 404


@pytest.mark.parametrize("tail", ["/grades", "/people", ""])
def test_a_course_that_is_not_there_is_not_found(platform: Platform, tail: str) -> None:
    assert page(platform, tail, "nothing").status_code == 404


def test_storage_that_stays_silent_is_offered_all_the_same(platform: Platform) -> None:
    told = page(platform).text
    platform.storage_answers = False
    silent = page(platform).text

    assert "storage.js" in told
    assert 'name="post_message_forwarding"' in told
    assert "storage.js" not in silent
    assert "lti_storage_target" in silent
