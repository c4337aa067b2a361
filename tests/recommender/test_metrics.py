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
