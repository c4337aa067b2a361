"""Chance that is the same on every machine and in every version: hashes of a seed and a name. Floor 1.

Every throw has a name, so that a new throw leaves the others as they were.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeVar

Thing = TypeVar("Thing")


@dataclass(frozen=True)
class Dice:
    """Throws that depend on a seed alone.

    >>> Dice("1").whole("eyes", 1, 6) == Dice("1").whole("eyes", 1, 6)
    True
    """

    seed: str

    def whole(self, name: str, low: int, high: int) -> int:
        """A whole number from low to high, both included."""
        # 128 bits over a small range: the bias of the remainder is below 1e-30.
        number = int.from_bytes(hashlib.sha256(f"{self.seed}\x1f{name}".encode()).digest()[:16], "big")
        return low + number % (high - low + 1)

    def cents(self, name: str, low: Decimal, high: Decimal, step: Decimal = Decimal("0.01")) -> Decimal:
        """A decimal from low to high in whole steps."""
        return low + step * self.whole(name, 0, int((high - low) / step))

    def pick(self, name: str, things: Sequence[Thing]) -> Thing:
        """One of several things."""
        return things[self.whole(name, 0, len(things) - 1)]

    def draw(self, name: str, things: Sequence[Thing], count: int) -> list[Thing]:
        """Several different ones, in a chance order."""
        left = list(things)
        return [left.pop(self.whole(f"{name}.{number}", 0, len(left) - 1)) for number in range(count)]
