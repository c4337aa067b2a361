"""The agents that a statement names, and one of them replaced in its text. Floor 1, pure.

An agent is named as actor, as object, as instructor, in a team, among contextAgents and contextGroups (2.0), as member
of any group, and in all of these of a SubStatement. xAPI 1.0.3, Data 2.4; IEEE 9274.1.1, 4.2.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

SIGNATURE = "http://adlnet.gov/expapi/attachments/signature"
_AGENTS = ("Agent", "Group")
_PRIVATE = range(0xE000, 0xF900)  # characters without a meaning; one that a text does not hold marks its numbers

Agent = Mapping[str, Any]


def agents_of(statement: Mapping[str, Any]) -> Iterator[Agent]:
    """Every Agent and Group that a valid statement names, members too."""
    for holder, name in _places(statement):
        agent = holder[name]
        yield agent
        yield from agent.get("member", ())


def replace(text: bytes, gone: Callable[[Agent], bool], substitute: Agent) -> bytes:
    """The statement's text with every agent that is `gone` replaced; the same bytes where none is.

    Numbers stay as they were sent. A signature goes with the first replacement: it signs what is no longer there, and
    holds it.

    Args:
        text: JSON of a valid statement.
        gone: Says of an Agent or Group whether it is replaced.
        substitute: What stands in its place; a replaced Group stays a Group.
    """
    statement, write = _parse(text)
    changed = False
    for holder, name in [*_places(statement)]:
        agent = holder[name]
        if gone(agent):
            holder[name] = _instead(agent, substitute)
            changed = True
            continue
        members = agent.get("member", ())
        for index, member in enumerate(members):
            if gone(member):
                members[index] = _instead(member, substitute)
                changed = True
    if not changed:
        return text
    for part in (statement, statement["object"]):
        _unsign(part)
    return write(statement)


def _places(statement: Mapping[str, Any]) -> Iterator[tuple[Any, str]]:
    """(object, property) of each agent that is no member of another."""
    yield statement, "actor"
    target = statement["object"]
    kind = target.get("objectType", "Activity")
    if kind in _AGENTS:
        yield statement, "object"
    elif kind == "SubStatement":
        yield from _places(target)
    context = statement.get("context", {})
    for name in ("instructor", "team"):
        if name in context:
            yield context, name
    for name, inner in (("contextAgents", "agent"), ("contextGroups", "group")):
        for each in context.get(name, ()):
            yield each, inner


def _instead(agent: Agent, substitute: Agent) -> dict[str, Any]:
    kind = {"objectType": agent["objectType"]} if "objectType" in agent else {}
    return kind | dict(substitute)


def _unsign(part: dict[str, Any]) -> None:
    attachments = part.get("attachments", ())
    kept = [each for each in attachments if each.get("usageType") != SIGNATURE]
    if len(kept) < len(attachments):
        part["attachments"] = kept
        if not kept:
            del part["attachments"]


def _parse(text: bytes) -> tuple[dict[str, Any], Callable[[Any], bytes]]:
    """The parsed statement, and a function that writes it with its numbers as they stood in the text."""
    source = text.decode()
    mark = next(each for each in map(chr, _PRIVATE) if each not in source and f"\\u{ord(each):x}" not in source.lower())

    def keep(number: str) -> str:
        return f"{mark}{number}{mark}"

    def write(statement: Any) -> bytes:
        written = json.dumps(statement, ensure_ascii=False, separators=(",", ":"))
        return re.sub(f'"{mark}([^"{mark}]*){mark}"', r"\1", written).encode()

    return json.loads(source, parse_float=keep, parse_int=keep), write
