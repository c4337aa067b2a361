"""Which rule holds on a day, and what an institution's own rules change."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from types import MappingProxyType

import pytest

from curriculum import catalog as catalogs
from curriculum.practice.flow import law
from curriculum.practice.flow.law import Worth

CBEC = catalogs.load("cbec")
CN = CBEC.rules["cn.cbec_import_limits"]


def with_rules(*changed: catalogs.Rule) -> catalogs.Catalog:
    return replace(CBEC, rules=MappingProxyType({**CBEC.rules, **{one.id: one for one in changed}}))


def test_the_newest_rule_with_such_a_figure_holds() -> None:
    limits = replace(CN, id="cn.next", valid_from=date(2027, 1, 1), params={**CN.params, "single_cny": 6000})
    catalog = with_rules(limits)

    assert law.held(catalog, "CN", law.SINGLE, date(2026, 12, 31)).id == CN.id
    assert law.held(catalog, "CN", law.SINGLE, date(2027, 1, 1)).id == "cn.next"


def test_a_rule_of_low_confidence_never_applies() -> None:
    doubtful = replace(CN, id="cn.doubtful", valid_from=date(2026, 1, 1), confidence="low")
    catalog = with_rules(doubtful)

    assert law.held(catalog, "CN", law.SINGLE, date(2026, 11, 25)).id == CN.id
    assert law.latest(catalog, "CN", law.SINGLE, date(2026, 11, 25)).id == CN.id


def test_a_day_without_a_rule_is_not_guessed() -> None:
    assert law.ruling(CBEC, "CN", law.SINGLE, date(2018, 12, 31)) is None
    with pytest.raises(LookupError):
        law.held(CBEC, "CN", law.SINGLE, date(2018, 12, 31))
    with pytest.raises(LookupError):
        law.latest(CBEC, "CN", "no_such_figure", date(2026, 11, 25))


def test_before_the_first_rule_the_first_one_is_the_latest() -> None:
    assert law.latest(CBEC, "US", law.SURCHARGE, date(2020, 1, 1)).id == "us.section122"
    assert law.latest(CBEC, "US", law.SURCHARGE, date(2030, 1, 1)).id == "us.section122"


def test_a_rule_that_is_still_to_come_is_not_the_latest() -> None:
    limits = replace(CN, id="cn.next", valid_from=date(2027, 1, 1))
    catalog = with_rules(limits)

    assert law.latest(catalog, "CN", law.SINGLE, date(2026, 12, 31)).id == CN.id
    assert law.latest(catalog, "CN", law.SINGLE, date(2027, 1, 1)).id == "cn.next"


def test_an_order_above_the_limit_is_no_retail_import() -> None:
    assert law.of_cn(CN, Decimal(5000), Decimal(0), Decimal(13)) == Decimal("455.00")
    with pytest.raises(ValueError, match="above the limit of a single order"):
        law.of_cn(CN, Decimal("5000.01"), Decimal(0), Decimal(13))


@pytest.mark.parametrize(
    ("taken", "vat", "per_cent"), [("0", "13", "9.10"), ("15", "13", "23.06"), ("10", "13", "17.89")]
)
def test_the_composite_rates_are_those_that_platforms_publish(taken: str, vat: str, per_cent: str) -> None:
    assert round(100 * law.composite(CN, Decimal(taken), Decimal(vat)), 2) == Decimal(per_cent)


def test_a_tariff_is_taken_of_value_and_carriage() -> None:
    assert Worth(Decimal("150.01"), Decimal(10), Decimal(12)).by_tariff == Decimal("19.20")
