"""A launch in a real Chromium whose cookies are allowed, blocked, or lost in the frame of another site altogether."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, FrameLocator, Page

from entrepot.sandbox import tokens
from lti_tool import app as tool_app
from lti_tool import keys, platforms
from lti_tool.emit import Emitter
from storage import connect
from tests.lti_tool import builders
from tests.walks import campus, storing
from xapi_collector import keyring as keyrings

pytestmark = pytest.mark.browser
ALLOWED, BLOCKED = 0, 1  # Chromium's profile.cookie_controls_mode
STEPS = "Three good next steps"
WINDOW = "Open in a new window"


@dataclass(frozen=True)
class Place:
    """A platform, its sign-in and the tool, each on an origin of its own; the tool's is another site."""

    lms: str
    sso: str
    tool: str


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    directory = tmp_path_factory.mktemp("binding")
    secured = campus.tls(directory)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SSL_CERT_FILE", str(secured.certificate))
        storage = connect.connect(f"sqlite:///{directory / 'store'}", *tool_app.COLLECTIONS)
        with (
            campus.address("localhost", secured) as (lms, name_lms),
            campus.address("localhost", secured) as (sso, name_sso),
            campus.address("127.0.0.1", secured) as (tool, name_tool),
        ):
            platform = storing.create_app(lms, sso, tool, tokens.new_signer())
            name_lms(platform)
            name_sso(platform)
            platforms.register(storage, builders.registered(lms, **storing.registration(lms, sso)))
            keyring = keyrings.create(directory / "keyring.json")
            key = keys.only(keys.create(directory / "tool.pem"))
            emitter = Emitter(lambda _: True)
            networks = "127.0.0.0/8,::1/128"
            settings = builders.settings(directory, tool, networks=networks)
            name_tool(tool_app.create_app(settings, storage, keyring, keys=key, emitter=emitter))
            yield Place(lms, sso, tool)
        storage.close()


@contextmanager
def chromium(
    browser: Browser, directory: Path, place: Place, *, third_party: int, lost: bool = False
) -> Iterator[BrowserContext]:
    """A Chromium with these settings of its cookies; `lost`: the tool has none at all inside the platform's page."""
    pattern = f"{place.tool},{place.lms}"
    exceptions = {pattern: {"setting": 2}} if lost else {}
    profile = {"cookie_controls_mode": third_party, "content_settings": {"exceptions": {"cookies": exceptions}}}
    (directory / "Default").mkdir(parents=True)
    (directory / "Default" / "Preferences").write_text(json.dumps({"profile": profile}))
    program = next(path for path in map(shutil.which, campus.CHROMIUM) if path)
    context = browser.browser_type.launch_persistent_context(
        directory, executable_path=program, ignore_https_errors=True, locale="en-GB"
    )
    try:
        yield context
    finally:
        context.close()


@dataclass(frozen=True)
class Visit:
    """An open course page, what its console said, and how often each address of the tool was asked."""

    page: Page
    said: list[str]
    asked: list[str]

    @property
    def frame(self) -> FrameLocator:
        return self.page.frame_locator("iframe[name=tool]")


def opened(context: BrowserContext, place: Place, *, patient: bool = False, **asked: str) -> Visit:
    page, said, paths = context.new_page(), [], []
    if patient:
        campus.wait_for_storage(page)
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda request: paths.append(request.url.partition("?")[0].removeprefix(place.tool)))
    page.goto(storing.course(place.lms, **asked))
    page.get_by_role("button", name="Open").click()
    return Visit(page, said, paths)


def launched(visit: Visit) -> None:
    visit.frame.get_by_role("heading", name=STEPS).wait_for()
    assert visit.said == []


def window(context: BrowserContext, visit: Visit) -> Page:
    """The page of the one click that is left, when it has launched."""
    with context.expect_page() as found:
        visit.frame.get_by_role("link", name=WINDOW).click()
    found.value.get_by_role("heading", name=STEPS).wait_for()
    return found.value


@pytest.fixture(scope="module", params=[BLOCKED, ALLOWED] if campus.SOAK else [BLOCKED])
def usual(
    request: pytest.FixtureRequest, browser: Browser, tmp_path_factory: pytest.TempPathFactory, place: Place
) -> Iterator[BrowserContext]:
    with chromium(browser, tmp_path_factory.mktemp("usual") / "profile", place, third_party=request.param) as context:
        yield context


@pytest.fixture(scope="module")
def losing(browser: Browser, tmp_path_factory: pytest.TempPathFactory, place: Place) -> Iterator[BrowserContext]:
    with chromium(
        browser, tmp_path_factory.mktemp("losing") / "profile", place, third_party=BLOCKED, lost=True
    ) as context:
        yield context


@pytest.mark.parametrize("offers", ["", "_parent"])
def test_a_cookie_is_enough_and_the_platform_s_storage_is_not_asked(
    usual: BrowserContext, place: Place, offers: str
) -> None:
    visit = opened(usual, place, offers=offers, keeps="parent")

    launched(visit)
    assert visit.page.evaluate("told") == []
    visit.page.close()


def test_the_cookie_is_tried_once_in_a_session(usual: BrowserContext, place: Place) -> None:
    first = opened(usual, place)
    launched(first)
    second = opened(usual, place)
    launched(second)

    assert second.asked.count("/lti/login") == 1
    first.page.close()
    second.page.close()


def test_two_frames_at_once_both_launch(usual: BrowserContext, place: Place) -> None:
    visits = [opened(usual, place, person=person) for person in ("one", "two")]

    for visit in visits:
        launched(visit)
        visit.page.close()


@pytest.mark.parametrize(("offers", "keeps"), [("_parent", "parent"), (storing.SIBLING, "sibling")])
def test_without_any_cookie_the_platform_s_storage_binds_the_launch(
    losing: BrowserContext, place: Place, offers: str, keeps: str
) -> None:
    visit = opened(losing, place, patient=True, offers=offers, keeps=keeps)

    visit.frame.get_by_role("heading", name=STEPS).wait_for()
    assert losing.cookies(place.tool) == []
    assert visit.asked.count("/lti/launch") == 2
    visit.page.close()


def test_without_any_cookie_and_storage_one_click_in_a_new_window_is_left(losing: BrowserContext, place: Place) -> None:
    visit = opened(losing, place)

    found = window(losing, visit)

    assert place.sso + "/auth" not in visit.asked  # what the platform gave to begin with was not used up
    found.close()
    visit.page.close()


# A frame that is not there is met below, where the page that asks is looked at.
@pytest.mark.parametrize("offers", [storing.SIBLING, "_parent", "no_such_frame"] if campus.SOAK else [storing.SIBLING])
def test_where_the_platform_s_storage_does_not_answer_the_new_window_is_offered(
    losing: BrowserContext, place: Place, offers: str
) -> None:
    visit = opened(losing, place, offers=offers)

    found = window(losing, visit)

    assert place.sso + "/auth" not in visit.asked
    found.close()
    visit.page.close()


def test_what_the_storage_has_lost_meanwhile_ends_in_the_new_window_too(losing: BrowserContext, place: Place) -> None:
    page = losing.new_page()
    page.goto(storing.course(place.lms, offers="_parent", keeps="parent"))
    page.evaluate("kept.set = () => {}")
    page.get_by_role("button", name="Open").click()
    visit = Visit(page, [], [])

    window(losing, visit).close()

    assert [subject for subject, _ in page.evaluate("told")] == ["lti.put_data", "lti.get_data"]
    page.close()


def test_a_launch_of_another_browser_is_not_bound_by_the_victim_s_storage(
    usual: BrowserContext, losing: BrowserContext, place: Place
) -> None:
    """Whoever begins a login and gives its answer to somebody else signs nobody in (login CSRF)."""
    page = usual.new_page()
    page.route("**/lti/launch", lambda route: route.abort())
    page.goto(storing.course(place.lms, offers="_parent", keeps="parent"))
    with page.expect_request("**/lti/launch") as stolen:
        page.get_by_role("button", name="Open").click()
    sent = dict(pair.split("=", 1) for pair in (stolen.value.post_data or "").split("&"))
    victim = losing.new_page()
    victim.goto(storing.course(place.lms, offers="_parent", keeps="parent"))

    victim.evaluate(
        """([action, fields]) => {
            const form = document.createElement("form");
            Object.assign(form, {method: "post", target: "tool", action});
            for (const [name, value] of Object.entries(fields)) {
                form.append(Object.assign(document.createElement("input"), {name, value}));
            }
            document.body.append(form);
            form.submit();
        }""",
        [f"{place.tool}/lti/launch", sent],
    )
    victim.frame_locator("iframe[name=tool]").get_by_role("link", name=WINDOW).wait_for()

    assert victim.frame_locator("iframe[name=tool]").get_by_role("heading", name=STEPS).count() == 0
    page.close()
    victim.close()


def test_without_scripts_the_page_that_would_ask_offers_the_window(losing: BrowserContext, place: Place) -> None:
    page = losing.new_page()
    page.route("**/binding.js", lambda route: route.abort())
    page.goto(storing.course(place.lms, offers="_parent", keeps="parent"))
    page.get_by_role("button", name="Open").click()

    window(losing, Visit(page, [], [])).close()
    page.close()


def test_the_page_that_asks_is_accessible_and_fits_a_telephone(losing: BrowserContext, place: Place) -> None:
    page = losing.new_page()
    page.set_viewport_size({"width": 375, "height": 700})
    page.goto(storing.course(place.lms, offers="no_such_frame"))
    page.get_by_role("button", name="Open").click()
    page.frame_locator("iframe[name=tool]").get_by_role("link", name=WINDOW).wait_for()
    frame = next(one for one in page.frames if one.name == "tool")

    assert campus.sound(frame) == []
    page.close()
