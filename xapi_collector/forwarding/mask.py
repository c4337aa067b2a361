"""A statement as it goes out: without what the target assigns, and without people if that was asked. Floor 1, pure.

Under a mask an agent is an account of ours whose name is a keyed digest, by a key of one forwarder alone: the target
can tell people apart and follow them, and cannot name them; two targets cannot compare notes.
"""

import base64
import hashlib
import hmac
import json
from typing import Any

from xapi_collector import agents, mentions
from xapi_collector.forwarding import forwarders
from xapi_collector.grammar import jsontext

_ASSIGNED = ("stored", "authority", "version")


def plain(text: bytes, timestamp: str | None) -> bytes:
    """The text without what the target assigns; everything else to the last digit.

    Args:
        text: The JSON text of a stored statement.
        timestamp: The time of storing, where the sender gave no timestamp; else None.
    """
    kept = [f"{key}:{value}" for name, key, value in jsontext.members(text.decode()) if name not in _ASSIGNED]
    if timestamp is not None:
        kept.append(f'"timestamp":"{timestamp}"')
    return ("{" + ",".join(kept) + "}").encode()


def masked(text: bytes, home_page: str, key: bytes, strip: tuple[str, ...] = ()) -> bytes:
    """The text with every agent masked, without attachments and authority.

    Args:
        text: As `plain` made it.
        home_page: The account's homePage: the public address of the collector.
        key: Of this forwarder alone.
        strip: forwarders.RESPONSES, forwarders.EXTENSIONS: left out too.
    """
    statement = json.loads(text)
    for agent in [*mentions.agents_of(statement)]:
        _mask(agent, home_page, key)
    for part in (statement, statement["object"]):
        part.pop("attachments", None)
    return stripped(jsontext.dumps(statement), strip)


def stripped(text: bytes, strip: tuple[str, ...]) -> bytes:
    """The text without what is not to go out, and then without its signature; the same bytes if nothing is left out."""
    if not strip:
        return text
    statement = json.loads(text)
    for part in (statement, statement["object"]):
        attachments = [each for each in part.pop("attachments", ()) if each["usageType"] != mentions.SIGNATURE]
        if attachments:
            part["attachments"] = attachments
        result = part.get("result", {})
        if forwarders.RESPONSES in strip:
            result.pop("response", None)
        if forwarders.EXTENSIONS in strip:
            for holder in (result, part.get("context", {}), *_definitions(part)):
                holder.pop("extensions", None)
    return jsontext.dumps(statement)


def _mask(agent: Any, home_page: str, key: bytes) -> None:
    kept = {name: agent[name] for name in ("objectType", "member") if name in agent}
    if any(name in agent for name in agents.IDENTIFIERS):
        digest = hmac.new(key, agents.canonical(agent).encode(), hashlib.sha256).digest()
        kept["account"] = {"homePage": home_page, "name": base64.urlsafe_b64encode(digest[:24]).decode()}
    agent.clear()
    agent.update(kept)


def _definitions(part: dict[str, Any]) -> list[dict[str, Any]]:
    """The definitions of the activities of a statement or SubStatement."""
    context = part.get("context", {}).get("contextActivities", {})
    several = [each if isinstance(each, list) else [each] for each in context.values()]
    activities = [part.get("object", {}), *(activity for each in several for activity in each)]
    return [activity["definition"] for activity in activities if "definition" in activity]
