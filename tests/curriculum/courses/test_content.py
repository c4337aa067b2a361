"""The shipped courses: whole, in both languages, each with every kind of work; and paths that lead through them."""

from __future__ import annotations

import pytest

from curriculum import catalog as catalogs
from curriculum import courses, errors, graph, lessons
from curriculum.courses import doing
from curriculum.courses.tree import OWN, PLATFORMS, Course

CBEC = catalogs.load("cbec")
NAMED = (
    "Big Data Analysis and Application",
    "Application of AI in E-commerce",
    "Blockchain and Cross-Border Payments",
    "Cross-Border E-commerce Data Analysis",
    "Intelligent Marketing and Consumer Behaviour",
    "Intercultural Communication",
    "International Business Etiquette",
    "Global Market Analysis",
)
ALL = list(courses.load().values())


def test_the_named_courses_are_there_and_one_of_the_whole_flow_and_a_short_one() -> None:
    names = {one.name["en"] for one in ALL}

    assert set(NAMED) <= names
    assert "Cross-Border E-commerce Operations: Amazon" in names
    assert [one.id for one in ALL if one.sort == "certificate"] == ["certificate"]


@pytest.mark.parametrize("course", ALL, ids=lambda one: one.id)
def test_a_course_has_outcomes_every_kind_of_work_a_lesson_for_each_point_and_marks(course: Course) -> None:
    kinds = {name.partition(":")[0] for module in course.modules for unit in module.units for name in unit.practice}
    points = [activity for skill in course.skills for activity in _on(skill)]

    assert kinds >= set(OWN)
    assert {one.kind for one in points} >= {"reading", "example", "quiz"}
    assert len(course.outcomes) >= 4
    assert sum(share.weight for share in course.assessment) == 100
    assert bool(doing.reading(course, lessons.load())) == any(lessons.load()[skill].links for skill in course.skills)


def test_the_path_for_amazon_is_the_course_with_what_it_needs_for_a_novice_and_for_who_knows_half() -> None:
    catalog, role = courses.goal(CBEC, "operations-amazon")
    known = courses.load()["operations"].modules[0].skills
    whole, rest = graph.path(catalog, role), graph.path(catalog, role, known)

    assert set(courses.load()["operations"].skills) <= set(whole)
    assert whole[:3] == ("fnd.ecom_models", "fnd.intl_trade", "fnd.cbec_modes")
    assert rest == tuple(name for name in whole if name not in known)


def test_a_variant_tells_of_its_platform_alone() -> None:
    told = {
        course.platform: {name for module in course.modules for unit in module.units for name in unit.platforms}
        for course in ALL
        if course.of
    }

    assert told == {platform: {platform} for platform in PLATFORMS}


def test_the_short_course_has_a_module_for_each_unit_of_the_standard() -> None:
    weights = [module.name["en"].rpartition("(")[2] for module in courses.load()["certificate"].modules]

    assert weights == ["10 %)", "15 %)", "15 %)", "5 %)", "20 %)", "5 %)", "10 %)", "20 %)"]


def test_a_part_of_a_course_is_a_goal_of_its_own() -> None:
    catalog, role = courses.goal(CBEC, "operations.money")

    assert role == "course:operations.money"
    assert catalog.roles[role].name["en"] == "Money"
    assert catalog.fingerprint == CBEC.fingerprint
    assert courses.find(CBEC, "operations.money.payout")[2] is not None


@pytest.mark.parametrize("name", ["", "no", "operations.no", "operations.money.no", "operations.money.payout.no"])
def test_a_course_that_is_not_there_is_refused(name: str) -> None:
    with pytest.raises(errors.UnknownReference):
        courses.find(CBEC, name)


def test_another_catalog_has_none_and_a_lost_skill_is_left_out() -> None:
    assert courses.of_catalog(catalogs.load("oulad")) == {}
    data = catalogs.plain("cbec")
    less = {**data, "skills": [one for one in data["skills"] if one["area"] == "ict" and not one.get("prerequisites")]}
    catalog = catalogs.parse({**less, "roles": [], "rules": [], "misconceptions": []})

    found = courses.of_catalog(catalog)
    assert found["intercultural"].skills == ("ict.culture_basics", "ict.english_written", "ict.teamwork")
    assert "blockchain_payments" not in found


def _on(skill: str) -> list[doing.Activity]:
    return list(doing.of_skill(CBEC, skill, lessons.load().get(skill)))
