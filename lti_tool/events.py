"""The sessions of a course: seminars, workshops, visits, on site or on line, as an instructor schedules them. Floor 3.

A session is a record of the course, not of a person. One that is called off stays, so that calendars hear of it
(RFC 5545, section 3.8.1.11), and each change has a higher number (section 3.8.7.4).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from lti_tool import errors
from lti_tool.kept import EVENTS
from storage.port import Storage

PLANNED, CANCELLED = "planned", "cancelled"
SITE, ONLINE = "site", "online"
WHERES = (SITE, ONLINE)
LONGEST = 200
"""Letters of a title or a place."""
LEAST, MOST = 5, 12 * 60
"""Minutes of a session."""
MOST_SKILLS = 5
MOST_EVENTS = 400
"""Sessions of a course."""
AHEAD = 800
"""Days for which one can schedule."""
KEPT = 400
"""Days for which a session that is over is kept."""
_ID = re.compile(r"[0-9a-f]{32}")
"""Of a session: what a form sends is nothing else, or finds nothing."""
EARLY, LATE = 30 * 60, 30 * 60
"""Seconds before the beginning and after the end of a session, in which one checks in."""


@dataclass(frozen=True)
class Event:
    """A session.

    Attributes:
        course: Key of the course.
        event: Its id, unique in the course.
        catalog: Id of the catalog of its skills.
        title: As the instructor wrote it.
        begins: Seconds since the epoch.
        minutes: How long it takes.
        where: One of `WHERES`.
        place: A room, an address, or where one meets on line; empty: not said.
        skills: Ids of the skills that it is about; the first one is the main one.
        activity: What of a course of the curriculum it is, such as "operations/event:desk"; empty: of none.
        state: `PLANNED` or `CANCELLED`.
        sequence: Grows with each change.
        made: When it was scheduled, seconds since the epoch.
        changed: When it was last changed, seconds since the epoch.
    """

    course: str
    event: str
    catalog: str
    title: str
    begins: int
    minutes: int
    where: str
    place: str
    skills: tuple[str, ...]
    activity: str = ""
    state: str = PLANNED
    sequence: int = 0
    made: int = 0
    changed: int = 0

    @property
    def ends(self) -> int:
        """Seconds since the epoch."""
        return self.begins + 60 * self.minutes

    @property
    def held(self) -> bool:
        """Whether it takes place, or took place."""
        return self.state == PLANNED


def zone(name: str) -> ZoneInfo:
    """The time zone of an IANA name.

    Raises:
        errors.ConfigurationError: There is none of this name.
    """
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        message = (
            f"ENTREPOT_LTI_ZONE is {name!r}: write a name of the IANA data base, such as Europe/London or UTC; "
            "where UTC is not known either, the system lacks its time zone data (tzdata)"
        )
        raise errors.ConfigurationError(message) from error


def iri(event: str, base: str) -> str:
    """The IRI of the activity that a session is, below the tool's public address."""
    return f"{base}/lti/events/{event}"


def put(storage: Storage, event: Event) -> bool:
    """Keep a new session; false where the course has too many."""
    if len(storage.find(EVENTS, {"course": event.course}, limit=MOST_EVENTS)) >= MOST_EVENTS:
        return False
    storage.insert(EVENTS, _document(event))
    return True


def find(storage: Storage, course: str, event: str) -> Event | None:
    """A session of a course; None where the course has none of this id."""
    found = storage.get(EVENTS, (course, event)) if _ID.fullmatch(event) else None
    return None if found is None else _event(found)


def of_course(storage: Storage, course: str) -> list[Event]:
    """All sessions of a course, the earliest first, those called off among them."""
    found = [_event(one) for one in storage.find(EVENTS, {"course": course}, limit=MOST_EVENTS)] if course else []
    return sorted(found, key=lambda one: (one.begins, one.event))


def change(storage: Storage, course: str, event: str, wish: Callable[[Event], Event], now: float) -> Event | None:
    """Change a session; of two changes at once the later one sees the earlier.

    Args:
        storage: The institution's store.
        course: Key of the course.
        event: Id of the session.
        wish: From the session that is there to the one that shall be.
        now: Seconds since the epoch.

    Returns:
        The session as it is now; None where there is none.
    """
    while True:
        present = storage.get(EVENTS, (course, event))
        if present is None:
            return None
        before = _event(present)
        after = wish(before)
        if after == before:
            return before
        after = replace(after, sequence=before.sequence + 1, changed=int(now))
        if storage.replace(EVENTS, _document(after), expected=present):
            return after


def cancelled(event: Event) -> Event:
    """The session called off: pure."""
    return replace(event, state=CANCELLED)


def again(event: Event) -> Event:
    """The session that takes place after all: pure."""
    return replace(event, state=PLANNED)


def week(events: Iterable[Event], begins: float, *, days: int = 7) -> list[Event]:
    """The sessions that take place in so many days from a moment on: those that end after it, and begin before its end.

    Args:
        events: In any order.
        begins: Seconds since the epoch.
        days: How many.
    """
    return [one for one in events if one.held and one.ends > begins and one.begins < begins + days * 86_400]


def opens(event: Event) -> tuple[int, int]:
    """From when until when one can check in: seconds since the epoch."""
    return event.begins - EARLY, event.ends + LATE


def open_now(event: Event, now: float) -> bool:
    """Whether one can check in."""
    first, last = opens(event)
    return event.held and first <= now < last


def tidy(storage: Storage, now: float) -> list[tuple[str, str]]:
    """Remove the sessions that were over long ago; answer (course, id) of each."""
    gone: list[tuple[str, str]] = []
    after = None
    while page := storage.find(EVENTS, {}, limit=MOST_EVENTS, after=after):
        old = [one for one in page if _event(one).ends < now - KEPT * 86_400]
        gone += [_key(one) for one in old if storage.delete(EVENTS, _key(one), expected=one)]
        after = _key(page[-1])
    return gone


def remove(storage: Storage, course: str) -> None:
    """Remove all sessions of a course, whose platform is removed."""
    for one in storage.find(EVENTS, {"course": course}):
        storage.delete(EVENTS, _key(one))


@dataclass(frozen=True)
class Typed:
    """What a form says of a session, and what is wrong with it.

    Attributes:
        event: The session; None where something is wrong.
        problems: Keys of sentences, in the order of the form.
    """

    event: Event | None
    problems: tuple[str, ...]


def from_form(before: Event, form: Mapping[str, str], skills: Iterable[str], *, zone_: ZoneInfo, now: float) -> Typed:
    """The session that a form asks for: pure.

    Args:
        before: The session that is there, or the frame of a new one.
        form: What was sent: `title`, `day` (2026-11-26), `time` (14:30), `minutes`, `where`, `place`.
        skills: Ids of the skills that were chosen; whoever asks has looked that the catalog has them.
        zone_: In which the day and the time are meant.
        now: Seconds since the epoch.
    """
    problems: list[str] = []
    title, place = (" ".join(form.get(name, "").split()) for name in ("title", "place"))
    if not 0 < len(title) <= LONGEST:
        problems.append("event.problem.title")
    begins = _moment(form.get("day", ""), form.get("time", ""), zone_)
    if begins is None:
        problems.append("event.problem.when")
    elif not now - KEPT * 86_400 < begins < now + AHEAD * 86_400:
        problems.append("event.problem.far")
    text = form.get("minutes", "")
    minutes = int(text) if text.isascii() and text.isdigit() and len(text) < 5 else 0
    if not LEAST <= minutes <= MOST:
        problems.append("event.problem.minutes")
    where = form.get("where", SITE)
    if where not in WHERES or len(place) > LONGEST:
        problems.append("event.problem.place")
    chosen = tuple(dict.fromkeys(skills))
    if not 0 < len(chosen) <= MOST_SKILLS:
        problems.append("event.problem.skills")
    if problems or begins is None:
        return Typed(None, tuple(problems))
    made = replace(before, title=title, begins=begins, minutes=minutes, where=where, place=place, skills=chosen)
    return Typed(made, ())


def _moment(day: str, time: str, zone_: ZoneInfo) -> int | None:
    """A day and a time of a zone; None where either cannot be read, or a clock that is put forward never shows it."""
    try:
        local = datetime.combine(date.fromisoformat(day), datetime.strptime(time[:5], "%H:%M").time(), zone_)  # noqa: DTZ007 - the zone is given beside it
    except ValueError:
        return None
    moment = local.timestamp()
    shown = datetime.fromtimestamp(moment, zone_)
    return int(moment) if shown.replace(tzinfo=None) == local.replace(tzinfo=None) else None


def _key(document: Mapping[str, Any]) -> tuple[str, str]:
    return document["course"], document["event"]


def _document(event: Event) -> dict[str, Any]:
    return {**asdict(event), "skills": list(event.skills)}


def _event(document: Mapping[str, Any]) -> Event:
    return Event(**{**document, "skills": tuple(document["skills"])})
