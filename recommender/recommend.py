"""What a learner should do next, and why: policy F over the graph, the chance of success from the model. Floor 2.

Never what is done, never what is not ready. Without a model everything comes from the graph, and says so (basis
"graph").
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from curriculum.catalog import Catalog, Item, Role
from recommender import errors, explain, features, interactions, online, policy, profile, reasons, tracing, tracker
from recommender.explain import Contribution
from recommender.interactions import Interactions
from recommender.parameters import Parameters
from recommender.policy import Worth
from recommender.reasons import Reason
from recommender.tracker import Belief

__all__ = ["Contribution", "Goal", "Reason", "Recommendation", "done", "recommend"]

MET = 0.5  # support of a prerequisite from which on it counts as met
NEXT = 0.8  # an assessment scores at most this share of the one before it in the same area


@dataclass(frozen=True)
class Goal:
    """What the learner is after.

    Attributes:
        role: Id of a role of the catalog.
    """

    role: str


@dataclass(frozen=True)
class Recommendation:
    """One activity, with its reasons.

    Attributes:
        skill: Id of the main skill.
        item: Id of the item; `catalog.items[item].activity` is the activity.
        chance: Chance of success, 0..1.
        gain: Expected growth of the skill's level (0..5) by doing it.
        score: What orders the recommendations: own + opens.
        own: Part of the score from the growth of the skill itself.
        opens: Part of the score from what it opens for the goal.
        basis: "model": the chance comes from the fitted model; "graph": from declared difficulty and the tracker.
        reasons: In the order in which to show them.
        contributions: Parts of the logit.
        logit: log(chance / (1 - chance)), the sum of the contributions.
    """

    skill: str
    item: str
    chance: float
    gain: float
    score: float
    own: float
    opens: float
    basis: str
    reasons: tuple[Reason, ...]
    contributions: tuple[Contribution, ...]
    logit: float


@dataclass(frozen=True, eq=False)
class _Case:
    """All that is known when recommendations are made for one learner."""

    catalog: Catalog
    role: Role
    history: Interactions
    beliefs: tuple[Belief, ...]
    wanted: list[float]
    opening: list[float]
    worths: list[Worth]


def recommend(
    catalog: Catalog,
    history: Interactions,
    parameters: Parameters | None,
    goal: Goal,
    now: datetime,
    *,
    count: int = 3,
) -> list[Recommendation]:
    """Choose what to do next.

    Args:
        catalog: The catalog.
        history: Interactions of this one learner; may be empty.
        parameters: The fitted model; None: a cold start from the graph.
        goal: What the learner is after.
        now: The moment of asking, with a time zone; later answers are left out.
        count: How many recommendations at most.

    Returns:
        The best first; fewer, or none, where the goal leaves nothing to do.

    Raises:
        errors.UnknownGoal: The catalog has no such role.
        errors.MismatchError: The history is of several learners, or the model of another catalog.
    """
    if goal.role not in catalog.roles:
        raise errors.UnknownGoal(catalog.id, goal.role, catalog.roles)
    case = _case(catalog, catalog.roles[goal.role], interactions.until(history, now))
    ranked = sorted(
        _candidates(case), key=lambda entry: (-entry[1] * _score(case, entry[0]), catalog.item_index[entry[0].id])
    )
    chosen = ranked[:count]
    explained = _by_graph(case, chosen) if parameters is None else _by_model(case, chosen, parameters)
    basis = "graph" if parameters is None else "model"
    return [_recommendation(case, entry, parts, basis, now) for entry, parts in zip(chosen, explained, strict=True)]


def done(catalog: Catalog, history: Interactions) -> frozenset[str]:
    """List the items that are done: an assessment once it was answered, practice once its last answer was right.

    Args:
        catalog: The catalog.
        history: Interactions of one learner, in time order.
    """
    items = list(catalog.items.values())
    last = dict(zip(history.item.tolist(), history.correct.tolist(), strict=True))
    return frozenset(items[item].id for item, correct in last.items() if correct > 0.5 or not items[item].repeatable)


def _case(catalog: Catalog, role: Role, history: Interactions) -> _Case:
    plan = tracker.plan(catalog)
    beliefs = tracker.track(catalog, history)
    chances = [tracker.chances(skill.difficulty) for skill in catalog.skills.values()]
    targets = {catalog.skill_index[name]: level for name, level in role.targets.items()}
    wanted = policy.weights(beliefs, targets, chances)
    opening = policy.openings(plan, beliefs, wanted)
    worths = policy.worths(beliefs, wanted, opening, chances)
    return _Case(catalog, role, history, beliefs, wanted, opening, worths)


def _candidates(case: _Case) -> Iterator[tuple[Item, float]]:
    """Items that serve the goal, are not done and are ready; each with a factor that keeps assessments in order."""
    catalog = case.catalog
    finished = done(catalog, case.history)
    closed = {skill for skill in catalog.skills if _exhausted(catalog, skill, finished)}
    limits: dict[str, float] = {}
    for item in _in_turn(catalog, finished):
        if item.id in finished or not all(name in case.role.targets for name in item.skills):
            continue
        if all(_ready(case, name, closed) for name in item.skills):
            factor = 1.0
            if not item.repeatable:
                area, worth = catalog.skills[item.skills[0]].area, _score(case, item)
                factor = min(1.0, limits.get(area, worth) / worth) if worth > 0 else 1.0
                limits[area] = NEXT * factor * worth
            yield item, factor


def _in_turn(catalog: Catalog, finished: frozenset[str]) -> list[Item]:
    """Items in the order of the course; assessments that the learner passed by come last."""
    reached: Counter[str] = Counter()
    for name in finished:
        skill = catalog.items[name].skills[0]
        reached[skill] = max(reached[skill], catalog.items[name].order)
    return sorted(catalog.items.values(), key=lambda item: (item.order < reached[item.skills[0]], item.order))


def _exhausted(catalog: Catalog, skill: str, finished: frozenset[str]) -> bool:
    """Whether a skill has items and all of them are done: then it holds nothing back, however they went."""
    own = [item.id for item in catalog.items.values() if skill in item.skills]
    return bool(own) and all(name in finished for name in own)


def _ready(case: _Case, skill: str, closed: set[str]) -> bool:
    index = case.catalog.skill_index
    return all(
        name in closed or case.beliefs[index[name]].support >= MET for name in case.catalog.skills[skill].prerequisites
    )


def _score(case: _Case, item: Item) -> float:
    worth = case.worths[case.catalog.skill_index[item.skills[0]]]
    return worth.own + worth.opens


def _by_model(
    case: _Case, chosen: Sequence[tuple[Item, float]], parameters: Parameters
) -> list[tuple[Contribution, ...]]:
    space = features.Space(case.catalog)
    tracing.match(space, parameters)
    state = online.state_of(case.history, space)
    weights = parameters.weights.tolist()
    return [explain.by_model(state, space, weights, case.catalog.item_index[item.id]) for item, _ in chosen]


def _by_graph(case: _Case, chosen: Sequence[tuple[Item, float]]) -> list[tuple[Contribution, ...]]:
    prior = tracker.prior(case.catalog)
    answers = len(case.history.item)
    found = []
    for item, _ in chosen:
        skill = case.catalog.skill_index[item.skills[0]]
        difficulty = declared(case.catalog, item)
        here = tracker.chances(difficulty)
        found.append(
            explain.by_graph(
                tracker.dot(prior[skill].state, tracker.CHANCE),
                tracker.dot(prior[skill].state, here),
                tracker.dot(case.beliefs[skill].state, here),
                {"difficulty": difficulty, "answers": answers},
            )
        )
    return found


def declared(catalog: Catalog, item: Item) -> float:
    """Declared difficulty of an item, 1..5: its own, else that of its main skill."""
    return float(catalog.skills[item.skills[0]].difficulty) if item.difficulty is None else item.difficulty


def _recommendation(
    case: _Case, chosen: tuple[Item, float], parts: tuple[Contribution, ...], basis: str, now: datetime
) -> Recommendation:
    item, factor = chosen
    skill = item.skills[0]
    worth = case.worths[case.catalog.skill_index[skill]]
    own, opens = factor * worth.own, factor * worth.opens
    logit = explain.total(parts)
    return Recommendation(
        skill=skill,
        item=item.id,
        chance=explain.sigma(logit),
        gain=profile.LEVELS * worth.growth,
        score=own + opens,
        own=own,
        opens=opens,
        basis=basis,
        reasons=reasons.reasons(case.catalog, case.role, _facts(case, skill, worth), now),
        contributions=parts,
        logit=logit,
    )


def _facts(case: _Case, skill: str, worth: Worth) -> reasons.Facts:
    number = case.catalog.skill_index[skill]
    names = list(case.catalog.skills)
    branches = _branches(case, number)
    route = [number]
    while len(route) <= reasons.MOST and (ways := _branches(case, route[-1])):
        route.append(ways[0])
    score = worth.own + worth.opens
    return reasons.Facts(
        skill=skill,
        answers=profile.evidence(case.catalog, case.history)[skill],
        readiness=case.beliefs[number].readiness,
        opens=tuple(names[child] for child in branches),
        route=tuple(names[step] for step in route),
        share=worth.opens / score if score > 0 else 0.0,
    )


def _branches(case: _Case, skill: int) -> list[int]:
    """Skills that this one opens for the goal, the most valuable first."""
    values = policy.branches(tracker.plan(case.catalog), case.beliefs, case.wanted, case.opening, skill)
    return sorted((child for child, value in values.items() if value > 0), key=lambda child: (-values[child], child))
