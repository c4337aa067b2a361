"""Is this a statement of xAPI 1.0.3? Floor 1, pure: JSON in, InvalidStatementError or nothing out.

Every error names the JSON path, the requirement of the LRS conformance list and what would be right.
"""

from collections.abc import Mapping
from typing import Any

from xapi_collector import agents, checks, errors, formats, parts
from xapi_collector.checks import Check, Table

VOIDED = "http://adlnet.gov/expapi/verbs/voided"
_STATEMENT_ONLY = {"id": "XAPI-00070", "authority": "XAPI-00067", "stored": "XAPI-00069", "version": "XAPI-00068"}


def statement(value: Any, where: str = "$") -> None:
    """Refuse what is not a statement.

    Args:
        value: Parsed JSON.
        where: The JSON path of the value, for the error.

    Raises:
        errors.InvalidStatementError: With the path, the rule and what would be right.
    """
    try:
        checks.fields(value, _STATEMENT, "XAPI-00010")
        checks.required(value, {"actor": "XAPI-00003", "verb": "XAPI-00004", "object": "XAPI-00005"})
        _across(value)
    except errors.InvalidStatementError as error:
        error.path = where + error.path
        raise


def agent(value: Any) -> None:
    """Refuse what is not an Agent or an identified Group (the parameter `agent`).

    Raises:
        errors.InvalidStatementError: With the path below the parameter.
    """
    parts.actor(value)
    if not any(name in value for name in agents.IDENTIFIERS):
        checks.refuse("The group has no identifier.", "XAPI-00012", "an Agent or an identified Group")


# Objects, Data 2.4.4


def _substatement(value: Any) -> None:
    for name, rule in _STATEMENT_ONLY.items():
        if name in value:
            checks.refuse("A SubStatement has no such property.", rule, f"no {name!r}", checks.step(name))
    if isinstance(value.get("object"), dict) and value["object"].get("objectType") == "SubStatement":
        checks.refuse("A SubStatement holds a SubStatement.", "XAPI-00071", "another object", ".object")
    inner = {name: each for name, each in value.items() if name != "objectType"}
    checks.fields(inner, _STATEMENT, "XAPI-00066")
    checks.required(inner, {"actor": "XAPI-00066", "verb": "XAPI-00066", "object": "XAPI-00066"})
    _across(inner)


_OBJECTS: Mapping[str, Check] = {
    "Activity": parts.activity,
    "Agent": parts.actor,
    "Group": parts.actor,
    "StatementRef": parts.reference,
    "SubStatement": _substatement,
}


def _target(value: Any) -> None:
    if not isinstance(value, dict):
        checks.refuse(
            "The object is not a JSON object.", "XAPI-00046", "an Activity, Agent, Group, StatementRef or SubStatement"
        )
    kind = value.get("objectType", "Activity")
    check = _OBJECTS.get(kind) if isinstance(kind, str) else None
    if check is None:
        checks.refuse("The objectType is not known.", "XAPI-00046", f"one of {', '.join(_OBJECTS)}", ".objectType")
    check(value)


# Results and contexts, Data 2.4.5 and 2.4.6


def _scaled(value: Any) -> None:
    checks.number(value)
    if not -1 <= value <= 1:
        checks.refuse("The scaled score is out of range.", "XAPI-00083", "a number from -1 to 1")


def _score(value: Any) -> None:
    if value == {}:
        return  # every property of a Score is optional
    checks.fields(value, _SCORE, "XAPI-00079")
    low, high, raw = value.get("min"), value.get("max"), value.get("raw")
    if low is not None and high is not None and low >= high:
        checks.refuse("min is not less than max.", "XAPI-00081", "min < max", ".min")
    if raw is not None and ((low is not None and raw < low) or (high is not None and raw > high)):
        checks.refuse("raw is not between min and max.", "XAPI-00082", "min <= raw <= max", ".raw")


def _result(value: Any) -> None:
    if value != {}:
        checks.fields(value, _RESULT, "XAPI-00006")


def _context(value: Any) -> None:
    if value != {}:
        checks.fields(value, _CONTEXT, "XAPI-00006")


def _activities(value: Any) -> None:
    if isinstance(value, dict):
        parts.activity(value)  # a single one is allowed, and comes back as an array (Data 2.4.6.2)
    else:
        checks.each(value, parts.activity, "XAPI-00094")


def _context_activities(value: Any) -> None:
    if isinstance(value, dict) and not value:
        checks.refuse("contextActivities is empty.", "XAPI-00095", "parent, grouping, category or other")
    checks.fields(value, _CONTEXT_ACTIVITIES, "XAPI-00086", "XAPI-00093")


_SCORE: Table = {"scaled": _scaled, "raw": checks.number, "min": checks.number, "max": checks.number}
_RESULT: Table = {
    "score": _score,
    "success": checks.boolean("XAPI-00074"),
    "completion": checks.boolean("XAPI-00075"),
    "response": checks.string("XAPI-00076"),
    "duration": checks.form(
        lambda text: formats.seconds(text) is not None, "XAPI-00124", "an ISO 8601 duration, such as PT1M30S"
    ),
    "extensions": checks.extensions,
}
_CONTEXT_ACTIVITIES: Table = dict.fromkeys(("parent", "grouping", "category", "other"), _activities)
_CONTEXT: Table = {
    "registration": checks.form(formats.is_uuid, "XAPI-00087", "a UUID in its standard form"),
    "instructor": parts.actor,
    "team": parts.group,
    "contextActivities": _context_activities,
    "revision": checks.string("XAPI-00089"),
    "platform": checks.string("XAPI-00090"),
    "language": checks.form(formats.is_language, "XAPI-00091", "a tag of RFC 5646, such as en or zh-Hans"),
    "statement": parts.reference,
    "extensions": checks.extensions,
}

# Attachments, Data 2.4.11


def _length(value: Any) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        checks.refuse("The length is not a count of octets.", "XAPI-00102", "a whole number")


def _attachment(value: Any) -> None:
    checks.fields(value, _ATTACHMENT, "XAPI-00025")
    checks.required(
        value,
        {
            "usageType": "XAPI-00107",
            "display": "XAPI-00106",
            "contentType": "XAPI-00105",
            "length": "XAPI-00102",
            "sha2": "XAPI-00103",
        },
    )
    if "fileUrl" not in value:
        checks.refuse(
            "The attachment's data is not part of the request.",
            "XAPI-00129",
            "a fileUrl: this collector keeps no files yet",
        )


_ATTACHMENT: Table = {
    "usageType": checks.form(formats.is_iri, "XAPI-00107", "an absolute IRI, with its scheme"),
    "display": checks.language_map("XAPI-00106"),
    "description": checks.language_map("XAPI-00106"),
    "contentType": checks.form(formats.is_media_type, "XAPI-00105", "a media type, such as text/plain"),
    "length": _length,
    "sha2": checks.form(formats.is_sha2, "XAPI-00103", "the hexadecimal digits of a SHA-2 hash"),
    "fileUrl": checks.form(formats.is_iri, "XAPI-00104", "an IRL with its scheme"),
}

# Statements, Data 2.4


def _is_version(text: str) -> bool:
    return text == "1.0" or (text.startswith("1.0.") and text[4:].isascii() and text[4:].isdigit())


def _across(value: Mapping[str, Any]) -> None:
    """The rules that join two properties."""
    target, context = value["object"], value.get("context", {})
    kind = target.get("objectType", "Activity")
    if kind != "Activity":
        for name, rule in (("revision", "XAPI-00084"), ("platform", "XAPI-00085")):
            if name in context:
                checks.refuse(
                    "Only a statement about an Activity may have it.", rule, f"no {name!r}", f".context.{name}"
                )
    if value["verb"]["id"] == VOIDED and kind != "StatementRef":
        checks.refuse("A voiding statement points to no statement.", "XAPI-00017", "a StatementRef", ".object")


_STATEMENT: Table = {
    "id": parts.uuid,
    "actor": parts.actor,
    "verb": parts.verb,
    "object": _target,
    "result": _result,
    "context": _context,
    "timestamp": parts.moment,
    "stored": parts.moment,
    "authority": parts.authority,
    "version": checks.form(_is_version, "XAPI-00101", "1.0.0"),
    "attachments": checks.array(_attachment, "XAPI-00025"),
}
