"""Registration in a real Chromium: one address pasted into the LMS, its frame, the way back, the activation, a launch.

Over https, the LMS and the tool on different sites, as at a university; and the page of the invite, opened by itself.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Browser, Page

from entrepot.sandbox.platform import Platform
from lti_tool import app as tool_app
from lti_tool import keys, platforms
from lti_tool.registration import invites
from storage import connect
from storage.port import Storage
from tests.lti_tool import builders, lms
from tests.walks import campus
from xapi_collector import keyring as keyrings

pytestmark = pytest.mark.browser


@dataclass
class School:
    """An LMS and a tool that do not know each other."""

    platform: Platform
    storage: Storage
    tool: str

    def invite(self, host: str = "") -> str:
        code, _ = invites.create(self.storage, host, days=7, now=time.time(), new_token=builders.counter())
        return f"{self.tool}/lti/register/{code}"


@pytest.fixture(scope="module")
def school(tmp_path_factory: pytest.TempPathFactory) -> Iterator[School]:
    directory = tmp_path_factory.mktemp("school")
    secured = campus.tls(directory)
    with pytest.MonkeyPatch.context() as patch:
        for trusted in ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"):
            patch.setenv(trusted, str(secured.certificate))
        keyring = keyrings.create(directory / "keyring.json")
        keys.create(directory / "tool.pem")
        storage = connect.connect(f"sqlite:///{directory / 'store'}", *tool_app.COLLECTIONS)
        with (
            campus.address("127.0.0.1", secured) as (tool, name_tool),
            lms.running("moodle", tool=tool, tls=secured, host="localhost") as platform,
        ):
            for course in platform.courses.values():
                for link in course.links.values():
                    link.client_id = ""
            settings = builders.settings(directory, tool, networks="127.0.0.0/8,::1/128")
            name_tool(tool_app.create_app(settings, storage, keyring))
            yield School(platform, storage, tool)
        storage.close()


@dataclass
class Visit:
    """An open page and what its browser said and asked for."""

    page: Page
    said: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)


@pytest.fixture
def visit(browser: Browser) -> Iterator[Visit]:
    options = {"locale": "en-GB", "java_script_enabled": True, "ignore_https_errors": True}
    opened = Visit(campus.visitor(browser, **options))
    opened.page.on("console", lambda message: opened.said.append(message.text))
    opened.page.on("pageerror", lambda error: opened.said.append(str(error)))
    opened.page.on("request", lambda request: opened.asked.append(request.url))
    yield opened
    opened.page.close()


def fits(page: Page) -> bool:
    return not campus.wide(page)


def test_an_administrator_pastes_one_address_and_a_learner_launches(school: School, visit: Visit) -> None:
    host = school.platform.base.partition("://")[2]
    page = visit.page
    page.goto(f"{school.platform.base}/scotland/tools")
    page.locator("#url").fill(school.invite(host))
    page.get_by_role("button", name="Add", exact=False).first.click()
    frame = page.frame_locator("iframe[name=tool]")
    frame.get_by_role("heading", name="Registered: the two know each other").wait_for()

    assert campus.seriously(next(one for one in page.frames if one.name == "tool")) == []
    frame.get_by_role("button", name="Back to the LMS").click()  # the LMS hears that it is over, and shows its list
    page.get_by_role("button", name="Activate").click()
    page.goto(f"{school.platform.base}/scotland/courses/course-1")
    page.locator(".open button").first.click()
    frame.get_by_role("heading", name="good next step").wait_for()

    (found,) = platforms.of_issuer(school.storage, school.platform.base)
    assert (found.state, found.family) == ("active", "moodle")
    assert visit.said == []
    assert {url for url in visit.asked if not url.startswith((school.platform.base, school.tool))} == set()


HEADINGS = {"en": "Connect your LMS", "zh": "把学习平台连接到"}


@pytest.mark.parametrize(("language", "width"), campus.some(("zh", 375), ("en", 375), ("en", 1100), ("zh", 1100)))
def test_the_page_of_an_invite_reads_well(school: School, visit: Visit, language: str, width: int) -> None:
    visit.page.set_viewport_size({"width": width, "height": 900})
    visit.page.goto(f"{school.invite()}?language={language}")

    visit.page.get_by_role("heading", name=HEADINGS[language]).wait_for()
    for drawer in visit.page.locator("details").all():
        drawer.locator("summary").click()
    assert campus.seriously(visit.page.main_frame) == []
    assert fits(visit.page)
    assert visit.said == []


def test_a_form_is_filled_in_by_the_keyboard_and_says_what_is_missing(school: School, visit: Visit) -> None:
    page = visit.page
    page.goto(school.invite())
    page.get_by_label("Moodle").check()
    page.get_by_label("Platform (issuer)").fill("moodle.example.org")
    page.get_by_label("Client id").fill("c1")
    page.get_by_label("Client id").press("Enter")

    page.get_by_role("alert").wait_for()
    assert page.get_by_role("alert").get_by_role("link", name="Platform (issuer)").is_visible()
    assert campus.seriously(page.main_frame) == []
    page.get_by_label("Platform (issuer)").fill("https://moodle.example.org")
    page.get_by_role("button", name="Register").press("Enter")
    page.get_by_role("heading", name="Registered, and waiting for approval").wait_for()

    assert campus.seriously(page.main_frame) == []
    assert fits(page)
    assert platforms.find(school.storage, "https://moodle.example.org", "c1") is not None
    assert visit.said == ["Failed to load resource: the server responded with a status of 400 (BAD REQUEST)"]


@pytest.mark.parametrize("width", [375, 1100] if campus.SOAK else [375])
def test_a_refused_registration_reads_well_in_the_frame(school: School, visit: Visit, width: int) -> None:
    visit.page.set_viewport_size({"width": width, "height": 900})
    visit.page.goto(f"{school.platform.base}/scotland/tools")
    visit.page.locator("#url").fill(f"{school.tool}/lti/register/never-made")
    visit.page.get_by_role("button", name="Add", exact=False).first.click()

    frame = visit.page.frame_locator("iframe[name=tool]")
    frame.get_by_role("heading", name="The registration did not go through").wait_for()
    assert campus.seriously(next(one for one in visit.page.frames if one.name == "tool")) == []
