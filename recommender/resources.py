"""What to read or watch before practising a skill: valid today, and not older than a rule that changed it. Floor 2."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from curriculum import rules
from curriculum.catalog import Catalog, Resource


def holds(catalog: Catalog, one: Resource, today: date) -> bool:
    """Whether what a resource says holds on a day: in its dates, and no rule changed its skills since it was written.

    Args:
        catalog: Gives the rules.
        one: The resource; where it names no first day, only its last day counts.
        today: The day in question.
    """
    if one.valid_to is not None and one.valid_to < today:
        return False
    if one.valid_from is None:
        return True
    newest = [rule.valid_from for skill in one.skills for rule in rules.affecting(catalog, skill, today)[:1]]
    return max(newest, default=date.min) <= one.valid_from <= today


def choose(catalog: Catalog, skill: str, today: date, modes: Mapping[str, float]) -> Resource | None:
    """What to read or watch for a skill: about it first, then of the best way of learning, then the shortest.

    Args:
        catalog: The catalog.
        skill: Id of the skill.
        today: The day of asking.
        modes: Weights of ways of learning, see `knobs.weigh`.

    Returns:
        None where the catalog has nothing that holds.
    """
    fitting = [one for one in catalog.resources.values() if skill in one.skills and holds(catalog, one, today)]
    return min(
        fitting,
        key=lambda one: (one.skills[0] != skill, -modes.get(one.mode, 1.0), one.minutes or 0.0),
        default=None,
    )
