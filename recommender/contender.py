"""The model under test, as an evaluation calls it: fit, predict, fit to an institution, lay its columns open. Floor 2.

The one place where evaluation meets the learner model, so that a new generation of it changes this module alone.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from scipy import sparse

from recommender import features, interactions, tracing
from recommender.features import Space
from recommender.interactions import Interactions
from recommender.parameters import Parameters

Floats = npt.NDArray[np.float64]
NAME = "this model"


def fit(parts: Sequence[Interactions], space: Space) -> Parameters:
    """Fit the shared model; of several institutions it is the sum of what each gives.

    Args:
        parts: One an institution.
        space: The columns.
    """
    return tracing.fit(features.design(interactions.join(parts), space))


def rounds(parts: Sequence[Interactions], space: Space, count: int) -> Parameters:
    """Fit in a given number of rounds of sums, as a consortium does."""
    designs = [features.design(part, space) for part in parts]
    now = tracing.start(space)
    for _ in range(count):
        summed = tracing.sums(designs[0], now)
        for design in designs[1:]:
            summed += tracing.sums(design, now)
        now = tracing.solve(summed, now)
    return now


def predict(rows: Interactions, parameters: Parameters, space: Space) -> Floats:
    """Chance of a right answer of each row from the rows before it, float64 [n]."""
    return tracing.predict(features.design(rows, space), parameters)


def personalise(rows: Interactions, parameters: Parameters, space: Space) -> Parameters:
    """Fit the shared model to one institution, as strongly as its own learners ask for."""
    return tracing.personalise(features.design(rows, space), parameters).parameters


def matrix(rows: Interactions, _parameters: Parameters, space: Space) -> sparse.csr_array:
    """The columns of the logit, float64 CSR [n, d]: what other ways to fit the same model start from."""
    design = features.design(rows, space)
    count = len(design.item)
    one_hot = sparse.csr_array((np.ones(count), design.item, np.arange(count + 1)), shape=(count, space.items))
    return sparse.csr_array(sparse.hstack([one_hot, design.sparse, sparse.csr_array(design.dense)], format="csr"))


def ridge(_parameters: Parameters, space: Space) -> Floats:
    """Penalty of each column of `matrix`, float64 [d]."""
    return np.ones(space.dimension)


def away(here: Parameters, there: Parameters) -> float:
    """Largest difference of a coefficient."""
    return tracing.distance(here, there)
