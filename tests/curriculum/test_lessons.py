"""Lessons: every rule of a file, and that each shipped one is there."""

from __future__ import annotations

import copy
from datetime import date
from typing import Any

import pytest
import yaml

from curriculum import catalog as catalogs
from curriculum import errors, lessons

CBEC = catalogs.load("cbec")
TEXT = """
- skill: cus.duty
  minutes: 5
  text:
  - {en: Duty is owed., zh: 要缴关税。}
  example: {en: Five T-shirts., zh: 五件 T 恤。}
  beware: {en: By line., zh: 按税号。}
  links:
  - {url: "https://eur-lex.europa.eu/x", title: {en: The law, zh: 法规}, mode: reading, language: [en]}
  rules: [eu.flat_duty_2026]
  checked: 2026-11-26
"""
WRONG = [
    (("skill",), "cus.none", "[0].skill: no skill is called 'cus.none'"),
    (("minutes",), 0, "[0].minutes: is 0; it must be a positive number"),
    (("text",), [], "[0].text: must be a list of paragraphs"),
    (("example",), {"en": "x"}, "[0].example: must be a text in each of en and zh"),
    (("beware",), None, "[0].beware: must be a text in each of en and zh"),
    (("links",), ["x"], "[0].links[0]: must be a mapping with url"),
    (("links", 0, "url"), "ftp://x.org", "[0].links[0].url: is 'ftp://x.org'; it must be an address that begins"),
    (("links", 0, "title"), "x", "[0].links[0].title: must be a text in each of en and zh"),
    (("links", 0, "mode"), "song", "[0].links[0].mode: is 'song'; it must be one of simulation"),
    (("rules", 0), "eu.none", "[0].rules[0]: no dated rule is called 'eu.none'"),
    (("checked",), "once", "[0].checked: is 'once'; it must be a date such as"),
    (("extra",), 1, "[0].extra: a lesson has no such field; it has beware"),
]


def test_a_lesson_is_read_as_it_is_written() -> None:
    found = lessons.parse_text(TEXT, CBEC)["cus.duty"]

    assert found.minutes == 5.0
    assert found.text[0]["zh"] == "要缴关税。"
    assert found.links[0].languages == ("en",)
    assert found.rules == ("eu.flat_duty_2026",)
    assert found.checked == date(2026, 11, 26)


@pytest.mark.parametrize(("path", "value", "problem"), WRONG, ids=[problem[:40] for _, _, problem in WRONG])
def test_what_breaks_a_rule_is_named(path: tuple[Any, ...], value: object, problem: str) -> None:
    data = copy.deepcopy(yaml.safe_load(TEXT))
    place = data[0]
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value

    found = lessons.problems(data, CBEC.skills, CBEC.rules)
    assert any(one.startswith(problem) for one in found), found


def test_a_document_of_another_shape_is_refused() -> None:
    assert lessons.problems({}, (), ()) == ["the document is dict; it must be a list of lessons"]
    assert lessons.problems([3], (), ()) == ["[0]: is 3; it must be a mapping"]
    twice = yaml.safe_load(TEXT) * 2
    assert lessons.problems(twice, CBEC.skills, CBEC.rules) == [
        "[1].skill: 'cus.duty' has a lesson in [0]; one is enough"
    ]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("[", "not YAML"),
        (TEXT.replace("minutes: 5", "minutes: -5"), r"here: line 3: \[0\]\.minutes: is -5"),
    ],
)
def test_a_wrong_file_is_refused_with_its_line(text: str, problem: str) -> None:
    with pytest.raises(errors.InvalidLessons, match=problem):
        lessons.parse_text(text, CBEC, where="here")


def test_every_skill_has_a_lesson() -> None:
    assert [skill for skill in CBEC.skills if lessons.of_skill(CBEC, skill) is None] == []
    assert lessons.of_skill(catalogs.load("oulad"), "AAA.TMA") is None
