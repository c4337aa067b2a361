import csv
import json

import numpy as np
import pytest

from entrepot import cli, evaluate
from recommender import consortia
from tests.federated import builders as federation

LINES = ["user,item,skills,correct,gender,school"]


def learners(count=96, each=8, seed=0):
    """Rows of made-up learners of two schools and two genders."""
    rng = np.random.default_rng(seed)
    lines = list(LINES)
    for number in range(count):
        ability = rng.normal()
        for item in rng.integers(0, 9, each).tolist():
            right = int(rng.random() < 1 / (1 + np.exp(-(ability + (item - 4) / 3))))
            lines.append(f"u{number},i{item},s{item % 3},{right},{'fm'[number % 2]},{'ab'[number % 3 % 2]}-school")
    return lines


@pytest.fixture(autouse=True)
def short(monkeypatch):
    monkeypatch.setattr(consortia, "AVERAGED", 2)


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "some.csv"
    path.write_text("\n".join(learners()) + "\n")
    return path


def run(capsys, *arguments):
    code = cli.main(["evaluate", *map(str, arguments)])
    told = capsys.readouterr()
    return code, told.out, told.err


def test_everything_is_measured_and_written(file, tmp_path, capsys):
    code, out, err = run(
        capsys, file, "--folds", 3, "--models", "this model,item mean,PFA", "--json", tmp_path / "all.json",
        "--predictions", tmp_path / "predictions.csv",
    )  # fmt: skip

    assert (code, "Traceback" in err) == (0, False)
    assert out.startswith("some: 768 answers of 96 learners, 9 items, 3 skills\n")
    parts = ("this model", "item mean", "a-school", "Items hidden from training", "By gender", "By institution")
    said = ("Items harder or easier at equal ability, by gender", "Future answers changed: no prediction moved.")
    for part in (*parts, *said):
        assert part in out
    assert "u1" not in out
    written = json.loads((tmp_path / "all.json").read_text())
    assert written["about"]["folds"] == 3
    assert list(written["models"]) == ["this model", "item mean", "PFA"]
    assert written["models"]["this model"]["ahead"] is None
    assert written["models"]["PFA"]["figures"]["learners"] == 96
    assert [member["name"] for member in written["institutions"]["members"]] == ["a-school", "b-school"]
    assert set(written["groups"]) == {"gender", "institution"}
    assert written["leakage"] == 0.0
    assert written["unseen"]["rows"] > 0
    assert (
        written["differential"]["gender"]["items"] == [] or "i" in written["differential"]["gender"]["items"][0]["item"]
    )


def test_predictions_are_written_for_an_auditor_without_names(file, tmp_path, capsys):
    run(capsys, file, "--folds", 4, "--models", "item mean", "--parts", "models", "--predictions", tmp_path / "p.csv")

    rows = list(csv.DictReader((tmp_path / "p.csv").read_text().splitlines()))
    assert len(rows) == 768
    assert {row["split"] for row in rows} == {"train", "test"}
    owners = {split: {row["user_id"] for row in rows if row["split"] == split} for split in ("train", "test")}
    assert not owners["train"] & owners["test"]
    assert len(owners["test"]) == 24
    assert all(0 < float(row["y_pred"]) < 1 for row in rows)
    assert not any("u" in row["user_id"] for row in rows)


def test_the_split_of_the_file_decides_where_there_is_one(tmp_path, capsys):
    lines = learners()
    marked = [f"{lines[0]},split", *(f"{line},{'test' if line.startswith('u1') else 'train'}" for line in lines[1:])]
    (tmp_path / "some.csv").write_text("\n".join(marked))

    code, out, _ = run(
        capsys, tmp_path / "some.csv", "--parts", "models", "--models", "item mean", "--json", tmp_path / "all.json"
    )

    assert (code, "1 folds (file)" in out) == (0, True)
    written = json.loads((tmp_path / "all.json").read_text())
    assert written["models"]["item mean"]["figures"]["learners"] == 11
    assert written["institutions"] is None


def test_made_up_institutions_take_the_place_of_those_of_the_file(file, capsys):
    code, out, _ = run(capsys, file, "--parts", "institutions", "--institutions", 3, "--mix", "iid")

    assert (code, "a-school" in out) == (0, False)
    assert "Personalised above local, worst institution" in out


def test_copies_are_left_out_unless_they_are_to_be_kept(tmp_path, capsys):
    lines = [f"u{number},i{item},s,{(item * (number + 3)) // 7 % 2}" for number in range(12) for item in range(25)]
    lines += [line.replace("u3,", "twin,") for line in lines if line.startswith("u3,")]
    (tmp_path / "some.csv").write_text("\n".join(["user,item,skills,correct", *lines]))
    shown = ("--parts", "models", "--models", "item mean", "--folds", 2)

    _, out, _ = run(capsys, tmp_path / "some.csv", *shown)
    _, kept, _ = run(capsys, tmp_path / "some.csv", *shown, "--keep-copies")

    assert "300 answers of 12 learners" in out
    assert "left out: 1 learners with 25 answers." in out
    assert "325 answers of 13 learners" in kept


def test_bad_rows_are_refused_by_line_or_left_out(file, capsys):
    file.write_text("\n".join([*learners(), "u1,i1,s1,maybe,f,a", "u1,i1,s1,1,f,a"]))
    shown = (file, "--parts", "models", "--models", "item mean")

    code, _, err = run(capsys, *shown)
    skipped, out, _ = run(capsys, *shown, "--skip-bad-rows")

    assert (code, skipped) == (1, 0)
    assert "line 770: 0 or 1 in 'correct' would be right" in err
    assert "maybe" not in err
    assert "Left out: line 770" in out


def test_merged_rows_are_said(tmp_path, capsys):
    lines = [line for n in range(8) for line in (f"u{n},i1,s1,{n % 2}", f"u{n},i1,s2,{n % 2}", f"u{n},i2,s1,1")]
    (tmp_path / "some.csv").write_text("\n".join(["user,item,skills,correct", *lines]))

    _, out, _ = run(capsys, tmp_path / "some.csv", "--parts", "models", "--models", "item mean", "--folds", 2)

    assert "made one: 8." in out


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ((), "FILE or --store: neither; one of the two says what to evaluate"),
        (("FILE", "--store", "x.toml"), "FILE or --store: both"),
        (("FILE", "--folds", 1), "--folds: 1; 2 or more"),
        (("FILE", "--models", "oracle"), "--models: no such name; some of this model, item mean, PFA"),
        (("FILE", "--parts", ","), "--parts: no such name; some of models, institutions"),
        (("FILE", "--parts", "models", "--models", "item mean", "--group", "age"), "columns of groups are gender"),
        (("nowhere.csv",), "nowhere.csv: No such file or directory; a file that can be read"),
    ],
)
def test_what_does_not_go_together_is_said(arguments, problem, file, capsys):
    code, _, err = run(capsys, *(file if one == "FILE" else one for one in arguments))

    assert code == 1
    assert problem in err


@pytest.mark.parametrize("rows", [0, 1])
def test_too_few_learners_are_said(rows, tmp_path, capsys):
    (tmp_path / "few.csv").write_text("\n".join(["user,item,correct", *["u,i,1"] * rows]))

    code, _, err = run(capsys, tmp_path / "few.csv")

    assert code == 1
    assert f"few has {rows} learners" in err


def test_an_institution_measures_the_model_on_its_own_store(tmp_path, capsys):
    settings = federation.institution(tmp_path, "wales", federation.answers(30, 1))

    code, out, _ = run(capsys, "--store", settings, "--parts", "models,leakage", "--models", "this model,item mean",
                       "--folds", 2)  # fmt: skip

    assert code == 0
    assert out.startswith("wales: 360 answers of 30 learners")
    assert "no prediction moved" in out


def test_one_group_can_be_asked_for(file, capsys):
    _, out, err = run(capsys, file, "--parts", "fairness", "--group", "gender", "--folds", 2)

    assert "By gender" in out
    assert "this model ..." in err


def test_too_few_answers_are_not_enough_data(tmp_path, capsys):
    lines = [f"u{n},i{n % 2},{1 if n < 6 else n % 2},{'fm'[n % 2]}" for n in range(8)]
    (tmp_path / "few.csv").write_text("\n".join(["user,item,correct,gender", *lines]))

    _, out, _ = run(capsys, tmp_path / "few.csv", "--parts", "models,fairness", "--models", "item mean", "--folds", 2)

    assert "not enough data yet" in out


def test_a_leak_is_said():
    about = {"name": "x", "rows": 1, "learners": 1, "items": 1, "skills": 1, "copies": 0, "copied_rows": 0}
    about |= {"merged": 0, "problems": []}

    lines = evaluate.table(evaluate.Found(about, (), {}, None, None, {}, {}, 0.25))

    assert lines[-1] == "Future answers changed: a prediction moved by 0.25, so it leaks."
