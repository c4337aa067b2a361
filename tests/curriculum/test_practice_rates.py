"""Rates of VAT in a case: the dated rule before the almanac, and the rates that are taken for the right one."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from types import MappingProxyType

import pytest

from curriculum import catalog as catalogs
from curriculum import practice
from curriculum.almanac import currency, vat
from curriculum.practice import quoting, rates

CBEC = catalogs.load("cbec")
TODAY = date(2026, 11, 26)


def with_rate(country: str, rate: float, begin: date) -> catalogs.Catalog:
    """The catalog with a rule that changes a country's rate."""
    rule = replace(
        CBEC.rules["eu.ioss"],
        id="own.vat",
        jurisdiction=country,
        valid_from=begin,
        valid_to=None,
        params={"vat_rate": rate},
    )
    return replace(CBEC, rules=MappingProxyType({**CBEC.rules, rule.id: rule}))


def test_a_rule_of_the_institution_goes_before_the_almanac_from_its_day() -> None:
    there = with_rate("EE", 0.26, date(2026, 12, 1))

    assert rates.standard(there, "EE", date(2026, 11, 30)) == 24
    assert rates.standard(there, "EE", date(2026, 12, 1)) == 26
    assert rates.standard(there, "LV", date(2026, 12, 1)) == 21
    assert rates.mistaken("EE", date(2026, 12, 1), Decimal(26)).former is None


def test_of_two_rules_on_a_country_the_newer_one_holds() -> None:
    older = with_rate("EE", 0.25, date(2026, 11, 1))
    newer = replace(with_rate("EE", 0.26, date(2026, 12, 1)).rules["own.vat"], id="own.newer")
    for both in ((older.rules["own.vat"], newer), (newer, older.rules["own.vat"])):
        there = replace(CBEC, rules=MappingProxyType({**CBEC.rules, **{rule.id: rule for rule in both}}))
        assert [rates.standard(there, "EE", day) for day in (date(2026, 11, 30), date(2026, 12, 1))] == [25, 26]


def test_a_reduced_rate_like_the_former_one_is_no_mistake_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vat, "reduced", lambda _: (Decimal(22), Decimal(13), Decimal(9)))

    assert rates.mistaken("EE", TODAY, Decimal(24)) == rates.Mistaken(Decimal(22), date(2025, 6, 30), Decimal(9))


def test_cases_of_that_country_follow_the_rule() -> None:
    there = with_rate("LU", 0.15, date(2020, 1, 1))
    found = (practice.case("eu_import", seed, TODAY, there) for seed in range(200))
    case = next(one for one in found if "Luxembourg" in one.story["en"])

    assert "15 %" in {row[1]["en"] for table in case.tables for row in table.rows}


@pytest.mark.parametrize(
    ("country", "day", "former", "reduced"),
    [
        ("EE", date(2026, 11, 26), "22", "9"),  # 13 % is China's rate: it would be two mistakes at once
        ("EE", date(2029, 11, 26), None, "9"),  # nobody has the old rate in mind
        ("FI", date(2025, 1, 1), "24", "13.5"),
        ("SK", date(2025, 1, 1), "20", "19"),
        ("LU", date(2024, 6, 1), "16", "14"),
        ("DK", date(2026, 11, 26), None, None),
        ("GB", date(2026, 11, 26), None, "5"),
    ],
)
def test_rates_that_may_be_taken_for_the_right_one(
    country: str, day: date, former: str | None, reduced: str | None
) -> None:
    found = rates.mistaken(country, day, rates.standard(CBEC, country, day))

    assert found.former == (Decimal(former) if former else None)
    assert found.reduced == (Decimal(reduced) if reduced else None)
    assert len(rates.rows(found)) == len(rates.wrong(Decimal(100), found)) == bool(former) + bool(reduced)


def test_a_rate_says_its_bank_and_its_day() -> None:
    known = quoting.source(currency.on("EUR", "CNY", date(2026, 6, 29)))
    crossed = quoting.source(currency.on("GBP", "CNY", date(2026, 7, 1)))

    assert known["en"].replace("\xa0", " ") == "ECB reference rate of 29 June 2026"
    assert crossed["en"].replace("\xa0", " ") == (
        "ECB reference rates of 1 July 2026: 1 EUR = CNY 7.7342 = GBP 0.85973"
    )
    assert crossed["zh"].startswith("由欧洲央行")


def test_a_rate_older_than_its_case_says_so() -> None:
    late = quoting.source(currency.on("EUR", "CNY", date(2027, 3, 1)))

    assert late["en"].endswith("the data have none nearer to the day of the case")
    assert late["zh"].endswith("数据中没有更接近案例日期的汇率")


def test_the_money_of_an_order_is_converted_on_a_day_of_the_year_before() -> None:
    stories = {practice.case("payout", seed, TODAY).story["en"] for seed in range(20)}
    sources = {practice.case("payout", seed, TODAY).tables[1].rows[2][1]["en"] for seed in range(20)}

    assert len(stories) == 20
    assert len(sources) > 10
    assert all(source.startswith("ECB reference rate") for source in sources)
