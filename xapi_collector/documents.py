"""States, activity profiles and agent profiles: kept whole, merged by POST, changed under preconditions. Floor 1.

Every change replaces exactly what was read, or reads again: of many writers at once none is lost. xAPI 1.0.3,
Communication 2.2, 2.3, 2.6, 2.7 and 3.1.
"""

from collections.abc import Callable, Iterator
from typing import Any

from xapi_collector import errors, place, settings
from xapi_collector.collector import Collector
from xapi_collector.door import body
from xapi_collector.grammar import jsontext
from xapi_collector.place import Document, Place
from xapi_collector.preconditions import Precondition

JSON = "application/json"
_PAGE = 32  # documents read at a time where all of a place are asked for


def get(collector: Collector, where: Place, document_id: str) -> Document | None:
    """The document of this id, or None."""
    raw = collector.storage.get(where.collection, (place.key(collector, where, document_id),))
    return _document(collector, where, raw)


def ids(collector: Collector, where: Place, since: int | None = None) -> tuple[list[str], int]:
    """The ids of the documents of a place, the longest unchanged first, and when the last of them was changed.

    A place without registration has the states of every registration too (2.3: all of activity and agent).

    Args:
        collector: Where and with what.
        where: Whose.
        since: Only those changed after this time (microseconds), or None.
    """
    found = []
    for raw in _all(collector, where):
        if since is None or raw["updated"] > since:
            document = _document(collector, where, raw)
            if document is not None:
                found.append((document.updated, document.id))
    found.sort()
    return list(dict.fromkeys(document_id for _, document_id in found)), found[-1][0] if found else 0


def put(collector: Collector, where: Place, new: Document, precondition: Precondition) -> None:
    """Keep a document in the place of what was there.

    Raises:
        errors.PreconditionFailedError: 412, what is there is not what the precondition means.
        errors.ConflictError: 409, something is there and no precondition came.
        errors.RequestError: 400, nothing is there, and a precondition is required all the same.
        errors.TooLargeError: 413.
    """
    _write(collector, where, new, precondition, lambda _: new.content)


def merge(collector: Collector, where: Place, new: Document, precondition: Precondition) -> None:
    """Set the posted top level properties in the document that is there; keep it as it came if there is none.

    Every value stays as it was written, to the last digit.

    Raises:
        errors.PreconditionFailedError: 412, what is there is not what the precondition means.
        errors.RequestError: 400, one of the two is no JSON object, or is not called one.
        errors.TooLargeError: 413.
    """
    posted = _members(new.content, "The posted document") if _is_json(new) else None

    def merged(found: Document | None) -> bytes:
        if found is None:
            return new.content
        if posted is None or not _is_json(found):
            raise errors.RequestError(
                "Documents are merged if both are JSON.",
                path="Content-Type",
                rule="Communication 2.2",
                expected=f"{JSON} for the posted document and the one that is there; else PUT",
            )
        members = _members(found.content, "The document that is there") | posted
        return f"{{{','.join(f'{name}:{value}' for name, value in members.values())}}}".encode()

    _write(collector, where, new, precondition, merged)


def delete(collector: Collector, where: Place, document_id: str, precondition: Precondition) -> None:
    """Delete a document, if there is one.

    Raises:
        errors.PreconditionFailedError: 412, what is there is not what the precondition means.
    """
    key = (place.key(collector, where, document_id),)
    while True:
        raw = collector.storage.get(where.collection, key)
        found = _document(collector, where, raw)
        precondition.check(None if found is None else found.etag)
        if raw is None or collector.storage.delete(where.collection, key, expected=raw):
            return


def delete_all(collector: Collector, where: Place) -> None:
    """Delete every document of a place; without registration those of every registration too (2.3)."""
    for raw in _all(collector, where):
        collector.storage.delete(where.collection, (raw["key"],))


def held(collector: Collector, actor: str) -> Iterator[tuple[Place, Document]]:
    """Every state and profile that is kept of a person, by their pseudonym."""
    after = None
    while page := collector.storage.find(settings.AGENT_DOCUMENTS, {"agent": actor}, limit=_PAGE, after=after):
        yield from (found for raw in page if (found := place.open_(collector, raw)) is not None)
        after = (page[-1]["key"],)


def _write(
    collector: Collector,
    where: Place,
    new: Document,
    precondition: Precondition,
    content: Callable[[Document | None], bytes],
) -> None:
    key = (place.key(collector, where, new.id),)
    while True:  # who loses the race has lost it to one who has written
        place.renew(collector)
        raw = collector.storage.get(where.collection, key)
        found = _document(collector, where, raw)
        precondition.check(None if found is None else found.etag)
        made = content(found)
        if len(made) > body.LIMIT:
            raise body.too_large(body.LIMIT)
        updated = new.updated if raw is None else max(new.updated, raw["updated"] + 1)  # clocks of workers differ
        sealed = place.seal(collector, where, Document(new.id, new.content_type, made, updated))
        if collector.storage.replace(where.collection, sealed, expected=raw):
            return


def _document(collector: Collector, where: Place, raw: dict[str, Any] | None) -> Document | None:
    opened = None if raw is None else place.open_(collector, raw, where.agent)
    return None if opened is None else opened[1]


def _all(collector: Collector, where: Place) -> Iterator[dict[str, Any]]:
    wanted, after = {"contexts": place.context(collector, where)}, None
    while page := collector.storage.find(where.collection, wanted, limit=_PAGE, after=after):
        yield from page
        after = (page[-1]["key"],)


def _is_json(document: Document) -> bool:
    return document.content_type.partition(";")[0].strip().lower() == JSON


def _members(content: bytes, which: str) -> dict[str, tuple[str, str]]:
    """Name -> (its text, the text of its value), of a JSON object."""
    try:
        text = content.decode()
        value = jsontext.object_of(text)
    except (UnicodeDecodeError, errors.RequestError):
        text, value = "", None
    if not isinstance(value, dict):
        msg = f"{which} is no JSON object."
        raise errors.RequestError(msg, path="$", rule="Communication 2.2", expected="a JSON object (RFC 8259)")
    return {name: (written, inner) for name, written, inner in jsontext.members(text)}
