"""What the answers of one learner suggest about each skill, and how sure that is. Floor 2.

Level = 5 x the chance to get a typical item of the skill right now. Under three answers there is no estimate: "not
enough data yet".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

import numpy as np
from scipy import special

from curriculum.catalog import Catalog
from recommender import features, interactions, online, tracing, tracker
from recommender.interactions import Interactions
from recommender.parameters import Parameters

ENOUGH = 3  # answers, for an estimate to be shown
LEVELS = 5
# The likely range of a level weighs the model as two answers, and an answer less the more answers on the skill came
# after it: so it never gets narrower than twelve answers allow, because people change.
_MODEL_WEIGHT = 2.0
_FADE = 0.9
_RANGE = (0.1, 0.9)


@dataclass(frozen=True)
class SkillState:
    """One skill of one learner.

    Attributes:
        skill: Its id.
        answers: Graded answers on it.
        right: How many of them were correct.
        last: When the last one was, microseconds since 1970 UTC; None without answers.
        mastery: Chance 0..1 to get a typical item right now; None under `ENOUGH` answers.
        level: 5 x mastery; None under `ENOUGH` answers.
        low: Lower end of the likely range of the level (8 in 10); None under `ENOUGH` answers.
        high: Upper end; None under `ENOUGH` answers.
    """

    skill: str
    answers: int
    right: int
    last: int | None
    mastery: float | None
    level: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Ability:
    """How often this learner's answers were right, over everything.

    Attributes:
        answers: Graded answers.
        right: How many of them were correct.
        share: right / answers; None under `ENOUGH` answers.
        low: Lower end of the likely range of the share (8 in 10); None under `ENOUGH` answers.
        high: Upper end; None under `ENOUGH` answers.
    """

    answers: int
    right: int
    share: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Profile:
    """What is known of one learner, with the evidence.

    Attributes:
        basis: "model" (a fitted model) or "graph" (declared difficulty and the tracker): where `mastery` comes from.
        knowledge: State of every skill of the catalog, by skill id, in the catalog's order.
        ability: Over everything.
        first: When the first answer was, microseconds since 1970 UTC; None without answers.
        last: When the last one was.
    """

    basis: str
    knowledge: Mapping[str, SkillState]
    ability: Ability
    first: int | None
    last: int | None


def profile(catalog: Catalog, history: Interactions, parameters: Parameters | None, now: datetime) -> Profile:
    """Say what the answers of a learner suggest.

    Args:
        catalog: The catalog.
        history: Interactions of this one learner.
        parameters: The fitted model; None: the graph and declared difficulties alone.
        now: The moment of asking; later answers are left out.

    Returns:
        The profile.

    Raises:
        errors.MismatchError: The history is of several learners, or the model of another catalog.
    """
    past = interactions.until(history, now)
    chance = by_graph(catalog, past) if parameters is None else by_model(catalog, past, parameters)
    skills = evidence(catalog, past)
    states = {name: _state(name, skills[name], chance[number]) for number, name in enumerate(catalog.skills)}
    return Profile(
        basis="graph" if parameters is None else "model",
        knowledge=MappingProxyType(states),
        ability=_ability(past),
        first=int(past.when[0]) if len(past.when) else None,
        last=int(past.when[-1]) if len(past.when) else None,
    )


def by_graph(catalog: Catalog, history: Interactions) -> list[float]:
    """Chance to get a typical item of each skill right, from the tracker and declared difficulties."""
    beliefs = tracker.track(catalog, history)
    return [
        tracker.dot(belief.state, tracker.chances(skill.difficulty))
        for belief, skill in zip(beliefs, catalog.skills.values(), strict=True)
    ]


def by_model(catalog: Catalog, history: Interactions, parameters: Parameters) -> list[float]:
    """Chance to get a typical item of each skill right: the mean over its items; nan for a skill without items."""
    space = features.Space(catalog)
    design = online.rows(online.state_of(history, space), space, range(space.items))
    chances = tracing.predict(design, parameters).tolist()
    by_skill: list[list[float]] = [[] for _ in catalog.skills]
    for skills, chance in zip(space.item_skills, chances, strict=True):
        for skill in skills:
            by_skill[skill].append(chance)
    return [sum(found) / len(found) if found else float("nan") for found in by_skill]


def likely(mean: float, weight: float) -> tuple[float, float]:
    """Range that holds a share in 8 of 10 cases: of a Beta distribution with Jeffreys' prior.

    Args:
        mean: The estimate, 0..1.
        weight: How many answers it is worth.

    Returns:
        Lower and upper end, 0..1.
    """
    low, high = special.betaincinv(mean * weight + 0.5, (1.0 - mean) * weight + 0.5, np.array(_RANGE))
    return min(float(low), mean), max(float(high), mean)


def evidence(catalog: Catalog, history: Interactions) -> dict[str, list[tuple[int, float]]]:
    """List (when, correct) of the answers of one learner by skill id, in time order."""
    items = list(catalog.items.values())
    found: dict[str, list[tuple[int, float]]] = {name: [] for name in catalog.skills}
    for item, when, correct in zip(history.item.tolist(), history.when.tolist(), history.correct.tolist(), strict=True):
        for skill in items[item].skills:
            found[skill].append((when, correct))
    return found


def _state(skill: str, answers: Sequence[tuple[int, float]], chance: float) -> SkillState:
    number = len(answers)
    right = sum(correct > 0.5 for _, correct in answers)
    last = answers[-1][0] if answers else None
    if number < ENOUGH:
        return SkillState(skill, number, right, last, None, None, None, None)
    low, high = likely(chance, _MODEL_WEIGHT + (1.0 - _FADE**number) / (1.0 - _FADE))
    return SkillState(skill, number, right, last, chance, LEVELS * chance, LEVELS * low, LEVELS * high)


def _ability(history: Interactions) -> Ability:
    answers = len(history.item)
    right = int(np.sum(history.correct > 0.5))
    if answers < ENOUGH:
        return Ability(answers, right, None, None, None)
    low, high = likely(right / answers, float(answers))
    return Ability(answers, right, right / answers, low, high)
