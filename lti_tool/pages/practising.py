"""Practice cases and exams: one form after another, each answered at once. Floor 3.

Works without a script and without a cookie: every page carries its bearer, and which step of which attempt it shows. An
answer counts once: sent twice, in two windows or from a page that the back button brought, it shows what is there.
Learners are recorded and scored; whoever teaches sees the same pages, and nothing is kept of them.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime

from flask import Blueprint, Response, request

from curriculum import catalog as catalogs
from curriculum import errors as curriculum_errors
from curriculum import practice
from curriculum.catalog import Catalog
from curriculum.practice import answers as written
from lti_tool import attempts, bearer, emit, errors, exercises, goals, growth, texts, tries
from lti_tool import learner as learners
from lti_tool.attempts import Answer, Attempt, Carried, Kept, Shelf
from lti_tool.emit import Practised
from lti_tool.exercises import CASE, EXAM, QUIZ, SCENE
from lti_tool.grades import outbox
from lti_tool.growth import Fresh
from lti_tool.learner import Learner
from lti_tool.pages import answers, casework, gate, lesson, scores
from lti_tool.pages.casework import Screen, Task
from lti_tool.pages.gate import Guest
from lti_tool.tool import Tool
from lti_tool.tries import Try

CATALOG = "cbec"
GRADED = (CASE, QUIZ, EXAM)
GONE = (curriculum_errors.UnknownReference, curriculum_errors.NoCase)
"""What making a task raises where nothing, or too little, is left to ask."""
"""What a link may open here, with a score."""
SCORED = (*GRADED, SCENE)
"""What is told and scored in this way, on whatever page it is answered."""


@dataclass(frozen=True)
class Desk:
    """A request's view of one activity: who is at it, and where the attempt is kept."""

    tool: Tool
    guest: Guest
    activity: str
    shelf: Shelf

    @property
    def person(self) -> Learner:
        """Who is at it."""
        return self.guest.person


@dataclass(frozen=True)
class Form:
    """What a page of practice sends besides its bearer."""

    act: str
    number: int
    place: int
    screen: str
    answer: str


def blueprint(tool: Tool) -> Blueprint:
    """The forms of practice."""
    views = Blueprint("practising", __name__)

    @views.post("/lti/practice")
    def go() -> Response:
        guest = gate.guest()
        guest = replace(guest, language=texts.choose(request.form.get("language"), guest.language))
        desk = _desk(tool, guest, request.form.get("activity", ""), request.form.get("carried", ""))
        return _go(desk, _form())

    return views


def open_(tool: Tool, guest: Guest) -> Response:
    """What a link to a case or an exam opens.

    Raises:
        errors.PageRefused: The link names a case or an exam that does not exist.
    """
    desk = _desk(tool, guest, "", "")
    if guest.person.learns:
        emit.put(tool.emitter, [emit.launched(guest.person, tool.settings.url, new_id=tool.new_id, now=tool.now())])
    return _go(desk, Form("open", 0, 0, "", ""))


def practise(tool: Tool, guest: Guest, activity: str) -> Response:
    """Open a case from a page of the path: the attempt that is there, or a new one where that is finished.

    Raises:
        errors.PageRefused: There is no such case, or the link does not open it.
    """
    return _go(_desk(tool, guest, activity, ""), Form("practise", 0, 0, "", ""))


def _form() -> Form:
    def whole(name: str) -> int:
        text = request.form.get(name, "")
        return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0

    act = "language" if request.form.get("language") else request.form.get("act", "open")
    answer = ",".join(request.form.getlist("answer"))
    return Form(act, whole("number"), whole("place"), request.form.get("screen", ""), answer)


def _desk(tool: Tool, guest: Guest, wanted: str, carried: str) -> Desk:
    """The activity of the link, or the case that a page of the path asks for.

    Raises:
        errors.PageRefused: There is no such case or exam, or the link does not open it.
    """
    person = guest.person
    if person.opens in GRADED:
        plan = practice.plans()[0].id if person.opens == EXAM else ""
        activity = f"{person.opens}:{person.subject or plan}"
    else:
        activity = wanted
        if not activity.startswith((f"{CASE}:", f"{QUIZ}:")):
            raise errors.PageRefused("activity_unknown", "activity")
    if person.catalog != CATALOG:
        raise errors.PageRefused("activity_unknown", "custom.catalog")
    if not exercises.there(tool.catalog(CATALOG), activity):
        raise errors.PageRefused("activity_unknown", f"custom.{person.opens}")
    return Desk(tool, guest, activity, shelf(tool, person, activity, carried))


def shelf(tool: Tool, person: Learner, activity: str, carried: str) -> Shelf:
    """Where the attempt of a person at an activity is kept: in the store, or in the page of whoever only looks.

    Args:
        tool: The running tool.
        person: Whose it is.
        activity: "case:" and a kind, ...
        carried: The hidden field of the page, where there is one.
    """
    if person.learns:
        pseudonyms = learners.pseudonyms(person, tool.keyring.pseudonym_keys)
        return Kept(tool.storage, pseudonyms, person.link, activity)
    there = attempts.unseal(carried, tool.bearer_key)
    return Carried(there if there and there.activity == activity else None)


def _go(desk: Desk, form: Form) -> Response:
    if form.act in {"answer", "unknown"}:
        return _answer(desk, form)
    attempt, made = _open(desk, form)
    language = desk.guest.language
    explained = form.screen == "feedback" and form.number == attempt.number and form.place < attempt.place
    if form.act == "language" and explained and not made.exam:
        return _explained(desk, made, attempt, form.place)
    return _page(desk, attempt, _current(made, attempt, language))


def _open(desk: Desk, form: Form) -> tuple[Attempt, Task]:
    """Go on with the attempt that is there, or begin one; a finished case begins anew where that is asked for."""
    now = desk.tool.now()
    renewing = form.act in {"again", "practise"}

    def opening(there: Attempt | None) -> Attempt | None:
        if there is None:
            return begun(desk, 1, now)
        exam = there.activity.startswith(f"{EXAM}:") and desk.person.learns
        # A page of an earlier attempt asks for nothing; the button of the path knows no number.
        meant = renewing and (form.act == "practise" or form.number == there.number)
        if there.finished:
            return begun(desk, there.number + 1, now) if meant and not exam else None
        if made_of(desk, there).mark != there.mark:
            return begun(desk, there.number + 1, now)
        return None if form.act == "language" else replace(there, since=now)

    attempt, _ = desk.shelf.change(opening)
    if attempt is None:  # pragma: no cover  # `opening` makes one where there is none
        raise errors.PageRefused("activity_unknown", "activity")
    return attempt, made_of(desk, attempt)


def _answer(desk: Desk, form: Form) -> Response:
    """Grade an answer; nonsense is asked about again, and what was answered before stays."""
    now, language = desk.tool.now(), desk.guest.language
    problem = ""

    def answering(there: Attempt | None) -> Attempt | None:
        nonlocal problem
        problem = ""
        if there is None or there.finished or (there.number, there.place) != (form.number, form.place):
            return None
        made = made_of(desk, there)
        if made.mark != there.mark:
            return None
        step = made.questions[there.place].step
        verdict = practice.shown(step) if form.act == "unknown" else practice.grade(step, form.answer)
        if not verdict.counts:
            problem = verdict.problem
            return None
        given = written.kept(verdict.given)
        took = attempts.took(there, now)
        return attempts.answered(there, Answer(given, verdict.state == "right", verdict.cause, now, took))

    attempt, fresh = desk.shelf.change(answering)
    if attempt is None or made_of(desk, attempt).mark != attempt.mark:
        return _go(desk, replace(form, act="open"))
    made = made_of(desk, attempt)
    if fresh:
        tell(desk, made, attempt, _first(made, attempt))
    if problem:
        return _page(desk, attempt, casework.question(made, attempt, language, problem=problem, typed=form.answer))
    if not made.exam and form.number == attempt.number and form.place < attempt.place:
        return _explained(desk, made, attempt, form.place)
    return _page(desk, attempt, _current(made, attempt, language))


def _current(made: Task, attempt: Attempt, language: str) -> Screen:
    """The step to be answered now, or the summary."""
    if attempt.finished:
        return casework.summary(made, attempt, language)
    return casework.question(made, attempt, language)


def begun(desk: Desk, number: int, now: float) -> Attempt:
    """A new attempt with a seed of its own.

    Raises:
        errors.PageRefused: There is nothing to ask today: what there was has ended, or was taken out.
    """
    seed = int.from_bytes(hashlib.sha256(desk.tool.new_token().encode()).digest()[:4], "big") >> 1
    on = datetime.fromtimestamp(now, UTC).date()
    try:
        made = casework.task(desk.activity, seed, on, desk.tool.catalog(CATALOG))
    except GONE as error:
        raise errors.PageRefused("activity_empty", "activity") from error
    return attempts.begin(
        desk.activity, number, seed, on=on.isoformat(), mark=made.mark, total=len(made.questions), now=now
    )


def made_of(desk: Desk, attempt: Attempt) -> Task:
    """The task of an attempt, made again; without questions, and so of another mark, where they are gone since."""
    catalog, exam = desk.tool.catalog(CATALOG), attempt.activity.startswith(f"{EXAM}:")
    try:
        return casework.task(attempt.activity, attempt.seed, date.fromisoformat(attempt.on), catalog)
    except GONE:
        called = exercises.name(catalog, attempt.activity) or {"en": "", "zh": ""}
        return Task(attempt.activity, exam, called, (), "")


def tell(desk: Desk, made: Task, attempt: Attempt, first: int) -> None:
    """Tell the LRS of a learner's new answers, and of the end; and count them for the class.

    Args:
        desk: Who is at it.
        made: The task.
        attempt: With the new answers.
        first: The place of the first new one.
    """
    if not desk.person.learns:
        return
    tool, url = desk.tool, desk.tool.settings.url
    told = [
        emit.answered(desk.person, url, _practised(desk, made, attempt, place), new_id=tool.new_id)
        for place in range(first, attempt.place)
    ]
    if attempt.finished:
        told.append(
            emit.completed(
                desk.person,
                url,
                made.activity,
                words=made.name,
                right=attempt.right,
                total=attempt.total,
                new_id=tool.new_id,
                now=attempt.finished,
            )
        )
    emit.put(tool.emitter, told)
    pseudonym = learners.pseudonyms(desk.person, tool.keyring.pseudonym_keys)[0]
    tries.note(
        tool.storage, desk.person.context, pseudonym, [_try(made, attempt, one) for one in range(first, attempt.place)]
    )


def _first(made: Task, attempt: Attempt) -> int:
    """The first answer that is new to the LRS: an exam's come when it ends, because before the learner sees none."""
    if not made.exam:
        return attempt.place - 1
    return 0 if attempt.finished else attempt.place


def _try(made: Task, attempt: Attempt, place: int) -> Try:
    case, step, answer = made.questions[place].case, made.questions[place].step, attempt.answers[place]
    return Try(
        made.activity, f"{case.kind}.{step.id}", step.skill, answer.right, not answer.given, answer.cause, answer.at
    )


def _taught(desk: Desk, skill: str) -> Catalog:
    """The catalog as the institution teaches it; the shipped one for a skill that it took out meanwhile."""
    taught = desk.tool.catalog(CATALOG)
    return taught if skill in taught.skills else catalogs.load(CATALOG)


def _practised(desk: Desk, made: Task, attempt: Attempt, place: int) -> Practised:
    case, step, answer = made.questions[place].case, made.questions[place].step, attempt.answers[place]
    return Practised(
        item=_taught(desk, step.skill).items[f"practice:{step.skill}"].activity,
        practice=made.activity,
        case=case.kind,
        seed=case.seed,
        step=step.id,
        right=answer.right,
        given=answer.given,
        cause=answer.cause,
        rules=(step.rule.id,) if step.rule else (),
        seconds=answer.seconds,
        at=answer.at,
        hints=int(not answer.given and not made.exam),  # an exam shows no answer before its end
    )


def _explained(desk: Desk, made: Task, attempt: Attempt, place: int) -> Response:
    """The feedback on an answer, and what it told of its skill; the second is a learner's alone."""
    skill = made.questions[place].step.skill
    screen = casework.feedback(made, attempt, place, desk.guest.language)
    if lesson.has(desk.tool.catalog(CATALOG), skill):
        screen = replace(screen, lesson=skill)
    if desk.person.learns:
        screen = replace(screen, gain=_gain(desk, made, attempt, place))
    return _page(desk, attempt, screen)


def _gain(desk: Desk, made: Task, attempt: Attempt, place: int) -> casework.Gain:
    tool, person, language = desk.tool, desk.person, desk.guest.language
    skill = made.questions[place].step.skill
    catalog = _taught(desk, skill)
    pseudonym = learners.pseudonyms(person, tool.keyring.pseudonym_keys)[0]
    role = person.role or goals.chosen(tool.storage, pseudonym, person.context)
    target = catalog.roles[role].targets.get(skill) if role in catalog.roles else None
    fresh = [
        Fresh(f"practice:{one.step.skill}", answer.right, answer.at)
        for one, answer in zip(made.questions[: place + 1], attempt.answers, strict=False)
        if one.step.skill in catalog.skills
    ]
    before, after = growth.grown(
        tool.storage, tool.models, catalog, pseudonym, fresh, skill=skill, now=max(tool.now(), fresh[-1].at)
    )
    return casework.gain(before, after, catalog.skills[skill].name[language], target, texts.speaker(language))


def score(desk: Desk, attempt: Attempt, name: str) -> None:
    """Hand a finished attempt to the outbox of grades, once; a crash in between hands it over at the next page.

    Inside a path practice has no score of its own: the path's score follows the profile.
    """
    if attempt.scored or not attempt.finished or not desk.person.learns or desk.person.opens not in SCORED:
        return
    say = texts.speaker(desk.guest.language)
    outbox.put(
        desk.tool.storage,
        desk.tool.keyring,
        desk.person,
        given=float(attempt.right),
        maximum=float(attempt.total),
        activity_progress="Completed",
        grading_progress=outbox.GRADED,
        comment=say("practice.comment", name=name, right=attempt.right, total=attempt.total),
        now=desk.tool.now(),
    )

    def handed(there: Attempt | None) -> Attempt | None:
        return replace(there, scored=True) if there and there.number == attempt.number else None

    desk.shelf.change(handed)


def _page(desk: Desk, attempt: Attempt, screen: Screen) -> Response:
    tool, guest, person = desk.tool, desk.guest, desk.person
    score(desk, attempt, screen.name)
    state = None
    if screen.kind == "summary" and person.learns and person.opens in GRADED:
        pseudonym = learners.pseudonyms(person, tool.keyring.pseudonym_keys)[0]
        state = scores.line(outbox.status(tool.storage, pseudonym, person.link), guest.language)
    return answers.page(
        "practice.html",
        tool,
        guest.language,
        guest.frames,
        screen=screen,
        person=person,
        linked=person.opens in GRADED,
        score=state,
        carried="" if person.learns else attempts.seal(attempt, tool.bearer_key),
        bearer=bearer.sign(person, guest.language, tool.bearer_key, tool.now),
    )
