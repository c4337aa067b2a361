"""The Person of an agent: its identifier, and the names that its newest statements give it. Floor 1.

A name is read from opened envelopes alone, nowhere is it kept. xAPI 1.0.3, Communication 2.4.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from storage.port import Query
from xapi_collector import agents, extract, mentions, statements
from xapi_collector.collector import Collector

_NEWEST = 10  # statements that are opened for names


def person(agent: Mapping[str, Any], names: Sequence[str] = ()) -> dict[str, Any]:
    """A Person object: every property is an array but its type.

    Args:
        agent: A valid Agent.
        names: What it is called, as `names_of` answers; without any, what the agent says itself.
    """
    called = [*names] or ([agent["name"]] if "name" in agent else [])
    found: dict[str, Any] = {"objectType": "Person"}
    if called:
        found["name"] = called
    return found | {name: [agent[name]] for name in agents.IDENTIFIERS if name in agent}


def names_of(collector: Collector, agent: Mapping[str, Any], source: str | None = None) -> list[str]:
    """The names of an agent in its newest statements, the newest first.

    Args:
        collector: Where and with what.
        agent: A valid Agent.
        source: The authority whose statements alone may be read, or None.
    """
    terms = tuple((agents.pseudonym(agent, key), extract.AGENT) for key in collector.keyring.pseudonym_keys)
    rows = collector.storage.statements.query(Query(groups=(terms,), source=source, limit=_NEWEST)).rows
    identity = agents.canonical(agent)
    return [
        *dict.fromkeys(
            each["name"]
            for _, one in statements.opened(collector, rows)
            for each in mentions.agents_of(orjson.loads(one.text))
            if each.get("name") and agents.canonical(each) == identity
        )
    ]
