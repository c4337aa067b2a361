"""Running values inside groups of rows, without a loop over rows. Floor 2.

A group is a learner, or a learner and a skill. Every function gives, for each row, a value of the rows BEFORE it in
its group, so that no answer reaches its own features.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Groups:
    """Rows sorted by group, in their own order inside a group.

    Attributes:
        order: int64 [n], row of each sorted place.
        first: int64 [n], sorted place at which the group of this sorted place begins.
        rank: int64 [n], how many rows of the group come before.
    """

    order: Ints
    first: Ints
    rank: Ints


def by(keys: npt.NDArray[np.integer]) -> Groups:
    """Group rows by key.

    Args:
        keys: integers [n].

    Returns:
        Groups of n rows.
    """
    order = np.argsort(keys, kind="stable")
    ordered = keys[order]
    place = np.arange(len(keys))
    begins = np.ones(len(keys), dtype=bool)
    begins[1:] = ordered[1:] != ordered[:-1]
    first = np.maximum.accumulate(np.where(begins, place, 0))
    return Groups(order, first, place - first)


def count(groups: Groups) -> Floats:
    """How many rows of the group come before each row, float64 [n]."""
    return _back(groups, groups.rank.astype(np.float64))


def total(groups: Groups, values: Floats) -> Floats:
    """Sum of the values of the earlier rows of the group.

    Args:
        groups: Groups of n rows.
        values: float64 [n], whole numbers, so that sums are exact.

    Returns:
        float64 [n].
    """
    ordered = values[groups.order]
    running = np.cumsum(ordered) - ordered
    return _back(groups, running - running[groups.first])


def lag(groups: Groups, values: Floats, steps: int, missing: float = 0.0) -> Floats:
    """Value `steps` rows before in the group, or `missing`.

    Args:
        groups: Groups of n rows.
        values: float64 [n].
        steps: At least 1.
        missing: What stands where the group is too young.

    Returns:
        float64 [n].
    """
    ordered = values[groups.order]
    moved = np.full(len(ordered), missing)
    moved[steps:] = ordered[:-steps] if steps < len(ordered) else ordered[:0]
    return _back(groups, np.where(groups.rank >= steps, moved, missing))


def runs(groups: Groups, right: npt.NDArray[np.bool_]) -> tuple[Floats, Floats]:
    """How many rows of one kind in a row came just before, in the group.

    Args:
        groups: Groups of n rows.
        right: bool [n].

    Returns:
        float64 [n] right ones in a row, float64 [n] others in a row; one of the two is always 0.
    """
    ordered = right[groups.order]
    place = np.arange(len(ordered))
    found = []
    for breaks in (~ordered, ordered):
        last = np.maximum.accumulate(np.where(breaks, place, -1))
        before = np.maximum(np.append(-1, last[:-1])[: len(place)], groups.first - 1)
        found.append(_back(groups, (place - 1 - before).astype(np.float64)))
    return found[0], found[1]


def running(groups: Groups, values: Floats, keep: Floats, gain: Floats, start: Floats) -> Floats:
    """Running state e <- keep e + gain value over the earlier rows of the group; a nan value leaves e as it is.

    With keep 1 and gain 1 it is a sum, with keep k and gain 1 - k an exponential average, with keep 0 and gain 1 the
    last value. Unlike `total` it never sees a row of another group, not even in the last bit.

    Args:
        groups: Groups of n rows.
        values: float64 [n, m].
        keep: float64 [m], share that stays at each step.
        gain: float64 [m], weight of the new value.
        start: float64 [m], state before the first row.

    Returns:
        float64 [n, m].
    """
    ordered = values[groups.order]
    begins = np.flatnonzero(groups.rank == 0)
    sizes = np.diff(np.append(begins, len(ordered)))
    longest_first = np.argsort(-sizes, kind="stable")
    begins, sizes = begins[longest_first], sizes[longest_first]
    state = np.tile(start, (len(begins), 1))
    result = np.empty_like(ordered)
    alive = np.searchsorted(-sizes, -np.arange(sizes[0] if len(sizes) else 0), side="left")
    for rank, living in enumerate(alive):
        rows = begins[:living] + rank
        result[rows] = state[:living]
        seen = ordered[rows]
        state[:living] = np.where(np.isnan(seen), state[:living], keep * state[:living] + gain * seen)
    return _back(groups, result)


def _back(groups: Groups, ordered: Floats) -> Floats:
    result = np.empty_like(ordered)
    result[groups.order] = ordered
    return result
