"""Learners to whom a practice counts only near the one before it: the coherence rule, on ten skills. Floor 2.

The rule and the law of growth follow the description of the simulator KSS (Liu et al., "Exploiting cognitive structure
for adaptive learning", KDD 2019): a practice outside the neighbourhood of the last one that counted is lost; one inside
it takes half of the way to the top, less by the exponential of what all prerequisites lack together, and half of the
growth reaches each skill that builds on it. An answer has no luck in it. Graphs are drawn here, not taken from there.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import exp

import numpy as np

from recommender.simulators import worlds
from recommender.simulators.worlds import Parents, Problem, Trial, World

SKILLS = 10
EDGES = 12
REACH = 6
TOP = 5.0
LOWEST = -3.0
WARM = 20  # answers before the first step
AGAIN = 0.7  # of wrong answers in the warm-up are followed by the same skill
LISTED = 0.9  # of the other steps there go to the first skill that is not mastered; the rest go anywhere
STEEP = 8.5
GUESS = 0.25


@dataclass(frozen=True, eq=False)
class _Truth:
    parents: Parents
    children: Parents
    near: tuple[frozenset[int], ...]
    hard: tuple[int, ...]


class _Learner:
    def __init__(self, truth: _Truth, targets: tuple[int, ...], ability: list[float], last: int | None) -> None:
        self._truth = truth
        self._targets = targets
        self._last = last
        self.ability = ability

    @property
    def last(self) -> int | None:
        return self._last

    def practise(self, skill: int, rng: np.random.Generator) -> bool:
        if self._last is None or skill in self._truth.near[self._last]:
            self._last = skill
            lacking = sum(TOP - self.ability[parent] for parent in self._truth.parents[skill])
            self._grow(skill, (TOP - self.ability[skill]) * exp(-lacking) * 0.5)
        return self.answer(skill, rng)

    def answer(self, skill: int, rng: np.random.Generator) -> bool:
        del rng
        return self.chance(skill) >= 0.5

    def chance(self, skill: int) -> float:
        return GUESS + (1.0 - GUESS) / (1.0 + exp(-STEEP * (self.ability[skill] - self._truth.hard[skill])))

    def achieved(self) -> float:
        return float(sum(self.chance(skill) >= 0.5 for skill in self._targets))

    def mastery(self, skill: int) -> float:
        return max(0.0, (self.ability[skill] - LOWEST) / (TOP - LOWEST))

    def _grow(self, skill: int, growth: float) -> None:
        self.ability[skill] = min(TOP, self.ability[skill] + growth)
        for child in self._truth.children[skill]:
            self._grow(child, growth * 0.5)


def neighbourhood(parents: Parents, skill: int) -> frozenset[int]:
    """Where a practice counts after one of `skill`: itself, its children, its parents and theirs, and their children.

    Everywhere, if the skill has neither parents nor children.
    """
    children = worlds.children_of(parents)
    above = {*parents[skill], *(second for parent in parents[skill] for second in parents[parent])}
    near = above | set(children[skill]) | {child for node in above for child in children[node]}
    return frozenset(near | {skill}) if near else frozenset(range(len(parents)))


def world(rng: np.random.Generator) -> World:
    """Draw a graph of ten skills, the later ones harder."""
    parents = worlds.graph(SKILLS, EDGES, REACH, rng)
    order = worlds.order_of(parents)
    hard = [0] * SKILLS
    for skill, difficulty in zip(order, sorted(rng.integers(0, 6, SKILLS).tolist()), strict=True):
        hard[skill] = difficulty
    near = tuple(neighbourhood(parents, skill) for skill in range(SKILLS))
    truth = _Truth(parents, worlds.children_of(parents), near, tuple(hard))
    catalog = worlds.catalog_of(parents)

    def trial(luck: np.random.Generator) -> Trial:
        place = {skill: position for position, skill in enumerate(order)}
        starts = luck.integers(int(LOWEST), 1, SKILLS).tolist()
        ability = [starts[skill] - 0.1 * place[skill] for skill in range(SKILLS)]
        count = int(luck.integers(3, SKILLS + 1))
        wanted = tuple(sorted(luck.permutation(SKILLS)[:count].tolist()))
        learner = _Learner(truth, wanted, ability, None)
        history = _warm(learner, order, luck)
        problem = Problem(catalog, dict.fromkeys(wanted, worlds.TARGET), history)
        ready, last = list(learner.ability), learner.last
        return Trial(problem, float(count), lambda: _Learner(truth, wanted, list(ready), last))

    return World(catalog, lambda luck: worlds.until_useful(lambda: trial(luck)))


def _warm(learner: _Learner, order: tuple[int, ...], rng: np.random.Generator) -> tuple[tuple[int, bool], ...]:
    history: list[tuple[int, bool]] = []
    for _ in range(WARM):
        if history and not history[-1][1] and rng.random() < AGAIN:
            skill = history[-1][0]
        elif rng.random() < LISTED:
            skill = next((each for each in order if learner.chance(each) < 0.5), order[-1])
        else:
            skill = int(rng.integers(SKILLS))
        history.append((skill, learner.practise(skill, rng)))
    return tuple(history)
