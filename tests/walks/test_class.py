"""The class page in a real Chromium: read, filtered, with names that attack, at both widths and in both languages."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, FrameLocator, Page, expect

from entrepot.sandbox.config import Person
from lti_tool import courses, keys
from lti_tool.roster import sync
from tests.lti_tool import lms, rosters
from tests.lti_tool.rosters import Place
from tests.walks import campus

pytestmark = pytest.mark.browser
EVIL = "<img src=x onerror=alert(1)>\"'><script>alert(2)</script>"


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    directory = tmp_path_factory.mktemp("class")
    key = keys.create(directory / "tool.pem")
    with campus.address("127.0.0.1") as (url, name), rosters.place(directory, key, members=60, url=url) as running:
        name(running.app)
        there = lms.course(running.platform)
        running.platform.enrol(there, Person("evil", {"en": EVIL, "zh": EVIL}, "learner"))
        running.launch(lms.LEARNER)
        (course,) = courses.every(running.storage)
        sync.read(running.reader, course)
        yield running


@contextmanager
def opened(browser: Browser, place: Place, language: str, width: int) -> Iterator[tuple[Page, FrameLocator, list[str]]]:
    """The class page in the course's frame, and what the browser complained of."""
    context = browser.new_context(viewport={"width": width, "height": 900}, locale="en-GB")
    page, said = context.new_page(), list[str]()
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("dialog", lambda dialog: said.append(f"dialog {dialog.message}"))
    page.goto(f"{place.platform.base}/{lms.PLACE}/courses/course-1?learner={lms.INSTRUCTOR}&lang={language}")
    page.get_by_role("listitem").filter(has_text="Class").locator("button").click()
    frame = page.frame_locator("iframe[name=tool]")
    frame.locator("#main").wait_for()
    yield page, frame, said
    context.close()


def seriously(page: Page) -> list[str]:
    """What axe finds serious or critical inside the frame."""
    frame = page.frame("tool")
    assert frame is not None
    return campus.seriously(frame)


@pytest.mark.parametrize("width", [375, 1100])
@pytest.mark.parametrize(
    ("language", "words"), [("en", ("Show", "Show names", "Next page")), ("zh", ("显示", "显示姓名", "下一页"))]
)
def test_an_instructor_reads_filters_and_pages_the_class(
    browser: Browser, place: Place, language: str, words: tuple[str, str, str], width: int
) -> None:
    show, names, after = words
    with opened(browser, place, language, width) as (page, frame, said):
        rows = frame.locator("table.roomy tbody tr")
        assert rows.count() == 50
        frame.get_by_role("button", name=after).click()
        expect(rows).to_have_count(13)
        frame.locator("#group").select_option(label="Group A")
        frame.get_by_role("button", name=show, exact=True).click()
        expect(rows).to_have_count(1)

        assert f"Learner {lms.LEARNER}" not in frame.locator("#main").inner_text()
        frame.get_by_role("button", name=names).click()
        frame.get_by_text(f"Learner {lms.LEARNER}").wait_for()
        assert seriously(page) == []
        assert said == []
        inside = page.frame("tool")
        assert inside is not None
        assert not inside.evaluate("document.documentElement.scrollWidth > innerWidth")


def test_a_name_that_attacks_is_shown_as_text(browser: Browser, place: Place) -> None:
    with opened(browser, place, "en", 1100) as (_page, frame, said):
        frame.get_by_role("button", name="Show names").click()
        frame.get_by_role("button", name="Hide names").wait_for()
        frame.locator("#sort").select_option("name")
        frame.get_by_role("button", name="Show", exact=True).click()
        frame.get_by_text(EVIL).wait_for()

        assert said == []
