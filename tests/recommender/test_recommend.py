import dataclasses
import math
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curriculum import catalog, graph
from recommender import errors, explain, features, online, profile, reasons, recommend, tracing, tracker
from tests.recommender import builders

TINY = builders.tiny()
SCORED = builders.tiny(0.75)
CBEC = catalog.load("cbec")
OULAD = catalog.load("oulad")
SPACE = features.Space(SCORED)
MODEL = tracing.fit(features.design(builders.interactions(SCORED), SPACE))
CBEC_MODEL = tracing.fit(
    features.design(builders.interactions(CBEC, learners=30, scores=False), features.Space(CBEC)), steps=3
)


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
        assert entry.item not in finished
        assert entry.skill in catalog.roles[role].targets
        assert entry.skill == catalog.items[entry.item].skills[0]
        assert 0 < entry.chance < 1
        assert entry.gain >= 0
        assert entry.score == entry.own + entry.opens
        assert math.fsum(part.value for part in entry.contributions) == pytest.approx(entry.logit, abs=1e-9)
        assert explain.logit(entry.chance) == pytest.approx(entry.logit, abs=1e-9)
        for needed in catalog.skills[entry.skill].prerequisites:
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
    state = online.state_of(builders.history(SCORED, *answers), SPACE)

    for entry in ask(*answers, catalog=SCORED, parameters=MODEL):
        rows = online.rows(state, SPACE, [SCORED.item_index[entry.item]])
        assert entry.basis == "model"
        assert entry.chance == pytest.approx(tracing.predict(rows, MODEL)[0], abs=1e-12)
        assert entry.logit == pytest.approx(online.score(state, SPACE, MODEL.weights.tolist(), rows.item[0]), abs=1e-9)


def test_the_groups_of_a_model_are_named():
    (entry,) = ask(catalog=SCORED, parameters=MODEL, count=1)

    assert tuple(part.name for part in entry.contributions) == explain.MODEL_GROUPS


def test_a_catalog_without_scores_has_no_part_for_them():
    (entry,) = ask(catalog=CBEC, role="operations", parameters=CBEC_MODEL, count=1)

    assert tuple(part.name for part in entry.contributions) == explain.MODEL_GROUPS[:-1]


@pytest.mark.parametrize("name", explain.MODEL_GROUPS)
def test_without_a_part_the_logit_loses_exactly_that_part(name):
    answers = [("practice:root", 1, 0.9), ("practice:root", 1, 0.7), ("practice:left", 0, 0.4)]
    item = SCORED.item_index["practice:left"]
    state, weights = online.state_of(builders.history(SCORED, *answers), SPACE), MODEL.weights.tolist()
    part = next(entry for entry in explain.by_model(state, SPACE, weights, item) if entry.name == name)
    kept = [0.0 if explain.group(column) == name else w for column, w in zip(SPACE.names, weights, strict=True)]

    without = online.score(state, SPACE, kept, item)

    assert part.value != 0
    assert online.score(state, SPACE, weights, item) - without == pytest.approx(part.value, abs=1e-9)


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


@pytest.mark.parametrize(
    ("column", "name"),
    [
        ("item:test", "item"),
        ("skill:root", "skill"),
        ("answers:root", "earlier_answers"),
        ("right:root", "earlier_right"),
        ("score:a", "scores"),
        ("answers", "earlier_answers"),
        ("item_right", "earlier_right"),
        ("odds", "earlier_right"),
        ("odds_skill", "earlier_right"),
        ("average_long", "recency"),
        ("lag3_same_skill", "recency"),
        ("no_gap", "recency"),
        ("score_none", "scores"),
        ("intercept", "level"),
    ],
)
def test_every_column_belongs_to_a_group(column, name):
    assert explain.group(column) == name


def test_a_group_comes_with_the_facts_behind_it():
    answers = [("practice:root", 1, 0.9), ("practice:left", 0, 0.5), ("practice:left", 1)]
    state = online.state_of(builders.history(SCORED, *answers), SPACE)

    parts = explain.by_model(state, SPACE, MODEL.weights.tolist(), SCORED.item_index["practice:left"])

    facts = {part.name: dict(part.data) for part in parts}
    assert facts["earlier_right"] == {"right": 2, "on_skill": 1}
    assert facts["earlier_answers"] == {"answers": 3, "on_skill": 2}
    assert facts["recency"]["last_on_skill"] == 1.0
    assert facts["scores"] == {"number": 2, "mean": pytest.approx(0.7)}
    assert facts["skill"] == {"skill": "left"}
