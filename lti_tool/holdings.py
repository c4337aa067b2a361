"""Case kits that the institution holds: de-identified figures of enterprises, as drafts or live. Floor 3.

Only what `curriculum.kits.hiding` made of a kit is kept; what was uploaded never is. A kit is not part of a version of
the catalog, because versions stay readable for ever and an enterprise may take its figures back: then they are deleted
here, and cases that stand on them are there no more.
"""

from __future__ import annotations

from collections.abc import Collection as Names
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from storage.collection import Collection
from storage.port import Storage

KITS = Collection(
    "lti_kits",
    ("catalog", "id"),
    fields=("state",),
    purpose="let learners practise on figures that an enterprise handed over, de-identified before they were kept",
    legal_basis="no personal data: a kit with any is refused, and rare values are put together",
    residency="institution; in no round of a federation",
    retention="a draft 7 days; a live kit until an editor deletes it, as the enterprise may ask at any time",
    export="not applicable: no personal data",
    erase="not applicable: no personal data",
)
COLLECTIONS = (KITS,)
DRAFT, LIVE = STATES = ("draft", "live")
DAYS = 7
"""Days for which a draft that nobody makes live is kept."""
MOST = 100


@dataclass(frozen=True)
class Held:
    """A kit that is held.

    Attributes:
        id: Unguessable.
        state: One of `STATES`.
        body: The kit, as `curriculum.kits.kit.dumped` wrote it.
        done: What was done to de-identify it, as JSON: key and count.
        made: When it was taken in, seconds since the epoch.
    """

    id: str
    state: str
    body: str
    done: str
    made: int


def put(storage: Storage, catalog: str, held: Held) -> None:
    """Keep a kit, in the place of the one of its id.

    Args:
        storage: The institution's store.
        catalog: Name of the catalog that it belongs to.
        held: The kit.
    """
    there = storage.get(KITS, (catalog, held.id))
    storage.replace(KITS, _document(catalog, held), expected=there)


def find(storage: Storage, catalog: str, id_: str) -> Held | None:
    """A kit by its id; None if it is not held, or no more."""
    there = storage.get(KITS, (catalog, id_))
    return None if there is None else _held(there)


def listed(storage: Storage, catalog: str, now: float) -> list[Held]:
    """Every kit, the newest first; drafts that were left alone are deleted on the way.

    Args:
        storage: The institution's store.
        catalog: Name of the catalog.
        now: Seconds since the epoch.
    """
    found = []
    for document in storage.find(KITS, {"catalog": catalog}, limit=MOST):
        held = _held(document)
        if held.state == DRAFT and now - held.made > DAYS * 86400:
            storage.delete(KITS, (catalog, held.id))
        else:
            found.append(held)
    return sorted(found, key=lambda one: (-one.made, one.id))


def bodies(storage: Storage, catalog: str, ids: Names[str]) -> dict[str, str]:
    """Live kits of these ids, as text.

    Args:
        storage: The institution's store.
        catalog: Name of the catalog.
        ids: Which; one that is not held is left out.
    """
    found = storage.get_many(KITS, [(catalog, one) for one in sorted(ids)])
    return {key[1]: one["body"] for key, one in found.items() if one["state"] == LIVE}


def drop(storage: Storage, catalog: str, id_: str) -> bool:
    """Delete a kit for good; False if it was not there."""
    return storage.delete(KITS, (catalog, id_))


def _document(catalog: str, held: Held) -> dict[str, Any]:
    return {
        "catalog": catalog, "id": held.id, "state": held.state, "body": held.body, "done": held.done,
        "made": held.made,
    }  # fmt: skip


def _held(document: Mapping[str, Any]) -> Held:
    return Held(**{name: document[name] for name in Held.__dataclass_fields__})
