"""What became of scores: a line for the learner, and the instructor's page of those that did not arrive. Floor 3.

An instructor sees scores of their own course, never a name: names are not at rest. What stopped a score is said in
words, with what to do about it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from flask import Blueprint, Response, request

from lti_tool import bearer, courses, errors, permissions, texts
from lti_tool.grades import columns, outbox
from lti_tool.grades.outbox import FAILED, SENT, SUPERSEDED, WAITING, Score, Status
from lti_tool.pages import answers, gate, reasons
from lti_tool.pages.gate import Guest
from lti_tool.permissions import Permission
from lti_tool.texts import Say
from lti_tool.tool import Tool

PAGE = 50
MOST = 2000
BADGES = {SENT: "done", WAITING: "go", SUPERSEDED: "", FAILED: ""}


@dataclass(frozen=True)
class Line:
    """How the score of the person who looks at a page did: the class of its badge, its state in a word, a sentence."""

    badge: str
    state: str
    words: str


@dataclass(frozen=True)
class Row:
    """A score that did not arrive, or waits in trouble.

    Attributes:
        id: For the form that sends it again; empty if it waits.
        learner: The first characters of the pseudonym.
        link: Title of the link.
        points: What it is.
        since: When it was queued.
        why: What stopped it.
        todo: What to do about it.
    """

    id: str
    learner: str
    link: str
    points: str
    since: str
    why: str
    todo: str


def blueprint(tool: Tool) -> Blueprint:
    """The instructor's page of scores."""
    views = Blueprint("scoring", __name__)

    @views.post("/lti/scores")
    def scores() -> Response:
        return show(tool, gate.guest())

    @views.post("/lti/scores/again")
    def again() -> Response:
        guest = gate.guest()
        sent = _again(tool, guest.person.context, request.form.get("score"))
        return show(tool, guest, sent=sent)

    return views


def line(status: Status | None, language: str) -> Line | None:
    """What a learner is told of their score; None if there is none to tell of."""
    if status is None or status.given is None:
        return None
    say = texts.speaker(language)
    words = say(
        f"score.line.{status.state}",
        points=points(status.given, status.maximum, say),
        when=_moment(status.at, language),
    )
    return Line(BADGES[status.state], say(f"score.state.{status.state}"), words)


def points(given: float, maximum: float, say: Say) -> str:
    """Points as a page shows them.

    >>> points(87.5, 100.0, texts.speaker("en"))
    '87.5 of 100'
    """
    return say("score.points", given=f"{round(given, 2):g}", maximum=f"{maximum:g}")


def show(tool: Tool, guest: Guest, *, sent: int | None = None) -> Response:
    """The page of the scores of a course.

    Args:
        tool: The running tool.
        guest: An instructor of the course.
        sent: How many were just queued again; None if that was not asked for.
    """
    course, language = guest.person.context, guest.language
    language = texts.choose(request.form.get("language"), language)
    found = {state: outbox.of_course(tool.storage, course, state, limit=MOST) for state in outbox.STATES}
    titles = {link.link: link.title for link in courses.links(tool.storage, course)}
    failed = sorted(found[FAILED], key=lambda score: (-score.queued, score.key))
    late = sorted((score for score in found[WAITING] if score.tries), key=lambda score: (score.queued, score.key))
    page = _page(request.form.get("page"), len(failed))
    shown = failed[page * PAGE : (page + 1) * PAGE]
    return answers.page(
        "scores.html",
        tool,
        language,
        guest.frames,
        course=guest.person.course,
        counts={state: _count(found[state]) for state in outbox.STATES},
        failed=[_row(score, titles, language) for score in shown],
        late=[_row(score, titles, language) for score in late[:PAGE]],
        more=len(late) - PAGE,
        pages=range(-(-len(failed) // PAGE)),
        number=page,
        sent=sent,
        mends=Permission.MEND_SCORES in permissions.of(guest.person.roles),
        bearer=bearer.sign(guest.person, language, tool.bearer_key, tool.now),
    )


def _again(tool: Tool, course: str, wished: str | None) -> int:
    """Queue one failed score of the course again, or all of them.

    Raises:
        errors.PageRefused: This course has no such score; another's does not exist here.
    """
    failed = outbox.of_course(tool.storage, course, FAILED, limit=MOST)
    chosen = [score for score in failed if wished in {None, score.id}]
    if wished is not None and not chosen:
        raise errors.PageRefused("not_found", "score")
    for link in {score.link for score in chosen}:
        columns.forgive(tool.storage, link)
    return sum(outbox.again(tool.storage, score, tool.now()) for score in chosen)


def _row(score: Score, titles: dict[str, str], language: str) -> Row:
    say = texts.speaker(language)
    return Row(
        id=score.id if score.state == FAILED else "",
        learner=score.learner[:6],
        link=titles.get(score.link) or say("scores.link.untitled"),
        points="–" if score.given is None else points(score.given, score.maximum, say),
        since=_moment(score.queued, language),
        why=say(f"score.reason.{score.reason}"),
        todo=say(f"score.todo.{score.reason}"),
    )


def _count(found: list[Score]) -> str:
    return f"{len(found):,}" + ("+" if len(found) == MOST else "")


def _page(wished: str | None, length: int) -> int:
    """The number of a page that there is."""
    number = int(wished) if wished and wished.isascii() and wished.isdigit() and len(wished) < 5 else 0
    return min(number, max(0, (length - 1) // PAGE))


def _moment(seconds: float, language: str) -> str:
    """A moment to the minute, with its zone: the server does not know that of whoever reads."""
    when = datetime.fromtimestamp(seconds, UTC)
    return (
        f"{reasons.day(when.date(), language)}, {when:%H:%M} UTC" if language == "en" else f"{when:%Y-%m-%d %H:%M} UTC"
    )
