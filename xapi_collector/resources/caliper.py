"""The endpoint for Caliper events. Caliper 1.2, sections 5.4 and 6.

A well-formed envelope is answered by 200 even where events of it are refused, each named by its index: sensors cannot
mend an event, Canvas stops sending after some failures in a day, and the good events must not wait for the bad one.
Canvas can send no header: it is given /caliper/ and the token as address.
"""

import base64
import binascii
import copy
from typing import Any

import orjson
from flask import Blueprint, Response, g, request

from xapi_collector import errors, statements
from xapi_collector.caliper import events
from xapi_collector.collector import Collector
from xapi_collector.door import body, scopes
from xapi_collector.door.auth import Credential
from xapi_collector.door.gate import Gate
from xapi_collector.grammar import jsontext

MOST = 500
"""Events and entities in an envelope."""


def blueprint(collector: Collector, gate: Gate, canvas: str) -> Blueprint:
    """The routes of /caliper.

    Args:
        collector: Where and with what.
        gate: Who may enter.
        canvas: The issuer of LTI launches from the institution's Canvas.
    """
    routes = Blueprint("caliper", __name__, url_prefix="/caliper")

    def post(token: str | None = None) -> Response:
        credential = _enter(gate, token)
        outcome = _store(collector, credential, _envelope(), canvas)
        g.stored = outcome["stored"]
        return Response(orjson.dumps(outcome), mimetype="application/json")

    routes.add_url_rule("", "post", post, methods=["POST"])
    routes.add_url_rule("/<token>", "post_with_token", post, methods=["POST"])
    return routes


def _enter(gate: Gate, token: str | None) -> Credential:
    """Let a sensor in: by Basic, by a Bearer of the issuer, or by the token that stands for key and secret.

    The token is base64 of key:secret, as a Bearer (6.0) or, for want of headers, as the last part of the address.
    """
    scheme, _, given = request.environ.get("HTTP_AUTHORIZATION", "").partition(" ")
    if token is not None:
        request.environ["HTTP_AUTHORIZATION"] = f"Basic {_basic(token) or ''}"
    elif scheme.lower() == "bearer":
        basic = _basic(given.strip())
        if basic is not None:
            request.environ["HTTP_AUTHORIZATION"] = f"Basic {basic}"
    return gate.enter(scopes.WRITE)


def _basic(token: str) -> str | None:
    """The token as Basic has it; None if it is another kind, such as a JWT."""
    try:
        pair = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate="." not in token)
    except (binascii.Error, ValueError):
        return None
    return base64.b64encode(pair).decode() if b":" in pair else None


def _envelope() -> dict[str, Any]:
    if request.mimetype != "application/json" and not request.mimetype.startswith("application/vnd.ims.caliper"):
        raise errors.UnsupportedError(
            "The body is not of a media type that is taken here.",
            path="Content-Type",
            expected="application/json, an envelope that is not signed",
        )
    envelope = jsontext.object_of(body.read().decode("utf-8", "surrogateescape"))
    events.check_envelope(envelope)
    if len(envelope["data"]) > MOST:
        msg = f"The envelope holds {len(envelope['data'])} items."
        raise errors.TooLargeError(msg, path="$.data", expected=f"at most {MOST}")
    checked: dict[str, Any] = envelope
    return checked


def _store(collector: Collector, credential: Credential, envelope: dict[str, Any], canvas: str) -> dict[str, Any]:
    """Store what can be stored, and say by index what cannot."""
    refused: dict[int, errors.RequestError] = {}
    made: dict[str, tuple[int, dict[str, Any]]] = {}
    sent = [(index, item) for index, item in enumerate(envelope["data"]) if events.is_event(item)]
    for index, item in sent:
        try:
            statement = events.statement(item, envelope, canvas)
        except errors.InvalidStatementError as error:
            refused[index] = error
            continue
        if made.setdefault(statement["id"], (index, statement))[1] != statement:
            refused[index] = errors.ConflictError("Two events of the envelope have one id.", path=".id")
    kept = _ingest(collector, credential, [*made.values()], refused)
    return {
        "stored": len(kept),
        "described": len(envelope["data"]) - len(sent),
        "refused": [_problem(index, error) for index, error in sorted(refused.items())],
    }


def _ingest(
    collector: Collector,
    credential: Credential,
    rest: list[tuple[int, dict[str, Any]]],
    refused: dict[int, errors.RequestError],
) -> list[tuple[int, dict[str, Any]]]:
    """Store the statements but those whose id another one has, which are added to the refused; answer the stored."""
    while rest:
        values = [copy.deepcopy(statement) for _, statement in rest]  # a path may complete what it is handed
        parsed = jsontext.Parsed(values, [jsontext.dumps(value) for value in values], single=False)
        try:
            statements.ingest(collector, parsed, credential.authority, defines=credential.defines)
        except errors.ConflictError as error:
            index, _ = rest.pop(int(error.path.removeprefix("$[").partition("]")[0]))
            error.path = ".id"
            refused[index] = error
        else:
            break
    return rest


def _problem(index: int, error: errors.RequestError) -> dict[str, Any]:
    problem = {"index": index, **error.problem(), "path": f"$.data[{index}]{error.path}"}
    return {name: value for name, value in problem.items() if name not in ("title", "status")}
