"""What trains a skill, what an activity is called, and questions that are not asked twice."""

from __future__ import annotations

from datetime import date

import pytest

from curriculum import bank, practice
from curriculum import catalog as catalogs
from lti_tool import exercises

CBEC, OULAD = catalogs.load("cbec"), catalogs.load("oulad")
TODAY = date(2026, 11, 26)


def test_a_skill_is_trained_by_a_short_case_else_by_questions() -> None:
    assert exercises.of_skill(CBEC, "log.freight_quote") == "case:freight"
    assert exercises.of_skill(CBEC, "fnd.platforms") == "quiz:fnd.platforms"
    assert {exercises.of_skill(CBEC, skill).partition(":")[0] for skill in CBEC.skills} == {"case", "quiz"}
    assert exercises.of_skill(OULAD, "AAA.TMA") == ""


def test_how_long_a_question_takes() -> None:
    assert exercises.minutes(CBEC, "fnd.platforms") == bank.MINUTES
    assert exercises.minutes(CBEC, "log.freight_quote") == 8 / practice.of_skill("log.freight_quote").steps  # type: ignore[union-attr]  # it has a case
    assert exercises.minutes(OULAD, "AAA.TMA") is None


@pytest.mark.parametrize(
    ("activity", "name"),
    [
        ("quiz:fnd.platforms", CBEC.skills["fnd.platforms"].name["en"]),
        ("exam:short", "Short exam of 20 questions"),
        ("case:flow_eu", next(kind.name["en"] for kind in practice.kinds() if kind.id == "flow_eu")),
        ("scene:packing", "Packing bench"),
        ("week:standard", "A shop over ten weeks"),
    ],
)
def test_an_activity_has_a_name(activity: str, name: str) -> None:
    found = exercises.name(CBEC, activity)
    assert found is not None
    assert found["en"] == name


@pytest.mark.parametrize("activity", ["quiz:gone", "case:gone", "exam:gone", "song:x", ""])
def test_what_is_gone_has_none(activity: str) -> None:
    assert exercises.name(CBEC, activity) is None


@pytest.mark.parametrize(
    ("skill", "count"),
    [("fnd.platforms", len(bank.asked(CBEC, "fnd.platforms", TODAY))), ("log.freight_quote", 2)],
)
def test_no_question_is_asked_twice_while_there_is_another(skill: str, count: int) -> None:
    seen: set[str] = set()
    for seed in range(count):
        made = exercises.asking(CBEC, skill, 7 * seed, TODAY, seen)
        assert made is not None
        assert made.step.id not in seen
        seen.add(made.step.id)
    assert exercises.asking(CBEC, skill, 1, TODAY, seen) is not None
    assert exercises.asking(OULAD, "AAA.TMA", 1, TODAY, ()) is None


def test_a_question_is_made_again_as_it_was_or_is_gone() -> None:
    for skill in ("fnd.platforms", "log.freight_quote"):
        made = exercises.asking(CBEC, skill, 5, TODAY, ())
        assert made is not None
        assert exercises.again(CBEC, made.case.kind, made.step.id, made.case.seed, TODAY) == made
    assert exercises.again(CBEC, "gone", "x", 1, TODAY) is None
    assert exercises.again(CBEC, "freight", "gone", 1, TODAY) is None
    assert exercises.again(CBEC, exercises.BANK, "gone", 1, TODAY) is None
