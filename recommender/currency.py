"""How far what a learner showed still holds today: time, and the law. Floor 2.

A level says what was learnt; its currency says how much of that is of today. It falls with the declared half-life of
the skill, and by one half where a dated rule began after the last answer.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from datetime import UTC, date, datetime

from curriculum import rules
from curriculum.catalog import Catalog, Rule

RULED = 0.5  # what a rule leaves of evidence from before it: one half-life at once
DAY = 86_400_000_000


@dataclass(frozen=True)
class Currency:
    """How current the evidence on a skill is.

    Attributes:
        value: 0..1, retention x (`RULED` where a rule is newer than the last answer).
        retention: 0..1, half of it after each half-life of the skill; 1 where none is declared.
        rule: Id of the newest rule in force that affects the skill and began after the last answer; None if none did.
        since: First day of that rule, ISO date; None without a rule.
    """

    value: float
    retention: float
    rule: str | None
    since: str | None


def of(catalog: Catalog, skill: str, last: int, now: datetime) -> Currency:
    """Say how current the evidence on one skill is.

    Args:
        catalog: Gives half-lives and rules.
        skill: Id of the skill.
        last: When the last answer on it was, microseconds since 1970 UTC.
        now: The moment of asking.
    """
    days = max(0.0, now.timestamp() * 1e6 - last) / DAY
    half = catalog.skills[skill].half_life_days
    retention = 1.0 if half is None else 0.5 ** (days / half)
    newest = _newest(catalog, now.astimezone(UTC).date()).get(skill)
    if newest is None or newest[0] <= last:
        return Currency(retention, retention, None, None)
    return Currency(RULED * retention, retention, newest[1].id, newest[1].valid_from.isoformat())


@functools.lru_cache(maxsize=64)
def _newest(catalog: Catalog, day: date) -> dict[str, tuple[int, Rule]]:
    """The newest rule in force by skill id, and its first moment in microseconds."""
    found = {}
    for rule in sorted(rules.on(catalog, day), key=lambda rule: rule.valid_from):
        begun = datetime(rule.valid_from.year, rule.valid_from.month, rule.valid_from.day, tzinfo=UTC)
        found.update(dict.fromkeys(rule.affects, (int(begun.timestamp()) * 10**6, rule)))
    return found
