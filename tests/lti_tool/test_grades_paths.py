from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask

from curriculum import catalog as catalogs
from lti_tool import app as tool_app
from lti_tool import courses, keys
from lti_tool import learner as learners
from lti_tool.emit import Emitter
from lti_tool.grades import columns, outbox, paths
from recommender import interactions, profile
from recommender.profile import Profile, SkillState
from tests.lti_tool import builders, gradebooks, lms
from tests.lti_tool.gradebooks import Office
from xapi_collector import agents

NOW = datetime(2026, 11, 25, tzinfo=UTC)


@pytest.fixture
def office(tmp_path: Path, tool_key: keys.ToolKey) -> Iterator[Office]:
    with gradebooks.office(tmp_path, tool_key, "moodle") as made:
        yield made


@pytest.fixture
def app(office: Office, tmp_path: Path, tool_key: keys.ToolKey) -> Flask:
    return tool_app.create_app(
        builders.settings(tmp_path),
        office.storage,
        office.keyring,
        keys=keys.only(tool_key),
        services=office.services,
        emitter=Emitter(lambda _: True),
    )


def state(skill: str, level: float | None) -> SkillState:
    return SkillState(
        skill, 0 if level is None else 9, 0, None, None if level is None else level / 5, level, level, level
    )


def known(**levels: float | None) -> Profile:
    """A profile with these levels."""
    nothing = profile.profile(
        catalogs.load("cbec"), interactions.from_labels(iter(()), catalogs.load("cbec")), None, NOW
    )
    return replace(nothing, knowledge={skill: state(skill, level) for skill, level in levels.items()})


def put(office: Office, link: courses.Link, reached: float) -> bool:
    person = office.learner(opened="graded")
    name = agents.pseudonym(learners.agent(person), office.keyring.pseudonym_key)
    return paths.put(office.storage, office.keyring, person, link, pseudonym=name, reached=reached, now=office.clock())


def test_the_share_counts_skills_that_reached_their_level() -> None:
    given = known(a=3.0, b=2.9, c=None, d=5.0)

    assert paths.share(given, {"a": 3, "b": 3, "c": 1, "d": 4}) == 0.5
    assert paths.share(given, {"a": 3}) == 1.0
    assert paths.share(given, {}) == 0.0


def test_a_path_without_a_column_is_not_scored(office: Office) -> None:
    target = office.open("path")
    person = office.learner(opened="path")
    assert paths.scored(office.storage, person) is None
    assert paths.scored(office.storage, replace(person, link="")) is None

    columns.find(office.storage, office.services, target, office.clock())
    assert paths.scored(office.storage, person) == target.link
    office.open("path", grade="none")
    assert paths.scored(office.storage, person) is None


def test_a_score_goes_when_it_rose_by_one_per_cent(office: Office) -> None:
    link = office.open().link

    assert not put(office, link, 0.0)
    assert put(office, link, 0.25)
    assert not put(office, link, 0.255)
    assert not put(office, link, 0.1)
    assert put(office, link, 0.26)
    office.run()
    assert office.grade() == 26.0
    assert office.score().activity == "InProgress"
    assert put(office, link, 1.0)
    assert office.score().activity == "Completed"


def test_where_the_last_score_counts_it_may_fall(office: Office) -> None:
    link = office.open(grade="last").link
    put(office, link, 0.5)
    office.run()

    assert put(office, link, 0.25)
    office.run()
    assert office.grade() == 25.0


def test_a_launch_sends_what_was_reached(office: Office, app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paths, "share", lambda *_: 0.4)
    page = lms.launch(office.platform, app.test_client(), link="graded")
    office.run()
    again = lms.launch(office.platform, app.test_client(), link="graded")

    assert "Your score, 40 of 100, is on its way" not in again.text
    assert "is on its way to the gradebook" in page.text
    assert "is in the gradebook since" in again.text
    assert office.grade() == 40.0
    assert "It only ever rises" not in page.text  # no goal is chosen yet


def test_who_teaches_and_a_link_without_a_column_send_nothing(
    office: Office, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paths, "share", lambda *_: 0.4)
    lms.launch(office.platform, app.test_client(), link="graded", person=lms.INSTRUCTOR)
    page = lms.launch(office.platform, app.test_client(), link="path")

    assert office.scores() == []
    assert "It only ever rises" not in page.text


def test_a_graded_path_says_what_its_score_is(office: Office, app: Flask) -> None:
    office.platform.courses[lms.PLACE, "course-1"].links["graded"].custom.update({"catalog": "oulad", "role": "AAA"})

    assert "It only ever rises" in lms.launch(office.platform, app.test_client(), link="graded").text


def test_a_launch_that_changes_nothing_pays_two_look_ups(office: Office) -> None:
    link = office.open().link
    put(office, link, 0.25)
    person = office.learner()

    def once() -> float:
        begun = time.perf_counter()
        found = paths.scored(office.storage, person)
        assert found is not None
        assert not put(office, found, 0.25)
        return time.perf_counter() - begun

    assert min(once() for _ in range(50)) < 0.001
    assert outbox.policy(link) == "best"
