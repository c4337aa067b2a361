"""What the response processing of an item says of single answers: which are right, and which are told what. Floor 1.

Read are the conditions that ask for one value of the response: `qti-match`, `qti-equal`, `qti-equal-rounded`,
`qti-string-match` and `qti-member`, alone, negated, or joined by `qti-or`. QTI 3.0 ASI, section "Response processing".
What else a condition may ask is passed over: it decides scores, and no score is taken in.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from curriculum.exchange.markup import Node

BRANCHES = ("qti-response-if", "qti-response-else-if")
LONGEST = 30
"""Digits of a figure that is taken in: 1e999999999 would fill the memory when it is written out."""


@dataclass(frozen=True)
class Value:
    """A value that a condition asks for, and how far an answer may be from it.

    Attributes:
        text: The value as it is written.
        absent: Whether the condition holds where the value is not part of the response.
        margin: How far a figure may be off; 0 where it must be alike.
        line: Of the condition.
    """

    text: str
    absent: bool = False
    margin: Decimal = Decimal(0)
    line: int = 0


@dataclass(frozen=True)
class Rule:
    """What is set where one of some values is answered.

    Attributes:
        values: One of them is answered.
        sets: What is set: outcome and value.
        line: Of the condition.
    """

    values: tuple[Value, ...]
    sets: tuple[tuple[str, str], ...]
    line: int


def rules(item: Node, response: str) -> list[Rule]:
    """The conditions of an item that ask for one value, in order.

    Args:
        item: The item.
        response: Identifier of the response.
    """
    processing = item.first("qti-response-processing")
    return [] if processing is None else list(_rules(processing, response))


def mirrors(item: Node, response: str) -> set[str]:
    """The outcomes that are set to the response itself: feedback by the identifier of the choice."""
    processing = item.first("qti-response-processing")
    if processing is None:
        return set()
    return {
        one.get("identifier")
        for one in processing.every("qti-set-outcome-value")
        if any(node.get("identifier") == response for node in one.elements if node.name == "qti-variable")
    }


def figure(written: str) -> Decimal | None:
    """A finite figure of a common size, or None.

    >>> figure(" 12.50 "), figure("1e400"), figure("twelve")
    (Decimal('12.50'), None, None)
    """
    try:
        value = Decimal(written.strip())
    except InvalidOperation:
        return None
    if not value.is_finite() or abs(value.adjusted()) > LONGEST or len(value.as_tuple().digits) > LONGEST:
        return None
    return value


def _rules(node: Node, response: str) -> Iterator[Rule]:
    for child in node.elements:
        if child.name in BRANCHES and child.elements:
            values = tuple(_values(child.elements[0], response))
            sets = tuple(_sets(child))
            if values and sets:
                yield Rule(values, sets, child.line)
        yield from _rules(child, response)


def _sets(branch: Node) -> Iterator[tuple[str, str]]:
    for child in branch.elements:
        if child.name == "qti-set-outcome-value":
            for value in child.every("qti-base-value"):
                yield child.get("identifier"), text(value)


def _values(test: Node, response: str) -> Iterator[Value]:
    """The values that a test asks for; none if it asks for anything else."""
    if test.name == "qti-or":
        parts = [tuple(_values(part, response)) for part in test.elements]
        if all(parts):
            yield from (value for part in parts for value in part)
    elif test.name == "qti-and" and len(test.elements) == 1:
        yield from _values(test.elements[0], response)
    elif test.name == "qti-not" and len(test.elements) == 1 and test.elements[0].name == "qti-member":
        yield from (Value(value.text, True, line=value.line) for value in _values(test.elements[0], response))
    elif test.name in {"qti-match", "qti-string-match", "qti-member", "qti-equal", "qti-equal-rounded"}:
        asked = [node for node in test.elements if node.name == "qti-variable" and node.get("identifier") == response]
        value = next((node for node in test.elements if node.name in {"qti-base-value", "qti-correct"}), None)
        if asked and value is not None:
            wanted = text(value) if value.name == "qti-base-value" else ""
            yield Value(wanted, margin=_margin(test, figure(wanted)), line=test.line)


def _margin(test: Node, value: Decimal | None) -> Decimal:
    """How far an answer may be off; where the two sides differ, the smaller one."""
    if test.name == "qti-equal-rounded":
        places = test.get("figures")
        decimals = test.get("rounding-mode") == "decimalPlaces" and places in {"0", "1", "2", "3", "4", "5", "6"}
        return Decimal(1).scaleb(-int(places)) / 2 if decimals else Decimal(0)
    sides = [figure(part) for part in test.get("tolerance").split()]
    least = min((abs(side) for side in sides if side is not None), default=Decimal(0))
    if test.get("tolerance-mode") == "relative":
        return abs(value) * least / 100 if value is not None else Decimal(0)
    return least if test.get("tolerance-mode") == "absolute" else Decimal(0)


def text(node: Node) -> str:
    """The text of an element that holds a value, without blanks around it."""
    return "".join(child for child in node.children if isinstance(child, str)).strip()
