"""What somebody pastes is checked like a file of ours, and for what only a stranger would write."""

from __future__ import annotations

import copy
import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from curriculum import catalog as catalogs
from curriculum import editing, errors
from curriculum.acts import Edit
from curriculum.bank import own, trial
from curriculum.catalog import Catalog

CBEC = catalogs.load("cbec")
TEXT = """
misconceptions:
- {id: m.own.gift, skill: cus.duty, name: {en: Thinks gifts are free, zh: 以为礼物免税}}
questions:
- id: cus.duty.own_1
  skill: cus.duty
  form: number
  bloom: apply
  difficulty: 2
  ask: {en: "What is due on {price:2}", zh: "{price:2} 应缴多少"}
  unit: EUR
  places: 2
  draw: {price: [10, 20, 0.5]}
  right: price * 2
  wrong:
  - {cause: m.own.gift, value: price, why: {en: Twice., zh: 两倍。}}
  working: ["{price:2} × 2 = {right}"]
  explanation: {en: Because., zh: 因为。}
"""


def changed(**fields: Any) -> str:
    document = yaml.safe_load(TEXT)
    document["questions"][0].update(copy.deepcopy(fields))
    return yaml.safe_dump(document, allow_unicode=True)


def taught(document: Any) -> Catalog:
    return catalogs.parse(editing.apply(catalogs.plain("cbec"), [Edit("1", "question.put", "", document)]))


def refused(text: str, catalog: Catalog = CBEC) -> str:
    with pytest.raises(errors.InvalidBank) as found:
        trial.read(text, "pasted", catalog)
    return str(found.value)


def test_a_sound_document_comes_back_as_json_and_again_over_itself() -> None:
    document = trial.read(TEXT, "pasted", CBEC)
    catalog = taught(document)
    assert trial.read(TEXT, "pasted", catalog) == document
    assert own.left(catalog) == {}
    assert "cus.duty.own_1" in own.whole(catalog).entries
    assert catalog.fingerprint == CBEC.fingerprint
    assert trial.read(changed(valid_from=date(2026, 7, 1)), "p", CBEC)["questions"][0]["valid_from"] == "2026-07-01"


WORDS = {"zh": "一"}


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"ask": {"en": "{price.__class__}", **WORDS}}, "questions[0].ask.en: a placeholder must be"),
        ({"ask": {"en": "{price!r}", **WORDS}}, "a placeholder must be"),
        ({"ask": {"en": "{price:999999999}", **WORDS}}, "a placeholder must be"),
        ({"ask": {"en": "{0}", **WORDS}}, "a placeholder must be"),
        ({"ask": {"en": "{price", **WORDS}}, "a placeholder must be"),
        ({"working": ["{right[0]}"]}, "a placeholder must be"),
        ({"ask": {"en": "{cost}", **WORDS}}, "a placeholder cannot be filled"),
        ({"ask": {"en": "x" * 5000, **WORDS}}, "5000 letters; at most 4000"),
        ({"draw": {"price": [10, 1e300, 1]}}, "a figure must lie between"),
        ({"draw": {"price": [0, 1e6, 1e-6]}}, "so many figures"),
        ({"tolerance": float("inf")}, "it holds something that is no text"),
        ({"right": "price"}, "no draw keeps its wrong methods apart"),
        ({"id": "cus.duty.2"}, "is a shipped question; choose another id"),
        ({"id": "cus.duty.<b>"}, "use letters, digits, dots"),
        ({"skill": ["cus.duty"]}, "it must be a text"),
        ({"wrong": [{"cause": ["m"], "value": "price", "why": {"en": "a", **WORDS}}]}, "compare the example"),
    ],
)
def test_every_problem_is_named_with_its_line(fields: dict[str, Any], problem: str) -> None:
    assert problem in refused(changed(**fields))


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("questions: &a [*a]", "it uses an alias"),
        ("a: [", "not YAML"),
        ("[" * 5000, "more than 20 lists or mappings in one another"),
        ("[" * 125_000 + "]" * 125_000, "line 1: more than 20 lists or mappings in one another"),
        ("questions: !!binary aGk=", "it holds something that is no text"),
        ("2026-13-45: 1", "not YAML"),
        ("3", "the document must be a mapping"),
        ("questions: 3", "the document must be a mapping with a list of questions"),
        ("questions: []\nextra: 1", "extra: no such list"),
        ("questions: [3]", "questions[0]: is 3; it must be a mapping"),
        (f"questions: [{'3,' * 501}]", "501 of them; at most 500"),
    ],
)
def test_a_text_that_is_no_document_is_refused(text: str, problem: str) -> None:
    assert problem in refused(text)


def test_a_line_leads_to_the_question() -> None:
    assert refused(TEXT.replace("difficulty: 2", "difficulty: 9")).startswith("pasted: line 9: questions[0].difficulty")


def test_what_no_longer_fits_is_left_out_and_named() -> None:
    document = trial.read(TEXT, "pasted", CBEC)
    mapping = editing.apply(catalogs.plain("cbec"), [Edit("1", "question.put", "", document)])
    mapping = {**mapping, "questions": [{**mapping["questions"][0], "skill": "gone", "id": "gone.1"}]}
    catalog = catalogs.parse(mapping)
    assert "no skill is called 'gone'" in own.left(catalog)["gone.1"][0]
    assert "gone.1" not in own.whole(catalog).entries
    assert own.whole(catalogs.load("oulad")).entries == {}


def test_the_example_of_the_handbook_is_sound() -> None:
    handbook = (Path(__file__).parents[3] / "docs" / "curriculum.md").read_text(encoding="utf-8")
    (text,) = (one for one in re.findall(r"```yaml\n(.*?)```", handbook, re.DOTALL) if "questions:" in one)
    assert len(trial.read(text, "docs/curriculum.md", CBEC)["questions"]) == 1
