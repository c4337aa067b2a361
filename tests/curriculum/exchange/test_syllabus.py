"""A catalog as the parts of a course: links that the tool offers, and no others."""

from __future__ import annotations

import dataclasses

import pytest

from curriculum import catalog as catalogs
from curriculum import courses, errors, lessons, practice
from curriculum.exchange import syllabus
from curriculum.exchange.cartridge import Link
from lti_tool import resources
from lti_tool.deep_linking import choices

CBEC = catalogs.load("cbec")


def links(parts):
    for part in parts:
        if isinstance(part, Link):
            yield part
        else:
            yield from links(part.inside)


@pytest.mark.parametrize("name", catalogs.NAMES)
def test_every_link_opens_what_deep_linking_offers_too(name):
    catalog = catalogs.load(name)
    custom = [link.custom for link in links(syllabus.parts(catalog, "en")) if link.custom is not None]
    offered = choices.offered(catalog)
    graded = {resources.id_of(one) for one in custom if "grade" not in one}

    assert {resources.id_of(one) for one in custom} <= offered.keys()
    assert all({**one, "grade": ""} == {**offered[resources.id_of(one)].custom, "grade": ""} for one in custom)
    assert {offered[key].activity for key in graded} <= choices.GRADED_AT_FIRST


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_course_has_a_module_an_area_between_its_start_and_its_exams(language):
    parts = syllabus.parts(CBEC, language)
    titles = [part.title for part in parts]

    assert titles[1:-1] == [area.name[language] for area in CBEC.areas.values()]
    assert (titles[0], titles[-1]) == (syllabus.TITLES["start"][language], syllabus.TITLES["exams"][language])


def test_a_case_lies_in_the_module_of_its_first_skill():
    parts = syllabus.parts(CBEC, "en")
    found = {
        link.custom["case"]: part.title
        for part in parts
        for link in links([part])
        if link.custom and "case" in link.custom
    }

    assert found == {kind.id: CBEC.areas[CBEC.skills[kind.skills[0]].area].name["en"] for kind in practice.kinds()}


@pytest.mark.parametrize("name", list(courses.of_catalog(CBEC)))
def test_a_course_keeps_its_modules_and_units_and_links_what_the_tool_offers(name):
    course = courses.of_catalog(CBEC)[name]
    parts = syllabus.course(CBEC, name, "zh", lessons=lessons.load())
    custom = [link.custom for link in links(parts) if link.custom]
    offered = choices.offered(CBEC)
    modules = parts[1 : 1 + len(course.modules)]

    assert [[part.title for part in one.inside] for one in modules] == [
        [unit.name["zh"] for unit in module.units] for module in course.modules
    ]
    assert {resources.id_of(one) for one in custom} <= offered.keys()
    assert {one["activity"] for one in custom if "grade" not in one} <= {"course", "lesson", "case", "exam", "events"}
    assert {one["lesson"] for one in custom if "lesson" in one} == set(course.skills) & lessons.load().keys()
    assert [one for one in custom if one["activity"] == "exam"] == [
        {"catalog": "cbec", "activity": "exam", "exam": course.exam} for _ in range(bool(course.exam))
    ]


def test_projects_discussions_and_sessions_of_a_course_are_links_and_so_are_cases_of_our_own():
    kind = dataclasses.replace(practice.kinds()[0], id="own.tea")
    course = courses.of_catalog(CBEC)["operations-temu"]
    parts = syllabus.course(CBEC, "operations-temu", "en", lessons={}, own=(kind,))
    custom = [link.custom for link in links(parts) if link.custom]
    brought = {name for module in course.modules for unit in module.units for name in unit.practice}

    for sort in ("project", "discussion"):
        named = {f"operations.{name.partition(':')[2]}" for name in brought if name.startswith(f"{sort}:")}
        assert {one[sort] for one in custom if one["activity"] == sort} == named
    assert {one["grade"] for one in custom if one["activity"] == "project"} == {"last"}
    assert [one["activity"] for one in custom].count("events") == 1
    assert sum(one.get("case") == "own.tea" for one in custom) == sum(
        kind.skills[0] in unit.skills for module in course.modules for unit in module.units
    )
    whole = syllabus.parts(CBEC, "en", own=(kind,))
    assert "own.tea" in {link.custom.get("case") for link in links(whole) if link.custom}


def test_a_course_from_outside_goes_out_with_its_links_and_discussions():
    part = {"id": "p1", "kind": "link", "name": {"en": "L", "zh": "L"}, "url": "https://a.example/"}
    talk = {"id": "p2", "kind": "discussion", "name": {"en": "Q?", "zh": "Q?"}}
    page = {"id": "p3", "kind": "page", "name": {"en": "P", "zh": "P"}, "text": {"en": "x", "zh": "x"}}
    unit = {"id": "u1", "name": {"en": "U", "zh": "U"}, "skills": ["cus.duty"], "parts": [part, talk, page]}
    module = {"id": "m1", "name": {"en": "M", "zh": "M"}, "units": [unit]}
    document = {"id": "own-abcd", "name": {"en": "C", "zh": "C"}, "modules": [module]}
    moved = {"https://a.example/": "https://b.example/"}
    catalog = dataclasses.replace(CBEC, courses=(document,), links=moved)
    found = [
        (link.url, dict(link.custom or {})) for link in links(syllabus.course(catalog, "own-abcd", "en", lessons={}))
    ]

    assert ("https://b.example/", {}) in found
    talked = {"catalog": "cbec", "activity": "discussion", "discussion": "own-abcd.p2", "grade": "none"}
    assert ("", talked) in found


def test_a_skill_without_a_lesson_has_its_quiz_alone():
    found = {
        link.custom["activity"] for link in links(syllabus.course(CBEC, "etiquette", "en", lessons={})) if link.custom
    }

    assert "quiz" in found
    assert "lesson" not in found


def test_a_course_that_there_is_not_is_refused():
    with pytest.raises(errors.UnknownReference, match="no course 'nowhere'"):
        syllabus.course(CBEC, "nowhere", "en", lessons={})


def test_one_area_is_a_course_of_its_own():
    (part,) = syllabus.parts(CBEC, "en", area="cus")

    assert part.title == CBEC.areas["cus"].name["en"]
    with pytest.raises(errors.UnknownReference, match="no area 'nowhere'"):
        syllabus.parts(CBEC, "en", area="nowhere")


def test_a_catalog_without_practice_has_neither_cases_nor_exams():
    assert [part.title for part in syllabus.parts(catalogs.load("oulad"), "en")][-1] != "Exams"


def test_the_links_of_lessons_are_there_once_each():
    texts = lessons.load()
    found = [link.url for link in links(syllabus.parts(CBEC, "zh", lessons=texts)) if link.custom is None]
    by_area = {(CBEC.skills[name].area, link.url) for name, lesson in texts.items() for link in lesson.links}

    assert len(found) == len(by_area) > 0
