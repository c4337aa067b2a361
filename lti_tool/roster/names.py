"""The names of a course's members for an instructor who asks for them: read live, kept in memory, ten minutes. Floor 3.

No name is at rest anywhere. A request never waits longer than its patience; the reading goes on in its thread, and the
next request finds what it read.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from lti_tool import errors
from lti_tool.courses import Course
from lti_tool.platforms import Platform
from lti_tool.roster import container, members, sync
from lti_tool.services.connector import Services
from storage.port import Storage
from xapi_collector.keyring import Keyring

LOG = logging.getLogger("lti_tool.roster")
LIFETIME = 600.0
PATIENCE = 8.0
MOST_COURSES = 20
MOST_READERS = 4


@dataclass
class Answer:
    """The names of one course, or why there are none.

    Attributes:
        at: When the reading began, seconds since the epoch.
        done: Set when it has ended.
        names: By pseudonym.
        problem: `errors.ServiceError.kind`; empty if it worked.
    """

    at: float
    done: threading.Event = field(default_factory=threading.Event, repr=False)
    names: Mapping[str, str] = field(default_factory=dict, repr=False)
    problem: str = ""


@dataclass
class Names:
    """What one process knows for the moment, by course."""

    answers: dict[str, Answer] = field(default_factory=dict, repr=False)
    lock: threading.Lock = field(default_factory=threading.Lock, repr=False)


def show(
    names: Names,
    course: Course,
    read: Callable[[], Mapping[str, str]],
    now: float,
    *,
    patience: float = PATIENCE,
) -> tuple[Mapping[str, str], str]:
    """The names of a course by pseudonym, and why there are none.

    Args:
        names: Of this process.
        course: Whose members.
        read: Reads them from the platform; see `read`.
        now: Seconds since the epoch.
        patience: How long to wait for a reading that is under way.

    Returns:
        Names by pseudonym, and a problem: empty, the kind of an `errors.ServiceError`, "reading" (not there yet), or
        "busy" (too many courses are being read in this moment).
    """
    with names.lock:
        _forget(names, now)
        answer = names.answers.get(course.course)
        if answer is None:
            if sum(not one.done.is_set() for one in names.answers.values()) >= MOST_READERS:
                return {}, "busy"
            if len(names.answers) >= MOST_COURSES:
                names.answers.pop(min(names.answers, key=lambda key: names.answers[key].at))
            answer = names.answers[course.course] = Answer(now)
            threading.Thread(target=_fill, args=(answer, read), name="lti-names", daemon=True).start()
    if not answer.done.wait(patience):
        return {}, "reading"
    if answer.problem:
        with names.lock:  # the next request tries again
            if names.answers.get(course.course) is answer:
                del names.answers[course.course]
    return answer.names, answer.problem


def read(
    storage: Storage, keyring: Keyring, services: Services, platform: Platform, course: Course
) -> Mapping[str, str]:
    """The names of a course's members from the platform, by pseudonym.

    Raises:
        errors.ServiceError: The platform did not tell.
    """
    marks = {member.mark: member.learner for member in members.of_course(storage, course.course)}
    found: dict[str, str] = {}
    for page in sync.pages(services, platform, course, sync.first(course, platform)):
        for user, name in container.names(page.json(), course.context).items():
            mark = members.mark(keyring, course.iss, user)
            found[marks.get(mark) or members.pseudonym(keyring, course.iss, user)] = name
    return found


def forget(names: Names, now: float) -> None:
    """Let go of names that are older than ten minutes; a job does it, so that nobody has to ask for it to happen."""
    with names.lock:
        _forget(names, now)


def _forget(names: Names, now: float) -> None:
    for course in [course for course, answer in names.answers.items() if not 0 <= now - answer.at < LIFETIME]:
        del names.answers[course]


def _fill(answer: Answer, read: Callable[[], Mapping[str, str]]) -> None:
    try:
        answer.names = read()
    except errors.ServiceError as error:
        answer.problem = error.kind
    except Exception as error:  # noqa: BLE001 - whoever waits must be told, whatever it was
        LOG.error("code=names_failed error=%s", type(error).__name__)  # noqa: TRY400 - a trace could show a name
        answer.problem = "failing"
    finally:
        answer.done.set()
