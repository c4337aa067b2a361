"""Ways to choose the next practice: simple ones that anybody could install, and the project's own. Floor 2.

The simple ones are what a path must be better than. Each sees the graph, the goal and the answers, nothing else. Those
that follow an order follow `Problem.order`: prerequisites first, the smallest column first among those that are ready.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Protocol

import numpy as np

from curriculum.catalog import Catalog, Role
from recommender import placement, policy, tracker
from recommender.simulators import coherence
from recommender.simulators.worlds import Problem
from recommender.tracker import Priors

ROW = 3  # right answers in a row that count as learnt
LEAVE = 3  # wrong answers in a row after which a skill is left for a while
AWAY = 5  # steps elsewhere until a skill that was left is tried again
MASTERED = 0.95  # belief that counts as learnt (Corbett and Anderson, 1995)
BAND = 0.65  # success rate in the middle of the band of .6 to .7
_START, _LEARN, _GUESS, _SLIP = 0.3, 0.2, 0.2, 0.1  # of Bayesian knowledge tracing where nothing was fitted


class Policy(Protocol):
    """Chooses what one learner does next."""

    def question(self) -> int | None:
        """Skill to ask about in a placement before the first step; None: the placement is over, or there is none."""

    def told(self, skill: int, *, right: bool) -> None:
        """Take in the answer to a question of the placement."""

    def choose(self) -> int:
        """Skill to practise next."""

    def observe(self, skill: int, *, right: bool) -> None:
        """Take in the answer of a practice."""


Make = Callable[[Problem, np.random.Generator, Priors | None], Policy]


@dataclass(frozen=True)
class Strategy:
    """A way to choose, ready to be made for a learner.

    Attributes:
        name: As it is chosen on the command line.
        text: What it does, in one line.
        make: Makes it for a problem; the third argument is what other learners' answers say, or None.
        simple: Whether it belongs to those that a path must be better than.
        priors: Whether it wants other learners' answers.
        near: Whether it is told that a practice counts only near the last one.
    """

    name: str
    text: str
    make: Make
    simple: bool = True
    priors: bool = False
    near: bool = False


class _Simple(ABC):
    """Counts of answers, which every simple way builds on. It has no placement."""

    def __init__(self, problem: Problem, rng: np.random.Generator) -> None:
        size = len(problem.parents)
        self.problem = problem
        self.rng = rng
        self.tries = [0] * size
        self.rights = [0] * size
        self.run = [0] * size  # right answers in a row, or wrong ones as a negative number
        self.seen = [0] * size  # step of the last answer
        self.step = 0
        self.last: int | None = None

    def begin(self) -> _Simple:
        """Take in the answers before the first step."""
        for skill, right in self.problem.history:
            self.observe(skill, right=right)
        return self

    @abstractmethod
    def choose(self) -> int:
        """Skill to practise next."""

    def question(self) -> int | None:
        return None

    def told(self, skill: int, *, right: bool) -> None:
        self.observe(skill, right=right)

    def observe(self, skill: int, *, right: bool) -> None:
        self.step += 1
        self.seen[skill] = self.step
        self.tries[skill] += 1
        self.rights[skill] += right
        streak = self.run[skill]
        self.run[skill] = max(streak, 0) + 1 if right else min(streak, 0) - 1
        self.last = skill

    def rate(self, skill: int) -> float:
        """Success rate, smoothed by one right and one wrong answer."""
        return (self.rights[skill] + 1.0) / (self.tries[skill] + 2.0)

    def weakest(self) -> int:
        """Where all is done: the needed skill with the lowest smoothed rate, the longest ago among equals."""
        return min(self.problem.needed, key=lambda skill: (self.rate(skill), self.seen[skill]))

    def any_of(self, skills: Iterable[int]) -> int:
        found = list(skills)
        return found[int(self.rng.integers(len(found)))]


class _Random(_Simple):
    """Any skill, or any that the goal needs."""

    def __init__(self, problem: Problem, rng: np.random.Generator, *, needed: bool) -> None:
        super().__init__(problem, rng)
        self._pool = problem.needed if needed else problem.order

    def choose(self) -> int:
        return self.any_of(self._pool)


class _Fixed(_Simple):
    """One practice of each skill in the order, and then again from the start."""

    def __init__(self, problem: Problem, rng: np.random.Generator, *, needed: bool) -> None:
        super().__init__(problem, rng)
        self._pool = problem.needed if needed else problem.order
        self._next = 0

    def choose(self) -> int:
        skill = self._pool[self._next % len(self._pool)]
        self._next += 1
        return skill


class _Queue(_Simple):
    """The first needed skill that does not count as learnt yet.

    Args:
        problem: What may be seen.
        rng: Source of luck.
        row: Right answers in a row that count as learnt.
        leave: Whether a skill is left after three wrong answers in a row, and tried again five steps later.
        near: Whether a skill in the neighbourhood of the last one goes first.
    """

    def __init__(
        self, problem: Problem, rng: np.random.Generator, *, row: int = ROW, leave: bool = False, near: bool = False
    ) -> None:
        super().__init__(problem, rng)
        self._row = row
        self._leave = leave
        self._near = near
        self._done: set[int] = set()
        self._left: dict[int, int] = {}

    def observe(self, skill: int, *, right: bool) -> None:
        super().observe(skill, right=right)
        if self.learnt(skill):
            self._done.add(skill)
        if self._leave and not right and self.run[skill] % LEAVE == 0:
            self._left[skill] = self.step

    def learnt(self, skill: int) -> bool:
        return self.run[skill] >= self._row

    def choose(self) -> int:
        open_ = [skill for skill in self.problem.needed if skill not in self._done]
        if not open_:
            return self.weakest()
        there = [skill for skill in open_ if self.step - self._left.get(skill, -AWAY) >= AWAY] or open_
        if self._near and self.last is not None:
            near = coherence.neighbourhood(self.problem.parents, self.last)
            there = [skill for skill in there if skill in near] or there
        return there[0]


class _Mastery(_Queue):
    """The first needed skill whose belief by Bayesian knowledge tracing is below .95, with one set of parameters."""

    def __init__(self, problem: Problem, rng: np.random.Generator, *, leave: bool = False) -> None:
        super().__init__(problem, rng, leave=leave)
        self._belief = [_START] * len(problem.parents)

    def learnt(self, skill: int) -> bool:
        known = self._belief[skill]
        if_known, if_not = (1.0 - _SLIP, _GUESS) if self.run[skill] > 0 else (_SLIP, 1.0 - _GUESS)
        known = known * if_known / (known * if_known + (1.0 - known) * if_not)
        self._belief[skill] = known + (1.0 - known) * _LEARN
        return self._belief[skill] >= MASTERED


class _Greedy(_Simple):
    """The best smoothed rate among needed skills that are ready and not learnt: what goes well already.

    Learnt is three right answers in a row; ready is that the last answer on each prerequisite was right.
    """

    def choose(self) -> int:
        parents = self.problem.parents
        open_ = [skill for skill in self.problem.needed if self.run[skill] < ROW]
        ready = [skill for skill in open_ if all(self.run[parent] > 0 for parent in parents[skill])]
        return max(ready or open_, key=self.rate) if open_ else self.weakest()


class _Band(_Simple):
    """The needed skill, ready before those that are not, whose smoothed rate is nearest to .65."""

    def choose(self) -> int:
        parents = self.problem.parents
        return min(
            self.problem.needed,
            key=lambda skill: (
                not all(self.rate(parent) >= BAND for parent in parents[skill]),
                abs(self.rate(skill) - BAND),
                self.seen[skill],
            ),
        )


class _Zpdes(_Simple):
    """A bandit over the zone of proximal development, after ZPDES (Clement et al., 2015).

    A skill enters the zone when its prerequisites show two right answers among their last four, and leaves it when all
    of its own last four are right. Its quality is a running mean of how much the later two of the last four answers
    were better than the earlier two; a fifth of the choices are even over the zone.
    """

    def __init__(self, problem: Problem, rng: np.random.Generator) -> None:
        super().__init__(problem, rng)
        self._recent: list[list[bool]] = [[] for _ in problem.parents]
        self._quality = [0.1] * len(problem.parents)

    def observe(self, skill: int, *, right: bool) -> None:
        super().observe(skill, right=right)
        recent = self._recent[skill] = [*self._recent[skill][-3:], right]
        later, earlier = recent[len(recent) // 2 :], recent[: len(recent) // 2]
        progress = sum(later) / len(later) - (sum(earlier) / len(earlier) if earlier else 0.0)
        self._quality[skill] = 0.7 * self._quality[skill] + 0.3 * progress

    def choose(self) -> int:
        parents, recent = self.problem.parents, self._recent
        zone = [
            skill
            for skill in self.problem.needed
            if sum(recent[skill]) < 4 and all(sum(recent[parent]) >= 2 for parent in parents[skill])
        ]
        if not zone:
            return self.weakest()
        quality = np.array([max(self._quality[skill], 0.0) for skill in zone])
        total = float(quality.sum())
        share = np.full(len(zone), 1.0 / len(zone))
        chance = 0.8 * quality / total + 0.2 * share if total > 0.0 else share
        return zone[int(self.rng.choice(len(zone), p=chance))]


class _Path:
    """The project's own: a tracker of three states, expected gain x unlock value, and what is set beside them.

    Args:
        problem: What may be seen.
        rng: Source of luck, for equal scores.
        priors: What other learners' answers say, or None.
        near: Whether coherence is declared.
        placed: Questions of a placement at most; 0: none.
    """

    def __init__(
        self,
        problem: Problem,
        rng: np.random.Generator,
        priors: Priors | None = None,
        *,
        near: bool = False,
        placed: int = 0,
    ) -> None:
        self._problem = problem
        self._rng = rng
        self._arm = policy.COHERENT if near else policy.PLAIN
        self._placed = placed
        self._answers: list[placement.Answer] = []
        self._state = tracker.start(problem.catalog, priors=priors, coherence=near)
        for skill, right in problem.history:
            tracker.observe(self._state, skill, right=right)
        self._before = tracker.copy(self._state)
        self._goal = goal(problem) if placed else None

    def question(self) -> int | None:
        if self._goal is None or len(self._answers) >= self._placed:
            return None
        catalog, role = self._goal
        found = placement.next_item(catalog, role, self._answers, before=self._before, most=self._placed)
        return None if found is None else catalog.skill_index[found.skill]

    def told(self, skill: int, *, right: bool) -> None:
        item = tuple(self._problem.catalog.items)[skill]
        self._answers.append(placement.Answer(item, right))
        tracker.observe(self._state, skill, right=right, practice=False)

    def choose(self) -> int:
        state = self._state
        beliefs = tracker.beliefs(state)
        chances = [chance for _, chance in state.items]
        wanted = policy.weights(beliefs, self._problem.targets, chances)
        opening = policy.openings(state.plan, beliefs, wanted, arm=self._arm)
        worths = policy.worths(beliefs, wanted, opening, chances, arm=self._arm)
        scores = [worth.own + worth.opens for worth in worths]
        return policy.choose(state.plan, scores, self._rng, anchor=state.anchor if self._arm.near else None)

    def observe(self, skill: int, *, right: bool) -> None:
        tracker.observe(self._state, skill, right=right)


def goal(problem: Problem) -> tuple[Catalog, str]:
    """A catalog that has the goal of a problem as a role, and the role's id."""
    catalog = problem.catalog
    names = tuple(catalog.skills)
    targets = {
        names[skill]: problem.targets.get(skill, 1) for skill in problem.needed
    }  # a role holds what it builds on
    role = Role("goal", MappingProxyType({"en": "goal", "zh": "goal"}), MappingProxyType(targets))
    return replace(catalog, roles=MappingProxyType({"goal": role})), "goal"


def _simple(name: str, text: str, way: Callable[..., _Simple], **options: object) -> Strategy:
    def make(problem: Problem, rng: np.random.Generator, priors: Priors | None) -> Policy:
        del priors
        return way(problem, rng, **options).begin()

    return Strategy(name, text, make, near=bool(options.get("near")))


def _path(name: str, text: str, *, priors: bool = False, near: bool = False, placed: int = 0) -> Strategy:
    def make(problem: Problem, rng: np.random.Generator, known: Priors | None) -> Policy:
        return _Path(problem, rng, known if priors else None, near=near, placed=placed)

    return Strategy(name, text, make, simple=False, priors=priors, near=near)


STRATEGIES: Mapping[str, Strategy] = MappingProxyType(
    {
        strategy.name: strategy
        for strategy in (
            _simple("random", "any skill", _Random, needed=False),
            _simple("random-needed", "any skill that the goal needs", _Random, needed=True),
            _simple("fixed", "each skill once in the order, and again", _Fixed, needed=False),
            _simple("fixed-needed", "each needed skill once in the order, and again", _Fixed, needed=True),
            _simple("repeat", "one skill until it is answered right, in the order", _Queue, row=1),
            _simple("greedy", "the best rate among needed skills that are ready and not learnt", _Greedy),
            _simple("three", "one skill until three are right in a row", _Queue),
            _simple("three-leave", "the same, left for five steps after three wrong", _Queue, leave=True),
            _simple("three-leave-near", "the same, near the last skill first", _Queue, leave=True, near=True),
            _simple("mastery", "one skill until Bayesian tracing believes .95", _Mastery),
            _simple("mastery-leave", "the same, left for five steps after three wrong", _Mastery, leave=True),
            _simple("zpdes", "a bandit over the zone of proximal development", _Zpdes),
            _simple("band", "the needed skill with a rate nearest to .65", _Band),
            _path("path", "the project's path, of a learner of whom nothing is known"),
            _path("path-priors", "the path, with what other learners' first answers say", priors=True),
            _path("path-near", "the path, coherence declared", near=True),
            _path("path-priors-near", "the path with priors, coherence declared", priors=True, near=True),
            _path("path-placed", "the path, after a placement of up to 40 questions", placed=placement.MOST),
            _path(
                "path-priors-placed",
                "the path with priors, after a placement of up to 40 questions",
                priors=True,
                placed=placement.MOST,
            ),
        )
    }
)
