"""Formulas of questions: exact, small, and never code."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curriculum import errors
from curriculum.bank import formula

FIGURES = {"price": Decimal("12.50"), "pieces": Decimal(3), "rate": Decimal(19), "nothing": Decimal(0)}


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("price * pieces", "37.50"),
        ("price + pieces - 1", "14.50"),
        ("price / pieces", "4.166666666666666666666666667"),
        ("-price", "-12.50"),
        ("rate // pieces", "6"),
        ("rate % pieces", "1"),
        ("pieces ** 2", "9"),
        ("round(price * rate / 100, 1)", "2.4"),
        ("round(price)", "13"),
        ("ceil(price) + floor(price) + abs(-1)", "26"),
        ("min(price, pieces) + max(price, pieces)", "15.50"),
        ("1 if price > pieces else 2", "1"),
        ("price / nothing if nothing > 0 else 7", "7"),
        ("0.1 + 0.2", "0.3"),
        (5, "5"),
        ("(price <= 12.5) + (price >= 12.5) + (price == 12.5) + (price < 1) + (price != 12.5)", "3"),
    ],
)
def test_a_formula_has_its_exact_figure(text: object, right: str) -> None:
    assert formula.read(text).value(FIGURES) == Decimal(right)


def test_it_says_what_it_needs() -> None:
    assert formula.read("price * (1 + rate / 100) if pieces > 1 else price").names == {"price", "rate", "pieces"}


@pytest.mark.parametrize(
    "text",
    [
        "",
        True,
        None,
        [],
        "price *",
        "price.real",
        "__import__('os')",
        "print(price)",
        "min()",
        "round(price, ndigits=2)",
        "[price]",
        "lambda: 1",
        "price and pieces",
        "1 < price < 3",
        "'a'",
        "price := 3",
        "(" * 60 + "price" + ")" * 60 + "+",
        "-" * 60 + "price",
        "price + " * 200 + "1",
    ],
)
def test_what_is_no_arithmetic_is_refused(text: object) -> None:
    with pytest.raises(errors.BadFormula, match="the formula"):
        formula.read(text)


@pytest.mark.parametrize("text", ["price / nothing", "price % nothing", "price // nothing", "9 ** 9 ** 9", "2 ** 65"])
def test_what_has_no_figure_says_so(text: str) -> None:
    with pytest.raises(errors.BadFormula, match="divides by zero or gets too large"):
        formula.read(text).value(FIGURES)


@given(st.text(max_size=60))
def test_no_text_does_anything_else(text: str) -> None:
    try:
        made = formula.read(text)
    except errors.BadFormula:
        return
    assert isinstance(made.names, frozenset)
