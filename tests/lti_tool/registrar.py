"""A small platform over real HTTP that registers tools, in the shape of Moodle's and as wrong as a test wants it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import jwt
from flask import Flask, Response, abort, jsonify, request

from entrepot.sandbox import tokens
from lti_tool.registration import configuration, description
from lti_tool.services import tokens as service_tokens
from tests.lti_tool import builders

TOKEN = "registration-token"  # the platform's own, of one request
CONFIGURATION = "/mod/lti/openid-configuration.php"
View = Callable[[], Any]


@dataclass
class Registrar:
    """A running platform.

    Attributes:
        base: Its address, and its issuer.
        code: Its product family code.
        changes: Members of its configuration that are other than right; None leaves one out.
        answers: Instead of the usual view, by path.
        asked: What it was asked: method, path, Authorization header, JSON body.
        client_id: What it gives to the next tool; counted up.
        granted: The scopes that its token endpoint knows.
        key: The tool's public key, that it checks assertions with; None refuses everybody.
    """

    base: str = ""
    code: str = "moodle"
    changes: dict[str, Any] = field(default_factory=dict)
    answers: dict[str, View] = field(default_factory=dict)
    asked: list[tuple[str, str, str, Any]] = field(default_factory=list)
    clients: int = 0
    deployment: str | None = "7"
    granted: tuple[str, ...] = description.SCOPES
    key: Any = None
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def configuration_url(self) -> str:
        return f"{self.base}{CONFIGURATION}"

    def reset(self) -> None:
        """Be right again, and forget what was asked."""
        self.changes.clear()
        self.answers.clear()
        self.asked.clear()
        self.code, self.clients, self.deployment = "moodle", 0, "7"
        self.granted, self.key = description.SCOPES, None

    def paths(self, method: str = "POST") -> list[str]:
        return [path for how, path, _, _ in self.asked if how == method]


def document(base: str, code: str, changes: dict[str, Any]) -> dict[str, Any]:
    """The OpenID configuration of a platform at this address."""
    body = {
        "issuer": base,
        "authorization_endpoint": f"{base}/mod/lti/auth.php",
        "token_endpoint": f"{base}/mod/lti/token.php",
        "jwks_uri": f"{base}/mod/lti/certs.php",
        "registration_endpoint": f"{base}/mod/lti/openid-registration.php",
        configuration.PLATFORM: {"product_family_code": code, "version": "4.5.6"},
        **changes,
    }
    return {name: value for name, value in body.items() if value is not None}


@contextmanager
def running(signer: tokens.Signer) -> Iterator[Registrar]:
    """A platform that is right until the test changes it."""
    app = Flask(__name__)
    place = Registrar()

    @app.before_request
    def seen() -> Any:
        with place.lock:
            body = request.get_json(silent=True)
            place.asked.append((request.method, request.path, request.headers.get("Authorization", ""), body))
        view = place.answers.get(request.path)
        return view() if view else None

    @app.get(CONFIGURATION)
    def openid() -> Response:
        return jsonify(document(place.base, place.code, place.changes))

    @app.post("/mod/lti/openid-registration.php")
    def register() -> Response:
        if request.headers.get("Authorization") != f"Bearer {TOKEN}":
            abort(401)
        with place.lock:
            place.clients += 1
            number = place.clients
        tool = {"version": "1.3.0", **({"deployment_id": place.deployment} if place.deployment else {})}
        return jsonify({**(request.get_json() or {}), "client_id": f"client-{number}", description.TOOL: tool})

    @app.get("/mod/lti/certs.php")
    def certs() -> Response:
        return jsonify({"keys": [tokens.jwk(signer)]})

    @app.get("/mod/lti/auth.php")
    def auth() -> Response:
        abort(400)

    @app.post("/mod/lti/token.php")
    def token() -> Response:
        try:
            jwt.decode(
                request.form["client_assertion"],
                place.key,
                algorithms=["RS256"],
                audience=f"{place.base}/mod/lti/token.php",
            )
        except (jwt.PyJWTError, TypeError):
            return Response('{"error": "invalid_client"}', 400, mimetype="application/json")
        if (
            request.form["scope"] not in place.granted
            or request.form["client_assertion_type"] != service_tokens.ASSERTION
        ):
            return Response('{"error": "invalid_scope"}', 400, mimetype="application/json")
        return jsonify({"access_token": f"t{time.time_ns()}", "token_type": "Bearer", "expires_in": 3600})

    with builders.serving(app) as base:
        place.base = base
        yield place
