"""The sandbox LMS as a Flask app: home, a course page with a frame, and the platform's side of OpenID Connect. Floor 4.

1EdTech Security Framework 1.0, section 5.1.1: the course page posts a login initiation to the tool inside the frame,
the tool sends the browser to `/auth`, which checks every parameter and posts a signed id_token back.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, Response, abort, jsonify, render_template, request

from entrepot.sandbox import config as configuration
from entrepot.sandbox import tokens
from entrepot.sandbox.config import Config, Institution
from entrepot.sandbox.tokens import Hint, Signer

TEXTS = json.loads(Path(__file__).with_name("texts.json").read_text(encoding="utf-8"))
REQUIRED = {"scope": "openid", "response_type": "id_token", "response_mode": "form_post", "prompt": "none"}
HTML_LANG = {"en": "en", "zh": "zh-Hans"}


def create_app(config: Config, signer: Signer, *, now: Callable[[], float] = time.time) -> Flask:
    """Build the LMS.

    Args:
        config: Institutions, courses, learners, tools.
        signer: The platform's key.
        now: Seconds since the epoch.
    """
    app = Flask(__name__)
    app.config["MAX_CONTENT_LENGTH"] = 64 * 1024
    app.jinja_options = {"autoescape": True, "trim_blocks": True, "lstrip_blocks": True}

    @app.get("/")
    def home() -> Response:
        return _page(config, "home.html", _language(request.args), institutions=config.institutions)

    @app.get("/<institution>/courses/<course>")
    def course(institution: str, course: str) -> Response:
        found = configuration.find(config, institution, course)
        if found is None:
            abort(404)
        place, offered = found
        language = _language(request.args)
        person = configuration.person(offered, request.args.get("learner", "")) or offered.learners[0]
        hint = tokens.write_hint(signer, Hint(place.id, offered.id, person.id, language), now())
        return _page(
            config,
            "course.html",
            language,
            institution=place,
            course=offered,
            person=person,
            hint=hint,
            tool=place.tool,
        )

    @app.route("/auth", methods=["GET", "POST"])
    def auth() -> Response:
        return _authorise(config, signer, request.values, now())

    @app.get("/jwks")
    def jwks() -> Response:
        return jsonify({"keys": [tokens.jwk(signer)]})

    @app.get("/blank")
    def blank() -> Response:
        return _page(config, "blank.html", _language(request.args))

    @app.get("/health")
    def health() -> Response:
        return jsonify({"status": "ok"})

    @app.after_request
    def harden(response: Response) -> Response:
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Referrer-Policy"] = "no-referrer"
        if response.mimetype == "text/html":
            response.headers["Cache-Control"] = "no-store"
        return response

    return app


def application() -> Flask:
    """For `granian --interface wsgi --factory entrepot.sandbox.app:application`; reads ENTREPOT_SANDBOX_CONFIG.

    Raises:
        configuration.ConfigError: The variable is missing, or its file cannot be used.
    """
    path = os.environ.get("ENTREPOT_SANDBOX_CONFIG")
    if not path:
        message = "ENTREPOT_SANDBOX_CONFIG is not set: give the path of the sandbox's JSON file"
        raise configuration.ConfigError(message)
    return create_app(configuration.load(path), tokens.new_signer())


def _authorise(config: Config, signer: Signer, sent: Mapping[str, str], now: float) -> Response:
    """The authorisation endpoint: a signed answer, an error for the tool, or a page if nobody can be told."""
    institution = configuration.by_client(config, sent.get("client_id", ""))
    if institution is None or sent.get("redirect_uri") != institution.tool.launch_url:
        return _page(config, "refused.html", "en", status=400)
    hint = tokens.read_hint(signer, sent.get("lti_message_hint", ""))
    found = configuration.find(config, hint.institution, hint.course) if hint else None
    person = configuration.person(found[1], hint.person) if found and hint else None
    answer = {"state": sent.get("state", "")}
    if (
        not all(sent.get(name) == value for name, value in REQUIRED.items())
        or not sent.get("nonce")
        or not answer["state"]
    ):
        return _post(config, institution, {**answer, "error": "invalid_request"}, "en")
    if hint is None or found is None or person is None or found[0].id != institution.id:
        return _post(config, institution, {**answer, "error": "login_required"}, "en")
    if sent.get("login_hint") != person.id:
        return _post(config, institution, {**answer, "error": "access_denied"}, hint.language)
    claims = tokens.launch_claims(config, *found, person, nonce=sent["nonce"], language=hint.language, now=now)
    return _post(config, institution, {**answer, "id_token": tokens.sign(signer, claims)}, hint.language)


def _post(config: Config, institution: Institution, fields: Mapping[str, str], language: str) -> Response:
    """A page that posts fields to the tool: by its own script, or by the button."""
    return _page(config, "post.html", language, tool=institution.tool, fields=fields)


def _page(config: Config, template: str, language: str, *, status: int = 200, **values: Any) -> Response:
    texts = TEXTS[language]
    body = render_template(
        template, t=texts, issuer=config.issuer, language=language, lang=HTML_LANG[language], **values
    )
    response = Response(body, status=status, mimetype="text/html")
    tools = " ".join(sorted({_origin(one.tool.launch_url) for one in config.institutions}))
    response.headers["Content-Security-Policy"] = (
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; base-uri 'none'; "
        f"form-action 'self' {tools}; frame-src 'self' {tools}; frame-ancestors 'self'"
    )
    return response


def _language(arguments: Mapping[str, str]) -> str:
    chosen = arguments.get("lang", "")
    if chosen in TEXTS:
        return chosen
    return request.accept_languages.best_match(list(TEXTS), default="en") or "en"


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
