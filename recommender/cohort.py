"""How a group of learners is spread over levels, said so that nobody in it can be picked out. Floor 2.

A figure is of a group and never of a few: neighbouring levels are put together until each part has `CELL` learners or
more, so whatever is taken from whatever leaves nobody or at least so many (k-anonymity, Sweeney 2002; complementary
suppression, Cox 1980). Counts are shown rounded. What was said stays as it was until enough learners moved: two looks
that differ by a few persons show the same, which is what an attack by differences lives on (Denning & Schlörer 1980).
How many are enough is for the caller to draw by chance, so that who plants learners cannot count up to it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

LEVELS = 6
"""Levels 0 to 5."""
CELL = 5
"""Fewest learners of a part, and fewest who have to move before anything that is shown does."""
LEAST = 20
"""Fewest learners with a level before a skill is said anything about."""
ROUND = 5
"""Counts are shown as multiples of it."""

Counts = tuple[int, ...]


@dataclass(frozen=True)
class Part:
    """A part of a group: those of neighbouring levels.

    Attributes:
        low: Lowest level of it, 0 to 5.
        high: Highest level of it.
        count: Learners, rounded to `ROUND`.
    """

    low: int
    high: int
    count: int


def histogram(levels: npt.NDArray[np.float64]) -> Counts:
    """How many are at each level.

    Args:
        levels: float64 [n], 0 to 5; nan: not enough data yet, and not counted.

    Returns:
        `LEVELS` counts; a level of 2.9 counts as 2: what is not reached is not said.

    >>> histogram(np.array([0.4, 2.9, 3.0, 5.0, np.nan]))
    (1, 0, 1, 1, 0, 1)
    """
    known = levels[~np.isnan(levels)]
    places = np.clip(np.floor(known), 0, LEVELS - 1).astype(np.int64)
    return tuple(int(one) for one in np.bincount(places, minlength=LEVELS))


def moved(before: Sequence[int], after: Sequence[int]) -> int:
    """How many learners it takes at least to make one histogram of the other: those who came, or went, or changed.

    >>> moved((5, 5, 0), (4, 5, 1)), moved((5, 5, 0), (5, 5, 3)), moved((5, 5, 0), (1, 5, 6))
    (1, 3, 6)
    """
    steps = [new - old for old, new in zip(before, after, strict=True)]
    return max(sum(one for one in steps if one > 0), -sum(one for one in steps if one < 0))


def published(before: Counts | None, after: Counts, enough: int) -> Counts | None:
    """What is said from now on: what was said, unless enough learners moved; None: nothing, they are too few.

    Args:
        before: What was said last; None: nothing.
        after: How it is.
        enough: How many have to move, `CELL` or more; drawn anew by the caller each time something new was said.

    Raises:
        ValueError: Fewer than `CELL` are to be enough.

    >>> published((10, 10, 0, 0, 0, 0), (9, 11, 0, 0, 0, 0), 6)
    (10, 10, 0, 0, 0, 0)
    """
    if enough < CELL:
        msg = f"{enough} learners who move are not enough to be hidden among: say {CELL} or more"
        raise ValueError(msg)
    if before is not None and moved(before, after) < enough:
        return before
    # To begin, and to be said again, it takes more than the least by as many as have to move.
    least = LEAST if before is not None else LEAST + enough - CELL
    return after if sum(after) >= least else None


def parts(counts: Counts) -> tuple[Part, ...]:
    """Neighbouring levels put together until each part has `CELL` learners or more, from the lowest.

    Args:
        counts: `LEVELS` counts, `CELL` learners together or more.

    Returns:
        Parts over all levels without a gap; one alone says nothing but that there is a group.

    >>> [(one.low, one.high, one.count) for one in parts((2, 4, 0, 9, 5, 1))]
    [(0, 1, 5), (2, 3, 10), (4, 5, 5)]
    """
    edges: list[tuple[int, int]] = []
    low, inside = 0, 0
    for level, count in enumerate(counts):
        inside += count
        if inside >= CELL:
            edges.append((low, level))
            low, inside = level + 1, 0
    if low < len(counts):  # what is left over at the top goes to the part below it
        first = edges.pop()[0] if edges else 0
        edges.append((first, len(counts) - 1))
    return tuple(Part(a, b, rounded(sum(counts[a : b + 1]))) for a, b in edges)


def at_least(found: Sequence[Part], level: int) -> int | None:
    """About how many are at a level or above; None where no part begins there: it would be a figure of a few.

    >>> at_least(parts((2, 4, 0, 9, 5, 1)), 4), at_least(parts((2, 4, 0, 9, 5, 1)), 3)
    (5, None)
    """
    if all(one.low != level for one in found):
        return None
    return sum(one.count for one in found if one.low >= level)


def rounded(count: int) -> int:
    """A count as it is shown.

    >>> [rounded(count) for count in (5, 7, 8, 12, 13)]
    [5, 5, 10, 10, 15]
    """
    return ROUND * ((count + ROUND // 2) // ROUND)
