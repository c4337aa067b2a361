"""Columns of the models that are well known, as controls: PFA, Best-LR, and Best-LR with recency and patterns. Floor 2.

Performance factors analysis (Pavlik, Cen, Koedinger 2009) counts right and all answers by skill; Best-LR (Gervet,
Koedinger, Schneider, Mitchell, JEDM 2020) adds items and totals. Every value of a row comes from rows before it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy import sparse

from recommender import grouped
from recommender.interactions import Interactions
from recommender.space import Space

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

# Places of the dense columns: totals, recency, patterns.
TOTALS, RECENCY, PATTERNS = slice(0, 4), slice(4, 10), slice(10, 24)
KINDS = ("skill", "answers", "right")


@dataclass(frozen=True, eq=False)
class Columns:
    """Features of n rows, over I items and S skills.

    Attributes:
        item: int64 [n], the item of each row.
        items: I.
        skills: float64 CSR [n, 3 S]: whether a row needs the skill, log(1 + answers) and log(1 + right) on it.
        dense: float64 [n, k].
        correct: float64 [n].
    """

    item: Ints
    items: int
    skills: sparse.csr_array
    dense: Floats
    correct: Floats


def columns(interactions: Interactions, space: Space) -> Columns:
    """Make the columns of all rows.

    Args:
        interactions: n rows, sorted by learner and time.
        space: Gives the skills of each item.
    """
    item = interactions.item.astype(np.int64)
    right = interactions.correct.astype(np.float64)
    sizes = np.array([len(skills) for skills in space.item_skills], np.int64)
    flat = np.array([skill for skills in space.item_skills for skill in skills], np.int64)
    size = sizes[item] if len(item) else np.zeros(0, np.int64)
    main = np.cumsum(size) - size
    row = np.repeat(np.arange(len(item)), size)
    starts = (np.cumsum(sizes) - sizes)[item] if len(item) else size
    skill = flat[np.repeat(starts - main, size) + np.arange(len(row))]
    learners = grouped.by(interactions.learner)
    on_skill = grouped.by(interactions.learner[row].astype(np.int64) * space.skills + skill)
    outcome = right[row]
    tried, won = grouped.count(on_skill), grouped.total(on_skill, outcome)
    column = np.stack([skill + kind * space.skills for kind in range(len(KINDS))], axis=1)
    value = np.stack([np.ones(len(row)), np.log1p(tried), np.log1p(won)], axis=1)
    pointers = len(KINDS) * np.append(main, len(row))
    shape = (len(item), len(KINDS) * space.skills)

    def mean(values: Floats) -> Floats:
        return np.asarray(np.bincount(row, weights=values, minlength=len(item)) / np.maximum(size, 1))

    place = grouped.count(learners)
    seen = grouped.lag(on_skill, place[row], 1, np.inf)[main]  # place of the last answer on the main skill
    dense = np.column_stack(
        [
            *_totals(interactions, item, right, learners),
            *_recency(right, outcome, mean, learners, on_skill),
            *_patterns(item, right, skill[main], place - np.minimum(seen, place), learners),
        ]
    )
    return Columns(item, space.items, sparse.csr_array((value.ravel(), column.ravel(), pointers), shape), dense, right)


def take(some: Columns, rows: npt.NDArray[np.bool_]) -> Columns:
    """Keep some rows: bool [n]."""
    return replace(
        some, item=some.item[rows], skills=some.skills[rows], dense=some.dense[rows], correct=some.correct[rows]
    )


def part(some: Columns, space: Space, *, kinds: int = 3, dense: slice | None = None) -> Columns:
    """Keep the first `kinds` of the columns of skills, and some dense ones with a column of 1."""
    kept = some.dense[:, dense or slice(0)]
    ones = np.ones((len(some.item), 1))
    return replace(some, skills=some.skills[:, : kinds * space.skills], dense=np.hstack([kept, ones]))


def _totals(interactions: Interactions, item: Ints, right: Floats, learners: grouped.Groups) -> list[Floats]:
    same = grouped.by(interactions.learner.astype(np.int64) * (int(item.max(initial=0)) + 1) + item)
    counts = (grouped.count(same), grouped.total(same, right), grouped.count(learners), grouped.total(learners, right))
    return [np.log1p(count) for count in counts]


def _recency(
    right: Floats,
    outcome: Floats,
    mean: Callable[[Floats], Floats],
    learners: grouped.Groups,
    on_skill: grouped.Groups,
) -> list[Floats]:
    """Averages that forget, the last outcome on the skill, and shrunk log odds on the skill and over all."""
    keep = np.array([0.8, 0.95])
    averages = grouped.running(learners, np.stack([right, right], axis=1), keep, 1.0 - keep, np.array([0.5, 0.5]))
    skill_average = grouped.running(on_skill, outcome[:, None], np.array([0.7]), np.array([0.3]), np.array([0.5]))
    tried, won = mean(grouped.count(on_skill)), mean(grouped.total(on_skill, outcome))
    total, all_right = grouped.count(learners), grouped.total(learners, right)
    return [
        averages[:, 0] - 0.5,
        averages[:, 1] - 0.5,
        mean(skill_average[:, 0]) - 0.5,
        mean(grouped.lag(on_skill, 2.0 * outcome - 1.0, 1)),
        np.log((won + 1.0) / (tried - won + 1.0)),
        np.log((all_right + 1.0) / (total - all_right + 1.0)),
    ]


def _patterns(item: Ints, right: Floats, skill: Ints, since: Floats, learners: grouped.Groups) -> list[Floats]:
    """The last three outcomes, alone and where the skill was the same; the same item again; answers since the skill."""
    signed, main = 2.0 * right - 1.0, skill.astype(np.float64)
    lags = [grouped.lag(learners, signed, steps) for steps in (1, 2, 3)]
    same = [(grouped.lag(learners, main, steps, -1.0) == main).astype(np.float64) for steps in (1, 2, 3)]
    same_item = (grouped.lag(learners, item.astype(np.float64), 1, -1.0) == item).astype(np.float64)
    gap = np.where(since > 0, since - 1.0, 0.0)
    return [
        *lags,
        *(lagged * flag for lagged, flag in zip(lags, same, strict=True)),
        *same,
        same_item,
        same_item * lags[0],
        lags[0] * lags[1],
        np.log1p(gap),
        (since == 1).astype(np.float64),
    ]
