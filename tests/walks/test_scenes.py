"""Scenes in a real Chromium: by mouse, keyboard and an emulated headset, with no request to anybody but ourselves."""

from __future__ import annotations

import hashlib
import shutil
import time
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from curriculum.practice import scenes
from curriculum.practice.task import Step
from lti_tool.settings import ATTEMPTS
from tests.walks import campus
from tests.walks.campus import Seat, sound

pytestmark = pytest.mark.browser

HOUSE = Path(__file__).parent.parent.parent
IWER = HOUSE / "tests" / "vendor" / "iwer" / "iwer.min.js"
HEADSET = """
{
  const device = new IWER.XRDevice(IWER.metaQuest3);
  device.installRuntime({forceInstall: true});
  device.position.set(0, 1.6, 0);
  window.headset = device;
}
"""
PAINTS = ("--enable-unsafe-swiftshader", "--use-gl=angle", "--use-angle=swiftshader")
# Where the middle of a thing stands in the page.
MIDDLE = """
(pick) => {
  const scene = document.querySelector("a-scene");
  const things = Array.from(scene.querySelectorAll(`[data-pick="${pick}"]`));
  const thing = things.find((one) => one.object3D.visible && one.components.geometry);
  const point = thing.object3D.getWorldPosition(new AFRAME.THREE.Vector3()).project(scene.camera);
  const frame = scene.canvas.getBoundingClientRect();
  return [frame.left + (point.x + 1) / 2 * frame.width, frame.top + (1 - point.y) / 2 * frame.height];
}
"""


@pytest.fixture(scope="module")
def browser(browser: Browser) -> Iterator[Browser]:
    """A Chromium that draws in three dimensions without a graphics card."""
    program = next((path for path in map(shutil.which, campus.CHROMIUM) if path), None)
    assert program, f"no browser: install Chromium so that one of {', '.join(campus.CHROMIUM)} is on the PATH"
    running = browser.browser_type.launch(executable_path=program, args=list(PAINTS))
    yield running
    running.close()


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Seat]:
    with campus.seat(tmp_path_factory.mktemp("scenes")) as seat:
        yield seat


def opened(browser: Browser, place: Seat, kind: str, language: str, width: int) -> tuple[Page, list[str], list[str]]:
    """The plain page of a scene; what the browser says, and which other hosts it asks."""
    custom = {"catalog": "cbec", "activity": "scene", "scene": kind}
    page, said = campus.shown(browser, place, language, width, custom=custom, sub=f"{kind}-{language}-{width}")
    asked: list[str] = []
    page.on("request", lambda request: None if request.url.startswith(place.url) else asked.append(request.url))
    return page, said, asked


def steps(place: Seat, kind: str) -> tuple[Step, ...]:
    kept = [one for one in place.bench.storage.find(ATTEMPTS, {}) if one["activity"] == f"scene:{kind}"]
    (last,) = [one for one in kept if not one["finished"]]
    return scenes.scene(kind, last["seed"], date.fromisoformat(last["on"])).case.steps


def entered(page: Page) -> None:
    page.locator("button[name=to][value=space]:not([formtarget])").click()
    page.locator("#stage[data-ready]").wait_for()


def soon(true: Callable[[], object]) -> bool:
    """Whether it comes true within a minute; asked from here, for the page allows no strings of script."""
    until = time.monotonic() + 60
    while not true():
        if time.monotonic() > until:
            return False
        time.sleep(0.05)
    return True


NOTICES = (
    "A-Frame Version",
    "THREE Version",
    "Requested frame rate is",
    "THREE.WebGLRenderer: Can't change size while VR",
)


def spoken(said: list[str]) -> list[str]:
    """What a browser complains of, without what A-Frame and the headset tell of themselves."""
    return [one for one in said if not one.startswith(NOTICES)]


@pytest.mark.parametrize(
    ("kind", "language", "width"), campus.some(("packing", "en", 1100), ("customs_desk", "zh", 375))
)
def test_the_plain_page_is_the_whole_task_without_a_script(
    browser: Browser, place: Seat, kind: str, language: str, width: int
) -> None:
    page, said, asked = opened(browser, place, kind, language, width)
    made = steps(place, kind)
    problems = sound(page)
    page.locator("button[value=answer]").press("Enter")
    page.locator("[role=alert]").wait_for()
    problems += sound(page)
    for number, step in enumerate(made):
        for key in step.right:
            page.locator(f"input[name=answer-{number}][value={key}]").check()
    page.locator("button[value=answer]").press("Enter")
    page.locator("table.roomy").wait_for()

    assert page.locator("script").count() == 0
    assert page.locator(".badge.done").count() == len(made)
    assert problems + sound(page) == []
    assert (said, asked) == ([], [])
    page.close()


@pytest.mark.parametrize(
    ("kind", "language", "width"), campus.some(("packing", "zh", 375), ("customs_desk", "en", 1100))
)
def test_a_scene_is_played_in_a_headset_by_mouse_and_by_keyboard(
    browser: Browser, place: Seat, kind: str, language: str, width: int
) -> None:
    page, said, asked = opened(browser, place, kind, language, width)
    page.add_init_script(IWER.read_text(encoding="utf-8") + HEADSET)
    made = steps(place, kind)
    entered(page)
    problems = sound(page)

    # A thing is taken by the mouse, and the form says so; the keyboard takes it back, or puts the parcel elsewhere.
    assert soon(
        lambda: page.evaluate(
            "document.querySelector('a-scene').frame > 3 || document.querySelector('a-scene').time > 100"
        )
    )
    x, y = page.evaluate(MIDDLE, "thing 1")
    page.mouse.move(x, y)
    assert soon(
        lambda: page.evaluate("[...document.querySelectorAll('a-scene *')].some(one => one.is?.('cursor-hovered'))")
    )
    page.mouse.click(x, y)
    assert soon(lambda: page.locator("input[name=answer-0][value=b]").is_checked())

    page.locator("#enter").click()
    assert soon(lambda: page.evaluate("document.querySelector('a-scene').is('vr-mode')"))
    page.evaluate("headset.position.set(0.1, 1.7, 0.5)")
    assert soon(
        lambda: (
            abs(
                page.evaluate("document.querySelector('a-scene').camera.getWorldPosition(new AFRAME.THREE.Vector3()).z")
                - 0.5
            )
            < 0.2
        )
    )
    page.evaluate("document.querySelector('a-scene').exitVR()")
    assert soon(lambda: not page.evaluate("document.querySelector('a-scene').is('vr-mode')"))

    page.locator("#stage").focus()
    for number, step in enumerate(made):
        place_of = [option.key for option in step.options]
        while page.locator("fieldset.now").get_attribute("data-step") != str(number):
            page.keyboard.press("ArrowRight")
        if kind == "packing":
            for key in [
                key for key in place_of if page.locator(f"input[name=answer-{number}][value={key}]").is_checked()
            ]:
                if key not in step.right:
                    page.keyboard.press(str(place_of.index(key) + 1))
        for key in step.right:
            if not page.locator(f"input[name=answer-{number}][value={key}]").is_checked():
                page.keyboard.press(str(place_of.index(key) + 1))
    problems += sound(page)
    with page.expect_navigation():
        page.keyboard.press("Enter")
    page.locator("table.roomy").wait_for()

    assert page.locator(".badge.done").count() == len(made)
    assert problems + sound(page) == []
    assert (spoken(said), asked) == ([], [])
    page.close()


def test_a_browser_that_cannot_draw_says_so_in_a_line_and_leaves_the_task(browser: Browser, place: Seat) -> None:
    page, _, _ = opened(browser, place, "packing", "en", 1000)
    page.add_init_script("HTMLCanvasElement.prototype.getContext = () => null;")
    page.locator("button[value=space]").click()
    page.locator("#none").wait_for()

    assert page.locator("#stage").is_hidden()
    assert page.locator("#none").is_visible()
    assert page.locator("button[value=answer]").is_visible()
    page.close()


def test_vendored_files_are_what_their_lists_say() -> None:
    for folder, file in (
        (HOUSE / "lti_tool" / "static" / "scenes", "aframe-1.8.0.min.js"),
        (IWER.parent.parent, "iwer/iwer.min.js"),
    ):
        listed = (folder / "README.md").read_text(encoding="utf-8")
        digest = hashlib.sha256((folder / file).read_bytes()).hexdigest()
        (line,) = [one for one in listed.splitlines() if one.startswith(f"| `{file}`")]
        assert digest in line
