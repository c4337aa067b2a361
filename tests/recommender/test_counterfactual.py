import os
from datetime import timedelta

import numpy as np
import pytest

from curriculum import catalog
from recommender import counterfactual, reasons, recommend
from recommender.knobs import Knobs
from tests.recommender import builders, wanderers

SOAK = os.environ.get("ENTREPOT_TEST_SOAK") == "1"
CBEC = catalog.load("cbec")
TINY = builders.tiny()
GOAL = recommend.Goal("operations")
CUSTOMS = next(role for role in CBEC.roles if "cus.low_value_eu" in CBEC.roles[role].targets)


def asked(history, goal=GOAL, catalog=CBEC, knobs=None):
    return recommend.recommend(catalog, history, None, goal, builders.NOW, knobs=knobs or Knobs())


def without(history, recommendation, kind="", *, goal=GOAL, catalog=CBEC, knobs=None):
    return counterfactual.without(
        catalog, history, None, goal, builders.NOW, recommendation=recommendation, kind=kind, knobs=knobs or Knobs()
    )


@pytest.mark.timeout(900)
def test_without_the_cited_reason_nineteen_of_twenty_leave_the_first_three():
    rng, left, kinds = np.random.default_rng(20), [], set()
    for _ in range(2000 if SOAK else 24):
        history, role = wanderers.wander(CBEC, rng)
        goal = recommend.Goal(role)
        for one in asked(history, goal):
            kinds.add(one.cited)
            left.append(without(history, one, goal=goal).left)

    assert np.mean(left) >= 0.95
    assert {"goal", "opens", "review", "step_back"} <= kinds


def test_without_the_rule_there_is_no_refresh():
    ago = builders.NOW.timestamp() - 150 * 86400
    often, goal = [ago - 20 * 86400, ago - 10 * 86400, ago], recommend.Goal(CUSTOMS)
    history = wanderers.told(CBEC, ["practice:cus.low_value_eu"] * 3, [1.0] * 3, often)
    first = next(one for one in asked(history, goal) if one.kind == "refresh")

    found = without(history, first, goal=goal)

    assert (found.kind, found.left) == ("rule", True)


def test_without_the_time_that_passed_there_is_no_review():
    ago = (builders.NOW - timedelta(days=900)).timestamp()
    history = wanderers.told(CBEC, ["practice:dat.spreadsheet"], [1.0], [ago])
    first = next(one for one in asked(history) if one.kind == "review")

    assert without(history, first).left


def test_without_the_wrong_answers_there_is_no_step_back():
    known = [("practice:root", 1)] * 3 + [("practice:right", 1)] * 3 + [("practice:left", 1)]
    history = wanderers.answered(TINY, *known, *[("practice:top", 0)] * 3)
    first = asked(history, recommend.Goal("all"), TINY)[0]

    found = without(history, first, "step_back", goal=recommend.Goal("all"), catalog=TINY)

    assert first.kind == "step_back"
    assert found.left
    assert found.after[0] == "practice:top"


def test_without_the_wish_of_an_instructor_it_falls_back():
    history = wanderers.answered(CBEC)
    wanted = recommend.recommend(CBEC, history, None, GOAL, builders.NOW, count=9)[7]
    knobs = Knobs(first=(wanted.item,), proposed=(wanted.skill,))
    first = asked(history, knobs=knobs)[0]

    assert first.cited == "pinned"
    assert without(history, first, knobs=knobs).left
    assert not without(history, first, "proposed", knobs=knobs).left


def test_without_the_claim_it_is_practice():
    knobs = Knobs(claimed=frozenset({"fnd.ecom_models"}))
    first = next(one for one in asked(wanderers.answered(CBEC), knobs=knobs) if one.kind == "test_out")

    assert without(wanderers.answered(CBEC), first, "claimed", knobs=knobs).before[0] == first.item


@pytest.mark.parametrize("kind", ["evidence", "ready", "opens", "needed_for"])
def test_every_fact_can_be_taken_away_and_changes_a_score(kind):
    rng, changed = np.random.default_rng(21), []
    while len(changed) < (100 if SOAK else 6):
        history, role = wanderers.wander(CBEC, rng)
        for one in asked(history, recommend.Goal(role)):
            facts = {reason.kind: reason for reason in one.reasons}
            answered = {CBEC.items[list(CBEC.items)[item]].skills[0] for item in history.item.tolist()}
            if kind in facts and (kind != "ready" or answered.intersection(facts["ready"].skills)):
                changed.append(without(history, one, kind, goal=recommend.Goal(role)).changed)

    assert all(changed)


def test_a_reason_that_is_not_there_cannot_be_taken_away():
    history = wanderers.answered(CBEC)
    first = asked(history)[0]

    with pytest.raises(ValueError, match=r"'review' of 'practice:fnd.ecom_models': not there .* it has: ready, opens"):
        without(history, first, "review")
    with pytest.raises(ValueError, match="'no_evidence'"):
        without(history, first, "no_evidence")


def test_all_that_can_be_taken_away_are_kinds_of_reasons():
    assert set(counterfactual.REMOVABLE) == set(reasons.KINDS) - {"no_evidence"}
