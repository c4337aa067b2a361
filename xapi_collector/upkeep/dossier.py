"""Everything that is held of a person, as files that they can take away. Floor 1. GDPR Articles 15 and 20.

```
statements.jsonl   what they did, as it was sent, void statements too
mentioned.jsonl    statements of others that name them; every other person in those is anonymous
attachments/       the data of their attachments, named by its SHA-2
documents/         a file for each collection of any room that keeps something of them
manifest.json      count, bytes and SHA-256 of every file, and the ids of void statements
```
"""

import hashlib
import json
import uuid
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson

from storage.collection import Collection
from storage.port import Stored
from xapi_collector import agents, envelope, errors, extract, mentions, statements
from xapi_collector.collector import Collector
from xapi_collector.grammar import formats
from xapi_collector.progress import Tell
from xapi_collector.upkeep import holdings, rewriting

FORMAT = 1
_ANOTHER = "another person"


@dataclass(frozen=True, slots=True)
class Request:
    """Of whom, from where.

    Attributes:
        collector: The store.
        collections: All that the store keeps, those of the rooms above among them.
        pseudonyms: The person's, under every key of the keyring: `agents.pseudonyms`.
        url: The public address of the collector.
        tell: Shows how far it is.
    """

    collector: Collector
    collections: Sequence[Collection]
    pseudonyms: Sequence[str]
    url: str
    tell: Tell


@dataclass(slots=True)
class _Found:
    """What was met on the way: ids of void statements, and rows that have attachments."""

    void: list[str] = field(default_factory=list)
    attached: list[rewriting.Open] = field(default_factory=list)


def write(request: Request, path: Path) -> dict[str, Any]:
    """Write everything that is held of a person.

    Args:
        request: Of whom, from where.
        path: A directory to make, or a file to make whose name ends in .zip; only its owner may read it.

    Returns:
        The manifest.

    Raises:
        errors.JobError: The path is taken, or cannot be written.
    """
    try:
        if path.suffix == ".zip":
            path.touch(0o600, exist_ok=False)
            with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
                return _write(request, lambda name: archive.open(name, "w", force_zip64=True))
        path.mkdir(0o700)
        return _write(request, lambda name: _created(path / name))
    except FileExistsError:
        msg = f"{path} exists already: name a new directory or .zip file."
        raise errors.JobError(msg) from None
    except OSError as error:
        msg = f"{path} cannot be written ({error.strerror}): choose another place."
        raise errors.JobError(msg) from None


def _write(request: Request, create: Callable[[str], Any]) -> dict[str, Any]:
    files: dict[str, dict[str, Any]] = {}

    def keep(name: str, lines: Iterable[bytes]) -> None:
        digest, size, count = hashlib.sha256(), 0, 0
        with create(name) as file:
            for line in lines:
                file.write(line)
                digest.update(line)
                size, count = size + len(line), count + 1
        files[name] = {"sha256": digest.hexdigest(), "bytes": size, "count": count}

    found = _Found()
    keep("statements.jsonl", _own(request, found))
    keep("mentioned.jsonl", _mentioned(request))
    for name, content in _attachments(request, found):
        keep(f"attachments/{name}", [content])
    for collection in holdings.personal(request.collections):
        lines = [*_documents(request, collection)]
        if lines:
            keep(f"documents/{collection.name}.jsonl", lines)
    manifest = {
        "format": FORMAT,
        "made": formats.timestamp(request.collector.clock()),
        "collector": request.url,
        "pseudonyms": [*request.pseudonyms],
        "void": found.void,
        "files": dict(files),
    }
    keep("manifest.json", [json.dumps(manifest, indent=2).encode() + b"\n"])
    return manifest


def _own(request: Request, found: _Found) -> Iterator[bytes]:
    count = 0
    for rows in _rows(request, (extract.AGENT,)):
        own = [row for row in rows if row.owner in request.pseudonyms]
        for row in own:
            yield _text(row) + b"\n"
            if row.whole.voided:
                found.void.append(str(uuid.UUID(bytes=row.whole.id)))
            if b'"sha2"' in row.text:
                found.attached.append(row)
        count += len(own)
        request.tell(f"{count:,} statements written.")


def _attachments(request: Request, found: _Found) -> Iterator[tuple[str, bytes]]:
    """The data of each attachment, once."""
    seen: set[str] = set()
    for row in found.attached:
        files = request.collector.storage.statements.files([row.whole.seq])
        for name, sealed in files.get(row.whole.seq, {}).items():
            if name not in seen:
                seen.add(name)
                yield name, rewriting.content(request.collector, row, name, sealed)


def _mentioned(request: Request) -> Iterator[bytes]:
    keys = request.collector.keyring.pseudonym_keys
    substitute = {"account": {"homePage": request.url.rstrip("/"), "name": _ANOTHER}}

    def other(agent: Mapping[str, Any]) -> bool:
        named = (agent, *agent.get("member", ()))
        return not any(set(agents.pseudonyms(each, keys)) & {*request.pseudonyms} for each in named)

    seen: set[int] = set()
    for rows in _rows(request, (extract.AGENT, extract.RELATED_AGENT)):
        for row in rows:
            if row.owner not in request.pseudonyms and row.whole.seq not in seen:
                seen.add(row.whole.seq)
                yield mentions.replace(_text(row), other, substitute) + b"\n"


def _rows(request: Request, roles: Sequence[int]) -> Iterator[list[rewriting.Open]]:
    for person in request.pseudonyms:
        for role in roles:
            for batch in rewriting.batches(request.collector, term=(person, role)):
                yield rewriting.opened(request.collector, batch)


def _text(row: rewriting.Open) -> bytes:
    whole = row.whole
    stored = Stored(whole.seq, whole.stored, whole.id, whole.source, whole.body, whole.voided)
    return statements.text_of(stored, envelope.Opened(row.text, row.untimed))


def _documents(request: Request, collection: Collection) -> Iterator[bytes]:
    for person in request.pseudonyms:
        for document in holdings.walk(request.collector.storage, collection, person):
            yield orjson.dumps(holdings.shown(request.collector, collection, document)) + b"\n"


def _created(path: Path) -> Any:
    path.parent.mkdir(0o700, exist_ok=True)
    path.touch(0o600, exist_ok=False)
    return path.open("wb")
