"""Fit and use the logistic model of the next answer. Floor 2.

Newton's method with the item block eliminated: each row holds one item, so that block of the Hessian is diagonal
(Schur complement). Everything an institution gives is a sum over rows: institutions add up to exactly the centralised
fit.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy import linalg, sparse, special

from recommender import errors, features, metrics
from recommender.features import Design, Space
from recommender.parameters import Parameters

Floats = npt.NDArray[np.float64]

TOLERANCE = 1e-5
STEPS = 25


# Strengths of the pull to the shared model that local cross-validation chooses from; "local" ignores it. Keeping it as
# it is, or a stronger pull, is not among them: the shared model has seen the institution's own learners, so the folds
# flatter it. On OULAD by region, 12 splits, that cost up to .0037 AUC against local-only, 300 up to .0021, 100 up to
# .0008. So from MANY learners on, who can nearly stand alone, 300 is not offered either (docs/decisions, 8).
STRENGTHS = ("300", "100", "30", "10", "3", "local")
MANY = 500
FOLDS = 3
# Under this many learners cross-validation is worse than a rule (learner-level folds too small): a strong pull instead.
FEW = 50
RULE = "300"


@dataclass(frozen=True, eq=False)
class Sums:
    """What a set of rows adds to a Newton step, without any penalty. I items, r shared columns.

    Attributes:
        gradient: float64 [I + r], sum of (chance - correct) x.
        diagonal: float64 [I], item block of the Hessian.
        cross: float64 [I, r], items by shared columns.
        dense: float64 [r, r], shared block, symmetric.
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


def start(space: Space) -> Parameters:
    """The model that knows nothing: all weights 0."""
    return Parameters(space.catalog.id, space.catalog.fingerprint, space.version, np.zeros(space.dimension))


def logits(design: Design, parameters: Parameters) -> Floats:
    """Logit of the chance of a correct answer, float64 [n].

    Raises:
        errors.MismatchError: The parameters belong to another catalog or space.
    """
    match(design.space, parameters)
    items, rest = _split(design.space, parameters.weights)
    skills = design.space.sparse
    return np.asarray(items[design.item] + design.sparse @ rest[:skills] + design.dense @ rest[skills:])


def predict(design: Design, parameters: Parameters) -> Floats:
    """Chance of a correct answer, float64 [n] in (0, 1).

    Raises:
        errors.MismatchError: The parameters belong to another catalog or space.
    """
    return np.asarray(special.expit(logits(design, parameters)))


def sums(design: Design, parameters: Parameters) -> Sums:
    """Everything that a Newton step needs to know of some rows.

    Args:
        design: n rows.
        parameters: Where the step begins.

    Returns:
        Sums over the rows; they add up over disjoint sets of learners.

    Raises:
        errors.MismatchError: The parameters belong to another catalog or space.
    """
    space = design.space
    logit = logits(design, parameters)
    chance = special.expit(logit)
    residual = chance - design.correct
    weight = chance * (1.0 - chance)
    one_hot = sparse.csr_array(
        (np.ones(len(design.item)), design.item, np.arange(len(design.item) + 1)), shape=(len(design.item), space.items)
    )
    weighted_sparse = design.sparse.multiply(weight[:, None]).tocsr()
    weighted_dense = design.dense * weight[:, None]
    corner = design.sparse.T @ weighted_dense
    return Sums(
        gradient=np.concatenate(
            [
                np.bincount(design.item, weights=residual, minlength=space.items),
                design.sparse.T @ residual,
                design.dense.T @ residual,
            ]
        ),
        diagonal=np.bincount(design.item, weights=weight, minlength=space.items).astype(np.float64),
        cross=np.hstack([(one_hot.T @ weighted_sparse).toarray(), one_hot.T @ weighted_dense]),
        dense=np.block(
            [[(design.sparse.T @ weighted_sparse).toarray(), corner], [corner.T, design.dense.T @ weighted_dense]]
        ),
        loss=float(np.sum(np.logaddexp(0.0, logit) - design.correct * logit)),
        rows=len(design.item),
        learners=len(np.unique(design.learner)),
    )


def solve(
    summed: Sums, parameters: Parameters, *, penalty: float = 1.0, centre: Parameters | None = None
) -> Parameters:
    """Take one Newton step.

    Args:
        summed: Sums of all rows at `parameters`.
        parameters: Where the sums were taken.
        penalty: lambda of (lambda / 2) |w - centre|^2, > 0.
        centre: What the penalty pulls to; None: 0.

    Returns:
        The parameters after the step.

    Raises:
        errors.MismatchError: The sums do not fit the parameters.
    """
    items = len(summed.diagonal)
    if len(summed.gradient) != len(parameters.weights) or summed.cross.shape != (
        items,
        len(parameters.weights) - items,
    ):
        raise errors.MismatchError(
            "sums do not fit the parameters",
            found=f"{len(summed.gradient)} columns, {items} of them items, cross {summed.cross.shape}",
            needed=f"{len(parameters.weights)} columns",
        )
    gradient = summed.gradient + penalty * _away(parameters, centre)
    diagonal = summed.diagonal + penalty
    scaled = summed.cross / diagonal[:, None]
    dense = summed.dense + penalty * np.eye(summed.dense.shape[0])
    shared = linalg.solve(
        dense - summed.cross.T @ scaled, gradient[items:] - scaled.T @ gradient[:items], assume_a="pos"
    )
    own = gradient[:items] / diagonal - scaled @ shared
    return replace(parameters, weights=parameters.weights - np.concatenate([own, shared]))


def objective(summed: Sums, parameters: Parameters, *, penalty: float = 1.0, centre: Parameters | None = None) -> float:
    """What the fit minimises: the summed loss plus the penalty, at `parameters`."""
    away = _away(parameters, centre)
    return summed.loss + 0.5 * penalty * float(away @ away)


def midpoint(before: Parameters, after: Parameters) -> Parameters:
    """Half of a step: where to go when the objective rose."""
    return replace(after, weights=0.5 * (before.weights + after.weights))


def distance(before: Parameters, after: Parameters) -> float:
    """Largest change of a weight: a fit has converged when it is under `TOLERANCE`."""
    return float(np.max(np.abs(after.weights - before.weights), initial=0.0))


def promise(summed: Sums, before: Parameters, after: Parameters, *, penalty: float = 1.0) -> float:
    """By how much a Newton step lowers the mean log loss if the objective is the parabola that the step believes in.

    Half of the squared Newton decrement, a row (Boyd and Vandenberghe, Convex Optimization, section 9.5.1). Newton's
    steps converge quadratically, so what is left after a step is of the order of its promise squared.

    Args:
        summed: Sums of all rows at `before`.
        before: Where the step began.
        after: Where `solve` led.
        penalty: lambda of the fit.

    Returns:
        Nats a row, >= 0.
    """
    gradient = summed.gradient + penalty * before.weights
    return float(gradient @ (before.weights - after.weights)) / (2 * max(summed.rows, 1))


def fit(
    design: Design,
    *,
    begin: Parameters | None = None,
    penalty: float = 1.0,
    centre: Parameters | None = None,
    tolerance: float = TOLERANCE,
    steps: int = STEPS,
) -> Parameters:
    """Newton to convergence; with one institution this is the centralised fit.

    Args:
        design: n rows.
        begin: Where to start; None: at 0.
        penalty: lambda, > 0.
        centre: What the penalty pulls to; None: 0.
        tolerance: Stop when no weight changes by more.
        steps: Give up after so many steps, halvings not counted.

    Returns:
        The parameters that minimise `objective`.
    """
    now = begin or start(design.space)
    summed = sums(design, now)
    for _ in range(steps):
        then = solve(summed, now, penalty=penalty, centre=centre)
        if distance(now, then) < tolerance:
            return then
        ahead = sums(design, then)
        limit = objective(summed, now, penalty=penalty, centre=centre)
        while objective(ahead, then, penalty=penalty, centre=centre) > limit and distance(now, then) >= tolerance:
            then = midpoint(now, then)
            ahead = sums(design, then)
        now, summed = then, ahead
    return now


@dataclass(frozen=True, eq=False)
class Personalised:
    """A shared model, fitted to one institution.

    Attributes:
        parameters: What the institution should use.
        strength: One of `STRENGTHS`.
        table: Held-out log loss of each strength, lowest is best; empty where the rule for few learners decided.
    """

    parameters: Parameters
    strength: str
    table: tuple[tuple[str, float], ...]


def personalise(design: Design, parameters: Parameters) -> Personalised:
    """Fit a shared model to one institution: the local MAP with the shared weights as prior.

    How strongly the prior pulls is chosen by cross-validation in three folds of learners; under `FEW` learners a rule
    decides, and from `MANY` on the strongest pull is not offered.

    Args:
        design: Rows of the institution's learners (without those held out for a test).
        parameters: The shared model.

    Returns:
        The local model, and how it was chosen.
    """
    learners, place = np.unique(design.learner, return_inverse=True)
    if len(learners) < FEW:
        return Personalised(local(design, parameters, RULE), RULE, ())
    fold = place % FOLDS
    offered = STRENGTHS if len(learners) < MANY else STRENGTHS[1:]
    losses = dict.fromkeys(offered, 0.0)
    for number in range(FOLDS):
        inside, outside = features.take(design, fold != number), features.take(design, fold == number)
        for strength in offered:
            chance = predict(outside, local(inside, parameters, strength))
            losses[strength] += metrics.log_loss(outside.correct, chance) * len(chance) / len(design.item)
    best = min(offered, key=lambda strength: losses[strength])
    return Personalised(local(design, parameters, best), best, tuple(losses.items()))


def local(design: Design, parameters: Parameters, strength: str) -> Parameters:
    """Fit to local rows with one strength.

    Args:
        design: n rows.
        parameters: The shared model.
        strength: "local" (do not use the shared model), or tau of (tau / 2) |w - shared|^2 as a number in text.
    """
    if strength == "local":
        return fit(design)
    return fit(design, begin=parameters, centre=parameters, penalty=float(strength))


def _away(parameters: Parameters, centre: Parameters | None) -> Floats:
    return parameters.weights if centre is None else parameters.weights - centre.weights


def _split(space: Space, weights: Floats) -> tuple[Floats, Floats]:
    return weights[: space.items], weights[space.items :]


def match(space: Space, parameters: Parameters) -> None:
    """Make sure that a model belongs to a space.

    Raises:
        errors.MismatchError: It belongs to another catalog or another version of the columns.
    """
    ours = (space.catalog.fingerprint, space.version, space.dimension)
    theirs = (parameters.fingerprint, parameters.version, len(parameters.weights))
    if ours != theirs:
        raise errors.MismatchError(
            "the model is for another space",
            found=f"catalog {parameters.catalog!r} {theirs[0][:12]}, version {theirs[1]}, {theirs[2]} weights",
            needed=f"catalog {space.catalog.id!r} {ours[0][:12]}, version {ours[1]}, {ours[2]} weights",
        )
