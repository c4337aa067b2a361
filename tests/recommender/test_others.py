from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from curriculum import catalog as catalogs
from recommender import background, interactions, others, verbs, ways
from tests.recommender import builders, doings

TINY, CBEC = builders.tiny(), catalogs.load("cbec")
FLAT = np.zeros(len(TINY.items))


def several(count, **changes):
    """Answers of learners, with times."""
    rows = builders.interactions(TINY, learners=count, rows=30, **changes)
    return replace(rows, seconds=np.full(len(rows.item), 60.0, np.float32))


def one(history, said=None, done=None):
    return others.part(TINY, history, done, said or {}, FLAT)


def test_parts_of_learners_say_the_same_as_all_at_once():
    rows = several(60)
    said = {name: {"experience": "years"} for name in rows.learners[::2]}
    whole = others.learn(TINY, [one(rows, said)])
    split = []
    for first in range(0, 60, 7):
        own = interactions.rows(rows, (rows.learner >= first) & (rows.learner < first + 7))
        own = replace(own, learners=rows.learners[first : first + 7], learner=own.learner - first)
        split.append(one(own, said))

    parted = others.learn(TINY, split)
    assert (parted.learners, parted.sloped) == (whole.learners, whole.sloped)
    np.testing.assert_allclose(parted.counts.right, whole.counts.right)
    np.testing.assert_allclose(parted.seconds, whole.seconds)
    np.testing.assert_allclose(parted.items.above, whole.items.above)
    assert parted.offsets.logits == pytest.approx(dict(whole.offsets.logits))


def test_of_few_learners_nothing_is_said():
    few = others.learn(TINY, [one(several(others.LEAST - 1), {"0": {"age": "20-24"}})])

    assert (few.slopes, few.counts, few.offsets) == (None, None, background.NEUTRAL)
    assert np.isnan(few.seconds).all()
    assert not few.items.asked.any()


def test_an_item_of_few_learners_is_left_out_where_others_are_told():
    rows = several(200)
    kept = interactions.rows(rows, (rows.item != 2) | (rows.learner < 5))
    found = others.learn(TINY, [one(kept)])

    assert found.counts.asked[2] == found.items.asked[2] == 0
    assert np.isnan(found.seconds[2])
    assert found.items.asked[3] >= others.LEAST


def test_a_time_is_the_middle_of_learners_not_of_answers():
    rows = several(60)
    slow = rows.learners[0]
    seconds = np.where(rows.learner == 0, 6000.0, rows.seconds).astype(np.float32)
    found = others.learn(TINY, [one(replace(rows, seconds=seconds))])

    assert slow == rows.learners[0]
    assert set(found.seconds[~np.isnan(found.seconds)]) == {60.0}


def test_what_ways_do_for_all_comes_from_learners_who_used_several():
    parts = []
    for seed in range(others.LEAST + 4):
        history, done = doings.learner(
            CBEC,
            {"simulation": 0.1, "quiz": 0.01} if seed < others.LEAST else {"quiz": 0.05},
            np.random.default_rng(seed),
        )
        parts.append(others.part(CBEC, history, done, {}, np.zeros(len(CBEC.items))))
    found = others.learn(CBEC, parts)

    assert found.sloped == others.LEAST
    assert found.slopes.mean[verbs.MODES.index("simulation")] > found.slopes.mean[verbs.MODES.index("quiz")]


def test_a_background_means_what_learners_who_said_it_answered():
    rows = several(120)
    said = {name: {"experience": "years", "courses": "one two"} for name in rows.learners[:60]}
    right = np.where(rows.learner < 60, 1.0, rows.correct).astype(np.float32)
    found = others.learn(TINY, [one(replace(rows, correct=right), said)])

    assert found.offsets.learners["experience", "years"] == 60
    assert found.offsets.logits["experience", "years"] > 0.3
    assert set(found.offsets.logits) == {("experience", "years"), ("courses", "one"), ("courses", "two")}


def test_what_nobody_asked_for_means_nothing():
    rows = several(60)
    found = others.learn(TINY, [one(rows, {name: {"shoe size": "42"} for name in rows.learners})])

    assert found.offsets == background.NEUTRAL


def test_without_learners_there_is_nothing():
    found = others.learn(TINY, [])

    assert (found.learners, found.sloped, found.counts) == (0, 0, None)
    assert ways.nothing().rows == 0
