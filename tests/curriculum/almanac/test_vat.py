"""Standard rates by date: on both sides of each change, and the reduced ones."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from curriculum.almanac import vat


@pytest.mark.parametrize(
    ("country", "day", "before", "after"),
    [
        ("EE", date(2024, 1, 1), "20", "22"),
        ("EE", date(2025, 7, 1), "22", "24"),
        ("SK", date(2025, 1, 1), "20", "23"),
        ("FI", date(2024, 9, 1), "24", "25.5"),
        ("RO", date(2025, 8, 1), "19", "21"),
        ("LU", date(2023, 1, 1), "17", "16"),
        ("LU", date(2024, 1, 1), "16", "17"),
        ("DE", date(2020, 7, 1), "19", "16"),
        ("DE", date(2021, 1, 1), "16", "19"),
        ("IE", date(2021, 3, 1), "21", "23"),
        ("CN", date(2019, 4, 1), "16", "13"),
    ],
)
def test_a_rate_changes_at_the_start_of_its_day(country: str, day: date, before: str, after: str) -> None:
    eve = day - timedelta(days=1)

    assert vat.standard(country, eve).percent == Decimal(before)
    assert vat.standard(country, day).percent == Decimal(after)
    assert vat.standard(country, eve).until == eve
    assert vat.former(country, day) == vat.standard(country, eve)


def test_there_are_the_27_the_united_kingdom_and_china() -> None:
    assert len(vat.countries()) == 29
    assert vat.standard("GB", date(2026, 11, 26)).percent == 20
    assert vat.former("GB", date(2026, 11, 26)) is None


def test_before_the_data_the_first_rate_stands() -> None:
    assert vat.standard("PL", date(2011, 1, 1)) == vat.history("PL")[0]
    assert vat.history("PL")[0].since == vat.BEGIN


def test_reduced_rates_come_highest_first_and_there_may_be_none() -> None:
    assert vat.reduced("EE") == (Decimal(13), Decimal(9))
    assert vat.reduced("DK") == ()
    assert vat.reduced("CN") == ()
