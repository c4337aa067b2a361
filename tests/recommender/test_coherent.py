"""The arm of the experiment in which a practice counts only near the one before it, through all that recommends."""

from dataclasses import replace

import numpy as np
import pytest

from curriculum import catalog as catalogs
from recommender import arms, candidates, counterfactual, explain, policy, recommend, switch, tracker, whynot
from recommender.policy import COHERENT, PLAIN
from recommender.recommend import Goal
from tests.recommender import builders, wanderers

CBEC = catalogs.load("cbec")
PLAN = tracker.plan(CBEC)
ROLES = list(CBEC.roles)


def walks(count, seed=7, most=40):
    rng = np.random.default_rng(seed)
    return [wanderers.wander(CBEC, rng, most=most) for _ in range(count)]


def offers(history, role, **changes):
    return recommend.recommend(CBEC, history, None, Goal(role), builders.NOW, **changes)


def test_the_plain_arm_is_what_there_is_without_an_experiment():
    named = replace(PLAIN, name="an arm of its own name")
    for history, role in walks(12):
        goal = Goal(role, hours=3.0)
        looks = [recommend.look(CBEC, history, None, goal, builders.NOW, **arm) for arm in ({}, {"arm": named})]

        assert looks[0] == looks[1]


def test_every_arm_of_an_experiment_has_its_policy():
    assert {name: arm.name for name, arm in policy.ARMS.items()} == {arms.PLAIN: "plain", arms.COHERENCE: "coherence"}


def test_the_anchor_is_the_one_of_the_tracker():
    columns = [CBEC.items[item].skills[0] for item in CBEC.items]
    for history, _ in walks(20):
        mains = [CBEC.skill_index[columns[item]] for item in history.item.tolist()]

        assert policy.anchor(PLAN, mains) == tracker.replay(CBEC, history).anchor
    assert policy.anchor(PLAN, []) is None


def test_what_is_multiplied_by_nearness_is_ordered_as_the_policy_chooses():
    rng = np.random.default_rng(3)
    ways = 0
    for _ in range(300):
        scores = (rng.random(len(PLAN.order)) ** 8).tolist()
        anchor = int(rng.integers(len(scores)))
        chosen = policy.choose(PLAN, scores, rng, anchor=anchor)
        factors = policy.nearness(PLAN, scores, anchor)

        assert max(range(len(scores)), key=lambda skill: scores[skill] * factors[skill]) == chosen
        assert all(0.0 < factor <= 1.0 for factor in factors)
        far = policy.steps(PLAN, anchor)
        ways += max(far) > 1 and far[chosen] <= 1 and max(range(len(far)), key=lambda skill: scores[skill]) != chosen
    assert ways > 50


def test_where_nothing_near_leads_there_what_is_far_keeps_its_place():
    scores = [0.0] * len(PLAN.order)
    anchor = PLAN.order[0]
    far = policy.steps(PLAN, anchor)
    aim = max(range(len(far)), key=lambda skill: far[skill])
    scores[aim] = 1.0

    assert policy.nearness(PLAN, scores, anchor)[aim] >= policy.FARTHEST
    assert set(policy.nearness(PLAN, [0.0] * len(scores), anchor)) <= {
        max(policy.FARTHEST, policy.NEARER ** max(0, one - 1)) for one in far
    }


def test_parts_add_up_and_stay_what_they_are_in_either_arm():
    for history, role in walks(25):
        for arm in (PLAIN, COHERENT):
            for one in offers(history, role, arm=arm):
                assert one.score == one.own + one.opens
                assert sum(part.value for part in one.parts) == pytest.approx(one.score, abs=1e-12)
                assert explain.total(one.contributions) == pytest.approx(one.logit, abs=1e-9)


def test_the_arm_changes_what_is_recommended():
    different = sum(
        [one.item for one in offers(history, role)] != [one.item for one in offers(history, role, arm=COHERENT)]
        for history, role in walks(20)
    )

    assert different > 10


def test_a_case_of_the_arm_is_tracked_and_scored_by_it():
    (history, role) = next(walk for walk in walks(20) if len(walk[0].item) > 15)
    case = candidates.case(CBEC, history, Goal(role), builders.NOW, arm=COHERENT)

    assert case.beliefs == tracker.track(CBEC, history, coherence=True)
    assert case.beliefs != tracker.track(CBEC, history)
    assert case.opening == policy.openings(PLAN, case.beliefs, case.wanted, arm=COHERENT)
    assert case.anchor is not None
    assert candidates.case(CBEC, history, Goal(role), builders.NOW).anchor is None


def test_what_was_replayed_already_need_not_be_again():
    for history, role in walks(5):
        ready = recommend.Ready(tracker.track(CBEC, history, coherence=True))

        assert offers(history, role, arm=COHERENT, ready=ready) == offers(history, role, arm=COHERENT)


def near_offers(count):
    for history, role in walks(count):
        for one in offers(history, role, arm=COHERENT):
            yield history, role, one


def test_nearness_is_a_reason_only_where_it_is_near_and_decides():
    said = 0
    for history, role, one in near_offers(60):
        told = [reason for reason in one.reasons if reason.kind == "near"]
        if not told:
            continue
        (reason,) = told
        said += 1
        here, there = (CBEC.skill_index[name] for name in reason.skills)
        found = counterfactual.without(
            CBEC, history, None, Goal(role), builders.NOW, recommendation=one, kind="near", arm=COHERENT
        )

        assert reason.skills[0] == one.skill
        assert here in PLAN.near[there]
        assert len(reason.seqs) == 1
        assert found.left
        assert found.changed
    assert said > 10


def test_what_does_not_say_near_stays_without_it():
    stayed = 0
    for history, role, one in near_offers(25):
        if any(reason.kind == "near" for reason in one.reasons):
            continue
        case = candidates.case(CBEC, history, Goal(role), builders.NOW, arm=COHERENT)
        ready = recommend.Ready(case.beliefs)
        free = offers(history, role, arm=replace(COHERENT, near=False), ready=ready)
        if case.anchor is not None and CBEC.skill_index[one.skill] in PLAN.near[case.anchor]:
            stayed += 1

            assert one.item in [other.item for other in free]
    assert stayed > 10


def test_the_reason_that_is_cited_holds_up_the_recommendation_in_the_arm_too():
    left, asked = 0, 0
    for history, role, one in near_offers(40):
        if one.cited not in counterfactual.REMOVABLE:
            continue
        asked += 1
        left += counterfactual.without(
            CBEC, history, None, Goal(role), builders.NOW, recommendation=one, arm=COHERENT
        ).left

    assert asked > 60
    assert left >= 0.95 * asked


def test_no_plain_recommendation_says_near():
    assert not any(
        reason.kind == "near" for history, role in walks(20) for one in offers(history, role) for reason in one.reasons
    )


def test_why_not_says_that_a_thing_is_further_from_the_last_practice():
    causes = []
    for history, role in walks(12):
        case = candidates.case(CBEC, history, Goal(role), builders.NOW, arm=COHERENT)
        for one in candidates.find(case)[:8]:
            item = case.layout.ids[one.item]
            found = whynot.why_not(CBEC, history, None, Goal(role), builders.NOW, item=item, arm=COHERENT)
            causes.append(found.cause)
            if found.cause == "far":
                assert found.skills == (case.layout.skills[case.anchor],)
                assert found.factor is None
                assert 0.0 < found.ratio <= 1.0

    assert "far" in causes
    assert "lower" in causes


def test_another_goal_is_tried_out_in_the_arm_too():
    history, _ = next(walk for walk in walks(20) if len(walk[0].item) > 15)
    old, new = Goal(ROLES[0]), Goal(ROLES[1])
    told = [
        switch.compare(CBEC, history, None, old=old, new=new, now=builders.NOW, arm=arm) for arm in (PLAIN, COHERENT)
    ]

    assert told[0].carried == told[1].carried
    assert told[0].new.hours != told[1].new.hours
