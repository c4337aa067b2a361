"""The columns of the model, and the rows of a batch of interactions. Floor 2.

"Best-LR + recency" (Gervet et al., JEDM 2020, with averages and lags) and, where a catalog has a pass score, a block
of earlier scores. Every value of a row comes from rows before it. `online` makes the same rows one answer at a time.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy import sparse

from curriculum.catalog import Catalog
from recommender import errors, grouped
from recommender.interactions import Interactions

VERSION = "1"

TALLY = ("item_answers", "item_right", "answers", "right")
RECENCY = ("average_short", "average_long", "average_skill", "last_on_skill", "odds_skill", "odds")
PATTERN = (
    "lag1", "lag2", "lag3",
    "lag1_same_skill", "lag2_same_skill", "lag3_same_skill",
    "same_skill1", "same_skill2", "same_skill3",
    "same_item", "same_item_lag1", "lag1_lag2",
    "gap", "no_gap",
)  # fmt: skip
SCORES = (
    "score_mean",
    "score_last",
    "score_average",
    "score_area",
    "score_skill",
    "score_skill_last",
    "score_count",
    "score_none",
)

# Shares of the exponential averages that stay after each answer: over all answers (short, long), on a skill, of scores.
KEEP = np.array([0.8, 0.95])
KEEP_SKILL = np.array([0.7])
KEEP_SCORE = 0.6

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Space:
    """The columns of a model for one catalog.

    Weights are `items` columns (one per item), then the shared columns: those of `blocks` for each skill, then the
    dense ones by name; the last one is the intercept.

    Attributes:
        catalog: What there is to learn.
    """

    catalog: Catalog

    @property
    def version(self) -> str:
        """Version of this definition of columns."""
        return VERSION

    @functools.cached_property
    def items(self) -> int:
        """Number of item columns."""
        return len(self.catalog.items)

    @functools.cached_property
    def skills(self) -> int:
        """Number of skills."""
        return len(self.catalog.skills)

    @functools.cached_property
    def dense(self) -> tuple[str, ...]:
        """Names of the dense columns, in order."""
        return (*TALLY, *RECENCY, *PATTERN, *(SCORES if self.scored else ()), "intercept")

    @property
    def scored(self) -> bool:
        """Whether scores decide and so help: the catalog has a pass score."""
        return self.catalog.pass_score is not None

    @property
    def blocks(self) -> tuple[str, ...]:
        """Names of the columns of each skill: needed, log(1 + answers), log(1 + right), score in the area."""
        return ("skill", "answers", "right", *(("score",) if self.scored else ()))

    @property
    def sparse(self) -> int:
        """Number of skill columns."""
        return len(self.blocks) * self.skills

    @property
    def shared(self) -> int:
        """Number of shared columns."""
        return self.sparse + len(self.dense)

    @property
    def dimension(self) -> int:
        """Number of weights."""
        return self.items + self.shared

    @functools.cached_property
    def names(self) -> tuple[str, ...]:
        """A name for every weight."""
        skills = (f"{block}:{name}" for block in self.blocks for name in self.catalog.skills)
        return (*(f"item:{name}" for name in self.catalog.items), *skills, *self.dense)

    @functools.cached_property
    def item_skills(self) -> tuple[tuple[int, ...], ...]:
        """For each item the columns of its skills, the main one first."""
        index = self.catalog.skill_index
        return tuple(tuple(index[name] for name in item.skills) for item in self.catalog.items.values())

    @functools.cached_property
    def item_area(self) -> tuple[int, ...]:
        """For each item the number of the area of its main skill."""
        areas = {name: number for number, name in enumerate(self.catalog.areas)}
        skills = self.catalog.skills
        return tuple(areas[skills[item.skills[0]].area] for item in self.catalog.items.values())


@dataclass(frozen=True, eq=False)
class Design:
    """Rows of features.

    Attributes:
        space: The columns.
        learner: int32 [n].
        item: int32 [n], the one item column of each row.
        sparse: float64 CSR [n, skill columns].
        dense: float64 [n, dense columns].
        correct: float64 [n].
    """

    space: Space
    learner: npt.NDArray[np.int32]
    item: npt.NDArray[np.int32]
    sparse: sparse.csr_array
    dense: Floats
    correct: Floats


def design(interactions: Interactions, space: Space) -> Design:
    """Make the features of every row from the rows before it.

    Args:
        interactions: n rows, sorted by learner and time.
        space: The columns.

    Returns:
        n rows.

    Raises:
        errors.MismatchError: An item lies outside the space.
    """
    item = interactions.item.astype(np.int64)
    if len(item) and (item.min() < 0 or item.max() >= space.items):
        raise errors.MismatchError(
            "an item lies outside the space",
            found=f"columns {item.min()} to {item.max()}",
            needed=f"0 to {space.items - 1} of catalog {space.catalog.id!r}",
        )
    right = interactions.correct.astype(np.float64)
    pairs = _pairs(item, space)
    learners = grouped.by(interactions.learner)
    skills = grouped.by(interactions.learner[pairs.row].astype(np.int64) * space.skills + pairs.skill)
    tried, won = grouped.count(skills), grouped.total(skills, right[pairs.row])
    per_skill = [np.ones(len(pairs.row)), np.log1p(tried), np.log1p(won)]
    blocks = [
        _tally(interactions, item, right, learners),
        _recency(right, pairs, learners, skills),
        _pattern(item, right, pairs, learners, skills),
    ]
    if space.scored:
        scores = _scores(interactions, space, item, pairs, skills)
        blocks.append(scores)
        per_skill.append(scores[pairs.row, SCORES.index("score_area")])
    blocks.append(np.ones((len(item), 1)))
    return Design(
        space=space,
        learner=interactions.learner,
        item=interactions.item,
        sparse=_skill_columns(pairs, per_skill, space),
        dense=np.hstack(blocks),
        correct=right,
    )


@dataclass(frozen=True, eq=False)
class _Pairs:
    """A row and one of its skills, in the order of the rows, main skill first."""

    row: npt.NDArray[np.int64]
    skill: npt.NDArray[np.int64]
    main: npt.NDArray[np.int64]  # [n] place of each row's main pair
    size: Floats  # [n] skills of each row


def _pairs(item: npt.NDArray[np.int64], space: Space) -> _Pairs:
    sizes = np.array([len(skills) for skills in space.item_skills], dtype=np.int64)
    starts = np.cumsum(sizes) - sizes
    flat = np.array([skill for skills in space.item_skills for skill in skills], dtype=np.int64)
    size = sizes[item]
    main = np.cumsum(size) - size
    row = np.repeat(np.arange(len(item)), size)
    return _Pairs(row, flat[np.repeat(starts[item] - main, size) + np.arange(len(row))], main, size.astype(np.float64))


def _mean(pairs: _Pairs, values: Floats) -> Floats:
    return np.bincount(pairs.row, weights=values, minlength=len(pairs.size)) / pairs.size


def _skill_columns(pairs: _Pairs, blocks: Sequence[Floats], space: Space) -> sparse.csr_array:
    columns = np.stack([pairs.skill + number * space.skills for number in range(len(blocks))], axis=1)
    starts = len(blocks) * np.append(pairs.main, len(pairs.row))
    values = np.stack(blocks, axis=1)
    return sparse.csr_array((values.ravel(), columns.ravel(), starts), shape=(len(pairs.main), space.sparse))


def _tally(interactions: Interactions, item: npt.NDArray[np.int64], right: Floats, learners: grouped.Groups) -> Floats:
    same = grouped.by(interactions.learner.astype(np.int64) * (int(item.max(initial=0)) + 1) + item)
    counts = (grouped.count(same), grouped.total(same, right), grouped.count(learners), grouped.total(learners, right))
    return np.log1p(np.stack(counts, axis=1))


def _recency(right: Floats, pairs: _Pairs, learners: grouped.Groups, skills: grouped.Groups) -> Floats:
    outcome = right[pairs.row]
    averages = grouped.running(learners, np.stack([right, right], axis=1), KEEP, 1.0 - KEEP, np.array([0.5, 0.5]))
    on_skill = grouped.running(skills, outcome[:, None], KEEP_SKILL, 1.0 - KEEP_SKILL, np.array([0.5]))[:, 0]
    last = grouped.lag(skills, 2.0 * outcome - 1.0, 1)
    tries, wins = _mean(pairs, grouped.count(skills)), _mean(pairs, grouped.total(skills, outcome))
    total, correct = grouped.count(learners), grouped.total(learners, right)
    return np.stack(
        [
            averages[:, 0] - 0.5,
            averages[:, 1] - 0.5,
            _mean(pairs, on_skill) - 0.5,
            _mean(pairs, last),
            np.log((wins + 1.0) / (tries - wins + 1.0)),
            np.log((correct + 1.0) / (total - correct + 1.0)),
        ],
        axis=1,
    )


def _pattern(
    item: npt.NDArray[np.int64], right: Floats, pairs: _Pairs, learners: grouped.Groups, skills: grouped.Groups
) -> Floats:
    signed = 2.0 * right - 1.0
    main = pairs.skill[pairs.main].astype(np.float64)
    lags = [grouped.lag(learners, signed, steps) for steps in (1, 2, 3)]
    same = [(grouped.lag(learners, main, steps, -1.0) == main).astype(np.float64) for steps in (1, 2, 3)]
    same_item = (grouped.lag(learners, item.astype(np.float64), 1, -1.0) == item).astype(np.float64)
    place = grouped.count(learners)
    seen = grouped.lag(skills, place[pairs.row], 1, -1.0)[pairs.main]
    gap = np.where(seen >= 0, place - seen - 1.0, 0.0)
    return np.stack(
        [
            *lags,
            *(lagged * flag for lagged, flag in zip(lags, same, strict=True)),
            *same,
            same_item,
            same_item * lags[0],
            lags[0] * lags[1],
            np.log1p(gap),
            ((seen >= 0) & (gap == 0)).astype(np.float64),
        ],
        axis=1,
    )


def _scores(
    interactions: Interactions, space: Space, item: npt.NDArray[np.int64], pairs: _Pairs, skills: grouped.Groups
) -> Floats:
    """Earlier scores around the pass score c: shrunk means as if 2 (in area and skill: 1) earlier scores had been c."""
    above = interactions.score.astype(np.float64) - float(space.catalog.pass_score or 0.0)
    number = np.where(np.isnan(above), np.nan, 1.0)
    area = np.array(space.item_area, dtype=np.int64)[item]
    areas = grouped.by(interactions.learner.astype(np.int64) * len(space.catalog.areas) + area)
    mine = grouped.running(
        grouped.by(interactions.learner),
        np.stack([above, number, above, above], axis=1),
        np.array([1.0, 1.0, 0.0, KEEP_SCORE]),
        np.array([1.0, 1.0, 1.0, 1.0 - KEEP_SCORE]),
        np.zeros(4),
    )
    here = grouped.running(areas, np.stack([above, number], axis=1), np.ones(2), np.ones(2), np.zeros(2))
    there = np.stack([above, number, above], axis=1)[pairs.row]
    on_skill = grouped.running(skills, there, np.array([1.0, 1.0, 0.0]), np.ones(3), np.zeros(3))
    return np.stack(
        [
            mine[:, 0] / (mine[:, 1] + 2.0) / 0.15,
            mine[:, 2] / 0.20,
            mine[:, 3] / 0.15,
            here[:, 0] / (here[:, 1] + 1.0) / 0.15,
            _mean(pairs, on_skill[:, 0] / (on_skill[:, 1] + 1.0)) / 0.15,
            _mean(pairs, on_skill[:, 2]) / 0.20,
            np.log1p(mine[:, 1]) / 2.0,
            (mine[:, 1] == 0).astype(np.float64),
        ],
        axis=1,
    )


def take(design: Design, rows: npt.NDArray[np.bool_]) -> Design:
    """Keep some rows.

    Args:
        design: n rows.
        rows: bool [n].
    """
    return replace(
        design,
        learner=design.learner[rows],
        item=design.item[rows],
        sparse=design.sparse[rows],
        dense=design.dense[rows],
        correct=design.correct[rows],
    )
