"""Who was at a session: by a code that changes each minute, by a list, by hand; and what the facilitator saw. Floor 3.

All three ways lead to one record of a learner at a session, so whoever checks in twice was there once. A code is an
HMAC over the session and the minute: nothing of it is stored, and it is worth nothing a little later. Guesses are
counted. A record keeps the platform's id of the learner sealed, so that a statement can name them.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

from lti_tool.events import Event
from lti_tool.grades import seal
from lti_tool.kept import ATTENDANCES
from storage.port import Storage
from xapi_collector.keyring import Keyring

PURPOSE = "lti_tool check-in"
LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
LENGTH = 6
PERIOD = 60
"""Seconds for which a code is shown; it is taken for as long again, so that there is time to type it."""
GUESSES = 5
"""Codes that do not fit, in `SPAN`, after which a learner has to wait."""
SPAN = 600
"""Seconds."""
CODE, LIST, HAND = "code", "list", "hand"
LEVELS = 4
"""Of a facilitator's rubric: 0 not yet, 1 with help, 2 alone, 3 alone and able to explain."""
ENOUGH = 2
"""The level from which on it was done."""
PAGE = 1000
TAKEN_BACK = -1
"""In place of a level."""

NewId = Callable[[], object]


@dataclass(frozen=True)
class Seen:
    """A level that a facilitator gave on a skill: which, when (seconds since the epoch), and the statement's id."""

    level: int
    at: int
    statement: str


@dataclass(frozen=True)
class Attendance:
    """A learner at a session.

    Attributes:
        course: Key of the course.
        event: Id of the session.
        learner: Pseudonym.
        here: Whether they were there.
        how: `CODE`, `LIST` or `HAND`; empty while they were not.
        at: When it was noted, seconds since the epoch.
        statement: Id of the statement that they were there: one for all ways, so that the record store has one.
        sealed: Who they are at the platform, sealed; empty where nobody knew.
        seen: Levels of the rubric by skill.
        guesses: When codes were tried that do not fit, seconds since the epoch; the last `GUESSES`.
    """

    course: str
    event: str
    learner: str
    here: bool = False
    how: str = ""
    at: int = 0
    statement: str = ""
    sealed: str = ""
    seen: Mapping[str, Seen] = field(default_factory=lambda: MappingProxyType({}))
    guesses: tuple[int, ...] = ()


# The code


def code(keyring: Keyring, event: Event, now: float) -> str:
    """The code of a session in this minute, such as "K7M42Q".

    Args:
        keyring: The institution's.
        event: The session.
        now: Seconds since the epoch.
    """
    return _code(keyring, event, int(now) // PERIOD)


def left(now: float) -> int:
    """Seconds until the code changes, at least 1."""
    return PERIOD - int(now) % PERIOD


def fits(keyring: Keyring, event: Event, text: str, now: float) -> bool:
    """Whether a code is the one of this minute or of the one before; blanks, hyphens and small letters do not matter.

    Args:
        keyring: The institution's.
        event: The session.
        text: What was typed.
        now: Seconds since the epoch.
    """
    typed = "".join(letter for letter in text[:40].upper() if letter in LETTERS)
    minute = int(now) // PERIOD
    # Both are compared, and each in constant time: how long it takes says nothing.
    found = [hmac.compare_digest(typed, _code(keyring, event, one)) for one in (minute, minute - 1)]
    return any(found)


def _code(keyring: Keyring, event: Event, minute: int) -> str:
    text = "\x1f".join((event.course, event.event, str(minute))).encode()
    number = int.from_bytes(hmac.new(keyring.derive(PURPOSE), text, hashlib.sha256).digest(), "big")
    letters = []
    for _ in range(LENGTH):
        number, rest = divmod(number, len(LETTERS))
        letters.append(LETTERS[rest])
    return "".join(letters)


# Records


def find(storage: Storage, course: str, event: str, learner: str) -> Attendance:
    """The record of a learner at a session; an empty one where there is none."""
    kept = storage.get(ATTENDANCES, (course, event, learner))
    return Attendance(course, event, learner) if kept is None else _attendance(kept)


def of_event(storage: Storage, course: str, event: str) -> dict[str, Attendance]:
    """The records of a session by pseudonym."""
    found: dict[str, Attendance] = {}
    after = None
    # The session first: a store looks through all that have the first value, and a course has many records.
    where = {"event": event, "course": course}
    while page := storage.find(ATTENDANCES, where, limit=PAGE, after=after):
        found.update({one["learner"]: _attendance(one) for one in page})
        if len(page) < PAGE:
            break
        after = (course, event, page[-1]["learner"])
    return found


def of_learner(storage: Storage, course: str, learner: str, listed: Sequence[Event]) -> dict[str, Attendance]:
    """The records of a learner in a course, by id of the session."""
    found = storage.get_many(ATTENDANCES, [(course, one.event, learner) for one in listed])
    return {one["event"]: _attendance(one) for one in found.values()}


def note(
    storage: Storage, event: Event, learner: str, how: str, *, sealed: str, new_id: NewId, now: float
) -> tuple[Attendance, bool]:
    """Note that a learner was there; whether it is news. Noted twice, in whatever ways, it is one record.

    Args:
        storage: The institution's store.
        event: The session.
        learner: Pseudonym.
        how: `CODE`, `LIST` or `HAND`.
        sealed: As `close` makes it; empty: nobody knows.
        new_id: Makes statement ids.
        now: Seconds since the epoch.
    """

    def wish(before: Attendance) -> Attendance:
        if before.here:
            return before
        known, told = sealed or before.sealed, str(new_id())
        return replace(before, here=True, how=how, at=int(now), statement=told, sealed=known, guesses=())

    before, after = _change(storage, event, learner, wish)
    return after, not before.here


def identify(storage: Storage, event: Event, learner: str, sealed: str) -> Attendance | None:
    """Keep who a learner is whom somebody noted without knowing it; None where that was known, or they were not there.

    Args:
        storage: The institution's store.
        event: The session.
        learner: Pseudonym.
        sealed: As `close` makes it.
    """

    def wish(before: Attendance) -> Attendance:
        return replace(before, sealed=sealed) if before.here and not before.sealed else before

    before, after = _change(storage, event, learner, wish)
    return None if before == after else after


def take_back(storage: Storage, event: Event, learner: str) -> Attendance:
    """Note that a learner was not there after all; levels go with it. Answer what was there before."""

    def wish(before: Attendance) -> Attendance:
        return replace(before, here=False, how="", at=0, statement="", seen=MappingProxyType({}))

    before, _ = _change(storage, event, learner, wish)
    return before


def guess(storage: Storage, event: Event, learner: str, now: float) -> None:
    """Count a code that does not fit."""

    def wish(before: Attendance) -> Attendance:
        return replace(before, guesses=(*before.guesses, int(now))[-GUESSES:])

    _change(storage, event, learner, wish)


def waits(record: Attendance, now: float) -> int:
    """Seconds until a learner may try a code again; 0: now."""
    lately = [one for one in record.guesses if now - one < SPAN]
    return max(1, int(SPAN - (now - lately[0]))) if len(lately) >= GUESSES else 0


def rate(
    storage: Storage, event: Event, learner: str, levels: Mapping[str, int], *, new_id: NewId, now: float
) -> tuple[Attendance, Attendance]:
    """Keep the levels that a facilitator gave to who was there.

    Args:
        storage: The institution's store.
        event: The session.
        learner: Pseudonym.
        levels: By skill, 0 to `LEVELS` - 1; `TAKEN_BACK` takes a level back.
        new_id: Makes statement ids.
        now: Seconds since the epoch.

    Returns:
        The record before and after; they are the same where nothing is new, or the learner was not there.
    """

    def wish(before: Attendance) -> Attendance:
        if not before.here:
            return before
        kept = dict(before.seen)
        for skill, level in levels.items():
            if level == TAKEN_BACK:
                kept.pop(skill, None)
            elif skill not in kept or kept[skill].level != level:
                kept[skill] = Seen(level, int(now), str(new_id()))
        return replace(before, seen=MappingProxyType(kept))

    return _change(storage, event, learner, wish)


# Identities


def close(keyring: Keyring, event: str, iss: str, name: str) -> str:
    """Seal the name of a learner's account, as statements have it, for one session."""
    return seal.close(keyring, f"event:{event}", iss, name)


def agent(keyring: Keyring, record: Attendance, iss: str) -> dict[str, Any] | None:
    """The learner of a record as an xAPI agent; None where nobody knew who they are at the platform."""
    name = seal.open_(keyring, f"event:{record.event}", iss, record.sealed) if record.sealed else None
    return None if name is None else {"objectType": "Agent", "account": {"homePage": iss, "name": name}}


def remove(storage: Storage, course: str, event: str = "") -> None:
    """Remove the records of a session that is no longer kept, or of all of a course."""
    where = {"event": event, "course": course} if event else {"course": course}
    for kept in storage.find(ATTENDANCES, where):
        storage.delete(ATTENDANCES, (course, kept["event"], kept["learner"]))


def _change(
    storage: Storage, event: Event, learner: str, wish: Callable[[Attendance], Attendance]
) -> tuple[Attendance, Attendance]:
    while True:
        present = storage.get(ATTENDANCES, (event.course, event.event, learner))
        before = Attendance(event.course, event.event, learner) if present is None else _attendance(present)
        after = wish(before)
        if after == before or storage.replace(ATTENDANCES, _document(after), expected=present):
            return before, after


def _document(record: Attendance) -> dict[str, Any]:
    """As it is stored: ids of skills have dots, which no name of a field may have in every store."""
    return {
        "course": record.course,
        "event": record.event,
        "learner": record.learner,
        "here": record.here,
        "how": record.how,
        "at": record.at,
        "statement": record.statement,
        "sealed": record.sealed,
        "seen": [[skill, one.level, one.at, one.statement] for skill, one in sorted(record.seen.items())],
        "guesses": list(record.guesses),
    }


def _attendance(kept: Mapping[str, Any]) -> Attendance:
    seen = {skill: Seen(level, at, told) for skill, level, at, told in kept["seen"]}
    return Attendance(**{**kept, "seen": MappingProxyType(seen), "guesses": tuple(kept["guesses"])})
