from math import sqrt

import pytest

from recommender import policy, tracker
from tests.recommender import builders

TINY = builders.tiny()
PLAN = tracker.plan(TINY)
INDEX = TINY.skill_index
CHANCES = [tracker.CHANCE] * len(INDEX)


def score(*answers, targets=None):
    beliefs = tracker.track(TINY, builders.history(TINY, *answers))
    wanted = policy.weights(beliefs, {INDEX[k]: v for k, v in (targets or TINY.roles["all"].targets).items()}, CHANCES)
    opening = policy.openings(PLAN, beliefs, wanted)
    return beliefs, wanted, opening, policy.worths(beliefs, wanted, opening, CHANCES)


def test_a_skill_that_the_goal_does_not_need_is_worth_nothing():
    *_, worths = score()

    assert (worths[INDEX["alone"]].own, worths[INDEX["alone"]].opens) == (0, 0)


def test_the_root_of_the_graph_opens_most():
    *_, worths = score()

    assert max(TINY.skills, key=lambda name: worths[INDEX[name]].opens) == "root"


def test_a_last_skill_opens_nothing():
    *_, worths = score()

    assert worths[INDEX["tail"]].opens == 0


def test_a_target_weighs_its_level():
    _, wanted, _, _ = score(targets={"root": 2, "left": 5})

    assert (wanted[INDEX["root"]], wanted[INDEX["left"]], wanted[INDEX["top"]]) == (0.4, 1.0, 0.0)


def test_no_target_counts_as_reached_without_an_answer():
    _, wanted, _, _ = score(targets={"root": 1})

    assert wanted[INDEX["root"]] == 0.2


def test_a_reached_target_weighs_less():
    _, wanted, _, _ = score(*[("practice:root", 1)] * 6)

    assert wanted[INDEX["root"]] == pytest.approx(0.4 * policy.REACHED)


def test_what_a_skill_opens_is_a_norm_over_its_branches():
    beliefs, wanted, opening, _ = score()

    branches = policy.branches(PLAN, beliefs, wanted, opening, INDEX["root"])

    assert set(branches) == {INDEX["left"], INDEX["right"]}
    assert opening[INDEX["root"]] == pytest.approx(sqrt(sum(value**2 for value in branches.values())))
    assert opening[INDEX["root"]] < sum(branches.values())


def test_a_branch_is_worth_less_while_another_prerequisite_is_missing():
    targets = {"root": 1, "left": 1, "right": 1, "top": 4}
    alone = score(targets=targets)[2][INDEX["left"]]
    helped = score(*[("practice:right", 1)] * 6, targets=targets)[2][INDEX["left"]]

    assert helped > alone


def test_four_wrong_answers_in_a_row_rest_nothing_and_a_sixth_does():
    def rest(wrong):
        beliefs, _, opening, worths = score(*[("practice:root", 0)] * wrong)
        belief = beliefs[INDEX["root"]]
        effect = belief.state[0] * belief.rate * tracker.HALF
        return worths[INDEX["root"]].opens / (effect * opening[INDEX["root"]])

    assert rest(4) == pytest.approx(1.0)
    assert rest(6) == pytest.approx(0.25)


def test_growth_is_the_growth_of_the_chance_by_one_practice():
    beliefs, _, _, worths = score()
    belief = beliefs[INDEX["root"]]
    learnt, firm = belief.state[0] * belief.rate, belief.state[1] * tracker.FIRM * belief.rate / tracker.LEARN
    after = (belief.state[0] - learnt, belief.state[1] + learnt - firm, belief.state[2] + firm)

    expected = tracker.dot(after, tracker.CHANCE) - tracker.dot(belief.state, tracker.CHANCE)

    assert worths[INDEX["root"]].growth == pytest.approx(expected)
