from dataclasses import replace

import numpy as np
import pytest

from recommender import background, errors
from tests.recommender import builders

TINY = builders.tiny()


def cohort(effect, learners=200, seed=0):
    """Learners half of whom say that they have experience; it adds to the logit of a right answer."""
    rng = np.random.default_rng(seed)
    rows = builders.interactions(TINY, learners=learners, rows=12, seed=seed)
    said = [{"experience": "some"} if number % 2 else {} for number in range(learners)]
    logit = np.where(rows.learner % 2, effect, 0.0)
    correct = (rng.random(len(rows.item)) < 1.0 / (1.0 + np.exp(-logit))).astype(np.float32)
    return replace(rows, correct=correct), said


def test_a_planted_effect_is_learnt():
    rows, said = cohort(1.0)
    said[3] = {"experience": "some", "major": "one of a kind"}
    made = background.learn(rows, np.full(len(rows.item), 0.5), said)

    assert made.logits[("experience", "some")] == pytest.approx(1.0, abs=0.25)
    assert made.learners == {("experience", "some"): 100}


def test_only_first_answers_tell():
    rows, said = cohort(1.0)
    place = np.arange(len(rows.item)) - np.searchsorted(rows.learner, rows.learner)
    turned = replace(rows, correct=np.where(place < background.FIRST, rows.correct, 1 - rows.correct))
    half = np.full(len(rows.item), 0.5)

    assert (place >= background.FIRST).any()
    assert background.learn(turned, half, said) == background.learn(rows, half, said)


def test_where_there_is_none_it_is_small():
    rows, said = cohort(0.0)

    assert abs(background.learn(rows, np.full(len(rows.item), 0.5), said).logits[("experience", "some")]) < 0.25


def test_what_is_common_to_all_is_no_effect():
    rows, said = cohort(0.0)
    said = [{"age": "18-24"} for _ in said]

    assert abs(background.learn(rows, np.full(len(rows.item), 0.1), said).logits[("age", "18-24")]) < 0.01


def test_a_value_that_few_share_means_nothing():
    rows, said = cohort(2.0, learners=2 * background.LEAST - 2)

    assert background.learn(rows, np.full(len(rows.item), 0.5), said) == background.NEUTRAL


def test_backgrounds_of_other_learners_are_refused():
    rows, said = cohort(1.0)

    with pytest.raises(errors.MismatchError, match="199"):
        background.learn(rows, np.full(len(rows.item), 0.5), said[:-1])


def test_the_effect_fades_with_answers():
    effects = background.Effects({("major", "trade"): 1.0}, {("major", "trade"): 40})

    assert background.offset(effects, {"major": "trade"}) == 1.0
    assert background.offset(effects, {"major": "trade"}, 5) == 0.5
    assert background.offset(effects, {"major": "law"}) == 0.0


@pytest.mark.parametrize("said", [{}, {"age": ""}, {"shoe size": "42"}])
def test_it_works_with_all_fields_empty(said):
    effects = background.Effects({("age", ""): 9.0, ("shoe size", "42"): 9.0}, {})

    assert background.offset(effects, said) == background.offset(None, said) == 0.0


@pytest.mark.parametrize(("chance", "moved"), [(0.5, 0.7311), (0.0, 0.0), (1.0, 1.0)])
def test_a_chance_moves_by_logits(chance, moved):
    assert background.moved(chance, 1.0) == pytest.approx(moved, abs=1e-4)
    assert background.moved(chance, 0.0) == chance
