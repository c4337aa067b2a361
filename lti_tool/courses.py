"""The courses and the resource links that the tool was launched from, and the services that came with them. Floor 3.

The tool limits itself to them: a site-wide registration could read the roster of any course (Moodle 4.5). A
record is of a course, not of a person.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any
from urllib.parse import unquote

from lti_tool import hosts
from lti_tool.settings import COURSES, LINKS
from storage.port import Storage

HISTORY = 20


@dataclass(frozen=True)
class Course:
    """A course of a deployment.

    Attributes:
        course: Its opaque key, unique over platforms (`Learner.context`).
        iss: The platform.
        client_id: The tool's client id there.
        deployment: The deployment launched.
        context: The platform's own id of the course.
        title: Its title; empty if none came.
        memberships_url: Names and Role Provisioning: where its members are; empty if not offered.
        lineitems_url: Assignment and Grade Services: where its line items are; empty if not offered.
        groups_url: Course Groups: where its groups are; empty if not offered.
        scopes: What the platform said the tool may do with line items and scores (URIs).
        history: Keys (as `course`) of the courses that it was copied from, the newest first.
        launched: The day of the last launch from it, in days since the epoch.
    """

    course: str
    iss: str
    client_id: str
    deployment: str
    context: str
    title: str = ""
    memberships_url: str = ""
    lineitems_url: str = ""
    groups_url: str = ""
    scopes: tuple[str, ...] = ()
    history: tuple[str, ...] = ()
    launched: int = 0


@dataclass(frozen=True)
class Link:
    """A resource link of a course.

    Attributes:
        link: Its opaque key, unique over platforms (`Learner.link`).
        course: The key of its course.
        resource_link: The platform's own id of it.
        title: Its title; empty if none came.
        lineitem_url: Its line item, where the platform coupled one; empty if it did not.
        opens: The custom parameters that say what it opens.
    """

    link: str
    course: str
    resource_link: str
    title: str = ""
    lineitem_url: str = ""
    opens: Mapping[str, str] | None = None


def remember(storage: Storage, course: Course, link: Link | None) -> None:
    """Keep both as this launch tells them; nothing is written when nothing changed."""
    _keep(storage, course)
    if link is not None:
        document = asdict(link)
        present = storage.get(LINKS, (link.link,))
        if present != document:
            hosts.remember(storage, course.iss, course.client_id, link.lineitem_url)
            storage.replace(LINKS, document, expected=present)


def find(storage: Storage, course: str) -> Course | None:
    """The course of this key."""
    document = storage.get(COURSES, (course,))
    return None if document is None else _course(document)


def former(storage: Storage, course: str) -> list[Course]:
    """The courses that this one was copied from, the newest first, as far as the tool was launched from them.

    What somebody had set there is looked up by their keys; what learners did there stays theirs, in that course.
    """
    here = find(storage, course)
    found = [] if here is None else [find(storage, key) for key in here.history]
    return [one for one in found if one is not None]


def copied_from(value: object) -> list[str]:
    """The platform's ids of former courses, from what `$Context.id.history` became: at most 20, the newest first.

    LTI 1.3 core, appendix C: URL-encoded and separated by commas; a platform that does not know the variable leaves
    its name standing.

    >>> copied_from("17,a%2Cb"), copied_from("$Context.id.history"), copied_from(None)
    (['17', 'a,b'], [], [])
    """
    text = value if isinstance(value, str) and not value.startswith("$") else ""
    return [unquote(part) for part in text.split(",") if part][:HISTORY]


def every(storage: Storage, *, limit: int | None = None) -> list[Course]:
    """Every course that the tool was launched from."""
    return [_course(document) for document in storage.find(COURSES, {}, limit=limit)]


def link(storage: Storage, key: str) -> Link | None:
    """The resource link of this key."""
    document = storage.get(LINKS, (key,))
    return None if document is None else Link(**document)


def links(storage: Storage, course: str) -> list[Link]:
    """The resource links of a course."""
    return [Link(**document) for document in storage.find(LINKS, {"course": course})]


def _keep(storage: Storage, course: Course) -> None:
    present = storage.get(COURSES, (course.course,))
    if present is not None:
        # A launch may leave out a service that an earlier one named (a deep linking request has no line item).
        known = _course(present)
        gaps = {name: getattr(known, name) for name, value in asdict(course).items() if not value}
        course = replace(course, **gaps)
    document = {**asdict(course), "scopes": list(course.scopes), "history": list(course.history)}
    if present != document:
        services = (course.memberships_url, course.lineitems_url, course.groups_url)
        hosts.remember(storage, course.iss, course.client_id, *services)
        storage.replace(COURSES, document, expected=present)


def _course(document: Mapping[str, Any]) -> Course:
    return Course(**{**document, "scopes": tuple(document["scopes"]), "history": tuple(document["history"])})
