import numpy as np
import pytest

from curriculum import catalog as catalogs
from federated import imagined
from recommender import features, space
from tests.recommender import builders

SPACES = {
    "scored": space.of(builders.tiny(0.75)),
    "plain": space.of(builders.tiny()),
    "oulad": space.of(catalogs.load("oulad")),
}


@pytest.mark.parametrize("name", SPACES)
def test_scales_are_whole_and_say_the_same_again(name):
    columns = SPACES[name]
    found = imagined.scale.__wrapped__(columns)
    again = imagined.scale.__wrapped__(columns)

    assert found.clips == again.clips
    assert all(clip > 0.0 for clip in found.clips)
    assert (found.spread > 0.0).all()
    assert np.isfinite(found.basis).all()
    assert np.array_equal(found.basis, again.basis)
    assert found.basis.shape == (len(imagined.columns(columns)),) * 2


def test_scores_are_learnt_where_they_decide():
    assert set(imagined.columns(SPACES["scored"])) - set(imagined.columns(SPACES["plain"])) == set(imagined.SCORES)
    assert set(imagined.columns(SPACES["scored"])) <= set(features.names(SPACES["scored"]))


def test_imagined_learners_come_again_only_where_they_may():
    columns = SPACES["oulad"]
    rows = imagined.learners(columns)
    once = np.array([not item.repeatable for item in columns.catalog.items.values()])[rows.item]
    same = (rows.item[1:] == rows.item[:-1]) & (rows.learner[1:] == rows.learner[:-1])

    assert not (same & once[1:]).any()
    assert 0.4 < rows.correct.mean() < 0.9
    assert (np.diff(rows.learner) >= 0).all()
    assert (np.diff(rows.when)[rows.learner[1:] == rows.learner[:-1]] > 0).all()


def test_a_triangle_is_as_long_as_its_matrix_and_gives_it_back():
    z = np.random.default_rng(0).normal(size=(6, 4))

    pairs = imagined.pairs(z)

    for row, one in zip(z, pairs, strict=True):
        assert np.linalg.norm(one) == pytest.approx(np.linalg.norm(np.outer(row, row)))
        np.testing.assert_allclose(imagined.matrix(one), np.outer(row, row))


def test_sums_are_by_learner_and_nought_for_who_has_no_rows():
    rows = builders.interactions(builders.tiny(), learners=5)
    ones = np.ones((len(rows.item), 2))

    assert np.array_equal(imagined.total(ones, rows)[:, 0], np.bincount(rows.learner, minlength=5))
    nobody = builders.history(builders.tiny())
    assert imagined.total(np.zeros((0, 2)), nobody).shape == (0, 2)


def test_a_long_record_counts_less_by_the_root_of_its_length():
    gram = np.array([[3.0, 4.0], [0.3, 0.4], [0.0, 0.0]])

    np.testing.assert_allclose(imagined.weights(gram, 1.25), [0.5, 1.0, 1.0])
