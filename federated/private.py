"""What each side computes under noise: contributions in, protected releases out; those in, the shared model out. Floor 3.

Pure. A run is a few steps; in each the institutions give one row a learner for each of the step's releases
(`contributions`), `privacy.releases.protect` clips, sums and noises the rows, and the coordinator makes the next state of
what all gave together (`advance`). The last state is a model like any other (`finish`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse

from federated.privacy.releases import Release
from recommender.interactions import Interactions
from recommender.parameters import Parameters
from recommender.space import Space

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Array = npt.NDArray[Any]

LEVELS = "private-levels"
CURVES = "private-curves"
AGAIN = "private-again"
RESIDUALS = "private-residuals"
KINDS = (LEVELS, CURVES, AGAIN, RESIDUALS)

# Above this kappa one gradient with the budget of both is better than two.
ONE_GRADIENT = 0.004


@dataclass(frozen=True)
class Step:
    """One exchange.

    Attributes:
        kind: one of `KINDS`.
        releases: what every institution gives in it.
    """

    kind: str
    releases: tuple[Release, ...]


@dataclass(frozen=True, eq=False)
class State:
    """What the coordinator knows; everything in it was made of protected releases and of the catalog.

    Attributes:
        arrays: by name; those that a question carries.
        kept: by name; those that stay at the coordinator.
    """

    arrays: Mapping[str, Array] = MappingProxyType({})
    kept: Mapping[str, Array] = MappingProxyType({})


def steps(space: Space, *, single: bool = False) -> tuple[Step, ...]:
    """Return the exchanges of a run; the shares of all their releases add up to 1.

    Args:
        space: the catalog by column.
        single: whether there is one gradient only (kappa > `ONE_GRADIENT`): three steps and not four.
    """
    raise NotImplementedError


def begin(space: Space) -> State:
    """Return where a run begins: what the catalog alone tells."""
    raise NotImplementedError


def asked(state: State) -> dict[str, Array]:
    """Return the arrays that a question to the institutions must carry, float64 and int64, by name."""
    return dict(state.arrays)


def told(arrays: Mapping[str, Array], space: Space) -> State:
    """Return the state that an institution reads from a question.

    Args:
        arrays: as `asked` made them.
        space: the catalog by column.

    Raises:
        GuardError: one is missing, of another shape, or not finite.
    """
    raise NotImplementedError


def contributions(
    step: Step, records: Interactions, space: Space, state: State
) -> dict[str, Floats | sparse.csr_array]:
    """Return what the learners of an institution give to each release of a step, one row a learner.

    Nothing of it may leave but through `privacy.releases.protect`.

    Args:
        step: one of `steps`.
        records: of the learners that take part.
        space: the catalog by column.
        state: as `told`.

    Returns:
        By the release's name float64 [learners, size], dense or sparse.
    """
    raise NotImplementedError


def advance(
    step: Step, totals: Mapping[str, Ints], noise: Mapping[str, float], state: State, learners: int, space: Space
) -> State:
    """Return the state after a step.

    Args:
        step: whose answers are in.
        totals: by the release's name int64 [size] (or uint32 words), the sum over institutions in steps of the grid.
        noise: by the release's name the variance of each number's noise in that sum, in the unit of the rows: that of
            one institution (`Release.deviation` squared) times the number of institutions that added it.
        state: before the step.
        learners: how many took part, rounded down; only scales what is not released.
        space: the catalog by column.
    """
    raise NotImplementedError


def finish(state: State, space: Space) -> Parameters:
    """Return the shared model of a state: of the last one, or of an earlier one if the run ended before."""
    raise NotImplementedError
