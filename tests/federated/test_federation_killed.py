"""A federation in real processes, some killed outright: its SuperLink after a round, a SuperNode after the next.

With ENTREPOT_TEST_SOAK=1 also a SuperLink of exact sums; what a run under each policy does whose coordinator dies, and
in each of its phases, test_coordinator shows without processes.
"""

import os
import time
from types import SimpleNamespace

import numpy as np
import pytest

from curriculum import catalog as catalogs
from federated import budget, errors, evidence, institution, ledger, processes, runtime, settings
from federated.budget import Limit
from recommender import artifact
from tests.federated import builders, processing

pytestmark = [pytest.mark.processes, pytest.mark.waits, pytest.mark.timeout(300)]

SOAK = os.environ.get("ENTREPOT_TEST_SOAK") == "1"
NAMES = ("east", "north", "south", "west")
NOISY = {"policy": "secagg", "epsilon": 4.0, "delta": 1e-5, "cohort": 20, "legal_entity": "", "jurisdiction": "CN"}


def members(root, names=NAMES, **changes):
    return {
        name: builders.institution(
            root / name,
            name,
            builders.answers(40, seed, prefix=name),
            **{**changes, "legal_entity": f"{name} University"},
        )
        for seed, name in enumerate(names, start=1)
    }


@pytest.fixture(scope="module")
def second(tmp_path_factory):
    """Four controllers under masked noise; the SuperLink is killed after the first round, then a SuperNode."""
    root = tmp_path_factory.mktemp("second")
    there = members(root, **NOISY)
    directory = root / "consortium"
    consortium = runtime.Consortium(directory, "oulad", there)
    killed = []

    def kill_superlink(text):
        if text.startswith("round 1:"):
            processing.superlink(directory / "flower").kill()

    def kill_supernode(text):
        if text.startswith("round ") and not killed:
            processing.supernode(directory / "flower", "south").kill()
            killed.append(time.monotonic())

    with pytest.raises(errors.RuntimeFailure, match="the SuperLink ended before its run"):
        runtime.run(consortium, progress=kill_superlink)
    before = ledger.read(directory / "ledger.jsonl")
    outcome = runtime.run(consortium, progress=kill_supernode)
    lines = ledger.read(directory / "ledger.jsonl")
    seconds = time.monotonic() - killed[0]
    left = processes.tree([], directory / "flower")
    return SimpleNamespace(**locals())


def test_a_run_whose_superlink_was_killed_is_gone_on_with(second):
    kinds = [line.body["kind"] for line in second.lines]

    assert len(second.before) in {1, 2}  # at most the round is lost that was on its way
    assert kinds[len(second.before) :] == [one.kind for one in second.outcome.rounds]
    assert kinds.count("private-levels") == 1
    assert kinds[-1] == "publish"
    assert len({line.body["run"] for line in second.lines}) == 1


def test_a_killed_institution_is_named_and_the_round_ends_with_the_rest(second):
    killed = next(one for one in second.outcome.rounds if one.dropped)

    assert killed.dropped == {"south": "unavailable"}
    assert killed.members == second.outcome.members == ("east", "north", "west")
    assert second.seconds < 60
    assert second.left == []


def test_the_rest_has_the_shared_model(second):
    shared = second.outcome.parameters

    for name in ("east", "north", "west"):
        one = institution.load(second.there[name])
        assert institution.evaluation(one)["auc"].keys() == {"local", "federated", "personalised"}
    assert np.isfinite(shared.weights).all()
    assert not (institution.load(second.there["south"]).models / "oulad").exists()


def test_each_has_spent_what_it_took_part_in(second):
    limit = Limit(NOISY["epsilon"], NOISY["delta"])
    spent = {
        name: budget.remaining(evidence.book(settings.load_member(path)), limit).epsilon
        for name, path in second.there.items()
    }

    assert spent["east"] == spent["north"] == spent["west"] == pytest.approx(4.0)
    assert 0 < spent["south"] < 4.0
    assert second.outcome.rounds[-2].epsilon == pytest.approx(4.0)


if SOAK:

    def test_a_run_of_exact_sums_whose_superlink_was_killed_is_gone_on_with(tmp_path):
        there = members(tmp_path, NAMES[:3], jurisdiction="GB")
        for path in there.values():
            settings.save(path, settings.replace(settings.load_member(path), legal_entity=builders.ENTITY))
        consortium = runtime.Consortium(tmp_path / "consortium", "oulad", there)

        def kill(text):
            if text.startswith("round 2:"):
                processing.superlink(consortium.directory / "flower").kill()

        with pytest.raises(errors.RuntimeFailure, match="the SuperLink ended before its run"):
            runtime.run(consortium, rounds=1, progress=kill)
        outcome = runtime.run(consortium, rounds=1)

        kinds = [line.body["kind"] for line in ledger.read(consortium.directory / "ledger.jsonl")]
        assert outcome.rounds[0].number > 2
        assert kinds.count("counts") == 1
        assert kinds[-1] == "publish"
        assert len({line.body["run"] for line in ledger.read(consortium.directory / "ledger.jsonl")}) == 1
        for path in there.values():
            assert artifact.load(institution.load(path).models / "oulad", catalogs.load("oulad")).weights.any()
