"""A figure as an instructor writes it: "12.50", or drawn from "10 to 20 step 0.5". Floor 1."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from curriculum.practice.dice import Dice

_ONE = r"[0-9]{1,7}(?:\.[0-9]{1,3})?"
_RANGE = re.compile(rf"({_ONE})(?:\s*(?:to|至|到|–|-|\.\.)\s*({_ONE})(?:\s*(?:step|步长)\s*({_ONE}))?)?")
STEPS = 100_000


@dataclass(frozen=True)
class Range:
    """From low to high, both included, in steps."""

    low: Decimal
    high: Decimal
    step: Decimal

    @property
    def fixed(self) -> bool:
        """Whether it is one figure."""
        return self.low == self.high

    def drawn(self, dice: Dice, name: str) -> Decimal:
        """A figure of it."""
        return self.low if self.fixed else dice.cents(name, self.low, self.high, self.step)


def read(text: str) -> Range | None:
    """Read a figure or a range; None where it is neither.

    >>> read("12.50"), read("10 to 20 step 0.5").step, read("20 to 10")
    (Range(low=Decimal('12.50'), high=Decimal('12.50'), step=Decimal('1')), Decimal('0.5'), None)
    """
    found = _RANGE.fullmatch(text.strip())
    if found is None:
        return None
    low, high = Decimal(found[1]), Decimal(found[2] or found[1])
    step = Decimal(found[3] or "1")
    if high < low or step <= 0 or (high - low) / step > STEPS:
        return None
    return Range(low, high, step)
