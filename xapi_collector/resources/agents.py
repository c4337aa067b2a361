"""The Agents resource: the Person of an agent. xAPI 1.0.3, Communication 2.4.

Names are in statements, so who may read none gets the identifier that they sent, and who may read their own statements
gets names from these.
"""

from flask import Blueprint, Response

from xapi_collector import person
from xapi_collector.collector import Collector
from xapi_collector.door import scopes
from xapi_collector.door.gate import Gate
from xapi_collector.resources import answers, parameters

_AGENT = parameters.agent({"GET": "XAPI-00243"}, {"GET": "XAPI-00249"})


def blueprint(collector: Collector, gate: Gate) -> Blueprint:
    """GET /xapi/agents.

    Args:
        collector: Where and with what.
        gate: Who may enter.
    """
    routes = Blueprint("agents", __name__, url_prefix="/xapi")

    def get() -> Response:
        credential = gate.enter(scopes.READ, scopes.READ_MINE, scopes.PROFILE, scopes.STATE)
        agent = parameters.read([_AGENT], ["agent"])["agent"]
        if scopes.permit(credential.scopes, (scopes.READ,), "GET"):
            return answers.value(person.person(agent, person.names_of(collector, agent)))
        if scopes.permit(credential.scopes, (scopes.READ_MINE,), "GET"):
            return answers.value(person.person(agent, person.names_of(collector, agent, credential.authority)))
        return answers.value(person.person(agent))

    routes.add_url_rule("/agents", "get", get, methods=["GET"])
    return routes
