"""Fit and use the logistic model of the next answer, its columns given. Floor 2.

Newton's method from the inside: each row holds one item and each item one main skill, so the Hessian is an arrow in an
arrow; items are eliminated skill by skill, then skills (Schur complements). Everything an institution gives is a sum
over rows: institutions add up to exactly the centralised fit.
"""

from __future__ import annotations

import functools
import operator
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy import linalg, special

from recommender import errors, features
from recommender.features import Design
from recommender.parameters import Parameters
from recommender.space import Space

Floats = npt.NDArray[np.float64]

TOLERANCE = 1e-7
STEPS = 25
_BLOCK = 50_000  # rows at a time, so that a step needs little memory beside the design


@dataclass(frozen=True, eq=False)
class Sums:
    """What a set of rows adds to a Newton step, without any penalty.

    I items with m columns of their own, S skills with k, r dense columns; d = I m + S k + r. Each item has one main
    skill, so the Hessian is an arrow in an arrow: items meet their own skill and the dense columns alone.

    Attributes:
        gradient: float64 [d], sum of (chance - correct) x.
        items: float64 [I, m, r], each item's rows of the Hessian by dense column; its own columns, and those of its
            skill, are some of the dense ones over again, so their blocks are in it.
        skills: float64 [S, k, r], each skill's rows likewise.
        dense: float64 [r, r], symmetric.
        loss: Sum of the log losses.
        rows: Number of rows.
        learners: Number of learners with at least one row.
    """

    gradient: Floats
    items: Floats
    skills: Floats
    dense: Floats
    loss: float
    rows: int
    learners: int

    def __add__(self, other: Sums) -> Sums:
        """Sums of both sets of rows; their learners must be different ones."""
        return Sums(
            self.gradient + other.gradient,
            self.items + other.items,
            self.skills + other.skills,
            self.dense + other.dense,
            self.loss + other.loss,
            self.rows + other.rows,
            self.learners + other.learners,
        )


def logits(design: Design, parameters: Parameters) -> Floats:
    """Logit of the chance of a correct answer, float64 [n].

    Raises:
        errors.MismatchError: The parameters belong to another catalog or to other columns.
    """
    space = design.space
    match(space, parameters)
    of_item, of_skill, dense = split(space, parameters.weights)
    own = design.dense[:, features.places(space, features.of_item(space))]
    shared = design.dense[:, features.places(space, features.of_skill(space))]
    result: Floats = design.dense @ dense
    result += np.einsum("nm,nm->n", own, of_item[design.item])
    result += np.einsum("nk,nk->n", shared, of_skill[space.main[design.item]])
    return result


def predict(design: Design, parameters: Parameters) -> Floats:
    """Chance of a correct answer, float64 [n] in 0..1; arguments as `logits`."""
    return np.asarray(special.expit(logits(design, parameters)), dtype=np.float64)


def sums(design: Design, parameters: Parameters) -> Sums:
    """Everything that a Newton step needs to know of some rows.

    Args:
        design: n rows.
        parameters: Where the step begins.

    Returns:
        Sums over the rows; they add up over disjoint sets of learners.

    Raises:
        errors.MismatchError: The parameters belong to another catalog or to other columns.
    """
    space = design.space
    logit = logits(design, parameters)
    chance = special.expit(logit)
    residual, weight = chance - design.correct, chance * (1.0 - chance)
    own, shared = features.places(space, features.of_item(space)), features.places(space, features.of_skill(space))
    m, k, r = len(own), len(shared), design.dense.shape[1]
    gradient = _Blocks(np.zeros((space.items, m)), np.zeros((space.skills, k)))
    hessian = _Blocks(np.zeros((space.items, m, r)), np.zeros((space.skills, k, r)))
    dense = np.zeros((r, r))
    # Items in the order of their skills: an item's rows lie together, and so do a skill's.
    order = np.lexsort((design.item, space.main[design.item]))
    for begin in range(0, len(order), _BLOCK):
        rows = order[begin : begin + _BLOCK]
        values, item = design.dense[rows], design.item[rows]
        weighted = values * weight[rows, None]
        dense += values.T @ weighted
        told = values * residual[rows, None]
        _add(hessian.items, gradient.items, item, (values[:, own], weighted, told[:, own]))
        main = space.main[item]
        _add(hessian.skills, gradient.skills, main, (values[:, shared], weighted, told[:, shared]))
    return Sums(
        gradient=np.concatenate([gradient.items.ravel(), gradient.skills.ravel(), design.dense.T @ residual]),
        items=hessian.items,
        skills=hessian.skills,
        dense=dense,
        loss=float(np.sum(np.logaddexp(0.0, logit) - design.correct * logit)),
        rows=len(design.item),
        learners=len(np.unique(design.learner)),
    )


@dataclass(frozen=True, eq=False)
class _Blocks:
    items: Floats
    skills: Floats


def _add(
    hessian: Floats, gradient: Floats, group: npt.NDArray[np.integer], columns: tuple[Floats, Floats, Floats]
) -> None:
    """Add rows, sorted by group, to the blocks of their groups: left^T weighted, and the sum of what is told."""
    left, weighted, told = columns
    starts = np.flatnonzero(np.append(True, group[1:] != group[:-1]))
    gradient[group[starts]] += np.add.reduceat(told, starts, axis=0)
    for column in range(left.shape[1]):
        hessian[group[starts], column] += np.add.reduceat(left[:, column, None] * weighted, starts, axis=0)


def penalties(space: Space, scale: float = 1.0) -> Floats:
    """How strongly each weight is pulled, float64 [d]."""
    of_item = np.tile(list(features.of_item(space).values()), space.items)
    of_skill = np.tile(list(features.of_skill(space).values()), space.skills)
    return scale * np.concatenate([of_item, of_skill, np.full(len(features.names(space)), features.PENALTY)])


def solve(
    space: Space, summed: Sums, parameters: Parameters, penalty: Floats, centre: Parameters | None = None
) -> Parameters:
    """Take one Newton step.

    Args:
        space: The catalog by column.
        summed: Sums of all rows at `parameters`.
        parameters: Where the sums were taken.
        penalty: float64 [d], lambda of (lambda / 2) (w - centre)^2 for each weight, > 0.
        centre: What the penalty pulls to; None: 0.

    Returns:
        The parameters after the step.

    Raises:
        errors.MismatchError: The sums do not fit the parameters.
    """
    match(space, parameters)
    m, k, r = len(features.of_item(space)), len(features.of_skill(space)), len(features.names(space))
    expected = ((space.items, m, r), (space.skills, k, r), (r, r), parameters.weights.shape)
    found = (summed.items.shape, summed.skills.shape, summed.dense.shape, summed.gradient.shape)
    if found != expected:
        raise errors.MismatchError("sums do not fit the parameters", found=str(found), needed=str(expected))
    gradient = summed.gradient + penalty * _away(parameters, centre)
    g_item, g_skill, g_dense = split(space, gradient)
    p_item, p_skill, p_dense = split(space, penalty)
    own, shared = features.places(space, features.of_item(space)), features.places(space, features.of_skill(space))
    # Eliminate the items, skill by skill, then the skills.
    blocks = summed.items[:, :, own] + p_item[:, :, None] * np.eye(m)
    rest = np.concatenate([summed.items[:, :, shared], summed.items, g_item[:, :, None]], axis=2)
    solved = np.linalg.solve(blocks, rest)
    less = np.zeros((space.skills, k, k + r + 1))
    np.add.at(less, space.main, np.einsum("imk,imx->ikx", rest[:, :, :k], solved))
    skills = np.concatenate([summed.skills[:, :, shared], summed.skills, g_skill[:, :, None]], axis=2) - less
    skills[:, :, :k] += p_skill[:, :, None] * np.eye(k)
    flat, back = rest[:, :, k:].reshape(-1, r + 1), solved[:, :, k:].reshape(-1, r + 1)
    dense = np.concatenate([summed.dense + np.diag(p_dense), g_dense[:, None]], axis=1)
    dense -= flat[:, :r].T @ back
    through = np.linalg.solve(skills[:, :, :k], skills[:, :, k:])
    dense -= skills[:, :, k : k + r].reshape(-1, r).T @ through.reshape(-1, r + 1)
    step = linalg.solve(dense[:, :r], dense[:, r], assume_a="pos")
    s_skill = through[:, :, r] - through[:, :, :r] @ step
    s_item = solved[:, :, -1] - solved[:, :, k : k + r] @ step
    s_item -= np.einsum("imk,ik->im", solved[:, :, :k], s_skill[space.main])
    return replace(parameters, weights=parameters.weights - np.concatenate([s_item.ravel(), s_skill.ravel(), step]))


def objective(summed: Sums, parameters: Parameters, penalty: Floats, centre: Parameters | None = None) -> float:
    """What the fit minimises: the summed loss plus the penalty, at `parameters`."""
    return summed.loss + 0.5 * float(penalty @ _away(parameters, centre) ** 2)


def midpoint(before: Parameters, after: Parameters) -> Parameters:
    """Half of a step: where to go when the objective rose."""
    return replace(after, weights=0.5 * (before.weights + after.weights))


def distance(before: Parameters, after: Parameters) -> float:
    """Largest change of a weight: a fit has converged when it is under `TOLERANCE`."""
    return float(np.max(np.abs(after.weights - before.weights), initial=0.0))


def promise(summed: Sums, before: Parameters, after: Parameters, penalty: Floats) -> float:
    """By how much a Newton step lowers the mean log loss if the objective is the parabola that the step believes in.

    Half of the squared Newton decrement, a row (Boyd and Vandenberghe, Convex Optimization, section 9.5.1). Newton's
    steps converge quadratically, so what is left after a step is of the order of its promise squared.

    Args:
        summed: Sums of all rows at `before`.
        before: Where the step began.
        after: Where `solve` led.
        penalty: float64 [d], as for `solve`.

    Returns:
        Nats a row, >= 0.
    """
    gradient = summed.gradient + penalty * before.weights
    return float(gradient @ (before.weights - after.weights)) / (2 * max(summed.rows, 1))


def newton(
    designs: Sequence[Design],
    begin: Parameters,
    penalty: Floats,
    centre: Parameters | None = None,
    *,
    tolerance: float = TOLERANCE,
    steps: int = STEPS,
) -> Parameters:
    """Newton to convergence.

    Args:
        designs: Rows of each institution, at least one; they count as if they were one.
        begin: Where to start; the designs were made with its tables and scale.
        penalty: float64 [d], > 0.
        centre: What the penalty pulls to; None: 0.
        tolerance: Stop when no weight changes by more.
        steps: Give up after so many steps, halvings not counted.

    Returns:
        The parameters that minimise `objective`.
    """
    now = begin
    summed = _added(designs, now)
    for _ in range(steps):
        then = solve(designs[0].space, summed, now, penalty, centre)
        if distance(now, then) < tolerance:
            return then
        ahead = _added(designs, then)
        limit = objective(summed, now, penalty, centre)
        while objective(ahead, then, penalty, centre) > limit and distance(now, then) >= tolerance:
            then = midpoint(now, then)
            ahead = _added(designs, then)
        now, summed = then, ahead
    return now


def _added(designs: Sequence[Design], parameters: Parameters) -> Sums:
    return functools.reduce(operator.add, (sums(design, parameters) for design in designs))


def split(space: Space, weights: Floats) -> tuple[Floats, Floats, Floats]:
    """Weights of items [I, m], of skills [S, k], and of the dense columns [r]."""
    m, k = len(features.of_item(space)), len(features.of_skill(space))
    first, second = space.items * m, space.items * m + space.skills * k
    return weights[:first].reshape(space.items, m), weights[first:second].reshape(space.skills, k), weights[second:]


def match(space: Space, parameters: Parameters) -> None:
    """Make sure that a model belongs to a catalog and to these columns.

    Raises:
        errors.MismatchError: It belongs to another catalog or another version of the columns.
    """
    ours = (space.catalog.fingerprint, features.VERSION, features.dimension(space))
    theirs = (parameters.fingerprint, parameters.version, len(parameters.weights))
    if ours != theirs:
        raise errors.MismatchError(
            "the model is for another space",
            found=f"catalog {parameters.catalog!r} {theirs[0][:12]}, version {theirs[1]}, {theirs[2]} weights",
            needed=f"catalog {space.catalog.id!r} {ours[0][:12]}, version {ours[1]}, {ours[2]} weights",
        )


def _away(parameters: Parameters, centre: Parameters | None) -> Floats:
    return parameters.weights if centre is None else parameters.weights - centre.weights
