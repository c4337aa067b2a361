"""The columns of a gradebook: read, found, made, changed and removed. Floor 3.

LTI Assignment and Grade Services 2.0, section 3.2. A body is pylti1p3's `LineItem`; the library itself can neither
change nor remove one, and loses what comes after the first page of Moodle.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit, urlunsplit

from pylti1p3.lineitem import LineItem as Wire

from lti_tool import errors, platforms, resources
from lti_tool.courses import Course, Link
from lti_tool.platforms import Platform
from lti_tool.services.connector import Services

LINE_ITEM = "https://purl.imsglobal.org/spec/lti-ags/scope/lineitem"
READ_ONLY = "https://purl.imsglobal.org/spec/lti-ags/scope/lineitem.readonly"
ONE = "application/vnd.ims.lis.v2.lineitem+json"
MANY = "application/vnd.ims.lis.v2.lineitemcontainer+json"
MAXIMUM = 100.0
MOST = 100  # pages of line items; a course with more columns than that has another problem


@dataclass(frozen=True)
class LineItem:
    """A column of a gradebook.

    Attributes:
        url: Its address at the platform (`id`); empty for one that is yet to be made.
        label: What people read above it.
        maximum: Points of a full score.
        resource_id: Our name of what is scored; the same in every copy of a course.
        tag: `resources.TAG` if it is ours.
        resource_link_id: The platform's id of the link that it belongs to; empty if to none.
        starts: When it opens (ISO 8601); empty if always.
        ends: When it closes; empty if never.
    """

    url: str
    label: str
    maximum: float = MAXIMUM
    resource_id: str = ""
    tag: str = ""
    resource_link_id: str = ""
    starts: str = ""
    ends: str = ""


def of_link(link: Link) -> LineItem:
    """The line item that a link should have: 100 points, labelled with the title of the link."""
    identity = resources.id_of(link.opens or {})
    return LineItem("", link.title or identity, MAXIMUM, identity, resources.TAG, link.resource_link)


def may_read(course: Course) -> bool:
    """Whether line items may be read here."""
    return bool(course.lineitems_url) and not {LINE_ITEM, READ_ONLY}.isdisjoint(course.scopes)


def may_make(course: Course) -> bool:
    """Whether line items may be made, changed and removed here."""
    return bool(course.lineitems_url) and LINE_ITEM in course.scopes


def every(
    services: Services,
    platform: Platform,
    course: Course,
    *,
    resource: str = "",
    tag: str = "",
    resource_link: str = "",
) -> Iterator[LineItem]:
    """The line items of a course, page after page (section 3.2.4).

    Args:
        services: How to ask.
        platform: Whose course.
        course: Must grant `may_read`.
        resource: Only those of this resource id.
        tag: Only those with this tag.
        resource_link: Only those of this resource link.

    Raises:
        errors.ServiceError: As `Services.pages`, or a page is no list of line items (`malformed`).
    """
    wanted = {"resource_id": resource, "tag": tag, "resource_link_id": resource_link}
    asked = {name: value for name, value in wanted.items() if value}
    url = with_query(course.lineitems_url, {**asked, "limit": str(platforms.family(platform).page)})
    scope = READ_ONLY if LINE_ITEM not in course.scopes else LINE_ITEM
    for answer in services.pages(platform, [scope], url, accept=MANY, most=MOST):
        listed = answer.json()
        if not isinstance(listed, list):
            raise errors.ServiceError("malformed", answer.status)
        for item in map(_of_document, listed):
            # A platform may pass over a filter that it does not know.
            if all(
                not value or value == found
                for value, found in (
                    (resource, item.resource_id),
                    (tag, item.tag),
                    (resource_link, item.resource_link_id),
                )
            ):
                yield item


def read(services: Services, platform: Platform, course: Course, url: str) -> LineItem:
    """One line item (section 3.2.5, GET).

    Raises:
        errors.ServiceError: As `Services.call`.
    """
    scope = READ_ONLY if LINE_ITEM not in course.scopes else LINE_ITEM
    return _of_document(services.call(platform, [scope], "GET", url, accept=ONE).json())


def create(services: Services, platform: Platform, course: Course, item: LineItem) -> LineItem:
    """Make a line item (section 3.2.4, POST); the answer has its address.

    Raises:
        errors.ServiceError: As `Services.call`; an answer without an address is `malformed`.
    """
    answer = services.call(
        platform, [LINE_ITEM], "POST", course.lineitems_url, body=_body(item), content_type=ONE, accept=ONE
    )
    made = _of_document(answer.json())
    if not made.url:
        raise errors.ServiceError("malformed", answer.status)
    return made


def update(services: Services, platform: Platform, item: LineItem) -> LineItem:
    """Change a line item (section 3.2.5, PUT).

    Raises:
        errors.ServiceError: As `Services.call`.
    """
    answer = services.call(platform, [LINE_ITEM], "PUT", item.url, body=_body(item), content_type=ONE, accept=ONE)
    return _of_document(answer.json()) if answer.body.strip() else item


def delete(services: Services, platform: Platform, url: str) -> None:
    """Remove a line item with the grades in it (section 3.2.5, DELETE).

    Raises:
        errors.ServiceError: As `Services.call`.
    """
    services.call(platform, [LINE_ITEM], "DELETE", url, accept=ONE)


def below(url: str, name: str) -> str:
    """The address of `scores` or `results` of a line item: before its query, which Moodle has (section 3.3.4).

    >>> below("https://lms.example/mod/lti/services.php/2/lineitems/5/lineitem?type_id=1", "scores")
    'https://lms.example/mod/lti/services.php/2/lineitems/5/lineitem/scores?type_id=1'
    """
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc, f"{parts.path.rstrip('/')}/{name}", parts.query, ""))


def with_query(url: str, more: Mapping[str, str]) -> str:
    """An address with further parameters after those that it has."""
    parts = urlsplit(url)
    query = "&".join(part for part in (parts.query, urlencode(more)) if part)
    return urlunsplit((parts.scheme, parts.netloc, parts.path, query, ""))


def _body(item: LineItem) -> bytes:
    wire = Wire().set_label(item.label).set_score_maximum(item.maximum)
    if item.url:
        wire.set_id(item.url)
    if item.resource_id:
        wire.set_resource_id(item.resource_id)
    if item.tag:
        wire.set_tag(item.tag)
    if item.resource_link_id:
        wire.set_resource_link_id(item.resource_link_id)
    if item.starts:
        wire.set_start_date_time(item.starts)
    if item.ends:
        wire.set_end_date_time(item.ends)
    text: str = wire.get_value()
    return json.dumps(json.loads(text), ensure_ascii=False).encode()


def _of_document(raw: Any) -> LineItem:
    if not isinstance(raw, dict):
        raise errors.ServiceError("malformed")
    maximum = raw.get("scoreMaximum")
    number = isinstance(maximum, int | float) and not isinstance(maximum, bool) and math.isfinite(maximum)
    return LineItem(
        url=_text(raw, "id"),
        label=_text(raw, "label"),
        maximum=float(maximum) if number and maximum is not None else MAXIMUM,
        resource_id=_text(raw, "resourceId"),
        tag=_text(raw, "tag"),
        resource_link_id=_text(raw, "resourceLinkId"),
        starts=_text(raw, "startDateTime"),
        ends=_text(raw, "endDateTime"),
    )


def _text(raw: Mapping[str, Any], name: str) -> str:
    """A member as text: Moodle writes the ids of links as numbers in some answers."""
    value = raw.get(name)
    return str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""
