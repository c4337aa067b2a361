"""What an error would have cost, in money and in points of margin."""

from __future__ import annotations

from decimal import Decimal

from curriculum.practice.flow import counterfactual
from tests.curriculum.flow import orders

# The buyer pays EUR 60, that is CNY 468; freight by 4.0 kg is 112.00, by 2.5 kg 70.00.
ORDER = orders.order(lines=[("6109.10", 5, "10.00")], standard="10.00")


def test_a_cost_that_was_overlooked_lowers_the_margin() -> None:
    """46.80 of 468 yuan are ten points."""
    assert counterfactual.points(ORDER, Decimal("46.80")) == Decimal("-10.0")
    assert counterfactual.margin(ORDER, Decimal("46.80")) == {
        "en": "margin −10.0 points",
        "zh": "利润率 −10.0 个百分点",
    }


def test_one_that_is_not_due_raises_it_and_none_leaves_it() -> None:
    assert counterfactual.margin(ORDER, Decimal("-4.68"))["en"] == "margin +1.0 points"
    assert counterfactual.margin(ORDER, Decimal("0.01"))["en"] == "margin 0.0 points"


def test_a_weight_says_both_bills_and_the_margin() -> None:
    told = counterfactual.weight(ORDER, Decimal("2.50"))

    assert told["en"] == " With 4.00 kg, not 2.50 kg: freight CNY 112.00 instead of 70.00, margin −9.0 points."
    assert told["zh"] == "按 4.00 kg 而不是 2.50 kg：运费 CNY 112.00，而不是 70.00，利润率 −9.0 个百分点。"


def test_an_amount_of_the_buyer_s_currency_is_weighed_in_the_seller_s() -> None:
    """EUR 3 of 60 are five points."""
    assert counterfactual.amount(ORDER, Decimal(6), Decimal(3))["en"] == " With EUR 6.00, not 3.00: margin −5.0 points."
