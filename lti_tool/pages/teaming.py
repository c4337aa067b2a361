"""A team at an order: gathering, one's own questions, what waits for whom, and what was handed over. Floor 3.

Works without a script and without a cookie, as every page of practice: an answer counts once, however often its form is
sent. A script of our own asks now and then whether the team moved on, and only says so: it never takes a page away from
somebody who writes. Whoever teaches sees the teams instead (`forming`), and nothing is kept of them.
"""

from __future__ import annotations

import contextlib
from dataclasses import replace
from functools import partial
from typing import Any

from flask import Blueprint, Response, jsonify, request

from curriculum import practice
from curriculum.practice import answers as written
from curriculum.practice import credit
from curriculum.practice import team as rules
from curriculum.practice.team import OPEN
from lti_tool import bearer, emit, teams, texts
from lti_tool.grades import outbox
from lti_tool.pages import answers, forming, gate, scores, teaching, teamrecord, teamtable, teamwork
from lti_tool.pages.casework import Screen
from lti_tool.pages.gate import Guest
from lti_tool.pages.teamtable import Table
from lti_tool.pages.teamwork import Work
from lti_tool.teams import Answer, Sitting, Team
from lti_tool.tool import Tool

LONGEST_STEP = 3600
"""Seconds: who took longer was away, and no time is told."""
ZONES = tuple(sorted({*range(-12 * 60, 14 * 60 + 1, 30), 345, 525, 765}))
"""Minutes ahead of UTC that a learner may say: half hours, and the three quarters that there are."""


def blueprint(tool: Tool) -> Blueprint:
    """The forms of a team."""
    views = Blueprint("teaming", __name__)

    @views.post("/lti/team")
    def go() -> Response:
        guest = gate.guest()
        guest = replace(guest, language=texts.choose(request.form.get("language"), guest.language))
        return _go(teamtable.of(tool, guest))

    @views.post("/lti/team/mark")
    def mark() -> Response:
        table = teamtable.of(tool, gate.guest())
        return jsonify({"mark": teamtable.mark(table, teams.own(tool.storage, table.sitting()))})

    return views


def open_(tool: Tool, guest: Guest) -> Response:
    """What a link to a team task opens: the task for learners, the teams for whoever teaches.

    Raises:
        errors.PageRefused: The link names no task of a team.
    """
    table = teamtable.of(tool, guest)
    if teaching.sees_class(guest.person):
        return forming.open_(tool, guest)
    if guest.person.learns:
        emit.put(tool.emitter, [emit.launched(guest.person, tool.settings.url, new_id=tool.new_id, now=tool.now())])
    return _show(table)


# What a form asks for


def _go(table: Table) -> Response:
    act = "look" if request.form.get("language") else request.form.get("act", "look")
    if not table.person.learns:
        return _show(table)
    if act in {"answer", "unknown"}:
        return _answer(table, act)
    if act == "hint":
        return _hint(table)
    if act in _ACTS:
        _ACTS[act](table)
    return _show(table, look=request.form.get("step", ""))


def _join(table: Table) -> None:
    """Sit down in a team that has room; the one who fills it lets it begin."""
    storage, token = table.tool.storage, table.tool.new_token()
    number = request.form.get("team", "")
    known = number.isascii() and number.isdigit() and len(number) < 4
    team = teams.find(storage, table.person.link, number) if known else None
    if team is None or teams.own(storage, table.sitting()) is not None:
        return
    _begun_if_full(table, teams.sit(storage, table.pseudonyms, team, token))


def _found(table: Table) -> None:
    """Make a team of one's own, where one sits in none and the link may have another."""
    storage, tool = table.tool.storage, table.tool
    if teams.own(storage, table.sitting()) is not None:
        return
    make = partial(teamtable.made, tool, table.person.link, table.destination, table.size)
    with contextlib.suppress(ValueError):  # as many as there may be: the page shows those that gather
        teams.sit(storage, table.pseudonyms, teams.found(storage, table.person.link, make), tool.new_token())


def _leave(table: Table) -> None:
    """Stand up, as long as the team has not begun; whoever leaves last takes it away."""
    storage = table.tool.storage
    team = teams.own(storage, table.sitting())
    if team is None or team.begun:
        return
    teams.leave(storage, table.pseudonyms, table.person.link)
    left = teams.find(storage, team.link, team.team)
    if left is not None and not left.begun and not teams.members(storage, left):
        teams.drop(storage, left)


def _begin(table: Table) -> None:
    """Begin with who is there: two at least, because a single one would have nobody to hand anything to."""
    storage = table.tool.storage
    team = teams.own(storage, table.sitting())
    if team is not None and not team.begun and len(teams.members(storage, team)) > 1:
        teams.begin(storage, team, table.tool.now())


def _again(table: Table) -> None:
    """Take another order, with the roles turned: once for each that is finished."""
    storage, tool = table.tool.storage, table.tool
    team = teams.own(storage, table.sitting())
    if team is not None and team.finished and request.form.get("number") == str(team.number):
        fresh = teamtable.drawn(tool, team.destination)
        teams.renew(storage, team, lambda kept: replace(kept, **fresh), tool.now())


def _zone(table: Table) -> None:
    """Say in which time zone one is, or take that back."""
    text = request.form.get("zone", "")
    zone = int(text) if text.lstrip("-").isascii() and text.lstrip("-").isdigit() and len(text) < 5 else None
    said = zone if zone in ZONES else None
    teams.change_sitting(table.tool.storage, table.pseudonyms, table.person.link, lambda kept: replace(kept, zone=said))


_ACTS = {"join": _join, "found": _found, "leave": _leave, "begin": _begin, "again": _again, "zone": _zone}


def _begun_if_full(table: Table, team: Team | None) -> None:
    if team is not None and not team.begun and len(team.chairs) >= team.size:
        teams.begin(table.tool.storage, team, table.tool.now())


def _answer(table: Table, act: str) -> Response:
    """Grade an answer to an open question of one's own, once; nonsense is asked about again."""
    storage, now = table.tool.storage, table.tool.now()
    work = teamtable.work(table)
    if work is None or request.form.get("number") != str(work.team.number):
        return _show(table)
    wanted = request.form.get("step", "")
    place = next((one for one in work.mine(OPEN) if one.step.id == wanted), None)
    if place is None:
        return _show(table, look=wanted)
    step, typed = place.step, ",".join(request.form.getlist("answer"))
    verdict = practice.shown(step) if act == "unknown" else practice.grade(step, typed)
    if not verdict.counts:
        return _page(table, work, teamwork.asked(work, step, problem=verdict.problem, typed=typed), step.id)
    sat, right = work.there[work.seat], verdict.state == "right"
    hints = sat.helps.count(f"{work.team.number}:{step.id}")
    worth = credit.credit(step, right=right, part=verdict.credit, hints=hints)
    given = Answer(
        step.id,
        written.kept(verdict.given),
        right,
        verdict.cause,
        now,
        _took(sat, now),
        hints=hints,
        worth=None if worth == int(right) else float(worth),
    )
    team, fresh = teams.answer(storage, table.pseudonyms, work.team, given)
    if fresh and team is not None:
        teamrecord.tell(table, team, step, given)
    return _show(table, look=step.id)


def _hint(table: Table) -> Response:
    """One more hint on an open question of one's own, if the page that asked for it shows it as it is."""
    work, wanted = teamtable.work(table), request.form.get("step", "")
    if work is None or request.form.get("number") != str(work.team.number):
        return _show(table)
    place = next((one for one in work.mine(OPEN) if one.step.id == wanted), None)
    if place is None:
        return _show(table, look=wanted)
    there = teamwork.asked(work, place.step).help
    shown = request.form.get("helps", "")
    if there is not None and there.more and shown == str(len(there.hints)):
        key = f"{work.team.number}:{wanted}"

        def more(sat: Sitting) -> Sitting | None:
            return replace(sat, helps=(*sat.helps, key)) if str(sat.helps.count(key)) == shown else None

        teams.change_sitting(table.tool.storage, table.pseudonyms, table.person.link, more)
    work = teamtable.work(table) or work
    return _page(table, work, teamwork.asked(work, place.step, typed=",".join(request.form.getlist("answer"))), wanted)


def _took(sat: Sitting, now: float) -> int | None:
    seconds = round(now - sat.shown)
    return seconds if sat.shown and 0 <= seconds <= LONGEST_STEP else None


# Pages


def _show(table: Table, look: str = "") -> Response:
    """The page of where the learner is; `look` names a question of theirs that is shown first, settled or open."""
    if not table.person.learns:
        return _rendered(table, "team_lobby.html", kind="look", gathering=[], mates=[], zone=None)
    work = teamtable.work(table)
    if work is None:
        return _lobby(table)
    teamrecord.keep(table, work.team)
    steps = {one.id: one for one in work.case.steps}
    own = {one.step: one for one in work.there[work.seat].of(work.team)} if work.seat in work.there else {}
    if look in own and look in steps:
        return _page(table, work, teamwork.explained(work, steps[look], own[look]), look)
    open_now = work.mine(OPEN)
    if not open_now:
        return _page(table, work, None, "")
    place = next((one for one in open_now if one.step.id == look), open_now[0])
    if not work.there[work.seat].shown:
        now = table.tool.now()
        teams.change_sitting(
            table.tool.storage,
            table.pseudonyms,
            table.person.link,
            lambda kept: replace(kept, shown=now) if not kept.shown else None,
        )
    return _page(table, work, teamwork.asked(work, place.step), place.step.id)


def _lobby(table: Table) -> Response:
    """Who sits in no team yet: those that gather; and who waits in one until it begins."""
    storage, say = table.tool.storage, texts.speaker(table.guest.language)
    sat = table.sitting()
    own = teams.own(storage, sat)
    if own is not None:
        teamrecord.keep(table, own)
        there = teams.members(storage, own)
        mates = [(name, seat == sat.seat) for seat, name in teamwork.called(there, teamtable.names(table), say).items()]
        return _rendered(
            table,
            "team_lobby.html",
            kind="gather",
            gathering=[],
            mates=mates,
            zone=sat.zone,
            mark=teamtable.mark(table, own),
            team=own,
        )
    gathering = [
        (team.team, len(team.chairs), team.size)
        for team in teams.of_link(storage, table.person.link)
        if not team.begun and 0 < len(teams.members(storage, team)) < team.size
    ]
    return _rendered(table, "team_lobby.html", kind="join", gathering=gathering, mates=[], zone=sat.zone)


def _page(table: Table, work: Work, screen: Screen | None, step: str) -> Response:
    """The page of a team that has begun, and at its end the scores of everybody in it."""
    status = None
    if work.team.finished:
        teamrecord.score(table, work)
        status = scores.line(
            outbox.status(table.tool.storage, table.pseudonyms[0], table.person.link), table.guest.language
        )
    return _rendered(
        table,
        "team.html",
        view=teamwork.view(work, screen, step),
        team=work.team,
        case=work.case,
        step=step,
        score=status,
        own_share=round(100 * rules.OWN),
        mark=teamtable.mark(table, work.team),
    )


def _rendered(table: Table, template: str, **values: Any) -> Response:
    tool, guest = table.tool, table.guest
    return answers.page(
        template,
        tool,
        guest.language,
        guest.frames,
        scripts=True,
        calls=True,
        person=guest.person,
        name=rules.name(table.destination)[guest.language],
        roles=[(role.name[guest.language], role.about[guest.language]) for role in rules.roles().values()],
        size=table.size,
        zones=[(minutes, _utc(minutes)) for minutes in ZONES],
        bearer=bearer.sign(guest.person, guest.language, tool.bearer_key, tool.now),
        **values,
    )


def _utc(minutes: int) -> str:
    """A time zone as its distance from UTC, the same in both languages.

    >>> _utc(480), _utc(-210)
    ('UTC+8:00', 'UTC-3:30')
    """
    hours, rest = divmod(abs(minutes), 60)
    return f"UTC{'-' if minutes < 0 else '+'}{hours}:{rest:02}"
