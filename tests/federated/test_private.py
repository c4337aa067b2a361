import dataclasses

import numpy as np
import pytest
from scipy import sparse

from curriculum import catalog as catalogs
from federated import errors, private
from federated.privacy import accountant, releases
from recommender import features, interactions, metrics, space, tracing, training
from tests.recommender import builders

CATALOG = builders.tiny(0.75)
SPACE = space.of(CATALOG)
ROWS = builders.interactions(CATALOG, learners=900)
TEST = builders.interactions(CATALOG, learners=300, seed=7)


def run(parts, columns, sigma, *, seed=0, single=False, part=1.0):
    """All steps of a run, as members and coordinator take them; the state after each."""
    draw = np.random.default_rng(seed).bytes
    states = [private.begin(columns)]
    for step in private.steps(columns, single=single):
        asked = private.told(private.asked(states[-1]), columns)
        totals = {release.name: np.zeros(release.size, np.int64) for release in step.releases}
        for records in parts:
            rows = private.contributions(step, records, columns, asked)
            for release in step.releases:
                totals[release.name] += releases.protect(rows[release.name], release, sigma, part, draw)
        noise = {one.name: len(parts) * one.deviation(sigma, part) ** 2 for one in step.releases}
        states.append(private.advance(step, totals, noise, states[-1], columns))
    return states


def auc(state, columns=SPACE):
    return metrics.auc(TEST.correct, training.predict(TEST, private.finish(state, columns), columns))


@pytest.mark.parametrize("single", [False, True])
@pytest.mark.parametrize("name", ["oulad", "cbec"])
def test_the_shares_of_a_run_are_its_whole_budget(name, single):
    columns = space.of(catalogs.load(name))
    found = [release for step in private.steps(columns, single=single) for release in step.releases]

    assert sum(release.share for release in found) == pytest.approx(1.0, abs=1e-12)
    sigma = accountant.sigma(1.0, 1e-5)
    assert accountant.epsilon([one.multiplier(sigma) for one in found], 1e-5) == pytest.approx(1.0, rel=1e-9)
    assert len({release.name for release in found}) == len(found)
    assert [step.kind for step in private.steps(columns, single=single)] == [
        kind for kind in private.KINDS if not single or kind != private.AGAIN
    ]


def test_steps_lead_from_what_the_catalog_says_towards_the_model_of_all_records():
    states = run([ROWS], SPACE, 1e-4)
    found = [auc(state) for state in states]
    full = metrics.auc(TEST.correct, training.predict(TEST, training.fit([ROWS], SPACE), SPACE))

    assert found[-1] > found[0] + 0.03
    assert found[-1] > full - 0.02


@pytest.mark.parametrize("single", [False, True])
def test_a_model_under_noise_beats_one_of_no_data(single):
    states = run([ROWS], SPACE, 1.1, single=single)

    assert auc(states[-1]) > auc(states[0]) + 0.01


def test_drowned_in_noise_a_model_stays_within_what_was_believed_before():
    first, *_, last = run([ROWS], SPACE, 1e4)

    assert np.abs(last.arrays["weights"] - first.arrays["weights"]).max() < 1.0
    assert last.arrays["tries"].sum() < 50
    assert np.abs(last.kept["levels"]).max() < 1.0


@pytest.mark.parametrize(("noise", "heard"), [(1e-6, True), (1e12, False)])
def test_the_last_gradient_is_heard_by_how_exact_it_is(noise, heard):
    before, step = run([ROWS], SPACE, 1e-2)[-2], private.steps(SPACE)[-1]
    last, residuals = step.releases

    def weights(told):
        totals = {"last": np.full(last.size, told), "residuals": np.zeros(residuals.size, np.int64)}
        return private.advance(step, totals, {"last": noise, "residuals": 1.0}, before, SPACE).arrays["weights"]

    moved = np.abs(weights(releases.GRID) - weights(0)).max()
    assert moved > 1e-4 if heard else moved < 1e-9


def test_each_gradient_leaves_less_to_learn():
    states = run([ROWS], SPACE, 1e-4)
    step = next(one for one in private.steps(SPACE) if one.kind == private.AGAIN)

    left = [np.linalg.norm(private.contributions(step, ROWS, SPACE, one)["again"].sum(axis=0)) for one in states[1:-1]]

    assert left[2] < 0.6 * left[1] < 0.36 * left[0]


def test_many_institutions_make_the_model_of_one():
    learner = np.arange(len(ROWS.learners))
    parts = [interactions.select(ROWS, learner % 3 == number) for number in range(3)]

    one, many = run([ROWS], SPACE, 1e-5)[-1], run(parts, SPACE, 1e-5)[-1]

    np.testing.assert_allclose(many.arrays["weights"], one.arrays["weights"], atol=0.02)
    np.testing.assert_allclose(many.kept["levels"], one.kept["levels"], atol=0.02)


def test_evidence_falls_with_noise_and_never_contradicts_itself():
    step = private.steps(SPACE)[0]
    rows = private.contributions(step, ROWS, SPACE, private.begin(SPACE))["levels"]
    totals = {"levels": releases.protect(rows, step.releases[0], 1e-5, 1.0, np.random.default_rng(0).bytes)}

    found = [
        private.advance(step, totals, {"levels": noise}, private.begin(SPACE), SPACE) for noise in (0.0, 100.0, 1e6)
    ]

    tries = [state.arrays["tries"].sum() for state in found]
    assert tries[0] > tries[1] > tries[2]
    assert all((state.arrays["wins"] <= state.arrays["tries"]).all() for state in found)


def test_counts_that_noise_made_negative_tell_nothing():
    step = private.steps(SPACE)[0]
    totals = {"levels": np.full(step.releases[0].size, -5000)}

    state = private.advance(step, totals, {"levels": 4.0}, private.begin(SPACE), SPACE)

    assert not state.arrays["tries"].any()
    assert len(private.finish(state, SPACE).tables.of("item").keys) == 0


def test_a_level_is_of_a_first_answer():
    rows = builders.history(CATALOG, ("test", True), ("test", False), ("exam", False))
    step = private.steps(SPACE)[0]

    found = private.contributions(step, rows, SPACE, private.begin(SPACE))["levels"].toarray()[0]

    test, exam, items = CATALOG.item_index["test"], CATALOG.item_index["exam"], SPACE.items
    assert {place: found[place] for place in np.flatnonzero(found)} == pytest.approx(
        {test: 1.0, exam: 1.0, items + test: 3.2 * 0.35, items + exam: -3.2 * 0.65}
    )


def test_rows_are_one_a_learner_and_of_the_declared_size(monkeypatch):
    monkeypatch.setattr(private, "_BLOCK", 7)
    few = interactions.select(ROWS, np.arange(len(ROWS.learners)) < 20)
    state = private.begin(SPACE)

    for step in private.steps(SPACE):
        rows = private.contributions(step, few, SPACE, state)
        assert {name: one.shape for name, one in rows.items()} == {one.name: (20, one.size) for one in step.releases}


def test_blocks_change_nothing(monkeypatch):
    few = interactions.select(ROWS, np.arange(len(ROWS.learners)) < 20)
    step = private.steps(SPACE)[1]
    whole = private.contributions(step, few, SPACE, private.begin(SPACE))
    monkeypatch.setattr(private, "_BLOCK", 6)

    parts = private.contributions(step, few, SPACE, private.begin(SPACE))

    for name, rows in whole.items():
        np.testing.assert_allclose(parts[name], rows, atol=1e-12)


def test_a_learner_more_changes_one_row():
    few = interactions.select(ROWS, np.arange(len(ROWS.learners)) < 20)
    without = interactions.select(few, np.arange(20) != 5)

    for step in private.steps(SPACE):
        one = private.contributions(step, few, SPACE, private.begin(SPACE))
        other = private.contributions(step, without, SPACE, private.begin(SPACE))
        for name, rows in one.items():
            dense = [sparse.csr_array(matrix).toarray() for matrix in (rows, other[name])]
            np.testing.assert_allclose(np.delete(dense[0], 5, axis=0), dense[1], atol=1e-12)


def test_nobody_gives_nothing():
    nobody = builders.history(CATALOG)

    for step in private.steps(SPACE):
        rows = private.contributions(step, nobody, SPACE, private.begin(SPACE))
        assert {name: one.shape for name, one in rows.items()} == {one.name: (0, one.size) for one in step.releases}


def test_the_model_is_one_like_any_other():
    model = private.finish(run([ROWS], SPACE, 1.0)[-1], SPACE)

    tracing.match(SPACE, model)
    assert set(model.tables.counts) == {"item", "combo"}
    assert np.count_nonzero(tracing.split(SPACE, model.weights)[2]) == len(private.begin(SPACE).arrays["weights"])
    assert training.personalise(ROWS, model, SPACE, kappa=0.001).strength in {*training.CANDIDATES, "local"}


def test_a_catalog_of_many_items_is_learnt_by_sets_of_skills(monkeypatch):
    monkeypatch.setattr(private, "MOST_ITEMS", 3)
    states = run([ROWS], SPACE, 0.5)
    model = private.finish(states[-1], SPACE)

    assert set(model.tables.counts) == {"combo"}
    assert len(states[-1].kept["levels"]) == SPACE.skills
    place = list(features.of_skill(SPACE)).index("intercept")
    assert np.count_nonzero(tracing.split(SPACE, model.weights)[1][:, place]) > 0
    assert auc(states[-1]) > auc(states[0])


@pytest.mark.parametrize(
    "change",
    [
        lambda arrays: {name: array for name, array in arrays.items() if name != "wins"},
        lambda arrays: {**arrays, "more": arrays["wins"]},
        lambda arrays: {**arrays, "weights": arrays["weights"][:-1]},
        lambda arrays: {**arrays, "weights": arrays["weights"].astype(np.float32)},
        lambda arrays: {**arrays, "weights": np.full_like(arrays["weights"], np.nan)},
        lambda arrays: {**arrays, "wins": arrays["wins"] - 1},
        lambda arrays: {**arrays, "wins": arrays["tries"] + 1},
    ],
)
def test_a_question_that_is_not_one_is_refused(change):
    with pytest.raises(errors.GuardError):
        private.told(change(private.asked(private.begin(SPACE))), SPACE)


def test_what_stays_at_the_coordinator_is_not_asked_with():
    state = run([ROWS], SPACE, 1.0)[-1]

    assert set(private.asked(state)) == {"tries", "wins", "weights"}
    assert dataclasses.replace(state, kept={}).arrays == private.told(private.asked(state), SPACE).arrays
