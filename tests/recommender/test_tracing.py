import dataclasses

import numpy as np
import pytest
from scipy import optimize
from sklearn.linear_model import LogisticRegression

from recommender import errors, features, interactions, space, tracing, training
from tests.recommender import builders

CATALOG = builders.tiny(0.75)
SPACE = space.of(CATALOG)
ROWS = builders.interactions(CATALOG, learners=120)
BEGIN, (DESIGN,) = training.prepare([ROWS], SPACE)
PENALTY = tracing.penalties(SPACE)
OWN, SHARED = features.places(SPACE, features.of_item(SPACE)), features.places(SPACE, features.of_skill(SPACE))


def at(seed):
    weights = np.random.default_rng(seed).normal(size=len(BEGIN.weights)) * 0.3
    return dataclasses.replace(BEGIN, weights=weights)


def matrix(design):
    """Every weight's column, written out."""
    own = design.dense[:, OWN]
    shared = design.dense[:, SHARED]
    items = np.zeros((len(design.item), SPACE.items, own.shape[1]))
    items[np.arange(len(design.item)), design.item] = own
    skills = np.zeros((len(design.item), SPACE.skills, shared.shape[1]))
    skills[np.arange(len(design.item)), SPACE.main[design.item]] = shared
    rows = len(design.item)
    return np.hstack([items.reshape(rows, -1), skills.reshape(rows, -1), design.dense])


def hessian(summed):
    """The arrow written out as one matrix."""
    m, k = len(features.of_item(SPACE)), len(features.of_skill(SPACE))
    first, second = SPACE.items * m, SPACE.items * m + SPACE.skills * k
    whole = np.zeros((len(summed.gradient), len(summed.gradient)))
    whole[second:, second:] = summed.dense
    for skill in range(SPACE.skills):
        here = slice(first + skill * k, first + skill * k + k)
        whole[here, here], whole[here, second:] = summed.skills[skill][:, SHARED], summed.skills[skill]
    for item in range(SPACE.items):
        here, main = slice(item * m, item * m + m), first + SPACE.main[item] * k
        whole[here, here] = summed.items[item][:, OWN]
        whole[here, main : main + k] = summed.items[item][:, SHARED]
        whole[here, second:] = summed.items[item]
    lower = np.tril_indices(len(whole), -1)
    whole[lower] = whole.T[lower]
    return whole


def assert_close(left, right):
    for field in dataclasses.fields(tracing.Sums):
        np.testing.assert_allclose(getattr(left, field.name), getattr(right, field.name), atol=1e-9)


def test_logits_are_columns_times_weights():
    np.testing.assert_allclose(tracing.logits(DESIGN, at(1)), matrix(DESIGN) @ at(1).weights, atol=1e-11)


def test_the_gradient_is_the_slope_of_the_loss():
    def loss(weights):
        return tracing.sums(DESIGN, dataclasses.replace(BEGIN, weights=weights)).loss

    slope = optimize.approx_fprime(at(2).weights, loss, 1e-6)

    np.testing.assert_allclose(tracing.sums(DESIGN, at(2)).gradient, slope, atol=5e-3)


@pytest.mark.parametrize("block", [7, 50_000])
def test_the_hessian_is_that_of_the_logistic_loss(block, monkeypatch):
    monkeypatch.setattr(tracing, "_BLOCK", block)
    full, chance = matrix(DESIGN), tracing.predict(DESIGN, at(3))
    expected = full.T @ (full * (chance * (1 - chance))[:, None])

    np.testing.assert_allclose(hessian(tracing.sums(DESIGN, at(3))), expected, atol=1e-8)


def test_a_step_is_newtons_on_the_whole_hessian():
    parameters, summed = at(4), tracing.sums(DESIGN, at(4))
    centre = at(5)

    after = tracing.solve(SPACE, summed, parameters, PENALTY, centre)

    whole = hessian(summed) + np.diag(PENALTY)
    gradient = summed.gradient + PENALTY * (parameters.weights - centre.weights)
    np.testing.assert_allclose(after.weights, parameters.weights - np.linalg.solve(whole, gradient), atol=1e-9)


def test_the_fit_is_that_of_scikit_learn():
    ours = tracing.newton([DESIGN], BEGIN, PENALTY, tolerance=1e-9).weights
    scale = np.sqrt(PENALTY)
    judge = LogisticRegression(C=1.0, fit_intercept=False, solver="newton-cholesky", tol=1e-9, max_iter=200)
    judge.fit(matrix(DESIGN) / scale, DESIGN.correct)

    np.testing.assert_allclose(ours, judge.coef_[0] / scale, atol=1e-6)


def test_sums_of_parts_add_up_and_an_empty_part_adds_nothing():
    apart = [features.take(DESIGN, DESIGN.learner % 3 == number) for number in range(3)]
    nobody = features.take(DESIGN, np.zeros(len(DESIGN.item), bool))

    added = training.total([tracing.sums(part, at(6)) for part in (*apart, nobody)])

    assert_close(added, tracing.sums(DESIGN, at(6)))


def test_a_step_that_makes_it_worse_is_halved():
    far = dataclasses.replace(BEGIN, weights=np.full(len(BEGIN.weights), 6.0))
    once = tracing.solve(SPACE, tracing.sums(DESIGN, far), far, PENALTY)
    assert tracing.objective(tracing.sums(DESIGN, once), once, PENALTY) > tracing.objective(
        tracing.sums(DESIGN, far), far, PENALTY
    )

    fitted = tracing.newton([DESIGN], far, PENALTY, tolerance=1e-8, steps=80)

    best = tracing.newton([DESIGN], BEGIN, PENALTY, tolerance=1e-8)
    np.testing.assert_allclose(fitted.weights, best.weights, atol=1e-5)


def test_steps_are_counted():
    one = tracing.newton([DESIGN], BEGIN, PENALTY, steps=1)

    step = tracing.solve(SPACE, tracing.sums(DESIGN, BEGIN), BEGIN, PENALTY)
    assert np.array_equal(one.weights, step.weights)


def test_a_promise_is_kept_near_the_optimum():
    near = tracing.newton([DESIGN], BEGIN, PENALTY, tolerance=0.3)
    summed = tracing.sums(DESIGN, near)
    after = tracing.solve(SPACE, summed, near, PENALTY)

    promised = tracing.promise(summed, near, after, PENALTY)

    there = tracing.objective(tracing.sums(DESIGN, after), after, PENALTY)
    assert (tracing.objective(summed, near, PENALTY) - there) / summed.rows == pytest.approx(promised, rel=0.1)


def test_the_penalty_pulls_to_its_centre():
    strong = tracing.newton([DESIGN], BEGIN, np.full(len(PENALTY), 1e9), at(7))

    np.testing.assert_allclose(strong.weights, at(7).weights, atol=1e-5)


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"fingerprint": "f" * 64}, "ffffffffffff, version 2"),
        ({"version": "1"}, "version 1"),
        ({"weights": np.zeros(5)}, "5 weights"),
    ],
)
def test_a_model_of_another_space_is_refused_with_both_sides_named(changes, found):
    with pytest.raises(errors.MismatchError, match=f"{found}.*needed catalog 'tiny'"):
        tracing.predict(DESIGN, dataclasses.replace(BEGIN, **changes))


def test_sums_of_other_columns_are_refused():
    other = dataclasses.replace(tracing.sums(DESIGN, at(1)), dense=np.zeros((3, 3)))

    with pytest.raises(errors.MismatchError, match=r"sums do not fit the parameters: found .*\(3, 3\)"):
        tracing.solve(SPACE, other, at(1), PENALTY)


def test_nothing_is_changed_in_place():
    parameters, before = at(8), at(8).weights.copy()
    dense = DESIGN.dense.copy()

    tracing.solve(SPACE, tracing.sums(DESIGN, parameters), parameters, PENALTY)

    assert np.array_equal(before, parameters.weights)
    assert np.array_equal(dense, DESIGN.dense)


def test_predictions_come_row_by_row_from_the_past():
    few = interactions.select(ROWS, np.arange(120) < 40)
    rest = interactions.select(ROWS, np.arange(120) >= 40)
    model = training.fit([rest], SPACE)

    chance = training.predict(few, model, SPACE)

    assert chance.shape == few.item.shape
    assert ((chance > 0) & (chance < 1)).all()
