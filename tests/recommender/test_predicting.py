import pytest

from recommender import artifact, errors, explain, online, predicting, space, training
from tests.recommender import builders

TINY = builders.tiny()
MODEL = training.fit([builders.interactions(TINY, scores=False)], space.of(TINY))
HISTORY = builders.history(TINY, ("practice:root", 1), ("practice:left", 0))
NOW = int(builders.NOW.timestamp() * 1e6)


def test_contributions_are_those_of_each_item_at_the_moment_of_asking():
    laid = online.prepare(MODEL, space.of(TINY))
    state = online.state_of(HISTORY, laid)

    found = predicting.contributions(TINY, HISTORY, MODEL, [0, 3], when=NOW)

    assert found == [explain.by_model(state, laid, item, when=NOW) for item in (0, 3)]
    assert found == predicting.contributions(TINY, HISTORY, MODEL, [0, 3], state, when=NOW)


def test_a_model_is_named_by_its_digest_once():
    assert predicting.name(MODEL) == artifact.identity(MODEL)
    assert predicting.name(MODEL) is predicting.name(MODEL)


def test_a_model_of_another_catalog_is_refused():
    other = builders.tiny(0.75)

    with pytest.raises(errors.MismatchError, match="another space"):
        predicting.contributions(other, builders.history(other), MODEL, [0])


def test_the_chance_is_what_the_contributions_add_up_to():
    chances = predicting.chances(TINY, HISTORY, MODEL, range(4), when=NOW)
    parts = predicting.contributions(TINY, HISTORY, MODEL, range(4), when=NOW)

    assert chances == pytest.approx([explain.sigma(explain.total(one)) for one in parts], abs=1e-12)
