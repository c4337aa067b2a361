"""What a goal asks for beside where a class stands, skill by skill: pure. Floor 3.

Levels are those of the learners' own pages. Who has no level in a skill is counted apart: that is no gap, it is a lack
of answers.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from curriculum.catalog import Catalog
from lti_tool import figures
from lti_tool.pages import reasons
from lti_tool.roster.deeds import Deeds

Floats = npt.NDArray[np.float64]
WIDEST = 12
"""Skills that are shown before the others."""


@dataclass(frozen=True)
class Row:
    """One skill that the goal asks for.

    Attributes:
        name: Of the skill.
        area: Name of its area.
        target: The level that the goal asks for, 1 to 5.
        reached: Learners whose level is at the target or above.
        below: Learners whose level is below it.
        unknown: Learners without enough answers for a level.
        gap: Levels that those below lack on average, as shown; empty where nobody is below.
        share: Width of the reached part among those with a level, per cent of the bar; "0%" without any.
    """

    name: str
    area: str
    target: int
    reached: int
    below: int
    unknown: int
    gap: str
    share: str


@dataclass(frozen=True)
class Demand:
    """The whole page.

    Attributes:
        role: Id of the goal.
        name: Its name.
        roles: Id and name of every goal.
        learners: Learners whose levels are counted.
        private: Learners who keep theirs to themselves or are not counted yet.
        widest: Skills where most learners are below, the widest gap first; none where nobody is.
        rest: All other skills of the goal, in the order of the catalog.
        met: Skills in which at least half of those with a level are at the target.
        thin: Skills in which nobody has a level.
    """

    role: str
    name: str
    roles: list[tuple[str, str]]
    learners: int
    private: int
    widest: list[Row]
    rest: list[Row]
    met: int
    thin: int


def usual(catalog: Catalog, goals: Mapping[str, str], asked: str) -> str:
    """The goal to show: what was asked for, else the one that most learners have, else the first of the catalog.

    Args:
        catalog: The course's.
        goals: Id of the goal of each learner; empty: none.
        asked: Id of a role; what is none is as if nothing was asked.
    """
    if asked in catalog.roles:
        return asked
    chosen = [one for one in goals.values() if one in catalog.roles]
    order = list(catalog.roles)
    return max(order, key=lambda one: (chosen.count(one), -order.index(one)), default="")


def demand(catalog: Catalog, role: str, deeds: Iterable[Deeds], language: str) -> Demand:
    """Set what a goal asks for beside where learners stand.

    Args:
        catalog: The course's.
        role: Id of the goal.
        deeds: Of the learners of the class.
        language: "en" or "zh".
    """
    listed = list(deeds)
    seen = [one for one in listed if one.shared and one.counted]
    roles = [(one.id, one.name[language]) for one in catalog.roles.values()]
    if role not in catalog.roles:
        return Demand("", "", roles, len(seen), len(listed) - len(seen), [], [], 0, 0)
    level = np.full((len(seen), len(catalog.skills)), np.nan)
    for number, one in enumerate(seen):
        level[number] = one.skills["level"]
    targets = catalog.roles[role].targets
    order = [name for name in catalog.skills if name in targets]
    rows = {name: _row(catalog, name, targets[name], level[:, catalog.skill_index[name]], language) for name in order}
    short = {name: _short(targets[name], level[:, catalog.skill_index[name]]) for name in order}
    widest = sorted((name for name in order if short[name] > 0), key=lambda name: -short[name])[:WIDEST]
    return Demand(
        role=role,
        name=catalog.roles[role].name[language],
        roles=roles,
        learners=len(seen),
        private=len(listed) - len(seen),
        widest=[rows[name] for name in widest],
        rest=[rows[name] for name in order if name not in widest],
        met=sum(one.reached > 0 and one.reached >= one.below for one in rows.values()),
        thin=sum(not one.reached and not one.below for one in rows.values()),
    )


def _row(catalog: Catalog, name: str, target: int, level: Floats, language: str) -> Row:
    known = level[~np.isnan(level)]
    below = known[known < target]
    reached = len(known) - len(below)
    skill = catalog.skills[name]
    return Row(
        name=reasons.short(skill.name[language]),
        area=catalog.areas[skill.area].name[language],
        target=target,
        reached=reached,
        below=len(below),
        unknown=len(level) - len(known),
        gap=figures.tenths(round(10 * float(np.mean(target - below)))) if len(below) else "",
        share=f"{100 * reached / len(known):.1f}%" if len(known) else "0%",
    )


def _short(target: int, level: Floats) -> float:
    """Levels that the class lacks in a skill, all together."""
    lacking = target - level[~np.isnan(level)]
    return float(lacking[lacking > 0].sum())
