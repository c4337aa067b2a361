"""Courses and lessons in a real Chromium: from the list to a lesson that was read, in both languages, by keyboard."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.walks import campus
from tests.walks.campus import Seat

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Seat]:
    with campus.seat(tmp_path_factory.mktemp("reading")) as seat:
        yield seat


def pressed(page: Page, what: str) -> None:
    """Press Enter there, and wait for the page that answers."""
    with page.expect_navigation():
        page.locator(what).first.press("Enter")


def walked(page: Page, label: str, directory: Path | None = None) -> list[str]:
    """Go from the list of courses to a lesson and read it; what was unsound on the way."""
    problems = []

    def look(name: str) -> None:
        problems.extend(campus.sound(page))
        if directory is not None:
            page.screenshot(path=directory / f"{label}-{name}.png", full_page=True)

    pressed(page, "button[formaction$='/lti/learn']")
    look("courses")
    pressed(page, "button[name=at][value=operations]")
    look("course")
    page.locator("details > summary").nth(6).click()
    look("course-open")
    for kind in ("project", "discussion", "event", "team"):
        page.locator("body").evaluate("() => document.querySelectorAll('details').forEach(one => one.open = true)")
        pressed(page, f"button[name=thing][value^='{kind}:']")
        look(kind)
        pressed(page, "form.section button[name=at]")
    page.locator("body").evaluate("() => document.querySelectorAll('details').forEach(one => one.open = true)")
    pressed(page, "button[name=skill][value='cus.low_value_eu']")
    look("lesson")
    pressed(page, "button[name=act][value=read]")
    assert page.locator("button[name=act][value=read]").count() == 0
    page.locator("details > summary").last.click()
    look("read")
    pressed(page, "button[name=word][value=useful]")
    look("voted")
    return problems


@pytest.mark.parametrize(("language", "width"), campus.some(("zh", 1100), ("en", 375)))
def test_a_learner_finds_a_lesson_reads_it_and_says_something(
    browser: Browser, place: Seat, language: str, width: int
) -> None:
    page, said = campus.shown(browser, place, language, width, custom={"catalog": "cbec"}, sub=f"reader-{language}")

    problems = walked(page, f"{language}-{width}")

    assert problems == []
    assert said == []
    page.close()
