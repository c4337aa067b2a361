from math import exp

import pytest

from recommender.simulators import coherence
from tests.recommender.simulators import builders


def learner(ability, last=None):
    near = tuple(coherence.neighbourhood(builders.CHAIN, skill) for skill in range(4))
    truth = coherence._Truth(builders.CHAIN, ((1,), (2,), (3,), ()), near, (0, 1, 2, 3))
    return coherence._Learner(truth, (0, 1, 2, 3), list(ability), last)


def test_the_neighbourhood_is_itself_children_parents_grandparents_and_their_children():
    #     0    1
    #    / \  /
    #   2   3      4 alone
    #   |   |
    #   5   6
    parents = ((), (), (0,), (0, 1), (), (2,), (3,))

    assert coherence.neighbourhood(parents, 5) == {5, 2, 0, 3}
    assert coherence.neighbourhood(parents, 2) == {2, 5, 0, 3}
    assert coherence.neighbourhood(parents, 1) == {1, 3}
    assert coherence.neighbourhood(parents, 4) == set(range(7))


def test_a_practice_far_from_the_last_one_is_lost_and_the_last_one_stays():
    one = learner([0, 0, 0, 0], last=0)

    one.practise(3, builders.luck())

    assert (one.ability, one.last) == ([0, 0, 0, 0], 0)


def test_a_root_grows_half_of_the_way_and_half_of_that_goes_on():
    one = learner([1, 0, 0, 0])

    one.practise(0, builders.luck())

    assert one.ability == pytest.approx([3, 1, 0.5, 0.25])


def test_growth_falls_with_what_the_prerequisites_lack():
    one = learner([3, 1, 0, 0])

    one.practise(1, builders.luck())

    assert one.ability[1] == pytest.approx(1 + 4 * 0.5 * exp(-2))


def test_no_ability_is_above_the_top():
    one = learner([5, 4.9, 5, 5])

    one.practise(1, builders.luck())

    assert max(one.ability) == 5


def test_an_answer_has_no_luck_in_it():
    one = learner([0.0, 0.0, 0.0, 0.0])

    assert [one.answer(skill, builders.luck()) for skill in range(4)] == [True, False, False, False]


def test_a_drawn_learner_shows_twenty_answers_and_begins_where_they_end():
    trial = coherence.world(builders.luck()).draw(builders.luck(1))
    first, second = trial.begin(), trial.begin()

    assert len(trial.problem.history) == coherence.WARM
    assert len(trial.problem.catalog.skills) == 10
    assert first.achieved() == second.achieved() < trial.top == len(trial.problem.targets)
    assert 0 <= first.mastery(0) <= 1


def test_the_last_answer_of_the_history_is_what_the_next_practice_must_be_near():
    world = coherence.world(builders.luck(3))
    for seed in range(20):
        trial = world.draw(builders.luck(seed))
        counted = trial.begin().last
        far = set(range(10)) - coherence.neighbourhood(trial.problem.parents, counted)
        for skill in far:
            one = trial.begin()
            one.practise(skill, builders.luck())
            assert one.last == counted


def test_the_warm_up_can_master_everything():
    one = learner([5, 5, 5, 5])

    history = coherence._warm(one, (0, 1, 2, 3), _Never())

    assert [skill for skill, _ in history] == [3] * coherence.WARM


class _Never:
    """Luck that always follows the list."""

    def random(self):
        return 0.0


class _Scripted:
    """Luck from a list, then the same number for ever; any skill is the last one."""

    def __init__(self, *numbers):
        self.numbers = list(numbers)

    def random(self):
        return self.numbers.pop(0) if len(self.numbers) > 1 else self.numbers[0]

    def integers(self, _):
        return 3


def test_in_the_warm_up_a_wrong_answer_is_followed_by_the_same_skill():
    one = learner([-3, -3, -3, -3])

    history = coherence._warm(one, (0, 1, 2, 3), _Scripted(0.95, 0.5))

    assert history[:3] == ((3, False),) * 3
