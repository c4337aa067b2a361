import functools
import os
from dataclasses import replace
from types import SimpleNamespace

import pytest

from entrepot import cli, errors, oulad, simulation
from entrepot.simulation import LEAST, Found, Plan
from federated import ledger, policy, settings
from federated.privacy import planning

SOAK = os.environ.get("ENTREPOT_TEST_SOAK") == "1"
FOUND = Found(
    rounds=[{"kind": "counts"}, {"kind": "publish"}],
    dropped={},
    learners=[50, 60],
    epsilon=None,
    kappa=None,
    predicted=None,
    auc={"shared": 0.8, "pooled": 0.81},
    gains=[0.01, -0.01],
    seconds={"founding": 1.0, "institutions": 2.0, "coordinator": 0.5, "measuring": 0.5},
    bytes=400_000,
)


@pytest.fixture(scope="module", autouse=True)
def read_once():
    """The shipped records, read and sorted once: no test here changes them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(oulad, "regions", functools.cache(oulad.regions))
        yield


def learners(results):
    return {one.learner for one in results}


def test_each_learner_comes_to_one_institution_with_all_results():
    dealt = simulation.deal(100, 0, seed=1)
    names = [learner for results in dealt.values() for learner in learners(results)]

    assert len(dealt) == 100
    assert len(names) == len(set(names))
    assert sum(map(len, dealt.values())) == sum(map(len, oulad.regions().values()))
    assert min(len(learners(results)) for results in dealt.values()) >= LEAST


def test_institutions_differ_in_size_and_in_region():
    region = {one.learner: name for name, results in oulad.regions().items() for one in results}
    dealt = simulation.deal(20, 4000, seed=1)
    sizes = [len(learners(results)) for results in dealt.values()]

    assert sum(sizes) == 4000
    assert max(sizes) > 3 * min(sizes)
    assert max(len({region[one] for one in learners(results)}) for results in dealt.values()) <= 4


def test_the_same_seed_deals_the_same_and_another_does_not():
    assert simulation.deal(5, 300, seed=3) == simulation.deal(5, 300, seed=3)
    assert simulation.deal(5, 300, seed=3) != simulation.deal(5, 300, seed=4)


@pytest.mark.parametrize(("count", "wanted"), [(0, 0), (10, 10 * LEAST - 1), (2, 1_000_000), (1000, 0)])
def test_too_few_learners_are_refused_with_what_is_there(count, wanted):
    with pytest.raises(errors.InvalidRequest, match=f"there are .* learners, and each institution needs {LEAST}"):
        simulation.deal(count, wanted, seed=1)


def test_a_directory_in_use_is_not_touched(tmp_path):
    (tmp_path / "thesis.txt").touch()

    with pytest.raises(errors.InvalidRequest, match="is not empty; name an empty one"):
        simulation.found(Plan(tmp_path), print)


NOISE = ["source-noise", *(["secagg"] if SOAK else [])]


@pytest.mark.parametrize("name", NOISE)
def test_the_command_runs_a_consortium_and_says_what_came_of_it(tmp_path, capsys, name):
    words = ("--institutions", "3", "--learners", "120", "--policy", name, "--directory", str(tmp_path / "s"))

    assert cli.main(["federation", "simulate", *words]) == 0

    said = capsys.readouterr().out
    assert said.startswith(f"3 institutions, 120 learners (40 to 40 each), {name}, epsilon 1\n")
    assert "epsilon                               1.00 of 1 spent\n" in said
    assert "dropped out                           nobody\n" in said
    assert said.count("asking: private levels\n") == 1
    lines = ledger.read(tmp_path / "s" / "consortium" / "ledger.jsonl")
    assert [line.body["kind"] for line in lines][-1] == "publish"
    # Whether so few learners take it up after noise is chance; that each measured it is not.
    measured = [tmp_path / "s" / f"u00{number}" / "models" / "evaluation" / "oulad.json" for number in (1, 2, 3)]
    assert all(path.is_file() for path in measured)


def test_exact_institutions_are_of_one_controller_and_others_are_not(tmp_path):
    exact = simulation.found(Plan(tmp_path / "exact", 3, policy.EXACT, learners=120), lambda _text: None)
    noisy = simulation.found(Plan(tmp_path / "noisy", 3, learners=120), lambda _text: None)

    found = [{settings.load_member(path).legal_entity for path in one.values()} for one in (exact, noisy)]
    assert [len(one) for one in found] == [1, 3]
    assert {settings.load_member(path).declared.private for path in exact.values()} == {False}


if SOAK:

    def test_without_noise_nothing_is_lost(tmp_path):
        found = simulation.run(Plan(tmp_path / "s", 3, policy.EXACT, learners=120), lambda _text: None)

        assert found.auc["shared"] == pytest.approx(found.auc["pooled"], abs=1e-4)
        assert (found.epsilon, found.predicted) == (None, None)


def test_the_table_says_nothing_of_noise_where_there_is_none():
    told = "\n".join(simulation.table(Plan("s", 2, policy.EXACT), FOUND))

    assert "epsilon                               none: no noise" in told
    assert "to noise" not in told
    assert "0.4 MB, 200 kB an institution" in told
    assert "+0.0000 in the mean of 2, -0.0100 to +0.0100" in told


def test_the_table_says_what_noise_was_expected_to_cost_beside_what_it_cost():
    noisy = replace(
        FOUND,
        epsilon=0.5,
        kappa=0.001,
        predicted=planning.loss(0.001, catalog="oulad"),
        auc={"shared": 0.8, "quiet": 0.803, "pooled": 0.81},
        dropped={"u002": "timeout"},
        gains=[],
    )
    told = "\n".join(simulation.table(Plan("s", 2, epsilon=0.5), noisy))

    assert "0.50 of 0.5 spent" in told
    assert "0.0032 (0.0027 to 0.0037) at kappa 0.00100" in told
    assert "AUC lost to noise, measured           +0.0030" in told
    assert "u002 (timeout)" in told


def test_an_institution_without_a_model_or_without_both_answers_gains_nothing(monkeypatch, tmp_path):
    member = SimpleNamespace(models=tmp_path, catalog="oulad")
    monkeypatch.setattr(simulation.settings, "load_member", lambda _path: member)

    assert simulation._gain(tmp_path) is None

    (tmp_path / "evaluation").mkdir()
    (tmp_path / "evaluation" / "oulad.json").write_text('{"auc": {"personalised": null, "local": null}}')

    assert simulation._gain(tmp_path) is None
