import dataclasses

import pytest

from recommender.simulators import practice, worlds
from tests.recommender.simulators import builders

PLAIN = practice.Law(
    power=(0.5, 0.5),
    guess=(0.2, 0.2),
    slip=(0.1, 0.1),
    floor=(0.0, 0.0),
    onward=(0.0, 0.0),
    back=(0.0, 0.0),
    before=0.0,
    pace=0.0,
)


def begin(law=PLAIN, seed=0):
    trial = practice.world(builders.CATALOG, builders.every, builders.luck(1), law).draw(builders.luck(seed))
    return trial, trial.begin()


def test_errors_fall_as_a_power_of_practice():
    _, learner = begin()

    for _ in range(3):
        learner.practise(0, builders.luck())

    assert learner.mastery(0) == pytest.approx(1 - 4**-0.5)


def test_a_learner_begins_anew_each_time():
    trial, learner = begin()

    learner.practise(0, builders.luck())

    assert trial.begin().achieved() == 0 < learner.achieved()


def test_the_weakest_prerequisite_sets_what_a_practice_is_worth():
    _, learner = begin()
    learner.practise(1, builders.luck())
    nothing = learner.mastery(1)

    learner.practise(0, builders.luck())
    learner.practise(1, builders.luck())

    assert nothing == 0
    assert learner.mastery(1) == pytest.approx(1 - (1 + (1 - 2**-0.5)) ** -0.5)


def test_a_share_of_a_practice_reaches_the_neighbours():
    law = practice.Law(power=(0.5, 0.5), floor=(1.0, 1.0), onward=(0.3, 0.3), back=(0.1, 0.1), before=0.0, pace=0.0)
    _, learner = begin(law)

    learner.practise(1, builders.luck())

    assert learner.mastery(2) == pytest.approx(1 - 1.3**-0.5)
    assert learner.mastery(0) == pytest.approx(1 - 1.1**-0.5)
    assert learner.mastery(3) == 0


def test_answers_lie_between_guessing_and_slipping():
    right = sum(begin(PLAIN, seed)[1].answer(0, builders.luck(seed + 10**6)) for seed in range(1500)) / 1500

    assert right == pytest.approx(0.2, abs=0.03)


def test_a_placement_teaches_nothing():
    trial, learner = begin(practice.LAW)

    learner.answer(0, builders.luck())

    assert learner.achieved() == trial.begin().achieved()


def test_learners_differ_at_the_start():
    assert len({begin(practice.LAW, seed)[1].achieved() for seed in range(5)}) == 5


def test_one_weak_prerequisite_among_strong_ones_is_enough_to_hold_back():
    both = worlds.catalog_of(((), (), (0, 1)))
    learner = practice.world(both, lambda _: {2: 5}, builders.luck(1), PLAIN).draw(builders.luck()).begin()
    learner.practise(0, builders.luck())

    learner.practise(2, builders.luck())

    assert learner.mastery(2) == 0


def test_who_has_mastered_a_skill_still_slips():
    law = dataclasses.replace(PLAIN, power=(3.0, 3.0))
    _, learner = begin(law)
    rng = builders.luck()
    for _ in range(30):
        learner.practise(0, rng)

    right = sum(learner.answer(0, rng) for _ in range(3000)) / 3000

    assert right == pytest.approx(0.9, abs=0.02)
