import numpy as np
import pytest

from curriculum import catalog
from recommender import errors, interactions, priors, tracker
from tests.recommender import builders

TINY = builders.tiny()
CBEC = catalog.load("cbec")


def crowd(*histories, cat=TINY):
    """Several learners' answers in one."""
    return interactions.join(
        [
            interactions.rows(_named(builders.history(cat, *answers), f"{number:03}"), slice(None))
            for number, answers in enumerate(histories)
        ]
    )


def _named(history, name):
    return history if not history.learners else type(history)(**{**_fields(history), "learners": (name,)})


def _fields(history):
    return {name: getattr(history, name) for name in history.__dataclass_fields__}


def counts(asked, right, cat=TINY):
    found = priors.Counts(np.zeros(len(cat.items)), np.zeros(len(cat.items)))
    for item, number in asked.items():
        found.asked[cat.item_index[item]] = number
        found.right[cat.item_index[item]] = right[item]
    return found


def test_only_the_first_answer_on_a_skill_counts():
    found = priors.count(
        crowd([("practice:root", 1), ("practice:root", 0)], [("practice:left", 0), ("test", 1), ("practice:root", 0)]),
        TINY,
    )

    asked = {name: found.asked[column] for name, column in TINY.item_index.items() if found.asked[column]}
    right = {name: found.right[column] for name, column in TINY.item_index.items() if found.right[column]}
    assert asked == {"practice:root": 2, "practice:left": 1}
    assert right == {"practice:root": 1}


def test_counts_of_institutions_add_up():
    one, two = [("practice:root", 1)], [("practice:root", 0), ("practice:top", 1)]
    both = priors.count(crowd(one), TINY) + priors.count(crowd(two), TINY)
    whole = priors.count(crowd(one, two), TINY)

    assert both.asked.tolist() == whole.asked.tolist()
    assert both.right.tolist() == whole.right.tolist()


def test_without_answers_nothing_is_learnt():
    learnt = priors.learn(TINY, priors.count(builders.history(TINY), TINY))

    assert tracker.beliefs(tracker.start(TINY, priors=learnt)) == tracker.prior(TINY)


@pytest.mark.parametrize("rate", [0.25, 0.5, 0.85])
def test_the_start_predicts_the_rate_of_first_answers(rate):
    names = {f"practice:{name}": 10000 for name in ("root", "left", "right", "top")}
    learnt = priors.learn(TINY, counts(names, dict.fromkeys(names, rate * 10000)))

    state = tracker.start(TINY, priors=learnt)
    beliefs = tracker.beliefs(state)
    for name in ("root", "left", "right", "top"):
        column = TINY.skill_index[name]
        chance = learnt.chances[TINY.item_index[f"practice:{name}"]]
        assert tracker.dot(beliefs[column].state, chance) == pytest.approx(rate, abs=0.08)


def test_few_answers_move_little():
    def known(asked):
        learnt = priors.learn(TINY, counts({"practice:root": asked}, {"practice:root": 0.75 * asked}))
        return 1 - learnt.start[TINY.skill_index["root"]][0][0]

    assert 0.35 < known(1) < known(10) < known(1000) < 0.97


def test_an_item_that_goes_better_than_its_skill_is_easier():
    learnt = priors.learn(TINY, counts({"practice:left": 1000, "test": 1000}, {"practice:left": 800, "test": 400}))

    easy, hard = (learnt.chances[TINY.item_index[name]] for name in ("practice:left", "test"))
    assert easy[0] > tracker.chances(TINY.items["practice:left"].difficulty)[0]
    assert hard[0] < tracker.chances(TINY.items["test"].difficulty)[0]


def test_no_item_moves_further_than_a_little_from_what_was_declared():
    asked = {"practice:left": 10**6, "test": 10**6}
    learnt = priors.learn(TINY, counts(asked, {"practice:left": 10**6, "test": 0}))

    for name, easier in (("practice:left", priors._MILD), ("test", -priors._MILD)):
        declared = TINY.items[name].difficulty
        assert learnt.chances[TINY.item_index[name]] == pytest.approx(tracker.chances(declared, easier))


def test_start_beliefs_are_chances_whatever_was_counted():
    rng = np.random.default_rng(3)
    asked = rng.integers(0, 50, len(CBEC.items)).astype(float)
    learnt = priors.learn(CBEC, priors.Counts(asked, np.floor(asked * rng.random(len(asked)))))

    for pair in learnt.start:
        for chances in pair:
            assert sum(chances) == pytest.approx(1.0)
            assert min(chances) > 0


def test_counts_of_another_catalog_are_refused():
    with pytest.raises(errors.MismatchError, match="found 8 items; needed 143"):
        priors.learn(CBEC, priors.count(builders.history(TINY), TINY))


def test_priors_of_another_catalog_are_refused():
    learnt = priors.learn(TINY, priors.count(builders.history(TINY), TINY))

    with pytest.raises(errors.MismatchError, match="needed 143 and 143"):
        tracker.start(CBEC, priors=learnt)


def test_a_background_moves_where_every_skill_begins_and_nothing_else():
    start = priors.moved(TINY, None, 1.0)
    usual = priors.moved(TINY, None, 0.0)

    for one, other in zip(start.start, usual.start, strict=True):
        for moved, before in zip(one, other, strict=True):
            assert sum(moved) == pytest.approx(1.0)
            assert moved[0] < before[0]
            assert moved[1] / moved[2] == pytest.approx(before[1] / before[2])
    assert start.chances == usual.chances
    assert tracker.beliefs(tracker.start(TINY, priors=usual)) == tracker.beliefs(tracker.start(TINY))


def test_a_start_of_another_catalog_cannot_be_moved():
    with pytest.raises(errors.MismatchError):
        priors.moved(CBEC, priors.moved(TINY, None, 0.0), 1.0)
