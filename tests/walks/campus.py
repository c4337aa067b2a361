"""A whole campus on this machine over real HTTP: sandbox LMS, collector and tool of one institution; and a Chromium."""

from __future__ import annotations

import base64
import ipaddress
import os
import re
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from playwright.sync_api import Browser, BrowserContext, Frame, Page, Route, sync_playwright
from werkzeug.serving import make_server

from entrepot.sandbox import app as sandbox_app
from entrepot.sandbox import config as sandbox_config
from entrepot.sandbox import tokens
from lti_tool import app as tool_app
from lti_tool import emit, keys, platforms
from storage import connect
from storage.port import Storage
from tests.lti_tool import builders
from tests.lti_tool.builders import Bench
from xapi_collector import app as collector_app
from xapi_collector import keyring as keyrings
from xapi_collector import settings as collector_settings
from xapi_collector.door import auth

AXE = Path(__file__).parent.parent / "vendor" / "axe-core" / "axe.min.js"
AXE_SOURCE = AXE.read_text(encoding="utf-8")
# The whole answer of axe costs more to hand over than to find: the page itself keeps what counts.
SERIOUSLY = """
() => axe.run(document, {resultTypes: ["violations"]}).then((answer) => answer.violations
  .filter((one) => ["serious", "critical"].includes(one.impact)).map((one) => `${one.id}: ${one.nodes[0].html}`))
"""
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
SOAK = os.environ.get("ENTREPOT_TEST_SOAK") == "1"
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


@dataclass(frozen=True)
class Tls:
    """A certificate for localhost and 127.0.0.1 that signs itself, and its key."""

    certificate: Path
    key: Path


def tls(directory: Path) -> Tls:
    """Make a certificate that lasts a day."""
    private = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    hosts = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, private.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(hosts), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(private, hashes.SHA256())
    )
    made = Tls(directory / "server.pem", directory / "server.key")
    made.certificate.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    made.key.write_bytes(
        private.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    return made


@contextmanager
def address(host: str, secured: Tls | None = None) -> Iterator[tuple[str, Callable[[WSGI], None]]]:
    """An address whose application is named later, because those who answer must know each other's."""
    named: list[WSGI] = []
    context = None if secured is None else (str(secured.certificate), str(secured.key))
    server = make_server("127.0.0.1", 0, _later(named), threaded=True, ssl_context=context)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield f"{'http' if secured is None else 'https'}://{host}:{server.server_port}", named.append
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _later(named: list[WSGI]) -> WSGI:
    def app(environ: Any, start: Any) -> Any:
        return named[0](environ, start)

    return app


@contextmanager
def campus(directory: Path, secured: Tls | None = None) -> Iterator[Campus]:
    """Start the three; stop them at the end.

    With a certificate the LMS and the tool speak https and are different sites to a browser: localhost and 127.0.0.1.
    """
    host = "127.0.0.1" if secured is None else "localhost"
    keyring = keyrings.create(directory / "keyring.json")
    keys.create(directory / "tool.pem")
    storage = connect.connect(f"sqlite:///{directory / 'store'}", *tool_app.COLLECTIONS)
    credential = auth.create_credential(storage, keyring, "tool")
    with (
        address(host, secured) as (lms, name_lms),
        address("127.0.0.1", secured) as (tool, name_tool),
        address("127.0.0.1") as (lrs, name_lrs),
    ):
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


@dataclass(frozen=True)
class Seat:
    """A tool that serves, and its bench."""

    bench: Bench
    url: str


@contextmanager
def seat(directory: Path, **changes: str) -> Iterator[Seat]:
    """Serve a tool that one platform is registered with; changes are of its settings."""
    key = keys.create(directory / "tool.pem")
    with (
        builders.platform(tokens.new_signer()) as issuer,
        builders.bench(directory, issuer, key, **changes) as bench,
        builders.serving(bench.app) as url,
    ):
        yield Seat(bench, url)


def shown(browser: Browser, place: Seat, language: str, width: int, **claims: Any) -> tuple[Page, list[str]]:
    """A launched page, and what its browser complains of."""
    answer = builders.launched(place.bench, launch_presentation={"locale": language}, **claims)
    page = visitor(browser, width)
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    policy = {"Content-Security-Policy": answer.headers["Content-Security-Policy"], "Content-Type": "text/html"}
    # The launch itself is walked elsewhere; here its answer is shown at the tool's own address.
    page.route("**/lti/launch", lambda route: route.fulfill(body=answer.text, headers=policy))
    page.goto(f"{place.url}/lti/launch")
    page.unroute("**/lti/launch")  # while anything is routed a browser keeps no stylesheet
    return page, said


def wait_for_storage(page: Page) -> None:
    """Let a launch wait longer for what the platform's page keeps: on a busy machine it answers late."""

    def longer(route: Route) -> None:
        answer = route.fetch()
        text, count = re.subn(r"PATIENCE = \d+", "PATIENCE = 3000", answer.text())
        assert count == 1
        route.fulfill(response=answer, body=text)

    page.route("**/binding.js", longer)


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


KEPT: WeakKeyDictionary[BrowserContext, frozenset[tuple[str, object]]] = WeakKeyDictionary()


def visitor(browser: Browser, width: int = 1100, height: int = 900, **options: Any) -> Page:
    """A page for somebody whom the browser does not know; who leaves closes the page, not its context.

    A new context starts processes that read every font again, three times the work of showing a page. So contexts are
    kept, each with an empty page that keeps its processes, and a free one is taken without its cookies. Two visitors
    at once have a context each.

    Args:
        browser: The browser.
        width: Of its window, in pixels.
        height: Of its window, in pixels.
        options: What else `browser.new_context` takes.
    """
    asked = frozenset(options.items())
    free = (one for one in browser.contexts if KEPT.get(one) == asked and len(one.pages) == 1)
    context = next(free, None)
    if context is None:
        context = browser.new_context(**options)
        context.new_page()
        KEPT[context] = asked
    context.clear_cookies()
    page = context.new_page()
    page.set_viewport_size({"width": width, "height": height})
    return page


def wide(shown: Page | Frame) -> bool:
    """Whether a page or a frame scrolls sideways, once its stylesheet is there."""
    shown.wait_for_load_state("load")
    return bool(shown.evaluate("document.documentElement.scrollWidth > innerWidth"))


def sound(shown: Page | Frame) -> list[str]:
    """What is wrong with a page or a frame: serious for axe, or wider than its window."""
    return [*(["sideways scroll"] if wide(shown) else []), *seriously(shown)]


def seriously(shown: Page | Frame) -> list[str]:
    """What axe finds serious or critical in a page or a frame, once it is loaded."""
    shown.wait_for_load_state("load")
    if not shown.evaluate("'axe' in window"):
        shown.evaluate(AXE_SOURCE)
    found: list[str] = shown.evaluate(SERIOUSLY)
    return found


def some(*shapes: tuple[object, ...]) -> list[tuple[object, ...]]:
    """The shapes of a walk: the first alone where time is short, since other walks have the others; else all."""
    return list(shapes if SOAK else shapes[:1])
