import itertools
from math import sqrt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curriculum import catalog
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


def test_a_low_level_is_not_reached_by_what_may_have_been_guessed():
    beliefs, wanted, *_ = score(("practice:tail", 1), targets={"tail": 1})

    assert 5 * tracker.dot(beliefs[INDEX["tail"]].state, tracker.CHANCE) > 1
    assert beliefs[INDEX["tail"]].state[0] > policy.DOUBT
    assert wanted[INDEX["tail"]] == 0.2


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
    assert rest(8) == pytest.approx(0.5**4 * policy.RESTED)


def test_growth_is_the_growth_of_the_chance_by_one_practice():
    beliefs, _, _, worths = score()
    belief = beliefs[INDEX["root"]]
    learnt, firm = belief.state[0] * belief.rate, belief.state[1] * tracker.FIRM * belief.rate / tracker.LEARN
    after = (belief.state[0] - learnt, belief.state[1] + learnt - firm, belief.state[2] + firm)

    expected = tracker.dot(after, tracker.CHANCE) - tracker.dot(belief.state, tracker.CHANCE)

    assert worths[INDEX["root"]].growth == pytest.approx(expected)


def test_making_a_skill_solid_opens_nothing_in_the_plain_arm_and_much_where_practice_must_be_near():
    beliefs, wanted, opening, plain = score(*[("practice:root", 1)] * 3)
    near = policy.worths(beliefs, wanted, opening, CHANCES, arm=policy.COHERENT)
    root = INDEX["root"]
    belief = beliefs[root]
    learnt = belief.state[0] * belief.rate
    firmed = belief.state[1] * min(tracker.FIRM * belief.rate / tracker.LEARN, 0.9)

    assert plain[root].opens == pytest.approx(learnt * tracker.HALF * opening[root])
    assert near[root].opens == pytest.approx(
        (learnt * tracker.HALF + firmed * (1 - tracker.HALF) * policy.COHERENT.firming) * opening[root]
    )
    assert plain[root].own == pytest.approx(near[root].own * policy.AGAIN)


def test_once_practised_a_skill_counts_less_for_itself_and_as_much_for_what_it_opens():
    placed = tracker.start(TINY)
    tracker.observe(placed, TINY.item_index["practice:root"], right=True, practice=False)
    asked = tracker.beliefs(placed)
    practised = [belief._replace(practised=belief.attempts) for belief in asked]
    wanted = policy.weights(asked, {INDEX[name]: 5 for name in TINY.skills}, CHANCES)
    opening = policy.openings(PLAN, asked, wanted)

    before, after = (policy.worths(beliefs, wanted, opening, CHANCES)[INDEX["root"]] for beliefs in (asked, practised))

    assert asked[INDEX["root"]].attempts == 1  # an answer of a placement is no practice
    assert (after.own, after.opens) == (pytest.approx(before.own * policy.AGAIN), before.opens)


def test_an_arm_discounts_what_lies_further():
    beliefs, wanted, plain, _ = score()

    near = policy.openings(PLAN, beliefs, wanted, arm=policy.COHERENT)

    assert near[INDEX["tail"]] == plain[INDEX["tail"]] == 0
    assert near[INDEX["top"]] == pytest.approx(plain[INDEX["top"]] * policy.COHERENT.discount / policy.DISCOUNT)


def test_arms_are_known_by_name():
    assert policy.ARMS == {"plain": policy.PLAIN, "coherence": policy.COHERENT}


def test_equal_scores_are_decided_by_luck_and_repeated_by_its_seed():
    scores = [1.0] * len(INDEX)

    def picks(seed):
        rng = np.random.default_rng(seed)
        return [policy.choose(PLAN, scores, rng) for _ in range(30)]

    assert picks(1) == picks(1)
    assert set(picks(1)) == set(range(len(INDEX)))


def test_the_best_score_is_chosen_without_luck():
    rng = np.random.default_rng(0)

    assert policy.choose(PLAN, [0.1, 0.2, 0.9, 0.3, 0.0, 0.5], rng) == 2
    assert rng.bit_generator.state == np.random.default_rng(0).bit_generator.state


def test_steps_lead_from_near_to_near():
    assert policy.steps(PLAN, INDEX["root"]) == [0, 1, 1, 2, 3, 6]
    assert list(INDEX) == ["root", "left", "right", "top", "tail", "alone"]


@pytest.mark.parametrize(
    ("scores", "chosen"),
    [
        ({"left": 0.5, "tail": 0.6}, "left"),  # the further one is worth less
        ({"root": 0.01, "left": 0.2, "right": 0.3, "tail": 1.0}, "right"),  # on the way, the better of two
        ({"alone": 1.0}, "alone"),  # no way leads there
        ({"root": 1.0}, "root"),
    ],
)
def test_with_an_anchor_the_way_is_kept_near(scores, chosen):
    found = policy.choose(
        PLAN, [scores.get(name, 0.0) for name in INDEX], np.random.default_rng(0), anchor=INDEX["root"]
    )

    assert list(INDEX)[found] == chosen


@pytest.mark.parametrize(
    ("scores", "first"),
    [
        ({"root": 0.01, "left": 0.2, "right": 0.3, "tail": 1.0}, "right"),
        ({"left": 0.4, "right": 0.3, "root": 0.01}, "left"),
        ({"alone": 1.0, "root": 0.1}, "root"),
    ],
    ids=["on the way to what is far", "near", "no way leads there"],
)
def test_nearness_puts_first_what_the_arm_chooses(scores, first):
    found = policy.nearness(PLAN, [scores.get(name, 0.0) for name in INDEX], INDEX["root"])
    near = {name: scores.get(name, 0.0) * factor for name, factor in zip(INDEX, found, strict=True)}

    assert all(0.0 < factor <= 1.0 for factor in found)
    assert max(near, key=near.__getitem__) == first


def test_nearness_leaves_to_what_is_not_on_the_way_nine_tenths_of_the_best_that_is():
    scores = {"root": 0.4, "left": 0.1, "right": 0.05, "tail": 3.0}
    found = policy.nearness(PLAN, [scores.get(name, 0.0) for name in INDEX], INDEX["root"])

    assert [found[INDEX[name]] for name in ("left", "right")] == [1.0, 1.0]
    assert 3.0 * found[INDEX["tail"]] == pytest.approx(policy.AFTER * 0.1)
    assert found[INDEX["root"]] * 0.4 < 0.1


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(sorted(TINY.items)), st.booleans()), max_size=25),
    st.sampled_from(sorted(policy.ARMS)),
)
def test_a_score_is_the_sum_of_its_two_terms_and_a_removed_term_is_missed(answers, name):
    arm = policy.ARMS[name]
    beliefs = tracker.track(TINY, builders.history(TINY, *answers))
    wanted = policy.weights(beliefs, {INDEX[k]: v for k, v in TINY.roles["all"].targets.items()}, CHANCES)
    opening = policy.openings(PLAN, beliefs, wanted, arm=arm)
    whole = policy.worths(beliefs, wanted, opening, CHANCES, arm=arm)
    own = policy.worths(beliefs, wanted, [0.0] * len(wanted), CHANCES, arm=arm)
    opens = policy.worths(beliefs, [0.0] * len(wanted), opening, CHANCES, arm=arm)

    for both, one, other in zip(whole, own, opens, strict=True):
        assert both.own + both.opens == one.own + other.opens
        assert one.opens == other.own == 0
        assert min(both.own, both.opens, both.growth) >= 0


def test_nobody_is_held_at_a_skill_that_does_not_come():
    """Always wrong: the guard goes on elsewhere long before ten times in a row."""
    cbec = catalog.load("cbec")
    chances = [tracker.chances(skill.difficulty) for skill in cbec.skills.values()]
    targets = {cbec.skill_index[name]: level for name, level in cbec.roles["operations"].targets.items()}
    plan, state, rng, trail = tracker.plan(cbec), tracker.start(cbec), np.random.default_rng(0), []
    for _ in range(60):
        beliefs = tracker.beliefs(state)
        wanted = policy.weights(beliefs, targets, chances)
        opening = policy.openings(plan, beliefs, wanted)
        scores = [worth.own + worth.opens for worth in policy.worths(beliefs, wanted, opening, chances)]
        trail.append(policy.choose(plan, scores, rng))
        tracker.observe(state, trail[-1], right=False)

    assert max(len(list(run)) for _, run in itertools.groupby(trail)) <= tracker.ENOUGH
    assert len(set(trail)) >= 5
