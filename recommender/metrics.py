"""How good predictions are: AUC, squared error, log loss, calibration, each with its likely range. Floor 2.

Likely ranges come from the bootstrap over learners, not rows: the answers of one learner hang together, so that drawing
rows would promise too much (Efron and Tibshirani 1993, section 8).
"""

from __future__ import annotations

import functools
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.floating]
REPEATS = 200


@dataclass(frozen=True, slots=True)
class Interval:
    """A figure with its likely range.

    Attributes:
        value: On the rows themselves.
        low: 2.5 % of the bootstrap samples lie below; nan where there is nothing to sample.
        high: 2.5 % lie above.
    """

    value: float
    low: float
    high: float


def auc(correct: Floats, chance: Floats) -> float:
    """Area under the ROC curve: how often a right answer was given the higher chance; ties count half.

    Args:
        correct: [n] of 0 and 1.
        chance: [n], any score that grows with the chance.

    Returns:
        0..1; nan where all answers are alike.

    Examples:
        >>> auc(np.array([0., 0., 1., 1.]), np.array([.1, .4, .35, .8]))
        0.75
    """
    right = int(np.sum(correct > 0.5))
    wrong = len(correct) - right
    if right == 0 or wrong == 0:
        return float("nan")
    _, place, sizes = np.unique(chance, return_inverse=True, return_counts=True)
    ends = np.cumsum(sizes)
    ranks = (ends - (sizes - 1) / 2.0)[place]
    return float((np.sum(ranks[correct > 0.5]) - right * (right + 1) / 2) / (right * wrong))


def log_loss(correct: Floats, chance: Floats) -> float:
    """Mean of -log of the chance given to what happened; nan without rows.

    Args:
        correct: [n] of 0 and 1.
        chance: [n], 0..1.
    """
    if len(correct) == 0:
        return float("nan")
    kept = np.clip(chance, 1e-15, 1 - 1e-15)
    return float(-np.mean(correct * np.log(kept) + (1 - correct) * np.log1p(-kept)))


def ece(correct: Floats, chance: Floats, *, bins: int = 10) -> float:
    """Expected calibration error: distance between chance and share of right answers, over equal-width bins.

    Bins count by their rows.

    Args:
        correct: [n] of 0 and 1.
        chance: [n], 0..1.
        bins: Number of bins.

    Returns:
        0..1; nan without rows.
    """
    if len(correct) == 0:
        return float("nan")
    bin_of = np.minimum((chance * bins).astype(int), bins - 1)
    gaps = np.abs(np.bincount(bin_of, weights=correct - chance, minlength=bins))
    return float(np.sum(gaps) / len(correct))


def rmse(correct: Floats, chance: Floats) -> float:
    """Root of the mean squared distance between chance and outcome, the root of the Brier score; nan without rows.

    Args:
        correct: [n] of 0 and 1.
        chance: [n], 0..1.
    """
    return float(np.sqrt(np.mean(np.square(correct - chance)))) if len(correct) else float("nan")


@dataclass(frozen=True, slots=True)
class Figures:
    """The figures of some predictions, each with its likely range.

    Attributes:
        rows: How many predictions.
        learners: Of how many learners.
        auc: Area under the ROC curve.
        rmse: Root mean squared error.
        log_loss: Mean log loss, in nats.
        ece: Expected calibration error.
        bias: Mean chance minus share of right answers.
    """

    rows: int
    learners: int
    auc: Interval
    rmse: Interval
    log_loss: Interval
    ece: Interval
    bias: Interval


def figures(
    correct: Floats,
    chance: Floats,
    learner: npt.NDArray[np.integer],
    rng: np.random.Generator,
    *,
    repeats: int = REPEATS,
) -> Figures:
    """Measure predictions, with 95 % ranges from drawing learners anew.

    A calibration error of few rows is too large by chance alone, and drawing anew adds as much again. Its range is
    moved by what that added, so that it lies around the value.

    Args:
        correct: [n] of 0 and 1.
        chance: [n], 0..1.
        learner: integer [n], whose answer it was.
        rng: For the draws.
        repeats: Number of draws.
    """
    value = (auc(correct, chance), rmse(correct, chance), log_loss(correct, chance), ece(correct, chance))
    bias = float(np.mean(chance - correct)) if len(correct) else float("nan")
    sampler = Sampler.of(correct, chance, learner)
    samples = np.array([sampler.measure(sampler.draw(rng)) for _ in range(repeats)]).reshape(repeats, 5)
    samples[:, 3] = np.maximum(samples[:, 3] - (samples[:, 3].mean() if repeats else 0.0) + value[3], 0.0)
    ranges = [interval(figure, samples[:, column]) for column, figure in enumerate((*value, bias))]
    return Figures(len(correct), sampler.learners, *ranges)


def difference(
    correct: Floats,
    chance: Floats,
    other: Floats,
    learner: npt.NDArray[np.integer],
    rng: np.random.Generator,
    *,
    repeats: int = REPEATS,
) -> Interval:
    """By how much the AUC of `chance` is above that of `other`, with a range from the same draws of learners for both.

    Args:
        correct: [n] of 0 and 1.
        chance: [n], 0..1.
        other: [n], 0..1, predictions of the same rows.
        learner: integer [n].
        rng: For the draws.
        repeats: Number of draws.
    """
    here, there = Sampler.of(correct, chance, learner), Sampler.of(correct, other, learner)
    draws = [here.draw(rng) for _ in range(repeats)]
    samples = np.array([here.auc(draw) - there.auc(draw) for draw in draws])
    return interval(auc(correct, chance) - auc(correct, other), samples)


def interval(value: float, samples: Floats) -> Interval:
    """Put the middle 95 % of samples beside a value; samples without a figure do not count.

    Args:
        value: The figure itself.
        samples: float [k] of the bootstrap.
    """
    kept = samples[~np.isnan(samples)]
    if not len(kept):
        return Interval(value, float("nan"), float("nan"))
    low, high = np.quantile(kept, (0.025, 0.975)).tolist()
    return Interval(value, low, high)


@dataclass(frozen=True, eq=False)
class Sampler:
    """Predictions sorted once, so that the figures of each draw of learners cost a pass and no sorting.

    Attributes:
        learner: int64 [n], number of the learner of each row, rows by rising chance.
        learners: How many there are.
        correct: float64 [n].
        chance: float64 [n], rising.
        ties: int64 [g], where rows of an equal chance begin.
    """

    learner: npt.NDArray[np.int64]
    learners: int
    correct: npt.NDArray[np.float64]
    chance: npt.NDArray[np.float64]
    ties: npt.NDArray[np.int64]

    @classmethod
    def of(cls, correct: Floats, chance: Floats, learner: npt.NDArray[np.integer]) -> Sampler:
        """Sort n rows of outcome, chance and learner."""
        names, number = np.unique(learner, return_inverse=True)
        order = np.argsort(chance, kind="stable")
        rising = np.asarray(chance, np.float64)[order]
        ties = np.flatnonzero(np.append(True, rising[1:] != rising[:-1])) if len(rising) else np.zeros(0, np.int64)
        return cls(number[order], len(names), np.asarray(correct, np.float64)[order], rising, ties)

    def draw(self, rng: np.random.Generator) -> npt.NDArray[np.float64]:
        """How often each learner is drawn, float64 [learners], out of as many draws as learners."""
        drawn = rng.integers(0, self.learners, self.learners) if self.learners else np.zeros(0, np.int64)
        return np.bincount(drawn, minlength=self.learners).astype(np.float64)

    def auc(self, drawn: Floats) -> float:
        """AUC of a draw of learners; nan where one kind of answer is missing."""
        weight = drawn[self.learner]
        right = weight * self.correct
        wrong = weight - right
        all_right, all_wrong = float(right.sum()), float(wrong.sum())
        if not all_right or not all_wrong:
            return float("nan")
        here = np.add.reduceat(wrong, self.ties)
        below = np.cumsum(here) - here
        return float(np.add.reduceat(right, self.ties) @ (below + 0.5 * here)) / (all_right * all_wrong)

    def measure(self, drawn: Floats) -> tuple[float, float, float, float, float]:
        """AUC, root mean squared error, log loss, calibration error and bias of a draw of learners."""
        weight = drawn[self.learner]
        total = float(weight.sum())
        if not total:
            return (float("nan"),) * 5
        away = self.correct - self.chance
        return (
            self.auc(drawn),
            float(np.sqrt(weight @ self._square / total)),
            float(weight @ self._loss / total),
            float(np.sum(np.abs(np.bincount(self._bin, weights=weight * away, minlength=10)))) / total,
            float(-(weight @ away)) / total,
        )

    @functools.cached_property
    def _square(self) -> Floats:
        return np.square(self.correct - self.chance)

    @functools.cached_property
    def _loss(self) -> Floats:
        kept = np.clip(self.chance, 1e-15, 1 - 1e-15)
        return np.asarray(-np.where(self.correct > 0.5, np.log(kept), np.log1p(-kept)))

    @functools.cached_property
    def _bin(self) -> npt.NDArray[np.int64]:
        return np.minimum((self.chance * 10).astype(np.int64), 9)
