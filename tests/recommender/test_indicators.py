from dataclasses import replace
from datetime import UTC, timedelta, timezone

import numpy as np
import pytest

from curriculum import catalog as catalogs
from recommender import activities, indicators, interactions, rhythm, verbs
from recommender.indicators import Reference
from recommender.interactions import Interactions
from tests.curriculum import builders as curricula
from tests.recommender import builders

TINY = builders.tiny()
NOW = builders.NOW
AT = int(NOW.timestamp() * 1e6)
MINUTE = 60 * 10**6
ROOT, LEFT = TINY.item_index["practice:root"], TINY.item_index["practice:left"]
QUIZ, SIMULATION, PROJECT = (verbs.MODES.index(mode) for mode in ("quiz", "simulation", "project"))
KNOWN = Reference(np.full(len(TINY.items), 100.0), np.zeros(len(TINY.items), np.bool_))


def answers(*rows):
    """Answers as (item, right, minutes ago, seconds, hints, attempt); what is left out is not known."""
    full = [(*row, *(float("nan"),) * 6)[:6] for row in rows]
    columns = list(zip(*full, strict=True)) if full else [()] * 6
    return Interactions(
        learners=("one",) if rows else (),
        learner=np.zeros(len(rows), np.int32),
        item=np.array(columns[0], np.int32),
        correct=np.array(columns[1], np.float32),
        score=np.full(len(rows), np.nan, np.float32),
        when=np.array([AT - int(minutes * MINUTE) for minutes in columns[2]], np.int64),
        seq=np.arange(100, 100 + len(rows)),
        seconds=np.array(columns[3], np.float32),
        hints=np.array(columns[4], np.float32),
        attempt=np.array(columns[5], np.float32),
    )


def work(history, mode=QUIZ, known=KNOWN):
    return indicators.work(history, np.full(len(history.item), mode, np.int8), known, NOW)


def indicate(history, *, done=None, mode=SIMULATION, known=KNOWN, mastered=(), expected=None, zone=UTC):
    made = rhythm.events(history, done, TINY)
    modes = np.full(len(history.item), mode, np.int8)
    return indicators.indicators(
        history,
        made,
        rhythm.rhythm(made, NOW, zone),
        skills=rhythm.mains(TINY)[history.item],
        used=indicators.applied(modes),
        everything=done is not None,
        known=known,
        mastered=mastered,
        expected=np.full(len(history.item), np.nan) if expected is None else expected,
        now=NOW,
        zone=zone,
    )


def test_a_newcomer_has_no_indicator():
    made = indicate(answers())

    for dimension in indicators.DIMENSIONS:
        assert all(not measure.known and measure.missing >= 1 for measure in made.of(dimension))


def test_every_measure_belongs_to_one_dimension():
    named = [name for names in indicators.DIMENSIONS.values() for name in names]

    assert sorted(named) == sorted(indicators.Indicators.__dataclass_fields__)


def test_the_same_answers_slower_are_less_efficient_and_as_accurate():
    quick = answers(*[(ROOT, right, 10 * n, 80 + n) for n, right in zip(range(9, 0, -1), [1, 0, 1] * 3, strict=True)])
    slow = replace(quick, seconds=quick.seconds * 2)
    one, other = indicate(quick), indicate(slow)

    assert other.efficiency.value < one.efficiency.value
    assert other.accuracy == one.accuracy
    assert other.knowledge == one.knowledge
    assert work(slow).within.value < work(quick).within.value
    assert work(slow).pace.value == pytest.approx(2 * work(quick).pace.value)
    assert 0 <= other.efficiency.low <= other.efficiency.value <= other.efficiency.high <= 1


def test_the_reference_time_is_half_efficient():
    assert indicate(answers(*[(ROOT, 1, n, 100) for n in (3, 2, 1)])).efficiency.value == 0.5


@pytest.mark.parametrize("known", [None, Reference(np.full(len(TINY.items), np.nan), np.zeros(len(TINY.items), bool))])
def test_without_a_reference_nothing_is_said_of_time(known):
    history = answers(*[(ROOT, 1, n, 100) for n in (3, 2, 1)])

    assert not indicate(history, known=known).efficiency.known
    assert not work(history, known=known).pace.known


def test_answers_that_are_not_right_are_not_efficient_and_untimed_ones_are_not_guessed():
    history = answers((ROOT, 0, 4, 5), (ROOT, 1, 3), (ROOT, 1, 2, 100), (ROOT, 1, 1, 0))

    assert indicate(history).efficiency.count == 1


def test_perfect_quizzes_do_not_show_application():
    made = work(answers(*[(ROOT, 1, n) for n in range(20, 0, -1)]))

    assert made.kinds["understanding"].value == 1.0
    assert (made.kinds["application"].value, made.kinds["application"].missing) == (None, 3)
    assert not made.kinds["creation"].known
    assert not indicate(answers(*[(ROOT, 1, n) for n in range(20, 0, -1)]), mode=QUIZ).accuracy.known


def test_simulations_show_application_and_projects_creation():
    history = answers(*[(ROOT, 1, n) for n in range(3, 0, -1)])

    assert work(history, SIMULATION).kinds["application"].known
    assert work(history, PROJECT).kinds["creation"].known
    assert not work(history, PROJECT).kinds["application"].known


def test_a_first_try_is_what_the_statement_says_else_what_follows_no_miss_in_the_half_hour():
    history = answers(
        (ROOT, 0, 500), (ROOT, 1, 495), (ROOT, 0, 490), (ROOT, 1, 400), (LEFT, 1, 300, 1, 0, 2), (LEFT, 1, 200, 1, 0, 1)
    )  # fmt: skip
    first, again = indicators.tries(history)

    assert first.tolist() == [True, False, True, True, False, True]
    assert again.tolist() == [1, 2, 3, -1, 5, -1]
    assert work(history).first_try.value == 0.5


def test_put_right_is_what_the_next_try_did():
    history = answers((ROOT, 0, 9), (ROOT, 1, 8), (ROOT, 0, 7), (ROOT, 0, 6), (ROOT, 1, 5), (LEFT, 0, 4))
    made = work(history).put_right

    assert (made.value, made.count) == (pytest.approx(2 / 3), 3)
    assert made.seqs == (101, 103, 104)


def test_hints_count_where_somebody_says_how_many():
    history = answers((ROOT, 1, 9, 1, 0), (ROOT, 1, 8, 1, 2), (ROOT, 1, 7, 1, 0), (ROOT, 1, 6))

    assert (work(history).unaided.value, work(history).unaided.count) == (pytest.approx(2 / 3), 3)


def test_only_the_last_weeks_tell_how_somebody_works_now():
    long_ago = indicators.WINDOW / timedelta(minutes=1) + 1

    assert work(answers(*[(ROOT, 1, long_ago)] * 5)).first_try.count == 0


def test_the_reference_is_the_median_of_others_or_what_was_declared():
    rows = [answers(*[(ROOT, 1, 1, seconds)] * 2) for seconds in (10, 20, 60, 1000)]
    rows += [answers((ROOT, 0, 1, 5), (LEFT, 1, 1, 7)), answers((ROOT, 1, 1, 0)), answers((ROOT, 1, 1))]
    many = interactions.join(replace(one, learners=(str(n),)) for n, one in enumerate(rows))

    made = indicators.reference(many, TINY, declared={"test": 90.0})
    without = indicators.reference(many, TINY, but="3")

    assert (made.seconds[ROOT], without.seconds[ROOT]) == (40.0, 20.0)
    assert np.isnan(made.seconds[LEFT])
    assert (made.seconds[TINY.item_index["test"]], made.declared.sum()) == (90.0, 1)
    assert np.isnan(indicators.reference(interactions.empty(), TINY).seconds).all()


def test_minutes_of_the_catalog_are_a_reference_unless_somebody_says_otherwise():
    items = [{"id": name, "activity": f"urn:{name}", "skills": ["root"], "minutes": 4} for name in ("one", "two")]
    known = catalogs.parse(curricula.tiny(items=items))

    made = indicators.reference(interactions.empty(), known, declared={"two": 30.0})

    assert made.seconds[[known.item_index["one"], known.item_index["two"]]].tolist() == [240.0, 30.0]


def test_spacing_is_the_share_of_returns_on_another_day():
    day = 24 * 60
    history = answers(*[(ROOT, 1, n * day) for n in (5, 4, 3, 2)], (ROOT, 1, 2 * day - 1), (ROOT, 1, 2 * day - 2))

    assert indicate(history).spacing.value == pytest.approx(3 / 5)
    assert indicate(history).spacing.seqs == (101, 102, 103, 104, 105)


def test_days_are_those_of_the_learner():
    minutes = [n * 24 * 60 + 12 * 60 + half for n in (9, 8, 7, 6) for half in (30, -30)]  # around midnight in London
    history = answers(*[(ROOT, 1, one) for one in minutes])

    utc, beijing = indicate(history).spacing, indicate(history, zone=timezone(timedelta(hours=8))).spacing

    assert (utc.value, beijing.value) == (pytest.approx(4 / 7), pytest.approx(3 / 7))


def test_persistence_is_coming_back_after_a_miss():
    day = 24 * 60
    history = answers(
        (ROOT, 0, 60 * day), (ROOT, 0, 59 * day), (ROOT, 1, 40 * day), (LEFT, 0, 30 * day), (ROOT, 0, 1 * day)
    )  # fmt: skip
    made = indicate(history).persistence

    assert made.value == pytest.approx(1 / 3)  # the miss of yesterday may still be come back to
    assert made.seqs == (100, 101, 103)


def test_knowledge_is_the_mean_over_skills_with_a_level():
    made = indicate(answers(), mastered=[(0.5, 0.1, (1, 2)), (0.9, 0.1, (2, 3))]).knowledge

    assert (made.value, made.count, made.seqs) == (pytest.approx(0.7), 2, (1, 2, 3))
    assert made.low == pytest.approx(0.7 - 1.2816 * 0.1 / 2**0.5, abs=1e-4)
    assert indicate(answers(), mastered=[(0.99, 0.2, ())]).knowledge.high == 1.0


def test_coming_back_on_the_seventh_day_is_coming_back():
    week = 7 * 24 * 60
    history = answers(*[(ROOT, 0, 9 * week - n * week) for n in range(5)])

    assert indicate(history).persistence.value == pytest.approx(4 / 5)


def test_growth_is_what_answers_were_above_the_expectation():
    history = answers(*[(ROOT, n % 4 > 0, n) for n in range(40, 0, -1)])
    expected = np.full(40, 0.5)
    expected[0] = np.nan
    made = indicate(history, expected=expected).growth

    assert made.value == pytest.approx(5 * (np.mean(history.correct[1:]) - 0.5))
    assert made.count == 39
    assert made.low > 0
    assert indicate(history, expected=np.full(40, np.nan)).growth.missing == 10


def test_questions_count_where_everything_is_known():
    labels = [
        builders.label(n, verb="http://adlnet.gov/expapi/verbs/asked", timestamp=AT - n * 5 * builders.DAY)
        for n in range(1, 8)
    ] + [builders.label(8, verb="http://adlnet.gov/expapi/verbs/asked", timestamp=AT - 57 * builders.DAY)]
    done = activities.from_labels(labels, TINY)

    made = indicate(answers(), done=done).exchange

    assert made.value == pytest.approx(7 / 8)  # in the eight weeks that count; the first was before
    assert set(made.seqs) == set(range(1, 8))
    assert not indicate(answers((ROOT, 1, 5))).exchange.known
