"""A platform that signs and serves over HTTP, a tool, and launches that are valid by default."""

from __future__ import annotations

import base64
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from cryptography.hazmat.primitives.asymmetric import rsa
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.serving import BaseWSGIServer, make_server
from werkzeug.test import TestResponse

from entrepot.sandbox import app as sandbox_app
from entrepot.sandbox import config as sandbox_config
from entrepot.sandbox import tokens
from entrepot.sandbox.tokens import Signer
from lti_tool import app as tool_app
from lti_tool import keys, platforms
from lti_tool.emit import Emitter
from lti_tool.platforms import Platform
from lti_tool.settings import Settings
from storage import connect
from storage.port import Storage
from xapi_collector import app as collector_app
from xapi_collector import keyring as keyrings
from xapi_collector import settings as collector_settings
from xapi_collector.door import auth
from xapi_collector.keyring import Keyring

TOOL = "http://127.0.0.1:9001"
LTI = tokens.LTI
LEARNER = "http://purl.imsglobal.org/vocab/lis/v2/membership#Learner"
INSTRUCTOR = "http://purl.imsglobal.org/vocab/lis/v2/membership#Instructor"


@contextmanager
def serving(app: Flask, port: int = 0) -> Iterator[str]:
    """Serve an app over real HTTP on this machine, in threads."""
    server: BaseWSGIServer = make_server("127.0.0.1", port, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def document(issuer: str, tool: str, client_id: str = "client-a") -> dict[str, Any]:
    """A sandbox configuration with one institution and its two kinds of course."""
    return {
        "issuer": issuer,
        "institutions": [
            {
                "id": "scotland",
                "name": {"en": "Scotland", "zh": "苏格兰"},
                "tool": {
                    "login_url": f"{tool}/lti/login",
                    "launch_url": f"{tool}/lti/launch",
                    "jwks_url": f"{tool}/lti/jwks",
                    "client_id": client_id,
                    "deployment_id": "1",
                },
                "courses": [
                    {
                        "id": "cbec",
                        "title": {"en": "Cross-border e-commerce operations", "zh": "跨境电商运营"},
                        "custom": {"catalog": "cbec"},
                        "learners": [{"id": "newcomer", "name": {"en": "Newcomer", "zh": "新学习者"}}],
                    },
                    {
                        "id": "AAA.2014J",
                        "title": {"en": "Module AAA, presentation 2014J", "zh": "AAA 模块，2014J 学期"},
                        "custom": {"catalog": "oulad", "role": "AAA"},
                        "learners": [
                            {"id": "11391", "name": {"en": "Learner 11391", "zh": "学习者 11391"}},
                            {"id": "28400", "name": {"en": "Learner 28400", "zh": "学习者 28400"}},
                        ],
                    },
                ],
            }
        ],
    }


@dataclass(frozen=True)
class Issuer:
    """A running platform: its issuer, its key, and how often its key set was asked for."""

    iss: str
    signer: Signer
    fetched: list[float]


@contextmanager
def platform(signer: Signer) -> Iterator[Issuer]:
    """A platform that serves its key set over HTTP."""
    fetched: list[float] = []
    config = sandbox_config.parse(document("http://platform.invalid", TOOL))
    app = sandbox_app.create_app(config, signer)

    @app.before_request
    def count() -> None:
        fetched.append(time.monotonic())

    with serving(app) as base:
        yield Issuer(base, signer, fetched)


@dataclass
class Clock:
    """A clock that a test may turn."""

    offset: float = 0.0

    def __call__(self) -> float:
        return time.time() + self.offset


@dataclass
class Bench:
    """A tool under test with its store, its platforms and what it sent to the LRS."""

    app: Flask
    storage: Storage
    keyring: Keyring
    issuer: Issuer
    clock: Clock
    sent: list[dict[str, Any]] = field(default_factory=list)

    def client(self) -> FlaskClient:
        """A browser without cookies."""
        return self.app.test_client()


def settings(directory: Path, url: str = TOOL, lrs: str = "http://127.0.0.1:1/xapi", **changes: str) -> Settings:
    """Settings of a tool whose files lie in a directory."""
    values = {
        "storage": f"sqlite:///{directory / 'store'}",
        "keyring": str(directory / "keyring.json"),
        "institution": "scotland",
        "url": url,
        "key": str(directory / "tool.pem"),
        "models": str(directory / "models"),
        "xapi_url": lrs,
        "xapi_key": "key",
        "xapi_secret": "secret",
        "networks": "127.0.0.0/8",
    }
    return Settings(**{**values, **changes})


def registered(iss: str, client_id: str = "client-a", **changes: Any) -> Platform:
    """A platform record."""
    values: dict[str, Any] = {
        "iss": iss,
        "client_id": client_id,
        "auth_url": f"{iss}/auth",
        "token_url": f"{iss}/token",
        "jwks_url": f"{iss}/jwks",
        "deployments": ("1", "2"),
    }
    return Platform(**{**values, **changes})


@contextmanager
def bench(
    directory: Path, issuer: Issuer, key: keys.ToolKey, url: str = TOOL, store: str | None = None, **changes: str
) -> Iterator[Bench]:
    """A tool with a fresh store (SQLite by default), its platform registered, statements kept instead of sent."""
    storage = connect.connect(store or f"sqlite:///{directory / 'store'}", *tool_app.COLLECTIONS)
    keyring = keyrings.create(directory / "keyring.json")
    platforms.register(storage, registered(issuer.iss))
    clock = Clock()
    sent: list[dict[str, Any]] = []

    def send(statements: Any) -> bool:
        sent.extend(statements)
        return True

    app = tool_app.create_app(
        settings(directory, url, **changes),
        storage,
        keyring,
        keys=keys.only(key),
        emitter=Emitter(send),
        now=clock,
        new_token=counter(),
    )
    app.testing = False
    try:
        yield Bench(app, storage, keyring, issuer, clock, sent)
    finally:
        storage.close()


def counter() -> Callable[[], str]:
    """Tokens that differ: real ones."""
    return tool_app.new_token


@dataclass(frozen=True)
class Begun:
    """A begun login: what the platform was told."""

    state: str
    nonce: str
    query: dict[str, str]


def login(client: FlaskClient, iss: str, /, url: str = TOOL, **changes: str | None) -> TestResponse:
    """Send a login initiation; a change of None leaves a parameter out."""
    values: dict[str, str | None] = {
        "iss": iss,
        "client_id": "client-a",
        "login_hint": "11391",
        "lti_message_hint": "hint",
        "target_link_uri": f"{url}/lti/launch",
        **changes,
    }
    return client.get("/lti/login", query_string={name: value for name, value in values.items() if value is not None})


def begin(client: FlaskClient, iss: str, /, **changes: str | None) -> Begun:
    """Begin a login that must succeed."""
    answer = login(client, iss, **changes)
    assert answer.status_code == 302, answer.text
    query = {name: value[0] for name, value in parse_qs(urlsplit(answer.headers["Location"]).query).items()}
    return Begun(query["state"], query["nonce"], query)


REMOVE = object()


def claims(iss: str, nonce: str, now: float | None = None, /, **changes: Any) -> dict[str, Any]:
    """The claims of a valid launch; names in `changes` are those of the table below, REMOVE takes a claim out."""
    at = int(time.time() if now is None else now)
    body = {
        "iss": iss,
        "aud": "client-a",
        "sub": "11391",
        "iat": at,
        "exp": at + 60,
        "nonce": nonce,
        "name": "Learner 11391",
        "email": "learner.11391@example.edu",
        LTI + "message_type": "LtiResourceLinkRequest",
        LTI + "version": "1.3.0",
        LTI + "deployment_id": "1",
        LTI + "target_link_uri": f"{TOOL}/lti/launch",
        LTI + "roles": [LEARNER],
        LTI + "resource_link": {"id": "link-1", "title": "Your path"},
        LTI + "context": {"id": "course-1", "label": "AAA", "title": "Module AAA"},
        LTI + "custom": {"catalog": "oulad", "role": "AAA"},
    }
    for name, value in changes.items():
        path = name if name in body or name in {"azp", "nbf"} else LTI + name
        if value is REMOVE:
            body.pop(path)
        else:
            body[path] = value
    return body


def launch(client: FlaskClient, state: str | None, id_token: str | None, **fields: str) -> TestResponse:
    """Post a launch."""
    form = {"state": state, "id_token": id_token, **fields}
    return client.post("/lti/launch", data={name: value for name, value in form.items() if value is not None})


def launched(bench_: Bench, client: FlaskClient | None = None, **changes: Any) -> TestResponse:
    """Log in and launch with changed claims."""
    browser = client or bench_.client()
    begun = begin(browser, bench_.issuer.iss)
    token = tokens.sign(bench_.issuer.signer, claims(bench_.issuer.iss, begun.nonce, bench_.clock(), **changes))
    return launch(browser, begun.state, token)


def stored(bench_: Bench, statements: list[dict[str, Any]]) -> None:
    """Give statements to a real collector over the tool's own store."""
    credential = ":".join(auth.create_credential(bench_.storage, bench_.keyring, "tool"))
    app = collector_app.create_app(
        collector_settings.Settings("", "", "scotland", "http://127.0.0.1/xapi"), bench_.storage, bench_.keyring
    )
    headers = {
        "X-Experience-API-Version": "1.0.3",
        "Authorization": f"Basic {base64.b64encode(credential.encode()).decode()}",
    }
    answer = app.test_client().post("/xapi/statements", json=statements, headers=headers)
    assert answer.status_code == 200, answer.text


def heading(page: TestResponse) -> str:
    """The first heading of a page."""
    found = re.search(r"<h1>(.*?)</h1>", page.text)
    assert found, page.text
    return unescape(found[1])


def another_signer(kid: str = "sandbox-1", bits: int = 2048) -> Signer:
    """A key that the platform does not have."""
    return Signer(rsa.generate_private_key(public_exponent=65537, key_size=bits), kid)
