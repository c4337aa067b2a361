import functools
import operator
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from federated import errors, messages, task
from recommender import artifact, tracing, training
from tests.federated import builders


def fit(parts, space, rounds, least=1):
    """All phases of a run over some institutions, in this process."""
    members = tuple(sorted(parts))
    now = task.start(space)
    for kind in (messages.COUNTS, messages.CELLS):
        counted = [task.local_counts(kind, parts[name], space, now, least) for name in members]
        now = task.counted(kind, counted, space, now)
    told = [task.local_moments(parts[name], space, now, least) for name in members]
    before, now = now, task.scaled([seen for _, seen in told], space, now)
    state = task.State(now)
    summed = task.rescaled(functools.reduce(operator.add, [one for one, _ in told]), before, now, space)
    for _ in range(rounds):
        state, _ = task.step(state, summed, members, space, 1.0)
        told = [task.local_sums(parts[name], space, state.parameters, least) for name in members]
        summed = functools.reduce(operator.add, told)
    return state


def institutions(*sizes, seed=0):
    return {f"u{n}": builders.interactions(size, seed + n, prefix=f"u{n}") for n, size in enumerate(sizes)}


@settings(max_examples=5, deadline=None)
@given(st.lists(st.integers(2, 8), min_size=1, max_size=4), st.integers(0, 1000))
def test_any_number_of_institutions_has_the_tables_and_the_scale_of_one(space, sizes, seed):
    parts = institutions(*sizes, seed=seed)
    together, _ = training.prepare(list(parts.values()), space)

    apart = fit(parts, space, 0).parameters

    for name, array in artifact.arrays_of(together).items():
        np.testing.assert_allclose(artifact.arrays_of(apart)[name], array, rtol=1e-12, atol=1e-12, err_msg=name)


def test_rounds_end_at_the_fit_of_all_records(space):
    parts = institutions(25, 25, 25)

    state = fit(parts, space, 9)

    assert state.distance < 1e-6
    np.testing.assert_allclose(state.parameters.weights, training.fit(list(parts.values()), space).weights, atol=1e-6)


def test_sums_on_another_scale_are_those_that_the_rows_would_give(space):
    records = builders.interactions(40, 1)
    other = builders.interactions(30, 7, prefix="other")
    begin, (rows, _) = training.prepare([records, other], space)
    before = training.start(space, begin.tables)
    summed, _ = task.local_moments(records, space, before, 1)

    found = task.rescaled(summed, before, begin, space)
    expected = tracing.sums(rows, begin)

    assert not np.allclose(before.centre, begin.centre)
    for name in ("gradient", "items", "skills", "dense"):
        np.testing.assert_allclose(getattr(found, name), getattr(expected, name), rtol=1e-9, atol=1e-7, err_msg=name)
    assert found.loss == pytest.approx(expected.loss)


def test_cells_of_few_learners_stay_at_the_institution(space):
    """An answer of each learner: the number of answers of a cell is that of its learners."""
    records = builders.interactions(40, 1, each=1)
    everything, enough = (task.local_counts(messages.COUNTS, records, space, task.start(space), n) for n in (1, 3))

    for name, counts in everything.items():
        kept = counts.tries >= 3
        assert 0 < kept.sum() < len(kept) or name == "combo"
        np.testing.assert_array_equal(enough[name].keys, counts.keys[kept])
        np.testing.assert_array_equal(enough[name].tries, counts.tries[kept])


def test_situations_of_few_learners_stay_at_the_institution(space):
    parts = institutions(6, 9)
    everything, enough = (fit(parts, space, 0, least).parameters.tables for least in (1, 4))

    assert len(enough.of("skips").keys) < len(everything.of("skips").keys) / 2
    assert (enough.of("skips").tries >= 4).all()


def test_tables_that_lack_what_the_institution_counted_are_not_worked_with(space):
    records, empty = builders.interactions(10, 1), task.start(space)

    with pytest.raises(errors.GuardError, match="table item lacks answers that this institution counted"):
        task.local_counts(messages.CELLS, records, space, empty, 1)
    with pytest.raises(errors.GuardError, match="table item lacks answers that this institution counted"):
        task.local_sums(records, space, empty, 1)


def test_a_fit_of_careful_institutions_still_ends(space):
    state = fit(institutions(25, 25), space, 8, least=5)

    assert state.distance < 1e-5
    assert np.isfinite(state.parameters.weights).all()


def test_held_out_learners_are_in_no_sum(space):
    records = task.training(builders.interactions(10, 1), np.array([True, *([False] * 9)]))

    summed, seen = task.local_moments(records, space, fit({"a": records}, space, 0).parameters, 1)

    assert (summed.learners, summed.rows, seen.rows) == (9, 9 * 12, 9 * 12)


@pytest.fixture
def begin(space):
    return fit(institutions(10), space, 0).parameters


@pytest.fixture
def summed(space, begin):
    return task.local_sums(institutions(10)["u0"], space, begin, 1)


def test_a_step_that_made_things_worse_is_halved(space, begin, summed):
    first, before = task.step(task.State(begin), summed, ("a",), space, 1.0)
    worse = replace(summed, loss=summed.loss + 1000.0)

    second, after = task.step(first, worse, ("a",), space, 1.0)

    assert after > before == first.objective
    middle = (begin.weights + first.parameters.weights) / 2
    np.testing.assert_allclose(second.parameters.weights, middle)
    assert second.objective == before
    assert second.promise == float("inf")


def test_another_set_of_members_is_another_objective(space, begin, summed):
    first, _ = task.step(task.State(begin), summed, ("a", "b"), space, 1.0)

    second, _ = task.step(first, replace(summed, loss=summed.loss + 1000.0), ("a",), space, 1.0)

    assert second.best is first.parameters


def test_a_model_survives_a_checkpoint(space, begin):
    found = task.restored(task.saved(begin), space)

    assert artifact.digest(found) == artifact.digest(begin)


def test_a_model_that_lacks_an_institution_is_personalised_all_the_same(space, begin):
    """Its own answers are in no table of it, so none are taken out."""
    stranger = builders.interactions(12, 99, prefix="stranger")

    found = task.personalise(stranger, space, task.start(space), 1)

    assert np.isfinite(found.parameters.weights).all()
    assert np.isfinite(task.predict(stranger, space, found.parameters)).all()


def test_nothing_is_taken_out_of_tables_that_noise_went_into(space, begin):
    """Noise may have left less of an institution's answers than it gave: what is left would be below none."""
    records = builders.interactions(12, 1)
    quarter = {
        name: replace(one, tries=one.tries // 4, wins=one.wins // 4) for name, one in begin.tables.counts.items()
    }
    noisy = replace(begin, tables=replace(begin.tables, counts=quarter))

    found = task.personalise(records, space, noisy, 1, kappa=0.001)

    assert found.table == training.personalise(records, noisy, space, kappa=0.001).table
    assert np.isfinite(task.predict(records, space, found.parameters)).all()


def test_an_institution_guesses_the_situations_that_it_alone_would_count(space):
    records = builders.interactions(10, 1)
    first = task.local_counts(messages.COUNTS, records, space, task.start(space), 1)
    alone = task.counted(messages.COUNTS, [first], space, task.start(space))

    guessed = task.local_situations(records, space, first, 1)
    counted = task.local_counts(messages.CELLS, records, space, alone, 1)

    assert guessed.keys() == counted.keys()
    for name, counts in counted.items():
        np.testing.assert_array_equal(guessed[name].keys, counts.keys)
