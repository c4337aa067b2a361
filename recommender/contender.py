"""The model under test, as an evaluation calls it: fit, predict, fit to an institution, lay its columns open. Floor 2.

The one place where evaluation meets the learner model, so that a new generation of it changes this module alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt
from scipy import sparse

from recommender import features, tracing, training
from recommender.interactions import Interactions
from recommender.parameters import Parameters
from recommender.space import Space
from recommender.wording import Embed

Floats = npt.NDArray[np.float64]
NAME = "this model"


def fit(parts: Sequence[Interactions], space: Space, *, embed: Embed | None = None) -> Parameters:
    """Fit the shared model; of several institutions it is the sum of what each gives.

    Args:
        parts: One an institution.
        space: The columns.
        embed: Turns texts into their meaning (`wording.meanings`); None: words alone are read.
    """
    return training.fit(parts, space, embed=embed)


def rounds(parts: Sequence[Interactions], space: Space, count: int) -> Parameters:
    """Fit in a given number of rounds of sums, as a consortium does: the round of the scale carries a first step."""
    return training.fit(parts, space, steps=1 + count)


def steps(parts: Sequence[Interactions], space: Space) -> Iterator[Parameters]:
    """The shared model after the round of the scale, which carries a first step, then after each round of sums."""
    now, designs = training.prepare(parts, space)
    penalty = tracing.penalties(space)
    while True:
        now = tracing.solve(space, training.total([tracing.sums(design, now) for design in designs]), now, penalty)
        yield now


def predict(rows: Interactions, parameters: Parameters, space: Space) -> Floats:
    """Chance of a right answer of each row from the rows before it, float64 [n]."""
    return training.predict(rows, parameters, space)


def personalise(rows: Interactions, parameters: Parameters, space: Space) -> Parameters:
    """Fit the shared model to one institution, as strongly as its own learners ask for."""
    sent = training.given(rows, parameters, space)
    return training.personalise(rows, parameters, space, sent=sent).parameters


def matrix(rows: Interactions, parameters: Parameters, space: Space, *, trained: bool) -> sparse.csr_array:
    """The columns of the logit, float64 CSR [n, d]: what other ways to fit the same model start from.

    Args:
        rows: n rows.
        parameters: Gives tables and scale.
        space: The columns.
        trained: These rows took part in the tables, so that each learner's own answers are left out of them.
    """
    sent = training.given(rows, parameters, space) if trained else None
    design = training.design(rows, parameters, space, sent=sent)
    blocks = []
    for names, number, of in (
        (features.of_item(space), design.item.astype(np.int64), space.items),
        (features.of_skill(space), space.main[design.item], space.skills),
    ):
        values = design.dense[:, features.places(space, names)]
        count, width = values.shape
        places = number[:, None] * width + np.arange(width)
        starts = width * np.arange(count + 1)
        blocks.append(sparse.csr_array((values.ravel(), places.ravel(), starts), shape=(count, width * of)))
    return sparse.csr_array(sparse.hstack([*blocks, sparse.csr_array(design.dense)], format="csr"))


def ridge(_parameters: Parameters, space: Space) -> Floats:
    """Penalty of each column of `matrix`, float64 [d]."""
    return tracing.penalties(space)


def away(here: Parameters, there: Parameters) -> float:
    """Largest difference of a coefficient."""
    return tracing.distance(here, there)
