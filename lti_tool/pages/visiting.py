"""Somebody of a partner who has a role in the course comes in by a launch, with the address they got. Floor 3.

A role alone opens no room: a platform has no role of an enterprise, and two partners may have mentors in one course. So
the address that an instructor gave is shown once, and remembered for that person as long as it holds.
"""

from __future__ import annotations

from dataclasses import replace

from flask import Blueprint, Response, request

from lti_tool import bearer, errors, outside, partners, texts
from lti_tool import learner as learners
from lti_tool.outside import Address
from lti_tool.pages import annex, answers, gate
from lti_tool.pages.gate import Guest
from lti_tool.permissions import Permission
from lti_tool.tool import Tool
from lti_tool.works import OUTSIDE

LONGEST = 400
"""Letters of an address; nothing longer is looked at."""


def blueprint(tool: Tool) -> Blueprint:
    """The page's own form."""
    views = Blueprint("visiting", __name__)

    @views.post("/lti/visit")
    def enter() -> Response:
        guest = gate.guest()
        guest = replace(guest, language=texts.choose(request.form.get("language"), guest.language))
        _welcome(guest)
        course, names = guest.person.context, _pseudonyms(tool, guest)
        if "leave" in request.form:
            partners.leave(tool.storage, course, names)
            return _page(tool, guest, None, "visiting.told.left")
        if "address" not in request.form:
            return show(tool, guest)
        text = request.form["address"].strip()[:LONGEST].rstrip("/").rpartition("/")[2].partition("?")[0]
        address = annex.found(tool, text, tool.now())
        if not _opens(tool, guest, address):
            return _page(tool, guest, None, "visiting.told.unknown")
        partners.sit(tool.storage, course, names[0], address.id if address is not None else "")
        return _page(tool, guest, address)

    return views


def open_(tool: Tool, guest: Guest) -> Response:
    """What a link to the room of a partner opens.

    Raises:
        errors.PageRefused: A learner asks.
    """
    _welcome(guest)
    return show(tool, guest)


def show(tool: Tool, guest: Guest) -> Response:
    """The way into the room, or the form that asks for the address."""
    id_ = partners.seat(tool.storage, guest.person.context, _pseudonyms(tool, guest))
    kept = tool.storage.get(OUTSIDE, (id_,)) if id_ else None
    address = None if kept is None else Address(**kept)
    return _page(tool, guest, address if _opens(tool, guest, address) else None)


def _welcome(guest: Guest) -> None:
    """Refuse learners, whose views are what is seen there.

    Raises:
        errors.PageRefused: `permission_missing`.
    """
    gate.require(guest.person, Permission.VISIT)
    if guest.person.learns:
        raise errors.PageRefused("permission_missing", "partner")


def _opens(tool: Tool, guest: Guest, address: Address | None) -> bool:
    """Whether an address opens a room of this course now."""
    if address is None or not address.holds(tool.now()) or address.course != guest.person.context:
        return False
    partner = partners.find(tool.storage, address.course, address.project.removeprefix(partners.ROOM))
    return partner is not None and partner.holds(tool.now()) and address.project == partner.room


def _page(tool: Tool, guest: Guest, address: Address | None, told: str = "") -> Response:
    say, now = texts.speaker(guest.language), tool.now()
    ticket = "" if address is None else partners.ticket(tool.keyring, address.id, now + partners.HOURS)
    return answers.page(
        "visiting.html",
        tool,
        guest.language,
        guest.frames,
        ticket=ticket,
        label="" if address is None else outside.label(tool.keyring, address),
        over=guest.person.course or say("class.title"),
        told=say(told) if told else "",
        bearer=bearer.sign(guest.person, guest.language, tool.bearer_key, tool.now),
    )


def _pseudonyms(tool: Tool, guest: Guest) -> tuple[str, ...]:
    return learners.pseudonyms(guest.person, tool.keyring.pseudonym_keys)
