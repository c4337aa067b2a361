"""The Agent Profile resource: what content keeps about one learner. xAPI 1.0.3, Communication 2.6."""

from flask import Blueprint

from xapi_collector.collector import Collector
from xapi_collector.door import scopes
from xapi_collector.door.gate import Gate
from xapi_collector.place import AGENT_PROFILE, Place
from xapi_collector.resources import exchange, parameters

_RESOURCE = exchange.Resource(
    "agent_profile",
    "/agents/profile",
    scopes.PROFILE,
    (
        parameters.agent(
            {"PUT": "XAPI-00264", "POST": "XAPI-00263", "GET": "XAPI-00261", "DELETE": "XAPI-00262"},
            {"PUT": "XAPI-00257", "POST": "XAPI-00256", "GET": "XAPI-00258", "DELETE": "XAPI-00255"},
        ),
    ),
    parameters.document_id("profileId", {"PUT": "XAPI-00267", "POST": "XAPI-00266", "DELETE": "XAPI-00265"}),
    parameters.since("XAPI-00260"),
    lambda given: Place(AGENT_PROFILE, agent=given["agent"]),
)


def blueprint(collector: Collector, gate: Gate) -> Blueprint:
    """The routes of /xapi/agents/profile."""
    return exchange.blueprint(collector, gate, _RESOURCE)
