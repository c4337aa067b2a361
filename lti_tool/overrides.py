"""What an instructor puts first, hides or proposes in a course, and the log of who did so. Floor 3.

An override is of a course, about one item or one skill of its catalog, and holds for everybody in the course, for a
group, or for some learners, until it is taken back or has run out. Learners see that their instructor made it. Every
change is one line of the log, which is never changed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from curriculum.catalog import Catalog
from lti_tool.settings import OVERRIDDEN, OVERRIDE_LOG, OVERRIDES
from storage.port import Storage

FIRST, HIDE, PROPOSE = KINDS = ("first", "hide", "propose")
ITEM, SKILL = SORTS = ("item", "skill")
ALL, GROUP, SOME = "all", "group", "some"
PUT, BACK = ("put", "back")
MOST = 200
"""Overrides of a course that are read: more than anybody can oversee."""


@dataclass(frozen=True)
class Subject:
    """What an override is about.

    Attributes:
        sort: ITEM or SKILL.
        id: Of the item or the skill, in the course's catalog.
    """

    sort: str
    id: str


@dataclass(frozen=True)
class Override:
    """One override.

    Attributes:
        course: The key of the course (`Learner.context`).
        id: Unguessable, unique in the course.
        kind: FIRST, HIDE or PROPOSE.
        sort: ITEM or SKILL.
        subject: Id of the item or the skill.
        audience: ALL, GROUP or SOME.
        group: Id of the group; empty unless the audience is GROUP.
        made: When, seconds since the epoch.
        until: When it runs out, seconds since the epoch; 0: it does not.
        learners: Pseudonyms, sorted; empty unless the audience is SOME, and also then if all of them were erased.
    """

    course: str
    id: str
    kind: str
    sort: str
    subject: str
    audience: str
    group: str
    made: int
    until: int = 0
    learners: tuple[str, ...] = ()


@dataclass(frozen=True)
class Held:
    """What holds for one learner, each the newest first.

    Attributes:
        first: Put first.
        hidden: Hidden.
        proposed: Proposed.
    """

    first: tuple[Override, ...] = ()
    hidden: tuple[Override, ...] = ()
    proposed: tuple[Override, ...] = ()


@dataclass(frozen=True)
class Entry:
    """One line of the log.

    Attributes:
        course: The key of the course.
        entry: Its key there: the moment, then the id of the override, so that lines sort by time.
        by: Pseudonym of who did it.
        at: When, seconds since the epoch.
        act: PUT or BACK.
        override: Id of the override.
        kind: Of the override.
        sort: Of the override.
        subject: Of the override.
        audience: Of the override.
        group: Of the override.
        learners: How many learners it named.
    """

    course: str
    entry: str
    by: str
    at: int
    act: str
    override: str
    kind: str
    sort: str
    subject: str
    audience: str
    group: str
    learners: int


def of(storage: Storage, course: str, pseudonym: str, groups: Iterable[str], now: float) -> Held:
    """What holds for a learner.

    Where the same thing was put first and hidden, the newer holds.

    Args:
        storage: The institution's store.
        course: The key of the course.
        pseudonym: Of the learner.
        groups: Ids of the learner's groups in the course.
        now: Seconds since the epoch.
    """
    return holding(every(storage, course, now), pseudonym, groups)


def holding(overrides: Sequence[Override], pseudonym: str, groups: Iterable[str]) -> Held:
    """What holds for a learner, of a course's overrides: pure.

    Args:
        overrides: The newest first, as `every` answers.
        pseudonym: Of the learner.
        groups: Ids of their groups.
    """
    inside = frozenset(groups)
    newest: dict[tuple[str, str], Override] = {}
    for one in overrides:
        if _concerns(one, pseudonym, inside):
            newest.setdefault((one.sort, one.subject), one)
    found = newest.values()
    return Held(*(tuple(one for one in found if one.kind == kind) for kind in KINDS))


def items(catalog: Catalog, overrides: Iterable[Override]) -> tuple[str, ...]:
    """The items that overrides are about, each once, in their order; what the catalog does not have is left out.

    A skill stands for the items that mainly train it.
    """
    found: dict[str, None] = {}
    for one in overrides:
        if one.sort == ITEM:
            if one.subject in catalog.items:
                found[one.subject] = None
        else:
            found.update(dict.fromkeys(item.id for item in catalog.items.values() if item.skills[0] == one.subject))
    return tuple(found)


def every(storage: Storage, course: str, now: float) -> list[Override]:
    """The overrides of a course that hold now, the newest first."""
    kept = storage.find(OVERRIDES, {"course": course}, limit=MOST)
    named: dict[str, list[str]] = {}
    if any(document["audience"] == SOME for document in kept):
        for document in storage.find(OVERRIDDEN, {"course": course}):
            named.setdefault(document["id"], []).append(document["learner"])
    found = [Override(**document, learners=tuple(named.get(document["id"], ()))) for document in kept]
    return sorted((one for one in found if not one.until or one.until > now), key=lambda one: (-one.made, one.id))


def put(
    storage: Storage,
    course: str,
    kind: str,
    subject: Subject,
    *,
    by: str,
    id_: str,
    now: float,
    audience: str = ALL,
    group: str = "",
    learners: Iterable[str] = (),
    until: float = 0.0,
) -> Override:
    """Make an override, and say so in the log; one of the same kind, subject and audience that is there stays.

    Args:
        storage: The institution's store.
        course: The key of the course.
        kind: FIRST, HIDE or PROPOSE.
        subject: What it is about.
        by: Pseudonym of the instructor.
        id_: A new unguessable text.
        now: Seconds since the epoch.
        audience: ALL, GROUP or SOME.
        group: Id of the group, for GROUP.
        learners: Pseudonyms, for SOME.
        until: When it runs out, seconds since the epoch; 0: it does not.
    """
    listed = tuple(sorted(set(learners)))
    made = Override(course, id_, kind, subject.sort, subject.id, audience, group, int(now), int(until), listed)
    for there in every(storage, course, now):
        if _same(there, made):
            return there
    # The log first: what holds without a line would be an override that nobody answers for.
    _log(storage, made, PUT, by, now)
    storage.insert_missing(OVERRIDDEN, [{"course": course, "id": id_, "learner": learner} for learner in listed])
    document = asdict(made)
    del document["learners"]
    storage.insert(OVERRIDES, document)
    return made


def back(storage: Storage, course: str, id_: str, *, by: str, now: float) -> Override | None:
    """Take an override back, and say so in the log; None if it is not there.

    Args:
        storage: The institution's store.
        course: The key of the course: an override of another one is not there.
        id_: Of the override.
        by: Pseudonym of the instructor.
        now: Seconds since the epoch.
    """
    there = {one.id: one for one in every(storage, course, now)}.get(id_)
    if there is None or storage.take(OVERRIDES, (course, id_)) is None:
        return None
    for learner in there.learners:
        storage.delete(OVERRIDDEN, (course, id_, learner))
    _log(storage, there, BACK, by, now)
    return there


def log(storage: Storage, course: str, *, limit: int = 50) -> list[Entry]:
    """The log of a course, the newest first."""
    return [Entry(**kept) for kept in storage.find(OVERRIDE_LOG, {"course": course}, limit=limit, descending=True)]


def remove(storage: Storage, course: str) -> None:
    """Remove what is kept of a course, whose platform is removed."""
    for collection in (OVERRIDES, OVERRIDDEN, OVERRIDE_LOG):
        for document in storage.find(collection, {"course": course}):
            storage.delete(collection, tuple(document[name] for name in collection.key))


def _concerns(one: Override, pseudonym: str, groups: frozenset[str]) -> bool:
    if one.audience == SOME:
        return pseudonym in one.learners
    return one.audience == ALL or one.group in groups


def _same(left: Override, right: Override) -> bool:
    def facts(one: Override) -> tuple[Any, ...]:
        return one.kind, one.sort, one.subject, one.audience, one.group, one.learners

    return facts(left) == facts(right)


def _log(storage: Storage, one: Override, act: str, by: str, now: float) -> None:
    entry = f"{int(now * 1000):015}-{one.id}-{act}"
    line = Entry(
        one.course, entry, by, int(now), act, one.id, one.kind, one.sort, one.subject, one.audience, one.group,
        len(one.learners),
    )  # fmt: skip
    storage.insert(OVERRIDE_LOG, asdict(line))
