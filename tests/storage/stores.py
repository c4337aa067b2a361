"""Builders of the storage tests: declared collections, rows, and a store of each kind."""

import itertools
import uuid

from storage import connect
from storage.collection import Collection
from storage.port import Row
from tests.storage import mongo_server

STORES = ("sqlite", *mongo_server.SERVERS)
FACTS = {
    "purpose": "a test",
    "legal_basis": "a test",
    "residency": "a test",
    "retention": "a test",
    "export": "a test",
    "erase": "a test",
}
HOT = Collection("statements", ("id",), hot=True, **FACTS)
NOTES = Collection("notes", ("owner", "name"), ("colour", "size"), ("tags",), **FACTS)
TICKETS = Collection("tickets", ("id",), **FACTS)
ALL = (HOT, NOTES, TICKETS)

_numbers = itertools.count(1)


def url(kind: str, directory) -> str:
    """The URL of a fresh store of the kind."""
    return f"sqlite:///{directory}" if kind == "sqlite" else mongo_server.url(kind, f"test_{uuid.uuid4().hex[:12]}")


def open_store(address: str, *collections: Collection):
    """A store at the URL; with all collections of the tests if none is named."""
    return connect.connect(address, *(collections or ALL))


def note(**changes):
    """A valid document of NOTES."""
    return {"owner": "o", "name": "n", "colour": "red", "size": 3, "tags": ["a", "b"], "text": "hello"} | changes


def row(**changes):
    """A valid row with an id of its own."""
    values = {
        "id": uuid.UUID(int=next(_numbers)).bytes,
        "kind": "did",
        "source": "sender",
        "label": b"label",
        "body": b"body",
        "terms": (("actor-1", 0), ("thing-1", 2), ("did", 4)),
    }
    return Row(**(values | changes))


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self, now: int = 1_000_000) -> None:
        self.now = now

    def __call__(self) -> int:
        return self.now
