"""What a learner says: of themselves, and of a step that was offered; kept, changed and taken back by forms. Floor 3.

Nobody but a learner is heard: whoever teaches or looks sees the same pages, and nothing of what they press is kept.
"""

from __future__ import annotations

from dataclasses import replace

from flask import Blueprint, Response, request

from lti_tool import backgrounds, emit, errors, plans, texts, votes
from lti_tool.backgrounds import Background
from lti_tool.pages import learning, oneself, seats
from lti_tool.pages.seats import Seat
from lti_tool.tool import Tool

SEVERAL = ("languages", "courses")


def blueprint(tool: Tool) -> Blueprint:
    """The forms of what a learner says."""
    views = Blueprint("saying", __name__)

    @views.post("/lti/about")
    def about() -> Response:
        seat = seats.of_form(tool)
        act = request.form.get("act", "")
        if act == "keep":
            return _keep(seat)
        return _withdraw(seat) if act == "withdraw" else _page(seat)

    @views.post("/lti/vote")
    def vote() -> Response:
        return _vote(seats.of_form(tool), request.form.get("item", ""), request.form.get("word", ""))

    return views


def _page(seat: Seat, told: str = "") -> Response:
    given = seats.advised(seat)
    page = oneself.page(given, seat.background, fixed=bool(seat.fixed), language=seat.language)
    return seats.shown(seat, given, "about.html", "profile", "about", page=page, said=told)


def _keep(seat: Seat) -> Response:
    """Keep what the form says, where the learner agreed to what it is for."""
    say = texts.speaker(seat.language)
    form = request.form
    if form.get("consent") != "yes":
        return _page(seat, say("about.consent.missing"))
    fields = backgrounds.from_form(form, {name: form.getlist(name) for name in SEVERAL}, seat.catalog.areas)
    hours = form.get("hours", "")
    seat = seats.changed(seat, lambda plan: replace(plan, hours=plans.hours(hours, plan.hours)))
    role = form.get("role", "")
    if role and not seat.fixed:
        learning.choose(seat, role)
    now = seat.tool.now()
    kept = Background(fields, int(now))  # for this page alone, of whoever is no learner
    if seat.person.learns:
        kept = backgrounds.keep(seat.tool.storage, seat.pseudonym, fields, now)
    return _page(replace(seat, background=kept), say("about.kept" if fields else "about.kept.nothing"))


def _withdraw(seat: Seat) -> Response:
    if seat.person.learns:
        backgrounds.withdraw(seat.tool.storage, seat.pseudonym)
    told = texts.speaker(seat.language)("about.withdrawn")
    return _page(replace(seat, background=backgrounds.NOTHING), told)


def _vote(seat: Seat, item: str, word: str) -> Response:
    """Keep a word on a step, and tell the record store of it.

    Raises:
        errors.PageRefused: The catalog has no such step.
    """
    tool, person, say = seat.tool, seat.person, texts.speaker(seat.language)
    step = seat.catalog.items.get(item)
    if step is None:
        raise errors.PageRefused("activity_unknown", "item")
    if person.learns and votes.say(tool.storage, (seat.pseudonym, seat.catalog.id, item), word, tool.now()):
        now, url = tool.now(), tool.settings.url
        told = emit.rated(person, url, step.activity, word if word in votes.WORDS else "", new_id=tool.new_id, now=now)
        emit.put(tool.emitter, [told])
    words = {name: there for name, there in seat.words.items() if name != item}
    seat = replace(seat, words={**words, item: word} if word in votes.WORDS else words)
    return learning.today_of(seat, said=say(f"vote.told.{word}" if word in votes.WORDS else "vote.told.back"))
