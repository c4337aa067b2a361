"""The sandbox LMS as a Flask app: its pages, its door, its services, and what goes wrong on purpose. Floor 4."""

from __future__ import annotations

import os
import time
from collections.abc import Callable

from flask import Flask, Response, jsonify

from entrepot.sandbox import ags, control, grants, nrps, pages, registering, striking, tokens
from entrepot.sandbox import config as configuration
from entrepot.sandbox.config import Config
from entrepot.sandbox.platform import Platform
from entrepot.sandbox.tokens import Signer


def create_app(config: Config, signer: Signer, *, now: Callable[[], float] = time.time) -> Flask:
    """Build the LMS; its state is a new `platform.Platform`, in `app.extensions["sandbox"]`.

    Args:
        config: Institutions, courses, people, tools.
        signer: The platform's first key.
        now: Seconds since the epoch.
    """
    return serve(Platform(config, signer, now=now))


def serve(platform: Platform) -> Flask:
    """Build the app of a platform."""
    app = Flask(__name__)
    app.config["MAX_CONTENT_LENGTH"] = 256 * 1024
    app.jinja_options = {"autoescape": True, "trim_blocks": True, "lstrip_blocks": True}
    app.extensions["sandbox"] = platform
    striking.register(app, platform)
    for room in (pages, grants, ags, nrps, registering, control):
        room.register(app, platform)

    @app.get("/jwks", endpoint="jwks")
    def jwks() -> Response:
        response = jsonify({"keys": [tokens.jwk(one) for one in platform.ring.published]})
        first = platform.config.institutions[0]
        cache = platform.profile(first.id).jwks_cache
        if cache:
            response.headers["Cache-Control"] = cache
        return response

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
