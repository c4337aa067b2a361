import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender import errors, interactions, verbs
from tests.recommender import builders
from xapi_collector import label

TINY = builders.tiny()
SCORED = builders.tiny(0.75)


def read(*labels, catalog=TINY):
    return interactions.from_labels(labels, catalog)


def same(left, right):
    return left.learners == right.learners and all(
        np.array_equal(getattr(left, name), getattr(right, name), equal_nan=name == "score")
        for name in ("learner", "item", "correct", "score", "when")
    )


def test_a_graded_label_becomes_a_row():
    rows = read(builders.label(3, activity="urn:tiny:left", success=False))

    assert rows.learners == ("someone",)
    assert rows.item.tolist() == [TINY.item_index["practice:left"]]
    assert rows.correct.tolist() == [0.0]
    assert rows.when.tolist() == [3 * builders.DAY]


@pytest.mark.parametrize(("score", "correct"), [(0.75, 1.0), (0.74, 0.0)])
def test_the_pass_score_decides_where_there_is_a_score(score, correct):
    rows = read(builders.label(1, score=score, success=score < 0.75), catalog=SCORED)

    assert rows.correct.tolist() == [correct]
    assert rows.score.tolist() == [np.float32(score)]


def test_success_decides_where_the_catalog_has_no_pass_score():
    assert read(builders.label(1, score=0.1, success=True)).correct.tolist() == [1.0]


def test_success_decides_where_there_is_no_score():
    assert read(builders.label(1, success=False), catalog=SCORED).correct.tolist() == [0.0]


@pytest.mark.parametrize(("verb", "correct"), [(verbs.PASSED, 1.0), (verbs.FAILED, 0.0), (verbs.MASTERED, 1.0)])
def test_a_verb_that_means_success_is_enough(verb, correct):
    assert read(builders.label(1, verb=verb, success=None)).correct.tolist() == [correct]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"verb": verbs.LAUNCHED}, "not graded"),
        ({"actor": ""}, "no learner"),
        ({"activity": "urn:other"}, "unknown activity"),
        ({"activity": ""}, "unknown activity"),
        ({"success": None}, "no result"),
    ],
)
def test_what_is_left_out_is_counted_by_reason(changes, reason):
    rows = read(builders.label(1, **changes), builders.label(2))

    assert len(rows.item) == 1
    assert rows.skipped == ((reason, 1),)


def test_answers_of_a_learner_stand_in_time_order():
    rows = read(builders.label(1, timestamp=9, success=False), builders.label(2, timestamp=5, success=True))

    assert rows.when.tolist() == [5, 9]


def test_the_order_of_storing_decides_between_equal_times():
    late = builders.label(2, timestamp=5, success=False)

    assert read(late, builders.label(1, timestamp=5)).correct.tolist() == [1.0, 0.0]


def test_no_label_makes_no_row():
    rows = read()

    assert (rows.learners, len(rows.item), rows.when.dtype) == ((), 0, np.int64)


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 5), st.booleans()), max_size=20), st.randoms())
def test_a_shuffled_stream_with_repetitions_gives_the_same_rows(answers, order: random.Random):
    labels = [builders.label(n, actor=a, timestamp=t, success=s) for n, (a, t, s) in enumerate(answers, start=1)]
    again = labels + labels[: len(labels) // 2]
    order.shuffle(again)

    assert same(read(*again), read(*labels))


def test_selected_learners_keep_their_rows():
    rows = builders.interactions(TINY)
    kept = np.arange(len(rows.learners)) % 3 == 0

    chosen = interactions.select(rows, kept)

    assert chosen.learners == rows.learners[::3]
    for number, name in enumerate(chosen.learners):
        before = rows.item[rows.learner == rows.learners.index(name)]
        assert chosen.item[chosen.learner == number].tolist() == before.tolist()


def test_equal_pseudonyms_of_two_institutions_stay_two_learners():
    rows = builders.interactions(TINY, learners=5)

    both = interactions.join([rows, rows])

    assert len(both.learners) == 10
    assert both.learner.tolist() == [*rows.learner.tolist(), *(rows.learner + 5).tolist()]
    assert interactions.join([]).learners == ()


def test_later_answers_are_left_out():
    rows = builders.history(TINY, ("practice:root", 1), ("practice:left", 0))
    moment = builders.NOW.fromtimestamp(rows.when[0] / 10**6, tz=builders.NOW.tzinfo)

    assert len(interactions.until(rows, moment).item) == 1
    assert interactions.until(rows, builders.NOW) is rows


def test_a_history_is_of_one_learner():
    with pytest.raises(errors.MismatchError, match="found 40 learners; needed one learner"):
        interactions.until(builders.interactions(TINY), builders.NOW)


def test_hints_and_attempts_are_taken_from_labels():
    labels = [builders.label(1, hints=2.0, attempt=1.0, duration=30.0), builders.label(2)]

    made = interactions.from_labels(labels, builders.tiny())

    assert made.hints.tolist()[0] == 2.0
    assert made.attempt.tolist()[0] == 1.0
    assert made.seconds.tolist()[0] == 30.0
    assert np.isnan([made.hints[1], made.attempt[1], made.seconds[1]]).all()


def test_what_was_right_after_a_hint_is_not_what_a_learner_can_do_alone():
    """A request for help counts as not known (Corbett and Anderson 1995), as in the data that models are made from."""
    labels = [builders.label(one, success=True, hints=hints) for one, hints in enumerate((0.0, 1.0, 3.0, None))]

    made = interactions.from_labels(labels, builders.tiny())

    assert made.correct.tolist() == [1.0, 0.0, 0.0, 1.0]


def test_the_extensions_are_the_ones_that_the_collector_keeps():
    assert (verbs.EXTENSION_HINTS, verbs.EXTENSION_ATTEMPT) == (label.HINTS, label.ATTEMPT)
