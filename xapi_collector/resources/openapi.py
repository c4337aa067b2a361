"""The OpenAPI document of the whole surface, for everybody. No part of xAPI."""

from importlib.resources import files

import orjson
import yaml
from flask import Blueprint, Response


def blueprint() -> Blueprint:
    """GET /xapi/openapi.json."""
    routes = Blueprint("openapi", __name__, url_prefix="/xapi")
    text = orjson.dumps(yaml.safe_load(files("xapi_collector").joinpath("openapi.yaml").read_text(encoding="utf-8")))
    routes.add_url_rule("/openapi.json", "openapi", lambda: Response(text, mimetype="application/json"))
    return routes
