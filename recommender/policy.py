"""Which skill teaches most next: expected gain x unlock value. Floor 2.

The score of a skill is the sum of two exact terms: its own growth towards the goal, and what it opens for the goal.
Expected gain, Corbett and Anderson's tracing and the guard against loops are in `tracker`; here is the choice.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import hypot, prod
from types import MappingProxyType
from typing import TypeAlias

import numpy as np

from recommender import arms, tracker
from recommender.tracker import ALONE, FIRM, HALF, LEARN, Belief, Plan, Three

DISCOUNT = 0.6  # of what lies one skill further
NEARER = 0.6  # with coherence: what a goal one step further away is worth
FARTHEST = 0.05  # with coherence: what is left of it however far it is
AFTER = 0.9  # with coherence: what is not on the way to a far aim scores at most this share of the best that is
PATIENCE = 4  # wrong answers in a row before a skill is rested
RESTED = 1e-3  # besides, once it is enough: anything else of use comes first
REACHED = 0.2  # what is left of a target's weight once its level is reached
AGAIN = 0.75  # of a skill's own growth once it was practised: learning has diminishing returns, and something new waits
DOUBT = 0.2  # chance that a skill is unknown up to which its level can count as reached: a low level is soon guessed


@dataclass(frozen=True)
class Arm:
    """What is taken for true of how learning goes on; which one is right, only an experiment can tell.

    Attributes:
        name: As `arms.assign` gives it.
        discount: What is left of the value of what lies one skill further.
        firming: How much of what a skill opens is opened by making it solid. At 0 its children can be learnt on a
            fragile one just as well: then the next new thing comes before the perfection of the last one.
        again: What is left of a skill's own score once it was practised: below 1 what is new comes first among what is
            worth much the same. What it opens stays whole, because a chain that was begun must be finished.
        near: Whether a practice counts only near the one before it.
    """

    name: str
    discount: float
    firming: float
    again: float
    near: bool


PLAIN = Arm(arms.PLAIN, DISCOUNT, 0.0, AGAIN, near=False)
COHERENT = Arm(arms.COHERENCE, 0.9, 2.5, 1.0, near=True)  # to practise again is the nearest there is
_Columns: TypeAlias = Sequence[float] | Mapping[int, float]
ARMS: Mapping[str, Arm] = MappingProxyType({arm.name: arm for arm in (PLAIN, COHERENT)})


@dataclass(frozen=True, slots=True)
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
        known = belief.attempts > 0 and belief.state[0] <= DOUBT
        reached = known and 5.0 * tracker.dot(belief.state, chances[skill]) >= target
        wanted[skill] = target / 5.0 * (REACHED if reached else 1.0)
    return wanted


def worths(
    beliefs: Sequence[Belief],
    wanted: Sequence[float],
    opening: Sequence[float],
    chances: Sequence[Three],
    *,
    arm: Arm = PLAIN,
) -> list[Worth]:
    """Score every skill.

    Args:
        beliefs: One a skill.
        wanted: Weight of each skill in the goal.
        opening: Value of what each skill opens.
        chances: Chance of a right answer by state, for a typical item of each skill.
        arm: What is taken for true.

    Returns:
        One worth a skill.
    """
    return [_worth(belief, wanted[skill], opening[skill], chances[skill], arm) for skill, belief in enumerate(beliefs)]


def _worth(belief: Belief, wanted: float, opening: float, chance: Three, arm: Arm) -> Worth:
    effect = belief.readiness + (1.0 - belief.readiness) * ALONE
    learnt = belief.state[0] * belief.rate * effect
    firmed = belief.state[1] * min(FIRM * belief.rate / LEARN, 0.9) * effect
    half = (chance[1] - chance[0]) / (chance[2] - chance[0])
    useful = learnt * half + firmed * (1.0 - half)
    support = learnt * HALF + firmed * (1.0 - HALF) * arm.firming
    rest = 0.5 ** (belief.wrong_run - PATIENCE) if belief.wrong_run > PATIENCE else 1.0
    if belief.wrong_run >= tracker.ENOUGH:
        rest *= RESTED
    fresh = arm.again if belief.practised else 1.0
    return Worth(useful * wanted * fresh * rest, support * opening * rest, useful * (chance[2] - chance[0]))


def openings(plan: Plan, beliefs: Sequence[Belief], wanted: Sequence[float], *, arm: Arm = PLAIN) -> list[float]:
    """Value of what each skill opens: a 2-norm over its children, because only one branch can be followed at a time.

    Args:
        plan: The graph by column.
        beliefs: One a skill.
        wanted: Weight of each skill in the goal.
        arm: What is taken for true.
    """
    value, base = [0.0] * len(beliefs), [0.0] * len(beliefs)
    carries = [_carries(belief) for belief in beliefs]
    for skill in reversed(plan.order):  # children before their prerequisites
        if plan.children[skill]:
            value[skill] = hypot(*_edges(plan, skill, base, carries))
        base[skill] = _held(beliefs[skill], wanted[skill] + value[skill], arm)
    return value


def branches(
    plan: Plan,
    beliefs: Sequence[Belief],
    wanted: Sequence[float],
    opening: Sequence[float],
    skill: int,
    *,
    arm: Arm = PLAIN,
) -> dict[int, float]:
    """Value of each edge from a skill: what the child is worth to the goal, and how much this skill holds it back.

    Args:
        plan: The graph by column.
        beliefs: One a skill.
        wanted: Weight of each skill in the goal.
        opening: What each skill opens, known for the children.
        skill: The prerequisite.
        arm: What is taken for true.

    Returns:
        Value by child, in the order of the catalog.
    """
    children = plan.children[skill]
    base = {child: _held(beliefs[child], wanted[child] + opening[child], arm) for child in children}
    carries = {parent: _carries(beliefs[parent]) for child in children for parent in plan.parents[child]}
    return dict(zip(children, _edges(plan, skill, base, carries), strict=True))


def _held(belief: Belief, worth: float, arm: Arm) -> float:
    """What a skill is worth to the goal as far as it is not there yet."""
    return arm.discount * (1.0 - belief.support) * worth


def _carries(belief: Belief) -> float:
    """How far a prerequisite lets through what stands on it: some of it even where it carries nothing."""
    return 0.4 + 0.6 * belief.support


def _edges(plan: Plan, skill: int, base: _Columns, carries: _Columns) -> list[float]:
    """Values of the edges from a skill, see `branches`: what each child is worth, as far as its other parents carry."""
    return [
        base[child] * prod([carries[parent] for parent in others]) if others else base[child]
        for child, others in zip(plan.children[skill], plan.others[skill], strict=True)
    ]


def choose(plan: Plan, scores: Sequence[float], rng: np.random.Generator, *, anchor: int | None = None) -> int:
    """Choose the skill with the best score; among equals the source of luck decides.

    Where coherence is declared, practice counts only near the one before it. Then a skill further away is worth less,
    and if the best is more than one step away, the best of those is chosen that lead there.

    Args:
        plan: The graph by column.
        scores: One a skill, such as own + opens; a skill that must not be chosen has a negative one.
        rng: Source of luck.
        anchor: `tracker.State.anchor` where coherence is declared; None elsewhere.

    Returns:
        Column of the skill.
    """
    if anchor is None:
        return _best(scores, range(len(scores)), rng)
    far = _steps(plan, anchor)
    aim = _best([score * _nearness(far[skill]) for skill, score in enumerate(scores)], range(len(scores)), rng)
    if far[aim] <= 1:
        return aim
    on_the_way = [skill for skill in _on_the_way(plan, far, anchor, aim) if scores[skill] >= 0]
    return _best(scores, on_the_way, rng) if on_the_way else aim


def steps(plan: Plan, anchor: int) -> list[int]:
    """How many practices lead from one skill to each, if each must be near the one before; a skill to itself: 0.

    Args:
        plan: The graph by column.
        anchor: Column of the skill to begin with.

    Returns:
        Steps by column; the number of skills where there is no way.
    """
    return list(_steps(plan, anchor))


@functools.lru_cache(maxsize=4096)  # of each skill of a catalog the same at every decision
def _steps(plan: Plan, anchor: int) -> tuple[int, ...]:
    found = [len(plan.order)] * len(plan.order)
    found[anchor] = 0
    trail = [anchor]
    for skill in trail:
        for other in plan.near[skill]:
            if found[other] > found[skill] + 1:
                found[other] = found[skill] + 1
                trail.append(other)
    return tuple(found)


def anchor(plan: Plan, practised: Iterable[int]) -> int | None:
    """The skill that the next practice must be near where coherence counts: the same as `tracker.State.anchor`.

    Args:
        plan: The graph by column.
        practised: Main skills of the practices, oldest first.
    """
    found: int | None = None
    for skill in practised:
        if found is None or skill in plan.near[found]:
            found = skill
    return found


def nearness(plan: Plan, scores: Sequence[float], anchor: int) -> list[float]:
    """What a score is multiplied by where a practice counts only near the one before it: the order of `choose`.

    What is far is worth less; and if the best is more than one step away, what leads there comes before all else.

    Args:
        plan: The graph by column.
        scores: One a skill, such as own + opens, none negative.
        anchor: From `anchor`.

    Returns:
        0..1, one a skill.
    """
    far = _steps(plan, anchor)
    factors = [_nearness(each) for each in far]
    near = [score * factor for score, factor in zip(scores, factors, strict=True)]
    best = max(near)
    aim = near.index(best)
    on_the_way = _on_the_way(plan, far, anchor, aim) if far[aim] > 1 else []
    lead = max((scores[skill] for skill in on_the_way), default=0.0)
    if lead > 0.0:
        limit = min(1.0, AFTER * lead / best)
        way = set(on_the_way)
        factors = [factor if skill in way else limit * factor for skill, factor in enumerate(factors)]
    return factors


def _on_the_way(plan: Plan, far: Sequence[int], anchor: int, aim: int) -> list[int]:
    """What is near the anchor and nearer to the aim than the anchor is."""
    return [skill for skill in sorted(plan.near[anchor]) if _steps(plan, skill)[aim] < far[aim]]


def _nearness(far: int) -> float:
    return max(FARTHEST, NEARER ** max(0, far - 1))


def _best(scores: Sequence[float], among: Sequence[int], rng: np.random.Generator) -> int:
    most = max(scores[skill] for skill in among)
    ties = [skill for skill in among if scores[skill] >= most - 1e-12 * abs(most)]
    return ties[0] if len(ties) == 1 else ties[int(rng.integers(len(ties)))]
