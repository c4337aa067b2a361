"""The sums of a class, made in the background: of the courses that a page wants, then of those in use. Floor 3.

Safe in several processes at once and to be killed at any moment: a document is made from a person's labels alone, and
whoever makes it again makes the same one.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from lti_tool.roster import deeds, members
from lti_tool.roster.deeds import Course, Ledger
from lti_tool.settings import MEMBERS, STANDINGS
from storage.port import Storage
from xapi_collector import consent, progress

EVERY = 5.0
"""Seconds between two looks at what is wanted."""
LOOK = 3600.0
"""Seconds between two walks over the courses in use."""
BATCH = 10
"""Learners of one step."""


@dataclass
class Round:
    """Where one process is.

    Attributes:
        storage: The institution's store.
        ledger: What the pages of this process want.
        courses: What the sums of every course in use at a moment are made with.
        now: Seconds since the epoch.
        queue: Whose sums are to be looked at: a course, a pseudonym, and how old sums may be, in seconds.
        looked: When the last walk was.
    """

    storage: Storage
    ledger: Ledger
    courses: Callable[[float], Iterable[Course]]
    now: Callable[[], float]
    queue: deque[tuple[Course, str, float]] = field(default_factory=deque)
    looked: float = 0.0


def turn(round_: Round) -> bool:
    """Bring some sums up to date; true if there is more to do at once.

    While pseudonyms are rotated nothing is made: it might be under the old one.
    """
    if progress.read(round_.storage, progress.ROTATION) is not None:
        return False
    now = round_.now()
    _want(round_)
    if not round_.queue and not 0 <= now - round_.looked < LOOK:
        round_.looked = now
        tidy(round_.storage)
        for course in round_.courses(now):
            _queue(round_, course, deeds.FRESH)
    batch = [round_.queue.popleft() for _ in range(min(BATCH, len(round_.queue)))]
    for course, person, lifetime in batch:
        refresh(round_.storage, course, person, now, lifetime)
    return bool(round_.queue)


def refresh(storage: Storage, course: Course, person: str, now: float, lifetime: float = deeds.LIFETIME) -> bool:
    """Make the sums of one person anew where that is due; whether they were.

    Args:
        storage: The institution's store.
        course: What the sums are made with.
        person: Pseudonym.
        now: Seconds since the epoch.
        lifetime: How old they may be, in seconds, where nothing else speaks for it.
    """
    epoch = storage.statements.epoch()
    kept = storage.get(STANDINGS, (course.key, person))
    if person not in consent.of_one(storage, deeds.PURPOSE, person):
        # Whoever keeps it to themselves is not summed up either.
        return kept is not None and storage.delete(STANDINGS, (course.key, person), expected=kept)
    if kept is not None and kept["mark"] == course.mark and kept["epoch"] == epoch:
        sums = deeds.sums_of(kept)
        new = next(deeds.labels(storage, person, sums.seq), None)
        if new is None and not deeds.stale(sums, person, course, now, lifetime):
            return False
    made = deeds.make(deeds.labels(storage, person), course, epoch=epoch, now=now)
    done = storage.replace(STANDINGS, deeds.document(made, person, course), expected=kept)
    if done and storage.statements.epoch() != epoch:  # somebody was erased meanwhile: it may have been this person
        storage.delete(STANDINGS, (course.key, person))
    return done


def tidy(storage: Storage) -> int:
    """Remove the sums of those who are no members of a course any more; answer how many."""
    removed = 0
    after: tuple[str, str] | None = None
    while page := storage.find(STANDINGS, {}, limit=members.PAGE, after=after):
        keys = [(one["course"], one["learner"]) for one in page]
        there = storage.get_many(MEMBERS, keys)
        removed += sum(storage.delete(STANDINGS, key) for key in keys if key not in there)
        after = keys[-1]
    return removed


def remove(storage: Storage, course: str) -> None:
    """Remove the sums of a course, whose platform is removed."""
    for one in storage.find(STANDINGS, {"course": course}):
        storage.delete(STANDINGS, (course, one["learner"]))


def _want(round_: Round) -> None:
    """Queue the courses that pages of this process found wanting, before the others."""
    with round_.ledger.lock:
        wanted = list(round_.ledger.wanted.values())
        round_.ledger.wanted.clear()
    if not wanted:
        return
    keys = {course.key for course in wanted}
    rest = [one for one in round_.queue if one[0].key not in keys]
    round_.queue.clear()
    for course in wanted:
        _queue(round_, course, deeds.LIFETIME)
    round_.queue.extend(rest)


def _queue(round_: Round, course: Course, lifetime: float) -> None:
    for member in members.of_course(round_.storage, course.key):
        if members.learns(member):
            round_.queue.append((course, member.learner, lifetime))
