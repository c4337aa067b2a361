import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from federated import gate


def rng():
    return np.random.default_rng(1)


def answers(learners, each, seed=0):
    """Answers of learners of different ability, and the chances that made them."""
    random = np.random.default_rng(seed)
    learner = np.repeat(np.arange(learners), each)
    logit = np.repeat(random.normal(0.5, 1.0, learners), each) + random.normal(0, 1.0, learners * each)
    chance = 1 / (1 + np.exp(-logit))
    return learner, (random.random(len(chance)) < chance).astype(np.float64), chance


def judge(learners, candidate, each=20, seed=0):
    learner, correct, chance = answers(learners, each, seed)
    return gate.judge(learner, correct, candidate(chance), chance, rng())


def blunt(share):
    """A model that knows less: its logits are pulled to 0."""
    return lambda chance: 1 / (1 + np.exp(-(1 - share) * np.log(chance / (1 - chance))))


def turned(chance):
    return 1 - chance


def test_a_worse_model_is_refused_by_the_bootstrap():
    found = judge(200, blunt(0.6))

    assert (found.taken, found.rule, found.learners, found.answers) == (False, "bootstrap", 200, 4000)
    assert 0 < found.low < found.difference < found.high


def test_a_better_model_is_taken():
    learner, correct, chance = answers(200, 20)

    found = gate.judge(learner, correct, chance, blunt(0.6)(chance), rng())

    assert found.taken
    assert found.difference < 0


def test_the_same_model_is_taken():
    found = judge(200, lambda chance: chance)

    assert (found.taken, found.difference, found.low, found.high) == (True, 0.0, 0.0, 0.0)


def test_a_difference_that_nobody_would_notice_is_let_through_even_where_it_is_certain():
    correct, stands = np.ones(100_000), np.full(100_000, 0.7)
    learner = np.repeat(np.arange(1000), 100)

    found = gate.judge(learner, correct, stands - 0.0005, stands, rng())

    assert found.taken
    assert 0 < found.low <= found.difference < gate.TOLERANCE


def test_a_difference_that_may_be_chance_is_let_through():
    correct = np.ones(40)
    candidate, stands = np.full(40, 0.7), np.full(40, 0.7)
    candidate[0] = 0.3  # one learner in forty: whoever draws without that one sees no difference

    found = gate.judge(np.arange(40), correct, candidate, stands, rng())

    assert found.difference > gate.TOLERANCE
    assert found.low <= 0
    assert found.taken


@pytest.mark.parametrize("learners", [5, gate.ENOUGH - 1])
def test_few_learners_refuse_only_what_is_gross(learners):
    assert judge(learners, turned).taken is False
    assert judge(learners, blunt(0.1)).taken is True
    assert judge(learners, turned).rule == "few learners"


def test_from_enough_learners_on_the_bootstrap_decides():
    assert judge(gate.ENOUGH, turned).rule == "bootstrap"


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_chances_that_are_no_numbers_are_refused(value):
    found = judge(50, lambda chance: np.where(np.arange(len(chance)) == 7, value, chance))

    assert (found.taken, found.rule) == (False, "not finite")


def test_nothing_to_judge_on_refuses_nothing():
    none = np.zeros(0)

    found = gate.judge(none.astype(np.int32), none, none, none, rng())

    assert (found.taken, found.rule, found.learners) == (True, "no answers", 0)


def test_a_certain_chance_that_was_wrong_costs_much_but_not_infinitely_much():
    found = gate.judge(np.arange(50), np.ones(50), np.zeros(50), np.full(50, 0.5), rng())

    assert np.isfinite(found.difference)
    assert found.taken is False


def test_a_learner_is_drawn_with_all_answers():
    """Forty answers of one learner are no forty learners: the interval of clones is as wide as that of single ones."""
    learner, correct, chance = answers(60, 1)
    single = gate.judge(learner, correct, blunt(0.6)(chance), chance, rng())
    again = [np.repeat(values, 40) for values in (learner, correct, blunt(0.6)(chance), chance)]
    clones = gate.judge(*again, rng())

    assert clones.low == pytest.approx(single.low)
    assert clones.high == pytest.approx(single.high)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 60))
def test_the_order_of_rows_and_the_names_of_learners_do_not_matter(seed, learners):
    learner, correct, chance = answers(learners, 3, seed)
    other = blunt(0.5)(chance)
    order = np.random.default_rng(seed).permutation(len(learner))
    straight = gate.judge(learner, correct, other, chance, rng())
    mixed = gate.judge(1000 + learner[order], correct[order], other[order], chance[order], rng())

    assert mixed.difference == pytest.approx(straight.difference)
    assert mixed.low == pytest.approx(straight.low)
    assert mixed.taken == straight.taken


def test_honest_models_of_equal_quality_are_seldom_refused():
    """Two fits that differ by chance: at most one in twenty is called worse by the lower end of a 95 % interval."""
    refused = 0
    for seed in range(100):
        learner, correct, chance = answers(60, 10, seed)
        random = np.random.default_rng(seed + 1)
        logit = np.log(chance / (1 - chance))
        one, other = (1 / (1 + np.exp(-logit - random.normal(0, 0.2, len(logit)))) for _ in range(2))
        refused += not gate.judge(learner, correct, one, other, np.random.default_rng(seed)).taken

    assert refused <= 5
