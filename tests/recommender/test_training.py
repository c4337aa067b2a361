import dataclasses

import numpy as np
import pytest

from curriculum import catalog as catalogs
from recommender import cells, cold_start, features, interactions, metrics, parameters, space, tracing, training
from tests.recommender import builders

CATALOG = builders.tiny(0.75)
SPACE = space.of(CATALOG)
ROWS = builders.interactions(CATALOG, learners=120)
FITTED = training.fit([ROWS], SPACE)


def split(count, *, uneven=False):
    learner = np.arange(len(ROWS.learners))
    number = np.minimum(learner // 12, count - 1) if uneven else learner % count
    return [interactions.select(ROWS, number == one) for one in range(count)]


@pytest.mark.parametrize(("count", "uneven"), [(3, False), (3, True), (13, False)])
def test_many_institutions_fit_what_one_would(count, uneven):
    apart = training.fit(split(count, uneven=uneven), SPACE)

    for name, array in FITTED.arrays().items():
        np.testing.assert_allclose(apart.arrays()[name], array, atol=1e-8)


def test_a_first_step_beside_the_scale_and_four_rounds_arrive():
    """In a federation the round that tells the scale carries the sums of a first step."""
    found = training.fit(split(5), SPACE, steps=1 + 4)

    assert tracing.distance(found, FITTED) < 1e-6


def test_the_order_of_the_institutions_does_not_matter():
    backwards = training.fit(split(4)[::-1], SPACE)

    np.testing.assert_allclose(backwards.weights, FITTED.weights, atol=1e-8)


def test_counts_are_those_of_a_loop():
    before = dict.fromkeys(range(SPACE.items), (0, 0))
    for item, correct in zip(ROWS.item.tolist(), ROWS.correct.tolist(), strict=True):
        tries, wins = before[item]
        before[item] = (tries + 1, wins + int(correct))

    counts = FITTED.tables.of("item")

    found = dict(zip(counts.keys.tolist(), zip(counts.tries.tolist(), counts.wins.tolist(), strict=True), strict=True))
    assert found == {item: pair for item, pair in before.items() if pair[0]}


def test_every_answer_is_in_one_cell_of_each_table():
    for name in (*cells.BASE, *cells.CELLS):
        assert FITTED.tables.of(name).tries.sum() == len(ROWS.item)
    assert cells.lookup(FITTED.tables.of(cells.SKIPS), np.array([-1]))[0].tolist() == [0.0]


def test_cells_of_few_learners_stay_at_home():
    all_of_them, kept = (training.count_base(ROWS, SPACE, least=least)["item"] for least in (1, 62))

    learners = {key: len(np.unique(ROWS.learner[ROWS.item == key])) for key in all_of_them.keys.tolist()}
    assert set(kept.keys.tolist()) == {key for key, number in learners.items() if number >= 62}
    assert 0 < len(kept.keys) < len(all_of_them.keys)


def test_a_cell_that_stayed_at_home_is_not_taken_off_twice():
    """A learner whose cell was not sent is not in the counts of the others, so nothing of theirs is subtracted."""
    counts = cells.Counts(np.array([4]), np.array([10]), np.array([7]))
    seen = cells.see(np.array([4, 4, 9]), np.array([0, 0, 1]), np.array([1.0, 0.0, 1.0]))
    sent = cells.Counts(np.array([4]), np.array([2]), np.array([1]))

    assert [values.tolist() for values in cells.others(counts, seen, sent)] == [[8.0, 8.0, 0.0], [6.0, 6.0, 0.0]]
    assert [values.tolist() for values in cells.others(counts, seen, cells.NONE)] == [[10, 10, 0], [7, 7, 0]]
    assert [values.tolist() for values in cells.others(counts, seen, None)] == [[10, 10, 0], [7, 7, 0]]


def test_what_was_sent_can_be_worked_out_again():
    first = split(3)
    first_counts = [training.count_base(part, SPACE) for part in first]
    known = training.tables(training.add(first_counts), SPACE)
    second = training.count_cells(first[1], SPACE, known, first_counts[1])

    again = training.given(first[1], training.fit(first, SPACE), SPACE)

    assert again.keys() == {*cells.BASE, *cells.CELLS, cells.SKIPS}
    for name, counts in {**first_counts[1], **second}.items():
        assert np.array_equal(again[name].keys, counts.keys)
        assert np.array_equal(again[name].wins, counts.wins)


def test_nobody_gives_a_model_that_expects_the_middle():
    empty = training.fit([], SPACE)

    assert np.isfinite(empty.weights).all()
    assert set(np.round(training.predict(builders.history(CATALOG, ("exam", 1)), empty, SPACE), 6)) == {0.5}


def test_a_model_goes_through_arrays_unchanged():
    again = parameters.of_arrays(FITTED.catalog, FITTED.fingerprint, FITTED.version, FITTED.arrays())

    assert again.arrays().keys() == FITTED.arrays().keys()
    assert all(np.array_equal(array, FITTED.arrays()[name]) for name, array in again.arrays().items())
    rows = builders.interactions(CATALOG, learners=9, seed=4)
    assert np.array_equal(training.predict(rows, again, SPACE), training.predict(rows, FITTED, SPACE))


def test_it_predicts_better_than_how_hard_an_item_is():
    test = builders.interactions(CATALOG, learners=200, seed=5)
    model = training.fit([builders.interactions(CATALOG, learners=400, seed=6)], SPACE)
    counts = model.tables.of("item")
    share = (counts.wins / counts.tries)[np.searchsorted(counts.keys, test.item)]

    assert metrics.auc(test.correct, training.predict(test, model, SPACE)) > metrics.auc(test.correct, share) + 0.02


def test_columns_that_never_differ_get_no_weight():
    assert FITTED.spread[features.names(SPACE).index("hints")] == training.NARROWEST
    weights = tracing.split(SPACE, FITTED.weights)[2]
    assert weights[features.names(SPACE).index("hints")] == 0.0


def test_of_few_learners_it_learns_nothing_that_costs_others():
    """A column that hardly varies among them, blown up, cost more than to say the same of every answer."""
    few, others = split(6)[0], builders.interactions(CATALOG, learners=200, seed=1)

    def loss(model):
        chance = tracing.predict(features.design(others, model, SPACE), model)
        return -np.mean(np.log(np.where(others.correct > 0.5, chance, 1.0 - chance)))

    begin, designs = training.prepare([few], SPACE, narrowest=0.0)
    narrow = tracing.newton(designs, begin, tracing.penalties(SPACE))
    share = few.correct.mean()
    plain = -np.mean(np.log(np.where(others.correct > 0.5, share, 1.0 - share)))

    assert loss(training.fit([few], SPACE)) < plain < loss(narrow)


def test_few_learners_follow_the_rule():
    few = interactions.select(ROWS, np.arange(120) < training.FEW - 1)

    made = training.personalise(few, FITTED, SPACE)

    assert made.strength == training.RULE
    assert [strength for strength, _ in made.table] == [training.RULE, "local"]


def test_one_learner_alone_follows_the_rule_untried():
    made = training.personalise(interactions.select(ROWS, np.arange(120) < 1), FITTED, SPACE)

    assert (made.strength, made.table) == (training.RULE, ())


WRECKS = {
    "opposite": lambda weights: -10.0 * weights,
    "scaled": lambda weights: 100.0 * weights,
    "random": lambda weights: np.random.default_rng(1).normal(0.0, 3.0, len(weights)),
}


@pytest.mark.parametrize(("learners", "kappa"), [(20, None), (20, 0.001), (training.FEW, 0.01)])
@pytest.mark.parametrize("wreck", WRECKS)
def test_a_wrecked_shared_model_costs_nothing(learners, wreck, kappa):
    some = interactions.select(ROWS, np.arange(120) < learners)
    wrecked = dataclasses.replace(FITTED, weights=WRECKS[wreck](FITTED.weights))

    made = training.personalise(some, wrecked, SPACE, kappa=kappa)

    assert made.strength == "local"
    assert np.array_equal(made.parameters.weights, training.fit([some], SPACE).weights)


@pytest.mark.parametrize("learners", [training.FEW - 1, 60])
def test_a_noisy_model_is_taken_up_where_it_gains(learners):
    shared = training.fit([builders.interactions(CATALOG, learners=1500)], SPACE)
    some = interactions.select(ROWS, np.arange(120) < learners)

    made = training.personalise(some, shared, SPACE, kappa=0.001)

    told = dict(made.table)
    assert made.strength != "local"
    assert told[made.strength] == min(loss for name, loss in told.items() if name != "local") < told["local"]


def test_a_shared_model_may_be_taken_as_it_is():
    shared = training.fit([builders.interactions(CATALOG, learners=1500)], SPACE)
    rows = builders.interactions(CATALOG, learners=80, rows=6, seed=100)

    made = training.personalise(rows, shared, SPACE, kappa=0.001)

    assert made.strength == training.SHARED
    assert made.parameters is shared


def test_a_gain_within_its_error_is_none():
    answers = np.array([1, 1, 1, 1])
    gain = np.array([0.4, -0.2, 0.3, -0.1])  # mean .1, standard error .127

    assert not training._gains(gain, answers, 1.0)
    assert training._gains(gain, answers, 0.7)
    assert not training._gains(np.zeros(0), np.zeros(0, int), 1.0)


def test_own_counts_join_the_shared_tables():
    known, rows = training._joined(ROWS, FITTED, SPACE)

    own = training.count_base(ROWS, SPACE)["item"]
    tries, wins = cells.lookup(known.tables.of("item"), own.keys)
    before, right = cells.lookup(FITTED.tables.of("item"), own.keys)
    assert np.array_equal(tries, before + own.tries)
    assert np.array_equal(wins, right + own.wins)
    assert len(rows.item) == len(ROWS.item)


def test_an_institution_that_is_like_the_others_stays_close_to_them():
    shared = training.fit([builders.interactions(CATALOG, learners=1500)], SPACE)
    small = interactions.select(ROWS, np.arange(120) < 60)

    assert training.personalise(small, shared, SPACE).strength in {training.SHARED, "1000", "300", "100", "30"}


def test_a_useless_shared_model_is_left():
    useless = dataclasses.replace(FITTED, weights=-500.0 * FITTED.weights)

    made = training.personalise(ROWS, useless, SPACE)

    assert made.strength == "local"
    assert np.array_equal(made.parameters.weights, FITTED.weights)


def test_every_strength_is_tried_from_the_shared_model_as_it_is_to_none():
    tried = [strength for strength, _ in training.personalise(ROWS, FITTED, SPACE).table]

    assert tried == list(training.STRENGTHS)


def test_a_shared_model_that_no_pull_betters_is_taken_as_it_is(monkeypatch):
    monkeypatch.setattr(training, "pulled", lambda _rows, shared, *_, **__: replace_weights(shared))

    made = training.personalise(ROWS, FITTED, SPACE)

    assert made.strength == training.SHARED
    assert made.parameters is FITTED


def replace_weights(shared):
    """A model that predicts at random."""
    return dataclasses.replace(shared, weights=-500.0 * shared.weights)


def test_what_the_institution_gave_is_left_out_of_its_own_rows():
    sent = training.given(ROWS, FITTED, SPACE)

    inside = training.design(ROWS, FITTED, SPACE, sent=sent)

    assert np.array_equal(inside.dense, training.prepare([ROWS], SPACE)[1][0].dense)
    assert not np.array_equal(inside.dense, training.design(ROWS, FITTED, SPACE).dense)


def test_without_answers_declared_difficulty_orders_the_skills():
    cbec = catalogs.load("cbec")

    prior, offset = cold_start.start(space.of(cbec), cells.NONE)

    easy, hard = (
        [prior[number] for number, (skill,) in enumerate(space.of(cbec).combos) if declared(cbec, skill) == level]
        for level in (1, 5)
    )
    assert min(easy) > 0.5 > max(hard)
    assert np.all(offset == 0)


def declared(catalog, number):
    return list(catalog.skills.values())[number].difficulty


def test_a_skill_without_answers_starts_like_its_neighbours():
    left = CATALOG.item_index["practice:root"]
    low, high = (
        cold_start.start(SPACE, cells.Counts(np.array([left]), np.array([400]), np.array([wins])))[0]
        for wins in (100, 300)
    )

    child = SPACE.combos.index((CATALOG.skill_index["left"],))
    assert high[child] > low[child]


def test_skills_of_one_difficulty_share_the_mean():
    same = dataclasses.replace(
        CATALOG, skills={name: dataclasses.replace(one, difficulty=3) for name, one in CATALOG.skills.items()}
    )

    prior, _ = cold_start.start(space.of(same), cells.NONE)

    assert np.allclose(prior, 0.5)
