"""Scenes: every step on one page, in plain words or in three dimensions, handed over together. Floor 3.

The plain form is the task; the picture beside it only ticks its boxes. What is handed over is graded, told and scored
as any other practice, so that nobody is better off with a headset. WebXR Device API (W3C) by A-Frame 1.8, from our own
files; no page but that of a scene in three dimensions has a script of it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from flask import Blueprint, Response, request

from curriculum import practice
from curriculum.practice import answers as written
from curriculum.practice import credit, scenes
from curriculum.practice.task import Step, Verdict
from lti_tool import attempts, bearer, emit, errors, learner, practised, texts
from lti_tool.attempts import Answer, Attempt
from lti_tool.exercises import CATALOG, SCENE
from lti_tool.grades import outbox
from lti_tool.pages import answers, board, casework, gate, helping, practising, scores
from lti_tool.pages.gate import Guest
from lti_tool.pages.practising import Desk
from lti_tool.tasks import Task
from lti_tool.tool import Tool

PLAIN, SPACE = "plain", "space"
STYLES = (
    "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='",
    "'sha256-v7XYwoR6kd4w8P/jKJwhD8xtQ9lX51WNsDeaJBRcNMc='",
)
"""The two style elements that A-Frame 1.8.0 makes (an empty one, and its own style sheet in it), by their hashes: the
page needs neither 'unsafe-inline' nor 'unsafe-eval' nor a worker."""


@dataclass(frozen=True)
class Form:
    """What the page of a scene sends besides its bearer.

    Attributes:
        act: "open", "answer" (hand over), "unknown" (hand over and show what is open), "hint" (one more on a step),
            "again" or "look" (show the same form once more, in another language or view).
        number: Of the attempt.
        view: `PLAIN` or `SPACE`.
        chosen: Keys with commas between them, by place of the step.
        hint: The place of the step that a hint is asked for, and how many the page shows there.
    """

    act: str
    number: int
    view: str
    chosen: Mapping[int, str]
    hint: tuple[int, int] = (-1, 0)


def blueprint(tool: Tool) -> Blueprint:
    """The one form of scenes."""
    views = Blueprint("scening", __name__)

    @views.post("/lti/scene")
    def go() -> Response:
        guest = gate.guest()
        guest = replace(guest, language=texts.choose(request.form.get("language"), guest.language))
        desk = _desk(tool, guest, request.form.get("activity", ""), request.form.get("carried", ""))
        return _go(desk, _form())

    return views


def open_(tool: Tool, guest: Guest) -> Response:
    """What a link to a scene opens: the plain form, from which the scene in three dimensions is one button away.

    Raises:
        errors.PageRefused: The link names a scene that does not exist.
    """
    desk = _desk(tool, guest, "", "")
    if guest.person.learns:
        emit.put(tool.emitter, [emit.launched(guest.person, tool.settings.url, new_id=tool.new_id, now=tool.now())])
    return _go(desk, Form("open", 0, PLAIN, {}))


def _form() -> Form:
    sent = request.form
    number = sent.get("number", "")
    looks = "language" in sent or "to" in sent
    view = sent.get("to", sent.get("view", PLAIN))
    chosen = {
        int(name.removeprefix("answer-")): ",".join(sent.getlist(name))
        for name in sent
        if name.startswith("answer-") and name.removeprefix("answer-") in map(str, range(10))
    }
    hint = re.fullmatch(r"([0-9])-([0-9])", sent.get("hint", ""))
    return Form(
        act="look" if looks else "hint" if hint else sent.get("act", "open"),
        number=int(number) if number.isascii() and number.isdigit() and len(number) < 10 else 0,
        view=SPACE if view == SPACE else PLAIN,
        chosen=chosen,
        hint=(int(hint[1]), int(hint[2])) if hint else (-1, 0),
    )


def _desk(tool: Tool, guest: Guest, wanted: str, carried: str) -> Desk:
    """The scene of the link, or the one that a page of the path asks for.

    Raises:
        errors.PageRefused: There is no such scene, or the catalog of the link is not the one that it trains.
    """
    person = guest.person
    linked = person.opens == SCENE
    activity = f"{SCENE}:{person.subject}" if linked else wanted
    known = {f"{SCENE}:{kind.id}" for kind in scenes.kinds()}
    if activity not in known:
        raise errors.PageRefused("activity_unknown", f"custom.{SCENE}" if linked else "activity")
    if person.catalog != CATALOG:
        raise errors.PageRefused("activity_unknown", "custom.catalog")
    return Desk(tool, guest, activity, practising.shelf(tool, person, activity, carried))


def _go(desk: Desk, form: Form) -> Response:
    problems: Mapping[int, str] = {}
    if form.act in {"answer", "unknown"}:
        problems = _answered(desk, form)
    if form.act == "hint":
        _hint(desk, form)
    attempt = _open(desk, form)
    made = practised.made_of(desk, attempt)
    if attempt.finished:
        return _summary(desk, made, attempt, form.view)
    # What stands in the form of another attempt says nothing of this one.
    chosen = form.chosen if form.number == attempt.number else {}
    return _shown(desk, made, attempt, replace(form, chosen=chosen), problems)


def _open(desk: Desk, form: Form) -> Attempt:
    """Go on with the attempt that is there, or begin one; a finished one begins anew where that is asked for."""
    now = desk.tool.now()

    def opening(there: Attempt | None) -> Attempt | None:
        if there is None:
            return practising.begun(desk, 1, now)
        if there.finished:
            meant = form.act == "practise" or (form.act == "again" and form.number == there.number)
            return practising.begun(desk, there.number + 1, now) if meant else None
        if practised.made_of(desk, there).mark != there.mark:
            return practising.begun(desk, there.number + 1, now)
        return None

    attempt, _ = desk.shelf.change(opening)
    if attempt is None:  # pragma: no cover  # `opening` makes one where there is none
        raise errors.PageRefused("activity_unknown", "activity")
    return attempt


def _hint(desk: Desk, form: Form) -> None:
    """One more hint on a step, if the page that asked for it shows as many as there were."""
    place, shown = form.hint

    def taking(there: Attempt | None) -> Attempt | None:
        if there is None or there.finished or there.number != form.number or there.helps.count(place) != shown:
            return None
        made = practised.made_of(desk, there)
        if made.mark != there.mark or place >= len(made.questions):
            return None
        more = helping.of_scene(made, there, place, desk.language).more
        return replace(there, helps=(*there.helps, place)) if more else None

    desk.shelf.change(taking)


def _answered(desk: Desk, form: Form) -> Mapping[int, str]:
    """Grade all steps together; where one cannot be read nothing counts, and why is told by place."""
    now = desk.tool.now()
    problems: Mapping[int, str] = {}

    def answering(there: Attempt | None) -> Attempt | None:
        nonlocal problems
        problems = {}
        if there is None or there.finished or there.number != form.number:
            return None
        made = practised.made_of(desk, there)
        if made.mark != there.mark:
            return None
        verdicts = _verdicts(made, form)
        problems = {place: one.problem for place, one in enumerate(verdicts) if not one.counts}
        if problems:
            return None
        # All are handed over in one go, so nobody can tell how long any of them took.
        taken = there.helps
        for place, one in enumerate(verdicts):
            there = attempts.answered(there, _given(made.questions[place].step, one, taken.count(place), now))
        return there

    attempt, fresh = desk.shelf.change(answering)
    if attempt is not None and fresh:
        practised.tell(desk, practised.made_of(desk, attempt), attempt, 0)
    return problems


def _given(step: Step, verdict: Verdict, hints: int, now: float) -> Answer:
    """An answer as it is kept: what hints cost is taken off, and the part counts that is right."""
    right = verdict.state == "right"
    worth = credit.credit(step, right=right, part=verdict.credit, hints=hints)
    return Answer(
        written.kept(verdict.given),
        right,
        verdict.cause,
        now,
        None,
        hints=hints,
        credit=None if worth == int(right) else float(worth),
    )


def _verdicts(made: Task, form: Form) -> list[Verdict]:
    found = []
    for place, one in enumerate(made.questions):
        verdict = practice.grade(one.step, form.chosen.get(place, ""))
        found.append(practice.shown(one.step) if form.act == "unknown" and not verdict.counts else verdict)
    return found


def _shown(desk: Desk, made: Task, attempt: Attempt, form: Form, problems: Mapping[int, str]) -> Response:
    """The form, as it stands; in three dimensions with its picture."""
    tool, guest = desk.tool, desk.guest
    kind = desk.activity.partition(":")[2]
    scene = scenes.scene(kind, attempt.seed, date.fromisoformat(attempt.on), tool.catalog(CATALOG))
    laid = board.board(scene, made, attempt, guest.language, chosen=form.chosen, problems=problems)
    return answers.page(
        "scene.html",
        tool,
        guest.language,
        guest.frames,
        scripts=form.view == SPACE,
        styles=STYLES if form.view == SPACE else (),
        board=laid,
        view=form.view,
        person=guest.person,
        linked=guest.person.opens == SCENE,
        carried="" if guest.person.learns else attempts.seal(attempt, tool.bearer_key),
        bearer=bearer.sign(guest.person, guest.language, tool.bearer_key, tool.now),
    )


def _summary(desk: Desk, made: Task, attempt: Attempt, view: str) -> Response:
    """What came of all steps, and a score where the link has one."""
    tool, guest, person = desk.tool, desk.guest, desk.guest.person
    screen = replace(casework.summary(made, attempt, guest.language), steps=[])
    practised.score(desk, attempt, screen.name)
    state = None
    if person.learns and person.opens == SCENE:
        pseudonym = learner.pseudonyms(person, tool.keyring.pseudonym_keys)[0]
        state = scores.line(outbox.status(tool.storage, pseudonym, person.link), guest.language)
    return answers.page(
        "scene_summary.html",
        tool,
        guest.language,
        guest.frames,
        screen=screen,
        view=view,
        person=person,
        linked=person.opens == SCENE,
        score=state,
        carried="" if person.learns else attempts.seal(attempt, tool.bearer_key),
        bearer=bearer.sign(person, guest.language, tool.bearer_key, tool.now),
    )
