"""Numbers as a page shows them: rounded so that parts add up as shown, with true signs and no-break spaces. Floor 3.

Pure. Sources: the hundredths are given out by largest remainder; `design` asks for `24 %` and a true minus sign.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

MINUS = "\N{MINUS SIGN}"
NBSP = "\N{NO-BREAK SPACE}"
SCALE = 5.0


def hundredths(values: Sequence[float]) -> list[int]:
    """Whole hundredths, each within one of its value, whose sum is the rounded sum of the values.

    >>> hundredths([0.333, 0.333, 0.334])
    [33, 33, 34]
    >>> sum(hundredths([1.005, -2.004, 0.504])) == round(100 * (1.005 - 2.004 + 0.504))
    True
    """
    exact = [100 * value for value in values]
    floors = [math.floor(value) for value in exact]
    missing = round(math.fsum(exact)) - sum(floors)
    order = sorted(range(len(exact)), key=lambda position: floors[position] - exact[position])
    for position in order[:missing]:
        floors[position] += 1
    return floors


def decimal(count: int) -> str:
    """Hundredths as a plain number.

    >>> decimal(62), decimal(-5)
    ('0.62', '−0.05')
    """
    return f"{MINUS if count < 0 else ''}{abs(count) // 100}.{abs(count) % 100:02d}"


def signed(count: int) -> str:
    """Hundredths with their sign.

    >>> signed(31), signed(-5), signed(0)
    ('+0.31', '−0.05', '0.00')
    """
    return decimal(count) if count <= 0 else f"+{decimal(count)}"


def percent(chance: float) -> str:
    r"""A chance from 0 to 1 as whole per cent; never 0 or 100, which no estimate can promise.

    >>> percent(0.757), percent(0.9999)
    ('76\xa0%', '99\xa0%')
    """
    return f"{min(99, max(1, round(100 * chance)))}{NBSP}%"


def share(part: float) -> str:
    r"""What was counted, from 0 to 1, as whole per cent.

    >>> share(0.0), share(0.667)
    ('0\xa0%', '67\xa0%')
    """
    return f"{round(100 * part)}{NBSP}%"


def level(value: float) -> str:
    """A level from 0 to 5 with one decimal.

    >>> level(2.345)
    '2.3'
    """
    return f"{value:.1f}"


def across(value: float) -> str:
    """A level as a place on the meter, for an SVG attribute.

    >>> across(1.6)
    '32.0%'
    """
    return f"{100 * min(SCALE, max(0.0, value)) / SCALE:.1f}%"


def part(share_: float) -> str:
    """A share from 0 to 1 as a width, for an SVG attribute.

    >>> part(0.4567), part(0.0)
    ('45.7%', '0.0%')
    """
    return f"{100 * min(1.0, max(0.0, share_)):.1f}%"


def tenths(count: int, *, plus: bool = False) -> str:
    """Tenths as a number with one decimal, with its sign where it is one part of a sum.

    >>> tenths(16), tenths(-3), tenths(4, plus=True), tenths(0, plus=True)
    ('1.6', '−0.3', '+0.4', '0.0')
    """
    sign = MINUS if count < 0 else "+" if plus and count else ""
    return f"{sign}{abs(count) // 10}.{abs(count) % 10}"
