"""What a learner is after, and how far that is reached. Floor 2."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from curriculum.catalog import Catalog
from recommender.currency import Currency
from recommender.measures import Measure


@dataclass(frozen=True)
class Aim:
    """What a learner is after, as they, an advisor or the course said.

    Attributes:
        role: Id of a role of the catalog; empty if none is chosen.
        deadline: When they want to be there, or None.
        hours: Hours a week that they planned, or None.
    """

    role: str = ""
    deadline: date | None = None
    hours: float | None = None


@dataclass(frozen=True)
class Goals:
    """The aim, and how far it is reached.

    Attributes:
        aim: As stated.
        kept: Hours a week, on average over the last weeks.
        reached: Ids of skills of the role whose level is at the target.
        underway: Ids of those with a level under the target.
        unknown: Ids of those without enough data yet.
        ruled: Ids of those whose answers are all older than a rule that changes them; they are among the others too.
    """

    aim: Aim
    kept: Measure
    reached: tuple[str, ...]
    underway: tuple[str, ...]
    unknown: tuple[str, ...]
    ruled: tuple[str, ...]


def goals(
    catalog: Catalog,
    levels: Mapping[str, float | None],
    current: Mapping[str, Currency | None],
    kept: Measure,
    aim: Aim,
) -> Goals:
    """Sort the skills of the aim by how far they are.

    Args:
        catalog: The catalog.
        levels: Level 0..5 by skill id; None where there is not enough data.
        current: How far the evidence is of today, by skill id; None without any.
        kept: Hours a week.
        aim: What the learner is after.
    """
    targets = catalog.roles[aim.role].targets if aim.role else {}
    known = [(name, levels[name], target) for name, target in targets.items()]
    return Goals(
        aim=aim,
        kept=kept,
        reached=tuple(name for name, level, target in known if level is not None and level >= target),
        underway=tuple(name for name, level, target in known if level is not None and level < target),
        unknown=tuple(name for name, level, _ in known if level is None),
        ruled=tuple(name for name in targets if (state := current[name]) is not None and state.rule is not None),
    )
