"""A case before its words: the figures of its steps, right and wrong, and what fills the placeholders. Floor 1."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import pairwise

from curriculum.catalog import Rule
from curriculum.practice.task import NUMBER, Value, Words

CENT = Decimal("0.01")
Fact = str | Words
"""What a placeholder is filled with: the same in both languages, or by language."""
Pairs = tuple[tuple[str, Value], ...]
"""Misconceptions, each with an answer that it leads to."""


@dataclass(frozen=True)
class Sum:
    """The figures of one step.

    Attributes:
        id: Of the step.
        right: The right answer, rounded.
        wrong: What the wrong methods answer, rounded; one misconception may have several ways. A method that is no
            error in this case is left out.
        facts: For the placeholders of this step, besides those of the case.
        places: Decimals of the answer.
        tolerance: How far an answer may be off.
        unit: In place of the one in the data, where that depends on the case.
        rule: The dated rule that it follows.
        variant: Which of several workings and explanations in the data; empty: the plain one.
        given: What earlier steps have settled: key of a row in the data, figure.
        form: How it is asked, one of `task.FORMS`.
        options: Key and text of what can be chosen, or of the right column of a match.
        lefts: Key and text of the left column of a match.
        spellings: Codes that are right as well.
        digits: Whether a code that begins like the right one is partly right.
        told: Words for a wrong value, in place of those that the data have for its cause.
        effects: What a wrong figure would have cost, in words that the data place as "effect".
        sheets: Titles of the documents that the step needs; empty: all of them.
    """

    id: str
    right: Value
    wrong: Pairs
    facts: Mapping[str, Fact] = field(default_factory=dict)
    places: int = 2
    tolerance: Decimal = CENT
    unit: str = ""
    rule: Rule | None = None
    variant: str = ""
    given: tuple[tuple[str, str], ...] = ()
    form: str = NUMBER
    options: tuple[tuple[str, Fact], ...] = ()
    lefts: tuple[tuple[str, Fact], ...] = ()
    spellings: tuple[str, ...] = ()
    digits: bool = False
    told: Mapping[tuple[str, ...], Words] = field(default_factory=dict)
    effects: Mapping[Value, Words] = field(default_factory=dict)
    sheets: tuple[str, ...] = ()

    @property
    def figure(self) -> Decimal:
        """The right answer of a number.

        Raises:
            TypeError: It is asked in another form.
        """
        if not isinstance(self.right, Decimal):
            message = f"{self.id} asks for {self.form}, not for a number"
            raise TypeError(message)
        return self.right


@dataclass(frozen=True)
class Sheet:
    """A document: key of its title, keys of its columns, and its rows.

    The first cell of a row may be the key of a row in the data; every other cell is shown as it is.
    """

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Fact, ...], ...]
    keyed: bool = True


@dataclass(frozen=True)
class Draft:
    """A case before its words."""

    facts: Mapping[str, Fact]
    sheets: tuple[Sheet, ...]
    steps: tuple[Sum, ...]


def separated(draft: Draft) -> bool:
    """Whether no answer fits two methods: so that each wrong answer has one cause, and a right one none."""
    return not any(_clash(step) for step in draft.steps)


def _clash(step: Sum) -> bool:
    known = [(step.right, ""), *((value, cause) for cause, value in step.wrong)]
    if step.form != NUMBER:
        # A part of several options, or of a match, has one cause; a whole answer is no part.
        causes: dict[Value, set[str]] = {}
        for value, cause in known:
            causes.setdefault(value, set()).add(cause)
        return any(len(found) > 1 for found in causes.values())
    figures = sorted((value, cause) for value, cause in known if isinstance(value, Decimal))
    return any(
        (high == low or high - low < 3 * step.tolerance) and one != other
        for (low, one), (high, other) in pairwise(figures)
    )
