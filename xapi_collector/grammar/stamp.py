"""What the collector adds to a statement before it is sealed: id and version. Floor 1, pure.

`stored`, `authority`, and `timestamp` where the sender gave none, are known only inside the store's write lock, and are
spliced in when the statement is read. All else comes back as it was sent. xAPI 1.0.3, Data 2.3.1 and 2.4; 2.0, 4.2.4.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import orjson

from xapi_collector.grammar import jsontext, versions

VERSION = {versions.V1: "1.0.0", versions.V2: "2.0.0"}
"""The version property of a statement by that of the request (Data 2.4.10; 2.0, 4.2.4.3): never a patch."""


def stamp(statement: dict[str, Any], text: bytes, new_id: Callable[[], str], version: str = versions.V1) -> bytes:
    """Complete a valid statement in place, and its text with it.

    Args:
        statement: The parsed statement; id and version are added, stored and authority taken away.
        text: Its JSON text as sent.
        new_id: Makes a UUID for a statement that has none.
        version: The version of the request: `versions.V1` or `versions.V2`.

    Returns:
        The JSON text to seal: the sent one, but for what the collector assigns.
    """
    singles = [*_singles(statement)]
    if singles or "stored" in statement or "authority" in statement:
        plain = _is_plain(statement, text)
        for activities, kind in singles:
            activities[kind] = [activities[kind]]
        statement.pop("stored", None)
        statement.pop("authority", None)
        text = orjson.dumps(statement) if plain else jsontext.rewritten(text.decode(), _STATEMENT).encode()
    prefix = ""
    if "version" not in statement:
        statement["version"] = VERSION[version]
        prefix += f'"version":"{VERSION[version]}",'
    elif (plainly := f'"version":"{statement["version"]}"'.encode()) not in text:  # spaced or escaped: one form to find
        text = b"{" + plainly + b"," + jsontext.rewritten(text.decode(), {"version": _without}).encode()[1:]
    if "id" not in statement:
        statement["id"] = new_id()
        prefix += f'"id":"{statement["id"]}",'
    return b"{" + prefix.encode() + text[1:] if prefix else text


def _singles(statement: Mapping[str, Any]) -> Iterator[tuple[dict[str, Any], str]]:
    """Where a context activity is a single one: it comes back as an array of one (Data 2.4.6.2, XAPI-00096)."""
    for part in (statement, statement["object"]):
        if "context" in part:
            activities = part["context"].get("contextActivities")
            if activities:
                for kind, value in activities.items():
                    if isinstance(value, dict):
                        yield activities, kind


def _is_plain(statement: Mapping[str, Any], text: bytes) -> bool:
    """Whether writing the statement anew gives its text, to the last digit."""
    try:
        return orjson.dumps(statement) == text
    except TypeError:  # a whole number beyond 64 bits
        return False


def _without(_text: str) -> None:
    return None


def _as_array(text: str) -> str:
    return f"[{text}]" if text.startswith("{") else text


def _within(changes: Mapping[str, jsontext.Change]) -> jsontext.Change:
    return lambda text: jsontext.rewritten(text, changes)


_CONTEXT: jsontext.Change = _within(
    {"contextActivities": _within(dict.fromkeys(("parent", "grouping", "category", "other"), _as_array))}
)
_STATEMENT: Mapping[str, jsontext.Change] = {
    "stored": _without,
    "authority": _without,
    "context": _CONTEXT,
    "object": _within({"context": _CONTEXT}),
}
