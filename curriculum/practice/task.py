"""The nouns of practice: a kind of case, a case with its steps, and the verdict on an answer. Floor 1.

All of them are frozen data, made once from (kind, seed, date). Amounts are exact decimals; texts come in both
languages, already filled with the figures of the case. A step asks in one of five forms: for a figure, for one option
or several, for a match of two columns, or for a code; what is right, wrong and given is a value of that form.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from curriculum.catalog import Rule

Words = Mapping[str, str]
"""A text by language: `en` and `zh`."""
Value = Decimal | tuple[str, ...]
"""An answer: a figure; or the keys of options, sorted; or pairs such as "2b", sorted; or one code, in plain letters."""
NUMBER, CHOICE, SEVERAL, MATCH, TEXT = FORMS = ("number", "choice", "several", "match", "text")
MISSED = "-"
"""Before the key of an option in a wrong value of several: it was left out although it is right."""


@dataclass(frozen=True)
class Kind:
    """A kind of case.

    Attributes:
        id: Such as "eu_import"; a link names it.
        name: What a page shows.
        about: What a learner does in it, in one sentence.
        skills: Ids of the skills that its steps train, each once, in the order of the steps.
        steps: How many steps a case of it has.
        minutes: About how long it takes.
    """

    id: str
    name: Words
    about: Words
    skills: tuple[str, ...]
    steps: int
    minutes: int


@dataclass(frozen=True)
class Table:
    """A document of a case, as rows of cells.

    Attributes:
        title: Its name.
        columns: Heads of the columns.
        rows: As many cells each as there are columns.
    """

    title: Words
    columns: tuple[Words, ...]
    rows: tuple[tuple[Words, ...], ...]


@dataclass(frozen=True)
class Wrong:
    """What a wrong method answers.

    Attributes:
        cause: Id of a misconception of the catalog, or "unknown".
        value: The answer that it leads to; where several options or a match are asked for, the part of it that gives
            the method away: an option, `MISSED` and an option, or a pair.
        words: What it did and what would be right, with the figures of the case.
        title: Name of the cause, where it is none of the catalog's.
    """

    cause: str
    value: Value
    words: Words
    title: Words | None = None


@dataclass(frozen=True)
class Option:
    """Something to choose: its key on the page, such as "b", and its text."""

    key: str
    text: Words


@dataclass(frozen=True)
class Step:
    """One question of a case.

    Attributes:
        id: Unique in its kind, such as "duty".
        skill: Id of the skill that it trains.
        name: Short, for the row of steps.
        question: What is asked.
        unit: What the answer is counted in: "EUR", "kg", "%", or a word such as "orders" by language; may be empty.
        places: Decimals of the right answer.
        right: The right answer, rounded.
        tolerance: How far an answer may be from it: what honest rounding in between can do.
        wrong: What the known wrong methods answer here; no two of them, and none and the right one, are alike.
        working: The calculation, line by line; figures and signs only.
        explanation: Why it is so.
        rule: The dated rule that it follows; None where the documents of the case say all.
        basis: What else it rests on: a legal text, a tariff, a definition; may be empty beside a rule.
        given: What earlier steps have settled: (name, figure).
        form: How it is asked, one of `FORMS`; unit, places and tolerance are those of a number.
        options: What can be chosen, or the right column of a match.
        lefts: The left column of a match, its keys "1", "2", ...
        spellings: Codes that are right as well, in plain letters.
        digits: Whether a code that begins like the right one is partly right (a customs code: chapter, heading).
        group: The part of the case that the step belongs to, such as "customs"; empty in a case without parts.
        papers: Which documents of the case it needs, by their place from 0; empty: all of them.
    """

    id: str
    skill: str
    name: Words
    question: Words
    unit: str | Words
    places: int
    right: Value
    tolerance: Decimal
    wrong: tuple[Wrong, ...]
    working: tuple[str, ...]
    explanation: Words
    rule: Rule | None
    basis: Words
    given: tuple[tuple[Words, str], ...] = ()
    form: str = NUMBER
    options: tuple[Option, ...] = ()
    lefts: tuple[Option, ...] = ()
    spellings: tuple[str, ...] = ()
    digits: bool = False
    group: str = ""
    papers: tuple[int, ...] = ()


@dataclass(frozen=True)
class Case:
    """A practice task.

    Attributes:
        kind: Id of its kind.
        seed: What it was made from.
        on: The day for which it was made: rules are those of the day in the case, which is never after this one
            unless the catalog's newest rule begins later.
        name: What a page shows.
        story: Who sends what to whom, and when.
        tables: The documents.
        steps: In order; a later one builds on the right answers of the earlier ones.
        mark: 16 hex digits of a hash over the answers, right and wrong: it changes when the data that made them change.
    """

    kind: str
    seed: int
    on: date
    name: Words
    story: Words
    tables: tuple[Table, ...]
    steps: tuple[Step, ...]
    mark: str


@dataclass(frozen=True)
class Verdict:
    """The grade of one answer: answer, likely cause, explanation; always all three.

    Attributes:
        state: "right", "other", "unreadable" (ask again, nothing is counted) or "none" (the learner asked to see it).
        given: The answer that was read; None if there is none.
        problem: Why it could not be read: "empty", "no_number", "ambiguous", "not_per_cent", "too_long", "no_choice",
            "one_choice", "unfinished"; else empty.
        right: The right answer.
        cause: Id of a misconception; "unknown" if no known method leads there; empty if there is none.
        title: Name of the cause; empty if there is none.
        words: What the cause did, or that there is nothing to correct.
        explanation: Why the right answer is right.
        working: The calculation.
        rule: The dated rule, or None.
        basis: What else it rests on.
        credit: From 0 to 1: how much of the answer is right.
    """

    state: str
    given: Value | None
    problem: str
    right: Value
    cause: str
    title: Words
    words: Words
    explanation: Words
    working: tuple[str, ...]
    rule: Rule | None
    basis: Words
    credit: Decimal = Decimal(0)

    @property
    def counts(self) -> bool:
        """Whether the step is answered by it."""
        return self.state != "unreadable"


@dataclass(frozen=True)
class Question:
    """One question of an exam: a step of a case of its own."""

    case: Case
    step: Step


@dataclass(frozen=True)
class Plan:
    """An exam that a link may open.

    Attributes:
        id: Such as "standard".
        name: What a page shows.
        count: How many questions.
        minutes: How long it takes: at most where it is timed, else about.
        timed: Whether it ends by itself then; a link may say otherwise.
        flow: Whether steps of the whole flow of an order are cast into the units beside questions of the bank.
        area: Id of the area that it asks about; empty: the units of the examination standard by their weights.
    """

    id: str
    name: Words
    count: int
    minutes: int
    area: str = ""
    timed: bool = False
    flow: bool = False


@dataclass(frozen=True)
class Exam:
    """Questions drawn by the weights of the examination standard, or about one area.

    Attributes:
        seed: What it was made from.
        on: The day for which it was made.
        questions: In order.
        mark: As of a case, over all questions.
    """

    seed: int
    on: date
    questions: tuple[Question, ...]
    mark: str
