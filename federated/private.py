"""What each side computes under noise: contributions in, protected releases out; those in, the shared model out.

Pure; floor 3. A run is a few steps; in each the institutions give one row a learner for each of the step's releases
(`contributions`), `privacy.releases.protect` clips, sums and noises the rows, and the coordinator makes the next state
of what all gave together (`advance`). The last state is a model like any other (`finish`): the table of items holds
what the noise left of the answers' evidence, a few columns and the items' levels have weights, all else is as in a
model of no data. Newton's steps are taken on noisy curvature, and are shrunk by the noise (empirical Bayes: Efron and
Morris, JASA 70, 1975).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
from scipy import sparse

from federated import errors, imagined
from federated.privacy import releases
from federated.privacy.releases import Release
from recommender import features, interactions, readout, tracing, training
from recommender.cells import Counts
from recommender.features import Design
from recommender.interactions import Interactions
from recommender.parameters import Parameters, Tables
from recommender.space import Space

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Array = npt.NDArray[Any]
Rows: TypeAlias = Floats | sparse.csr_array

LEVELS = "private-levels"
CURVES = "private-curves"
AGAIN = "private-again"
RESIDUALS = "private-residuals"
KINDS = (LEVELS, CURVES, AGAIN, RESIDUALS)

# Above this kappa (sigma root K / n) one gradient with the budget of all three is better than three.
ONE_GRADIENT = 0.01
# A catalog of more items is learnt by sets of skills: an item of so many has too few answers to stand out of the noise.
MOST_ITEMS = 500

_SHARES = {"levels": 0.40, "gradient": 0.03, "gram": 0.06, "again": 0.05, "last": 0.08, "residuals": 0.38}
_CENTRE = 0.65  # public guess of the share of right answers, so that a level's answer is about 0 in the mean
_CLIP = 3.6  # of levels
_RIGHT = 3.2  # how much a right answer counts in a level's row, beside 1 for an answer: shares need it more exact
_PRIOR = 0.1  # variance of a weight in the whitened basis
_LEVEL = 0.2  # variance of the items' levels around what all else says, in logits squared
_FLAT = 0.02  # of the greatest eigenvalue of the curvature: none is less
_EDGE = 0.02  # shares of right answers stay so far from 0 and 1
_BLOCK = 2_000  # learners at a time


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
        arrays: by name, those that a question carries: "tries" and "wins" int64 [units], evidence on items (or sets of
            skills); "weights" float64 [d], of `imagined.columns`.
        kept: by name, those that stay at the coordinator.
    """

    arrays: Mapping[str, Array]
    kept: Mapping[str, Array] = field(default_factory=dict)


def steps(space: Space, *, single: bool = False) -> tuple[Step, ...]:
    """Return the exchanges of a run; the shares of all their releases add up to 1.

    Args:
        space: the catalog by column.
        single: whether there is one gradient only (kappa > `ONE_GRADIENT`), and not three: three steps and not four.
    """
    d = len(imagined.columns(space))
    clips = imagined.scale(space).clips
    share = dict(_SHARES)
    if single:
        share["gradient"] += share["again"] + share["last"]
    levels = Release("levels", 2 * _units(space), _CLIP, share["levels"])
    gradient = Release("gradient", d, clips[0], share["gradient"])
    gram = Release("gram", d * (d + 1) // 2, clips[1], share["gram"])
    again = Step(AGAIN, (Release("again", d, clips[0], share["again"]),))
    last = Release("last", d, clips[0], share["last"])
    residuals = Release("residuals", _residuals(space), clips[2], share["residuals"])
    return (
        Step(LEVELS, (levels,)),
        Step(CURVES, (gradient, gram)),
        *(() if single else (again,)),
        Step(RESIDUALS, (residuals,) if single else (last, residuals)),
    )


def by_item(space: Space) -> bool:
    """Whether levels are learnt by item, and not by set of skills."""
    return space.items <= MOST_ITEMS


def _units(space: Space) -> int:
    return space.items if by_item(space) else len(space.combos)


def _residuals(space: Space) -> int:
    return space.items if by_item(space) else space.skills


def begin(space: Space) -> State:
    """Return where a run begins: what the catalog alone tells."""
    nothing = np.zeros(_units(space), np.int64)
    weights = np.zeros(len(imagined.columns(space)))
    # The ability filter's logit, read as it is.
    scale, place = imagined.scale(space), features.places(space, ("expected",))[0]
    weights[0], weights[-1] = scale.spread[place], scale.centre[place]
    return State(MappingProxyType({"tries": nothing, "wins": nothing, "weights": weights}))


def asked(state: State) -> dict[str, Array]:
    """Return the arrays that a question to the institutions must carry, float64 and int64, by name."""
    return dict(state.arrays)


def told(arrays: Mapping[str, Array], space: Space) -> State:
    """Return the state that an institution reads from a question.

    Args:
        arrays: as `asked` made them.
        space: the catalog by column.

    Raises:
        GuardError: one is missing or too many, of another shape or type, or not in range.
    """
    needed = {name: (array.shape, array.dtype) for name, array in begin(space).arrays.items()}
    found = {name: (array.shape, array.dtype) for name, array in arrays.items()}
    if found != needed:
        text = f"the question's arrays are not those of a private run: {sorted(found)}, needed {sorted(needed)}"
        raise errors.GuardError(text)
    tries, wins = arrays["tries"], arrays["wins"]
    if not (np.isfinite(arrays["weights"]).all() and (wins >= 0).all() and (wins <= tries).all()):
        text = "the question's arrays are out of range: weights must be finite, and 0 <= wins <= tries"
        raise errors.GuardError(text)
    return State(MappingProxyType(dict(arrays)))


def contributions(step: Step, records: Interactions, space: Space, state: State) -> dict[str, Rows]:
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
    if step.kind == LEVELS:
        return {"levels": _levels(records, space)}
    model = finish(state, space)
    parts = [_part(step, some, space, model) for some in _blocks(records)]
    return {
        release.name: sparse.csr_array(sparse.vstack([part[release.name] for part in parts]))
        if release.name == "residuals"
        else np.concatenate([np.zeros((0, release.size)), *(part[release.name] for part in parts)])
        for release in step.releases
    }


def _blocks(records: Interactions) -> list[Interactions]:
    """The records by some learners at a time, so that their columns need little memory; at least one block."""
    number = np.arange(len(records.learners)) // _BLOCK
    return [interactions.select(records, number == one) for one in range(int(number.max(initial=0)) + 1)]


def _levels(records: Interactions, space: Space) -> sparse.csr_array:
    """Of each learner's first answer on each item (or set of skills): 1, and 2 (right - .65)."""
    units = _units(space)
    unit = records.item.astype(np.int64) if by_item(space) else space.combo[records.item]
    keys, first = np.unique(records.learner.astype(np.int64) * units + unit, return_index=True)
    row, column = keys // units, keys % units
    right = _RIGHT * (records.correct[first].astype(np.float64) - _CENTRE)
    values, place = np.concatenate([np.ones(len(keys)), right]), np.concatenate([column, units + column])
    shape = (len(records.learners), 2 * units)
    return sparse.csr_array((values, (np.concatenate([row, row]), place)), shape=shape)


def _part(step: Step, records: Interactions, space: Space, model: Parameters) -> dict[str, Rows]:
    design = training.design(records, model, space)
    chance = tracing.predict(design, model)
    z = _whitened(design)
    gram = imagined.total(imagined.pairs(z) * (chance * (1.0 - chance))[:, None], records)
    heavy = imagined.weights(gram, imagined.scale(space).long)
    told = heavy[design.learner] * (design.correct - chance)
    gradient = imagined.total(z * told[:, None], records)
    if step.kind == RESIDUALS:
        place = design.item if by_item(space) else space.main[design.item]
        shape = (len(records.learners), _residuals(space))
        return {"last": gradient, "residuals": sparse.csr_array((told, (design.learner, place)), shape=shape)}
    return {"again": gradient} if step.kind == AGAIN else {"gradient": gradient, "gram": gram * heavy[:, None]}


def _whitened(design: Design) -> Floats:
    space = design.space
    x = design.dense[:, features.places(space, imagined.columns(space))]
    return np.asarray(x @ imagined.scale(space).basis, np.float64)


def advance(
    step: Step, totals: Mapping[str, npt.NDArray[np.integer]], noise: Mapping[str, float], state: State, space: Space
) -> State:
    """Return the state after a step.

    Args:
        step: whose answers are in.
        totals: by the release's name int64 [size] (or uint32 words), the sum over institutions in steps of the grid.
        noise: by the release's name the variance of each number's noise in that sum, in the unit of the rows: that of
            one institution (`Release.deviation` squared) times the number of institutions that added it.
        state: before the step.
        space: the catalog by column.
    """
    found = {release.name: releases.read(totals[release.name], release) for release in step.releases}
    after = {LEVELS: _counted, CURVES: _stepped, AGAIN: _stepped_again, RESIDUALS: _levelled}[step.kind]
    return after(found, noise, state, space)


def _counted(found: Mapping[str, Floats], noise: Mapping[str, float], state: State, space: Space) -> State:
    """Noisy sums as the number of answers without noise that would tell as much."""
    units, variance = _units(space), noise["levels"]
    tries, above = found["levels"][:units], found["levels"][units:]
    there = tries > 0.0
    some = np.where(there, tries, 1.0)
    # A share that noise alone has thrown out of 0..1 tells no more than the edge does.
    share = np.clip(_CENTRE + above / (_RIGHT * some), _EDGE, 1.0 - _EDGE)
    doubt = variance * (1.0 / _RIGHT**2 + (share - _CENTRE) ** 2) / (some * share * (1.0 - share))
    worth = np.where(there, some / (1.0 + doubt), 0.0)
    counts = {"tries": np.rint(worth).astype(np.int64), "wins": np.rint(worth * share).astype(np.int64)}
    kept = {**state.kept, "answers": np.maximum(tries, 1.0)}
    return State(MappingProxyType({**state.arrays, **counts}), MappingProxyType(kept))


def _stepped(found: Mapping[str, Floats], noise: Mapping[str, float], state: State, space: Space) -> State:
    """The first Newton step, in the eigenbasis of the noisy curvature, shrunk by what noise there is."""
    curve = _firm(imagined.matrix(found["gram"]), noise["gram"])
    kept = {"curve": curve, "gradient": found["gradient"], "noise": np.array([noise["gradient"]])}
    kept["before"] = state.arrays["weights"]
    moved = _shrunk(curve, found["gradient"], noise["gradient"])
    return _moved(replace(state, kept={**state.kept, **kept}), moved, space)


def _firm(curve: Floats, noise: float) -> Floats:
    """A noisy curvature without directions that are flat, or turned up, by chance."""
    value, vector = np.linalg.eigh(curve)
    least = max(_FLAT * float(value[-1]), 0.7 * float(np.sqrt(noise * len(value))))
    return np.asarray((vector * np.maximum(value, least)) @ vector.T, np.float64)


def _stepped_again(found: Mapping[str, Floats], noise: Mapping[str, float], state: State, space: Space) -> State:
    """The second step, by both gradients."""
    after = _joined(found["again"], noise["again"], state, space)
    moved = _shrunk(after.kept["curve"], after.kept["gradient"], float(after.kept["noise"][0]))
    return _moved(after, moved, space)


def _joined(gradient: Floats, noise: float, state: State, space: Space) -> State:
    """The state with a gradient taken at its weights, and those before it, brought to where the run began."""
    # Those before were as exact as their noise says where they were taken, but from there on the curvature is only
    # nearly right: they count half, and half again with each step.
    old, new = 0.5 / float(state.kept["noise"][0]), 1.0 / noise
    here = gradient + state.kept["curve"] @ _way(state, space)
    both = (old * state.kept["gradient"] + new * here) / (old + new)
    return replace(state, kept={**state.kept, "gradient": both, "noise": np.array([1.0 / (old + new)])})


def _shrunk(curve: Floats, gradient: Floats, noise: float) -> Floats:
    """Posterior mean of a step: prior variance `_PRIOR`, a gradient of its own variance (the curvature) and noise."""
    value, vector = np.linalg.eigh(curve)
    turned = vector.T @ gradient
    return np.asarray(vector @ (_PRIOR * value * turned / (_PRIOR * value**2 + value + noise)), np.float64)


def _way(state: State, space: Space) -> Floats:
    """How far the weights are from where the run began, in the whitened basis."""
    away = state.arrays["weights"] - state.kept["before"]
    return np.asarray(np.linalg.solve(imagined.scale(space).basis, away), np.float64)


def _moved(state: State, moved: Floats, space: Space) -> State:
    """The state with weights a whitened step away from where the run began."""
    weights = state.kept["before"] + imagined.scale(space).basis @ moved
    return replace(state, arrays=MappingProxyType({**state.arrays, "weights": weights}))


def _levelled(found: Mapping[str, Floats], noise: Mapping[str, float], state: State, space: Space) -> State:
    """The last step: weights and levels of items (or skills) together, from all gradients and one residual each.

    Of the curvature between weights and levels nothing was released: an item's answers are taken to have the mean
    columns, moved along with its difficulty as the Gram matrix says that columns move.
    """
    if "last" in found:
        state = _joined(found["last"], noise["last"], state, space)
    curve, own = state.kept["curve"], _curvature(state, space)
    across = own * (imagined.scale(space).basis.T @ _means(state, space))
    d, size = len(curve), len(curve) + len(own)
    whole = np.block([[curve, across], [across.T, np.diag(own)]])
    told = np.concatenate([state.kept["gradient"], found["residuals"] + across.T @ _way(state, space)])
    prior = np.repeat([_PRIOR, _LEVEL], [d, size - d])
    doubt = np.repeat([float(state.kept["noise"][0]), noise["residuals"]], [d, size - d])
    value, vector = np.linalg.eigh(whole)
    whole = (vector * np.maximum(value, 0.0)) @ vector.T
    seen = (whole * prior) @ whole + whole + np.diag(doubt + 1e-9 * np.trace(whole) / size)
    best = prior * (whole @ np.linalg.solve(seen, told))
    return _moved(replace(state, kept={**state.kept, "levels": best[d:]}), best[:d], space)


def _means(state: State, space: Space) -> Floats:
    """The mean of the standardised columns over each item's (or skill's) answers, float64 [d, size]."""
    back = np.linalg.inv(imagined.scale(space).basis)
    gram = back.T @ state.kept["curve"] @ back
    mean = gram[:, -1] / gram[-1, -1]
    place = imagined.columns(space).index("difficulty")
    spread = gram - gram[-1, -1] * np.outer(mean, mean)
    slope = spread[:, place] / max(spread[place, place], 1e-3 * gram[-1, -1])
    scale = imagined.scale(space)
    column = features.places(space, ("difficulty",))[0]
    hard = (_difficulty(state, space) - scale.centre[column]) / scale.spread[column]
    return np.asarray(mean[:, None] + slope[:, None] * (hard - mean[place]), np.float64)


def _difficulty(state: State, space: Space) -> Floats:
    """Log-odds of peers on each item, or on each skill the mean of its items', float64 [size]."""
    hard = np.array(readout.prepare(finish(state, space), space).difficulty, dtype=np.float64)
    if by_item(space):
        return hard
    number = np.maximum(np.bincount(space.main, minlength=space.skills), 1)
    return np.asarray(np.bincount(space.main, hard, minlength=space.skills) / number, np.float64)


def _curvature(state: State, space: Space) -> Floats:
    """Curvature of each item's (or skill's) level: that of the intercept, by the share of answers; float64 [size]."""
    back = np.linalg.inv(imagined.scale(space).basis)
    whole = float((back.T @ state.kept["curve"] @ back)[-1, -1])
    tries = state.kept["answers"]
    if not by_item(space):
        skill = np.zeros(len(space.combos), np.int64)
        skill[space.combo] = space.main
        tries = np.bincount(skill, tries, minlength=space.skills) + 1e-9
    return np.asarray(max(whole, 0.0) * tries / tries.sum(), np.float64)


def finish(state: State, space: Space) -> Parameters:
    """Return the shared model of a state: of the last one, or of an earlier one if the run ended before."""
    scale, catalog = imagined.scale(space), space.catalog
    weights = np.zeros(features.dimension(space))
    of_item, of_skill, dense = tracing.split(space, weights)
    dense[features.places(space, imagined.columns(space))] = state.arrays["weights"]
    if "levels" in state.kept:
        if by_item(space):
            of_item[:, list(features.of_item(space)).index("intercept")] = state.kept["levels"]
        else:
            of_skill[:, list(features.of_skill(space)).index("intercept")] = state.kept["levels"]
    return Parameters(
        catalog.id,
        catalog.fingerprint,
        features.VERSION,
        weights,
        scale.centre,
        scale.spread,
        _tables(state, space),
    )


def _tables(state: State, space: Space) -> Tables:
    tries, wins = state.arrays["tries"], state.arrays["wins"]
    if not by_item(space):
        return training.tables(MappingProxyType({"combo": _table(tries, wins)}), space)
    combos = len(space.combos)
    summed = (np.bincount(space.combo, values, minlength=combos).astype(np.int64) for values in (tries, wins))
    return training.tables(MappingProxyType({"item": _table(tries, wins), "combo": _table(*summed)}), space)


def _table(tries: Ints, wins: Ints) -> Counts:
    there = np.flatnonzero(tries > 0).astype(np.int64)
    return Counts(there, tries[there], wins[there])
