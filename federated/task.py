"""What each side computes in a round: records in, counts and sums out; those in, the next model out. Pure; floor 3."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt

from federated import errors, messages
from recommender import artifact, cells, features, interactions, tracing
from recommender import training as phases
from recommender.cells import Counts
from recommender.features import Design
from recommender.interactions import Interactions
from recommender.parameters import Parameters
from recommender.space import Space
from recommender.tracing import Sums
from recommender.training import Moments, Personalised


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


def start(space: Space) -> Parameters:
    """Return the model that a run begins with, which both sides know: one of empty tables."""
    return phases.start(space)


def training(records: Interactions, held_out: npt.NDArray[np.bool_]) -> Interactions:
    """Return the records of the learners that a fit may see.

    Args:
        records: all of an institution's.
        held_out: bool [learners], who is kept for measuring.
    """
    return interactions.select(records, ~held_out)


def local_counts(
    kind: str, records: Interactions, space: Space, parameters: Parameters, least: int
) -> dict[str, Counts]:
    """Return an institution's tables.

    Args:
        kind: `messages.COUNTS` or `messages.CELLS`.
        records: of the learners that a fit may see.
        space: the catalog by column.
        parameters: with what the round before counted.
        least: cells of fewer learners stay at the institution.

    Raises:
        GuardError: the model's tables lack what this institution counted in the round before.
    """
    first = phases.count_base(records, space, least=least)
    if kind == messages.COUNTS:
        return first
    _included(first, parameters)
    return phases.count_cells(records, space, parameters.tables, first, least=least)


def local_situations(records: Interactions, space: Space, first: Mapping[str, Counts], least: int) -> dict[str, Counts]:
    """Return an institution's tables by situation as far as it can tell alone: which cells there are, roughly.

    Args:
        records: of the learners that a fit may see.
        space: the catalog by column.
        first: its tables by item and set of skills.
        least: cells of fewer learners stay at the institution.
    """
    return phases.count_cells(records, space, phases.tables(first, space), first, least=least)


def local_sums(records: Interactions, space: Space, parameters: Parameters, least: int) -> Sums:
    """Return an institution's sums at `parameters`, see `tracing.sums`; arguments as `local_counts`."""
    return tracing.sums(_design(records, space, parameters, least), parameters)


def local_moments(records: Interactions, space: Space, parameters: Parameters, least: int) -> tuple[Sums, Moments]:
    """Return an institution's sums where Newton begins, of columns on their own scale, and the moments of those.

    Args:
        records: as for `local_counts`, like all others.
        space: the catalog by column.
        parameters: with all tables, centre 0 and spread 1.
        least: cells of fewer learners stay at the institution.
    """
    rows = _design(records, space, parameters, least)
    return tracing.sums(rows, parameters), phases.moments(rows)


def _design(records: Interactions, space: Space, parameters: Parameters, least: int) -> Design:
    _included(phases.count_base(records, space, least=least), parameters)
    given = phases.given(records, parameters, space, least=least)
    return phases.design(records, parameters, space, sent=given)


def counted(kind: str, parts: Sequence[Mapping[str, Counts]], space: Space, parameters: Parameters) -> Parameters:
    """Return the model after a round of counting.

    Args:
        kind: `messages.COUNTS` or `messages.CELLS`.
        parts: what the institutions counted, in the order of their names.
        space: the catalog by column.
        parameters: the model that they were asked with.
    """
    added = phases.add(parts)
    if kind == messages.COUNTS:
        return phases.start(space, phases.tables(added, space))
    tables = parameters.tables
    return phases.start(space, replace(tables, counts=MappingProxyType({**tables.counts, **added})))


def scaled(parts: Sequence[Moments], space: Space, parameters: Parameters) -> Parameters:
    """Return the model after the round of moments, where Newton begins; arguments as `counted`."""
    return phases.start(space, parameters.tables, phases.total(parts))


def saved(parameters: Parameters) -> dict[str, npt.NDArray[Any]]:
    """Return a model as arrays by name, for a checkpoint."""
    return artifact.arrays_of(parameters)


def restored(arrays: Mapping[str, npt.NDArray[Any]], space: Space) -> Parameters:
    """Return the model that `saved` gave."""
    return artifact.assemble(space, dict(arrays))


def _included(here: Mapping[str, Counts], parameters: Parameters) -> None:
    """A learner's own answers are taken out of the tables before they predict that learner: they must be in them."""
    if missing := _lacking(here, parameters):
        text = f"the model's table {missing} lacks answers that this institution counted in the round before"
        raise errors.GuardError(text)


def _lacking(here: Mapping[str, Counts], parameters: Parameters) -> str:
    """The first table of the model that holds less than was counted here; empty if none does."""
    for name, counts in here.items():
        tries, wins = cells.lookup(parameters.tables.of(name), counts.keys)
        if (tries < counts.tries).any() or (wins < counts.wins).any():
            return name
    return ""


def rescaled(summed: Sums, before: Parameters, to: Parameters, space: Space) -> Sums:
    """Return sums over columns on one scale as sums over the same columns on another.

    The intercept is a column of ones, the last one, so the new columns are linear in the old ones. Newton's start
    predicts the same on any scale, so it needs no second look at the rows.

    Args:
        summed: taken where Newton begins on the scale of `before`.
        before: whose centre and spread the columns have.
        to: whose centre and spread they get.
        space: the catalog by column.
    """
    turn = np.diag(before.spread / to.spread)
    turn[-1] += (before.centre - to.centre) / to.spread
    told = [part.copy() for part in tracing.split(space, summed.gradient)]
    blocks = []
    for number, (part, names) in enumerate(
        ((summed.items, features.of_item(space)), (summed.skills, features.of_skill(space)))
    ):
        place = features.places(space, names)  # the intercept is among them, so their own turn is a part of the whole
        inside = turn[np.ix_(place, place)]
        told[number] = told[number] @ inside
        blocks.append(np.einsum("ab,nac->nbc", inside, part @ turn))
    told[2] = told[2] @ turn
    gradient = np.concatenate([part.ravel() for part in told])
    return replace(summed, gradient=gradient, items=blocks[0], skills=blocks[1], dense=turn.T @ summed.dense @ turn)


def step(state: State, summed: Sums, members: tuple[str, ...], space: Space, penalty: float) -> tuple[State, float]:
    """Take the coordinator's step: Newton, or half of the last step where it made things worse.

    Args:
        state: before the round.
        summed: the sum over `members`, taken at `state.parameters`.
        members: who took part, sorted.
        space: the catalog by column.
        penalty: scale of the pulls to 0, > 0; 1 is that of the centralised fit.

    Returns:
        The state that the next round begins with, and what the fit minimises, at `state.parameters`.
    """
    now, pull = state.parameters, tracing.penalties(space, penalty)
    objective = tracing.objective(summed, now, pull)
    if state.best is not None and state.members == members and objective > state.objective:
        then = tracing.midpoint(state.best, now)
        distance = tracing.distance(state.best, then)
        return replace(state, parameters=then, distance=distance, promise=float("inf")), objective
    then = tracing.solve(space, summed, now, pull)
    promise = tracing.promise(summed, now, then, pull)
    return State(then, now, objective, members, tracing.distance(now, then), promise), objective


def fit(records: Interactions, space: Space) -> Parameters:
    """Return the model of `records` alone: what an institution would have without the others."""
    return phases.fit([records], space)


def personalise(
    records: Interactions, space: Space, shared: Parameters, least: int, kappa: float | None = None
) -> Personalised:
    """Return the `shared` model fitted to an institution's `records`.

    Args:
        records: of the learners that a fit may see; they took part in the shared one, if its tables hold them.
        space: the catalog by column.
        shared: the model.
        least: cells of fewer learners stayed at the institution.
        kappa: how much the noise weighs that the shared model was learnt under (`policy.kappa`); None: without noise.
    """
    if kappa is not None:  # what these learners gave cannot be taken out of noisy tables again
        return phases.personalise(records, shared, space, kappa=kappa)
    apart = _lacking(phases.count_base(records, space, least=least), shared)
    sent = None if apart else phases.given(records, shared, space, least=least)
    return phases.personalise(records, shared, space, sent=sent)


def predict(records: Interactions, space: Space, parameters: Parameters) -> npt.NDArray[np.float64]:
    """Return the chance of a correct answer of each row of `records`, float64 [n], each from the rows before it."""
    return phases.predict(records, parameters, space)
