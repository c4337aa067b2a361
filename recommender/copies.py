"""Learners who are copies of each other: test accounts, double enrolments, repeated exports. Floor 2.

A quarter of the published test rows of ASSISTments 2009 belong to learners whose twin is in the training part; a model
that remembers pairs of items then recognises the twin. Two learners are copies if they share enough items and gave the
same first answer to nearly all of them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from recommender.interactions import Interactions

SHARED = 20
SAME = 0.98


@dataclass(frozen=True, eq=False)
class Copies:
    """Who is a copy of whom.

    Attributes:
        cluster: int64 [m], number of each learner's cluster; a learner without a copy is alone in one.
        keep: bool [m], one learner of each cluster: the one with most rows, the first among equals.
        pairs: How many pairs were found.
        rows: How many rows the dropped learners have.
    """

    cluster: npt.NDArray[np.int64]
    keep: npt.NDArray[np.bool_]
    pairs: int
    rows: int

    @property
    def dropped(self) -> int:
        """How many learners are not kept."""
        return int((~self.keep).sum())


def find(interactions: Interactions, *, shared: int = SHARED, same: float = SAME) -> Copies:
    """Find learners who share at least `shared` items, with at least a share of `same` identical first answers.

    Args:
        interactions: n rows of m learners.
        shared: Least number of items that both answered.
        same: Least share of them with the same first outcome, 0..1.
    """
    raise NotImplementedError
