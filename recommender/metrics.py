"""How good predictions are: AUC, log loss, calibration. Floor 2."""

from __future__ import annotations

from collections.abc import Callable
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
