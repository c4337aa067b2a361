"""Groups of learners who complement each other and can meet: who works with whom, and why. Floor 2.

A group covers a skill as well as its best member. What a group lacks is squared, so that one weak group weighs more
than two middling ones; a group whose members are never awake together costs as much as one that covers nothing. Small
classes exactly; larger ones by the best swap of two learners until none helps (Kernighan and Lin 1970), from several
starts. Deterministic given the seed.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
QUARTERS = 96
"""Quarters of an hour in a day: the finest step of a time zone (Nepal is 5:45 ahead of UTC)."""
AWAKE = (9, 21)
"""Local hours in which somebody can be met, from and to."""
TOGETHER = 4.0
"""Hours a day in which all of a group can be met that are enough; more is no better."""
APART = 1.0
"""What a group costs that can never meet: as much as one that covers no skill at all."""
EXACT = 10
"""Learners up to whom every way to group them is compared."""
STARTS = 3
"""Local searches of a larger class, the best of which is taken."""
LARGE = 200
"""Learners above whom one search must do: what another start adds is little then, and the page waits for it."""
SWAPS = 20
"""Swaps per learner after which a search ends in any case; it has long ended by itself then."""
_EPSILON = 1e-12


@dataclass(frozen=True)
class Best:
    """Who covers a skill of a group best.

    Attributes:
        skill: Column of the mastery.
        member: Row of the mastery.
        mastery: Theirs, 0..1.
    """

    skill: int
    member: int
    mastery: float


@dataclass(frozen=True)
class Group:
    """Learners who work together, and why.

    Attributes:
        members: Rows of the mastery, ascending.
        covers: The best member of each skill that is asked for, in the order of the columns.
        coverage: What these masteries come to, weighted by the demand, 0..1.
        hours: Hours a day in which all whose time zone is known can be met; None where fewer than two are known.
    """

    members: tuple[int, ...]
    covers: tuple[Best, ...]
    coverage: float
    hours: float | None


@dataclass(frozen=True)
class _Task:
    """What groups are judged by.

    Attributes:
        mastery: float64[learners, skills asked for], 0..1.
        weights: float64[skills asked for], adding up to 1.
        awake: float64[learners, QUARTERS], 1 where they can be met.
    """

    mastery: Floats
    weights: Floats
    awake: Floats


def form(mastery: Floats, demand: Floats, size: int, *, seed: int, zones: Floats | None = None) -> tuple[Group, ...]:
    """Form groups of a class.

    Args:
        mastery: float64[learners, skills], 0..1; nan where nothing is known: it is taken for the mean of those who are
            known, or for a half.
        demand: float64[skills], 0 or more: how much each skill counts; all alike where none counts.
        size: Members of a group, 2 or more; some have one less, or, so that nobody is left alone, one more.
        seed: Decides between groupings that are equally good, and where searches begin.
        zones: float64[learners]: hours ahead of UTC; nan where unknown: such a learner keeps nobody from meeting.

    Returns:
        The groups, ordered by their first members; each learner is in one. Empty without learners.

    Raises:
        ValueError: A size below 2, or arrays that do not fit each other.
    """
    learners = _checked(mastery, demand, size, zones)
    if not learners:
        return ()
    asked = np.flatnonzero(demand > 0) if (demand > 0).any() else np.arange(demand.size)
    weights = demand[asked] if (demand > 0).any() else np.ones(asked.size)
    known = _filled(mastery[:, asked])
    task = _Task(known, weights / max(weights.sum(), _EPSILON), _awake(zones, learners))
    parts = sizes(learners, size)
    found = _exact(task, parts) if learners <= EXACT else _searched(task, parts, np.random.default_rng(seed))
    groups = sorted(tuple(sorted(members)) for members in found)
    return tuple(_group(task, members, asked, zones) for members in groups)


def sizes(learners: int, size: int) -> tuple[int, ...]:
    """How many members each group has: as equal as can be, none above `size` but where somebody would be alone.

    >>> sizes(10, 4), sizes(5, 2), sizes(3, 4), sizes(1, 3), sizes(0, 3)
    ((4, 3, 3), (3, 2), (3,), (1,), ())
    """
    if not learners:
        return ()
    count = -(-learners // size)
    if learners // count < 2:
        count = max(1, learners // size)
    small, more = divmod(learners, count)
    return (small + 1,) * more + (small,) * (count - more)


def coverage(mastery: Floats, demand: Floats, members: Sequence[int]) -> float:
    """What a group covers: per skill the mastery of its best member, weighted by the demand; 0..1.

    Args:
        mastery: float64[learners, skills], without nan.
        demand: float64[skills], not all 0.
        members: Rows.
    """
    return float(mastery[list(members)].max(axis=0) @ demand / demand.sum())


def together(zones: Floats, members: Sequence[int]) -> float | None:
    """Hours a day in which all of a group whose time zone is known can be met; None where fewer than two are known.

    Args:
        zones: float64[learners]: hours ahead of UTC, or nan.
        members: Rows.
    """
    own = zones[list(members)]
    if np.isfinite(own).sum() < 2:
        return None
    return float(_awake(own, own.size).min(axis=0).sum()) * 24 / QUARTERS


def loss(mastery: Floats, demand: Floats, groups: Sequence[Sequence[int]], zones: Floats | None = None) -> float:
    """What `form` makes as small as it can: what groups lack, squared, and what they lack in common hours; summed.

    Args:
        mastery: float64[learners, skills], without nan.
        demand: float64[skills], not all 0.
        groups: Rows of each group.
        zones: As of `form`.
    """
    task = _Task(mastery, demand / demand.sum(), _awake(zones, mastery.shape[0]))
    return sum(_loss(task, members) for members in groups)


def _checked(mastery: Floats, demand: Floats, size: int, zones: Floats | None) -> int:
    if mastery.ndim != 2 or demand.shape != mastery.shape[1:]:
        message = (
            f"mastery is {mastery.shape}, demand {demand.shape}: a row a learner, a column a skill, one demand each"
        )
        raise ValueError(message)
    if size < 2:
        message = f"size is {size}: a group has two members or more"
        raise ValueError(message)
    learners: int = mastery.shape[0]
    if zones is not None and zones.shape != (learners,):
        message = f"zones is {zones.shape}: one for each of {learners} learners"
        raise ValueError(message)
    return learners


def _filled(mastery: Floats) -> Floats:
    """Nothing known of a skill is the mean of those who are known, so that it draws nobody anywhere."""
    known = np.isfinite(mastery)
    sums, counts = np.where(known, mastery, 0.0).sum(axis=0), known.sum(axis=0)
    means = np.where(counts > 0, sums / np.maximum(counts, 1), 0.5)
    return np.clip(np.where(known, mastery, means), 0.0, 1.0)


def _awake(zones: Floats | None, learners: int) -> Floats:
    """float64[learners, QUARTERS]: 1 in the quarters of a day (UTC) in which somebody can be met."""
    if zones is None:
        return np.ones((learners, QUARTERS))
    local = (np.arange(QUARTERS) * 24 / QUARTERS + np.where(np.isfinite(zones), zones, 0.0)[:, None]) % 24
    inside = (local >= AWAKE[0]) & (local < AWAKE[1])
    return np.where(np.isfinite(zones)[:, None], inside, True).astype(np.float64)


def _cost(covered: Floats, quarters: Floats) -> Floats:
    """What groups cost: by what they cover (0..1), and by how many quarters of an hour they have in common."""
    hours = quarters * 24 / QUARTERS
    return (1.0 - covered) ** 2 + APART * (1.0 - np.minimum(hours, TOGETHER) / TOGETHER)


def _loss(task: _Task, members: Sequence[int]) -> float:
    rows = list(members)
    covered = task.mastery[rows].max(axis=0) @ task.weights
    return float(_cost(covered, task.awake[rows].min(axis=0).sum()))


def _group(task: _Task, members: tuple[int, ...], asked: Ints, zones: Floats | None) -> Group:
    rows = task.mastery[list(members)]
    best = rows.argmax(axis=0)
    covers = tuple(
        Best(int(skill), members[best[place]], float(rows[best[place], place])) for place, skill in enumerate(asked)
    )
    hours = None if zones is None else together(zones, members)
    return Group(members, covers, float(rows.max(axis=0) @ task.weights), hours)


def _exact(task: _Task, parts: tuple[int, ...]) -> list[tuple[int, ...]]:
    """The best grouping of all: the first learner left goes with each choice of others, and the rest likewise."""
    everybody = (1 << task.mastery.shape[0]) - 1

    @functools.cache
    def of_group(members: tuple[int, ...]) -> float:
        return _loss(task, members)

    @functools.cache
    def best(taken: int, left: tuple[int, ...]) -> tuple[float, tuple[tuple[int, ...], ...]]:
        if taken == everybody:
            return 0.0, ()
        free = [row for row in range(task.mastery.shape[0]) if not taken >> row & 1]
        found: tuple[float, tuple[tuple[int, ...], ...]] = (np.inf, ())
        for size in dict.fromkeys(left):
            rest = list(left)
            rest.remove(size)
            for others in combinations(free[1:], size - 1):
                members = (free[0], *others)
                after, groups = best(taken | sum(1 << row for row in members), tuple(rest))
                total = of_group(members) + after
                if total < found[0] - _EPSILON:
                    found = (total, (members, *groups))
        return found

    return list(best(0, parts)[1])


def _searched(task: _Task, parts: tuple[int, ...], rng: np.random.Generator) -> list[tuple[int, ...]]:
    """The best of several local searches."""
    starts = max(1, min(STARTS, LARGE // task.mastery.shape[0]))
    found = [_descended(task, parts, rng) for _ in range(starts)]
    return min(found, key=lambda groups: sum(_loss(task, members) for members in groups))


def _descended(task: _Task, parts: tuple[int, ...], rng: np.random.Generator) -> list[tuple[int, ...]]:
    """From a grouping by chance, the swap of two learners that helps most, again and again until none helps."""
    learners = task.mastery.shape[0]
    of = np.empty(learners, dtype=np.int64)
    of[rng.permutation(learners)] = np.repeat(np.arange(len(parts)), parts)
    costs = np.array([_loss(task, np.flatnonzero(of == group).tolist()) for group in range(len(parts))])
    # instead[i, j]: what the group of i costs with j in the place of i.
    instead = np.empty((learners, learners))
    _renew(task, of, np.arange(len(parts)), instead)
    for _ in range(SWAPS * learners):
        now = costs[of]
        change = instead + instead.T - now[:, None] - now[None, :]
        change[of[:, None] == of[None, :]] = np.inf
        one, other = divmod(int(change.argmin()), learners)
        if not change[one, other] < -_EPSILON:
            break
        of[one], of[other] = of[other], of[one]
        both = of[[one, other]]
        costs[both] = [_loss(task, np.flatnonzero(of == group).tolist()) for group in both]
        _renew(task, of, both, instead)
    return [tuple(np.flatnonzero(of == group).tolist()) for group in range(len(parts))]


def _renew(task: _Task, of: Ints, groups: Ints, instead: Floats) -> None:
    """Work out anew what each of some groups costs with any learner in the place of any of its members; in place."""
    for group in groups:
        members = np.flatnonzero(of == group)
        for member in members:
            others = members[members != member]
            rest = task.mastery[others].max(axis=0, initial=0.0)
            free = task.awake[others].min(axis=0, initial=1.0)
            covered = np.maximum(rest, task.mastery) @ task.weights
            instead[member] = _cost(covered, task.awake @ free)
