"""The right answers, worked out again from nothing but the story and the documents that a learner sees."""

from __future__ import annotations

import math
import re
from datetime import date, timedelta
from fractions import Fraction
from itertools import product

import pytest

from curriculum import practice
from curriculum.practice.task import Case, Step

CASES = range(25)
TODAY = date(2026, 11, 25)
FLOWS = ("flow_eu", "flow_uk", "flow_us", "flow_cn")
MONTHS = ["January", "February", "March", "April", "May", "June", "July"]
MONTHS += ["August", "September", "October", "November", "December"]


def cent(value: Fraction, places: int = 2) -> Fraction:
    scale = 10**places
    return Fraction(math.floor(value * scale + Fraction(1, 2)), scale)


def number(text: str) -> Fraction:
    """The last figure of a cell, such as 12.50 in `EUR 12.50`."""
    return Fraction(re.findall(r"\d[\d,]*(?:\.\d+)?", text)[-1].replace(",", ""))


def days(text: str) -> list[date]:
    found = re.findall(r"(\d+) (\w+) (\d{4})", text.replace("\N{NO-BREAK SPACE}", " "))
    return [date(int(year), MONTHS.index(month) + 1, int(day)) for day, month, year in found]


class Papers:
    """The documents of a case by the title and the first cell of a row."""

    def __init__(self, case: Case) -> None:
        self.rows = {table.title["en"]: [[cell["en"] for cell in row] for row in table.rows] for table in case.tables}
        self.case = case

    def cell(self, row: str) -> str:
        return next(line[1] for rows in self.rows.values() for line in rows if line[0].startswith(row))

    def figure(self, row: str) -> Fraction:
        return number(self.cell(row))

    def share(self, row: str) -> Fraction:
        return self.figure(row) / 100

    def step(self, name: str) -> Step:
        return next(step for step in self.case.steps if step.id == name)

    def right(self, name: str) -> Fraction:
        return Fraction(str(self.step(name).right))

    def chosen(self, name: str) -> str:
        step = self.step(name)
        return next(option.text["en"] for option in step.options if (option.key,) == step.right)


@pytest.fixture(params=[(kind, seed) for kind in FLOWS for seed in CASES], ids=str)
def papers(request: pytest.FixtureRequest) -> Papers:
    kind, seed = request.param
    return Papers(practice.case(kind, seed, TODAY))


def test_the_figures_of_an_order_follow_from_its_documents(papers: Papers) -> None:
    kind = papers.case.kind
    (day,) = days(papers.case.story["en"])
    rows = papers.rows["Invoice"]
    goods = sum((Fraction(pieces) * number(price) for _, pieces, price in rows), Fraction(0))
    standard, express = papers.figure("Standard delivery"), papers.figure("Extra for express")
    paid, tariff = goods + standard + express, papers.share("Duty rate")
    lines = len({name.rsplit(",", 1)[0] for name, *_ in rows[:2]}) + len(rows) - 2
    shop, ddp = papers.cell("Sold by"), papers.cell("Promised").startswith("nothing")

    duty = tax = Fraction(0)
    if kind == "flow_eu":
        dear = goods > 150
        duty = cent(paid * tariff) if dear else Fraction(3 * lines if day >= date(2026, 7, 1) else 0)
        at_import = dear or "without an IOSS" in shop
        tax = cent((paid + (duty if at_import else 0)) * papers.share("VAT rate, standard"))
    elif kind == "flow_uk":
        dear = goods > 135
        duty = cent(paid * tariff) if dear else duty
        tax = cent((paid + duty) * papers.share("VAT rate, standard"))
    elif kind == "flow_us":
        extra = Fraction(1, 10) if date(2026, 2, 24) <= day <= date(2026, 7, 23) else 0
        duty = cent(goods * (tariff + extra))
        tax = duty + papers.figure("Fee of the broker")
    else:
        taken, vat = papers.share("Consumption tax"), papers.share("VAT rate, standard")
        tax = cent(paid * (taken + vat) / (1 - taken) * Fraction(7, 10))

    assert papers.right("value") == (paid if kind == "flow_cn" else goods)
    assert papers.right("duty") == duty
    assert papers.right("vat") == tax

    length, width, height = (Fraction(side) for side in re.findall(r"\d+", papers.rows["The packed parcel"][0][1]))
    weight = max(cent(length * width * height / papers.figure("Volumetric")), papers.figure("Weight on"))
    charged = Fraction(math.ceil(2 * weight), 2)
    freight = cent(charged * number(papers.cell("Rate")) * (1 + papers.share("Fuel")))
    assert papers.right("chargeable") == charged

    home = papers.figure("Purchase") + freight
    rate, buffer = papers.figure("Exchange rate"), papers.share("Safety margin")
    own = duty if ddp and kind != "flow_cn" else 0
    cost = home * rate * (1 + buffer) if kind == "flow_cn" else home / (rate * (1 - buffer)) + own
    assert papers.right("landed") == cent(cost)

    kept = papers.share("Commission") + papers.share("Fee of the payment")
    wanted = re.search(r"are (\d+) % of the price", papers.step("price").question["en"])
    assert papers.right("price") == cent(cent(cost) / (1 - kept - (Fraction(wanted[1]) / 100 if wanted else 0)))

    net = paid * (1 - kept) * (1 - papers.share("Conversion"))
    assert papers.right("payout") == cent(net / rate if kind == "flow_cn" else net * rate)

    refunds = {
        "flow_us": cent(goods * (1 - share_of(papers.cell("Terms")))),
        "flow_cn": goods + tax,
    }
    assert papers.right("refund") == refunds.get(kind, goods + standard)


def share_of(text: str) -> Fraction:
    found = re.search(r"(\d+) %", text)
    assert found
    return Fraction(found[1]) / 100


def test_what_is_counted_and_compared_follows_from_the_documents(papers: Papers) -> None:
    rows = papers.rows["Invoice"]
    ordered = int(rows[0][1]) + int(rows[1][1])
    assert papers.right("stock") == papers.figure("In the warehouse") - papers.figure("Reserved") - ordered

    ways = {
        name: number(proceeds) - number(cost)
        for name, proceeds, cost in papers.rows["What can be done with the return"]
    }
    assert papers.chosen("disposition") == max(ways, key=lambda name: ways[name])

    gains = [
        [number(cell) for cell in row[1:]]
        for row in papers.rows["What the first, second, third and fourth block bring, before the ads are paid"]
    ]
    asked = re.search(r"(\d) blocks of \w+ ([\d.]+)", papers.step("split").question["en"])
    assert asked
    splits = [split for split in product(range(5), repeat=3) if sum(split) == int(asked[1])]
    best = max(
        sum((sum(row[:count], Fraction(0)) for row, count in zip(gains, split, strict=True)), Fraction(0))
        for split in splits
    )
    assert papers.right("split") == best - int(asked[1]) * Fraction(asked[2])

    digits = [int(digit) for digit in re.findall(r"\d", papers.rows["Barcode"][0][1])]
    (last,) = papers.step("gtin").right if isinstance(papers.step("gtin").right, tuple) else ("",)
    assert (sum(digits[::2]) + 3 * sum(digits[1::2]) + int(last)) % 10 == 0


def test_the_day_of_delivery_follows_from_the_calendar(papers: Papers) -> None:
    calendar = dict(papers.rows["Delivery calendar"])
    (day,) = days(calendar["Handed over to the carrier"])
    places = [name.removeprefix("Public holidays in ") for name in calendar if name.startswith("Public")]
    transit = re.fullmatch(r"(\d+) working days in (.+), then (\d+) in (.+)", papers.cell("Transit"))
    assert transit
    assert [place.split(", ")[1] for place in places] == [transit[2], transit[4]]
    for count, place in zip((int(transit[1]), int(transit[3])), places, strict=True):
        left = count
        off = days(calendar[f"Public holidays in {place}"])
        worked = days(calendar.get(f"Weekend days that are worked in {place}", ""))
        while left:
            day += timedelta(days=1)
            left -= day in worked or (day.weekday() < 5 and day not in off)

    assert days(papers.chosen("promise")) == [day]
