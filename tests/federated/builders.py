"""Institutions with real stores, made small: statements go in by the collector's own write path."""

import os
import time
import uuid
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import orjson

from curriculum import catalog as catalogs
from federated import pki, runtime, settings
from recommender import training
from recommender.interactions import Interactions
from recommender.space import Space
from storage import connect
from xapi_collector import consent, envelope, keyring, statements
from xapi_collector import settings as collector_settings
from xapi_collector.grammar import jsontext

ISSUER = "https://lms.example"
ENTITY = "Example University"
PLACE = "GB"
OWN = {name: Path(value) for name, value in (("models", "models"), ("state", "supernode"), ("ca", "ca.pem"))}
OWN |= {"key": Path("node.key"), "signing_key": Path("signing.key"), "charter": Path("charter.json")}
AUTHORITY = orjson.dumps({"account": {"homePage": ISSUER, "name": "lrs"}}).decode()
BEGIN = datetime(2013, 10, 1, tzinfo=UTC)


def answers(learners, seed, *, prefix="learner", each=12):
    """Made-up results (learner, item number, scaled score, day): able learners score higher, hard items lower."""
    random = np.random.default_rng(seed)
    items = len(catalogs.load("oulad").items)
    hard = np.random.default_rng(1).normal(0, 0.12, items)  # the same in every institution
    for number in range(learners):
        able = random.normal(0.75, 0.12)
        for step, item in enumerate(np.sort(random.choice(items, each, replace=False))):
            score = float(np.clip(able - hard[item] + random.normal(0, 0.08), 0, 1))
            yield f"{prefix}-{number}", int(item), round(score, 2), step * 10 + number % 10


def statement(learner, item, score, day):
    activity = list(catalogs.load("oulad").items.values())[item].activity
    return {
        "id": str(uuid.uuid5(uuid.NAMESPACE_URL, f"{learner} {item}")),
        "actor": {"objectType": "Agent", "account": {"homePage": ISSUER, "name": learner}},
        "verb": {"id": "http://adlnet.gov/expapi/verbs/scored"},
        "object": {"objectType": "Activity", "id": activity},
        "result": {"score": {"scaled": score}},
        "timestamp": (BEGIN + timedelta(days=day)).isoformat(),
    }


def store(directory, results):
    """Put results into a new store in `directory`; return its URL."""
    url = f"sqlite:///{directory / 'store'}"
    keyring.create(directory / "keyring.json")
    storage = connect.connect(url, *collector_settings.COLLECTIONS)
    consent.declare(storage, consent.TRAINING, consent.ALLOW, "invented records", lambda: time.time_ns() // 1000)
    storage.close()
    send(directory, results)
    return url


def send(directory, results):
    """Put further results into the store in `directory`."""
    ingest(directory, [statement(*result) for result in results])


def ingest(directory, batch):
    """Put statements into the store in `directory`."""
    storage = connect.connect(f"sqlite:///{directory / 'store'}", *collector_settings.COLLECTIONS)
    keys = keyring.load(directory / "keyring.json")
    collector = statements.Collector(
        storage,
        keys,
        envelope.DataKeys(storage, keys.sealing_key, os.urandom),
        lambda: time.time_ns() // 1000,
        os.urandom,
        lambda: str(uuid.uuid4()),
    )
    for start in range(0, len(batch), 500):
        body = orjson.dumps(batch[start : start + 500])
        statements.ingest(collector, jsontext.parse(body, len(body)), AUTHORITY)
    storage.close()


def institution(directory, name, results, **changes):
    """Make an institution with `results` in its store; return the path of its member.toml."""
    directory.mkdir(parents=True, exist_ok=True)
    member = settings.Member(
        institution=name,
        storage=store(directory, results),
        models=directory / "models",
        legal_entity=ENTITY,
        jurisdiction=PLACE,
    )
    settings.save(directory / "member.toml", replace(member, **changes))
    return directory / "member.toml"


def apart(root, members):
    """The same institutions with everything but their stores under `root`; name -> member.toml."""
    found = {}
    for name, path in members.items():
        found[name] = root / name / "member.toml"
        settings.save(found[name], replace(settings.load_member(path), **OWN))
    return found


def consortium(directory, members, **changes):
    """Have institutions sign a charter of a coordinator in `directory`, as on one machine; return their settings."""
    for path in members.values():
        if changes:
            settings.save(path, replace(settings.load_member(path), **changes))
    one = runtime.Consortium(directory, "oulad", members)
    authority = pki.ensure(directory / "pki", ["127.0.0.1"], datetime.now(UTC))
    return runtime.prepare(one, authority)


def interactions(learners, seed, *, prefix="learner", each=12):
    """Interactions without a store, as `institution` would read them."""
    rows = sorted(
        (name, day, item, score) for name, item, score, day in answers(learners, seed, prefix=prefix, each=each)
    )
    names = sorted({row[0] for row in rows})
    place = {name: number for number, name in enumerate(names)}
    return Interactions(
        learners=tuple(names),
        learner=np.array([place[row[0]] for row in rows], dtype=np.int32),
        item=np.array([row[2] for row in rows], dtype=np.int32),
        correct=np.array([row[3] >= 0.75 for row in rows], dtype=np.float32),
        score=np.array([row[3] for row in rows], dtype=np.float32),
        when=np.array([row[1] for row in rows], dtype=np.int64) * 86_400_000_000,
    )


def begin(*parts):
    """The model that Newton begins with, after the counting of institutions with these interactions."""
    return training.prepare(parts, Space(catalogs.load("oulad")))[0]
