"""A project from hand-in to decision in a real Chromium: learners, an instructor, a reviewer from outside."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.lti_tool import working
from tests.lti_tool.builders import INSTRUCTOR
from tests.walks import campus
from tests.walks.campus import Seat

pytestmark = pytest.mark.browser
FORUM = "https://lms.example/mod/forum/view.php?id=7"


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Seat]:
    with campus.seat(tmp_path_factory.mktemp("projects")) as seat:
        yield seat


class Walk:
    """A walk: whoever is on the way, what was unsound, and where pictures go."""

    def __init__(self, browser: Browser, place: Seat, shape: tuple[str, int], pictures: Path | None = None) -> None:
        self.browser, self.place, self.pictures = browser, place, pictures
        self.language, self.width = shape
        self.problems: list[str] = []
        self.said: list[str] = []

    def came(self, sub: str, custom: dict[str, str] | None = None, **claims: object) -> Page:
        page, said = campus.shown(
            self.browser, self.place, self.language, self.width, sub=sub, custom=custom or working.SHELF, **claims
        )
        self.said = said
        return page

    def look(self, page: Page, name: str) -> None:
        self.problems += [f"{name}: {one}" for one in campus.sound(page) + self.said]
        if self.pictures is not None:
            page.screenshot(path=self.pictures / f"{self.language}-{self.width}-{name}.png", full_page=True)


def pressed(page: Page, what: str) -> None:
    """Press Enter there, and wait for the page that answers."""
    with page.expect_navigation():
        page.locator(what).first.press("Enter")


def opened(page: Page) -> None:
    """Open every drawer."""
    page.locator("body").evaluate("() => document.querySelectorAll('details').forEach(one => one.open = true)")


def judge(page: Page, levels: str, words: str) -> None:
    """Choose a level of each criterion, and write a sentence on it."""
    for number, level in enumerate(levels):
        page.locator(f"input[name=level-{number}][value='{level}']").check()
        page.locator(f"textarea[name=words-{number}]").fill(words)


def handed(walk: Walk, sub: str, text: str, file: tuple[str, bytes]) -> None:
    page = walk.came(sub)
    if sub == "ada":
        walk.look(page, "project")
    page.locator("textarea[name=text]").fill(text)
    page.locator("textarea[name=links]").fill("https://files.example/shelf")
    page.locator("input[type=file]").set_input_files({"name": file[0], "mimeType": "", "buffer": file[1]})
    page.locator("input[name=outside]").check()
    pressed(page, "button.primary")
    opened(page)
    if sub == "ada":
        walk.look(page, "handed")
    page.close()


def walked(walk: Walk) -> None:
    """Two learners hand in; the instructor gives out reviews; they review; somebody from outside does; a decision."""
    handed(
        walk,
        "ada",
        "# The shelf\n\nWe keep **three** products.\n\n- the box\n- the lamp",
        ("a.csv", b"sku,margin\nBOX-1,0.31\nLAMP-2,-0.04\n"),
    )
    handed(walk, "bo", "We keep two products, because the third loses money.", ("b.png", working.png(wide=8, high=8)))
    teacher = walk.came("teacher", roles=[INSTRUCTOR])
    pressed(teacher, "form[action$='/lti/class/works'] button.primary")
    opened(teacher)
    teacher.locator("select[name=reviews]").select_option("1")
    pressed(teacher, "button[name=dates]")
    pressed(teacher, "button[name=give]")
    opened(teacher)
    teacher.locator("input[name=label]").fill("Shelf & Sons")
    pressed(teacher, "button[name=let]")
    opened(teacher)
    address = teacher.locator("input[readonly]").input_value()
    walk.look(teacher, "works")
    for sub in ("ada", "bo"):
        page = walk.came(sub)
        pressed(page, "button[name=review]")
        if sub == "ada":
            pressed(page, "button[name=save]")
            walk.look(page, "review-lacks")
        judge(page, "3234" if sub == "ada" else "4333", "It is said on the first page.")
        pressed(page, "button[name=save]")
        page.close()
    outside, said = campus.visitor(walk.browser, walk.width), list[str]()
    walk.said = said
    outside.on("console", lambda message: said.append(message.text))
    # The tool's public address is not where this walk serves it.
    outside.goto(f"{walk.place.url}{address[address.index('/lti/') :]}?language={walk.language}")
    walk.look(outside, "outside")
    with outside.expect_navigation():
        outside.locator("main li a.btn").first.click()
    judge(outside, "2222", "A buyer of ours would ask for more.")
    with outside.expect_navigation():
        outside.locator("button.primary").click()
    walk.look(outside, "outside-work")
    walk.said = []
    for _ in range(2):
        pressed(teacher, "form[action$='/lti/class/work'] button[name=work]")
        judge(teacher, "3343", "")
        walk.look(teacher, "work")
        pressed(teacher, "button.primary")
        walk.look(teacher, "decided")
        pressed(teacher, "form.section button:last-child")
    walk.look(teacher, "works-decided")
    page = walk.came("ada")
    opened(page)
    walk.look(page, "heard")
    assert "13" in page.locator("article.first .badge").first.inner_text()
    pressed(teacher, "button[name=revoke]")
    answer = outside.reload()
    assert answer is not None
    assert answer.status == 404
    for one in (page, outside, teacher):
        one.close()


def discussed(walk: Walk) -> None:
    talk = {"catalog": "cbec", "activity": "discussion", "discussion": "operations.platform"}
    teacher = walk.came("teacher", talk, roles=[INSTRUCTOR])
    teacher.locator("input[name=forum]").fill(FORUM)
    pressed(teacher, "form[action$='/place'] button")
    walk.look(teacher, "discussion-set")
    page = walk.came("ada", talk)
    walk.look(page, "discussion")
    assert page.locator("a.btn.primary").get_attribute("href") == FORUM
    for one in (page, teacher):
        one.close()


@pytest.mark.parametrize("shape", campus.some(("zh", 1100), ("en", 375)))
def test_a_project_goes_from_hand_in_to_a_decision(browser: Browser, place: Seat, shape: tuple[str, int]) -> None:
    walk = Walk(browser, place, shape)

    walked(walk)
    discussed(walk)

    assert walk.problems == []
