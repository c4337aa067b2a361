"""How far what a learner showed still holds today: time, and the law. Floor 2.

A level says what was learnt; its currency says how much of that is of today. It falls with the declared half-life of
the skill, and by one half where a dated rule began after the last answer.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from curriculum import rules
from curriculum.catalog import Catalog

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
    for rule in rules.affecting(catalog, skill, now.astimezone(UTC).date()):
        begun = datetime(rule.valid_from.year, rule.valid_from.month, rule.valid_from.day, tzinfo=UTC)
        if int(begun.timestamp()) * 10**6 > last:
            return Currency(RULED * retention, retention, rule.id, rule.valid_from.isoformat())
        break  # the newest is not newer than the evidence, so none is
    return Currency(retention, retention, None, None)
