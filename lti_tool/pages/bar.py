"""Parts that add up as shown, as one bar and one table, in hundredths. Floor 3.

The parts of a logit lie around zero; three kinds of part have a colour each: the task, the learner's earlier answers,
time. The parts of a weight lie beside each other. All bars of a page share one scale.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from lti_tool import figures
from recommender.explain import Contribution

KINDS = {
    "level": 1,
    "item": 1,
    "peers": 1,
    "difficulty": 1,
    "ability": 3,
    "practice": 3,
    "effort": 3,
    "scores": 3,
    "evidence": 3,
    "recency": 4,
    "time": 4,
}


@dataclass(frozen=True)
class Piece:
    """One rectangle: its colour class number, place and width in per cent."""

    kind: int
    x: str
    width: str


@dataclass(frozen=True)
class Row:
    """One line of the table: colour class number, id of its words, value as shown."""

    kind: int
    name: str
    value: str


@dataclass(frozen=True)
class Bar:
    """A bar and its table.

    Attributes:
        pieces: From left to right.
        zero: Place of zero, in per cent.
        rows: In the order given.
        total: Sum of the rows, as shown.
    """

    pieces: tuple[Piece, ...]
    zero: str
    rows: tuple[Row, ...]
    total: str


NOTHING = "–"
WEIGHTS = {"own": 1, "gap": 1, "refresh": 2, "review": 4, "back": 4, "opens": 3}
"""Colour class number of each part of a weight; amber, which is 2, for what a dated rule changed alone."""


@dataclass(frozen=True)
class Stripe:
    """The parts of one weight, none of them negative.

    Attributes:
        pieces: From left to right; parts that are nothing are not drawn.
        rows: All parts, in the order given.
        total: Sum of the rows, as shown.
    """

    pieces: tuple[Piece, ...]
    rows: tuple[Row, ...]
    total: str


def stripe(parts: Sequence[tuple[str, float]], widest: float) -> Stripe:
    """Draw the parts of one weight.

    Args:
        parts: Name, one of `WEIGHTS`, and value of each part.
        widest: The greatest weight of the page: the whole width.
    """
    hundredths = figures.hundredths([value for _, value in parts])
    edges = [0.0]
    for _, value in parts:
        edges.append(edges[-1] + max(0.0, value) / (widest or 1.0))
    pieces = [
        Piece(WEIGHTS[name], f"{100 * a:.2f}%", f"{max(0.0, 100 * (b - a) - 0.4):.2f}%")
        for (name, value), (a, b) in zip(parts, pairwise(edges), strict=True)
        if value > 0
    ]
    rows = tuple(
        Row(WEIGHTS[name], name, figures.decimal(count) if value else NOTHING)
        for (name, value), count in zip(parts, hundredths, strict=True)
    )
    return Stripe(tuple(pieces), rows, figures.decimal(sum(hundredths)))


def reach(offers: Iterable[Sequence[Contribution]]) -> tuple[float, float]:
    """How far the bars of a page go to the left and to the right of zero, in logits."""
    left, right = 0.0, 0.0
    for parts in offers:
        left = max(left, -sum(part.value for part in parts if part.value < 0))
        right = max(right, sum(part.value for part in parts if part.value > 0))
    return left, right


def of_parts(parts: Sequence[Contribution], scale: tuple[float, float]) -> Bar:
    """Draw the parts of one logit.

    Args:
        parts: They add up to the logit.
        scale: As `reach` gives it for all bars of the page.
    """
    left, right = scale
    span = (left + right) or 1.0
    hundredths = figures.hundredths([part.value for part in parts])
    rows = tuple(
        Row(KINDS[part.name], part.name, figures.signed(count)) for part, count in zip(parts, hundredths, strict=True)
    )
    ordered = sorted((KINDS[part.name], part.value) for part in parts)
    pieces = [
        *_stack([(kind, value) for kind, value in ordered if value < 0], left, span),
        *_stack([(kind, value) for kind, value in ordered if value > 0], left, span),
    ]
    return Bar(tuple(pieces), f"{100 * left / span:.1f}%", rows, figures.signed(sum(hundredths)))


def _stack(values: Sequence[tuple[int, float]], left: float, span: float) -> list[Piece]:
    edges = [left]
    for _, value in values:
        edges.append(edges[-1] + value)
    return [
        Piece(kind, f"{100 * min(a, b) / span:.2f}%", f"{max(0.0, 100 * abs(b - a) / span - 0.4):.2f}%")
        for (kind, _), (a, b) in zip(values, pairwise(edges), strict=True)
    ]
