"""What the collector adds to a statement before it is sealed: id and version. Floor 1, pure.

`stored`, `authority`, and `timestamp` where the sender gave none, are known only inside the store's write lock, and are
spliced in when the statement is read. All else comes back as it was sent. xAPI 1.0.3, Data 2.3.1 and 2.4.
"""

import json
from collections.abc import Callable
from typing import Any

import orjson

VERSION = "1.0.0"  # Data 2.4.10: of all 1.0.x statements


def stamp(statement: dict[str, Any], text: bytes, new_id: Callable[[], str]) -> bytes:
    """Complete a valid statement in place, and its text with it.

    Args:
        statement: The parsed statement; id and version are added, stored and authority taken away.
        text: Its JSON text as sent.
        new_id: Makes a UUID for a statement that has none.

    Returns:
        The JSON text to seal: the sent one where the collector adds only at its beginning.
    """
    changed = statement.pop("stored", None) is not None
    changed |= statement.pop("authority", None) is not None
    changed |= _listed(statement)
    prefix = ""
    if "version" not in statement:
        statement["version"] = VERSION
        prefix += f'"version":"{VERSION}",'
    if "id" not in statement:
        statement["id"] = new_id()
        prefix += f'"id":"{statement["id"]}",'
    if changed:
        return _dumps(statement)
    return b"{" + prefix.encode() + text[1:] if prefix else text


def _listed(statement: dict[str, Any]) -> bool:
    """A single context activity comes back as an array of one (Data 2.4.6.2, XAPI-00096)."""
    changed = False
    for part in (statement, statement["object"]):
        activities = part.get("context", {}).get("contextActivities", {})
        for kind, value in activities.items():
            if isinstance(value, dict):
                activities[kind] = [value]
                changed = True
    return changed


def _dumps(statement: dict[str, Any]) -> bytes:
    try:
        return orjson.dumps(statement)
    except TypeError:  # a whole number beyond 64 bits
        return json.dumps(statement, ensure_ascii=False, separators=(",", ":")).encode()
