"""Which way of learning helps this learner: a measured effect, not a style. Floor 2.

Learning curves with a slope for each way (the Additive Factors Model of Cen, Koedinger and Junker, ITS 2006): inside
each skill, how the odds of a right answer grow with each activity of a way. Slopes are shrunk to what the way does for
all learners, or to each other, by empirical Bayes. A stated preference stands beside them, and goes first.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from math import erf, sqrt
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

from curriculum.catalog import Catalog
from recommender import activities, interactions, measures, rhythm, tracker, verbs
from recommender.activities import Activities
from recommender.interactions import Interactions
from recommender.measures import Measure
from recommender.rhythm import Events

NEEDED = 6  # activities of a way, for its effect to be told
SURE = 0.9  # chance that a way is better than another one, to be called clearly better
LEVELS = 5.0
_FIRST = 20  # activities on a skill that count: later ones meet a learner who knows it
_SPREADS = (0.01, 0.03, 0.06, 0.12, 0.25, 0.5)  # of slopes between ways, in logits; the likeliest is taken
_COMMON = 0.3  # of the slope that all ways share, in logits
_LEARNER, _SKILL = 3.0, 1.0  # how far a learner, and a skill of theirs, start from what is declared, in logits
_STEPS = 8  # of Newton's method; from nothing it takes four to six to the last digits

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Sums:
    """What answers say of the slopes, as a normal likelihood; those of several learners add up.

    Attributes:
        square: float64 [M, M], its precision.
        cross: float64 [M], precision x estimate.
        steep: Sum over the answers of p(1 - p): how much a logit is worth in chance.
        rows: Number of the answers.
    """

    square: Floats
    cross: Floats
    steep: float
    rows: int

    def __add__(self, other: Sums) -> Sums:
        """Sums of both."""
        return Sums(
            self.square + other.square, self.cross + other.cross, self.steep + other.steep, self.rows + other.rows
        )


# Hours that an activity must take for a gain per hour to mean anything: sixty answers of a minute are not an hour.
BRIEF = 1.0 / 12.0


@dataclass(frozen=True, eq=False)
class Prior:
    """What ways do for all learners.

    Attributes:
        mean: float64 [M], growth of the logit of a right answer by one activity of each way.
        spread: float64 [M], how far a learner may be from it.
    """

    mean: Floats
    spread: Floats


@dataclass(frozen=True)
class Ways:
    """What helps this learner.

    Attributes:
        effects: By way that was ever used, in levels gained per hour ("level/hour") or, where times are not known or
            an activity takes less than `BRIEF`, per activity ("level/activity").
        best: The way that is clearly better than every other one with an effect; None: no way is clearly better yet.
        stated: The way that the learner prefers; empty: none is stated. It goes before `best`.
        logits: By way with an effect, what one activity adds to the logit of a right answer, less the mean of these
            ways: what a mixer of ways weighs by, whatever unit a page shows.
        method: Key of the words.
    """

    effects: Mapping[str, Measure]
    best: str | None
    stated: str
    logits: Mapping[str, float]
    method: str = "ways.effect"


def sums(made: Events, right: Floats, base: Floats) -> Sums:
    """Add up what the answers of one learner say of the ways.

    Args:
        made: Events of the learner.
        right: float64 [n], 0 or 1, of each row of their history.
        base: float64 [n], chance of a right answer on that item by a learner of whom nothing is known: of `typical`.
    """
    used, skill, outcome, start = _rows(made, right, base)
    if not len(outcome):
        return nothing()
    number, skills = used.shape[1], int(skill.max()) + 1
    columns = np.column_stack([used, np.ones(len(outcome))])  # and where this learner starts
    prior = np.zeros((number + 1, number + 1))
    prior[:-1, :-1] = np.linalg.inv(_prior(_SPREADS[3], number))
    prior[-1, -1] = 1.0 / _LEARNER**2
    weights, starts = np.zeros(number + 1), np.zeros(skills)
    for _ in range(_STEPS):
        chance = 1.0 / (1.0 + np.exp(-(start + starts[skill] + columns @ weights)))
        steep = chance * (1.0 - chance)
        diagonal = np.bincount(skill, steep, skills) + 1.0 / _SKILL**2
        cross = np.zeros((skills, number + 1))
        np.add.at(cross, skill, columns * steep[:, None])
        inner = columns.T @ (columns * steep[:, None]) - cross.T @ (cross / diagonal[:, None])
        by_skill = np.bincount(skill, outcome - chance, skills) - starts / _SKILL**2
        by_column = columns.T @ (outcome - chance) - prior @ weights
        step = np.linalg.solve(inner + prior, by_column - cross.T @ (by_skill / diagonal))
        weights = weights + step
        starts = starts + (by_skill - cross @ step) / diagonal
    # At the maximum the slope of the likelihood is that of the prior: without the prior, the likelihood is left. Where
    # the learner starts is taken out of it.
    square = inner[:-1, :-1] - np.outer(inner[:-1, -1], inner[:-1, -1]) / (inner[-1, -1] + prior[-1, -1])
    slopes = weights[:-1]
    return Sums(square, square @ slopes + prior[:-1, :-1] @ slopes, float(steep.sum()), len(outcome))


def parts(catalog: Catalog, history: Interactions, done: Activities | None = None) -> Iterator[Sums]:
    """Add up what the answers of many learners say, one sum a learner: what `learn` takes.

    Args:
        catalog: The catalog.
        history: Their answers.
        done: Everything they did, graded or not; None: only the answers are known.
    """
    bounds = np.searchsorted(history.learner, np.arange(len(history.learners) + 1))
    there = {} if done is None else {name: number for number, name in enumerate(done.learners)}
    for learner, name in enumerate(history.learners):
        own = interactions.rows(history, np.arange(bounds[learner], bounds[learner + 1]))
        others = None if done is None else activities.rows(done, done.learner == there.get(name, -1))
        made = rhythm.events(own, others, catalog)
        yield sums(made, own.correct.astype(np.float64), typical(catalog)[own.item])


def nothing() -> Sums:
    """Of no answer."""
    number = len(verbs.MODES)
    return Sums(np.zeros((number, number)), np.zeros(number), 0.0, 0)


def _rows(made: Events, right: Floats, base: Floats) -> tuple[Floats, npt.NDArray[np.int64], Floats, Floats]:
    """Of each answer: activities by way that came before on its skill, number of the skill, outcome, declared logit."""
    graded = np.flatnonzero(made.row >= 0)
    number = len(verbs.MODES)
    used, skill, chosen = [np.zeros((0, number))], [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
    for place, name in enumerate(np.unique(made.skill[graded]).tolist()):
        here = np.flatnonzero((made.skill == name) & (made.mode >= 0))[:_FIRST]
        one = np.zeros((len(here), number))
        one[np.arange(len(here)), made.mode[here]] = 1.0
        told = made.row[here] >= 0
        used.append((np.cumsum(one, axis=0) - one)[told])
        skill.append(np.full(int(told.sum()), place))
        chosen.append(made.row[here][told])
    rows = np.concatenate(chosen)
    return np.concatenate(used), np.concatenate(skill), right[rows], np.log(base[rows] / (1.0 - base[rows]))


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
    total = nothing()
    for part in listed:
        total += part
    zero = np.zeros(len(verbs.MODES))
    mean, covariance = _posterior(total, _likeliest(total, zero), zero)
    return Prior(mean, np.sqrt(np.maximum(np.diag(covariance), 0.0) + _between(listed, mean)))


def ways(made: Events, found: Sums, *, prior: Prior | None = None, preferred: str = "") -> Ways:
    """Say what helps a learner.

    Args:
        made: Events of the learner.
        found: Sums of their answers.
        prior: What the ways do for all; None: they are alike until this learner's answers say otherwise.
        preferred: The way that the learner prefers, or empty.
    """
    start = np.zeros(len(verbs.MODES)) if prior is None else prior.mean
    shrunk = _likeliest(found, start) if prior is None else np.diag(prior.spread**2)
    mean, covariance = _posterior(found, shrunk, start)
    counted = np.bincount(made.mode[made.mode >= 0], minlength=len(verbs.MODES))
    measured = [mode for mode in np.flatnonzero(counted >= NEEDED).tolist() if found.square[mode, mode] > 0]
    hours = {mode: _hours(made, mode) for mode in measured}
    timed = bool(measured) and all((hour or 0.0) >= BRIEF for hour in hours.values())
    steep = LEVELS * found.steep / max(found.rows, 1)
    scale = {mode: steep / ((hours[mode] or 1.0) if timed else 1.0) for mode in measured}
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
    middle = sum(float(mean[mode]) for mode in measured) / max(len(measured), 1)
    logits = {verbs.MODES[mode]: float(mean[mode]) - middle for mode in measured}
    return Ways(MappingProxyType(effects), _best(mean, covariance, scale), preferred, MappingProxyType(logits))


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


def _posterior(found: Sums, prior: Floats, start: Floats) -> tuple[Floats, Floats]:
    """Mean and covariance of the slopes, given a normal prior."""
    precision = np.linalg.inv(prior)
    covariance = np.linalg.inv(found.square + precision)
    return covariance @ (found.cross + precision @ start), covariance


def _prior(spread: float, number: int) -> Floats:
    """Covariance of the slopes before the answers: a common part, and a spread between ways."""
    return _COMMON**2 * np.ones((number, number)) + spread**2 * np.eye(number)


def _likeliest(found: Sums, start: Floats) -> Floats:
    """The prior under which the answers are the likeliest."""
    return max((_prior(spread, len(start)) for spread in _SPREADS), key=lambda prior: _evidence(found, prior, start))


def _evidence(found: Sums, prior: Floats, start: Floats) -> float:
    """Twice the log of the marginal likelihood, but for what is the same for every prior."""
    rest = found.cross - found.square @ start
    inner = np.eye(len(start)) + found.square @ prior
    return float(rest @ prior @ np.linalg.solve(inner, rest) - np.linalg.slogdet(inner)[1])


def _between(parts: Iterable[Sums], mean: Floats) -> float:
    """Variance of slopes between learners, by moments: their residuals beyond what chance makes."""
    above, below = 0.0, 0.0
    for part in parts:
        rest = part.cross - part.square @ mean
        above += float(rest @ rest - np.trace(part.square))
        below += float(np.sum(part.square**2))
    return max(above / below, 0.0) if below else 0.0
