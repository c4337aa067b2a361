import dataclasses
import itertools
import math
import os
from datetime import UTC, date, datetime, time, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curriculum import catalog, graph
from recommender import (
    artifact,
    candidates,
    errors,
    explain,
    interactions,
    online,
    pace,
    profile,
    reasons,
    recommend,
    space,
    tracing,
    tracker,
    trail,
    training,
)
from recommender.knobs import Knobs
from tests.curriculum import builders as curricula
from tests.recommender import builders, wanderers

SOAK = os.environ.get("ENTREPOT_TEST_SOAK") == "1"

TINY = builders.tiny()
NOW = int(builders.NOW.timestamp() * 1e6)
SCORED = builders.tiny(0.75)
CBEC = catalog.load("cbec")
OULAD = catalog.load("oulad")
SPACE = space.of(SCORED)
MODEL = training.fit([builders.interactions(SCORED)], SPACE)
PREPARED = online.prepare(MODEL, SPACE)
CBEC_MODEL = training.fit([builders.interactions(CBEC, learners=30, scores=False)], space.of(CBEC), steps=3)


def ask(*answers, catalog=TINY, role="all", parameters=None, now=builders.NOW, count=3):
    goal = recommend.Goal(role)
    return recommend.recommend(catalog, builders.history(catalog, *answers), parameters, goal, now, count=count)


def reason(recommendation, kind):
    return next((entry for entry in recommendation.reasons if entry.kind == kind), None)


def assert_sound(catalog, answers, found, role):
    """What must hold of any recommendations."""
    rows = builders.history(catalog, *answers)
    finished = recommend.done(catalog, rows)
    beliefs = tracker.track(catalog, rows)
    assert len({entry.item for entry in found}) == len(found)
    for entry in found:
        assert entry.item not in recommend.done(catalog, rows, builders.NOW)
        assert entry.item not in finished or entry.kind in {"review", "refresh", "step_back"}
        assert entry.skill in catalog.roles[role].targets
        assert entry.skill == catalog.items[entry.item].skills[0]
        assert 0 < entry.chance < 1
        assert entry.gain >= 0
        assert entry.score == entry.own + entry.opens
        assert math.fsum(part.value for part in entry.contributions) == pytest.approx(entry.logit, abs=1e-9)
        assert explain.logit(entry.chance) == pytest.approx(entry.logit, abs=1e-9)
        shown = entry.item in finished and entry.kind in {"review", "refresh"}
        for needed in () if shown else catalog.skills[entry.skill].prerequisites:
            items = [item.id for item in catalog.items.values() if needed in item.skills]
            met = beliefs[catalog.skill_index[needed]].support >= recommend.MET
            assert met or all(item in finished for item in items)
        for fact in entry.reasons:
            assert all(name in catalog.skills for name in fact.skills)
        chain = reason(entry, "needed_for")
        assert chain is None or reasons.is_chain(catalog, chain.skills)
        opens = reason(entry, "opens")
        assert opens is None or all(entry.skill in catalog.skills[name].prerequisites for name in opens.skills)
    assert [entry.score for entry in found] == sorted((entry.score for entry in found), reverse=True)


@pytest.mark.parametrize("role", sorted(CBEC.roles))
def test_a_newcomer_starts_at_the_roots_whatever_the_role(role):
    found = ask(catalog=CBEC, role=role)

    assert len(found) == 3
    assert all(CBEC.skills[entry.skill].prerequisites == () for entry in found)
    assert {entry.basis for entry in found} == {"graph"}
    assert_sound(CBEC, (), found, role)


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(sorted(CBEC.items)), st.booleans()), max_size=40),
    st.sampled_from(sorted(CBEC.roles)),
    st.booleans(),
)
def test_no_history_makes_an_unsound_recommendation(answers, role, fitted):
    found = ask(*answers, catalog=CBEC, role=role, parameters=CBEC_MODEL if fitted else None, count=5)

    assert_sound(CBEC, answers, found, role)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(sorted(OULAD.items)), st.booleans()), max_size=20))
def test_no_assessment_is_recommended_twice(answers):
    found = ask(*answers, catalog=OULAD, role="BBB", count=9)

    assert not {entry.item for entry in found} & {item for item, _ in answers}
    assert_sound(OULAD, answers, found, "BBB")


def test_a_module_goes_on_with_its_next_assessment():
    answers = [("BBB.TMA.1", 1), ("BBB.TMA.2", 1), ("BBB.CMA.1", 1), ("BBB.CMA.2", 1)]

    found = [entry.item for entry in ask(*answers, catalog=OULAD, role="BBB", count=20)]

    assert [item for item in found if "TMA" in item] == ["BBB.TMA.3", "BBB.TMA.4", "BBB.TMA.5", "BBB.TMA.6"]
    assert found[-1] == "BBB.Exam.1"


def test_an_assessment_passed_by_comes_after_those_ahead():
    answers = [("BBB.TMA.1", 1), ("BBB.TMA.4", 1)]

    found = [entry.item for entry in ask(*answers, catalog=OULAD, role="BBB", count=20)]

    assert [item for item in found if "TMA" in item] == ["BBB.TMA.5", "BBB.TMA.6", "BBB.TMA.2", "BBB.TMA.3"]


def test_the_exam_waits_for_the_assessments():
    found = [entry.item for entry in ask(catalog=OULAD, role="AAA", count=20)]

    assert "AAA.Exam.1" not in found


def test_the_exam_is_open_when_nothing_is_left_before_it():
    answers = [(f"AAA.TMA.{number}", 0) for number in range(1, 6)]

    assert [entry.item for entry in ask(*answers, catalog=OULAD, role="AAA")] == ["AAA.Exam.1"]


def test_practice_may_be_tried_again_until_it_is_right():
    assert "practice:root" in [entry.item for entry in ask(("practice:root", 0), count=9)]
    assert "practice:root" not in [entry.item for entry in ask(("practice:root", 0), ("practice:root", 1), count=9)]


def test_nothing_is_left_when_all_is_done():
    answers = [(item, 1) for item in TINY.items]

    assert ask(*answers) == []


def test_a_learner_who_answers_right_reaches_the_end_of_the_path():
    answers = []
    while found := ask(*answers, role="all", count=1):
        answers.append((found[0].item, 1))

    wanted = {item.id for item in TINY.items.values() if set(item.skills) <= set(TINY.roles["all"].targets)}
    assert {item for item, _ in answers} == wanted


def test_the_chance_of_a_model_is_the_models():
    answers = [("practice:root", 1, 0.9), ("practice:left", 0, 0.4)]
    state = online.state_of(builders.history(SCORED, *answers), PREPARED)

    for entry in ask(*answers, catalog=SCORED, parameters=MODEL):
        rows = online.rows(state, PREPARED, [SCORED.item_index[entry.item]], when=NOW)
        assert entry.basis == "model"
        assert entry.chance == pytest.approx(tracing.predict(rows, MODEL)[0], abs=1e-12)
        assert entry.logit == pytest.approx(online.score(state, PREPARED, rows.item[0], when=NOW), abs=1e-9)


def test_the_groups_of_a_model_are_named():
    (entry,) = ask(catalog=SCORED, parameters=MODEL, count=1)

    assert tuple(part.name for part in entry.contributions) == explain.MODEL_GROUPS


def test_a_catalog_without_scores_has_no_part_for_them():
    (entry,) = ask(catalog=CBEC, role="operations", parameters=CBEC_MODEL, count=1)

    assert tuple(part.name for part in entry.contributions) == explain.MODEL_GROUPS[:-1]


def test_a_cold_start_splits_into_level_difficulty_and_evidence():
    (entry,) = ask(("practice:root", 1), count=1)
    parts = {part.name: part for part in entry.contributions}

    assert tuple(parts) == explain.GRAPH_GROUPS
    assert parts["evidence"].value > 0
    assert parts["difficulty"].data["difficulty"] == recommend.declared(TINY, TINY.items[entry.item])


def test_a_cold_start_without_answers_has_no_evidence():
    (entry,) = ask(count=1)

    assert {part.name: part.value for part in entry.contributions}["evidence"] == 0
    assert reason(entry, "no_evidence").skills == (entry.skill,)


def test_the_evidence_is_the_answers_on_the_skill():
    found = ask(("practice:left", 1), ("practice:left", 0), ("practice:root", 1), count=9)
    entry = next(entry for entry in found if entry.item == "practice:left")

    assert reason(entry, "evidence").data == {"answers": 2, "right": 1, "days": 2}


def test_the_chain_leads_from_the_skill_by_its_edges():
    (entry,) = ask(count=1)

    assert entry.skill == "root"
    assert reason(entry, "needed_for").skills[0] == "root"
    assert set(reason(entry, "opens").skills) == {"left", "right"}
    assert reason(entry, "goal").data == {"role": "all", "target": 2}
    assert entry.reasons[-1].kind == "goal"


def test_a_last_skill_opens_nothing():
    answers = [(item, 1) for item in TINY.items if item != "practice:tail"]

    (entry,) = ask(*answers)

    assert reason(entry, "opens") is None
    assert reason(entry, "needed_for") is None
    assert entry.opens == 0


def test_readiness_names_the_prerequisites():
    entry = next(e for e in ask(*[("practice:root", 1)] * 3, count=9) if e.skill == "left")

    assert reason(entry, "ready").skills == ("root",)
    assert 0.5 <= reason(entry, "ready").data["readiness"] < 1


def rule_of(answers, now):
    rows = builders.history(TINY, *answers)
    ready = recommend.recommend(TINY, rows, None, recommend.Goal("all"), now, count=9)
    return reason(next(entry for entry in ready if entry.skill == "left"), "rule")


def test_a_rule_that_holds_today_is_a_reason_with_its_date():
    answers = [*[("practice:root", 1)] * 3, ("practice:left", 0)]

    fact = rule_of(answers, builders.NOW)

    assert fact.data == {"rule": "fee", "valid_from": "2026-07-01", "answers_before": 0}


def test_answers_from_before_the_rule_are_counted():
    rows = builders.history(TINY, *[("practice:root", 1)] * 3, ("practice:left", 0))
    rows = dataclasses.replace(rows, when=rows.when - 365 * builders.DAY)

    found = recommend.recommend(TINY, rows, None, recommend.Goal("all"), builders.NOW, count=9)

    assert reason(next(e for e in found if e.skill == "left"), "rule").data["answers_before"] == 1


def test_a_rule_of_tomorrow_is_no_reason_today():
    rows = builders.history(TINY, *[("practice:root", 1)] * 3)
    rows = dataclasses.replace(rows, when=rows.when - 365 * builders.DAY)
    before = datetime(2026, 6, 30, 23, tzinfo=UTC)

    found = recommend.recommend(TINY, rows, None, recommend.Goal("all"), before, count=9)

    assert reason(next(e for e in found if e.skill == "left"), "rule") is None


def test_answers_from_after_the_moment_do_not_count():
    early = builders.NOW - timedelta(days=30)

    assert ask(("practice:root", 1), now=early) == ask(now=early)


def test_any_two_goals_lead_to_other_steps():
    known = [(f"practice:{skill}", 1.0) for skill in ("fnd.ecom_models", "fnd.intl_trade", "mkt.digital_basics")] * 4
    steps = [tuple(entry.item for entry in ask(*known, catalog=CBEC, role=role, count=5)) for role in CBEC.roles]

    assert len(set(steps)) == len(CBEC.roles)


def test_the_same_question_gets_the_same_answer():
    answers = [("practice:root", 1), ("practice:left", 0)]

    assert ask(*answers) == ask(*answers)


@pytest.mark.parametrize("count", [0, 1, 4])
def test_no_more_are_given_than_asked_for(count):
    assert len(ask(catalog=CBEC, role="operations", count=count)) == count


def test_an_unknown_goal_is_refused_with_the_known_ones():
    with pytest.raises(errors.UnknownGoal, match="no role 'pilot'; known: all, short"):
        ask(role="pilot")


def test_a_model_of_another_catalog_is_refused():
    with pytest.raises(errors.MismatchError, match="the model is for another space"):
        ask(parameters=MODEL)


def test_a_model_of_another_catalog_gives_no_profile():
    with pytest.raises(errors.MismatchError, match="the model is for another space"):
        profile.profile(TINY, builders.history(TINY), MODEL, builders.NOW)


def test_a_chain_with_a_wrong_edge_is_none():
    assert reasons.is_chain(TINY, ("root", "left", "top"))
    assert not reasons.is_chain(TINY, ("root", "top"))


def test_path_of_the_graph_and_recommendations_agree_on_what_is_first():
    first = {entry.skill for entry in ask(catalog=CBEC, role="operations")}

    assert first <= set(graph.ready(CBEC, ()))


def test_the_error_tree_is_drawn_as_it_is():
    drawn = {line.split("── ")[1].split()[0] for line in errors.__doc__.splitlines() if "── " in line}
    made = {c.__name__ for c in vars(errors).values() if isinstance(c, type) and issubclass(c, errors.RecommenderError)}

    assert drawn == made - {"RecommenderError"}


def at(year, month, day, *clock):
    return datetime(year, month, day, *clock, tzinfo=UTC)


def once(item, when, *, right=1.0, catalog=CBEC):
    """A history of one answer."""
    return wanderers.told(catalog, [item], [right], [when.timestamp()])


WITH_DUTY = [role for role in sorted(CBEC.roles) if "cus.low_value_eu" in CBEC.roles[role].targets]


@pytest.mark.parametrize("role", WITH_DUTY)
def test_on_the_day_of_a_rule_whoever_showed_the_skill_gets_a_refresh_step_and_nobody_else(role):
    affected = set(CBEC.rules["eu.flat_duty_2026"].affects)
    before, after = at(2026, 6, 30, 23, 59, 59), at(2026, 7, 1)
    showed = once("practice:cus.low_value_eu", at(2026, 6, 1))
    never = once("practice:fnd.intl_trade", at(2026, 6, 1))
    failed = once("practice:cus.low_value_eu", at(2026, 6, 1), right=0.0)
    renewed = once("practice:cus.low_value_eu", at(2026, 7, 1, 0, 0, 1))
    goal = recommend.Goal(role)

    def steps(history, now):
        found = recommend.recommend(CBEC, history, None, goal, now)
        return [entry for entry in found if entry.kind == "refresh"]

    (step,) = steps(showed, after)
    assert step.skill == "cus.low_value_eu"
    assert reason(step, "rule").data["rule"] == "eu.flat_duty_2026"
    assert reason(step, "rule").data["answers_before"] == 1
    assert reason(step, "rule").seqs == (1,)
    assert recommend.look(CBEC, showed, None, goal, after).due == {"cus.low_value_eu": "refresh"}
    assert steps(showed, before) == []
    assert steps(never, after) == []
    assert steps(failed, after) == []
    assert steps(renewed, at(2026, 7, 2)) == []
    assert "cus.low_value_eu" in affected


def test_a_rule_of_low_confidence_refreshes_only_where_it_is_switched_on():
    showed = once("practice:left", at(2026, 7, 2), catalog=TINY)
    goal, now = recommend.Goal("all"), at(2026, 7, 3)
    off = recommend.look(TINY, showed, None, goal, now).due
    later = dataclasses.replace(TINY.rules["rumour"], valid_from=now.date())
    told = dataclasses.replace(TINY, rules={**TINY.rules, "rumour": later})

    on = recommend.look(told, showed, None, goal, now, also=("rumour",)).due

    assert (off, on) == ({}, {"left": "refresh"})
    assert recommend.look(told, showed, None, goal, now).due == {}


def test_what_fades_comes_back_with_its_retention():
    showed = wanderers.told(TINY, ["practice:root"], [1.0], [(builders.NOW - timedelta(days=30)).timestamp()])

    entry = next(e for e in recommend.recommend(TINY, showed, None, recommend.Goal("all"), builders.NOW))

    assert (entry.kind, entry.item, entry.cited) == ("review", "practice:root", "review")
    assert reason(entry, "review").data == {"retention": pytest.approx(0.5), "days": 30, "half_life": 30}
    assert reason(entry, "review").seqs == (1,)
    assert {part.name: part.value > 0 for part in entry.parts}["review"]
    assert entry.gain > 0


def test_the_parts_of_a_score_add_up():
    rng = np.random.default_rng(3)
    for _ in range(20):
        history, role = wanderers.wander(CBEC, rng)
        for entry in recommend.recommend(CBEC, history, None, recommend.Goal(role), builders.NOW):
            parts = {part.name: part.value for part in entry.parts}
            assert tuple(parts) == recommend.PARTS
            assert min(parts.values()) >= 0
            assert parts["gap"] + parts["review"] + parts["refresh"] + parts["back"] == entry.own
            assert entry.own + entry.opens == entry.score
            assert parts["opens"] == entry.opens


def test_three_wrong_in_a_row_lead_back_to_the_weakest_prerequisite():
    answers = [("practice:root", 1), ("practice:root", 1), ("practice:right", 1), ("practice:right", 1)]
    answers += [("practice:left", 1), *[("practice:top", 0)] * 3]
    goal = recommend.Goal("all")

    found = recommend.recommend(TINY, wanderers.answered(TINY, *answers), None, goal, builders.NOW)

    assert (found[0].kind, found[0].skill) == ("step_back", "left")
    fact = reason(found[0], "step_back")
    assert (fact.skills, fact.data, fact.seqs) == (("left", "top"), {"wrong": 3}, (6, 7, 8))
    assert "practice:top" not in [entry.item for entry in found]
    assert not found[0].help


def test_after_five_wrong_in_a_row_a_person_should_help():
    answers = [("practice:root", 0)] * 5
    outlook = recommend.look(
        TINY, wanderers.answered(TINY, *answers), None, recommend.Goal("all"), builders.NOW + timedelta(days=1)
    )

    assert outlook.recommendations[0].help
    (stuck,) = outlook.stuck
    assert (stuck.skill, stuck.wrong, stuck.back, stuck.resting, stuck.help) == ("root", 5, (), False, True)
    assert stuck.seqs == (1, 2, 3, 4, 5)


@pytest.mark.parametrize("practised", ["never", "wrong", "guessed", "wrong, then guessed"])
def test_a_weak_prerequisite_is_found_in_nine_of_ten_cases(practised):
    """Everything before a skill is known (19 of 20 answers right) but one prerequisite; the skill goes wrong."""
    rng = np.random.default_rng(8)
    history = {"never": (), "wrong": (0,), "guessed": (1,), "wrong, then guessed": (0, 1)}[practised]
    found = []
    for _ in range(60):
        role = CBEC.roles[rng.choice(sorted(CBEC.roles))]
        skill = rng.choice([name for name in role.targets if CBEC.skills[name].prerequisites])
        weak = rng.choice(CBEC.skills[skill].prerequisites)
        answers = []
        for name in graph.order(CBEC):
            if name in graph.ancestors(CBEC, skill) and name != weak and weak not in graph.ancestors(CBEC, name):
                answers += [(f"practice:{name}", float(rng.random() < 0.95)) for _ in range(3)]
        answers += [(f"practice:{weak}", right) for right in history] + [(f"practice:{skill}", 0)] * 3
        goal = recommend.Goal(role.id)
        first = recommend.recommend(CBEC, wanderers.answered(CBEC, *answers), None, goal, builders.NOW)
        found.append(weak in [entry.skill for entry in first])

    assert np.mean(found) > 0.9


@pytest.mark.parametrize("chance", [0.0, 0.2])
def test_no_learner_is_asked_the_same_thing_over_and_over(chance):
    rng, answers, run = np.random.default_rng(5), [], []
    for _ in range(60):
        history = wanderers.answered(CBEC, *answers)
        (first,) = recommend.recommend(CBEC, history, None, recommend.Goal("operations"), builders.NOW, count=1)
        run = [*run, first.item] if run[-1:] == [first.item] else [first.item]
        assert len(run) <= 3
        answers.append((first.item, float(rng.random() < chance)))


def test_where_all_is_resting_something_is_offered_but_not_ten_times_over():
    alone = catalog.parse(curricula.tiny(skills=[curricula.skill("root")], roles=[ONE], rules=[]))
    goal = recommend.Goal("one")

    def offered(wrong, now=builders.NOW):
        history = wanderers.answered(alone, *[("practice:root", 0)] * wrong)
        return [(entry.item, entry.help) for entry in recommend.recommend(alone, history, None, goal, now)]

    assert offered(3) == [("practice:root", False)]
    assert offered(9) == [("practice:root", True)]
    assert offered(10) == []
    assert offered(10, builders.NOW + timedelta(days=1)) == [("practice:root", True)]


ONE = {"id": "one", "name": curricula.names("One"), "targets": {"root": 3}}


def test_a_strong_learner_needs_fewer_steps_and_leaves_no_gap():
    role = min(CBEC.roles.values(), key=lambda role: len(role.targets))
    goal, targets = recommend.Goal(role.id), role.targets

    def settled(case, name):
        skill = CBEC.skill_index[name]
        return case.trail.skills.get(skill, candidates.trail.OnSkill()).right > 0 or candidates.known(case, skill)

    def steps(chance):
        rng, answers = np.random.default_rng(1), []
        while True:
            history = wanderers.answered(CBEC, *answers)
            case = candidates.case(CBEC, history, goal, builders.NOW)
            if all(settled(case, name) for name in targets):
                return len(answers)
            (found, *_) = candidates.find(case, most=1)
            answers.append((case.layout.ids[found.item], float(rng.random() < chance)))

    strong = steps(1.0)

    assert strong < len(targets) < steps(0.7)


def test_a_strong_learner_is_offered_a_stretch_and_a_beginner_is_not():
    right = [(item, 1) for item in ("practice:root", "practice:alone")] * 4
    hard = {**practice("hard", "left"), "difficulty": 5}
    harder = catalog.parse(curricula.tiny(items=[hard], rules=[]))
    goal = recommend.Goal("all")

    strong = recommend.recommend(harder, wanderers.answered(harder, *right), None, goal, builders.NOW)
    beginner = recommend.recommend(harder, wanderers.answered(harder), None, goal, builders.NOW)

    assert "stretch" in [entry.kind for entry in strong]
    assert {entry.band for entry in strong if entry.kind == "stretch"} == {"below"}
    assert "stretch" not in [entry.kind for entry in beginner]


def practice(name, *skills):
    return {"id": name, "activity": f"urn:tiny:{name}", "skills": list(skills), "repeatable": True}


def test_who_says_to_know_a_skill_is_offered_a_proof():
    found = ask(count=9)
    claimed = recommend.recommend(
        TINY,
        builders.history(TINY),
        None,
        recommend.Goal("all"),
        builders.NOW,
        knobs=Knobs(claimed=frozenset({"root"})),
    )

    assert [entry.kind for entry in found] == ["practice"]
    assert [entry.kind for entry in claimed] == ["test_out"]
    assert reason(claimed[0], "claimed").skills == ("root",)


def test_three_options_are_of_three_skills_where_there_are_three():
    rng = np.random.default_rng(4)
    for _ in range(40):
        history, role = wanderers.wander(CBEC, rng)
        found = recommend.recommend(CBEC, history, None, recommend.Goal(role), builders.NOW)
        assert len({entry.skill for entry in found}) == len(found) == 3


def test_a_recommendation_names_what_to_read_where_there_is_something():
    page = {"id": "page", "activity": "urn:tiny:page", "skills": ["root"], "name": curricula.names("Page")}
    read = catalog.parse(curricula.tiny(resources=[page]))

    (entry,) = recommend.recommend(read, builders.history(read), None, recommend.Goal("all"), builders.NOW)

    assert (entry.item, entry.resource) == ("practice:root", "page")


@pytest.mark.parametrize("role", CBEC.roles)
def test_each_step_of_the_shipped_catalog_names_what_to_practise_and_what_to_read(role):
    learner = [("practice:fnd.ecom_models", 1)] * 4
    now = datetime(2026, 12, 1, tzinfo=UTC)  # after the day on which somebody last looked at the lessons
    given = ask(catalog=CBEC, role=role, count=10, now=now) + ask(*learner, catalog=CBEC, role=role, count=10, now=now)

    assert len(given) > 10
    assert [entry.skill for entry in given if CBEC.items[entry.item].skills[0] != entry.skill] == []
    assert [entry.skill for entry in given if entry.resource != f"lesson:{entry.skill}"] == []


def test_the_model_is_named_by_its_digest():
    given = recommend.recommend(
        SCORED, builders.history(SCORED), MODEL, recommend.Goal("all"), builders.NOW, model="m1", count=1
    )

    assert [entry.model for entry in given] == ["m1"]
    assert [entry.model for entry in ask(catalog=SCORED, parameters=MODEL, count=1)] == [artifact.identity(MODEL)]
    assert [entry.model for entry in ask(count=1)] == [f"graph:{TINY.fingerprint[:12]}"]


def test_what_is_ready_need_not_be_replayed():
    history, role = wanderers.wander(CBEC, np.random.default_rng(6))
    laid = online.prepare(CBEC_MODEL, space.of(CBEC))
    ready = recommend.Ready(tracker.track(CBEC, history), trail.follow(CBEC, history), online.state_of(history, laid))
    goal = recommend.Goal(role)

    again = recommend.recommend(CBEC, history, CBEC_MODEL, goal, builders.NOW, ready=ready)

    assert again == recommend.recommend(CBEC, history, CBEC_MODEL, goal, builders.NOW)


def test_one_more_answer_elsewhere_does_not_reorder_what_was_shown():
    rng = np.random.default_rng(11)
    kept = []
    for _ in range(60):
        history, role = wanderers.wander(CBEC, rng)
        goal = recommend.Goal(role)
        shown = [entry.item for entry in recommend.recommend(CBEC, history, None, goal, builders.NOW)]
        elsewhere = next(
            item.id
            for item in CBEC.items.values()
            if item.skills[0] not in CBEC.roles[role].targets and CBEC.item_index[item.id] not in history.item
        )
        more = interactions.join([dataclasses.replace(history, learners=()), once(elsewhere, builders.NOW)])
        steady = recommend.recommend(CBEC, more, None, goal, builders.NOW, shown=shown)
        kept.append(len({entry.item for entry in steady} & set(shown)) / len(shown))

    assert np.mean(kept) > 0.95


def test_what_was_shown_stays_unless_another_is_clearly_better():
    goal = recommend.Goal("operations")
    history = builders.history(CBEC)
    ranked = recommend.recommend(CBEC, history, None, goal, builders.NOW, count=9)
    close = next(
        (worse, better)
        for better, worse in itertools.combinations(ranked, 2)
        if worse.score < better.score < candidates.STEADY * worse.score
    )

    steady = recommend.recommend(CBEC, history, None, goal, builders.NOW, count=9, shown=[close[0].item])

    order = [entry.item for entry in steady]
    assert order.index(close[0].item) < order.index(close[1].item)


def test_a_week_is_filled_with_what_fits_and_no_more():
    goal = recommend.Goal("operations", deadline=date(2027, 3, 1), hours=1.0)
    outlook = recommend.look(CBEC, builders.history(CBEC), None, goal, builders.NOW, spent=20.0)
    minutes = dict(zip(CBEC.items, pace.minutes(CBEC), strict=True))

    assert outlook.week
    assert sum(minutes[item] for item in outlook.week) <= 40.0
    assert outlook.week[0] == outlook.recommendations[0].item
    assert outlook.dates[0] < outlook.dates[1]
    assert outlook.urgency == 1.0
    assert recommend.look(CBEC, builders.history(CBEC), None, recommend.Goal("operations"), builders.NOW).week == ()


def test_what_does_not_fit_the_week_comes_last():
    long = {**practice("long", "root"), "minutes": 90, "difficulty": 2}
    short = {**practice("short", "alone"), "minutes": 10, "difficulty": 2}
    both = catalog.parse(curricula.tiny(meta=NO_PRACTICE, items=[long, short], roles=[PAIR], rules=[]))

    def order(**wish):
        goal = recommend.Goal("pair", **wish)
        return [entry.item for entry in recommend.recommend(both, builders.history(both), None, goal, builders.NOW)]

    assert order() == ["long", "short"]
    assert order(hours=1.0) == ["short", "long"]
    assert order(hours=2.0, deadline=builders.NOW.date()) == ["short", "long"]


NO_PRACTICE = {"id": "tiny", "name": curricula.names("Tiny"), "pass_score": None}
PAIR = {"id": "pair", "name": curricula.names("Pair"), "targets": {"root": 4, "alone": 3}}


@pytest.mark.timeout(900)
def test_hundreds_of_wanderers_get_nothing_unready_and_nothing_done():
    rng, number = np.random.default_rng(12), 0
    while number < (100_000 if SOAK else 3_000):
        history, role = wanderers.wander(CBEC, rng)
        found = recommend.recommend(CBEC, history, None, recommend.Goal(role), builders.NOW, count=20)
        number += len(found)
        assert broken(CBEC, history, found) == []


def broken(catalog, history, found):
    """Recommendations that are done or not ready, told from the rows alone."""
    supports = [belief.support for belief in tracker.track(catalog, history)]
    items = list(catalog.items.values())
    last = {
        items[item].id: (right > 0.5, when)
        for item, right, when in zip(
            history.item.tolist(), history.correct.tolist(), history.when.tolist(), strict=True
        )
    }
    wrong = []
    for entry in found:
        right, when = last.get(entry.item, (False, 0))
        days = (builders.NOW.timestamp() - when / 1e6) / 86400
        half = catalog.skills[entry.skill].half_life_days
        faded = 0.5 ** (days / half) < 0.7
        ruled = any(
            entry.skill in rule.affects
            and rule.confidence != "low"
            and when / 1e6 < datetime.combine(rule.valid_from, time(), UTC).timestamp() <= builders.NOW.timestamp()
            for rule in catalog.rules.values()
        )
        back = reason(entry, "step_back")
        if right and not (faded or ruled or (back and back.data["wrong"] >= 3)):
            wrong.append(entry)
        if right and (faded or ruled):
            continue
        for needed in catalog.skills[entry.skill].prerequisites:
            left = [item.id for item in items if needed in item.skills and not last.get(item.id, (False, 0))[0]]
            if supports[catalog.skill_index[needed]] < 0.5 and left:
                wrong.append(entry)
    return wrong
