"""The OpenAPI document of the whole surface, for everybody. No part of xAPI."""

import functools
from importlib.resources import files

import orjson
import yaml
from flask import Blueprint, Response


def blueprint() -> Blueprint:
    """GET /xapi/openapi.json."""
    routes = Blueprint("openapi", __name__, url_prefix="/xapi")
    routes.add_url_rule("/openapi.json", "openapi", lambda: Response(_text(), mimetype="application/json"))
    return routes


@functools.cache
def _text() -> bytes:
    """The document as JSON; to read it takes a good part of a worker's start, and few ask for it."""
    return orjson.dumps(yaml.safe_load(files("xapi_collector").joinpath("openapi.yaml").read_text(encoding="utf-8")))
