from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from curriculum import catalog as catalogs
from recommender import activities, interactions, rhythm, verbs, ways
from tests.recommender import doings

CBEC = catalogs.load("cbec")
PLANTED = {"simulation": 0.08, "video": 0.01, "quiz": 0.01}
ALIKE = {"simulation": 0.03, "video": 0.03, "quiz": 0.03}


def part(gains, seed, **changes):
    history, done = doings.learner(CBEC, gains, np.random.default_rng(seed), **changes)
    made = rhythm.events(history, done, CBEC)
    return made, ways.sums(made, history.correct.astype(np.float64), ways.typical(CBEC)[history.item])


def several(gains, count, **changes):
    return [part(gains, seed, **changes) for seed in range(count)]


def test_a_planted_best_way_is_found_for_most_learners_and_none_is_told_a_wrong_one():
    found = [ways.ways(made, sums) for made, sums in several(PLANTED, 30, skills=20)]
    first = Counter(max(one.effects, key=lambda mode: one.effects[mode].value) for one in found)

    assert first["simulation"] >= 27
    assert {one.best for one in found} == {None, "simulation"}


def test_what_a_way_does_for_all_is_learnt_from_many_and_helps_where_answers_are_few():
    prior = ways.learn(sums for _, sums in several(PLANTED, 40))
    small = [ways.ways(made, sums, prior=prior) for made, sums in several(PLANTED, 12, skills=4, rounds=8)]

    order = sorted(PLANTED, key=lambda mode: prior.mean[verbs.MODES.index(mode)])
    assert order[-1] == "simulation"
    assert {one.best for one in small} == {"simulation"}


def test_ways_that_do_the_same_are_seldom_told_apart():
    told = Counter(ways.ways(made, sums).best for made, sums in several(ALIKE, 40))

    assert told[None] >= 36


def test_an_effect_has_the_size_that_was_planted():
    parts = several(ALIKE, 40, rounds=8)
    prior = ways.learn(sums for _, sums in parts)
    found = [ways.ways(made, sums, prior=prior).effects[mode].value for made, sums in parts for mode in ALIKE]

    assert np.mean(found) == pytest.approx(12 * ways.LEVELS * 0.03, rel=0.25)  # an activity takes five minutes


def test_where_nothing_helps_the_effects_are_around_nought():
    parts = several({"simulation": 0.0, "video": 0.0, "quiz": 0.0}, 120)
    held = [m.low <= 0.0 <= m.high for made, sums in parts for m in ways.ways(made, sums).effects.values()]

    assert 0.72 <= np.mean(held) <= 0.9
    assert np.abs(ways.learn(sums for _, sums in parts).mean).max() < 0.05


def test_an_effect_is_per_hour_where_times_are_known_else_per_activity():
    made, sums = part(PLANTED, 1, seconds=300.0)
    bare, same = part(PLANTED, 1, seconds=float("nan"))
    hourly, plain = ways.ways(made, sums).effects["simulation"], ways.ways(bare, same).effects["simulation"]

    assert (hourly.unit, plain.unit) == ("level/hour", "level/activity")
    assert hourly.value == pytest.approx(12 * plain.value)
    assert hourly.low < hourly.value < hourly.high
    assert hourly.count == plain.count == int(np.sum(made.mode == verbs.MODES.index("simulation")))
    assert set(hourly.seqs) == set(made.seq[made.mode == verbs.MODES.index("simulation")].tolist())


def test_an_answer_of_a_minute_has_no_gain_per_hour():
    made, sums = part(PLANTED, 1, seconds=60.0)

    effects = ways.ways(made, sums).effects

    assert {one.unit for one in effects.values()} == {"level/activity"}


def test_a_mixer_is_told_logits_of_an_activity_whatever_the_page_shows():
    made, sums = part(PLANTED, 1, skills=20, seconds=300.0)
    bare, same = part(PLANTED, 1, skills=20, seconds=float("nan"))
    logits = ways.ways(made, sums).logits

    assert logits == ways.ways(bare, same).logits
    assert sum(logits.values()) == pytest.approx(0.0)
    assert max(logits, key=logits.get) == "simulation"
    assert 0.0 < logits["simulation"] < 1.0


def test_activities_without_a_time_are_left_out_of_the_hours():
    made, sums = part(PLANTED, 1, seconds=300.0)
    third = replace(made, seconds=np.where(np.arange(len(made.when)) % 3 == 0, 0.0, made.seconds))

    assert ways.ways(third, sums).effects["quiz"].value == pytest.approx(ways.ways(made, sums).effects["quiz"].value)


def test_the_least_number_of_activities_is_enough():
    made, sums = part({"quiz": 0.05}, 3, skills=1, rounds=ways.NEEDED)

    assert ways.ways(made, sums).effects["quiz"].known


def test_a_way_that_was_hardly_tried_says_how_much_is_missing():
    made, sums = part({"simulation": 0.1, "quiz": 0.0}, 2, skills=2, rounds=3)
    effect = ways.ways(made, sums).effects["simulation"]
    tried = int(np.sum(made.mode == verbs.MODES.index("simulation")))

    assert 0 < tried < ways.NEEDED
    assert (effect.value, effect.count, effect.missing) == (None, tried, ways.NEEDED - tried)


def test_a_way_that_was_never_followed_by_an_answer_has_no_effect():
    history, done = doings.learner(CBEC, {"quiz": 0.02}, np.random.default_rng(0), skills=3, rounds=8)
    made = rhythm.events(history, done, CBEC)
    far = np.full(8, int(made.when[-1]) + 10**9)
    late = activities.Activities(
        ("one",),
        np.zeros(8, np.int32),
        far,
        np.arange(1000, 1008),
        np.ones(8, np.int8),
        np.full(8, verbs.MODES.index("event"), np.int8),
        np.zeros(8, np.int32),
        np.full(8, 60.0, np.float32),
    )
    made = rhythm.events(history, late, CBEC)
    sums = ways.sums(made, history.correct.astype(np.float64), ways.typical(CBEC)[history.item])

    assert ways.ways(made, sums).effects["event"].value is None
    assert ways.ways(made, sums).effects["event"].missing == 1
    assert ways.ways(made, sums).effects["quiz"].known


def test_a_stated_preference_is_kept_beside_the_measured_effect():
    made, sums = part(PLANTED, 1)

    assert ways.ways(made, sums, preferred="video").stated == "video"
    assert ways.ways(made, sums, preferred="video").effects == ways.ways(made, sums).effects


def test_without_answers_nothing_is_told():
    made = rhythm.events(interactions.empty(), None, CBEC)
    sums = ways.sums(made, np.zeros(0), np.zeros(0))

    assert (sums.rows, dict(ways.ways(made, sums).effects), ways.ways(made, sums).best) == (0, {}, None)
    assert np.array_equal(ways.learn([]).mean, np.zeros(len(verbs.MODES)))


@pytest.mark.parametrize("known", [True, False])
def test_the_sums_of_a_class_are_those_of_each(known):
    both = [doings.learner(CBEC, PLANTED, np.random.default_rng(seed), skills=4) for seed in (1, 2)]
    history = interactions.join(replace(one, learners=(name,)) for name, (one, _) in zip("ab", both, strict=True))
    history = replace(history, seq=history.seq + np.int64(1000) * history.learner)
    columns = {
        name: np.concatenate([getattr(done, name) for _, done in both]) for name in activities.ROWS if name != "learner"
    }
    learner = np.repeat([0, 2], [len(done.when) for _, done in both]).astype(np.int32)
    done = activities.Activities(("a", "aa", "b"), learner, **columns)
    done = replace(done, seq=done.seq + np.int64(500) * done.learner)

    found = list(ways.parts(CBEC, history, done if known else None))

    for (one, other), sums in zip(both, found, strict=True):
        made = rhythm.events(one, other if known else None, CBEC)
        alone = ways.sums(made, one.correct.astype(np.float64), ways.typical(CBEC)[one.item])
        assert np.array_equal(sums.square, alone.square)
        assert np.array_equal(sums.cross, alone.cross)


def test_sums_of_learners_add_up():
    (_, one), (_, other) = several(PLANTED, 2)
    both = one + other

    assert np.array_equal(both.square, one.square + other.square)
    assert (both.rows, both.steep) == (one.rows + other.rows, one.steep + other.steep)


def test_the_sums_are_the_likelihood_alone():
    """A posterior from the sums under the prior of the fit is the fit: penalised maximum likelihood, by brute force."""
    from scipy import optimize

    made, sums = part(PLANTED, 5, skills=5)
    history, _ = doings.learner(CBEC, PLANTED, np.random.default_rng(5), skills=5)
    right = history.correct.astype(np.float64)
    used, skill, outcome, start = ways._rows(made, right, ways.typical(CBEC)[history.item])
    prior = ways._prior(ways._SPREADS[3], used.shape[1])
    inverse = np.linalg.inv(prior)
    number = used.shape[1]

    def loss(x):
        slopes, common, starts = x[:number], x[number], x[number + 1 :]
        logit = start + common + starts[skill] + used @ slopes
        penalty = slopes @ inverse @ slopes + (common / ways._LEARNER) ** 2 + starts @ starts / ways._SKILL**2
        return np.sum(np.logaddexp(0.0, logit) - outcome * logit) + penalty / 2

    best = optimize.minimize(loss, np.zeros(number + 1 + 5), tol=1e-10, options={"maxiter": 5000})

    assert ways._posterior(sums, prior, np.zeros(number))[0] == pytest.approx(best.x[:number], abs=1e-3)
