"""The pages of whoever holds a session: schedule it, show its code, note who was there, say what was seen. Floor 3.

A list of attendance is noted as a whole or not at all. What was noted by mistake is taken back: the statement is
voided. Nothing of this is sent to a gradebook.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, request

from lti_tool import attendance, emit, errors, events, texts, witness
from lti_tool.attendance import Attendance, Seen
from lti_tool.events import Event
from lti_tool.pages import attendees, classroom, copyview, sessions, teaching
from lti_tool.pages.teaching import Desk
from lti_tool.permissions import Permission, of
from lti_tool.roster import identities
from lti_tool.roster.identities import Identity
from lti_tool.tool import Tool
from lti_tool.witness import Place
from recommender import verbs

Told = tuple[str, Mapping[str, Any]]
"""What was done: key below "event.told." and its values."""
PAST = 30
"""Sessions that are over, of which a page tells how many were there."""
RENEW = 5
"""Seconds after which the page of a code looks at once how many are there, and at the code of the new minute."""


@dataclass(frozen=True)
class Lectern:
    """A request's view of a session.

    Attributes:
        desk: The class.
        event: The session.
        zone: In which times are shown.
    """

    desk: Desk
    event: Event
    zone: ZoneInfo

    @property
    def tool(self) -> Tool:
        """The running tool."""
        return self.desk.tool


def blueprint(tool: Tool) -> Blueprint:
    """The pages' own forms."""
    views = Blueprint("holding", __name__)

    @views.post("/lti/class/events", endpoint="listed")
    def every() -> Response:
        return listed(teaching.posted(tool))

    @views.post("/lti/class/events/one")
    def one() -> Response:
        return _one(_at(teaching.posted(tool)))

    @views.post("/lti/class/events/form")
    def form() -> Response:
        return _form(teaching.posted(tool))

    @views.post("/lti/class/events/keep")
    def keep() -> Response:
        return _keep(teaching.posted(tool))

    @views.post("/lti/class/events/code")
    def code() -> Response:
        return _code(_at(teaching.posted(tool)))

    @views.post("/lti/class/events/noted")
    def noted() -> Response:
        return _noted(_at(teaching.posted(tool)))

    return views


def place_of(event: Event, base: str) -> Place:
    """A session as statements name it."""
    return Place(events.iri(event.event, base), verbs.MEETING, {"en": event.title, "zh": event.title})


def tell(
    tool: Tool, event: Event, record: Attendance, agent: Mapping[str, Any], seen: Mapping[str, Seen], *, came: bool
) -> None:
    """Tell the record store what is noted of a learner at a session, each thing once.

    Args:
        tool: The running tool.
        event: The session.
        record: What is noted.
        agent: The learner.
        seen: Levels to tell, by skill.
        came: Whether to tell that they were there.
    """
    place, catalog = place_of(event, tool.settings.url), tool.catalog(event.catalog)
    items = {skill: catalog.items.get(f"practice:{skill}") for skill in (event.skills[0], *seen)}
    told: list[dict[str, Any]] = []
    if came:
        main = items[event.skills[0]]
        about = "" if main is None else main.activity
        told.append(witness.attended(record.statement, agent, place, about, minutes=event.minutes, at=record.at))
    for skill, one in seen.items():
        item = items[skill]
        if item is not None:
            scale = {"level": one.level, "levels": attendance.LEVELS, "enough": attendance.ENOUGH}
            told.append(witness.scored(one.statement, agent, place, item.activity, **scale, at=one.at))
    emit.put(tool.emitter, told)


# Looking


def listed(desk: Desk, told: Told | None = None) -> Response:
    """The sessions of a class, what can be scheduled, and what a copied course can take over."""
    tool, now, zone = desk.tool, desk.tool.now(), events.zone(desk.tool.settings.zone)
    every = events.of_course(tool.storage, desk.course.course)
    past = [one for one in reversed(every) if now >= one.ends or not one.held]
    show = partial(sessions.session, catalog=desk.catalog, language=desk.language, zone=zone, now=now)
    return _page(
        desk,
        "class_events.html",
        coming=[show(one, count=_count(tool, one)) for one in every if one not in past],
        past=[show(one, count=_count(tool, one)) for one in past[:PAST]],
        older=max(0, len(past) - PAST),
        offers=sessions.offers(desk.catalog, desk.language),
        former=copyview.offer(desk),
        told=_words(desk, told),
    )


def _one(lectern: Lectern, told: Told | None = None, faults: Sequence[str] = ()) -> Response:
    desk, event, now = lectern.desk, lectern.event, lectern.tool.now()
    say = texts.speaker(desk.language)
    called, problem = teaching.names_of(desk)
    records = attendance.of_event(lectern.tool.storage, event.course, event.event)
    present = [one for one in desk.present if one.learner in set(desk.people)]
    rows = attendees.rows(present, records, event, called, say)
    return _page(
        desk,
        "class_event.html",
        event=event,
        session=sessions.session(event, desk.catalog, desk.language, zone=lectern.zone, now=now),
        rows=rows,
        here=sum(one.here for one in rows),
        skills=attendees.skills(event, desk.catalog, desk.language),
        levels=sessions.levels(say),
        begun=now >= events.opens(event)[0],
        open=events.open_now(event, now),
        names_problem=problem,
        told=_words(desk, told),
        faults=list(faults)[: attendees.SHOWN],
        more=max(0, len(faults) - attendees.SHOWN),
    )


def _code(lectern: Lectern) -> Response:
    """The code of this minute, large, on a page that renews itself."""
    tool, event, now = lectern.tool, lectern.event, lectern.tool.now()
    if not events.open_now(event, now):
        return _one(lectern, ("closed", {}))
    code = attendance.code(tool.keyring, event, now)
    return _page(
        lectern.desk,
        "class_event_code.html",
        scripts=True,
        event=event,
        code=f"{code[:3]} {code[3:]}",
        left=attendance.left(now),
        renew=min(attendance.left(now), RENEW),
        here=_count(tool, event),
        whole=len(lectern.desk.people),
    )


def _count(tool: Tool, event: Event) -> int:
    return sum(one.here for one in attendance.of_event(tool.storage, event.course, event.event).values())


# Scheduling


def _form(desk: Desk, typed: Mapping[str, Any] | None = None, problems: Sequence[str] = ()) -> Response:
    """The form of a session: of one that is there, of a course's activity, or empty."""
    form, tool = request.form, desk.tool
    zone = events.zone(tool.settings.zone)
    found, known = _found(desk) if form.get("event") else None, desk.catalog.skills.values()
    if typed is None:
        typed = _filled(desk, found, form.get("of", ""), zone)
    return _page(
        desk,
        "class_event_form.html",
        event=found,
        form=typed,
        chosen=(*typed["skills"], *[""] * events.MOST_SKILLS)[: events.MOST_SKILLS],
        areas=[
            (area.name[desk.language], [(one.id, one.name[desk.language]) for one in known if one.area == area.id])
            for area in desk.catalog.areas.values()
        ],
        wheres=events.WHERES,
        zone=zone.key,
        problems=problems,
        least=events.LEAST,
        most=events.MOST,
    )


def _filled(desk: Desk, found: Event | None, key: str, zone: ZoneInfo) -> dict[str, Any]:
    blank = {"title": "", "day": "", "time": "", "minutes": "90", "where": events.SITE, "place": "", "skills": ()}
    if found is not None:
        return {**blank, **_typed(found, zone)}
    offers = [one for _, listed in sessions.offers(desk.catalog, desk.language) for one in listed]
    offer = next((one for one in offers if one.key == key), None)
    if offer is None:
        return {**blank, "of": ""}
    return {**blank, "of": offer.key, "title": offer.name, "minutes": str(offer.minutes), "skills": offer.skills}


def _typed(event: Event, zone: ZoneInfo) -> dict[str, Any]:
    begins = sessions.local(event.begins, zone)
    return {
        "title": event.title,
        "day": f"{begins:%Y-%m-%d}",
        "time": f"{begins:%H:%M}",
        "minutes": str(event.minutes),
        "where": event.where,
        "place": event.place,
        "skills": event.skills,
        "of": event.activity,
    }


def _keep(desk: Desk) -> Response:
    """Schedule a session, change it, call it off, or let it take place after all."""
    form, tool, now = request.form, desk.tool, desk.tool.now()
    found = _found(desk) if form.get("event") else None
    if found is not None and form.get("act") in {"off", "on"}:
        wish = events.cancelled if form["act"] == "off" else events.again
        events.change(tool.storage, found.course, found.event, wish, now)
        return listed(desk, (form["act"], {"title": found.title}))
    keys = {one.key for _, listed in sessions.offers(desk.catalog, desk.language) for one in listed}
    of_ = form.get("of", "") if form.get("of", "") in keys else ""
    skills = [one for one in form.getlist("skill") if one]
    if any(one not in desk.catalog.skills for one in skills):
        raise errors.PageRefused("skill_unknown", "skill")
    frame = found or Event(
        desk.course.course, uuid.UUID(str(tool.new_id())).hex, desk.catalog.id, "", 0, 0, events.SITE, "", (), of_,
        made=int(now), changed=int(now),
    )  # fmt: skip
    typed = events.from_form(frame, form, skills, zone_=events.zone(tool.settings.zone), now=now)
    if typed.event is None:
        say = texts.speaker(desk.language)
        problems = [say(one, least=events.LEAST, most=events.MOST, skills=events.MOST_SKILLS) for one in typed.problems]
        return _form(desk, {**form.to_dict(), "skills": tuple(skills), "of": of_}, problems)
    wanted = typed.event
    if found is None:
        kept = events.put(tool.storage, wanted)
        return listed(desk, ("kept", {"title": wanted.title}) if kept else ("many", {"most": events.MOST_EVENTS}))
    fields = ("title", "begins", "minutes", "where", "place", "skills")
    changes: dict[str, Any] = {name: getattr(wanted, name) for name in fields}
    events.change(tool.storage, found.course, found.event, lambda there: replace(there, **changes), now)
    return listed(desk, ("changed", {"title": wanted.title}))


# Noting


def _noted(lectern: Lectern) -> Response:
    """Note who was there by a list or by hand, take it back, or keep what was seen of their skills."""
    act, now = request.form.get("act", ""), lectern.tool.now()
    if now < events.opens(lectern.event)[0] or not lectern.event.held:
        return _one(lectern, ("early", {}))
    if act == "list":
        return _list(lectern)
    if act == "hand":
        return _hand(lectern)
    if act == "rate":
        return _rate(lectern)
    return _back(lectern, request.form.get("back", ""))


def _list(lectern: Lectern) -> Response:
    desk, say = lectern.desk, texts.speaker(lectern.desk.language)
    upload = request.files.get("file")
    content = upload.read() if upload is not None and upload.filename else request.form.get("list", "").encode()
    text = attendees.text(content)
    if text is None:
        return _one(lectern, faults=[say("event.list.text", kilobytes=attendees.LARGEST // 1000)])
    try:
        known = identities.by_name(_identities(lectern))
    except errors.ServiceError as error:
        return _one(lectern, faults=[say("event.list.roster"), say(f"roster.problem.{error.kind}")])
    listed = attendees.match(attendees.lines(text), known, desk.people)
    if listed.faults:
        return _one(lectern, faults=[say(key, line=line) for key, line in listed.faults])
    news = [one for one in listed.learners if _note(lectern, one.learner, attendance.LIST, one.account)]
    return _one(lectern, ("listed", {"count": len(news), "there": len(listed.learners) - len(news)}))


def _hand(lectern: Lectern) -> Response:
    """Note some by hand. Where the platform does not say who they are, the record store hears of it when they come."""
    people = _people(lectern, request.form.getlist("here"))
    try:
        accounts = {one.learner: one.account for one in _identities(lectern)} if people else {}
    except errors.ServiceError:
        accounts = {}
    news = [one for one in people if _note(lectern, one, attendance.HAND, accounts.get(one, ""))]
    return _one(lectern, ("noted", {"count": len(news)}))


def _rate(lectern: Lectern) -> Response:
    """Keep the levels of the form, of who was there; a level that is not on the form stays."""
    tool, event, now = lectern.tool, lectern.event, lectern.tool.now()
    count = 0
    for learner in _people(lectern, request.form.getlist("who")):
        asked = {
            skill: int(text) if text in _LEVELS else attendance.TAKEN_BACK
            for skill in event.skills
            if (text := request.form.get(f"level {learner[: classroom.ID]} {skill}")) is not None
        }
        before, after = attendance.rate(tool.storage, event, learner, asked, new_id=tool.new_id, now=now)
        if before != after:
            count += 1
            _void(lectern, after, [one.statement for skill, one in before.seen.items() if after.seen.get(skill) != one])
            news = {skill: one for skill, one in after.seen.items() if before.seen.get(skill) != one}
            _tell(lectern, after, news, came=False)
    return _one(lectern, ("rated", {"count": count}))


def _back(lectern: Lectern, name: str) -> Response:
    for learner in _people(lectern, [name]):
        before = attendance.take_back(lectern.tool.storage, lectern.event, learner)
        if before.here:
            _void(lectern, before, [before.statement, *(one.statement for one in before.seen.values())])
            return _one(lectern, ("back", {"code": learner[: classroom.CODE]}))
    return _one(lectern, ("gone", {}))


_LEVELS = frozenset(str(level) for level in range(attendance.LEVELS))


def _note(lectern: Lectern, learner: str, how: str, account: str) -> bool:
    """Note a learner; whether that was news. The record store hears of it once."""
    tool, event = lectern.tool, lectern.event
    sealed = attendance.close(tool.keyring, event.event, lectern.desk.course.iss, account) if account else ""
    record, news = attendance.note(tool.storage, event, learner, how, sealed=sealed, new_id=tool.new_id, now=tool.now())
    if news:
        _tell(lectern, record, {}, came=True)
    return news


def _tell(lectern: Lectern, record: Attendance, seen: Mapping[str, Seen], *, came: bool) -> None:
    agent = attendance.agent(lectern.tool.keyring, record, lectern.desk.course.iss)
    if agent is not None:
        tell(lectern.tool, lectern.event, record, agent, seen, came=came)


def _void(lectern: Lectern, record: Attendance, gone: Iterable[str]) -> None:
    tool = lectern.tool
    agent = attendance.agent(tool.keyring, record, lectern.desk.course.iss)
    if agent is not None:
        emit.put(tool.emitter, [witness.voided(str(tool.new_id()), agent, one, at=tool.now()) for one in gone])


def _people(lectern: Lectern, ids: Iterable[str]) -> list[str]:
    """The learners that a form names: of the class, or who was there and has left since.

    Raises:
        errors.PageRefused: It names nobody of either.
    """
    desk, event = lectern.desk, lectern.event
    records = attendance.of_event(lectern.tool.storage, event.course, event.event)
    known = {one[: classroom.ID]: one for one in (*(name for name, one in records.items() if one.here), *desk.people)}
    wanted = list(dict.fromkeys(ids))
    if any(one not in known for one in wanted):
        raise errors.PageRefused("not_found", "here")
    return [known[one] for one in wanted]


def _identities(lectern: Lectern) -> list[Identity]:
    """The members of the course, from the platform.

    Raises:
        errors.ServiceError: The platform does not tell.
    """
    desk, tool = lectern.desk, lectern.tool
    if not desk.course.memberships_url:
        raise errors.ServiceError("refused")
    return identities.read(tool.storage, tool.keyring, tool.services, desk.guest.platform, desk.course)


# The frame


def _at(desk: Desk) -> Lectern:
    """The session that a form names.

    Raises:
        errors.PageRefused: The course has none of this id.
    """
    return Lectern(desk, _found(desk), events.zone(desk.tool.settings.zone))


def _found(desk: Desk) -> Event:
    found = events.find(desk.tool.storage, desk.course.course, request.form.get("event", "")[:64])
    if found is None:
        raise errors.PageRefused("not_found", "event")
    return found


def _words(desk: Desk, told: Told | None) -> str:
    return "" if told is None else texts.speaker(desk.language)(f"event.told.{told[0]}", **told[1])


def _page(desk: Desk, template: str, **values: Any) -> Response:
    return teaching.page(desk, template, holds=Permission.HOLD in of(desk.guest.person.roles), **values)
