"""Frozen dataclasses as JSON objects, read strictly: each field there, in its type, and nothing else. Pure; floor 3."""

import json
from collections.abc import Mapping
from dataclasses import asdict, fields, is_dataclass
from typing import Any, TypeVar, get_args, get_origin

from federated import errors

T = TypeVar("T")
FORMAT = 1
LONGEST = 16_384  # characters of one text in a form: a certificate is 1,000, a name should be less


def read(cls: type[T], text: str, kind: str, fail: type[errors.FederatedError], where: str) -> T:
    """Return what a JSON text says, as the dataclass that it must fit.

    Args:
        cls: a dataclass of str, int, float, further such dataclasses, tuples of those and mappings of text to text.
        text: the JSON.
        kind: what its member `kind` must say.
        fail: which error to raise.
        where: what the error names, such as a path.

    Raises:
        FederatedError: it does not fit, is of another kind or another format than ours.
    """
    try:
        document = dict(json.loads(text))
        found_kind, found_version = document.pop("kind"), document.pop("format")
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        message = f"{where}: not a file that `entrepot federation` wrote; expected its {kind}"
        raise fail(message) from error
    if found_kind != kind:
        message = f"{where}: it is of kind {printable(found_kind)}; expected {kind}"
        raise fail(message)
    if found_version != FORMAT:
        message = f"{where}: its format is {printable(found_version)}; this version of Entrepôt reads {FORMAT}"
        raise fail(message)
    try:
        found: T = _build(cls, document)
    except (ValueError, TypeError) as error:
        message = f"{where}: {error}; it was altered, or another version of Entrepôt wrote it"
        raise fail(message) from error
    return found


def kind(text: str) -> str:
    """Return the `kind` that a JSON text names; empty where it names none."""
    try:
        found = json.loads(text)["kind"]
    except (ValueError, TypeError, KeyError, RecursionError):
        return ""
    return found if isinstance(found, str) else ""


def write(document: Any, kind: str) -> str:
    """Return a dataclass as JSON that people can read too, with its kind and format."""
    body = {"kind": kind, "format": FORMAT, **asdict(document)}
    return json.dumps(body, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def printable(value: object) -> str:
    """Return a foreign value short and without what a terminal would obey (escape sequences, turned text)."""
    return ascii(value)[:60]


def _build(kind: Any, value: Any, name: str = "the file") -> Any:
    if is_dataclass(kind) and isinstance(kind, type):
        known = {entry.name: entry.type for entry in fields(kind)}
        if not isinstance(value, Mapping) or value.keys() != known.keys():
            message = f"{name} must hold {', '.join(known)} and nothing else"
            raise ValueError(message)
        return kind(**{each: _build(known[each], value[each], each) for each in known})
    if get_origin(kind) is tuple and isinstance(value, list):
        return tuple(_build(get_args(kind)[0], each, name) for each in value)
    if get_origin(kind) is Mapping and isinstance(value, dict):
        return {_build(str, key, name): _build(str, each, name) for key, each in value.items()}
    if kind is float and type(value) is int:
        return float(value)
    if get_origin(kind) or type(value) is not kind:
        message = f"{name} must be {getattr(kind, '__name__', kind)}"
        raise TypeError(message)
    if kind is str and len(value) > LONGEST:
        message = f"{name} is longer than {LONGEST} characters"
        raise ValueError(message)
    return value
