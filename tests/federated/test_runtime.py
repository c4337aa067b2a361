"""What a run refuses before, or without, a federation; test_federation runs whole ones."""

import json
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from federated import commands, control, errors, runtime, settings
from tests.federated import builders

STATE = control.Run(1, "finished", "failed", 0, 0)


@pytest.fixture
def consortium(tmp_path):
    members = {name: builders.institution(tmp_path / name, name, []) for name in ("north", "south")}
    return runtime.Consortium(tmp_path / "consortium", "oulad", members)


def test_a_superlink_that_does_not_start_is_said_with_the_end_of_its_log(consortium, monkeypatch):
    program = [sys.executable, "-c", "print('the port is taken'); raise SystemExit(1)"]
    monkeypatch.setattr(commands, "superlink", lambda *_arguments: program)

    with pytest.raises(errors.RuntimeFailure, match="the SuperLink ended while it started: the port is taken"):
        runtime.run(consortium)


def test_a_superlink_that_never_answers_is_not_waited_for_without_end(consortium, monkeypatch):
    monkeypatch.setattr(commands, "superlink", lambda *_: [sys.executable, "-c", "import time; time.sleep(60)"])
    monkeypatch.setattr(runtime, "_START_SECONDS", 0.5)

    with pytest.raises(errors.RuntimeFailure, match="did not answer within"):
        runtime.run(consortium)


def test_a_member_file_of_another_institution_is_named(consortium):
    path = consortium.members["north"]
    settings.save(path, replace(settings.load_member(path), institution="east"))

    with pytest.raises(errors.SettingsError, match="institution 'east' with catalog 'oulad'; expected 'north'"):
        runtime.run(consortium)


def test_a_member_of_another_catalog_is_named(consortium):
    with pytest.raises(errors.SettingsError, match="expected 'north' with 'cbec'"):
        runtime.run(replace(consortium, catalog="cbec"))


def test_a_run_without_an_outcome_says_where_to_look(tmp_path):
    with pytest.raises(errors.RuntimeFailure, match=r"\(failed\) without an outcome; see logs/superlink\.log"):
        runtime._outcome(tmp_path / "runs" / "1" / "outcome.json", STATE)


def test_a_run_that_could_not_go_on_says_why(tmp_path):
    (tmp_path / "outcome.json").write_text(json.dumps({"error": "1 institutions are left"}))

    with pytest.raises(errors.RoundError, match="1 institutions are left"):
        runtime._outcome(tmp_path / "outcome.json", STATE)


def test_the_mark_of_a_run_is_never_that_of_another_with_the_same_relative_path(consortium, monkeypatch, tmp_path):
    program = [sys.executable, "-c", "import os; print(os.environ['FLWR_HOME']); raise SystemExit(1)"]
    monkeypatch.setattr(commands, "superlink", lambda *_arguments: program)
    monkeypatch.chdir(tmp_path)

    with pytest.raises(errors.RuntimeFailure, match=str(tmp_path / "consortium" / "flower")):
        runtime.run(replace(consortium, directory=Path("consortium")))
