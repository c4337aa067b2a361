"""The Statement resource over HTTP. xAPI 1.0.3, Communication 2.1.

PUT and POST store, GET reads; every answer carries X-Experience-API-Consistent-Through, errors too.
"""

import re
from email.utils import formatdate
from urllib.parse import urlsplit

import orjson
from flask import Blueprint, Response, request

from storage import errors as storage_errors
from storage.port import Query
from xapi_collector import auth, errors, formats, jsontext, query, statements
from xapi_collector.statements import Collector

MAX_BODY = 4 * 1024 * 1024
MAX_STATEMENTS = 500
_VERSION = re.compile(r"1\.0(?:\.[0-9]{1,4})?")


def blueprint(collector: Collector, url: str) -> Blueprint:
    """The routes of /xapi/statements.

    Args:
        collector: Where and with what.
        url: The public address of the collector, without a slash at its end.
    """
    routes = Blueprint("statements", __name__, url_prefix="/xapi")
    path = f"{urlsplit(url).path}/statements"

    def credential() -> str:
        return auth.authenticate(collector.storage, collector.keyring, request.headers.get("Authorization"))

    def check_version() -> None:
        version = request.headers.get("X-Experience-API-Version")
        if version is None or not _VERSION.fullmatch(version):
            raise errors.RequestError(
                "The request names no version of xAPI that is spoken here.",
                path="X-Experience-API-Version",
                rule="XAPI-00331" if version else "XAPI-00321",
                expected="1.0.3",
            )

    def consistent_through(response: Response) -> Response:
        try:
            time = collector.storage.statements.consistent_through(collector.clock)
        except storage_errors.StorageError:
            return response  # the answer itself says that the store failed
        response.headers["X-Experience-API-Consistent-Through"] = formats.timestamp(time)
        return response

    def get() -> Response:
        credential()
        wanted = query.parse(request.args.to_dict(flat=False), collector.keyring)
        return _page(collector, wanted, path) if isinstance(wanted, Query) else _one(collector, wanted)

    def post() -> Response:
        key = credential()
        _only_parameters()
        ids = statements.ingest(collector, jsontext.parse(_body(), MAX_STATEMENTS), auth.authority(url, key))
        return Response(orjson.dumps(ids), mimetype="application/json")

    def put() -> Response:
        key = credential()
        parsed = _with_id(jsontext.parse(_body(), 1), _only_parameters("statementId"))
        statements.ingest(collector, parsed, auth.authority(url, key))
        return Response(status=204)

    routes.before_request(check_version)
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
    body = b'{"statements":[' + b",".join(texts) + b'],"more":"' + more.encode() + b'"}'
    return Response(body, mimetype="application/json")


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
        errors.RequestError: Another media type, or an encoded body (it is never inflated).
        errors.TooLargeError: More than MAX_BODY bytes.
    """
    if request.mimetype != "application/json":
        raise errors.RequestError(
            "The body is not of a media type that is taken here.",
            path="Content-Type",
            rule="XAPI-00127",
            expected="application/json",
        )
    if request.headers.get("Content-Encoding", "identity") != "identity":
        raise errors.RequestError("An encoded body is not taken.", path="Content-Encoding", expected="no such header")
    body = None if (request.content_length or 0) > MAX_BODY else _read()
    if body is None:
        raise errors.TooLargeError(
            "The body is too large.", path="Content-Length", rule="XAPI-00328", expected=f"at most {MAX_BODY} bytes"
        )
    return body


def _read() -> bytes | None:
    """The whole body, or None as soon as it is longer than it may be, whatever its headers say."""
    pieces: list[bytes] = []
    size = 0
    while size <= MAX_BODY and (piece := request.stream.read(MAX_BODY + 1 - size)):
        pieces.append(piece)
        size += len(piece)
    return None if size > MAX_BODY else b"".join(pieces)
