"""A number of a profile, with how sure it is and what it rests on. Floor 2.

No number without its evidence: under the least evidence the value is None and `missing` says how much is lacking.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np
from scipy import special

ENOUGH = 3  # answers, for an estimate to be shown
RANGE = (0.1, 0.9)  # the likely range holds 8 cases in 10
_Z = 1.2815515655446004  # of the normal distribution at .9


@dataclass(frozen=True)
class Measure:
    """One number.

    Attributes:
        method: Key of the words that say how it was computed.
        value: The estimate; None under the least evidence.
        low: Lower end of its likely range (8 in 10); None with `value`.
        high: Upper end.
        count: Pieces of evidence that it rests on.
        missing: How many more are needed before it is shown; 0 once it is.
        seqs: Places of those statements in the institution's store, in time order; those from elsewhere are left out.
        unit: What the value is in: "share" (0..1), "level", "level/hour", "level/activity", "hours/week", "ratio",
            "hour" (of the day), "days", "minutes", "count".
    """

    method: str
    value: float | None
    low: float | None
    high: float | None
    count: int
    missing: int
    seqs: tuple[int, ...] = ()
    unit: str = "share"

    @property
    def known(self) -> bool:
        """Whether there is enough data for a value."""
        return self.value is not None


def unknown(method: str, count: int, needed: int, seqs: Sequence[int] = (), unit: str = "share") -> Measure:
    """A number that lacks evidence.

    Args:
        method: Key of the words.
        count: Evidence that there is.
        needed: Evidence that it takes.
        seqs: Where the evidence is.
        unit: What the value would be in.
    """
    return Measure(method, None, None, None, count, max(1, needed - count), stored(seqs), unit)


def share(method: str, right: Sequence[bool], seqs: Sequence[int], needed: int = ENOUGH) -> Measure:
    """How many of some answers were so.

    Args:
        method: Key of the words.
        right: One an answer.
        seqs: One an answer; -1 where it is not from a store.
        needed: Answers under which there is no value.
    """
    if len(right) < needed:
        return unknown(method, len(right), needed, seqs)
    value = sum(right) / len(right)
    low, high = likely(value, float(len(right)))
    return Measure(method, value, low, high, len(right), 0, stored(seqs))


def mean(
    method: str, values: Sequence[float], seqs: Sequence[int], unit: str, *, needed: int = ENOUGH, least: float = 0.0
) -> Measure:
    """Mean of some values; its range is of the t distribution.

    Args:
        method: Key of the words.
        values: At least `needed`, else there is no value.
        seqs: Evidence.
        unit: What the values are in.
        needed: Values under which there is no value; at least 2.
        least: No range ends below it.
    """
    if len(values) < needed:
        return unknown(method, len(values), needed, seqs, unit)
    drawn = np.asarray(values, dtype=np.float64)
    value = float(drawn.mean())
    wide = float(special.stdtrit(len(values) - 1, RANGE[1])) * float(drawn.std(ddof=1)) / sqrt(len(values))
    return Measure(method, value, max(value - wide, least), value + wide, len(values), 0, stored(seqs), unit)


def normal(
    method: str, value: float, spread: float, seqs: Sequence[int], unit: str, *, count: int | None = None
) -> Measure:
    """An estimate with a normal error.

    Args:
        method: Key of the words.
        value: The estimate.
        spread: Its standard error.
        seqs: Evidence.
        unit: What the value is in.
        count: Pieces of evidence, where that is not the number of `seqs`.
    """
    wide = _Z * spread
    return Measure(
        method, value, value - wide, value + wide, len(seqs) if count is None else count, 0, stored(seqs), unit
    )


def likely(mean: float, weight: float) -> tuple[float, float]:
    """Range that holds a share in 8 of 10 cases: of a Beta distribution with Jeffreys' prior.

    Args:
        mean: The estimate, 0..1.
        weight: How many answers it is worth.

    Returns:
        Lower and upper end, 0..1.
    """
    low, high = special.betaincinv(mean * weight + 0.5, (1.0 - mean) * weight + 0.5, np.array(RANGE))
    return min(float(low), mean), max(float(high), mean)


def stored(seqs: Sequence[int]) -> tuple[int, ...]:
    """Those that name a statement of a store, once each, in their order."""
    return tuple(dict.fromkeys(seq for seq in seqs if seq >= 0))
