"""What stands where nobody answered yet: levels of skills and items from their neighbours and declarations. Floor 2.

A function of counts that are shared anyway and of the catalog, so that every institution gets the same start.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from recommender.cells import Counts
from recommender.space import Space

Floats = npt.NDArray[np.float64]

STEP = 0.45  # logits that one step of declared difficulty costs, before any data
_STRENGTH = 10.0  # answers that a skill's start is worth
_BELIEF = 30.0  # skills that the declared step is worth against a fitted one
_MIDDLE = 3.0


def start(space: Space, items: Counts) -> tuple[Floats, Floats]:
    """Where sets of skills and items start.

    Args:
        space: The catalog by column.
        items: Answers by item.

    Returns:
        float64 [combos], share of right answers of each set of skills, strictly between 0 and 1; float64 [items],
        logits by which an item starts above its set of skills.
    """
    tries, wins = np.zeros(space.items), np.zeros(space.items)
    tries[items.keys], wins[items.keys] = items.tries, items.wins
    mean = (wins.sum() + 1.0) / (tries.sum() + 2.0)
    middle = np.log(mean / (1.0 - mean))
    on_skill, right = np.zeros(space.skills), np.zeros(space.skills)
    for column in space.wide.T:
        there = column >= 0
        np.add.at(on_skill, column[there], tries[there])
        np.add.at(right, column[there], wins[there])
    share = (right + _STRENGTH * mean) / (on_skill + _STRENGTH)
    level = np.log(share / (1.0 - share)) - middle
    hard = np.array([skill.difficulty for skill in space.catalog.skills.values()], dtype=np.float64) - _MIDDLE
    known = on_skill > 0
    step = (-STEP * _BELIEF + level[known] @ hard[known]) / (_BELIEF + hard[known] @ hard[known])
    if not np.ptp(hard):
        step = 0.0  # nothing is declared
    declared = step * hard
    rest = np.where(known, level - declared, 0.0)
    near = _neighbours(space, rest, known)
    weight = on_skill / (on_skill + _STRENGTH)
    level = declared + np.where(known, weight * rest + (1.0 - weight) * near, near)
    wide = space.wide
    there = wide >= 0
    combined = np.where(there, level[wide], 0.0).sum(axis=1) / there.sum(axis=1)
    prior = np.zeros(len(space.combos))
    prior[space.combo] = combined
    own = np.array(
        [
            0.0 if item.difficulty is None else item.difficulty - space.catalog.skills[item.skills[0]].difficulty
            for item in space.catalog.items.values()
        ],
        dtype=np.float64,
    )
    return 1.0 / (1.0 + np.exp(-(middle + prior))), step * own


def _neighbours(space: Space, rest: Floats, known: npt.NDArray[np.bool_]) -> Floats:
    """Mean of what the prerequisites and the dependents of each skill are above what was declared, pulled to 0."""
    total, number = np.zeros(space.skills), np.ones(space.skills)
    index = space.catalog.skill_index
    for name, skill in space.catalog.skills.items():
        for before in skill.prerequisites:
            for one, other in ((index[name], index[before]), (index[before], index[name])):
                if known[other]:
                    total[one] += rest[other]
                    number[one] += 1.0
    return total / number
