"""What a learner types is read leniently, and never by guessing."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curriculum.practice import answers, figures


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("3", "3"),
        ("3.00", "3"),
        ("€3", "3"),
        ("3 €", "3"),
        ("EUR 3.50", "3.5"),
        ("3,00", "3"),
        ("12,5", "12.5"),
        ("0,125", "0.125"),
        (",5", "0.5"),
        (".5", "0.5"),
        ("3.", "3"),
        ("３．００", "3"),
        ("３，００", "3"),
        ("１２．５％", "12.5"),
        ("3元", "3"),
        ("人民币 1,234.50 元", "1234.50"),
        ("¥1,234.50", "1234.50"),
        ("1,234,567", "1234567"),
        ("1.234,50", "1234.50"),
        ("1 234.50", "1234.50"),
        ("1\N{NO-BREAK SPACE}234,50", "1234.50"),
        ("1'234.50", "1234.50"),
        ("12,34,5", None),
        ("22.5 kg", "22.5"),
        ("22.5公斤", "22.5"),
        ("22.5千克", "22.5"),
        ("约 3 欧元", "3"),
        ("3.00。", "3"),
        ("-4.5", "-4.5"),
        ("\N{MINUS SIGN}4.5", "-4.5"),
        ("+4.5", "4.5"),
        ("0", "0"),
        ("1234,5678", "1234.5678"),
    ],
)
def test_a_number_is_read_however_it_is_written(text: str, value: str | None) -> None:
    assert answers.read(text).value == (None if value is None else Decimal(value))


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "empty"),
        ("   ", "empty"),
        ("EUR", "no_number"),
        ("%", "no_number"),
        ("three", "no_number"),
        ("三", "no_number"),
        ("3 or 4", "no_number"),
        ("3e5", "no_number"),
        ("nan", "no_number"),
        ("Infinity", "no_number"),
        ("--3", "no_number"),
        ("1.2.3", "no_number"),
        ("3*2", "no_number"),
        ("1,234", "ambiguous"),
        ("12,345", "ambiguous"),
        ("１，２３４", "ambiguous"),
        ("9" * 41, "too_long"),
        ("9" * 39, "too_long"),
        ("-1000000000000", "too_long"),
        ("<script>alert(1)</script>", "no_number"),
        ("\N{ARABIC-INDIC DIGIT THREE}", "no_number"),
    ],
)
def test_what_cannot_be_read_says_why(text: str, problem: str) -> None:
    assert answers.read(text) == answers.Read(None, problem)


@pytest.mark.parametrize(
    ("text", "problem"), [("0.25", "not_per_cent"), ("0,25", "not_per_cent"), ("25", ""), ("0.5%", ""), ("0", "")]
)
def test_a_share_is_asked_for_in_per_cent(text: str, problem: str) -> None:
    assert answers.read(text, "%").problem == problem


@given(st.text(max_size=60))
def test_no_text_breaks_the_reader(text: str) -> None:
    read = answers.read(text)

    assert (read.value is None) == bool(read.problem)
    assert read.value is None or read.value.is_finite()


@given(st.decimals(min_value=-(10**9), max_value=10**9, places=2))
def test_what_a_page_shows_is_read_back_as_the_same_number(value: Decimal) -> None:
    assert answers.read(figures.shown(value)).value == value
