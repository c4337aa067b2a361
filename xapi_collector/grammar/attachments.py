"""Attachments over HTTP: multipart/mixed in and out, and what binds a part to its statement. Floor 1, pure.

xAPI 1.0.3, Data 2.4.11 and Communication 1.5.2; 2.0, 4.1.3. A body is split once, from front to back; whatever is not
exactly of the form is refused, since two readings of one body are a way around every check.
"""

import hashlib
import re
import urllib.parse
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

from xapi_collector import errors
from xapi_collector.grammar import formats

MAX_PARTS = 500
"""Parts of one body, the statements among them."""
MAX_HEADER = 8_192
"""Bytes of one part's header."""

_BOUNDARY = re.compile(
    r"""[ \t]*boundary=(?:"([0-9A-Za-z'()+_,\-./:=? ]{1,70})"|([0-9A-Za-z'()+_,\-./:=?]{1,70}))[ \t]*"""
)
_NAME = re.compile(r"[0-9A-Za-z!#$%&'*+\-.^_`|~]{1,100}")
_PATH = re.compile(r"[/\\\x00]|\.\.")
_HASHES = {56: "sha224", 64: "sha256", 96: "sha384", 128: "sha512"}


@dataclass(frozen=True, slots=True)
class Part:
    """The file of an attachment.

    Attributes:
        content: Its bytes.
        content_type: The media type that its part names, or an empty text.
    """

    content: bytes
    content_type: str


def parse(body: bytes, content_type: str) -> tuple[bytes, dict[str, Part]]:
    """Split a multipart/mixed body.

    Args:
        body: The body, bounded by the caller.
        content_type: The header of the request.

    Returns:
        The JSON text of the statements, and the files by the lower-case digits of their SHA-2.

    Raises:
        errors.RequestError: It is not exactly of the form, or a file is not what its hash says.
    """
    spans = _spans(body, _boundary(content_type))
    header, statements = _split(body, spans[0], 0)
    if _media_type(header.get("content-type", "")) != "application/json":
        _refuse("The first part does not hold the statements.", 0, "XAPI-00134", "Content-Type: application/json")
    files: dict[str, Part] = {}
    for index, span in enumerate(spans[1:], 1):
        header, content = _split(body, span, index)
        sha2 = _hash(header, content, index)
        if sha2 in files:
            _refuse("Two parts have one hash.", index, "XAPI-00132", "each file once")
        files[sha2] = Part(content, header.get("content-type", ""))
    return statements, files


def check(statements: Sequence[Mapping[str, Any]], files: Mapping[str, Part], *, single: bool) -> None:
    """Refuse a request whose attachments and files do not belong together.

    The length that an attachment names is not compared: its hash says more, and the conformance suite sends a length
    that is not the file's.

    Args:
        statements: Valid statements.
        files: The files of the request by SHA-2; none in one of application/json.
        single: As for `validate.problems`.

    Raises:
        errors.InvalidStatementError: An attachment has neither file nor fileUrl, or another media type than its file.
        errors.RequestError: A file belongs to no attachment.
    """
    used = set()
    for index, statement in enumerate(statements):
        for path, attachment in of(statement):
            sha2 = attachment["sha2"].lower()
            used.add(sha2)
            try:
                _check(attachment, files.get(sha2))
            except errors.InvalidStatementError as error:
                error.index = index
                error.path = ("$" if single else f"$[{index}]") + path + error.path
                raise
    if len(files) > len(used & files.keys()):
        raise errors.RequestError(
            "A part of the body is no attachment of a statement.",
            path="X-Experience-API-Hash",
            rule="XAPI-00128",
            expected="the sha2 of an attachment",
        )


def of(statement: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The attachments of a valid statement and of its SubStatement, each with its path."""
    if "attachments" in statement:
        for index, attachment in enumerate(statement["attachments"]):
            yield f".attachments[{index}]", attachment
    if "attachments" in statement["object"]:  # only a SubStatement can have any
        for index, attachment in enumerate(statement["object"]["attachments"]):
            yield f".object.attachments[{index}]", attachment


def render(body: bytes, files: Iterable[tuple[str, str, bytes]], boundary: str) -> bytes:
    """A multipart/mixed body.

    Args:
        body: The JSON text of the first part.
        files: (SHA-2, media type, content) of each file.
        boundary: What separates the parts: random, so that no file holds it.

    Returns:
        The body; its header is `multipart/mixed; boundary=` and the boundary.
    """
    line = f"--{boundary}\r\n"
    pieces = [f"{line}Content-Type: application/json\r\n\r\n".encode(), body, b"\r\n"]
    for sha2, content_type, content in files:
        header = (
            f"{line}Content-Type: {content_type}\r\nContent-Transfer-Encoding: binary\r\n"
            f"X-Experience-API-Hash: {sha2}\r\n\r\n"
        )
        pieces += [header.encode(), content, b"\r\n"]
    pieces.append(f"--{boundary}--\r\n".encode())
    return b"".join(pieces)


def _check(attachment: Mapping[str, Any], part: Part | None) -> None:
    if part is None:
        if "fileUrl" not in attachment:
            raise errors.InvalidStatementError(
                "The attachment's data is not part of the request.",
                rule="XAPI-00129",
                expected="a part of multipart/mixed with this hash, or a fileUrl",
            )
    elif part.content_type and _media_type(part.content_type) != _media_type(attachment["contentType"]):
        raise errors.InvalidStatementError(
            "The attachment and its part name two media types.",
            path=".contentType",
            rule="Communication 1.5.2",
            expected="the Content-Type of the part",
        )


def _boundary(content_type: str) -> bytes:
    kind, *parameters = content_type[:1_000].split(";")
    matches = [match for match in map(_BOUNDARY.fullmatch, parameters) if match]
    if kind.strip().lower() != "multipart/mixed" or len(matches) != 1:
        raise errors.RequestError(
            "The header names no boundary.",
            path="Content-Type",
            rule="XAPI-00130",
            expected="multipart/mixed; boundary= and up to 70 characters of RFC 2046, 5.1.1",
        )
    return (matches[0][1] or matches[0][2]).encode()


def _spans(body: bytes, boundary: bytes) -> list[tuple[int, int]]:
    """Where the parts are: each from the end of its boundary to the beginning of the next (RFC 2046, 5.1.1)."""
    delimiter = b"\r\n--" + boundary
    found = -2 if body.startswith(delimiter[2:]) else body.find(delimiter)  # what stands before the first is no part
    spans: list[tuple[int, int]] = []
    while found != -1:
        start = found + len(delimiter)
        if body.startswith(b"--", start):
            break
        if len(spans) == MAX_PARTS:
            _refuse("The body has too many parts.", MAX_PARTS, "RFC 2046, 5.1.1", f"at most {MAX_PARTS}")
        found = body.find(delimiter, start)
        spans.append((start, found))
    if found == -1 or not spans:
        _refuse(
            "The body does not begin and end at a boundary.", len(spans), "XAPI-00131", "-- after the last boundary"
        )
    end = found + len(delimiter) + 2
    if body[end : end + MAX_HEADER].lstrip(b" \t")[:2] not in (b"", b"\r\n") or body.find(delimiter, end) != -1:
        _refuse("The last boundary is not the last.", len(spans), "XAPI-00131", "-- after the last boundary alone")
    return spans


def _split(body: bytes, span: tuple[int, int], index: int) -> tuple[dict[str, str], bytes]:
    """The header of a part, names in lower case, and its content."""
    last = min(span[1], span[0] + MAX_HEADER)
    start, stop = body.find(b"\r\n", span[0], last), body.find(b"\r\n\r\n", span[0], last)
    if stop < 0 or body[span[0] : start].strip(b" \t"):
        _refuse(
            "The part has no header.", index, "XAPI-00130", f"lines, an empty line, at most {MAX_HEADER} bytes in all"
        )
    header: dict[str, str] = {}
    for line in body[start + 2 : stop].decode("latin-1").split("\r\n") if stop > start else ():
        name, colon, value = line.partition(":")
        if not colon or not _NAME.fullmatch(name) or name.lower() in header or not value.isprintable():
            _refuse("The header of the part is malformed.", index, "RFC 2046, 5.1", "each name once, on one line")
        header[name.lower()] = value.strip()
    if _PATH.search(urllib.parse.unquote(header.get("content-disposition", ""))):
        _refuse("The part's file has a path.", index, "RFC 2183, 2.3", "no Content-Disposition: no name is kept")
    return header, body[stop + 4 : span[1]]


def _hash(header: Mapping[str, str], content: bytes, index: int) -> str:
    """The SHA-2 of a file's part, if all that a file needs is there."""
    sha2 = header.get("x-experience-api-hash", "").lower()
    if not formats.is_sha2(sha2):
        _refuse("The part has no hash.", index, "XAPI-00132", "X-Experience-API-Hash, the sha2 of an attachment")
    if header.get("content-transfer-encoding", "").lower() != "binary":
        _refuse("The part is not sent as binary.", index, "XAPI-00135", "Content-Transfer-Encoding: binary")
    if not formats.is_media_type(header.get("content-type", "text/plain")):
        _refuse("The part's Content-Type is malformed.", index, "XAPI-00105", "a media type, or no such header")
    if hashlib.new(_HASHES[len(sha2)], content).hexdigest() != sha2:
        _refuse("The part is not what its hash says.", index, "XAPI-00132", "the SHA-2 of its bytes")
    return sha2


def _media_type(text: str) -> str:
    return text.partition(";")[0].strip().lower()


def _refuse(detail: str, index: int, rule: str, expected: str) -> NoReturn:
    raise errors.RequestError(detail, path=f"part {index}", rule=rule, expected=expected)
