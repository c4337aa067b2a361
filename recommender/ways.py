"""Which way of learning helps this learner: a measured effect, not a style. Floor 2.

Learning curves with a slope for each way (after Cen, Koedinger and Junker's Additive Factors Model, 2006, linear in the
chance): inside each skill, how much more often answers are right after each activity of a way. Slopes are shrunk to
what the way does for all learners, by empirical Bayes. A stated preference stands beside them, and goes first.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import erf, sqrt
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

from curriculum.catalog import Catalog
from recommender import measures, tracker, verbs
from recommender.measures import Measure
from recommender.rhythm import Events

NEEDED = 6  # activities of a way, for its effect to be told
SURE = 0.9  # chance that a way is better than another one, to be called clearly better
LEVELS = 5.0
_FIRST = 20  # activities on a skill that count: later ones meet a learner who knows it
_SPREADS = (0.003, 0.01, 0.02, 0.04, 0.08, 0.16)  # of slopes between ways, from which the likeliest is taken
_COMMON = 0.1  # of the slope that all ways share
_LEAST_ROWS = 3

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Sums:
    """What answers say of slopes; sums over skills and learners add up.

    Attributes:
        square: float64 [M, M], of activities by way, centred inside each skill.
        cross: float64 [M], with the outcomes.
        total: Sum of the squares of the outcomes, centred.
        freedom: Answers, less one a skill.
    """

    square: Floats
    cross: Floats
    total: float
    freedom: int

    def __add__(self, other: Sums) -> Sums:
        """Sums of both."""
        return Sums(
            self.square + other.square,
            self.cross + other.cross,
            self.total + other.total,
            self.freedom + other.freedom,
        )


@dataclass(frozen=True, eq=False)
class Prior:
    """What ways do for all learners.

    Attributes:
        mean: float64 [M], growth of the chance of a right answer by one activity of each way.
        spread: float64 [M], how far learners are from it.
    """

    mean: Floats
    spread: Floats


@dataclass(frozen=True)
class Ways:
    """What helps this learner.

    Attributes:
        effects: By way that was ever used, in levels gained per hour ("level/hour") or, where times are not known, per
            activity ("level/activity").
        best: The way that is clearly better than every other one with an effect; None: no way is clearly better yet.
        stated: The way that the learner prefers; empty: none is stated. It goes before `best`.
        method: Key of the words.
    """

    effects: Mapping[str, Measure]
    best: str | None
    stated: str
    method: str = "ways.effect"


def sums(made: Events, right: Floats, base: Floats) -> Sums:
    """Add up what the answers of one learner say of the ways.

    Args:
        made: Events of the learner.
        right: float64 [n], 0 or 1, of each row of their history.
        base: float64 [n], chance of a right answer on that item by a learner of whom nothing is known: of `typical`.
    """
    number = len(verbs.MODES)
    found = Sums(np.zeros((number, number)), np.zeros(number), 0.0, 0)
    graded = made.row >= 0
    outcome = np.full(len(made.when), np.nan)
    outcome[graded] = (right - base)[made.row[graded]]
    for skill in np.unique(made.skill[graded]).tolist():
        here = np.flatnonzero((made.skill == skill) & (made.mode >= 0))[:_FIRST]
        told = ~np.isnan(outcome[here])
        if told.sum() < _LEAST_ROWS:
            continue
        used = np.zeros((len(here), number))
        used[np.arange(len(here)), made.mode[here]] = 1.0
        before = (np.cumsum(used, axis=0) - used)[told]
        x = before - before.mean(axis=0)
        y = outcome[here][told] - outcome[here][told].mean()
        found += Sums(x.T @ x, x.T @ y, float(y @ y), len(y) - 1)
    return found


@functools.lru_cache(maxsize=64)
def typical(catalog: Catalog) -> Floats:
    """Chance that a learner of whom nothing is known gets each item right, by its declared difficulty; float64 [items].

    Args:
        catalog: The catalog.
    """
    prior = tracker.prior(catalog)
    base = np.zeros(len(catalog.items))
    for row, item in enumerate(catalog.items.values()):
        main = catalog.skills[item.skills[0]]
        chances = tracker.chances(main.difficulty if item.difficulty is None else item.difficulty)
        base[row] = tracker.dot(prior[catalog.skill_index[main.id]].state, chances)
    return base


def learn(parts: Iterable[Sums]) -> Prior:
    """Learn from many learners what each way does.

    Args:
        parts: One a learner; sums of institutions add up as well.
    """
    listed = list(parts)
    number = len(verbs.MODES)
    total = Sums(np.zeros((number, number)), np.zeros(number), 0.0, 0)
    for part in listed:
        total += part
    mean, covariance = _posterior(total, _spread(total, np.zeros(number)), np.zeros(number))
    return Prior(mean, np.sqrt(np.maximum(np.diag(covariance), 0.0) + _between(listed, mean) ** 2))


def ways(made: Events, found: Sums, *, prior: Prior | None = None, preferred: str = "") -> Ways:
    """Say what helps a learner.

    Args:
        made: Events of the learner.
        found: Sums of their answers.
        prior: What the ways do for all; None: they are alike until this learner's answers say otherwise.
        preferred: The way that the learner prefers, or empty.
    """
    start = np.zeros(len(verbs.MODES)) if prior is None else prior.mean
    shrunk = _spread(found, start) if prior is None else np.diag(prior.spread**2)
    mean, covariance = _posterior(found, shrunk, start)
    counted = np.bincount(made.mode[made.mode >= 0], minlength=len(verbs.MODES))
    measured = [mode for mode in np.flatnonzero(counted >= NEEDED).tolist() if found.square[mode, mode] > 0]
    hours = {mode: _hours(made, mode) for mode in measured}
    timed = bool(measured) and all(hours.values())
    scale = {mode: LEVELS / ((hours[mode] or 1.0) if timed else 1.0) for mode in measured}
    effects: dict[str, Measure] = {}
    for mode in np.flatnonzero(counted).tolist():
        seqs = made.seq[made.mode == mode].tolist()
        unit = "level/hour" if timed else "level/activity"
        count = int(counted[mode])
        if mode in scale:
            spread = scale[mode] * sqrt(max(float(covariance[mode, mode]), 0.0))
            value = scale[mode] * float(mean[mode])
            effects[verbs.MODES[mode]] = measures.normal("ways.effect", value, spread, seqs, unit, count=count)
        else:
            effects[verbs.MODES[mode]] = measures.unknown("ways.effect", count, NEEDED, seqs, unit)
    return Ways(MappingProxyType(effects), _best(mean, covariance, scale), preferred)


def _best(mean: Floats, covariance: Floats, scale: Mapping[int, float]) -> str | None:
    """The way that is better than each other one with a chance of `SURE`."""
    if len(scale) < 2:
        return None
    first = max(scale, key=lambda mode: scale[mode] * mean[mode])
    for mode in scale:
        if mode != first:
            weights = np.zeros(len(mean))
            weights[first], weights[mode] = scale[first], -scale[mode]
            spread = sqrt(max(float(weights @ covariance @ weights), 1e-12))
            if 0.5 * (1.0 + erf(float(weights @ mean) / spread / sqrt(2.0))) < SURE:
                return None
    return verbs.MODES[first]


def _hours(made: Events, mode: int) -> float | None:
    """Mean hours of an activity of a way, of those that were timed; None where fewer than half were."""
    seconds = made.seconds[made.mode == mode]
    timed = seconds[seconds > 0]
    return float(timed.mean()) / 3600.0 if 2 * len(timed) >= len(seconds) else None


def _noise(found: Sums) -> float:
    """Variance of an outcome around its curve; that of a fair coin where there are too few answers."""
    return 0.25 if found.freedom < 10 else min(max(found.total / found.freedom, 0.05), 0.25)


def _posterior(found: Sums, prior: Floats, start: Floats) -> tuple[Floats, Floats]:
    """Mean and covariance of the slopes, given a normal prior."""
    noise = _noise(found)
    precision = np.linalg.inv(prior)
    covariance = np.linalg.inv(found.square / noise + precision)
    return covariance @ (found.cross / noise + precision @ start), covariance


def _spread(found: Sums, start: Floats) -> Floats:
    """Covariance of the slopes before the answers: a common part, and the likeliest spread between ways."""
    common = _COMMON**2 * np.ones((len(start), len(start)))
    candidates = [common + spread**2 * np.eye(len(start)) for spread in _SPREADS]
    return max(candidates, key=lambda prior: _evidence(found, prior, start))


def _evidence(found: Sums, prior: Floats, start: Floats) -> float:
    """Log of the marginal likelihood of the outcomes, but for what is the same for every prior."""
    noise = _noise(found)
    rest = found.cross - found.square @ start
    inner = np.eye(len(start)) + found.square @ prior / noise
    return float(rest @ prior @ np.linalg.solve(inner, rest) / noise**2 - np.linalg.slogdet(inner)[1])


def _between(parts: Iterable[Sums], mean: Floats) -> Floats:
    """How far learners are from the mean of all: moments of their residuals, at least a hundredth."""
    above, below = np.zeros(len(mean)), np.zeros(len(mean))
    for part in parts:
        rest = part.cross - part.square @ mean
        size = np.diag(part.square)
        above += rest**2 - _noise(part) * size
        below += size**2
    return np.sqrt(np.maximum(np.divide(above, below, out=np.zeros_like(above), where=below > 0), 1e-4))
