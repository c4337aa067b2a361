"""A partner enterprise in a real Chromium: registered, an opening approved and applied to, a view seen, ended, gone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.lti_tool import allied
from tests.lti_tool.builders import INSTRUCTOR
from tests.walks import campus
from tests.walks.campus import Seat
from tests.walks.test_projects import Walk, opened, pressed

pytestmark = pytest.mark.browser
GOAL = {"catalog": "cbec", "role": "compliance"}


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Seat]:
    """One a walk: it begins where there is no partner yet."""
    with campus.seat(tmp_path) as seat:
        yield seat


def followed(page: Page, what: str) -> None:
    """Follow a link, and wait for the page."""
    with page.expect_navigation():
        page.locator(what).first.click()


def registered(walk: Walk, teacher: Page) -> str:
    """Register a partner and let somebody in; the address as a path."""
    pressed(teacher, "form[action$='/lti/class/partners'] button")
    walk.look(teacher, "partners-none")
    teacher.locator("input[name=name]").fill(allied.NAME)
    teacher.locator("input[name=contact]").fill("desk@lantern.example")
    teacher.locator("input[name=purpose]").fill("Practice base for operations and compliance.")
    teacher.locator("input[name=until]").fill(allied.day(walk.place.bench, 200))
    pressed(teacher, "button[name=register]")
    teacher.locator("input[name=label]").fill(allied.LABEL)
    pressed(teacher, "button[name=let]")
    opened(teacher)
    address = teacher.locator("input[readonly]").input_value()
    walk.look(teacher, "partner-registered")
    return address[address.index("/lti/") :]


def written(walk: Walk, partner: Page, path: str) -> None:
    """The partner writes an opening."""
    partner.goto(f"{walk.place.url}{path}/openings?role=compliance&language={walk.language}")
    for name in ("title", "place", "languages", "text", "how"):
        partner.locator(f"[name={name}]").fill(allied.OPENING[name])
    partner.locator("input[name=closes]").fill(allied.day(walk.place.bench, 30))
    walk.look(partner, "opening-form")
    pressed(partner, "button[name=write]")
    walk.look(partner, "partner-openings")


def applied(walk: Walk, learner: Page) -> None:
    """The learner looks at the board, the opening, and applies."""
    pressed(learner, "footer form[action$='/lti/openings'] button")
    walk.look(learner, "board")
    pressed(learner, "button[name=opening]")
    opened(learner)
    walk.look(learner, "opening")
    pressed(learner, "button[name=apply]")
    assert learner.locator("[role=alert]").count() == 1, "nothing is chosen for the learner"
    opened(learner)
    learner.locator("input[name=scope][value=role]").check()
    learner.locator("input[name=name]").fill("Tamm, Liis")
    learner.locator("input[name=reach]").fill("liis@example.org")
    learner.locator("textarea[name=note]").fill("I liked the case on duties most.")
    learner.locator("input[name=agree]").check()
    walk.look(learner, "apply")
    pressed(learner, "button[name=apply]")
    walk.look(learner, "applied")


def walked(walk: Walk) -> None:
    """All of it, to the end of the view."""
    bench = walk.place.bench
    allied.answered(bench, "ada", count=9)
    teacher = walk.came("teacher", {"catalog": "cbec"}, roles=[INSTRUCTOR])
    pressed(teacher, "form[action$='/lti/class'] button")
    path = registered(walk, teacher)
    partner, said = campus.visitor(walk.browser, walk.width), list[str]()
    partner.on("console", lambda message: said.append(message.text))
    walk.said = said
    partner.goto(f"{walk.place.url}{path}?language={walk.language}")
    walk.look(partner, "room")
    followed(partner, "nav a[href*='/cohort']")
    walk.look(partner, "cohort")
    written(walk, partner, path)
    pressed(teacher, "form.section button")
    walk.look(teacher, "partners")
    pressed(teacher, "button[name=partner]")
    pressed(teacher, "button[name=approve]")
    learner = walk.came("ada", GOAL)
    applied(walk, learner)
    walk.said = said
    followed(partner, "nav a[href*='/shared']")
    walk.look(partner, "shared")
    followed(partner, "main td a")
    assert "Tamm, Liis" in partner.locator("h1").inner_text()
    walk.look(partner, "view")
    partner.locator("input[name=outcome][value=talk]").check()
    partner.locator("input[name=who]").fill("Head of operations")
    partner.locator("textarea[name=reason]").fill("Your level in duties, and what you wrote.")
    pressed(partner, "main button.primary")
    walk.look(partner, "decided")
    view = partner.url
    pressed(learner, "footer form[action$='/lti/sharing'] button")
    opened(learner)
    assert "Head of operations" in learner.locator("main").inner_text()
    assert allied.LABEL in learner.locator("main").inner_text()
    walk.look(learner, "sharing")
    pressed(learner, "button[name=revoke]")
    walk.look(learner, "revoked")
    answer = partner.goto(view)
    assert answer is not None
    assert answer.status == 404
    assert "Tamm" not in partner.content()
    for one in (learner, partner, teacher):
        one.close()


@pytest.mark.parametrize("shape", campus.some(("en", 375), ("zh", 1100)))
def test_a_view_is_given_with_an_application_seen_and_ended(
    browser: Browser, place: Seat, shape: tuple[str, int]
) -> None:
    walk = Walk(browser, place, shape)

    walked(walk)

    assert walk.problems == []
