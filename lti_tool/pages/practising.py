"""Practice cases and exams: one form after another, each answered at once. Floor 3.

Works without a script and without a cookie: every page carries its bearer, and which step of which attempt it shows. An
answer counts once: sent twice, in two windows or from a page that the back button brought, it shows what is there; and
so does a hint. Learners are recorded and scored; whoever teaches sees the same pages, and nothing is kept of them.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from flask import Blueprint, Response, request

from curriculum import practice
from curriculum.practice import answers as written
from curriculum.practice import credit
from curriculum.practice.task import Step, Verdict
from lti_tool import (
    allowances,
    attempts,
    bearer,
    clocks,
    emit,
    errors,
    exercises,
    goals,
    growth,
    practised,
    tasks,
    texts,
)
from lti_tool import learner as learners
from lti_tool.attempts import Answer, Attempt, Carried, Kept, Shelf
from lti_tool.exercises import CASE, EXAM, QUIZ
from lti_tool.grades import outbox
from lti_tool.growth import Fresh
from lti_tool.learner import Learner
from lti_tool.pages import answers, casework, gate, helping, lesson, otherwise, scores
from lti_tool.pages.casework import Screen
from lti_tool.pages.gate import Guest
from lti_tool.pages.otherwise import Offer
from lti_tool.phrasing import facts as known
from lti_tool.phrasing import phrases
from lti_tool.practised import CATALOG, GONE, GRADED
from lti_tool.tasks import Task
from lti_tool.tool import Tool


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

    @property
    def language(self) -> str:
        """Of the page."""
        return self.guest.language


@dataclass(frozen=True)
class Form:
    """What a page of practice sends besides its bearer.

    Attributes:
        act: The button that was pressed.
        number: Of the attempt.
        place: Of the step that the page shows.
        screen: Which page it was.
        answer: What was typed or chosen.
        tries: How many tries of the step it shows.
        helps: How many hints it shows.
    """

    act: str
    number: int
    place: int
    screen: str
    answer: str
    tries: int = 0
    helps: int = 0


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
    where = (whole("number"), whole("place"), request.form.get("screen", ""))
    return Form(act, *where, answer, whole("tries"), whole("helps"))


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
    if form.act == "hint":
        return _hint(desk, form)
    attempt, made = _open(desk, form)
    explained = form.screen == "feedback" and form.number == attempt.number and form.place < attempt.place
    if form.act in {"language", "words"} and explained and not made.exam:
        return _explained(desk, made, attempt, form.place, asked=form.act == "words")
    return _page(desk, attempt, _current(desk, made, attempt))


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
        if practised.made_of(desk, there).mark != there.mark:
            return begun(desk, there.number + 1, now)
        return None if form.act == "language" else replace(there, since=now)

    attempt, fresh = desk.shelf.change(opening)
    if attempt is None:  # pragma: no cover  # `opening` makes one where there is none
        raise errors.PageRefused("activity_unknown", "activity")
    if fresh and attempt.begun == now:
        practised.tell_begun(desk, practised.made_of(desk, attempt), attempt)
    if attempt.deadline and not attempt.finished and desk.person.learns:
        # At every page: whoever crashed between the attempt and its clock still gets one.
        keyring = desk.tool.keyring
        clocks.start(desk.tool.storage, keyring, clocks.of_person(desk.person, desk.language, desk.activity, keyring))
    attempt = _on_time(desk, attempt)
    return attempt, practised.made_of(desk, attempt)


def _on_time(desk: Desk, attempt: Attempt) -> Attempt:
    """An attempt that ends where its time is over; else as it is. Grace is for an answer that was on its way alone."""
    if attempt.finished or not clocks.over(attempt, desk.tool.now()):
        return attempt
    ended = practised.end(desk, attempt.deadline)
    return attempt if ended is None else ended


def _hint(desk: Desk, form: Form) -> Response:
    """One more hint, if the page that asked for it shows the step as it is."""

    def taking(there: Attempt | None) -> Attempt | None:
        if there is None or not _shows(form, there) or len(there.helps) != form.helps:
            return None
        made = practised.made_of(desk, there)
        if made.exam or made.mark != there.mark:
            return None
        more = attempts.helped(there)
        return more if helping.more(made, there) else None

    attempt, _ = desk.shelf.change(taking)
    if attempt is None or not _shows(form, attempt):
        return _go(desk, replace(form, act="open"))
    made = practised.made_of(desk, attempt)
    if made.mark != attempt.mark:
        return _go(desk, replace(form, act="open"))
    return _page(desk, attempt, _asking(desk, made, attempt, typed=form.answer))


def _asking(desk: Desk, made: Task, attempt: Attempt, *, problem: str = "", typed: str = "") -> Screen:
    """The step to be answered now, with its hints and the time that is left."""
    screen = casework.question(made, attempt, desk.language, problem=problem, typed=typed)
    if attempt.deadline:
        left, factor = clocks.left(attempt, desk.tool.now()), clocks.stretched(attempt)
        extra = texts.speaker(desk.language)("practice.extra", factor=f"{factor:g}") if factor > 1 else ""
        screen = replace(screen, left=left, extra=extra)
    return replace(screen, help=helping.of_step(made, attempt, desk.language))


def _shows(form: Form, attempt: Attempt) -> bool:
    """Whether a page shows the step that is to be answered now, as it is."""
    shown = (form.number, form.place, form.tries)
    return not attempt.finished and shown == (attempt.number, attempt.place, len(attempt.earlier))


def _answer(desk: Desk, form: Form) -> Response:
    """Grade an answer; nonsense is asked about again, and what was answered before stays."""
    now = desk.tool.now()
    problem = ""
    tried: Answer | None = None

    def answering(there: Attempt | None) -> Attempt | None:
        nonlocal problem, tried
        problem, tried = "", None
        if there is None or not _shows(form, there) or clocks.over(there, now, clocks.GRACE):
            return None
        made = practised.made_of(desk, there)
        if made.mark != there.mark:
            return None
        asked = made.questions[there.place]
        step = asked.step
        verdict = practice.shown(step) if form.act == "unknown" else practice.grade(step, form.answer)
        if not verdict.counts:
            problem = verdict.problem
            return None
        tried = replace(_given(there, step, verdict, now), step=f"{asked.case.kind}.{step.id}")
        if not tried.right and tried.given and tried.tries < there.tries and not made.exam:
            return attempts.tried(there, tried.given, now)
        return attempts.answered(there, tried)

    attempt, fresh = desk.shelf.change(answering)
    if attempt is None or practised.made_of(desk, attempt).mark != attempt.mark:
        return _go(desk, replace(form, act="open"))
    made = practised.made_of(desk, attempt)
    if fresh and tried is not None and attempt.earlier:
        practised.tell_try(desk, made, attempt, tried)
    elif fresh:
        practised.tell(desk, made, attempt, practised.first_new(made, attempt))
    if problem:
        return _page(desk, attempt, _asking(desk, made, attempt, problem=problem, typed=form.answer))
    if not made.exam and form.number == attempt.number and form.place < attempt.place:
        return _explained(desk, made, attempt, form.place)
    attempt = _on_time(desk, attempt)
    return _page(desk, attempt, _current(desk, made, attempt))


def _given(there: Attempt, step: Step, verdict: Verdict, now: float) -> Answer:
    """An answer as it is kept, with what came before it at this step."""
    right, tries = verdict.state == "right", len(there.earlier) + 1
    worth = credit.credit(step, right=right, part=verdict.credit, hints=len(there.helps), tries=tries)
    return Answer(
        written.kept(verdict.given),
        right,
        verdict.cause,
        now,
        attempts.took(there, now),
        hints=len(there.helps),
        tries=tries,
        credit=None if worth == int(right) else float(worth),
        earlier=there.earlier,
        first=there.first,
    )


def _current(desk: Desk, made: Task, attempt: Attempt) -> Screen:
    """The step to be answered now, or the summary."""
    if attempt.finished:
        return casework.summary(made, attempt, desk.language)
    return _asking(desk, made, attempt)


def begun(desk: Desk, number: int, now: float) -> Attempt:
    """A new attempt with a seed of its own, and a deadline where its link or its plan has one.

    Raises:
        errors.PageRefused: There is nothing to ask today: what there was has ended, or was taken out; or the platform
            has closed it.
    """
    seed = int.from_bytes(hashlib.sha256(desk.tool.new_token().encode()).digest()[:4], "big") >> 1
    on = datetime.fromtimestamp(now, UTC).date()
    try:
        made = tasks.task(desk.activity, seed, on, desk.tool.catalog(CATALOG))
    except GONE as error:
        raise errors.PageRefused("activity_empty", "activity") from error
    linked = desk.person.opens in GRADED
    attempt = attempts.begin(
        desk.activity,
        number,
        seed,
        on=on.isoformat(),
        mark=made.mark,
        total=len(made.questions),
        now=now,
        tries=desk.person.tries if linked and not made.exam else 1,
    )
    return _timed(desk, made, attempt) if made.exam else attempt


def _timed(desk: Desk, made: Task, attempt: Attempt) -> Attempt:
    """An exam with its deadline.

    Raises:
        errors.PageRefused: The platform has closed it.
    """
    tool, person = desk.tool, desk.person
    pseudonyms = learners.pseudonyms(person, tool.keyring.pseudonym_keys)
    extra = max(person.extra, allowances.of(tool.storage, person.context, pseudonyms) if person.learns else 1.0)
    limit = made.minutes * clocks.MINUTE if (made.timed and person.timed != "no") or person.timed == "yes" else 0.0
    timed = clocks.timed(attempt, limit, extra, person.closes if person.learns else 0.0)
    if clocks.over(timed, attempt.begun):
        raise errors.PageRefused("activity_closed", "custom.closes")
    return timed


def other_words(tool: Tool, guest: Guest) -> Offer | None:
    """What a language model says of the feedback that a form names; None where nothing is offered.

    Args:
        tool: The running tool.
        guest: Who asks.

    Raises:
        errors.PageRefused: There is no such case or exam, or the link does not open it.
    """
    desk, form = _desk(tool, guest, request.form.get("activity", ""), request.form.get("carried", "")), _form()
    attempt, _ = desk.shelf.change(lambda _: None)
    if attempt is None or form.number != attempt.number or form.place >= attempt.place:
        return None
    made = practised.made_of(desk, attempt)
    if made.exam or made.mark != attempt.mark:
        return None
    screen = casework.feedback(made, attempt, form.place, desk.language)
    return _offer(desk, made, screen, request.form.get("level", ""), asked=True)


def _offer(desk: Desk, made: Task, screen: Screen, level: str, *, asked: bool) -> Offer | None:
    """What is offered below the feedback; asks the model only where somebody asked for it."""
    writer, level = desk.tool.writer, level if level in known.LEVELS else known.SOME
    if writer is None or not phrases.is_on(desk.tool.storage, desk.person.context):
        return None
    facts = otherwise.facts(screen, made.questions[screen.place].step.name[desk.language], desk.language, level)
    if facts is None:
        return None
    return otherwise.offer(writer.want(facts) if asked else writer.look(facts), level, asked=asked)


def _explained(desk: Desk, made: Task, attempt: Attempt, place: int, *, asked: bool = False) -> Response:
    """The feedback on an answer, and what it told of its skill; the second is a learner's alone."""
    skill = made.questions[place].step.skill
    screen, level = casework.feedback(made, attempt, place, desk.language), known.SOME
    if lesson.has(desk.tool.catalog(CATALOG), skill):
        screen = replace(screen, lesson=skill)
    if desk.person.learns:
        gain = _gain(desk, made, attempt, place)
        screen, level = replace(screen, gain=gain), known.level(gain.level)
    return _page(desk, attempt, screen, _offer(desk, made, screen, level, asked=asked))


def _gain(desk: Desk, made: Task, attempt: Attempt, place: int) -> casework.Gain:
    tool, person, language = desk.tool, desk.person, desk.guest.language
    skill = made.questions[place].step.skill
    catalog = practised.taught(desk, skill)
    pseudonym = learners.pseudonyms(person, tool.keyring.pseudonym_keys)[0]
    role = person.role or goals.chosen(tool.storage, pseudonym, person.context)
    target = catalog.roles[role].targets.get(skill) if role in catalog.roles else None
    # What counts is the first try, and what was done without a hint.
    fresh = [
        Fresh(f"practice:{one.step.skill}", alone(answer), answer.first or answer.at)
        for one, answer in zip(made.questions[: place + 1], attempt.answers, strict=False)
        if one.step.skill in catalog.skills
    ]
    before, after = growth.grown(
        tool.storage, tool.models, catalog, pseudonym, fresh, skill=skill, now=max(tool.now(), fresh[-1].at)
    )
    return casework.gain(before, after, catalog.skills[skill].name[language], target, texts.speaker(language))


def _lasts(screen: Screen) -> int:
    """Seconds that a page is good for."""
    return bearer.LIFETIME if screen.left is None else screen.left + int(clocks.GRACE) + bearer.LIFETIME


def alone(answer: Answer) -> bool:
    """Whether an answer shows what somebody can do alone: right at the first try, without a hint."""
    return answer.right and not answer.hints and answer.tries == 1


def _page(desk: Desk, attempt: Attempt, screen: Screen, words: Offer | None = None) -> Response:
    tool, guest, person = desk.tool, desk.guest, desk.person
    practised.score(desk, attempt, screen.name)
    state = None
    if screen.kind == "summary" and person.learns and person.opens in GRADED:
        pseudonym = learners.pseudonyms(person, tool.keyring.pseudonym_keys)[0]
        state = scores.line(outbox.status(tool.storage, pseudonym, person.link), guest.language)
    return answers.page(
        "practice.html",
        tool,
        guest.language,
        guest.frames,
        scripts=screen.left is not None or bool(words and words.open),
        calls=bool(words and words.open),
        words=words,
        screen=screen,
        person=person,
        linked=person.opens in GRADED,
        score=state,
        carried="" if person.learns else attempts.seal(attempt, tool.bearer_key),
        # A page of a timed exam lasts as long as the exam: somebody may think over one question for more than an hour.
        bearer=bearer.sign(person, guest.language, tool.bearer_key, tool.now, _lasts(screen)),
    )
