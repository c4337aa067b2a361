"""The nouns of practice: a kind of case, a case with its steps, and the verdict on an answer. Floor 1.

All of them are frozen data, made once from (kind, seed, date). Amounts are exact decimals; texts come in both
languages, already filled with the figures of the case.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from curriculum.catalog import Rule

Words = Mapping[str, str]
"""A text by language: `en` and `zh`."""


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
        cause: Id of a misconception of the catalog.
        value: The answer that it leads to.
        words: What it did and what would be right, with the figures of the case.
    """

    cause: str
    value: Decimal
    words: Words


@dataclass(frozen=True)
class Step:
    """One question of a case.

    Attributes:
        id: Unique in its kind, such as "duty".
        skill: Id of the skill that it trains.
        name: Short, for the row of steps.
        question: What is asked.
        unit: What the answer is counted in: "EUR", "kg", "%", ...
        places: Decimals of the right answer.
        right: The right answer, rounded.
        tolerance: How far an answer may be from it: what honest rounding in between can do.
        wrong: What the known wrong methods answer here; no two of them, and none and the right one, are alike.
        working: The calculation, line by line; figures and signs only.
        explanation: Why it is so.
        rule: The dated rule that it follows; None where the documents of the case say all.
        basis: What else it rests on: a legal text, a tariff, a definition; may be empty beside a rule.
        given: What earlier steps have settled: (name, figure).
    """

    id: str
    skill: str
    name: Words
    question: Words
    unit: str
    places: int
    right: Decimal
    tolerance: Decimal
    wrong: tuple[Wrong, ...]
    working: tuple[str, ...]
    explanation: Words
    rule: Rule | None
    basis: Words
    given: tuple[tuple[Words, str], ...] = ()


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
        given: The number that was read; None if there is none.
        problem: Why it could not be read: "empty", "no_number", "ambiguous", "not_per_cent", "too_long"; else empty.
        right: The right answer.
        cause: Id of a misconception; "unknown" if no known method leads there; empty if there is none.
        title: Name of the cause; empty if there is none.
        words: What the cause did, or that there is nothing to correct.
        explanation: Why the right answer is right.
        working: The calculation.
        rule: The dated rule, or None.
        basis: What else it rests on.
    """

    state: str
    given: Decimal | None
    problem: str
    right: Decimal
    cause: str
    title: Words
    words: Words
    explanation: Words
    working: tuple[str, ...]
    rule: Rule | None
    basis: Words

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
        minutes: About how long it takes; nothing stops a learner who takes longer.
    """

    id: str
    name: Words
    count: int
    minutes: int


@dataclass(frozen=True)
class Exam:
    """Questions drawn by the weights of the catalog's examination standard, as far as there are kinds for its units.

    Attributes:
        seed: What it was made from.
        on: The day for which it was made.
        questions: In order.
        covered: Per cent of the standard's weight whose units have a kind; the rest is not asked.
        mark: As of a case, over all questions.
    """

    seed: int
    on: date
    questions: tuple[Question, ...]
    covered: int
    mark: str
