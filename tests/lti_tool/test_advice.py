from __future__ import annotations

import dataclasses
import logging
import os
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from curriculum import bank, practice
from curriculum import catalog as catalogs
from lti_tool import advice
from lti_tool.advice import Models, Wish
from recommender import artifact, explain, interactions, knobs, space, tracker, training
from recommender.parameters import Parameters
from recommender.placement import Answer
from tests.lti_tool import advised, builders
from tests.lti_tool.builders import Bench

OULAD = catalogs.load("oulad")
NOW = 1_795_000_000.0


def publish(directory: Path, round_: int = 4) -> None:
    """Publish a model that has seen no answer yet."""
    parameters = training.start(space.of(OULAD))
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


def spoil(directory: Path) -> None:
    """Damage every model that was kept."""
    for path in [*(directory / "oulad").rglob("*.npz"), *(directory / "oulad").rglob("*.json")]:
        os.truncate(path, 10)


def test_a_damaged_model_is_said_once_and_does_not_raise(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    publish(tmp_path)
    spoil(tmp_path)
    models = Models(tmp_path)
    with caplog.at_level(logging.WARNING):
        states = [advice.published(models, OULAD).state for _ in range(3)]

    assert states == ["damaged"] * 3
    assert caplog.messages == ["code=model_damaged catalog=oulad"]


@pytest.mark.parametrize("text", ["", "[]", "{", '{"schema": 99}'])
def test_a_manifest_that_is_none_lets_the_last_good_model_serve_on(
    tmp_path: Path, text: str, caplog: pytest.LogCaptureFixture
) -> None:
    publish(tmp_path)
    (tmp_path / "oulad" / "manifest.json").write_text(text, encoding="utf-8")

    with caplog.at_level(logging.WARNING):
        model = advice.published(Models(tmp_path), OULAD)

    assert (model.state, model.round) == ("model", 4)
    assert caplog.messages == ["code=model_refused catalog=oulad refused=1"]


def test_a_model_has_the_id_that_recommendations_store(tmp_path: Path) -> None:
    publish(tmp_path)
    model = advice.published(Models(tmp_path), OULAD)

    given = advice.of_history(
        OULAD, interactions.empty(), model, wish=Wish("AAA"), now=datetime.fromtimestamp(NOW, UTC)
    )

    assert model.id
    assert {offer.model for offer in given.recommendations} == {model.id}


def advise(bench: Bench, role: str) -> advice.Advice:
    models = bench.app.extensions["lti_tool"].models
    return advice.advise(bench.storage, models, OULAD, "nobody", wish=Wish(role), now=NOW)


def test_without_a_goal_nothing_is_recommended(bench: Bench) -> None:
    assert advise(bench, "").recommendations == ()


def test_without_a_model_the_advice_starts_from_the_graph(bench: Bench) -> None:
    given = advise(bench, "AAA")

    assert {offer.basis for offer in given.recommendations} == {"graph"}


def test_with_a_model_the_chances_are_the_model_s(bench: Bench) -> None:
    publish(bench.app.extensions["lti_tool"].models.directory)

    given = advise(bench, "AAA")

    assert [offer.basis for offer in given.recommendations] == ["model"] * 3
    for offer in given.recommendations:
        assert offer.chance == explain.sigma(offer.logit)
        assert {part.name for part in offer.contributions} <= set(explain.MODEL_GROUPS)


@pytest.mark.parametrize(("damage", "words"), [(False, "No shared model"), (True, "could not be read")])
def test_the_page_says_that_it_starts_cold(bench: Bench, damage: bool, words: str) -> None:
    if damage:
        publish(bench.app.extensions["lti_tool"].models.directory)
        spoil(bench.app.extensions["lti_tool"].models.directory)

    assert words in builders.launched(bench).text


def test_the_page_names_the_round_of_its_model(bench: Bench) -> None:
    publish(bench.app.extensions["lti_tool"].models.directory, round_=7)

    page = builders.launched(bench).text

    assert "Model of round 7" in page
    assert "No shared model" not in page


def test_the_time_that_a_step_takes_is_declared_by_its_item_or_its_case() -> None:
    cbec = catalogs.load("cbec")
    timed = dataclasses.replace(cbec.items["practice:cus.duty"], minutes=3.0)
    known = advice.reference(dataclasses.replace(cbec, items={**cbec.items, timed.id: timed}))

    seconds = {name: float(known.seconds[number]) for name, number in cbec.item_index.items()}
    assert seconds["practice:cus.duty"] == 180.0
    assert seconds["practice:log.freight_quote"] == 60.0 * 8 / practice.of_skill("log.freight_quote").steps  # type: ignore[union-attr]  # it has a case
    assert seconds["practice:fnd.ecom_models"] == 60.0 * bank.MINUTES


def test_a_placement_moves_what_the_path_believes_where_it_was_and_nothing_else() -> None:
    """As if its answers stood among the others, marked as no practice."""
    past = advised.history(
        advised.CBEC, ("practice:cus.duty", 1.0), ("practice:prc.margin", 0.0), ("practice:cus.duty", 1.0)
    )
    given = (Answer("practice:prc.landed", right=True), Answer("practice:cus.duty", right=False))
    at = float(past.when[1]) / 1e6 + 60.0
    placed = advice.Placed((*given, Answer("practice:lost", right=True)), at)
    items = [*past.item[:2], *(advised.CBEC.item_index[one.item] for one in given), past.item[2]]
    mixed = interactions.Interactions(
        learners=past.learners,
        learner=np.zeros(5, np.int32),
        item=np.array(items, np.int32),
        correct=np.array([1, 0, 1, 0, 1], np.float32),
        score=np.full(5, np.nan, np.float32),
        when=np.array([*past.when[:2], int(at * 1e6), int(at * 1e6), past.when[2]], np.int64),
    )
    mask = np.array([False, False, True, True, False])
    wanted = tracker.beliefs(tracker.replay(advised.CBEC, mixed, placed=mask, forgetting=True))

    def asked(placed: advice.Placed | None, parameters: Parameters | None = None) -> advice.Advice:
        model = advice.Model("missing") if parameters is None else advice.Model("model", parameters)
        return advice.of_history(
            advised.CBEC, past, model, wish=Wish("operations"), now=advised.NOW, placed=placed
        )  # fmt: skip

    plain, moved = asked(None), asked(placed)
    assert moved.beliefs == wanted != plain.beliefs
    assert moved.profile == plain.profile
    assert (moved.answers, moved.hours != plain.hours) == (3, True)
    parameters = training.fit([past], space.of(advised.CBEC))
    assert asked(placed, parameters).beliefs == tracker.track(advised.CBEC, mixed, placed=mask)
    assert asked(None, parameters).beliefs == tracker.track(advised.CBEC, past)


def test_ways_weigh_by_what_they_add_to_the_logit() -> None:
    given = advised.advised(advised.CBEC, "operations", *[("practice:cus.duty", 1.0)] * 8, way="video")

    assert given.wish.knobs.modes == knobs.weigh(given.profile.ways.logits, "video")
