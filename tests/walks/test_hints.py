"""Hints, further tries and a timed exam in a real Chromium: what each costs is said before; a clock ends the exam."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from curriculum.practice import answers as written
from curriculum.practice.task import Step
from lti_tool import tasks
from lti_tool.settings import ATTEMPTS
from storage.port import Document
from tests.walks import campus
from tests.walks.campus import Seat, sound

pytestmark = pytest.mark.browser
PICTURES = os.environ.get("ENTREPOT_TEST_PICTURES", "")
HINT, ANSWER, NEXT = "button[value=hint]", "button[value=answer]", "button[value=next]"


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Seat]:
    with campus.seat(tmp_path_factory.mktemp("hints")) as seat:
        yield seat


def pressed(page: Page, what: str) -> None:
    with page.expect_navigation():
        page.locator(what).press("Enter")


def shoot(page: Page, name: str) -> None:
    if PICTURES:
        page.screenshot(path=Path(PICTURES) / f"{name}.png", full_page=True)


def kept(place: Seat, activity: str) -> Document:
    """The newest attempt."""
    found = [one for one in place.bench.storage.find(ATTEMPTS, {}) if one["activity"] == activity]
    return max(found, key=lambda one: float(one["begun"]))


@pytest.mark.parametrize(("language", "width"), campus.some(("en", 375), ("zh", 1100), ("zh", 375), ("en", 1100)))
def test_hints_and_a_second_try_are_taken_and_shown_in_the_summary(
    browser: Browser, place: Seat, language: str, width: int
) -> None:
    custom = {"catalog": "cbec", "activity": "case", "case": "freight", "tries": "3"}
    page, said = campus.shown(browser, place, language, width, custom=custom, sub=f"hints-{language}-{width}")
    there = kept(place, "case:freight")
    made = tasks.task("case:freight", there["seed"], date.fromisoformat(there["on"]))
    label, step, problems = f"hints-{language}-{width}", made.questions[0].step, sound(page)

    shoot(page, f"{label}-0")
    pressed(page, HINT)
    pressed(page, HINT)
    assert page.locator(".hints li").count() == 2
    page.locator("#answer").fill(written.sent(step.wrong[0].value, step))
    pressed(page, "#answer")
    assert page.locator(".tried").is_visible()
    problems += sound(page)
    shoot(page, f"{label}-1")
    page.locator("#answer").fill(written.sent(step.right, step))
    pressed(page, "#answer")
    problems += sound(page)
    shoot(page, f"{label}-2")
    pressed(page, NEXT)
    for one in made.questions[1:]:
        page.locator("#answer").fill(written.sent(one.step.right, one.step))
        pressed(page, "#answer")
        pressed(page, NEXT)
    problems += sound(page)
    shoot(page, f"{label}-3")

    assert "3.25" in page.locator("main").inner_text()
    assert (problems, said) == ([], [])
    page.close()


def filled(page: Page, step: Step) -> None:
    """Fill in the right answer, and press nothing."""
    if isinstance(step.right, Decimal) or step.form == "text":
        page.locator("#answer").fill(written.sent(step.right, step))
        return
    for part in step.right:
        if step.form == "match":
            page.locator(f"#pair-{part[:-1]}").select_option(part)
        else:
            page.locator(f"input[name=answer][value={part}]").check()


@pytest.mark.parametrize(("language", "width"), campus.some(("zh", 1100), ("en", 375)))
def test_a_clock_hands_in_what_stands_in_the_form_and_the_exam_ends(
    browser: Browser, place: Seat, language: str, width: int
) -> None:
    custom = {"catalog": "cbec", "activity": "exam", "exam": "flow"}
    sub, label = f"exam-{language}-{width}", f"exam-{language}-{width}"
    page, said = campus.shown(browser, place, language, width, custom=custom, sub=sub)
    problems = sound(page)
    shoot(page, f"{label}-0")
    assert page.locator("#left").inner_text().startswith(("119", "120"))
    assert page.locator(HINT).count() == 0
    page.close()

    place.bench.clock.offset = 118 * 60
    page, more = campus.shown(browser, place, language, width, custom=custom, sub=sub)
    there = kept(place, "exam:flow")
    step = tasks.task("exam:flow", there["seed"], date.fromisoformat(there["on"])).questions[0].step
    filled(page, step)
    place.bench.clock.offset = 120 * 60
    with page.expect_navigation():  # the clock's own: the two minutes are over for the page as they are for the tool
        page.evaluate("const now = performance.now.bind(performance); performance.now = () => now() + 120_000;")
    place.bench.clock.offset = 0
    page.locator("summary").last.click()
    problems += sound(page)
    shoot(page, f"{label}-1")

    assert [one["right"] for one in kept(place, "exam:flow")["answers"]] == [True]
    assert kept(place, "exam:flow")["finished"] > 0
    assert (problems, said, more) == ([], [], [])
    page.close()
