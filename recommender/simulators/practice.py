"""Learners who get better by a power law of practice, part of which carries over along the edges. Floor 2.

The law of practice: Newell and Rosenbloom (1981), errors fall as a power of the practice so far. There are no states
and no top; the weakest prerequisite sets how much a practice is worth, and a share of it reaches the neighbours, as
learning does when parts of a skill are common. No policy was tuned on this law.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import exp

import numpy as np

from curriculum.catalog import Catalog
from recommender.simulators import worlds
from recommender.simulators.worlds import Parents, Problem, Trial, World

Span = tuple[float, float]
Goal = Callable[[np.random.Generator], Mapping[int, int]]


@dataclass(frozen=True)
class Law:
    """Ranges from which a world's skills and a learner's traits are drawn, each evenly where not said otherwise.

    Attributes:
        power: Exponent: mastery = 1 - (1 + practice) ** -power.
        guess: Chance of a right answer at mastery 0.
        slip: Chance of a wrong answer at mastery 1.
        floor: What a practice is worth without its weakest prerequisite, a world.
        onward: Share of a practice that carries over to a skill which builds on it.
        back: Share that carries over to a prerequisite.
        before: Mean practice before the start, spread as a gamma distribution of shape .5 over skills.
        pace: Spread (standard deviation) over learners of the logarithm of a factor on all practice.
    """

    power: Span = (0.4, 0.9)
    guess: Span = (0.1, 0.3)
    slip: Span = (0.02, 0.12)
    floor: Span = (0.05, 0.3)
    onward: Span = (0.0, 0.3)
    back: Span = (0.0, 0.2)
    before: float = 1.0
    pace: float = 0.4


LAW = Law()


@dataclass(frozen=True, eq=False)
class _Truth:
    parents: Parents
    carried: tuple[tuple[tuple[int, float], ...], ...]  # a skill: its neighbours, and the share that reaches them
    power: list[float]
    guess: list[float]
    slip: list[float]
    floor: float


class _Learner:
    def __init__(self, truth: _Truth, targets: tuple[int, ...], before: list[float], pace: float) -> None:
        self._truth = truth
        self._targets = targets
        self._practice = before
        self._pace = pace

    def practise(self, skill: int, rng: np.random.Generator) -> bool:
        right = self.answer(skill, rng)
        truth = self._truth
        weakest = min((self.mastery(parent) for parent in truth.parents[skill]), default=1.0)
        worth = self._pace * (truth.floor + (1.0 - truth.floor) * weakest)
        self._practice[skill] += worth
        for neighbour, share in truth.carried[skill]:
            self._practice[neighbour] += share * worth
        return right

    def answer(self, skill: int, rng: np.random.Generator) -> bool:
        guess, slip = self._truth.guess[skill], self._truth.slip[skill]
        return bool(rng.random() < guess + (1.0 - guess - slip) * self.mastery(skill))

    def achieved(self) -> float:
        return sum(self.mastery(skill) for skill in self._targets)

    def mastery(self, skill: int) -> float:
        return float(1.0 - (1.0 + self._practice[skill]) ** -self._truth.power[skill])


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
    carried: list[list[tuple[int, float]]] = [[] for _ in parents]
    for skill, before in enumerate(parents):
        for parent in before:
            carried[parent].append((skill, float(rng.uniform(*law.onward))))
            carried[skill].append((parent, float(rng.uniform(*law.back))))
    truth = _Truth(
        parents,
        tuple(map(tuple, carried)),
        rng.uniform(*law.power, size).tolist(),
        rng.uniform(*law.guess, size).tolist(),
        rng.uniform(*law.slip, size).tolist(),
        float(rng.uniform(*law.floor)),
    )

    def trial(luck: np.random.Generator) -> Trial:
        targets = goal(luck)
        pace = exp(law.pace * float(luck.standard_normal()))
        before = (pace * law.before * luck.gamma(0.5, 2.0, size)).tolist()
        wanted = tuple(targets)
        return Trial(
            Problem(catalog, targets), float(len(targets)), lambda: _Learner(truth, wanted, list(before), pace)
        )

    return World(catalog, lambda luck: worlds.until_useful(lambda: trial(luck)))
