"""Which course is read next: the ones that somebody waits for, then the ones that are due. Floor 3.

Any number of processes may do this at once; the ledger's leases keep them apart.
"""

from __future__ import annotations

import logging
from collections import deque
from dataclasses import dataclass, field

from lti_tool import courses
from lti_tool.courses import Course
from lti_tool.roster import ledger, sync
from lti_tool.roster.ledger import Roster
from lti_tool.roster.sync import Reader
from xapi_collector import progress

LOG = logging.getLogger("lti_tool.roster")
EVERY = 10.0
"""Seconds between two looks at what is wanted."""
LOOK = 300.0
"""Seconds between two walks over all courses for those that are due."""
TIDY = 86_400.0


@dataclass
class Round:
    """Where one process is in its round.

    Attributes:
        reader: What reading needs.
        queue: Courses that were due at the last walk and were not read yet.
        tired: Platforms that failed since that walk: their other courses wait for the next one, so that a platform
            that is away costs the others one time-out a walk and no more.
        looked: When the last walk was.
        tidied: When who left long ago was last removed.
    """

    reader: Reader
    queue: deque[Course] = field(default_factory=deque)
    tired: set[tuple[str, str]] = field(default_factory=set)
    looked: float = 0.0
    tidied: float = 0.0


def turn(round_: Round) -> bool:
    """Read one course, if one is to be read; true if there is more to do at once.

    While pseudonyms are rotated nothing is read: a name made in that moment might be the old one.
    """
    reader = round_.reader
    if progress.read(reader.storage, progress.ROTATION) is not None:
        return False
    now = reader.now()
    if now - round_.looked >= LOOK:
        _look(round_, now)
    course = _next(round_, now)
    if course is not None:
        if not sync.read(reader, course):
            round_.tired.add(_platform(course))
        return True
    if now - round_.tidied >= TIDY:
        round_.tidied = now
        removed = sync.tidy(reader.storage, now)
        if removed:
            LOG.info("code=roster_tidied removed=%d", removed)
    return False


def _look(round_: Round, now: float) -> None:
    """Queue the courses that are due, the longest due first."""
    records = {record.course: record for record in ledger.every(round_.reader.storage)}
    listed = [
        (records.get(course.course, Roster(course.course)).due, course)
        for course in courses.every(round_.reader.storage)
        if sync.in_use(course, now)
    ]
    round_.queue = deque(course for due, course in sorted(listed, key=lambda pair: pair[0]) if due <= now)
    round_.tired.clear()
    round_.looked = now


def _next(round_: Round, now: float) -> Course | None:
    storage = round_.reader.storage
    for record in ledger.wanted(storage):
        course = courses.find(storage, record.course)
        if course is None or not sync.in_use(course, now):
            ledger.unask(storage, record.course)
        elif _platform(course) not in round_.tired and (not record.holder or record.until <= now):
            return course
    while round_.queue:
        course = round_.queue.popleft()
        # Another process may have read it since the walk.
        if _platform(course) not in round_.tired and ledger.find(storage, course.course).due <= now:
            return course
    return None


def _platform(course: Course) -> tuple[str, str]:
    return course.iss, course.client_id
