"""Are two statements with one id the same statement? Floor 1, pure. xAPI 1.0.3, Data 2.3.1.

Left out: what the collector assigns (stored, authority, version, a timestamp that the sender did not give), how a
time is written, the display of verbs, the definitions of activities, the order of members of a group, the case of
mail domains.
"""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from xapi_collector import agents, formats

_ASSIGNED = ("stored", "authority", "version")
_HUNDREDTHS = re.compile(r"([.,]\d\d)\d+")


def same(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether two valid statements match by the specification's rules of comparison."""
    timed = "timestamp" in one and "timestamp" in other
    return _canonical(one, timed=timed) == _canonical(other, timed=timed)


def _canonical(statement: Mapping[str, Any], *, timed: bool) -> str:
    content = {name: value for name, value in statement.items() if name not in _ASSIGNED}
    if "id" in content:
        content["id"] = content["id"].lower()
    if not timed:
        content.pop("timestamp", None)
    return json.dumps(_part(content), sort_keys=True)


def _part(statement: dict[str, Any]) -> dict[str, Any]:
    if "timestamp" in statement:
        statement["timestamp"] = formats.microseconds(statement["timestamp"])
    statement["actor"] = _agent(statement["actor"])
    statement["verb"] = statement["verb"]["id"]
    statement["object"] = _object(statement["object"])
    if "result" in statement and "duration" in statement["result"]:
        duration = _HUNDREDTHS.sub(r"\1", statement["result"]["duration"])  # Data 4.6: compared to 0.01 s, truncated
        statement["result"] = statement["result"] | {"duration": duration}
    if "context" in statement:
        statement["context"] = {
            name: _CONTEXT.get(name, _as_it_is)(each) for name, each in statement["context"].items()
        }
    return statement


def _object(target: Mapping[str, Any]) -> Any:
    kind = target.get("objectType", "Activity")
    if kind == "Activity":
        return {"activity": target["id"]}
    if kind in ("Agent", "Group"):
        return {"agent": _agent(target)}
    return _part(dict(target)) if kind == "SubStatement" else {"statement": target["id"].lower()}


def _agent(agent: Mapping[str, Any]) -> Any:
    content = {
        name: value for name, value in agent.items() if name not in (*agents.IDENTIFIERS, "objectType", "member")
    }
    if any(name in agent for name in agents.IDENTIFIERS):
        content["identity"] = agents.canonical(agent)
    content["objectType"] = agent.get("objectType", "Agent")
    if "member" in agent:
        content["member"] = sorted(json.dumps(_agent(each), sort_keys=True) for each in agent["member"])
    return content


def _activities(value: Mapping[str, Any]) -> Any:
    return {kind: [each["id"] for each in (of if isinstance(of, list) else [of])] for kind, of in value.items()}


def _as_it_is(value: Any) -> Any:
    return value


_CONTEXT: dict[str, Callable[[Any], Any]] = {
    "instructor": _agent,
    "team": _agent,
    "contextActivities": _activities,
    "registration": str.lower,
    "statement": lambda value: value["id"].lower(),
}
