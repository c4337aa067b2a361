"""A walk: an administrator writes a question, a learner is asked it, and the cause of a wrong answer is named."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.lti_tool.test_questioning import CHOICE, SKILL
from tests.lti_tool.test_ruling import ADMINISTRATOR, turn
from tests.walks import campus
from tests.walks.campus import Seat
from tests.walks.test_rules import looked_at

pytestmark = pytest.mark.browser

SAYS = {"en": ("What is taught", "Questions"), "zh": ("教学内容", "题目")}
CAUSES = {"en": "Thinks gifts are always free", "zh": "以为礼物一律免税"}


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Seat]:
    with campus.seat(tmp_path) as seat:
        yield seat


@pytest.mark.parametrize(("language", "width"), campus.some(("zh", 1100), ("en", 375)))
def test_a_question_is_written_asked_and_its_cause_named(
    browser: Browser, place: Seat, language: str, width: int
) -> None:
    what, tab = SAYS[language]
    turn(place.bench, datetime(2026, 11, 26, 12, tzinfo=UTC))
    page, said = campus.shown(browser, place, language, width, custom={"catalog": "cbec"}, roles=[ADMINISTRATOR])
    page.get_by_role("button", name=what).click()
    page.get_by_role("button", name=tab, exact=True).click()
    page.locator("#kind").wait_for()
    looked_at(page, f"questions-{language}-{width}")
    page.locator("#skill").select_option(SKILL)
    page.locator("form[action$='/lti/questions/write'] button").click()
    page.locator("#ask_en").wait_for()
    page.locator("button[name=more]").click()
    page.locator("#text_4_en").wait_for()
    page.locator("button.btn.primary").click()
    page.locator("[role=alert]").wait_for()
    looked_at(page, f"question-faults-{language}-{width}")
    for name, value in CHOICE.items():
        if name.startswith("cause_"):
            page.locator(f"#{name}").select_option(value)
        elif name.startswith("new_1_en"):
            page.locator("fieldset").nth(1).locator("summary").click()
            page.locator(f"#{name}").fill(value)
        elif name.endswith(("_en", "_zh")):
            page.locator(f"#{name}").fill(value)
    page.locator("button.btn[value=try]").click()
    page.locator("#tried").wait_for()
    looked_at(page, f"question-form-{language}-{width}")
    page.locator("button[value=enter]").click()
    page.locator(".note[role=status]").wait_for()
    page.locator("#area").select_option("cus")
    page.locator("#by-mark").select_option("own")
    page.locator("form[role=search] button").click()
    page.locator("button[name=id]").click()
    page.locator("input[name=answer]").first.wait_for()
    wrong = "Nobody" if language == "en" else "没有人"
    page.get_by_role("radio", name=wrong).check()
    page.locator("button[value=answer]").click()
    page.locator(".triple").wait_for()
    looked_at(page, f"question-{language}-{width}")
    assert CAUSES[language] in page.locator(".triple").inner_text()
    assert said == []
    page.close()
