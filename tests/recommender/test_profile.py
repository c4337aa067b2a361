from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curriculum import catalog as catalogs
from recommender import (
    activities,
    background,
    indicators,
    interactions,
    mastery,
    measures,
    online,
    profile,
    rhythm,
    space,
    tracing,
    tracker,
    training,
    verbs,
    ways,
)
from tests.recommender import builders, doings

TINY = builders.tiny()
SCORED = builders.tiny(0.75)
MODEL = training.fit([builders.interactions(SCORED)], space.of(SCORED))


def of(*answers, catalog=TINY, parameters=None):
    return profile.profile(catalog, builders.history(catalog, *answers), parameters, builders.NOW)


def test_a_newcomer_has_no_estimate_at_all():
    made = of()

    assert all(state.level is None and state.answers == 0 for state in made.knowledge.values())
    assert (made.ability.share, made.first, made.last) == (None, None, None)


@pytest.mark.parametrize(("answers", "shown"), [(2, False), (3, True)])
def test_an_estimate_needs_three_answers_on_the_skill(answers, shown):
    state = of(*[("practice:left", 1)] * answers).knowledge["left"]

    assert state.answers == answers
    assert [getattr(state, name) is not None for name in ("mastery", "level", "low", "high")] == [shown] * 4


def test_answers_on_other_skills_are_no_estimate():
    assert of(*[("practice:left", 1)] * 5).knowledge["root"].level is None


def test_every_skill_of_the_catalog_is_listed_in_its_order():
    assert list(of().knowledge) == list(TINY.skills)


def test_the_level_is_five_times_the_chance_on_a_typical_item():
    made = of(*[("practice:left", 1)] * 3)
    answers = builders.history(TINY, *[("practice:left", 1)] * 3)
    belief = tracker.track(TINY, answers, now=builders.NOW)[TINY.skill_index["left"]]

    assert made.basis == "graph"
    assert made.knowledge["left"].mastery == tracker.dot(belief.state, tracker.chances(2))
    assert made.knowledge["left"].level == 5 * made.knowledge["left"].mastery


def test_with_a_model_the_chance_is_the_mean_over_the_items_of_the_skill():
    answers = [("practice:left", 1, 0.9), ("test", 0, 0.5), ("practice:left", 1, 0.8)]
    prepared = online.prepare(MODEL, space.of(SCORED))
    items = [SCORED.item_index[name] for name in ("practice:left", "test", "exam")]
    state = online.state_of(builders.history(SCORED, *answers), prepared)

    made = of(*answers, catalog=SCORED, parameters=MODEL)

    asked = int(builders.NOW.timestamp() * 1e6)
    expected = tracing.predict(online.rows(state, prepared, items, when=asked), MODEL).mean()
    assert made.basis == "model"
    assert made.knowledge["left"].mastery == pytest.approx(expected)


def test_an_item_on_two_skills_counts_for_both():
    made = of(("exam", 1), ("exam", 0))

    assert [(made.knowledge[name].answers, made.knowledge[name].right) for name in ("top", "left")] == [(2, 1), (2, 1)]


@given(st.floats(0, 1), st.floats(0.1, 50))
def test_the_likely_range_holds_the_estimate(mean, weight):
    low, high = measures.likely(mean, weight)

    assert 0 <= low <= mean <= high <= 1


def test_more_answers_narrow_the_range():
    few, many = measures.likely(0.6, 3), measures.likely(0.6, 12)

    assert many[1] - many[0] < few[1] - few[0]


def test_the_range_holds_eight_cases_in_ten():
    drawn = np.random.default_rng(0).beta(6 + 0.5, 4 + 0.5, 20000)
    low, high = measures.likely(0.6, 10)

    assert np.mean((drawn >= low) & (drawn <= high)) == pytest.approx(0.8, abs=0.01)


def test_ability_is_the_share_of_right_answers():
    made = of(("practice:root", 1), ("practice:left", 0), ("practice:root", 1), ("test", 1))

    assert (made.ability.answers, made.ability.right, made.ability.share) == (4, 3, 0.75)
    assert made.ability.low < 0.75 < made.ability.high


def test_first_and_last_are_those_of_the_history():
    rows = builders.history(TINY, ("practice:root", 1), ("practice:left", 0))

    made = profile.profile(TINY, rows, None, builders.NOW)

    assert (made.first, made.last) == (rows.when[0], rows.when[1])
    assert made.knowledge["left"].last == rows.when[1]


def test_a_skill_without_items_has_no_chance_from_a_model():
    bare = builders.catalog.parse(
        builders.curricula.tiny(
            meta={**builders.curricula.tiny()["meta"], "practice": None},
            items=[{"id": "i", "activity": "urn:i", "skills": ["root"]}],
        )
    )
    model = training.start(space.of(bare))

    chances = mastery.estimates(mastery.start(bare, model))

    assert chances[0] == 0.5
    assert np.isnan(chances[1:]).all()


CBEC = catalogs.load("cbec")
DUTY = "cus.low_value_eu"


def placed(catalog, seed=0, rows=40):
    """One learner's answers of some months, with places in a store and times taken."""
    many = builders.interactions(catalog, learners=1, rows=rows, seed=seed)
    count = len(many.item)
    rng = np.random.default_rng(seed)
    when = int(builders.NOW.timestamp() * 1e6) - builders.DAY * np.arange(90, 90 - count, -1)
    return replace(
        many,
        learners=("one",),
        when=when.astype(np.int64),
        seq=np.arange(100, 100 + count),
        seconds=rng.integers(20, 200, count).astype(np.float32),
    )


def numbers(made):
    """Every number of a profile that may be lacking: its evidence stands beside it."""
    ability = made.ability
    yield from (ability.first_try, ability.within, ability.pace, ability.unaided, ability.put_right)
    yield from ability.kinds.values()
    yield from (getattr(made.indicators, name) for name in made.indicators.__dataclass_fields__)
    yield from made.study.values()
    yield from made.ways.effects.values()
    yield from (made.rhythm.hours, made.rhythm.regular, made.rhythm.hour, made.rhythm.gap, made.rhythm.sitting)
    yield from (*made.rhythm.mix.values(), made.rhythm.help, made.goals.kept)


def test_four_blocks_of_a_newcomer_have_no_number_and_say_what_is_missing():
    made = profile.profile(CBEC, builders.history(CBEC), None, builders.NOW)

    assert all(measure.value is None and measure.missing >= 1 and measure.seqs == () for measure in numbers(made))
    assert all(state.missing == measures.ENOUGH and state.seqs == () for state in made.knowledge.values())
    assert all(0 < state.believed < 1 and 0 < state.spread < 0.5 for state in made.knowledge.values())
    assert (made.ways.best, made.goals.reached) == (None, ())


@pytest.mark.parametrize(("catalog", "parameters"), [(TINY, None), (SCORED, MODEL)])
def test_every_number_stands_on_statements_of_the_learner(catalog, parameters):
    history = placed(catalog)
    known = indicators.Reference(np.full(len(catalog.items), 90.0), np.zeros(len(catalog.items), np.bool_))
    made = profile.profile(catalog, history, parameters, builders.NOW, profile.Besides(reference=known))
    there = set(history.seq.tolist())

    for measure in numbers(made):
        assert set(measure.seqs) <= there
        assert measure.method
        if measure.known:
            assert measure.seqs
            assert measure.low <= measure.value <= measure.high
            assert measure.missing == 0
        else:
            assert measure.missing >= 1
    for state in made.knowledge.values():
        assert len(state.seqs) == state.answers
        assert state.method == ("level.graph" if parameters is None else "level.model")
    assert made.ability.seqs == tuple(history.seq.tolist())


@pytest.mark.parametrize(("catalog", "parameters"), [(TINY, None), (SCORED, MODEL)])
@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_the_profile_of_a_permuted_and_doubled_stream_is_the_same_to_the_byte(catalog, parameters, seed):
    rng = np.random.default_rng(seed)
    labels = [
        builders.label(
            number,
            timestamp=int(builders.NOW.timestamp() * 1e6) - int(rng.integers(0, 60)) * builders.DAY,
            activity=list(catalog.activities)[rng.integers(len(catalog.activities))],
            success=bool(rng.integers(2)),
            score=float(rng.random()),
            duration=float(rng.integers(5, 99)),
            verb=verbs.ANSWERED if rng.integers(4) else "http://adlnet.gov/expapi/verbs/experienced",
        )
        for number in range(1, 41)
    ]
    stream = [labels[n] for n in rng.permutation(np.concatenate([np.arange(40), rng.integers(0, 40, 15)]))]

    whole = profile.profile(
        catalog,
        interactions.from_labels(labels, catalog),
        parameters,
        builders.NOW,
        profile.Besides(activities=activities.from_labels(labels, catalog)),
    )
    running = mastery.start(catalog, parameters)
    for part in np.array_split(np.arange(len(stream)), 4):
        mastery.observe(running, interactions.from_labels([stream[n] for n in part], catalog))
    besides = profile.Besides(activities=activities.from_labels(stream, catalog))

    assert repr(profile.of_running(running, builders.NOW, besides)).encode() == repr(whole).encode()


def test_what_is_later_than_the_moment_of_asking_is_left_out():
    history = placed(TINY)
    then = datetime.fromtimestamp(history.when[7] / 1e6, UTC)
    running = mastery.start(TINY)
    mastery.observe(running, history)

    short = profile.profile(TINY, interactions.rows(history, np.arange(8)), None, then)

    assert repr(profile.profile(TINY, history, None, then)) == repr(short)
    assert repr(profile.of_running(running, then)) == repr(short)


def test_a_rule_lowers_the_currency_of_its_skills_and_takes_half_of_what_was_gained():
    last = datetime(2026, 6, 20, tzinfo=UTC)
    answers = builders.history(CBEC, *[(f"practice:{DUTY}", 1)] * 6, *[("practice:lst.title", 1)] * 4)
    answers = replace(answers, when=answers.when - builders.DAY * (builders.NOW - last).days)
    eve, morning = (datetime(2026, 6, 30, 23, 59, 59, tzinfo=UTC), datetime(2026, 7, 1, tzinfo=UTC))
    before, after = (profile.profile(CBEC, answers, None, now).knowledge for now in (eve, morning))

    assert before[DUTY].currency.rule is None
    assert (after[DUTY].currency.rule, after[DUTY].currency.since) == ("eu.flat_duty_2026", "2026-07-01")
    assert after[DUTY].currency.value == pytest.approx(before[DUTY].currency.value / 2, rel=1e-3)
    assert after[DUTY].level < before[DUTY].level - 0.3
    assert after[DUTY].spread > before[DUTY].spread
    assert after["lst.title"].currency.rule is None
    assert after["lst.title"].level == pytest.approx(before["lst.title"].level, abs=1e-3)
    aim = profile.Aim(next(name for name, role in CBEC.roles.items() if DUTY in role.targets))
    assert profile.profile(CBEC, answers, None, morning, profile.Besides(aim=aim)).goals.ruled == (DUTY,)


def test_the_trend_is_the_growth_of_the_last_weeks():
    answers = builders.history(TINY, *[("practice:left", 0)] * 4, *[("practice:left", 1)] * 6)
    old = replace(answers, when=answers.when - np.where(np.arange(10) < 4, 40 * builders.DAY, 0))
    grown = profile.profile(TINY, old, None, builders.NOW).knowledge["left"]
    then = profile.profile(TINY, old, None, builders.NOW - profile.TREND).knowledge["left"]

    assert grown.trend == pytest.approx(grown.level - then.level)
    assert grown.trend > 0
    assert profile.profile(TINY, answers, None, builders.NOW).knowledge["left"].trend is None


def test_somebody_who_did_nothing_lately_only_forgets():
    answers = builders.history(TINY, *[("practice:left", 1)] * 6)
    running = mastery.start(TINY)
    mastery.observe(running, answers)
    later = builders.NOW + 2 * profile.TREND

    made = profile.of_running(running, later)

    assert repr(made) == repr(profile.profile(TINY, answers, None, later))
    assert made.knowledge["left"].trend < 0


def test_a_background_moves_the_start_and_fades():
    effects = background.Effects({("experience", "years"): 1.0}, {("experience", "years"): 50})
    said = profile.Besides(background={"experience": "years"}, offsets=effects)

    def believed(answers, besides):
        return profile.profile(TINY, builders.history(TINY, *answers), None, builders.NOW, besides).knowledge["alone"]

    new, fresh = believed([], profile.NOTHING), believed([], said)
    assert fresh.believed > new.believed
    some = [("practice:root", 1)] * 20
    assert 0 < believed(some, said).believed - believed(some, profile.NOTHING).believed < fresh.believed - new.believed
    assert believed([], profile.Besides(background={}, offsets=effects)) == new


def test_goals_sort_the_skills_of_the_role():
    aim = profile.Aim("all", date(2027, 1, 31), 5.0)
    made = profile.profile(
        TINY, builders.history(TINY, *[("practice:root", 1)] * 9), None, builders.NOW, profile.Besides(aim=aim)
    )

    assert made.goals.aim == aim
    assert made.goals.reached == ("root",)
    assert set(made.goals.unknown) == {"left", "right", "top", "tail"}
    assert made.goals.kept.unit == "hours/week"


def test_the_preference_and_the_effects_of_all_reach_the_ways():
    history, done = doings.learner(CBEC, {"simulation": 0.08, "video": 0.01, "quiz": 0.01}, np.random.default_rng(1))
    parts = []
    for seed in range(12):
        other = doings.learner(CBEC, {"simulation": 0.08, "video": 0.01, "quiz": 0.01}, np.random.default_rng(seed))
        made = rhythm.events(*other, CBEC)
        parts.append(ways.sums(made, other[0].correct.astype(float), ways.typical(CBEC)[other[0].item]))
    besides = profile.Besides(activities=done, preferred="video", effects=ways.learn(parts))

    found = profile.profile(CBEC, history, None, builders.NOW, besides).ways

    assert (found.best, found.stated) == ("simulation", "video")


@pytest.mark.parametrize(("catalog", "parameters"), [(TINY, None), (SCORED, MODEL)])
def test_a_class_has_the_levels_of_each_ones_own_profile(catalog, parameters):
    many = builders.interactions(catalog, learners=12, rows=40, seed=4)
    once = np.flatnonzero((many.learner != 11) | (np.diff(many.learner, prepend=-1) > 0))  # the last one answered once
    many = replace(interactions.rows(many, once), seq=np.arange(len(once)))
    seen = profile.levels(catalog, many, parameters, builders.NOW)
    few = profile.levels(catalog, many, parameters, builders.NOW, skills=["left", "alone"])

    assert (seen.learners, seen.skills) == (many.learners, tuple(catalog.skills))
    for row, name in enumerate(many.learners):
        own = interactions.select(many, np.array([one == name for one in many.learners]))
        known = profile.profile(catalog, own, parameters, builders.NOW).knowledge
        for column, state in enumerate(known.values()):
            expected = [np.nan if v is None else v for v in (state.level, state.low, state.high)]
            found = [seen.level[row, column], seen.low[row, column], seen.high[row, column]]
            assert found == pytest.approx(expected, nan_ok=True)
            assert (seen.answers[row, column], seen.right[row, column]) == (state.answers, state.right)
            assert seen.newest[row, column] == (-1 if state.last is None else state.last)
            assert seen.ruled[row, column] == (state.currency is not None and state.currency.rule is not None)
        assert seen.seq[row] == own.seq.max(initial=-1)
    columns = [list(catalog.skills).index(name) for name in few.skills]
    assert few.level == pytest.approx(seen.level[:, columns], nan_ok=True)


def test_levels_of_an_earlier_moment_know_nothing_of_what_came_later():
    many = builders.interactions(TINY, learners=8, rows=30, seed=4)
    then = datetime.fromtimestamp(float(np.median(many.when)) / 1e6, UTC)

    seen = profile.levels(TINY, many, None, then)

    early = interactions.rows(many, many.when <= int(then.timestamp() * 1e6))
    assert 0 < len(early.item) < len(many.item)
    assert seen.answers.sum() == profile.levels(TINY, early, None, then).answers.sum()
    assert seen.level == pytest.approx(profile.levels(TINY, early, None, then).level, nan_ok=True)


def test_levels_of_nobody_are_none():
    nobody = profile.levels(TINY, interactions.empty(), None, builders.NOW)

    assert nobody.level.shape == (0, len(TINY.skills))


def test_an_hour_of_the_profile_is_on_the_clock_of_the_learner():
    history = placed(TINY)

    one, other = (
        profile.profile(TINY, history, None, builders.NOW, profile.Besides(zone=zone)).rhythm.hour.value
        for zone in (UTC, timezone(timedelta(hours=8)))
    )

    assert (other - one) % 24 == pytest.approx(8.0)


def test_attitude_moves_no_level_and_so_no_grade():
    history = placed(TINY)
    asked = [
        builders.label(
            number,
            verb="http://adlnet.gov/expapi/verbs/asked",
            timestamp=int(builders.NOW.timestamp() * 1e6) - number * builders.DAY,
        )
        for number in range(900, 930)
    ]
    plain = profile.profile(TINY, history, None, builders.NOW)
    besides = profile.Besides(activities=activities.from_labels(asked, TINY))
    eager = profile.profile(TINY, history, None, builders.NOW, besides)

    assert eager.indicators.exchange != plain.indicators.exchange
    assert repr(eager.knowledge) == repr(plain.knowledge)
    assert repr(eager.goals.reached) == repr(plain.goals.reached)


@pytest.mark.parametrize("parameters", [None, "model"])
def test_who_learns_faster_shows_more_growth(parameters):
    def growth(gain, seed):
        history, _ = doings.learner(CBEC, {"quiz": gain}, np.random.default_rng(seed), skills=8, rounds=9, start=0.3)
        return profile.profile(CBEC, history, known, builders.NOW).indicators.growth

    many = interactions.join(
        replace(
            doings.learner(CBEC, {"quiz": 0.04}, np.random.default_rng(seed), skills=8, rounds=9)[0],
            learners=(str(seed),),
        )
        for seed in range(100, 130)
    )
    known = None if parameters is None else training.fit([many], space.of(CBEC))

    slow, fast = ([growth(gain, seed).value for seed in range(12)] for gain in (0.0, 0.12))

    assert np.mean(fast) > np.mean(slow) + 0.3
    assert np.mean(np.array(fast) > np.mean(slow)) >= 0.75


def test_a_trend_needs_a_level_at_its_beginning():
    def trend(before):
        answers = builders.history(TINY, *[("practice:left", 1)] * (before + 1))
        early = np.where(np.arange(before + 1) < before, 40 * builders.DAY, 0)
        return (
            profile.profile(TINY, replace(answers, when=answers.when - early), None, builders.NOW)
            .knowledge["left"]
            .trend
        )

    assert trend(2) is None
    assert trend(3) is not None


def test_an_answer_at_the_beginning_of_the_trend_counts_once():
    answers = builders.history(TINY, *[("practice:left", 1)] * 4)
    moment = int((builders.NOW - profile.TREND).timestamp() * 1e6)

    made = profile.profile(
        TINY, replace(answers, when=np.sort(np.append(answers.when[1:], moment))), None, builders.NOW
    )

    assert made.knowledge["left"].answers == 4


def test_the_first_answer_is_of_the_way_of_its_item_too():
    kinds = profile.profile(TINY, builders.history(TINY, *[("test", 1)] * 3), None, builders.NOW).ability.kinds

    assert (kinds["understanding"].count, kinds["application"].count) == (3, 0)


def test_a_level_is_measured_whatever_somebody_says_of_themselves():
    effects = background.Effects({("experience", "years"): 2.0}, {("experience", "years"): 50})
    said = profile.Besides(background={"experience": "years"}, offsets=effects)
    answers = builders.history(TINY, *[("practice:left", 1)] * 4, *[("practice:root", 1)] * 2)
    plain = profile.profile(TINY, answers, None, builders.NOW)
    told = profile.profile(TINY, answers, None, builders.NOW, said)

    assert told.knowledge["left"] == plain.knowledge["left"]
    assert told.knowledge["root"].believed > plain.knowledge["root"].believed
