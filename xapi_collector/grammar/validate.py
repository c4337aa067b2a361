"""Is this a statement of xAPI 1.0.3, or of 2.0? Floor 1, pure: JSON in, InvalidStatementError or nothing out.

Every error names the JSON path, the requirement of the LRS conformance list (or the section of IEEE 9274.1.1, which is
2.0) and what would be right. What a statement's attachments need of the request is for `attachments` to say.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from xapi_collector import agents, errors
from xapi_collector.grammar import checks, formats, parts, versions
from xapi_collector.grammar.checks import Check, Table

VOIDED = "http://adlnet.gov/expapi/verbs/voided"
_REQUIRED = {"actor": "XAPI-00003", "verb": "XAPI-00004", "object": "XAPI-00005"}
_STATEMENT_ONLY = {"id": "XAPI-00070", "authority": "XAPI-00067", "stored": "XAPI-00069", "version": "XAPI-00068"}


def statement(value: Any, where: str = "$", version: str = versions.V1) -> None:
    """Refuse what is not a statement.

    Args:
        value: Parsed JSON.
        where: The JSON path of the value, for the error.
        version: The version of the request, whose rules hold: `versions.V1` or `versions.V2`.

    Raises:
        errors.InvalidStatementError: With the path, the rule and what would be right.
    """
    try:
        _check(value, _STATEMENT[version])
    except errors.InvalidStatementError as error:
        error.path = where + error.path
        raise


def problems(values: Sequence[Any], *, single: bool, version: str = versions.V1) -> list[errors.InvalidStatementError]:
    """What is wrong in a batch: one error for each statement that is none, so that a sender can drop just those.

    Args:
        values: The parsed statements, in the order of the request.
        single: The body was one statement, not an array: paths begin with `$`, not with `$[0]`.
        version: As for `statement`.

    Returns:
        The first error of each bad statement, with its index; nothing if all are statements.
    """
    table = _STATEMENT[version]
    found = []
    for index, value in enumerate(values):
        try:
            _check(value, table)
        except errors.InvalidStatementError as error:
            error.path = ("$" if single else f"$[{index}]") + error.path
            error.index = index
            found.append(error)
    return found


def agent(value: Any) -> None:
    """Refuse what is not an Agent or an identified Group (the parameter `agent`).

    Raises:
        errors.InvalidStatementError: With the path below the parameter.
    """
    parts.actor(value)
    if not any(name in value for name in agents.IDENTIFIERS):
        checks.refuse("The group has no identifier.", "XAPI-00012", "an Agent or an identified Group")


# Objects, Data 2.4.4


def _substatement(value: Any, table: Table) -> None:
    for name, rule in _STATEMENT_ONLY.items():
        if name in value:
            checks.refuse("A SubStatement has no such property.", rule, f"no {name!r}", checks.step(name))
    if isinstance(value.get("object"), dict) and value["object"].get("objectType") == "SubStatement":
        checks.refuse("A SubStatement holds a SubStatement.", "XAPI-00071", "another object", ".object")
    checks.fields(value, table, "XAPI-00066")
    checks.required(value, {"actor": "XAPI-00066", "verb": "XAPI-00066", "object": "XAPI-00066"})
    _across(value)


def _target(value: Any, kinds: Mapping[str, Check]) -> None:
    if not isinstance(value, dict):
        checks.refuse(
            "The object is not a JSON object.", "XAPI-00046", "an Activity, Agent, Group, StatementRef or SubStatement"
        )
    kind = value.get("objectType", "Activity")
    check = kinds.get(kind) if isinstance(kind, str) else None
    if check is None:
        checks.refuse("The objectType is not known.", "XAPI-00046", f"one of {', '.join(kinds)}", ".objectType")
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
_CONTEXT_2: Table = {
    **_CONTEXT,
    "contextAgents": checks.array(parts.context_agent, parts.CONTEXT_RULE),
    "contextGroups": checks.array(parts.context_group, parts.CONTEXT_RULE),
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


def _is_of(text: str, minor: str) -> bool:
    return text == minor or (text.startswith(f"{minor}.") and text[4:].isascii() and text[4:].isdigit())


def _is_version_1(text: str) -> bool:
    return _is_of(text, "1.0")


def _is_version_2(text: str) -> bool:
    return _is_of(text, "2.0") or _is_of(text, "1.0")  # a store of 2.0 keeps what older senders say (2.0, 4.2.4.3)


def _check(value: Any, table: Table) -> None:
    checks.fields(value, table, "XAPI-00010")
    checks.required(value, _REQUIRED)
    _across(value)


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


def _table(context: Table, version: Check) -> Table:
    """The table of a statement, and within it that of a SubStatement, which has the same parts but a few."""

    def check_context(value: Any) -> None:
        if value != {}:
            checks.fields(value, context, "XAPI-00006")

    def check_substatement(value: Any) -> None:
        _substatement(value, substatement)

    def check_target(value: Any) -> None:
        _target(value, kinds)

    kinds: Mapping[str, Check] = {
        "Activity": parts.activity,
        "Agent": parts.actor,
        "Group": parts.actor,
        "StatementRef": parts.reference,
        "SubStatement": check_substatement,
    }
    both: Table = {
        "actor": parts.actor,
        "verb": parts.verb,
        "object": check_target,
        "result": _result,
        "context": check_context,
        "timestamp": parts.moment,
        "attachments": checks.array(_attachment, "XAPI-00025"),
    }
    substatement: Table = {"objectType": checks.one_of(("SubStatement",), "XAPI-00046"), **both}
    return {"id": parts.uuid, **both, "stored": parts.moment, "authority": parts.authority, "version": version}


_STATEMENT: Mapping[str, Table] = {
    versions.V1: _table(_CONTEXT, checks.form(_is_version_1, "XAPI-00101", "1.0.0")),
    versions.V2: _table(_CONTEXT_2, checks.form(_is_version_2, "XAPI-00101", "2.0.0")),
}
