"""Figures of the flow against figures worked out by hand, each with its calculation and its source."""

from __future__ import annotations

import ast
import math
import operator
import re
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
import yaml

from curriculum import catalog as catalogs
from curriculum.almanac import calendars, currency
from curriculum.practice import figures, rates
from curriculum.practice.dice import Dice
from curriculum.practice.draft import Sum
from curriculum.practice.flow import listing, payments, pricing, service, taxes
from curriculum.practice.flow.logistics import Way
from curriculum.practice.flow.world import Parcel
from tests.curriculum.flow import orders

FIXTURES: dict[str, list[dict[str, Any]]] = yaml.safe_load((Path(__file__).parent / "fixtures.yaml").read_text("utf-8"))
ORDER = ("to", "day", "lines", "channel", "rate", "ct", "tariff", "standard", "express", "paid_duty")
SIGNS: dict[type, Callable[[Fraction, Fraction], Fraction]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}


def calculated(text: str) -> Fraction:
    """The value of plain arithmetic, exact."""

    def of(node: ast.expr) -> Fraction:
        if isinstance(node, ast.BinOp):
            return SIGNS[type(node.op)](of(node.left), of(node.right))
        return Fraction(ast.get_source_segment(text, node) or "")

    return of(ast.parse(text, mode="eval").body)


def cent(value: Fraction) -> Fraction:
    return Fraction(math.floor(value * 100 + Fraction(1, 2)), 100)


def priced(row: dict[str, Any], way: str) -> Sum:
    world = made(row)
    levy = taxes.levied(world)
    steps = (pricing.price(Dice(f"{turn}"), world, levy) for turn in range(50))
    return next(step for step in steps if step.variant == way)


def made(row: dict[str, Any]) -> Any:
    return orders.order(**{name: row[name] for name in ORDER if name in row})


def weighed(row: dict[str, Any]) -> Decimal:
    return Parcel(tuple(row["sides"]), Decimal(row["gross"]), row["divisor"], 1, Decimal(1), Decimal(0)).chargeable


def exchanged(row: dict[str, Any]) -> Decimal:
    return figures.rounded(Decimal(row["amount"]) * currency.on(row["unit"], row["per"], row["day"]).rate)


def declared(row: dict[str, Any]) -> Decimal:
    return figures.rounded(Decimal(row["amount"]) / currency.customs(row["currency"], row["day"]).rate)


def due(row: dict[str, Any]) -> Decimal:
    rate = rates.standard(catalogs.load("cbec"), row["country"], row["day"])
    return figures.rounded(Decimal(row["value"]) * figures.percent(rate))


GIVES: dict[str, Callable[[dict[str, Any]], Any]] = {
    "duty": lambda row: taxes.levied(made(row)).amount,
    "tax": lambda row: taxes.taxed(made(row), taxes.levied(made(row))),
    "landed": lambda row: pricing.cost(made(row), taxes.levied(made(row))),
    "floor": lambda row: priced(row, "floor").right,
    "target": lambda row: priced(row, "target").right,
    "payout": lambda row: payments.payout(made(row)).right,
    "refund": lambda row: service.refund(Dice("any"), made(row), taxes.levied(made(row)))[0].right,
    "weight": weighed,
    "rate": due,
    "exchange": exchanged,
    "customs_rate": declared,
    "gtin": lambda row: listing.check_digit([int(digit) for digit in row["digits"]]),
}
ROWS = [pytest.param(name, row, id=f"{name}: {row['say']}") for name in GIVES for row in FIXTURES[name]]


def test_there_are_more_than_forty_and_each_has_its_source() -> None:
    assert len(ROWS) >= 40
    assert all(row["source"] and (row.keys() & {"calculation", "count"}) for rows in FIXTURES.values() for row in rows)
    assert FIXTURES.keys() - GIVES.keys() == {"promise"}


@pytest.mark.parametrize(("name", "row"), ROWS)
def test_a_figure_is_that_of_its_calculation(name: str, row: dict[str, Any]) -> None:
    assert cent(calculated(row["calculation"])) == Fraction(row["is"])
    assert Fraction(GIVES[name](row)) == Fraction(row["is"])


@pytest.mark.parametrize("row", FIXTURES["promise"], ids=lambda row: str(row["say"]))
def test_a_day_of_delivery_is_the_one_counted_by_hand(row: dict[str, Any]) -> None:
    way = Way(calendars.of(row["origin"]), calendars.of(row["there"]), row["handed"], row["first"], row["second"])
    legs = [re.findall(r"\d+", leg) for leg in row["count"].split(";")]

    assert [len(leg) for leg in legs] == [row["first"], row["second"]]
    assert way.between().day == int(legs[0][-1])
    assert way.arrival().isoformat() == row["is"]
