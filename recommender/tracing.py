"""Fit and use the logistic model of the next answer, its columns given. Floor 2.

Newton's method with the items' own columns eliminated: each row holds one item, so that part of the Hessian is made of
small blocks (Schur complement). Everything an institution gives is a sum over rows: institutions add up to exactly the
centralised fit.
"""

from __future__ import annotations

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
    """What a set of rows adds to a Newton step, without any penalty. I items, m own columns of each, r dense ones.

    Attributes:
        gradient: float64 [I m + r], sum of (chance - correct) x.
        diagonal: float64 [I, m, m], each item's block of the Hessian, symmetric.
        cross: float64 [I, m, r], items' columns by dense columns.
        dense: float64 [r, r], symmetric.
        loss: Sum of the log losses.
        rows: Number of rows.
        learners: Number of learners with at least one row.
    """

    gradient: Floats
    diagonal: Floats
    cross: Floats
    dense: Floats
    loss: float
    rows: int
    learners: int

    def __add__(self, other: Sums) -> Sums:
        """Sums of both sets of rows; their learners must be different ones."""
        return Sums(
            self.gradient + other.gradient,
            self.diagonal + other.diagonal,
            self.cross + other.cross,
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
    match(design.space, parameters)
    own, dense = split(parameters.weights, design.space.items, design.own.shape[1])
    result: Floats = (own[design.item] * design.own).sum(axis=1) + design.dense @ dense
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
    logit = logits(design, parameters)
    chance = special.expit(logit)
    residual, weight = chance - design.correct, chance * (1.0 - chance)
    items, m, r = design.space.items, design.own.shape[1], design.dense.shape[1]
    gradient = np.zeros((items, m))
    diagonal, cross, dense = np.zeros((items, m, m)), np.zeros((items, m, r)), np.zeros((r, r))
    for left in range(m):
        gradient[:, left] = np.bincount(design.item, weights=residual * design.own[:, left], minlength=items)
        for right in range(left, m):
            values = weight * design.own[:, left] * design.own[:, right]
            diagonal[:, left, right] = diagonal[:, right, left] = np.bincount(design.item, values, items)
    order = np.argsort(design.item, kind="stable")
    for begin in range(0, len(order), _BLOCK):
        rows = order[begin : begin + _BLOCK]
        values = design.dense[rows]
        weighted = values * weight[rows, None]
        dense += values.T @ weighted
        item = design.item[rows]
        starts = np.flatnonzero(np.append(True, item[1:] != item[:-1]))
        for left in range(m):
            cross[item[starts], left] += np.add.reduceat(weighted * design.own[rows, left, None], starts, axis=0)
    return Sums(
        gradient=np.concatenate([gradient.ravel(), design.dense.T @ residual]),
        diagonal=diagonal,
        cross=cross,
        dense=dense,
        loss=float(np.sum(np.logaddexp(0.0, logit) - design.correct * logit)),
        rows=len(design.item),
        learners=len(np.unique(design.learner)),
    )


def penalties(space: Space, scale: float = 1.0) -> Floats:
    """How strongly each weight is pulled, float64 [d]: items' levels, their slopes, all others."""
    own = np.tile([features.PENALTY_LEVEL, features.PENALTY_SLOPE], space.items)
    return scale * np.concatenate([own, np.full(len(features.names(space)), features.PENALTY)])


def solve(summed: Sums, parameters: Parameters, penalty: Floats, centre: Parameters | None = None) -> Parameters:
    """Take one Newton step.

    Args:
        summed: Sums of all rows at `parameters`.
        parameters: Where the sums were taken.
        penalty: float64 [d], lambda of (lambda / 2) (w - centre)^2 for each weight, > 0.
        centre: What the penalty pulls to; None: 0.

    Returns:
        The parameters after the step.

    Raises:
        errors.MismatchError: The sums do not fit the parameters.
    """
    items, m, r = summed.cross.shape
    size = items * m
    if len(summed.gradient) != len(parameters.weights) or size + r != len(parameters.weights):
        raise errors.MismatchError(
            "sums do not fit the parameters",
            found=f"{len(summed.gradient)} columns, {m} of each of {items} items and {r} dense ones",
            needed=f"{len(parameters.weights)} columns",
        )
    gradient = summed.gradient + penalty * _away(parameters, centre)
    blocks = summed.diagonal + penalty[:size].reshape(items, m)[:, :, None] * np.eye(m)
    inverse = np.linalg.inv(blocks)
    scaled = inverse @ summed.cross
    flat, own = scaled.reshape(size, r), gradient[:size]
    dense = summed.dense + np.diag(penalty[size:])
    step = linalg.solve(dense - summed.cross.reshape(size, r).T @ flat, gradient[size:] - flat.T @ own, assume_a="pos")
    back = np.einsum("imk,ik->im", inverse, own.reshape(items, m)).ravel() - flat @ step
    return replace(parameters, weights=parameters.weights - np.concatenate([back, step]))


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
    design: Design,
    begin: Parameters,
    penalty: Floats,
    centre: Parameters | None = None,
    *,
    tolerance: float = TOLERANCE,
    steps: int = STEPS,
) -> Parameters:
    """Newton to convergence.

    Args:
        design: n rows.
        begin: Where to start; the design was made with its tables and scale.
        penalty: float64 [d], > 0.
        centre: What the penalty pulls to; None: 0.
        tolerance: Stop when no weight changes by more.
        steps: Give up after so many steps, halvings not counted.

    Returns:
        The parameters that minimise `objective`.
    """
    now = begin
    summed = sums(design, now)
    for _ in range(steps):
        then = solve(summed, now, penalty, centre)
        if distance(now, then) < tolerance:
            return then
        ahead = sums(design, then)
        limit = objective(summed, now, penalty, centre)
        while objective(ahead, then, penalty, centre) > limit and distance(now, then) >= tolerance:
            then = midpoint(now, then)
            ahead = sums(design, then)
        now, summed = then, ahead
    return now


def split(weights: Floats, items: int, m: int) -> tuple[Floats, Floats]:
    """Weights of the items' own columns, [items, m], and of the dense ones."""
    return weights[: items * m].reshape(items, m), weights[items * m :]


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
