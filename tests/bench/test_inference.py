import numpy as np
import pytest

from bench import inference, masks, model, rounds
from recommender import space


@pytest.fixture(scope="module")
def data():
    return model.shipped()


def attacked(data, epsilon, sigma=None):
    columns = space.of(data.catalog)

    def train(records, seed):
        return rounds.run([records], columns, epsilon, seed, sigma=sigma, refusing=False).model

    return inference.lira(data.interactions, columns, train, inside=30, shadows=12, rng=np.random.default_rng(1))


def test_noise_hides_who_was_there_and_without_it_the_attack_finds_them(data):
    """720 guesses: the standard deviation of an AUC of .5 is .022."""
    assert attacked(data, 1.0).auc < 0.58
    assert attacked(data, 1.0, sigma=1e-4).auc > 0.7


def test_each_learner_is_in_half_of_the_shadows():
    found = inference.halves(20, 8, np.random.default_rng(0))

    assert found.sum(axis=0).tolist() == [4] * 20
    assert found.sum(axis=1).tolist() == [10] * 8


def test_the_ratio_finds_what_is_there_to_be_found():
    rng = np.random.default_rng(0)
    members = inference.halves(200, 32, rng)
    told = rng.normal(size=members.shape) + 2.0 * members
    score = inference.ratios(told, members)

    assert (score[members] > 0).mean() > 0.75
    assert (score[~members] > 0).mean() < 0.25


def test_a_property_shows_in_a_message_and_not_under_masks():
    rng = np.random.default_rng(0)
    has = rng.random(600) < 0.5
    plain = (rng.normal(size=(600, 30)) * 5 + 3.0 * has[:, None]).astype(np.int64)
    masked = np.array([masks.seen(one.astype(np.uint32), 4).view(np.int32) for one in plain])

    assert inference.advantage(plain.astype(float), has, np.random.default_rng(1)) > 0.4
    assert abs(inference.advantage(masked.astype(float), has, np.random.default_rng(1))) < 0.12


def test_cohorts_have_the_share_that_was_asked_for():
    strong = np.arange(100) < 50
    few, many = inference.cohorts(strong, (0.2, 0.8), 40, np.random.default_rng(0))

    assert [strong[few].mean(), strong[many].mean()] == [0.2, 0.8]
    assert len(np.unique(many)) == 40
