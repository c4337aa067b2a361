"""A Caliper event as one xAPI statement. Floor 1, pure. Caliper Analytics 1.2 (and 1.1, which Canvas sends).

Kept is what a reader of statements needs; addresses of browsers, logins and texts that people wrote are left out. The
statement's id is the event's, so an event that is sent again is the same statement.
"""

import uuid
from collections.abc import Mapping
from typing import Any, NoReturn

from xapi_collector import errors
from xapi_collector.caliper import actors, results, terms
from xapi_collector.caliper.entities import Entity, identity, kind, part
from xapi_collector.grammar import formats

VERSIONS = tuple(f"http://purl.imsglobal.org/ctx/caliper/v1p{minor}" for minor in (1, 2))
EXTENSION = "http://purl.imsglobal.org/caliper/Event"
"""The key of the context extension that holds what of an event has no place in a statement."""

_ENVELOPE = ("sensor", "sendTime", "dataVersion", "data")


def check_envelope(envelope: Any) -> None:
    """Refuse what is no envelope (6.1): the one reason to refuse a message as a whole.

    Raises:
        errors.RequestError: 400, a property is missing or malformed; 422, the version is not known.
    """
    if not isinstance(envelope, dict):
        raise errors.RequestError("The body is no envelope.", path="$", expected=f"an object with {_names()}")
    missing = [name for name in _ENVELOPE if name not in envelope]
    if missing:
        msg = f"The envelope lacks {missing[0]!r}."
        raise errors.RequestError(msg, path=f"$.{missing[0]}", expected=f"an object with {_names()}")
    for name in ("sensor", "sendTime", "dataVersion"):
        if not isinstance(envelope[name], str) or not envelope[name]:
            raise errors.RequestError("The value is no text.", path=f"$.{name}", expected="a string")
    if formats.microseconds(envelope["sendTime"]) is None:
        raise errors.RequestError("The value is no time.", path="$.sendTime", expected="an ISO 8601 date and time")
    if not isinstance(envelope["data"], list):
        raise errors.RequestError("The data are no array.", path="$.data", expected="an array of events and entities")
    if envelope["dataVersion"] not in VERSIONS:
        raise errors.UnprocessableError(
            "The version of Caliper is not spoken here.", path="$.dataVersion", expected=" or ".join(VERSIONS)
        )


def is_event(item: Any) -> bool:
    """Whether an item of an envelope is an event; else it describes an entity (2.3), and there is nothing to store."""
    return not isinstance(item, dict) or "action" in item or str(item.get("type", "")).endswith("Event")


def statement(event: Any, envelope: Mapping[str, Any], canvas: str = actors.CANVAS) -> dict[str, Any]:
    """The statement of an event.

    Args:
        event: An item of `data`.
        envelope: The envelope that it came in, checked.
        canvas: The issuer of LTI launches from the Canvas that sends, the homePage of its learners.

    Raises:
        errors.InvalidStatementError: The event lacks what a statement needs, with the path in the event.
    """
    if not isinstance(event, dict):
        _refuse("", "The item is not an object.", "an event or an entity")
    event_type, action = event.get("type", "Event"), event.get("action")
    for name, value in (("type", event_type), ("action", action)):
        if not terms.is_term(value):
            _refuse(f".{name}", "The value is no term of Caliper.", "a term, such as NavigationEvent or Viewed")
    if not isinstance(event.get("eventTime"), str) or formats.microseconds(event["eventTime"]) is None:
        _refuse(".eventTime", "The event has no time.", "an ISO 8601 date and time, such as 2026-11-23T08:30:00.000Z")
    issuer = actors.Issuer(envelope["sensor"], canvas, event.get("federatedSession"), identity(event.get("actor")))
    doer = _agent(event.get("actor"), issuer, ".actor")
    learner = part(event.get("object"), "assignee") if event_type == "GradeEvent" else None
    made: dict[str, Any] = {
        "id": statement_id(event.get("id"), envelope["sensor"]),
        "actor": doer if learner is None else _agent(learner, issuer, ".object.assignee"),
        "verb": terms.verb(str(event_type), str(action)),
        "object": _object(event.get("object"), issuer),
        "timestamp": event["eventTime"],
    }
    result = results.result(event)
    if result:
        made["result"] = result
    made["context"] = _context(event, envelope, made["object"])
    if learner is not None and kind(event["actor"]) == "Person":
        made["context"]["instructor"] = doer
    return made


def statement_id(event_id: Any, sensor: str) -> str:
    """The UUID of an event: its own, or one derived from its id and the sensor's where it is no UUID.

    >>> statement_id("urn:uuid:19F57EAD-f709-45e0-9869-25c68d933d45", "https://lms.example")
    '19f57ead-f709-45e0-9869-25c68d933d45'

    Raises:
        errors.InvalidStatementError: There is none.
    """
    if not isinstance(event_id, str) or not event_id:
        _refuse(".id", "The event has no id.", "urn:uuid: and a UUID")
    text = event_id.removeprefix("urn:uuid:")
    return text.lower() if formats.is_uuid(text) else str(uuid.uuid5(uuid.NAMESPACE_URL, f"{sensor}\n{event_id}"))


def _names() -> str:
    return ", ".join(_ENVELOPE)


def _refuse(path: str, detail: str, expected: str) -> NoReturn:
    raise errors.InvalidStatementError(detail, path=path, rule="Caliper 1.2, section 2.2", expected=expected)


def _agent(entity: Entity, issuer: actors.Issuer, path: str) -> dict[str, Any]:
    agent = actors.agent(entity, issuer)
    if agent is None:
        _refuse(path, "Nobody can be told by it.", "an IRI, or an object with an id that is one")
    return agent


def _object(entity: Entity, issuer: actors.Issuer) -> dict[str, Any]:
    """The object of the statement: of an attempt, the thing attempted; of a person, an Agent."""
    if kind(entity) == "Membership":
        entity = part(entity, "member") or entity
    if kind(entity) in terms.PERSONS:
        return {"objectType": "Agent"} | _agent(entity, issuer, ".object")
    thing = part(entity, "assignable") if kind(entity) == "Attempt" else None
    activity = _activity(thing or entity)
    if activity is None:
        _refuse(".object", "The object has no id that is an IRI.", "an IRI, or an object with an id that is one")
    return activity


def _activity(entity: Entity) -> dict[str, Any] | None:
    iri = identity(entity)
    if iri is None or not formats.is_iri(iri) or kind(entity) in terms.PERSONS:
        return None
    activity: dict[str, Any] = {"objectType": "Activity", "id": iri}
    definition: dict[str, Any] = {}
    if isinstance(entity, dict):
        if isinstance(entity.get("name"), str) and entity["name"]:
            definition["name"] = {"und": entity["name"]}  # RFC 5646: undetermined; Caliper names no language
        if terms.is_term(entity.get("type")):
            definition["type"] = terms.activity_type(entity["type"])
    return activity | ({"definition": definition} if definition else {})


def _context(event: Mapping[str, Any], envelope: Mapping[str, Any], target: Mapping[str, Any]) -> dict[str, Any]:
    activities = {
        "parent": _chain(_thing(event.get("object")), "isPartOf"),
        "grouping": _chain(event.get("group"), "subOrganizationOf", own=True),
        "category": [{"objectType": "Activity", "id": envelope["dataVersion"]}],
        "other": _target(event.get("target")),
    }
    context: dict[str, Any] = {
        "contextActivities": {name: found for name, found in activities.items() if found},
        "extensions": {EXTENSION: _rest(event, envelope)},
    }
    platform = identity(event.get("edApp")) or envelope["sensor"]
    if target["objectType"] == "Activity":
        context["platform"] = platform
    return context


def _target(entity: Entity) -> list[dict[str, Any]]:
    """The target, if it says what it is: an id alone may be a person's, and a place in a medium is in the result."""
    activity = None if kind(entity) in ("", "MediaLocation") else _activity(entity)
    return [] if activity is None else [activity]


def _thing(entity: Entity) -> Entity:
    return part(entity, "assignable") or entity if kind(entity) == "Attempt" else entity


def _chain(entity: Entity, link: str, *, own: bool = False) -> list[dict[str, Any]]:
    """The activities that an entity is part of, the nearest first, at most eight; itself too if `own`."""
    found: list[dict[str, Any]] = []
    entity = entity if own else part(entity, link)
    while entity is not None and len(found) < 8:
        activity = _activity(entity)
        if activity is None or any(activity["id"] == each["id"] for each in found):
            break
        found.append(activity)
        entity = part(entity, link)
    return found


def _rest(event: Mapping[str, Any], envelope: Mapping[str, Any]) -> dict[str, Any]:
    """What a statement has no place for. It is sealed with the rest; no address of a browser, no login is kept."""
    membership, attempt = event.get("membership"), event.get("object")
    rest = {
        "type": event.get("type", "Event"),
        "action": event["action"],
        "profile": event.get("profile"),
        "sensor": envelope["sensor"],
        "session": identity(event.get("session")),
        "roles": membership.get("roles") if isinstance(membership, dict) else None,
        "attempt": identity(attempt) if kind(attempt) == "Attempt" else None,
        "attemptCount": attempt.get("count") if isinstance(attempt, dict) and kind(attempt) == "Attempt" else None,
        "generated": identity(event.get("generated")),
    }
    return {name: value for name, value in rest.items() if value is not None}
