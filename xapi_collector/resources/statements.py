"""The Statement resource over HTTP. xAPI 1.0.3, Communication 2.1.

PUT and POST store, GET reads; every answer carries X-Experience-API-Consistent-Through, errors too. Everything here is
a function of the request's environment, for most requests never see Flask (`door.lane`).
"""

from collections.abc import Callable
from email.utils import formatdate
from urllib.parse import parse_qsl

import orjson
from flask import Blueprint, Response, request

from storage import errors as storage_errors
from xapi_collector import errors, query, statements
from xapi_collector.collector import Collector
from xapi_collector.door import answer, body, lane, scopes
from xapi_collector.door.answer import Answer
from xapi_collector.door.auth import Credential
from xapi_collector.door.gate import Gate
from xapi_collector.door.wsgi import Environ
from xapi_collector.grammar import attachments, formats, jsontext, render
from xapi_collector.query import Many, One, Shape
from xapi_collector.statements import Found, Reader

PATH = "/xapi/statements"
MAX_STATEMENTS = 500
MAX_MULTIPART = 12 * 1024 * 1024
"""Bytes of a request with the data of attachments; a store of MongoDB keeps no more in one document than 16 MiB."""

Parameters = dict[str, list[str]]


def blueprint(handle: Callable[[Environ], Answer]) -> Blueprint:
    """The routes of /xapi/statements, where there is no lane before Flask."""

    def view() -> Response:
        answered = handle(request.environ)
        return Response(answered.body, answered.status, answered.headers, content_type=answered.content_type or None)

    routes = Blueprint("statements", __name__)
    routes.add_url_rule(PATH, "statements", view, methods=sorted(lane.METHODS - {"HEAD"}))
    return routes


def handler(collector: Collector, gate: Gate) -> Callable[[Environ], Answer]:
    """What answers a request to /xapi/statements.

    Args:
        collector: Where and with what.
        gate: Who may enter.
    """
    path = f"{gate.path}/statements"
    through = collector.storage.statements.consistent_through

    def handle(environ: Environ) -> Answer:
        method = environ["REQUEST_METHOD"]
        try:
            version = gate.open(environ)
            answered, time = store(environ, version) if method in ("POST", "PUT") else read(environ, version)
        except answer.EXPECTED as error:
            answered, time = answer.of(error, environ), None
        if time is None and answered.status != 503:
            try:
                time = through(collector.clock)
            except storage_errors.StorageError:
                return answered  # the answer itself says that the store failed
        if time is not None:
            answered.headers.append(("X-Experience-API-Consistent-Through", formats.timestamp(time)))
        return answered

    def read(environ: Environ, version: str) -> tuple[Answer, int]:
        credential = gate.admit(environ, scopes.READ, scopes.READ_MINE)
        wanted = query.parse(_parameters(environ), collector.keyring)
        reader = Reader(
            version,
            credential.authority if credential.reads_mine_only else None,
            tuple(render.languages(environ.get("HTTP_ACCEPT_LANGUAGE"))),
        )
        before = through(collector.clock)  # before the read: who asks next for what was stored since misses nothing
        if isinstance(wanted, One):
            found = _one(collector, wanted, reader)
            text = found.texts[0]
        else:
            found = statements.search(collector, wanted, reader)
            text = _page(collector, wanted, found, path)
        return _answer(collector, text, found, wanted.shape), max(before, found.stored)

    def store(environ: Environ, version: str) -> tuple[Answer, int | None]:
        credential = gate.admit(environ, scopes.WRITE)
        if environ["REQUEST_METHOD"] == "POST":
            _only_parameters(environ)
            ids, stored = _ingest(collector, credential, environ, version, None)
            return Answer(orjson.dumps(ids)), stored
        _, stored = _ingest(collector, credential, environ, version, _only_parameters(environ, "statementId"))
        return Answer(content_type="", status=204), stored

    return handle


def _ingest(
    collector: Collector, credential: Credential, environ: Environ, version: str, statement_id: str | None
) -> tuple[list[str], int | None]:
    """Store what was sent; the ids, and when. With an id: one statement, of that id."""
    text, parts = _sent(environ)
    if statement_id is None:
        parsed = jsontext.parse(text, MAX_STATEMENTS)
    else:
        parsed = _with_id(jsontext.parse(text, 1), statement_id)
    done = statements.ingest(
        collector, parsed, credential.authority, version=version, parts=parts, defines=credential.defines
    )
    environ["entrepot.stored"] = len(done.ids)
    return done.ids, done.stored


def _one(collector: Collector, wanted: One, reader: Reader) -> Found:
    found = statements.fetch(collector, wanted, reader)
    if found is None:
        name = "voidedStatementId" if wanted.voided else "statementId"
        raise errors.NotFoundError("No statement has this id.", path=name, rule="XAPI-00158")
    return found


def _page(collector: Collector, wanted: Many, found: Found, path: str) -> bytes:
    more = ""
    if found.resume is not None:
        more = f"{path}?more={query.continuation(wanted, found.resume, collector.keyring, collector.random(12))}"
    return b'{"statements":[' + b",".join(found.texts) + b'],"more":"' + more.encode() + b'"}'


def _answer(collector: Collector, text: bytes, found: Found, shape: Shape) -> Answer:
    """JSON; or the parts of multipart/mixed with the data of attachments (Data 2.4.11)."""
    headers = [("Last-Modified", formatdate(found.stored // 1_000_000, usegmt=True))] if found.stored else []
    if not shape.attachments:
        return Answer(text, headers=headers)
    boundary = collector.random(16).hex()
    files = [(sha2, part.content_type, part.content) for sha2, part in found.files.items()]
    return Answer(attachments.render(text, files, boundary), f"multipart/mixed; boundary={boundary}", headers=headers)


def _sent(environ: Environ) -> tuple[bytes, dict[str, attachments.Part]]:
    """The JSON of the body, and the data of attachments by SHA-2.

    Raises:
        errors.RequestError: Another media type, or an encoded body.
        errors.TooLargeError: Too many bytes.
    """
    content_type = environ.get("CONTENT_TYPE", "")
    kind = content_type.partition(";")[0].strip().lower()
    if kind == "application/json":
        return body.take(environ), {}
    if kind == "multipart/mixed":
        return attachments.parse(body.take(environ, MAX_MULTIPART), content_type)
    raise errors.RequestError(
        "The body is not of a media type that is taken here.",
        path="Content-Type",
        rule="XAPI-00127",
        expected="application/json, or multipart/mixed with the data of attachments",
    )


def _parameters(environ: Environ) -> Parameters:
    parameters: Parameters = {}
    text = environ.get("QUERY_STRING", "")
    for name, value in parse_qsl(text, keep_blank_values=True, errors="replace") if text else ():
        parameters.setdefault(name, []).append(value)
    return parameters


def _only_parameters(environ: Environ, *names: str) -> str:
    """Refuse any other parameter; answer the value of the one asked for, or an empty text."""
    parameters = _parameters(environ)
    for name, values in parameters.items():
        if name not in names or len(values) > 1:
            raise errors.RequestError(
                "The parameter is not known here.",
                path=name[:100],
                rule="XAPI-00324",
                expected=f"{' and '.join(names) or 'no parameter'}",
            )
    return parameters.get(names[0], [""])[0] if names else ""


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
