import dataclasses
from datetime import timedelta

import numpy as np
import pytest

from curriculum import catalog, graph
from recommender import candidates, recommend, whynot
from recommender.knobs import Knobs
from tests.curriculum import builders as curricula
from tests.recommender import builders, wanderers

TINY = builders.tiny()
CBEC = catalog.load("cbec")
ALL = recommend.Goal("all")


def why(item, *answers, catalog=TINY, goal=ALL, **changes):
    history = wanderers.answered(catalog, *answers)
    return whynot.why_not(catalog, history, None, goal, builders.NOW, item=item, **changes)


def test_what_is_recommended_has_its_rank():
    found = why("practice:root")

    assert (found.cause, found.data) == ("recommended", {"rank": 1})


def test_what_is_done_names_the_statement():
    found = why("practice:root", ("practice:root", 1))

    assert (found.cause, found.seqs) == ("done", (1,))


def test_what_the_goal_does_not_ask_for_names_the_skills():
    assert (why("practice:alone").cause, why("practice:alone").skills) == ("not_needed", ("alone",))


def test_a_prerequisite_that_is_not_met_is_named_with_what_it_carries_and_the_answers():
    found = why("practice:top", ("practice:left", 0))

    assert (found.cause, found.skills[0]) == ("prerequisite", "left")
    assert set(found.skills) == {"left", "right"}
    assert found.data["support"] < found.data["needed"] == candidates.MET
    assert found.seqs == (1,)


def test_what_an_instructor_hid_says_so_even_if_it_is_not_ready():
    assert why("practice:top", knobs=Knobs(hidden=frozenset({"practice:top"}))).cause == "hidden"
    assert why("practice:root", ("practice:root", 1), knobs=Knobs(hidden=frozenset({"root"}))).cause == "hidden"


def test_what_the_learner_set_aside_says_until_when():
    until = builders.NOW.timestamp() + 3600
    found = why("practice:root", knobs=Knobs(paused={"root": until}))

    assert (found.cause, found.data) == ("paused", {"until": until})


def test_what_rests_says_after_how_many_wrong_answers_and_where_to_go():
    known = [("practice:root", 1)] * 3 + [("practice:right", 1)] * 3
    found = why("practice:top", *known, ("practice:left", 1), ("practice:left", 1), *[("practice:top", 0)] * 3)

    assert (found.cause, found.data) == ("resting", {"wrong": 3})
    assert found.skills[0] == "left"
    assert found.seqs == (9, 10, 11)


def test_a_second_item_of_a_skill_is_behind_the_first():
    more = [{"id": name, "activity": f"urn:tiny:{name}", "skills": ["root"], "repeatable": True} for name in "ab"]
    items = [*more, {"id": "c", "activity": "urn:tiny:c", "skills": ["alone"], "repeatable": True}]
    role = {"id": "all", "name": curricula.names("All"), "targets": {"root": 3, "alone": 3}}
    twice = catalog.parse(curricula.tiny(meta=NO_PRACTICE, items=items, roles=[role], rules=[]))

    found = why("b", catalog=twice, count=2)

    assert (found.cause, found.against, found.ratio) == ("same_skill", "a", 1.0)


NO_PRACTICE = {"id": "tiny", "name": curricula.names("Tiny"), "pass_score": None}


def test_what_is_longer_than_the_week_says_both():
    goal = recommend.Goal("operations", hours=0.15)
    asked = recommend.recommend(CBEC, builders.history(CBEC), None, goal, builders.NOW, count=40)
    long = next(one for one in asked if one.minutes > 9)

    found = why(long.item, catalog=CBEC, goal=goal)

    assert (found.cause, found.data) == ("too_long", {"minutes": long.minutes, "left": pytest.approx(9.0)})


def test_what_scores_lower_names_the_smaller_part_and_the_ratio():
    goal = recommend.Goal("operations")
    asked = recommend.recommend(CBEC, builders.history(CBEC), None, goal, builders.NOW, count=9)
    last, behind = asked[2], asked[-1]

    found = why(behind.item, catalog=CBEC, goal=goal)

    assert (found.cause, found.against) == ("lower", last.item)
    assert found.ratio == pytest.approx(behind.score / last.score)
    shares = {"own": behind.own / last.own, "opens": behind.opens / last.opens}
    assert found.factor == min(shares, key=shares.get)
    assert found.data == {"own": behind.own, "opens": behind.opens, "score": behind.score}


def test_what_gives_its_place_to_another_kind_says_so():
    """One place of three is kept for what fades, however little it scores."""
    targets = CBEC.roles["operations"].targets
    last = min((name for name in targets if not graph.dependents(CBEC)[name]), key=targets.__getitem__)
    ago = builders.NOW - timedelta(days=0.6 * CBEC.skills[last].half_life_days)
    history = wanderers.told(CBEC, [f"practice:{last}"], [1.0], [ago.timestamp()])
    goal = recommend.Goal("operations")
    best = recommend.recommend(CBEC, history, None, goal, builders.NOW, knobs=Knobs(review=-1.0))
    usual = recommend.recommend(CBEC, history, None, goal, builders.NOW)
    (lost,) = {one.item for one in best} - {one.item for one in usual}

    found = whynot.why_not(CBEC, history, None, goal, builders.NOW, item=lost)

    assert (found.cause, found.against, found.skills) == ("another_kind", f"practice:{last}", (last,))


def test_what_later_answers_show_to_be_known_names_them():
    rng = np.random.default_rng(2)
    goal, answers = recommend.Goal("marketing"), []
    for _ in range(60):
        (first,) = recommend.recommend(CBEC, wanderers.answered(CBEC, *answers), None, goal, builders.NOW, count=1)
        answers.append((first.item, float(rng.random() < 1.0)))
        case = candidates.case(CBEC, wanderers.answered(CBEC, *answers), goal, builders.NOW)
        shown = [skill for skill in range(len(CBEC.skills)) if candidates.known(case, skill)]
        ready = [one for one in candidates.find(case, most=999) if one.skill in shown]
        if ready:
            break

    found = why(case.layout.ids[ready[0].item], *answers, catalog=CBEC, goal=goal)

    assert found.cause == "known"
    assert set(found.skills) <= set(CBEC.skills)
    assert found.seqs


def test_every_item_has_an_answer_for_every_learner():
    rng = np.random.default_rng(7)
    causes = set()
    for _ in range(25):
        history, role = wanderers.wander(CBEC, rng)
        goal = recommend.Goal(role)
        given = {one.item for one in recommend.recommend(CBEC, history, None, goal, builders.NOW)}
        for item in rng.choice(list(CBEC.items), 6):
            found = whynot.why_not(CBEC, history, None, goal, builders.NOW, item=str(item))
            causes.add(found.cause)
            assert found.cause in whynot.CAUSES
            assert (found.cause == "recommended") == (item in given)

    assert {"done", "not_needed", "prerequisite", "lower"} <= causes


def test_an_item_that_is_all_there_is_but_went_wrong_ten_times_rests():
    alone = catalog.parse(curricula.tiny(skills=[curricula.skill("root")], roles=[ONE], rules=[]))
    found = why("practice:root", *[("practice:root", 0)] * 10, catalog=alone, goal=recommend.Goal("one"))

    assert (found.cause, found.data) == ("resting", {"wrong": 10})


ONE = {"id": "one", "name": curricula.names("One"), "targets": {"root": 3}}


def test_an_answer_is_data():
    assert dataclasses.asdict(why("practice:root"))["item"] == "practice:root"
