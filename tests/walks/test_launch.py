"""Launch to page in a real Chromium: the LMS's course page, the frame, real OpenID Connect, the recommendation."""

from __future__ import annotations

import re
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, FrameLocator, Page, Route

from recommender import verbs
from tests.walks import campus
from tests.walks.campus import Campus

DATASET = "https://analyse.kmi.open.ac.uk/open_dataset"

pytestmark = pytest.mark.browser


def result(place: Campus, item: str, scaled: float, day: int) -> dict[str, Any]:
    return {
        "id": str(uuid.uuid4()),
        "actor": {"objectType": "Agent", "account": {"homePage": place.lms, "name": "11391"}},
        "verb": {"id": verbs.SCORED},
        "object": {"objectType": "Activity", "id": f"{DATASET}#{item}"},
        "result": {"score": {"scaled": scaled, "raw": 100 * scaled, "min": 0, "max": 100}},
        "context": {"contextActivities": {"grouping": [{"id": f"{DATASET}#AAA.2014J"}]}},
        "timestamp": f"2014-11-{day:02d}T12:00:00Z",
    }


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Campus]:
    with campus.campus(tmp_path_factory.mktemp("campus")) as running:
        campus.send(
            running,
            [
                result(running, "AAA.TMA.1", 0.78, 3),
                result(running, "AAA.TMA.2", 0.85, 12),
                result(running, "AAA.TMA.3", 0.6, 25),
            ],
        )
        yield running


@dataclass
class Visit:
    """An open course page, and what its browser said and asked for."""

    page: Page
    said: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    @property
    def frame(self) -> FrameLocator:
        return self.page.frame_locator("iframe[name=tool]")


def open_course(
    browser: Browser, place: Campus, course: str, language: str, width: int, *, scripts: bool = True
) -> Visit:
    options = {"locale": "en-GB", "java_script_enabled": scripts, "ignore_https_errors": True}
    visit = Visit(campus.visitor(browser, width, **options))
    visit.page.on("console", lambda message: visit.said.append(message.text))
    visit.page.on("pageerror", lambda error: visit.said.append(str(error)))
    visit.page.on("request", lambda request: visit.asked.append(request.url))
    visit.page.goto(f"{place.lms}/scotland/courses/{course}?lang={language}")
    visit.page.locator(".open button").click()
    if not scripts:
        visit.frame.get_by_role("button", name="Continue").click()
    visit.frame.locator("#main").wait_for()
    return visit


def sound(visit: Visit) -> list[str]:
    """What is wrong with the course page or the frame."""
    return [f"{frame.name} {one}" for frame in visit.page.frames for one in campus.sound(frame)]


WORDS = {"en": "Weight in your plan", "zh": "在计划中的权重"}


@pytest.mark.parametrize(("language", "width"), campus.some(("zh", 375), ("en", 375), ("en", 1100), ("zh", 1100)))
def test_a_learner_goes_from_the_course_to_the_recommendation(
    browser: Browser, place: Campus, language: str, width: int
) -> None:
    visit = open_course(browser, place, "AAA.2014J", language, width)

    assert visit.frame.locator("article.first").get_by_text(WORDS[language], exact=True).is_visible()
    assert visit.frame.locator("article").count() == 3
    assert visit.said == []
    assert {url for url in visit.asked if not url.startswith((place.lms, place.tool))} == set()
    assert sound(visit) == []
    visit.page.close()


def test_a_newcomer_chooses_a_role_and_sees_the_path(browser: Browser, place: Campus) -> None:
    visit = open_course(browser, place, "cbec", "en", 1100)
    choices = visit.frame.get_by_role("radio")
    count = choices.count()

    visit.frame.get_by_label("Cross-border platform operations specialist").check()
    visit.frame.get_by_role("button", name="Make this my goal").click()
    visit.frame.get_by_role("heading", name="Three good next steps").wait_for()
    cards = visit.frame.locator("article").count()
    visit.frame.get_by_role("button", name="Path", exact=True).click()
    visit.frame.get_by_role("heading", name="The path to your goal", exact=True).wait_for()

    assert count == 9
    assert visit.frame.locator("ol.route > li").count() > 8
    assert cards == 3
    assert visit.said == []
    assert sound(visit) == []
    visit.page.close()


def test_without_a_script_a_learner_gets_there_too(browser: Browser, place: Campus) -> None:
    visit = open_course(browser, place, "AAA.2014J", "en", 1100, scripts=False)
    visit.frame.locator("article.first summary").first.click()

    assert visit.frame.locator("article.first").get_by_text("Parts add up exactly.").is_visible()
    visit.page.close()


def test_the_page_changes_its_language_by_the_keyboard_alone(browser: Browser, place: Campus) -> None:
    visit = open_course(browser, place, "AAA.2014J", "en", 1100)
    button = visit.frame.get_by_role("button", name="中文")

    button.focus()
    button.press("Enter")
    visit.frame.get_by_role("heading", name="接下来，三个选择都不错").wait_for()

    assert visit.frame.locator("html").get_attribute("lang") == "zh-Hans"
    assert visit.said == []
    visit.page.close()


def test_the_launch_and_the_recommendations_reach_the_record_store(browser: Browser, place: Campus) -> None:
    before = len(campus.statements(place, verbs.RECOMMENDED))
    visit = open_course(browser, place, "AAA.2014J", "en", 1100)
    visit.page.close()
    until = time.monotonic() + 60
    while len(campus.statements(place, verbs.RECOMMENDED)) < before + 3 and time.monotonic() < until:
        time.sleep(0.05)

    told = campus.statements(place, verbs.RECOMMENDED)[:3]
    agent = {"objectType": "Agent", "account": {"homePage": place.lms, "name": "11391"}}
    assert [statement["actor"] for statement in told] == [agent] * 3
    assert campus.statements(place, verbs.LAUNCHED)[0]["actor"] == agent
    assert {statement["context"]["extensions"][verbs.EXTENSION_RANK] for statement in told} == {1, 2, 3}


def test_over_https_the_frame_of_another_site_works_where_third_party_cookies_are_blocked(
    browser: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secured = campus.tls(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(secured.certificate))
    with campus.campus(tmp_path, secured) as apart:
        visit = open_course(browser, apart, "AAA.2014J", "en", 1100)

        assert visit.frame.get_by_role("heading", name="Three good next steps").is_visible()
        assert visit.said == []
        visit.page.close()


def test_a_browser_that_loses_the_cookie_launches_by_the_storage_of_the_sandbox(
    browser: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secured = campus.tls(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(secured.certificate))
    with campus.campus(tmp_path, secured) as apart:
        page = campus.visitor(browser, locale="en-GB", java_script_enabled=True, ignore_https_errors=True)
        page.route(re.compile(r"/lti/login"), _without_cookies)
        campus.wait_for_storage(page)
        page.goto(f"{apart.lms}/scotland/courses/AAA.2014J?lang=en")
        page.locator(".open button").click()

        page.frame_locator("iframe[name=tool]").get_by_role("heading", name="Three good next steps").wait_for()
        page.close()


def _without_cookies(route: Route) -> None:
    """Answer as the server does, and lose its cookie on the way, as a strict browser would."""
    answer = route.fetch(max_redirects=0)
    headers = {name: value for name, value in answer.headers.items() if name != "set-cookie"}
    route.fulfill(response=answer, headers=headers)
