"""The Statement resource over HTTP. xAPI 1.0.3, Communication 2.1.

PUT and POST store, GET reads; every answer carries X-Experience-API-Consistent-Through, errors too.
"""

from email.utils import formatdate

import orjson
from flask import Blueprint, Response, request

from storage import errors as storage_errors
from storage.port import Query
from xapi_collector import body, errors, formats, jsontext, query, scopes, statements
from xapi_collector.gate import Gate
from xapi_collector.statements import Collector

MAX_STATEMENTS = 500


def blueprint(collector: Collector, gate: Gate) -> Blueprint:
    """The routes of /xapi/statements.

    Args:
        collector: Where and with what.
        gate: Who may enter.
    """
    routes = Blueprint("statements", __name__, url_prefix="/xapi")
    path = f"{gate.path}/statements"

    def consistent_through(response: Response) -> Response:
        try:
            time = collector.storage.statements.consistent_through(collector.clock)
        except storage_errors.StorageError:
            return response  # the answer itself says that the store failed
        response.headers["X-Experience-API-Consistent-Through"] = formats.timestamp(time)
        return response

    def get() -> Response:
        gate.enter(scopes.READ)
        wanted = query.parse(request.args.to_dict(flat=False), collector.keyring)
        return _page(collector, wanted, path) if isinstance(wanted, Query) else _one(collector, wanted)

    def post() -> Response:
        credential = gate.enter(scopes.WRITE)
        _only_parameters()
        ids = statements.ingest(collector, jsontext.parse(_body(), MAX_STATEMENTS), credential.authority)
        return Response(orjson.dumps(ids), mimetype="application/json")

    def put() -> Response:
        credential = gate.enter(scopes.WRITE)
        parsed = _with_id(jsontext.parse(_body(), 1), _only_parameters("statementId"))
        statements.ingest(collector, parsed, credential.authority)
        return Response(status=204)

    routes.after_request(consistent_through)
    routes.add_url_rule("/statements", "get", get, methods=["GET"])
    routes.add_url_rule("/statements", "post", post, methods=["POST"])
    routes.add_url_rule("/statements", "put", put, methods=["PUT"])
    return routes


def _one(collector: Collector, wanted: query.One) -> Response:
    found = statements.fetch(collector, wanted.statement_id)
    if found is None:
        raise errors.NotFoundError("No statement has this id.", path="statementId", rule="XAPI-00158")
    text, stored = found
    return Response(
        text, mimetype="application/json", headers={"Last-Modified": formatdate(stored // 1_000_000, usegmt=True)}
    )


def _page(collector: Collector, wanted: Query, path: str) -> Response:
    texts, last = statements.search(collector, wanted)
    more = ""
    if last is not None:
        more = f"{path}?more={query.continuation(wanted, last, collector.keyring, collector.random(12))}"
    text = b'{"statements":[' + b",".join(texts) + b'],"more":"' + more.encode() + b'"}'
    return Response(text, mimetype="application/json")


def _only_parameters(*names: str) -> str:
    """Refuse any other parameter; answer the value of the one asked for, or an empty text."""
    for name in request.args:
        if name not in names or len(request.args.getlist(name)) > 1:
            raise errors.RequestError(
                "The parameter is not known here.",
                path=name[:100],
                rule="XAPI-00324",
                expected=f"{' and '.join(names) or 'no parameter'}",
            )
    return request.args.get(names[0], "") if names else ""


def _with_id(parsed: jsontext.Parsed, statement_id: str) -> jsontext.Parsed:
    """A PUT names the statement's id, and the statement may repeat it."""
    if not formats.is_uuid(statement_id):
        raise errors.RequestError(
            "PUT needs the id of the statement.",
            path="statementId",
            rule="XAPI-00145",
            expected="?statementId= and a UUID",
        )
    if not parsed.single:
        raise errors.RequestError("PUT stores one statement.", path="$", rule="XAPI-00143", expected="a JSON object")
    (statement,), (text,) = parsed.values, parsed.texts
    if "id" not in statement:
        text = b'{"id":"' + statement_id.encode() + b'"' + (b"," if statement else b"") + text[1:]
        return jsontext.Parsed([statement | {"id": statement_id}], [text], single=True)
    if str(statement["id"]).lower() != statement_id.lower():
        raise errors.InvalidStatementError(
            "The statement's id is not the one of the parameter.",
            path="$.id",
            rule="Communication 2.1.1",
            expected="the same id in both",
        )
    return parsed


def _body() -> bytes:
    """The body, if it is JSON and not too long.

    Raises:
        errors.RequestError: Another media type, or an encoded body.
        errors.TooLargeError: Too many bytes.
    """
    if request.mimetype != "application/json":
        raise errors.RequestError(
            "The body is not of a media type that is taken here.",
            path="Content-Type",
            rule="XAPI-00127",
            expected="application/json",
        )
    return body.read()
