"""When the roster of each course was read, by whom it is being read, and what went wrong. Floor 3.

One record a course, changed by compare-and-set alone, so that of several processes one reads a course at a time. A
holder that dies loses its lease after `LEASE` seconds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from lti_tool.settings import ROSTERS
from storage.port import Storage

LEASE = 300.0
EVERY = 6 * 3600.0
FRESH = 600.0
PATIENCE = 60.0
FIRST_PAUSE = 120.0
PAGE = 1000


@dataclass(frozen=True)
class Roster:
    """What is known of reading one course's roster; times are seconds since the epoch, 0 for never.

    Attributes:
        course: The key of the course.
        wanted: Somebody waits for it: it is read at the next look.
        holder: Who reads it now; empty if nobody does.
        until: When the holder's lease ends.
        tried: When it was last begun.
        read: When it was last read to its end.
        whole: When all of it was last read, and not its differences alone.
        due: When it is to be read again.
        failures: How many tries failed since it was last read.
        problem: Why the last try failed (`errors.ServiceError.kind`); empty if it did not.
        status: The HTTP status of that; 0 if there was none.
        differences: Where the platform tells what changed since; empty if it does not.
        groups: The name of each group by its id, where the platform tells names.
    """

    course: str
    wanted: bool = False
    holder: str = ""
    until: float = 0.0
    tried: float = 0.0
    read: float = 0.0
    whole: float = 0.0
    due: float = 0.0
    failures: int = 0
    problem: str = ""
    status: int = 0
    differences: str = ""
    groups: Mapping[str, str] = field(default_factory=dict)


def find(storage: Storage, course: str) -> Roster:
    """The record of a course; an empty one if it was never read."""
    document = storage.get(ROSTERS, (course,))
    return Roster(course) if document is None else Roster(**document)


def every(storage: Storage) -> Iterator[Roster]:
    """Every record."""
    after = None
    while page := storage.find(ROSTERS, {}, limit=PAGE, after=after):
        yield from (Roster(**document) for document in page)
        after = (page[-1]["course"],)


def wanted(storage: Storage) -> list[Roster]:
    """Those that somebody waits for (at most a thousand)."""
    return [Roster(**document) for document in storage.find(ROSTERS, {"wanted": True}, limit=PAGE)]


def ask(storage: Storage, course: str, now: float) -> bool:
    """Want a course to be read at the next look, unless that is fresh or was tried a moment ago. True: it is wanted.

    Never waits for anything but the store: a launch calls it.
    """
    while True:
        kept, before = _get(storage, course)
        if before.wanted:
            return True
        if now - before.read < FRESH or now - before.tried < PATIENCE:
            return False
        if _put(storage, replace(before, wanted=True), kept):
            return True


def unask(storage: Storage, course: str) -> None:
    """Let go of a wish for a course whose roster may not be read."""
    kept, before = _get(storage, course)
    _put(storage, replace(before, wanted=False), kept)


def lease(storage: Storage, course: str, holder: str, now: float) -> Roster | None:
    """Become the one who reads a course; None if somebody else is."""
    kept, before = _get(storage, course)
    if before.holder and before.until > now:
        return None
    after = replace(before, holder=holder, until=now + LEASE, tried=now, wanted=False)
    return after if _put(storage, after, kept) else None


def hold(storage: Storage, course: str, holder: str, now: float) -> bool:
    """Keep the lease for another `LEASE` seconds. False: it is another's by now, and what is read is not to be kept."""
    return _change(storage, course, holder, lambda before: replace(before, until=now + LEASE))


def succeed(
    storage: Storage,
    course: str,
    holder: str,
    now: float,
    *,
    whole: bool,
    differences: str,
    groups: Mapping[str, str] | None,
    chance: Callable[[], float],
) -> bool:
    """Note that a course was read to its end, and give the lease back. False: the lease is another's by now.

    Args:
        storage: The institution's store.
        course: The key of the course.
        holder: Who holds the lease.
        now: Seconds since the epoch.
        whole: All of it was read.
        differences: Where the next differences are told; empty if the platform does not say.
        groups: Names by id; None if they were not read.
        chance: A number from 0 to 1, by which courses are spread over time.
    """

    def read(before: Roster) -> Roster:
        return replace(
            before,
            wanted=False,  # who asked meanwhile has what they wanted
            holder="",
            until=0.0,
            read=now,
            whole=now if whole else before.whole,
            due=now + EVERY * (0.9 + 0.1 * chance()),
            failures=0,
            problem="",
            status=0,
            differences=differences,
            groups=before.groups if groups is None else dict(groups),
        )

    return _change(storage, course, holder, read)


def fail(
    storage: Storage,
    course: str,
    holder: str,
    now: float,
    *,
    problem: str,
    status: int,
    retry_after: float | None,
    chance: Callable[[], float],
) -> bool:
    """Note why a course could not be read, when to try again, and give the lease back. False: it is another's by now.

    The pause doubles with each failure up to `EVERY`; a platform that asks for a longer one gets it.
    """

    def failed(before: Roster) -> Roster:
        pause = min(EVERY, FIRST_PAUSE * 2 ** min(before.failures, 20)) * (0.75 + 0.5 * chance())
        return replace(
            before,
            wanted=False,
            holder="",
            until=0.0,
            due=now + max(pause, retry_after or 0.0),
            failures=before.failures + 1,
            problem=problem,
            status=status,
            differences="",  # after a failure all of it is read: an old list of differences may be what failed
        )

    return _change(storage, course, holder, failed)


def drop(storage: Storage, course: str) -> None:
    """Forget a course."""
    storage.delete(ROSTERS, (course,))


def _change(storage: Storage, course: str, holder: str, make: Callable[[Roster], Roster]) -> bool:
    """Change the record of a lease that is held; what others change meanwhile (a wish) is kept."""
    while True:
        kept, before = _get(storage, course)
        if before.holder != holder:
            return False
        if _put(storage, make(before), kept):
            return True


def _get(storage: Storage, course: str) -> tuple[dict[str, Any] | None, Roster]:
    kept = storage.get(ROSTERS, (course,))
    return kept, Roster(course) if kept is None else Roster(**kept)


def _put(storage: Storage, roster: Roster, kept: Mapping[str, Any] | None) -> bool:
    return storage.replace(ROSTERS, {**asdict(roster), "groups": dict(roster.groups)}, expected=kept)
