"""Courses from outside that were read and wait for a person's word: drafts, kept for a week. Floor 3.

What was uploaded is read in memory and forgotten. A draft holds texts, addresses and ids; confirmed, it becomes a
change of the catalog and is gone from here, and so is one that nobody came back to.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from storage.collection import Collection
from storage.port import Storage

ARRIVALS = Collection(
    "lti_arrivals",
    ("catalog", "id"),
    purpose="keep a course that an instructor read in from another system until it is confirmed or dropped",
    legal_basis="no personal data: titles, texts and links of a course; cartridges hold no work of learners",
    residency="institution; in no round of a federation",
    retention="7 days, or until it is confirmed or dropped",
    export="not applicable: no personal data",
    erase="not applicable: no personal data",
)
COLLECTIONS = (ARRIVALS,)
DAYS = 7
MOST = 50


@dataclass(frozen=True)
class Arrival:
    """A draft.

    Attributes:
        id: Unguessable.
        file: Name of the file that it came in.
        body: The draft, as `curriculum.exchange.skeleton.draft` makes it.
        made: When it was read, seconds since the epoch.
    """

    id: str
    file: str
    body: Mapping[str, Any]
    made: int


def put(storage: Storage, catalog: str, arrival: Arrival) -> None:
    """Keep a new draft."""
    body = json.dumps(arrival.body, ensure_ascii=False, separators=(",", ":"))
    storage.insert_missing(
        ARRIVALS,
        [{"catalog": catalog, "id": arrival.id, "file": arrival.file, "body": body, "made": arrival.made}],
    )


def find(storage: Storage, catalog: str, id_: str) -> Arrival | None:
    """A draft by its id; None where there is none, or no more."""
    there = storage.get(ARRIVALS, (catalog, id_))
    return None if there is None else _arrival(there)


def listed(storage: Storage, catalog: str, now: float) -> list[Arrival]:
    """Every draft, the newest first; those that were left alone are deleted on the way.

    Args:
        storage: The institution's store.
        catalog: Name of the catalog.
        now: Seconds since the epoch.
    """
    found = []
    for document in storage.find(ARRIVALS, {"catalog": catalog}, limit=MOST):
        if now - document["made"] > DAYS * 86_400:
            drop(storage, catalog, document["id"])
        else:
            found.append(_arrival(document))
    return sorted(found, key=lambda one: (-one.made, one.id))


def drop(storage: Storage, catalog: str, id_: str) -> bool:
    """Delete a draft; False if it was not there."""
    return storage.delete(ARRIVALS, (catalog, id_))


def _arrival(document: Mapping[str, Any]) -> Arrival:
    return Arrival(document["id"], document["file"], json.loads(document["body"]), document["made"])
