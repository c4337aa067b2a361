"""Partner enterprises for those who answer for them: register, furnish their room, let in, approve openings. Floor 3.

Whoever teaches sees here which partners there are and what they offer, and not what a learner granted one: that is
between the two. An opening is seen by learners once a person has approved it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, request

from curriculum.kits import kit as kits
from lti_tool import errors, events, grants, holdings, openings, outside, partners, texts
from lti_tool import learner as learners
from lti_tool.holdings import LIVE
from lti_tool.pages import classroom, judging, markbook, notice, pledge, sessions, teaching
from lti_tool.pages.teaching import Desk
from lti_tool.partners import Facts, Partner
from lti_tool.texts import Say
from lti_tool.tool import Tool
from xapi_collector import agents


@dataclass(frozen=True)
class Row:
    """A partner in the list: its id, who it is, until when, whether the contract holds, and what is open and waits."""

    id: str
    facts: Facts
    until: str
    holds: bool
    open: int
    waiting: int


@dataclass(frozen=True)
class Table:
    """A request's view of one partner.

    Attributes:
        desk: The class.
        partner: The partner.
        zone: Of the days.
    """

    desk: Desk
    partner: Partner
    zone: ZoneInfo

    @property
    def tool(self) -> Tool:
        """The running tool."""
        return self.desk.tool

    @property
    def say(self) -> Say:
        """How to say a text of the page."""
        return texts.speaker(self.desk.language)


def blueprint(tool: Tool) -> Blueprint:
    """The pages' own forms."""
    views = Blueprint("hosting", __name__)

    @views.post("/lti/class/partners")
    def listed() -> Response:
        desk = teaching.posted(tool)
        return _registered(desk) if "register" in request.form else _listed(desk)

    @views.post("/lti/class/partners/one")
    def one() -> Response:
        return _one(_table(teaching.posted(tool)))

    @views.post("/lti/class/partners/set")
    def settled() -> Response:
        table = _table(teaching.posted(tool))
        acts = {
            "facts": _facts, "room": _room, "let": _let, "revoke": _revoke, "end": _end,
            "approve": _settle, "decline": _settle, "close": _settle, "write": _write,
        }  # fmt: skip
        act = next((acts[name] for name in acts if name in request.form), _one)
        return act(table)

    return views


def _table(desk: Desk) -> Table:
    """The partner that a form names.

    Raises:
        errors.PageRefused: The course has none of this id.
    """
    found = partners.find(desk.tool.storage, desk.course.course, request.form.get("partner", "")[:64])
    if found is None:
        raise errors.PageRefused("not_found", "partner")
    return Table(desk, found, events.zone(desk.tool.settings.zone))


# The list


def _listed(desk: Desk, told: str = "", problems: tuple[str, ...] = (), typed: Any = None) -> Response:
    tool, now, say = desk.tool, desk.tool.now(), texts.speaker(desk.language)
    zone = events.zone(tool.settings.zone)
    every = openings.of_course(tool.storage, desk.course.course, now)
    rows = [
        Row(
            id=one.partner,
            facts=partners.facts(tool.keyring, one),
            until=_day(one.ended or one.until, zone),
            holds=one.holds(now),
            open=sum(each.partner == one.partner and each.takes(now) for each in every),
            waiting=sum(each.partner == one.partner and each.state == openings.PROPOSED for each in every),
        )
        for one in partners.of_course(tool.storage, desk.course.course, now)
    ]
    return teaching.page(
        desk,
        "class_partners.html",
        rows=sorted(rows, key=lambda row: (not row.holds, not row.waiting)),
        typed=typed or {},
        problems=[say(f"hosting.problem.{one}") for one in problems],
        longest=partners.LONGEST,
        told=say(told, most=partners.MOST) if told else "",
    )


def _registered(desk: Desk) -> Response:
    """Register a partner, or say what lacks."""
    tool, form = desk.tool, request.form
    facts, until, problems = _read(desk)
    if problems:
        return _listed(desk, problems=problems, typed=form)
    made = partners.register(
        tool.storage,
        tool.keyring,
        desk.course.course,
        facts,
        catalog=desk.catalog.id,
        until=until,
        now=tool.now(),
        new_token=tool.new_token,
    )
    if made is None:
        return _listed(desk, "hosting.told.many")
    table = Table(desk, made, events.zone(tool.settings.zone))
    _note(table, partners.REGISTERED)
    return _one(table, table.say("hosting.told.registered"))


def _read(desk: Desk) -> tuple[Facts, float, tuple[str, ...]]:
    """Who a partner is and until when, as a form says it, and what lacks."""
    form, now = request.form, desk.tool.now()
    facts = Facts(*(pledge.line(form.get(name, "")) for name in ("name", "contact", "purpose")))
    until = judging.read_moment(form.get("until", ""), "", events.zone(desk.tool.settings.zone))
    wrong = (
        ("name", not facts.name),
        ("contact", not facts.contact),
        ("purpose", not facts.purpose),
        ("until", until is None or until <= now),
    )
    return facts, until or 0.0, tuple(code for code, lacks in wrong if lacks)


# One partner


def _one(
    table: Table, told: str = "", *, fresh: tuple[str, str] | None = None, problems: tuple[str, ...] = (),
    typed: Any = None, written: tuple[str, ...] = (),
) -> Response:  # fmt: skip
    tool, desk, say = table.tool, table.desk, table.say
    now, zone, course = tool.now(), table.zone, table.desk.course.course
    partner = partners.find(tool.storage, course, table.partner.partner) or table.partner
    addresses = outside.of_project(tool.storage, course, partner.room, now)
    offered = openings.of_partner(tool.storage, course, partner.partner, now)
    return teaching.page(
        desk,
        "class_partner.html",
        id=partner.partner,
        facts=partners.facts(tool.keyring, partner),
        until=_day(partner.until, zone),
        holds=partner.holds(now),
        over=_day(partner.ended or partner.until, zone),
        projects=[
            (name, f"{of.name[desk.language]} · {project.name[desk.language]}", name in partner.projects)
            for name, of, project in judging.every(desk.catalog)
        ],
        kits=[
            (one.id, kits.loaded(one.body).manifest.title[desk.language], one.id in partner.kits)
            for one in holdings.listed(tool.storage, desk.catalog.id, now)
            if one.state == LIVE
        ],
        sessions=[
            (one.event, f"{one.title} · {sessions.when(one, desk.language, zone)}", one.event in partner.events)
            for one in events.of_course(tool.storage, course)
        ],
        openings=[
            notice.row(one, notice.Look(tool.keyring, desk.catalog, desk.language, zone, now)) for one in offered
        ],
        form=notice.form(
            desk.catalog, desk.language, say, role=request.form.get("role", ""), typed=typed, problems=written
        ),
        addresses=[
            markbook.address(one, outside.label(tool.keyring, one), now=now, zone=zone, say=say) for one in addresses
        ],
        days=partners.DAYS,
        longest_label=outside.LABEL,
        longest=partners.LONGEST,
        fresh=fresh,
        log=[
            say(
                "marking.log.line",
                when=judging.moment(one.at, zone),
                what=say(f"hosting.log.{one.act}"),
                code=one.by[: classroom.CODE],
            )
            for one in partners.lines(tool.storage, course, partner.partner)
        ],
        problems=[say(f"hosting.problem.{one}") for one in problems],
        told=told,
    )


def _facts(table: Table) -> Response:
    """Change who a partner is, or until when."""
    tool = table.tool
    facts, until, problems = _read(table.desk)
    if problems:
        return _one(table, problems=problems)
    plain = {"name": facts.name, "contact": facts.contact, "purpose": facts.purpose}
    sealed = partners.seal(tool.keyring, table.partner.partner, plain, tool.new_token)
    _change(table, lambda one: replace(one, sealed=sealed, until=until))
    _note(table, partners.CHANGED)
    return _one(table, table.say("hosting.told.changed"))


def _room(table: Table) -> Response:
    """Say which projects, case kits and sessions are in a partner's room."""
    desk, form = table.desk, request.form
    projects = {name for name, _, _ in judging.every(desk.catalog)}
    held = {one.id for one in holdings.listed(table.tool.storage, desk.catalog.id, table.tool.now())}
    planned = {one.event for one in events.of_course(table.tool.storage, desk.course.course)}
    chosen = {
        name: tuple(dict.fromkeys(one for one in form.getlist(field) if one in there))
        for name, field, there in (
            ("projects", "project", projects),
            ("kits", "kit", held),
            ("events", "event", planned),
        )
    }
    _change(table, lambda one: replace(one, **chosen))
    _note(table, partners.CHANGED)
    return _one(table, table.say("hosting.told.changed"))


def _let(table: Table) -> Response:
    """Make an address for somebody at a partner; it is shown this once."""
    tool, form, partner = table.tool, request.form, table.partner
    label, days, now = pledge.line(form.get("label", "")), form.get("days", ""), tool.now()
    if not label or len(label) > outside.LABEL or days not in {str(one) for one in partners.DAYS}:
        return _one(table, table.say("marking.told.label"))
    if not partner.holds(now):
        return _one(table, table.say("hosting.told.over"))
    there = [one for one in outside.of_project(tool.storage, partner.course, partner.room, now) if one.holds(now)]
    if len(there) >= outside.MOST:
        return _one(table, table.say("marking.told.many", most=outside.MOST))
    text, _ = outside.make(
        tool.storage,
        tool.keyring,
        partner.course,
        partner.room,
        label,
        days=int(days),
        now=now,
        new_token=tool.new_token,
    )
    _note(table, partners.LET_IN)
    return _one(table, table.say("marking.told.let"), fresh=(label, f"{tool.settings.url}/lti/partner/{text}"))


def _revoke(table: Table) -> Response:
    tool, partner = table.tool, table.partner
    gone = outside.revoke(
        tool.storage, partner.course, partner.room, request.form.get("revoke", "")[:64], tool.now()
    )  # fmt: skip
    if gone:
        _note(table, partners.REVOKED)
    return _one(table, table.say("marking.told.revoked" if gone else "marking.told.gone"))


def _end(table: Table) -> Response:
    tool, partner = table.tool, table.partner
    partners.end(tool.storage, partner.course, partner.partner, tool.now())
    grants.close(tool.storage, partner.course, partner.partner, tool.now())
    _note(table, partners.ENDED)
    return _one(table, table.say("hosting.told.ended"))


def _settle(table: Table) -> Response:
    """Approve, decline or close an opening of this partner.

    Raises:
        errors.PageRefused: The partner has no such opening.
    """
    tool, form, partner = table.tool, request.form, table.partner
    states = {
        "approve": (openings.OPEN, partners.APPROVED),
        "decline": (openings.DECLINED, partners.DECLINED),
        "close": (openings.CLOSED, partners.CLOSED),
    }
    pressed = next(name for name in states if name in form)
    there = openings.find(tool.storage, partner.course, form[pressed][:64])
    if there is None or there.partner != partner.partner:
        raise errors.PageRefused("not_found", "opening")
    state, act = states[pressed]
    done = openings.settle(tool.storage, partner.course, there.opening, state, tool.now())
    if done is not None:
        _note(table, act)
    return _one(table, table.say(f"hosting.told.{act}" if done is not None else "marking.told.gone"))


def _write(table: Table) -> Response:
    """Write an opening for a partner; whoever writes it has approved it."""
    tool = table.tool
    found = notice.read(request.form, table.desk.catalog, zone=table.zone, now=tool.now())
    if found.text is None:
        return _one(table, typed=request.form, written=found.problems)
    made = notice.write(tool, table.partner, found)
    if made is None:
        return _one(table, table.say("partner.told.many"))
    openings.settle(tool.storage, made.course, made.opening, openings.OPEN, tool.now())
    _note(table, partners.WROTE)
    return _one(table, table.say("hosting.told.approved"))


def _change(table: Table, make: Any) -> None:
    partners.change(table.tool.storage, table.partner.course, table.partner.partner, make)


def _note(table: Table, act: str) -> None:
    tool, partner = table.tool, table.partner
    by = agents.pseudonym(learners.agent(table.desk.guest.person), tool.keyring.pseudonym_key)
    partners.log(tool.storage, partner.course, partner.partner, act, by=by, now=tool.now(), id_=tool.new_token())


def _day(at: float, zone: ZoneInfo) -> str:
    return f"{datetime.fromtimestamp(at, zone):%Y-%m-%d}"
