import pytest

from recommender.simulators import families
from tests.recommender.simulators import builders

OURS = [name for name in families.SIMULATORS if not name.startswith("edusim")]


@pytest.mark.parametrize("name", OURS)
def test_the_same_luck_draws_the_same_learner(name):
    def walk():
        world = families.SIMULATORS[name].world(builders.luck(1))
        trial = world.draw(builders.luck(2))
        learner, rng = trial.begin(), builders.luck(3)
        answers = [learner.practise(skill, rng) for skill in trial.problem.needed[:10]]
        return answers, learner.achieved(), dict(trial.problem.targets), trial.top

    assert walk() == walk()


@pytest.mark.parametrize("name", OURS)
def test_everybody_has_something_to_learn_and_can(name):
    world = families.SIMULATORS[name].world(builders.luck(1))
    gains = []
    for seed in range(10):
        trial = world.draw(builders.luck(seed))
        learner, rng = trial.begin(), builders.luck(seed)
        start = learner.achieved()
        for _ in range(3):
            for skill in trial.problem.needed:
                learner.practise(skill, rng)
        gains.append((learner.achieved() - start) / (trial.top - start))

    assert 0.05 < sum(gains) / len(gains) <= 1


@pytest.mark.parametrize("name", OURS)
def test_mastery_lies_between_nothing_and_all(name):
    trial = families.SIMULATORS[name].world(builders.luck(1)).draw(builders.luck(2))
    learner = trial.begin()

    assert all(0 <= learner.mastery(skill) <= 1 for skill in range(len(trial.problem.parents)))


def test_drawn_graphs_have_twenty_to_a_hundred_and_fifty_skills():
    sizes = [len(families.SIMULATORS["bayes"].world(builders.luck(seed)).catalog.skills) for seed in range(60)]

    assert min(sizes) >= 20
    assert max(sizes) <= 150
    assert max(sizes) - min(sizes) > 80


def test_the_shipped_catalog_is_a_graph_too():
    assert families.SIMULATORS["practice-cbec"].world(builders.luck()).catalog.id == "cbec"
