import dataclasses
import json

import numpy as np
import pytest

from curriculum import catalog as catalogs
from entrepot import cli, models, premises, variables
from recommender import artifact, errors, space, training

CATALOG = catalogs.load("oulad")
START = training.start(space.of(CATALOG))


def model(step):
    return dataclasses.replace(START, weights=START.weights + step)


@pytest.fixture
def home(tmp_path, monkeypatch):
    """An institution whose variables are set; its directory of models."""
    for name in variables.known():
        monkeypatch.delenv(name, raising=False)
    made = premises.establish(
        tmp_path / "wales", "wales", xapi_url="https://learn.example.org/xapi", lti_url="https://learn.example.org"
    )
    for name, value in made.environment.items():
        monkeypatch.setenv(name, value)
    return made.directory / "models"


@pytest.fixture
def two(home):
    for round_ in (1, 2):
        facts = {"round": round_, "created": f"2026-11-0{round_}T10:00:00+00:00", "kind": "personalised"}
        artifact.save(home / "oulad", model(round_), facts)
    return home


def run(capsys, *arguments):
    code = cli.main(["model", *arguments])
    told = capsys.readouterr()
    return code, told.out, told.err


def test_the_list_says_which_is_served(two, capsys):
    code, out, _err = run(capsys, "list")

    first, second = (artifact.identity(model(step)) for step in (1, 2))
    assert code == 0
    assert out == (
        "oulad\n"
        f"  served     {second}  round 2, 2026-11-02T10:00:00+00:00, personalised\n"
        f"  kept       {first}  round 1, 2026-11-01T10:00:00+00:00, personalised\n"
    )


def test_a_rollback_serves_the_former_one_and_the_list_says_so(two, capsys):
    code, out, _err = run(capsys, "rollback")

    assert code == 0
    assert f"oulad: model {artifact.identity(model(1))} is served now (round 1" in out
    assert artifact.load(two / "oulad", CATALOG).weights.tobytes() == model(1).weights.tobytes()
    assert "withdrawn" in run(capsys, "list")[1].splitlines()[1]


def test_a_rollback_can_be_taken_back(two, capsys):
    run(capsys, "rollback")
    code, _out, _err = run(capsys, "rollback", "--to", artifact.identity(model(2))[:8])

    assert code == 0
    assert artifact.load(two / "oulad", CATALOG).weights.tobytes() == model(2).weights.tobytes()


def test_a_rollback_to_nowhere_is_one_line(two, capsys):
    code, _out, err = run(capsys, "rollback", "--to", "none")

    assert code == 1
    assert err.startswith("entrepot: ")
    assert err.count("\n") == 1
    assert artifact.identity(model(2)) in err


def test_show_tells_what_the_manifest_and_the_gate_said(two, capsys):
    (two / "evaluation").mkdir()
    verdict = {"candidate": artifact.identity(model(2)), "rule": "bootstrap", "difference": -0.0123}
    (two / "evaluation" / "oulad.json").write_text(json.dumps({"gate": verdict}))

    code, out, _err = run(capsys, "show")

    assert code == 0
    assert {"round: 2", "kind: personalised", "gate rule: bootstrap", "gate difference: -0.0123"} <= set(
        out.splitlines()
    )
    assert f"array weights: float64 ({len(START.weights)},)" in out
    assert "gate" not in run(capsys, "show", artifact.identity(model(1))[:8])[1]


@pytest.mark.parametrize("text", ["{", "[]", '{"gate": 1}'])
def test_a_damaged_evaluation_hides_the_gate_alone(two, capsys, text):
    (two / "evaluation").mkdir()
    (two / "evaluation" / "oulad.json").write_text(text)

    assert "round: 2" in run(capsys, "show")[1]


def test_show_names_what_is_kept_where_an_id_is_unknown(two, capsys):
    code, _out, err = run(capsys, "show", "zz")

    assert code == 1
    assert f"kept are: {artifact.identity(model(2))}, {artifact.identity(model(1))}" in err


@pytest.mark.parametrize("step", ["list", "show", "rollback"])
def test_an_institution_without_models_is_told_so(home, capsys, step):
    code, _out, err = run(capsys, step)

    assert code == 1
    assert str(home) in err


def test_a_catalog_without_models_is_named(two, capsys):
    assert "no model of law is kept" in run(capsys, "list", "--catalog", "law")[2]
    assert "none" in run(capsys, "show", "--catalog", "law")[2]
    assert "law" in run(capsys, "rollback", "--catalog", "law")[2]


def test_of_several_catalogs_one_must_be_named(two, capsys):
    (two / "cbec").mkdir()
    (two / "cbec" / artifact.MANIFEST).write_text("{}")

    assert "models of cbec, oulad are kept there; name one with --catalog" in run(capsys, "rollback")[2]
    assert run(capsys, "rollback", "--catalog", "oulad")[0] == 0


def test_a_model_of_unknown_origin_is_listed(home):
    artifact.save(home / "oulad", model(1), {})

    assert models.listed(home, "oulad").endswith("of unknown origin\n")


def test_a_damaged_earlier_model_is_not_served(two):
    (two / "oulad" / f"parameters-{artifact.identity(model(1))}.npz").write_bytes(np.arange(3).tobytes())

    with pytest.raises(errors.ArtifactError):
        models.rolled_back(two)
    assert np.array_equal(artifact.load(two / "oulad", CATALOG).weights, model(2).weights)
