"""A walk: an enterprise's files become a case that a learner plays; a template another; personal data refuse."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, FilePayload, Page

from curriculum.exchange import archive
from curriculum.kits import blank, own
from lti_tool.tool import Tool
from tests.curriculum.kits import builders as kits
from tests.lti_tool import builders
from tests.lti_tool.test_ruling import ADMINISTRATOR, turn
from tests.walks import campus
from tests.walks.campus import Seat
from tests.walks.test_rules import looked_at

pytestmark = pytest.mark.browser

SAYS = {"en": ("What is taught", "Cases", "Tea to Riga"), "zh": ("教学内容", "案例", "寄往里加的茶具")}


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Seat]:
    with campus.seat(tmp_path) as seat:
        yield seat


def send(page: Page, files: dict[str, bytes]) -> None:
    packed = archive.pack({**files, "kit.yaml": blank.files()["kit.yaml"]})
    page.locator("#zip").set_input_files(FilePayload(name="kit.zip", mimeType="application/zip", buffer=packed))
    page.locator("form[action$='/lti/kits/send'] button").click()


@pytest.mark.parametrize(("language", "width"), campus.some(("zh", 1100), ("en", 375)))
def test_files_become_a_case_and_a_template_another(browser: Browser, place: Seat, language: str, width: int) -> None:
    what, tab, name = SAYS[language]
    turn(place.bench, datetime(2026, 11, 26, 12, tzinfo=UTC))
    page, said = campus.shown(browser, place, language, width, custom={"catalog": "cbec"}, roles=[ADMINISTRATOR])
    page.get_by_role("button", name=what).click()
    page.get_by_role("button", name=tab, exact=True).click()
    page.locator("#template").wait_for()
    looked_at(page, f"own-cases-empty-{language}-{width}")
    page.locator("form[action$='/lti/kits'] button").first.click()
    page.locator("#zip").wait_for()
    looked_at(page, f"kits-{language}-{width}")

    planted = {
        **kits.files(),
        "products.csv": kits.files()["products.csv"].replace(b"Towel, microfibre", b"Anna Schmidt"),
    }
    send(page, planted)
    page.locator("[role=alert]").wait_for()
    assert "products.csv" in page.locator("[role=alert]").inner_text()
    looked_at(page, f"kits-refused-{language}-{width}")

    send(page, kits.files())
    page.locator("#preview").wait_for()
    looked_at(page, f"kit-{language}-{width}")
    page.locator("input[name=agreed]").check()
    page.locator("button[value=live]").click()
    page.locator("p[role=status]").wait_for()

    page.locator("form[action$='/lti/owncases'] button").first.click()
    page.locator("#template").select_option("freight")
    page.locator("form[action$='/lti/owncases/write'] button.primary").click()
    page.locator("#name_en").fill(SAYS["en"][2])
    page.locator("#name_zh").fill(SAYS["zh"][2])
    page.locator("#cartons").fill("1")
    page.locator("button[value=try]").click()
    page.locator("#tried").wait_for()
    looked_at(page, f"own-case-{language}-{width}")
    page.locator("#cartons").fill("4 to 9")
    page.locator("button[value=enter]").click()
    page.locator("p[role=status]").wait_for()
    assert name in page.locator("main").inner_text()
    looked_at(page, f"own-cases-{language}-{width}")
    assert said == []
    page.close()

    tool: Tool = place.bench.app.extensions["lti_tool"]
    kind = own.kinds(tool.catalog("cbec"))[0].id
    custom = {"catalog": "cbec", "activity": "case", "case": kind}
    page, said = campus.shown(browser, place, language, width, custom=custom, roles=[builders.LEARNER])
    page.locator("[name=answer]").first.wait_for()
    looked_at(page, f"kit-asked-{language}-{width}")
    page.locator("#answer").fill("123456.78")
    page.locator("#answer").press("Enter")
    page.locator(".triple").wait_for()
    looked_at(page, f"kit-told-{language}-{width}")
    assert said == []
    page.close()
