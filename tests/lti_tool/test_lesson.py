"""The page of a lesson: which dated rules it shows and what it says of each, on the day that it is read."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from lti_tool.pages import lesson
from tests.lti_tool.advised import CBEC, OULAD, advised

GIVEN = advised(CBEC, "operations")


def shown(skill: str, today: date, language: str = "en", at: str = "") -> lesson.Page:
    found = lesson.page(GIVEN, skill, at, language, today=today)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("today", "states"),
    [
        (date(2026, 6, 30), {"EU: since 1 July 2021": "holds", "EU: 1 July 2026 to 30 June 2028": "coming"}),
        (date(2026, 7, 1), {"EU: 1 July 2026 to 30 June 2028": "holds", "EU: 1 January 2010 to 30 June 2026": "ended"}),
    ],
)
def test_a_rule_holds_ends_and_is_to_come_on_its_day(today: date, states: dict[str, str]) -> None:
    chips = {chip.tag.replace("\N{NO-BREAK SPACE}", " "): chip for chip in shown("cus.low_value_eu", today).rules}

    assert {tag: chips[tag].state for tag in states} == states
    assert all(bool(chip.note) == (chip.state != "holds") for chip in chips.values())


def test_a_rule_that_began_after_the_text_was_checked_is_said() -> None:
    assert shown("cus.low_value_eu", date(2026, 11, 26)).older == ""

    later = replace(CBEC.rules["eu.flat_duty_2026"], valid_from=date(2027, 1, 1))
    changed = replace(GIVEN, catalog=replace(CBEC, rules={**CBEC.rules, later.id: later}))
    page = lesson.page(changed, "cus.low_value_eu", "", "en", today=date(2027, 1, 1))

    assert page is not None
    assert page.older.startswith("A rule began after this text was last checked")


def test_what_comes_before_says_why_and_the_next_is_that_of_the_course() -> None:
    page = shown("cus.low_value_eu", date(2026, 11, 26), at="operations.border")

    assert [one.id for one in page.before] == ["cus.duty", "cus.vat_import"]
    assert all(one.why for one in page.before)
    assert page.following is not None
    assert page.following[0] == "cus.ioss"
    assert shown("ict.project", date(2026, 11, 26), at="operations").following is None
    assert shown("dat.sql", date(2026, 11, 26), at="operations").at == ""


def test_without_a_lesson_there_is_no_page_and_without_activities_nothing_was_read() -> None:
    assert lesson.page(advised(OULAD, ""), "AAA.TMA", "", "en", today=date(2026, 11, 26)) is None
    assert lesson.read(GIVEN) == frozenset()
