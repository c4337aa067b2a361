import doctest

import numpy as np
import pytest

from recommender import fairness
from recommender.interactions import Interactions

ITEMS = 40


def answers(seed, *, apart=0.8, harder=(), by=1.2, learners=700, groups=("a", "b")):
    """Learners of two groups that differ in ability by `apart`; some items are harder for the second one."""
    rng = np.random.default_rng(seed)
    second = rng.random(learners) < 0.4
    ability = rng.normal(size=learners) - apart * second
    level = rng.normal(size=ITEMS)
    learner = np.repeat(np.arange(learners), 25)
    item = np.concatenate([rng.permutation(ITEMS)[:25] for _ in range(learners)])
    logit = ability[learner] + level[item] - by * (np.isin(item, harder) & second[learner])
    rows = Interactions(
        learners=tuple(str(number) for number in range(learners)),
        learner=learner.astype(np.int32),
        item=item.astype(np.int32),
        correct=(rng.random(len(item)) < 1 / (1 + np.exp(-logit))).astype(np.float32),
        score=np.full(len(item), np.nan, np.float32),
        when=np.zeros(len(item), np.int64),
    )
    return rows, [groups[int(one)] for one in second]


def test_docs_are_true():
    assert doctest.testmod(fairness).failed == 0


def test_an_item_that_is_harder_for_one_group_is_found():
    rows, groups = answers(1, harder=(3,), learners=2500)

    found = fairness.differential(rows, groups, np.random.default_rng(0), shuffles=1)

    assert [one.item for one in found.items if one.flagged] == [3]
    worst = found.items[0]
    assert (worst.group, worst.size, worst.effect < -0.5) == ("b", "C", True)
    assert abs(worst.effect + 1.2) < 4 * worst.error
    assert found.tested == ITEMS


@pytest.mark.parametrize("apart", [0.0, 1.0])
def test_a_group_that_knows_less_is_not_taken_for_one_that_is_treated_badly(apart):
    chances = []
    for seed in range(6):
        rows, groups = answers(seed, apart=apart)
        found = fairness.differential(rows, groups, np.random.default_rng(0), shuffles=0)
        assert sum(one.flagged for one in found.items) <= 1
        chances += [one.chance for one in found.items]

    assert np.mean(np.array(chances) <= 0.05) < 0.09


def test_false_alarms_are_counted_by_drawing_groups_anew():
    rows, groups = answers(2, harder=(0, 1, 2))

    found = fairness.differential(rows, groups, np.random.default_rng(0), shuffles=8)

    assert found.false_alarms <= 0.02
    assert 0.01 < found.level < 0.1


def test_each_of_several_groups_is_compared_with_the_others():
    rows, groups = answers(3, harder=(5,))
    three = ["c" if group == "a" and number % 2 else group for number, group in enumerate(groups)]

    found = fairness.differential(rows, three, np.random.default_rng(0), shuffles=0)

    assert found.tested == 3 * ITEMS
    assert (found.items[0].item, found.items[0].group) == (5, "b")
    assert np.isnan(found.false_alarms)
    assert np.isnan(found.level)


def test_learners_of_an_unknown_group_and_items_of_few_answers_are_left_out():
    rows, groups = answers(4)
    some = [group if number < 40 else "" for number, group in enumerate(groups)]

    assert fairness.differential(rows, some, np.random.default_rng(0)).tested == 0
    assert fairness.differential(rows, ["a"] * len(groups), np.random.default_rng(0)).items == ()
    assert fairness.differential(rows, [""] * len(groups), np.random.default_rng(0)).items == ()


def test_an_item_that_few_of_the_others_answered_is_left_out_of_three_groups():
    rows, groups = answers(4, learners=300)
    three = ["c" if number < 15 else "b" if number < 30 else "a" for number in range(len(groups))]

    assert fairness.differential(rows, three, np.random.default_rng(0), shuffles=0).tested == 0


def test_sizes_are_those_of_ets():
    rows, groups = answers(5, harder=(7,), by=0.55, learners=4000)

    found = fairness.differential(rows, groups, np.random.default_rng(0), shuffles=0)

    assert (found.items[0].item, found.items[0].size) == (7, "B")


def test_predictions_are_measured_within_each_group():
    rows, groups = answers(6)
    chance = np.where(np.array(groups)[rows.learner] == "a", 0.9 * rows.correct, 0.5)
    chance[rows.learner == 0] = np.nan
    some = ["" if number == 1 else group for number, group in enumerate(groups)]

    found = fairness.by_group(rows, chance, some, np.random.default_rng(0))

    assert list(found) == ["a", "b"]
    assert (found["a"].auc.value, found["b"].auc.value) == (1.0, 0.5)
    assert found["a"].learners + found["b"].learners == len(rows.learners) - 2


def test_a_group_without_a_prediction_is_not_measured():
    rows, groups = answers(7, learners=60)

    assert fairness.by_group(rows, np.full(len(rows.item), np.nan), groups, np.random.default_rng(0)) == {}
