"""Exact amounts: rounding half up, and figures as a case shows them. Floor 1.

Decimal arithmetic, never floats: the same cent on every machine.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import ROUND_CEILING, ROUND_HALF_UP, Decimal

HUNDRED = Decimal(100)
# strftime would ask the locale of the machine.
_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


def rounded(value: Decimal, places: int = 2) -> Decimal:
    """A value with so many decimals, half up.

    >>> rounded(Decimal("2.345")), rounded(Decimal("-0.05"), 1)
    (Decimal('2.35'), Decimal('-0.1'))
    """
    return value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)


def percent(rate: Decimal) -> Decimal:
    """Per cent as a factor."""
    return rate / HUNDRED


def half_up(value: Decimal) -> Decimal:
    """The next half, upwards: how carriers round kilograms.

    >>> half_up(Decimal("4.1")), half_up(Decimal("4.5"))
    (Decimal('4.5'), Decimal('4.5'))
    """
    return (value * 2).to_integral_value(ROUND_CEILING) / 2


def shown(value: Decimal, places: int = 2) -> str:
    r"""An amount as a page shows it: grouped, with a true minus sign.

    >>> shown(Decimal("1234.5")), shown(Decimal("-3"), 1)
    ('1,234.50', '−3.0')
    """
    return f"{rounded(value, places):,}".replace("-", "\N{MINUS SIGN}")


def plain(value: Decimal) -> str:
    """A rate as it is written: no zeros at its end.

    >>> plain(Decimal("25.5")), plain(Decimal("20.00"))
    ('25.5', '20')
    """
    return f"{value.normalize():f}"


def day(when: date) -> Mapping[str, str]:
    r"""A day in a sentence, with no-break spaces.

    >>> day(date(2026, 7, 1))["en"].replace("\xa0", " "), day(date(2026, 7, 1))["zh"].replace("\xa0", " ")
    ('1 July 2026', '2026 年 7 月 1 日')
    """
    gap = "\N{NO-BREAK SPACE}"
    return {
        "en": f"{when.day}{gap}{_MONTHS[when.month - 1]} {when.year}",
        "zh": f"{when.year}{gap}年{gap}{when.month}{gap}月{gap}{when.day}{gap}日",
    }
