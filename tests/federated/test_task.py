import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from federated import aggregation, errors, task
from recommender import features, interactions, tracing
from tests.federated import builders


def fit(parts, space, rounds):
    state = task.State(tracing.start(space))
    members = tuple(sorted(parts))
    for _ in range(rounds):
        summed = aggregation.total(
            {name: task.local_sums(part, space, state.parameters) for name, part in parts.items()}
        )
        objective = tracing.objective(summed, state.parameters)
        state = task.step(state, summed, objective, members, penalty=1.0)
    return state


@settings(max_examples=10, deadline=None)
@given(st.lists(st.integers(2, 12), min_size=1, max_size=5), st.integers(0, 1000))
def test_any_number_of_institutions_equals_the_centralised_fit(space, sizes, seed):
    parts = {f"u{n}": builders.interactions(size, seed + n, prefix=f"u{n}") for n, size in enumerate(sizes)}
    pooled = {"all": interactions.join(parts.values())}

    apart, together = fit(parts, space, 3), fit(pooled, space, 3)

    np.testing.assert_allclose(apart.parameters.weights, together.parameters.weights, atol=1e-9)


def test_rounds_end_at_the_fit_of_all_records(space):
    parts = {name: builders.interactions(25, seed, prefix=name) for seed, name in enumerate("abc")}
    pooled = tracing.fit(features.design(interactions.join(parts.values()), space))

    state = fit(parts, space, 8)

    assert state.distance < 1e-5
    np.testing.assert_allclose(state.parameters.weights, pooled.weights, atol=1e-5)


def test_held_out_learners_are_in_no_sum(space):
    records = builders.interactions(10, 1)
    held = np.array([True, *([False] * 9)])

    summed = task.local_sums(task.training(records, held), space, tracing.start(space))

    assert (summed.learners, summed.rows) == (9, 9 * 12)


def test_a_step_that_made_things_worse_is_halved(space):
    start = tracing.start(space)
    summed = task.local_sums(builders.interactions(10, 1), space, start)
    first = task.step(task.State(start), summed, 100.0, ("a",), penalty=1.0)

    second = task.step(first, summed, 101.0, ("a",), penalty=1.0)

    np.testing.assert_allclose(second.parameters.weights, first.parameters.weights / 2)
    assert second.best is start
    assert second.objective == 100.0


def test_another_set_of_members_is_another_objective(space):
    start = tracing.start(space)
    summed = task.local_sums(builders.interactions(10, 1), space, start)
    first = task.step(task.State(start), summed, 100.0, ("a", "b"), penalty=1.0)

    second = task.step(first, summed, 101.0, ("a",), penalty=1.0)

    assert second.best is first.parameters


def test_nobody_adds_up_to_nothing():
    with pytest.raises(errors.RoundError, match="no institution sent sums"):
        aggregation.total({})
