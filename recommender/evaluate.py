"""How good a model is on learners it has not seen: folds, intervals, institutions, unseen items, leakage. Floor 2."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from recommender.features import Space
from recommender.interactions import Interactions

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


def folds(learners: int, count: int, rng: np.random.Generator) -> Ints:
    """Draw the fold that holds each learner out, folds of equal size, int64 [learners]."""
    raise NotImplementedError


def institutions(interactions: Interactions, space: Space, count: int, mix: str, rng: np.random.Generator) -> Ints:
    """Make up institutions, int64 [m]: "iid" of equal size at random, or "uneven", sizes 10:1, by skill mix and ability."""
    raise NotImplementedError
