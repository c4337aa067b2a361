"""The State resource: what content keeps for one learner in one activity. xAPI 1.0.3, Communication 2.3."""

from flask import Blueprint

from xapi_collector.collector import Collector
from xapi_collector.door import scopes
from xapi_collector.door.gate import Gate
from xapi_collector.place import STATE, Place
from xapi_collector.resources import exchange, parameters

_RESOURCE = exchange.Resource(
    "state",
    "/activities/state",
    scopes.STATE,
    (
        parameters.activity_id(
            {"PUT": "XAPI-00210", "POST": "XAPI-00209", "GET": "XAPI-00208", "DELETE": "XAPI-00207"}
        ),
        parameters.agent(
            {"PUT": "XAPI-00215", "POST": "XAPI-00214", "GET": "XAPI-00213", "DELETE": "XAPI-00212"},
            {"PUT": "XAPI-00199", "POST": "XAPI-00198", "GET": "XAPI-00197", "DELETE": "XAPI-00196"},
        ),
        parameters.registration(
            {"PUT": "XAPI-00203", "POST": "XAPI-00202", "GET": "XAPI-00201", "DELETE": "XAPI-00200"}
        ),
    ),
    parameters.document_id("stateId", {"PUT": "XAPI-00206", "POST": "XAPI-00211"}),
    parameters.since("XAPI-00204"),
    lambda given: Place(STATE, given["activityId"], given["agent"], given.get("registration")),
    free=True,
    deletes_many=True,
)


def blueprint(collector: Collector, gate: Gate) -> Blueprint:
    """The routes of /xapi/activities/state."""
    return exchange.blueprint(collector, gate, _RESOURCE)
