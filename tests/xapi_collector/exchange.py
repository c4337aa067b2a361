"""Requests to the document resources and their neighbours, and what belongs to a document of each kind."""

import orjson

from tests.xapi_collector.lrs import agent

V1, V2 = "1.0.3", "2.0.0"
ACTIVITY = "https://course.example/unit/1"
STATE, ACTIVITY_PROFILE, AGENT_PROFILE = "/activities/state", "/activities/profile", "/agents/profile"
WHOSE = {
    STATE: {"activityId": ACTIVITY, "agent": agent()},
    ACTIVITY_PROFILE: {"activityId": ACTIVITY},
    AGENT_PROFILE: {"agent": agent()},
}
NAME = {STATE: "stateId", ACTIVITY_PROFILE: "profileId", AGENT_PROFILE: "profileId"}


def send(lrs, method, path, content=None, *, version=V1, headers=None, client=None, **parameters):
    """A request below /xapi; content that is no bytes goes as JSON, a parameter that is no text too."""
    own = lrs.headers | {"X-Experience-API-Version": version}
    if content is not None:
        own["Content-Type"] = "application/json"
        content = content if isinstance(content, bytes) else orjson.dumps(content)
    query = {name: each if isinstance(each, str) else orjson.dumps(each) for name, each in parameters.items()}
    return (client or lrs.client).open(
        f"/xapi{path}", method=method, data=content, query_string=query, headers=own | (headers or {})
    )


def document(lrs, method, path, content=None, document_id="d", **more):
    """A request about one document."""
    return send(lrs, method, path, content, **({NAME[path]: document_id} | WHOSE[path] | more))


def store(lrs, path, content, document_id="d", **more):
    """Store a document that is not there yet."""
    answer = document(lrs, "PUT", path, content, document_id, **({"headers": {"If-None-Match": "*"}} | more))
    assert answer.status_code == 204, answer.text


def ids(lrs, path, **more):
    """The ids of all documents."""
    return send(lrs, "GET", path, **(WHOSE[path] | more)).json
