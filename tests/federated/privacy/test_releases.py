import os

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import sparse

from federated.privacy import noise, releases
from federated.privacy.releases import GRID, Release

RELEASE = Release("some", 5, 2.5, 0.25)
ANY = st.floats(allow_nan=True, allow_infinity=True, width=64)


def without_noise(monkeypatch):
    monkeypatch.setattr(noise, "gaussian", lambda deviation, size, draw: np.zeros(size, np.int64))


@settings(max_examples=60)
@given(hnp.arrays(np.float64, (4, 5), elements=ANY))
def test_no_row_is_ever_longer_than_the_clip(rows):
    matrix = sparse.csr_array(rows)

    steps = releases.clipped(matrix, RELEASE)

    cut = sparse.csr_array((steps, matrix.indices, matrix.indptr), shape=matrix.shape).toarray()
    assert (np.sqrt((cut.astype(object) ** 2).sum(axis=1).astype(float)) <= GRID).all()


@settings(max_examples=60)
@given(hnp.arrays(np.float64, (3, 5), elements=ANY), st.integers(0, 2))
def test_a_learner_moves_the_sum_by_at_most_the_clip(rows, which):
    zeros = Release("some", 5, 2.5, 0.25)
    whole = np.zeros(5, np.int64)
    fewer = np.zeros(5, np.int64)
    matrix, rest = sparse.csr_array(rows), sparse.csr_array(np.delete(rows, which, axis=0))
    np.add.at(whole, matrix.indices, releases.clipped(matrix, zeros))
    np.add.at(fewer, rest.indices, releases.clipped(rest, zeros))

    assert np.linalg.norm((whole - fewer).astype(float)) <= GRID


def test_short_rows_are_summed_as_they_are(monkeypatch):
    without_noise(monkeypatch)
    rows = np.array([[0.5, 0.0, -1.0, 0.0, 0.0], [0.25, 0.0, 0.0, 0.0, 1.0]])

    total = releases.protect(rows, RELEASE, 1.0, 1.0, os.urandom)

    np.testing.assert_allclose(releases.read(total, RELEASE), rows.sum(axis=0), atol=RELEASE.step)


def test_long_rows_keep_their_direction(monkeypatch):
    without_noise(monkeypatch)

    total = releases.read(releases.protect(np.array([[30.0, 40.0, 0, 0, 0]]), RELEASE, 1.0, 1.0, os.urandom), RELEASE)

    np.testing.assert_allclose(total, [1.5, 2.0, 0, 0, 0], atol=3 * RELEASE.step)


def test_a_row_that_is_not_finite_counts_as_zeros(monkeypatch):
    without_noise(monkeypatch)
    rows = np.array([[np.nan, 1, 1, 1, 1], [np.inf, 1, 0, 0, 0], [0, 1.0, 0, 0, 0]])

    total = releases.read(releases.protect(rows, RELEASE, 1.0, 1.0, os.urandom), RELEASE)

    np.testing.assert_allclose(total, [0, 1, 0, 0, 0], atol=RELEASE.step)


def test_dense_and_sparse_rows_are_one(monkeypatch):
    without_noise(monkeypatch)
    rows = np.random.default_rng(0).normal(0, 2, (40, 5)) * (np.random.default_rng(1).random((40, 5)) < 0.5)

    made = [releases.protect(kind, RELEASE, 1.0, 1.0, os.urandom) for kind in (rows, sparse.csr_array(rows))]

    assert np.array_equal(*made)


def test_entries_that_are_said_twice_are_one_before_the_clip(monkeypatch):
    without_noise(monkeypatch)
    twice = sparse.csr_array((np.array([2.0, 2.0]), np.array([1, 1]), np.array([0, 2])), shape=(1, 5))

    total = releases.read(releases.protect(twice, RELEASE, 1.0, 1.0, os.urandom), RELEASE)

    np.testing.assert_allclose(total, [0, 2.5, 0, 0, 0], atol=3 * RELEASE.step)
    assert twice.nnz == 2


@pytest.mark.parametrize("part", [1.0, 0.25])
def test_noise_is_as_large_as_it_is_said_to_be(part):
    wide = Release("wide", 20_000, 2.5, 0.25)

    total = releases.read(releases.protect(np.zeros((3, 20_000)), wide, 1.5, part, os.urandom), wide)

    assert total.std() == pytest.approx(wide.deviation(1.5, part), rel=0.03)
    assert wide.deviation(1.5) == pytest.approx(1.5 * 2.5 / 0.5)
    assert abs(total.mean()) < 5 * wide.deviation(1.5, part) / 20_000**0.5


def test_words_add_up_modulo_the_word():
    one, two = np.array([-5, 7, 0, 2**30, -(2**31)]), np.array([2, -9, 1, 5, 3])

    summed = releases.words(one) + releases.words(two)

    np.testing.assert_allclose(releases.read(summed, RELEASE), (one + two) * RELEASE.step)


@pytest.mark.parametrize(
    ("rows", "sigma", "part", "share"),
    [
        (np.zeros((2, 4)), 1.0, 1.0, 0.5),
        (sparse.csr_array((releases.MOST_LEARNERS + 1, 5)), 1.0, 1.0, 0.5),
        (np.zeros((2, 5)), 0.0, 1.0, 0.5),
        (np.zeros((2, 5)), float("nan"), 1.0, 0.5),
        (np.zeros((2, 5)), 1.0, 0.0, 0.5),
        (np.zeros((2, 5)), 1.0, 1.5, 0.5),
        (np.zeros((2, 5)), 1.0, 1.0, 2.0),
    ],
)
def test_what_would_not_protect_is_refused(rows, sigma, part, share):
    with pytest.raises(ValueError, match="some"):
        releases.protect(rows, Release("some", 5, 2.5, share), sigma, part, os.urandom)


def test_no_learner_at_all_is_noise_alone():
    assert releases.protect(np.zeros((0, 5)), RELEASE, 1.0, 1.0, os.urandom).shape == (5,)
