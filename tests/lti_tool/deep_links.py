"""A deep linking request that is valid by default, the picker's pages as a browser would fill them, and the answer."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

import jwt
from flask.testing import FlaskClient

from entrepot.sandbox import tokens
from lti_tool import claims
from tests.lti_tool import builders
from tests.lti_tool.builders import INSTRUCTOR, REMOVE, Bench, TestResponse

DL = "https://purl.imsglobal.org/spec/lti-dl/claim/"
SESSKEY = "sK3yOfOneSession"


def settings(iss: str, /, **changes: Any) -> dict[str, Any]:
    """The settings of a request; a change of REMOVE takes a member out."""
    told: dict[str, Any] = {
        "deep_link_return_url": f"{iss}/mod/lti/contentitem_return.php?course=3&id=2&sesskey={SESSKEY}",
        "accept_types": ["ltiResourceLink"],
        "accept_presentation_document_targets": ["frame", "iframe", "window"],
        "accept_multiple": True,
        "auto_create": True,
        "data": "opaque:1",
    }
    told.update(changes)
    return {name: value for name, value in told.items() if value is not REMOVE}


def requested(
    bench: Bench, client: FlaskClient | None = None, /, settings_: Any = None, iss: str = "", **changes: Any
) -> TestResponse:
    """Launch a deep linking request of an instructor; `changes` are claims, `settings_` is its settings claim."""
    issuer = iss or bench.issuer.iss
    browser = client or bench.client()
    begun = builders.begin(browser, issuer)
    named = {
        "roles": [INSTRUCTOR],
        "message_type": "LtiDeepLinkingRequest",
        "resource_link": REMOVE,
        "custom": REMOVE,
        **changes,
    }
    body = builders.claims(issuer, begun.nonce, bench.clock(), **named)
    body[claims.DL] = settings(issuer) if settings_ is None else settings_
    return builders.launch(browser, begun.state, tokens.sign(bench.issuer.signer, body))


@dataclass
class Form(HTMLParser):
    """The first form of a page: where it goes, and what a browser would send of it."""

    action: str = ""
    fields: list[tuple[str, str]] = field(default_factory=list)
    buttons: list[tuple[str, str]] = field(default_factory=list)
    offered: list[str] = field(default_factory=list)
    _text: str = ""

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        checked = "checked" in found or found.get("type") not in {"checkbox", "radio"}
        if tag == "form" and not self.action:
            self.action = found["action"]
        elif tag == "input" and "name" in found:
            if found["name"] == "item" and found["type"] != "hidden":
                self.offered.append(found["value"])
            if checked:
                self.fields.append((found["name"], found["value"]))
        elif tag == "textarea":
            self._text = found["name"]
            self.fields.append((self._text, ""))
        elif tag == "button" and "name" in found:
            self.buttons.append((found["name"], found["value"]))

    def handle_data(self, data: str) -> None:
        if self._text:
            self.fields[-1] = (self._text, data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self._text = ""


def form(page: TestResponse) -> Form:
    """Read the form of a page."""
    assert page.status_code == 200, page.text
    read = Form()
    read.feed(page.text)
    return read


def press(
    bench: Bench, page: TestResponse, name: str, value: str, /, *items: str, **changes: str | None
) -> TestResponse:
    """Press a button after ticking items and typing; a change of None clears a tick or leaves a field out."""
    read = form(page)
    assert (name, value) in read.buttons, read.buttons
    assert set(items) <= set(read.offered)
    sent = [(key, text) for key, text in read.fields if key not in changes]
    sent += [("item", item) for item in items]
    sent += [(key, text) for key, text in changes.items() if text is not None]
    data: dict[str, list[str]] = {}
    for key, text in [*sent, (name, value)]:
        data.setdefault(key, []).append(text)
    return bench.client().post(read.action, data=data)


def picked(bench: Bench, page: TestResponse, *items: str, **changes: str | None) -> TestResponse:
    """Choose, check, send."""
    checking = press(bench, page, "step", "check", *items)
    return press(bench, checking, "step", "add", **changes)


def answer(page: TestResponse) -> tuple[str, str]:
    """Where the last page sends the answer, and its token."""
    assert page.status_code == 200, page.text
    action = re.search(r'<form method="post" action="([^"]+)" id="answer">', page.text)
    token = re.search(r'name="JWT" value="([^"]+)"', page.text)
    assert action, page.text
    assert token
    return html.unescape(action[1]), token[1]


def body(bench: Bench, page: TestResponse) -> dict[str, Any]:
    """The claims of the answer, read as a platform reads them: with the tool's published keys."""
    _, token = answer(page)
    published = bench.client().get("/lti/jwks").get_json()
    key = jwt.PyJWKSet.from_dict(published)[jwt.get_unverified_header(token)["kid"]]
    found: dict[str, Any] = jwt.decode(token, key, algorithms=["RS256"], audience=bench.issuer.iss, issuer="client-a")
    return found


def items(bench: Bench, page: TestResponse) -> list[dict[str, Any]]:
    """The content items of the answer."""
    found: list[dict[str, Any]] = body(bench, page)[DL + "content_items"]
    return found
