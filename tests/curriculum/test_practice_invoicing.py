"""An invoice in another currency: worked out again from its documents, and from the rates as the ECB published them."""

from __future__ import annotations

import math
import re
from datetime import date, timedelta
from fractions import Fraction

import pytest

from curriculum import practice
from curriculum.almanac import pages
from curriculum.practice.task import Case

TODAY = date(2026, 11, 26)
CASES = [practice.case("invoice", seed, TODAY) for seed in range(60)]
MONTHS = ["January", "February", "March", "April", "May", "June", "July"]
MONTHS += ["August", "September", "October", "November", "December"]
RATES = {row["day"]: row for row in pages.rows("ecb.csv")}


def cent(value: Fraction) -> Fraction:
    return Fraction(math.floor(value * 100 + Fraction(1, 2)), 100)


def day(text: str) -> date:
    number, month, year = text.replace("\xa0", " ").replace(",", "").split()[:3]
    return date(int(year), MONTHS.index(month) + 1, int(number))


def number(text: str) -> Fraction:
    return Fraction(re.findall(r"\d[\d,]*(?:\.\d+)?", text)[0].replace(",", ""))


def cells(case: Case, table: int) -> dict[str, str]:
    return {row[0]["en"]: row[1]["en"] for row in case.tables[table].rows}


def penultimate_wednesday(when: date) -> date:
    """Of the month before, found by listing it."""
    month = when.replace(day=1) - timedelta(days=1)
    days = [month.replace(day=number) for number in range(1, month.day + 1)]
    return [one for one in days if one.strftime("%a") == "Wed"][-2]


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case.seed))
def test_an_invoice_follows_from_its_documents(case: Case) -> None:
    papers, taxes = cells(case, 0), cells(case, 2)
    published = {day(text): number(rate) for text, rate in cells(case, 1).items()}
    sold, declared = day(papers["Sold on"]), day(papers["Declared on"])
    goods, freight = (number(papers[name][4:]) for name in ("Goods", "Freight"))
    held = max(one for one in published if one <= sold)
    counts = max(one for one in published if one <= penultimate_wednesday(declared))

    sale = cent(goods / published[held])
    value = cent((goods + freight) / published[counts])
    duty = cent(value * number(taxes["Duty rate of the tariff"]) / 100)
    tax = cent((value + duty) * number(taxes["VAT rate, standard"]) / 100)
    assert [Fraction(str(step.right)) for step in case.steps] == [sale, value, duty, tax]
    assert value > 150


@pytest.mark.parametrize("case", CASES[::6], ids=lambda case: str(case.seed))
def test_its_rates_are_those_of_the_bank(case: Case) -> None:
    money = cells(case, 0)["Goods"][:3]
    for text, rate in cells(case, 1).items():
        assert Fraction(RATES[day(text).isoformat()][money]) == number(rate)


def test_days_lie_on_both_sides_of_a_change_of_vat_and_never_after_today() -> None:
    causes = {wrong.cause for case in CASES for wrong in case.steps[3].wrong}
    days = [day(cells(case, 0)["Declared on"]) for case in CASES]

    assert {"m.vat_former_rate", "m.vat_rate_early", "m.vat_reduced_rate"} <= causes
    assert max(days) <= date(2026, 10, 30) < TODAY
    assert {one.year for one in days} >= {2025, 2026}
    assert all(one.weekday() < 5 for one in days)


def test_some_sales_lie_on_a_weekend_and_say_which_rate_holds() -> None:
    weekend = [case for case in CASES if day(cells(case, 0)["Sold on"]).weekday() > 4]

    assert weekend
    assert all("none was published" in case.steps[0].explanation["en"] for case in weekend)


def test_before_the_data_end_a_case_is_of_its_own_time() -> None:
    case = practice.case("invoice", 5, date(2025, 3, 3))

    assert day(cells(case, 0)["Declared on"]) <= date(2025, 3, 3)
