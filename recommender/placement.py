"""A short placement: which question tells most about what a learner knows already. Floor 2.

Its answers never count as practice. A question is worth the variance of what the goal needs that its answer removes, in
the asked skill and, through the graph, in what comes before and after it. It ends when no question is worth asking.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from math import sqrt

from curriculum.catalog import Catalog, Item
from recommender import errors, tracker
from recommender.tracker import Belief, Priors, Sight, State, Three

MOST = 40  # questions
FEW = (
    20  # questions after which it may end because none is worth asking; before, the answers were few and luck is large
)
LEAST = 0.01  # variance, counted in skills of the goal, that a question must remove to be worth asking
_SHORT = 24  # questions that are looked at closely: those that tell most about their own skill and have many neighbours


@dataclass(frozen=True)
class Question:
    """What to ask next.

    Attributes:
        item: Id of the item.
        skill: Id of its main skill.
        settles: 0..1, share of what is uncertain about the goal that the answer is expected to settle.
        chance: Chance of a right answer as believed now, 0..1.
    """

    item: str
    skill: str
    settles: float
    chance: float


@dataclass(frozen=True)
class Answer:
    """An answer given in the placement: id of the item, and whether it was right."""

    item: str
    right: bool


def next_item(
    catalog: Catalog,
    role: str,
    answered: Sequence[Answer] = (),
    *,
    priors: Priors | None = None,
    before: State | None = None,
    most: int = MOST,
    barred: Collection[str] = (),
    often: int = 1,
) -> Question | None:
    """Choose the next question, or none where nothing is worth asking.

    Args:
        catalog: The catalog.
        role: Id of the role that is the goal.
        answered: Answers of this placement so far, in order.
        priors: As in `tracker.start`; not used where `before` is given.
        before: What was known of the learner before the placement; it stays as it is.
        most: Questions at most.
        barred: Ids of items that must not be asked.
        often: How often a repeatable item may be asked, where it is another task each time; again only where that
            is worth asking.

    Raises:
        errors.UnknownGoal: The catalog has no such role.
    """
    if role not in catalog.roles:
        raise errors.UnknownGoal(catalog.id, role, catalog.roles)
    if len(answered) >= most:
        return None
    known = state(catalog, answered, priors=priors, before=before)
    targets = catalog.roles[role].targets
    weight = {catalog.skill_index[name]: level / 5.0 for name, level in targets.items()}
    asked = Counter(answer.item for answer in answered)
    over = {name for name, times in asked.items() if times >= (often if catalog.items[name].repeatable else 1)}
    seen = tracker.sight(known)
    best, most_settled = None, LEAST if sum(skill.attempts for skill in known.skills) >= FEW else 0.0
    for item in _shortlist(catalog, known, seen, weight, over.union(barred)):
        settled = _settled(known, seen, catalog.item_index[item.id], weight)
        if settled > (max(most_settled, LEAST) if asked[item.id] else most_settled):
            best, most_settled = item, settled
    if best is None:
        return None
    open_now = sum(share * _spread(seen.states[skill]) for skill, share in weight.items())
    main, chance = catalog.skill_index[best.skills[0]], known.items[catalog.item_index[best.id]][1]
    return Question(best.id, best.skills[0], min(1.0, most_settled / open_now), tracker.dot(seen.states[main], chance))


def _shortlist(
    catalog: Catalog, known: State, seen: Sight, weight: Mapping[int, float], barred: Collection[str]
) -> list[Item]:
    """Items of the goal that may be asked, the most promising of them; the others of a skill tell much the same."""
    rated: list[tuple[float, int, Item]] = []
    for item, (skills, chance) in zip(catalog.items.values(), known.items, strict=True):
        main = skills[0]
        if main in weight and item.id not in barred:
            unknown, right = seen.states[main][0], tracker.dot(seen.states[main], chance)
            apart = unknown * (chance[0] / right - (1.0 - chance[0]) / (1.0 - right))
            near = len(known.plan.closure[main]) + len(known.plan.children[main])
            rated.append((-weight[main] * right * (1.0 - right) * apart * apart * sqrt(near), len(rated), item))
    return [item for *_, item in sorted(rated)[:_SHORT]]


def _settled(known: State, seen: Sight, item: int, weight: Mapping[int, float]) -> float:
    """Variance of what the goal needs that the answer is expected to remove: law of total variance, skill by skill."""
    skills, chance = known.items[item]
    right = tracker.dot(seen.states[skills[0]], chance)
    if_right = tracker.outlook(known, seen, item, right=True)
    if_wrong = tracker.outlook(known, seen, item, right=False)
    total = 0.0
    for skill in if_right.keys() | if_wrong.keys():
        if skill in weight:
            now = seen.states[skill]
            apart = if_right.get(skill, now)[0] - if_wrong.get(skill, now)[0]
            total += weight[skill] * apart * apart
    return right * (1.0 - right) * total


def _spread(now: Three) -> float:
    return now[0] * (1.0 - now[0])


def state(
    catalog: Catalog, answered: Sequence[Answer], *, priors: Priors | None = None, before: State | None = None
) -> State:
    """Give what is known after a placement, ready for `tracker.observe`.

    Args:
        catalog: The catalog.
        answered: Answers of the placement, in order.
        priors: As in `tracker.start`; not used where `before` is given.
        before: What was known of the learner before the placement; it stays as it is.
    """
    known = tracker.start(catalog, priors=priors) if before is None else tracker.copy(before)
    for answer in answered:
        tracker.observe(known, catalog.item_index[answer.item], right=answer.right, practice=False)
    return known


def result(
    catalog: Catalog, answered: Sequence[Answer], *, priors: Priors | None = None, before: State | None = None
) -> tuple[Belief, ...]:
    """Say what is believed after a placement, one belief a skill; see `state`."""
    return tracker.beliefs(state(catalog, answered, priors=priors, before=before))
