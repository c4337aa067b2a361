"""From answers to a model: two countings, one look at the scale, then Newton; each a sum over institutions. Floor 2.

One code path: centralised is one part, a federation is many. Every phase takes what all parts together gave in the
phase before; within a part, each learner's own answers are left out of the counts that predict them.
"""

from __future__ import annotations

import functools
import operator
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from recommender import cells, cold_start, context, features, metrics, tracing
from recommender import interactions as columns
from recommender.cells import Counts
from recommender.features import Design
from recommender.interactions import Interactions
from recommender.parameters import Parameters, Tables
from recommender.space import Space
from recommender.wording import Embed

Floats = npt.NDArray[np.float64]

# Strengths of the pull to the shared model that local cross-validation chooses from: from the model as it is to none.
SHARED = "shared"
STRENGTHS = (SHARED, "1000", "300", "100", "30", "10", "local")
FOLDS = 3
# Under this many learners the strength of the pull is not chosen by cross-validation (learner-level folds are too
# small) but a strong one is taken, if only it predicts held-out learners no worse than what they would have alone.
FEW = 50
RULE = "300"
# A model that was learnt under noise is taken up where it gains so many standard errors over the institution's own: it
# may be noise for the most part, and from this kappa on more doubt is due.
CANDIDATES = (SHARED, "300", "100", "30", "10")
PARTS = 5
DOUBT, GREAT_DOUBT = 1.0, 1.64
NOISY = 0.003
# No column is blown up: one that hardly varies among few learners does so by who was left out of its counts, and a
# weight on that foretells nobody else. On so wide a scale the pull to 0 keeps it small; many answers outweigh that.
NARROWEST = 2.0
_ROUGH = 1e-2  # no weight changes by more: enough to compare strengths by their held-out loss


@dataclass(frozen=True, eq=False)
class Moments:
    """The scale of the dense columns, as sums.

    Attributes:
        rows: Number of rows.
        total: float64 [r], sum of each column.
        squares: float64 [r], sum of its squares.
    """

    rows: int
    total: Floats
    squares: Floats

    def __add__(self, other: Moments) -> Moments:
        """Moments of both sets of rows."""
        return Moments(self.rows + other.rows, self.total + other.total, self.squares + other.squares)


Summable = TypeVar("Summable", Counts, Moments, tracing.Sums)


def empty(space: Space) -> Tables:
    """Tables that know nothing."""
    return tables(MappingProxyType({}), space)


def tables(counts: Mapping[str, Counts], space: Space, embed: Embed | None = None) -> Tables:
    """Tables of counts, with what stands where nobody did anything (`cold_start`).

    Args:
        counts: By name of the table.
        space: The catalog by column.
        embed: Turns texts into their meaning (`wording.meanings`). What it says is worked out here, once: who reads the
            tables needs no embedder. None: words alone are read.
    """
    prior, offset = cold_start.start(space, counts.get("item", cells.NONE), embed)
    return Tables(counts, prior, offset)


def count_base(interactions: Interactions, space: Space, *, least: int = 1) -> dict[str, Counts]:
    """First counting: answers and right ones by item and by set of skills.

    Args:
        interactions: n rows.
        space: The catalog by column.
        least: Cells of fewer learners are left out.
    """
    learner, correct = interactions.learner, interactions.correct.astype(np.float64)
    item = interactions.item.astype(np.int64)
    keys = {"item": item, "combo": space.combo[item]}
    return {name: cells.count(cells.see(keys[name], learner, correct), least) for name in cells.BASE}


def count_cells(
    interactions: Interactions, space: Space, known: Tables, sent: Mapping[str, Counts], *, least: int = 1
) -> dict[str, Counts]:
    """Second counting: answers and right ones by situation.

    Args:
        interactions: n rows.
        space: The catalog by column.
        known: What the first counting of all parts gave.
        sent: What these rows gave to it.
        least: Cells of fewer learners are left out.
    """
    before = context.of(interactions, space)
    learner, correct = interactions.learner, interactions.correct.astype(np.float64)
    peers = features.base(interactions, before, known, space, sent)
    abilities, form, _, _ = features.path(before, peers, correct)
    named = cells.parts(before, abilities[:, -1], form[0])
    size = cells.sizes(space)
    found = {
        name: cells.count(cells.see(cells.key(named, cell, size), learner, correct), least)
        for name, cell in cells.CELLS.items()
    }
    keys = cells.skip_keys(before, space)
    _, row = np.nonzero(keys >= 0)
    found[cells.SKIPS] = cells.count(cells.see(keys[keys >= 0], learner[row], correct[row]), least)
    return found


def moments(plain: Design) -> Moments:
    """The scale of the columns of some rows, made with a model of centre 0 and spread 1."""
    dense = plain.dense
    return Moments(len(dense), dense.sum(axis=0), np.einsum("nr,nr->r", dense, dense))


def start(
    space: Space, known: Tables | None = None, seen: Moments | None = None, *, narrowest: float = NARROWEST
) -> Parameters:
    """Where Newton begins: what the ability filter expects, read as it is.

    Args:
        space: The catalog by column.
        known: Tables; None: empty ones.
        seen: The scale of the columns; None: 0 and 1.
        narrowest: The least spread of a column.
    """
    names = features.names(space)
    centre, spread = np.zeros(len(names)), np.ones(len(names))
    if seen is not None and seen.rows:
        centre = seen.total / seen.rows
        variance = np.maximum(seen.squares / seen.rows - centre * centre, 0.0)
        centre[-1] = 0.0
        spread = np.maximum(np.where(variance > 1e-12, np.sqrt(variance), 1.0), narrowest)
        spread[-1] = 1.0
    weights = np.zeros(features.dimension(space))
    expected = names.index("expected")
    weights[len(weights) - len(names) + expected] = spread[expected]
    weights[-1] = centre[expected]
    catalog = space.catalog
    return Parameters(catalog.id, catalog.fingerprint, features.VERSION, weights, centre, spread, known or empty(space))


def fit(
    parts: Sequence[Interactions],
    space: Space,
    *,
    least: int = 1,
    steps: int = tracing.STEPS,
    tolerance: float = tracing.TOLERANCE,
    embed: Embed | None = None,
) -> Parameters:
    """Fit one model to all parts, as if they were one.

    Args:
        parts: Interactions of each institution; learners of different parts are different people.
        space: The catalog by column.
        least: Cells of fewer learners in a part stay there.
        steps: Newton steps at most.
        tolerance: Stop when no weight changes by more.
        embed: As for `tables`.
    """
    begin, designs = prepare(parts, space, least=least, embed=embed)
    if not designs:
        return begin
    return tracing.newton(designs, begin, tracing.penalties(space), tolerance=tolerance, steps=steps)


def prepare(
    parts: Sequence[Interactions],
    space: Space,
    *,
    least: int = 1,
    embed: Embed | None = None,
    narrowest: float = NARROWEST,
) -> tuple[Parameters, list[Design]]:
    """Do all but Newton: the model to start from, and the rows of each part; `narrowest` as for `start`."""
    first = [count_base(part, space, least=least) for part in parts]
    known = tables(add(first), space, embed)
    second = [count_cells(part, space, known, sent, least=least) for part, sent in zip(parts, first, strict=True)]
    known = replace(known, counts=MappingProxyType({**known.counts, **add(second)}))
    sent = [{**one, **other} for one, other in zip(first, second, strict=True)]
    begin = start(space, known)
    plain = [features.design(part, begin, space, sent=given) for part, given in zip(parts, sent, strict=True)]
    if plain:
        begin = start(space, known, total([moments(rows) for rows in plain]), narrowest=narrowest)
    return begin, [features.scale(rows, begin) for rows in plain]


def add(parts: Sequence[Mapping[str, Counts]]) -> Mapping[str, Counts]:
    """Sum the counts of parts, table by table."""
    names = dict.fromkeys(name for part in parts for name in part)
    return MappingProxyType({name: total([part[name] for part in parts if name in part]) for name in names})


def total(parts: Sequence[Summable]) -> Summable:
    """Sum what parts gave, in their order."""
    return functools.reduce(operator.add, parts)


def design(
    interactions: Interactions, parameters: Parameters, space: Space, *, sent: Mapping[str, Counts] | None = None
) -> Design:
    """Rows of features; see `features.design`."""
    tracing.match(space, parameters)
    return features.design(interactions, parameters, space, sent=sent)


def predict(interactions: Interactions, parameters: Parameters, space: Space) -> Floats:
    """Chance of each answer from the answers before it, float64 [n]; the learners were not among the training ones."""
    return tracing.predict(design(interactions, parameters, space), parameters)


@dataclass(frozen=True, eq=False)
class Personalised:
    """A shared model, fitted to one institution.

    Attributes:
        parameters: What the institution should use.
        strength: One of `STRENGTHS`, or `SHARED`: the shared model as it is.
        table: Held-out log loss of each strength that was tried, lowest is best; empty where there were too few
            learners to hold any out.
    """

    parameters: Parameters
    strength: str
    table: tuple[tuple[str, float], ...]


def given(interactions: Interactions, shared: Parameters, space: Space, *, least: int = 1) -> dict[str, Counts]:
    """What some rows gave to the tables of a shared model, worked out again.

    Args:
        interactions: The rows that took part in its training.
        shared: The model.
        space: The catalog by column.
        least: As it was then.
    """
    first = count_base(interactions, space, least=least)
    base = MappingProxyType({name: shared.tables.of(name) for name in cells.BASE})
    known = replace(shared.tables, counts=base)
    return {**first, **count_cells(interactions, space, known, first, least=least)}


def personalise(
    interactions: Interactions,
    shared: Parameters,
    space: Space,
    *,
    sent: Mapping[str, Counts] | None = None,
    kappa: float | None = None,
) -> Personalised:
    """Fit a shared model to one institution: the local MAP with the shared weights as prior.

    How strongly the prior pulls is chosen by cross-validation in three folds of learners, from the shared model as it
    is to none at all; under `FEW` learners a rule decides if it holds on held-out learners. A model that was learnt
    under noise has to gain more (`taken_up`).

    Args:
        interactions: Rows of the institution's learners (without those held out for a test).
        shared: The shared model.
        space: The catalog by column.
        sent: What these rows gave to its tables (`given`); None: they took no part in its training.
        kappa: Noise of the shared model (deviation by clip and learner) if it was learnt under noise; else None.

    Returns:
        The local model, and how it was chosen.
    """
    if kappa is not None:
        return taken_up(interactions, shared, space, kappa)
    rows = design(interactions, shared, space, sent=sent)
    learners = len(interactions.learners)
    if learners < FEW:
        return _ruled(interactions, rows, shared, space)
    losses = dict.fromkeys(STRENGTHS, 0.0)
    for number in range(FOLDS):
        outside = np.arange(learners) % FOLDS == number
        apart = outside[interactions.learner]
        train, test = features.take(rows, ~apart), features.take(rows, apart)
        for strength in STRENGTHS:
            if strength == "local":
                model = fit([columns.select(interactions, ~outside)], space, tolerance=_ROUGH)
                chance = predict(columns.select(interactions, outside), model, space)
            else:
                near = shared if strength == SHARED else pulled(train, shared, strength, tolerance=_ROUGH)
                chance = tracing.predict(test, near)
            losses[strength] += metrics.log_loss(test.correct, chance) * len(chance) / len(rows.item)
    best = min(STRENGTHS, key=lambda strength: losses[strength])
    if best == SHARED:
        return Personalised(shared, best, tuple(losses.items()))
    model = fit([interactions], space) if best == "local" else pulled(rows, shared, best)
    return Personalised(model, best, tuple(losses.items()))


def _ruled(interactions: Interactions, rows: Design, shared: Parameters, space: Space) -> Personalised:
    """The rule for few learners, or local where held-out learners speak against it: the shared model may be wrecked."""
    learners = len(interactions.learners)
    if learners < 2:
        return Personalised(pulled(rows, shared, RULE), RULE, ())
    losses = dict.fromkeys((RULE, "local"), 0.0)
    for outside in _folds(learners):
        apart = outside[interactions.learner]
        train, test = features.take(rows, ~apart), features.take(rows, apart)
        own = fit([columns.select(interactions, ~outside)], space, tolerance=_ROUGH)
        losses[RULE] += _loss(test.correct, tracing.predict(test, pulled(train, shared, RULE, tolerance=_ROUGH))).sum()
        losses["local"] += _loss(test.correct, predict(columns.select(interactions, outside), own, space)).sum()
    best = min(losses, key=lambda strength: losses[strength])
    model = fit([interactions], space) if best == "local" else pulled(rows, shared, best)
    return Personalised(model, best, tuple((name, loss / max(len(rows.item), 1)) for name, loss in losses.items()))


def taken_up(interactions: Interactions, shared: Parameters, space: Space, kappa: float) -> Personalised:
    """Fit a model that was learnt under noise to one institution, or leave it.

    Candidates are the shared model as it is, and pulls to its weights on its tables with the institution's own counts
    added, which never leave. The best one is taken where its gain over the local fit, paired by learner in five folds,
    is more than a standard error (`DOUBT`, `GREAT_DOUBT` of them); else the local fit, which no shared model can touch.
    Under `FEW` learners one strong pull is the only candidate: the choice among many would be chance.

    Args:
        interactions: Rows of the institution's learners.
        shared: The shared model.
        space: The catalog by column.
        kappa: Its noise, >= 0.
    """
    learners = len(interactions.learners)
    offered = CANDIDATES if learners >= FEW else (RULE,)
    losses = {name: np.zeros(learners) for name in (*offered, "local")}
    for outside in _folds(learners):
        train, test = columns.select(interactions, ~outside), columns.select(interactions, outside)
        number = np.flatnonzero(outside)[test.learner]
        known, rows = _joined(train, shared, space)
        asked = design(test, known, space)
        for name, loss in losses.items():
            if name == "local":
                chance = predict(test, fit([train], space, tolerance=_ROUGH), space)
            elif name == SHARED:
                chance = predict(test, shared, space)
            else:
                chance = tracing.predict(asked, pulled(rows, known, name, tolerance=_ROUGH))
            np.add.at(loss, number, _loss(asked.correct, chance))
    answers = np.bincount(interactions.learner, minlength=learners)
    table = tuple((name, float(loss.sum() / max(answers.sum(), 1))) for name, loss in losses.items())
    best = min(offered, key=lambda name: float(losses[name].sum()))
    if not _gains(losses["local"] - losses[best], answers, GREAT_DOUBT if kappa > NOISY else DOUBT):
        return Personalised(fit([interactions], space), "local", table)
    if best == SHARED:
        return Personalised(shared, best, table)
    known, rows = _joined(interactions, shared, space)
    return Personalised(pulled(rows, known, best), best, table)


def _gains(gain: Floats, answers: npt.NDArray[np.integer], errors: float) -> bool:
    """Whether the mean gain an answer is more than so many standard errors, learners drawn; float64 [m], int [m]."""
    mean = gain.sum() / max(answers.sum(), 1)
    spread = np.sqrt(np.sum((gain - mean * answers) ** 2)) / max(answers.sum(), 1)
    return bool(mean > errors * spread)


def _joined(interactions: Interactions, shared: Parameters, space: Space) -> tuple[Parameters, Design]:
    """A shared model with these rows' own counts in its tables, and the rows, each learner's own answers left out."""
    first = count_base(interactions, space)
    base = replace(shared.tables, counts=add([shared.tables.counts, first]))
    own = {**first, **count_cells(interactions, space, base, first)}
    known = replace(shared, tables=replace(base, counts=add([shared.tables.counts, own])))
    return known, design(interactions, known, space, sent=own)


def _folds(learners: int) -> list[npt.NDArray[np.bool_]]:
    """Who is outside in each of five folds (fewer where there are fewer learners), bool [learners] each."""
    parts = min(PARTS, learners)
    return [np.arange(learners) % parts == number for number in range(parts)] if learners > 1 else []


def _loss(correct: Floats, chance: Floats) -> Floats:
    """Log loss of each answer, as `metrics.log_loss` bounds it."""
    kept = np.clip(chance, 1e-15, 1.0 - 1e-15)
    return np.asarray(-np.log(np.where(correct > 0.5, kept, 1.0 - kept)), np.float64)


def pulled(
    rows: Design,
    shared: Parameters,
    strength: str,
    *,
    tolerance: float = tracing.TOLERANCE,
) -> Parameters:
    """Fit to local rows, pulled to the shared weights.

    Args:
        rows: n rows, made with the shared model's tables and scale.
        shared: The shared model.
        strength: tau of (tau / 2) |w - shared|^2, as a number in text.
        tolerance: Stop when no weight changes by more.
    """
    penalty = np.full(len(shared.weights), float(strength))
    return tracing.newton([rows], shared, penalty, shared, tolerance=tolerance)
