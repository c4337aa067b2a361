"""What there is to do: on a knowledge point, in a unit, at the end of a course."""

from __future__ import annotations

import dataclasses

import pytest

from curriculum import catalog as catalogs
from curriculum import courses, lessons
from curriculum.courses import doing
from curriculum.courses.tree import Unit
from curriculum.lessons import Link
from tests.curriculum.bank import samples

CBEC = catalogs.load("cbec")
COURSE = courses.load()["operations"]
NAME = {"en": "x", "zh": "某"}


def kinds(activities: object) -> list[str]:
    return [one.kind for one in activities]  # type: ignore[attr-defined]  # any iterable of activities


def test_a_point_is_read_with_an_example_asked_about_and_done_in_a_case() -> None:
    lesson = lessons.load()["log.freight_quote"]
    video = Link("https://example.org/v", NAME, "video", ("en",))
    filmed = dataclasses.replace(lesson, links=(*lesson.links, video))

    found = list(doing.of_skill(CBEC, "log.freight_quote", filmed))
    assert kinds(found) == ["reading", "example", "video", "quiz", "step"]
    assert [one.url for one in found if one.kind == "video"] == ["https://example.org/v"]
    assert [one.kind for one in doing.of_skill(catalogs.load("oulad"), "AAA.TMA", None)] == []


def test_an_own_skill_with_own_questions_is_asked_about() -> None:
    """The shipped bank knows neither; it was asked, so the quiz was missing."""
    skill = dataclasses.replace(CBEC.skills["cus.duty"], id="cus.carbon")
    (question,) = [one for one in samples.document()["questions"] if one["form"] == "choice"]
    own = {**question, "id": "cus.carbon.own_1", "skill": "cus.carbon"}
    own["options"] = [{**one, "cause": "unknown"} if "cause" in one else one for one in own["options"]]
    catalog = dataclasses.replace(CBEC, skills={**CBEC.skills, "cus.carbon": skill}, questions=(own,))

    assert kinds(doing.of_skill(catalog, "cus.carbon", None)) == ["quiz"]


def test_every_course_has_something_to_read() -> None:
    for name, course in courses.load().items():
        assert len(doing.reading(course, lessons.load())) >= 3, name


def test_a_unit_does_its_cases_and_what_the_course_brings() -> None:
    unit = Unit("all", NAME, (), ("case:freight", "project:shelf", "discussion:words", "event:desk", "team:peak"))
    found = list(doing.of_unit(COURSE, unit))

    assert kinds(found) == ["case", "project", "discussion", "event", "team"]
    assert [one.minutes for one in found] == [8.0, 480.0, doing.DISCUSSED, 120.0, 90.0]


def test_a_course_ends_in_its_exam_where_it_has_one() -> None:
    assert [one.subject for one in doing.of_course(COURSE)] == ["standard"]
    assert list(doing.of_course(courses.load()["big_data"])) == []


def test_what_a_course_does_not_bring_is_not_found() -> None:
    for kind, name in (("project", "no"), ("song", "shelf")):
        with pytest.raises(LookupError):
            doing.own(COURSE, kind, name)


def test_skills_of_what_it_brings_stand_once() -> None:
    project, team = COURSE.projects["shelf"], COURSE.teams["company"]

    assert len(set(project.skills)) == len(project.skills)
    assert set(team.skills) <= set(COURSE.skills)
    assert {one.url for one in doing.reading(COURSE, lessons.load())}
