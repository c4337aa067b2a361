"""A week of a shop in a real Chromium without a script: three rounds, the books, their questions; both widths."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.walks import campus
from tests.walks.campus import Seat, sound

pytestmark = pytest.mark.browser
WEEK = {"catalog": "cbec", "activity": "week"}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Seat]:
    with campus.seat(tmp_path_factory.mktemp("week")) as seat:
        yield seat


def pressed(page: Page, what: str) -> list[str]:
    """Press a button, wait for the page that answers; what is unsound there."""
    with page.expect_navigation():
        page.locator(what).first.press("Enter")
    return sound(page)


@pytest.mark.parametrize(("language", "width"), campus.some(("en", 375), ("zh", 1100)))
def test_rounds_are_played_and_their_books_asked_about(
    browser: Browser, place: Seat, language: str, width: int
) -> None:
    page, said = campus.shown(browser, place, language, width, custom=WEEK, sub=f"week-{language}-{width}")
    problems = sound(page)
    page.locator("#order_a").fill("99999")
    problems += pressed(page, "button[value=decide]")
    page.locator("#order_a-problem").wait_for()
    for price in ("page", "dear", "page"):
        page.locator("#order_a").fill("5")
        if price == "dear":
            page.locator("#ads_a").fill("0")
        problems += pressed(page, "button[value=decide]")
        assert page.locator("section.card[aria-labelledby^=view-]").count() == 4
        problems += pressed(page, "button[value=next]")
    with page.expect_download() as waiting:
        page.locator("button[name=file][value=orders]").press("Enter")
    assert waiting.value.suggested_filename == "shop-orders.csv"
    problems += pressed(page, "form[action$='/lti/shop'] button")
    page.locator("#margin").fill("1")
    problems += pressed(page, "button[value=grade]")

    assert page.locator("ol.triple").count() == 1
    assert (problems, said) == ([], [])
    page.close()
