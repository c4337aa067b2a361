"""The pages of scores in a real Chromium, as an instructor and a learner see them, in both languages."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page

from lti_tool import app as tool_app
from lti_tool import keys
from lti_tool.emit import Emitter
from lti_tool.grades import outbox
from tests.lti_tool import builders, gradebooks, lms
from tests.lti_tool.gradebooks import Office
from tests.walks import campus
from tests.walks.campus import sound

pytestmark = pytest.mark.browser


@dataclass(frozen=True)
class Place:
    """A tool that serves, and what stands behind it."""

    office: Office
    app: Flask
    url: str


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    directory = tmp_path_factory.mktemp("scores")
    key = keys.create(directory / "tool.pem")
    with gradebooks.office(directory, key, "moodle", members=6) as office:
        app = tool_app.create_app(
            builders.settings(directory),
            office.storage,
            office.keyring,
            keys=keys.only(key),
            services=office.services,
            emitter=Emitter(lambda _: True),
        )
        office.open()
        for number in range(6):
            office.put(40.0 + 7.5 * number, office.learner(str(100_001 + number)))
        reasons = ["not_enrolled", "line_item_gone", "not_allowed", "gave_up", "unreachable", ""]
        for score, reason in zip(office.scores(), reasons, strict=True):
            state = "sent" if not reason else "waiting" if reason == "unreachable" else "failed"
            outbox.change(
                office.storage, score, replace(score, state=state, reason=reason, tries=3, due=score.due + 900)
            )
        office.put(87.5)
        with builders.serving(app) as url:
            yield Place(office, app, url)


def launched(browser: Browser, place: Place, person: str, language: str, width: int) -> tuple[Page, list[str]]:
    """A launched page at the tool's own address, and what its browser complains of."""
    answer = lms.launch(place.office.platform, place.app.test_client(), person=person, link="graded", language=language)
    page = campus.visitor(browser, width)
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    headers = {"Content-Security-Policy": answer.headers["Content-Security-Policy"], "Content-Type": "text/html"}
    page.route("**/lti/launch", lambda route: route.fulfill(body=answer.text, headers=headers))
    page.goto(f"{place.url}/lti/launch")
    return page, said


@pytest.mark.parametrize(("language", "width"), campus.some(("en", 320), ("zh", 375), ("en", 1100), ("zh", 1100)))
def test_an_instructor_finds_sees_and_sends_scores_by_keyboard(
    browser: Browser, place: Place, language: str, width: int
) -> None:
    page, said = launched(browser, place, lms.INSTRUCTOR, language, width)
    page.locator("form[action$='/lti/scores'] button").press("Enter")
    page.locator("#failed").wait_for()
    assert sound(page) == []

    before = page.locator("#failed ~ form, section:has(#failed) tbody tr").count()
    page.locator("section:has(#failed) tbody button").last.press("Enter")
    page.locator("[role=status]").first.wait_for()

    assert page.locator("section:has(#failed) tbody tr").count() < before
    assert sound(page) == []
    assert said == []
    page.close()


@pytest.mark.parametrize(("language", "width"), campus.some(("zh", 1100), ("en", 375)))
def test_a_learner_sees_how_far_the_score_got(browser: Browser, place: Place, language: str, width: int) -> None:
    page, said = launched(browser, place, lms.LEARNER, language, width)

    assert "87.5" in page.locator("[role=status]").first.inner_text()
    assert sound(page) == []
    assert said == []
    page.close()
