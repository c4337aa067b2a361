"""The board of openings: what each asks for beside what this learner can do, and how to apply. Floor 3.

The comparison is made for the learner's eyes at the moment they look; it is kept nowhere and shown to nobody else.
Applying is granting the partner what the learner chooses, and withdrawing ends that grant.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, Response, request

from lti_tool import emit, errors, events, figures, grants, openings, partners, texts
from lti_tool.advice import Advice
from lti_tool.grants import Grant
from lti_tool.openings import Opening, Text
from lti_tool.pages import handing, meter, pledge, reasons, seats
from lti_tool.pages.gate import Guest
from lti_tool.pages.meter import Meter
from lti_tool.pages.seats import Seat
from lti_tool.partners import Facts, Partner
from lti_tool.texts import Say
from lti_tool.tool import Tool
from recommender import fit
from recommender.fit import Fit


@dataclass(frozen=True)
class Shown:
    """An opening in words.

    Attributes:
        id: Of the opening.
        partner: Who offers it.
        text: What the partner wrote.
        kind: In words.
        role: Name of the role; empty where the catalog has it no more.
        begins: First day of the work; empty: not said.
        closes: Until when one may apply.
        fit: The learner beside it, in words.
        counts: Skills by state.
        applied: Whether the learner has applied.
    """

    id: str
    partner: Facts
    text: Text
    kind: str
    role: str
    begins: str
    closes: str
    fit: str
    counts: Mapping[str, int]
    applied: bool


@dataclass(frozen=True)
class Row:
    """A skill of an opening beside the learner."""

    id: str
    name: str
    meter: Meter
    state: str
    words: str


def blueprint(tool: Tool) -> Blueprint:
    """The pages' own forms."""
    views = Blueprint("seeking", __name__)

    @views.post("/lti/openings")
    def listed() -> Response:
        return show(seats.of_form(tool))

    @views.post("/lti/openings/one")
    def one() -> Response:
        seat = seats.of_form(tool)
        return _one(seat, *_found(seat))

    @views.post("/lti/openings/apply")
    def apply() -> Response:
        seat = seats.of_form(tool)
        opening, partner = _found(seat)
        return _withdrawn(seat, opening, partner) if "withdraw" in request.form else _applied(seat, opening, partner)

    return views


def open_(tool: Tool, guest: Guest) -> Response:
    """What a link to the openings of a course opens."""
    seat = seats.seated(tool, guest)
    if guest.person.learns:
        told = emit.launched(guest.person, tool.settings.url, new_id=tool.new_id, now=tool.now())
        emit.put(tool.emitter, [told])
    return show(seat)


def show(seat: Seat) -> Response:
    """The board."""
    tool, now = seat.tool, seat.tool.now()
    given = seats.advised(seat)
    mine = _mine(seat)
    there = openings.board(tool.storage, seat.person.context, now)
    shown = [_shown(seat, given, opening, partner, mine) for opening, partner in there]
    return seats.shown(seat, given, "openings.html", "path", "openings", openings=shown)


def _found(seat: Seat) -> tuple[Opening, Partner]:
    """The opening that a form names: on the board, or one that this learner has applied to.

    Raises:
        errors.PageRefused: The course has no such opening.
    """
    tool, course, now = seat.tool, seat.person.context, seat.tool.now()
    opening = openings.find(tool.storage, course, request.form.get("opening", "")[:64])
    partner = None if opening is None else partners.find(tool.storage, course, opening.partner)
    if opening is None or partner is None:
        raise errors.PageRefused("not_found", "opening")
    on_board = opening.takes(now) and partner.holds(now)
    if not on_board and openings.applied(_mine(seat), opening.opening, now) is None:
        raise errors.PageRefused("not_found", "opening")
    return opening, partner


def _one(
    seat: Seat, opening: Opening, partner: Partner, told: str = "", *, typed: Any = None, problems: tuple[str, ...] = ()
) -> Response:
    tool, now, say = seat.tool, seat.tool.now(), texts.speaker(seat.language)
    given = seats.advised(seat)
    mine = _mine(seat)
    application = openings.applied(mine, opening.opening, now)
    compared = compare(given, opening)
    vault = handing.vault(tool)
    zone = events.zone(tool.settings.zone)
    terms = None if application is None else grants.terms(vault, application)
    return seats.shown(
        seat,
        given,
        "opening.html",
        "path",
        "openings/one",
        keep={"opening": opening.opening},
        opening=_shown(seat, given, opening, partner, mine),
        rows=[_row(given, row, seat.language, say) for row in compared.rows],
        next=[(one, given.catalog.skills[one].name[seat.language]) for one in compared.next],
        goal=bool(opening.role) and opening.role == given.role,
        goal_id=opening.role if opening.role in given.catalog.roles and not seat.fixed else "",
        takes=opening.takes(now) and partner.holds(now),
        application=application,
        granted=pledge.words(terms, seat.catalog, seat.language, say),
        until="" if application is None else _day(seat, application.until),
        decisions=[] if application is None else pledge.decided(openings.decisions(vault, application), zone, say),
        form=pledge.form(seat, given, say, typed, role=opening.role, problems=problems),
        longest=grants.LONGEST,
        letters=grants.LETTERS,
        told=say(told) if told else "",
    )


def _applied(seat: Seat, opening: Opening, partner: Partner) -> Response:
    """Apply, by granting what the form says; once."""
    tool, now = seat.tool, seat.tool.now()
    found = pledge.read(seat, request.form)
    if not opening.takes(now) or not partner.holds(now):
        return _one(seat, opening, partner, "seeking.told.closed")
    if found.terms is None:
        return _one(seat, opening, partner, typed=request.form, problems=found.problems)
    if not seat.person.learns:
        return _one(seat, opening, partner, "sharing.told.guest")
    mine = _mine(seat)
    if openings.applied(mine, opening.opening, now) is not None:
        return _one(seat, opening, partner, "seeking.told.twice")
    if len(pledge.live(mine, now)) >= grants.MOST:
        return _one(seat, opening, partner, "sharing.told.many")
    grants.give(
        handing.vault(tool),
        seat.pseudonym,
        seat.person.context,
        partner.partner,
        found.terms,
        until=min(now + found.days * grants.DAY, partner.until),
        now=now,
        id_=tool.new_token(),
        opening=opening.opening,
    )
    return _one(seat, opening, partner, "seeking.told.applied")


def _withdrawn(seat: Seat, opening: Opening, partner: Partner) -> Response:
    """Withdraw an application: its grant ends at once."""
    tool, now = seat.tool, seat.tool.now()
    application = openings.applied(_mine(seat), opening.opening, now)
    if application is not None:
        grants.revoke(tool.storage, pledge.pseudonyms(seat), seat.person.context, application.key, now)
    if not opening.takes(now) or not partner.holds(now):
        return show(seat)
    return _one(seat, opening, partner, "seeking.told.withdrawn" if application is not None else "sharing.told.gone")


def _mine(seat: Seat) -> list[Grant]:
    if not seat.person.learns:
        return []
    return grants.of_learner(seat.tool.storage, pledge.pseudonyms(seat), seat.person.context)


def compare(given: Advice, opening: Opening) -> Fit:
    """An opening beside the learner."""
    known = given.profile.knowledge
    levels = {name: known[name].level for name in opening.targets if name in known}
    return fit.compare(given.catalog, opening.targets, levels)


def _shown(seat: Seat, given: Advice, opening: Opening, partner: Partner, mine: list[Grant]) -> Shown:
    tool, say = seat.tool, texts.speaker(seat.language)
    compared = compare(given, opening)
    counts = compared.counts
    role = given.catalog.roles.get(opening.role)
    return Shown(
        id=opening.opening,
        partner=partners.facts(tool.keyring, partner),
        text=openings.text(tool.keyring, opening),
        kind=say(f"seeking.kind.{opening.kind}"),
        role="" if role is None else role.name[seat.language],
        begins=_day(seat, opening.begins) if opening.begins else "",
        closes=_day(seat, opening.closes),
        fit=say(
            "seeking.fit",
            met=counts[fit.MET],
            all=sum(counts.values()),
            near=counts[fit.NEAR],
            far=counts[fit.FAR],
            unknown=counts[fit.UNKNOWN],
        ),
        counts=counts,
        applied=openings.applied(mine, opening.opening, tool.now()) is not None,
    )


def _row(given: Advice, row: fit.Row, language: str, say: Say) -> Row:
    name = reasons.short(given.catalog.skills[row.skill].name[language])
    state = given.profile.knowledge[row.skill]
    words = say(f"seeking.state.{row.state}", gap=figures.level(max(row.gap, 0.1)), missing=state.missing)
    return Row(row.skill, name, meter.of_skill(state, name, row.target, say), row.state, words)


def _day(seat: Seat, at: float) -> str:
    zone = events.zone(seat.tool.settings.zone)
    return f"{datetime.fromtimestamp(at, UTC).astimezone(zone):%Y-%m-%d}"
