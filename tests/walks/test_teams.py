"""Two learners in two browsers share an order: they gather, answer, hand over, are scored; and who teaches sees it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest
from playwright.sync_api import Browser, Page

from curriculum import practice
from curriculum.practice import answers as written
from curriculum.practice import team as rules
from curriculum.practice.task import Case, Step
from lti_tool import teams
from lti_tool.settings import TEAMS
from lti_tool.teams import Team
from tests.lti_tool import builders
from tests.lti_tool import test_teaming as teaming
from tests.lti_tool.builders import INSTRUCTOR
from tests.walks import campus
from tests.walks.campus import Seat, sound

pytestmark = pytest.mark.browser
NAMES = ("first", "second")
TASK = {"catalog": "cbec", "activity": "team", "team": "eu.2"}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Seat]:
    with campus.seat(tmp_path_factory.mktemp("teams")) as seat:
        yield seat


def pressed(page: Page, what: str) -> None:
    """Press a button and wait for the page that answers."""
    with page.expect_navigation():
        page.locator(what).first.press("Enter")


def team(place: Seat, link: str) -> Team:
    return next(one for one in teams.of_link(place.bench.storage, link))


def case(of: Team) -> Case:
    return practice.case(rules.kind_of(of.destination), of.seed, date.fromisoformat(of.on))


def fill(page: Page, step: Step, *, right: bool = True) -> None:
    value = step.right if right else written.mistaken(next(one for one in step.wrong).value, step)
    if step.form in {"number", "text"}:
        page.locator("#answer").fill(written.sent(value, step))
        return
    assert isinstance(value, tuple)
    if step.form == "match":
        for pair in value:
            page.locator(f"#pair-{pair[:-1]}").select_option(pair)
        return
    for key in value:
        page.locator(f"input[name=answer][value={key}]").check()


@pytest.mark.parametrize(("language", "width"), campus.some(("en", 375), ("zh", 1100)))
def test_two_learners_play_an_order_between_them(browser: Browser, place: Seat, language: str, width: int) -> None:
    link = {"id": f"team-{language}-{width}", "title": "Team task"}
    shown = [
        campus.shown(browser, place, language, width, custom=TASK, sub=f"{name}-{language}", resource_link=link)
        for name in NAMES
    ]
    (first, _), (second, _) = shown
    problems = sound(first)
    pressed(first, "button[value=found]")
    problems += sound(first)
    pressed(second, "button[value=look]")
    pressed(second, "button[name=team][value='1']")
    first.locator("[data-said]:not(:empty)").wait_for()
    pressed(first, "button[value=look]")
    key = next(one["link"] for one in place.bench.storage.find(TEAMS, {}) if not one["finished"])
    steps = {step.id: step for step in case(team(place, key)).steps}
    checked = {"feedback": 0, "wait": 0}
    for _ in range(len(steps) if campus.SOAK else 5):
        for page in (first, second):
            if page.locator("form.answer").count():
                step = page.locator("form.answer input[name=step]").input_value()
                fill(page, steps[step], right=step != "chargeable")
                pressed(page, "button[value=answer]")
                if not checked["feedback"]:
                    problems += sound(page)
                    checked["feedback"] = 1
                pressed(page, "button[value=next]")
            elif not checked["wait"]:
                problems += sound(page)
                checked["wait"] = 1
            if not page.locator("form.answer").count() and page.locator("button[value=look]").count():
                pressed(page, "button[value=look]")
        if team(place, key).finished:
            break
    if not team(place, key).finished:  # the questions between are like those before
        seats = [
            builders.launched(place.bench, custom=TASK, sub=f"{name}-{language}", resource_link=link) for name in NAMES
        ]
        teaming.played(place.bench, seats, ["chargeable"])
    for page in (first, second):
        if page.locator("button[value=look]").count():
            pressed(page, "button[value=look]")
    problems += sound(first) + sound(second)
    taught, _ = campus.shown(
        browser, place, language, width, custom=TASK, sub="t", roles=[INSTRUCTOR], resource_link=link
    )
    problems += sound(taught)

    assert first.locator("table tbody tr").count() == 2
    assert team(place, key).right == 19
    assert taught.locator("table tbody tr").count() == 2
    assert (problems, [said for _, said in shown]) == ([], [[], []])
    for page in (first, second, taught):
        page.close()
