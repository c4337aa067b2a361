"""Changes that somebody proposes and somebody else decides on: an instructor's, or those of an import. Floor 3.

A proposal changes nothing. Approved, it is entered as a change; declined, it stays, so that no import brings it back.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from curriculum.editing import Edit
from lti_tool import editions
from lti_tool.editions import Edition
from lti_tool.settings import PROPOSALS
from storage.port import Storage

OPEN, TAKEN, GONE = STATES = ("open", "approved", "declined")
MOST = 200
"""Open proposals that a page shows."""


@dataclass(frozen=True)
class Proposal:
    """A proposed change.

    Attributes:
        id: Of what it is made of, so that the same one is proposed once; or unguessable.
        kind: One of `editions.KINDS`.
        edits: What it would do; empty for a piece of news that nobody made a draft of yet.
        text: The news that it came from; empty if it came from none.
        title: Of the news.
        why: The reason.
        source: Where it was read.
        told: The day of the news, ISO; empty if there is none.
        made: When it was proposed, seconds since the epoch.
        state: One of `STATES`.
    """

    id: str
    kind: str
    edits: tuple[Edit, ...]
    why: str
    made: int
    text: str = ""
    title: str = ""
    source: str = ""
    told: str = ""
    state: str = OPEN


def propose(storage: Storage, name: str, proposals: Sequence[Proposal], *, by: str, now: float) -> int:
    """Keep proposals; one that is there already, in whatever state, stays as it is.

    Args:
        storage: The institution's store.
        name: Of the catalog.
        proposals: What is proposed.
        by: Pseudonym of who proposes.
        now: Seconds since the epoch.

    Returns:
        How many are new.
    """
    there = storage.get_many(PROPOSALS, [(name, one.id) for one in proposals])
    new = [one for one in {one.id: one for one in proposals}.values() if (name, one.id) not in there]
    storage.insert_missing(PROPOSALS, [_document(name, one) for one in new])
    for one in new:
        editions.log(storage, name, editions.PROPOSED, one.id, by=by, now=now)
    return len(new)


def waiting(storage: Storage, name: str) -> list[Proposal]:
    """Open proposals of a catalog."""
    return [_proposal(one) for one in storage.find(PROPOSALS, {"catalog": name, "state": OPEN}, limit=MOST)]


def find(storage: Storage, name: str, id_: str) -> Proposal | None:
    """A proposal by its id."""
    there = storage.get(PROPOSALS, (name, id_))
    return None if there is None else _proposal(there)


def approve(
    storage: Storage, name: str, id_: str, edits: Sequence[Edit], *, why: str, by: str, change: str, now: float
) -> Edition | None:
    """Enter what was proposed, as whoever approves it wants it; None if it is not open any more.

    Args:
        storage: The institution's store.
        name: Of the catalog.
        id_: Of the proposal.
        edits: What to enter.
        why: The reason.
        by: Pseudonym of who approves.
        change: A new unguessable text, the id of the change.
        now: Seconds since the epoch.

    Raises:
        curriculum.errors.InvalidEdit: It does not fit the catalog as it is by now; the proposal stays open.
    """
    there = storage.get(PROPOSALS, (name, id_))
    if there is None or there["state"] != OPEN:
        return None
    one = _proposal(there)
    made = editions.enter(
        storage, name, edits, kind=one.kind, why=why or one.why, source=one.source, by=by, id_=change, now=now
    )
    # After the change: a crash in between leaves it open, and a second approval is refused by the catalog.
    storage.replace(PROPOSALS, {**there, "state": TAKEN}, expected=there)
    editions.log(storage, name, editions.APPROVED, id_, by=by, now=now)
    return made


def supersede(storage: Storage, name: str, id_: str) -> None:
    """Close what somebody made a change or a proposal of: that one stands in its place; an empty id names none."""
    there = storage.get(PROPOSALS, (name, id_)) if id_ else None
    if there is not None and there["state"] == OPEN:
        storage.replace(PROPOSALS, {**there, "state": TAKEN}, expected=there)


def decline(storage: Storage, name: str, id_: str, *, by: str, now: float) -> bool:
    """Put a proposal aside; False if it is not open any more."""
    there = storage.get(PROPOSALS, (name, id_))
    if there is None or there["state"] != OPEN:
        return False
    done = storage.replace(PROPOSALS, {**there, "state": GONE}, expected=there)
    if done:
        editions.log(storage, name, editions.DECLINED, id_, by=by, now=now)
    return done


def _document(name: str, one: Proposal) -> dict[str, Any]:
    return {
        "catalog": name, "id": one.id, "kind": one.kind, "edits": editions.dumped(one.edits), "why": one.why,
        "made": one.made, "text": one.text, "title": one.title, "source": one.source, "told": one.told,
        "state": one.state,
    }  # fmt: skip


def _proposal(document: Mapping[str, Any]) -> Proposal:
    kept = {key: value for key, value in document.items() if key != "catalog"}
    return Proposal(**{**kept, "edits": editions.loaded(kept["edits"])})
