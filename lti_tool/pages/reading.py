"""Courses and lessons in the tool: what there is to learn, in order, and what a learner did with it. Floor 3.

Opening a lesson is told to the LRS as `experienced`, reading it to its end as `read`. Nobody but a learner is recorded.
"""

from __future__ import annotations

from datetime import UTC, date, datetime

from flask import Blueprint, Response, request

from curriculum import courses, readings
from curriculum import errors as curriculum_errors
from curriculum.catalog import Resource
from lti_tool import emit, errors, texts, votes
from lti_tool.advice import Advice
from lti_tool.pages import eventing, handing, lesson, seats, sessions, syllabus, talking, viewing
from lti_tool.pages.gate import Guest
from lti_tool.pages.seats import Seat
from lti_tool.tool import Tool

BROUGHT = {"project": handing.show, "discussion": talking.show}
"""What a course brings that has a page with more than its brief."""
LONGEST = 3600
"""Seconds after which a page that was left open says nothing of how long reading took."""


def blueprint(tool: Tool) -> Blueprint:
    """The pages of courses and lessons."""
    views = Blueprint("reading", __name__)

    @views.post("/lti/learn")
    def learn() -> Response:
        seat = seats.of_form(tool)
        at, thing = request.form.get("at", ""), request.form.get("thing", "")
        kind, _, id_ = thing.partition(":")
        if kind in BROUGHT:
            return BROUGHT[kind](seat, f"{at.partition(courses.UNITS)[0]}{courses.UNITS}{id_}")
        given = seats.advised(seat)
        if thing:
            return _thing(seat, given, at, thing)
        return _course(seat, given, at) if at else _shelves(seat, given)

    @views.post("/lti/lesson")
    def page() -> Response:
        seat = seats.of_form(tool)
        return _lesson(seat, request.form.get("skill", ""), request.form.get("at", ""), request.form.get("act", ""))

    return views


def open_course(tool: Tool, guest: Guest) -> Response:
    """What a link to a course, or to a module of it, opens.

    Raises:
        errors.PageRefused: There is no such course.
    """
    seat = seats.seated(tool, guest)
    _launched(seat)
    return _course(seat, seats.advised(seat), guest.person.subject)


def open_lesson(tool: Tool, guest: Guest) -> Response:
    """What a link to a lesson opens.

    Raises:
        errors.PageRefused: There is no lesson on such a skill.
    """
    seat = seats.seated(tool, guest)
    resource = _resource(seat, guest.person.subject, "custom.lesson")
    _launched(seat)
    return _lesson(seat, resource.skills[0], "", "")


def _launched(seat: Seat) -> None:
    tool, person = seat.tool, seat.person
    if person.learns:
        emit.put(tool.emitter, [emit.launched(person, tool.settings.url, new_id=tool.new_id, now=tool.now())])


def _shelves(seat: Seat, given: Advice) -> Response:
    return seats.shown(seat, given, "learn.html", "learn", "learn", shelves=syllabus.shelves(given, seat.language))


def _course(seat: Seat, given: Advice, at: str) -> Response:
    try:
        there = eventing.room(seat)
        page = syllabus.page(given, at, seat.language, sessions.done(there.listed, there.records))
    except curriculum_errors.UnknownReference as error:
        raise errors.PageRefused("activity_unknown", "custom.course") from error
    return seats.shown(seat, given, "course.html", "learn", "learn", page=page, keep={"at": page.at})


def _thing(seat: Seat, given: Advice, at: str, named: str) -> Response:
    try:
        page = syllabus.brief(given, at, named, seat.language)
    except curriculum_errors.UnknownReference:
        page = None
    if page is None:
        raise errors.PageRefused("activity_unknown", "thing")
    keep = {"at": page.course, "thing": named}
    held = eventing.of_activity(seat, at, named) if page.kind == "event" else []
    return seats.shown(seat, given, "thing.html", "learn", "learn", page=page, keep=keep, sessions=held)


def _lesson(seat: Seat, skill: str, at: str, act: str) -> Response:
    """A lesson; `act` says what was done with it: "read", "vote", or nothing but opening it."""
    tool, say = seat.tool, texts.speaker(seat.language)
    resource = _resource(seat, skill, "skill")
    told = ""
    if act == "read":
        _tell(seat, resource, done=True, seconds=_took(tool.now()))
        told = say("lesson.told.read")
    elif act == "vote":
        told = say(f"vote.told.{_vote(seat, resource, request.form.get('word', ''))}")
    elif "language" not in request.form:
        _tell(seat, resource, done=False, seconds=None)
    given = seats.advised(seat)
    today = datetime.fromtimestamp(tool.now(), UTC).date()
    page = _page(seat, given, skill, at, today)
    back = request.form.get("back", "")[:255]
    course = courses.of_catalog(seat.catalog).get(page.at.partition(courses.UNITS)[0]) if page.at else None
    return seats.shown(
        seat,
        given,
        "lesson.html",
        "learn",
        "lesson",
        page=page,
        said=told,
        videos=viewing.lines(viewing.of_skill(seat.catalog, skill), given.watched, seat.language),
        was_read=act == "read" or page.state == "read",
        since=int(tool.now()),
        course=None if course is None else course.name[seat.language],
        back=back,
        keep={"skill": skill, "at": page.at, "back": back},
    )


def _page(seat: Seat, given: Advice, skill: str, at: str, today: date) -> lesson.Page:
    word = _words(seat).get(readings.id_of(skill), "")
    page = lesson.page(given, skill, at, seat.language, today=today, word=word)
    if page is None:
        raise errors.PageRefused("skill_unknown", "skill")
    return page


def _words(seat: Seat) -> dict[str, str]:
    """What the learner said, this request's word included; nothing of whoever is no learner."""
    return dict(votes.of_one(seat.tool.storage, seat.pseudonym, seat.catalog.id)) if seat.person.learns else {}


def _resource(seat: Seat, skill: str, where: str) -> Resource:
    """The lesson on a skill, as the catalog lists it.

    Raises:
        errors.PageRefused: There is none.
    """
    found = seat.catalog.resources.get(readings.id_of(skill))
    if found is None:
        raise errors.PageRefused("skill_unknown", where)
    return found


def _tell(seat: Seat, resource: Resource, *, done: bool, seconds: int | None) -> None:
    tool, person = seat.tool, seat.person
    if person.learns:
        told = emit.read(
            person, tool.settings.url, resource, done=done, seconds=seconds, new_id=tool.new_id, now=tool.now()
        )
        emit.put(tool.emitter, [told])


def _vote(seat: Seat, resource: Resource, word: str) -> str:
    """Keep a word on a lesson, and tell the record store of it; the end of the id of the text that answers."""
    tool, person = seat.tool, seat.person
    if person.learns and votes.say(tool.storage, (seat.pseudonym, seat.catalog.id, resource.id), word, tool.now()):
        kept = word if word in votes.WORDS else ""
        told = emit.rated(person, tool.settings.url, resource.activity, kept, new_id=tool.new_id, now=tool.now())
        emit.put(tool.emitter, [told])
    return word if word in votes.WORDS else "back"


def _took(now: float) -> int | None:
    """How long the page was open before it was called read; None where nobody can say."""
    text = request.form.get("since", "")
    since = int(text) if text.isascii() and text.isdigit() and len(text) < 12 else 0
    took = int(now) - since
    return took if 0 < took <= LONGEST else None
