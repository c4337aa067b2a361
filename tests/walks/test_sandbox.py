"""The sandbox LMS in a real Chromium: what its pages keep for a tool's frame, how they read, how a tool is added."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, Response, request
from playwright.sync_api import Browser, Frame, Page, Route

from entrepot.sandbox.platform import Platform
from entrepot.sandbox.profiles import PROFILES
from lti_tool import app as tool_app
from lti_tool import keys, platforms
from storage import connect
from tests.entrepot import clients
from tests.entrepot.clients import Client
from tests.lti_tool import builders, lms
from tests.walks import campus
from xapi_collector import keyring as keyrings

ASK = """([where, message, origin]) => new Promise((resolve) => {
  const to = where ? parent.frames[where] : parent;
  const waiting = setTimeout(() => resolve(null), 400);
  addEventListener("message", function heard(event) {
    if (event.data.message_id !== message.message_id) return;
    removeEventListener("message", heard); clearTimeout(waiting);
    resolve({...event.data, from: event.origin});
  });
  to.postMessage(message, origin);
})"""

pytestmark = pytest.mark.browser


def silent_tool() -> Flask:
    """A tool whose pages say nothing of their own; its registration closes at once."""
    app = Flask("silent")

    @app.route("/lti/login", methods=["GET", "POST"])
    def login() -> Response:
        return Response("<!doctype html><title>tool</title><link rel=icon href=data:,>", mimetype="text/html")

    @app.get("/lti/register")
    def register() -> Response:
        assert request.args["registration_token"]
        script = "parent.postMessage({subject: 'org.imsglobal.lti.close'}, '*')"
        return Response(f"<!doctype html><title>tool</title><script>{script}</script>", mimetype="text/html")

    return app


@pytest.fixture(scope="module")
def tool() -> Iterator[str]:
    with builders.serving(silent_tool()) as base:
        yield base


@pytest.fixture(params=PROFILES)
def platform(request: pytest.FixtureRequest, tool: str) -> Iterator[Platform]:
    def apart(raw: dict[str, Any]) -> None:
        if request.param == "canvas":
            raw["sso"] = raw["issuer"].replace("127.0.0.1", "localhost")

    with lms.running(request.param, tool=tool, key_set=clients.key_set, change=apart) as running:
        yield running


def opened(browser: Browser, platform: Platform, person: str = lms.LEARNER, width: int = 1100) -> Page:
    """A course page on which the first activity was opened."""
    page = campus.visitor(browser, width, 800, locale="en-GB")
    page.goto(f"{platform.base}/{lms.PLACE}/courses/course-1?lang=en&learner={person}")
    page.locator(".open button").first.click()
    page.frame_locator("iframe[name=tool]").locator("html").wait_for()
    return page


def frame_of(page: Page) -> Frame:
    found = page.frame("tool")
    assert found is not None
    found.wait_for_url("**/lti/login")
    return found


def ask(frame: Frame, where: str, subject: str, origin: str, **members: Any) -> Any:
    """What a frame hears when it asks a place."""
    return frame.evaluate(ASK, [where, {"subject": subject, "message_id": f"m-{subject}-{members}", **members}, origin])


def test_values_are_kept_where_the_login_said_and_nowhere_else(browser: Browser, platform: Platform) -> None:
    page = opened(browser, platform)
    frame, name = frame_of(page), platform.profile(lms.PLACE).name
    where = "post_message_forwarding" if name == "canvas" else ""
    put = ask(frame, where, "lti.put_data", platform.sso, key="k", value="v") if name != "moodle" else None
    told = ask(frame, "", "lti.capabilities", platform.base)

    if name == "moodle":
        assert told is None
        assert ask(frame, "", "lti.put_data", platform.base, key="k", value="v") is None
    else:
        assert (put["key"], put["value"], put["from"]) == ("k", "v", platform.sso)
        assert ask(frame, where, "lti.get_data", platform.sso, key="k")["value"] == "v"
        assert ask(frame, where, "lti.get_data", platform.sso, key="other")["value"] is None
        ask(frame, where, "lti.put_data", platform.sso, key="k", value=None)
        assert ask(frame, where, "lti.get_data", platform.sso, key="k", again=1)["value"] is None
        assert {one["subject"]: one.get("frame") for one in told["supported_messages"]}["lti.put_data"] == (
            where or "_parent"
        )
    if name == "canvas":
        refused = ask(frame, "", "lti.put_data", platform.base, key="k", value="v")
        assert refused["error"]["code"] == "unsupported_subject"
    page.close()


def test_what_cannot_be_kept_is_answered_with_an_error(browser: Browser, tool: str) -> None:
    with lms.running(tool=tool) as platform:
        page = opened(browser, platform)
        frame = frame_of(page)
        cases = [
            ("lti.put_data", {"key": "k", "value": "x" * 4097}),
            ("lti.put_data", {"key": "k", "value": 7}),
            ("lti.put_data", {"value": "v"}),
            ("lti.get_data", {"key": ""}),
            ("lti.launch_missiles", {}),
        ]
        codes = [ask(frame, "", subject, platform.base, **body)["error"]["code"] for subject, body in cases]
        longest = ask(frame, "", "lti.put_data", platform.base, key="k", value="x" * 4096)
        full = frame.evaluate(
            """async ([ask, origin]) => { let said; ask = eval(ask);
              for (let n = 0; n < 501; n++) said = await ask(["", {subject: "lti.put_data", message_id: "n" + n,
                key: "key-" + n, value: "v"}, origin]); return said; }""",
            [ASK, platform.base],
        )
        stranger = page.evaluate("""() => new Promise((resolve) => {
          const frame = document.createElement("iframe"); frame.src = "/blank"; document.body.append(frame);
          addEventListener("message", (event) => event.data.error && resolve(event.data.error.code));
          frame.onload = () => frame.contentWindow.eval(
            "parent.postMessage({subject: 'lti.get_data', message_id: 's', key: 'k'}, '*');"
            + "addEventListener('message', (event) => parent.postMessage(event.data, '*'))");
          setTimeout(() => resolve("nothing"), 2000);
        })""")

        assert codes == [
            "storage_exhaustion",
            "storage_exhaustion",
            "bad_request",
            "bad_request",
            "unsupported_subject",
        ]
        assert longest["value"] == "x" * 4096
        assert full["error"]["code"] == "storage_exhaustion"
        assert stranger in {"wrong_origin", "nothing"}
        page.close()


def test_a_frame_asks_for_its_height(browser: Browser, tool: str) -> None:
    with lms.running(tool=tool) as platform:
        page = opened(browser, platform)
        frame_of(page).evaluate("parent.postMessage({subject: 'lti.frameResize', height: 1234}, '*')")

        page.locator("iframe[name=tool][style*='1234px']").wait_for()
        page.close()


def test_an_address_is_pasted_and_the_page_closes_when_the_tool_is_done(browser: Browser, tool: str) -> None:
    with lms.running("moodle", tool=tool) as platform:
        page = campus.visitor(browser, locale="en-GB")
        page.goto(f"{platform.base}/{lms.PLACE}/tools?lang=en")
        page.get_by_label("Add a tool by its address").fill(f"{tool}/lti/register")
        page.get_by_role("button", name="Add").click()
        page.locator("iframe").wait_for(state="detached")

        page.get_by_role("heading", name="Tools").wait_for()
        page.close()


def without_cookies(route: Route) -> None:
    """Answer as the server does, and lose its cookies on the way, as the strictest browser would."""
    answer = route.fetch(max_redirects=0)
    route.fulfill(response=answer, headers={k: v for k, v in answer.headers.items() if k != "set-cookie"})


@pytest.mark.parametrize("profile", ["spec", "canvas"])
def test_the_tool_is_launched_without_any_cookie_by_what_the_lms_keeps(
    browser: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, profile: str
) -> None:
    secured = campus.tls(tmp_path)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(secured.certificate))
    monkeypatch.setenv("SSL_CERT_FILE", str(secured.certificate))
    keys.create(tmp_path / "tool.pem")
    storage = connect.connect(f"sqlite:///{tmp_path / 'store'}", *tool_app.COLLECTIONS)

    def apart(raw: dict[str, Any]) -> None:
        if profile == "canvas":
            raw["sso"] = raw["issuer"].replace("localhost", "127.0.0.1")

    with (
        campus.address("127.0.0.1", secured) as (tool, name_tool),
        lms.running(profile, tool=tool, tls=secured, host="localhost", change=apart) as platform,
    ):
        platforms.register(storage, lms.record(platform))
        settings = builders.settings(tmp_path, tool)
        name_tool(tool_app.create_app(settings, storage, keyrings.create(tmp_path / "keyring.json")))
        page = campus.visitor(browser, locale="en-GB", java_script_enabled=True, ignore_https_errors=True)
        page.route("**/lti/login**", without_cookies)
        campus.wait_for_storage(page)
        page.goto(f"{platform.base}/{lms.PLACE}/courses/course-1?lang=en")
        page.locator(".open button").first.click()
        page.frame_locator("iframe[name=tool]").get_by_role("heading", name="Three good next steps").wait_for()

        assert platform.counts["auth", 200] == 1
        page.close()
    storage.close()


@pytest.mark.parametrize(("language", "width"), campus.some(("zh", 375), ("en", 1100), ("en", 375), ("zh", 1100)))
def test_every_page_reads_well(browser: Browser, tool: str, language: str, width: int) -> None:
    with lms.running("moodle", tool=tool, key_set=clients.key_set, members=20) as platform:
        Client(platform).score()
        platform.tools["client-a"].active = True
        page = campus.visitor(browser, width, 800, locale="en-GB")
        said: list[str] = []
        page.on("console", lambda message: said.append(message.text))
        place = f"{platform.base}/{lms.PLACE}"
        for url in (
            f"{platform.base}/?lang={language}",
            f"{place}/courses/course-1?lang={language}&learner={lms.INSTRUCTOR}",
            f"{place}/courses/course-1/grades?lang={language}",
            f"{place}/courses/course-1/people?lang={language}",
            f"{place}/tools?lang={language}",
        ):
            page.goto(url)

            assert campus.sound(page) == [], url
            assert page.locator("html").get_attribute("lang") == {"en": "en", "zh": "zh-Hans"}[language]
        assert said == []
        page.close()
