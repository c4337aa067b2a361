"""The nouns of the item bank: an entry, before its figures are drawn and its options have their places. Floor 1."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from types import MappingProxyType

from curriculum.bank.formula import Formula
from curriculum.catalog import Misconception
from curriculum.practice.task import Words

BLOOM = ("remember", "understand", "apply", "analyse", "evaluate", "create")
UNKNOWN = "unknown"


@dataclass(frozen=True)
class Told:
    """What a wrong answer comes from: a misconception or "unknown", and what that thinking misses."""

    cause: str
    why: Words


@dataclass(frozen=True)
class Choice:
    """An option.

    Attributes:
        text: What it says.
        right: Whether it is right.
        told: Of a wrong option: why one chooses it. Of a right one, where several are: why one leaves it out, or None.
    """

    text: Words
    right: bool
    told: Told | None


@dataclass(frozen=True)
class Pair:
    """A line of a match: its left and its right side."""

    left: Words
    right: Words


@dataclass(frozen=True)
class Mixup:
    """A line of a match that got another right side: their places (distractors come after the pairs), and why."""

    left: int
    right: int
    told: Told


@dataclass(frozen=True)
class Spelt:
    """Codes or terms, as they are written: those that are right, or those of one wrong way of thinking."""

    accept: tuple[str, ...]
    told: Told | None = None


@dataclass(frozen=True)
class Range:
    """What a figure is drawn from: whole steps from `low` to `high`."""

    low: Decimal
    high: Decimal
    step: Decimal


@dataclass(frozen=True)
class Method:
    """A wrong way to calculate."""

    value: Formula
    told: Told


@dataclass(frozen=True)
class Sums:
    """What a number question calculates with.

    Attributes:
        draw: By name: a range, or things to pick one of.
        also: Further figures, in order, each from earlier names.
        right: The right answer.
        wrong: Wrong ways to calculate.
        unit: What the answer is counted in.
        places: Decimals of the answer.
        tolerance: How far an answer may be off.
        working: The calculation, line by line.
    """

    draw: Mapping[str, Range | tuple[Decimal | Words, ...]]
    also: tuple[tuple[str, Formula], ...]
    right: Formula
    wrong: tuple[Method, ...]
    unit: str | Words
    places: int
    tolerance: Decimal
    working: tuple[str, ...]


@dataclass(frozen=True)
class Entry:
    """One question of the bank.

    Attributes:
        id: Its main skill and a number, such as "cus.duty.2".
        skill: Id of the main skill.
        also: Ids of other skills that it needs.
        form: One of `task.FORMS`.
        bloom: One of `BLOOM`.
        difficulty: 1 to 5.
        rule: Id of a dated rule that its key follows: it is asked only while that holds; empty: none.
        valid_from: First day on which it is asked, or None.
        valid_to: Last day on which it is asked, or None.
        story: The situation; empty texts where there is none.
        ask: The question.
        explanation: Why the right answer is right.
        basis: What it rests on; empty texts where nothing is named.
        options: Of choice and several.
        pairs: Of a match.
        distractors: Of a match: right sides that belong to no line.
        mixups: Of a match.
        codes: Of a text: what is right.
        wrong: Of a text: what is known to be wrong.
        digits: Of a text: whether a code that begins like the right one is partly right.
        sums: Of a number; None of other forms.
    """

    id: str
    skill: str
    also: tuple[str, ...]
    form: str
    bloom: str
    difficulty: int
    rule: str
    valid_from: date | None
    valid_to: date | None
    story: Words
    ask: Words
    explanation: Words
    basis: Words
    options: tuple[Choice, ...] = ()
    pairs: tuple[Pair, ...] = ()
    distractors: tuple[Words, ...] = ()
    mixups: tuple[Mixup, ...] = ()
    codes: Spelt = Spelt(())
    wrong: tuple[Spelt, ...] = ()
    digits: bool = False
    sums: Sums | None = None


@dataclass(frozen=True, eq=False)
class Bank:
    """Questions, and the wrong ways of thinking that they find.

    Attributes:
        entries: By id, in the order of the files.
        misconceptions: By id; those of the catalog are not repeated here.
    """

    entries: Mapping[str, Entry]
    misconceptions: Mapping[str, Misconception] = field(default_factory=lambda: MappingProxyType({}))
