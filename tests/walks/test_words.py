"""Feedback in other words in a real Chromium: the page is whole at once, the words come after it or stay away."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from curriculum.practice import answers as written
from lti_tool import tasks
from lti_tool.settings import ATTEMPTS
from tests.lti_tool import speaking
from tests.lti_tool.builders import INSTRUCTOR
from tests.lti_tool.speaking import HONEST, Speaker
from tests.walks import campus
from tests.walks.campus import Seat, sound

pytestmark = pytest.mark.browser
PICTURES = os.environ.get("ENTREPOT_TEST_PICTURES", "")


@pytest.fixture(scope="module")
def speaker() -> Iterator[Speaker]:
    with speaking.speaking() as running:
        yield running


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, speaker: Speaker) -> Iterator[Seat]:
    with campus.seat(tmp_path_factory.mktemp("words"), model_url=speaker.url, model_name="small") as seat:
        yield seat


def shoot(page: Page, name: str) -> None:
    if PICTURES:
        page.screenshot(path=Path(PICTURES) / f"{name}.png", full_page=True)


def pressed(page: Page, what: str) -> None:
    with page.expect_navigation():
        page.locator(what).first.press("Enter")


@pytest.mark.parametrize(("language", "width"), campus.some(("en", 375), ("zh", 1100)))
def test_other_words_come_after_the_page_or_stay_away(
    browser: Browser, place: Seat, speaker: Speaker, language: str, width: int
) -> None:
    label, path = f"words-{language}-{width}", {"catalog": "cbec"}
    here = {"id": label, "title": "Module"}
    teaching, said = campus.shown(browser, place, language, width, custom=path, roles=[INSTRUCTOR], context=here)
    pressed(teaching, 'form[action$="/lti/class"] button')
    pressed(teaching, 'nav form[action$="/lti/class/learners"] button')
    pressed(teaching, 'form[action$="/lti/class/words"] button')
    problems = sound(teaching)
    pressed(teaching, "button[value=on]")
    problems += sound(teaching)
    shoot(teaching, f"{label}-0")

    custom = {"catalog": "cbec", "activity": "case", "case": "eu_import"}
    page, heard = campus.shown(browser, place, language, width, custom=custom, sub=label, context=here)
    there = max(place.bench.storage.find(ATTEMPTS, {}), key=lambda one: float(one["begun"]))
    steps = [
        one.step for one in tasks.task(there["activity"], there["seed"], date.fromisoformat(there["on"])).questions
    ]
    page.locator("#answer").fill(written.sent(steps[0].wrong[0].value, steps[0]))
    pressed(page, "#answer")
    page.locator("[data-text]").wait_for(state="visible")
    assert page.locator("[data-text]").inner_text() == HONEST[language]
    problems += sound(page)
    shoot(page, f"{label}-1")

    speaker.how = "fails"
    pressed(page, "button[value=next]")
    page.locator("#answer").fill(written.sent(steps[1].wrong[0].value, steps[1]))
    with page.expect_response("**/lti/phrase"):
        pressed(page, "#answer")
    with page.expect_response(lambda one: one.url.endswith("/lti/phrase") and one.json()["state"] == "none"):
        pass
    assert not page.locator("section.words").is_visible()
    assert page.locator(".triple").is_visible()
    problems += sound(page)
    speaker.how = "chat"

    assert problems + said + heard == []
    page.close()
    teaching.close()
