"""Whoever comes into the room of a partner: what their address opens, and the frame of the pages there. Floor 3.

What an address opens is asked of the store at every request; all that is wrong with one answers alike.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from flask import Response, request

from curriculum.catalog import Catalog
from lti_tool import courses, errors, events, openings, outside, partners, platforms, texts
from lti_tool.courses import Course
from lti_tool.outside import Address, Pace
from lti_tool.pages import answers, handing
from lti_tool.partners import Facts, Partner
from lti_tool.texts import Say
from lti_tool.tool import Tool
from lti_tool.vault import Vault
from lti_tool.works import OUTSIDE

TABS = (("room", ""), ("cohort", "/cohort"), ("shared", "/shared"), ("openings", "/openings"))
"""Name and address of each tab, below that of the room."""


@dataclass(frozen=True)
class Visit:
    """A request by an address of a partner.

    Attributes:
        tool: The running tool.
        text: What stands in the address.
        address: Its record.
        partner: Whose room it opens.
        facts: Who that is.
        course: The course.
        catalog: The course's.
        vault: The store and the keys.
        zone: In which times are shown.
        language: Of the page.
    """

    tool: Tool
    text: str
    address: Address
    partner: Partner
    facts: Facts
    course: Course
    catalog: Catalog
    vault: Vault
    zone: ZoneInfo
    language: str

    @property
    def say(self) -> Say:
        """How to say a text of the page."""
        return texts.speaker(self.language)


def visit(tool: Tool, pace: Pace, text: str) -> Visit:
    """What an address opens now.

    Raises:
        errors.PageRefused: It opens nothing (`not_found`, whatever is the matter), or it is asked too often.
    """
    now = tool.now()
    address = found(tool, text, now)
    if address is None or not address.project.startswith(partners.ROOM):
        raise errors.PageRefused("not_found", "address")
    if not pace.allows(address.id, now):
        raise errors.PageRefused("too_many_requests", "address")
    partner = partners.find(tool.storage, address.course, address.project.removeprefix(partners.ROOM))
    course = courses.find(tool.storage, address.course)
    platform = None if course is None else platforms.find(tool.storage, course.iss, course.client_id)
    active = platform is not None and platform.state == "active"
    if partner is None or course is None or not active or not partner.holds(now):
        raise errors.PageRefused("not_found", "address")
    return Visit(
        tool=tool,
        text=text,
        address=address,
        partner=partner,
        facts=partners.facts(tool.keyring, partner),
        course=course,
        catalog=tool.catalog(partner.catalog),
        vault=handing.vault(tool),
        zone=events.zone(tool.settings.zone),
        language=texts.choose(request.values.get("language"), answers.wished_language()),
    )


def found(tool: Tool, text: str, now: float) -> Address | None:
    """The address that a text names, itself or as the ticket of a launch; None of one that opens nothing now."""
    if not text.startswith(partners.TICKET):
        return outside.find(tool.storage, tool.keyring, text, now)
    id_ = partners.read_ticket(tool.keyring, text, now)
    kept = tool.storage.get(OUTSIDE, (id_,)) if id_ else None
    address = None if kept is None else Address(**kept)
    return address if address is not None and address.holds(now) else None


def title(visit: Visit, opening: str) -> str:
    """The title of an opening of this partner; empty where there is none."""
    there = openings.find(visit.tool.storage, visit.partner.course, opening)
    return "" if there is None else openings.text(visit.tool.keyring, there).title


def day(visit: Visit, at: float) -> str:
    """A day as the pages show it."""
    return f"{datetime.fromtimestamp(at, UTC).astimezone(visit.zone):%Y-%m-%d}"


def page(visit: Visit, template: str, tab: str, *, query: str = "", **values: Any) -> Response:
    """Render a page of the room.

    Args:
        visit: Who asks.
        template: Name of the template.
        tab: Where it stands, one of `TABS`.
        query: What the address asks for, to be kept with the other language.
        values: What it shows.
    """
    response = answers.page(
        template,
        visit.tool,
        visit.language,
        (),
        text=visit.text,
        tab=tab,
        tabs=TABS,
        here=urlsplit(request.path).path.partition(visit.text)[2],
        query=query,
        partner=visit.facts,
        over=visit.course.title or visit.say("class.title"),
        **values,
    )
    response.headers["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    return response
