"""Every rule of the file of a course: what breaks one is named with its path, and with its line in a file."""

from __future__ import annotations

import copy
from importlib import resources
from typing import Any

import pytest
import yaml

from curriculum import catalog as catalogs
from curriculum import errors
from curriculum.courses import shelf, sound

CBEC = catalogs.load("cbec")
TEXT = resources.files("curriculum").joinpath("data", "courses", "operations.yaml").read_text(encoding="utf-8")
COURSE = yaml.safe_load(TEXT)
UNIT = ("modules", 0, "units", 0)
W = {"en": "x", "zh": "某"}
WRONG: list[tuple[tuple[Any, ...], Any, str]] = [
    (("extra",), 1, "extra: a course has no such field"),
    (("id",), "Big Data", "id: is 'Big Data'; it must be small letters"),
    (("sort",), "talk", "sort: is 'talk'; it must be one of course, certificate"),
    (("name",), {"en": "x"}, "name: must be a text in each of en and zh"),
    (("weeks",), 0, "weeks: is 0; it must be a positive number"),
    (("weeks",), 1.5, "weeks: is 1.5; it must be"),
    (("hours",), True, "hours: is True; it must be"),
    (("assumes",), "x", "assumes: must be a list of skill ids"),
    (("assumes",), ["no.skill"], "assumes[0]: no skill is called 'no.skill'"),
    (("assumes",), ["fnd.platforms"], "assumes[0]: 'fnd.platforms' is taught in modules[0]"),
    (("assumes",), ["dat.sql"], "assumes[0]: no skill of the course needs 'dat.sql'; leave it out"),
    (("outcomes",), [], "outcomes: must be a list of mappings, at least 3"),
    (("outcomes", 0, "bloom"), "know", "outcomes[0].bloom: is 'know'; it must be one of"),
    (("outcomes", 0, "en"), "Understand it.", "outcomes[0].en: begins with 'understand'; what can be seen done"),
    (("outcomes", 0, "skills"), [], "outcomes[0].skills: must be a list of at least one skill id"),
    (("outcomes", 0, "skills"), ["dat.sql"], "outcomes[0].skills[0]: 'dat.sql' is no skill of this course"),
    (("outcomes", 0, "skills"), ["no"], "outcomes[0].skills[0]: 'no' is no skill; name one"),
    (("modules",), {}, "modules: must be a list of mappings, at least 1"),
    (("modules", 1, "id"), "trade", "modules[1].id: 'trade' stands in [0] too; rename one"),
    (("modules", 0, "units"), ["x"], "modules[0].units: must be a list of mappings"),
    ((*UNIT, "skills"), [], "modules[0].units[0].skills: must be a list of at least one skill id"),
    ((*UNIT, "skills"), ["no"], "modules[0].units[0].skills[0]: no skill is called 'no'"),
    ((*UNIT, "skills"), ["cus.duty"], "modules[0].units[0].skills[0]: 'cus.duty' needs 'cus.hs_classify'; teach that"),
    ((*UNIT, "skills"), ["fnd.ecom_models"] * 2, "modules[0].units[0].skills[1]: 'fnd.ecom_models' is taught in"),
    ((*UNIT, "practice"), [3], "modules[0].units[0].practice: must be a list of texts such as case:freight"),
    ((*UNIT, "practice"), ["case:no"], "modules[0].units[0].practice[0]: nothing is called 'case:no'"),
    ((*UNIT, "practice"), ["project:shelf"], "modules[1].units[2].practice[0]: 'project:shelf' is done in another"),
    ((*UNIT, "platforms"), ["amazon"], "modules[0].units[0].platforms: must be a text in en and zh for each"),
    ((*UNIT, "platforms"), {"shop": W}, "modules[0].units[0].platforms.shop: no platform is called so"),
    (("variants", 0, "platform"), "shop", "variants[0].platform: is 'shop'; it must be one of amazon"),
    (("projects", 0, "hours"), None, "projects[0].hours: is None; it must be a positive number"),
    (("projects", 0, "rubric"), COURSE["projects"][0]["rubric"][:3], "projects[0].rubric: must be a list of mappings"),
    (("projects", 0, "rubric"), COURSE["projects"][0]["rubric"] * 2, "projects[0].rubric: has 8 criteria; it must"),
    (("projects", 0, "rubric", 0, "levels"), [W], "projects[0].rubric[0].levels: must be 4 texts"),
    (("projects", 0, "rubric", 0, "levels", 1), "x", "projects[0].rubric[0].levels[1]: must be a text in each"),
    (("projects", 0, "id"), "new", "projects[0]: no unit does it; name 'project:new' in the practice of one"),
    (("discussions", 0, "touches"), [W], "discussions[0].touches: must be a list of mappings, at least 2"),
    (("events", 0, "plan", 0, "minutes"), 1.5, "events[0].plan[0].minutes: is 1.5; it must be"),
    (("teams", 0, "roles"), [], "teams[0].roles: must be a list of mappings, at least 2"),
    (("assessment", 0, "weight"), 10, "assessment: the weights add up to 95; they must add up to 100"),
    (("assessment", 0, "kind"), "song", "assessment[0].kind: is 'song'; it must be one of reading"),
    (("assessment", 0, "kind"), "video", "assessment[0].kind: no unit does a 'video'; it must be one of case"),
    (("exam",), "no", "exam: no plan is called 'no'; it must be one of"),
    (("exam",), "", "exam: an exam that counts has a plan, and a plan an exam that counts; name both or none"),
]  # fmt: skip


def changed(path: tuple[Any, ...], value: Any) -> dict[str, Any]:
    data: dict[str, Any] = copy.deepcopy(COURSE)
    place: Any = data
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    return data


@pytest.mark.parametrize(("path", "value", "problem"), WRONG, ids=[problem[:48] for _, _, problem in WRONG])
def test_what_breaks_a_rule_is_named(path: tuple[Any, ...], value: Any, problem: str) -> None:
    found = sound.problems(changed(path, value), CBEC)

    assert any(one.startswith(problem) for one in found), found


def test_the_course_itself_breaks_none() -> None:
    assert sound.problems(COURSE, CBEC) == []
    assert sound.problems([], CBEC) == ["id: the document is list; it must be a mapping of one course"]


def test_a_file_is_refused_with_its_name_and_line() -> None:
    with pytest.raises(errors.InvalidCourses, match=r"here: line \d+: weeks: is -1"):
        shelf.parse_text(TEXT.replace("\nweeks: 16", "\nweeks: -1"), CBEC, where="here")
    with pytest.raises(errors.InvalidCourses, match="not YAML"):
        shelf.parse_text("[", CBEC)


def test_a_course_is_read_with_its_variants_behind_it() -> None:
    order, found = shelf.parse_text(TEXT, CBEC)

    assert order == 10
    assert [one.of for one in found] == ["", *["operations"] * 6]
    assert found[1].name["zh"] == "跨境电商运营（亚马逊）"


def test_two_courses_of_one_name_are_refused() -> None:
    with pytest.raises(errors.InvalidCourses, match="two courses are called 'operations'; rename one"):
        shelf.joined([shelf.parse_text(TEXT, CBEC)] * 2)
