"""A browser as small as a launch needs: cookies, redirects, and the one form of a page."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin

import requests


@dataclass
class Form:
    """A form of a page: where it goes, and its fields as they stand."""

    action: str
    fields: list[tuple[str, str]] = field(default_factory=list)
    buttons: list[tuple[str, str]] = field(default_factory=list)


class _Forms(HTMLParser):
    def __init__(self, base: str) -> None:
        super().__init__()
        self._base = base
        self.forms: list[Form] = []
        self._select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append(Form(urljoin(self._base, given.get("action", ""))))
        if not self.forms:
            return
        name = given.get("name", "")
        if tag == "input" and name:
            kind = given.get("type", "text")
            if kind == "submit":
                self.forms[-1].buttons.append((name, given.get("value", "")))
            elif kind not in {"checkbox", "radio"} or "checked" in given:
                self.forms[-1].fields.append((name, given.get("value", "on")))
        elif tag == "button" and name:
            self.forms[-1].buttons.append((name, given.get("value", "")))
        elif tag == "select":
            self._select = name
        elif tag == "option" and self._select and "selected" in given:
            self.forms[-1].fields.append((self._select, given.get("value", "")))


def forms(answer: requests.Response) -> list[Form]:
    """The forms of a page."""
    parser = _Forms(answer.url)
    parser.feed(answer.text)
    return parser.forms


class Browser:
    """One person's browser."""

    def __init__(self) -> None:
        self._session = requests.Session()

    def get(self, url: str) -> requests.Response:
        """Go to an address, and on along its redirects."""
        return self._session.get(url, timeout=20)

    def submit(self, form: Form, **changes: str) -> requests.Response:
        """Send a form with changed or further fields."""
        fields = [(name, value) for name, value in form.fields if name not in changes]
        return self.post(form.action, [*fields, *changes.items()])

    def post(self, url: str, fields: list[tuple[str, str]]) -> requests.Response:
        """Send fields to an address."""
        return self._session.post(url, data=fields, timeout=20)

    def begin(self, url: str) -> Form:
        """Begin a launch: as far as the form that the platform would post to the tool."""
        answer = self.get(url)
        (form,) = [one for one in forms(answer) if any(name in {"id_token", "error"} for name, _ in one.fields)]
        return form

    def launch(self, url: str) -> requests.Response:
        """Launch: the tool's answer."""
        return self.submit(self.begin(url))
