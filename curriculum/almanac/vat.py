"""Rates of value added tax on a day: standard ones with their history, reduced ones as they are now. Floor 1.

The history is kept by hand after the laws (no package has it), the newest of it is held against the European
Commission's TEDB when the data are frozen.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from curriculum.almanac import pages

BEGIN = date(2019, 1, 1)
"""Where every line of the history begins; what held before is not in it."""


@dataclass(frozen=True)
class Rate:
    """A standard rate.

    Attributes:
        percent: Such as 25.5.
        since: Its first day; `BEGIN` where it is older than the data.
        until: The day before the next one; None where none is known.
    """

    percent: Decimal
    since: date
    until: date | None = None


@functools.cache
def _histories() -> Mapping[str, tuple[Rate, ...]]:
    found = {}
    for country, line in pages.tree("vat.yaml").items():
        spans = sorted(line["rates"].items())
        ends = [date.fromordinal(begin.toordinal() - 1) for begin, _ in spans[1:]]
        found[country] = tuple(
            Rate(Decimal(percent), begin, end) for (begin, percent), end in zip(spans, [*ends, None], strict=True)
        )
    return found


@functools.cache
def _reduced() -> Mapping[str, tuple[Decimal, ...]]:
    return {
        row["country"]: tuple(Decimal(one) for one in row["reduced"].split()) for row in pages.rows("vat_reduced.csv")
    }


def countries() -> tuple[str, ...]:
    """Codes of the countries with a history, ISO 3166-1 alpha-2."""
    return tuple(_histories())


def history(country: str) -> tuple[Rate, ...]:
    """Its standard rates, oldest first.

    Raises:
        KeyError: It is not in the data.
    """
    return _histories()[country]


def standard(country: str, day: date) -> Rate:
    """The standard rate on a day; before the data, the first one.

    Args:
        country: ISO 3166-1 alpha-2; Greece is GR.
        day: Any day.

    Raises:
        KeyError: It is not in the data.

    Examples:
        >>> [str(standard("FI", date(2024, month, 1)).percent) for month in (8, 9)]
        ['24', '25.5']
    """
    begun = [rate for rate in history(country) if rate.since <= day]
    return begun[-1] if begun else history(country)[0]


def former(country: str, day: date) -> Rate | None:
    """The rate before the one of a day; None where the data know none.

    Raises:
        KeyError: The country is not in the data.
    """
    now = standard(country, day)
    before = [rate for rate in history(country) if rate.since < now.since]
    return before[-1] if before else None


def reduced(country: str) -> tuple[Decimal, ...]:
    """Reduced rates as they were when the data were frozen, highest first; empty where there are none."""
    return tuple(sorted(_reduced().get(country, ()), reverse=True))
