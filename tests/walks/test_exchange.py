"""A walk: somebody else's course is read, confirmed and stands under Learn; a broken link is mended in one step."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, FilePayload

from curriculum import links
from lti_tool import linkbook
from lti_tool.tool import Tool
from tests.curriculum.exchange import parcels
from tests.lti_tool import builders
from tests.lti_tool.test_ruling import ADMINISTRATOR, turn
from tests.walks import campus
from tests.walks.campus import Seat
from tests.walks.test_rules import looked_at

pytestmark = pytest.mark.browser

DAY = datetime(2026, 11, 26, 12, tzinfo=UTC)
SAYS = {
    "en": ("What is taught", "Courses", "Links", "Learn", "Trade law"),
    "zh": ("教学内容", "课程", "链接", "学习", "贸易法"),
}


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Seat]:
    with campus.seat(tmp_path) as seat:
        yield seat


@pytest.mark.parametrize(("language", "width"), campus.some(("en", 375), ("zh", 1100)))
def test_a_course_comes_in_and_a_link_is_mended(browser: Browser, place: Seat, language: str, width: int) -> None:
    what, courses, tab, learn, name = SAYS[language]
    turn(place.bench, DAY)
    tool: Tool = place.bench.app.extensions["lti_tool"]
    broken = next(iter(links.every(tool.catalog("cbec"))))
    linkbook.note(tool.storage, broken, reason="gone", status=404, final=broken, moved=False, now=DAY.timestamp())

    page, said = campus.shown(browser, place, language, width, custom={"catalog": "cbec"}, roles=[ADMINISTRATOR])
    page.get_by_role("button", name=what).click()
    page.get_by_role("button", name=courses, exact=True).click()
    page.locator("#file").wait_for()
    looked_at(page, f"exchange-{language}-{width}")
    upload = FilePayload(name="trade.imscc", mimeType="application/zip", buffer=parcels.parcel())
    page.locator("#file").set_input_files(upload)
    page.locator("form[action$='/lti/exchange/send'] button").click()
    page.locator("#confirm").wait_for()
    looked_at(page, f"exchange-one-{language}-{width}")
    page.locator("button[value=confirm]").click()
    page.locator("[role=alert]").wait_for()
    page.locator("#name-zh").fill("贸易法")
    page.locator("input[name=agreed]").check()
    page.locator("button[value=confirm]").click()
    page.locator("p[role=status]").wait_for()
    assert name in page.locator("#all + *, table").first.inner_text() or name in page.locator("main").inner_text()
    looked_at(page, f"exchange-in-{language}-{width}")

    page.get_by_role("button", name=tab, exact=True).click()
    page.locator("#find").wait_for()
    looked_at(page, f"links-{language}-{width}")
    page.locator("main summary").first.click()
    page.locator("#to-1").fill("https://new.example.org/page")
    page.locator("form[action$='/lti/links/mend'] button").first.click()
    page.locator("p[role=status]").wait_for()
    assert f"{broken} → https://new.example.org/page" in page.locator("main").inner_text()
    assert said == []

    page, said = campus.shown(browser, place, language, width, custom={"catalog": "cbec"}, roles=[builders.LEARNER])
    page.get_by_role("button", name=learn, exact=True).click()
    page.locator("#sort-own").wait_for()
    looked_at(page, f"exchange-learn-{language}-{width}")
    page.locator("section[aria-labelledby=sort-own] button").click()
    page.locator("#modules").wait_for()
    looked_at(page, f"exchange-course-{language}-{width}")
    page.locator("button[name=thing]").first.click()
    page.get_by_text("Customs duty is taken on the customs value of goods.").wait_for()
    looked_at(page, f"exchange-page-{language}-{width}")
    assert said == []
