"""A question of each form, made and graded: the same on every machine, each wrong answer named."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from curriculum import catalog as catalogs
from curriculum import errors, practice
from curriculum.bank import draw
from curriculum.practice import answers
from curriculum.practice.task import Step
from tests.curriculum.bank import samples

CBEC = catalogs.load("cbec")
BANK = samples.bank()
ON = date(2026, 9, 1)


def step(number: int, seed: int = 1) -> Step:
    return draw.question(BANK, BANK.entries[f"cus.duty.{number}"], CBEC, seed, ON).step


def key(made: Step, text: str) -> str:
    """The key of an option."""
    return next(option.key for option in made.options if option.text["en"] == text)


def test_a_choice_names_its_cause() -> None:
    made = step(1)

    assert practice.grade(made, key(made, "one")).state == "right"
    wrong = practice.grade(made, key(made, "two"))
    assert (wrong.state, wrong.cause, wrong.title["en"], wrong.words["zh"], wrong.credit) == (
        "other",
        "m.test.pieces",
        "Forgets the pieces",
        "没有件数。",
        0,
    )
    assert practice.grade(made, key(made, "three")).cause == "unknown"
    assert [practice.grade(made, text).problem for text in ("", "z", "a,b")] == ["no_choice", "no_choice", "one_choice"]
    assert practice.shown(made).state == "none"


def test_options_stand_in_chance_order() -> None:
    assert {key(step(1, seed), "one") for seed in range(40)} == {"a", "b", "c"}


def test_several_take_credit_for_what_is_right_and_off_for_what_is_not() -> None:
    made = step(2)
    one, two, three = (key(made, text) for text in ("one", "two", "three"))

    assert practice.grade(made, f"{two},{one}").state == "right"
    missed = practice.grade(made, two)
    assert (missed.cause, missed.words["en"], missed.credit) == ("unknown", "One is due.", Decimal("0.50"))
    both = practice.grade(made, f"{two},{three}")
    assert (both.cause, both.credit) == ("m.test.pieces", 0)
    assert both.words == {"en": "No pieces. One is due.", "zh": "没有件数。一要缴。"}
    assert practice.grade(made, f"{one},{two},{three}").credit == Decimal("0.50")


def test_a_match_names_a_known_mixup() -> None:
    made = step(3)
    x, y, z = (key(made, text) for text in ("x", "y", "z"))

    assert practice.grade(made, f"3{z},1{x},2{y}").state == "right"
    mixed = practice.grade(made, f"1{y},2{x},3{z}")
    assert (mixed.cause, mixed.words["en"], mixed.credit) == ("m.test.pieces", "Not y.", Decimal("0.33"))
    assert practice.grade(made, f"1{x},2{z},3{y}").cause == "unknown"
    odd = practice.grade(made, f"1{x},2{y},3{key(made, 'w')}")
    assert (odd.words["en"], odd.credit) == ("Not w.", Decimal("0.67"))
    assert practice.grade(made, f"1{x},2{y}").problem == "unfinished"
    assert practice.grade(made, f"1{x},2{y},3?").problem == "unfinished"


def test_a_code_is_read_in_any_spelling_and_counts_by_its_digits() -> None:
    made = step(4)

    assert [
        practice.grade(made, text).state for text in ("6109.10", " 6109 10 ", "610910", "6109-1000", "61091000")
    ] == ["right"] * 5
    shirt = practice.grade(made, "6105.10")
    assert (shirt.cause, shirt.credit) == ("m.hs_by_use", Decimal("0.25"))
    assert [practice.grade(made, text).credit for text in ("6109.90", "6110.20", "9999.99")] == [
        Decimal("0.6"),
        Decimal("0.25"),
        0,
    ]
    assert practice.grade(made, "").problem == "empty"
    assert practice.grade(made, "6" * 99).problem == "too_long"


def test_a_figure_is_drawn_and_calculated_from_the_rule() -> None:
    for seed in range(30):
        asked = draw.question(BANK, BANK.entries["cus.duty.5"], CBEC, seed, ON)
        made = asked.step
        lines = int(made.question["en"].split(" ")[0])
        assert made.right == Decimal(3 * lines)
        assert made.working == (f"{lines} × 3.00 = {3 * lines}.00",)
        assert made.explanation["zh"] == f"按税号：{3 * lines}.00。"
        assert "杯子" in made.question["zh"]
        verdict = practice.grade(made, "3")
        assert (verdict.cause, verdict.words["en"]) == (
            "m.flat_duty_per_parcel",
            f"Once only, {3 * lines - 3}.00 too little: 3.00.",
        )
        assert made.rule is CBEC.rules["eu.flat_duty_2026"]


def test_the_same_seed_makes_the_same_question_and_another_one_another() -> None:
    for number in range(1, 6):
        assert step(number, 7) == step(number, 7)
    assert len({step(5, seed).question["en"] for seed in range(20)}) > 5


def test_kept_answers_are_read_again_as_they_were() -> None:
    for number in range(1, 6):
        made = step(number)
        assert answers.of_step(answers.kept(made.right), made).value == made.right


def test_a_question_whose_methods_never_part_is_a_slip() -> None:
    bank = samples.bank(samples.TEXT.replace("value: worth * rate", "value: lines * flat_duty_eur_per_item"))

    with pytest.raises(errors.NoCase, match=r"cus\.duty\.5"):
        draw.question(bank, bank.entries["cus.duty.5"], CBEC, 1, ON)


def test_draws_without_a_figure_are_passed_over() -> None:
    bank = samples.bank(samples.TEXT.replace("value: worth * rate", "value: worth / (lines - 2)"))

    made = draw.question(bank, bank.entries["cus.duty.5"], CBEC, 1, ON).step
    assert made.right in {9, 12}
