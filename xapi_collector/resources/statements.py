"""The Statement resource over HTTP. xAPI 1.0.3, Communication 2.1.

PUT and POST store, GET reads; every answer carries X-Experience-API-Consistent-Through, errors too.
"""

from email.utils import formatdate

import orjson
from flask import Blueprint, Response, g, request

from storage import errors as storage_errors
from xapi_collector import errors, query, statements
from xapi_collector.collector import Collector
from xapi_collector.door import body, scopes
from xapi_collector.door.auth import Credential
from xapi_collector.door.gate import Gate
from xapi_collector.grammar import attachments, formats, jsontext, render
from xapi_collector.query import Many, One, Shape
from xapi_collector.statements import Found, Reader

MAX_STATEMENTS = 500
MAX_MULTIPART = 12 * 1024 * 1024
"""Bytes of a request with the data of attachments; a store of MongoDB keeps no more in one document than 16 MiB."""


def blueprint(collector: Collector, gate: Gate) -> Blueprint:
    """The routes of /xapi/statements.

    Args:
        collector: Where and with what.
        gate: Who may enter.
    """
    routes = Blueprint("statements", __name__, url_prefix="/xapi")
    path = f"{gate.path}/statements"

    def consistent_through(response: Response) -> Response:
        time = g.get("through")  # of what was read or stored just now: all that was stored earlier can be read
        if time is None and response.status_code != 503:
            try:
                time = collector.storage.statements.consistent_through(collector.clock)
            except storage_errors.StorageError:
                return response  # the answer itself says that the store failed
        if time is not None:
            response.headers["X-Experience-API-Consistent-Through"] = formats.timestamp(time)
        return response

    def get() -> Response:
        credential = gate.enter(scopes.READ, scopes.READ_MINE)
        wanted = query.parse(request.args.to_dict(flat=False), collector.keyring)
        reader = Reader(
            g.version,
            credential.authority if credential.reads_mine_only else None,
            tuple(render.languages(request.headers.get("Accept-Language"))),
        )
        # Before the read: who asks next for what was stored since then misses nothing.
        g.through = collector.storage.statements.consistent_through(collector.clock)
        return _one(collector, wanted, reader) if isinstance(wanted, One) else _page(collector, wanted, reader, path)

    def post() -> Response:
        credential = gate.enter(scopes.WRITE)
        _only_parameters()
        return Response(orjson.dumps(store(credential, MAX_STATEMENTS)), mimetype="application/json")

    def put() -> Response:
        credential = gate.enter(scopes.WRITE)
        store(credential, 1, _only_parameters("statementId"))
        return Response(status=204)

    def store(credential: Credential, most: int, statement_id: str | None = None) -> list[str]:
        text, parts = _sent()
        parsed = jsontext.parse(text, most)
        if statement_id is not None:
            parsed = _with_id(parsed, statement_id)
        done = statements.ingest(
            collector,
            parsed,
            credential.authority,
            version=g.version,
            parts=parts,
            defines=credential.defines,
        )
        g.stored, g.through = len(done.ids), done.stored
        return done.ids

    routes.after_request(consistent_through)
    routes.add_url_rule("/statements", "get", get, methods=["GET"])
    routes.add_url_rule("/statements", "post", post, methods=["POST"])
    routes.add_url_rule("/statements", "put", put, methods=["PUT"])
    return routes


def _one(collector: Collector, wanted: One, reader: Reader) -> Response:
    found = statements.fetch(collector, wanted, reader)
    if found is None:
        name = "voidedStatementId" if wanted.voided else "statementId"
        raise errors.NotFoundError("No statement has this id.", path=name, rule="XAPI-00158")
    return _answer(collector, found.texts[0], found, wanted.shape)


def _page(collector: Collector, wanted: Many, reader: Reader, path: str) -> Response:
    found = statements.search(collector, wanted, reader)
    more = ""
    if found.resume is not None:
        more = f"{path}?more={query.continuation(wanted, found.resume, collector.keyring, collector.random(12))}"
    text = b'{"statements":[' + b",".join(found.texts) + b'],"more":"' + more.encode() + b'"}'
    return _answer(collector, text, found, wanted.shape)


def _answer(collector: Collector, text: bytes, found: Found, shape: Shape) -> Response:
    """JSON; or the parts of multipart/mixed with the data of attachments (Data 2.4.11)."""
    g.through = max(g.through, found.stored)
    headers = {"Last-Modified": formatdate(found.stored // 1_000_000, usegmt=True)} if found.stored else {}
    if not shape.attachments:
        return Response(text, mimetype="application/json", headers=headers)
    boundary = collector.random(16).hex()
    files = [(sha2, part.content_type, part.content) for sha2, part in found.files.items()]
    headers |= {"X-Content-Type-Options": "nosniff", "Content-Security-Policy": "sandbox"}
    return Response(
        attachments.render(text, files, boundary),
        content_type=f"multipart/mixed; boundary={boundary}",
        headers=headers,
    )


def _sent() -> tuple[bytes, dict[str, attachments.Part]]:
    """The JSON of the body, and the data of attachments by SHA-2.

    Raises:
        errors.RequestError: Another media type, or an encoded body.
        errors.TooLargeError: Too many bytes.
    """
    if request.mimetype == "application/json":
        return body.read(), {}
    if request.mimetype == "multipart/mixed":
        return attachments.parse(body.read(MAX_MULTIPART), request.headers["Content-Type"])
    raise errors.RequestError(
        "The body is not of a media type that is taken here.",
        path="Content-Type",
        rule="XAPI-00127",
        expected="application/json, or multipart/mixed with the data of attachments",
    )


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
