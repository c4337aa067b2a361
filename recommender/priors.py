"""What other learners' first answers say of a learner who has given none. Floor 2.

Counts of first answers, by item, add up over learners and institutions. From them: how likely each skill is known at
the start, shrunk towards the declared start, and how much easier an item is than it was declared.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import log

import numpy as np
import numpy.typing as npt

from curriculum.catalog import Catalog
from recommender import background, errors, tracker
from recommender.interactions import Interactions
from recommender.tracker import HALF, WITH, WITHOUT, Pair, Priors, Three

SHRUNK = 4.0  # answers that the declared start is worth
_ROOM = (0.02, 0.97)  # of the chance that a skill is not unknown
_MILD = 2.0  # logits by which an item may be easier or harder than declared


@dataclass(frozen=True, eq=False)
class Counts:
    """First answers of learners on the skills; two of them add up.

    Attributes:
        asked: float64 [items], how many learners met the item's main skill first by it.
        right: float64 [items], how many of them were right.
    """

    asked: npt.NDArray[np.float64]
    right: npt.NDArray[np.float64]

    def __add__(self, other: Counts) -> Counts:
        """Counts of both."""
        return Counts(self.asked + other.asked, self.right + other.right)


def count(interactions: Interactions, catalog: Catalog) -> Counts:
    """Count the first answers.

    Args:
        interactions: Of any number of learners; n rows, sorted by learner, then by time.
        catalog: The catalog.
    """
    items = len(catalog.items)
    main = np.array([catalog.skill_index[item.skills[0]] for item in catalog.items.values()], np.int64)
    pair = interactions.learner.astype(np.int64) * len(catalog.skills) + main[interactions.item]
    first = np.unique(pair, return_index=True)[1]
    item, right = interactions.item[first], interactions.correct[first] > 0.5
    return Counts(
        np.bincount(item, minlength=items).astype(np.float64),
        np.bincount(item, weights=right, minlength=items).astype(np.float64),
    )


def learn(catalog: Catalog, counts: Counts) -> Priors:
    """Turn counts into start beliefs and chances of items.

    Args:
        catalog: The catalog.
        counts: Sums over learners.

    Raises:
        errors.MismatchError: The counts are of another catalog.
    """
    if len(counts.asked) != len(catalog.items) or len(counts.right) != len(catalog.items):
        raise errors.MismatchError("counts", f"{len(counts.asked)} items", f"{len(catalog.items)}")
    items = list(catalog.items.values())
    by_skill: list[list[int]] = [[] for _ in catalog.skills]
    for number, item in enumerate(items):
        by_skill[catalog.skill_index[item.skills[0]]].append(number)
    chances = [tracker.chances(item.difficulty) for item in items]
    for own in by_skill:
        for number in own:
            chances[number] = tracker.chances(items[number].difficulty, _easier(counts, own, number))
    layout = tracker.plan(catalog)
    start: list[Pair] = [(WITH, WITHOUT)] * len(by_skill)
    support = [0.0] * len(by_skill)
    for skill in layout.order:
        ready = 1.0
        for parent in layout.parents[skill]:
            ready *= support[parent]
        asked = float(counts.asked[by_skill[skill]].sum())
        if asked:
            mean = _mean([chances[number] for number in by_skill[skill]], counts.asked[by_skill[skill]])
            start[skill] = _start(float(counts.right[by_skill[skill]].sum()), asked, mean, ready)
        (_, f1, m1), (_, f0, m0) = start[skill]
        support[skill] = HALF * (ready * f1 + (1.0 - ready) * f0) + ready * m1 + (1.0 - ready) * m0
    return Priors(tuple(start), tuple(chances))


def moved(catalog: Catalog, start: Priors | None, logits: float) -> Priors:
    """Move how likely each skill is known at the start, such as by what a background means; states stay in proportion.

    Args:
        catalog: The catalog.
        start: What other learners say; None: what is declared.
        logits: By which the odds of knowing a skill move, up or down.

    Raises:
        errors.MismatchError: The priors are of another catalog.
    """
    skills = len(catalog.skills)
    if start is None:
        chances = tuple(tracker.chances(item.difficulty) for item in catalog.items.values())
        start = Priors(((WITH, WITHOUT),) * skills, chances)
    if len(start.start) != skills:
        raise errors.MismatchError("priors", f"{len(start.start)} skills", f"{skills}")
    return Priors(tuple((_moved(one, logits), _moved(other, logits)) for one, other in start.start), start.chances)


def _moved(state: Three, logits: float) -> Three:
    unknown, fragile, solid = state
    known = background.moved(1.0 - unknown, logits)
    share = known / (1.0 - unknown)
    return 1.0 - known, fragile * share, solid * share


def _easier(counts: Counts, own: list[int], number: int) -> float:
    """Logits by which an item is easier than its skill's other items say; 0 for an only one: then the skill tells."""
    if len(own) == 1:
        return 0.0
    share = counts.right[own].sum() / counts.asked[own].sum() if counts.asked[own].sum() else 0.5
    share = min(max(float(share), _ROOM[0]), _ROOM[1])
    asked, right = float(counts.asked[number]), float(counts.right[number])
    rate = (right + SHRUNK * share) / (asked + SHRUNK)
    rate = min(max(rate, _ROOM[0]), _ROOM[1])
    return max(-_MILD, min(_MILD, log(rate / (1.0 - rate)) - log(share / (1.0 - share))))


def _mean(chances: list[Three], asked: npt.NDArray[np.float64]) -> Three:
    unknown, fragile, solid = np.average(np.array(chances), axis=0, weights=asked).tolist()
    return unknown, fragile, solid


def _start(right: float, asked: float, chance: Three, ready: float) -> Pair:
    """Both beliefs of a skill whose first answers were right so often, on items of such chances."""
    known = 1.0 - WITH[0]
    fragile = WITH[1] / known
    knows = fragile * chance[1] + (1.0 - fragile) * chance[2]  # chance of a right answer when not unknown
    behind = (1.0 - WITHOUT[0]) / known  # how much likelier a skill is known with its prerequisites than without
    declared = known * (ready + (1.0 - ready) * behind)
    expected = declared * knows + (1.0 - declared) * chance[0]
    rate = (right + SHRUNK * expected) / (asked + SHRUNK)
    marginal = min(max((rate - chance[0]) / (knows - chance[0]), _ROOM[0]), _ROOM[1])
    supported = min(marginal / (ready + (1.0 - ready) * behind), _ROOM[1])
    alone = (
        min(max((marginal - ready * supported) / (1.0 - ready), behind * supported), _ROOM[1])
        if ready < 1.0
        else (behind * supported)
    )
    within = WITHOUT[1] / (1.0 - WITHOUT[0])
    return (
        (1.0 - supported, supported * fragile, supported * (1.0 - fragile)),
        (1.0 - alone, alone * within, alone * (1.0 - within)),
    )
