"""Take statements from JSON lines, the good ones whatever the others are. Floor 1.

Lines go in by batches on the path of POST. What a batch cannot have is left out of it, with its line number and the
reason; the others go in. A statement without id gets one that its file and line always give, so that a file which is
read twice is stored once.
"""

import hashlib
import itertools
import re
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from xapi_collector import errors, statements
from xapi_collector.collector import Collector
from xapi_collector.grammar import formats, jsontext, versions
from xapi_collector.grammar.attachments import Part

BATCH = 500
MOST = 4 * 1024 * 1024  # bytes of a line, and of a batch
BEGINNING = 64 * 1024  # bytes of a file by which it is known again, with its size
_PLACE = re.compile(r"\$\[(\d+)\]")

Data = Callable[[str], bytes | None]
"""The data of an attachment by its SHA-2, or None."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line: its number, from 1, and its bytes; None where it is too long."""

    number: int
    text: bytes | None


@dataclass(frozen=True, slots=True)
class Rejected:
    """A line that was not taken, and why."""

    number: int
    error: errors.RequestError

    def document(self) -> dict[str, Any]:
        """As it is written down: line, detail, path, rule, expected. Nothing of the statement itself."""
        problem = self.error.problem()
        return {"line": self.number} | {name: each for name, each in problem.items() if name not in ("title", "status")}


@dataclass(frozen=True, slots=True)
class Source:
    """Where statements come from.

    Attributes:
        digest: Of the file: see `digest`.
        authority: The JSON text of the Agent that vouches for all of them.
        data: The data of attachments.
    """

    digest: str
    authority: str
    data: Data


@dataclass(frozen=True, slots=True)
class _Read:
    number: int
    value: dict[str, Any]
    text: bytes


def digest(beginning: bytes, size: int) -> str:
    """By what a file is known again: its first BEGINNING bytes and its size.

    >>> digest(b"{}", 2)[:8]
    '0e406cbe'
    """
    return hashlib.sha256(b"%d\n" % size + beginning[:BEGINNING]).hexdigest()[:32]


def lines(read: Callable[[int], bytes], skip: int = 0) -> Iterator[Line]:
    """The lines that a file gives.

    Args:
        read: Its `readline`.
        skip: So many lines are passed over.
    """
    number = 0
    while text := read(MOST + 1):
        number += 1
        whole = text
        while not whole.endswith(b"\n") and (whole := read(MOST)):
            text = text if whole == b"\n" else b""
        if number > skip:
            yield Line(number, text.strip(b" \t\r\n") if 0 < len(text) <= MOST else None)


def batches(found: Iterable[Line]) -> Iterator[list[Line]]:
    """The lines in order, at most BATCH and about MOST bytes at a time."""
    batch: list[Line] = []
    size = 0
    for line in found:
        batch.append(line)
        size += len(line.text or b"")
        if len(batch) >= BATCH or size >= MOST:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def take(collector: Collector, batch: list[Line], source: Source) -> tuple[int, list[Rejected]]:
    """Store what can be stored of a batch.

    Args:
        collector: Where and with what.
        batch: Lines; empty ones are passed over.
        source: Where they are from.

    Returns:
        How many statements are stored now, and the lines that were not taken, in order.
    """
    read, rejected = _parse([line for line in batch if line.text != b""])
    read = [_identified(each, source.digest) for each in read]
    stored = 0
    for (version, attached), group in itertools.groupby(read, lambda each: (_version(each), _is_attached(each))):
        run = [*group]
        # Files are read one statement at a time, so that memory does not grow with them.
        for part in [[each] for each in run] if attached else [run]:
            kept, refused = _store(collector, part, source, version)
            stored += kept
            rejected += refused
    return stored, sorted(rejected, key=lambda each: each.number)


def _parse(batch: list[Line]) -> tuple[list[_Read], list[Rejected]]:
    """All lines at once where they are in order, which is several times faster; else each for itself."""
    if all(line.text is not None for line in batch):
        body = b"[" + b",".join(line.text or b"" for line in batch) + b"]"
        try:
            parsed = jsontext.parse(body, len(batch))
        except errors.RequestError:
            parsed = None
        if parsed is not None and len(parsed.values) == len(batch):
            rows = zip(batch, parsed.values, parsed.texts, strict=True)
            return [_Read(line.number, value, text) for line, value, text in rows], []
    read, rejected = [], []
    for line in batch:
        try:
            read.append(_parse_one(line))
        except errors.RequestError as error:
            rejected.append(Rejected(line.number, error))
    return read, rejected


def _parse_one(line: Line) -> _Read:
    if line.text is None:
        raise errors.TooLargeError("The line is too long.", path="$", expected=f"at most {MOST} bytes")
    parsed = jsontext.parse(line.text, 1)
    if not parsed.single:
        raise errors.InvalidStatementError("The line is an array.", path="$", expected="one statement a line")
    return _Read(line.number, parsed.values[0], parsed.texts[0])


def _identified(each: _Read, digest_: str) -> _Read:
    if "id" in each.value:
        return each
    made = str(uuid.uuid5(uuid.NAMESPACE_OID, f"{digest_}\n{each.number}"))
    text = b'{"id":"' + made.encode() + b'"' + (b"," if each.value else b"") + each.text[1:].lstrip()
    return _Read(each.number, {"id": made} | each.value, text)


def _version(each: _Read) -> str:
    """The version that the statement says it is of."""
    said = each.value.get("version")
    return versions.V2 if isinstance(said, str) and said.startswith("2.") else versions.V1


def _is_attached(each: _Read) -> bool:
    return b'"attachments"' in each.text


def _store(collector: Collector, run: list[_Read], source: Source, version: str) -> tuple[int, list[Rejected]]:
    """Store the statements of one version, in as many attempts as it takes to leave out what is refused."""
    rejected: list[Rejected] = []
    parsed = jsontext.Parsed([each.value for each in run], [each.text for each in run], single=False)
    while run:
        parts = _parts(parsed.values, source.data) if _is_attached(run[0]) else {}
        try:
            statements.ingest(collector, parsed, source.authority, version=version, parts=parts)
        except (errors.InvalidStatementError, errors.ConflictError) as error:
            bad = _indices(error)
            rejected += [Rejected(run[index].number, _moved(each)) for index, each in bad.items()]
            run = [each for index, each in enumerate(run) if index not in bad]
            # Read again: the path of POST completes what it is handed.
            again = jsontext.parse(b"[" + b",".join(each.text for each in run) + b"]", len(run))
            parsed = replace(again, single=False)
        else:
            break
    return len(run), rejected


def _indices(error: errors.RequestError) -> dict[int, errors.RequestError]:
    """Which statements an error is about, by their index."""
    if isinstance(error, errors.InvalidBatchError):
        return {each.index: each for each in error.errors if each.index is not None}
    return {int(error.path.removeprefix("$[").partition("]")[0]): error}


def _moved(error: errors.RequestError) -> errors.RequestError:
    error.path = _PLACE.sub("$", error.path, count=1)
    return error


def _parts(values: Iterable[Mapping[str, Any]], data: Data) -> dict[str, Part]:
    """The data of the attachments of statements that are not checked yet."""
    parts: dict[str, Part] = {}
    for listed in (each for value in values for part in (value, value.get("object")) for each in _listed(part)):
        sha2, content_type = listed.get("sha2"), listed.get("contentType")
        if isinstance(sha2, str) and formats.is_sha2(sha2) and isinstance(content_type, str):
            content = data(sha2.lower())
            if content is not None:
                parts[sha2.lower()] = Part(content, content_type)
    return parts


def _listed(part: Any) -> list[dict[str, Any]]:
    found = part.get("attachments") if isinstance(part, dict) else None
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []
