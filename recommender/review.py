"""What comes back: skills that fade with time, and skills that a dated rule changed. Floor 2.

Retention is that of `currency`: half-lives double by each right answer on a later day. A rule works at once: at 0:00
UTC of its first day, for whoever showed the skill before it.
"""

from __future__ import annotations

import functools
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime

from curriculum import rules
from curriculum.catalog import Catalog, Rule
from recommender import currency
from recommender.trail import DAY, OnSkill, Trail

DUE = 0.7  # review when predicted retention falls below this


@dataclass(frozen=True)
class Due:
    """A skill that should come back.

    Attributes:
        skill: Column of the skill.
        kind: "refresh": a dated rule is newer than what was shown; "review": it fades.
        retention: 0..1, predicted share that is left after the time that passed; 1 where no half-life is declared.
        currency: 0..1, retention x what the rule leaves.
        days: Since the last answer.
        half_life: Days until half is forgotten, after the right answers so far; None where none is declared.
        rule: The newest rule that began after the last answer; None for a review.
    """

    skill: int
    kind: str
    retention: float
    currency: float
    days: float
    half_life: float | None
    rule: Rule | None


def half_life(catalog: Catalog, skill: int, known: OnSkill) -> float | None:
    """Days until half of a skill is forgotten; None where the catalog declares none.

    Args:
        catalog: The catalog.
        skill: Column of the skill.
        known: What was done on it.
    """
    return currency.half_life(_half_lives(catalog)[skill], known.spaced)


def retention(catalog: Catalog, skill: int, known: OnSkill, now: int) -> float:
    """Predicted share of a skill that is left, 0..1; 1 where no half-life is declared.

    Args:
        catalog: The catalog.
        skill: Column of the skill.
        known: What was done on it.
        now: Microseconds since 1970 UTC.
    """
    return currency.retention(half_life(catalog, skill, known), known.last, now)


def due(catalog: Catalog, trail: Trail, now: datetime, *, also: Collection[str] = ()) -> dict[int, Due]:
    """Find the skills that should come back: shown by the last answer, and since then faded or changed by a rule.

    A skill whose last answer was wrong is not reviewed: it is still being learnt.

    Args:
        catalog: The catalog.
        trail: What the learner did.
        now: The moment of asking.
        also: Ids of rules of low confidence that an instructor switched on.

    Returns:
        By column of the skill.
    """
    moment = int(now.timestamp() * 1e6)
    newest = _newest(catalog, now.astimezone(UTC).date(), frozenset(also))
    lives, found = _half_lives(catalog), {}
    for skill, known in trail.skills.items():
        if not known.last_right:
            continue
        begun, rule = newest.get(skill, (0, None))
        stale = rule is not None and begun > known.last
        half = currency.half_life(lives[skill], known.spaced)
        left = currency.retention(half, known.last, moment)
        if stale or left < DUE:
            found[skill] = Due(
                skill,
                "refresh" if stale else "review",
                left,
                left * (currency.RULED if stale else 1.0),
                (moment - known.last) / DAY,
                half,
                rule if stale else None,
            )
    return found


@functools.lru_cache(maxsize=64)
def _half_lives(catalog: Catalog) -> tuple[float | None, ...]:
    return tuple(skill.half_life_days for skill in catalog.skills.values())


@functools.lru_cache(maxsize=256)
def _newest(catalog: Catalog, day: date, also: frozenset[str]) -> dict[int, tuple[int, Rule]]:
    """By column of the skill the newest rule that holds, and when it began, microseconds since 1970 UTC."""
    found: dict[int, tuple[int, Rule]] = {}
    for rule in rules.on(catalog, day, also=also):
        begun = int(datetime(rule.valid_from.year, rule.valid_from.month, rule.valid_from.day, tzinfo=UTC).timestamp())
        for name in rule.affects:
            skill = catalog.skill_index[name]
            if skill not in found or begun * 10**6 > found[skill][0]:
                found[skill] = (begun * 10**6, rule)
    return found
