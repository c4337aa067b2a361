"""Is this a statement of xAPI 1.0.3? Floor 1, pure: JSON in, InvalidStatementError or nothing out.

One table a kind of object: property -> check. An unknown property, a null or an empty object is refused wherever no
extension allows it. Every error names the JSON path, the requirement of the LRS conformance list and what would be
right.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NoReturn

from xapi_collector import agents, errors, formats

Check = Callable[[Any], None]
Table = Mapping[str, Check]

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
        _object(value, _STATEMENT, "XAPI-00010")
        _required(value, {"actor": "XAPI-00003", "verb": "XAPI-00004", "object": "XAPI-00005"})
        _across(value)
    except errors.InvalidStatementError as error:
        error.path = where + error.path
        raise


def agent(value: Any) -> None:
    """Refuse what is not an Agent or an identified Group (the parameter `agent`).

    Raises:
        errors.InvalidStatementError: With the path below the parameter.
    """
    _actor(value)
    if not any(name in value for name in agents.IDENTIFIERS):
        _refuse("The group has no identifier.", "XAPI-00012", "an Agent or an identified Group")


def _refuse(detail: str, rule: str, expected: str, path: str = "") -> NoReturn:
    raise errors.InvalidStatementError(detail, path=path, rule=rule, expected=expected)


def _object(value: Any, table: Table, rule: str, unknown: str = "XAPI-00010") -> None:
    """Each property is known and passes its check."""
    if not isinstance(value, dict):
        _refuse("The value is not an object.", rule, "an object")
    if not value:
        _refuse("The object is empty.", "XAPI-00001", "at least one property, or no such object")
    for name, inner in value.items():
        check = table.get(name)
        if check is None:
            known = next((each for each in table if each.lower() == name.lower()), None)
            expected = f"{known!r}, in this case of letters" if known else f"one of {', '.join(table)}"
            _refuse("The property is not known.", "XAPI-00008" if known else unknown, expected, _step(name))
        try:
            check(inner)
        except errors.InvalidStatementError as error:
            error.path = _step(name) + error.path
            if inner is None:
                error.detail, error.rule, error.args = "The value is null.", "XAPI-00001", ("The value is null.",)
            raise


def _step(name: str) -> str:
    return f".{name}" if name.isidentifier() else f"[{name[:200]!r}]"


def _required(value: Mapping[str, Any], names: Mapping[str, str]) -> None:
    for name, rule in names.items():
        if name not in value:
            _refuse(f"The property {name!r} is missing.", rule, f"the property {name!r}")


def _each(value: Any, check: Check, rule: str) -> None:
    if not isinstance(value, list):
        _refuse("The value is not an array.", rule, "an array")
    for index, inner in enumerate(value):
        try:
            check(inner)
        except errors.InvalidStatementError as error:
            error.path = f"[{index}]{error.path}"
            raise


def _string(rule: str) -> Check:
    def check(value: Any) -> None:
        if not isinstance(value, str):
            _refuse("The value is not a string.", rule, "a string")

    return check


def _format(holds: Callable[[str], bool], rule: str, expected: str) -> Check:
    def check(value: Any) -> None:
        if not isinstance(value, str) or not holds(value):
            _refuse("The value does not have its format.", rule, expected)

    return check


def _boolean(rule: str) -> Check:
    def check(value: Any) -> None:
        if value is not True and value is not False:
            _refuse("The value is not a boolean.", rule, "true or false")

    return check


def _one_of(values: Iterable[str], rule: str) -> Check:
    known = tuple(values)

    def check(value: Any) -> None:
        if value not in known:
            _refuse("The value is not one of those allowed.", rule, f"one of {', '.join(known)}")

    return check


def _array(check: Check, rule: str) -> Check:
    return lambda value: _each(value, check, rule)


def _language_map(rule: str) -> Check:
    def check(value: Any) -> None:
        if not isinstance(value, dict):
            _refuse("The value is not a language map.", rule, "an object of language tags and strings")
        for tag, text in value.items():
            if not formats.is_language(tag):
                _refuse(
                    "The key is no language tag.", "XAPI-00013", "a tag of RFC 5646, such as en or zh-Hans", _step(tag)
                )
            if not isinstance(text, str):
                _refuse("The value is not a string.", rule, "a string", _step(tag))

    return check


def _extensions(value: Any) -> None:
    if not isinstance(value, dict):
        _refuse("The extensions are not an object.", "XAPI-00120", "an object whose keys are IRIs")
    for name in value:
        if not formats.is_iri(name):
            _refuse("The key of an extension is not an IRI.", "XAPI-00118", "an absolute IRI", _step(name))


def _number(value: Any) -> None:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        _refuse("The value is not a number.", "XAPI-00006", "a number")


# Actors, Data 2.4.2

_iri = _format(formats.is_iri, "XAPI-00011", "an absolute IRI, with its scheme")
_uuid = _format(formats.is_uuid, "XAPI-00027", "a UUID in its standard form, 8-4-4-4-12 hexadecimal digits")
_moment = _format(
    lambda text: formats.microseconds(text) is not None,
    "XAPI-00123",
    "an ISO 8601 date and time, such as 2026-11-23T08:30:00Z",
)


def _account(value: Any) -> None:
    _object(value, _ACCOUNT, "XAPI-00041")
    _required(value, {"homePage": "XAPI-00042", "name": "XAPI-00043"})


def _actor(value: Any) -> None:
    _object(value, _AGENT, "XAPI-00031")
    kind = value.get("objectType", "Agent")
    identifiers = sum(name in value for name in agents.IDENTIFIERS)
    if kind == "Agent":
        if "member" in value:
            _refuse("An Agent has no members.", "XAPI-00035", "objectType 'Group' with 'member'", ".member")
        if identifiers != 1:
            _refuse(
                f"The Agent has {identifiers} identifiers.", "XAPI-00034", f"one of {', '.join(agents.IDENTIFIERS)}"
            )
    elif identifiers > 1:
        _refuse(f"The Group has {identifiers} identifiers.", "XAPI-00037", f"one of {', '.join(agents.IDENTIFIERS)}")
    elif identifiers == 0 and not value.get("member"):
        _refuse(
            "The Group has neither identifier nor members.", "XAPI-00037", "an identifier, or 'member' with an Agent"
        )


def _member(value: Any) -> None:
    _actor(value)
    if value.get("objectType") == "Group":
        _refuse("A member of a Group is a Group.", "XAPI-00036", "Agents as members")


def _group(value: Any) -> None:
    _actor(value)
    if value.get("objectType") != "Group":
        _refuse("The team is not a Group.", "XAPI-00088", "a Group, with objectType 'Group'")


def _authority(value: Any) -> None:
    _actor(value)
    if value.get("objectType") == "Group" and len(value.get("member", ())) != 2:
        _refuse("An authority that is a Group has two members.", "XAPI-00098", "an Agent")


_ACCOUNT: Table = {
    "homePage": _format(formats.is_iri, "XAPI-00042", "an IRL with its scheme"),
    "name": _format(bool, "XAPI-00043", "a string that is not empty"),
}
_AGENT: Table = {
    "objectType": _one_of(("Agent", "Group"), "XAPI-00031"),
    "name": _string("XAPI-00033"),
    "mbox": _format(formats.is_mailbox, "XAPI-00038", "'mailto:' and a mail address"),
    "mbox_sha1sum": _format(formats.is_sha1, "XAPI-00039", "40 hexadecimal digits"),
    "openid": _format(formats.is_iri, "XAPI-00040", "a URI with its scheme"),
    "account": _account,
    "member": _array(_member, "XAPI-00036"),
}

# Verbs and objects, Data 2.4.3 and 2.4.4


def _verb(value: Any) -> None:
    _object(value, _VERB, "XAPI-00044")
    _required(value, {"id": "XAPI-00044"})


def _component(value: Any) -> None:
    _object(value, _COMPONENT, "XAPI-00063")
    _required(value, {"id": "XAPI-00058"})


def _components(rule: str) -> Check:
    def check(value: Any) -> None:
        _each(value, _component, rule)
        ids = [each["id"] for each in value]
        if len(set(ids)) < len(ids):
            _refuse("Two components have one id.", "XAPI-00058", "an id of its own for each")

    return check


def _definition(value: Any) -> None:
    if value == {}:
        return  # an Activity Definition has no required property
    _object(value, _DEFINITION, "XAPI-00048")
    if "interactionType" not in value:
        for name in ("correctResponsesPattern", "choices", "scale", "source", "target", "steps"):
            if name in value:
                _refuse("The definition lacks interactionType.", "XAPI-00064", "interactionType", _step(name))


def _activity(value: Any) -> None:
    _object(value, _ACTIVITY, "XAPI-00047")
    _required(value, {"id": "XAPI-00047"})


def _reference(value: Any) -> None:
    _object(value, _REFERENCE, "XAPI-00092")
    _required(value, {"objectType": "XAPI-00073", "id": "XAPI-00072"})


def _substatement(value: Any) -> None:
    for name, rule in _STATEMENT_ONLY.items():
        if name in value:
            _refuse("A SubStatement has no such property.", rule, f"no {name!r}", _step(name))
    if isinstance(value.get("object"), dict) and value["object"].get("objectType") == "SubStatement":
        _refuse("A SubStatement holds a SubStatement.", "XAPI-00071", "another object", ".object")
    inner = {name: each for name, each in value.items() if name != "objectType"}
    _object(inner, _STATEMENT, "XAPI-00066")
    _required(inner, {"actor": "XAPI-00066", "verb": "XAPI-00066", "object": "XAPI-00066"})
    _across(inner)


_OBJECTS: Mapping[str, Check] = {
    "Activity": _activity,
    "Agent": _actor,
    "Group": _actor,
    "StatementRef": _reference,
    "SubStatement": _substatement,
}


def _target(value: Any) -> None:
    if not isinstance(value, dict):
        _refuse(
            "The object is not a JSON object.", "XAPI-00046", "an Activity, Agent, Group, StatementRef or SubStatement"
        )
    kind = value.get("objectType", "Activity")
    check = _OBJECTS.get(kind) if isinstance(kind, str) else None
    if check is None:
        _refuse("The objectType is not known.", "XAPI-00046", f"one of {', '.join(_OBJECTS)}", ".objectType")
    check(value)


_VERB: Table = {
    "id": _format(formats.is_iri, "XAPI-00044", "an absolute IRI, with its scheme"),
    "display": _language_map("XAPI-00045"),
}
_COMPONENT: Table = {
    "id": _format(bool, "XAPI-00058", "a string that is not empty"),
    "description": _language_map("XAPI-00062"),
}
_INTERACTIONS = (
    "true-false",
    "choice",
    "fill-in",
    "long-fill-in",
    "matching",
    "performance",
    "sequencing",
    "likert",
    "numeric",
    "other",
)
_DEFINITION: Table = {
    "name": _language_map("XAPI-00056"),
    "description": _language_map("XAPI-00059"),
    "type": _format(formats.is_iri, "XAPI-00060", "an absolute IRI, with its scheme"),
    "moreInfo": _format(formats.is_iri, "XAPI-00061", "an IRL with its scheme"),
    "extensions": _extensions,
    "interactionType": _one_of(_INTERACTIONS, "XAPI-00049"),
    "correctResponsesPattern": _array(_string("XAPI-00050"), "XAPI-00050"),
    "choices": _components("XAPI-00055"),
    "scale": _components("XAPI-00054"),
    "source": _components("XAPI-00053"),
    "target": _components("XAPI-00052"),
    "steps": _components("XAPI-00051"),
}
_ACTIVITY: Table = {
    "objectType": _one_of(("Activity",), "XAPI-00046"),
    "id": _format(formats.is_iri, "XAPI-00047", "an absolute IRI, with its scheme"),
    "definition": _definition,
}
_REFERENCE: Table = {
    "objectType": _one_of(("StatementRef",), "XAPI-00073"),
    "id": _format(formats.is_uuid, "XAPI-00072", "a UUID in its standard form"),
}

# Results and contexts, Data 2.4.5 and 2.4.6


def _scaled(value: Any) -> None:
    _number(value)
    if not -1 <= value <= 1:
        _refuse("The scaled score is out of range.", "XAPI-00083", "a number from -1 to 1")


def _score(value: Any) -> None:
    if value == {}:
        return  # every property of a Score is optional
    _object(value, _SCORE, "XAPI-00079")
    low, high, raw = value.get("min"), value.get("max"), value.get("raw")
    if low is not None and high is not None and low >= high:
        _refuse("min is not less than max.", "XAPI-00081", "min < max", ".min")
    if raw is not None and ((low is not None and raw < low) or (high is not None and raw > high)):
        _refuse("raw is not between min and max.", "XAPI-00082", "min <= raw <= max", ".raw")


def _result(value: Any) -> None:
    if value != {}:
        _object(value, _RESULT, "XAPI-00006")


def _context(value: Any) -> None:
    if value != {}:
        _object(value, _CONTEXT, "XAPI-00006")


def _activities(value: Any) -> None:
    if isinstance(value, dict):
        _activity(value)  # a single one is allowed, and comes back as an array (Data 2.4.6.2)
    else:
        _each(value, _activity, "XAPI-00094")


def _context_activities(value: Any) -> None:
    if isinstance(value, dict) and not value:
        _refuse("contextActivities is empty.", "XAPI-00095", "parent, grouping, category or other")
    _object(value, _CONTEXT_ACTIVITIES, "XAPI-00086", "XAPI-00093")


_SCORE: Table = {"scaled": _scaled, "raw": _number, "min": _number, "max": _number}
_RESULT: Table = {
    "score": _score,
    "success": _boolean("XAPI-00074"),
    "completion": _boolean("XAPI-00075"),
    "response": _string("XAPI-00076"),
    "duration": _format(
        lambda text: formats.seconds(text) is not None, "XAPI-00124", "an ISO 8601 duration, such as PT1M30S"
    ),
    "extensions": _extensions,
}
_CONTEXT_ACTIVITIES: Table = dict.fromkeys(("parent", "grouping", "category", "other"), _activities)
_CONTEXT: Table = {
    "registration": _format(formats.is_uuid, "XAPI-00087", "a UUID in its standard form"),
    "instructor": _actor,
    "team": _group,
    "contextActivities": _context_activities,
    "revision": _string("XAPI-00089"),
    "platform": _string("XAPI-00090"),
    "language": _format(formats.is_language, "XAPI-00091", "a tag of RFC 5646, such as en or zh-Hans"),
    "statement": _reference,
    "extensions": _extensions,
}

# Attachments, Data 2.4.11


def _length(value: Any) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        _refuse("The length is not a count of octets.", "XAPI-00102", "a whole number")


def _attachment(value: Any) -> None:
    _object(value, _ATTACHMENT, "XAPI-00025")
    _required(
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
        _refuse(
            "The attachment's data is not part of the request.",
            "XAPI-00129",
            "a fileUrl: this collector keeps no files yet",
        )


_ATTACHMENT: Table = {
    "usageType": _format(formats.is_iri, "XAPI-00107", "an absolute IRI, with its scheme"),
    "display": _language_map("XAPI-00106"),
    "description": _language_map("XAPI-00106"),
    "contentType": _format(formats.is_media_type, "XAPI-00105", "a media type, such as text/plain"),
    "length": _length,
    "sha2": _format(formats.is_sha2, "XAPI-00103", "the hexadecimal digits of a SHA-2 hash"),
    "fileUrl": _format(formats.is_iri, "XAPI-00104", "an IRL with its scheme"),
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
                _refuse("Only a statement about an Activity may have it.", rule, f"no {name!r}", f".context.{name}")
    if value["verb"]["id"] == VOIDED and kind != "StatementRef":
        _refuse("A voiding statement points to no statement.", "XAPI-00017", "a StatementRef", ".object")


_STATEMENT: Table = {
    "id": _uuid,
    "actor": _actor,
    "verb": _verb,
    "object": _target,
    "result": _result,
    "context": _context,
    "timestamp": _moment,
    "stored": _moment,
    "authority": _authority,
    "version": _format(_is_version, "XAPI-00101", "1.0.0"),
    "attachments": _array(_attachment, "XAPI-00025"),
}
