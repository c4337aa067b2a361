"""From a valid statement to its label and its index terms. Floor 1, pure.

Every agent becomes a pseudonym here; nothing that leaves this module holds a name, a mail address or free text.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from xapi_collector import agents, label, playback
from xapi_collector.grammar import formats

REVISION = 4
"""Grows whenever a stored statement would be extracted otherwise than before: then `reindex` has work."""

# The roles of a term (Communication 2.1.3). A related term is one that only `related_agents` or `related_activities`
# finds.
AGENT, RELATED_AGENT, ACTIVITY, RELATED_ACTIVITY, VERB, REGISTRATION = range(6)
_MOST = 1_000_000  # what is larger counts nothing, and might not fit into a column
VOIDED = "http://adlnet.gov/expapi/verbs/voided"


@dataclass(frozen=True, slots=True)
class Extract:
    """What of a statement stays in the clear.

    Attributes:
        actor: The actor's pseudonym.
        verb: The verb's IRI.
        label: The packed label.
        terms: (word, role) by which the statement is found.
        target: The id (16 bytes) of the statement that its object refers to, or None.
        voids: It voids that statement.
    """

    actor: str
    verb: str
    label: bytes
    terms: tuple[tuple[str, int], ...]
    target: bytes | None = None
    voids: bool = False


def extract(statement: Mapping[str, Any], key: bytes) -> Extract:
    """The clear part of a valid statement.

    Args:
        statement: A valid statement.
        key: The institution's pseudonym key.
    """
    actor = agents.pseudonym(statement["actor"], key)
    verb: str = statement["verb"]["id"]
    target = statement["object"]
    activity: str = target["id"] if target.get("objectType", "Activity") == "Activity" else ""
    context = statement.get("context", {})
    grouping = _ids(context, "grouping")
    parent = _ids(context, "parent")
    result = statement.get("result", {})
    registration = context["registration"].lower() if "registration" in context else None
    fields = (
        formats.microseconds(statement["timestamp"]) if "timestamp" in statement else None,
        actor,
        verb,
        activity,
        grouping,
        parent,
        registration,
        _scaled(result),
        result.get("success"),
        result.get("completion"),
        formats.seconds(result["duration"]) if "duration" in result else None,
    )
    said = "extensions" in result or "extensions" in context
    counted = _counted(result, context) if said else None
    played = playback.read(result, context) if said else None
    if played is not None:
        packed = label.pack((*fields, *(counted or (None, None)), tuple(played)))
    else:
        packed = label.pack(fields if counted is None else (*fields, *counted))
    terms = [*_terms(statement, key).items(), (verb, VERB)]
    if registration is not None:
        terms.append((registration, REGISTRATION))
    if target.get("objectType") != "StatementRef":
        return Extract(actor, verb, packed, tuple(terms))
    return Extract(actor, verb, packed, tuple(terms), uuid.UUID(target["id"]).bytes, verb == VOIDED)


def _scaled(result: Mapping[str, Any]) -> float | None:
    scaled = result.get("score", {}).get("scaled")
    return None if scaled is None else float(scaled)


def _counted(result: Mapping[str, Any], context: Mapping[str, Any]) -> label.Counted | None:
    """Hints and attempt of a statement with extensions, or None where it has neither."""
    hints = _count(result, context, label.HINTS, 0)
    attempt = _count(result, context, label.ATTEMPT, 1)
    return None if hints is None and attempt is None else (hints, attempt)


def _count(result: Mapping[str, Any], context: Mapping[str, Any], iri: str, least: int) -> float | None:
    """A number under an extension, of the result before the context; anything else counts nothing."""
    for part in (result, context):
        value = part.get("extensions", {}).get(iri)
        # true and false are numbers to Python alone; nan and the infinite are not in JSON
        if isinstance(value, int | float) and not isinstance(value, bool) and least <= value <= _MOST:
            return float(value)
    return None


def _ids(context: Mapping[str, Any], kind: str) -> list[str]:
    return [each["id"] for each in context.get("contextActivities", {}).get(kind, ())]


def _terms(statement: Mapping[str, Any], key: bytes) -> dict[str, int]:
    """The terms of a statement; where a word has a plain and a related role, the plain one."""
    target = statement["object"]
    kind = target.get("objectType", "Activity")
    terms: dict[str, int] = {}
    _add_context(terms, statement, key)
    if kind == "Activity":
        terms[target["id"]] = ACTIVITY
    elif kind == "SubStatement":
        _add_context(terms, target, key)
        _add_agent(terms, target["actor"], RELATED_AGENT, key)
        inner = target["object"]
        if inner.get("objectType", "Activity") == "Activity":
            terms[inner["id"]] = RELATED_ACTIVITY
        elif inner["objectType"] != "StatementRef":
            _add_agent(terms, inner, RELATED_AGENT, key)
    elif kind != "StatementRef":
        _add_agent(terms, target, AGENT, key)
    _add_agent(terms, statement["actor"], AGENT, key)
    return terms


def _add_context(terms: dict[str, int], part: Mapping[str, Any], key: bytes) -> None:
    context = part.get("context")
    if context is None:
        return
    for activities in context.get("contextActivities", {}).values():
        for activity in activities:
            terms[activity["id"]] = RELATED_ACTIVITY
    for name in ("instructor", "team"):
        if name in context:
            _add_agent(terms, context[name], RELATED_AGENT, key)
    for several, one in (("contextAgents", "agent"), ("contextGroups", "group")):
        for each in context.get(several, ()):
            _add_agent(terms, each[one], RELATED_AGENT, key)


def _add_agent(terms: dict[str, int], agent: Mapping[str, Any], role: int, key: bytes) -> None:
    """The pseudonyms of an agent and of the members of a group (Communication 2.1.3, parameter agent)."""
    terms[agents.pseudonym(agent, key)] = role
    for member in agent.get("member", ()):
        terms[agents.pseudonym(member, key)] = role
