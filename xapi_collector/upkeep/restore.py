"""An empty store filled from a backup, of this store or of the other kind. Floor 1.

Every file is checked against its digest before anything of it is stored. A row or document whose data key is not in
`keys.jsonl` is of a person who was erased since: it is dropped and counted. Places in the order and times of storing
are those of the backup; labels and terms are made anew, so no index is out of date afterwards. Killed, it goes on.
"""

import base64
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson

from storage.collection import Collection
from storage.port import Document, Whole
from xapi_collector import blob, envelope, errors, extract, progress, settings
from xapi_collector.collector import Collector
from xapi_collector.progress import REINDEX, RESTORE, Tell
from xapi_collector.upkeep import backup, holdings, rewriting

_STEP = 250  # rows stored in one step


@dataclass(slots=True)
class Restored:
    """What came back.

    Attributes:
        renamed: Old pseudonym -> new one, where the pseudonym key was rotated since.
        statements: Rows that are in the store now.
        documents: Documents that are in the store now.
        dropped: Rows and documents of persons whose data key is gone.
    """

    renamed: dict[str, str] = field(default_factory=dict)
    statements: int = 0
    documents: int = 0
    dropped: int = 0


def run(collector: Collector, collections: Sequence[Collection], records: Path, tell: Tell) -> Restored:
    """Fill an empty store.

    Args:
        collector: With the keyring of the store that was backed up.
        collections: All that the store keeps, those of the rooms above among them.
        records: One backup, as `backup.sets` lists them; `keys.jsonl` lies beside it.
        tell: Shows how far it is.

    Raises:
        errors.JobError: The store is not empty, or a file is missing or not as it was written.
        errors.EnvelopeError: The keyring is not the one of the backup.
    """
    manifest = _manifest(records)
    _check_empty(collector, records)
    for name in manifest["files"]:
        _check(records / name, manifest["files"][name])
    progress.write(collector.storage, RESTORE, records=records.name)
    restored = Restored()
    for page in _pages(_lines(records.parent / backup.KEYS), _STEP):
        collector.storage.insert_missing(settings.DATA_KEYS, page)
    for name in sorted(each for each in manifest["files"] if each.startswith("rows-")):
        for page in _pages(_lines(records / name), _STEP):
            _put_rows(collector, page, restored)
        tell(f"{restored.statements:,} of {manifest['statements']:,} statements are back.")
    by_name = {each.name: each for each in collections}
    for page in _pages(_lines(records / "documents.jsonl"), _STEP):
        _put_documents(collector, by_name, page, restored)
    for old, new in restored.renamed.items():
        for collection in holdings.personal(collections):
            holdings.rename(collector, collection, old, new)
        collector.storage.delete(settings.DATA_KEYS, (old,))
    progress.write(collector.storage, REINDEX, revision=extract.REVISION, target=0, cursor=0)
    progress.clear(collector.storage, RESTORE)
    return restored


def _check_empty(collector: Collector, records: Path) -> None:
    going_on = progress.read(collector.storage, RESTORE)
    if going_on is None and (
        collector.storage.statements.last() or collector.storage.find(settings.DATA_KEYS, limit=1)
    ):
        raise errors.JobError("The store is not empty: name an empty one in ENTREPOT_STORAGE, then restore into it.")
    if going_on is not None and going_on["records"] != records.name:
        msg = f"The store is half filled from {going_on['records']}: go on with that, or begin with an empty store."
        raise errors.JobError(msg)


def _put_rows(collector: Collector, page: Sequence[Mapping[str, Any]], restored: Restored) -> None:
    files = {each["seq"]: _decoded(each.get("files", {})) for each in page}
    wholes = [
        Whole(
            each["seq"],
            each["stored"],
            bytes.fromhex(each["id"]),
            each["source"],
            base64.b64decode(each["body"]),
            b"",
            voided=False,
        )
        for each in page
    ]
    opened = rewriting.opened(collector, wholes)
    remade = rewriting.remake(collector, opened, files=files)
    collector.storage.statements.restore(
        [(each.opened.whole.seq, each.opened.whole.stored, each.row) for each in remade]
    )
    owners = ((each.opened.owner, envelope.owner(each.row.body)) for each in remade)
    restored.renamed.update((old, new) for old, new in owners if old != new)
    restored.statements += len(remade)
    restored.dropped += len(page) - len(remade)


def _put_documents(
    collector: Collector, collections: Mapping[str, Collection], page: Sequence[Mapping[str, Any]], restored: Restored
) -> None:
    found: dict[str, list[Document]] = {}
    collector.keys.of({each["person"] for each in page if "person" in each})  # all at once
    for each in page:
        document = _document(collector, each)
        if document is None:
            restored.dropped += 1
        elif each["collection"] in collections:
            found.setdefault(each["collection"], []).append(document)
    for name, documents in found.items():
        collector.storage.insert_missing(collections[name], documents)
        restored.documents += len(documents)


def _document(collector: Collector, line: Mapping[str, Any]) -> Document | None:
    if "document" in line:
        document: Document = line["document"]
        return document
    cipher = collector.keys.of([line["person"]]).get(line["person"])
    if cipher is None:
        return None
    opened: Document = orjson.loads(blob.open_(base64.b64decode(line["sealed"]), line["place"], cipher))
    return opened


def _manifest(records: Path) -> dict[str, Any]:
    try:
        manifest: dict[str, Any] = orjson.loads((records / backup.MANIFEST).read_bytes())
        known = manifest["format"] == backup.FORMAT
    except (OSError, ValueError, KeyError, TypeError):
        msg = f"{records} holds no whole backup: name a directory that `entrepot lrs backup` made."
        raise errors.JobError(msg) from None
    if not known:
        msg = f"{records} is a backup of format {manifest['format']}: use the version of this program that made it."
        raise errors.JobError(msg)
    return manifest


def _check(path: Path, facts: Mapping[str, Any]) -> None:
    try:
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        digest = ""
    if digest != facts["sha256"]:
        msg = f"{path} is not as the backup wrote it: restore from another backup."
        raise errors.JobError(msg)


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    try:
        with path.open("rb") as file:
            yield from map(orjson.loads, file)
    except (OSError, ValueError):
        msg = f"{path} is missing or damaged: put the newest one of this directory back."
        raise errors.JobError(msg) from None


def _pages(lines: Iterator[dict[str, Any]], size: int) -> Iterator[list[dict[str, Any]]]:
    page: list[dict[str, Any]] = []
    for line in lines:
        page.append(line)
        if len(page) == size:
            yield page
            page = []
    if page:
        yield page


def _decoded(files: Mapping[str, str]) -> dict[str, bytes]:
    return {name: base64.b64decode(content) for name, content in files.items()}
