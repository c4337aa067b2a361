"""The whole store copied to files while it serves, in no store's format, so that either store can be restored. Floor 1.

```
DIRECTORY/
  records-000001/     one backup: `rows-000001.jsonl` and so on, `documents.jsonl`, and `manifest.json` once it is whole
  keys.jsonl          every data key, still wrapped by the keyring; replaced by each backup
```
Rows are sealed as they are in the store and hold no label; documents about a person are sealed under that person's
data key. So a person who was erased can be read in no backup once `keys.jsonl` is a newer one. The keyring is not in
here: keep it elsewhere. Killed, a backup goes on with the file after its last whole one.
"""

import base64
import hashlib
import itertools
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from storage.collection import Collection
from storage.port import Document, Whole
from xapi_collector import blob, errors, progress, settings
from xapi_collector.collector import Collector
from xapi_collector.grammar import formats
from xapi_collector.progress import ROTATION, Tell
from xapi_collector.upkeep import holdings

FORMAT = 1
ROWS = 5_000  # in one file
KEYS = "keys.jsonl"
MANIFEST = "manifest.json"
_LEFT_OUT = (settings.DATA_KEYS, settings.PROGRESS, settings.RENAMES)


@dataclass(frozen=True, slots=True)
class Backup:
    """What is copied, and where to.

    Attributes:
        collector: The store.
        collections: All that the store keeps, those of the rooms above among them.
        directory: Where backups of this store are, and of no other.
        tell: Shows how far it is.
    """

    collector: Collector
    collections: Sequence[Collection]
    directory: Path
    tell: Tell


def run(backup: Backup, *, keep: int = 2) -> dict[str, Any]:
    """Make a backup, or go on with one that was killed.

    Args:
        backup: What and where to.
        keep: So many whole backups stay; older ones are removed.

    Returns:
        The manifest.

    Raises:
        errors.JobError: The directory cannot be written, or pseudonyms are being rotated.
    """
    progress.refuse_during(backup.collector.storage, ROTATION, "A backup")
    try:
        backup.directory.mkdir(0o700, parents=True, exist_ok=True)
        records = _records(backup.directory)
        manifest = _rows(backup, records)
        manifest["files"]["documents.jsonl"] = _write(records / "documents.jsonl", _documents(backup))
        keys = _write(backup.directory / KEYS, _keys(backup))
        manifest |= {"keys": keys["count"], "made": formats.timestamp(backup.collector.clock())}
        _write(records / MANIFEST, [orjson.dumps(manifest, option=orjson.OPT_INDENT_2)])
        for old in sets(backup.directory)[:-keep]:
            _remove(old)
    except OSError as error:
        msg = f"The backup {backup.directory} cannot be written ({error.strerror}): make room, and start it again."
        raise errors.JobError(msg) from None
    return manifest


def sets(directory: Path) -> list[Path]:
    """The whole backups of a directory, the oldest first."""
    return sorted(path.parent for path in directory.glob(f"records-*/{MANIFEST}"))


def sealed_place(collection: Collection, document: Document) -> str:
    """What the sealed form of a document is bound to."""
    return f"backup {collection.name} {' '.join(holdings.key_of(collection, document))}"


def _records(directory: Path) -> Path:
    """The backup that is not whole yet, or a new one."""
    names = sorted(path.name for path in directory.glob("records-*") if path.is_dir())
    if names and not (directory / names[-1] / MANIFEST).exists():
        return directory / names[-1]
    number = int(names[-1].rpartition("-")[2]) + 1 if names else 1
    made = directory / f"records-{number:06}"
    made.mkdir(0o700)
    return made


def _rows(backup: Backup, records: Path) -> dict[str, Any]:
    """Write rows, a file at a time; `state.json` says which are whole."""
    storage = backup.collector.storage
    state_path = records / "state.json"
    if state_path.exists():
        state: dict[str, Any] = orjson.loads(state_path.read_bytes())
    else:
        state = {"format": FORMAT, "last": storage.statements.last(), "cursor": 0, "statements": 0, "files": {}}
    rows = storage.statements.rows(after=state["cursor"])
    rows = itertools.takewhile(lambda row: row.seq <= state["last"], rows)
    while batch := list(itertools.islice(rows, ROWS)):
        name = f"rows-{len(state['files']) + 1:06}.jsonl"
        state["files"][name] = _write(records / name, _lines(backup.collector, batch))
        state |= {"cursor": batch[-1].seq, "statements": state["statements"] + len(batch)}
        _write(state_path, [orjson.dumps(state)])
        backup.tell(f"{state['cursor']:,} of {state['last']:,} statements are copied.")
    state_path.unlink(missing_ok=True)
    return {name: value for name, value in state.items() if name != "cursor"}


def _lines(collector: Collector, batch: Sequence[Whole]) -> Iterator[bytes]:
    files = collector.storage.statements.files([row.seq for row in batch])
    for row in batch:
        line: dict[str, Any] = {"seq": row.seq, "stored": row.stored, "id": row.id.hex(), "source": row.source}
        line["body"] = _text(row.body)
        if row.seq in files:
            line["files"] = {name: _text(content) for name, content in files[row.seq].items()}
        yield orjson.dumps(line) + b"\n"


def _documents(backup: Backup) -> Iterator[bytes]:
    """Every document; what is about one person sealed under their data key, which is made if they have none."""
    collector = backup.collector
    for collection in backup.collections:
        if collection.hot or collection in _LEFT_OUT:
            continue
        for document in holdings.walk(collector.storage, collection):
            line: dict[str, Any] = {"collection": collection.name}
            if collection.person and collection.person not in collection.multi:
                person = document[collection.person]
                cipher = collector.keys.of([person], create=True)[person]
                place = sealed_place(collection, document)
                sealed = blob.seal(orjson.dumps(document), place, cipher, collector.random(12))
                line |= {"person": person, "place": place, "sealed": _text(sealed)}
            else:
                line["document"] = document
            yield orjson.dumps(line) + b"\n"


def _keys(backup: Backup) -> Iterator[bytes]:
    for document in holdings.walk(backup.collector.storage, settings.DATA_KEYS):
        yield orjson.dumps(document) + b"\n"


def _write(path: Path, lines: Iterable[bytes]) -> dict[str, Any]:
    """Put a file in the place of what was there, whole and durable, readable by its owner alone; say what it is."""
    digest, size, count = hashlib.sha256(), 0, 0
    draft = path.with_name(f"{path.name}.draft")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        for line in lines:
            file.write(line)
            digest.update(line)
            size, count = size + len(line), count + 1
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    directory = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)
    return {"sha256": digest.hexdigest(), "bytes": size, "count": count}


def _remove(records: Path) -> None:
    (records / MANIFEST).unlink()  # first: half a backup is none
    for path in records.iterdir():
        path.unlink()
    records.rmdir()


def _text(content: bytes) -> str:
    return base64.b64encode(content).decode()


def summary(manifest: Mapping[str, Any]) -> str:
    """What a manifest says, in a sentence."""
    return f"{manifest['statements']:,} statements, {manifest['keys']:,} data keys, made {manifest['made']}"
