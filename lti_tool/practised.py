"""What follows from practice: statements, a score for the gradebook, the end of an attempt. Floor 3.

Pages call it while a learner is there, and the background worker where nobody is: an exam whose time is over ends by
itself, with what was answered.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Protocol

from curriculum import catalog as catalogs
from curriculum import errors as curriculum_errors
from curriculum.catalog import Catalog
from lti_tool import allowances, attempts, clocks, emit, exercises, tasks, texts, tries
from lti_tool import learner as learners
from lti_tool.attempts import Answer, Attempt, Kept, Shelf
from lti_tool.emit import Practised, Whole
from lti_tool.exercises import CASE, EXAM, QUIZ, SCENE
from lti_tool.grades import outbox
from lti_tool.learner import Learner
from lti_tool.tasks import Task
from lti_tool.tool import Tool
from lti_tool.tries import Try

CATALOG = exercises.CATALOG
GONE = (curriculum_errors.UnknownReference, curriculum_errors.NoCase)
"""What making a task raises where nothing, or too little, is left to ask."""
GRADED = (CASE, QUIZ, EXAM)
"""What a link may open as a row of questions, with a score."""
SCORED = (*GRADED, SCENE)
"""What is told and scored in this way, on whatever page it is answered."""


class Sitting(Protocol):
    """Who is at which activity, and where the attempt is kept."""

    @property
    def tool(self) -> Tool:
        """The running tool."""

    @property
    def person(self) -> Learner:
        """Who is at it."""

    @property
    def language(self) -> str:
        """Of what they read."""

    @property
    def activity(self) -> str:
        """Such as "case:freight"."""

    @property
    def shelf(self) -> Shelf:
        """Where the attempt is kept."""


@dataclass(frozen=True)
class Absent:
    """A sitting of somebody who is not there any more: their exam ends without them."""

    tool: Tool
    person: Learner
    language: str
    activity: str
    shelf: Shelf


def made_of(sitting: Sitting, attempt: Attempt) -> Task:
    """The task of an attempt, made again; without questions, and so of another mark, where they are gone since."""
    catalog, exam = sitting.tool.catalog(CATALOG), attempt.activity.startswith(f"{EXAM}:")
    try:
        return tasks.task(attempt.activity, attempt.seed, date.fromisoformat(attempt.on), catalog)
    except GONE:
        called = exercises.name(catalog, attempt.activity) or {"en": "", "zh": ""}
        return Task(attempt.activity, exam, called, (), "")


def tell_begun(sitting: Sitting, made: Task, attempt: Attempt) -> None:
    """Tell the LRS that a learner began an attempt."""
    if sitting.person.learns:
        tool, whole = sitting.tool, _whole(sitting, made, attempt)
        told = emit.initialized(sitting.person, tool.settings.url, whole, new_id=tool.new_id, now=attempt.begun)
        emit.put(tool.emitter, [told])


def tell(sitting: Sitting, made: Task, attempt: Attempt, first: int) -> None:
    """Tell the LRS of a learner's new answers, and of the end; and count them for the class.

    Args:
        sitting: Who is at what.
        made: The task.
        attempt: With the new answers.
        first: The place of the first new one.
    """
    if not sitting.person.learns:
        return
    tool, url = sitting.tool, sitting.tool.settings.url
    new = [(place, attempt.answers[place]) for place in range(first, attempt.place)]
    told = [
        emit.answered(sitting.person, url, _practised(sitting, made, attempt, *one), new_id=tool.new_id) for one in new
    ]
    if attempt.finished:
        whole = _whole(sitting, made, attempt)
        told.append(emit.finished(sitting.person, url, whole, new_id=tool.new_id, now=attempt.finished))
    emit.put(tool.emitter, told)
    _note(sitting, made, new)


def tell_try(sitting: Sitting, made: Task, attempt: Attempt, answer: Answer) -> None:
    """Tell the LRS of a try that was not right, where the step stays open; the class counts the first one.

    Args:
        sitting: Who is at what.
        made: The task.
        attempt: With the step open.
        answer: What was tried.
    """
    if sitting.person.learns:
        tool = sitting.tool
        one = _practised(sitting, made, attempt, attempt.place, answer)
        emit.put(tool.emitter, [emit.answered(sitting.person, tool.settings.url, one, new_id=tool.new_id)])
        _note(sitting, made, [(attempt.place, answer)])


def first_new(made: Task, attempt: Attempt) -> int:
    """The first answer that is new to the LRS: an exam's come when it ends, because before the learner sees none."""
    if not made.exam:
        return attempt.place - 1
    return 0 if attempt.finished else attempt.place


def score(sitting: Sitting, attempt: Attempt, name: str) -> None:
    """Hand a finished attempt to the outbox of grades, once; a crash in between hands it over at the next page.

    Inside a path practice has no score of its own: the path's score follows the profile.
    """
    person, tool = sitting.person, sitting.tool
    if attempt.scored or not attempt.finished or not person.learns or person.opens not in SCORED:
        return
    say = texts.speaker(sitting.language)
    comment = say("practice.comment", name=name, right=attempt.right, total=attempt.total)
    if attempt.points != attempt.right:
        comment = say("practice.comment.points", comment=comment, points=points(attempt.points))
    sent = outbox.put(
        tool.storage,
        tool.keyring,
        person,
        given=attempt.points,
        maximum=float(attempt.total),
        activity_progress="Completed",
        grading_progress=outbox.GRADED,
        comment=comment,
        now=tool.now(),
    )

    def handed(there: Attempt | None) -> Attempt | None:
        return replace(there, scored=True) if there and there.number == attempt.number else None

    _, fresh = sitting.shelf.change(handed)
    if fresh and sent:
        made = made_of(sitting, attempt)
        whole = _whole(sitting, made, attempt)
        told = emit.scored(person, tool.settings.url, whole, new_id=tool.new_id, now=tool.now())
        emit.put(tool.emitter, [told])


def points(value: float) -> str:
    """Points as a page shows them: without zeros at the end.

    >>> points(3.0), points(2.75), points(0.5)
    ('3', '2.75', '0.5')
    """
    return f"{value:.2f}".rstrip("0").rstrip(".")


def registration(sitting: Sitting, attempt: Attempt) -> str:
    """The registration of an attempt: a UUID made of what tells it from every other (RFC 9562, section 5.5)."""
    person = sitting.person
    parts = (person.iss, person.sub, person.link, attempt.activity, attempt.number, attempt.seed, attempt.begun)
    return str(uuid.uuid5(uuid.NAMESPACE_URL, "\x1f".join(map(str, parts))))


def end(sitting: Sitting, at: float) -> Attempt | None:
    """End an attempt whose time is over, tell of it and score it; None where it is not there.

    Args:
        sitting: Who is at what, or was.
        at: Seconds since the epoch: its deadline.
    """

    def ending(there: Attempt | None) -> Attempt | None:
        return None if there is None or there.finished else attempts.ended(there, at)

    attempt, fresh = sitting.shelf.change(ending)
    if attempt is None:
        return None
    made = made_of(sitting, attempt)
    if fresh:
        tell(sitting, made, attempt, 0)
    score(sitting, attempt, made.name[sitting.language])
    return attempt


def end_due(tool: Tool) -> int:
    """End the exams whose time is over, although nobody asks for a page; answer how many.

    Safe in several processes at once, and to be killed at any moment: each step happens once, and a clock goes last.
    """
    ended = 0
    for clock in clocks.running(tool.storage, tool.keyring):
        pseudonyms = (clock.learner, *learners.pseudonyms(clock.person, tool.keyring.pseudonym_keys))
        shelf = Kept(tool.storage, pseudonyms, clock.link, clock.activity)
        sitting = Absent(tool, clock.person, clock.language, clock.activity, shelf)
        there, _ = shelf.change(lambda _: None)
        if there is not None and not there.finished and not clocks.over(there, tool.now(), clocks.GRACE):
            continue
        if there is not None and not there.scored:
            end(sitting, there.deadline)
            ended += 1
        clocks.stop(tool.storage, clock)
    return ended


def extend(tool: Tool, pseudonym: str, course: str, factor: float) -> None:
    """Settle extra time of a learner of a course, for the exams that run there too.

    Args:
        tool: The running tool.
        pseudonym: Of the learner.
        course: The key of the course.
        factor: One of `learner.FACTORS`.
    """
    allowances.settle(tool.storage, course, pseudonym, factor)
    for clock in clocks.running(tool.storage, tool.keyring):
        if clock.learner == pseudonym and clock.person.context == course:
            shelf = Kept(tool.storage, (pseudonym,), clock.link, clock.activity)
            shelf.change(lambda there: _extended(there, max(factor, clock.person.extra)))  # noqa: B023  (used at once)


def _extended(there: Attempt | None, factor: float) -> Attempt | None:
    return None if there is None or there.finished else clocks.timed(there, there.limit, factor, there.closes)


def taught(sitting: Sitting, skill: str) -> Catalog:
    """The catalog as the institution teaches it; the shipped one for a skill that it took out meanwhile."""
    found = sitting.tool.catalog(CATALOG)
    return found if skill in found.skills else catalogs.load(CATALOG)


def _note(sitting: Sitting, made: Task, new: Sequence[tuple[int, Answer]]) -> None:
    """Count first tries for the class: a further one has its cause already."""
    tool = sitting.tool
    pseudonym = learners.pseudonyms(sitting.person, tool.keyring.pseudonym_keys)[0]
    counted = [_try(made, place, answer) for place, answer in new if answer.tries == 1]
    tries.note(tool.storage, sitting.person.context, pseudonym, counted)


def _try(made: Task, place: int, answer: Answer) -> Try:
    case, step = made.questions[place].case, made.questions[place].step
    return Try(
        made.activity, f"{case.kind}.{step.id}", step.skill, answer.right, not answer.given, answer.cause, answer.at
    )


def _practised(sitting: Sitting, made: Task, attempt: Attempt, place: int, answer: Answer) -> Practised:
    case, step = made.questions[place].case, made.questions[place].step
    return Practised(
        item=taught(sitting, step.skill).items[f"practice:{step.skill}"].activity,
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
        hints=answer.hints + int(not answer.given and not made.exam),  # an exam shows no answer before its end
        tries=answer.tries,
        credit=answer.credit,
        skills=(step.skill,),
        instance=str(attempt.seed),
        registration=registration(sitting, attempt),
    )


def _whole(sitting: Sitting, made: Task, attempt: Attempt) -> Whole:
    return Whole(
        name=made.activity,
        words=made.name,
        registration=registration(sitting, attempt),
        right=attempt.points,
        total=attempt.total,
    )
