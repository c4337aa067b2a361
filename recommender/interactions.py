"""Columns of what learners did: the noun between statements and the model. Floor 2.

Made from labels, the clear part of stored statements; only pseudonyms are in it. Time order inside a learner.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True, eq=False)
class Interactions:
    """Graded answers, sorted by learner, then by time.

    Attributes:
        learners: Pseudonyms, sorted; `learner` points into it.
        learner: int32 [n], ascending.
        item: int32 [n], column of the item in the catalog.
        correct: float32 [n], 0 or 1.
        score: float32 [n], scaled score -1..1; nan where the statement had none.
        when: int64 [n], microseconds since 1970 UTC.
        skipped: How many labels were left out, by reason: "not graded", "unknown activity", "no result", "no learner".
    """

    learners: tuple[str, ...]
    learner: npt.NDArray[np.int32]
    item: npt.NDArray[np.int32]
    correct: npt.NDArray[np.float32]
    score: npt.NDArray[np.float32]
    when: npt.NDArray[np.int64]
    skipped: tuple[tuple[str, int], ...] = ()
