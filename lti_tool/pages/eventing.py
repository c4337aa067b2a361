"""The sessions of a course for its learners: check in by a code, see what was seen, subscribe to a calendar. Floor 3.

Nobody but a learner is checked in. The calendar is the one page that is read without a launch: its link is the key.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, request

from lti_tool import attendance, blocked, calendars, courses, emit, errors, events, ical, plans, platforms, texts
from lti_tool import learner as learners
from lti_tool.attendance import Attendance
from lti_tool.courses import Course
from lti_tool.events import Event
from lti_tool.pages import holding, seats, sessions
from lti_tool.pages.gate import Guest
from lti_tool.pages.seats import Seat
from lti_tool.pages.sessions import Session
from lti_tool.roster import members
from lti_tool.roster.container import LEFT
from lti_tool.tool import Tool

SUFFIX = ".ics"
FRESH = 900
"""Seconds for which a calendar program may keep what it read."""


@dataclass(frozen=True)
class Room:
    """What a learner sees of the sessions of their course.

    Attributes:
        listed: The sessions, the earliest first.
        records: Theirs, by id of the session.
        zone: In which times are shown.
    """

    listed: list[Event]
    records: Mapping[str, Attendance]
    zone: ZoneInfo


def blueprint(tool: Tool) -> Blueprint:
    """The pages' own forms, and the calendar."""
    views = Blueprint("eventing", __name__)

    @views.post("/lti/events")
    def listed() -> Response:
        return show(seats.of_form(tool))

    @views.post("/lti/events/checkin")
    def enter() -> Response:
        seat = seats.of_form(tool)
        return show(seat, _checked(seat, request.form.get("event", "")[:64], request.form.get("code", "")))

    @views.post("/lti/events/calendar")
    def link() -> Response:
        seat = seats.of_form(tool)
        return show(seat, _linked(seat, request.form.get("act", "")))

    @views.get("/lti/calendar/<name>")
    def feed(name: str) -> Response:
        return _feed(tool, name)

    return views


def open_(tool: Tool, guest: Guest) -> Response:
    """What a link to the sessions of a course opens."""
    seat = seats.seated(tool, guest)
    if guest.person.learns:
        told = emit.launched(guest.person, tool.settings.url, new_id=tool.new_id, now=tool.now())
        emit.put(tool.emitter, [told])
    return show(seat)


def room(seat: Seat) -> Room:
    """The sessions of the course, and what is noted of the learner; who they are is kept where it was not known."""
    tool, course = seat.tool, seat.person.context
    listed = events.of_course(tool.storage, course)
    records: Mapping[str, Attendance] = {}
    if seat.person.learns and listed:
        records = attendance.of_learner(tool.storage, course, seat.pseudonym, listed)
        for one in listed:
            record = records.get(one.event)
            if record is not None and record.here and not record.sealed:
                _late(seat, one)
    return Room(listed, records, events.zone(tool.settings.zone))


def show(seat: Seat, told: str = "") -> Response:
    """The sessions of a course.

    Args:
        seat: Who asks.
        told: What was just done: a key below "event.told."; empty: nothing.
    """
    tool, now, say = seat.tool, seat.tool.now(), texts.speaker(seat.language)
    there = room(seat)
    shown = [
        sessions.session(one, seat.catalog, seat.language, zone=there.zone, now=now, mine=there.records.get(one.event))
        for one in there.listed
    ]
    ahead = {one.event for one in there.listed if now < one.ends + events.LATE}
    link = calendars.of(tool.storage, seat.pseudonym, seat.person.context) if seat.person.learns else None
    return seats.shown(
        seat,
        seats.advised(seat),
        "sessions.html",
        "today",
        "events",
        coming=[one for one in shown if one.id in ahead],
        past=[one for one in reversed(shown) if one.id not in ahead],
        length=attendance.LENGTH,
        link="" if link is None else address(tool, link),
        told=say(f"event.told.{told}") if told else "",
    )


def of_activity(seat: Seat, at: str, named: str) -> list[Session]:
    """The sessions of an activity of a course, as the learner sees them.

    Args:
        seat: Who asks.
        at: Name of the course or a part of it.
        named: "event:desk".
    """
    there, wanted = room(seat), sessions.activity(seat.catalog, at, named)
    return [
        sessions.session(
            one,
            seat.catalog,
            seat.language,
            zone=there.zone,
            now=seat.tool.now(),
            mine=there.records.get(one.event),
        )
        for one in there.listed
        if one.activity == wanted
    ]


def address(tool: Tool, link: calendars.Calendar) -> str:
    """The address of a calendar."""
    return f"{tool.settings.url}/lti/calendar/{calendars.token(tool.keyring, link)}{SUFFIX}"


def _checked(seat: Seat, id_: str, code: str) -> str:
    """Check a learner in; the end of the id of the text that answers.

    Raises:
        errors.PageRefused: The course has no such session.
    """
    tool, now = seat.tool, seat.tool.now()
    event = events.find(tool.storage, seat.person.context, id_)
    if event is None:
        raise errors.PageRefused("not_found", "event")
    if not seat.person.learns:
        return "guest"
    record = attendance.find(tool.storage, event.course, event.event, seat.pseudonym)
    if record.here:
        return "twice"
    if not events.open_now(event, now):
        return "not_open"
    if attendance.waits(record, now):
        return "wait"
    if not attendance.fits(tool.keyring, event, code, now):
        attendance.guess(tool.storage, event, seat.pseudonym, now)
        return "differs"
    record, news = attendance.note(
        tool.storage,
        event,
        seat.pseudonym,
        attendance.CODE,
        sealed=_sealed(seat, event),
        new_id=tool.new_id,
        now=now,
    )
    if news:
        holding.tell(tool, event, record, learners.agent(seat.person), {}, came=True)
    return "here"


def _late(seat: Seat, event: Event) -> None:
    """Tell what was noted of a learner while nobody knew who they are at the platform."""
    record = attendance.identify(seat.tool.storage, event, seat.pseudonym, _sealed(seat, event))
    if record is not None:
        holding.tell(seat.tool, event, record, learners.agent(seat.person), record.seen, came=True)


def _sealed(seat: Seat, event: Event) -> str:
    account = learners.agent(seat.person)["account"]
    return attendance.close(seat.tool.keyring, event.event, account["homePage"], account["name"])


# The calendar


def _linked(seat: Seat, act: str) -> str:
    """Make the link of a learner, anew if there is one, or end it; the end of the id of the text that answers."""
    tool, person = seat.tool, seat.person
    if not person.learns:
        return "guest"
    if act == "end":
        calendars.end(tool.storage, seat.pseudonym, person.context)
        return "link_ended"
    calendars.make(
        tool.storage,
        seat.pseudonym,
        person.context,
        catalog=seat.catalog.id,
        language=seat.language,
        new_token=tool.new_token,
        now=tool.now(),
    )
    return "link_made"


def _feed(tool: Tool, name: str) -> Response:
    """A learner's calendar: the sessions of the course and the day of their goal, nothing of what they did.

    Raises:
        errors.PageRefused: The link was not made here or has ended, or its learner is blocked or has left the course.
    """
    link = calendars.open_(tool.storage, tool.keyring, name.removesuffix(SUFFIX))
    course = None if link is None else courses.find(tool.storage, link.course)
    if link is None or course is None or not _welcome(tool, link, course):
        raise errors.PageRefused("not_found", "calendar")
    plan = plans.find(tool.storage, link.learner, link.course, tool.now())
    deadline = None if plan.deadline is None else datetime(*plan.deadline.timetuple()[:3], tzinfo=UTC)
    listed = sessions.entries(
        events.of_course(tool.storage, link.course),
        deadline,
        host=urlsplit(tool.settings.url).hostname or "entrepot",
        course=link.course,
        language=link.language,
        changed=plan.changed,
    )
    title = course.title or texts.speaker(link.language)("event.title")
    return _answer(ical.calendar(title, listed, language=texts.HTML_LANG[link.language]))


def _welcome(tool: Tool, link: calendars.Calendar, course: Course) -> bool:
    """Whether what lets the learner in by a launch lets their calendar in: the platform, their place in the course."""
    platform = platforms.find(tool.storage, course.iss, course.client_id)
    member = members.find(tool.storage, link.course, link.learner)
    left = member is not None and member.state == LEFT
    active = platform is not None and platform.state == "active"
    return active and not left and not blocked.is_blocked(tool.storage, [link.learner])


def _answer(body: bytes) -> Response:
    response = Response(body, mimetype="text/calendar")
    response.set_etag(hashlib.sha256(body).hexdigest())
    response.headers["Content-Disposition"] = 'inline; filename="sessions.ics"'
    response.headers["Cache-Control"] = f"private, max-age={FRESH}"
    response.make_conditional(request)
    return response


def values(seat: Seat, steps: list[tuple[str, int]], spent: float) -> dict[str, Any]:
    """What the page of today shows of sessions: the week of the learner.

    Args:
        seat: Who asks.
        steps: What is recommended to do alone: (name, minutes).
        spent: Seconds of practice this week.
    """
    there = room(seat)
    week = sessions.week(
        there.listed,
        there.records,
        seat.catalog,
        seat.plan,
        steps=steps,
        spent=spent,
        language=seat.language,
        zone=there.zone,
        now=seat.tool.now(),
    )
    return {"week": week, "length": attendance.LENGTH, "scheduled": bool(there.listed)}
