"""How far what a learner showed still holds today: time, and the law. Floor 2.

A level says what was learnt; its currency says how much of that is of today. It falls with the half-life of the skill,
and by one half where a dated rule began after the last answer. The half-life is the one that the catalog declares,
doubled by each right answer on a later day: the more often something was recalled after a pause, the longer it stays
(B. Settles and B. Meeder, A Trainable Spaced Repetition Model for Language Learning, ACL 2016: half-life 2^(theta x)
with the number of right recalls in x).
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from datetime import UTC, date, datetime

from curriculum import rules
from curriculum.catalog import Catalog, Rule

LASTING = 2.0  # each right answer on a later day multiplies the half-life by this
MOST = 5  # doublings at most
RULED = 0.5  # what a rule leaves of evidence from before it: one half-life at once
DAY = 86_400_000_000


@dataclass(frozen=True)
class Currency:
    """How current the evidence on a skill is.

    Attributes:
        value: 0..1, retention x (`RULED` where a rule is newer than the last answer).
        retention: 0..1, half of it after each half-life; 1 where none is declared.
        rule: Id of the newest rule in force that affects the skill and began after the last answer; None if none did.
        since: First day of that rule, ISO date; None without a rule.
    """

    value: float
    retention: float
    rule: str | None
    since: str | None


@functools.lru_cache(maxsize=4096)
def half_life(declared: float | None, spaced: int) -> float | None:
    """Days until half of a skill is forgotten; None where the catalog declares none.

    Args:
        declared: Days, as the catalog declares them.
        spaced: Right answers in a row up to now that were at least a day apart; the first counts.

    Examples:
        >>> half_life(30, 0), half_life(30, 1), half_life(30, 3), half_life(None, 3)
        (30.0, 30.0, 120.0, None)
    """
    return None if declared is None else float(declared * LASTING ** min(MOST, max(0, spaced - 1)))


def retention(half: float | None, last: int, now: int) -> float:
    """Predicted share of a skill that is left, 0..1; 1 where there is no half-life.

    Args:
        half: Days until half of it is forgotten.
        last: When the last answer on it was, microseconds since 1970 UTC.
        now: The moment of asking, likewise.
    """
    return 1.0 if half is None else float(0.5 ** (max(0, now - last) / DAY / half))


def of(catalog: Catalog, skill: str, last: int, now: datetime, spaced: int = 0) -> Currency:
    """Say how current the evidence on one skill is.

    Args:
        catalog: Gives half-lives and rules.
        skill: Id of the skill.
        last: When the last answer on it was, microseconds since 1970 UTC.
        now: The moment of asking.
        spaced: As in `half_life`.
    """
    left = retention(half_life(catalog.skills[skill].half_life_days, spaced), last, int(now.timestamp() * 1e6))
    newest = _newest(catalog, now.astimezone(UTC).date()).get(skill)
    if newest is None or newest[0] <= last:
        return Currency(left, left, None, None)
    return Currency(RULED * left, left, newest[1].id, newest[1].valid_from.isoformat())


@functools.lru_cache(maxsize=64)
def _newest(catalog: Catalog, day: date) -> dict[str, tuple[int, Rule]]:
    """The newest rule in force by skill id, and its first moment in microseconds."""
    found = {}
    for rule in sorted(rules.on(catalog, day), key=lambda rule: rule.valid_from):
        begun = datetime(rule.valid_from.year, rule.valid_from.month, rule.valid_from.day, tzinfo=UTC)
        found.update(dict.fromkeys(rule.affects, (int(begun.timestamp()) * 10**6, rule)))
    return found
