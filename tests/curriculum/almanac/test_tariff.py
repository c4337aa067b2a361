"""Codes of the Harmonized System with their texts."""

from __future__ import annotations

import pytest

from curriculum.almanac import pages, tariff
from curriculum.practice import book
from curriculum.practice.flow import shelf

CODES = [row["code"] for row in pages.rows("hs.csv")]
SOLD = {good["hs"] for good in (*shelf.pages()["goods"], *shelf.pages()["imports"], *book.pages()["goods"])}


def test_every_subheading_has_its_heading_and_its_chapter() -> None:
    assert sorted(set(CODES)) == CODES
    assert {code[:4] for code in CODES if len(code) == 6} <= set(CODES)
    assert {code[:2] for code in CODES} <= set(CODES)
    assert sum(len(code) == 2 for code in CODES) == 96  # chapter 77 is kept free, and there is none beyond 97


def test_every_text_is_there_in_both_languages_and_written_out() -> None:
    for code in CODES:
        assert tariff.text(code)["en"]
        assert tariff.text(code)["zh"]
        assert "n.e.c." not in tariff.text(code)["en"]


@pytest.mark.parametrize("code", sorted(SOLD))
def test_what_is_sold_lies_among_all_subheadings_of_its_heading(code: str) -> None:
    assert code in tariff.heading(code)


def test_headings_are_whole_where_something_is_sold() -> None:
    """Numbers of subheadings of HS 2022."""
    counts = {"6109": 2, "4202": 12, "8504": 11, "9405": 15, "9503": 1, "6302": 15, "8518": 8, "3304": 5}

    assert {code: len(tariff.heading(code)) for code in counts} == counts


def test_what_is_not_among_them_is_said_to_be_unknown() -> None:
    assert not tariff.known("0101.21")
    with pytest.raises(KeyError):
        tariff.text("0101.21")
