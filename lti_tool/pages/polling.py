"""A question to the class: the instructor asks, opens and closes rounds and sees the split; learners answer. Floor 3.

Learners come to it from their page of the course and answer once a round; nothing is said of an answer before the end,
so that neighbours have something to talk over. The first round is told as practice, the second as a further try at it,
which is no evidence of what somebody can do alone. Whoever teaches sees the same page, and nothing is kept of what they
try. Beside it stands what came of all questions in the course.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, date, datetime

from flask import Blueprint, Response, request

from curriculum import bank, practice
from curriculum.bank import draw
from curriculum.practice import answers as written
from curriculum.practice.task import Question
from lti_tool import bearer, emit, errors, exercises, polls, questionfigures, texts, tries
from lti_tool import learner as learners
from lti_tool.emit import Practised
from lti_tool.pages import answers, casework, gate, pollview, questionview, teaching
from lti_tool.pages.gate import Guest
from lti_tool.pages.teaching import Desk
from lti_tool.polls import Answer, Poll
from lti_tool.roster import deeds
from lti_tool.tool import Tool
from lti_tool.tries import Try
from xapi_collector import agents, consent


def blueprint(tool: Tool) -> Blueprint:
    """The pages' own forms."""
    views = Blueprint("polling", __name__)

    @views.post("/lti/poll")
    def answering() -> Response:
        guest = gate.guest()
        return _answering(tool, guest, texts.choose(request.form.get("language"), guest.language))

    @views.post("/lti/class/ask")
    def asking() -> Response:
        return _asking(teaching.posted(tool))

    @views.post("/lti/class/questions")
    def figured() -> Response:
        return _figured(teaching.posted(tool))

    return views


def question(tool: Tool, poll: Poll) -> Question | None:
    """The question of a poll, made again; None where its data have changed since."""
    made = bank.question(tool.catalog(exercises.CATALOG), poll.entry, poll.seed, date.fromisoformat(poll.on))
    return made if made is not None and made.case.mark == poll.mark else None


# The instructor


def _asking(desk: Desk) -> Response:
    """Ask, go on to the next state, or look."""
    tool, form, told = desk.tool, request.form, ""
    if form.get("entry"):
        told = _ask(desk, form["entry"][:255])
    elif form.get("poll") and form.get("step") in polls.STATES:
        poll = polls.find(tool.storage, desk.course.course, form["poll"][:255])
        if poll is None:
            raise errors.PageRefused("not_found", "poll")
        polls.step(tool.storage, poll, form["step"])
    every = polls.of_course(tool.storage, desk.course.course)
    shown = next((one for one in every if one.poll == form.get("look")), every[0] if every else None)
    allowed = consent.allowed(tool.storage, deeds.PURPOSE)
    catalog = tool.catalog(exercises.CATALOG)
    return teaching.page(
        desk,
        "class_ask.html",
        told=told,
        poll=shown,
        page=None
        if shown is None
        else pollview.page(
            shown,
            question(tool, shown),
            polls.splits(tool.storage, shown, lambda one: one in allowed),
            catalog,
            desk.language,
        ),
        former=[pollview.former(one, catalog, desk.language) for one in every if one is not shown],
        fewest=polls.FEWEST,
    )


def _ask(desk: Desk, entry: str) -> str:
    """Ask the class a question of the bank; what became of it, by the end of the id of a text.

    Raises:
        errors.PageRefused: There is no such question.
    """
    tool, now = desk.tool, desk.tool.now()
    token = tool.new_token()
    seed = int.from_bytes(hashlib.sha256(token.encode()).digest()[:4], "big") >> 1
    on = datetime.fromtimestamp(now, UTC).date()
    made = bank.question(tool.catalog(exercises.CATALOG), entry, seed, on)
    if made is None:
        raise errors.PageRefused("not_found", "entry")
    by = agents.pseudonym(learners.agent(desk.guest.person), tool.keyring.pseudonym_key)
    poll = Poll(
        desk.course.course, f"{int(now * 1000):015}-{token[:12]}", entry, seed, on.isoformat(), made.case.mark,
        polls.FIRST, by, int(now),
    )  # fmt: skip
    return "asked" if polls.ask(tool.storage, poll) else "busy"


def _figured(desk: Desk) -> Response:
    """What came of the questions of the bank in the course."""
    tool = desk.tool
    catalog = tool.catalog(exercises.CATALOG)
    allowed = consent.allowed(tool.storage, deeds.PURPOSE)
    counted = {one for one in desk.people if one in allowed}
    given = questionfigures.of_course(tool.storage, [one.link for one in desk.linked], counted)
    found = questionfigures.figures(given, bank.whole(catalog).entries)
    return teaching.page(
        desk,
        "class_questions.html",
        rows=pollview.rows(found, catalog, desk.language),
        known=sum(one.right is not None for one in found.values()),
        count=len(found),
        fewest=questionfigures.FEWEST,
        only=request.form.get("only") == "look",
    )


# The learner


def _answering(tool: Tool, guest: Guest, language: str) -> Response:
    person, form = guest.person, request.form
    names = learners.pseudonyms(person, tool.keyring.pseudonym_keys)
    poll = polls.find(tool.storage, person.context, form.get("poll", "")[:255]) if form.get("poll") else None
    poll = poll or polls.current(tool.storage, person.context)
    made = None if poll is None else question(tool, poll)
    problem, given = "", ",".join(form.getlist("answer"))[: written.LONGEST]
    if poll is not None and made is not None and form.get("act") in {"answer", "unknown"}:
        there = polls.answered(tool.storage, poll, names)
        if form.get("round") == str(poll.round) and poll.round not in there:
            problem = _keep(tool, guest, poll, made)
    mine = {} if poll is None else polls.answered(tool.storage, poll, names)
    return answers.page(
        "poll.html",
        tool,
        language,
        guest.frames,
        person=person,
        poll=poll if made is not None else None,
        mine=mine,
        screen=made
        and casework.question(
            questionview.task(made), questionview.attempt(made), language, problem=problem, typed=given
        ),
        feedback=_feedback(poll, made, mine, language),
        bearer=bearer.sign(person, language, tool.bearer_key, tool.now),
    )


def _feedback(
    poll: Poll | None, made: Question | None, mine: dict[int, Answer], language: str
) -> casework.Screen | None:
    """What is said of a learner's last answer, once the question is closed."""
    if poll is None or made is None or poll.state != polls.CLOSED or not mine:
        return None
    given = mine[max(mine)].given
    return casework.feedback(questionview.task(made), questionview.attempt(made, given), 0, language)


def _keep(tool: Tool, guest: Guest, poll: Poll, made: Question) -> str:
    """Keep an answer and tell of it, of learners alone; why it could not be read, or nothing."""
    person, now = guest.person, tool.now()
    given = ",".join(request.form.getlist("answer"))[: written.LONGEST]
    step = made.step
    verdict = practice.shown(step) if request.form.get("act") == "unknown" else practice.grade(step, given)
    if not verdict.counts:
        return verdict.problem
    learner = learners.pseudonyms(person, tool.keyring.pseudonym_keys)[0]
    answer = Answer(written.kept(verdict.given), verdict.state == "right", verdict.cause, now)
    if person.learns and polls.answer(tool.storage, poll, learner, answer):
        _tell(tool, guest, poll, made, answer)
    return ""


def _tell(tool: Tool, guest: Guest, poll: Poll, made: Question, answer: Answer) -> None:
    """Tell the record store and the class of a new answer, as of practice."""
    person, step = guest.person, made.step
    item = tool.catalog(exercises.CATALOG).items.get(f"practice:{step.skill}")
    if item is None:
        return
    activity = f"{exercises.QUIZ}:{step.skill}"
    told = Practised(
        item=item.activity,
        practice=activity,
        case=draw.KIND,
        seed=poll.seed,
        step=step.id,
        right=answer.right,
        given=answer.given,
        cause=answer.cause,
        rules=(step.rule.id,) if step.rule else (),
        seconds=None,
        at=answer.at,
        hints=int(not answer.given),
        tries=poll.round,
        skills=(step.skill,),
        instance=poll.poll,
    )
    emit.put(tool.emitter, [emit.answered(person, tool.settings.url, told, new_id=tool.new_id)])
    if poll.round == 1:
        learner = learners.pseudonyms(person, tool.keyring.pseudonym_keys)[0]
        one = Try(
            activity, f"{draw.KIND}.{step.id}", step.skill, answer.right, not answer.given, answer.cause, answer.at
        )
        tries.note(tool.storage, person.context, learner, [one])
