"""What a learner probably knows, skill by skill, from answers and the graph alone. Floor 2.

Three states a skill (unknown, fragile, solid) and two beliefs: with the prerequisites behind it, and without. An
answer moves the skill and, through the graph, what comes before it; repeated failure lowers a prerequisite. Source:
policy F, with cold priors.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable
from dataclasses import dataclass, field
from math import exp, log

from curriculum import graph
from curriculum.catalog import Catalog
from recommender.interactions import Interactions

Three = tuple[float, float, float]

CHANCE: Three = (0.2, 0.7, 0.93)  # of a right answer when unknown, fragile, solid, on an item of middle difficulty
LEARN = 0.30  # unknown -> fragile by one practice
FIRM = 0.35  # fragile -> solid by one practice
ALONE = 0.15  # how much of that is left without the prerequisites
HALF = 0.4  # support that a fragile prerequisite gives
WITH: Three = (0.65, 0.21, 0.14)  # an unknown learner, prerequisites supported
WITHOUT: Three = (0.91, 0.05, 0.04)
MIDDLE = 3.0  # declared difficulty, 1..5
STEP = 0.45  # logits that one step of declared difficulty costs
_FORGIVEN = 0.9  # what each step elsewhere leaves of a run of wrong answers
_LEAST = 1e-6
_FAINT = 1e-3  # evidence on a prerequisite weaker than this is not followed further


@dataclass(frozen=True, eq=False)
class Plan:
    """The graph by column: parents, children, and for each skill itself and its ancestors, prerequisites first."""

    order: tuple[int, ...]
    parents: tuple[tuple[int, ...], ...]
    children: tuple[tuple[int, ...], ...]
    closure: tuple[tuple[int, ...], ...]


@dataclass(slots=True)
class _Skill:
    supported: Three = WITH
    alone: Three = WITHOUT
    learnt: float = 4 * LEARN
    not_learnt: float = 4 * (1 - LEARN)
    attempts: int = 0
    wrong_run: float = 0.0
    step: int = 0  # when the run was counted
    ability: float = 0.0  # how much of the learner's ability is in the beliefs already

    @property
    def rate(self) -> float:
        return self.learnt / (self.learnt + self.not_learnt)


@dataclass(frozen=True)
class Belief:
    """What is believed of one skill.

    Attributes:
        state: Chances of unknown, fragile, solid; they add up to 1.
        support: 0..1, how far it carries what builds on it.
        readiness: 0..1, product of the supports of its prerequisites; 1 without any.
        rate: Chance that one practice makes unknown fragile.
        wrong_run: Wrong answers in a row, fading while other skills are practised.
        attempts: Answers on it.
    """

    state: Three
    support: float
    readiness: float
    rate: float
    wrong_run: float
    attempts: int


@dataclass(slots=True)
class _Track:
    plan: Plan
    skills: list[_Skill]
    ability: float = 0.0
    firsts: int = 0
    steps: int = 0
    support: dict[int, float] = field(default_factory=dict)
    readiness: dict[int, float] = field(default_factory=dict)
    state: dict[int, Three] = field(default_factory=dict)


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
    return Plan(
        order,
        tuple(tuple(index[name] for name in skill.prerequisites) for skill in catalog.skills.values()),
        tuple(tuple(index[name] for name in names) for names in graph.dependents(catalog).values()),
        tuple(closure),
    )


def chances(difficulty: float | None) -> Three:
    """Chance of a right answer in each state, on an item of some declared difficulty (1..5; None: middle)."""
    shift = STEP * (MIDDLE - (MIDDLE if difficulty is None else difficulty))
    unknown, fragile, solid = (1.0 / (1.0 + exp(-log(p / (1.0 - p)) - shift)) for p in CHANCE)
    return unknown, fragile, solid


@functools.lru_cache(maxsize=64)
def prior(catalog: Catalog) -> tuple[Belief, ...]:
    """Beliefs about a learner of whom nothing is known, one a skill."""
    track = _Track(plan(catalog), [_Skill() for _ in catalog.skills])
    _sweep(track, track.plan.order)
    return tuple(_belief(track, skill) for skill in range(len(track.skills)))


def dot(left: Three, right: Three) -> float:
    """Sum of products."""
    return left[0] * right[0] + left[1] * right[1] + left[2] * right[2]


def track(catalog: Catalog, history: Interactions) -> tuple[Belief, ...]:
    """Replay the answers of one learner.

    Args:
        catalog: The catalog.
        history: Interactions of one learner, in time order.

    Returns:
        A belief for every skill, in the order of the catalog.
    """
    laid = plan(catalog)
    items = [
        (tuple(catalog.skill_index[name] for name in item.skills), chances(item.difficulty))
        for item in catalog.items.values()
    ]
    track = _Track(laid, [_Skill() for _ in catalog.skills])
    for item, correct in zip(history.item.tolist(), history.correct.tolist(), strict=True):
        skills, chance = items[item]
        track.steps += 1
        for skill in skills:
            _answer(track, skill, chance, right=correct > 0.5)
    _sweep(track, laid.order)
    return tuple(_belief(track, skill) for skill in range(len(track.skills)))


def _belief(track: _Track, number: int) -> Belief:
    skill = track.skills[number]
    run = skill.wrong_run * _FORGIVEN ** (track.steps - skill.step)
    return Belief(track.state[number], track.support[number], track.readiness[number], skill.rate, run, skill.attempts)


def _sweep(track: _Track, skills: Iterable[int]) -> None:
    """Bring supports and states of some skills up to date; all their ancestors are given too, prerequisites first."""
    for number in skills:
        skill = track.skills[number]
        if skill.attempts == 0 and skill.ability != track.ability:
            _lift(skill, track.ability)
        ready = 1.0
        for parent in track.plan.parents[number]:
            ready *= track.support[parent]
        (u1, f1, m1), (u0, f0, m0) = skill.supported, skill.alone
        rest = 1.0 - ready
        state = (ready * u1 + rest * u0, ready * f1 + rest * f0, ready * m1 + rest * m0)
        track.readiness[number] = ready
        track.state[number] = state
        track.support[number] = HALF * state[1] + state[2]


def _lift(skill: _Skill, ability: float) -> None:
    """A learner who is better at first answers than expected is likelier to know what was not asked yet, too."""
    factor = exp(ability - skill.ability)
    skill.ability = ability
    skill.supported = _normal((skill.supported[0], factor * skill.supported[1], factor * skill.supported[2]))
    skill.alone = _normal((skill.alone[0], factor * skill.alone[1], factor * skill.alone[2]))


def _normal(state: Three) -> Three:
    """Chances that add up to 1, none of them ever quite 0: a belief that is certain could never change again."""
    total = state[0] + state[1] + state[2]
    unknown, fragile, solid = (max(part / total, _LEAST) for part in state)
    rest = unknown + fragile + solid
    return unknown / rest, fragile / rest, solid / rest


def _answer(track: _Track, number: int, chance: Three, *, right: bool) -> None:
    closure = track.plan.closure[number]
    _sweep(track, closure)
    before = track.state[number]
    expected = dot(before, chance)
    likely = chance if right else (1.0 - chance[0], 1.0 - chance[1], 1.0 - chance[2])
    _evidence(track, closure, number, likely)
    skill = track.skills[number]
    ready = track.readiness[number]
    if skill.attempts == 0:
        track.ability += (float(right) - expected) / (1.0 + track.firsts / 4.0)
        track.firsts += 1
    else:
        unknown = ready * skill.supported[0] + (1.0 - ready) * skill.alone[0]
        skill.learnt += 0.5 * max(0.0, before[0] - unknown)
        skill.not_learnt += unknown * (ready + (1.0 - ready) * ALONE)
    skill.attempts += 1
    skill.wrong_run = 0.0 if right else skill.wrong_run * _FORGIVEN ** max(0, track.steps - skill.step - 1) + 1.0
    skill.step = track.steps
    firm = min(FIRM * skill.rate / LEARN, 0.9)
    skill.supported = _practise(skill.supported, skill.rate, firm)
    skill.alone = _practise(skill.alone, skill.rate * ALONE, firm * ALONE)


def _evidence(track: _Track, closure: tuple[int, ...], number: int, likely: Three) -> None:
    """Bayes on the skill and, by message, on what comes before it."""
    messages = {number: likely}
    for node in reversed(closure):
        message = messages.get(node)
        if message is None:
            continue
        skill = track.skills[node]
        with_support, without = dot(skill.supported, message), dot(skill.alone, message)
        ratio = with_support / without
        for parent in track.plan.parents[node]:
            others = track.readiness[node] / track.support[parent]
            if others * abs(ratio - 1.0) > _FAINT:
                u, f, m = messages.get(parent, (1.0, 1.0, 1.0))
                messages[parent] = (
                    u,
                    f * _clip(1.0 + others * HALF * (ratio - 1.0)),
                    m * _clip(1.0 + others * (ratio - 1.0)),
                )
        skill.supported = _normal(_times(skill.supported, message))
        skill.alone = _normal(_times(skill.alone, message))


def _clip(value: float) -> float:
    return min(max(value, 0.05), 20.0)


def _times(left: Three, right: Three) -> Three:
    return left[0] * right[0], left[1] * right[1], left[2] * right[2]


def _practise(state: Three, learn: float, firm: float) -> Three:
    unknown, fragile, solid = state
    return unknown * (1.0 - learn), fragile * (1.0 - firm) + unknown * learn, solid + fragile * firm
