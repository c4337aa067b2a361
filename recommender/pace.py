"""Minutes, hours and dates: what fits a week, and how long a goal takes. Floor 2.

Minutes are declared by the catalog, else estimated from the difficulty. How much practice a skill still takes follows
from the tracker: each practice moves it with some chance, so the number until it has moved is geometric. All of it is
an estimate with a range; the pace is the learner's.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import sqrt

from curriculum.catalog import Catalog
from recommender import tracker
from recommender.tracker import FIRM, LEARN, Belief, Three

# Minutes of one activity by declared difficulty 1..5 where nobody declared any.
BASE, STEP = 6.0, 3.0
FRAGILE_LEVEL = 3.5  # of five: an item of middle difficulty, to one who is fragile in its skill
LIKELY = 1.2816  # standard deviations to each end of a range that holds 8 in 10
LEVELS = 5
MINUTES_SPREAD = 0.2  # relative, of how long people take


@dataclass(frozen=True)
class Hours:
    """Hours of practice ahead.

    Attributes:
        likely: The mean.
        low: Lower end of the likely range (8 in 10).
        high: Upper end.
    """

    likely: float
    low: float
    high: float


@dataclass(frozen=True)
class Week:
    """What fits a week.

    Attributes:
        items: Ids of items, in order; each is ready now.
        minutes: What they take together; never more than the week has left.
        budget: Minutes that the week has left.
    """

    items: tuple[str, ...]
    minutes: float
    budget: float


@functools.lru_cache(maxsize=64)
def minutes(catalog: Catalog) -> tuple[float, ...]:
    """Minutes of each item of a catalog: declared, else estimated from its difficulty, by column."""
    return tuple(
        estimated(catalog.skills[item.skills[0]].difficulty if item.difficulty is None else item.difficulty)
        if item.minutes is None
        else item.minutes
        for item in catalog.items.values()
    )


def estimated(difficulty: float) -> float:
    """Minutes of an activity of some declared difficulty, 1 to 5.

    Examples:
        >>> estimated(1), estimated(5)
        (9.0, 21.0)
    """
    return BASE + STEP * difficulty


def week(entries: Iterable[tuple[str, float]], hours: float, spent: float = 0.0) -> Week:
    """Choose what fits a week, in the order given: what does not fit is passed over.

    Args:
        entries: (item id, minutes), the best first.
        hours: Hours a week.
        spent: Minutes of this week that are gone.
    """
    budget = max(0.0, 60.0 * hours - spent)
    chosen, total = [], 0.0
    for item, long in entries:
        if total + long <= budget:
            chosen.append(item)
            total += long
    return Week(tuple(chosen), total, budget)


def ahead(catalog: Catalog, beliefs: Sequence[Belief], targets: Mapping[str, int]) -> Hours:
    """Hours of practice until every target of a goal is likely reached.

    Args:
        catalog: The catalog.
        beliefs: One a skill.
        targets: Level 1 to 5 by skill id.
    """
    mean = spread = 0.0
    for name, target in targets.items():
        skill = catalog.skill_index[name]
        if reached(catalog, beliefs[skill], skill, target):
            continue
        number, variance = practices(beliefs[skill], target)
        long = typical_minutes(catalog)[skill]
        mean += number * long
        spread += variance * long * long
    width = LIKELY * sqrt(spread + (MINUTES_SPREAD * mean) ** 2)
    return Hours(mean / 60.0, max(0.0, mean - width) / 60.0, (mean + width) / 60.0)


def reached(catalog: Catalog, belief: Belief, skill: int, target: int) -> bool:
    """Whether answers show that a skill is at its target.

    Args:
        catalog: The catalog.
        belief: What is believed of the skill.
        skill: Its column.
        target: Level 1 to 5.
    """
    return belief.attempts > 0 and LEVELS * tracker.dot(belief.state, _typical(catalog)[skill]) >= target


def practices(belief: Belief, target: int) -> tuple[float, float]:
    """How many more answers a skill takes to its target: mean and variance of a sum of geometric numbers.

    Args:
        belief: What is believed of the skill.
        target: Level 1 to 5; up to 3 it is enough to be fragile in it, above one must be solid.
    """
    unknown, fragile, _ = belief.state
    firm = min(FIRM * belief.rate / LEARN, 0.9)
    first, second = 1.0 / belief.rate, 1.0 / firm
    if target < FRAGILE_LEVEL:
        mean = unknown * first
        square = unknown * (2.0 - belief.rate) * first * first
    else:
        both = (1.0 - belief.rate) * first * first + (1.0 - firm) * second * second + (first + second) ** 2
        mean = unknown * (first + second) + fragile * second
        square = unknown * both + fragile * (2.0 - firm) * second * second
    return mean, max(0.0, square - mean * mean)


def dates(hours: Hours, weekly: float, today: date) -> tuple[date, date] | None:
    """When a goal is likely reached, from and to, at some hours a week; None without hours a week.

    Args:
        hours: Hours ahead.
        weekly: Hours a week.
        today: The day of asking.
    """
    if weekly <= 0.0:
        return None
    low, high = (today + timedelta(days=min(36_500, round(7.0 * one / weekly))) for one in (hours.low, hours.high))
    return low, high


def urgency(hours: Hours, weekly: float | None, deadline: date | None, today: date) -> float:
    """How tight the time is: 0 (enough, or nobody said) to 1 (twice as much is ahead as fits).

    Args:
        hours: Hours ahead.
        weekly: Hours a week, or None.
        deadline: Last day, or None.
        today: The day of asking.
    """
    if weekly is None or deadline is None:
        return 0.0
    fits = weekly * max(0, (deadline - today).days) / 7.0
    return min(1.0, max(0.0, hours.likely / fits - 1.0)) if fits > 0.0 else 1.0


@functools.lru_cache(maxsize=64)
def _typical(catalog: Catalog) -> tuple[Three, ...]:
    """Chances of a typical item of each skill in the three states."""
    return tuple(tracker.chances(skill.difficulty) for skill in catalog.skills.values())


@functools.lru_cache(maxsize=64)
def typical_minutes(catalog: Catalog) -> tuple[float, ...]:
    """Minutes of a typical item of each skill, by column."""
    per: list[list[float]] = [[] for _ in catalog.skills]
    for item, long in zip(catalog.items.values(), minutes(catalog), strict=True):
        per[catalog.skill_index[item.skills[0]]].append(long)
    declared = [estimated(skill.difficulty) for skill in catalog.skills.values()]
    return tuple(sum(found) / len(found) if found else declared[skill] for skill, found in enumerate(per))
