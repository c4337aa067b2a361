"""The Activity Profile resource: what content keeps about one activity. xAPI 1.0.3, Communication 2.7."""

from flask import Blueprint

from xapi_collector.collector import Collector
from xapi_collector.door import scopes
from xapi_collector.door.gate import Gate
from xapi_collector.place import ACTIVITY_PROFILE, Place
from xapi_collector.resources import exchange, parameters

_RESOURCE = exchange.Resource(
    "activity_profile",
    "/activities/profile",
    scopes.PROFILE,
    (parameters.activity_id({"PUT": "XAPI-00299", "POST": "XAPI-00298", "GET": "XAPI-00296", "DELETE": "XAPI-00297"}),),
    parameters.document_id("profileId", {"PUT": "XAPI-00302", "POST": "XAPI-00301", "DELETE": "XAPI-00300"}),
    parameters.since("XAPI-00295"),
    lambda given: Place(ACTIVITY_PROFILE, activity=given["activityId"]),
)


def blueprint(collector: Collector, gate: Gate) -> Blueprint:
    """The routes of /xapi/activities/profile."""
    return exchange.blueprint(collector, gate, _RESOURCE)
