"""Which skill teaches most next: policy F, expected gain x unlock value. Floor 2.

The score of a skill is the sum of two exact terms: its own growth towards the goal, and what it opens for the goal.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import hypot, prod

from recommender import tracker
from recommender.tracker import ALONE, FIRM, HALF, LEARN, Belief, Plan, Three

DISCOUNT = 0.7  # of what lies one skill further
PATIENCE = 4  # wrong answers in a row before a skill is rested
REACHED = 0.2  # what is left of a target's weight once its level is reached


@dataclass(frozen=True)
class Worth:
    """Why to practise one skill next.

    Attributes:
        own: Score from the skill's own growth.
        opens: Score from what it opens for the goal.
        growth: Expected growth of the chance of success on a typical item by one practice, 0..1.
    """

    own: float
    opens: float
    growth: float


def weights(beliefs: Sequence[Belief], targets: Mapping[int, int], chances: Sequence[Three]) -> list[float]:
    """How much the goal wants each skill: target / 5, less once answers show that the target level is reached.

    Args:
        beliefs: One a skill.
        targets: Level 1..5 by skill column.
        chances: Chance of a right answer by state, for a typical item of each skill.
    """
    wanted = [0.0] * len(beliefs)
    for skill, target in targets.items():
        belief = beliefs[skill]
        reached = belief.attempts > 0 and 5.0 * tracker.dot(belief.state, chances[skill]) >= target
        wanted[skill] = target / 5.0 * (REACHED if reached else 1.0)
    return wanted


def worths(
    beliefs: Sequence[Belief], wanted: Sequence[float], opening: Sequence[float], chances: Sequence[Three]
) -> list[Worth]:
    """Score every skill.

    Args:
        beliefs: One a skill.
        wanted: Weight of each skill in the goal.
        opening: Value of what each skill opens.
        chances: Chance of a right answer by state, for a typical item of each skill.

    Returns:
        One worth a skill.
    """
    return [_worth(belief, wanted[skill], opening[skill], chances[skill]) for skill, belief in enumerate(beliefs)]


def _worth(belief: Belief, wanted: float, opening: float, chance: Three) -> Worth:
    effect = belief.readiness + (1.0 - belief.readiness) * ALONE
    learnt = belief.state[0] * belief.rate * effect
    firmed = belief.state[1] * min(FIRM * belief.rate / LEARN, 0.9) * effect
    half = (chance[1] - chance[0]) / (chance[2] - chance[0])
    useful = learnt * half + firmed * (1.0 - half)
    support = learnt * HALF + firmed * (1.0 - HALF)
    rest = 0.5 ** max(0.0, belief.wrong_run - PATIENCE)
    return Worth(useful * wanted * rest, support * opening * rest, useful * (chance[2] - chance[0]))


def openings(plan: Plan, beliefs: Sequence[Belief], wanted: Sequence[float]) -> list[float]:
    """Value of what each skill opens: a 2-norm over its children, because only one branch can be followed at a time."""
    value = [0.0] * len(beliefs)
    for skill in reversed(plan.order):
        value[skill] = hypot(*branches(plan, beliefs, wanted, value, skill).values())
    return value


def branches(
    plan: Plan, beliefs: Sequence[Belief], wanted: Sequence[float], opening: Sequence[float], skill: int
) -> dict[int, float]:
    """Value of each edge from a skill: what the child is worth to the goal, and how much this skill holds it back.

    Args:
        plan: The graph by column.
        beliefs: One a skill.
        wanted: Weight of each skill in the goal.
        opening: What each skill opens, known for the children.
        skill: The prerequisite.

    Returns:
        Value by child, in the order of the catalog.
    """
    return {
        child: DISCOUNT
        * (1.0 - beliefs[child].support)
        * (wanted[child] + opening[child])
        * prod(0.4 + 0.6 * beliefs[parent].support for parent in plan.parents[child] if parent != skill)
        for child in plan.children[skill]
    }
