"""What each side computes in a round: records in, sums out; sums in, the next model out. Pure; floor 3."""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from recommender import features, interactions, tracing
from recommender.features import Space
from recommender.interactions import Interactions
from recommender.parameters import Parameters
from recommender.tracing import Personalised, Sums


@dataclass(frozen=True, eq=False)
class State:
    """Where the coordinator's fit stands.

    Attributes:
        parameters: the model that the next round asks with.
        best: the model of the lowest objective so far, None before the first round.
        objective: its objective.
        members: whose sums that objective was made of; another set is another objective.
        distance: largest change of a weight by the last step; infinite before the first one.
        promise: by how much that step lowers the mean log loss (`tracing.promise`); infinite before the first one, and
            after half a step, which promises nothing.
    """

    parameters: Parameters
    best: Parameters | None = None
    objective: float = float("inf")
    members: tuple[str, ...] = ()
    distance: float = float("inf")
    promise: float = float("inf")


def local_sums(records: Interactions, space: Space, parameters: Parameters) -> Sums:
    """Return an institution's sums over `records` at `parameters`; see `tracing.sums`."""
    return tracing.sums(features.design(records, space), parameters)


def fit(records: Interactions, space: Space) -> Parameters:
    """Return the model of `records` alone: what an institution would have without the others."""
    return tracing.fit(features.design(records, space))


def personalise(records: Interactions, space: Space, shared: Parameters) -> Personalised:
    """Return the `shared` model fitted to an institution's `records`, and how strongly the shared one pulled."""
    return tracing.personalise(features.design(records, space), shared)


def predict(records: Interactions, space: Space, parameters: Parameters) -> npt.NDArray[np.float64]:
    """Return the chance of a correct answer of each row of `records`, float64 [n], each from the rows before it."""
    return tracing.predict(features.design(records, space), parameters)


def training(records: Interactions, held_out: npt.NDArray[np.bool_]) -> Interactions:
    """Return the records of the learners that a fit may see.

    Args:
        records: all of an institution's.
        held_out: bool [learners], who is kept for measuring.
    """
    return interactions.select(records, ~held_out)


def step(state: State, summed: Sums, objective: float, members: tuple[str, ...], *, penalty: float) -> State:
    """Take the coordinator's step: Newton, or half of the last step where it made things worse.

    Args:
        state: before the round.
        summed: the sum over `members`, taken at `state.parameters`.
        objective: what the fit minimises, at `state.parameters`, over the same sums.
        members: who took part, sorted.
        penalty: lambda of the fit, > 0.

    Returns:
        The state that the next round begins with.
    """
    now = state.parameters
    if state.best is not None and state.members == members and objective > state.objective:
        then = tracing.midpoint(state.best, now)
        distance = tracing.distance(state.best, then)
        return replace(state, parameters=then, distance=distance, promise=float("inf"))
    then = tracing.solve(summed, now, penalty=penalty)
    promise = tracing.promise(summed, now, then, penalty=penalty)
    return State(then, now, objective, members, tracing.distance(now, then), promise)
