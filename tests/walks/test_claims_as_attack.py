"""Whatever a platform writes into a claim is text on every page: no dialog, no breach of policy, in a real Chromium.

The pages come from the tool itself; the browser is handed them at an address of their own with their own headers.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route

from curriculum import catalog as catalogs
from entrepot.sandbox import tokens
from lti_tool import claims, keys
from lti_tool.deep_linking import choices
from lti_tool.pages import opening
from tests.lti_tool import builders
from tests.lti_tool.builders import INSTRUCTOR, LEARNER, LTI, Bench, TestResponse
from tests.walks import campus

pytestmark = pytest.mark.browser
PAYLOADS = (
    "<script>alert(1)</script>",
    "</title><script>alert(1)</script>",
    '"><script>alert(1)</script>',
    "'><img src=x onerror=alert(1)>",
    '" onmouseover="alert(1)" autofocus onfocus="alert(1)',
    "<svg/onload=alert(1)>",
    "<svg><script>alert&#40;1&#41;</script>",
    "<iframe srcdoc='<script>parent.alert(1)</script>'>",
    "<details open ontoggle=alert(1)>",
    "<body onload=alert(1)>",
    "<style>*{background:url(https://evil.example/x)}</style>",
    "<link rel=stylesheet href=https://evil.example/x.css>",
    "<base href=https://evil.example/>",
    "<meta http-equiv=refresh content='0;url=javascript:alert(1)'>",
    "<form action=https://evil.example><button autofocus>",
    "javascript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "{{7*7}}${7*7}<%= 7*7 %>{% raw %}",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=1 onerror=alert(1)&gt;'>",
    "\u2028alert(1)\u2029",
    "<!--><script>alert(1)</script-->",
)
HEARD = """
window.heard = [];
document.addEventListener("securitypolicyviolation", (event) => {
  heard.push(event.violatedDirective + " " + event.blockedURI);
});
"""
SOAK = os.environ.get("ENTREPOT_TEST_SOAK") == "1"
# Six at a time, so that a page is opened four times and not 22; alone, each as well, where time is no matter. Where it
# is scarce a page meets the first six, which break out of text, of a title and of both quotes, and six of the others.
FIRST, *OTHERS = ("".join(PAYLOADS[at : at + 6]) for at in range(0, len(PAYLOADS), 6))
ORIGIN = "https://tool.test"
Make = Callable[[Bench, str], TestResponse]


def hostile(payload: str, **custom: str) -> dict[str, Any]:
    """Every string claim that a platform may fill in, filled in with an attack; `custom` what must be right."""
    return {
        "name": payload,
        "email": payload,
        "given_name": payload,
        "family_name": payload,
        "middle_name": payload,
        "picture": payload,
        "locale": payload,
        LTI + "context": {"id": payload, "label": payload, "title": payload, "type": [payload]},
        LTI + "resource_link": {"id": payload, "title": payload, "description": payload},
        LTI + "roles": [LEARNER, payload],
        LTI + "role_scope_mentor": [payload],
        LTI + "tool_platform": dict.fromkeys(
            ("guid", "name", "description", "url", "version", "contact_email"), payload
        ),
        LTI + "launch_presentation": {"locale": payload[:50], "return_url": payload, "document_target": payload},
        LTI + "lis": dict.fromkeys(
            ("person_sourcedid", "course_offering_sourcedid", "course_section_sourcedid"), payload
        ),
        LTI + "custom": {payload: payload, "user": payload, "groups": payload, "context_history": payload, **custom},
        LTI + "lti1p1": {"user_id": payload, "oauth_consumer_key": payload},
        "https://lms.example/own": payload,
    }


def launched(bench: Bench, body: dict[str, Any]) -> TestResponse:
    browser = bench.client()
    begun = builders.begin(browser, bench.issuer.iss)
    printable = {**builders.claims(bench.issuer.iss, begun.nonce, bench.clock()), **body}
    for name in ("context", "resource_link"):  # ids are printable; the two line ends are tried in every other place
        if not printable[LTI + name]["id"].isprintable():
            printable[LTI + name]["id"] = "id"
    if not str(printable[LTI + "launch_presentation"]["locale"]).isprintable():
        printable[LTI + "launch_presentation"]["locale"] = "en"
    return builders.launch(browser, begun.state, tokens.sign(bench.issuer.signer, printable))


def opens(activity: str, role: str) -> Make:
    """The page of an activity, as the picker would link it."""
    offered = choices.offered(catalogs.load("cbec")).values()
    custom = next(choice.custom for choice in offered if choice.activity == activity)

    def make(bench: Bench, payload: str) -> TestResponse:
        return launched(bench, {**hostile(payload, **custom), LTI + "roles": [role, payload]})

    return make


def link(name: str) -> Make:
    """A link whose own parameter is the attack: a page that says that it leads nowhere."""
    return lambda bench, payload: launched(bench, hostile(payload, **{"catalog": "oulad", name: payload}))


def picker(bench: Bench, payload: str) -> TestResponse:
    settings = {
        "deep_link_return_url": f"{bench.issuer.iss}/return",
        "accept_types": ["ltiResourceLink"],
        "accept_presentation_document_targets": ["iframe", "window"],
        "accept_multiple": True,
        "title": payload,
        "text": payload,
        "data": payload,
    }
    body = hostile(payload, catalog="cbec")
    return launched(
        bench,
        {
            **body,
            LTI + "roles": [INSTRUCTOR],
            LTI + "message_type": claims.DEEP_LINKING,
            claims.DL: settings,
        },
    )


def login(bench: Bench, payload: str) -> TestResponse:
    return builders.login(bench.client(), payload, login_hint=payload, lti_message_hint=payload)


def stored(bench: Bench, payload: str) -> TestResponse:
    """The page that asks the platform's storage."""
    fields = {
        "iss": bench.issuer.iss,
        "login_hint": payload,
        "lti_message_hint": payload,
        "target_link_uri": f"{builders.TOOL}/lti/launch",
        "lti_storage_target": "_parent",
    }
    return bench.client().post("/lti/login?checked=1", data=fields)


def returned(bench: Bench, payload: str) -> TestResponse:
    begun = builders.begin(bench.client(), bench.issuer.iss, login_hint=payload, lti_message_hint=payload)
    return builders.launch(bench.client(), begun.state, payload, error_description=payload)


PAGES: dict[str, Make] = {
    **{
        f"{activity} for {role.rpartition('#')[2]}": opens(activity, role)
        for activity, role in itertools.product(opening.OPENERS, (LEARNER, INSTRUCTOR))
    },
    "an unknown catalog": link("catalog"),
    "an unknown role": link("role"),
    "an unknown activity": link("activity"),
    "the picker": picker,
    "a login of nobody": login,
    "the page that asks the storage": stored,
    "a launch of another browser": returned,
}


REFUSED = {
    "class for Learner",
    "consortium for Learner",
    "partner for Learner",
    "an unknown catalog",
    "an unknown role",
    "an unknown activity",
    "a login of nobody",
    "a launch of another browser",
}


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    directory = tmp_path_factory.mktemp("attack")
    with (
        builders.platform(tokens.new_signer()) as issuer,
        builders.bench(directory, issuer, keys.create(directory / "tool.pem")) as bench,
    ):
        yield bench


class Shown:
    """A browser page that is handed answers of the tool, and what it did with them."""

    def __init__(self, page: Page, bench: Bench) -> None:
        self.page, self.bench, self.dialogs, self.elsewhere = page, bench, [], []
        self.answer: TestResponse | None = None
        self.files: dict[str, tuple[dict[str, str], bytes]] = {}
        page.add_init_script(HEARD)
        page.on("dialog", self._dialog)
        page.route("**/*", self._route)

    def _dialog(self, dialog: Any) -> None:
        self.dialogs.append(dialog.message)
        dialog.dismiss()

    def _route(self, route: Route) -> None:
        url = route.request.url
        if url == f"{ORIGIN}/page" and self.answer is not None:
            route.fulfill(status=200, headers=dict(self.answer.headers), body=self.answer.data)
        elif url.startswith(f"{ORIGIN}/lti/static/"):
            if url not in self.files:
                with self.bench.client().get(url.removeprefix(ORIGIN)) as answer:
                    assert answer.status_code == 200, url
                    self.files[url] = dict(answer.headers), answer.data
            headers, body = self.files[url]
            route.fulfill(status=200, headers=headers, body=body)
        else:
            self.elsewhere.append(url)
            route.abort()

    def show(self, answer: TestResponse) -> list[str]:
        """What came of a page: dialogs, breaches of its policy, requests to anywhere else."""
        self.dialogs, self.elsewhere, self.answer = [], [], answer
        self.page.goto(f"{ORIGIN}/page")
        assert self.page.locator("body").count() == 1
        heard: list[str] = self.page.evaluate("heard")
        return [*self.dialogs, *heard, *self.elsewhere]


@pytest.fixture(scope="module")
def shown(browser: Browser, running: Bench) -> Shown:
    return Shown(campus.visitor(browser), running)


def test_the_browser_would_tell(shown: Shown, running: Bench) -> None:
    """The control: the same attack in a page that does not escape it is seen, with and without a policy."""
    answer = login(running, "x")
    answer.data = answer.data.replace(b"</main>", PAYLOADS[0].encode() + b"</main>")
    breached = shown.show(answer)
    del answer.headers["Content-Security-Policy"]

    assert any(heard.startswith("script-src") for heard in breached)
    assert shown.show(answer) == ["1"]


def attacks(page: str) -> list[str]:
    """What a page is tried with."""
    if SOAK:
        return [FIRST, *OTHERS, *PAYLOADS]
    return [FIRST, OTHERS[list(PAGES).index(page) % len(OTHERS)]]


@pytest.mark.parametrize("page", PAGES)
def test_an_attack_in_any_claim_is_text(shown: Shown, running: Bench, page: str) -> None:
    answers = {payload: PAGES[page](running, payload) for payload in attacks(page)}
    found = {payload: shown.show(answer) for payload, answer in answers.items()}

    assert {answer.status_code < 400 for answer in answers.values()} == {page not in REFUSED}
    assert found == {payload: [] for payload in answers}
