"""Which line item takes the scores of a link: the platform's own, or one that is found or made, once. Floor 3.

LTI Assignment and Grade Services 2.0, sections 3.2 and 4. A line item that the platform coupled to the link comes with
every launch, and then nothing is asked. Otherwise it is looked for by resource id and tag, so that the copy of a course
finds its own; only then is one made. One process at a time does that for a link, by a lease in the store.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from lti_tool import courses, errors, resources
from lti_tool.courses import Course, Link
from lti_tool.grades import line_items, outbox
from lti_tool.grades.line_items import LineItem
from lti_tool.platforms import Platform
from lti_tool.services.connector import Services
from lti_tool.settings import LINE_ITEMS
from storage.port import Storage

LEASE = 300.0
RENEWALS = 1
"""How often a line item that is gone is looked for or made again: an instructor who removes it twice means it."""
MOST_GONE = 10
GONE = frozenset({404, 410})


@dataclass(frozen=True)
class Target:
    """Where the scores of a link go."""

    platform: Platform
    course: Course
    link: Link


class NoColumnError(errors.LtiToolError):
    """There is no line item for a link.

    Attributes:
        code: "no_line_item" (there was none, and none may be made) or "line_item_gone".
    """

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class BusyError(errors.LtiToolError):
    """Somebody else is looking for it right now."""


def target(storage: Storage, platform: Platform, course: str, link: str) -> Target | None:
    """Where the scores of a link of a platform go; None if link or course are not known any more, or another's."""
    found, place = courses.link(storage, link), courses.find(storage, course)
    if found is None or place is None or (place.iss, place.client_id) != (platform.iss, platform.client_id):
        return None
    return Target(platform, place, found)


def find(storage: Storage, services: Services, target: Target, now: float) -> str:
    """The address of the line item of a link; found or made if need be.

    Raises:
        NoColumnError: There is none, and none may be made.
        BusyError: Another process is about to find it.
        errors.ServiceError: The platform did not answer as it should.
    """
    link = target.link
    known = storage.get(LINE_ITEMS, (link.link,))
    record = known or _record(link.link)
    if link.lineitem_url and link.lineitem_url not in record["gone"]:
        return link.lineitem_url
    if record["url"]:
        return str(record["url"])
    unwanted = outbox.policy(link) == "none" or record["renewals"] > RENEWALS
    if unwanted or not line_items.may_read(target.course):
        raise NoColumnError("line_item_gone" if record["gone"] else "no_line_item")
    # A lease far in the future was written by a clock that has been set back since.
    if now < record["leased"] <= now + LEASE:
        raise BusyError
    leased = {**record, "leased": now + LEASE}
    if not storage.replace(LINE_ITEMS, leased, expected=known):
        raise BusyError
    try:
        url = _search(storage, services, target, frozenset(record["gone"]))
    except (errors.ServiceError, NoColumnError):
        storage.replace(LINE_ITEMS, {**record, "leased": 0.0}, expected=leased)
        raise
    storage.replace(LINE_ITEMS, {**record, "url": url, "leased": 0.0}, expected=leased)
    return url


def is_gone(services: Services, target: Target, url: str) -> bool:
    """Whether a line item is not there any more, asked after a score for it was answered with "not found".

    Some platforms say so of a person that they do not know: then another line item would help nobody.

    Raises:
        errors.ServiceError: The platform did not answer as it should.
    """
    if not line_items.may_read(target.course):
        return True
    try:
        line_items.read(services, target.platform, target.course, url)
    except errors.ServiceError as error:
        if error.status in GONE:
            return True
        raise
    return False


def lost(storage: Storage, link: str, url: str) -> None:
    """Note that a line item is gone from the platform, so that the next `find` does not answer with it."""
    known = storage.get(LINE_ITEMS, (link,))
    record = known or _record(link)
    if url in record["gone"]:
        return
    changed = {
        **record,
        "url": "" if record["url"] == url else record["url"],
        "gone": [*record["gone"], url][-MOST_GONE:],
        "renewals": record["renewals"] + 1,
    }
    storage.replace(LINE_ITEMS, changed, expected=known)  # who changed it meanwhile noticed it as well


def forgive(storage: Storage, link: str) -> None:
    """Let a line item that went too often be made once more: an instructor wants to send a score again."""
    known = storage.get(LINE_ITEMS, (link,))
    if known is not None and known["renewals"]:
        storage.replace(LINE_ITEMS, {**known, "renewals": 0}, expected=known)


def _record(link: str) -> dict[str, Any]:
    return {"link": link, "url": "", "gone": [], "renewals": 0, "leased": 0.0}


def _search(storage: Storage, services: Services, target: Target, gone: frozenset[str]) -> str:
    platform, course, link = target.platform, target.course, target.link
    wanted = line_items.of_link(link)
    taken = {other.resource_link for other in courses.links(storage, course.course) if other.link != link.link}

    def look() -> LineItem | None:
        found = line_items.every(services, platform, course, resource=wanted.resource_id, tag=resources.TAG)
        return _choose(found, link.resource_link, taken, gone)

    present = look()
    if present is not None:
        return present.url
    if not line_items.may_make(course):
        raise NoColumnError("line_item_gone" if gone else "no_line_item")
    made = line_items.create(services, platform, course, wanted)
    # A tool with another store may have made one at the same moment: both keep the older, and remove what is theirs
    # alone and empty.
    first = look()
    if first is None or first.url == made.url:
        return made.url
    line_items.delete(services, platform, made.url)
    return first.url


def _choose(found: Iterable[LineItem], resource_link: str, taken: set[str], gone: frozenset[str]) -> LineItem | None:
    """The line item of this very link, else the first that belongs to no other link of the course.

    Platforms list the older first. One whose link is unknown came with a copy of the course, and is ours.
    """
    free = [item for item in found if item.url and item.url not in gone and item.resource_link_id not in taken]
    own = [item for item in free if item.resource_link_id == resource_link]
    return next(iter(own or free), None)
