"""What a simulator is: worlds to learn in, learners who live in them, and what of both may be seen. Floor 2.

A law of learning draws worlds; a world draws trials; a trial is one learner with a goal, who can be begun anew for
every policy that is compared. A policy sees the problem and the answers, never the learner.
"""

from __future__ import annotations

import functools
import heapq
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Protocol

import numpy as np

from curriculum import catalog as catalogs
from curriculum.catalog import Area, Catalog, Item, Skill

Parents = tuple[tuple[int, ...], ...]

ENOUGH = 0.9  # a learner who starts with this share of the goal has nothing to show, and is drawn again
TRIES = 50  # draws until one is taken as it is
TARGET = 5  # level that a made-up goal asks for


class Learner(Protocol):
    """A simulated learner, with a true state that no policy sees."""

    def practise(self, skill: int, rng: np.random.Generator) -> bool:
        """Answer an item of a skill and learn from it.

        Args:
            skill: Column of the skill.
            rng: Source of luck.

        Returns:
            Whether the answer was right.
        """

    def answer(self, skill: int, rng: np.random.Generator) -> bool:
        """Answer an item of a placement: nothing is learnt from it."""

    def achieved(self) -> float:
        """E: what of the goal is truly mastered now, summed over its skills."""

    def mastery(self, skill: int) -> float:
        """How far a skill is truly mastered now, 0..1."""


@dataclass(frozen=True, eq=False)
class Problem:
    """What a policy may see.

    Attributes:
        catalog: Skills, prerequisites and one practice item a skill; item column = skill column.
        targets: Level 1..5 by skill column: the goal.
        history: Answers before the first step, as (skill column, right), oldest first.
    """

    catalog: Catalog
    targets: Mapping[int, int]
    history: tuple[tuple[int, bool], ...] = ()

    @functools.cached_property
    def parents(self) -> Parents:
        """Columns of the prerequisites of each skill."""
        return parents_of(self.catalog)

    @functools.cached_property
    def order(self) -> tuple[int, ...]:
        """All skills, prerequisites first; among those that are ready, the smallest column first."""
        return order_of(self.parents)

    @functools.cached_property
    def needed(self) -> tuple[int, ...]:
        """The goal's skills and all that come before them, in `order`."""
        wanted = closure(self.parents, tuple(self.targets))
        return tuple(skill for skill in self.order if skill in wanted)


@dataclass(frozen=True, eq=False)
class Trial:
    """One learner with a goal.

    Attributes:
        problem: What a policy may see.
        top: E_sup: what `achieved` of the learner is when the whole goal is mastered.
        begin: Makes the learner anew, in the same state each time.
    """

    problem: Problem
    top: float
    begin: Callable[[], Learner]


@dataclass(frozen=True, eq=False)
class World:
    """A graph with the truth about its skills; learners are drawn from it.

    Attributes:
        catalog: The graph as a policy sees it.
        draw: Makes a trial.
    """

    catalog: Catalog
    draw: Callable[[np.random.Generator], Trial]


@dataclass(frozen=True, eq=False)
class Simulator:
    """A family of worlds under one law of learning.

    Attributes:
        name: As it is chosen on the command line.
        text: What it simulates, in one line.
        world: Makes a world.
    """

    name: str
    text: str
    world: Callable[[np.random.Generator], World]


def parents_of(catalog: Catalog) -> Parents:
    """Columns of the prerequisites of each skill of a catalog."""
    index = catalog.skill_index
    return tuple(tuple(index[name] for name in skill.prerequisites) for skill in catalog.skills.values())


def order_of(parents: Parents) -> tuple[int, ...]:
    """Columns with prerequisites first; among those that are ready, the smallest first.

    Args:
        parents: Columns of the prerequisites of each skill, without a cycle.
    """
    children: list[list[int]] = [[] for _ in parents]
    missing = [len(before) for before in parents]
    for skill, before in enumerate(parents):
        for parent in before:
            children[parent].append(skill)
    ready = [skill for skill, count in enumerate(missing) if count == 0]
    heapq.heapify(ready)
    order = []
    while ready:
        skill = heapq.heappop(ready)
        order.append(skill)
        for child in children[skill]:
            missing[child] -= 1
            if missing[child] == 0:
                heapq.heappush(ready, child)
    return tuple(order)


def children_of(parents: Parents) -> Parents:
    """Columns of the skills that name each skill as a prerequisite."""
    children: list[list[int]] = [[] for _ in parents]
    for skill, before in enumerate(parents):
        for parent in before:
            children[parent].append(skill)
    return tuple(map(tuple, children))


def closure(parents: Parents, skills: Sequence[int]) -> frozenset[int]:
    """Some skills and everything that comes before them."""
    found = set(skills)
    waiting = list(skills)
    while waiting:
        for parent in parents[waiting.pop()]:
            if parent not in found:
                found.add(parent)
                waiting.append(parent)
    return frozenset(found)


def graph(skills: int, edges: int, reach: int, rng: np.random.Generator) -> Parents:
    """Draw a graph without cycles.

    A skill's prerequisites lie at most `reach` places before it in a hidden order, so that chains grow; columns are
    shuffled, so that the order of the columns gives nothing away.

    Args:
        skills: Number of skills.
        edges: Number of edges; fewer where that many do not fit.
        reach: How far back in the hidden order a prerequisite may lie.
        rng: Source of luck.
    """
    pairs = [(before, after) for after in range(skills) for before in range(max(0, after - reach), after)]
    chosen = rng.permutation(len(pairs))[:edges]
    column = rng.permutation(skills).tolist()
    parents: list[list[int]] = [[] for _ in range(skills)]
    for number in sorted(chosen.tolist()):
        before, after = pairs[number]
        parents[column[after]].append(column[before])
    return tuple(tuple(sorted(before)) for before in parents)


def catalog_of(parents: Parents, name: str = "simulated") -> Catalog:
    """A catalog with one skill a column and one practice item a skill.

    Args:
        parents: Columns of the prerequisites of each skill, without a cycle.
        name: Id of the catalog.
    """
    ids = [f"s{number:03}" for number in range(len(parents))]
    area = Area("all", _name("all"))
    skills = {
        ids[number]: Skill(ids[number], _name(ids[number]), "all", "skill", 3, tuple(ids[p] for p in before), None)
        for number, before in enumerate(parents)
    }
    items = {
        f"practice:{skill}": Item(f"practice:{skill}", f"urn:simulated:{skill}", (skill,), None, None, 1, True)
        for skill in ids
    }
    return Catalog(
        id=name,
        name=_name(name),
        areas=MappingProxyType({"all": area}),
        skills=MappingProxyType(skills),
        items=MappingProxyType(items),
        roles=MappingProxyType({}),
        rules=MappingProxyType({}),
        misconceptions=MappingProxyType({}),
        pass_score=None,
        notice=MappingProxyType({}),
        fingerprint=catalogs.fingerprint(skills, items, None),
    )


def _name(text: str) -> Mapping[str, str]:
    return MappingProxyType({"en": text, "zh": text})


def mistaken(parents: Parents, share: float, rng: np.random.Generator) -> Parents:
    """A graph with some wrong edges: each of them is taken away, and another that does not exist is put in.

    Args:
        parents: Columns of the prerequisites of each skill.
        share: Share of the edges that become wrong, 0..1.
        rng: Source of luck.

    Returns:
        As many edges as before where the graph has room, without a cycle.
    """
    edges = [(parent, skill) for skill, before in enumerate(parents) for parent in before]
    wrong = set(rng.permutation(len(edges))[: round(share * len(edges))].tolist())
    kept = [edge for number, edge in enumerate(edges) if number not in wrong]
    place = {skill: position for position, skill in enumerate(order_of(parents))}
    known = set(edges)
    free = [(a, b) for a in place for b in place if place[a] < place[b] and (a, b) not in known]
    kept += [free[number] for number in rng.permutation(len(free))[: len(wrong)].tolist()]
    changed: list[list[int]] = [[] for _ in parents]
    for parent, skill in kept:
        changed[skill].append(parent)
    return tuple(tuple(sorted(before)) for before in changed)


def misled(world: World, share: float, rng: np.random.Generator) -> World:
    """The same world, seen through a graph with some wrong edges; learners still learn by the true one."""
    seen = catalog_of(mistaken(parents_of(world.catalog), share, rng), world.catalog.id)

    def draw(luck: np.random.Generator) -> Trial:
        trial = world.draw(luck)
        return replace(trial, problem=Problem(seen, trial.problem.targets, trial.problem.history))

    return World(seen, draw)


def goal(parents: Parents, rng: np.random.Generator) -> dict[int, int]:
    """Draw a goal in a made-up graph: from three skills to a quarter of all, each at the highest level."""
    most = max(4, len(parents) // 4)
    count = int(rng.integers(3, most + 1))
    return dict.fromkeys(sorted(rng.permutation(len(parents))[:count].tolist()), TARGET)


def role(catalog: Catalog, rng: np.random.Generator) -> dict[int, int]:
    """Draw the skills of one of a catalog's roles, each at the highest level: what is judged counts them alike."""
    roles = list(catalog.roles.values())
    chosen = roles[int(rng.integers(len(roles)))]
    return {catalog.skill_index[name]: TARGET for name in chosen.targets}


def until_useful(draw: Callable[[], Trial]) -> Trial:
    """Draw until the learner has at least a tenth of the goal still to learn.

    A gain is divided by what was left: with next to nothing left it would say nothing but noise.
    """
    trial = draw()
    for _ in range(TRIES):
        if trial.begin().achieved() < ENOUGH * trial.top:
            break
        trial = draw()
    return trial
