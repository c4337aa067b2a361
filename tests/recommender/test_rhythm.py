from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import numpy as np
import pytest

from recommender import activities, interactions, rhythm, verbs
from recommender.interactions import Interactions
from tests.recommender import builders, doings

TINY = builders.tiny()
NOW = builders.NOW
HOUR = 3600 * 10**6
AT = int(NOW.timestamp() * 1e6)


def answers(whens, seconds=None, hints=None):
    n = len(whens)
    history = Interactions(
        learners=("one",) if n else (),
        learner=np.zeros(n, np.int32),
        item=np.zeros(n, np.int32),
        correct=np.ones(n, np.float32),
        score=np.full(n, np.nan, np.float32),
        when=np.array(whens, np.int64),
        seq=np.arange(n),
    )
    if seconds is not None:
        history = replace(history, seconds=np.full(n, seconds, np.float32))
    return history if hints is None else replace(history, hints=np.array(hints, np.float32))


def of(history, done=None, zone=UTC):
    made = rhythm.events(history, done, TINY)
    return rhythm.rhythm(made, NOW, zone)


def planned(hour, days, rng, spread=0.5, answers_each=5):
    """Sittings at an hour of the day, one on each of some days ago."""
    whens = []
    for day in sorted(days, reverse=True):
        midnight = datetime(NOW.year, NOW.month, NOW.day, tzinfo=UTC) - timedelta(days=day)
        begun = midnight + timedelta(hours=hour + rng.normal(0.0, spread))
        whens += [int(begun.timestamp() * 1e6) + minute * 60 * 10**6 for minute in range(answers_each)]
    return answers(whens)


def test_a_newcomer_has_no_habits():
    made = of(interactions.empty())

    assert made.weekly == ()
    assert not any(m.known for m in (made.hours, made.regular, made.hour, made.gap, made.sitting, made.help))
    assert dict(made.mix) == {}
    assert made.hour.missing == rhythm.SITTINGS


@pytest.mark.parametrize("hour", [0.1, 8.0, 20.5, 23.8])
def test_a_known_hour_of_the_day_is_recovered_over_midnight_too(hour):
    made = of(planned(hour, range(1, 41), np.random.default_rng(3)))

    away = (made.hour.value - hour + 12.0) % 24.0 - 12.0
    assert abs(away) < 0.3
    assert made.hour.low < made.hour.value < made.hour.high


def test_the_hour_is_on_the_clock_of_the_learner():
    history = planned(8.0, range(1, 21), np.random.default_rng(0), spread=0.0)

    assert of(history, zone=timezone(timedelta(hours=8))).hour.value == pytest.approx(16.0)


def test_work_at_all_hours_has_no_typical_hour():
    whens = [AT - 40 * 24 * HOUR + n * 25 * HOUR for n in range(24)]

    assert not of(answers(whens)).hour.known


def test_known_days_between_sittings_are_recovered():
    made = of(planned(9.0, range(1, 50, 3), np.random.default_rng(1), spread=0.2))

    assert made.gap.value == pytest.approx(3.0, abs=0.1)
    assert made.sitting.value == pytest.approx((4 * 60 + rhythm.ALONE) / 60)
    assert made.regular.value == 1.0


def test_hours_are_those_stated():
    whens = [AT - week * 7 * 24 * HOUR - 5 * HOUR - HOUR * n for week in range(8) for n in range(3)]
    made = of(answers(sorted(whens), seconds=1800))

    assert made.weekly == (1.5,) * 8
    assert (made.hours.value, made.hours.unit) == (1.5, "hours/week")
    assert made.hours.low == made.hours.high == 1.5


def test_without_durations_hours_are_bounded_by_the_time_until_the_next_statement():
    history = answers([AT - HOUR, AT - HOUR + 120 * 10**6, AT - HOUR + 20 * 60 * 10**6])
    seconds = rhythm.spent(rhythm.events(history, None, TINY))

    assert seconds.tolist() == [120.0, rhythm.LONGEST, rhythm.ALONE]


def test_weeks_before_the_beginning_are_not_counted_and_idle_ones_are():
    week = 7 * 24 * HOUR
    made = of(answers([AT - 3 * week - HOUR, AT - HOUR], seconds=3600))

    assert made.weekly == (1.0, 0.0, 0.0, 1.0)
    assert made.regular.value == 0.5


def test_work_of_long_ago_is_no_habit_of_now():
    made = of(answers([AT - 400 * 24 * HOUR] * 9, seconds=60))

    assert made.weekly == (0.0,) * rhythm.WEEKS
    assert made.hours.value == 0.0


def test_a_pause_longer_than_half_an_hour_begins_a_sitting():
    made = rhythm.events(answers([AT - HOUR, AT - HOUR // 2, AT + 1]), None, TINY)

    assert rhythm.sittings(made).tolist() == [0, 0, 1]


def test_the_mix_adds_up():
    _, done = doings.learner(TINY, {"video": 0.0, "simulation": 0.0, "quiz": 0.0}, np.random.default_rng(0), skills=4)
    made = of(interactions.empty(), done)

    assert sum(share.value for share in made.mix.values()) == pytest.approx(1.0)
    assert set(made.mix) == {"video", "simulation", "quiz"}


def test_each_statement_counts_once_and_an_answer_has_the_way_of_its_activity():
    history, done = doings.learner(TINY, {"video": 0.0, "quiz": 0.0}, np.random.default_rng(0), skills=2)
    scene = verbs.MODES.index("scene")
    done = replace(done, mode=np.where(done.mode == doings.QUIZ, scene, done.mode).astype(np.int8))

    made = rhythm.events(history, done, TINY)

    assert len(made.when) == len(done.when)
    assert sorted(made.row[made.row >= 0].tolist()) == list(range(len(history.item)))
    assert set(made.mode[made.row >= 0].tolist()) == {scene}
    assert (np.diff(made.when) >= 0).all()


def test_an_answer_that_the_activities_do_not_have_is_a_quiz():
    made = rhythm.events(answers([AT - HOUR]), activities.empty(), TINY)

    assert made.mode.tolist() == [doings.QUIZ]


def test_hints_and_questions_are_help():
    history = answers([AT - n * HOUR for n in range(6, 0, -1)], hints=[1, 0, 0, 0, 0, 0])

    assert of(history).help.value == pytest.approx(1 / 6)


SOURCED = {
    "time": {"verb": "http://adlnet.gov/expapi/verbs/terminated", "duration": 600.0},
    "content": {"verb": verbs.LAUNCHED},
    "progress": {"verb": "http://adlnet.gov/expapi/verbs/progressed"},
    "answers": {"verb": verbs.ANSWERED},
    "questions": {"verb": "http://adlnet.gov/expapi/verbs/asked"},
    "pages": {"verb": "http://adlnet.gov/expapi/verbs/experienced"},
    "notes": {"verb": "http://risc-inc.com/annotator/verbs/annotated"},
}


@pytest.mark.parametrize("source", verbs.SOURCES)
def test_a_statement_of_a_source_moves_its_part_of_the_profile_and_no_other(source):
    labels = [builders.label(9, **SOURCED[source])]
    done, history = activities.from_labels(labels, TINY), interactions.from_labels(labels, TINY)

    told = rhythm.study(rhythm.events(history, done, TINY))

    assert {name for name, measure in told.items() if measure.known} == {source}
    assert (told[source].value, told[source].seqs) == (10.0 if source == "time" else 1.0, (9,))
    assert all(measure.missing == 1 for name, measure in told.items() if name != source)
