"""A whole order played through in a real Chromium for every destination: every form of answer, graded and told."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import pytest
from playwright.sync_api import Browser, Page

from curriculum.practice import answers
from curriculum.practice.task import CHOICE, FORMS, MATCH, NUMBER, SEVERAL, TEXT, Step
from lti_tool import tasks
from lti_tool.settings import ATTEMPTS
from recommender import verbs
from tests.walks import campus
from tests.walks.campus import Seat, sound

pytestmark = pytest.mark.browser

KINDS = ("flow_eu", "flow_uk", "flow_us", "flow_cn")
# Twenty steps in a browser take a while: each destination in both languages only where time is given.
SOAK = [(kind, language, width) for kind in KINDS for language, width in (("en", 1100), ("zh", 375))]
PLAYS = SOAK if os.environ.get("ENTREPOT_TEST_SOAK") == "1" else [("flow_eu", "en", 375)]
HEADINGS = {"en": "19 of 20 steps right", "zh": "20 步中有 19 步正确"}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Seat]:
    with campus.seat(tmp_path_factory.mktemp("flow")) as seat:
        yield seat


def answered(page: Page, step: Step) -> None:
    """Give the right answer in the form that is asked for."""
    if isinstance(step.right, Decimal):
        page.locator("#answer").fill(f"{step.right:f}")
    elif step.form == TEXT:
        page.locator("#answer").fill(step.right[0])
    elif step.form == MATCH:
        for pair in step.right:
            page.locator(f"#pair-{pair[:-1]}").select_option(pair)
    else:
        for key in step.right:
            page.locator(f"input[name=answer][value='{key}']").check()


def missed(step: Step) -> bool:
    """Which figures are answered wrongly on purpose: the price alone."""
    return step.id == "price"


@pytest.mark.parametrize(("kind", "language", "width"), PLAYS)
def test_an_order_is_played_from_its_selection_to_its_ads(
    browser: Browser, place: Seat, kind: str, language: str, width: int
) -> None:
    sub = f"{kind}-{language}"
    custom = {"catalog": "cbec", "activity": "case", "case": kind}
    page, said = campus.shown(browser, place, language, width, custom=custom, sub=sub)
    begun = [one for one in place.bench.storage.find(ATTEMPTS, {}) if not one["finished"]]
    (kept,) = [one for one in begun if one["activity"] == f"case:{kind}"]
    made = tasks.task(f"case:{kind}", kept["seed"], date.fromisoformat(kept["on"]))
    problems, seen = [], set[str]()
    for one in made.questions:
        if one.step.form not in seen:
            problems += sound(page)
        if missed(one.step):
            page.locator("#answer").fill(answers.kept(one.step.wrong[0].value))
        else:
            answered(page, one.step)
        with page.expect_navigation():
            page.locator("button[value=answer]").click()
        page.locator(".triple").first.wait_for()
        if missed(one.step):
            problems += sound(page)
            assert one.step.wrong[0].words[language] in page.locator(".cause").inner_text()
        seen.add(one.step.form)
        with page.expect_navigation():
            page.locator("button[value=next]").click()
    page.locator("table.roomy").wait_for()
    problems += sound(page)

    assert seen == set(FORMS) == {NUMBER, CHOICE, SEVERAL, MATCH, TEXT}
    assert problems == []
    assert said == []
    assert page.locator("h1").inner_text() == HEADINGS[language]
    page.close()
    told = [one for one in place.bench.sent if one["actor"]["account"]["name"] == sub]
    assert sum(one["verb"]["id"] == verbs.ANSWERED for one in told) == len(made.questions)
    assert [one["result"]["score"]["raw"] for one in told if one["verb"]["id"] == verbs.COMPLETED] == [19]
