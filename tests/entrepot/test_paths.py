import io
import json
import sys
import types

import pytest

from curriculum import catalog
from entrepot import cli, paths
from recommender import strategies, trials
from recommender.simulators import coherence
from recommender.simulators.worlds import Simulator

SMALL = ["--learners", "12", "--seeds", "1", "--steps", "2,4"]


@pytest.fixture
def run(capsys):
    def run(*words):
        code = cli.main(["evaluate-paths", *words])
        return code, *capsys.readouterr()

    return run


def test_the_table_shows_every_way_beside_the_path(run):
    code, out, _ = run("--simulator", "coherence", *SMALL)

    assert code == 0
    assert "12 learners in 1 worlds, seeds 1; gain E_p with its likely range (95 %)" in out
    assert all(f"\n{name} " in out for name in ("path", *paths.simple()))
    assert "path beside the best simple way" in out
    assert "path by start, thirds of the learners" in out


def test_progress_goes_to_standard_error(run):
    _, out, err = run("--simulator", "coherence", "--arm", "fixed", *SMALL)

    assert err == "coherence: 12 of 12 learners\n"
    assert "of 12 learners" not in out


def test_without_a_path_there_is_nothing_to_compare(run):
    _, out, _ = run("--simulator", "coherence", "--arm", "fixed", "--arm", "fixed", *SMALL)

    assert out.count("\nfixed ") == 1
    assert "beside" not in out


def test_without_a_simple_way_the_path_stands_alone(run, tmp_path):
    _, out, _ = run("--simulator", "coherence", "--arm", "path", "--json", str(tmp_path / "a.json"), *SMALL)

    assert "beside" not in out
    assert json.loads((tmp_path / "a.json").read_text())["simulators"][0]["beside_simple"] == {"path": []}


def test_a_way_that_is_told_of_coherence_is_not_beside_a_path_that_is_not(run):
    _, out, _ = run("--simulator", "coherence", "--arm", "path", "--arm", "three-leave-near", *SMALL)

    assert "beside" not in out


def test_one_learner_has_no_likely_range(run):
    _, out, _ = run("--simulator", "coherence", "--arm", "fixed", "--learners", "1", "--seeds", "1", "--steps", "2")

    assert "[" not in out.splitlines()[-2]


def test_two_learners_make_no_thirds(run):
    _, out, _ = run("--simulator", "coherence", "--learners", "2", "--seeds", "1", "--steps", "2", "--arm", "path")

    assert "thirds" not in out


def test_the_default_is_three_laws_on_random_graphs(run):
    _, out, _ = run("--arm", "random", "--learners", "1", "--seeds", "1", "--steps", "1")

    assert [line.split(":")[0] for line in out.splitlines() if ": random graphs" in line] == list(paths.DEFAULT)


def test_wrong_edges_are_said(run):
    _, out, _ = run("--simulator", "coherence", "--arm", "random", "--wrong", "0.1", *SMALL)

    assert "10% of the edges wrong" in out


def test_the_file_holds_what_the_table_shows(run, tmp_path):
    run("--simulator", "coherence", "--arm", "path", "--arm", "repeat", "--json", str(tmp_path / "a.json"), *SMALL)

    found = json.loads((tmp_path / "a.json").read_text())
    (one,) = found["simulators"]

    assert found["plan"] == {"learners": 12, "seeds": [1], "steps": [2, 4], "wrong": 0.0, "together": 20}
    assert set(one["arms"]) == {"path", "repeat"}
    assert set(one["arms"]["path"]["gain"][0]) == {"value", "low", "high"}
    assert [each["steps"] for each in one["beside_simple"]["path"]] == [2, 4]
    assert len(one["groups"]["path"]) == trials.GROUPS


def test_no_number_is_written_as_null(run, tmp_path, monkeypatch):
    nan = float("nan")
    monkeypatch.setattr(trials, "figure", lambda *_: trials.Figure(nan, nan, nan))

    _, out, _ = run("--simulator", "coherence", "--arm", "fixed", "--json", str(tmp_path / "a.json"), *SMALL)

    assert "NaN" not in (tmp_path / "a.json").read_text()
    assert ["fixed", "-", "-", "0.0%", "0.0"] in [line.split() for line in out.splitlines()]


def test_pinned_figures(run, tmp_path):
    """The same command gives the same figures, here and on other machines."""
    run(
        "--simulator",
        "coherence",
        "--arm",
        "three-leave",
        "--json",
        str(tmp_path / "a.json"),
        "--learners",
        "40",
        "--seeds",
        "1,2",
        "--steps",
        "5,20",
    )

    (one,) = json.loads((tmp_path / "a.json").read_text())["simulators"]

    assert [round(figure["value"], 4) for figure in one["arms"]["three-leave"]["gain"]] == [0.1382, 0.3697]


def test_the_list_names_all(run):
    _, out, _ = run("--list")

    assert all(f"  {name} " in out for name in strategies.STRATEGIES)
    assert "  edusim-kss " in out


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (["--arm", "luck"], "--arm: no such way to choose: luck; known: random, "),
        (["--simulator", "kss"], "--simulator: no such simulator: kss; known: bayes, "),
        (["--simulator", "nowhere:there"], "--simulator: No module named 'nowhere'; name a function"),
        (["--simulator", "entrepot.paths:there"], "has no attribute 'there'; name a function"),
        (["--simulator", "entrepot.paths:simple"], "entrepot.paths:simple returned a tuple; it must return a"),
        (["--simulator", "edusim-kss"], "EduSim 0.0.2 cannot be imported"),
        (["--learners", "0"], "--learners: found 0; needed 1 or more"),
        (["--wrong", "2"], "--wrong: found 2.0; needed a share between 0 and 1"),
        (["--steps", "5,2"], "--steps: found 5, 2; needed growing numbers from 1"),
        (["--steps", "0,2"], "--steps: found 0, 2; needed growing numbers from 1"),
        (["--seeds", "-1"], "--seeds: found -1; needed whole numbers from 0"),
        (["--json", "/nowhere/a.json"], "--json: there is no directory /nowhere; name a file in one that exists"),
    ],
)
def test_what_is_wrong_is_one_line(run, words, text):
    code, out, err = run(*words)

    assert (code, out) == (1, "")
    assert err.startswith("entrepot: ")
    assert text in err
    assert err.count("\n") == 1


def test_numbers_that_are_none_are_refused(run, capsys):
    with pytest.raises(SystemExit) as end:
        run("--seeds", "one")

    assert end.value.code == 2
    assert "needed whole numbers with commas between them" in capsys.readouterr().err


def test_a_simulator_of_somebody_else_is_named_by_module_and_function(run, monkeypatch):
    made = types.ModuleType("theirs")
    made.simulator = lambda: Simulator("theirs", "by somebody else", coherence.world)
    monkeypatch.setitem(sys.modules, "theirs", made)

    _, out, _ = run("--simulator", "theirs:simulator", "--arm", "random", *SMALL)

    assert out.startswith("theirs: by somebody else\n")


def test_a_measure_can_be_written_anywhere():
    out, progress = io.StringIO(), io.StringIO()
    parser = cli._parser(["evaluate-paths"])
    arguments = parser.parse_args(["evaluate-paths", "--simulator", "coherence", "--arm", "random", *SMALL])

    assert paths.run(arguments, out, progress) == 0
    assert out.getvalue()
    assert progress.getvalue()


def test_the_shipped_catalog_can_be_the_graph(run):
    _, out, _ = run("--simulator", "bayes-cbec", "--arm", "fixed-needed", *SMALL)

    assert catalog.load("cbec").id in out
