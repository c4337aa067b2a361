import dataclasses
import math
import os

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recommender import errors, features, interactions, online, space, training
from recommender.interactions import Interactions
from tests.recommender import builders

CATALOGS = {"plain": builders.tiny(), "scored": builders.tiny(0.75)}
MODELS = {
    kind: training.fit([builders.interactions(catalog, learners=80)], space.of(catalog))
    for kind, catalog in CATALOGS.items()
}
HOUR = 3600 * 10**6
EXAMPLES = 400 if os.environ.get("ENTREPOT_TEST_SOAK") == "1" else 25


def column(design, name):
    place = features.names(design.space).index(name)
    return design.dense[:, place]


@st.composite
def answers(draw, catalog):
    """Interactions of a few learners with any items, outcomes, scores, times and what statements may carry."""
    sizes = draw(st.lists(st.integers(1, 14), min_size=1, max_size=4))
    total = sum(sizes)
    item = draw(st.lists(st.integers(0, len(catalog.items) - 1), min_size=total, max_size=total))
    correct = draw(st.lists(st.booleans(), min_size=total, max_size=total))
    maybe = st.one_of(st.none(), st.floats(0, 1, width=32))
    told = [draw(st.lists(maybe, min_size=total, max_size=total)) for _ in range(3)]
    score, seconds, hints = ([math.nan if value is None else value for value in values] for values in told)
    steps = draw(st.lists(st.integers(0, 2000), min_size=total, max_size=total))
    return Interactions(
        learners=tuple(str(number) for number in range(len(sizes))),
        learner=np.repeat(np.arange(len(sizes)), sizes).astype(np.int32),
        item=np.array(item, np.int32),
        correct=np.array(correct, np.float32),
        score=np.array(score, np.float32),
        when=np.cumsum(np.array(steps, np.int64)) * HOUR,
        seconds=np.array(seconds, np.float32) * 100,
        hints=np.round(np.array(hints, np.float32) * 3),
    )


@pytest.mark.parametrize("kind", CATALOGS)
def test_the_columns_are_counted_and_named(kind):
    columns = space.of(CATALOGS[kind])

    assert len(features.weight_names(columns)) == len(set(features.weight_names(columns)))
    assert len(features.weight_names(columns)) == features.dimension(columns) == len(MODELS[kind].weights)
    assert features.names(columns)[-1] == "intercept"
    assert ("score_mean" in features.names(columns)) == (kind == "scored")


@pytest.mark.parametrize("kind", CATALOGS)
@settings(max_examples=EXAMPLES, deadline=None)
@given(data=st.data())
def test_one_answer_at_a_time_gives_the_rows_of_a_batch(kind, data):
    columns, model = space.of(CATALOGS[kind]), online.prepare(MODELS[kind], space.of(CATALOGS[kind]))
    rows = data.draw(answers(CATALOGS[kind]))
    batch = features.design(rows, MODELS[kind], columns)

    for number in range(len(rows.learners)):
        state = online.State()
        for place in np.flatnonzero(rows.learner == number):
            item, when = int(rows.item[place]), int(rows.when[place])
            mine = online.rows(state, model, [item], when=when)

            np.testing.assert_allclose(mine.dense[0], batch.dense[place], rtol=1e-9, atol=1e-9)
            told = {"seconds": float(rows.seconds[place]), "hints": float(rows.hints[place])}
            online.update(state, model, item, float(rows.correct[place]), float(rows.score[place]), when=when, **told)


@pytest.mark.parametrize("kind", CATALOGS)
@settings(max_examples=EXAMPLES, deadline=None)
@given(data=st.data())
def test_changing_the_future_changes_no_bit_of_the_past(kind, data):
    columns = space.of(CATALOGS[kind])
    rows = data.draw(answers(CATALOGS[kind]))
    place = data.draw(st.integers(0, len(rows.item) - 1))
    inside = np.flatnonzero(rows.learner == rows.learner[place])
    future = inside[inside >= place]
    order = data.draw(st.permutations(future.tolist()))
    changed = {name: getattr(rows, name).copy() for name in ("correct", "score", "item", "seconds", "hints")}
    for values in changed.values():
        values[future] = values[order]
    changed["correct"][future] = 1 - changed["correct"][future]
    changed["item"][place] = rows.item[place]

    before = features.design(rows, MODELS[kind], columns)
    after = features.design(dataclasses.replace(rows, **changed), MODELS[kind], columns)
    rest = np.setdiff1d(np.arange(len(rows.item)), future[1:])

    assert np.array_equal(before.dense[rest], after.dense[rest])


@pytest.mark.parametrize("kind", CATALOGS)
def test_a_learner_is_left_out_of_the_counts_that_predict_them(kind):
    """Turning all outcomes of one learner round changes no column of their first answer, even inside training."""
    columns = space.of(CATALOGS[kind])
    rows = builders.interactions(CATALOGS[kind], learners=30)
    mine = rows.learner == 7
    turned = dataclasses.replace(rows, correct=np.where(mine, 1 - rows.correct, rows.correct).astype(np.float32))

    first = [training.prepare([one], columns)[1][0].dense[np.flatnonzero(mine)[0]] for one in (rows, turned)]
    scale = [training.prepare([one], columns)[0] for one in (rows, turned)]
    raw = [values * model.spread + model.centre for values, model in zip(first, scale, strict=True)]

    told = [place for place, name in enumerate(features.names(columns)) if name not in GLOBAL]
    np.testing.assert_allclose(raw[0][told], raw[1][told], atol=1e-9)


# Cells that are shrunk to the share over everything, which is no learner's own.
GLOBAL = {"again_pattern", "skill_pattern", "pattern"} | {
    name for name in features.BASE if name.startswith(("combo", "item_", "difficulty", "harder", "expected", "skip"))
}


def test_order_of_learners_does_not_matter():
    columns, model = space.of(CATALOGS["scored"]), MODELS["scored"]
    rows = builders.interactions(CATALOGS["scored"], learners=12)
    parts = [interactions.select(rows, np.arange(12) % 3 == number) for number in range(3)]

    together = features.design(interactions.join(parts), model, columns)
    apart = [features.design(part, model, columns) for part in parts]

    assert np.array_equal(together.dense, np.vstack([part.dense for part in apart]))


def test_what_nobody_said_counts_as_nothing():
    columns, model = space.of(CATALOGS["plain"]), MODELS["plain"]
    rows = builders.history(CATALOGS["plain"], ("exam", 1), ("exam", 0))

    design = features.design(rows, model, columns)
    raw = design.dense * model.spread + model.centre

    for name in features.EFFORT:
        assert raw[:, features.names(columns).index(name)].tolist() == [0.0, 0.0]


def test_time_passes_by_the_clock_and_the_half_life():
    columns, model = space.of(CATALOGS["plain"]), MODELS["plain"]
    rows = builders.history(CATALOGS["plain"], ("practice:left", 1), ("practice:left", 1))
    later = dataclasses.replace(rows, when=rows.when + np.array([0, 30 * builders.DAY]))

    raw = [column(features.design(one, model, columns), "forgotten")[1] for one in (rows, later)]

    assert raw[1] > raw[0]


def test_an_item_outside_the_space_is_named():
    rows = dataclasses.replace(builders.history(CATALOGS["plain"], ("exam", 1)), item=np.array([99], np.int32))

    with pytest.raises(errors.MismatchError, match="an item lies outside the space: found columns 99 to 99"):
        features.design(rows, MODELS["plain"], space.of(CATALOGS["plain"]))


def test_no_answer_gives_no_row():
    columns, model = space.of(CATALOGS["plain"]), MODELS["plain"]
    width = len(features.names(columns))

    assert features.design(builders.history(CATALOGS["plain"]), model, columns).dense.shape == (0, width)
    assert online.rows(online.State(), online.prepare(model, columns), []).dense.shape == (0, width)


def test_rows_are_taken_whole():
    columns = space.of(CATALOGS["plain"])
    design = features.design(builders.interactions(CATALOGS["plain"]), MODELS["plain"], columns)
    kept = np.arange(len(design.item)) % 2 == 0

    for name in ("learner", "item", "dense", "correct"):
        assert np.array_equal(getattr(features.take(design, kept), name), getattr(design, name)[kept])
