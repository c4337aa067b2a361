"""Practice in a real Chromium, by keyboard and without a script: each kind of case, and an exam, to their end."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from lti_tool import tasks
from lti_tool.settings import ATTEMPTS
from tests.walks import campus
from tests.walks.campus import Seat, sound

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Seat]:
    with campus.seat(tmp_path_factory.mktemp("practice")) as seat:
        yield seat


def entered(page: Page, what: str) -> None:
    """Press Enter there, and wait for the page that answers."""
    with page.expect_navigation():
        page.locator(what).press("Enter")


def task(place: Seat, activity: str) -> tasks.Task:
    (kept,) = [one for one in place.bench.storage.find(ATTEMPTS, {}) if one["activity"] == activity][-1:]
    return tasks.task(activity, kept["seed"], date.fromisoformat(kept["on"]))


def shoot(page: Page, name: str, directory: Path | None = None) -> None:
    """Keep a picture where one is asked for."""
    if directory is not None:
        page.screenshot(path=directory / f"{name}.png", full_page=True)


def played(page: Page, made: tasks.Task, label: str, directory: Path | None = None) -> list[str]:
    """Play a case to its end: right, then each time another known wrong answer; what was unsound on the way."""
    problems = []
    for place, one in enumerate(made.questions):
        answer = one.step.right if place == 0 else one.step.wrong[(place - 1) % len(one.step.wrong)].value
        problems += sound(page)
        shoot(page, f"{label}-{place}-question", directory)
        if place == 1:
            page.locator("#answer").fill("about three")
            entered(page, "#answer")
            page.locator("#problem").wait_for()
            problems += sound(page)
            shoot(page, f"{label}-{place}-problem", directory)
        page.locator("#answer").fill(f"{answer:f}")
        entered(page, "#answer")
        page.locator(".triple").first.wait_for()
        problems += sound(page)
        shoot(page, f"{label}-{place}-feedback", directory)
        entered(page, "button[value=next]")
    page.locator("table.roomy").wait_for()
    page.locator("summary").first.click()
    problems += sound(page)
    shoot(page, f"{label}-summary", directory)
    return problems


KINDS = campus.some(
    ("eu_import", "zh", 375),
    ("eu_import", "en", 375),
    ("eu_import", "zh", 1100),
    ("freight", "zh", 375),
    ("payout", "en", 1100),
)


@pytest.mark.parametrize(("kind", "language", "width"), KINDS)
def test_a_case_is_played_to_its_end(browser: Browser, place: Seat, kind: str, language: str, width: int) -> None:
    sub = f"{kind}-{language}-{width}"
    custom = {"catalog": "cbec", "activity": "case", "case": kind}
    page, said = campus.shown(browser, place, language, width, custom=custom, sub=sub)
    made = task(place, f"case:{kind}")

    problems = played(page, made, sub)

    assert problems == []
    assert said == []
    page.close()
