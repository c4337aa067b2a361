"""The About resource: which versions this collector speaks. xAPI 1.0.3, Communication 2.8.

Needs no credential and no version; whatever version a client names, it is answered.
"""

import orjson
from flask import Blueprint, Response

from xapi_collector.grammar import versions
from xapi_collector.resources import answers, parameters

_ABOUT = orjson.dumps({"version": versions.SPOKEN})


def blueprint() -> Blueprint:
    """GET /xapi/about."""
    routes = Blueprint("about", __name__, url_prefix="/xapi")

    def get() -> Response:
        parameters.read([], [])
        return answers.content(_ABOUT)

    routes.add_url_rule("/about", "about", get, methods=["GET"])
    return routes
