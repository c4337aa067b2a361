from __future__ import annotations

import logging
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from curriculum import catalog as catalogs
from lti_tool import advice
from lti_tool.advice import Models
from recommender import artifact, features
from recommender.parameters import Parameters
from tests.lti_tool import builders
from tests.lti_tool.builders import Bench

OULAD = catalogs.load("oulad")
NOW = 1_795_000_000.0


def publish(directory: Path, round_: int = 4) -> None:
    """Publish a model of zeros: every chance is even."""
    space = features.Space(OULAD)
    weights = np.zeros(space.dimension)
    parameters = Parameters(OULAD.id, OULAD.fingerprint, space.version, weights)
    artifact.save(directory / "oulad", parameters, {"round": round_, "created": "2026-11-23T00:00:00Z"})


def test_a_published_model_is_read_with_its_round(tmp_path: Path) -> None:
    publish(tmp_path)

    model = advice.published(Models(tmp_path), OULAD)

    assert (model.state, model.round) == ("model", 4)


def test_a_model_is_read_once_while_it_does_not_change(tmp_path: Path) -> None:
    publish(tmp_path)
    models = Models(tmp_path)

    assert advice.published(models, OULAD) is advice.published(models, OULAD)


def test_a_newer_model_is_taken_up(tmp_path: Path) -> None:
    publish(tmp_path)
    models = Models(tmp_path)
    advice.published(models, OULAD)
    publish(tmp_path, round_=5)

    assert advice.published(models, OULAD).round == 5


def test_no_folder_is_a_missing_model(tmp_path: Path) -> None:
    assert advice.published(Models(tmp_path / "nowhere"), OULAD).state == "missing"


def test_a_damaged_model_is_said_once_and_does_not_raise(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    publish(tmp_path)
    (weights,) = (tmp_path / "oulad").glob("*.npz")
    os.truncate(weights, 100)
    models = Models(tmp_path)
    with caplog.at_level(logging.WARNING):
        states = [advice.published(models, OULAD).state for _ in range(3)]

    assert states == ["damaged"] * 3
    assert caplog.messages == ["code=model_damaged catalog=oulad"]


@pytest.mark.parametrize("text", ["", "[]", "{", '{"schema": 99}'])
def test_a_manifest_that_is_none_is_a_damaged_model(tmp_path: Path, text: str) -> None:
    publish(tmp_path)
    (tmp_path / "oulad" / "manifest.json").write_text(text, encoding="utf-8")

    assert advice.published(Models(tmp_path), OULAD).state == "damaged"


def advise(bench: Bench, role: str) -> advice.Advice:
    models = bench.app.extensions["lti_tool"].models
    return advice.advise(bench.storage, models, OULAD, "nobody", role=role, now=NOW)


def test_without_a_goal_nothing_is_recommended(bench: Bench) -> None:
    assert advise(bench, "").recommendations == ()


def test_without_a_model_the_advice_starts_from_the_graph(bench: Bench) -> None:
    given = advise(bench, "AAA")

    assert {offer.basis for offer in given.recommendations} == {"graph"}


def test_with_a_model_the_chances_are_the_model_s(bench: Bench) -> None:
    publish(bench.app.extensions["lti_tool"].models.directory)

    given = advise(bench, "AAA")

    assert [(offer.basis, offer.chance) for offer in given.recommendations] == [("model", 0.5)] * 3


@pytest.mark.parametrize(("damage", "words"), [(False, "No shared model"), (True, "could not be read")])
def test_the_page_says_that_it_starts_cold(bench: Bench, damage: bool, words: str) -> None:
    if damage:
        publish(bench.app.extensions["lti_tool"].models.directory)
        manifest: Any = bench.app.extensions["lti_tool"].models.directory / "oulad" / "manifest.json"
        manifest.write_text("{", encoding="utf-8")

    assert words in builders.launched(bench).text


def test_the_page_names_the_round_of_its_model(bench: Bench) -> None:
    publish(bench.app.extensions["lti_tool"].models.directory, round_=7)

    page = builders.launched(bench).text

    assert "Model of round 7" in page
    assert "No shared model" not in page
