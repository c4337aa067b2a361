"""The index of the lessons: it is what they say, and the catalog lists them as things to read."""

from __future__ import annotations

from datetime import date

import pytest

from curriculum import catalog as catalogs
from curriculum import check, contents, readings
from tests.house import lessons_index

CBEC = catalogs.load("cbec")


def test_the_index_is_what_the_lessons_say() -> None:
    hint = "a lesson changed: python -m tests.house.lessons_index"

    assert lessons_index.INDEX.read_text(encoding="utf-8") == lessons_index.made(), hint


def test_every_skill_has_its_lesson_among_what_there_is_to_read() -> None:
    one = CBEC.resources["lesson:cus.duty"]

    assert [one.skills[0] for one in CBEC.resources.values()] == list(CBEC.skills)
    assert (one.activity, one.mode, one.skills) == ("urn:entrepot:cbec:lesson:cus.duty", "reading", ("cus.duty",))
    assert one.minutes == readings.load()["cus.duty"].minutes
    assert one.valid_from == readings.load()["cus.duty"].checked


def test_lessons_leave_the_fingerprint_as_it_is() -> None:
    data = {**catalogs.plain("cbec")}
    data["meta"] = {name: value for name, value in data["meta"].items() if name != "lessons"}

    without = catalogs.parse(data)

    assert without.resources == {}
    assert without.fingerprint == CBEC.fingerprint


def test_a_lesson_that_the_institution_ended_ends_and_one_of_a_lost_skill_is_gone() -> None:
    data = {**catalogs.plain("cbec"), "ends": {"lesson:cus.fta": date(2027, 1, 31)}}
    assert catalogs.parse(data).resources["lesson:cus.fta"].valid_to == date(2027, 1, 31)

    tiny = {**data, "ends": {}, "rules": [], "roles": [], "misconceptions": [], "skills": data["skills"][:1]}
    assert list(catalogs.parse(tiny).resources) == ["lesson:fnd.ecom_models"]


def test_lessons_are_no_second_time_among_the_contents() -> None:
    assert contents.of_catalog(CBEC) == ()


@pytest.mark.parametrize("wrong", ["urn:x:", {}, {"activity": "no iri"}])
def test_where_lessons_begin_is_an_iri(wrong: object) -> None:
    data = {**catalogs.plain("cbec")}
    data["meta"] = {**data["meta"], "lessons": wrong}

    assert [one[:12] for one in check.problems(data)] == ["meta.lessons"]


def test_a_resource_is_a_lesson_by_its_id() -> None:
    assert readings.skill_of(readings.id_of("cus.duty")) == "cus.duty"
    assert readings.skill_of("r.duty") == ""
