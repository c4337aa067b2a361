"""A case before its words: the figures of its steps, right and wrong, and what fills the placeholders. Floor 1."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import pairwise

from curriculum.catalog import Rule
from curriculum.practice.task import Words

CENT = Decimal("0.01")
Fact = str | Words
"""What a placeholder is filled with: the same in both languages, or by language."""
Pairs = tuple[tuple[str, Decimal], ...]
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
    """

    id: str
    right: Decimal
    wrong: Pairs
    facts: Mapping[str, Fact] = field(default_factory=dict)
    places: int = 2
    tolerance: Decimal = CENT
    unit: str = ""
    rule: Rule | None = None
    variant: str = ""
    given: tuple[tuple[str, str], ...] = ()


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
    known = sorted([(step.right, ""), *((value, cause) for cause, value in step.wrong)])
    return any(high - low < 3 * step.tolerance and one != other for (low, one), (high, other) in pairwise(known))
