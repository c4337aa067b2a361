"""The catalog as an institution teaches it: the shipped one and its own changes, all versions kept. Floor 3.

`taught` is the one door: whoever wants a catalog by name asks here. A version is a list of changes; a change is some
edits with a reason, entered or taken back as one. Versions are only ever added, each by one insert under the next
number, so that two editors cannot lose each other's work, and nothing is ever half there. What no longer fits after an
upgrade of the shipped catalog is left out and named, never a reason to stop.
"""

from __future__ import annotations

import functools
import json
import logging
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, date, datetime
from typing import Any

from curriculum import catalog as catalogs
from curriculum import editing, intake, lessons, versions
from curriculum import errors as curriculum_errors
from curriculum.catalog import Catalog
from curriculum.editing import Edit
from curriculum.intake import Known
from curriculum.telling import Sentence, sentence
from lti_tool import holdings
from lti_tool.settings import CHANGES, EDIT_LOG, EDITIONS, LOOKED
from storage import errors as storage_errors
from storage.port import Storage

LOG = logging.getLogger("lti_tool.editions")
Plain = Mapping[str, Any]
FRESH = 1.0
"""Seconds for which a process takes a version for the newest."""
TRIES = 20
"""Times that a change is entered anew because somebody else was faster."""
RULE, GRAPH, DEMAND, QUESTION, CASE, VIDEO, COURSE, LINK = KINDS = (
    "rule", "graph", "demand", "question", "case", "video", "course", "link",
)  # fmt: skip
ENTERED, BACK, PROPOSED, APPROVED, DECLINED, SEEN, KEPT = ACTS = (
    "entered", "back", "proposed", "approved", "declined", "seen", "kept",
)  # fmt: skip
_DIGITS = 6


@dataclass(frozen=True)
class Change:
    """Some edits that belong together.

    Attributes:
        id: Unguessable, unique in the catalog.
        kind: One of `KINDS`: where it is shown.
        edits: What it does, in order.
        before: What stood in the shipped catalog where each edit writes, as `editing.touches` says.
        why: The reason.
        source: Where it was read; empty if nowhere.
        made: When, seconds since the epoch.
    """

    id: str
    kind: str
    edits: tuple[Edit, ...]
    before: tuple[Plain, ...]
    why: str
    source: str
    made: int


@dataclass(frozen=True)
class Edition:
    """A version of a catalog.

    Attributes:
        catalog: Its name.
        number: From 1; 0 is the shipped one.
        changes: Ids of the changes that hold, in order.
        made: When it began, seconds since the epoch.
        digest: Of the whole catalog then, 64 hex digits.
    """

    catalog: str
    number: int
    changes: tuple[str, ...]
    made: int
    digest: str


@dataclass(frozen=True, eq=False)
class Taught:
    """A catalog as it is taught now.

    Attributes:
        catalog: For everything that learns and recommends.
        mapping: The same as plain data.
        edition: Its version.
        changes: The changes that hold, in order.
        left: Edits that no longer fit the shipped catalog, each with what is wrong.
    """

    catalog: Catalog
    mapping: Plain
    edition: Edition
    changes: tuple[Change, ...]
    left: tuple[tuple[Edit, tuple[Sentence, ...]], ...]

    @functools.cached_property
    def known(self) -> Known:
        """Its texts, ready to be compared with news."""
        return _shipped_texts(self.edition.catalog) if self.mapping is self.shipped else texts(self.mapping)

    @functools.cached_property
    def shipped(self) -> Plain:
        """What it stands on, as plain data."""
        return catalogs.plain(self.edition.catalog)


def texts(mapping: Plain) -> Known:
    """What is said and taught in a catalog, ready to be compared with news."""
    taught = lessons.load().items() if mapping["meta"]["id"] == lessons.CATALOG else ()
    return intake.know(
        mapping, {name: " ".join(text for part in one.text for text in part.values()) for name, one in taught}
    )


@functools.lru_cache(maxsize=len(catalogs.NAMES))
def _shipped_texts(name: str) -> Known:
    return texts(catalogs.plain(name))


@dataclass
class Shelf:
    """The catalogs of one process, read again when there is a newer version."""

    read: dict[str, tuple[float, Taught]] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)


@dataclass(frozen=True)
class Entry:
    """One line of the log.

    Attributes:
        catalog: Name of the catalog.
        entry: Its key: the moment, then what it is about, so that lines sort by time.
        by: Pseudonym of who did it.
        at: When, seconds since the epoch.
        act: One of `ACTS`.
        subject: Id of the change, the proposal, the rule or the content.
    """

    catalog: str
    entry: str
    by: str
    at: int
    act: str
    subject: str


def catalog(storage: Storage, shelf: Shelf, name: str, now: float) -> Catalog:
    """The catalog of this name as the institution teaches it.

    Args:
        storage: The institution's store.
        shelf: What this process has read.
        name: Of a shipped catalog.
        now: Seconds since the epoch.

    Raises:
        curriculum.errors.UnknownCatalog: No such catalog is shipped.
    """
    return taught(storage, shelf, name, now).catalog


def taught(storage: Storage, shelf: Shelf, name: str, now: float) -> Taught:
    """As `catalog`, with its version and its changes; the store is asked once in `FRESH` seconds and process."""
    with shelf.lock:
        known = shelf.read.get(name)
    if known is not None and 0.0 <= now - known[0] < FRESH:
        return known[1]
    newest = _newest(storage, name)
    number = newest.number if newest else 0
    found = known[1] if known is not None and known[1].edition.number == number else _read(storage, name, newest)
    with shelf.lock:
        shelf.read[name] = (now, found)
    return found


def settled(found: Taught, edits: Sequence[Edit]) -> Plain:
    """What the catalog would be with some more edits; nothing is kept.

    Raises:
        curriculum.errors.InvalidEdit: They do not fit.
    """
    return editing.apply(found.mapping, edits)


def enter(
    storage: Storage,
    name: str,
    edits: Sequence[Edit],
    *,
    kind: str,
    why: str,
    source: str = "",
    by: str,
    id_: str,
    now: float,
) -> Edition:
    """Put a change into the catalog: all of it, or nothing.

    Args:
        storage: The institution's store.
        name: Of the catalog.
        edits: What to do, in order.
        kind: One of `KINDS`.
        why: The reason.
        source: Where it was read; empty if nowhere.
        by: Pseudonym of who enters it.
        id_: A new unguessable text.
        now: Seconds since the epoch.

    Raises:
        curriculum.errors.InvalidEdit: It does not fit the catalog as it is by now.
    """
    shipped = catalogs.plain(name)
    before = tuple(editing.touches(shipped, one) for one in edits)
    added = Change(id_, kind, tuple(edits), before, why, source, int(now))
    storage.insert_missing(CHANGES, [_document(name, added)])
    try:
        made = _next(storage, name, lambda held: _with(storage, name, held, added), now)
    except curriculum_errors.InvalidEdit:
        storage.delete(CHANGES, (name, id_))  # no version has it
        raise
    log(storage, name, ENTERED, id_, by=by, now=now)
    return made


def back(storage: Storage, name: str, id_: str, *, by: str, now: float) -> Edition | None:
    """Take a change back; it stays readable in the versions that had it. None if it does not hold.

    Args:
        storage: The institution's store.
        name: Of the catalog.
        id_: Of the change.
        by: Pseudonym of who takes it back.
        now: Seconds since the epoch.

    Raises:
        curriculum.errors.InvalidEdit: A later change stands on it, which would no longer fit.
    """
    newest = _newest(storage, name)
    if newest is None or id_ not in newest.changes:
        return None
    made = _next(storage, name, lambda held: _without(storage, name, held, id_), now)
    log(storage, name, BACK, id_, by=by, now=now)
    return made


def keep(storage: Storage, name: str, id_: str, *, by: str, now: float) -> bool:
    """Hold on to a change where an upgrade says otherwise: it is named no more. False: there is no such change."""
    there = storage.get(CHANGES, (name, id_))
    if there is None:
        return False
    shipped = catalogs.plain(name)
    before = [dict(editing.touches(shipped, edit)) for edit in loaded(there["edits"])]
    renewed = {**there, "before": json.dumps(before, ensure_ascii=False)}
    done = storage.replace(CHANGES, renewed, expected=there)
    if done:
        log(storage, name, KEPT, id_, by=by, now=now)
    return done


def look(storage: Storage, name: str, ids: Iterable[str], *, by: str, now: float) -> None:
    """Note that somebody looked whether rules or contents still hold."""
    day = datetime.fromtimestamp(now, UTC).date().isoformat()
    for id_ in ids:
        there = storage.get(LOOKED, (name, id_))
        storage.replace(LOOKED, {"catalog": name, "id": id_, "day": day}, expected=there)
        log(storage, name, SEEN, id_, by=by, now=now)


def looked(storage: Storage, name: str) -> dict[str, date]:
    """The day on which somebody last looked, by id of the rule or content."""
    return {one["id"]: date.fromisoformat(one["day"]) for one in storage.find(LOOKED, {"catalog": name})}


def history(storage: Storage, name: str, *, limit: int = 50) -> list[Edition]:
    """Versions of a catalog, the newest first, without the shipped one."""
    return [_edition(one) for one in storage.find(EDITIONS, {"catalog": name}, limit=limit, descending=True)]


def version(storage: Storage, name: str, number: int) -> Plain:
    """The catalog as it was in a version, on the shipped one of now; 0: the shipped one.

    Raises:
        LookupError: There was no such version.
    """
    if number == 0:
        return catalogs.plain(name)
    there = storage.get(EDITIONS, (name, f"{number:0{_DIGITS}}"))
    if there is None:
        raise LookupError(number)
    return _read(storage, name, _edition(there)).mapping


def change(storage: Storage, name: str, id_: str) -> Change | None:
    """A change by its id, whether it holds or not."""
    there = storage.get(CHANGES, (name, id_))
    return None if there is None else _change(there)


def log(storage: Storage, name: str, act: str, subject: str, *, by: str, now: float) -> None:
    """Write a line of the log."""
    entry = f"{int(now * 1000):015}-{subject}-{act}"
    line = asdict(Entry(name, entry[:255], by, int(now), act, subject[:200]))
    storage.insert_missing(EDIT_LOG, [line])


def lines(storage: Storage, name: str, *, limit: int = 50) -> list[Entry]:
    """The log of a catalog, the newest first."""
    return [Entry(**kept) for kept in storage.find(EDIT_LOG, {"catalog": name}, limit=limit, descending=True)]


# Versions


def _newest(storage: Storage, name: str) -> Edition | None:
    found = history(storage, name, limit=1)
    return found[0] if found else None


def _read(storage: Storage, name: str, edition: Edition | None) -> Taught:
    shipped = catalogs.plain(name)
    if edition is None:
        digest = _digest(name)
        return Taught(catalogs.load(name), shipped, Edition(name, 0, (), 0, digest), (), ())
    changes = _changes(storage, name, edition.changes)
    settled = settle(shipped, [edit for one in changes for edit in one.edits])
    for edit, _ in settled.left:
        LOG.warning("code=edit_left_out catalog=%s act=%s", name, edit.act)
    found = catalogs.parse(settled.mapping, where=f"{name} in version {edition.number}")
    wanted = {str(one.get("kit")) for one in found.cases if one.get("kit")}
    if wanted:
        found = replace(found, kits=holdings.bodies(storage, name, wanted))
    return Taught(found, settled.mapping, edition, changes, settled.left)


def settle(shipped: Plain, edits: Sequence[Edit]) -> editing.Settled:
    """All edits at once where they fit, which is what they do nearly always; else one by one."""
    try:
        return editing.Settled(editing.apply(shipped, edits), tuple(edits), ())
    except curriculum_errors.InvalidEdit:
        return editing.settle(shipped, edits)


def _next(
    storage: Storage, name: str, follow: Callable[[tuple[str, ...]], tuple[tuple[str, ...], Plain]], now: float
) -> Edition:
    """Add a version that follows on the newest; whoever is second begins anew on what the first one left."""
    for _ in range(TRIES):
        newest = _newest(storage, name)
        ids, mapping = follow(newest.changes if newest else ())
        made = Edition(name, (newest.number if newest else 0) + 1, ids, int(now), versions.digest(mapping))
        document = {**asdict(made), "number": f"{made.number:0{_DIGITS}}", "changes": list(ids)}
        try:
            storage.insert(EDITIONS, document)
        except storage_errors.DuplicateKey:
            continue
        return made
    message = f"the catalog {name} is being changed by others all the time; try again"
    raise storage_errors.UnavailableError(message)


def _with(storage: Storage, name: str, held: tuple[str, ...], added: Change) -> tuple[tuple[str, ...], Plain]:
    before = _settled(storage, name, held).mapping
    return (*held, added.id), editing.apply(before, added.edits)


def _without(storage: Storage, name: str, held: tuple[str, ...], gone: str) -> tuple[tuple[str, ...], Plain]:
    ids = tuple(one for one in held if one != gone)
    was = {edit.id for edit, _ in _settled(storage, name, held).left}
    settled = _settled(storage, name, ids)
    broken = [edit for edit, _ in settled.left if edit.id not in was]
    if broken:
        raise curriculum_errors.InvalidEdit(
            [sentence("edit.depends", subject=edit.subject, act=edit.act) for edit in broken]
        )
    return ids, settled.mapping


def _settled(storage: Storage, name: str, ids: Sequence[str]) -> editing.Settled:
    edits = [edit for one in _changes(storage, name, ids) for edit in one.edits]
    return settle(catalogs.plain(name), edits)


@functools.cache
def _digest(name: str) -> str:
    return versions.digest(catalogs.plain(name))


# Documents


def _changes(storage: Storage, name: str, ids: Sequence[str]) -> tuple[Change, ...]:
    kept = storage.get_many(CHANGES, [(name, id_) for id_ in ids])
    return tuple(_change(kept[name, id_]) for id_ in ids if (name, id_) in kept)


def _document(name: str, one: Change) -> dict[str, Any]:
    return {
        "catalog": name,
        "id": one.id,
        "kind": one.kind,
        "edits": dumped(one.edits),
        "before": json.dumps([dict(before) for before in one.before], ensure_ascii=False),
        "why": one.why,
        "source": one.source,
        "made": one.made,
    }


def _change(document: Mapping[str, Any]) -> Change:
    return Change(
        id=document["id"],
        kind=document["kind"],
        edits=loaded(document["edits"]),
        before=tuple(json.loads(document["before"])),
        why=document["why"],
        source=document["source"],
        made=document["made"],
    )


def _edition(document: Mapping[str, Any]) -> Edition:
    return Edition(**{**document, "number": int(document["number"]), "changes": tuple(document["changes"])})


def dumped(edits: Iterable[Edit]) -> str:
    """Edits as JSON text."""
    listed = [{"id": one.id, "act": one.act, "subject": one.subject, "value": dict(one.value)} for one in edits]
    return json.dumps(listed, ensure_ascii=False)


def loaded(text: str) -> tuple[Edit, ...]:
    """Edits of JSON text that `dumped` made."""
    return tuple(Edit(**one) for one in json.loads(text))
