"""Exams: drawn by the weights of the examination standard, every question from a case of its own."""

from __future__ import annotations

from collections import Counter
from datetime import date

import pytest

from curriculum import practice
from curriculum.practice import book, exams

TODAY = date(2026, 11, 25)


def test_the_weights_are_those_of_the_examination_standard() -> None:
    units = {unit["id"]: unit["weight"] for unit in book.pages()["exam"]["units"]}

    assert list(units.values()) == [10, 15, 15, 5, 20, 5, 10, 20]
    assert sum(units.values()) == 100
    assert exams.weights() == {"payout": 20, "freight": 10, "eu_import": 15}
    assert exams.covered() == 30


def test_every_short_kind_belongs_to_one_unit_or_is_our_addition() -> None:
    assert sorted(exams.weights()) == sorted(kind["id"] for kind in book.pages()["kinds"])


@pytest.mark.parametrize("count", range(1, 40))
def test_questions_are_shared_out_by_weight(count: int) -> None:
    shares, weights = exams.shares(count), exams.weights()

    assert sum(shares.values()) == count
    assert all(abs(shares[kind] - count * weights[kind] / sum(weights.values())) < 1 for kind in weights)


@pytest.mark.parametrize("plan", practice.plans(), ids=[plan.id for plan in practice.plans()])
def test_an_exam_has_its_number_of_questions_each_from_a_case_of_its_own(plan: practice.Plan) -> None:
    exam = practice.exam(7, TODAY, plan.count)

    assert len(exam.questions) == plan.count
    assert len({question.case.mark for question in exam.questions}) == plan.count
    assert Counter(question.case.kind for question in exam.questions) == Counter(exams.shares(plan.count))
    assert exam.covered == 30


def test_a_step_comes_again_only_after_every_other_of_its_kind() -> None:
    for seed in range(50):
        asked = Counter((question.case.kind, question.step.id) for question in practice.exam(seed, TODAY, 12).questions)
        assert max(asked.values()) == 1


def test_a_question_has_what_comes_before_it_given() -> None:
    questions = [question for seed in range(20) for question in practice.exam(seed, TODAY, 12).questions]

    assert all(
        question.step.given for question in questions if question.step.id in {"vat", "landed", "cost", "arrived"}
    )


def test_a_seed_is_the_same_exam_and_another_seed_another() -> None:
    assert practice.exam(1, TODAY, 12) == practice.exam(1, TODAY, 12)
    assert len({practice.exam(seed, TODAY, 12).mark for seed in range(100)}) == 100
