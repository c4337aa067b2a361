from dataclasses import replace

import numpy as np
import pytest

from recommender import baselines, classic, contender, evaluate, interactions, metrics
from recommender import space as spaces
from tests.recommender.test_baselines import made

DATA = made(seed=4, learners=120, each=16)
RECORDS = DATA.interactions
SPACE = spaces.Space(DATA.catalog)
LEARNERS = len(RECORDS.learners)


def rng(seed=0):
    return np.random.default_rng(seed)


def test_folds_are_equal_and_can_be_drawn_again():
    fold = evaluate.folds(103, 5, rng())

    assert sorted(np.bincount(fold).tolist()) == [20, 20, 21, 21, 21]
    assert np.array_equal(fold, evaluate.folds(103, 5, rng()))


def test_every_row_is_predicted_by_a_model_that_did_not_see_its_learner():
    fold = evaluate.folds(LEARNERS, 3, rng())
    fold[:10] = -1
    seen = []

    def predictor(train, test, space):
        assert space is SPACE
        seen.append((set(train.learners), set(test.learners)))
        return np.full(len(test.item), float(len(seen)))

    chance = evaluate.across(RECORDS, SPACE, fold, predictor)

    for number, (train, test) in enumerate(seen):
        assert not train & test
        assert train | test == set(RECORDS.learners)
        assert test == {RECORDS.learners[place] for place in np.flatnonzero(fold == number)}
        assert (chance[fold[RECORDS.learner] == number] == number + 1).all()
    assert np.isnan(chance[fold[RECORDS.learner] < 0]).all()


def test_models_are_compared_with_the_first_one():
    fold = evaluate.folds(LEARNERS, 3, rng())
    fold[:10] = -1
    chosen = {"model": evaluate.model, "item mean": baselines.item_mean}
    told = []

    found = evaluate.trials(RECORDS, SPACE, fold, chosen, rng(), told=told.append)

    rows = fold[RECORDS.learner] >= 0
    assert told == list(found) == ["model", "item mean"]
    for trial in found.values():
        assert trial.figures.auc.value == pytest.approx(metrics.auc(RECORDS.correct[rows], trial.chance[rows]))
        assert len(trial.folds) == 3
        assert np.mean(trial.folds) == pytest.approx(trial.figures.auc.value, abs=0.02)
    assert found["model"].ahead is None
    assert found["item mean"].ahead.low < found["item mean"].ahead.value < 0
    assert found["item mean"].figures.learners == LEARNERS - 10


def test_the_model_under_test_comes_first_and_every_baseline_after_it():
    assert list(evaluate.predictors()) == [contender.NAME, *baselines.PREDICTORS]


def test_hidden_items_are_predicted_worse_than_seen_ones():
    data = made(seed=5, learners=300, each=20, items=40)
    held = np.arange(len(data.interactions.learners)) % 3 == 0

    found = evaluate.unseen(data.interactions, spaces.Space(data.catalog), held, rng(1))

    assert found.items == 8
    assert 0 < found.rows < len(data.interactions.item) * 0.2
    assert 0.5 < found.control < found.control_seen
    assert found.hidden < found.seen
    assert found.closed == pytest.approx((found.hidden - found.control) / (found.control_seen - found.control))


def test_without_a_gap_nothing_can_be_closed():
    assert np.isnan(evaluate.Unseen(1, 1, 0.7, 0.7, 0.7, 0.7).closed)


def test_the_model_does_not_see_the_future():
    held = np.arange(LEARNERS) % 3 == 0
    fitted = contender.fit([interactions.select(RECORDS, ~held)], SPACE)

    moved = evaluate.leakage(
        interactions.select(RECORDS, held), lambda rows: contender.predict(rows, fitted, SPACE), rng()
    )

    assert moved == 0.0


@pytest.mark.parametrize(
    "leak",
    [
        lambda rows: rows.correct,
        lambda rows: np.append(rows.correct[1:], 0.0),
        lambda rows: np.bincount(rows.learner, rows.correct)[rows.learner],
        lambda rows: np.append(rows.item[1:], 0),
        lambda rows: np.nan_to_num(rows.score, nan=-5.0),
        lambda rows: np.nan_to_num(rows.seconds),
        lambda rows: np.nan_to_num(rows.hints, nan=-1.0),
    ],
)
def test_a_prediction_that_sees_the_future_is_caught(leak):
    said = np.full(len(RECORDS.item), 1.0, np.float32)
    rows = replace(RECORDS, score=said, seconds=said, hints=said + 8)

    assert evaluate.leakage(rows, lambda given: np.asarray(leak(given), float), rng()) > 0.01


def test_a_prediction_from_the_past_is_not_taken_for_a_leak():
    def past(rows):
        return classic.columns(rows, SPACE).dense.sum(axis=1)

    assert evaluate.leakage(RECORDS, past, rng()) == 0.0


def test_nobody_has_no_future():
    assert evaluate.leakage(interactions.empty(), lambda rows: np.zeros(0), rng()) == 0.0
