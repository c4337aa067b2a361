"""What the pages of a team show to its members, as plain data for the template: pure. Floor 3.

Who has which role, what is theirs to answer now, what waits for whom, and what was handed over, corrected where that
was needed. Members are told apart by names of the platform, where it gives them, else by their number.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from curriculum.practice import team as rules
from curriculum.practice.task import MATCH, Case, Question, Step
from curriculum.practice.team import OPEN, WAITS, Place
from lti_tool import attempts, teams, texts
from lti_tool.attempts import Attempt
from lti_tool.pages import casework, helping
from lti_tool.pages.casework import Feedback, Screen
from lti_tool.tasks import Task
from lti_tool.teams import Answer, Sitting, Team
from lti_tool.texts import Say

COMMA = {"en": ", ", "zh": "、"}


@dataclass(frozen=True)
class Mate:
    """A member as the page names them.

    Attributes:
        name: Of the member.
        own: Whether it is the reader.
        roles: Name of each of their roles, and what it does.
        answered: How many of their questions are settled.
        total: How many questions are theirs.
        state: "answers", "waits" (nothing of theirs is open) or "done".
    """

    name: str
    own: bool
    roles: tuple[tuple[str, str], ...]
    answered: int
    total: int
    state: str


@dataclass(frozen=True)
class Later:
    """A question of one's own that waits: its name, what it waits for and whose that is, and why."""

    name: str
    waits: str
    why: str


@dataclass(frozen=True)
class Handed:
    """A settled question: its name, who settled it, the answer that everybody goes on with, and what came of it.

    Attributes:
        name: Of the step.
        role: Name of the role.
        who: Who settled it; empty where they are no member any more.
        own: Whether it was the reader.
        answer: The right answer.
        right: Whether it was answered so.
        note: What the books say where it was not; empty where it was.
        feedback: Answer, cause, explanation; None where the one who answered is no member any more.
    """

    name: str
    role: str
    who: str
    own: bool
    answer: str
    right: bool
    note: str
    feedback: Feedback | None


@dataclass(frozen=True)
class Result:
    """What a member brought in, and the score that this and the team's answers make."""

    name: str
    own: bool
    roles: str
    right: int
    total: int
    score: str


@dataclass(frozen=True)
class View:
    """A page of a team that has begun.

    Attributes:
        screen: The question, or the feedback on an answer; None where nothing is open or all is settled.
        mates: Every member.
        others: Other questions of one's own that are open: (id of the step, name).
        later: Those that wait.
        handed: What is settled.
        results: Of the whole order; empty before its end.
    """

    screen: Screen | None
    mates: tuple[Mate, ...]
    others: tuple[tuple[str, str], ...] = ()
    later: tuple[Later, ...] = ()
    handed: tuple[Handed, ...] = ()
    results: tuple[Result, ...] = ()


@dataclass(frozen=True)
class Work:
    """A reader's view of a team that has begun.

    Attributes:
        case: The team's order.
        team: As it is kept.
        there: Its members by seat.
        seat: Of who looks; empty for an instructor.
        names: What the page calls each member, by seat.
        language: "en" or "zh".
    """

    case: Case
    team: Team
    there: Mapping[str, Sitting]
    seat: str
    names: Mapping[str, str]
    language: str

    def mine(self, state: str) -> list[Place]:
        """The questions of the reader's roles that are in a state, in the order of the case."""
        held = self.team.roles(self.seat)
        return [one for one in rules.board(self.case, self.team.steps) if one.role in held and one.state == state]


def called(there: Mapping[str, Sitting], names: Mapping[str, str], say: Say) -> dict[str, str]:
    """What the page calls each member, by seat.

    Args:
        there: The members by seat.
        names: Names from the platform by pseudonym, as far as it gave them.
        say: The words.
    """
    return {
        seat: names.get(sat.learner) or say("team.member", number=number)
        for number, (seat, sat) in enumerate(there.items(), start=1)
    }


def asked(work: Work, step: Step, *, problem: str = "", typed: str = "") -> Screen:
    """The page of one question.

    Args:
        work: Whose.
        step: One that is open.
        problem: Why the last answer could not be read; empty if nothing was wrong.
        typed: That answer.
    """
    task, attempt = _task(work.case, step), _attempt(work.team)
    screen = casework.question(task, attempt, work.language, problem=problem, typed=typed)
    sat = work.there.get(work.seat)
    taken = 0 if sat is None else sat.helps.count(f"{work.team.number}:{step.id}")
    return replace(_framed(work, step, screen), help=helping.hinted(Question(work.case, step), taken, work.language))


def explained(work: Work, step: Step, answer: Answer) -> Screen:
    """The page of what came of an answer."""
    given = attempts.Answer(
        answer.given, answer.right, answer.cause, answer.at, answer.seconds, hints=answer.hints, credit=answer.worth
    )
    attempt = attempts.answered(_attempt(work.team), given)
    screen = casework.feedback(_task(work.case, step), attempt, 0, work.language)
    if step.form == MATCH:  # line by line it is too long for a heading
        state = "right" if answer.right else "differs" if answer.given else "shown"
        found = texts.speaker(work.language)(f"practice.heading.quiz.{state}")
        screen = replace(screen, heading=f"{step.name[work.language]} · {found}")
    return _framed(work, step, screen)


def view(work: Work, screen: Screen | None = None, step: str = "") -> View:
    """What stands around the question.

    Args:
        work: Whose.
        screen: What is answered or explained on this page; None where nothing is.
        step: Id of its step.
    """
    team, language = work.team, work.language
    board = rules.board(work.case, team.steps)
    return View(
        screen=screen,
        mates=tuple(_mate(work, board, one) for one in work.there),
        others=tuple((one.step.id, one.step.name[language]) for one in work.mine(OPEN) if one.step.id != step),
        later=tuple(_later(work, board, one) for one in work.mine(WAITS)),
        handed=tuple(handed(work)),
        results=tuple(results(work)) if team.finished else (),
    )


def results(work: Work) -> list[Result]:
    """What came of the order so far, member by member in the order of their seats."""
    found = []
    for seat in work.there:
        share = teams.share(work.case, work.team, seat)
        score = rules.score(share, teams.points(work.team.settled), work.team.total)
        roles = titled(work.team.roles(seat), work.language)
        found.append(Result(work.names[seat], seat == work.seat, roles, share.right, share.total, f"{score}"))
    return found


def handed(work: Work) -> list[Handed]:
    """What is settled: the newest first, and the whole order in its own order once all is."""
    steps = {step.id: step for step in work.case.steps}
    given = {(seat, one.step): one for seat, sat in work.there.items() for one in sat.of(work.team)}
    done = {one.step: one for one in reversed(work.team.settled)}
    order = [step.id for step in work.case.steps] if work.team.finished else list(done)
    found = []
    for id_ in order:
        one, step = done[id_], steps[id_]
        answer = given.get((one.seat, id_))
        told = None if answer is None else explained(work, step, answer).feedback
        right = casework.written(step.right, step, work.language)
        found.append(
            Handed(
                name=step.name[work.language],
                role=titled([rules.role_of(step)], work.language),
                who=work.names.get(one.seat, ""),
                own=one.seat == work.seat,
                answer=right,
                right=one.right,
                note="" if one.right else _note("" if told is None else told.given, right, work.language),
                feedback=told,
            )
        )
    return found


def titled(roles: Sequence[str], language: str) -> str:
    """Names of roles, one after another."""
    return COMMA[language].join(rules.roles()[role].name[language] for role in roles)


def _mate(work: Work, board: Sequence[Place], seat: str) -> Mate:
    share, roles = teams.share(work.case, work.team, seat), work.team.roles(seat)
    own = [place.state for place in board if place.role in roles]
    return Mate(
        name=work.names[seat],
        own=seat == work.seat,
        roles=tuple(
            (rules.roles()[role].name[work.language], rules.roles()[role].about[work.language]) for role in roles
        ),
        answered=share.answered,
        total=share.total,
        state="answers" if OPEN in own else "waits" if WAITS in own else "done",
    )


def _later(work: Work, board: Sequence[Place], place: Place) -> Later:
    by_id = {one.step.id: one for one in board}
    holder = {role: chair.seat for chair in work.team.chairs for role in chair.roles}
    say = texts.speaker(work.language)
    waits = []
    for id_ in place.waits:
        one = by_id[id_]
        who, role = work.names.get(holder.get(one.role, ""), ""), titled([one.role], work.language)
        whose = say("team.who", role=role, name=who) if who else role
        waits.append(say("team.later.whose", what=one.step.name[work.language], who=whose))
    why = place.why[work.language] if place.why else ""
    return Later(place.step.name[work.language], COMMA[work.language].join(waits), why)


def _note(given: str, right: str, language: str) -> str:
    """The bookkeeper's; a match is shown line by line beside it, and not said in a sentence."""
    if "\n" in right:
        return texts.speaker(language)("team.note.match")
    return rules.note(dict.fromkeys(texts.LANGUAGES, given), dict.fromkeys(texts.LANGUAGES, right))[language]


def _task(case: Case, step: Step) -> Task:
    """One question as a task of its own: as that of a case, whose words it shares."""
    return Task(f"case:{case.kind}", False, case.name, (Question(case, step),), case.mark)


def _attempt(team: Team) -> Attempt:
    return attempts.begin(
        f"case:{team.destination}", team.number, team.seed, on=team.on, mark=team.mark, total=1, now=team.begun
    )


def _framed(work: Work, step: Step, screen: Screen) -> Screen:
    """A page of practice with the line and the steps of a team: the parts of the order that the role answers."""
    say = texts.speaker(work.language)
    role = rules.roles()[rules.role_of(step)]
    parts = [(say(f"practice.group.{part}"), "now" if part == step.group else "") for part in role.parts]
    number = next(place for place, one in enumerate(work.case.steps, start=1) if one.id == step.id)
    over = say("team.over", role=role.name[work.language], place=number, total=len(work.case.steps))
    return replace(screen, over=over, steps=parts)
