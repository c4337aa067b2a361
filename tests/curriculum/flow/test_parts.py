"""The smaller parts: screening, signs of risk, stock, disputes, the payout and the ads."""

from __future__ import annotations

from decimal import Decimal

import pytest

from curriculum.practice.dice import Dice
from curriculum.practice.flow import advertising, payments, selection, shelf
from curriculum.practice.flow import orders as ordering
from curriculum.practice.flow.scenario import DESTINATIONS
from tests.curriculum.flow import orders

TWO = [("6109.10", 2, "9.00"), ("9503.00", 3, "12.00")]


@pytest.mark.parametrize("to", DESTINATIONS)
def test_two_candidates_may_be_offered_and_three_have_a_reason_each(to: str) -> None:
    lines = TWO if to != "cn" else [("3304.99", 2, "90.00"), ("9603.21", 3, "30.00")]
    for seed in range(10):
        made, _ = selection.screen(Dice(f"{seed}"), orders.order(to, lines=lines))
        verdicts = [pair[1] for pair in made.right]  # type: ignore[union-attr]  # pairs
        assert verdicts.count("a") == 2
        assert len(set(verdicts)) == 4
        assert len(made.wrong) == 5 * 4


def test_only_the_eu_rests_on_its_rule_of_product_safety() -> None:
    rules = {to: selection.screen(Dice("1"), orders.order(to, lines=TWO))[0].rule for to in DESTINATIONS}

    assert {to for to, rule in rules.items() if rule} == {"eu"}


def test_two_or_three_signs_are_risky_and_all_are_told_apart() -> None:
    counts = set()
    for seed in range(20):
        made, _ = ordering.risk(Dice(f"{seed}"))
        counts.add(len(made.right))  # type: ignore[arg-type]  # keys
        assert len(made.wrong) == len(made.told) == 5
    assert counts == {2, 3}


def test_stock_falls_by_the_pieces_of_the_main_article_alone() -> None:
    world = orders.order(lines=[("6109.10", 2, "9.00"), ("6109.10", 1, "9.00"), ("9503.00", 4, "12.00")])
    made, _ = ordering.stock(Dice("1"), world)
    figure = {
        name: Decimal(str(made.facts[name]).replace(",", "")) for name in ("on_hand", "reserved", "coming", "ordered")
    }

    assert figure["ordered"] == 3
    assert made.right == figure["on_hand"] - figure["reserved"] - 3
    assert dict(made.wrong)["m.incoming_counted"] == made.right + figure["coming"]  # type: ignore[operator]  # a number


def test_each_reason_of_a_dispute_has_one_answer() -> None:
    data = shelf.pages()["disputes"]
    answers = set()
    for seed in range(30):
        made = payments.dispute(Dice(f"{seed}"))
        texts = dict(made.options)
        reason = next(name for name, text in data["reasons"].items() if text == made.facts["reason"])
        assert texts[made.right[0]] == data["evidence"][reason]  # type: ignore[index]  # an option's key
        answers.add(reason)
    assert answers == set(data["reasons"])


@pytest.mark.parametrize(("to", "tolerance"), [("eu", "0.10"), ("cn", "0.02")])
def test_a_payout_forgives_a_cent_rounded_before_it_is_converted(to: str, tolerance: str) -> None:
    assert payments.payout(orders.order(to)).tolerance == Decimal(tolerance)


def test_each_block_goes_where_the_next_one_brings_most() -> None:
    gains = [[Decimal(gain) for gain in row] for row in ([100, 60, 30], [80, 70, 10], [50, 45, 40])]

    assert advertising.best(gains, 4) == (Decimal(310), (2, 2, 0))
    assert advertising.best(gains, 9) == (Decimal(485), (3, 3, 3))
