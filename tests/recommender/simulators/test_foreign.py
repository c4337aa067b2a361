import pytest

from recommender import errors
from recommender.simulators import foreign, worlds
from tests.recommender.simulators import builders

TREE = worlds.catalog_of(((), (0,), (1,)), "concepts")
QUESTIONS = ((0, 1), (2,), (3,))
HISTORIES = (((0, True), (2, False)), ((3, True),))


@pytest.fixture
def edusim(monkeypatch):
    builders.install(monkeypatch)


def test_a_simulator_that_is_not_installed_is_named_with_where_to_get_it():
    with pytest.raises(errors.MissingSimulator, match=r"EduSim 0\.0\.2 .*github\.com/bigdata-ustc/EduSim"):
        foreign.KSS.world(builders.luck())
    with pytest.raises(errors.MissingSimulator, match=r"EduSim with TMS .*github\.com/tswsxk/EduSim"):
        foreign.TMS.world(builders.luck())


def test_the_graph_of_kss_becomes_a_catalog(edusim):
    assert worlds.parents_of(foreign.KSS.world(builders.luck()).catalog) == ((), (0,), (1,))


def test_a_learner_of_kss_shows_the_answers_of_its_warm_up(edusim):
    trial = foreign.KSS.world(builders.luck()).draw(builders.luck(1))

    assert len(trial.problem.history) == 20
    assert {skill for skill, _ in trial.problem.history} == {0, 1, 2}


def test_a_learner_of_kss_begins_anew_each_time(edusim):
    trial = foreign.KSS.world(builders.luck()).draw(builders.luck(1))
    first = trial.begin()
    start = first.achieved()

    for _ in range(5):
        for skill in range(3):
            first.practise(skill, builders.luck())

    assert first.achieved() == trial.top
    assert trial.begin().achieved() == start
    assert first.mastery(0) > trial.begin().mastery(0) >= 0


def test_two_learners_of_kss_do_not_answer_for_each_other(edusim):
    trial = foreign.KSS.world(builders.luck()).draw(builders.luck(1))
    able, other = trial.begin(), trial.begin()
    for _ in range(6):
        able.practise(2, builders.luck())

    assert (able.answer(2, builders.luck()), other.answer(2, builders.luck())) == (True, False)


def test_a_placement_in_kss_teaches_nothing(edusim):
    trial = foreign.KSS.world(builders.luck()).draw(builders.luck(1))
    learner = trial.begin()

    learner.answer(0, builders.luck())

    assert learner.mastery(0) == trial.begin().mastery(0)


@pytest.mark.parametrize("simulator", [foreign.KSS, foreign.TMS])
def test_the_luck_of_edusim_repeats(edusim, simulator):
    def walk():
        trial = simulator.world(builders.luck()).draw(builders.luck(1))
        learner, rng = trial.begin(), builders.luck(2)
        return [learner.practise(skill, rng) for skill in (0, 1, 2) * 4], learner.achieved(), trial.problem.targets

    assert walk() == walk()


def test_the_tree_of_tms_becomes_a_catalog_and_its_goal_is_all_of_it(edusim):
    world = foreign.TMS.world(builders.luck())

    assert worlds.parents_of(world.catalog) == ((), (0,), (1,))
    assert world.draw(builders.luck()).problem.targets == {0: 5, 1: 5, 2: 5}


def test_two_learners_of_tms_keep_their_own_states(edusim):
    trial = foreign.TMS.world(builders.luck()).draw(builders.luck(1))
    able, other = trial.begin(), trial.begin()
    start = other.achieved()

    for skill in (0, 0, 0, 1, 1, 1, 2, 2, 2) * 2:
        able.practise(skill, builders.luck())

    assert able.achieved() == trial.top
    assert other.achieved() == start
    assert (able.mastery(2), other.mastery(2)) == (1, 0)


def test_answers_of_tms_guess_and_slip_and_teach_nothing(edusim):
    trial = foreign.TMS.world(builders.luck()).draw(builders.luck(1))
    learner, rng = trial.begin(), builders.luck(2)
    start = learner.achieved()

    right = [learner.answer(2, rng) for _ in range(2000)]

    assert sum(right) / 2000 == pytest.approx(0.15, abs=0.03)
    assert learner.achieved() == start


def traced():
    made = foreign.edmine(builders.Tracing(), TREE, QUESTIONS, HISTORIES, lambda _: {1: 5, 2: 5})
    return made.world(builders.luck()).draw(builders.luck(3))


def test_answers_before_the_first_step_of_edmine_are_shown_by_concept():
    assert traced().problem.history in {((0, True), (1, False)), ((2, True),)}


def test_a_practice_in_edmine_moves_what_its_model_believes():
    trial = traced()
    learner, rng = trial.begin(), builders.luck(1)
    before = learner.mastery(1)

    right = learner.practise(1, rng)

    assert (learner.mastery(1) > before) == right
    assert learner.achieved() == learner.mastery(1) + learner.mastery(2)


def test_a_placement_in_edmine_moves_nothing():
    trial = traced()
    learner, rng = trial.begin(), builders.luck(1)

    answers = {learner.answer(0, rng) for _ in range(50)}

    assert answers == {True, False}
    assert learner.achieved() == trial.begin().achieved()


def test_a_learner_of_tms_begins_anew_with_the_same_luck(edusim):
    trial = foreign.TMS.world(builders.luck()).draw(builders.luck(1))

    def walk():
        learner, rng = trial.begin(), builders.luck(2)
        return [(learner.practise(skill, rng), learner.achieved()) for skill in (0, 1, 2) * 4]

    assert all(walk() == walk() for _ in range(5))
