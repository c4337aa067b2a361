"""What a copied course takes over from the one that it came from: sessions, on other days, and how projects are set.

Floor 3. The platform says which courses a course was copied from. Taken over is what somebody planned, never what
anybody did: no attendance, no work, no mark, no code. Sessions keep their weekday and their hour, by the clock on the
wall; a deadline is cleared, for it was another term's, and so is the address of a forum.
"""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta, tzinfo

from lti_tool import courses, events, projects
from lti_tool.courses import Course
from lti_tool.events import Event
from lti_tool.projects import Setting
from lti_tool.works import PROJECTS
from storage.port import Storage

MOST = 100
"""Settings of projects of a course."""


@dataclass(frozen=True)
class Former:
    """What there is to take over.

    Attributes:
        course: The newest former course that has anything.
        sessions: Its sessions that took place or shall, the earliest first; those that were taken over are left out.
        settings: How it set projects that this course has not set.
    """

    course: Course
    sessions: tuple[Event, ...]
    settings: tuple[Setting, ...]


def find(storage: Storage, course: str) -> Former | None:
    """What a course can take over; None where it was not copied, or nothing is left to take.

    Args:
        storage: The institution's store.
        course: Key of the course.
    """
    there = {one.event for one in events.of_course(storage, course)}
    for former in courses.former(storage, course):
        sessions = tuple(
            one for one in events.of_course(storage, former.course) if one.held and _id(course, one.event) not in there
        )
        settings = tuple(one for one in _settings(storage, former.course) if not _is_set(storage, course, one.project))
        if sessions or settings:
            return Former(former, sessions, settings)
    return None


def first(former: Former, zone: tzinfo) -> date | None:
    """The day of the earliest session; None where there is none."""
    return datetime.fromtimestamp(former.sessions[0].begins, zone).date() if former.sessions else None


def take(
    storage: Storage, course: str, former: Former, begins: date | None, *, zone: tzinfo, now: float
) -> tuple[int, int]:
    """Take over what a former course planned; a second time changes nothing.

    Args:
        storage: The institution's store.
        course: Key of the course.
        former: What there is.
        begins: The day on which its earliest session is held now; None: no session is taken.
        zone: In which the hours hold.
        now: Seconds since the epoch.

    Returns:
        How many sessions, and settings of projects, were taken over.
    """
    day, taken = first(former, zone), 0
    if begins is not None and day is not None:
        for one in shifted(former.sessions, (begins - day).days, zone):
            id_ = _id(course, one.event)
            if events.find(storage, course, id_) is None:
                made = replace(one, course=course, event=id_, sequence=0, made=int(now), changed=int(now))
                taken += events.put(storage, made)
    for setting in former.settings:
        projects.change(storage, course, setting.project, functools.partial(_reviewed, setting.reviews))
    return taken, len(former.settings)


def shifted(sessions: Sequence[Event], days: int, zone: tzinfo) -> list[Event]:
    """Sessions so many days later, at the same hour by the clock on the wall: pure."""
    found = []
    for one in sessions:
        local = datetime.fromtimestamp(one.begins, zone).replace(tzinfo=None) + timedelta(days=days)
        found.append(replace(one, begins=int(local.replace(tzinfo=zone).timestamp())))
    return found


def _reviewed(reviews: int, kept: Setting) -> Setting:
    return replace(kept, reviews=reviews)


def _id(course: str, event: str) -> str:
    """The id of a session that was taken over: the same each time, so that none is there twice."""
    return hashlib.sha256(f"{course}\n{event}".encode()).hexdigest()[:32]


def _settings(storage: Storage, course: str) -> list[Setting]:
    """How a course set projects that peers review; what was set for discussions is a forum of its own."""
    found = [Setting(**document) for document in storage.find(PROJECTS, {"course": course}, limit=MOST)]
    return [one for one in found if one.reviews and not one.project.startswith(f"{projects.DISCUSSION}:")]


def _is_set(storage: Storage, course: str, project: str) -> bool:
    return storage.get(PROJECTS, (course, project)) is not None
