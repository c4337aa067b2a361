"""Learners whose ability in each skill grows by practice and fades without it. Floor 2.

Answers follow item response theory (three parameters; Lord, 1980). A practice takes a share of the way to the top, as
far as the prerequisites carry it; what is not practised falls back towards where it was, step by step.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import exp, prod

import numpy as np

from curriculum.catalog import Catalog
from recommender.simulators import worlds
from recommender.simulators.worlds import Parents, Problem, Trial, World

Span = tuple[float, float]
Goal = Callable[[np.random.Generator], Mapping[int, int]]


@dataclass(frozen=True)
class Law:
    """Ranges from which a world's skills and a learner's traits are drawn, each evenly where not said otherwise.

    Abilities are counted from the difficulty of the skill's item: at 0 half of what is not guessed is right.

    Attributes:
        steep: Discrimination: how sharply the chance of a right answer grows with ability.
        guess: Chance of a right answer without any ability.
        top: Highest ability that practice leads to.
        grow: Share of the way to the top that one practice takes, prerequisites supported.
        least: What is left of that without any support.
        fade: Share of what was gained that is lost in each step spent elsewhere.
        mean: Mean ability at the start.
        between: Its spread (standard deviation) over learners.
        within: Its spread over skills of one learner.
        depth: How much lower the start is with each prerequisite on the longest chain before a skill, up to five.
        pace: Spread over learners of the logarithm of a factor on `grow`.
    """

    steep: Span = (1.2, 2.2)
    guess: Span = (0.05, 0.25)
    top: Span = (1.5, 2.5)
    grow: Span = (0.12, 0.4)
    least: float = 0.1
    fade: Span = (0.0, 0.006)
    mean: float = -0.8
    between: float = 0.7
    within: float = 0.6
    depth: float = 0.2
    pace: float = 0.3


LAW = Law()


@dataclass(frozen=True, eq=False)
class _Truth:
    parents: Parents
    depth: list[float]
    steep: list[float]
    guess: list[float]
    top: list[float]
    grow: list[float]
    fade: list[float]
    least: float


class _Learner:
    def __init__(self, truth: _Truth, targets: tuple[int, ...], start: list[float], pace: float) -> None:
        self._truth = truth
        self._targets = targets
        self._start = start
        self._ability = list(start)
        self._seen = [0] * len(start)
        self._steps = 0
        self._pace = pace

    def practise(self, skill: int, rng: np.random.Generator) -> bool:
        right = self.answer(skill, rng)
        truth = self._truth
        ready = prod(self.mastery(parent) for parent in truth.parents[skill])
        now = self._now(skill)
        share = min(truth.grow[skill] * self._pace, 0.9) * (truth.least + (1.0 - truth.least) * ready)
        self._ability[skill] = now + share * max(0.0, truth.top[skill] - now)
        self._steps += 1
        self._seen[skill] = self._steps
        return right

    def answer(self, skill: int, rng: np.random.Generator) -> bool:
        guess = self._truth.guess[skill]
        return bool(rng.random() < guess + (1.0 - guess) * self.mastery(skill))

    def achieved(self) -> float:
        return sum(self.mastery(skill) for skill in self._targets)

    def mastery(self, skill: int) -> float:
        return _logistic(self._truth.steep[skill] * self._now(skill))

    def _now(self, skill: int) -> float:
        start = self._start[skill]
        kept = (1.0 - self._truth.fade[skill]) ** (self._steps - self._seen[skill])
        return start + (self._ability[skill] - start) * kept


def world(catalog: Catalog, goal: Goal, rng: np.random.Generator, law: Law = LAW) -> World:
    """Draw the truth about the skills of a graph.

    Args:
        catalog: The graph.
        goal: Draws a learner's goal: level by skill column.
        rng: Source of luck.
        law: The ranges.
    """
    size = len(catalog.skills)
    parents = worlds.parents_of(catalog)
    truth = _Truth(
        parents,
        _depths(parents),
        rng.uniform(*law.steep, size).tolist(),
        rng.uniform(*law.guess, size).tolist(),
        rng.uniform(*law.top, size).tolist(),
        rng.uniform(*law.grow, size).tolist(),
        rng.uniform(*law.fade, size).tolist(),
        law.least,
    )

    def trial(luck: np.random.Generator) -> Trial:
        targets = goal(luck)
        level = law.mean + law.between * float(luck.standard_normal())
        spread = luck.standard_normal(size).tolist()
        start = [level + law.within * spread[skill] - law.depth * truth.depth[skill] for skill in range(size)]
        pace = exp(law.pace * float(luck.standard_normal()))
        wanted = tuple(targets)
        top = sum(_logistic(truth.steep[skill] * truth.top[skill]) for skill in wanted)
        return Trial(Problem(catalog, targets), top, lambda: _Learner(truth, wanted, start, pace))

    return World(catalog, lambda luck: worlds.until_useful(lambda: trial(luck)))


def _depths(parents: Parents) -> list[float]:
    depth = [0.0] * len(parents)
    for skill in worlds.order_of(parents):
        depth[skill] = min(5.0, max((depth[parent] + 1.0 for parent in parents[skill]), default=0.0))
    return depth


def _logistic(value: float) -> float:
    return 1.0 / (1.0 + exp(-value))
