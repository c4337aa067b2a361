"""What an answer is worth after hints and further tries."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from curriculum import practice
from curriculum.practice import credit

STEPS = {step.id: step for step in practice.case("flow_eu", 5, date(2026, 11, 26)).steps}


@pytest.mark.parametrize(
    ("step", "hints", "tries", "worth"),
    [
        ("duty", 0, 1, "1"),
        ("duty", 1, 1, "0.75"),
        ("duty", 3, 1, "0.25"),
        ("duty", 0, 2, "0.75"),
        ("duty", 3, 3, "0"),
        ("dispute", 0, 2, "0.5"),
        ("dispute", 0, 3, "0"),
        ("hs", 1, 2, "0.5"),
    ],
)
def test_each_hint_costs_a_quarter_and_each_further_try_what_it_leaves_to_know(
    step: str, hints: int, tries: int, worth: str
) -> None:
    assert credit.credit(STEPS[step], right=True, hints=hints, tries=tries) == Decimal(worth)


def test_what_is_not_right_is_worth_nothing() -> None:
    assert credit.credit(STEPS["duty"], right=False) == 0


def test_whoever_guesses_among_four_through_three_tries_has_well_under_half() -> None:
    worth = [credit.credit(STEPS["dispute"], right=True, tries=number) for number in (1, 2, 3)]

    assert sum(worth) / 4 == Decimal("0.375")


@pytest.mark.parametrize(
    ("part", "hints", "tries", "worth"),
    [("0.6", 0, 1, "0.6"), ("0.6", 1, 1, "0.35"), ("0.25", 1, 2, "0"), ("1", 0, 1, "1")],
)
def test_of_what_is_not_right_the_part_counts_that_is(part: str, hints: int, tries: int, worth: str) -> None:
    given = credit.credit(STEPS["hs"], right=False, part=Decimal(part), hints=hints, tries=tries)

    assert given == Decimal(worth)
