"""Are two statements with one id the same statement? Floor 1, pure. xAPI 1.0.3, Data 2.3.1; 2.0, 4.2.

Left out: what the collector assigns (stored, authority, version, an id or a timestamp that the sender did not give),
attachments, how a time is written, the display of verbs, the definitions of activities, the order of members of a
group, the case of mail domains, what of a duration is below 0.01 s. Of a statement of 2.0, the timestamp too.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any

from xapi_collector import agents
from xapi_collector.grammar import formats

_LEFT_OUT = ("stored", "authority", "version", "attachments")
_ASSIGNED = ("id", "timestamp")


def same(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether two valid statements match by the specification's rules of comparison."""
    out = {*_LEFT_OUT, *(name for name in _ASSIGNED if name not in one or name not in other)}
    if _is_of_2(one) or _is_of_2(other):
        out.add("timestamp")  # 9274.1.1, 4.2
    return _canonical(one, out) == _canonical(other, out)


def _is_of_2(statement: Mapping[str, Any]) -> bool:
    version: str = statement.get("version", "")
    return version.startswith("2.")


def _canonical(statement: Mapping[str, Any], out: set[str]) -> str:
    content = {name: value for name, value in statement.items() if name not in out}
    if "id" in content:
        content["id"] = content["id"].lower()
    return json.dumps(_part(content), sort_keys=True)


def _part(statement: dict[str, Any]) -> dict[str, Any]:
    if "timestamp" in statement:
        statement["timestamp"] = formats.microseconds(statement["timestamp"])
    statement["actor"] = _agent(statement["actor"])
    statement["verb"] = statement["verb"]["id"]
    statement["object"] = _object(statement["object"])
    if "result" in statement and "duration" in statement["result"]:
        duration = formats.hundredths(statement["result"]["duration"])
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


def _related(name: str) -> Callable[[Any], Any]:
    return lambda value: [each | {name: _agent(each[name])} for each in value]


def _as_it_is(value: Any) -> Any:
    return value


_CONTEXT: dict[str, Callable[[Any], Any]] = {
    "instructor": _agent,
    "team": _agent,
    "contextActivities": _activities,
    "registration": str.lower,
    "statement": lambda value: value["id"].lower(),
    "contextAgents": _related("agent"),
    "contextGroups": _related("group"),
}
