"""The analysis of a shop's books in the tool: of the week played, and of own files, of which nothing is kept."""

from __future__ import annotations

import io
from html import unescape

import pytest

from curriculum.practice import shop, shop_questions
from storage.port import Document
from tests.curriculum.test_shop import ROWS
from tests.lti_tool import builders
from tests.lti_tool.builders import Bench, TestResponse
from tests.lti_tool.test_practising import hidden
from tests.lti_tool.test_trading import WEEK, go, kept, opened, reference, state


def ask(bench: Bench, page: TestResponse, **fields: object) -> TestResponse:
    return bench.client().post("/lti/shop", data={**hidden(page), **fields})


def files(**changes: bytes) -> dict[str, object]:
    found = {name: changes.get(name, shop.written(name, rows).encode()) for name, rows in ROWS.items()}
    return {name: (io.BytesIO(body), f"{name}.csv") for name, body in found.items()}


def test_the_figures_of_the_week_are_asked_and_graded(bench: Bench) -> None:
    week = go(bench, opened(bench), **reference(bench))
    page = ask(bench, week, act="open")
    played = state(bench)
    asked = shop_questions.questions(shop.tables(played.market, played.shop, played.reports))
    right = {one.id: str(one.right) for one in asked}
    page = ask(bench, page, act="grade", **{**right, "served": "none"})

    assert page.text.count("Your figure is that of the books.") == len(asked) - 1
    assert "We could not read this as a number." in page.text


def test_before_the_first_round_there_is_nothing_to_ask(bench: Bench) -> None:
    assert "There are no figures yet" in ask(bench, opened(bench), act="open").text


def test_own_files_are_asked_about_and_nothing_of_them_is_kept(bench: Bench) -> None:
    first = opened(bench)
    before: Document = kept(bench)
    page = ask(bench, first, act="upload", **files())
    page = ask(bench, page, act="grade", margin="60")

    assert "This leaves out the commission." in page.text
    assert "48.0" in page.text
    assert {**kept(bench), "since": 0} == {**before, "since": 0}
    assert "“lamp”" in ask(bench, page, act="open").text


def test_personal_data_are_told_by_place_and_never_echoed(bench: Bench) -> None:
    body = b"week,campaign,spend,pieces_by_ads\r\n2026-07-06,li.na@example.com,4,1\r\n2026-07-06,a,x,1"
    page = ask(bench, opened(bench), act="upload", **files(ads=body))
    text = unescape(page.text)

    assert "ads, line 2, column 2: this looks like personal data (mail)" in text
    assert "ads, line 3, “spend”: write a number" in text
    assert "li.na" not in text
    assert '<h2 class="title" id="q-' not in page.text


def test_a_page_that_was_changed_is_refused(bench: Bench) -> None:
    page = ask(bench, opened(bench), act="grade", own="made-up")

    assert (page.status_code, "page_not_ours" in page.text) == (403, True)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_method_has_its_words(bench: Bench, language: str) -> None:
    page = ask(bench, builders.launched(bench, custom=WEEK, locale=language), act="upload", **files())
    for one in shop_questions.questions(ROWS):
        for value in one.wrong.values():
            assert ask(bench, page, act="grade", language=language, **{one.id: str(value)}).status_code == 200
