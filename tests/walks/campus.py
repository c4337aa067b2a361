"""A whole campus on this machine over real HTTP: sandbox LMS, collector and tool of one institution; and a Chromium."""

from __future__ import annotations

import base64
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests
from playwright.sync_api import Browser, sync_playwright
from werkzeug.serving import make_server

from entrepot.sandbox import app as sandbox_app
from entrepot.sandbox import config as sandbox_config
from entrepot.sandbox import tokens
from lti_tool import app as tool_app
from lti_tool import emit, keys, platforms
from storage import connect
from storage.port import Storage
from tests.lti_tool import builders
from xapi_collector import app as collector_app
from xapi_collector import auth
from xapi_collector import keyring as keyrings
from xapi_collector import settings as collector_settings

CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
WSGI = Callable[..., Any]


@dataclass(frozen=True)
class Campus:
    """Where everything answers, and the institution's store."""

    lms: str
    tool: str
    xapi: str
    storage: Storage
    credential: tuple[str, str]
    models: Path


@contextmanager
def _address() -> Iterator[tuple[str, Callable[[WSGI], None]]]:
    """An address whose application is named later, because the three must know each other's."""
    named: list[WSGI] = []
    server = make_server("127.0.0.1", 0, _later(named), threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", named.append
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _later(named: list[WSGI]) -> WSGI:
    def app(environ: Any, start: Any) -> Any:
        return named[0](environ, start)

    return app


@contextmanager
def campus(directory: Path) -> Iterator[Campus]:
    """Start the three; stop them at the end."""
    keyring = keyrings.create(directory / "keyring.json")
    keys.create(directory / "tool.pem")
    storage = connect.connect(f"sqlite:///{directory / 'store'}", *tool_app.COLLECTIONS)
    credential = auth.create_credential(storage, keyring, "tool")
    with _address() as (lms, name_lms), _address() as (tool, name_tool), _address() as (lrs, name_lrs):
        config = sandbox_config.parse(builders.document(lms, tool))
        name_lms(sandbox_app.create_app(config, tokens.new_signer()))
        url = f"{lrs}/xapi"
        name_lrs(
            collector_app.create_app(
                collector_settings.Settings(f"sqlite:///{directory / 'store'}", "", "scotland", url), storage, keyring
            )
        )
        platforms.register(storage, builders.registered(lms))
        settings = builders.settings(directory, tool, url, xapi_key=credential[0], xapi_secret=credential[1])
        app = tool_app.create_app(settings, storage, keyring)
        name_tool(app)
        yield Campus(lms, tool, url, storage, credential, directory / "models")
        emit.stop(app.extensions["lti_tool"].emitter)
    storage.close()


def send(place: Campus, statements: list[dict[str, Any]]) -> None:
    """Send statements to the collector, as an LMS does."""
    answer = requests.post(
        f"{place.xapi}/statements",
        json=statements,
        auth=place.credential,
        headers={"X-Experience-API-Version": "1.0.3"},
        timeout=10,
    )
    assert answer.status_code == 200, answer.text


def statements(place: Campus, verb: str) -> list[dict[str, Any]]:
    """What the collector holds of a verb."""
    token = base64.b64encode(":".join(place.credential).encode()).decode()
    answer = requests.get(
        f"{place.xapi}/statements",
        params={"verb": verb},
        headers={"X-Experience-API-Version": "1.0.3", "Authorization": f"Basic {token}"},
        timeout=10,
    )
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["statements"]
    return found


@contextmanager
def chromium() -> Iterator[Browser]:
    """A headless Chromium of this machine.

    Raises:
        AssertionError: There is none; the text names what to install.
    """
    program = next((path for path in map(shutil.which, CHROMIUM) if path), None)
    assert program, f"no browser: install Chromium so that one of {', '.join(CHROMIUM)} is on the PATH"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program)
        try:
            yield browser
        finally:
            browser.close()
