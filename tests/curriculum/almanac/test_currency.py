"""Reference rates: of a day, of a weekend, across, beyond the data, and those that customs takes."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from curriculum.almanac import currency


def test_a_rate_is_the_one_that_was_published() -> None:
    quote = currency.on("EUR", "CNY", date(2026, 6, 30))

    assert (quote.rate, quote.day, quote.frozen, quote.crossed) == (Decimal("7.7314"), date(2026, 6, 30), False, False)


def test_a_rate_across_is_a_quotient_with_four_decimals() -> None:
    quote = currency.on("USD", "CNY", date(2026, 6, 30))

    assert quote.rate == (Decimal("7.7314") / Decimal("1.1394")).quantize(Decimal("0.0001"))
    assert quote.crossed
    assert quote.euro == (Decimal("1.1394"), Decimal("7.7314"))


def test_on_a_weekend_the_rate_of_friday_holds() -> None:
    for day in (date(2026, 6, 26), date(2026, 6, 27), date(2026, 6, 28)):
        quote = currency.on("EUR", "CNY", day)
        assert (quote.day, quote.frozen) == (date(2026, 6, 26), False)


def test_beyond_the_data_the_last_rate_holds_and_is_said_to_be_it() -> None:
    last = currency.last()
    friday = currency.on("EUR", "USD", last)
    weekend = currency.on("EUR", "USD", last + timedelta(days=2))
    monday = currency.on("EUR", "USD", last + timedelta(days=3))
    before = currency.on("EUR", "USD", currency.first() - timedelta(days=1))

    assert last.weekday() == 4
    assert [quote.day for quote in (friday, weekend, monday)] == [last] * 3
    assert [quote.frozen for quote in (friday, weekend, monday)] == [False, False, True]
    assert (before.day, before.frozen) == (currency.first(), True)


@pytest.mark.parametrize(
    ("day", "wednesday"),
    [
        (date(2026, 7, 1), date(2026, 6, 17)),  # Wednesdays of June: 3, 10, 17, 24
        (date(2026, 7, 31), date(2026, 6, 17)),
        (date(2026, 10, 15), date(2026, 9, 23)),  # the last one is the 30th, the end of the month
        (date(2026, 1, 2), date(2025, 12, 24)),
        (date(2024, 3, 1), date(2024, 2, 21)),
    ],
)
def test_customs_takes_the_penultimate_wednesday_of_the_month_before(day: date, wednesday: date) -> None:
    assert currency.customs_day(day) == wednesday
    assert currency.customs("USD", day).day == wednesday


def test_where_that_wednesday_has_no_rate_the_one_before_it_holds() -> None:
    """25 December 2024 was a Wednesday, but the last one; in 2019 the 25th was the last too: the 18th counts."""
    assert currency.customs_day(date(2025, 1, 10)) == date(2024, 12, 18)
    silent = [
        currency.customs_day(date(year, month, 1))
        for year in range(2020, 2027)
        for month in range(1, 11)
        if currency.customs("USD", date(year, month, 1)).day != currency.customs_day(date(year, month, 1))
    ]
    assert all(currency.published(day)[0] < day for day in silent)


def test_a_currency_without_a_rate_is_refused() -> None:
    with pytest.raises(KeyError, match="XXX"):
        currency.on("EUR", "XXX", date(2026, 6, 30))


def test_days_go_up_and_each_has_every_rate() -> None:
    days = [currency.first() + timedelta(days=number) for number in range(0, 2800, 97)]
    for day in days:
        found, rates = currency.published(day)
        assert found <= day
        assert set(rates) == {"EUR", *currency.codes()}
        assert min(rates.values()) > 0
