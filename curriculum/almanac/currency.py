"""What money was worth on a day: reference rates of the European Central Bank, and the one customs takes. Floor 1.

The ECB publishes, on each of its working days, how many units of a currency one euro is worth. A rate between two other
currencies is their quotient. Statistics of the ECB, unmodified; where a day has none, the last one published holds.
"""

from __future__ import annotations

import functools
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from curriculum.almanac import pages

EURO = "EUR"
WEDNESDAY, SATURDAY = 2, 5
PLACES = Decimal("0.0001")
"""A rate between two currencies that are not the euro is rounded to the decimals that the ECB gives most of its own."""


@dataclass(frozen=True)
class Quote:
    """An exchange rate, and where it comes from.

    Attributes:
        rate: Units of `per` for one `unit`, exact, or rounded to four decimals where neither is the euro.
        unit: ISO 4217 code.
        per: ISO 4217 code.
        day: Of the reference rates that it rests on.
        asked: The day that it is for.
        euro: Units of `unit` and of `per` for one euro.
    """

    rate: Decimal
    unit: str
    per: str
    day: date
    asked: date
    euro: tuple[Decimal, Decimal]

    @property
    def frozen(self) -> bool:
        """Whether the data lack the rate of the day: working days lie between their end and it, or it is older."""
        if self.asked < self.day:
            return True
        ahead = (last() + timedelta(days=number) for number in range(1, (self.asked - last()).days + 1))
        return any(day.weekday() < SATURDAY for day in ahead)

    @property
    def crossed(self) -> bool:
        """Whether it is a quotient of two rates."""
        return EURO not in {self.unit, self.per}


@functools.cache
def _table() -> tuple[tuple[str, ...], tuple[date, ...], tuple[str, ...]]:
    """Currencies, days, and the rates of each day as one line that is split when it is asked for."""
    head, *lines = pages.text("ecb.csv").splitlines()
    return tuple(head.split(",")[1:]), tuple(date.fromisoformat(line[:10]) for line in lines), tuple(lines)


def codes() -> tuple[str, ...]:
    """The currencies beside the euro."""
    return _table()[0]


def first() -> date:
    """The first day with rates."""
    return _table()[1][0]


def last() -> date:
    """The last day with rates."""
    return _table()[1][-1]


def published(day: date) -> tuple[date, Mapping[str, Decimal]]:
    """The rates that held on a day, by currency, for one euro, and the day on which they were published.

    Args:
        day: Any day; before the first one with rates, that one.
    """
    known, days, lines = _table()
    place = max(0, bisect_right(days, day) - 1)
    found = dict(zip(known, map(Decimal, lines[place].split(",")[1:]), strict=True))
    return days[place], {**found, EURO: Decimal(1)}


def on(unit: str, per: str, day: date) -> Quote:
    """What one unit of a currency was worth in another on a day.

    Args:
        unit: ISO 4217 code.
        per: The other.
        day: Any day.

    Raises:
        KeyError: There is no rate of a currency.

    Examples:
        >>> on("EUR", "CNY", date(2026, 6, 29)).rate
        Decimal('7.7492')
        >>> on("USD", "CNY", date(2026, 6, 28)).day  # a Sunday
        datetime.date(2026, 6, 26)
    """
    found, rates = published(day)
    euro = rates[unit], rates[per]
    rate = euro[1] if unit == EURO else (euro[1] / euro[0]).quantize(PLACES)
    return Quote(rate, unit, per, found, day, euro)


def customs_day(day: date) -> date:
    """The day whose rate customs of the EU takes on another: the penultimate Wednesday of the month before.

    Implementing Regulation (EU) 2015/2447, Article 146(2) and (3).

    >>> customs_day(date(2026, 7, 1)), customs_day(date(2026, 7, 31))
    (datetime.date(2026, 6, 17), datetime.date(2026, 6, 17))
    """
    end = day.replace(day=1) - timedelta(days=1)
    return end - timedelta(days=(end.weekday() - WEDNESDAY) % 7 + 7)


def customs(code: str, day: date) -> Quote:
    """Units of a currency for one euro, as customs of the euro area takes them for a declaration of a day.

    Where none was published on that Wednesday, the one before holds (Article 146(2)).

    Args:
        code: ISO 4217.
        day: Of the declaration.

    Raises:
        KeyError: There is no rate of the currency.
    """
    return on(EURO, code, customs_day(day))
