"""The books of a shop: read back as they were written, refused whole where they must be, and asked about exactly."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from curriculum.practice import shop, shop_intake, shop_questions, week, week_market, week_policy
from curriculum.practice.shop_intake import Fault
from curriculum.practice.shop_questions import SKILLS

ROWS = {
    "orders": (
        ("2026-07-06", "lamp", "12.00", "12", "10", "120.00", "20.00", "12.00", "40.00", "0", "0.00"),
        ("2026-07-13", "lamp", "12.00", "10", "10", "120.00", "20.00", "12.00", "40.00", "2", "24.00"),
    ),
    "ads": (("2026-07-06", "lamp", "10", "2"), ("2026-07-13", "lamp", "20", "3")),
    "stock": (
        ("2026-07-06", "lamp", "0", "10", "0", "20", "0", "4.00"),
        ("2026-07-13", "lamp", "0", "10", "2", "12", "0", "4.00"),
    ),
    "payouts": (
        ("2026-07-06", "120.00", "12.00", "0.00", "108.00", "20.00"),
        ("2026-07-13", "120.00", "12.00", "24.00", "84.00", "16.00"),
    ),
}


def files(**changes: str) -> dict[str, bytes]:
    return {name: changes.get(name, shop.written(name, rows)).encode() for name, rows in ROWS.items()}


def test_what_was_written_is_read_again() -> None:
    assert shop_intake.read(files()).tables == ROWS
    marked = {name: b"\xef\xbb\xbf" + body for name, body in files().items()}
    assert shop_intake.read(marked).tables == ROWS


def test_the_questions_have_the_figures_that_a_hand_finds() -> None:
    found = {one.id: one.right for one in shop_questions.questions(ROWS)}

    assert found == {
        "margin": Decimal("48.0"),  # (240 - 40 - 24 - 80) / 200
        "ads_share": Decimal("15.0"),  # 30 / 200
        "returns": Decimal("10.0"),  # 2 / 20
        "turn": Decimal("1.3"),  # 20 / 16, half up
        "cover": Decimal("1.1"),  # 12 / 11
        "served": Decimal("90.9"),  # 20 / 22
        "payout": Decimal("80.0"),  # 192 / 240
    }


def test_answers_are_graded_and_a_known_method_is_named() -> None:
    margin = shop_questions.questions(ROWS)[0]

    assert [shop_questions.grade(margin, text).state for text in ("48", "47.9 %", "48,1", "x", "")] == [
        "right", "right", "right", "unreadable", "unreadable",
    ]  # fmt: skip
    assert shop_questions.grade(margin, "60").method == "without_commission"
    assert shop_questions.grade(margin, "120").method == "of_cost"
    assert shop_questions.grade(margin, "17").method == ""


@pytest.mark.parametrize("number", [0, 7, 21])
def test_a_played_week_can_be_analysed(number: int) -> None:
    there = week_market.market(number, date(2026, 11, 26))
    state, reports = week.opened(there), []
    while state.round <= week_market.ROUNDS:
        state, report = week.play(there, state, week_policy.reference(there, state))
        reports.append(report)
    tables = shop.tables(there, state, reports)
    read = shop_intake.read({name: shop.written(name, rows).encode() for name, rows in tables.items()})

    assert read.sound
    assert read.tables == tables
    assert {one.id for one in shop_questions.questions(tables)} == SKILLS.keys()


@pytest.mark.parametrize(
    ("file", "text", "fault"),
    [
        ("ads", "", Fault("ads", 0, "", "missing")),
        ("ads", "x" * 130_000, Fault("ads", 0, "", "size")),
        ("ads", "week,campaign,spend,pieces_by_ads\r\n", Fault("ads", 0, "", "empty")),
        ("ads", 'week,campaign,spend,pieces_by_ads\r\n"a', Fault("ads", 0, "", "csv")),
        ("ads", "week,spend\r\n2026-07-06,4", Fault("ads", 1, "", "heads")),
        ("ads", "week,campaign,spend,pieces_by_ads\r\n2026-07-06,a,4", Fault("ads", 2, "", "cells")),
        ("ads", "week,campaign,spend,pieces_by_ads\r\n6 July,a,4,1", Fault("ads", 2, "week", "day")),
        ("ads", "week,campaign,spend,pieces_by_ads\r\n2026-07-06,,4,1", Fault("ads", 2, "campaign", "word")),
        ("ads", "week,campaign,spend,pieces_by_ads\r\n2026-07-06,a,-4,1", Fault("ads", 2, "spend", "number")),
        ("ads", "week,campaign,spend,pieces_by_ads\r\n2026-07-06,a,4,1.5", Fault("ads", 2, "pieces_by_ads", "whole")),
        ("ads", "week,campaign,spend,pieces_by_ads" + "\r\n2026-07-06,a,4,1" * 2001, Fault("ads", 2000, "", "lines")),
    ],
)
def test_a_bad_file_is_told_by_its_place_and_nothing_is_taken(file: str, text: str, fault: Fault) -> None:
    read = shop_intake.read(files(**{file: text}))

    assert (read.faults, read.tables, read.sound) == ((fault,), {}, False)


def test_a_file_in_another_encoding_is_told() -> None:
    read = shop_intake.read({**files(), "ads": "week,名称".encode("gbk")})

    assert read.faults == (Fault("ads", 0, "", "encoding"),)


def test_personal_data_refuse_everything() -> None:
    text = "week,campaign,spend,pieces_by_ads,收件人\r\n2026-07-06,li.na@example.com,4,1,李娜"
    read = shop_intake.read(files(ads=text))

    assert [(one.file, one.line, one.column, one.kind) for one in read.people] == [
        ("ads", 1, 5, "name"),
        ("ads", 2, 2, "mail"),
        ("ads", 2, 5, "name"),
    ]
    assert (read.tables, read.sound) == ({}, False)


def test_empty_books_ask_nothing() -> None:
    assert shop_questions.questions(dict.fromkeys(shop.COLUMNS, ())) == ()
