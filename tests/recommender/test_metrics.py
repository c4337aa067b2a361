import doctest
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics as judge

from recommender import explain, metrics

ROWS = st.lists(st.tuples(st.booleans(), st.integers(0, 20)), min_size=2, max_size=60)


def test_docs_are_true():
    assert doctest.testmod(metrics).failed == 0
    assert doctest.testmod(explain).failed == 0


@given(ROWS)
def test_auc_agrees_with_scikit_learn(rows):
    correct, chance = np.array([c for c, _ in rows], float), np.array([p / 20 for _, p in rows])
    if len(set(correct.tolist())) < 2:
        assert math.isnan(metrics.auc(correct, chance))
    else:
        assert metrics.auc(correct, chance) == pytest.approx(judge.roc_auc_score(correct, chance))


@given(ROWS)
def test_log_loss_agrees_with_scikit_learn(rows):
    correct, chance = np.array([c for c, _ in rows], float), np.array([(p + 1) / 22 for _, p in rows])

    assert metrics.log_loss(correct, chance) == pytest.approx(judge.log_loss(correct, chance, labels=[0, 1]))


def test_calibration_is_the_mean_gap():
    correct, chance = np.array([1.0, 0.0, 1.0, 1.0]), np.array([0.55, 0.55, 0.95, 1.0])

    assert metrics.ece(correct, chance) == pytest.approx((abs(1 - 1.1) + abs(2 - 1.95)) / 4)


def test_nothing_to_judge_is_not_a_number():
    nothing = np.zeros(0)

    assert all(math.isnan(judged(nothing, nothing)) for judged in (metrics.auc, metrics.log_loss, metrics.ece))


def predictions(seed=0, learners=60, each=20):
    """Outcomes, chances that lie a little off, and whose they are; learners differ in how well they are predicted."""
    rng = np.random.default_rng(seed)
    learner = np.repeat(np.arange(learners), each)
    logit = rng.normal(size=len(learner)) + rng.normal(size=learners)[learner]
    correct = (rng.random(len(learner)) < 1 / (1 + np.exp(-logit))).astype(float)
    chance = 1 / (1 + np.exp(-np.round(logit + rng.normal(size=len(learner)), 1)))
    return correct, chance, learner


def test_figures_are_those_of_the_rows_with_ranges_around_them():
    correct, chance, learner = predictions()

    found = metrics.figures(correct, chance, learner, np.random.default_rng(1))

    assert (found.rows, found.learners) == (1200, 60)
    assert found.auc.value == pytest.approx(judge.roc_auc_score(correct, chance))
    assert found.rmse.value == pytest.approx(math.sqrt(judge.brier_score_loss(correct, chance)))
    assert found.log_loss.value == pytest.approx(judge.log_loss(correct, chance))
    assert found.ece.value == pytest.approx(metrics.ece(correct, chance))
    assert found.bias.value == pytest.approx(chance.mean() - correct.mean())
    for one in (found.auc, found.rmse, found.log_loss, found.ece, found.bias):
        assert one.low < one.value < one.high


def test_a_draw_of_learners_is_measured_as_if_their_rows_stood_there():
    correct, chance, learner = predictions(learners=8, each=6)
    sampler = metrics.Sampler.of(correct, chance, learner)
    drawn = np.array([0, 2, 1, 0, 3, 1, 1, 0], float)
    rows = np.repeat(np.arange(len(learner)), drawn[learner].astype(int))

    found = sampler.measure(drawn)

    again = correct[rows], chance[rows]
    judged = [measure(*again) for measure in (metrics.auc, metrics.rmse, metrics.log_loss, metrics.ece)]
    assert found == pytest.approx([*judged, chance[rows].mean() - correct[rows].mean()])


def test_ranges_hold_the_truth_about_as_often_as_they_say():
    """Over many samples of learners, the range of the AUC misses that of a large sample in some 5 of 100."""
    correct, chance, learner = predictions(learners=4000)
    truth = metrics.auc(correct, chance)
    missed = 0
    for number in range(80):
        mine = (learner // 50) == number
        found = metrics.figures(correct[mine], chance[mine], learner[mine], np.random.default_rng(number), repeats=100)
        missed += not found.auc.low <= truth <= found.auc.high

    assert missed <= 13


def test_the_range_is_wider_where_the_rows_of_a_learner_hang_together():
    correct, _, learner = predictions()
    chance = np.full(len(correct), 0.5)
    rows = metrics.figures(correct, chance, np.arange(len(learner)), np.random.default_rng(0)).bias
    learners = metrics.figures(correct, chance, learner, np.random.default_rng(0)).bias

    assert learners.high - learners.low > 1.5 * (rows.high - rows.low)


def test_two_models_are_compared_on_the_same_draws():
    correct, chance, learner = predictions()
    noise = np.random.default_rng(5).normal(size=len(chance)) * 0.02

    same = metrics.difference(correct, chance, chance.copy(), learner, np.random.default_rng(0))
    near = metrics.difference(correct, chance, chance + noise, learner, np.random.default_rng(0))
    alone = metrics.figures(correct, chance, learner, np.random.default_rng(0)).auc

    assert (same.value, same.low, same.high) == (0.0, 0.0, 0.0)
    assert near.value == pytest.approx(metrics.auc(correct, chance) - metrics.auc(correct, chance + noise))
    assert near.high - near.low < 0.3 * (alone.high - alone.low)


def test_without_rows_or_with_one_kind_of_answer_there_is_no_range():
    nothing = metrics.figures(np.zeros(0), np.zeros(0), np.zeros(0, int), np.random.default_rng(0), repeats=3)
    alike = metrics.figures(np.ones(4), np.full(4, 0.9), np.arange(4), np.random.default_rng(0), repeats=3)

    assert nothing.rows == nothing.learners == 0
    assert math.isnan(nothing.auc.value)
    assert math.isnan(nothing.ece.low)
    assert math.isnan(alike.auc.low)
    assert alike.ece.value == pytest.approx(0.1)


def test_no_draws_give_no_range():
    correct, chance, learner = predictions()

    assert math.isnan(metrics.figures(correct, chance, learner, np.random.default_rng(0), repeats=0).auc.low)
