"""What a learner probably knows, skill by skill, from answers and the graph alone. Floor 2.

Three states a skill (unknown, fragile, solid) and two beliefs: with the prerequisites behind it, and without. An
answer moves the skill and, through the graph, what comes before it; repeated failure lowers a prerequisite. Bayesian
knowledge tracing (Corbett & Anderson 1995) with a third state and prerequisites. A state grows by one answer at a time
and equals a replay of all answers, bit by bit.
"""

from __future__ import annotations

import dataclasses
import functools
import heapq
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import exp, log
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from curriculum import graph
from curriculum.catalog import Catalog
from recommender import errors, states
from recommender.interactions import Interactions

Three = states.Three
Pair = states.Pair

CHANCE: Three = (0.2, 0.7, 0.93)  # of a right answer when unknown, fragile, solid, on an item of middle difficulty
LEARN = 0.30  # unknown -> fragile by one practice
FIRM = 0.35  # fragile -> solid by one practice
ALONE = 0.15  # how much of that is left without the prerequisites
HALF = 0.4  # support that a fragile prerequisite gives
WITH: Three = (0.65, 0.21, 0.14)  # an unknown learner, prerequisites supported
WITHOUT: Three = (0.91, 0.05, 0.04)
MIDDLE = 3.0  # declared difficulty, 1..5
STEP = 0.45  # logits that one step of declared difficulty costs
FAR = 0.05  # with coherence: what is left of a practice that is far from the one before
_FORGIVEN = 0.9  # what each step elsewhere leaves of a run of wrong answers
ENOUGH = 8  # practices of one skill in a row, or wrong answers in a row, after which something else is due
_MOST = 0.9  # most that one practice makes solid of what is fragile
_FAINT = 1e-3  # evidence on a prerequisite weaker than this is not followed further
_DAY = 86400.0 * 1e6  # microseconds


@dataclass(frozen=True, eq=False)
class Plan:
    """The graph by column.

    Attributes:
        order: All skills, prerequisites first.
        parents: Of each skill, its prerequisites.
        children: Of each skill, the skills that name it as a prerequisite.
        others: Of each skill, of each of its children, the other prerequisites of that child.
        closure: Of each skill, itself and its ancestors, prerequisites first.
        place: Of each skill, its position in `order`.
        near: Of each skill, what is near enough to follow it where coherence counts: itself, its children, its
            parents and grandparents, and the other children of its parents.
    """

    order: tuple[int, ...]
    parents: tuple[tuple[int, ...], ...]
    children: tuple[tuple[int, ...], ...]
    others: tuple[tuple[tuple[int, ...], ...], ...]
    closure: tuple[tuple[int, ...], ...]
    place: tuple[int, ...]
    near: tuple[frozenset[int], ...]


@dataclass(frozen=True, eq=False)
class Priors:
    """What other learners' answers say before this learner gives one; `priors.learn` makes it.

    Attributes:
        start: Of each skill, the chances of the three states with its prerequisites supported, and without.
        chances: Of each item, the chances of a right answer in the three states.
    """

    start: tuple[Pair, ...]
    chances: tuple[Three, ...]


class Belief(NamedTuple):
    """What is believed of one skill. A tuple, because 143 of them are made at every decision.

    Attributes:
        state: Chances of unknown, fragile, solid; they add up to 1.
        support: 0..1, how far it carries what builds on it.
        readiness: 0..1, product of the supports of its prerequisites; 1 without any.
        rate: Chance that one practice makes unknown fragile.
        wrong_run: Wrong answers in a row, fading while other skills are practised; at least `ENOUGH` after as many
            practices in a row.
        attempts: Answers on it, those of a placement too.
        practised: Answers on it that were practice.
    """

    state: Three
    support: float
    readiness: float
    rate: float
    wrong_run: float
    attempts: int
    practised: int = 0


@dataclass(slots=True)
class _Skill:
    """One skill of a state. While it was not asked, the learner's ability is not in the beliefs: `_view` adds it."""

    supported: Three
    alone: Three
    learnt: float = 4 * LEARN
    not_learnt: float = 4 * (1 - LEARN)
    attempts: int = 0
    practised: int = 0
    wrong_run: float = 0.0
    row: int = 0  # practices in a row, with nothing else between
    step: int = 0  # when both were counted
    when: int | None = None  # microseconds; since then it fades

    @property
    def rate(self) -> float:
        return self.learnt / (self.learnt + self.not_learnt)


@dataclass(slots=True)
class State:
    """What is kept of a learner between two answers; make it with `start`, feed it with `observe`.

    Attributes:
        plan: The graph by column.
        items: Of each item, its skills and the chances of a right answer in the three states.
        half_lives: Of each skill, days until half of what is solid is fragile again; empty: nothing fades.
        coherence: Whether practice far from the one before counts little.
        skills: One a skill.
        ability: Log-odds that the learner's first answers were better than expected.
        firsts: First answers so far.
        steps: Practised answers so far.
        anchor: Skill of the last practice, where coherence counts; None before.
    """

    plan: Plan
    items: tuple[tuple[tuple[int, ...], Three], ...]
    half_lives: tuple[float | None, ...]
    coherence: bool
    skills: list[_Skill]
    ability: float = 0.0
    firsts: int = 0
    steps: int = 0
    anchor: int | None = None


class Sight(NamedTuple):
    """What is seen of some skills at one moment, each by column: both beliefs, their mix, readiness and support."""

    views: dict[int, Pair]
    states: dict[int, Three]
    ready: dict[int, float]
    support: dict[int, float]


@functools.lru_cache(maxsize=64)
def plan(catalog: Catalog) -> Plan:
    """Lay out the graph of a catalog by column."""
    index = catalog.skill_index
    order = tuple(index[name] for name in graph.order(catalog))
    place = {skill: position for position, skill in enumerate(order)}
    closure = [
        tuple(sorted((index[name] for name in (*graph.ancestors(catalog, skill), skill)), key=place.__getitem__))
        for skill in catalog.skills
    ]
    parents = tuple(tuple(index[name] for name in skill.prerequisites) for skill in catalog.skills.values())
    children = tuple(tuple(index[name] for name in names) for names in graph.dependents(catalog).values())
    others = tuple(
        tuple(tuple(parent for parent in parents[child] if parent != skill) for child in own)
        for skill, own in enumerate(children)
    )
    near = tuple(_near(parents, children, skill) for skill in range(len(parents)))
    places = tuple(place[skill] for skill in range(len(parents)))
    return Plan(order, parents, children, others, tuple(closure), places, near)


def _near(parents: Sequence[Sequence[int]], children: Sequence[Sequence[int]], skill: int) -> frozenset[int]:
    found = {skill, *children[skill]}
    for parent in parents[skill]:
        found.update((parent, *parents[parent], *children[parent]))
    return frozenset(found)


def chances(difficulty: float | None, easier: float = 0.0) -> Three:
    """Chance of a right answer in each state.

    Args:
        difficulty: Declared, 1..5; None: middle.
        easier: Logits by which the item is easier than that.
    """
    shift = easier + STEP * (MIDDLE - (MIDDLE if difficulty is None else difficulty))
    unknown, fragile, solid = (1.0 / (1.0 + exp(-log(p / (1.0 - p)) - shift)) for p in CHANCE)
    return unknown, fragile, solid


@functools.lru_cache(maxsize=64)
def prior(catalog: Catalog) -> tuple[Belief, ...]:
    """Beliefs about a learner of whom nothing is known, one a skill."""
    return beliefs(start(catalog))


@functools.lru_cache(maxsize=64)
def _items(catalog: Catalog) -> tuple[tuple[tuple[int, ...], Three], ...]:
    index = catalog.skill_index
    return tuple(
        (tuple(index[name] for name in item.skills), chances(item.difficulty)) for item in catalog.items.values()
    )


def dot(left: Three, right: Three) -> float:
    """Sum of products."""
    return left[0] * right[0] + left[1] * right[1] + left[2] * right[2]


def start(
    catalog: Catalog, *, priors: Priors | None = None, coherence: bool = False, forgetting: bool = False
) -> State:
    """Begin with a learner of whom nothing is known.

    Args:
        catalog: The catalog.
        priors: What other learners' answers say; None: the same for every skill.
        coherence: Whether practice far from the one before counts little; an arm of an experiment, because logs cannot
            tell whether it holds.
        forgetting: Whether what is solid becomes fragile again with the declared half-lives of the skills.

    Raises:
        errors.MismatchError: The priors are of another catalog.
    """
    items = _items(catalog)
    begin: Sequence[Pair] = [(WITH, WITHOUT)] * len(catalog.skills)
    if priors is not None:
        if len(priors.start) != len(catalog.skills) or len(priors.chances) != len(items):
            raise errors.MismatchError(
                "priors",
                f"{len(priors.start)} skills and {len(priors.chances)} items",
                f"{len(catalog.skills)} and {len(items)}",
            )
        begin = priors.start
        items = tuple((skills, chance) for (skills, _), chance in zip(items, priors.chances, strict=True))
    half_lives = tuple(skill.half_life_days for skill in catalog.skills.values()) if forgetting else ()
    return State(plan(catalog), items, half_lives, coherence, [_Skill(*pair) for pair in begin])


def copy(state: State) -> State:
    """Copy a state, so that one of the two can go on alone."""
    return dataclasses.replace(state, skills=[dataclasses.replace(skill) for skill in state.skills])


def observe(state: State, item: int, *, right: bool, practice: bool = True, when: int | None = None) -> None:
    """Take in one answer; the state is changed.

    Args:
        state: Of the learner.
        item: Column of the item.
        right: Whether the answer was right.
        practice: Whether the learner could learn by it; False for an answer of a placement.
        when: Microseconds since 1970; needed where forgetting counts, ignored elsewhere.
    """
    skills, chance = state.items[item]
    state.steps += practice
    for skill in skills:
        _answer(state, skill, chance, right=right, practice=practice, when=when)
    if practice and skills and (state.anchor is None or skills[0] in state.plan.near[state.anchor]):
        state.anchor = skills[0]


def beliefs(state: State, *, when: int | None = None) -> tuple[Belief, ...]:
    """Say what is believed now, one belief a skill in the order of the catalog; the state stays as it is.

    Args:
        state: Of the learner.
        when: Microseconds since 1970: what faded until then; None: nothing since the last answers.
    """
    count = len(state.skills)
    support, found = [1.0] * count, [_NOTHING] * count
    parents, steps, skills = state.plan.parents, state.steps, state.skills
    for number in state.plan.order:
        skill = skills[number]
        ready = 1.0
        for parent in parents[number]:
            ready *= support[parent]
        now = states.mixed(_view(state, number, when), ready)
        support[number] = carried = HALF * now[1] + now[2]
        run = skill.wrong_run and skill.wrong_run * _FORGIVEN ** (steps - skill.step)
        found[number] = Belief(now, carried, ready, skill.rate, run, skill.attempts, skill.practised)
    return tuple(found)


def replay(
    catalog: Catalog,
    history: Interactions,
    *,
    priors: Priors | None = None,
    placed: npt.NDArray[np.bool_] | None = None,
    coherence: bool = False,
    forgetting: bool = False,
) -> State:
    """Feed all answers of one learner to a new state.

    Args:
        catalog: The catalog.
        history: Interactions of one learner, in time order; n rows.
        priors: As in `start`.
        placed: bool [n], answers of a placement; None: there are none.
        coherence: As in `start`.
        forgetting: As in `start`.
    """
    state = start(catalog, priors=priors, coherence=coherence, forgetting=forgetting)
    test = np.zeros(len(history.item), np.bool_) if placed is None else placed
    for item, correct, when, tested in zip(
        history.item.tolist(), history.correct.tolist(), history.when.tolist(), test.tolist(), strict=True
    ):
        observe(state, item, right=correct > 0.5, practice=not tested, when=when)
    return state


def track(
    catalog: Catalog,
    history: Interactions,
    *,
    priors: Priors | None = None,
    placed: npt.NDArray[np.bool_] | None = None,
    coherence: bool = False,
    now: datetime | None = None,
) -> tuple[Belief, ...]:
    """Replay the answers of one learner.

    Args:
        catalog: The catalog.
        history: Interactions of one learner, in time order; n rows.
        priors: As in `start`.
        placed: bool [n], answers of a placement; None: there are none.
        coherence: As in `start`.
        now: The moment until which skills fade by their half-lives; None: nothing fades.

    Returns:
        A belief for every skill, in the order of the catalog.
    """
    state = replay(catalog, history, priors=priors, placed=placed, coherence=coherence, forgetting=now is not None)
    return beliefs(state, when=None if now is None else int(now.timestamp() * 1e6))


def sight(state: State, *, when: int | None = None) -> Sight:
    """See all skills as they stand; for `outlook`."""
    return _sweep(state, state.plan.order, when)


def outlook(state: State, seen: Sight, item: int, *, right: bool) -> dict[int, Three]:
    """Say what would be believed after one answer that is no practice; the state stays as it is.

    The learner's ability is left out: it moves all skills alike, whichever is asked.

    Args:
        state: Of the learner.
        seen: From `sight`, of the same state.
        item: Column of the item; its main skill counts.
        right: Whether the answer were right.

    Returns:
        Chances of the three states, by column of the skills that move: the asked one, what comes before it, and what
        builds on those.
    """
    skills, chance = state.items[item]
    layout = state.plan
    messages = _messages(layout, skills[0], chance if right else states.wrong(chance), seen)
    support: dict[int, float] = {}
    moved: dict[int, Three] = {}
    waiting = [(layout.place[skill], skill) for skill in messages]
    heapq.heapify(waiting)
    last = -1
    while waiting:
        _, number = heapq.heappop(waiting)
        if number == last:
            continue
        last = number
        pair, message = seen.views[number], messages.get(number)
        if message is not None:
            pair = states.normal(states.times(pair[0], message)), states.normal(states.times(pair[1], message))
        ready = 1.0
        for parent in layout.parents[number]:
            ready *= support[parent] if parent in support else seen.support[parent]
        moved[number] = now = states.mixed(pair, ready)
        support[number] = carried = HALF * now[1] + now[2]
        if abs(carried - seen.support[number]) > _FAINT:
            for child in layout.children[number]:
                heapq.heappush(waiting, (layout.place[child], child))
    return moved


_NOTHING = Belief(WITH, 0.0, 0.0, LEARN, 0.0, 0)


def _view(state: State, number: int, when: int | None) -> Pair:
    """Both beliefs of a skill as they stand: with the ability, if it was not asked; with what faded, if it was."""
    skill = state.skills[number]
    if not skill.attempts:
        if not state.ability:
            return skill.supported, skill.alone
        # A learner who is better at first answers than expected is likelier to know what was not asked yet, too.
        factor = exp(state.ability)
        return states.lifted(skill.supported, factor), states.lifted(skill.alone, factor)
    if state.half_lives and when is not None and skill.when is not None and when > skill.when:
        half_life = state.half_lives[number]
        if half_life is not None:
            kept = 0.5 ** ((when - skill.when) / _DAY / half_life)
            return states.faded(skill.supported, kept), states.faded(skill.alone, kept)
    return skill.supported, skill.alone


def _answer(state: State, number: int, chance: Three, *, right: bool, practice: bool, when: int | None) -> None:
    seen = _sweep(state, state.plan.closure[number], when)
    before = seen.states[number]
    likely = chance if right else states.wrong(chance)
    skill = state.skills[number]
    for node, message in _messages(state.plan, number, likely, seen).items():
        entry = state.skills[node]
        if entry.attempts or node == number:
            entry.supported = states.normal(states.times(seen.views[node][0], message))
            entry.alone = states.normal(states.times(seen.views[node][1], message))
            entry.when = when
        else:  # the ability stays outside until it is asked itself
            entry.supported = states.normal(states.times(entry.supported, message))
            entry.alone = states.normal(states.times(entry.alone, message))
    if skill.attempts == 0:
        state.ability += (float(right) - dot(before, chance)) / (1.0 + state.firsts / 4.0)
        state.firsts += 1
    skill.attempts += 1
    if practice:
        _practise(state, number, right=right, ready=seen.ready[number], unknown=before[0])


def _practise(state: State, number: int, *, right: bool, ready: float, unknown: float) -> None:
    """What the answer says of the learning before it, and what the learner learns by it."""
    skill = state.skills[number]
    if skill.practised:
        left = ready * skill.supported[0] + (1.0 - ready) * skill.alone[0]
        skill.learnt += 0.5 * max(0.0, unknown - left)
        skill.not_learnt += left * (ready + (1.0 - ready) * ALONE)
    skill.practised += 1
    skill.row = skill.row + 1 if skill.step == state.steps - 1 else 1
    skill.wrong_run = 0.0 if right else skill.wrong_run * _FORGIVEN ** max(0, state.steps - skill.step - 1) + 1.0
    if skill.row >= ENOUGH:  # a lucky guess now and then must not keep a learner where nothing is learnt
        skill.wrong_run = max(skill.wrong_run, float(ENOUGH))
    skill.step = state.steps
    trust = 1.0
    if state.coherence and state.anchor is not None and number not in state.plan.near[state.anchor]:
        trust = FAR
    learn, firm = trust * skill.rate, trust * min(FIRM * skill.rate / LEARN, _MOST)
    skill.supported = states.grown(skill.supported, learn, firm)
    skill.alone = states.grown(skill.alone, learn * ALONE, firm * ALONE)


def _sweep(state: State, skills: Iterable[int], when: int | None) -> Sight:
    """See some skills; all their ancestors are among them, prerequisites first."""
    seen = Sight({}, {}, {}, {})
    views, found, readiness, support, parents = seen.views, seen.states, seen.ready, seen.support, state.plan.parents
    for number in skills:
        ready = 1.0
        for parent in parents[number]:
            ready *= support[parent]
        views[number] = view = _view(state, number, when)
        found[number] = now = states.mixed(view, ready)
        readiness[number] = ready
        support[number] = HALF * now[1] + now[2]
    return seen


def _messages(plan: Plan, number: int, likely: Three, seen: Sight) -> dict[int, Three]:
    """Likelihood of the states of the asked skill and, passed upwards, of what comes before it."""
    # Half of the time of a long history is spent here and in `_sweep`: no call is made where none is needed.
    messages = {number: likely}
    views, readiness, support, parents = seen.views, seen.ready, seen.support, plan.parents
    for node in reversed(plan.closure[number]):
        message = messages.get(node)
        if message is None or not parents[node]:
            continue
        (u1, f1, m1), (u0, f0, m0) = views[node]
        u, f, m = message
        beyond = (u1 * u + f1 * f + m1 * m) / (u0 * u + f0 * f + m0 * m) - 1.0
        for parent in parents[node]:
            others = readiness[node] / support[parent]
            if others * abs(beyond) > _FAINT:
                u, f, m = messages.get(parent, (1.0, 1.0, 1.0))
                f, m = f * _clip(1.0 + others * HALF * beyond), m * _clip(1.0 + others * beyond)
                messages[parent] = (u, f, m)
    return messages


def _clip(value: float) -> float:
    return 0.05 if value < 0.05 else min(20.0, value)
