"""A store with everything that can be kept of a person, and the bytes of its files."""

import os
import pathlib
import uuid

from storage import connect
from storage.collection import Collection
from tests.storage import stores
from tests.xapi_collector.lrs import VERSION, Lrs, agent, basic
from xapi_collector import agents, app, consent, documents, envelope, keyring, place, settings
from xapi_collector.collector import Collector
from xapi_collector.door import auth
from xapi_collector.preconditions import Precondition

GOALS = Collection("goals", ("learner", "context"), person="learner", **stores.FACTS)
FILTERS = Collection("filters", ("name",), (), ("persons",), person="persons", **stores.FACTS)
COLLECTIONS = (*settings.COLLECTIONS, GOALS, FILTERS)
"""What a room above may declare besides: a key with a pseudonym in it, and a list of pseudonyms."""


def make(address, directory):
    """A collector over a store with all of COLLECTIONS, that speaks HTTP."""
    storage = connect.connect(address, *COLLECTIONS)
    path = directory / "keyring.json"
    keys = keyring.load(path) if path.exists() else keyring.create(path)
    key, secret = auth.create_credential(storage, keys, "tests")
    its = settings.Settings(address, str(path), "institution", "https://lrs.example/xapi/")
    client = app.create_app(its, storage, keys).test_client()
    return Lrs(storage, keys, client, {"X-Experience-API-Version": VERSION} | basic(key, secret))


def collector(lrs, clock=lambda: 1_790_000_000_000_000):
    """The paths over a store, as a program of its own has them."""
    keys = envelope.DataKeys(lrs.storage, lrs.keys.sealing_key, os.urandom)
    return Collector(lrs.storage, lrs.keys, keys, clock, os.urandom, lambda: str(uuid.uuid4()))


def person(lrs, name):
    """The pseudonym of a person of the tests, under the active key."""
    return agents.pseudonym(agent(name), lrs.keys.pseudonym_key)


def keep_documents(lrs, name):
    """A state, a goal, a place in a list and a choice of a person."""
    its = collector(lrs)
    who = agent(name)
    where = place.Place(place.STATE, "https://course.example/unit/1", who)
    documents.put(
        its, where, place.Document("page", "application/json", b'{"page":"' + name.encode() + b'"}', 5), Precondition()
    )
    lrs.storage.insert(GOALS, {"learner": person(lrs, name), "context": "c", "role": "broker"})
    lrs.storage.insert(FILTERS, {"name": f"of {name}", "persons": sorted({person(lrs, name), person(lrs, "other")})})
    consent.say(
        lrs.storage, consent.names(who, lrs.keys, its.keys, os.urandom), "training", "allow", its.clock, notice="1"
    )


def raw_bytes(directory: pathlib.Path) -> bytes:
    """Every byte of every file below a directory."""
    return b"".join(path.read_bytes() for path in sorted(directory.rglob("*")) if path.is_file())
