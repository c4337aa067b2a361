"""The About resource: which versions this collector speaks. xAPI 1.0.3, Communication 2.8. Needs no credential."""

from flask import Blueprint, Response

_ABOUT = b'{"version":["1.0.3","1.0.2","1.0.1","1.0.0"]}'


def blueprint() -> Blueprint:
    """GET /xapi/about."""
    routes = Blueprint("about", __name__, url_prefix="/xapi")
    routes.add_url_rule("/about", "about", lambda: Response(_ABOUT, mimetype="application/json"))
    return routes
