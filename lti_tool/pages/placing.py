"""The forms of a placement: begin, answer, stop, look at what it found, do it again. Floor 3.

Works without a script and without a cookie: every page carries its bearer, and which question of which placement it
shows. An answer counts once. Nothing of it is practice: it is kept on its own, its statements have an activity of their
own, and no score follows.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime

from flask import Blueprint, Response, request

from curriculum import practice
from curriculum.practice import answers as written
from lti_tool import advice, bearer, emit, placements, texts
from lti_tool.emit import Practised
from lti_tool.pages import answers, learning, placed, seats
from lti_tool.pages.seats import Seat
from lti_tool.placements import Carried, Kept, Placement
from lti_tool.tool import Tool


@dataclass(frozen=True)
class Form:
    """What a page of a placement sends besides its bearer."""

    act: str
    number: int
    place: int
    answer: str


@dataclass(frozen=True)
class Table:
    """A request's view of a placement: who sits there, towards which goal, and where it is kept."""

    seat: Seat
    role: str
    shelf: Kept | Carried


def blueprint(tool: Tool) -> Blueprint:
    """The forms of a placement."""
    views = Blueprint("placing", __name__)

    @views.post("/lti/placement")
    def go() -> Response:
        seat = seats.of_form(tool)
        role = seats.goal_of(seat)
        if not placed.most(seat.catalog, role, _day(tool)):
            return learning.show(tool, seat.guest, tell=None)  # no goal yet, or nothing to ask: the page of today says
        shelf: Kept | Carried = Kept(tool.storage, seat.pseudonym, seat.catalog.id)
        if not seat.person.learns:
            shelf = Carried(placements.unseal(request.form.get("carried", ""), tool.bearer_key))
        return _go(Table(seat, role, shelf), _form())

    return views


def _form() -> Form:
    def whole(name: str) -> int:
        text = request.form.get(name, "")
        return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0

    act = "language" if request.form.get("language") else request.form.get("act", "open")
    return Form(act, whole("number"), whole("place"), ",".join(request.form.getlist("answer")))


def _go(table: Table, form: Form) -> Response:
    if form.act == "begin":
        return _begin(table, form)
    if form.act in {"answer", "unknown"}:
        return _answer(table, form)
    if form.act == "stop":
        return _stop(table, form)
    return _page(table, _repaired(table))


def _begin(table: Table, form: Form) -> Response:
    """Begin one, or go on with the open one; a page of an earlier placement begins none."""
    now = table.seat.tool.now()

    def beginning(there: Placement) -> Placement | None:
        if there.open or form.number != there.number:
            return None
        fresh = placements.begun(there, now)
        return placements.asking(fresh, _next(table, fresh), now)

    there, _ = table.shelf.change(beginning)
    return _page(table, there)


def _answer(table: Table, form: Form) -> Response:
    """Grade an answer, and ask the next question; nonsense is asked about again."""
    now, problem = table.seat.tool.now(), ""

    def answering(there: Placement) -> Placement | None:
        nonlocal problem
        problem = ""
        asked = None if there.asked is None else placed.question(there.asked, table.seat.catalog)
        if asked is None or (there.number, len(there.answers)) != (form.number, form.place):
            return None
        step = asked.step
        verdict = practice.shown(step) if form.act == "unknown" else practice.grade(step, form.answer)
        if not verdict.counts:
            problem = verdict.problem
            return None
        given = written.kept(verdict.given)
        right = verdict.state == "right"
        after = placements.answered(there, given=given, right=right, cause=verdict.cause, now=now)
        return placements.asking(after, _next(table, after), now)

    there, fresh = table.shelf.change(answering)
    if fresh:
        _tell(table, there, answered=True)
    return _page(table, _repaired(table), problem=problem, typed=form.answer if problem else "")


def _stop(table: Table, form: Form) -> Response:
    now = table.seat.tool.now()

    def stopping(there: Placement) -> Placement | None:
        return placements.stopped(there, now) if there.open and there.number == form.number else None

    there, fresh = table.shelf.change(stopping)
    if fresh and there.finished == now:
        _tell(table, there, answered=False)
    return _page(table, there)


def _repaired(table: Table) -> Placement:
    """What is there; a question whose data have changed since gives way to another one."""
    now = table.seat.tool.now()

    def repairing(there: Placement) -> Placement | None:
        if there.asked is None or placed.question(there.asked, table.seat.catalog) is not None:
            return None
        return placements.asking(there, _next(table, there), now)

    return table.shelf.change(repairing)[0]


def _next(table: Table, there: Placement) -> placements.Asked | None:
    seat = table.seat
    tool = seat.tool
    history = advice.practised(tool.storage, seat.catalog, seat.pseudonym)

    def seed() -> int:
        return int.from_bytes(hashlib.sha256(tool.new_token().encode()).digest()[:4], "big") >> 1

    return placed.choose(seat.catalog, table.role, there, history, seed=seed, on=_day(tool))


def _day(tool: Tool) -> date:
    """Today, UTC: what decides which questions can be asked."""
    return datetime.fromtimestamp(tool.now(), UTC).date()


def _tell(table: Table, there: Placement, *, answered: bool) -> None:
    """Tell the record store of the last answer, and of the end."""
    seat = table.seat
    tool, url = seat.tool, seat.tool.settings.url
    if not seat.person.learns or not there.answers:
        return
    told, last = [], there.answers[-1]
    item = seat.catalog.items.get(last.asked.item)
    if answered and item is not None:
        asked = placed.question(last.asked, seat.catalog)
        rule = None if asked is None else asked.step.rule
        answer = Practised(
            item="",
            practice="",
            case=last.asked.kind,
            seed=last.asked.seed,
            step=last.asked.step,
            right=last.right,
            given=last.given,
            cause=last.cause,
            rules=() if rule is None else (rule.id,),
            seconds=last.seconds,
            at=last.at,
        )
        catalog, skill = seat.catalog.id, item.skills[0]
        told.append(emit.placed(seat.person, url, answer, catalog=catalog, skill=skill, new_id=tool.new_id))
    if there.finished:
        words = {language: texts.speaker(language)("placing.title") for language in texts.LANGUAGES}
        told.append(emit.ended(seat.person, url, seat.catalog.id, words=words, new_id=tool.new_id, now=there.finished))
    emit.put(tool.emitter, told)


def _page(table: Table, there: Placement, *, problem: str = "", typed: str = "") -> Response:
    seat, tool = table.seat, table.seat.tool
    carried = "" if seat.person.learns else placements.seal(there, tool.bearer_key)
    count = placed.most(seat.catalog, table.role, _day(tool))
    asked = None if there.asked is None else placed.question(there.asked, table.seat.catalog)
    if asked is not None:
        return answers.page(
            "placement_question.html",
            tool,
            seat.language,
            seat.guest.frames,
            screen=placed.screen(asked, there, count, seat.language, problem=problem, typed=typed),
            person=seat.person,
            carried=carried,
            bearer=bearer.sign(seat.person, seat.language, tool.bearer_key, tool.now),
        )
    given = seats.advised(replace(seat, placement=there))
    result = None
    if there.answers:
        result = placed.found(seat.catalog, table.role, there, given.history, seat.language)
    return seats.shown(
        seat,
        given,
        "placement.html",
        "today",
        "placement",
        result=result,
        most=count,
        minutes=placed.MINUTES * count,
        number=there.number,
        carried=carried,
        keep={"carried": carried} if carried else {},
    )
