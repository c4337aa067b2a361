"""What a page of practice shows, as plain data for the template: pure. Floor 3.

One screen of three: a question, the feedback on an answer (answer, likely cause, explanation: always all three), or the
summary. An exam has no feedback before its end.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from curriculum import practice, rules
from curriculum.catalog import Rule
from curriculum.practice import answers as numbers
from curriculum.practice import figures as amounts
from curriculum.practice.task import MATCH, NUMBER, TEXT, Step, Table, Value, Verdict
from lti_tool import figures as shares
from lti_tool import texts
from lti_tool.attempts import Answer, Attempt
from lti_tool.exercises import CASE, EXAM, QUIZ
from lti_tool.pages import meter, reasons
from lti_tool.pages.meter import Meter
from lti_tool.practised import points
from lti_tool.tasks import Task
from lti_tool.texts import NBSP, Say
from recommender.profile import SkillState

CURRENCIES = {"EUR", "USD", "GBP", "CNY"}
AND = {"en": "; ", "zh": "；"}
CODE = 6
"""Digits of a heading of the Harmonized System."""
PROSE = 30
"""Letters from which on a cell is a sentence, which a narrow window breaks into lines."""


@dataclass(frozen=True)
class Paper:
    """A document of a case."""

    title: str
    columns: list[str]
    numeric: list[bool]
    rows: list[list[str]]


@dataclass(frozen=True)
class Law:
    """A dated rule: where, from when to when, what it is called and where it can be read."""

    place: str
    dates: str
    instrument: str
    source: str
    confidence: str


@dataclass(frozen=True)
class Feedback:
    """The three parts.

    Attributes:
        right: Whether the answer was right.
        answer: The right one.
        given: What the learner wrote; empty if they asked to see it.
        title: Name of the cause; empty if there is none.
        words: What the cause did, or that there is nothing to correct.
        named: Whether a known method leads to exactly this answer.
        explanation: Why the right answer is right.
        working: The calculation.
        law: The dated rule, or None.
        basis: What else it rests on.
        form: How it was asked, one of `task.FORMS`.
        helped: What hints and further tries came before it and what they cost, in words; empty if none.
        earlier: What was answered in the tries before it.
    """

    right: bool
    answer: str
    given: str
    title: str
    words: str
    named: bool
    explanation: str
    working: tuple[str, ...]
    law: Law | None
    basis: str
    form: str = NUMBER
    helped: str = ""
    earlier: tuple[str, ...] = ()


@dataclass(frozen=True)
class Gain:
    """What an answer told of its skill: name, meter, the change in words, and the level after it."""

    name: str
    meter: Meter
    words: str
    level: float | None = None


@dataclass(frozen=True)
class Line:
    """One step in the summary; a question of an exam with the documents of its own case."""

    name: str
    question: str
    feedback: Feedback
    story: str = ""
    papers: tuple[Paper, ...] = ()
    given: tuple[tuple[str, str], ...] = ()
    reached: bool = True


@dataclass(frozen=True)
class Help:
    """What helps with the step that is to be answered now.

    Attributes:
        hints: Those that were taken: the words, and the lines of a calculation.
        more: What the button for one more says, with what it costs; empty if there is none.
        tries: What is left of the tries, and what the next one costs; empty where there is one only.
        earlier: What was tried: the answer, and its likely cause.
        worth: What a right answer is worth now; empty while it is worth all.
    """

    hints: tuple[tuple[str, tuple[str, ...]], ...] = ()
    more: str = ""
    tries: str = ""
    earlier: tuple[tuple[str, str], ...] = ()
    worth: str = ""


@dataclass(frozen=True)
class Screen:
    """One page of practice.

    Attributes:
        kind: "question", "feedback" or "summary".
        activity: As of the task.
        exam: Whether it is an exam.
        sort: What its texts speak of: "case", "scene", "quiz" or "exam".
        number: Of the attempt.
        place: Of the step that is shown, from 0.
        name: Of the case or exam.
        over: The line above the heading.
        heading: The finding, or what is asked.
        steps: Names of the steps, and "done", "now" or "".
        story: Who sends what to whom.
        papers: The documents.
        given: What earlier steps have settled: (name, figure).
        question: What is asked.
        unit: What the answer is counted in.
        problem: What could not be read, in words; empty if nothing.
        typed: What was typed or chosen then.
        form: How the answer is given, one of `task.FORMS`.
        options: What can be chosen: (key, text).
        lefts: The left column of a match: (key, text).
        feedback: On the answer; None on the other screens.
        lines: Of the summary.
        last: Whether all steps are answered.
        gain: What the answer told of its skill; None where nothing is recorded.
        lesson: Id of the skill whose lesson explains more; empty if there is none.
        help: Hints and tries; None in an exam.
        left: Seconds until the exam ends by itself; None if it does not.
        extra: What extra time the learner has, in words; empty if none.
        marks: What the answers are worth, in words; empty where that is how many are right.
        ended: Whether the time was over before the last answer.
    """

    kind: str
    activity: str
    exam: bool
    sort: str
    number: int
    place: int
    name: str
    over: str
    heading: str
    steps: list[tuple[str, str]]
    story: str = ""
    papers: tuple[Paper, ...] = ()
    given: tuple[tuple[str, str], ...] = ()
    question: str = ""
    unit: str = ""
    problem: str = ""
    typed: str = ""
    form: str = NUMBER
    options: tuple[tuple[str, str], ...] = ()
    lefts: tuple[tuple[str, str], ...] = ()
    feedback: Feedback | None = None
    lines: tuple[Line, ...] = ()
    last: bool = False
    gain: Gain | None = None
    lesson: str = ""
    help: Help | None = None
    left: int | None = None
    extra: str = ""
    marks: str = ""
    ended: bool = False


def gain(before: SkillState, after: SkillState, name: str, target: int | None, say: Say) -> Gain:
    """What an answer did to the estimate of a skill.

    Args:
        before: The skill without the answer.
        after: The skill with it.
        name: Of the skill, in the language of the page.
        target: The level that the goal asks for, or None.
        say: The words.
    """
    drawn = meter.of_skill(after, name, target, say)
    if before.level is None or after.level is None:
        return Gain(name, drawn, drawn.words, after.level)
    words = say("practice.gain", before=shares.level(before.level), after=shares.level(after.level))
    return Gain(name, replace(drawn, was=shares.across(before.level)), words, after.level)


def question(made: Task, attempt: Attempt, language: str, *, problem: str = "", typed: str = "") -> Screen:
    """The step that is to be answered now.

    Args:
        made: The task.
        attempt: Not finished.
        language: "en" or "zh".
        problem: Why the last answer could not be read; empty if nothing was wrong.
        typed: That answer.
    """
    say = texts.speaker(language)
    step = made.questions[attempt.place].step
    return replace(
        _documents(made, attempt, attempt.place, language),
        kind="question",
        heading=step.question[language],
        unit=_unit(step, language),
        problem=_problem(problem, step, say),
        typed=typed[: numbers.LONGEST],
        form=step.form,
        options=tuple((option.key, option.text[language]) for option in step.options),
        lefts=tuple((left.key, left.text[language]) for left in step.lefts),
    )


def feedback(made: Task, attempt: Attempt, place: int, language: str) -> Screen:
    """What came of an answered step of a case."""
    say = texts.speaker(language)
    step = made.questions[place].step
    told = _feedback(step, attempt.answers[place], language, say)
    state = "right" if told.right else "differs" if told.given else "shown"
    return replace(
        _documents(made, attempt, place, language),
        kind="feedback",
        heading=_found(made, state, step.name[language], told.answer, say),
        question=step.question[language],
        feedback=told,
        last=attempt.place == attempt.total,
    )


def _found(made: Task, state: str, name: str, answer: str, say: Say) -> str:
    """The finding of an answer; an option is too long for a heading."""
    if _sort(made) == QUIZ:
        return say(f"practice.heading.quiz.{state}")
    return say(f"practice.heading.{state}", name=name, answer=answer)


def summary(made: Task, attempt: Attempt, language: str) -> Screen:
    """What came of all; without the steps where the data have changed since."""
    say = texts.speaker(language)
    answers = attempt.answers if made.mark == attempt.mark else ()
    # An exam whose time was over has steps that nobody answered.
    unanswered = tuple(Answer("", False, "", 0.0, None) for _ in made.questions[len(answers) :]) if answers else ()
    return replace(
        _frame(made, attempt, attempt.total, language),
        kind="summary",
        heading=say(f"practice.heading.summary.{_sort(made)}", right=attempt.right, total=attempt.total),
        lines=(
            *(_line(made, place, answer, attempt, language) for place, answer in enumerate(answers)),
            *(
                _unreached(_line(made, len(answers) + place, answer, attempt, language), say)
                for place, answer in enumerate(unanswered)
            ),
        ),
        last=True,
        marks=say("practice.marks", points=points(attempt.points), total=attempt.total)
        if attempt.points != attempt.right
        else "",
        ended=attempt.place < attempt.total,
    )


def verdict(step: Step, answer: Answer) -> Verdict:
    """The verdict on a kept answer: the same as when it was given."""
    return practice.grade(step, numbers.again(answer.given, step)) if answer.given else practice.shown(step)


def written(value: Value, step: Step, language: str) -> str:
    r"""An answer as a page shows it.

    >>> from curriculum import practice
    >>> from datetime import date
    >>> written(Decimal("6"), practice.case("eu_import", 1, date(2026, 7, 1)).steps[1], "en")
    'EUR\xa06.00'
    """
    if isinstance(value, Decimal):
        return _amount(value, step, _unit(step, language))
    texts_of = {option.key: option.text[language] for option in step.options}
    if step.form == TEXT:
        code = value[0].upper()
        return f"{code[:4]}.{code[4:]}" if step.digits and len(code) == CODE else code
    if step.form == MATCH:
        lefts = {left.key: left.text[language] for left in step.lefts}
        return "\n".join(f"{lefts[pair[:-1]]} → {texts_of[pair[-1]]}" for pair in value)
    return AND[language].join(texts_of[key] for key in value)


def _unit(step: Step, language: str) -> str:
    return step.unit if isinstance(step.unit, str) else step.unit[language]


def _amount(value: Decimal, step: Step, unit: str) -> str:
    places = step.places if value == amounts.rounded(value, step.places) else 2
    shown = amounts.shown(value, places)
    if not unit:
        return shown
    return f"{unit}{NBSP}{shown}" if unit in CURRENCIES else f"{shown}{NBSP}{unit}"


def _problem(problem: str, step: Step, say: Say) -> str:
    if problem == "empty" and step.form == TEXT:
        return say("practice.problem.no_code")
    return say(f"practice.problem.{problem}") if problem else ""


def _frame(made: Task, attempt: Attempt, place: int, language: str) -> Screen:
    """What every screen has."""
    say = texts.speaker(language)
    over = say(f"practice.over.{_sort(made)}", number=attempt.number)
    if place < attempt.total:
        over = say(f"practice.over.step.{_sort(made)}", over=over, place=place + 1, total=attempt.total)
    steps = [
        (name, "now" if first <= place <= last else "done" if last < attempt.place else "")
        for name, first, last in _parts(made, language)
    ]
    return Screen(
        kind="",
        activity=made.activity,
        exam=made.exam,
        sort=_sort(made),
        number=attempt.number,
        place=place,
        name=made.name[language],
        over=over,
        heading="",
        steps=steps,
    )


def _parts(made: Task, language: str) -> list[tuple[str, int, int]]:
    """Parts of a task with their first and last question: the groups of a case that has groups, else each question."""
    say = texts.speaker(language)
    found: list[tuple[str, int, int]] = []
    for position, one in enumerate(made.questions):
        group = one.step.group if _sort(made) == CASE else ""
        if group and found and made.questions[position - 1].step.group == group:
            found[-1] = (*found[-1][:2], position)
            continue
        name = one.step.name[language] if _sort(made) == CASE else str(position + 1)
        found.append((say(f"practice.group.{group}") if group else name, position, position))
    return found


def _sort(made: Task) -> str:
    """What its texts speak of; a placement asks as an exam does."""
    return EXAM if made.exam else made.activity.partition(":")[0]


def _documents(made: Task, attempt: Attempt, place: int, language: str) -> Screen:
    """A screen with the documents of a step."""
    case, step = made.questions[place].case, made.questions[place].step
    return replace(
        _frame(made, attempt, place, language),
        story=case.story[language],
        papers=tuple(
            paper(table, language)
            for position, table in enumerate(case.tables)
            if not step.papers or position in step.papers
        ),
        given=tuple((name[language], shown) for name, shown in step.given),
    )


def _line(made: Task, place: int, answer: Answer, attempt: Attempt, language: str) -> Line:
    step = made.questions[place].step
    told = _feedback(step, answer, language, texts.speaker(language))
    name = step.question[language] if _sort(made) == QUIZ else step.name[language]
    line = Line(name, step.question[language], told)
    if not made.exam:
        return line
    shown = _documents(made, attempt, place, language)
    return replace(line, story=shown.story, papers=shown.papers, given=shown.given)


def _unreached(line: Line, say: Say) -> Line:
    """A question that nobody came to before the time was over: there is nothing to say of an answer."""
    return replace(line, feedback=replace(line.feedback, words=say("practice.unreached.words")), reached=False)


def paper(table: Table, language: str) -> Paper:
    """A document as a page shows it."""
    rows = [[cell[language] for cell in row] for row in table.rows]
    return Paper(
        title=table.title[language],
        columns=[column[language] for column in table.columns],
        # Words and codes start the line, figures end it.
        numeric=[
            place > 0 and not _is_code(rows, place) and not _is_prose(rows, place)
            for place in range(len(table.columns))
        ],
        rows=rows,
    )


def _is_prose(rows: Sequence[Sequence[str]], place: int) -> bool:
    """Whether a column has a cell of words, or one that must be broken into lines.

    A Chinese character is as wide as two letters.
    """
    cells = [row[place] for row in rows]
    wide = (sum(1 + (letter > "\u2e80") for letter in cell) > PROSE for cell in cells)
    return any(wide) or not all(any(letter.isdigit() for letter in cell) for cell in cells)


def _is_code(rows: Sequence[Sequence[str]], place: int) -> bool:
    return all(len(row[place]) == 7 and row[place][4] == "." for row in rows)


def _feedback(step: Step, answer: Answer, language: str, say: Say) -> Feedback:
    found = verdict(step, answer)
    unknown = found.cause == "unknown"
    return Feedback(
        right=found.state == "right",
        answer=written(found.right, step, language),
        given="" if found.given is None else written(found.given, step, language),
        title=say("practice.cause.unknown") if unknown else found.title[language],
        words=found.words[language],
        named=bool(found.cause) and not unknown,
        explanation=found.explanation[language],
        working=found.working,
        law=None if found.rule is None else _law(found.rule, language, say),
        basis=found.basis[language],
        form=step.form,
        helped=_helped(answer, say),
        earlier=tuple(written(value, step, language) for value in values(step, answer.earlier) if value is not None),
    )


def values(step: Step, given: Sequence[str]) -> list[Value | None]:
    """Kept answers as values; None where one cannot be read any more."""
    return [numbers.of_step(numbers.again(one, step), step).value for one in given]


def _helped(answer: Answer, say: Say) -> str:
    """What hints and further tries cost, where there were any, and what the part is worth that is right."""
    if not answer.hints and answer.tries == 1:
        return "" if answer.right or not answer.worth else say("practice.partly", worth=shares.share(answer.worth))
    return say(
        "practice.helped" if answer.worth else "practice.helped.none",
        hints=answer.hints,
        tries=answer.tries,
        worth=shares.share(answer.worth),
    )


def _law(rule: Rule, language: str, say: Say) -> Law:
    since = reasons.day(rule.valid_from, language)
    ends = rule.valid_to is not None
    until = reasons.day(rule.valid_to, language) if rule.valid_to else ""
    return Law(
        place=say(f"practice.place.{rule.jurisdiction}"),
        dates=say("practice.dates.both", since=since, until=until) if ends else say("practice.dates.open", since=since),
        instrument=rule.instrument,
        source=next(iter(rules.addresses(rule)), ""),
        confidence=say(f"practice.confidence.{rule.confidence}"),
    )
