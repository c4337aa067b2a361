"""The right answers, worked out again from nothing but the documents that a learner sees."""

from __future__ import annotations

import math
import re
from datetime import date
from fractions import Fraction

import pytest

from curriculum import practice
from curriculum.practice.task import Case

CASES = range(200)
TODAY = date(2026, 11, 25)


def number(cell: str) -> Fraction:
    """The one figure in a cell, such as 12.50 in `EUR 12.50`."""
    (found,) = re.findall(r"\d[\d,]*(?:\.\d+)?", cell)
    return Fraction(found.replace(",", ""))


def cell(case: Case, table: int, row: int) -> str:
    return case.tables[table].rows[row][1]["en"]


def answers(case: Case) -> list[float]:
    return [float(step.right) for step in case.steps]


def cent(value: Fraction | float, places: int = 2) -> Fraction:
    scale = 10**places
    return Fraction(math.floor(Fraction(value) * scale + Fraction(1, 2)), scale)


@pytest.mark.parametrize("seed", CASES)
def test_a_parcel_to_the_eu(seed: int) -> None:
    case = practice.case("eu_import", seed, TODAY)
    rows = [[entry["en"] for entry in row] for row in case.tables[0].rows]
    freight, insurance, rate = (number(cell(case, 1, row)) for row in range(3))
    early = re.search(r"declared on \d+.(May|June).2026", case.story["en"])

    value = sum((Fraction(pieces) * number(price) for _, _, pieces, price in rows), Fraction(0))
    duty = 0 if early else 3 * len({code for _, code, _, _ in rows})
    vat = cent((value + freight + insurance + duty) * rate / 100)

    assert answers(case) == [float(part) for part in (value, duty, vat, value + freight + insurance + duty + vat)]
    assert value <= 150


@pytest.mark.parametrize("seed", CASES)
def test_a_shipment(seed: int) -> None:
    case = practice.case("freight", seed, TODAY)
    cartons, each = number(cell(case, 0, 0)), number(cell(case, 0, 2))
    length, width, height = (Fraction(side) for side in re.findall(r"\d+", cell(case, 0, 1)))
    divisor = number(cell(case, 1, 0).replace("cm³", ""))
    rate, fuel = number(cell(case, 1, 2)), number(cell(case, 1, 3))
    revenue, goods = number(cell(case, 2, 0)), number(cell(case, 2, 1))

    volume = cent(cartons * length * width * height / divisor)
    charged = Fraction(math.ceil(2 * max(volume, cartons * each)), 2)
    cost = cent(charged * rate * (100 + fuel) / 100)
    margin = cent(100 * (revenue - goods - cost) / revenue, 1)

    assert answers(case) == [float(part) for part in (volume, charged, cost, margin)]


@pytest.mark.parametrize("seed", CASES)
def test_the_money_of_an_order(seed: int) -> None:
    case = practice.case("payout", seed, TODAY)
    price, shipping = number(cell(case, 0, 0)), number(cell(case, 0, 1))
    commission, fee = number(cell(case, 1, 0)), number(cell(case, 1, 3))
    rate = number(cell(case, 1, 1).split("=")[1])
    goods, freight = number(cell(case, 2, 0)), number(cell(case, 2, 1))

    kept = cent((price + shipping) * commission / 100)
    yuan = cent((price + shipping - kept) * rate)
    arrived = cent(yuan * (100 - fee) / 100)
    margin = cent(100 * (arrived - goods - freight) / arrived, 1)
    even = cent((goods + freight) / rate / (1 - fee / 100) / (1 - commission / 100) - shipping)

    assert answers(case) == [float(part) for part in (kept, yuan, arrived, margin, even)]
