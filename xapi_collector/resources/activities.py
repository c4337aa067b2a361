"""The Activities resource: all that is known of an activity. xAPI 1.0.3, Communication 2.5.

What is not known has its id alone: no activity is "not found".
"""

from flask import Blueprint, Response

from xapi_collector import definitions
from xapi_collector.collector import Collector
from xapi_collector.door import scopes
from xapi_collector.door.gate import Gate
from xapi_collector.resources import answers, parameters

_ACTIVITY = parameters.activity_id({"GET": "XAPI-00250"})


def blueprint(collector: Collector, gate: Gate) -> Blueprint:
    """GET /xapi/activities.

    Args:
        collector: Where and with what.
        gate: Who may enter.
    """
    routes = Blueprint("activities", __name__, url_prefix="/xapi")

    def get() -> Response:
        gate.enter(scopes.READ, scopes.READ_MINE, scopes.DEFINE, scopes.PROFILE, scopes.STATE)
        iri = parameters.read([_ACTIVITY], ["activityId"])["activityId"]
        known = definitions.of(collector, [iri])
        activity = {"objectType": "Activity", "id": iri}
        return answers.value(activity | ({"definition": known[iri]} if iri in known else {}))

    routes.add_url_rule("/activities", "get", get, methods=["GET"])
    return routes
