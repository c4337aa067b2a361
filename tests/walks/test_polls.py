"""A walk: an instructor asks the class, a learner answers twice, and the split and the answer are seen."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from lti_tool import polls
from tests.lti_tool import builders
from tests.walks import campus
from tests.walks.campus import Seat
from tests.walks.test_rules import looked_at

pytestmark = pytest.mark.browser

SAYS = {
    "en": ("See your class", "Questions", "Choose a question", "Answer it"),
    "zh": ("查看班级", "题目", "选择题目", "去作答"),
}


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Seat]:
    with campus.seat(tmp_path) as seat:
        yield seat


@pytest.mark.parametrize(("language", "width"), campus.some(("en", 375), ("zh", 1100)))
def test_a_class_is_asked_talks_and_answers_again(browser: Browser, place: Seat, language: str, width: int) -> None:
    to_class, tab, choose, go = SAYS[language]
    custom = {"catalog": "cbec"}
    page, said = campus.shown(browser, place, language, width, custom=custom, roles=[builders.INSTRUCTOR])
    page.get_by_role("button", name=to_class).first.click()
    page.get_by_role("button", name=tab, exact=True).click()
    page.get_by_role("button", name=choose).click()
    page.locator("#by-form").select_option("choice")
    page.locator("form[role=search] button").click()
    page.locator("button[name=id]").first.click()
    page.locator("button[name=entry]").click()
    page.locator("button[value=talk]").wait_for()
    looked_at(page, f"ask-{language}-{width}")

    learner, heard = campus.shown(
        browser, place, language, width, custom=custom, roles=[builders.LEARNER], sub="someone"
    )
    learner.get_by_role("button", name=go).click()
    looked_at(learner, f"poll-{language}-{width}")
    learner.locator("input[name=answer]").first.check()
    learner.locator("button[value=answer]").click()
    learner.locator(".note[role=status]").wait_for()
    page.locator("button[value=talk]").click()
    page.locator("button[value=closed]").wait_for()
    (kept,) = place.bench.storage.find(polls.POLLS, {})
    second = polls.Poll(**{**kept, "state": polls.FIRST})
    for number in range(polls.FEWEST):
        polls.answer(place.bench.storage, second, f"other{number}", polls.Answer("a", number > 1, "", 1.0))
    page.locator("button[value=closed]").click()
    page.locator(".bars").wait_for()
    looked_at(page, f"split-{language}-{width}")
    learner.locator("form[action$='/lti/poll'] button.btn").first.click()
    learner.locator(".triple").wait_for()
    looked_at(learner, f"poll-closed-{language}-{width}")
    assert said + heard == []
    page.close()
    learner.close()
