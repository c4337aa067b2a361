"""Take the pictures of the documentation from a demo that serves.

    entrepot demo                                   # in one terminal
    python -m tests.walks.screenshots docs/images   # in another

Run from the project's directory. The demo's own `sandbox.json` says where to click.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from playwright.sync_api import Browser, Frame, Page

from entrepot import demo
from tests.walks import campus

ROLE = {"en": "Cross-border platform operations specialist", "zh": "跨境电商运营"}


def main(directory: Path, place: Path = Path("var/demo")) -> None:
    """Write one PNG per page, language and width."""
    directory.mkdir(parents=True, exist_ok=True)
    config = json.loads((place / "sandbox.json").read_text(encoding="utf-8"))
    institution = config["institutions"][0]
    module = demo.showcase(institution["courses"])
    learner = f"{institution['id']}/courses/{module['id']}?learner={module['learners'][0]['id']}"
    newcomer = f"{institution['id']}/courses/cbec?learner=newcomer"
    shapes = [(language, width) for language in ("en", "zh") for width in (375, 1100)]
    with campus.chromium() as browser:
        for language, width in shapes:
            page = visit(browser, f"{config['issuer']}/{learner}&lang={language}", language, width)
            frame = opened(page)
            if (language, width) == ("en", 1100):
                page.screenshot(path=directory / "learner.png")
            save(frame, directory / f"learner-{language}-{width}.png")
            turn(frame, "/lti/profile")
            save(frame, directory / f"profile-{language}-{width}.png")
            page.goto(f"{config['issuer']}/{newcomer}&lang={language}")
            save(opened(page), directory / f"roles-{language}-{width}.png")
            page.context.close()
        # The goal comes last: who has chosen one is not asked again.
        for language, width in shapes:
            page = visit(browser, f"{config['issuer']}/{newcomer}&lang={language}", language, width)
            frame = opened(page)
            if frame.get_by_label(ROLE[language]).count():
                frame.get_by_label(ROLE[language]).first.check()
                frame.locator("form:has([type=radio]) button").click()
                frame.locator("article.first").wait_for()
            save(frame, directory / f"newcomer-{language}-{width}.png")
            turn(frame, "/lti/path")
            save(frame, directory / f"path-{language}-{width}.png")
            turn(frame, "/lti/page")
            press(frame, "form[action$='/lti/placement'] button")
            if frame.locator("button[value=begin]").count():
                press(frame, "button[value=begin]")
            save(frame, directory / f"placement-{language}-{width}.png")
            page.context.close()


def visit(browser: Browser, address: str, language: str, width: int) -> Page:
    """Open a course page."""
    height = 1500 if width > 1000 else 900
    context = browser.new_context(viewport={"width": width, "height": height}, locale=language, device_scale_factor=1)
    page = context.new_page()
    page.goto(address)
    return page


def opened(page: Page) -> Frame:
    """Launch the tool in the course page's frame, wait for the page in it."""
    page.locator(".open button").click()
    page.frame_locator("iframe[name=tool]").locator("#main").wait_for()
    frame = page.frame("tool")
    if frame is None:
        message = "the course page has no frame named tool"
        raise RuntimeError(message)
    return frame


def turn(frame: Frame, route: str) -> None:
    """Turn to another page of the learner's, by its tab."""
    press(frame, f"nav.tabs button[formaction$='{route}']")


def press(frame: Frame, what: str) -> None:
    """Press the first such button, and wait for the page that answers."""
    with frame.expect_navigation():
        frame.locator(what).first.click()


def save(frame: Frame, path: Path) -> None:
    """Take the whole inside of the frame: make the frame as tall as its page first."""
    tall = frame.evaluate("document.documentElement.scrollHeight")
    element = frame.frame_element()
    element.evaluate("(frame, tall) => { frame.style.height = tall + 'px' }", tall)
    element.screenshot(path=path)
    element.evaluate("frame => { frame.style.height = '' }")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
