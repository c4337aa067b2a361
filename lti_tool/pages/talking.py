"""Discussions of a course: the question, where it is discussed, and what of it the platform told. Floor 3.

There is no forum here. An instructor says where the course discusses a question; a learner has taken part when the
platform's own statements say so, and then this is told once as `completed`. Nothing that is written there is read.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from flask import Blueprint, Response, request

from curriculum.courses.tree import Course, Discussion
from lti_tool import emit, enclosures, errors, events, marks, permissions, projects, texts, witness
from lti_tool import learner as learners
from lti_tool.pages import judging, seats, syllabus
from lti_tool.pages.gate import Guest
from lti_tool.pages.seats import Seat
from lti_tool.permissions import Permission
from lti_tool.projects import DISCUSSION, Setting
from lti_tool.tool import Tool
from lti_tool.witness import Place
from recommender import verbs
from xapi_collector import statements
from xapi_collector.label import Label

SPOKEN = frozenset({verbs.COMMENTED, verbs.RESPONDED, verbs.ASKED})
"""Verbs by which a platform says that somebody wrote something."""


@dataclass(frozen=True)
class Round:
    """A request's view of one discussion: who asks, the discussion and its course, its name, what is set for it."""

    seat: Seat
    course: Course
    talk: Discussion
    name: str
    setting: Setting


def blueprint(tool: Tool) -> Blueprint:
    """The page's own forms."""
    views = Blueprint("talking", __name__)

    @views.post("/lti/discussion")
    def go() -> Response:
        return _page(_round(seats.of_form(tool), request.form.get("discussion", "")))

    @views.post("/lti/discussion/place")
    def place() -> Response:
        return _place(_round(seats.of_form(tool), request.form.get("discussion", "")))

    return views


def open_(tool: Tool, guest: Guest) -> Response:
    """What a link to a discussion opens.

    Raises:
        errors.PageRefused: There is no such discussion.
    """
    found = _round(seats.seated(tool, guest), "")
    if guest.person.learns:
        emit.put(tool.emitter, [emit.launched(guest.person, tool.settings.url, new_id=tool.new_id, now=tool.now())])
    return _page(found)


def show(seat: Seat, name: str) -> Response:
    """The page of a discussion that a course brings.

    Raises:
        errors.PageRefused: There is no such discussion.
    """
    return _page(_round(seat, name))


def told(labels: Sequence[Label], forum: str) -> list[Label]:
    """What a platform said that a learner wrote in a forum, or below it: pure.

    Args:
        labels: Of the learner.
        forum: Its address; empty: nobody knows which.
    """
    if not forum:
        return []
    return [
        one
        for one in labels
        if one.verb in SPOKEN and any(_within(iri, forum) for iri in (one.activity, *one.parent, *one.grouping))
    ]


def _within(iri: str, forum: str) -> bool:
    """Whether an address is a forum or lies below it; "discuss.php?d=1" is not below "discuss.php?d=12".

    >>> forum = "https://lms.example/mod/forum/view.php?id=7"
    >>> _within(forum, forum), _within(forum + "&p=2", forum), _within(forum + "1", forum)
    (True, True, False)
    """
    base = forum.rstrip("/")
    return iri == base or iri.startswith((f"{base}/", f"{base}&", f"{base}#", f"{base}?"))


def _round(seat: Seat, wanted: str) -> Round:
    """The discussion of the link, or the one that a page asks for.

    Raises:
        errors.PageRefused: There is no such discussion.
    """
    linked = seat.person.opens == DISCUSSION
    found = judging.talk(seat.catalog, seat.person.subject if linked else wanted)
    if found is None:
        raise errors.PageRefused("activity_unknown", "custom.discussion" if linked else "discussion")
    course, talk = found
    name = judging.name_of(course, talk.id)
    setting = projects.setting(seat.tool.storage, seat.person.context, judging.kept_as(name))
    return Round(seat, course, talk, name, setting)


def _place(found: Round) -> Response:
    """Say where it is discussed, or take that back."""
    seat, text = found.seat, request.form.get("forum", "").strip()
    if text and not enclosures.is_link(text):
        return _page(found, "wrong")

    def placed(kept: Setting) -> Setting:
        return replace(kept, forum=text)

    setting = projects.change(seat.tool.storage, seat.person.context, judging.kept_as(found.name), placed)
    by = seat.pseudonym
    projects.log(
        seat.tool.storage,
        seat.person.context,
        judging.kept_as(found.name),
        projects.SETTINGS,
        by=by,
        now=seat.tool.now(),
        id_=seat.tool.new_token(),
    )
    return _page(replace(found, setting=setting), "set" if text else "cleared")


def _page(found: Round, said: str = "") -> Response:
    seat, setting = found.seat, found.setting
    tool, say = seat.tool, texts.speaker(seat.language)
    given = seats.advised(seat)
    named = f"{DISCUSSION}:{found.talk.id}"
    wrote = _told(found) if seat.person.learns else []
    last = max((one.timestamp for one in wrote), default=0) / 1e6
    seen = ""
    if wrote:
        when = judging.moment(last, events.zone(tool.settings.zone))
        seen = say("talking.seen", count=len(wrote), when=when)
    return seats.shown(
        seat,
        given,
        "discussion.html",
        "learn",
        "discussion",
        keep={"discussion": found.name},
        page=syllabus.brief(given, found.course.id, named, seat.language),
        name=found.name,
        forum=setting.forum,
        host=urlsplit(setting.forum).hostname or "",
        seen=seen,
        places=Permission.GUIDE in permissions.of(seat.person.roles),
        linked=seat.person.opens == DISCUSSION,
        told=say(f"talking.told.{said}") if said else "",
    )


def _told(found: Round) -> list[Label]:
    """What the platform said of a learner's posts; the first time, the discussion is told as completed."""
    seat, tool = found.seat, found.seat.tool
    labels = list(statements.labels(tool.storage, purpose="service", actor=seat.pseudonym))
    wrote = told(labels, found.setting.forum)
    activity = emit.practice(f"{DISCUSSION}:{found.name}", tool.settings.url)
    if wrote and not any((one.verb, one.activity) == (verbs.COMPLETED, activity) for one in labels):
        about = tuple(filter(None, [marks.item(seat.catalog, next(iter(found.talk.skills), ""))]))
        place = Place(activity, verbs.DISCUSSION, found.talk.question, about=about)
        # Told before the store has it, it is the same statement word for word, and is stored once.
        id_, at = uuid.uuid5(uuid.NAMESPACE_URL, f"{activity} {seat.pseudonym}"), min(one.timestamp for one in wrote)
        agent = learners.agent(seat.person)
        done = witness.did(str(id_), agent, place, verbs.COMPLETED, "completed", done=True, at=at / 1e6)
        emit.put(tool.emitter, [done])
    return wrote
