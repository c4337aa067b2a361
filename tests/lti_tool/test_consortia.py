from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from curriculum import catalog as catalogs
from federated.budget import Account
from lti_tool import consortia
from recommender import artifact, training
from recommender.space import Space
from tests.lti_tool.consorted import LIMIT, measure, publish


@pytest.fixture
def models(tmp_path: Path) -> Path:
    return tmp_path / "models"


def test_what_the_member_wrote_is_read_whole(models: Path) -> None:
    publish(models)

    found = consortia.find(models, "cbec").summary

    assert found is not None
    assert (found.consortium, found.policy, found.countries) == ("Commerce", "secagg", 2)
    assert (found.answers, found.size, found.refused) == (3, 61_440, 1)
    assert [(one.run, one.round, one.size, one.kinds) for one in found.rounds] == [
        ("17", number, 20_480, ("counts",)) for number in (2, 1, 0)
    ]
    assert [(one.kind, one.reason) for one in found.refusals] == [("sums", "budget")]
    assert found.cohorts == (consortia.Cohort("default", 1.3, 0.5),)
    assert (found.limit, found.delta) == (2.0, 1e-5)
    assert found.lines == 3


def test_where_no_noise_is_added_there_is_no_limit(models: Path) -> None:
    publish(models, accounts={}, limit=None)

    found = consortia.find(models, "cbec").summary

    assert found is not None
    assert (found.limit, found.cohorts) == (None, ())


def test_an_institution_in_no_consortium_has_no_summary(models: Path) -> None:
    assert consortia.find(models, "cbec") == consortia.Part()


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[]",
        "{",
        "null",
        '{"format": 1}',
        '{"format": 1, "at": 7}',
        '{"format": 1, "at": "2026-11-26", "budget": null}',
    ],
)
def test_a_damaged_summary_is_named(models: Path, content: str) -> None:
    (models / "consortium").mkdir(parents=True)
    (models / "consortium" / "cbec.json").write_text(content)

    assert consortia.find(models, "cbec").problem == consortia.UNREADABLE


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("consortium", 7),
        ("members", [{"name": "leeds"}]),
        ("budget", {"epsilon": "much"}),
        ("rounds", [{"run": "17"}]),
        ("at", "2026-11-26T12:00:00"),
        ("ledger", None),
    ],
)
def test_a_summary_with_a_wrong_part_is_named(models: Path, name: str, value: object) -> None:
    publish(models)
    path = models / "consortium" / "cbec.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), name: value}))

    assert consortia.find(models, "cbec").problem == consortia.UNREADABLE


def test_a_summary_of_a_later_version_is_named(models: Path) -> None:
    (models / "consortium").mkdir(parents=True)
    (models / "consortium" / "cbec.json").write_text('{"format": 2}')

    assert consortia.find(models, "cbec").problem == consortia.NEWER


def test_a_share_beyond_the_limit_fills_the_bar_and_no_more(models: Path) -> None:
    publish(models, accounts={"default": Account("default", 0.9, 0.4, 2.7, LIMIT)})

    found = consortia.find(models, "cbec").summary

    assert found is not None
    assert found.cohorts[0].share == 1.0


def test_the_files_are_those_that_the_member_put_there(models: Path) -> None:
    publish(models)

    assert b"Register of transfers" in (consortia.file(models, "cbec", "register-en") or b"")
    assert "对外传输登记册" in (consortia.file(models, "cbec", "register-zh") or b"").decode()
    assert (consortia.file(models, "cbec", "ledger") or b"").count(b"\n") == 3
    assert consortia.file(models, "oulad", "ledger") is None


def test_what_was_measured_here_is_read(models: Path) -> None:
    measure(models)

    found = consortia.measured(models, "cbec")

    assert found == consortia.Measured({"local": 0.712, "federated": 0.731, "personalised": 0.744}, 20, True)


def test_what_could_not_be_measured_is_left_out(models: Path) -> None:
    measure(models, auc={"local": None, "federated": 0.7}, gate=None)

    assert consortia.measured(models, "cbec") == consortia.Measured({"federated": 0.7}, 20, None)


@pytest.mark.parametrize("changes", [{"auc": None}, {"learners": {}}, {"gate": {}}])
def test_a_damaged_measurement_is_none(models: Path, changes: dict[str, Any]) -> None:
    measure(models, **changes)

    assert consortia.measured(models, "cbec") is None


def test_before_a_round_nothing_was_measured_and_no_model_is_there(models: Path) -> None:
    assert consortia.measured(models, "cbec") is None
    assert consortia.lineage(models, "cbec") == ()


def test_the_models_that_are_kept_are_listed_the_newest_first(models: Path) -> None:
    space = Space(catalogs.load("cbec"))
    for number in (3, 4):
        artifact.save(models / "cbec", training.start(space), {"round": number})

    assert next(iter(consortia.lineage(models, "cbec"))).facts["round"] == 4
