import pytest

from recommender.simulators import bayes
from tests.recommender.simulators import builders

SURE = bayes.Law(
    start=(0.5, 0.5),
    early=0.0,
    learn=(0.5, 0.5),
    alone=(0.0, 0.0),
    guess=(0.2, 0.2),
    slip=(0.1, 0.1),
    ability=0.0,
    pace=0.0,
)


def learners(law, count, goal=builders.every):
    world = bayes.world(builders.CATALOG, goal, builders.luck(1), law)
    return [world.draw(builders.luck(seed)) for seed in range(count)]


def share(values):
    values = list(values)
    return sum(values) / len(values)


def test_a_learner_begins_anew_each_time():
    (trial,) = learners(bayes.LAW, 1)
    first, second = trial.begin(), trial.begin()

    for skill in (0, 1, 2, 3) * 5:
        first.practise(skill, builders.luck(skill))

    assert second.achieved() == trial.begin().achieved() < first.achieved()


def test_the_start_is_as_likely_as_the_law_says():
    known = share(trial.begin().mastery(0) for trial in learners(SURE, 2000))

    assert known == pytest.approx(0.5, abs=0.04)


def test_without_its_prerequisite_a_skill_is_neither_known_nor_learnt():
    for trial in learners(SURE, 100):
        learner = trial.begin()
        if not learner.mastery(2):
            for _ in range(20):
                learner.practise(3, builders.luck())
            assert learner.mastery(3) == 0


def test_one_practice_teaches_as_often_as_the_law_says():
    learnt = []
    for number, trial in enumerate(learners(SURE, 1500)):
        learner = trial.begin()
        if not learner.mastery(0):
            learner.practise(0, builders.luck(number + 10**6))
            learnt.append(learner.mastery(0))

    assert share(learnt) == pytest.approx(0.5, abs=0.04)


def test_answers_guess_and_slip():
    right = {0.0: [], 1.0: []}
    for number, trial in enumerate(learners(SURE, 1500)):
        learner = trial.begin()
        right[learner.mastery(0)].append(learner.answer(0, builders.luck(number + 10**6)))

    assert share(right[0.0]) == pytest.approx(0.2, abs=0.03)
    assert share(right[1.0]) == pytest.approx(0.9, abs=0.03)


def test_a_placement_teaches_nothing():
    (trial,) = learners(bayes.LAW, 1)
    learner, rng = trial.begin(), builders.luck()

    for _ in range(50):
        learner.answer(0, rng)

    assert learner.achieved() == trial.begin().achieved()


def test_the_top_is_the_whole_goal():
    (trial,) = learners(bayes.Law(learn=(1.0, 1.0)), 1)
    learner, rng = trial.begin(), builders.luck()

    for skill in (0, 1, 2, 3):
        for _ in range(20):
            learner.practise(skill, rng)

    assert learner.achieved() == trial.top == 4


def test_learners_differ_in_pace():
    law = bayes.Law(start=(0.01, 0.01), learn=(0.1, 0.1), pace=50.0)  # half of them at once, half of them never
    learnt = []
    for number, trial in enumerate(learners(law, 1000)):
        learner = trial.begin()
        learner.practise(0, builders.luck(number + 10**6))
        learnt.append(learner.mastery(0))

    assert share(learnt) == pytest.approx(0.48, abs=0.05)
