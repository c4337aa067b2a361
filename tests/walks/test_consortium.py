"""Two universities under two laws: statements over HTTP, a private run in real processes, a recommendation at home."""

import base64
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import orjson
import pytest

from curriculum import catalog as catalogs
from federated import institution, ledger, register, runtime, settings
from recommender import artifact, interactions, recommend
from storage import connect
from tests.federated import builders
from xapi_collector import app, consent, keyring
from xapi_collector import settings as collector_settings
from xapi_collector.door import auth

pytestmark = [pytest.mark.processes, pytest.mark.waits, pytest.mark.timeout(300)]

NOW = datetime(2014, 6, 1, tzinfo=UTC)


def found(root: Path, name: str, seed: int) -> Path:
    """Found an institution and send its records to its own collector, as an LMS would."""
    root.mkdir()
    url = f"sqlite:///{root / 'store'}"
    keys = keyring.create(root / "keyring.json")
    storage = connect.connect(url, *collector_settings.COLLECTIONS)
    key, secret = auth.create_credential(storage, keys, "records")
    described = collector_settings.Settings(url, str(root / "keyring.json"), name, "https://lrs.example/xapi")
    client = app.create_app(described, storage, keys).test_client()
    basic = base64.b64encode(f"{key}:{secret}".encode()).decode()
    headers = {"Authorization": f"Basic {basic}", "X-Experience-API-Version": "1.0.3"}
    batch = [builders.statement(*result) for result in builders.answers(100, seed, prefix=name)]
    for start in range(0, len(batch), 500):
        body = orjson.dumps(batch[start : start + 500])
        answer = client.post("/xapi/statements", data=body, headers=headers, content_type="application/json")
        assert answer.status_code == 200, answer.text
    consent.declare(storage, consent.TRAINING, consent.ALLOW, "invented records", lambda: 1)
    storage.close()
    where = {"leeds": "GB", "hangzhou": "CN"}[name]
    member = settings.Member(name, url, root / "models", f"University of {name}", where)
    noise = replace(member, policy="source-noise", epsilon=4.0, delta=1e-5, cohort=20)
    settings.save(root / "member.toml", noise)
    return root / "member.toml"


@pytest.fixture(scope="module")
def consortium(tmp_path_factory):
    root = tmp_path_factory.mktemp("consortium")
    members = {name: found(root / name, name, seed) for seed, name in enumerate(("leeds", "hangzhou"), start=1)}
    return runtime.Consortium(root / "coordinator", "oulad", members)


@pytest.fixture(scope="module")
def outcome(consortium):
    return runtime.run(consortium)


def test_a_statement_becomes_a_recommendation_by_a_model_that_two_institutions_made(consortium, outcome):
    catalog = catalogs.load("oulad")
    home = institution.load(consortium.members["leeds"])
    records = institution.interactions(home)
    one = interactions.select(records, np.arange(len(records.learners)) == 0)
    parameters = artifact.load(home.models / "oulad", catalog)

    advice = recommend.recommend(catalog, one, parameters, recommend.Goal("AAA"), NOW)

    assert outcome.members == ("hangzhou", "leeds")
    assert advice
    assert {entry.basis for entry in advice} == {"model"}


def test_the_ledger_tells_what_happened(consortium, outcome):
    book = consortium.directory / "ledger.jsonl"

    lines = ledger.read(book)
    assert ledger.verify(book, outcome.head) == len(lines) >= 4
    assert [line.body["members"] for line in lines] == [["hangzhou", "leeds"]] * len(lines)
    assert {line.body["policy"] for line in lines} == {"source-noise"}


def test_each_university_knows_what_left_and_what_it_cost(consortium, outcome):
    for path in consortium.members.values():
        home = settings.load_member(path)
        sent = [one for _, one in register.entries(ledger.read(home.state / "register.jsonl"))]
        assert [one.kind for one in sent] == [one.kind for one in outcome.rounds]
        assert all(one.size > 0 and one.mu_squared > 0 for one in sent[:-1])
        assert (home.models / "consortium" / "oulad.json").exists()


def test_members_that_differ_in_policy_start_nothing(tmp_path):
    members = {name: builders.institution(tmp_path / name, name, []) for name in ("leeds", "hangzhou")}
    settings.save(members["leeds"], replace(settings.load_member(members["leeds"]), legal_entity="Another University"))

    with pytest.raises(runtime.errors.PolicyError, match="must declare the same"):
        runtime.run(runtime.Consortium(tmp_path / "coordinator", "oulad", members))
    assert not (tmp_path / "coordinator" / "logs").exists()
