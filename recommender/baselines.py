"""What a model must beat: simple models, other solvers of the same model, and other ways to federate it. Floor 2.

A predictor is a function of training rows and test rows, so that one loop serves all. FedAvg is that of McMahan et al.
2017, FedProx that of Li et al. 2020, and one-shot averages models that were each fitted at home.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import linalg, optimize, sparse, special
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression

from recommender import classic
from recommender.classic import Columns
from recommender.interactions import Interactions
from recommender.space import Space

Floats = npt.NDArray[np.float64]
Predictor = Callable[[Interactions, Interactions, Space], Floats]

TOLERANCE = 1e-6
STEPS = 30
# A wider shared block than this is not held as a dense Hessian; scikit-learn's truncated Newton steps are taken then.
WIDE = 2500
FOLDS = 5


def item_mean(train: Interactions, test: Interactions, space: Space) -> Floats:
    """Share of right answers of the item, pulled to that of all rows by two answers."""
    return _rates(train, space.items)[test.item]


def pfa(train: Interactions, test: Interactions, space: Space) -> Floats:
    """Performance factors analysis: skills, right answers and answers on them."""
    return _logistic(train, test, space, items=False, dense=slice(0))


def best_lr(train: Interactions, test: Interactions, space: Space) -> Floats:
    """Best-LR: items, skills, right answers and answers by skill, by item and over all."""
    return _logistic(train, test, space, items=True, dense=classic.TOTALS)


def first_generation(train: Interactions, test: Interactions, space: Space) -> Floats:
    """Best-LR with recency and patterns of the last answers."""
    return _logistic(train, test, space, items=True, dense=slice(None))


def scikit_learn(train: Interactions, test: Interactions, space: Space) -> Floats:
    """The first generation again, by scikit-learn's own solver: a check of ours."""
    inside, outside = (classic.part(classic.columns(some, space), space, dense=slice(None)) for some in (train, test))
    weights = _truncated(matrix(inside), inside.correct, tolerance=1e-4)
    return _chance(matrix(outside) @ weights)


def gradient_boosting(train: Interactions, test: Interactions, space: Space) -> Floats:
    """Histogram gradient boosting (scikit-learn) of the same history, with shares of right answers for the item.

    A training row's share comes from the other folds of learners: trees would find their own outcome in it else.
    Answers of one kind alone give trees nothing to tell apart: the shares are then all that is known.
    """
    if not _both(train.correct):
        return item_mean(train, test, space)
    fold = train.learner % FOLDS
    own = np.zeros(len(train.item))
    for number in range(FOLDS):
        inside = fold == number
        own[inside] = special.logit(_rates(train, space.items, ~inside))[train.item[inside]]
    judge = HistGradientBoostingClassifier(max_iter=200, random_state=0)
    judge.fit(_table(train, space, own), train.correct)
    theirs = special.logit(_rates(train, space.items))[test.item]
    return np.asarray(judge.predict_proba(_table(test, space, theirs))[:, 1], np.float64)


PREDICTORS: Mapping[str, Predictor] = MappingProxyType(
    {
        "item mean": item_mean,
        "PFA": pfa,
        "Best-LR": best_lr,
        "first generation": first_generation,
        "scikit-learn": scikit_learn,
        "gradient boosting": gradient_boosting,
    }
)


def matrix(columns: Columns) -> sparse.csr_array:
    """Items, skills and dense columns side by side, float64 CSR [n, I + 3 S + k]."""
    rows = len(columns.item)
    one_hot = sparse.csr_array((np.ones(rows), columns.item, np.arange(rows + 1)), shape=(rows, columns.items))
    return sparse.csr_array(sparse.hstack([one_hot, columns.skills, sparse.csr_array(columns.dense)], format="csr"))


def fit(columns: Columns, *, items: bool = True, penalty: float = 1.0) -> Floats:
    """Fit a logistic regression by Newton's method, the block of items eliminated.

    Args:
        columns: n rows.
        items: Whether items have weights of their own; without, their weights stay 0.
        penalty: lambda of (lambda / 2) |w|^2.

    Returns:
        float64 [I + 3 S + k], in the order of `matrix`.
    """
    own = columns.items
    shared = sparse.csr_array(sparse.hstack([columns.skills, sparse.csr_array(columns.dense)], format="csr"))
    if shared.shape[1] > WIDE:
        found = _truncated(matrix(columns) if items else shared, columns.correct, penalty=penalty)
        return found if items else np.concatenate([np.zeros(own), found])
    rows = len(columns.item)
    one_hot = sparse.csr_array((np.ones(rows), columns.item, np.arange(rows + 1)), shape=(rows, own))
    weights, best = np.zeros(own + shared.shape[1]), np.inf
    before = weights
    for _ in range(STEPS):
        logit = weights[columns.item] + shared @ weights[own:]
        loss = float(np.sum(np.logaddexp(0.0, logit) - columns.correct * logit) + 0.5 * penalty * weights @ weights)
        if loss > best + 1e-9 * abs(best):
            weights = 0.5 * (weights + before)
            continue
        best, before = loss, weights
        chance = special.expit(logit)
        residual, weight = chance - columns.correct, chance * (1.0 - chance)
        weighted = sparse.csr_array(shared.multiply(weight[:, None]))
        dense = np.asarray((shared.T @ weighted).todense()) + penalty * np.eye(shared.shape[1])
        rest = shared.T @ residual + penalty * weights[own:]
        if items:
            diagonal = np.bincount(columns.item, weights=weight, minlength=own) + penalty
            cross = sparse.csr_array(one_hot.T @ weighted)
            scaled = sparse.csr_array(cross.multiply(1.0 / diagonal[:, None]))
            first = np.bincount(columns.item, weights=residual, minlength=own) + penalty * weights[:own]
            step = linalg.solve(
                dense - np.asarray((cross.T @ scaled).todense()), rest - scaled.T @ first, assume_a="pos"
            )
            moved = np.concatenate([first / diagonal - scaled @ step, step])
        else:
            moved = np.concatenate([np.zeros(own), linalg.solve(dense, rest, assume_a="pos")])
        weights = weights - moved
        if np.max(np.abs(moved), initial=0.0) < TOLERANCE:
            break
    return weights


@dataclass(frozen=True, eq=False)
class Part:
    """What one institution keeps: rows of any design.

    Attributes:
        rows: float64 CSR [n, d].
        correct: float64 [n].
    """

    rows: sparse.csr_array
    correct: Floats


def averaging(
    parts: Sequence[Part], ridge: Floats, *, rounds: int, steps: int, proximal: float = 0.0
) -> Iterator[Floats]:
    """Federated averaging: some local steps from the shared weights everywhere, then the mean of the weights by rows.

    Columns are scaled by the curvature that they have over all institutions (one more sum), without which L-BFGS needs
    many times the rounds: these baselines are meant to be hard to beat.

    Args:
        parts: The institutions.
        ridge: float64 [d], penalty of each weight; every institution bears its share of it by rows.
        rounds: How many.
        steps: Local steps of L-BFGS in each.
        proximal: mu of FedProx: (mu / 2) |w - shared|^2 is added to the local sum of losses; 0 is FedAvg.

    Yields:
        The shared weights after each round, float64 [d].
    """
    total = sum(len(part.correct) for part in parts)
    squares = sum((part.rows.multiply(part.rows).sum(axis=0) for part in parts), np.zeros(len(ridge)))
    scale = 1.0 / np.sqrt(0.2 * squares + ridge)
    shared = np.zeros(len(ridge))
    for _ in range(rounds):
        mean = np.zeros(len(ridge))
        for part in parts:
            share = len(part.correct) / total
            mean += share * _local(part, ridge * share, shared, scale, steps=steps, proximal=proximal)
        shared = mean
        yield shared


def one_shot(parts: Sequence[Part], ridge: Floats, *, steps: int = 200) -> Floats:
    """The mean, by rows, of models that each institution fitted alone, float64 [d]."""
    return next(averaging(parts, ridge, rounds=1, steps=steps))


def _local(part: Part, ridge: Floats, shared: Floats, scale: Floats, *, steps: int, proximal: float) -> Floats:
    def objective(scaled: Floats) -> tuple[float, Floats]:
        weights = scale * scaled
        logit = part.rows @ weights
        away = weights - shared
        loss = float(np.sum(np.logaddexp(0.0, logit) - part.correct * logit))
        loss += 0.5 * float(weights @ (ridge * weights)) + 0.5 * proximal * float(away @ away)
        gradient = part.rows.T @ (special.expit(logit) - part.correct) + ridge * weights + proximal * away
        return loss, scale * gradient

    found = optimize.minimize(objective, shared / scale, jac=True, method="L-BFGS-B", options={"maxiter": steps})
    return np.asarray(scale * found.x, np.float64)


def _logistic(train: Interactions, test: Interactions, space: Space, *, items: bool, dense: slice) -> Floats:
    inside = classic.part(classic.columns(train, space), space, dense=dense)
    weights = fit(inside, items=items)
    outside = classic.part(classic.columns(test, space), space, dense=dense)
    return _chance(matrix(outside) @ weights)


def _truncated(rows: sparse.csr_array, correct: Floats, *, penalty: float = 1.0, tolerance: float = 1e-4) -> Floats:
    if not _both(correct):  # scikit-learn refuses answers of one kind; the same sum has a minimum all the same
        width = rows.shape[1]
        ridge, start = np.full(width, penalty), np.zeros(width)
        return _local(Part(rows, correct), ridge, start, np.ones(width), steps=200, proximal=0.0)
    judge = LogisticRegression(
        C=1.0 / penalty, fit_intercept=False, solver="newton-cg", max_iter=200, tol=tolerance * len(correct) ** -0.5
    )
    judge.fit(sparse.csr_matrix(rows), correct)
    return np.asarray(judge.coef_[0], np.float64)


def _both(correct: npt.NDArray[np.floating[Any]]) -> bool:
    """Whether some answers are right and some are wrong."""
    return bool((correct > 0.5).any() and (correct < 0.5).any())


def _chance(logit: Floats) -> Floats:
    return np.asarray(special.expit(logit), np.float64)


def _rates(train: Interactions, items: int, rows: npt.NDArray[np.bool_] | None = None) -> Floats:
    """Share of right answers of each item in some rows, float64 [items] inside (0, 1)."""
    item, correct = (train.item, train.correct) if rows is None else (train.item[rows], train.correct[rows])
    overall = (float(correct.sum()) + 0.5) / (len(correct) + 1.0)
    right = np.bincount(item, weights=correct, minlength=items)
    return np.asarray((right + 2.0 * overall) / (np.bincount(item, minlength=items) + 2.0), np.float64)


def _table(some: Interactions, space: Space, share: Floats) -> Floats:
    """Dense columns for trees: history, mean counts on the row's skills, and the item's share of right answers."""
    columns = classic.columns(some, space)
    needed = columns.skills[:, : space.skills].sum(axis=1)
    counts = [
        columns.skills[:, kind * space.skills : (kind + 1) * space.skills].sum(axis=1) / np.maximum(needed, 1.0)
        for kind in (1, 2)
    ]
    return np.column_stack([columns.dense, *counts, share])
