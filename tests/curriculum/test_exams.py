"""Exams: drawn by the weights of the examination standard, exactly, and never the same question twice."""

from __future__ import annotations

from collections import Counter
from datetime import date
from decimal import Decimal

import pytest

from curriculum import catalog as catalogs
from curriculum import errors, exams, practice
from curriculum.practice.task import Exam, Plan

CBEC = catalogs.load("cbec")
TODAY = date(2026, 11, 25)
PLANS = {plan.id: plan for plan in practice.plans()}
STANDARD = [plan for plan in practice.plans() if not plan.area]


def drawn(plan: str, seed: int = 7, on: date = TODAY) -> Exam:
    return exams.exam(CBEC, PLANS[plan], seed, on)


def test_the_weights_are_those_of_the_examination_standard() -> None:
    assert list(exams.weights().values()) == [10, 15, 15, 5, 20, 5, 10, 20]


@pytest.mark.parametrize("plan", STANDARD, ids=[plan.id for plan in STANDARD])
@pytest.mark.parametrize("seed", range(4))
def test_the_blueprint_is_met_exactly(plan: Plan, seed: int) -> None:
    """Every unit has its share of the questions to the last one, counted by the skills that were asked."""
    asked = iter(exams.exam(CBEC, plan, seed, TODAY).questions)

    for unit, weight in exams.weights().items():
        share = weight * plan.count / 100
        assert share == int(share)
        for one in (next(asked) for _ in range(int(share))):
            assert one.step.skill in exams.skills(CBEC, unit) or (plan.flow and one.step.id in exams.flow(unit))
    assert next(asked, None) is None


def test_the_exam_on_customs_asks_about_customs() -> None:
    made = drawn("customs")

    assert len(made.questions) == PLANS["customs"].count
    assert {CBEC.skills[one.step.skill].area for one in made.questions} == {"cus"}


@pytest.mark.parametrize("plan", PLANS)
def test_no_question_comes_twice(plan: str) -> None:
    for seed in range(10):
        asked = Counter((one.case.kind, one.step.id) for one in drawn(plan, seed).questions)
        assert max(asked.values()) == 1


def test_a_skill_comes_again_only_after_every_other_of_its_unit() -> None:
    asked = Counter(one.step.skill for one in drawn("customs").questions)

    assert max(asked.values()) == 1


def test_steps_of_cases_are_asked_beside_questions_of_the_bank() -> None:
    kinds = Counter(one.case.kind for seed in range(10) for one in drawn("customs", seed).questions)

    assert kinds["bank"] > kinds["eu_import"] > 0


def test_the_exam_of_the_flow_casts_steps_of_orders_into_their_units_up_to_half() -> None:
    for seed in range(3):
        asked = drawn("flow", seed).questions
        cast = [one for one in asked if one.case.kind.startswith("flow_")]
        times = Counter(one.step.id for one in cast)

        assert len(asked) == 40
        assert len(cast) == 16
        assert max(times.values()) <= 2
        assert {one.step.id for one in cast} == {
            "screen",
            "title",
            "gtin",
            "price",
            "stock",
            "risk",
            "chargeable",
            "promise",
            "refund",
            "dispute",
            "disposition",
        }
        assert len({(one.case.kind, one.case.seed) for one in cast}) == 2, "two orders"


def test_what_a_step_of_an_order_is_given_answers_no_other_step_that_an_exam_asks() -> None:
    """One order serves several questions, so none of them may be told to another."""
    asked = {step for unit in exams.weights() for step in exams.flow(unit)}
    for kind in ("flow_eu", "flow_uk", "flow_us", "flow_cn"):
        for seed in range(3):
            steps = [one for one in practice.case(kind, seed, TODAY).steps if one.id in asked]
            for one in steps:
                given = " ".join(figure for _, figure in one.given)
                rights = [f"{other.right:,}" for other in steps if isinstance(other.right, Decimal)]
                assert not [right for right in rights if right in given], (kind, one.id)


def test_a_unit_without_a_step_of_the_flow_has_questions_of_the_bank_alone() -> None:
    assert exams.flow("account") == exams.flow("no such unit") == ()


def test_a_seed_is_the_same_exam_and_another_seed_another() -> None:
    assert drawn("short", 1) == drawn("short", 1)
    assert len({drawn("short", seed).mark for seed in range(30)}) == 30


def test_keys_are_those_of_the_day() -> None:
    rules = {
        one.step.rule.id
        for seed in range(12)
        for one in drawn("customs", seed, date(2026, 6, 30)).questions
        if one.step.rule and one.case.kind == "bank"  # a case has a day of its own
    }

    assert "eu.flat_duty_2026" not in rules


def test_a_plan_for_which_there_are_too_few_questions_says_so() -> None:
    with pytest.raises(errors.NoCase, match="exam long, unit cus"):
        exams.exam(CBEC, Plan("long", {"en": "x", "zh": "x"}, 999, 60, "cus"), 1, TODAY)
