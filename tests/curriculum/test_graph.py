import pytest
from hypothesis import given
from hypothesis import strategies as st

from curriculum import catalog, errors, graph
from tests.curriculum import builders

TINY = catalog.parse(builders.tiny())
CBEC = catalog.load("cbec")


def test_prerequisites_come_first_in_the_order():
    place = {name: position for position, name in enumerate(graph.order(CBEC))}

    assert len(place) == len(CBEC.skills)
    assert all(place[needed] < place[skill.id] for skill in CBEC.skills.values() for needed in skill.prerequisites)


def test_among_equals_the_order_of_the_file_holds():
    backwards = catalog.parse(builders.tiny(skills=builders.tiny()["skills"][::-1]))

    assert graph.order(TINY) == ("root", "left", "right", "top", "tail", "alone")
    assert graph.order(backwards) == ("alone", "root", "right", "left", "top", "tail")


def test_ancestors_reach_to_the_roots():
    assert graph.ancestors(TINY, "tail") == {"top", "left", "right", "root"}
    assert graph.ancestors(TINY, "root") == frozenset()


def test_descendants_are_the_other_way_round():
    for skill in CBEC.skills:
        assert all(skill in graph.ancestors(CBEC, later) for later in graph.descendants(CBEC, skill))


def test_ready_means_not_known_with_all_prerequisites_known():
    assert graph.ready(TINY, {"root", "left"}) == ("right", "alone")


def test_a_skill_unlocks_only_what_nothing_else_holds_back():
    assert graph.unlocks(TINY, "left", {"root"}) == ()
    assert graph.unlocks(TINY, "left", {"root", "right"}) == ("top",)


@given(st.sets(st.sampled_from(sorted(CBEC.skills))), st.sampled_from(sorted(CBEC.skills)))
def test_unlocks_is_what_ready_gains(known, skill):
    gained = set(graph.ready(CBEC, known | {skill})) - set(graph.ready(CBEC, known))

    assert set(graph.unlocks(CBEC, skill, known)) == gained


@pytest.mark.parametrize("role", sorted(CBEC.roles))
def test_the_path_to_a_role_breaks_no_prerequisite(role):
    known = set()
    for skill in graph.path(CBEC, role):
        assert set(CBEC.skills[skill].prerequisites) <= known
        known.add(skill)
    assert known == set(CBEC.roles[role].targets)


def test_the_path_leaves_out_what_is_known():
    assert graph.path(TINY, "all", {"root", "left"}) == ("right", "top", "tail")


def test_a_chain_is_shortest_and_made_of_edges():
    assert graph.chain(TINY, "root", {"tail"}) == ("root", "left", "top", "tail")
    assert graph.chain(TINY, "top", {"top"}) == ("top",)
    assert graph.chain(TINY, "alone", {"tail"}) == ()


@pytest.mark.parametrize("question", [graph.ancestors, graph.descendants, graph.unlocks])
def test_an_unknown_skill_is_refused(question):
    with pytest.raises(errors.UnknownReference, match="catalog 'tiny' has no skill 'nope'"):
        question(TINY, "nope")


def test_an_unknown_role_is_refused():
    with pytest.raises(errors.UnknownReference, match="no role 'nope'"):
        graph.path(TINY, "nope")
