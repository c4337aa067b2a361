"""The consortium page and a learner's line in a real Chromium; both widths, both languages."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from curriculum import catalog as catalogs
from lti_tool.tool import Tool
from recommender import artifact, training
from recommender.space import Space
from tests.lti_tool import builders, consorted
from tests.walks import campus
from tests.walks.campus import Seat

PICTURES: Path | None = None
"""Where somebody who looks at the pages has them kept."""
pytestmark = pytest.mark.browser

SHAPES = campus.some(("zh", 1100), ("en", 375), ("en", 1100), ("zh", 375))
LINK = {"catalog": "cbec", "activity": "consortium"}
SAID = {
    "en": ("61 kB of numbers left this institution", "Register in English", "Training with other institutions"),
    "zh": ("本机构共发出 61 kB 的数值", "登记册（中文）", "与其他机构共同训练"),
}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Seat]:
    with campus.seat(tmp_path_factory.mktemp("consortium")) as seat:
        yield seat


@pytest.fixture
def models(place: Seat) -> Path:
    tool: Tool = place.bench.app.extensions["lti_tool"]
    return Path(tool.settings.models)


@pytest.fixture
def joined(models: Path) -> None:
    """A member of a consortium after a run, once."""
    if (models / "consortium").exists():
        return
    long = replace(consorted.FELLOWS[0], name="qianjiang-polytechnic-of-applied-commerce")
    consorted.publish(models, fellows=(*consorted.FELLOWS, long))
    consorted.measure(models)
    start = training.start(Space(catalogs.load("cbec")))
    artifact.save(models / "cbec", start, {"round": 4, "created": "2026-11-26T12:00:00+00:00"})


def looked_at(page: Page, name: str) -> None:
    """Hold what is true of every page, and keep a picture where somebody wants to look at it."""
    assert campus.sound(page) == []
    if PICTURES is not None:
        page.screenshot(path=PICTURES / f"{name}.png", full_page=True)


@pytest.mark.parametrize(("language", "width"), SHAPES)
def test_an_institution_in_no_consortium_sees_why_the_page_is_empty(
    browser: Browser, tmp_path: Path, language: str, width: int
) -> None:
    with campus.seat(tmp_path) as alone:
        page, said = campus.shown(browser, alone, language, width, custom=LINK, roles=[builders.INSTRUCTOR])
        page.locator(".empty").wait_for()
        looked_at(page, f"consortium-none-{language}-{width}")

    assert said == []
    page.close()


@pytest.mark.usefixtures("joined")
@pytest.mark.parametrize(("language", "width"), SHAPES)
def test_an_instructor_reads_what_left_and_takes_the_register_along(
    browser: Browser, place: Seat, language: str, width: int
) -> None:
    page, said = campus.shown(browser, place, language, width, custom=LINK, roles=[builders.INSTRUCTOR])

    assert SAID[language][0] in page.locator("h1").inner_text().replace("\N{NO-BREAK SPACE}", " ")
    looked_at(page, f"consortium-{language}-{width}")
    for drawer in page.locator("summary").all():
        drawer.click()
    looked_at(page, f"consortium-open-{language}-{width}")
    with page.expect_download() as started:
        page.get_by_role("button", name=SAID[language][1]).click()
    content = Path(started.value.path()).read_text(encoding="utf-8")

    assert content.startswith("# Register of transfers" if language == "en" else "# 对外传输登记册")
    assert said == []
    page.close()


@pytest.mark.usefixtures("joined")
@pytest.mark.parametrize(("language", "width"), SHAPES)
def test_a_learner_reads_whether_they_take_part(browser: Browser, place: Seat, language: str, width: int) -> None:
    custom = {"catalog": "cbec", "role": "operations"}
    page, said = campus.shown(browser, place, language, width, custom=custom, sub=f"{language}-{width}")
    page.locator("nav.tabs button[formaction$='/lti/profile']").click()
    heading = page.get_by_role("heading", name=SAID[language][2])
    heading.scroll_into_view_if_needed()

    assert page.locator("section[aria-labelledby=training] li").count() == 4
    looked_at(page, f"training-{language}-{width}")
    assert said == []
    page.close()
