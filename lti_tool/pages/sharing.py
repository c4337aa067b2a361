"""What a learner shares with partner enterprises, who saw it, and whether they are counted. Floor 3.

One press ends a grant, and the partner's page is gone from that moment on. For whoever is no learner the page is a
look: nothing that they press is kept.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, Response, request

from lti_tool import cohorts, events, grants, openings, outside, partners, texts
from lti_tool import learner as learners
from lti_tool.grants import Entry, Grant
from lti_tool.pages import handing, judging, pledge, seats, view
from lti_tool.pages.seats import Seat
from lti_tool.partners import Facts
from lti_tool.texts import Say
from lti_tool.tool import Tool
from lti_tool.works import OUTSIDE
from recommender import cohort
from xapi_collector import consent
from xapi_collector.envelope import DataKeys

SHOWN = 100
"""Lines of the record that the page shows."""


@dataclass(frozen=True)
class Row:
    """A grant in the list.

    Attributes:
        key: Of the grant.
        partner: Name of the enterprise.
        what: What is granted, in words; empty once it ended.
        opening: Title of the opening that it applies to; empty: none.
        when: Since when, until when, in words.
        holds: Whether it shows anything now.
        seen: When somebody there last looked, in words; empty: nobody did.
        decisions: What a person decided on the application: outcome, who, when and why.
    """

    key: str
    partner: str
    what: str
    opening: str
    when: str
    holds: bool
    seen: str
    decisions: list[tuple[str, str, str]]


def blueprint(tool: Tool) -> Blueprint:
    """The page's own forms."""
    views = Blueprint("sharing", __name__)

    @views.post("/lti/sharing")
    def shown() -> Response:
        return show(seats.of_form(tool))

    @views.post("/lti/sharing/keep")
    def keep() -> Response:
        seat = seats.of_form(tool)
        acts = {"give": _give, "revoke": _revoke, "count": _count, "uncount": _count}
        act = next((one for one in acts if one in request.form), "")
        return acts[act](seat) if act else show(seat)

    return views


def show(seat: Seat, told: str = "", *, typed: Any = None, problems: tuple[str, ...] = ()) -> Response:
    """The page.

    Args:
        seat: Who asks.
        told: What was just done: the id of a text; empty: nothing.
        typed: A form that lacks something, to be shown again; None: none.
        problems: What it lacks.
    """
    tool, say, now = seat.tool, texts.speaker(seat.language), seat.tool.now()
    course = seat.person.context
    given = seats.advised(seat)
    mine = grants.of_learner(tool.storage, pledge.pseudonyms(seat), course) if seat.person.learns else []
    grants.tidy(tool.storage, mine, now)
    every = {one.partner: one for one in partners.of_course(tool.storage, course, now)}
    named = {id_: partners.facts(tool.keyring, one) for id_, one in every.items()}
    return seats.shown(
        seat,
        given,
        "sharing.html",
        "profile",
        "sharing",
        partners=[(one, named[one.partner], _day(seat, one.until)) for one in every.values() if one.holds(now)],
        chosen=request.form.get("partner", "") if typed is not None else "",
        counting=counting(seat, say),
        least=cohort.LEAST,
        grants=_rows(seat, mine, named, say),
        record=_record(seat, named, say),
        form=pledge.form(seat, given, say, typed, role=given.role, problems=problems),
        longest=grants.LONGEST,
        letters=grants.LETTERS,
        told=say(told) if told else "",
    )


def counting(seat: Seat, say: Say) -> tuple[bool, str]:
    """Whether the learner is counted in figures for partners, and since when or by what, in words."""
    storage = seat.tool.storage
    said = consent.said(storage, seat.pseudonym).get(cohorts.ALLOWED)
    found = said or consent.declared(storage, cohorts.ALLOWED)
    counted = found["choice"] == consent.ALLOW
    if said is None:
        return counted, say("sharing.count.declared" if counted else "sharing.count.silent")
    day = view.moment(said["time"], seat.language)
    return counted, say("sharing.count.on" if counted else "sharing.count.off", day=day)


def _give(seat: Seat) -> Response:
    """Keep a grant, unless something lacks."""
    tool, form, now = seat.tool, request.form, seat.tool.now()
    partner = partners.find(tool.storage, seat.person.context, form.get("partner", "")[:64])
    found = pledge.read(seat, form)
    if partner is None or not partner.holds(now):
        found = pledge.Read(None, 0, ("partner", *found.problems))
    if found.terms is None or partner is None:
        return show(seat, typed=form, problems=found.problems)
    if not seat.person.learns:
        return show(seat, "sharing.told.guest")
    there = grants.of_learner(tool.storage, pledge.pseudonyms(seat), seat.person.context)
    if len(pledge.live(there, now)) >= grants.MOST:
        return show(seat, "sharing.told.many")
    until = min(now + found.days * grants.DAY, partner.until)
    grants.give(
        handing.vault(tool),
        seat.pseudonym,
        seat.person.context,
        partner.partner,
        found.terms,
        until=until,
        now=now,
        id_=tool.new_token(),
    )
    return show(seat, "sharing.told.given")


def _revoke(seat: Seat) -> Response:
    tool = seat.tool
    key = request.form.get("revoke", "")[:64]
    ended = None
    if seat.person.learns:
        ended = grants.revoke(tool.storage, pledge.pseudonyms(seat), seat.person.context, key, tool.now())
    return show(seat, "sharing.told.revoked" if ended is not None else "sharing.told.gone")


def _count(seat: Seat) -> Response:
    """Let oneself be counted, or not any more."""
    tool, wanted = seat.tool, "count" in request.form
    if not seat.person.learns:
        return show(seat, "sharing.told.guest")
    random = handing.vault(tool).random
    keys = DataKeys(tool.storage, tool.keyring.sealing_key, random)
    named = consent.names(learners.agent(seat.person), tool.keyring, keys, random)
    choice = consent.ALLOW if wanted else consent.DENY
    consent.say(tool.storage, named, cohorts.ALLOWED, choice, lambda: int(tool.now() * 1e6))
    return show(seat, "sharing.told.counted" if wanted else "sharing.told.uncounted")


def _rows(seat: Seat, mine: list[Grant], named: Mapping[str, Facts], say: Say) -> list[Row]:
    tool, now, vault = seat.tool, seat.tool.now(), handing.vault(seat.tool)
    zone = events.zone(tool.settings.zone)
    looked = {one.grant: one.at for one in reversed(_entries(seat)) if one.act in {grants.SEEN, grants.FILE}}
    found = []
    for one in mine:
        there = named.get(one.partner)
        opening = openings.find(tool.storage, one.course, one.opening)
        since = say("sharing.since", since=_day(seat, one.made), until=_day(seat, one.until))
        if not one.holds(now):
            since = say("sharing.ended", day=_day(seat, one.revoked or one.until))
        terms = grants.terms(vault, one) if one.holds(now) else None
        found.append(
            Row(
                key=one.key,
                partner=say("sharing.partner.gone") if there is None else there.name,
                what=pledge.words(terms, seat.catalog, seat.language, say),
                opening="" if opening is None else openings.text(tool.keyring, opening).title,
                when=since,
                holds=one.holds(now),
                seen=judging.moment(looked[one.key], zone) if one.key in looked else "",
                decisions=pledge.decided(openings.decisions(vault, one), zone, say) if one.opening else [],
            )
        )
    return sorted(found, key=lambda row: not row.holds)


def _entries(seat: Seat) -> list[Entry]:
    if not seat.person.learns:
        return []
    return grants.record(seat.tool.storage, pledge.pseudonyms(seat), seat.person.context)


def _record(seat: Seat, named: Mapping[str, Facts], say: Say) -> list[str]:
    """Who did what with the learner's grants, in words, the newest first."""
    tool, zone = seat.tool, events.zone(seat.tool.settings.zone)
    entries = _entries(seat)[:SHOWN]
    kept = tool.storage.get_many(OUTSIDE, [(one.by,) for one in entries if one.by])
    labels = {key[0]: outside.label(tool.keyring, outside.Address(**one)) for key, one in kept.items()}
    found = []
    for one in entries:
        there = named.get(one.partner)
        partner = say("sharing.partner.gone") if there is None else there.name
        who = labels.get(one.by, partner)
        found.append(say(f"sharing.record.{one.act}", when=judging.moment(one.at, zone), partner=partner, who=who))
    return found


def _day(seat: Seat, at: float) -> str:
    zone = events.zone(seat.tool.settings.zone)
    return f"{datetime.fromtimestamp(at, UTC).astimezone(zone):%Y-%m-%d}"
