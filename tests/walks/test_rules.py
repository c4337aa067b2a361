"""Rules and the graph in a real Chromium, no script: news to a rule in two presses, the case of a later date, undo."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from lti_tool import tasks
from lti_tool.settings import ATTEMPTS
from lti_tool.tool import Tool
from tests.lti_tool import builders
from tests.lti_tool.test_ruling import ADMINISTRATOR, turn
from tests.walks import campus
from tests.walks.campus import Seat

pytestmark = pytest.mark.browser

PICTURES: Path | None = None
"""Where somebody who looks at the pages has them kept."""
SHAPES = campus.some(("en", 375), ("zh", 1100))
NEWS = {
    "en": "From 1 January 2027 the EU raises the temporary customs duty on low-value consignments to EUR 4 per item.",
    "zh": "自2027年1月1日起，欧盟对价值不超过150欧元的远程销售低值货物，每项征收4欧元临时关税。",
}
SAYS = {
    "en": ("What is taught", "Make a draft", "Approve", "Take back", "Skills and roles", "Versions"),
    "zh": ("教学内容", "生成草稿", "批准", "撤回", "技能与岗位", "版本"),
}
EVE, DAY = datetime(2026, 12, 31, 12, tzinfo=UTC), datetime(2027, 1, 1, 0, 0, 5, tzinfo=UTC)


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Seat]:
    with campus.seat(tmp_path) as seat:
        yield seat


def looked_at(page: Page, name: str) -> None:
    """Hold what is true of every page, and keep a picture where somebody wants to look at it."""
    page.wait_for_load_state()  # an element may be there before its style is
    if PICTURES is not None:
        page.screenshot(path=PICTURES / f"{name}.png", full_page=True)
    assert campus.sound(page) == []


CASE = {"catalog": "cbec", "activity": "case", "case": "eu_import"}


def begun(place: Seat, moment: datetime, sub: str) -> tasks.Task:
    """The case that a learner has who opens the link at a moment."""
    turn(place.bench, moment)
    for kept in place.bench.storage.find(ATTEMPTS, {}):
        place.bench.storage.delete(ATTEMPTS, (kept["learner"], kept["link"], kept["activity"]))
    builders.launched(place.bench, custom=CASE, sub=sub)
    (kept,) = place.bench.storage.find(ATTEMPTS, {})
    assert kept["on"] == moment.date().isoformat()
    tool: Tool = place.bench.app.extensions["lti_tool"]
    return tasks.task(kept["activity"], kept["seed"], date.fromisoformat(kept["on"]), tool.catalog("cbec"))


def duty(browser: Browser, place: Seat, made: tasks.Task, language: str, sub: str) -> str:
    """The rule that the duty of a learner's case follows, as the page itself goes by it."""
    page, said = campus.shown(browser, place, language, 1100, custom=CASE, sub=sub)
    for question in made.questions[:2]:
        page.locator("#answer").fill(f"{question.step.right:f}")
        with page.expect_navigation():
            page.locator("#answer").press("Enter")
        answer = page.locator(".triple").first.inner_text()
        with page.expect_navigation():
            page.locator("button[value=next]").press("Enter")
    assert said == []
    page.close()
    rule, right = made.questions[1].step.rule, made.questions[1].step.right
    assert rule is not None
    assert f"{right}" in answer
    return rule.id


@pytest.mark.parametrize(("language", "width"), SHAPES)
def test_news_becomes_a_rule_in_two_presses_and_cases_follow_from_its_day(
    browser: Browser, place: Seat, language: str, width: int
) -> None:
    what, draft, approve, back, graph, versions = SAYS[language]
    turn(place.bench, EVE)
    page, said = campus.shown(browser, place, language, width, custom={"catalog": "cbec"}, roles=[ADMINISTRATOR])
    page.get_by_role("button", name=what).click()
    page.locator("#text").wait_for()
    looked_at(page, f"rules-{language}-{width}")
    page.locator("button[formaction$='/lti/leaflet'][value='eu.flat_duty_2026']").click()
    page.locator("#answers").wait_for()
    looked_at(page, f"leaflet-{language}-{width}")
    page.locator("main form[action$='/lti/rules'] button").click()
    page.locator("#text").wait_for()
    page.locator("#text").fill(NEWS[language])
    page.locator("#source").fill("https://example.org/law")
    page.get_by_role("button", name=draft).click()
    page.locator("#statement_zh").wait_for()
    looked_at(page, f"draft-{language}-{width}")
    expect(page.locator("#params")).to_have_value(re.compile("flat_duty_eur_per_item = 4"))
    page.get_by_role("button", name=approve).click()
    page.locator("p[role=status]").wait_for()
    looked_at(page, f"approved-{language}-{width}")
    page.get_by_role("button", name=graph, exact=True).click()
    page.locator("#area").wait_for()
    for drawer in page.locator("summary").all():
        drawer.click()
    looked_at(page, f"graph-{language}-{width}")
    page.get_by_role("button", name=versions, exact=True).click()
    page.locator("#older").wait_for()
    looked_at(page, f"versions-{language}-{width}")

    made = begun(place, EVE, "before")
    assert duty(browser, place, made, language, "before") in {"eu.flat_duty_2026", "eu.duty_relief_150"}
    # One case of three is about a day before its rule began: a few learners, and one gets the new law.
    for number in range(12):
        made = begun(place, DAY, f"learner-{number}")
        if (rule := made.questions[1].step.rule) is not None and rule.id == "eu.flat_duty_2027":
            break
    assert duty(browser, place, made, language, f"learner-{number}") == "eu.flat_duty_2027"

    turn(place.bench, EVE + timedelta(minutes=9))
    page.locator("nav.tabs button").first.click()
    page.get_by_role("button", name=re.compile(f"^{back}")).first.click()
    page.locator("p[role=status]").wait_for()
    tool: Tool = place.bench.app.extensions["lti_tool"]
    assert "eu.flat_duty_2027" not in tool.catalog("cbec").rules
    assert said == []
    page.close()


@pytest.mark.parametrize(("language", "width"), campus.some(("zh", 375), ("en", 1100)))
def test_an_instructor_adds_a_skill_is_refused_in_words_and_proposes(
    browser: Browser, place: Seat, language: str, width: int
) -> None:
    custom = {"catalog": "cbec", "activity": "class"}
    page, said = campus.shown(browser, place, language, width, custom=custom, roles=[builders.INSTRUCTOR])
    page.locator("nav.tabs button[formaction], nav.tabs form").first.wait_for()
    page.locator("nav.tabs form[action$='/lti/rules'] button").click()
    page.get_by_role("button", name=SAYS[language][4], exact=True).click()
    page.locator("#area").select_option("cus")
    page.locator("form.filters button").click()
    page.locator("summary").first.click()
    page.locator("#new-id").fill("cus.duty")
    page.locator("#new-en").fill("Carbon border")
    page.locator("#new-zh").fill("碳边境")
    page.locator("#new-zh").press("Enter")
    page.locator("[role=alert]").wait_for()
    looked_at(page, f"refused-{language}-{width}")
    page.locator("#new-id").fill("cus.carbon")
    page.locator("#new-zh").press("Enter")
    page.locator("p[role=status]").wait_for()
    looked_at(page, f"proposed-{language}-{width}")

    assert page.locator("#waiting").count() == 1
    assert said == []
    page.close()
