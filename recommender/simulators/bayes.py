"""Learners who know a skill or do not: Bayesian knowledge tracing with prerequisites. Floor 2.

Source of the law: Corbett and Anderson, "Knowledge tracing" (1995), with a chance of learning that falls while a
prerequisite is not known. Answers come first, learning after. Nothing is forgotten.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import exp, log

import numpy as np

from curriculum.catalog import Catalog
from recommender.simulators import worlds
from recommender.simulators.worlds import Parents, Problem, Trial, World

Span = tuple[float, float]
Goal = Callable[[np.random.Generator], Mapping[int, int]]


@dataclass(frozen=True)
class Law:
    """Ranges from which a world's skills and a learner's pace are drawn, each evenly.

    Attributes:
        start: Chance of a middling learner to know a skill whose prerequisites are known.
        early: Factor on that while a prerequisite is not known.
        learn: Chance that one practice teaches a skill whose prerequisites are known.
        alone: Factor on that while a prerequisite is not known, a world.
        guess: Chance of a right answer without knowing.
        slip: Chance of a wrong answer in spite of knowing.
        ability: Spread (standard deviation) over learners of the log odds of `start`.
        pace: Spread over learners of the logarithm of a factor on `learn`.
    """

    start: Span = (0.15, 0.55)
    early: float = 0.1
    learn: Span = (0.15, 0.45)
    alone: Span = (0.0, 0.3)
    guess: Span = (0.1, 0.3)
    slip: Span = (0.03, 0.15)
    ability: float = 0.8
    pace: float = 0.3


LAW = Law()


@dataclass(frozen=True, eq=False)
class _Truth:
    parents: Parents
    start: list[float]
    learn: list[float]
    guess: list[float]
    slip: list[float]
    alone: float
    early: float


class _Learner:
    def __init__(self, truth: _Truth, targets: tuple[int, ...], knows: list[bool], pace: float) -> None:
        self._truth = truth
        self._targets = targets
        self._knows = knows
        self._pace = pace

    def practise(self, skill: int, rng: np.random.Generator) -> bool:
        right = self.answer(skill, rng)
        luck = rng.random()
        if not self._knows[skill]:
            truth = self._truth
            ready = all(self._knows[parent] for parent in truth.parents[skill])
            chance = truth.learn[skill] * self._pace * (1.0 if ready else truth.alone)
            self._knows[skill] = bool(luck < min(chance, 0.95))
        return right

    def answer(self, skill: int, rng: np.random.Generator) -> bool:
        chance = 1.0 - self._truth.slip[skill] if self._knows[skill] else self._truth.guess[skill]
        return bool(rng.random() < chance)

    def achieved(self) -> float:
        return float(sum(self._knows[skill] for skill in self._targets))

    def mastery(self, skill: int) -> float:
        return float(self._knows[skill])


def world(catalog: Catalog, goal: Goal, rng: np.random.Generator, law: Law = LAW) -> World:
    """Draw the truth about the skills of a graph.

    Args:
        catalog: The graph.
        goal: Draws a learner's goal: level by skill column.
        rng: Source of luck.
        law: The ranges.
    """
    size = len(catalog.skills)
    truth = _Truth(
        worlds.parents_of(catalog),
        rng.uniform(*law.start, size).tolist(),
        rng.uniform(*law.learn, size).tolist(),
        rng.uniform(*law.guess, size).tolist(),
        rng.uniform(*law.slip, size).tolist(),
        float(rng.uniform(*law.alone)),
        law.early,
    )
    order = worlds.order_of(truth.parents)

    def trial(luck: np.random.Generator) -> Trial:
        targets = goal(luck)
        knows = _start(truth, order, law.ability * float(luck.standard_normal()), luck)
        pace = exp(law.pace * float(luck.standard_normal()))
        wanted = tuple(targets)
        return Trial(Problem(catalog, targets), float(len(targets)), lambda: _Learner(truth, wanted, list(knows), pace))

    return World(catalog, lambda luck: worlds.until_useful(lambda: trial(luck)))


def _start(truth: _Truth, order: tuple[int, ...], ability: float, rng: np.random.Generator) -> list[bool]:
    knows = [False] * len(order)
    luck = rng.random(len(order)).tolist()
    for skill in order:
        odds = log(truth.start[skill] / (1.0 - truth.start[skill])) + ability
        ready = all(knows[parent] for parent in truth.parents[skill])
        knows[skill] = bool(luck[skill] < (1.0 if ready else truth.early) / (1.0 + exp(-odds)))
    return knows
