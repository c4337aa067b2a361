"""What a learner says of themselves and of a step, and what an instructor sees of it, in a real Chromium."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.lti_tool import builders
from tests.walks import campus
from tests.walks.campus import Seat, sound

pytestmark = pytest.mark.browser

SHAPES = campus.some(("en", 375), ("en", 1100), ("zh", 375), ("zh", 1100))
CLASS = campus.some(("zh", 1100), ("zh", 375), ("en", 375), ("en", 1100))
WORDS = {
    "en": ("You said", "You said: out of date. It comes later for you."),
    "zh": ("你说的", "你的评价：已过时。它会排到后面。"),
}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Seat]:
    with campus.seat(tmp_path_factory.mktemp("saying")) as seat:
        yield seat


def press(page: Page, what: str) -> None:
    """Press Enter there, and wait for the page that answers."""
    with page.expect_navigation():
        page.locator(what).first.press("Enter")


@pytest.mark.parametrize(("language", "width"), SHAPES)
def test_a_learner_says_where_they_begin_and_takes_it_back(
    browser: Browser, place: Seat, language: str, width: int
) -> None:
    said, fault = WORDS[language]
    page, complaints = campus.shown(
        browser, place, language, width, sub=f"n-{language}-{width}", custom={"catalog": "cbec", "role": "operations"}
    )
    page.locator("details:has(button[value=outdated]) summary").first.press("Enter")
    press(page, "button[value=outdated]")
    # The step comes later for whoever says so: it is still there, or three others are.
    assert page.get_by_text(fault).count() + page.locator("button[value=outdated]").count() == 3
    press(page, "form[action$='/lti/about'] button")
    problems = sound(page)
    page.locator("#about-experience").select_option("years")
    page.locator("input[value=cus]").check()
    page.locator("input[name=consent]").check()
    press(page, "button[value=keep]")
    assert page.get_by_role("heading", name=said).count() == 1
    problems += sound(page)
    press(page, "button[value=withdraw]")
    assert page.get_by_role("heading", name=said).count() == 0
    assert (problems, complaints) == ([], [])


@pytest.mark.parametrize(("language", "width"), CLASS)
def test_an_instructor_sees_what_a_goal_asks_for_and_what_learners_say(
    browser: Browser, place: Seat, language: str, width: int
) -> None:
    page, complaints = campus.shown(
        browser,
        place,
        language,
        width,
        sub="instructor",
        roles=[builders.INSTRUCTOR],
        custom={"catalog": "cbec", "activity": "class"},
    )
    press(page, "form[action$='/lti/class/demand'] button")
    page.locator("#role").select_option("marketing")
    press(page, "form:has(#role) button")
    assert page.locator("#role").input_value() == "marketing"
    problems = sound(page)
    press(page, "form[action$='/lti/class/steps'] button")
    assert page.locator("#words, #doubts, #teaches").count() == 3
    assert (problems + sound(page), complaints) == ([], [])
