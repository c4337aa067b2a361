"""Projects of a course: what the instructor set for one, and what learners hand in, version by version. Floor 3.

A project is one of the curriculum's courses ("operations.shelf") inside a course of the platform. Of several versions
the last before the deadline counts; one that came later counts where there is none before it. Contents are sealed under
the learner's data key; a work is named by a keyed digest, so that who reads a work learns nothing of whose it is.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from lti_tool import enclosures
from lti_tool.enclosures import Enclosure
from lti_tool.learner import Learner
from lti_tool.vault import Vault
from lti_tool.works import ENCLOSURES, HANDINS, PROJECT_LOG, PROJECTS
from storage.port import Document, Storage

PURPOSE = "lti_tool works"
PROJECT, DISCUSSION = "project", "discussion"
LEAST, MOST = 0, 3
"""Reviews that each learner gives: none, or up to three."""
VERSIONS = 20
"""Versions of a work that are kept; of more, the oldest that does not count goes."""
PAGE = 500
WORDS, FILE = "words", "file"
SETTINGS, GIVEN, SCORED, LET_IN, REVOKED, TAKEN = ACTS = ("settings", "given", "scored", "let_in", "revoked", "taken")
"""What the log tells."""


@dataclass(frozen=True)
class Setting:
    """What an instructor set for a project, or a discussion, of a course.

    Attributes:
        course: The key of the course (`Learner.context`).
        project: "operations.shelf": the course of the curriculum and the project; "discussion:" and the same for a
            discussion.
        due: When works are due, seconds since the epoch; 0: never.
        reviews: How many reviews each learner gives; 0: none.
        reviewed: When reviews are due, seconds since the epoch; 0: never.
        given: When reviews were first given out, seconds since the epoch; 0: not yet.
        forum: Where a discussion takes place; empty if nobody said.
        leased: Somebody gives out reviews until then, seconds since the epoch.
    """

    course: str
    project: str
    due: float = 0.0
    reviews: int = 0
    reviewed: float = 0.0
    given: float = 0.0
    forum: str = ""
    leased: float = 0.0


@dataclass(frozen=True)
class Version:
    """One version of a work.

    Attributes:
        id: Unique in the work.
        at: When it was handed in, seconds since the epoch.
        kind: Of its file, one of `enclosures.KINDS`; empty without one.
        size: Of its file, bytes.
    """

    id: str
    at: float
    kind: str = ""
    size: int = 0


@dataclass(frozen=True)
class Handin:
    """What a learner handed in for a project.

    Attributes:
        key: Names the work, and says nothing about whose it is.
        learner: Pseudonym.
        course: The key of the course.
        project: As in `Setting`.
        versions: The oldest first; none where it was withdrawn.
        outside: Whether the learner says that reviewers from outside may see it.
        withdrawn: When it was withdrawn, seconds since the epoch; 0: it was not.
        sealed: Who the learner is at the platform, sealed.
    """

    key: str
    learner: str
    course: str
    project: str
    versions: tuple[Version, ...] = ()
    outside: bool = False
    withdrawn: float = 0.0
    sealed: str = ""

    @property
    def there(self) -> bool:
        """Whether there is something to read."""
        return bool(self.versions)


@dataclass(frozen=True)
class Entry:
    """One line of the log: who did what with a project, when.

    Attributes:
        course: The key of the course.
        entry: Its key there, so that lines sort by time.
        by: Pseudonym of the instructor.
        project: As in `Setting`.
        act: One of `ACTS`.
        at: Seconds since the epoch.
    """

    course: str
    entry: str
    by: str
    project: str
    act: str
    at: int


# What is set


def setting(storage: Storage, course: str, project: str) -> Setting:
    """What is set for a project of a course; nothing is where nobody set anything."""
    kept = storage.get(PROJECTS, (course, project)) if course else None
    return Setting(course, project) if kept is None else Setting(**kept)


def every(storage: Storage) -> Iterator[Setting]:
    """What is set for any project of any course."""
    after: tuple[str, str] | None = None
    while page := storage.find(PROJECTS, {}, limit=PAGE, after=after):
        yield from (Setting(**kept) for kept in page)
        after = (page[-1]["course"], page[-1]["project"])


def change(storage: Storage, course: str, project: str, make: Callable[[Setting], Setting]) -> Setting:
    """Put in place of what is set what `make` makes of it, whatever others write at the same time."""
    while True:
        kept = storage.get(PROJECTS, (course, project))
        before = Setting(course, project) if kept is None else Setting(**kept)
        after = make(before)
        if after == before or storage.replace(PROJECTS, asdict(after), expected=kept):
            return after


def log(storage: Storage, course: str, project: str, act: str, *, by: str, now: float, id_: str) -> None:
    """Add a line: who did what with a project.

    Args:
        storage: The institution's store.
        course: The key of the course.
        project: As in `Setting`.
        act: One of `ACTS`.
        by: Pseudonym of the instructor.
        now: Seconds since the epoch.
        id_: A new unguessable text.
    """
    entry = Entry(course, f"{int(now * 1e6):018d} {id_[:16]}", by, project, act, int(now))
    storage.insert(PROJECT_LOG, asdict(entry))


def lines(storage: Storage, course: str, project: str, *, limit: int = 20) -> list[Entry]:
    """The log of a project, the newest first."""
    found = storage.find(PROJECT_LOG, {"course": course, "project": project}, limit=limit, descending=True)
    return [Entry(**kept) for kept in found]


# What counts


def counted(handin: Handin, due: float) -> Version | None:
    """The version that counts: the last before the deadline, else the last; None where nothing is there.

    >>> work = Handin("w", "l", "c", "p", (Version("a", 1.0), Version("b", 2.0), Version("c", 9.0)))
    >>> counted(work, 5.0).id, counted(work, 0.5).id, counted(work, 0.0).id
    ('b', 'c', 'c')
    """
    timely = [one for one in handin.versions if not due or one.at <= due]
    return next(reversed(timely or handin.versions), None)


def late(version: Version, due: float) -> bool:
    """Whether a version came after the deadline."""
    return bool(due) and version.at > due


# Works


def find(storage: Storage, pseudonyms: Sequence[str], course: str, project: str) -> Handin | None:
    """What a learner handed in; None where they never did.

    Args:
        storage: The institution's store.
        pseudonyms: Theirs, the active key's first: while they are rotated it may stand under any.
        course: The key of the course.
        project: As in `Setting`.
    """
    for name in pseudonyms:
        where = {"learner": name, "course": course, "project": project}
        for kept in storage.find(HANDINS, where, limit=1):
            return _handin(kept)
    return None


def get(storage: Storage, key: str) -> Handin | None:
    """The work of this key."""
    kept = storage.get(HANDINS, (key,)) if key else None
    return None if kept is None else _handin(kept)


def there(storage: Storage, keys: Collection[str]) -> frozenset[str]:
    """Those of these works that are there to be read: not withdrawn, and of nobody who was erased."""
    found = storage.get_many(HANDINS, [(key,) for key in keys])
    return frozenset(kept["key"] for kept in found.values() if kept["versions"])


def of_project(storage: Storage, course: str, project: str) -> list[Handin]:
    """Every work of a project, those withdrawn among them, in the order of their keys: of nobody's names."""
    found: list[Handin] = []
    after = None
    while page := storage.find(HANDINS, {"course": course, "project": project}, limit=PAGE, after=after):
        found += map(_handin, page)
        after = (page[-1]["key"],)
    return found


def counts(storage: Storage, course: str) -> dict[str, int]:
    """How many works are there in a course, by project."""
    found: dict[str, int] = {}
    after = None
    while page := storage.find(HANDINS, {"course": course}, limit=PAGE, after=after):
        for kept in page:
            if kept["versions"]:
                found[kept["project"]] = found.get(kept["project"], 0) + 1
        after = (page[-1]["key"],)
    return found


def hand_in(
    vault: Vault, person: Learner, pseudonyms: Sequence[str], project: str, enclosure: Enclosure, *,
    outside: bool, due: float, now: float, id_: str,
) -> Handin:  # fmt: skip
    """Keep a new version of a learner's work.

    Args:
        vault: The store and the keys.
        person: Who hands in, by their launch.
        pseudonyms: Theirs, the active key's first.
        project: As in `Setting`.
        enclosure: What is handed in, checked.
        outside: Whether reviewers from outside may see the work.
        due: When works are due: of more than `VERSIONS` the oldest that does not count goes.
        now: Seconds since the epoch.
        id_: A new unguessable text.
    """
    storage, course = vault.storage, person.context
    version = Version(id_[:16], now, enclosure.kind, len(enclosure.content))
    before = find(storage, pseudonyms, course, project)
    learner = pseudonyms[0] if before is None else before.learner
    key = _name(vault, pseudonyms[0], course, project) if before is None else before.key
    # The contents first: a version that is listed can always be read.
    for part, content in enclosures.parts(enclosure).items():
        place = f"{key}.{version.id}.{part}"
        sealed = vault.seal(learner, place, content)
        storage.insert(ENCLOSURES, {"key": place, "learner": learner, "work": key, "blob": sealed})
    who = vault.seal(learner, key, json.dumps(asdict(person)).encode())
    dropped: list[Version] = []

    def added(kept: Handin | None) -> Handin:
        nonlocal dropped
        known = kept or Handin(key, learner, course, project)
        whole = replace(known, versions=(*known.versions, version), outside=outside, withdrawn=0.0, sealed=who)
        keep = counted(whole, due)
        spare = [one for one in whole.versions if one not in (keep, version)]
        dropped = spare[: max(0, len(whole.versions) - VERSIONS)]
        return replace(whole, versions=tuple(one for one in whole.versions if one not in dropped))

    handin = _change(storage, key, added)
    for one in dropped:
        for part in (WORDS, FILE):
            storage.delete(ENCLOSURES, (f"{key}.{one.id}.{part}",))
    return handin


def say_outside(storage: Storage, handin: Handin, *, outside: bool) -> Handin:
    """Say anew whether reviewers from outside may see a work: it holds at their next request."""
    return _change(storage, handin.key, lambda kept: replace(kept or handin, outside=outside))


def withdraw(storage: Storage, handin: Handin, now: float) -> Handin:
    """Take a work back: every version of it is deleted, and nobody sees it any more."""

    def taken(kept: Handin | None) -> Handin:
        return replace(kept or handin, versions=(), outside=False, withdrawn=now)

    after = _change(storage, handin.key, taken)
    for kept in storage.find(ENCLOSURES, {"work": handin.key}):
        storage.delete(ENCLOSURES, (kept["key"],))
    return after


def read(vault: Vault, handin: Handin, version: Version) -> Enclosure | None:
    """The contents of a version without the bytes of its file; None where they are gone."""
    content = _content(vault, handin, version, WORDS)
    return None if content is None else enclosures.of_words(content, version.kind)


def file(vault: Vault, handin: Handin, version: Version) -> bytes | None:
    """The file of a version; None where there is none, or it is gone."""
    return _content(vault, handin, version, FILE) if version.kind else None


def person(vault: Vault, handin: Handin) -> Learner | None:
    """Whose a work is, as their launch said it; None of somebody who was erased."""
    content = vault.open(handin.learner, handin.key, handin.sealed) if handin.sealed else None
    if content is None:
        return None
    known: dict[str, Any] = json.loads(content)
    return Learner(**{**known, "roles": tuple(known["roles"])})


def remove(storage: Storage, course: str) -> None:
    """Remove what is kept of the projects of a course, whose platform is removed."""
    for kept in storage.find(HANDINS, {"course": course}):
        for inside in storage.find(ENCLOSURES, {"work": kept["key"]}):
            storage.delete(ENCLOSURES, (inside["key"],))
        storage.delete(HANDINS, (kept["key"],))
    for collection in (PROJECTS, PROJECT_LOG):
        for kept in storage.find(collection, {"course": course}):
            storage.delete(collection, tuple(kept[name] for name in collection.key))


def _content(vault: Vault, handin: Handin, version: Version, part: str) -> bytes | None:
    place = f"{handin.key}.{version.id}.{part}"
    kept = vault.storage.get(ENCLOSURES, (place,))
    return None if kept is None else vault.open(kept["learner"], place, kept["blob"])


def _name(vault: Vault, pseudonym: str, course: str, project: str) -> str:
    """The key of a learner's work: one for each learner and project, whoever asks at the same time."""
    text = f"{pseudonym}\x1f{course}\x1f{project}".encode()
    digest = hmac.new(vault.keyring.derive(PURPOSE), text, hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest[:24]).decode()


def _change(storage: Storage, key: str, make: Callable[[Handin | None], Handin]) -> Handin:
    while True:
        kept = storage.get(HANDINS, (key,))
        after = make(None if kept is None else _handin(kept))
        if storage.replace(HANDINS, _document(after), expected=kept):
            return after


def _document(handin: Handin) -> Document:
    """As JSON has it; who the learner is stands where the collector looks for what is sealed."""
    plain = asdict(handin)
    return {**{name: plain[name] for name in plain if name != "sealed"}, "versions": _listed(handin.versions)} | {
        "blob": handin.sealed
    }


def _listed(versions: Iterable[Version]) -> list[Document]:
    return [asdict(one) for one in versions]


def _handin(kept: Document) -> Handin:
    known = {name: value for name, value in kept.items() if name != "blob"}
    versions = tuple(Version(**one) for one in kept["versions"])
    return Handin(**{**known, "versions": versions, "sealed": kept.get("blob", "")})
