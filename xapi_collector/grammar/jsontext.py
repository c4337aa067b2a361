"""Strict JSON: what is sent comes back as it was sent, or is refused. Floor 1, pure.

Refused: NaN and Infinity, numbers beyond a double, a key twice in one object, lone surrogates, a byte order mark, more
than 64 levels. orjson reads every body; where writing it anew does not give the sent characters back, the slower
standard reader decides, and the sent text is kept.
"""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from xapi_collector import errors

MAX_DEPTH = 64
Change = Callable[[str], str | None]
"""From the JSON text of a value to its new text, or to None: then the member is left out."""

_WHITE = b" \t\r\n"
_SPACE = re.compile(r"[ \t\r\n]*")


@dataclass(frozen=True, slots=True)
class Parsed:
    """A body of one JSON object or an array of them.

    Attributes:
        values: The objects.
        texts: The JSON text of each, UTF-8; as sent, or written anew where that is the same to the last digit.
        single: The body was one object, not an array.
    """

    values: list[dict[str, Any]]
    texts: list[bytes]
    single: bool


def parse(body: bytes, most: int) -> Parsed:
    """Read a body that is one object, or an array of at most `most` objects.

    Raises:
        errors.RequestError: 400 where it is not strict JSON, not objects, or the array is longer. (Not 413: Moodle's
            logstore_xapi halves a batch after 400 alone, and its 30 events may be many more statements.)
    """
    content = value(body)
    single = not isinstance(content, list)
    values = [content] if single else content
    if len(values) > most:
        msg = f"The array holds {len(values)} statements."
        raise errors.RequestError(msg, path="$", expected=f"at most {most} in one request")
    for index, each in enumerate(values):
        if not isinstance(each, dict):
            raise errors.InvalidStatementError(
                "A statement is a JSON object.",
                path="$" if single else f"$[{index}]",
                rule="XAPI-00014",
                expected="an object",
            )
    texts = _dumps(values)
    if _is_plain(body, texts, single=single):
        return Parsed(values, texts, single)
    return _parse_exactly(body.decode(), single)


def value(body: bytes) -> Any:
    """Any JSON value, without the check for double keys and depth.

    Raises:
        errors.RequestError: It is not JSON.
    """
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as error:
        msg = f"The body is not strict JSON: {error.msg} (line {error.lineno}, column {error.colno})."
        raise errors.RequestError(
            msg,
            path="$",
            rule="XAPI-00014",
            expected="JSON in UTF-8 (RFC 8259), without NaN, Infinity and lone surrogates",
        ) from None


def object_of(text: str) -> Any:
    """One strict JSON value from a parameter.

    Raises:
        errors.RequestError: It is not strict JSON.
    """
    body = text.encode("utf-8", "surrogatepass")
    content = value(body)
    texts = _dumps([content])
    return content if _is_plain(body, texts, single=True) else _decoder().decode(text)


def members(text: str) -> Iterator[tuple[str, str, str]]:
    """The members of a JSON object as they are written, to change one and to leave the others as they are.

    Args:
        text: The text of one valid JSON object.

    Yields:
        (name, its JSON text, the JSON text of the value), in the order of the text.
    """
    decoder = json.JSONDecoder()
    position = _skip(text, text.index("{") + 1)
    while text[position] != "}":
        name, end = decoder.raw_decode(text, position)
        start = _skip(text, _skip(text, end) + 1)
        _, stop = decoder.raw_decode(text, start)
        yield name, text[position:end], text[start:stop]
        position = _skip(text, stop)
        if text[position] == ",":
            position = _skip(text, position + 1)


def rewritten(text: str, changes: Mapping[str, Change]) -> str:
    """The text of an object with the values of some members changed; all else as it was sent, to the last digit.

    Args:
        text: The text of one valid JSON object.
        changes: What to do with the members of these names.
    """
    kept = []
    for name, key, value in members(text):
        new = changes[name](value) if name in changes else value
        if new is not None:
            kept.append(f"{key}:{new}")
    return "{" + ",".join(kept) + "}"


def dumps(content: Any) -> bytes:
    """JSON text of what was read here, whole numbers of any size included."""
    try:
        return orjson.dumps(content)
    except TypeError:  # a whole number beyond 64 bits
        return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()


def _dumps(values: Sequence[Any]) -> list[bytes]:
    try:
        texts = [orjson.dumps(each) for each in values]
    except TypeError:  # orjson reads 1,024 levels, and writes 254
        raise _too_deep() from None
    for each, text in zip(values, texts, strict=True):
        if text.count(b"{") + text.count(b"[") > MAX_DEPTH and _depth(each) > MAX_DEPTH:
            raise _too_deep()
    return texts


def _depth(content: Any) -> int:
    level, depth = [content], 0
    while level := [each for each in level if isinstance(each, (dict, list))]:
        depth += 1
        level = [inner for each in level for inner in (each.values() if isinstance(each, dict) else each)]
    return depth


def _too_deep() -> errors.RequestError:
    return errors.RequestError("The body is nested too deeply.", path="$", expected=f"at most {MAX_DEPTH} levels")


def _is_plain(body: bytes, texts: Sequence[bytes], *, single: bool) -> bool:
    """Whether the texts written anew are the body, white space aside: then no key was twice and no digit is lost."""
    written = b"".join(texts) if single else b"[" + b",".join(texts) + b"]"
    if body == written:
        return True
    body = body.replace(b"\\/", b"/")  # the habit of PHP; the same character
    return body.translate(None, _WHITE) == written.translate(None, _WHITE)


def _parse_exactly(text: str, single: bool) -> Parsed:
    decoder = _decoder()
    values, texts = [], []
    position = _skip(text, 0)
    if not single:
        position = _skip(text, position + 1)
    while position < len(text) and text[position] != "]":
        content, end = decoder.raw_decode(text, position)
        values.append(content)
        texts.append(text[position:end].encode())
        position = _skip(text, end)
        if position < len(text) and text[position] == ",":
            position = _skip(text, position + 1)
    return Parsed(values, texts, single)


def _skip(text: str, position: int) -> int:
    match = _SPACE.match(text, position)
    return position if match is None else match.end()


def _decoder() -> json.JSONDecoder:
    return json.JSONDecoder(object_pairs_hook=_unique)  # orjson has read the body: no number is beyond a double


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    content = dict(pairs)
    if len(content) < len(pairs):
        twice = next(key for key, count in Counter(key for key, _ in pairs).items() if count > 1)
        msg = f"The key {twice[:100]!r} is there twice in one object."
        raise errors.InvalidStatementError(
            msg,
            path="$",
            rule="XAPI-00021",
            expected="each key once in an object",
        )
    return content
