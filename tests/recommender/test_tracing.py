import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize
from sklearn.linear_model import LogisticRegression

from recommender import errors, features, interactions, tracing
from recommender.parameters import Parameters
from tests.recommender import builders

CATALOG = builders.tiny(0.75)
SPACE = features.Space(CATALOG)
ROWS = builders.interactions(CATALOG, learners=120)
DESIGN = features.design(ROWS, SPACE)


def at(seed):
    weights = np.random.default_rng(seed).normal(scale=0.3, size=SPACE.dimension)
    return dataclasses.replace(tracing.start(SPACE), weights=weights)


def matrix(design):
    one_hot = np.eye(SPACE.items)[design.item]
    return np.hstack([one_hot, design.sparse.toarray(), design.dense])


def hessian(summed):
    return np.block([[np.diag(summed.diagonal), summed.cross], [summed.cross.T, summed.dense]])


def parts(count, seed=1):
    institution = np.random.default_rng(seed).integers(0, count, len(ROWS.learners))
    return [features.design(interactions.select(ROWS, institution == number), SPACE) for number in range(count)]


def added(designs, parameters):
    first, *rest = (tracing.sums(design, parameters) for design in designs)
    for other in rest:
        first += other
    return first


def assert_close(left, right, tolerance=1e-9):
    for field in dataclasses.fields(tracing.Sums):
        np.testing.assert_allclose(getattr(left, field.name), getattr(right, field.name), rtol=0, atol=tolerance)


def test_nothing_known_gives_even_chances():
    assert set(tracing.predict(DESIGN, tracing.start(SPACE)).tolist()) == {0.5}


def test_the_logit_is_the_product_with_all_columns():
    parameters = at(1)

    np.testing.assert_allclose(tracing.logits(DESIGN, parameters), matrix(DESIGN) @ parameters.weights, atol=1e-12)


@pytest.mark.parametrize("seed", [1, 2])
def test_the_gradient_is_the_slope_of_the_loss(seed):
    def loss(weights):
        return tracing.sums(DESIGN, dataclasses.replace(tracing.start(SPACE), weights=weights)).loss

    parameters = at(seed)
    slope = optimize.approx_fprime(parameters.weights, loss, 1e-6)

    np.testing.assert_allclose(tracing.sums(DESIGN, parameters).gradient, slope, atol=2e-3)


def test_the_blocks_are_those_of_the_hessian():
    parameters = at(3)
    full, chance = matrix(DESIGN), tracing.predict(DESIGN, parameters)

    expected = full.T @ (full * (chance * (1 - chance))[:, None])

    np.testing.assert_allclose(hessian(tracing.sums(DESIGN, parameters)), expected, atol=1e-9)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10**6))
def test_the_loss_is_convex_everywhere(seed):
    assert np.linalg.eigvalsh(hessian(tracing.sums(DESIGN, at(seed)))).min() > -1e-9


def test_a_step_is_the_step_of_the_whole_hessian():
    parameters, summed = at(4), tracing.sums(DESIGN, at(4))
    whole = hessian(summed) + 2.0 * np.eye(SPACE.dimension)

    after = tracing.solve(summed, parameters, penalty=2.0)

    expected = parameters.weights - np.linalg.solve(whole, summed.gradient + 2.0 * parameters.weights)
    np.testing.assert_allclose(after.weights, expected, atol=1e-9)


def test_newton_finds_the_optimum_of_scikit_learn():
    judge = LogisticRegression(C=1.0, fit_intercept=False, solver="newton-cholesky", tol=1e-10)
    judge.fit(matrix(DESIGN), DESIGN.correct)

    ours = tracing.fit(DESIGN, tolerance=1e-9).weights

    np.testing.assert_allclose(ours, judge.coef_[0], atol=1e-5)


def test_sums_of_institutions_add_up_to_the_centralised_sums():
    assert_close(added(parts(4), at(5)), tracing.sums(DESIGN, at(5)))


def test_sums_count_rows_and_learners():
    summed = added(parts(3), at(6))

    assert (summed.rows, summed.learners) == (len(ROWS.item), len(ROWS.learners))


@pytest.mark.parametrize("institutions", [2, 5])
def test_federated_equals_centralised_after_the_same_steps(institutions):
    designs, ours, central = parts(institutions), tracing.start(SPACE), tracing.start(SPACE)
    for _ in range(4):
        ours = tracing.solve(added(designs, ours), ours)
        central = tracing.solve(tracing.sums(DESIGN, central), central)

        np.testing.assert_allclose(ours.weights, central.weights, atol=1e-9)


def test_the_order_of_learners_changes_nothing():
    backwards = interactions.join(
        interactions.select(ROWS, np.arange(len(ROWS.learners)) == number) for number in reversed(range(120))
    )

    fitted = tracing.fit(features.design(backwards, SPACE))

    np.testing.assert_allclose(fitted.weights, tracing.fit(DESIGN).weights, atol=1e-8)


def test_an_institution_without_rows_adds_nothing():
    empty = features.design(builders.history(CATALOG), SPACE)

    assert_close(tracing.sums(DESIGN, at(7)) + tracing.sums(empty, at(7)), tracing.sums(DESIGN, at(7)))


def test_halving_brings_an_overlong_step_down():
    far = dataclasses.replace(tracing.start(SPACE), weights=np.full(SPACE.dimension, 4.0))
    once = tracing.solve(tracing.sums(DESIGN, far), far)
    assert tracing.objective(tracing.sums(DESIGN, once), once) > tracing.objective(tracing.sums(DESIGN, far), far)

    fitted = tracing.fit(DESIGN, begin=far, tolerance=1e-8, steps=60)

    np.testing.assert_allclose(fitted.weights, tracing.fit(DESIGN, tolerance=1e-8).weights, atol=1e-6)


def test_a_fit_gives_up_after_its_steps():
    one = tracing.fit(DESIGN, steps=1)

    step = tracing.solve(tracing.sums(DESIGN, tracing.start(SPACE)), tracing.start(SPACE))
    assert np.array_equal(one.weights, step.weights)


def test_near_the_optimum_a_step_keeps_its_promise():
    """Far away it may not: the objective is a parabola only near its minimum."""
    near = tracing.fit(DESIGN, tolerance=0.3)
    summed = tracing.sums(DESIGN, near)
    after = tracing.solve(summed, near)

    promised = tracing.promise(summed, near, after)

    there = tracing.objective(tracing.sums(DESIGN, after), after)
    assert promised > 0
    assert (tracing.objective(summed, near) - there) / summed.rows == pytest.approx(promised, rel=0.1)


def test_at_the_optimum_nothing_is_promised():
    best = tracing.fit(DESIGN, tolerance=1e-9)
    summed = tracing.sums(DESIGN, best)

    assert tracing.promise(summed, best, tracing.solve(summed, best)) == pytest.approx(0, abs=1e-12)


def test_the_objective_pulls_to_the_centre():
    summed, parameters = tracing.sums(DESIGN, at(8)), at(8)

    assert tracing.objective(summed, parameters, centre=parameters) == summed.loss
    assert tracing.objective(summed, parameters) == pytest.approx(summed.loss + 0.5 * np.sum(parameters.weights**2))


def test_a_strong_pull_keeps_the_shared_model():
    shared = at(9)

    local = tracing.local(DESIGN, shared, "1e9")

    np.testing.assert_allclose(local.weights, shared.weights, atol=1e-5)


def test_local_only_does_not_look_at_the_shared_model():
    assert np.array_equal(tracing.local(DESIGN, at(10), "local").weights, tracing.fit(DESIGN).weights)


def test_an_endless_pull_keeps_the_shared_model():
    shared = at(11)

    np.testing.assert_allclose(tracing.local(DESIGN, shared, "1e9").weights, shared.weights, atol=1e-5)


def test_many_learners_are_not_offered_the_strongest_pull(monkeypatch):
    monkeypatch.setattr(tracing, "MANY", len(np.unique(DESIGN.learner)))

    offered = [strength for strength, _ in tracing.personalise(DESIGN, at(12)).table]

    assert offered == list(tracing.STRENGTHS[1:])


def test_few_learners_follow_the_rule():
    few = features.take(DESIGN, DESIGN.learner < tracing.FEW - 1)

    made = tracing.personalise(few, tracing.fit(DESIGN))

    assert (made.strength, made.table) == (tracing.RULE, ())


def test_a_useless_shared_model_is_not_followed():
    useless = dataclasses.replace(tracing.start(SPACE), weights=-5.0 * tracing.fit(DESIGN).weights)

    made = tracing.personalise(DESIGN, useless)

    assert made.strength == "local"
    assert min(made.table, key=lambda entry: entry[1])[0] == "local"


def test_a_good_shared_model_helps_a_small_institution():
    shared = tracing.fit(features.design(builders.interactions(CATALOG, learners=1500), SPACE))
    small = features.take(DESIGN, DESIGN.learner < 60)

    assert tracing.personalise(small, shared).strength in {"300", "100", "30"}


def test_the_choice_does_not_depend_on_how_learners_are_numbered():
    shared = at(12)
    renumbered = dataclasses.replace(DESIGN, learner=DESIGN.learner * 7 + 3)

    assert tracing.personalise(DESIGN, shared).table == tracing.personalise(renumbered, shared).table


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"fingerprint": "0" * 64}, "found catalog 'tiny' 000000000000"),
        ({"version": "0"}, "version 0"),
        ({"weights": np.zeros(3)}, "3 weights; needed"),
    ],
)
def test_a_model_of_another_space_is_refused(changes, text):
    with pytest.raises(errors.MismatchError, match=text):
        tracing.predict(DESIGN, dataclasses.replace(tracing.start(SPACE), **changes))


def test_sums_of_another_shape_are_refused():
    other = Parameters("x", "x", "1", np.zeros(5))

    with pytest.raises(errors.MismatchError, match="sums do not fit the parameters"):
        tracing.solve(tracing.sums(DESIGN, at(1)), other)


def test_sums_change_none_of_their_inputs():
    before = (DESIGN.dense.copy(), DESIGN.sparse.toarray(), at(13).weights)
    parameters = at(13)

    tracing.solve(tracing.sums(DESIGN, parameters), parameters)

    assert np.array_equal(before[0], DESIGN.dense)
    assert np.array_equal(before[1], DESIGN.sparse.toarray())
    assert np.array_equal(before[2], parameters.weights)
