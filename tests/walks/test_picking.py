"""Deep linking in a real Chromium: "Add activity" in the course, the picker in its frame, the new links in the course.

Over https, the LMS and the tool on different sites, as at a university.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, FrameLocator, Page

from entrepot.sandbox.platform import Platform
from lti_tool import app as tool_app
from lti_tool import keys, platforms, resources
from storage import connect
from tests.lti_tool import builders, lms
from tests.walks import campus
from xapi_collector import keyring as keyrings

pytestmark = pytest.mark.browser


@contextmanager
def school(directory: Path, profile: str = "moodle") -> Iterator[Platform]:
    """An LMS and a tool over https, on sites of their own; the tool is registered."""
    secured = campus.tls(directory)
    with pytest.MonkeyPatch.context() as patch:
        for trusted in ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"):
            patch.setenv(trusted, str(secured.certificate))
        keyring = keyrings.create(directory / "keyring.json")
        keys.create(directory / "tool.pem")
        storage = connect.connect(f"sqlite:///{directory / 'store'}", *tool_app.COLLECTIONS)
        with (
            campus.address("127.0.0.1", secured) as (tool, name_tool),
            lms.running(profile, tool=tool, tls=secured, host="localhost") as platform,
        ):
            platforms.register(storage, lms.record(platform))
            settings = builders.settings(directory, tool, networks="127.0.0.0/8,::1/128")
            name_tool(tool_app.create_app(settings, storage, keyring))
            yield platform
        storage.close()


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    with school(tmp_path_factory.mktemp("school")) as running:
        yield running


@dataclass
class Visit:
    """An open course page of an instructor, the picker in its frame, and what the browser said."""

    page: Page
    said: list[str] = field(default_factory=list)

    @property
    def frame(self) -> FrameLocator:
        return self.page.frame_locator("iframe[name=tool]")

    def troubles(self) -> list[str]:
        """What axe finds serious, what overflows sideways, and what the browser complained about."""
        found = list(self.said)
        for frame in self.page.frames:
            found += [f"{frame.name} {one}" for one in campus.sound(frame)]
        return found


def add_activity(
    browser: Browser, place: Platform, language: str = "en", width: int = 1100, *, scripts: bool = True
) -> Visit:
    """Open the course as its instructor and ask for an activity."""
    options = {"locale": "en-GB", "java_script_enabled": scripts, "ignore_https_errors": True}
    visit = Visit(campus.visitor(browser, width, **options))
    visit.page.set_default_timeout(15_000)
    visit.page.on("console", lambda message: visit.said.append(message.text))
    visit.page.on("pageerror", lambda error: visit.said.append(str(error)))
    visit.page.goto(f"{place.base}/{lms.PLACE}/courses/course-1?lang={language}&learner={lms.INSTRUCTOR}")
    visit.page.locator("form.add button").click()
    if not scripts:
        visit.frame.locator("form button").click()
    visit.frame.locator("#picker").wait_for()
    return visit


def added(place: Platform, before: set[str]) -> list[str]:
    """What the course has now that it did not have before, by what the links open."""
    course = lms.course(place)
    return [resources.id_of(link.custom) for key, link in course.links.items() if key not in before]


@pytest.mark.parametrize(("language", "width"), campus.some(("en", 1100), ("zh", 375)))
def test_an_instructor_adds_three_things_to_the_course(
    browser: Browser, place: Platform, language: str, width: int
) -> None:
    before = set(lms.course(place).links)
    visit = add_activity(browser, place, language, width)
    troubles = visit.troubles()
    for key in ("path:cbec:operations", "case:cbec:eu_import", "class:cbec"):
        group = visit.frame.locator("details", has=visit.frame.locator(f'input[value="{key}"]'))
        if group.get_attribute("open") is None:
            group.locator("summary").click()
        visit.frame.locator(f'input[value="{key}"]').check()
    visit.frame.locator('button[value="check"]').click()
    visit.frame.locator('button[value="add"]').wait_for()
    troubles += visit.troubles()
    visit.frame.locator('[name="title:path:cbec:operations"]').fill("Week 3")
    with visit.page.expect_navigation():
        visit.frame.locator('button[value="add"]').click()

    assert added(place, before) == ["path:cbec:operations", "case:cbec:eu_import", "class:cbec"]
    assert visit.page.locator("ul.links").get_by_text("Week 3").first.is_visible()
    assert troubles + visit.said == []
    visit.page.close()


def test_the_whole_picker_works_by_the_keyboard_alone(browser: Browser, place: Platform) -> None:
    before = set(lms.course(place).links)
    visit = add_activity(browser, place)
    keyboard = visit.page.keyboard
    visit.frame.locator("body").evaluate("body => { body.tabIndex = -1; body.focus() }")
    reached: list[str] = []
    for _ in range(40):
        keyboard.press("Tab")
        reached.append(visit.frame.locator(":focus").evaluate("one => one.value || one.textContent"))
        if reached[-1] == "path:cbec:marketing":
            keyboard.press("Space")
        elif reached[-1] == "check":
            break
    keyboard.press("Enter")
    visit.frame.locator('button[value="add"]').wait_for()
    visit.frame.locator("input.input").focus()
    with visit.page.expect_navigation():
        keyboard.press("Enter")

    assert reached[0] == "Skip to content"
    assert added(place, before) == ["path:cbec:marketing"]
    assert visit.said == []
    visit.page.close()


def test_without_a_script_an_instructor_gets_there_too(browser: Browser, place: Platform) -> None:
    before = set(lms.course(place).links)
    visit = add_activity(browser, place, scripts=False)
    visit.frame.locator('input[value="path:cbec"]').check()
    visit.frame.locator('button[value="check"]').click()
    visit.frame.locator('button[value="add"]').click()
    visit.frame.get_by_role("button", name="Continue").click()
    visit.frame.locator("ul.courses li").wait_for()

    assert added(place, before) == ["path:cbec"]
    visit.page.close()


def test_whoever_cancels_adds_nothing(browser: Browser, place: Platform) -> None:
    before = set(lms.course(place).links)
    visit = add_activity(browser, place)
    visit.frame.locator('input[value="path:cbec"]').check()
    with visit.page.expect_navigation():
        visit.frame.locator('button[value="cancel"]').click()

    assert added(place, before) == []
    assert visit.said == []
    visit.page.close()
