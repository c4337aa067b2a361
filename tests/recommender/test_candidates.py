from datetime import timedelta

import numpy as np
import pytest

from curriculum import catalog
from recommender import candidates, layout, recommend, tracker
from recommender.knobs import Knobs
from tests.curriculum import builders as curricula
from tests.recommender import builders, wanderers

CBEC = catalog.load("cbec")
TINY = builders.tiny()
ALL = recommend.Goal("all")


def case(*answers, catalog=TINY, goal=ALL, **changes):
    return candidates.case(catalog, wanderers.answered(catalog, *answers), goal, builders.NOW, **changes)


def names(found, catalog=TINY):
    return [list(catalog.items)[one.item] for one in found]


def test_a_candidate_is_found_by_each_single_question_too():
    """The columns at once and one item at a time are two ways to the same answer."""
    rng = np.random.default_rng(30)
    for _ in range(20):
        history, role = wanderers.wander(CBEC, rng)
        made = candidates.case(CBEC, history, recommend.Goal(role), builders.NOW)
        found = {one.item for one in candidates.find(made, most=999)}
        for item in range(len(CBEC.items)):
            single = (
                layout.serving(CBEC, role)[item]
                and not candidates.is_done(made, item)
                and not candidates.unmet(made, item)
                and not candidates.put_away(made, item)
            )
            assert (item in found) == single


def test_the_parts_are_weighed_alike_and_order_the_candidates():
    found = candidates.find(case())

    assert [one.score for one in found] == sorted((one.score for one in found), reverse=True)
    assert all(one.own + one.opens == one.score for one in found)


def test_as_many_as_asked_for_and_what_comes_back_besides():
    ago = (builders.NOW - timedelta(days=2000)).timestamp()
    history = wanderers.told(CBEC, ["practice:ict.teamwork"], [1.0], [ago])
    made = candidates.case(CBEC, history, recommend.Goal("marketing"), builders.NOW)

    few = candidates.find(made, most=2)

    assert [one.kind for one in few].count("practice") <= 2
    assert "review" in [one.kind for one in few]


def test_of_the_items_of_a_skill_an_untried_one_comes_first():
    items = [{"id": name, "activity": f"urn:tiny:{name}", "skills": ["root"], "repeatable": True} for name in "abc"]
    meta = {"id": "tiny", "name": curricula.names("Tiny"), "pass_score": None}
    several = catalog.parse(curricula.tiny(meta=meta, items=items, rules=[]))

    assert names(candidates.find(case(("a", 0), catalog=several)), several) == ["b", "c", "a"]


def test_an_item_at_the_middle_of_the_band_comes_first():
    items = [
        {"id": f"at{hard}", "activity": f"urn:tiny:{hard}", "skills": ["root"], "repeatable": True, "difficulty": hard}
        for hard in (1, 3, 5)
    ]
    meta = {"id": "tiny", "name": curricula.names("Tiny"), "pass_score": None}
    several = catalog.parse(curricula.tiny(meta=meta, items=items, rules=[]))
    solid = [("at5", 1), ("at5", 1), ("at5", 1), ("at5", 0)]

    assert names(candidates.find(case(catalog=several)), several)[0] == "at1"
    assert names(candidates.find(case(*solid, catalog=several)), several)[0] == "at5"


def test_the_way_that_works_better_comes_first():
    items = [
        {"id": mode, "activity": f"urn:tiny:{mode}", "skills": ["root"], "repeatable": True, "mode": mode}
        for mode in ("quiz", "simulation")
    ]
    meta = {"id": "tiny", "name": curricula.names("Tiny"), "pass_score": None}
    several = catalog.parse(curricula.tiny(meta=meta, items=items, rules=[]))
    better = Knobs(modes={"simulation": 1.2})

    assert names(candidates.find(case(catalog=several)), several) == ["quiz", "simulation"]
    assert names(candidates.find(case(catalog=several, knobs=better)), several) == ["simulation", "quiz"]


def test_a_prerequisite_that_is_done_comes_back_only_after_three_more_failures():
    known = [("practice:root", 1)] * 3 + [("practice:right", 1)] * 3 + [("practice:left", 1)]
    left = TINY.item_index["practice:left"]

    two = case(*known, *[("practice:top", 0)] * 2)
    three = case(*known, *[("practice:top", 0)] * 3)
    again = case(*known, *[("practice:top", 0)] * 3, ("practice:left", 1))

    assert candidates.is_done(two, left)
    assert not candidates.is_done(three, left)
    assert candidates.is_done(again, left)


def test_what_a_strong_learner_can_prove_by_more_waits():
    right = [(f"practice:{name}", 1) for name in CBEC.roles["operations"].targets][:30]
    goal = recommend.Goal("operations")
    made = case(*right, catalog=CBEC, goal=goal)
    leapt = [one for one in candidates.find(made, most=999) if one.skill in candidates._leapt(made)]

    shown = candidates.case(
        CBEC,
        wanderers.answered(CBEC, *right),
        goal,
        builders.NOW,
        shown=[made.layout.ids[leapt[0].item], "no such item"],
    )
    stays = next(one for one in candidates.find(shown, most=999) if one.item == leapt[0].item)

    assert candidates.is_strong(made.trail)
    assert not candidates.is_strong(case(*right[:7], catalog=CBEC, goal=goal).trail)
    assert stays.weight == pytest.approx(leapt[0].weight * candidates.STEADY / candidates.LEAPT)


def test_what_the_learner_claims_is_not_passed_over_as_known():
    left = TINY.skill_index["left"]
    sure = [belief._replace(support=0.9) for belief in tracker.prior(TINY)]
    ready = candidates.Ready(beliefs=tuple(sure))

    assert candidates.known(case(("practice:top", 1), ready=ready), left) == (0,)
    assert candidates.known(case(("practice:top", 0), ready=ready), left) == ()
    assert (
        candidates.known(case(("practice:top", 1), ready=ready, knobs=Knobs(claimed=frozenset({"left"}))), left) == ()
    )


def test_beliefs_that_are_ready_are_used():
    ready = candidates.Ready(beliefs=tracker.prior(TINY))

    assert case(("practice:root", 0), ready=ready).beliefs == tracker.prior(TINY)
