"""Courses from outside as plain data: what one must be, what it becomes, and what is left of it after an upgrade."""

from __future__ import annotations

import copy
import dataclasses
from typing import Any

import pytest

from curriculum import catalog as catalogs
from curriculum import courses, editing, errors, graph, links, versions
from curriculum.courses import doing, own
from curriculum.editing import Edit

CBEC = catalogs.load("cbec")


def both(text: str) -> dict[str, str]:
    return {"en": text, "zh": text}


def document() -> dict[str, Any]:
    parts = [
        {"id": "p1", "kind": "page", "name": both("Page"), "text": both("x" * 1800)},
        {"id": "p2", "kind": "link", "name": both("Link"), "url": "https://a.example/"},
        {"id": "p3", "kind": "discussion", "name": both("Why?"), "text": both("Before.")},
        {"id": "p4", "kind": "event", "name": both("Visit")},
        {"id": "p5", "kind": "task", "name": both("Task"), "text": both("Do it.")},
    ]
    unit = {"id": "u1", "name": both("Unit"), "skills": ["cus.duty"], "parts": parts, "practice": ["case:freight"]}
    other = {"id": "u2", "name": both("Other"), "skills": ["log.reverse"]}
    module = {"id": "m1", "name": both("Module"), "units": [unit, other]}
    return {"id": "own-abcd", "name": both("Course"), "about": both("About"), "terms": "CC BY", "modules": [module]}


def taught(*documents: Any) -> catalogs.Catalog:
    return dataclasses.replace(CBEC, courses=documents)


def test_a_course_stands_behind_the_shipped_ones_with_all_it_brings() -> None:
    catalog = taught(document())
    course, _, unit = courses.find(catalog, "own-abcd.m1.u1")

    assert own.problems(document(), CBEC) == []
    assert [*courses.of_catalog(catalog)] == [*courses.load(), "own-abcd"]
    assert (course.sort, course.terms, course.skills) == ("own", "CC BY", ("cus.duty", "log.reverse"))
    assert unit is not None
    found = {one.kind: one for one in doing.of_unit(course, unit)}
    assert [*found] == ["page", "link", "discussion", "event", "task", "case"]
    assert (found["page"].minutes, found["link"].url, found["link"].minutes) == (2.0, "https://a.example/", None)
    assert course.discussions["p3"].text["en"] == "Before."
    assert course.events["p4"].plan[0].text["en"] == "Visit"
    assert doing.reading(course, {}) == ()
    with pytest.raises(LookupError):
        doing.own(course, "page", "p9")


def test_a_skill_of_two_units_is_one_knowledge_point() -> None:
    made = document()
    made["modules"][0]["units"][1]["skills"] = ["cus.duty", "cus.basics"]

    assert own.course(made).skills == ("cus.duty", "cus.basics")


def test_it_has_a_path_as_every_course() -> None:
    catalog, role = courses.goal(taught(document()), "own-abcd")

    assert {"cus.duty", *graph.ancestors(CBEC, "cus.duty")} <= catalog.roles[role].targets.keys()


def test_a_catalog_without_shipped_courses_has_those_of_its_own() -> None:
    oulad = catalogs.load("oulad")
    made = document()
    made["modules"][0]["units"] = [{"id": "u1", "name": both("U"), "skills": [next(iter(oulad.skills))]}]

    assert [*courses.of_catalog(dataclasses.replace(oulad, courses=(made,)))] == ["own-abcd"]
    assert courses.of_catalog(oulad) == {}


def test_a_skill_that_is_gone_leaves_its_course_and_one_that_was_the_last_leaves_it_out() -> None:
    plain = editing.apply(catalogs.plain("cbec"), [Edit("e", "skill.retire", "log.reverse", {})])
    catalog = dataclasses.replace(catalogs.parse(plain), courses=(document(),))
    assert courses.of_catalog(catalog)["own-abcd"].skills == ("cus.duty",)
    lost = document()
    for unit in lost["modules"][0]["units"]:
        unit["skills"] = ["log.reverse"]
    catalog = dataclasses.replace(catalogs.parse(plain), courses=(lost,))
    assert own.known(catalog) == {}
    assert "modules: must be a list of 1 to 1500" in own.left(catalog)["own-abcd"][0]


WRONG: list[tuple[tuple[Any, ...], Any, str]] = [
    (("id",), "Own", "id: must be own-"),
    (("id",), 7, "id: must be own-"),
    (("name",), both(""), "name: must be a text in each of en and zh"),
    (("name",), "x", "name: must be a text"),
    (("about",), both("x" * 12_001), "about: must be a text"),
    (("terms",), 7, "terms: must be a text"),
    (("extra",), 1, "extra: a course has no such field"),
    (("modules",), [], "modules: must be a list of 1 to 1500"),
    (("modules",), "x", "modules: must be a list"),
    (("modules", 0), 7, "modules[0]: must be a mapping"),
    (("modules", 0, "id"), "M 1", "modules[0].id: must be 1 to 20"),
    (("modules", 0, "units"), [], "modules[0].units: must be a list of 1 to 1500"),
    (("modules", 0, "units", 0), 7, "modules[0].units[0]: must be a mapping"),
    (("modules", 0, "units", 1, "id"), "u1", "modules[0].units[1].id: must be 1 to 20"),
    (("modules", 0, "units", 0, "skills"), [], "modules[0].units[0].skills: must be a list of ids"),
    (("modules", 0, "units", 0, "skills"), "cus.duty", "modules[0].units[0].skills: must be a list of ids"),
    (("modules", 0, "units", 0, "skills"), ["alchemy"], "no skill is called 'alchemy'"),
    (("modules", 0, "units", 0, "practice"), ["case:none"], "'case:none' is no case that is shipped"),
    (("modules", 0, "units", 0, "parts", 0), 7, "parts[0]: must be a mapping"),
    (("modules", 0, "units", 0, "parts", 0, "kind"), "film", "parts[0].kind: is 'film'"),
    (("modules", 0, "units", 0, "parts", 1, "id"), "p1", "parts[1].id: must be 1 to 20"),
    (("modules", 0, "units", 0, "parts", 1, "url"), "javascript:x", "parts[1].url: is no address"),
    (("modules", 0, "units", 0, "parts", 0, "text"), both("x" * 12_001), "parts[0].text: must be a text"),
]


@pytest.mark.parametrize(("path", "value", "said"), WRONG)
def test_what_is_wrong_is_told_with_its_path(path: tuple[Any, ...], value: Any, said: str) -> None:
    made = document()
    inside: Any = made
    for step in path[:-1]:
        inside = inside[step]
    inside[path[-1]] = value

    assert said in "\n".join(own.problems(made, CBEC))


def test_what_is_no_mapping_is_no_course() -> None:
    assert own.problems([], CBEC) == ["id: the document is list; it must be a mapping of one course"]


def test_a_course_is_put_changed_and_taken_out_by_edits_that_versions_show() -> None:
    put = Edit("a", "course.put", "own-abcd", {"courses": [document()]})
    plain = editing.apply(catalogs.plain("cbec"), [put])
    renamed = copy.deepcopy(document())
    renamed["name"] = both("Renamed")
    again = editing.apply(plain, [Edit("b", "course.put", "own-abcd", {"courses": [renamed]})])
    gone = editing.apply(again, [Edit("c", "course.retire", "own-abcd", {})])

    assert [one["name"]["en"] for one in again["courses"]] == ["Renamed"]
    assert gone["courses"] == []
    assert editing.touches(plain, put) == {"own-abcd": document()}
    assert [(one.section, one.act) for one in versions.diff(plain, again)] == [("courses", "changed")]
    assert [(one.section, one.act) for one in versions.diff(again, gone)] == [("courses", "removed")]
    with pytest.raises(errors.InvalidEdit):
        editing.apply(gone, [Edit("d", "course.retire", "own-abcd", {})])
    with pytest.raises(errors.InvalidEdit):
        editing.apply(gone, [Edit("d", "course.put", "own-abcd", {"courses": [{"id": "own-abcd"}]})])
    with pytest.raises(errors.InvalidEdit):
        editing.apply(gone, [Edit("d", "course.put", "own-abcd", {"courses": "x"})])


def test_an_address_is_put_in_place_of_another_everywhere_and_versions_show_it() -> None:
    first, last = "https://b.example/", "https://c.example/"
    plain = editing.apply(catalogs.plain("cbec"), [Edit("a", "course.put", "own-abcd", {"courses": [document()]})])
    once = editing.apply(plain, [Edit("b", "link.put", "https://a.example/", {"url": first})])
    twice = editing.apply(once, [Edit("c", "link.put", first, {"url": last})])
    back = editing.apply(twice, [Edit("d", "link.put", last, {"url": "https://a.example/"})])

    found = links.every(catalogs.parse(twice))[last]
    assert (found.former, [use.kind for use in found.uses]) == (("https://a.example/", first), ["course"])
    assert twice["links"] == {"https://a.example/": last, first: last}
    assert back["links"] == {first: "https://a.example/", last: "https://a.example/"}
    assert [(one.section, one.field, one.act) for one in versions.diff(plain, once)] == [("links", "url", "added")]
    assert editing.touches(once, Edit("x", "link.put", "https://a.example/", {"url": last})) == {"url": first}
    for wrong in ("", 7, "ftp://x", "https://a.example/"):
        with pytest.raises(errors.InvalidEdit):
            editing.apply(plain, [Edit("e", "link.put", "https://a.example/", {"url": wrong})])
