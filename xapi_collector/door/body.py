"""The body of a request, bounded whatever its headers say. Floor 1.

A body is read once, whole, and never inflated. xAPI 1.0.3, Communication 3.2 (413).
"""

from typing import IO, Any

from flask import request
from werkzeug.wsgi import get_content_length, get_input_stream

from xapi_collector import errors

LIMIT = 4 * 1024 * 1024
"""Bytes that a request may have where nothing else is said."""

_PATIENCE = 4 * LIMIT
_PIECE = 65_536


def read(limit: int = LIMIT) -> bytes:
    """The body of Flask's current request: see `take`."""
    return take(request.environ, limit)


def take(environ: dict[str, Any], limit: int = LIMIT) -> bytes:
    """The body of a request.

    Args:
        environ: The request's.
        limit: Bytes it may have.

    Raises:
        errors.RequestError: It is encoded.
        errors.TooLargeError: It has more bytes; nothing of it is kept.
    """
    if environ.get("HTTP_CONTENT_ENCODING", "identity") != "identity":
        raise errors.RequestError("An encoded body is not taken.", path="Content-Encoding", expected="no such header")
    stream = get_input_stream(environ)
    length = get_content_length(environ) or 0
    if length > limit:
        if length <= _PATIENCE:
            _discard(stream)
        raise too_large(limit)
    return drain(stream, limit)


def _discard(stream: IO[bytes]) -> None:
    """Let a sender finish, piece by piece: a proxy that is still writing when it is refused tells of a 502 instead."""
    left = _PATIENCE
    while left > 0 and (piece := stream.read(_PIECE)):
        left -= len(piece)


def drain(stream: IO[bytes], limit: int) -> bytes:
    """All of a stream, read no further than one byte after the limit.

    Raises:
        errors.TooLargeError: It has more bytes.
    """
    pieces: list[bytes] = []
    size = 0
    while size <= limit and (piece := stream.read(limit + 1 - size)):
        pieces.append(piece)
        size += len(piece)
    if size > limit:
        raise too_large(limit)
    return pieces[0] if len(pieces) == 1 else b"".join(pieces)


def too_large(limit: int) -> errors.TooLargeError:
    """The error of a body that is over its limit (bytes)."""
    return errors.TooLargeError(
        "The body is too large.", path="Content-Length", rule="XAPI-00328", expected=f"at most {limit} bytes"
    )
