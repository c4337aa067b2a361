"""A copied course works with no action: its links open what they opened, and its learners begin anew."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from entrepot.sandbox import tokens
from entrepot.sandbox.platform import Course, Platform
from lti_tool import courses, keys, platforms, resources
from lti_tool import learner as learners
from lti_tool.grades import outbox
from tests.lti_tool import builders, deep_links, lms
from tests.lti_tool.builders import Bench, TestResponse

PROFILES = ("moodle", "spec", "canvas")


@dataclass(frozen=True)
class School:
    """A tool and an LMS that know each other; the course has what an instructor picked."""

    bench: Bench
    platform: Platform

    def launch(self, link: str, place: Course, person: str = lms.LEARNER) -> TestResponse:
        return lms.launch(self.platform, self.bench.client(), person=person, link=link, course_=place)

    def key(self, place: Course) -> str:
        """How the tool calls a course."""
        record = lms.record(self.platform)
        return learners.key(record.iss, record.client_id, record.deployments[0], "context", place.context)

    def post(self, page: TestResponse, **fields: str) -> TestResponse:
        bearer = re.search(r'name="bearer" value="([^"]+)"', page.text)
        assert bearer, page.text
        return self.bench.client().post("/lti/page", data={"bearer": unescape(bearer[1]), **fields})


@pytest.fixture
def school(
    request: pytest.FixtureRequest, tmp_path: Path, issuer: builders.Issuer, tool_key: keys.ToolKey
) -> Iterator[School]:
    with (
        builders.bench(tmp_path, issuer, tool_key) as bench,
        lms.running(
            getattr(request, "param", "moodle"), key_set=lambda: json.loads(bench.client().get("/lti/jwks").text)
        ) as platform,
    ):
        platforms.register(bench.storage, lms.record(platform))
        yield School(bench, platform)


def picked(school: School, *keys_: str, graded: str) -> dict[str, str]:
    """Have an instructor add these by deep linking; the id of each new link by its key."""
    place = lms.course(school.platform)
    before = set(place.links)
    page = lms.launch(school.platform, school.bench.client(), person=lms.INSTRUCTOR, link=None)
    last = deep_links.picked(school.bench, page, *keys_, **{f"grade:{graded}": "yes"})
    delivered = lms.deliver(school.platform, last)
    assert delivered.status_code == 200, delivered.text
    return {resources.id_of(place.links[id_].custom): id_ for id_ in set(place.links) - before}


@pytest.mark.parametrize("school", PROFILES, indirect=True)
def test_what_was_picked_opens_before_and_after_a_copy_of_the_course(school: School) -> None:
    place = lms.course(school.platform)
    links = picked(school, "path:cbec", "path:cbec:operations", "module:cbec:cus", graded="module:cbec:cus")
    copy = school.platform.copy(place)
    again = school.platform.copy(copy)

    for course in (place, copy, again):
        assert "What would you like to become?" in school.launch(links["path:cbec"], course).text
        assert "Set by your course." in school.launch(links["path:cbec:operations"], course).text
        assert "Customs, classification" in school.launch(links["module:cbec:cus"], course).text


@pytest.mark.parametrize("school", PROFILES, indirect=True)
def test_a_copy_knows_the_courses_that_it_comes_from_the_newest_first(school: School) -> None:
    place = lms.course(school.platform)
    link = picked(school, "path:cbec", graded="")["path:cbec"]
    copy = school.platform.copy(place)
    newest = school.platform.copy(school.platform.copy(copy))
    for course in (place, copy, newest):
        school.launch(link, course)

    former = {course.id: courses.former(school.bench.storage, school.key(course)) for course in (place, copy, newest)}
    assert [one.context for one in former[newest.id]] == [copy.context, place.context]
    assert [one.context for one in former[copy.id]] == [place.context]
    assert former[place.id] == []


def test_a_goal_chosen_in_one_course_is_not_the_goal_in_its_copy(school: School) -> None:
    place = lms.course(school.platform)
    link = picked(school, "path:cbec", graded="")["path:cbec"]
    copy = school.platform.copy(place)
    school.post(school.launch(link, place), role="operations")
    school.post(school.launch(link, copy), role="marketing")

    assert "Cross-border platform operations specialist" in school.launch(link, place).text
    assert "Cross-border marketing specialist" in school.launch(link, copy).text
    assert "Set by your course." not in school.launch(link, copy).text


def test_a_copied_link_has_a_line_item_of_its_own_with_the_same_name(school: School) -> None:
    place = lms.course(school.platform)
    key = "module:cbec:cus"
    link = picked(school, key, graded=key)[key]
    copy = school.platform.copy(place)
    for course in (place, copy):
        school.launch(link, course)

    made = [_links(school, course, key) for course in (place, copy)]
    assert made[0].lineitem_url != made[1].lineitem_url
    assert all(one.lineitem_url for one in made)
    for course in (place, copy):
        item = course.items[course.links[link].item]
        assert (item.resource_id, item.tag) == (key, resources.TAG)


def test_a_score_of_the_copy_is_queued_for_the_copy_alone(school: School) -> None:
    place = lms.course(school.platform)
    key = "module:cbec:cus"
    link = picked(school, key, graded=key)[key]
    copy = school.platform.copy(place)
    for course in (place, copy):
        school.launch(link, course)
    tool = school.bench.app.extensions["lti_tool"]
    there = _links(school, copy, key)
    record = lms.record(school.platform)
    person = _person(record.iss, school.key(copy), there.link, lms.user(school.platform), record.deployments[0])
    queued = outbox.put(
        tool.storage,
        tool.keyring,
        person,
        given=1.0,
        maximum=2.0,
        activity_progress="Completed",
        grading_progress="FullyGraded",
        now=tool.now(),
    )

    assert queued
    assert [_waiting(school, course) for course in (copy, place)] == [[there.link], []]


def _waiting(school: School, course: Course) -> list[str]:
    """The links whose score waits in a course, but for what the launches themselves told."""
    found = outbox.of_course(school.bench.storage, school.key(course), outbox.WAITING, limit=9)
    return [one.link for one in found if one.given == 1.0]


def _links(school: School, course: Course, key: str) -> courses.Link:
    (found,) = [
        one
        for one in courses.links(school.bench.storage, school.key(course))
        if resources.id_of(one.opens or {}) == key
    ]
    return found


def _person(iss: str, context: str, link: str, sub: str, deployment: str) -> learners.Learner:
    values: dict[str, Any] = dict.fromkeys(("course", "role", "locale", "subject"), "")
    return learners.Learner(
        iss=iss,
        client_id="client-a",
        deployment=deployment,
        sub=sub,
        roles=("learner",),
        context=context,
        link=link,
        catalog="cbec",
        opens="module",
        **values,
    )


@pytest.mark.parametrize(
    ("value", "ids"),
    [
        ("17,3", ["17", "3"]),
        ("a%2Cb,c%20d", ["a,b", "c d"]),
        ("a+b", ["a+b"]),
        ("", []),
        (",,", []),
        (None, []),
        (17, []),
        ("$Context.id.history", []),
        (",".join(str(n) for n in range(50)), [str(n) for n in range(20)]),
    ],
)
def test_a_history_is_read_as_the_specification_writes_it(value: object, ids: list[str]) -> None:
    assert courses.copied_from(value) == ids


def test_a_history_of_another_platform_s_numbers_finds_nothing(bench: Bench) -> None:
    """Two Moodles number their courses from 1: the same id elsewhere is another course."""
    other = "https://other.example"
    platforms.register(bench.storage, builders.registered(other, jwks_url=f"{bench.issuer.iss}/jwks"))
    builders.launched(bench, context={"id": "3"})
    history = {"catalog": "cbec", "context_history": "3"}
    browser = bench.client()
    begun = builders.begin(browser, other)
    claims = builders.claims(other, begun.nonce, bench.clock(), context={"id": "4"}, custom=history)
    assert builders.launch(browser, begun.state, tokens.sign(bench.issuer.signer, claims)).status_code == 200
    builders.launched(bench, context={"id": "4"}, custom=history)

    storage = bench.storage
    assert courses.former(storage, learners.key(other, "client-a", "1", "context", "4")) == []
    mine = courses.former(storage, learners.key(bench.issuer.iss, "client-a", "1", "context", "4"))
    assert [one.context for one in mine] == ["3"]
    assert courses.former(storage, "no such course") == []
