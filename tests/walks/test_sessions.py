"""A session in a real Chromium: scheduled and shown by an instructor, checked in to by a learner, and scored."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Frame, FrameLocator, Page, expect

from lti_tool import calendars, courses, events, keys
from lti_tool.roster import sync
from recommender import verbs
from tests.lti_tool import lms, meetings, rosters
from tests.lti_tool.rosters import Place
from tests.walks import campus

PICTURES: Path | None = None
"""Where somebody who looks at the pages has them kept."""
pytestmark = pytest.mark.browser
WORDS = {
    "en": {
        "link": "Your path", "events": "Sessions", "go": "Go on", "keep": "Keep", "open": "Open",
        "code": "Show the check-in code", "checkin": "Check in", "here": "You are checked in",
        "back": "Back to the session",
        "rate": "Keep the levels", "kept": "levels of 1", "all": "All sessions", "make": "Make the link",
    },
    "zh": {
        "link": "Your path", "events": "课程活动", "go": "继续", "keep": "保存", "open": "打开",
        "code": "出示签到码", "checkin": "签到", "here": "签到成功", "back": "返回活动",
        "rate": "保存等级", "kept": "1 人的等级", "all": "全部活动", "make": "生成链接",
    },
}  # fmt: skip


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    directory = tmp_path_factory.mktemp("sessions")
    key = keys.create(directory / "tool.pem")
    with (
        campus.address("127.0.0.1") as (url, name),
        rosters.place(directory, key, url=url, change=meetings.links) as running,
    ):
        name(running.app)
        running.launch(lms.LEARNER)
        (course,) = courses.every(running.storage)
        sync.read(running.reader, course)
        yield running


@contextmanager
def opened(
    browser: Browser, place: Place, person: str, link: str, shape: tuple[str, int]
) -> Iterator[tuple[Page, FrameLocator, list[str]]]:
    """A link of the course in its frame, and what the browser complained of."""
    language, width = shape
    page, said = campus.visitor(browser, width, locale="en-GB"), list[str]()
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto(f"{place.platform.base}/{lms.PLACE}/courses/course-1?learner={person}&lang={language}")
    page.get_by_role("listitem").filter(has_text=link).locator("button").first.click()
    frame = page.frame_locator("iframe[name=tool]")
    frame.locator("#main").wait_for()
    yield page, frame, said
    page.close()


def inside(page: Page) -> Frame:
    found = page.frame("tool")
    assert found is not None
    return found


def look(page: Page, name: str) -> list[str]:
    """What is unsound about the page in the frame; a picture where somebody wants one."""
    inside(page).wait_for_load_state("load")
    if PICTURES is not None:
        page.evaluate("document.querySelector('iframe').style.height = '5000px'")
        inside(page).locator("body").screenshot(path=PICTURES / f"{name}.png")
    return campus.sound(inside(page))


@pytest.mark.parametrize(("language", "width"), campus.some(("zh", 1100), ("en", 375)))
def test_a_session_is_scheduled_checked_in_to_and_scored(
    browser: Browser, place: Place, language: str, width: int
) -> None:
    said, shape, problems = WORDS[language], (language, width), list[str]()
    mark = f"{language}-{width}"
    for one in meetings.every(place):  # of the other shape
        events.remove(place.storage, one.course)
        calendars.remove(place.storage, one.course)
    with opened(browser, place, lms.INSTRUCTOR, "Class", shape) as (page, frame, complaints):
        frame.locator("nav.tabs form[action$='/lti/class/events'] button").click()
        frame.locator("#of").wait_for()
        problems += look(page, f"class-events-none-{mark}")
        frame.locator("#of").select_option("operations/event:desk")
        frame.get_by_role("button", name=said["go"], exact=True).click()
        form: dict[str, Any] = meetings.form()
        for field in ("day", "time", "place"):
            frame.locator(f"#{field}").fill(str(form[field]))
        problems += look(page, f"class-event-form-{mark}")
        frame.get_by_role("button", name=said["keep"], exact=True).click()
        frame.get_by_role("button", name=re.compile(f"^{said['open']}")).first.click()
        frame.get_by_role("button", name=said["code"]).click()
        shown = frame.locator("p.code b")
        first = shown.inner_text()
        problems += look(page, f"class-event-code-{mark}")
        # The page asks for itself again, by its script.
        with page.expect_response(re.compile("/lti/class/events/code")):
            pass

        with opened(browser, place, lms.LEARNER, said["link"], shape) as (other, theirs, more):
            event = meetings.every(place)[0]
            problems += look(other, f"today-checkin-{mark}")
            theirs.locator("input[name=code]").first.fill(meetings.code(place, event))
            theirs.get_by_role("button", name=said["checkin"], exact=True).first.click()
            expect(theirs.get_by_role("status")).to_contain_text(said["here"])
            theirs.get_by_role("button", name=said["make"]).click()
            expect(theirs.locator("#address")).to_have_value(re.compile(r"/lti/calendar/.+\.ics$"))
            problems += look(other, f"sessions-{mark}")
            assert more == []

        frame.get_by_role("button", name=said["back"]).click()
        frame.locator("select[name^=level]").first.select_option("2")
        frame.get_by_role("button", name=said["rate"]).click()
        expect(frame.get_by_role("status")).to_contain_text(said["kept"])
        problems += look(page, f"class-event-{mark}")
        assert len(first.replace(" ", "")) == 6
        assert complaints == []

    assert problems == []
    assert meetings.told(place, verbs.SCORED, 1)
