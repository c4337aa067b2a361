"""The learner's pages in a real Chromium, by keyboard: today, path, another goal, practice, profile; both languages."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from curriculum import catalog as catalogs
from recommender import verbs
from tests.lti_tool import builders
from tests.lti_tool.builders import Bench
from tests.walks import campus
from tests.walks.campus import Seat

pytestmark = pytest.mark.browser


PICTURES: Path | None = None
"""Where a picture of every page is kept; None: nowhere."""

LEARNER, NEWCOMER = "learner", "newcomer"
CBEC = catalogs.load("cbec")
# What a learner of operations did in the weeks before: skill, right answers, all answers, days ago, seconds each.
DONE = (
    ("fnd.ecom_models", 3, 3, 40, 50),
    ("fnd.intl_trade", 4, 4, 38, 70),
    ("fnd.cbec_modes", 3, 4, 30, 80),
    ("prc.cost_structure", 3, 4, 200, 90),
    ("cus.low_value_eu", 5, 7, 190, 110),
    ("log.freight_quote", 2, 5, 4, 140),
    ("prc.margin", 4, 4, 1, 100),
    ("pay.fx_basics", 0, 5, 2, 60),
)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Seat]:
    with campus.seat(tmp_path_factory.mktemp("learner")) as seat:
        builders.stored(seat.bench, [one for row in DONE for one in answers(seat.bench, row)])
        yield seat


def answers(bench: Bench, row: tuple[str, int, int, int, int]) -> list[dict[str, Any]]:
    """The statements of a row of DONE."""
    skill, right, total, days, seconds = row
    now = datetime.now(UTC)
    return [
        {
            "id": str(uuid.uuid4()),
            "actor": {"objectType": "Agent", "account": {"homePage": bench.issuer.iss, "name": LEARNER}},
            "verb": {"id": verbs.ANSWERED},
            "object": {"objectType": "Activity", "id": CBEC.items[f"practice:{skill}"].activity},
            "result": {"success": number < right, "duration": f"PT{seconds + 7 * number}S"},
            "context": {"contextActivities": {"grouping": [{"id": "http://127.0.0.1/lti/practice/case/freight"}]}},
            "timestamp": (now - timedelta(days=days, minutes=-5 * number)).isoformat(timespec="milliseconds"),
        }
        for number in range(total)
    ]


@dataclass
class Visit:
    """A launched page, what its browser complains of, and where pictures go."""

    page: Page
    said: list[str]
    name: str

    def press(self, what: str) -> None:
        """Press Enter there, and wait for the page that answers."""
        with self.page.expect_navigation():
            self.page.locator(what).first.press("Enter")

    def tab(self, name: str) -> None:
        self.press(f"nav.tabs button:text-is('{name}')")

    def sound(self, label: str) -> list[str]:
        """What is wrong with the page: serious for axe, or wider than its window. A picture where one is asked for."""
        if PICTURES is not None:
            self.page.screenshot(path=PICTURES / f"{self.name}-{label}.png", full_page=True)
        return [f"{label}: {one}" for one in campus.sound(self.page)]


def opened(browser: Browser, place: Seat, language: str, width: int, sub: str) -> Visit:
    page, said = campus.shown(
        browser, place, language, width,
        sub=sub,
        custom={"catalog": "cbec"},
        context={"id": f"course-{language}-{width}", "title": "Cross-border platform operations"},
    )  # fmt: skip
    return Visit(page, said, f"{sub}-{language}-{width}")


WORDS = {
    "en": {"today": "Today", "path": "Path", "practice": "Practice", "profile": "Profile", "do": "Make this my goal"},
    "zh": {"today": "今日", "path": "路径", "practice": "实训", "profile": "画像", "do": "设为我的目标"},
}
SHAPES = campus.some(("en", 375), ("zh", 1100), ("en", 1100), ("zh", 375))


@pytest.mark.parametrize(("language", "width"), SHAPES)
def test_a_learner_walks_through_every_page(browser: Browser, place: Seat, language: str, width: int) -> None:
    visit, words = opened(browser, place, language, width, LEARNER), WORDS[language]
    page = visit.page
    problems = visit.sound("0-roles")
    page.locator("input[value=operations]").check()
    visit.press("form:has(input[value=operations]) button")
    page.locator("details").evaluate_all("all => all.forEach(one => { one.open = true })")
    problems += visit.sound("1-today-open")

    rested = page.locator("article.first h2").inner_text()
    visit.press("article.first button[formaction$='/lti/notnow']")
    problems += visit.sound("3-rested")
    titles = page.locator("article h2").all_inner_texts()
    page.locator("#plan-hours").evaluate("one => { one.closest('details').open = true }")
    page.locator("#plan-hours").fill("5")
    visit.press("form[action$='/lti/plan'] button")
    problems += visit.sound("4-planned")

    page.locator("#skill").evaluate("one => { one.closest('details').open = true }")
    visit.press("form[action$='/lti/why'] button")
    problems += visit.sound("5-why")

    visit.tab(words["path"])
    problems += visit.sound("6-path")
    page.locator("details:has(input[value=marketing])").evaluate("one => { one.open = true }")
    page.locator("input[value=marketing]").check()
    visit.press("form:has(input[value=marketing]) button")
    problems += visit.sound("7-switch")
    compared = page.locator("h1").inner_text()
    visit.press(f"button:text-is('{words['do']}')")
    problems += visit.sound("8-switched")

    visit.tab(words["practice"])
    problems += visit.sound("9-cases")
    visit.tab(words["profile"])
    page.locator("details").evaluate_all("all => all.forEach(one => { one.open = true })")
    problems += visit.sound("11-profile-open")
    visit.press("button.link[value='fnd.intl_trade']")
    problems += visit.sound("12-asked")
    stories = page.locator("details[open] tfoot").count()
    page.locator("details").evaluate_all("all => all.forEach(one => { one.open = true })")
    visit.press("form[action$='/lti/evidence'] button[value^='skill:']")
    problems += visit.sound("13-evidence")
    behind = page.locator("tbody tr").count()

    assert behind == 4
    assert problems == []
    assert visit.said == []
    assert rested not in titles
    assert CBEC.roles["operations"].name[language] in compared
    assert stories >= 1
    page.close()


@pytest.mark.parametrize(("language", "width"), SHAPES)
def test_a_newcomer_sees_what_is_missing_and_no_number_that_is_a_guess(
    browser: Browser, place: Seat, language: str, width: int
) -> None:
    visit, words = opened(browser, place, language, width, NEWCOMER), WORDS[language]
    visit.page.locator("input[value=logistics]").check()
    visit.press("form:has(input[value=logistics]) button")
    problems = visit.sound("1-today")
    visit.tab(words["profile"])
    problems += visit.sound("2-profile")

    assert problems == []
    assert visit.said == []
    assert visit.page.locator(".bars circle").count() == 0
    assert visit.page.locator(".bars .none").count() > 0
    visit.page.close()


def reply(page: Page) -> None:
    """Give an answer of the form that the question has."""
    if page.locator("#answer").count():
        page.locator("#answer").fill("1")
    for box in page.locator("fieldset .choice input[name=answer]").all()[:1]:
        box.check()
    for row in page.locator("select[name=answer]").all():
        row.select_option(index=1)


@pytest.mark.parametrize(("language", "width"), campus.some(("zh", 1100), ("en", 375)))
def test_a_newcomer_shows_what_they_know_and_sees_what_that_found(
    browser: Browser, place: Seat, language: str, width: int
) -> None:
    visit, words = opened(browser, place, language, width, f"placed-{language}-{width}"), WORDS[language]
    page = visit.page
    page.locator("input[value=operations]").check()
    visit.press("form:has(input[value=operations]) button")
    problems = visit.sound("1-offer")
    visit.press(".placing button")
    problems += visit.sound("2-intro")
    visit.press("button[value=begin]")
    problems += visit.sound("3-question")
    while not page.locator("#answer[inputmode=decimal]").count():
        reply(page)
        visit.press("button[value=answer]")
    page.locator("#answer").fill("three")
    visit.press("button[value=answer]")
    problems += visit.sound("4-again")
    for _ in range(3):
        reply(page)
        visit.press("button[value=answer]")
    visit.press("button[value=unknown]")
    visit.press("button[value=stop]")
    page.locator("details").evaluate_all("all => all.forEach(one => { one.open = true })")
    problems += visit.sound("6-found-open")
    visit.tab(words["today"])

    assert problems == []
    assert visit.said == []
    assert page.locator(".placing").count() == 0
    page.close()


@pytest.mark.parametrize(("language", "width"), campus.some(("en", 375), ("zh", 1100)))
def test_questions_on_a_skill_are_answered_and_each_is_explained(
    browser: Browser, place: Seat, language: str, width: int
) -> None:
    visit = opened(browser, place, language, width, f"asked-{language}-{width}")
    page = visit.page
    page.locator("input[value=operations]").check()
    visit.press("form:has(input[value=operations]) button")
    visit.press("article.first button[value=start]")
    problems = visit.sound("1-question")
    visit.press("button[value=answer]")
    problems += visit.sound("2-nothing-chosen")
    complaints = page.locator("[role=alert]").count()
    explained = 0
    while page.locator("button[value=answer]").count():
        reply(page)
        visit.press("button[value=answer]")
        explained += page.locator(".triple > li").count() == 3
        problems += visit.sound(f"3-feedback-{explained}")
        visit.press("button[value=next]")
    problems += visit.sound("4-summary")

    assert problems == []
    assert visit.said == []
    assert complaints == 1
    assert explained >= 3
    page.close()
