from dataclasses import replace
from datetime import UTC, datetime, timedelta
from math import isnan

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curriculum import catalog as catalogs
from recommender import currency, errors, interactions, mastery, measures, space, tracker, training
from tests.recommender import builders

TINY = builders.tiny()
SCORED = builders.tiny(0.75)
MODEL = training.fit([builders.interactions(SCORED)], space.of(SCORED))
CBEC = catalogs.load("cbec")
BASES = [(TINY, None), (SCORED, MODEL)]


def log(catalog, rng, rows=30):
    """One learner's rows with places in a store; some at the same moment."""
    many = builders.interactions(catalog, learners=1, rows=rows, seed=int(rng.integers(1000)))
    count = len(many.item)
    when = int(builders.NOW.timestamp() * 1e6) - builders.DAY * np.sort(rng.integers(1, 60, count))[::-1]
    return replace(many, learners=("one",), when=when.astype(np.int64), seq=np.arange(10, 10 + count))


def fed(catalog, parameters, *parts):
    running = mastery.start(catalog, parameters)
    for part in parts:
        mastery.observe(running, part)
    return running


@pytest.mark.parametrize(("catalog", "parameters"), BASES)
@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_following_answer_by_answer_is_replaying_the_log_bit_for_bit(catalog, parameters, seed):
    rng = np.random.default_rng(seed)
    rows = log(catalog, rng)
    shuffled = rng.permutation(np.concatenate([np.arange(len(rows.item)), rng.integers(0, len(rows.item), 5)]))
    cuts = np.sort(rng.integers(0, len(shuffled) + 1, 3))

    whole = fed(catalog, parameters, rows)
    parts = fed(catalog, parameters, *(interactions.rows(rows, part) for part in np.split(shuffled, cuts)))

    assert mastery.estimates(parts, builders.NOW) == mastery.estimates(whole, builders.NOW)
    assert repr(parts.state) == repr(whole.state)
    assert all(
        np.array_equal(getattr(parts.history, name), getattr(whole.history, name), equal_nan=True)
        for name in interactions.ROWS
    )


def test_rows_that_are_from_no_store_all_count():
    running = fed(
        TINY, None, builders.history(TINY, ("practice:left", 1)), builders.history(TINY, ("practice:left", 1))
    )

    assert len(running.history.item) == 2


def test_answers_of_another_learner_are_refused():
    running = fed(TINY, None, builders.history(TINY, ("practice:left", 1)))
    other = replace(builders.history(TINY, ("practice:left", 1)), learners=("two",))

    with pytest.raises(errors.MismatchError, match="the same learner"):
        mastery.observe(running, other)
    with pytest.raises(errors.MismatchError, match="2 learners"):
        mastery.observe(running, builders.interactions(TINY, learners=2))


def test_a_model_of_another_catalog_is_refused():
    with pytest.raises(errors.MismatchError):
        mastery.start(CBEC, MODEL)


def test_one_skill_is_estimated_as_among_all():
    for catalog, parameters in BASES:
        running = fed(catalog, parameters, log(catalog, np.random.default_rng(1)))
        every = mastery.estimates(running, builders.NOW)

        single = [mastery.estimates(running, builders.NOW, [skill])[0] for skill in range(len(every))]
        assert single == pytest.approx(every, abs=1e-12)


def test_skills_fade_with_their_half_life():
    answers = builders.history(TINY, *[("practice:root", 1)] * 6)
    running = fed(TINY, None, answers)
    fresh, later = (mastery.estimates(running, builders.NOW + timedelta(days=days))[0] for days in (0, 90))

    assert later < fresh


def test_priors_of_other_learners_move_the_start():
    known = ((0.1, 0.2, 0.7), (0.1, 0.2, 0.7))
    priors = tracker.Priors(tuple([known] * len(TINY.skills)), tuple([tracker.CHANCE] * len(TINY.items)))

    assert mastery.estimates(mastery.start(TINY, priors=priors))[0] > mastery.estimates(mastery.start(TINY))[0]


@pytest.mark.parametrize(("catalog", "parameters"), BASES)
def test_what_was_expected_of_an_answer_comes_from_those_before(catalog, parameters):
    rows = log(catalog, np.random.default_rng(2))
    expected = mastery.expected(fed(catalog, parameters, rows))
    other = replace(rows, correct=np.where(np.arange(len(rows.item)) >= 5, 1 - rows.correct, rows.correct))
    changed = mastery.expected(fed(catalog, parameters, other))

    assert [e for e in expected[:6] if not isnan(e)] == [e for e in changed[:6] if not isnan(e)]
    assert all(0 < e < 1 for e in expected if not isnan(e))
    first = {TINY.items[name].skills[0] for name in TINY.items}
    assert sum(isnan(e) for e in expected) <= len(first)
    assert isnan(expected[0])


def test_what_a_model_expected_is_what_it_predicts_for_the_whole_log():
    rows = log(SCORED, np.random.default_rng(7), rows=60)
    rows = replace(rows, attempt=np.where(np.arange(len(rows.item)) % 3 == 1, 2.0, np.nan).astype(np.float32))
    expected = np.array(mastery.expected(fed(SCORED, MODEL, rows)))
    predicted = training.predict(rows, MODEL, space.of(SCORED))
    told = ~np.isnan(expected)

    assert told.sum() > 20
    assert expected[told] == pytest.approx(predicted[told], abs=1e-9)


def test_without_a_model_three_states_of_the_skill_are_expected():
    rows = builders.history(TINY, ("practice:root", 0), ("practice:root", 1), ("practice:root", 1))
    state = np.array(tracker.prior(TINY)[0].state)
    chance = np.array(tracker.chances(2))
    grow = np.array([[1 - tracker.LEARN, tracker.LEARN, 0], [0, 1 - tracker.FIRM, tracker.FIRM], [0, 0, 1]])
    by_hand = []
    for right in (0, 1, 1):
        by_hand.append(state @ chance)
        state = state * (chance if right else 1 - chance)
        state = state / state.sum() @ grow

    assert mastery.expected(fed(TINY, None, rows))[1:] == pytest.approx(by_hand[1:])


def test_only_late_answers_tell_how_somebody_learns_now():
    rows = builders.history(TINY, *[("practice:root", 1)] * (mastery.RECENT + 5))

    assert np.isnan(mastery.expected(fed(TINY, None, rows))).tolist() == [True] * 5 + [False] * mastery.RECENT


@pytest.mark.parametrize(("catalog", "parameters"), BASES)
@pytest.mark.parametrize("most", [1, 3, 99])
def test_the_lines_of_a_story_add_up_to_the_level_exactly_as_shown(catalog, parameters, most):
    rows = log(catalog, np.random.default_rng(5), rows=60)
    for name in catalog.skills:
        told = mastery.story(catalog, rows, parameters, name, builders.NOW, most=most)
        estimate = mastery.estimates(fed(catalog, parameters, rows), builders.NOW)[catalog.skill_index[name]]

        assert sum(move.tenths for move in told.moves) == told.tenths == round(10 * told.level)
        assert sum(move.moved for move in told.moves) == pytest.approx(told.level, abs=1e-9)
        assert told.basis == ("graph" if parameters is None else "model")
        ruled = [move for move in told.moves if move.kind == "rule"]
        assert ruled or told.level == pytest.approx(5 * estimate, abs=1e-9)


def test_a_story_tells_each_answer_with_its_evidence():
    rows = replace(
        builders.history(TINY, ("practice:root", 0), ("practice:root", 1), ("practice:right", 1), ("practice:root", 1)),
        seq=np.array([5, 6, 7, 8]),
    )
    told = mastery.story(TINY, rows, None, "root", builders.NOW, most=2)
    by_kind = {move.kind: move for move in told.moves}
    single = [move for move in told.moves if move.kind == "answer"]

    assert [move.kind for move in told.moves][:2] == ["start", "earlier"]
    assert (by_kind["earlier"].count, by_kind["earlier"].seqs) == (1, (5,))
    assert by_kind["earlier"].moved < 0
    assert [(move.seqs, move.item, move.right, move.when) for move in single] == [
        ((6,), "practice:root", True, rows.when[1]),
        ((8,), "practice:root", True, rows.when[3]),
    ]
    assert all(move.moved > 0 for move in single)
    assert by_kind["elsewhere"].seqs == (7,)


def test_a_newcomer_has_a_starting_point_alone():
    told = mastery.story(TINY, builders.history(TINY), None, "root", builders.NOW)

    assert [move.kind for move in told.moves] == ["start"]


def test_a_rule_that_is_newer_than_the_answers_is_a_line_of_the_story():
    rows = builders.history(CBEC, *[("practice:cus.low_value_eu", 1)] * 5)
    before = replace(rows, when=rows.when - 200 * builders.DAY)
    told = mastery.story(CBEC, before, None, "cus.low_value_eu", builders.NOW)
    rule = next(move for move in told.moves if move.kind == "rule")

    assert rule.item == "eu.flat_duty_2026"
    assert rule.moved < 0
    assert sum(move.tenths for move in told.moves) == told.tenths
    fresh = mastery.story(CBEC, rows, None, "cus.low_value_eu", builders.NOW)
    assert "rule" not in {move.kind for move in fresh.moves}


def test_a_rule_takes_half_of_what_was_gained_and_never_adds():
    stale = currency.Currency(0.5, 1.0, "r", "2026-07-01")

    assert mastery.held(0.8, 0.4, stale) == pytest.approx(0.6)
    assert mastery.held(0.3, 0.4, stale) == 0.3
    assert mastery.held(0.8, 0.4, currency.Currency(1.0, 1.0, None, None)) == 0.8


def test_the_state_of_earlier_is_that_of_a_shorter_log():
    rows = log(TINY, np.random.default_rng(3))
    moment = int(rows.when[9])
    running = fed(TINY, None, rows)

    assert repr(mastery.until(running, moment).state) == repr(
        fed(TINY, None, interactions.rows(rows, rows.when <= moment)).state
    )


def test_evidence_that_is_not_of_today_weighs_less():
    assert mastery.weight([0, 1, 2], [1.0, 1.0, 0.5]) == pytest.approx([2.0, 3.0, 2.0 + 1.9 / 2])


def test_many_ranges_at_once_are_those_of_one():
    means = np.array([[0.1, 0.6], [np.nan, 0.95]])
    low, high = mastery.ends(means, mastery.weight(np.full((2, 2), 6), 1.0))

    assert (low[0, 1], high[0, 1]) == pytest.approx(measures.likely(0.6, float(mastery.weight(6, 1.0))))
    assert np.isnan(low[1, 0])
    assert np.isnan(high[1, 0])


def test_the_spread_is_that_of_the_range():
    drawn = np.random.default_rng(0).beta(6 + 0.5, 4 + 0.5, 50000)

    assert mastery.spread(0.6, 10) == pytest.approx(drawn.std(), rel=0.02)
    assert isnan(mastery.spread(float("nan"), 3))


def test_a_rule_that_has_ended_is_no_line_of_a_story():
    rows = builders.history(CBEC, *[("practice:cus.low_value_eu", 1)] * 3)
    before = replace(rows, when=rows.when - 200 * builders.DAY)

    told = mastery.story(CBEC, before, None, "cus.low_value_eu", datetime(2030, 1, 1, tzinfo=UTC))

    assert "rule" not in {move.kind for move in told.moves}
