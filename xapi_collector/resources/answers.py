"""What the answers of these resources have in common: the entity tag and the time. Floor 1.

xAPI 1.0.3, Communication 2.2 (Last-Modified) and 3.1 (ETag); RFC 9110, 13.1.2 (304).
"""

import json
from email.utils import formatdate
from typing import Any

import orjson
from flask import Response, request

from xapi_collector import place
from xapi_collector.documents import JSON


def content(body: bytes, content_type: str = JSON, *, updated: int = 0) -> Response:
    """200 with a body, or 304 where the client has it already.

    Args:
        body: The content.
        content_type: As it was sent.
        updated: When it was last changed (microseconds), 0 if that is not known.
    """
    tag = place.etag(body)
    response = Response(body, content_type=content_type)
    response.headers["ETag"] = f'"{tag}"'
    if updated:
        response.headers["Last-Modified"] = formatdate(updated // 1_000_000, usegmt=True)
    if request.if_none_match.contains_weak(tag):
        response.status_code = 304
        response.data = b""
    return response


def value(value_: Any, *, updated: int = 0) -> Response:
    """The same, of a value that is written as JSON."""
    try:
        body = orjson.dumps(value_)
    except TypeError:  # a whole number beyond 64 bits
        body = json.dumps(value_, ensure_ascii=False, separators=(",", ":")).encode()
    return content(body, updated=updated)
