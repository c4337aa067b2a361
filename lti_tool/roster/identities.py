"""Who the members of a course are at their platform, read live for one request and kept nowhere. Floor 3.

A list of who was at a session names people by mail address or number; only the platform can say whose they are. What is
read here lives as long as the request.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from lti_tool import learner as learners
from lti_tool import platforms
from lti_tool.courses import Course
from lti_tool.platforms import Platform
from lti_tool.roster import container, members, sync
from lti_tool.services.connector import Services
from storage.port import Storage
from xapi_collector.keyring import Keyring


@dataclass(frozen=True)
class Identity:
    """A member of a course for the length of a request.

    Attributes:
        learner: Pseudonym, as a launch makes it.
        account: The name by which statements know them; empty where only a launch can tell (`Learner.known_as`).
        called: What a list may call them, in small letters: the platform's id, mail address, number of enrolment.
    """

    learner: str
    account: str = field(repr=False)
    called: frozenset[str] = field(repr=False)


def read(storage: Storage, keyring: Keyring, services: Services, platform: Platform, course: Course) -> list[Identity]:
    """The members of a course, from the platform.

    Raises:
        errors.ServiceError: The platform did not tell.
    """
    marks = {member.mark: member for member in members.of_course(storage, course.course)}
    family, found = platforms.family(platform), list[Identity]()
    for page in sync.pages(services, platform, course, sync.first(course, platform)):
        body: Any = page.json()
        called = container.called(body, course.context)
        for seen in container.members(body, course.context):
            mark = members.mark(keyring, course.iss, seen.user)
            learner, _ = sync.identify(keyring, platform, seen, marks.get(mark))
            account = learners.known_as(seen.known_as, family) or seen.user
            # Where events know a person by another name that nobody told here, the pseudonym says so.
            known = members.pseudonym(keyring, course.iss, account) == learner
            found.append(Identity(learner, account if known else "", called[seen.user]))
    return found


def by_name(listed: list[Identity]) -> Mapping[str, Identity | None]:
    """Members by what a list may call them; None where two are called the same."""
    found: dict[str, Identity | None] = {}
    for one in listed:
        for name in one.called:
            found[name] = None if name in found and found[name] != one else one
    return found
