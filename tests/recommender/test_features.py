import dataclasses
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recommender import errors, features, grouped, interactions, online
from recommender.interactions import Interactions
from tests.recommender import builders

CATALOGS = {"plain": builders.tiny(), "scored": builders.tiny(0.75)}


def full(design):
    return np.hstack([design.sparse.toarray(), design.dense])


def column(design, name):
    return design.dense[:, design.space.dense.index(name)]


@st.composite
def answers(draw, catalog):
    """Interactions of a few learners with any items, outcomes and scores."""
    sizes = draw(st.lists(st.integers(1, 8), min_size=1, max_size=4))
    total = sum(sizes)
    item = draw(st.lists(st.integers(0, len(catalog.items) - 1), min_size=total, max_size=total))
    correct = draw(st.lists(st.booleans(), min_size=total, max_size=total))
    score = draw(st.lists(st.one_of(st.none(), st.floats(0, 1, width=32)), min_size=total, max_size=total))
    return Interactions(
        learners=tuple(str(number) for number in range(len(sizes))),
        learner=np.repeat(np.arange(len(sizes)), sizes).astype(np.int32),
        item=np.array(item, np.int32),
        correct=np.array(correct, np.float32),
        score=np.array([math.nan if value is None else value for value in score], np.float32),
        when=np.arange(total, dtype=np.int64),
    )


@pytest.mark.parametrize("kind", CATALOGS)
def test_the_space_counts_and_names_its_columns(kind):
    space = features.Space(CATALOGS[kind])

    assert space.dimension == len(space.names) == space.items + len(space.blocks) * space.skills + len(space.dense)
    assert len(set(space.names)) == space.dimension
    assert space.dense[-1] == "intercept"
    assert ("score_mean" in space.dense) == (kind == "scored")


@pytest.mark.parametrize("kind", CATALOGS)
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_one_answer_at_a_time_gives_the_rows_of_a_batch(kind, data):
    space = features.Space(CATALOGS[kind])
    rows = data.draw(answers(CATALOGS[kind]))
    batch = full(features.design(rows, space))

    for number in range(len(rows.learners)):
        state = online.State()
        for place in np.flatnonzero(rows.learner == number):
            mine = full(online.rows(state, space, [int(rows.item[place])]))

            np.testing.assert_allclose(mine[0], batch[place], rtol=1e-12, atol=1e-12)
            online.update(state, space, int(rows.item[place]), float(rows.correct[place]), float(rows.score[place]))


@pytest.mark.parametrize("kind", CATALOGS)
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_changing_the_future_changes_no_bit_of_the_past(kind, data):
    space = features.Space(CATALOGS[kind])
    rows = data.draw(answers(CATALOGS[kind]))
    place = data.draw(st.integers(0, len(rows.item) - 1))
    inside = np.flatnonzero(rows.learner == rows.learner[place])
    future = inside[inside >= place]
    order = data.draw(st.permutations(future.tolist()))
    changed = {name: getattr(rows, name).copy() for name in ("correct", "score", "item")}
    for values in changed.values():
        values[future] = values[order]
    changed["correct"][future] = 1 - changed["correct"][future]
    changed["item"][place] = rows.item[place]

    before = full(features.design(rows, space))
    after = full(features.design(dataclasses.replace(rows, **changed), space))
    rest = np.setdiff1d(np.arange(len(rows.item)), future[1:])

    assert np.array_equal(before[rest], after[rest])


def test_the_order_of_learners_changes_no_row():
    space = features.Space(CATALOGS["scored"])
    rows = builders.interactions(CATALOGS["scored"], learners=15)
    parts = [interactions.select(rows, np.arange(15) == number) for number in range(15)]

    together = full(features.design(rows, space))
    backwards = [full(features.design(part, space)) for part in parts[::-1]]

    assert np.array_equal(together, np.vstack(backwards[::-1]))


def test_the_first_answer_of_a_learner_knows_nothing():
    space = features.Space(CATALOGS["scored"])

    row = online.rows(online.State(), space, [0])

    assert {name: column(row, name)[0] for name in space.dense if column(row, name)[0] != 0} == {
        "score_none": 1.0,
        "intercept": 1.0,
    }


def test_counts_are_those_before_the_row():
    catalog = CATALOGS["plain"]
    answered = builders.history(catalog, ("practice:left", 1), ("practice:left", 0), ("test", 1), ("practice:root", 1))
    space = features.Space(catalog)

    design = features.design(answered, space)

    assert np.expm1(column(design, "answers")).round(9).tolist() == [0, 1, 2, 3]
    assert np.expm1(column(design, "right")).round(9).tolist() == [0, 1, 1, 2]
    assert np.expm1(column(design, "item_answers")).round(9).tolist() == [0, 1, 0, 0]
    skill = catalog.skill_index["left"]
    assert np.expm1(design.sparse.toarray()[:3, space.skills + skill]).round(9).tolist() == [0, 1, 2]
    assert np.expm1(design.sparse.toarray()[:3, 2 * space.skills + skill]).round(9).tolist() == [0, 1, 1]


def test_recency_follows_its_definition():
    catalog = CATALOGS["plain"]
    answered = builders.history(catalog, ("practice:left", 1), ("practice:root", 0), ("practice:left", 1))

    design = features.design(answered, features.Space(catalog))

    assert column(design, "average_short")[2] == pytest.approx(0.8 * (0.8 * 0.5 + 0.2) - 0.5)
    assert column(design, "average_skill")[2] == pytest.approx(0.7 * 0.5 + 0.3 - 0.5)
    assert column(design, "last_on_skill").tolist() == [0, 0, 1]
    assert column(design, "odds")[2] == pytest.approx(math.log(2 / 2))
    assert column(design, "lag1").tolist() == [0, 1, -1]
    assert column(design, "lag2").tolist() == [0, 0, 1]
    assert column(design, "same_skill2").tolist() == [0, 0, 1]
    assert column(design, "gap").tolist() == [0, 0, pytest.approx(math.log(2))]
    assert column(design, "no_gap").tolist() == [0, 0, 0]


def test_scores_are_shrunk_means_around_the_pass_score():
    catalog = CATALOGS["scored"]
    answered = builders.history(
        catalog, ("practice:left", 1, 1.0), ("practice:right", 0), ("practice:left", 0, 0.5), ("practice:left", 1)
    )

    last = {name: column(features.design(answered, features.Space(catalog)), name)[3] for name in features.SCORES}

    assert last["score_mean"] == pytest.approx((0.25 - 0.25) / 4 / 0.15)
    assert last["score_last"] == pytest.approx(-0.25 / 0.2)
    assert last["score_average"] == pytest.approx((0.6 * 0.4 * 0.25 - 0.4 * 0.25) / 0.15)
    assert last["score_area"] == pytest.approx(0.0)
    assert last["score_skill"] == pytest.approx(0.0)
    assert last["score_skill_last"] == pytest.approx(-0.25 / 0.2)
    assert last["score_count"] == pytest.approx(math.log(3) / 2)
    assert last["score_none"] == 0


def test_an_item_on_two_skills_has_the_columns_of_both():
    catalog = CATALOGS["plain"]
    space = features.Space(catalog)

    row = features.design(builders.history(catalog, ("exam", 1)), space).sparse.toarray()[0]

    assert np.flatnonzero(row).tolist() == sorted(catalog.skill_index[name] for name in ("top", "left"))


def test_no_interaction_makes_no_row():
    catalog = CATALOGS["scored"]
    space = features.Space(catalog)

    assert full(features.design(builders.history(catalog), space)).shape == (0, space.shared)
    assert full(online.rows(online.State(), space, [])).shape == (0, space.shared)


def test_an_item_outside_the_space_is_refused():
    rows = dataclasses.replace(builders.interactions(CATALOGS["plain"]), item=np.full(1, 99, np.int32))

    with pytest.raises(errors.MismatchError, match="found columns 99 to 99; needed 0 to 7 of catalog 'tiny'"):
        features.design(rows, features.Space(CATALOGS["plain"]))


def test_taken_rows_are_the_rows():
    design = features.design(builders.interactions(CATALOGS["plain"]), features.Space(CATALOGS["plain"]))
    kept = design.learner % 2 == 0

    assert np.array_equal(full(features.take(design, kept)), full(design)[kept])


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(-5, 5)), max_size=30), st.integers(1, 4))
def test_groups_agree_with_a_plain_loop(rows, steps):
    keys, values = np.array([k for k, _ in rows], int), np.array([v for _, v in rows], float)
    groups = grouped.by(keys)
    earlier = [[values[j] for j in range(i) if keys[j] == keys[i]] for i in range(len(rows))]

    assert grouped.count(groups).tolist() == [len(past) for past in earlier]
    assert grouped.total(groups, values).tolist() == [sum(past) for past in earlier]
    assert grouped.lag(groups, values, steps, 9.0).tolist() == [
        past[-steps] if len(past) >= steps else 9.0 for past in earlier
    ]
    sums = grouped.running(groups, values[:, None], np.ones(1), np.ones(1), np.zeros(1))[:, 0]
    assert sums.tolist() == [sum(past) for past in earlier]
