from curriculum import catalog
from recommender import reasons, recommend
from tests.curriculum import builders as curricula
from tests.recommender import builders, wanderers

WHY = {"root": curricula.names("Without the root nothing holds")}
EXPLAINED = catalog.parse(
    curricula.tiny(
        skills=[
            curricula.skill("root"),
            curricula.skill("left", "root", because=WHY),
            curricula.skill("right", "root"),
        ],
        roles=[{"id": "all", "name": curricula.names("All"), "targets": {"root": 2, "left": 3, "right": 3}}],
        rules=[],
    )
)


def facts(*answers, skill="root"):
    history = wanderers.answered(EXPLAINED, *answers)
    found = recommend.recommend(EXPLAINED, history, None, recommend.Goal("all"), builders.NOW, count=9)
    entry = next(one for one in found if one.skill == skill)
    return {reason.kind: reason for reason in entry.reasons}


def test_each_edge_of_a_chain_says_what_it_carries_and_why_where_the_catalog_says_it():
    edges = {(edge.before, edge.after): edge for edge in facts()["opens"].edges}

    assert set(edges) == {("root", "left"), ("root", "right")}
    assert edges["root", "left"].because == WHY["root"]
    assert edges["root", "right"].because is None
    assert {0.2 < edge.support < 0.3 for edge in edges.values()} == {True}


def test_what_comes_before_is_an_edge_too():
    (edge,) = facts(*[("practice:root", 1)] * 3, skill="left")["ready"].edges

    assert (edge.before, edge.after, edge.because) == ("root", "left", WHY["root"])
    assert edge.support > 0.5


def test_the_way_to_the_goal_goes_along_its_edges():
    way = facts()["needed_for"]

    assert [(edge.before, edge.after) for edge in way.edges] == [way.skills]


def test_evidence_names_its_statements():
    assert facts(("practice:root", 0), ("practice:left", 0), ("practice:root", 0))["evidence"].seqs == (1, 3)
    assert facts()["no_evidence"].seqs == ()


def test_the_kinds_that_are_made_are_the_kinds_that_are_named():
    assert set(facts()) <= set(reasons.KINDS)
