"""Builders of the storage tests: declared collections, rows, and a store of each kind."""

import itertools
import uuid
from dataclasses import replace

from storage import connect
from storage.collection import Collection
from storage.port import Query, Row
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
KIND = 4  # the role of the term that is a row's kind

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
    """A valid row with an id of its own; its kind is one of its terms, as every caller of the port has it."""
    values = {
        "id": uuid.UUID(int=next(_numbers)).bytes,
        "kind": "did",
        "source": "sender",
        "label": b"label",
        "body": b"body",
        "terms": (("actor-1", 0), ("thing-1", 2)),
    } | changes
    kind = (values["kind"], KIND)
    return Row(**(values | {"terms": tuple(dict.fromkeys((*values["terms"], kind)))}))


def term(word, role=0):
    """The groups of a query that asks for one term."""
    return (((word, role),),)


def pages(statements, query):
    """Every page of a query, from the first to the one that has nothing after it."""
    found = []
    while True:
        page = statements.query(query)
        assert len(page.rows) <= query.limit
        found.append(page.rows)
        if page.resume is None:
            return found
        query = replace(query, **{"after" if query.ascending else "before": page.resume})


def find(statements, *groups, **options):
    """Every row that a query finds, page after page, in the order asked for."""
    return [each for page in pages(statements, Query(groups=groups, **options)) for each in page]


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self, now: int = 1_000_000) -> None:
        self.now = now

    def __call__(self) -> int:
        return self.now
