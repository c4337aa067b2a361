"""The class pages in a real Chromium: brief, evidence, what is put first, the list; both widths, both languages."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, FrameLocator, Page, expect

from curriculum import catalog as catalogs
from curriculum import graph
from entrepot.sandbox.config import Person
from lti_tool import courses, keys, tries
from lti_tool.roster import members, sync
from lti_tool.tries import Try
from recommender import verbs
from storage.port import Row
from tests.lti_tool import lms, rosters
from tests.lti_tool.rosters import Place
from tests.walks import campus
from xapi_collector import extract
from xapi_collector.label import pack

CATALOG = catalogs.load("cbec")
PICTURES: Path | None = None
"""Where somebody who looks at the pages has them kept."""
pytestmark = pytest.mark.browser

SHAPES = campus.some(("zh", 1100), ("en", 375), ("en", 1100), ("zh", 375))
EVIL = "<img src=x onerror=alert(1)>\"'><script>alert(2)</script>"


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    directory = tmp_path_factory.mktemp("class")
    key = keys.create(directory / "tool.pem")
    with (
        campus.address("127.0.0.1") as (url, name),
        rosters.place(directory, key, members=60, url=url, change=links) as running,
    ):
        name(running.app)
        there = lms.course(running.platform)
        running.platform.enrol(there, Person("evil", {"en": EVIL, "zh": EVIL}, "learner"))
        running.launch(lms.LEARNER)
        (course,) = courses.every(running.storage)
        sync.read(running.reader, course)
        work(running, course.course)
        yield running


def work(place: Place, course: str) -> None:
    """What learners did: enough that each part of the brief has something to say."""
    area = CATALOG.skills["cus.low_value_eu"].area
    skills = [name for name in graph.order(CATALOG) if CATALOG.skills[name].area == area][:6]
    listed = [one.learner for one in members.of_course(place.storage, course) if members.learns(one)]
    for number, person in enumerate(listed[:9]):
        for place_, skill in enumerate(skills):
            for days_ago in range(3 + (number + place_) % 3):
                success = place_ < number - days_ago
                age = 200 if number == 4 else days_ago + 0.5
                state(place, person, skill, success=success, age=age)
        cause = ("m.flat_duty_per_parcel", "m.old_150_relief", tries.UNKNOWN)[number % 3]
        given = Try("case:eu_import", "eu_import.duty", "cus.low_value_eu", False, False, cause, place.clock())
        tries.note(place.storage, course, person, [given])


def state(place: Place, person: str, skill: str, *, success: bool, age: float) -> None:
    """A stored answer of a pseudonym."""
    item = next(one for one in CATALOG.items.values() if one.skills[0] == skill)
    moment = int((place.clock() - 86_400 * age) * 1e6)
    label = pack((moment, person, verbs.ANSWERED, item.activity, [], [], None, None, success, None, None))
    row = Row(uuid.uuid4().bytes, verbs.ANSWERED, "source", label, b"body", ((person, extract.AGENT),))
    place.storage.statements.append([row], lambda: int(time.time() * 1e6))


def links(raw: dict[str, Any]) -> None:
    """The course practises cross-border e-commerce; one link opens the class."""
    rosters.class_link(raw)
    for course in raw["institutions"][0]["courses"]:
        course["links"][0]["custom"] = {"catalog": "cbec"}


@contextmanager
def opened(browser: Browser, place: Place, language: str, width: int) -> Iterator[tuple[Page, FrameLocator, list[str]]]:
    """The class page in the course's frame, and what the browser complained of."""
    page, said = campus.visitor(browser, width, locale="en-GB"), list[str]()
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("dialog", lambda dialog: said.append(f"dialog {dialog.message}"))
    page.goto(f"{place.platform.base}/{lms.PLACE}/courses/course-1?learner={lms.INSTRUCTOR}&lang={language}")
    page.get_by_role("listitem").filter(has_text="Class").locator("button").click()
    frame = page.frame_locator("iframe[name=tool]")
    frame.locator("#main").wait_for()
    yield page, frame, said
    page.close()


def seriously(page: Page) -> list[str]:
    """What axe finds serious or critical inside the frame."""
    frame = page.frame("tool")
    assert frame is not None
    return campus.seriously(frame)


def picture(page: Page, name: str) -> None:
    """Keep what is inside the frame as a picture, where somebody wants to look at it."""
    inside = page.frame("tool")
    if PICTURES is not None and inside is not None:
        inside.locator("body").screenshot(path=PICTURES / f"{name}.png")


def fits(page: Page) -> bool:
    """Whether the frame scrolls sideways nowhere but inside its own parts."""
    inside = page.frame("tool")
    assert inside is not None
    return not campus.wide(inside)


BRIEF = {
    "en": ("Before the next class", "Put it first", "Put first. Learners", "Take back", "Taken back."),
    "zh": ("下次上课之前", "排在最前", "已排在最前", "撤回", "已撤回。"),
}
LIST = {"en": ("Show", "Show names", "Next page", "Learners"), "zh": ("显示", "显示姓名", "下一页", "学习者")}


@pytest.mark.parametrize(("language", "width"), SHAPES)
def test_an_instructor_is_briefed_opens_evidence_and_puts_something_first(
    browser: Browser, place: Place, language: str, width: int
) -> None:
    heading, first, told, back, gone = BRIEF[language]
    with opened(browser, place, language, width) as (page, frame, said):
        frame.get_by_role("heading", name=heading).wait_for()
        assert frame.locator("article.option").count() >= 2
        assert frame.locator("table.heat tbody tr").count() == 50
        assert seriously(page) == []
        assert fits(page)
        picture(page, f"class-brief-{language}-{width}")

        frame.locator("table.heat button:not(.hna)").first.click()
        frame.locator("svg.meter[role=img]").first.wait_for()
        assert seriously(page) == []
        assert fits(page)
        picture(page, f"class-evidence-{language}-{width}")
        frame.get_by_role("button", name=first, exact=True).click()
        frame.get_by_text(told).wait_for()
        assert seriously(page) == []
        frame.get_by_role("button", name=back).first.click()
        frame.get_by_text(gone, exact=True).wait_for()
        assert said == []


@pytest.mark.parametrize(("language", "width"), SHAPES)
def test_an_instructor_reads_filters_and_pages_the_class(
    browser: Browser, place: Place, language: str, width: int
) -> None:
    show, names, after, tab = LIST[language]
    with opened(browser, place, language, width) as (page, frame, said):
        frame.get_by_role("button", name=tab, exact=True).click()
        rows = frame.locator("table.roomy tbody tr")
        expect(rows).to_have_count(50)
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
        assert fits(page)


def test_a_name_that_attacks_is_shown_as_text(browser: Browser, place: Place) -> None:
    with opened(browser, place, "en", 1100) as (_page, frame, said):
        frame.get_by_role("button", name="Learners", exact=True).click()
        frame.locator("#sort").wait_for()
        frame.get_by_role("button", name="Show names").click()
        frame.get_by_role("button", name="Hide names").wait_for()
        frame.locator("#sort").select_option("name")
        frame.get_by_role("button", name="Show", exact=True).click()
        frame.get_by_text(EVIL).wait_for()

        assert said == []
