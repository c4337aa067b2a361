"""What is kept of a person in documents, whichever room declared their collection. Floor 1.

A declaration names the field that holds a pseudonym (`Collection.person`); by it documents are found, renamed, removed
and shown. What is sealed lies in `blob`, bound to the document's `key` (`blob.seal`).
"""

import base64
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import orjson

from storage.collection import Collection
from storage.port import Document, Key, Storage
from xapi_collector import blob, consent, errors, place, settings
from xapi_collector.collector import Collector

PAGE = 200
_OURS = (settings.DATA_KEYS, settings.RENAMES)
"""What says nothing about a person, and is dealt with by whoever renames or removes them."""


def personal(collections: Iterable[Collection]) -> list[Collection]:
    """The collections whose documents are about a person."""
    return [each for each in collections if each.person and not each.hot and each not in _OURS]


def walk(storage: Storage, collection: Collection, person: str | None = None) -> Iterator[Document]:
    """The documents of a collection, or those of a person, in the order of their keys; they may change meanwhile."""
    where = None if person is None else {collection.person: person}
    after: Key | None = None
    while page := storage.find(collection, where, limit=PAGE, after=after):
        yield from page
        after = key_of(collection, page[-1])


def key_of(collection: Collection, document: Document) -> Key:
    """The values of a document's key fields."""
    return tuple(document[field] for field in collection.key)


def persons(collection: Collection, document: Document) -> list[str]:
    """The pseudonyms that a document holds."""
    value = document.get(collection.person)
    if collection.person in collection.multi:
        return list(value or ())
    return [value] if value else []


def remove(storage: Storage, collection: Collection, pseudonyms: Sequence[str]) -> int:
    """Remove the documents of a person; from one about several persons, take the person out. Answer how many."""
    count = 0
    for person in pseudonyms:
        for document in walk(storage, collection, person):
            if collection.person not in collection.multi:
                count += storage.delete(collection, key_of(collection, document))
                continue
            _replace(storage, collection, document, lambda kept: _listed(collection, kept, dict.fromkeys(pseudonyms)))
            count += 1
    return count


def rename(collector: Collector, collection: Collection, old: str, new: str) -> int:
    """Keep the documents of a person under another pseudonym, sealed under its data key. Answer how many.

    What is kept under the new pseudonym already is newer, and stays.
    """
    count = 0
    for document in walk(collector.storage, collection, old):
        count += 1
        if collection.person in collection.multi:
            _replace(collector.storage, collection, document, lambda kept: _listed(collection, kept, {old: new}))
        elif collection.person in collection.key:
            collector.storage.insert_missing(collection, [document | {collection.person: new}])
            collector.storage.delete(collection, key_of(collection, document))
        else:
            _replace(
                collector.storage,
                collection,
                document,
                lambda kept: {collection.person: new} | _resealed(collector, kept, old, new),
            )
    return count


def shown(collector: Collector, collection: Collection, document: Document) -> dict[str, Any]:
    """A document as its person may read it: opened where it is sealed."""
    found = {name: value for name, value in document.items() if name != "blob"}
    if collection == settings.CONSENTS:
        return found | {"agent": consent.agent_of(document, collector.keys)}
    if collection == settings.AGENT_DOCUMENTS:
        return _document(collector, document)
    text = opened(collector, document, document.get(collection.person))
    if text is None:
        return found
    try:
        return found | {"content": orjson.loads(text)}
    except orjson.JSONDecodeError:
        return found | {"content_base64": base64.b64encode(text).decode()}


def opened(collector: Collector, document: Document, owner: Any) -> bytes | None:
    """What the blob of a document holds; None if there is none, or its data key is gone."""
    if "blob" not in document or not isinstance(owner, str):
        return None
    cipher = collector.keys.of([owner]).get(owner)
    return None if cipher is None else blob.open_(base64.b64decode(document["blob"]), document["key"], cipher)


def _document(collector: Collector, raw: Document) -> dict[str, Any]:
    """A state or profile with what it belongs to."""
    found = place.open_(collector, raw)
    if found is None:
        return {}
    where, document = found
    return {
        "kind": where.kind,
        "agent": where.agent,
        "activity": where.activity,
        "registration": where.registration,
        "id": document.id,
        "content_type": document.content_type,
        "updated": document.updated,
        "content_base64": base64.b64encode(document.content).decode(),
    }


def _resealed(collector: Collector, document: Document, old: str, new: str) -> dict[str, str]:
    """The blob of a document under the data key of the new pseudonym."""
    try:
        text = opened(collector, document, old)
    except errors.EnvelopeError:
        return {}  # it is under the new one's data key already
    if text is None:
        return {}
    cipher = collector.keys.of([new], create=True)[new]
    return {"blob": base64.b64encode(blob.seal(text, document["key"], cipher, collector.random(12))).decode()}


def _listed(collection: Collection, document: Document, names: Mapping[str, str | None]) -> Document:
    """The list of persons with some of them renamed, or taken out."""
    named = [names.get(each, each) for each in document[collection.person]]
    return {collection.person: [each for each in named if each is not None]}


def _replace(
    storage: Storage, collection: Collection, document: Document, change: Callable[[Document], Document]
) -> None:
    """Change a document; one that somebody else changed meanwhile is changed as it is then."""
    kept: Document | None = document
    while kept is not None and not storage.replace(collection, kept | change(kept), expected=kept):
        kept = storage.get(collection, key_of(collection, document))
