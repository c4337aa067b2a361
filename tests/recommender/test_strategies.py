import pytest

from curriculum import catalog
from recommender import strategies, tracker
from recommender.simulators import worlds
from recommender.simulators.worlds import Problem
from recommender.strategies import STRATEGIES
from tests.recommender.simulators import builders

SHOP = catalog.load("cbec")
FORK = worlds.catalog_of(((), (0,), (0,), (1,), ()))  # 0 -> 1 -> 3, 0 -> 2, and 4 that nobody needs
PROBLEM = Problem(FORK, {2: 5, 3: 5})
WIDE = Problem(worlds.catalog_of(((), *((0,),) * 6)), dict.fromkeys(range(1, 7), 5))  # 0 opens all that is wanted


def policy(name, problem=PROBLEM, priors=None):
    return STRATEGIES[name].make(problem, builders.luck(7), priors)


def walk(made, answers):
    """Skills that are chosen, as each choice is answered."""
    chosen = []
    for right in answers:
        chosen.append(made.choose())
        made.observe(chosen[-1], right=bool(right))
    return chosen


@pytest.mark.parametrize("name", [name for name in STRATEGIES if "placed" not in name and "priors" not in name])
def test_every_way_chooses_a_skill_of_the_graph_for_ever(name):
    for answers in ([1] * 60, [0] * 60, [1, 0] * 30):
        assert set(walk(policy(name), answers)) <= set(range(5))


@pytest.mark.parametrize(
    "name", [name for name, each in STRATEGIES.items() if each.simple and name not in {"random", "fixed"}]
)
def test_most_simple_ways_stay_with_what_the_goal_needs(name):
    assert 4 not in walk(policy(name), [1, 0, 1] * 20)


@pytest.mark.parametrize("name", [name for name, each in STRATEGIES.items() if each.simple])
def test_simple_ways_have_no_placement(name):
    made = policy(name)
    made.told(0, right=True)

    assert made.question() is None


def test_random_reaches_everything_and_among_needed_only_that():
    assert set(walk(policy("random"), [1] * 100)) == {0, 1, 2, 3, 4}
    assert set(walk(policy("random-needed"), [1] * 100)) == {0, 1, 2, 3}


def test_a_fixed_order_takes_each_once_and_begins_again():
    assert walk(policy("fixed"), [1, 0, 1, 0, 1, 0]) == [0, 1, 2, 3, 4, 0]
    assert walk(policy("fixed-needed"), [1, 0, 1, 0, 1, 0]) == [0, 1, 2, 3, 0, 1]


def test_repeating_goes_on_when_an_answer_is_right():
    assert walk(policy("repeat"), [0, 0, 1, 1, 0, 1, 1]) == [0, 0, 0, 1, 2, 2, 3]


def test_three_in_a_row_goes_on_after_three():
    assert walk(policy("three"), [1, 1, 0, 1, 1, 1, 1]) == [0, 0, 0, 0, 0, 0, 1]


def test_three_in_a_row_never_leaves_and_with_leaving_goes_elsewhere_for_five_steps():
    assert walk(policy("three"), [0] * 5) == [0] * 5
    assert walk(policy("three-leave"), [0] * 12) == [0, 0, 0, 1, 1, 1, 2, 2, 0, 0, 0, 1]


def test_where_all_are_left_the_first_one_is_tried():
    alone = Problem(FORK, {0: 5})

    assert walk(policy("three-leave", alone), [0] * 9) == [0] * 9


def test_near_the_last_skill_goes_first():
    problem = Problem(worlds.catalog_of(((), (), (1,))), {0: 5, 1: 5, 2: 5}, ((1, True),))

    assert policy("three-leave", problem).choose() == 0
    assert policy("three-leave-near", problem).choose() == 1


def test_where_all_is_done_the_weakest_comes_back():
    made = policy("repeat")
    walk(made, [1, 1, 1, 0, 1])

    assert made.choose() == 3


def test_mastery_needs_more_than_one_right_answer_and_falls_with_a_wrong_one():
    steady, shaken = policy("mastery"), policy("mastery")

    first = walk(steady, [1] * 6).count(0)
    second = walk(shaken, [1, 0, 1, 1, 1, 1, 1, 1]).count(0)

    assert first == 3
    assert second > first


def test_mastery_can_leave():
    assert walk(policy("mastery-leave"), [0] * 4) == [0, 0, 0, 1]


def test_greedy_takes_what_goes_best_among_what_is_ready():
    made = policy("greedy")

    assert walk(made, [1, 1, 0, 1]) == [0, 0, 0, 0]
    assert made.choose() == 0
    walk(made, [1, 1])
    assert made.choose() == 1


def test_greedy_takes_what_is_not_ready_where_nothing_is():
    problem = Problem(FORK, {3: 5}, ((0, True), (0, True), (0, True), (1, True), (1, True), (1, True)))

    assert policy("greedy", problem).choose() == 3


def test_greedy_comes_back_to_the_weakest_when_all_is_learnt():
    made = policy("greedy", Problem(FORK, {0: 5}))

    assert walk(made, [1, 1, 1, 1]) == [0, 0, 0, 0]


def test_the_band_prefers_what_is_ready_and_then_what_is_nearest():
    problem = Problem(FORK, {2: 5, 3: 5}, ((0, True),) * 3 + ((1, True), (1, True), (1, False)))

    assert policy("band", problem).choose() == 1


def test_the_zone_opens_with_its_prerequisites_and_closes_behind_the_learner():
    made = policy("zpdes")

    assert set(walk(made, [0, 0, 1, 1])) == {0}
    assert set(walk(made, [1, 1])) <= {0, 1, 2}
    for _ in range(4):
        made.observe(0, right=True)
    assert 0 not in {made.choose() for _ in range(50)}


def test_the_zone_prefers_what_makes_progress():
    made = policy("zpdes", Problem(worlds.catalog_of(((), ())), {0: 5, 1: 5}))
    for right in (False, False, True, True):
        made.observe(0, right=right)
    for right in (False, False, False, False):
        made.observe(1, right=right)

    chosen = [made.choose() for _ in range(300)]

    assert chosen.count(0) > 230


def test_the_zone_is_even_where_nothing_makes_progress():
    made = policy("zpdes", Problem(worlds.catalog_of(((), ())), {0: 5, 1: 5}))
    for skill in (0, 1):
        for right in (True, True, False, False, False):
            made.observe(skill, right=right)

    chosen = [made.choose() for _ in range(300)]

    assert 100 < chosen.count(0) < 200


def test_with_an_empty_zone_the_weakest_comes_back():
    made = policy("zpdes", Problem(worlds.catalog_of(((),)), {0: 5}))
    for _ in range(4):
        made.observe(0, right=True)

    assert made.choose() == 0


def test_the_path_never_chooses_what_leads_nowhere():
    assert 4 not in walk(policy("path"), [1, 0, 1, 1, 0] * 12)


def test_the_path_begins_with_what_opens_the_goal():
    assert policy("path", WIDE).choose() == 0


def test_the_path_takes_in_what_was_answered_before_the_first_step():
    known = Problem(WIDE.catalog, WIDE.targets, ((0, True),) * 6)

    assert policy("path", known).choose() != 0


def test_the_path_is_the_same_under_the_same_luck():
    assert walk(policy("path"), [1, 0, 0, 1] * 10) == walk(policy("path"), [1, 0, 0, 1] * 10)


def test_a_goal_that_is_no_role_becomes_one_with_all_that_it_builds_on():
    made, role = strategies.goal(PROBLEM)

    assert made.fingerprint == FORK.fingerprint
    assert dict(made.roles[role].targets) == {"s000": 1, "s001": 1, "s002": 5, "s003": 5}


def test_names_are_told_apart_by_what_they_are():
    assert [name for name, each in STRATEGIES.items() if each.near] == [
        "three-leave-near",
        "path-near",
        "path-priors-near",
    ]
    assert all(each.priors == ("priors" in name) for name, each in STRATEGIES.items())
    assert all(each.simple != name.startswith("path") for name, each in STRATEGIES.items())


def test_greedy_waits_for_a_prerequisite_whose_last_answer_was_wrong():
    history = ((0, True), (0, False), (0, True), (3, True), (1, False))

    assert policy("greedy", Problem(FORK, {2: 5, 3: 5}, history)).choose() == 0


def test_the_band_waits_for_a_prerequisite_below_it():
    history = ((0, True),) * 4 + ((0, False), (1, False), (2, False), (3, True), (3, False), (3, True))

    assert policy("band", Problem(FORK, {2: 5, 3: 5}, history)).choose() == 0


def test_what_others_answered_is_used_by_who_wants_it_alone():
    solid, unknown = (0.02, 0.03, 0.95), (0.9, 0.05, 0.05)
    known = tracker.Priors(((solid, solid), *[(unknown, unknown)] * 6), (tracker.CHANCE,) * 7)

    assert policy("path-priors", WIDE, known).choose() != 0
    assert policy("path", WIDE, known).choose() == 0


def place(made, right):
    asked = []
    while (skill := made.question()) is not None:
        asked.append(skill)
        made.told(skill, right=right)
    return asked


@pytest.mark.parametrize("right", [True, False])
def test_a_placement_asks_each_needed_skill_once_at_most_and_counts_no_practice(right):
    made = policy("path-placed")

    asked = place(made, right)

    assert 0 < len(asked) <= 4
    assert set(asked) <= {0, 1, 2, 3}
    assert len(set(asked)) == len(asked)
    assert all(belief.practised == 0 for belief in tracker.beliefs(made._state))


def test_a_placement_of_a_role_is_short():
    targets = {SHOP.skill_index[name]: level for name, level in SHOP.roles["operations"].targets.items()}

    assert 0 < len(place(policy("path-placed", Problem(SHOP, targets)), True)) <= 40


def test_after_a_placement_the_path_begins_where_the_learner_stands():
    able, new = policy("path-placed", WIDE), policy("path-placed", WIDE)
    place(able, True)
    place(new, False)

    assert new.choose() == 0
    assert able.choose() != 0
