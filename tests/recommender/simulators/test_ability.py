import pytest

from recommender.simulators import ability
from tests.recommender.simulators import builders

CALM = ability.Law(fade=(0.0, 0.0))


def begin(law=CALM, seed=0, goal=builders.every):
    trial = ability.world(builders.CATALOG, goal, builders.luck(1), law).draw(builders.luck(seed))
    return trial, trial.begin()


def test_a_learner_begins_anew_each_time():
    trial, learner = begin()

    learner.practise(0, builders.luck())

    assert trial.begin().achieved() < learner.achieved()


def test_practice_leads_to_the_top_and_no_further():
    trial, learner = begin()
    rng = builders.luck()

    for skill in (0, 1, 2, 3):
        for _ in range(400):
            learner.practise(skill, rng)

    assert learner.achieved() == pytest.approx(trial.top, abs=0.01)


def test_a_practice_is_worth_less_without_the_prerequisite():
    law = ability.Law(fade=(0.0, 0.0), within=0.0, depth=0.0, grow=(0.3, 0.3), steep=(2.0, 2.0), top=(2.0, 2.0))
    _, learner = begin(law)
    before = learner.mastery(0)

    learner.practise(0, builders.luck())
    learner.practise(3, builders.luck())

    assert learner.mastery(3) - before < 0.5 * (learner.mastery(0) - before)


def test_what_is_not_practised_falls_back_to_where_it_was_and_no_further():
    _, learner = begin(ability.Law(fade=(0.05, 0.05)))
    start = learner.mastery(0)
    learner.practise(0, builders.luck())
    gained = learner.mastery(0)

    for _ in range(10):
        learner.practise(3, builders.luck())
    later = learner.mastery(0)
    for _ in range(500):
        learner.practise(3, builders.luck())

    assert start < later < gained
    assert learner.mastery(0) == pytest.approx(start)


def test_an_answer_is_right_as_often_as_ability_and_guessing_say():
    law = ability.Law(guess=(0.2, 0.2))
    right, expected = [], []
    for seed in range(1000):
        _, learner = begin(law, seed)
        right.append(learner.answer(0, builders.luck(seed + 10**6)))
        expected.append(0.2 + 0.8 * learner.mastery(0))

    assert sum(right) / 1000 == pytest.approx(sum(expected) / 1000, abs=0.03)


def test_a_placement_teaches_nothing():
    trial, learner = begin(ability.LAW)

    learner.answer(0, builders.luck())

    assert learner.achieved() == trial.begin().achieved()


def test_later_skills_start_lower():
    law = ability.Law(within=0.0, steep=(1.5, 1.5))
    _, learner = begin(law)

    assert learner.mastery(0) > learner.mastery(1) > learner.mastery(3)
