import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curriculum import catalog, graph
from recommender.simulators import bayes, worlds
from tests.recommender.simulators import builders

SHOP = catalog.load("cbec")


def edges(parents):
    return {(parent, skill) for skill, before in enumerate(parents) for parent in before}


@given(st.integers(2, 60), st.integers(0, 90), st.integers(1, 20), st.integers(0, 10**6))
@settings(max_examples=40, deadline=None)
def test_a_drawn_graph_has_no_cycle_and_the_edges_that_fit(skills, count, reach, seed):
    parents = worlds.graph(skills, count, reach, builders.luck(seed))
    room = sum(min(after, reach) for after in range(skills))

    order = worlds.order_of(parents)

    assert sorted(order) == list(range(skills))
    assert all(order.index(parent) < order.index(skill) for parent, skill in edges(parents))
    assert len(edges(parents)) == min(count, room)


def test_the_columns_of_a_drawn_graph_do_not_follow_its_order():
    parents = worlds.graph(60, 90, 5, builders.luck())

    assert any(parent > skill for parent, skill in edges(parents))


def test_a_catalog_of_a_graph_gives_the_graph_back():
    parents = worlds.graph(30, 45, 6, builders.luck())

    assert worlds.parents_of(worlds.catalog_of(parents)) == parents


def test_a_catalog_of_a_graph_has_one_item_a_skill_in_the_same_column():
    made = worlds.catalog_of(builders.CHAIN)

    assert [item.skills for item in made.items.values()] == [(skill,) for skill in made.skills]


def test_among_ready_skills_the_smallest_column_is_first():
    assert worlds.order_of(((3,), (), (), ())) == (1, 2, 3, 0)


def test_children_are_who_names_a_skill():
    assert worlds.children_of(((), (0,), (0, 1))) == ((1, 2), (2,), ())


def test_what_is_needed_is_the_goal_and_all_before_it_in_order():
    problem = worlds.Problem(worlds.catalog_of(((1,), (), (0,), ())), {2: 5})

    assert problem.needed == (1, 0, 2)
    assert problem.order == (1, 0, 2, 3)


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 1.0])
def test_wrong_edges_replace_as_many_true_ones(share):
    parents = worlds.parents_of(SHOP)

    changed = worlds.mistaken(parents, share, builders.luck())

    assert len(edges(changed)) == len(edges(parents))
    assert len(edges(parents) - edges(changed)) == round(share * len(edges(parents)))
    assert len(worlds.order_of(changed)) == len(parents)


def test_a_misled_policy_sees_the_wrong_graph_and_the_learner_learns_by_the_true_one():
    world = bayes.world(builders.CATALOG, builders.every, builders.luck())
    wrong = worlds.misled(world, 1.0, builders.luck(1))

    seen, true = wrong.draw(builders.luck(2)), world.draw(builders.luck(2))

    assert seen.problem.catalog is wrong.catalog
    assert seen.problem.parents != true.problem.parents
    assert [seen.begin().practise(skill, builders.luck(3)) for skill in range(4)] == [
        true.begin().practise(skill, builders.luck(3)) for skill in range(4)
    ]


def test_a_made_up_goal_is_between_three_skills_and_a_quarter():
    parents = worlds.graph(100, 120, 10, builders.luck())

    sizes = {len(worlds.goal(parents, builders.luck(seed))) for seed in range(300)}

    assert (min(sizes), max(sizes)) == (3, 25)


def test_a_goal_of_a_catalog_is_one_of_its_roles_with_all_skills_alike():
    roles = [{SHOP.skill_index[name]: worlds.TARGET for name in role.targets} for role in SHOP.roles.values()]

    drawn = [worlds.role(SHOP, builders.luck(seed)) for seed in range(60)]

    assert all(goal in roles for goal in drawn)
    assert all(role in drawn for role in roles)


def test_the_order_agrees_with_the_catalogs_own_questions():
    order = worlds.order_of(worlds.parents_of(SHOP))
    names = list(SHOP.skills)

    assert sorted(names[skill] for skill in order) == sorted(graph.order(SHOP))


class Done:
    def achieved(self):
        return 1.0


def test_a_learner_who_has_nothing_left_to_learn_is_drawn_again():
    problem = worlds.Problem(builders.CATALOG, {3: 5})
    tops = iter([1.0, 1.05, 4.0])

    trial = worlds.until_useful(lambda: worlds.Trial(problem, next(tops), Done))

    assert trial.top == 4.0


def test_drawing_again_ends():
    drawn = []

    def draw():
        drawn.append(1)
        return worlds.Trial(worlds.Problem(builders.CATALOG, {3: 5}), 1.0, Done)

    worlds.until_useful(draw)

    assert len(drawn) == worlds.TRIES + 1


def test_no_wrong_edge_is_put_where_there_is_no_room():
    full = ((), (0,), (0, 1))

    assert np.sum([len(before) for before in worlds.mistaken(full, 1.0, builders.luck())]) == 0
