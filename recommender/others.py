"""What all learners of an institution say together, for one of them who has said little yet. Floor 2.

What ways of learning do, where learners begin, how long items take, what a background means, what items teach: each is
made of parts, one a learner, that add up. Nothing is said of fewer than `LEAST` learners.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt

from curriculum.catalog import Catalog
from recommender import activities, background, interactions, priors, quality, rhythm, ways
from recommender.activities import Activities
from recommender.background import Effects
from recommender.interactions import Interactions
from recommender.priors import Counts

LEAST = 20
"""Learners under whom nothing is said of others."""

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Part:
    """What some learners add.

    Attributes:
        learners: How many of them answered anything.
        slopes: Sums of what ways do, one a learner.
        counts: First answers.
        item: int64 [t], item of each learner's own median time.
        seconds: float64 [t], that time.
        early: First answers, `background.FIRST` of each learner: also of those who said nothing, whom the others are
            compared with.
        said: What each learner said of themselves, in the order of `early.learners`.
        items: What answers say of items.
    """

    learners: int
    slopes: tuple[ways.Sums, ...]
    counts: Counts
    item: npt.NDArray[np.int64]
    seconds: Floats
    early: Interactions
    said: tuple[Mapping[str, str], ...]
    items: quality.Sums


@dataclass(frozen=True, eq=False)
class Others:
    """What is known of all learners of a catalog.

    Attributes:
        learners: How many of them answered anything.
        sloped: How many of them told something of ways of learning.
        slopes: What ways do for them; None: too few.
        counts: Their first answers; None: too few.
        seconds: float64 [items], how long a right answer takes in the middle; nan with fewer.
        offsets: What a background was found to mean.
        items: What answers say of items.
    """

    learners: int
    sloped: int
    slopes: ways.Prior | None
    counts: Counts | None
    seconds: Floats
    offsets: Effects
    items: quality.Sums


def part(
    catalog: Catalog,
    history: Interactions,
    done: Activities | None,
    said: Mapping[str, Mapping[str, str]],
    ease: Floats,
) -> Part:
    """Make what some learners add.

    Args:
        catalog: The catalog.
        history: Their answers, sorted by learner, then by time.
        done: Everything they did, graded or not; None: only the answers are known.
        said: What learners said of themselves, by pseudonym; others said nothing.
        ease: As in `quality.sums`.
    """
    item, seconds = _times(history)
    place = np.arange(len(history.item)) - np.searchsorted(history.learner, history.learner)
    return Part(
        learners=len(history.learners),
        slopes=tuple(one for one in _slopes(catalog, history, done) if one.rows),
        counts=priors.count(history, catalog),
        item=item,
        seconds=seconds,
        early=interactions.rows(history, place < background.FIRST),
        said=tuple(said.get(name, {}) for name in history.learners),
        items=quality.sums(catalog, history, ease),
    )


def learn(catalog: Catalog, parts: Sequence[Part]) -> Others:
    """Learn what all say together.

    Args:
        catalog: The catalog.
        parts: Of all learners, each learner in one of them.
    """
    learners = sum(one.learners for one in parts)
    slopes = [slope for one in parts for slope in one.slopes]
    none = np.zeros(len(catalog.items))
    counts = sum((one.counts for one in parts), Counts(none, none))
    items = quality.total(catalog, (one.items for one in parts))
    offsets = background.NEUTRAL
    if any(background.stated(said) for one in parts for said in one.said):
        early = interactions.join([one.early for one in parts])
        offsets = background.learn(
            early, ways.typical(catalog)[early.item], [said for one in parts for said in one.said]
        )
    return Others(
        learners=learners,
        sloped=len(slopes),
        slopes=ways.learn(slopes) if len(slopes) >= LEAST else None,
        counts=Counts(*_of_many(counts.asked, counts.asked, counts.right)) if learners >= LEAST else None,
        seconds=_typical(catalog, parts),
        offsets=offsets,
        items=quality.Sums(*_of_many(items.asked, *(getattr(items, one.name) for one in fields(items)))),
    )


def _of_many(asked: Floats, *columns: Floats) -> list[Floats]:
    """Columns of items without what rests on fewer learners than `LEAST`."""
    return [np.where(asked >= LEAST, column, 0.0) for column in columns]


def _slopes(catalog: Catalog, history: Interactions, done: Activities | None) -> Sequence[ways.Sums]:
    """Those of learners who used two ways or more: of one way alone nothing can be compared."""
    found = []
    bounds = np.searchsorted(history.learner, np.arange(len(history.learners) + 1))
    there = {} if done is None else {name: number for number, name in enumerate(done.learners)}
    for learner, name in enumerate(history.learners):
        own = interactions.rows(history, np.arange(bounds[learner], bounds[learner + 1]))
        others = None if done is None else activities.rows(done, done.learner == there.get(name, -1))
        made = rhythm.events(own, others, catalog)
        if len(np.unique(made.mode[made.mode >= 0])) > 1:
            found.append(ways.sums(made, own.correct.astype(np.float64), ways.typical(catalog)[own.item]))
    return found


def _times(history: Interactions) -> tuple[npt.NDArray[np.int64], Floats]:
    """Of each learner and item with right answers that were timed: the item, and the middle of the times."""
    timed = (history.seconds > 0) & (history.correct > 0.5)
    item, learner = history.item[timed].astype(np.int64), history.learner[timed]
    taken = history.seconds[timed].astype(np.float64)
    order = np.lexsort((taken, learner, item))
    item, learner, taken = item[order], learner[order], taken[order]
    new = np.flatnonzero(np.diff(item, prepend=-1) | np.diff(learner, prepend=-1))
    sizes = np.diff(np.append(new, len(item)))
    return item[new], (taken[new + (sizes - 1) // 2] + taken[new + sizes // 2]) / 2.0


def _typical(catalog: Catalog, parts: Sequence[Part]) -> Floats:
    found = np.full(len(catalog.items), np.nan)
    if not parts:
        return found
    item = np.concatenate([one.item for one in parts])
    seconds = np.concatenate([one.seconds for one in parts])
    for one in np.unique(item).tolist():
        own = seconds[item == one]
        if len(own) >= LEAST:
            found[one] = float(np.median(own))
    return found
