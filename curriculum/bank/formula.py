"""Formulas of questions: small arithmetic over named decimals, read once, never executed as code. Floor 1.

The grammar is Python's for expressions, cut down to figures, names, + - * / // % **, comparisons, `a if b else c`, and
the functions of `FUNCTIONS`. Everything is decimal with 28 digits, half up: the same figure on every machine.
"""

from __future__ import annotations

import ast
import decimal
import functools
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal
from types import MappingProxyType
from typing import Any

from curriculum import errors

LONGEST = 400
DEEPEST = 40
MOST_POWER = 64
_CONTEXT = decimal.Context(prec=28, rounding=ROUND_HALF_UP)


def _whole(direction: str) -> Callable[[Decimal], Decimal]:
    return lambda value: value.to_integral_value(direction)


def _round(value: Decimal, places: Decimal = Decimal(0)) -> Decimal:
    return value.quantize(Decimal(1).scaleb(-int(places)), ROUND_HALF_UP)


FUNCTIONS: Mapping[str, Callable[..., Decimal]] = MappingProxyType(
    {
        "min": min,
        "max": max,
        "abs": abs,
        "ceil": _whole(ROUND_CEILING),
        "floor": _whole(ROUND_FLOOR),
        "round": _round,
    }
)


def _power(base: Decimal, exponent: Decimal) -> Decimal:
    if abs(exponent) > MOST_POWER:
        raise OverflowError
    power: Decimal = base**exponent
    return power


_BINARY: Mapping[type[ast.AST], Callable[[Decimal, Decimal], Decimal]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: lambda left, right: (left / right).to_integral_value(ROUND_FLOOR),
    ast.Mod: lambda left, right: left - right * (left / right).to_integral_value(ROUND_FLOOR),
    ast.Pow: _power,
}
_COMPARED: Mapping[type[ast.AST], Callable[[Decimal, Decimal], bool]] = {
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
}


@dataclass(frozen=True)
class Formula:
    """A formula that was read.

    Attributes:
        text: As it was written.
        names: What it needs.
    """

    text: str
    names: frozenset[str]

    def value(self, facts: Mapping[str, Decimal]) -> Decimal:
        """Its figure.

        Args:
            facts: A decimal for every one of `names`.

        Raises:
            errors.BadFormula: It divides by zero, or a figure gets too large.
        """
        with decimal.localcontext(_CONTEXT):
            try:
                return _value(_tree(self.text), facts)
            except (decimal.DecimalException, OverflowError) as error:
                raise errors.BadFormula(self.text, "it divides by zero or gets too large") from error


def read(text: Any) -> Formula:
    """Read a formula.

    Args:
        text: A text, or a number for a constant.

    Raises:
        errors.BadFormula: It is no formula, with what would be one.

    Examples:
        >>> read("price * (1 + rate / 100)").value({"price": Decimal("10"), "rate": Decimal("19")})
        Decimal('11.90')
        >>> read("ceil(pieces / 3) if pieces > 2 else 1").value({"pieces": Decimal(7)})
        Decimal('3')
    """
    written = str(text).strip()
    if isinstance(text, bool) or not isinstance(text, str | int | float) or not written:
        raise errors.BadFormula(written, "write a figure or a formula such as price * pieces")
    if len(written) > LONGEST:
        raise errors.BadFormula(written[:40], f"longer than {LONGEST} characters; give parts of it names in `with`")
    return Formula(written, frozenset(_names(_tree(written), written, 0)))


@functools.lru_cache(maxsize=4096)
def _tree(text: str) -> ast.expr:
    try:
        return ast.parse(text, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise errors.BadFormula(text, "write it as price * pieces, with parentheses where needed") from error


def _names(node: ast.expr, text: str, depth: int) -> set[str]:
    """Every name, after a check that nothing else than arithmetic is there."""
    if depth > DEEPEST:
        raise errors.BadFormula(text, "it is nested too deeply; give parts of it names in `with`")
    if isinstance(node, ast.Constant) and isinstance(node.value, int | float) and not isinstance(node.value, bool):
        return set()
    if isinstance(node, ast.Name):
        return {node.id}
    return set().union(*(_names(part, text, depth + 1) for part in _operation(node, text)[1]))


def _operation(node: ast.expr, text: str) -> tuple[Callable[..., Decimal], list[ast.expr]]:
    """What an inner node does, and to what."""
    if isinstance(node, ast.BinOp) and type(node.op) in _BINARY:
        return _BINARY[type(node.op)], [node.left, node.right]
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return operator.neg, [node.operand]
    if isinstance(node, ast.IfExp):
        return (lambda test, body, other: body if test else other), [node.test, node.body, node.orelse]
    if isinstance(node, ast.Compare) and len(node.ops) == 1 and type(node.ops[0]) in _COMPARED:
        compared = _COMPARED[type(node.ops[0])]
        return (lambda left, right: Decimal(compared(left, right))), [node.left, node.comparators[0]]
    called = node.func.id if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) else ""
    if isinstance(node, ast.Call) and called in FUNCTIONS and node.args and not node.keywords:
        return FUNCTIONS[called], list(node.args)
    wrong = ast.get_source_segment(text, node) or text
    raise errors.BadFormula(text, f"{wrong[:40]!r} is no arithmetic; known are + - * / // % **, {', '.join(FUNCTIONS)}")


def _value(node: ast.expr, facts: Mapping[str, Decimal]) -> Decimal:
    if isinstance(node, ast.Constant):
        return Decimal(str(node.value))
    if isinstance(node, ast.Name):
        return facts[node.id]
    if isinstance(node, ast.IfExp):  # the other branch may have no figure here
        return _value(node.body if _value(node.test, facts) else node.orelse, facts)
    operation, parts = _operation(node, "")
    return operation(*(_value(part, facts) for part in parts))
