"""Documents, keys and index entries as both adapters write them. Floor 0, pure.

A document is one opaque canonical blob of JSON (keys sorted), so that no name inside it ($where, a.b, the empty name)
has a meaning to a store. A key is one string, the index entries are strings beside it.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import orjson

from storage import errors
from storage.collection import Collection
from storage.port import Document, Key

_SEPARATOR = "\x1f"
_SCALAR = (str, int, float, bool, type(None))


def encode(collection: Collection, document: Mapping[str, Any]) -> bytes:
    """The canonical bytes of a document.

    Raises:
        errors.DocumentError: It is not JSON, or holds a number beyond 64 bits.
    """
    try:
        return orjson.dumps(dict(document), option=orjson.OPT_SORT_KEYS)
    except (TypeError, ValueError) as error:
        msg = f"A document of {collection.name} is not JSON ({error}); use JSON values only."
        raise errors.DocumentError(msg) from None


def decode(blob: bytes) -> Document:
    """The document of canonical bytes."""
    document: Document = orjson.loads(blob)
    return document


def key_of(collection: Collection, document: Mapping[str, Any]) -> Key:
    """The values of the document's key fields.

    Raises:
        errors.DocumentError: A key field is missing.
    """
    missing = [field for field in collection.key if field not in document]
    if missing:
        msg = f"A document of {collection.name} lacks its key field {missing[0]!r}."
        raise errors.DocumentError(msg)
    return tuple(document[field] for field in collection.key)


def name(collection: Collection, key: Key) -> str:
    """The one string that stands for a key; its order is the order of documents.

    Raises:
        errors.DocumentError: The key has another length, a value is not a string, or holds the separator U+001F.
    """
    if len(key) != len(collection.key):
        msg = f"A key of {collection.name} has {len(collection.key)} values, not {len(key)}."
        raise errors.DocumentError(msg)
    for field, value in zip(collection.key, key, strict=True):
        if not isinstance(value, str) or not value or _SEPARATOR in value or not _is_unicode(value):
            msg = f"Key field {field!r} of {collection.name} must be a string: not empty, no U+001F, no lone surrogate."
            raise errors.DocumentError(msg)
    return _SEPARATOR.join(key)


def _is_unicode(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def entries(collection: Collection, document: Mapping[str, Any]) -> list[str]:
    """The index entries of a document, sorted, without repetition.

    Raises:
        errors.DocumentError: An indexed field holds a list or object where one value belongs, or the reverse.
    """
    found = {entry(collection, field, document.get(field)) for field in (*collection.key, *collection.fields)}
    for field in collection.multi:
        values = document.get(field, ())
        if not isinstance(values, (list, tuple)):
            msg = f"Field {field!r} of {collection.name} must be a list of values."
            raise errors.DocumentError(msg)
        found.update(entry(collection, field, value) for value in values)
    return sorted(found)


def entry(collection: Collection, field: str, value: Any) -> str:
    """The index entry of one field and value.

    Raises:
        errors.UndeclaredError: The field is not an indexed one.
        errors.DocumentError: The value is a list or an object.
    """
    if field not in collection.key and field not in collection.fields and field not in collection.multi:
        msg = f"Field {field!r} of {collection.name} is not indexed; declare it in the collection's fields or multi."
        raise errors.UndeclaredError(msg)
    if not isinstance(value, _SCALAR):
        msg = f"Field {field!r} of {collection.name} must be a string, number, boolean or null."
        raise errors.DocumentError(msg)
    return f"{field}={encode_value(value)}"


def indexed(collection: Collection) -> str:
    """What the declaration indexes, as a text: where it changes, the index entries must be made anew."""
    return encode_value([*collection.key, *collection.fields, None, *collection.multi])


def encode_value(value: Any) -> str:
    """One value as JSON text."""
    return orjson.dumps(value).decode()


def wanted(collection: Collection, where: Mapping[str, Any] | None) -> list[str]:
    """The index entries that a document must have to match."""
    return [entry(collection, field, value) for field, value in (where or {}).items()]


def check_declared(declared: Iterable[Collection], collection: Collection) -> None:
    """Refuse a collection that was not declared when the store was opened.

    Raises:
        errors.UndeclaredError: It was not, or it is the hot one.
    """
    if collection.hot:
        msg = f"Collection {collection.name} is reached by storage.statements."
        raise errors.UndeclaredError(msg)
    if collection not in declared:
        msg = f"Collection {collection.name} was not declared: hand it to connect.connect(url, ...)."
        raise errors.UndeclaredError(msg)
