from dataclasses import replace

import numpy as np
import pytest
from scipy import sparse
from sklearn.linear_model import LogisticRegression

from recommender import baselines, classic, datasets, interactions, metrics
from recommender import space as spaces
from recommender.baselines import Part


def made(seed=0, learners=150, each=24, items=18):
    """A data set whose learners learn: what was practised gets easier."""
    rng = np.random.default_rng(seed)
    lines = ["user,item,skills,correct"]
    level = rng.normal(size=items)
    for learner in range(learners):
        ability, practised = rng.normal(), np.zeros(6)
        for item in rng.integers(0, items, each).tolist():
            logit = ability + level[item] + 0.35 * practised[item % 6] - 0.5
            lines.append(f"{learner},i{item},s{item % 6} a{item % 2},{int(rng.random() < 1 / (1 + np.exp(-logit)))}")
            practised[item % 6] += 1
    return datasets.read(("\n".join(lines) + "\n").encode())


DATA = made()
SPACE = spaces.Space(DATA.catalog)
HELD = np.arange(len(DATA.interactions.learners)) % 4 == 0
TRAIN, TEST = interactions.select(DATA.interactions, ~HELD), interactions.select(DATA.interactions, HELD)


@pytest.mark.parametrize("name", baselines.PREDICTORS)
def test_every_baseline_predicts_every_row_better_than_a_coin(name):
    chance = baselines.PREDICTORS[name](TRAIN, TEST, SPACE)

    assert chance.shape == TEST.item.shape
    assert chance.dtype == np.float64
    assert ((chance > 0) & (chance < 1)).all()
    assert metrics.auc(TEST.correct, chance) > 0.6


@pytest.mark.parametrize("right", [0.0, 1.0])
@pytest.mark.parametrize("name", baselines.PREDICTORS)
def test_every_baseline_learns_from_answers_of_one_kind(name, right):
    train = replace(TRAIN, correct=np.full_like(TRAIN.correct, right))

    chance = baselines.PREDICTORS[name](train, TEST, SPACE)

    assert np.abs(chance - right).max() < 0.5


def test_more_of_the_history_predicts_better():
    aucs = [
        metrics.auc(TEST.correct, predictor(TRAIN, TEST, SPACE))
        for predictor in (baselines.item_mean, baselines.best_lr, baselines.first_generation)
    ]

    assert aucs[0] + 0.03 < aucs[1]
    assert aucs[2] > aucs[1] - 0.01


def test_an_item_without_answers_has_the_share_of_all():
    few = interactions.rows(TRAIN, TRAIN.item != 0)
    asked = interactions.rows(TEST, TEST.item == 0)

    chance = baselines.item_mean(few, asked, SPACE)

    assert np.allclose(chance, few.correct.mean(), atol=1e-3)


@pytest.mark.parametrize("items", [True, False])
@pytest.mark.parametrize("wide", [0, 10**6])
def test_the_solver_finds_what_scikit_learn_finds(items, wide, monkeypatch):
    """Both with the items eliminated and with truncated steps, as for more skills than a dense Hessian holds."""
    monkeypatch.setattr(baselines, "WIDE", wide)
    columns = classic.part(classic.columns(TRAIN, SPACE), SPACE, dense=slice(None))
    rows = baselines.matrix(columns).toarray()[:, 0 if items else SPACE.items :]
    judge = LogisticRegression(C=0.5, fit_intercept=False, solver="newton-cholesky", tol=1e-10).fit(
        rows, columns.correct
    )

    weights = baselines.fit(columns, items=items, penalty=2.0)

    assert np.allclose(weights[0 if items else SPACE.items :], judge.coef_[0], atol=2e-3 if wide == 0 else 1e-6)
    assert items or not weights[: SPACE.items].any()


def test_a_step_that_makes_things_worse_is_halved():
    """Rows of very different size and a weak penalty, on which plain steps of Newton end far from the optimum."""
    dense = np.array([[16.39, 0.28, 0.62], [1.85, 13.52, -0.84], [23442.74, -0.19, 0.06]])
    columns = classic.Columns(np.zeros(3, np.int64), 1, sparse.csr_array((3, 0)), dense, np.ones(3))

    weights = baselines.fit(columns, items=False, penalty=1e-5)[1:]

    chance = 1 / (1 + np.exp(-(dense @ weights)))
    assert np.sum(-np.log(chance)) + 0.5e-5 * weights @ weights < 1e-3
    assert np.abs(dense.T @ (chance - 1.0) + 1e-5 * weights).max() < 1e-4


def test_a_fit_ends_after_so_many_steps(monkeypatch):
    columns = classic.part(classic.columns(TRAIN, SPACE), SPACE)
    rows = baselines.matrix(columns)
    monkeypatch.setattr(baselines, "STEPS", 1)

    weights = baselines.fit(columns, items=False)

    residual = 1 / (1 + np.exp(-(rows @ weights))) - columns.correct
    gradient = np.abs(rows.T @ residual + weights)[SPACE.items :].max()
    assert 1e-3 < gradient < np.abs(rows.T @ (0.5 - columns.correct))[SPACE.items :].max()


def parts(count=3):
    owner = np.arange(len(TRAIN.learners)) % count
    found = []
    for number in range(count):
        own = interactions.select(TRAIN, owner == number)
        columns = classic.part(classic.columns(own, SPACE), SPACE, dense=slice(None))
        found.append(Part(baselines.matrix(columns), columns.correct))
    return found


def objective(weights, some, ridge):
    logit = np.concatenate([part.rows @ weights for part in some])
    correct = np.concatenate([part.correct for part in some])
    return np.sum(np.logaddexp(0, logit) - correct * logit) + 0.5 * weights @ (ridge * weights)


def test_averaging_comes_near_the_centre_and_one_shot_less_so():
    some = parts()
    ridge = np.ones(some[0].rows.shape[1])
    columns = classic.part(classic.columns(TRAIN, SPACE), SPACE, dense=slice(None))
    best = objective(baselines.fit(columns), some, ridge)

    rounds = [objective(weights, some, ridge) for weights in baselines.averaging(some, ridge, rounds=15, steps=3)]
    once = objective(baselines.one_shot(some, ridge), some, ridge)

    assert best < rounds[-1] < rounds[0]
    assert rounds[-1] - best < 0.01 * best
    assert best < once < 1.2 * best


def test_the_proximal_pull_keeps_institutions_near_the_shared_weights():
    some = parts()
    ridge = np.ones(some[0].rows.shape[1])

    free = next(baselines.averaging(some, ridge, rounds=1, steps=20))
    pulled = next(baselines.averaging(some, ridge, rounds=1, steps=20, proximal=100.0))

    assert np.linalg.norm(pulled) < 0.7 * np.linalg.norm(free)


def test_one_institution_alone_averages_to_its_own_fit():
    some = parts(1)
    ridge = np.ones(some[0].rows.shape[1])
    columns = classic.part(classic.columns(TRAIN, SPACE), SPACE, dense=slice(None))

    weights = baselines.one_shot(some, ridge, steps=2000)

    assert objective(weights, some, ridge) == pytest.approx(objective(baselines.fit(columns), some, ridge), rel=1e-5)


def test_shares_for_trees_come_from_other_learners():
    """A row's own outcome never reaches its share: turned over, it changes no column of its own fold."""
    fold = TRAIN.learner % baselines.FOLDS
    before = baselines._rates(TRAIN, SPACE.items, fold != 0)
    turned = interactions.Interactions(
        TRAIN.learners, TRAIN.learner, TRAIN.item,
        np.where(fold == 0, 1 - TRAIN.correct, TRAIN.correct).astype(np.float32), TRAIN.score, TRAIN.when,
    )  # fmt: skip

    assert np.array_equal(baselines._rates(turned, SPACE.items, fold != 0), before)
