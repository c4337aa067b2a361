"""The learner's pages and their forms: today, path, practice, profile, and what a learner may say to them. Floor 3.

Every page is made in one go: who asks, what they want of the path, one pass over their answers, one template. Nobody
but a learner is recorded: whoever teaches or looks sees the same pages, and what they press holds for that page alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, Response, request

from lti_tool import advice, emit, errors, exercises, goals, plans, polls, texts
from lti_tool.grades import outbox, paths
from lti_tool.pages import (
    casing,
    consortium,
    eventing,
    oneself,
    pathing,
    placed,
    practising,
    profiling,
    proof,
    reasons,
    scores,
    seats,
    teaching,
    today,
    view,
    viewing,
    why,
)
from lti_tool.pages.gate import Guest
from lti_tool.pages.seats import Seat
from lti_tool.tool import Tool
from recommender import mastery, switch, verbs, whynot


def blueprint(tool: Tool) -> Blueprint:
    """The pages' own forms."""
    views = Blueprint("learning", __name__)

    @views.post("/lti/page")
    def again() -> Response:
        seat = seats.of_form(tool)
        role = request.form.get("role")
        if role:
            choose(seat, role)
        return today_of(seat, tell=[] if role else None)

    @views.post("/lti/path")
    def path() -> Response:
        return _path(seats.of_form(tool), request.form.get("goal", ""))

    @views.post("/lti/goal")
    def goal() -> Response:
        seat = seats.of_form(tool)
        role = request.form.get("goal", "")
        choose(seat, role)
        say = texts.speaker(seat.language)
        return _path(seat, "", said=say("switch.done", role=seat.catalog.roles[role].name[seat.language]))

    @views.post("/lti/cases")
    def cases() -> Response:
        seat = seats.of_form(tool)
        given = seats.advised(seat)
        return seats.shown(seat, given, "cases.html", "practice", "cases", page=casing.page(given, seat.language))

    @views.post("/lti/profile")
    def profile() -> Response:
        return _profile(seats.of_form(tool), request.form.get("skill", ""))

    @views.post("/lti/evidence")
    def evidence() -> Response:
        return _evidence(seats.of_form(tool), request.form.get("of", ""))

    @views.post("/lti/why")
    def why_not() -> Response:
        return _why(seats.of_form(tool), request.form.get("skill", ""))

    @views.post("/lti/start")
    def start() -> Response:
        return _start(seats.of_form(tool))

    @views.post("/lti/notnow")
    def rest() -> Response:
        return _rest(seats.of_form(tool), request.form.get("skill", ""), request.form.get("wake", ""))

    @views.post("/lti/plan")
    def plan() -> Response:
        seat = seats.changed(seats.of_form(tool), lambda there: plans.from_form(there, request.form, verbs.MODES))
        said = texts.speaker(seat.language)("today.planned.kept")
        return _profile(seat, "", said=said) if request.form.get("from") == "profile" else today_of(seat, said=said)

    return views


def show(tool: Tool, guest: Guest, *, tell: Sequence[dict[str, Any]] | None) -> Response:
    """The page of today, as a launch opens it.

    Args:
        tool: The running tool.
        guest: Who came.
        tell: Statements that the LRS hears before what was recommended; None: it hears nothing. It hears of
            learners only.

    Raises:
        errors.PageRefused: The link names a catalog, a module or a role that does not exist.
    """
    return today_of(seats.seated(tool, guest), tell=tell)


def today_of(seat: Seat, *, tell: Sequence[dict[str, Any]] | None = None, said: str = "") -> Response:
    """The page of today.

    Args:
        seat: Who asks.
        tell: As in `show`.
        said: What was just done, in words; empty: nothing.
    """
    tool, person = seat.tool, seat.person
    given = seats.advised(seat)
    if tell is not None and person.learns:
        told = emit.recommended(
            person,
            tool.settings.url,
            seat.catalog,
            given.recommendations,
            new_id=tool.new_id,
            now=tool.now(),
            part=seats.part(seat),
        )
        emit.put(tool.emitter, [*tell, *told])
    link = paths.scored(tool.storage, person)
    if link is not None and tell is not None:
        reached = paths.share(given.profile, view.targets(given))
        paths.put(tool.storage, tool.keyring, person, link, pseudonym=seat.pseudonym, reached=reached, now=tool.now())
    page = today.page(given, seat.plan, seat.language, tool.now())
    spent = advice.spent(given.history, datetime.fromtimestamp(tool.now(), UTC))
    return seats.shown(
        seat,
        given,
        "today.html",
        "today",
        "page",
        page=page,
        **eventing.values(seat, [(card.name, card.minutes) for card in page.cards], spent),
        said=said,
        placing=placed.offer(
            seat.catalog,
            given.role,
            seat.placement,
            given.answers,
            language=seat.language,
            on=datetime.fromtimestamp(tool.now(), UTC).date(),
        ),
        polled=polls.current(tool.storage, person.context) is not None,
        graded=link is not None,
        steering=request.path.endswith("/plan"),
        score=scores.line(outbox.status(tool.storage, seat.pseudonym, person.link), seat.language),
    )


def _path(seat: Seat, wanted: str, *, said: str = "") -> Response:
    """The path to the goal, or what another goal would change."""
    tool = seat.tool
    given = seats.advised(seat)
    graded = paths.scored(tool.storage, seat.person) is not None
    if wanted and wanted != given.role and given.role:
        if seat.fixed or wanted not in seat.catalog.roles:
            raise errors.PageRefused("role_unknown", "goal")
        compared = switch.compare(
            seat.catalog,
            given.history,
            given.model.parameters,
            old=given.wish.goal,
            new=replace(given.wish.goal, role=wanted),
            now=datetime.fromtimestamp(tool.now(), UTC),
            knobs=given.wish.knobs,
            levels={name: state.level for name, state in given.profile.knowledge.items()},
            ready=given.ready,
            arm=given.arm,
        )
        page = pathing.trial(given, compared, seat.language)
        return seats.shown(seat, given, "switch.html", "path", "path", page=page, graded=graded, keep={"goal": wanted})
    chosen = goals.standing(tool.storage, seat.pseudonym, seat.person.context)
    if wanted and not said:
        said = texts.speaker(seat.language)("switch.same.goal")
    return seats.shown(
        seat,
        given,
        "path.html",
        "path",
        "path",
        page=pathing.page(given, seat.plan, chosen, seat.language),
        graded=graded,
        said=said,
    )


def _profile(seat: Seat, asked: str, *, said: str = "") -> Response:
    tool, now = seat.tool, seat.tool.now()
    given = seats.advised(seat)
    asked = asked if asked in seat.catalog.skills else ""
    when = datetime.fromtimestamp(now, UTC)
    # A story is one more walk through all answers, as long as the whole page: it is told to who asks.
    told = profiling.to_tell(given, asked) if asked else []
    stories = [mastery.story(seat.catalog, given.history, given.model.parameters, name, when) for name in told]
    chosen = goals.standing(tool.storage, seat.pseudonym, seat.person.context)
    chosen = replace(chosen, role="") if seat.fixed else chosen
    return seats.shown(
        seat,
        given,
        "profile.html",
        "profile",
        "profile",
        page=profiling.page(given, stories, seat.plan, chosen=chosen, asked=asked, language=seat.language),
        films=viewing.seen(seat.catalog, given.watched, seat.language),
        about=oneself.said(given, seat.background, seat.language),
        own=teaching.own(tool, seat.person, seat.pseudonym, given, seat.language),
        training=consortium.taking_part(tool, seat.pseudonym, seat.catalog.id, seat.language),
        said=said,
        steering=bool(said),
        keep={"skill": asked} if asked else {},
    )


def _evidence(seat: Seat, asked: str) -> Response:
    """The statements behind a number of the profile."""
    given = seats.advised(seat)
    page = proof.page(given, asked, seat.language)
    if page is None:
        raise errors.PageRefused("not_found", "of")
    return seats.shown(seat, given, "proof.html", "profile", "evidence", page=page, keep={"of": asked})


def _why(seat: Seat, skill: str) -> Response:
    """Why a skill of the goal is not among the three; the page of today where it is none of the goal."""
    given = seats.advised(seat)
    if skill not in view.targets(given):
        raise errors.PageRefused("skill_unknown", "skill")
    when = datetime.fromtimestamp(seat.tool.now(), UTC)
    item = why.item_of(given, skill, when)
    if not item:
        raise errors.PageRefused("skill_unknown", "skill")
    answer = whynot.why_not(
        seat.catalog,
        given.history,
        given.model.parameters,
        given.wish.goal,
        when,
        item=item,
        knobs=given.wish.knobs,
        ready=given.ready,
        spent=advice.spent(given.history, when) / 60.0,
        arm=given.arm,
    )
    page = why.page(given, skill, answer, seat.language)
    return seats.shown(seat, given, "why.html", "today", "why", page=page, keep={"skill": skill})


def _start(seat: Seat) -> Response:
    """Take an offer: it is noted, and its case opens where there is one."""
    tool, person = seat.tool, seat.person
    item = seat.catalog.items.get(request.form.get("item", ""))
    if item is None:
        raise errors.PageRefused("activity_unknown", "item")
    skill = item.skills[0]
    claims = request.form.get("act") == "test_out"
    if claims:
        seat = seats.changed(seat, lambda plan: plans.claim(plan, skill))
    if person.learns:
        rank = request.form.get("rank", "")
        told = emit.chosen(
            person,
            tool.settings.url,
            item.activity,
            rank=int(rank) if rank in {"1", "2", "3"} else 0,
            model=advice.published(tool.models, seat.catalog).id or f"graph:{seat.catalog.fingerprint[:12]}",
            new_id=tool.new_id,
            now=tool.now(),
        )
        emit.put(tool.emitter, [told])
    if activity := exercises.of_skill(seat.catalog, skill):
        return practising.practise(tool, seat.guest, activity)
    name = reasons.short(seat.catalog.skills[skill].name[seat.language])
    return today_of(seat, said=texts.speaker(seat.language)("today.claimed" if claims else "today.taken", name=name))


def _rest(seat: Seat, skill: str, wake: str) -> Response:
    """Let a skill rest for a week, or offer it again."""
    known, say, now = seat.catalog.skills, texts.speaker(seat.language), seat.tool.now()
    name = known[wake or skill].name[seat.language] if (wake or skill) in known else ""
    if not name:
        raise errors.PageRefused("skill_unknown", "skill")
    if wake:
        seat = seats.changed(seat, lambda plan: plans.wake(plan, wake))
        return today_of(seat, said=say("today.woken", name=reasons.short(name)))
    seat = seats.changed(seat, lambda plan: plans.rest(plan, skill, now))
    until = view.calendar(datetime.fromtimestamp(now + plans.REST, UTC).date(), seat.language)
    return today_of(seat, said=say("today.rested", name=reasons.short(name), day=until))


def choose(seat: Seat, role: str) -> None:
    """Make a role the goal, and tell the LRS of a learner's choice.

    Raises:
        errors.PageRefused: The link sets the goal, or the catalog has no such role.
    """
    tool, person = seat.tool, seat.person
    if seat.fixed or role not in seat.catalog.roles:
        raise errors.PageRefused("role_unknown", "role")
    changed = goals.choose(tool.storage, seat.pseudonym, person.context, role, tool.now())
    if changed and person.learns:
        told = emit.aimed(person, tool.settings.url, seat.catalog, role, new_id=tool.new_id, now=tool.now())
        emit.put(tool.emitter, [told])
