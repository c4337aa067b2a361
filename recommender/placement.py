"""A short placement: which question tells most about what a learner knows already. Floor 2.

Its answers never count as practice. A question is worth the variance of what the goal needs that its answer removes, in
the asked skill and, through the graph, in what comes before and after it. It ends when no question is worth asking.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from curriculum.catalog import Catalog
from recommender import errors, tracker
from recommender.tracker import Belief, Priors, State

MOST = 40  # questions
LEAST = 0.002  # share of what is still open that one question must settle to be worth asking


@dataclass(frozen=True)
class Question:
    """What to ask next.

    Attributes:
        item: Id of the item.
        skill: Id of its main skill.
        settles: 0..1, share of what is open about the goal that the answer is expected to settle.
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

    Raises:
        errors.UnknownGoal: The catalog has no such role.
    """
    raise NotImplementedError


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
