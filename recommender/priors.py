"""What other learners' first answers say of a learner who has given none. Floor 2.

Counts of first answers, by item, add up over learners and institutions. From them: how likely each skill is known at
the start, shrunk towards the declared start, and how much easier an item is than it was declared.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from curriculum.catalog import Catalog
from recommender.interactions import Interactions
from recommender.tracker import Priors


@dataclass(frozen=True, eq=False)
class Counts:
    """First answers of learners on the skills; two of them add up.

    Attributes:
        asked: float64 [items], how many learners met the item's main skill first by it.
        right: float64 [items], how many of them were right.
    """

    asked: npt.NDArray[np.float64]
    right: npt.NDArray[np.float64]

    def __add__(self, other: Counts) -> Counts:
        return Counts(self.asked + other.asked, self.right + other.right)


def count(interactions: Interactions, catalog: Catalog) -> Counts:
    """Count the first answers.

    Args:
        interactions: Of any number of learners; n rows.
        catalog: The catalog.
    """
    raise NotImplementedError


def learn(catalog: Catalog, counts: Counts) -> Priors:
    """Turn counts into start beliefs and chances of items.

    Args:
        catalog: The catalog.
        counts: Sums over learners.
    """
    raise NotImplementedError
