"""Learners who never were: what scale columns have and how long records are, before data is seen. Floor 3.

Pure, and a function of the catalog alone, so that it costs no privacy and every side finds the same. The figures need
not be right, only sensible: a wrong scale makes a run under noise less exact, never less private.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import linalg, special

from recommender import cells, cold_start, features, tracing, training
from recommender.interactions import Interactions
from recommender.space import Space

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

# The columns that a run under noise learns: what peers and the ability filter say, what the learner did on the skill
# lately, and scores where a catalog has them. Few, because noise is paid for each.
COLUMNS = (
    "expected",
    "difficulty",
    "ability_general",
    "average_skill",
    "same_skill1",
    "lag1_same_skill",
    "skill_right",
)
SCORES = ("score_area", "score_average", "score_skill_last")

_SEED = 20261126
_LEARNERS = 400
_ANSWERS, _SPREAD, _MOST = 12.0, 0.8, 60  # the usual number of answers of a learner, of its logarithm, and the most
_MIDDLE = 0.62  # logit of the usual chance of success: 65 %
_ITEM, _ABILITY, _SKILL, _PRACTICE = 0.8, 0.9, 0.5, 0.15  # spreads in logits, and what an answer on a skill adds
_MARK = 0.15  # of a score, a logit
_FLOOR = 0.01  # of the mean eigenvalue: directions in which imagined learners hardly differ
_DAY = 24 * 3600 * 10**6
# Quantiles of imagined learners' norms: who is above the first is weighed down, who is then above the others is cut.
_LONG, _GRAM, _GRADIENT, _RESIDUALS = 0.7, 0.95, 0.75, 0.5


def columns(space: Space) -> tuple[str, ...]:
    """Return the names of the columns that are learnt under noise, the intercept last."""
    return (*COLUMNS, *(SCORES if space.scored else ()), "intercept")


@dataclass(frozen=True, eq=False)
class Scale:
    """What imagined learners tell.

    Attributes:
        centre: float64 [r], mean of each dense column.
        spread: float64 [r], its standard deviation, > 0.
        basis: float64 [d, d], z = x basis has about unit curvature, x the standardised `columns`.
        long: L2 norm of a learner's Gram matrix from which rows count less (`weights`).
        clips: L2 norms that a learner's weighted gradient, Gram matrix and item residuals are cut to.
    """

    centre: Floats
    spread: Floats
    basis: Floats
    long: float
    clips: tuple[float, float, float]


@functools.lru_cache(maxsize=16)
def scale(space: Space) -> Scale:
    """Return the scale of a catalog; the same on every machine but for rounding."""
    rows = learners(space)
    begin, (design,) = training.prepare([rows], space, narrowest=0.0)
    chance = tracing.predict(design, begin)
    x = design.dense[:, features.places(space, columns(space))]
    curve, told = chance * (1.0 - chance), design.correct - chance
    fisher = (x * curve[:, None]).T @ x / len(x)
    fisher += _FLOOR * np.trace(fisher) / len(fisher) * np.eye(len(fisher))
    basis = linalg.solve_triangular(np.linalg.cholesky(fisher), np.eye(len(fisher)), lower=True).T
    z = x @ basis
    gram = total(pairs(z) * curve[:, None], rows)
    size = np.linalg.norm(gram, axis=1)
    long = _usual(size, _LONG)
    heavy = weights(gram, long)
    gradient = np.linalg.norm(total(z * told[:, None], rows), axis=1)
    own = np.unique(design.learner.astype(np.int64) * space.items + design.item, return_inverse=True)
    squares = np.bincount(own[0] // space.items, np.bincount(own[1], told) ** 2, minlength=len(rows.learners))
    clips = (
        _usual(heavy * gradient, _GRADIENT),
        _usual(heavy * size, _GRAM),
        _usual(heavy * np.sqrt(squares), _RESIDUALS),
    )
    return Scale(begin.centre, begin.spread, basis, long, clips)


def _usual(norms: Floats, share: float) -> float:
    return float(f"{np.quantile(norms, share):.1e}")


def weights(gram: Floats, long: float) -> Floats:
    """Return what all rows of a learner count, float64 [learners]: 1, or less where a record is long.

    A learner's gradient, Gram matrix and residuals are weighed alike, so that the curvature stays that of the gradient.
    Their luck adds up like the root of the number of rows, so the weight falls with the root too: a long record then
    reaches the clip of the gradient as often as others, and none of what it may say is given away.

    Args:
        gram: float64 [learners, d (d + 1) / 2], sums of `pairs`.
        long: L2 norm from which rows count less.
    """
    norms = np.linalg.norm(gram, axis=1)
    return np.asarray(np.sqrt(np.minimum(1.0, long / np.maximum(norms, 1e-300))), np.float64)


def total(values: Floats, rows: Interactions) -> Floats:
    """Return the sum of each learner's rows, float64 [learners, k]; rows lie sorted by learner."""
    found = np.zeros((len(rows.learners), values.shape[1]))
    if len(values):
        begins = np.flatnonzero(np.append(True, rows.learner[1:] != rows.learner[:-1]))
        found[rows.learner[begins]] = np.add.reduceat(values, begins, axis=0)
    return found


def pairs(z: Floats) -> Floats:
    """Return the upper triangle of z z' row by row, float64 [n, d (d + 1) / 2], so that its L2 norm is the matrix's."""
    first, second = np.triu_indices(z.shape[1])
    return np.asarray(z[:, first] * z[:, second] * np.where(first == second, 1.0, np.sqrt(2.0)), np.float64)


def matrix(triangle: Floats) -> Floats:
    """Return the symmetric matrix of an upper triangle as `pairs` lays it out, float64 [d, d]."""
    size = int(np.sqrt(2 * len(triangle)))
    first, second = np.triu_indices(size)
    found = np.zeros((size, size))
    found[first, second] = triangle / np.where(first == second, 1.0, np.sqrt(2.0))
    return found + np.triu(found, 1).T


def learners(space: Space) -> Interactions:
    """Return the records of imagined learners, who walk through the course from somewhere on."""
    rng = np.random.default_rng(_SEED)
    prior, offset = cold_start.start(space, cells.NONE)
    level = _MIDDLE + special.logit(prior)[space.combo] - special.logit(prior).mean() + offset
    level = level + rng.normal(0.0, _ITEM, space.items)
    course = cold_start.lines(space)[0].order
    again = np.array([item.repeatable for item in space.catalog.items.values()], dtype=np.bool_)
    lengths = np.clip(np.rint(rng.lognormal(np.log(_ANSWERS), _SPREAD, _LEARNERS)), 2, _MOST).astype(np.int64)
    walk = _Walk(space, level, course, again)
    found = [_follow(walk, int(length), rng) for length in lengths]
    owner = np.repeat(np.arange(_LEARNERS, dtype=np.int32), [len(one) for one in found])
    item, mark, when = (np.concatenate([one[:, column] for one in found]) for column in range(3))
    least = space.catalog.pass_score
    score = np.clip((least or 0.5) + _MARK * mark, 0.0, 1.0) if least is not None else np.full(len(mark), np.nan)
    correct = mark > 0.0 if least is None else score >= least
    return Interactions(
        learners=tuple(str(number) for number in range(_LEARNERS)),
        learner=owner,
        item=item.astype(np.int32),
        correct=correct.astype(np.float32),
        score=score.astype(np.float32),
        when=when.astype(np.int64),
    )


@dataclass(frozen=True, eq=False)
class _Walk:
    """The course that all walk through: levels float64 [items], order int64 [items], who may come again."""

    space: Space
    level: Floats
    course: Ints
    again: npt.NDArray[np.bool_]


def _follow(walk: _Walk, length: int, rng: np.random.Generator) -> Floats:
    """One learner's answers: item, logit above the bar with its logistic luck, time; float64 [length, 3]."""
    space = walk.space
    ability = rng.normal(0.0, _ABILITY)
    on_skill: dict[int, float] = {}
    place, streak, now = int(rng.integers(space.items)), 0, 0
    found = np.empty((length, 3))
    for step in range(length):
        item = int(walk.course[place % space.items])
        main = int(space.main[item])
        known = on_skill.setdefault(main, rng.normal(0.0, _SKILL))
        on_skill[main] = known + _PRACTICE
        mark = walk.level[item] + ability + known + rng.logistic()
        found[step] = item, mark, now
        streak = streak + 1 if mark > 0.0 else 0
        # Who may try again does until two were right in a row, or patience ends.
        stays = bool(walk.again[item]) and streak < 2 and rng.random() < 0.8
        now += 60 * 10**6 if stays else _DAY
        if not stays:
            place, streak = place + 1, 0
    return found
