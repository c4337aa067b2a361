"""A stored statement as a reader asked for it: identifiers alone, canonical, or for a reader of 1.0.x. Floor 1, pure.

xAPI 1.0.3, Communication 2.1.3 (parameter format); RFC 2616, 14.4 and RFC 4647, 3.4 for languages. A function answers a
new statement and leaves the given one as it is; format `exact` is the stored text and needs none of them.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from xapi_collector import agents
from xapi_collector.grammar import jsontext, stamp, versions

_Change = Callable[[Any], Any]
_CONTEXT_OF_2 = ("contextAgents", "contextGroups")
_OF_2 = b'"version":"2.'  # so is it written in every statement of 2.0, see `stamp`
_COMPONENTS = ("choices", "scale", "source", "target", "steps")
_MOST_RANGES = 50


def ids(statement: Mapping[str, Any]) -> dict[str, Any]:
    """A statement with what identifies its agents, activities and verbs, and no more of them."""
    return _changed(statement, agent=_agent_ids, verb=_id, activity=_id)


def canonical(
    statement: Mapping[str, Any],
    definitions: Mapping[str, Mapping[str, Any]],
    displays: Mapping[str, Mapping[str, str]],
    languages: Sequence[str],
) -> dict[str, Any]:
    """A statement with the collector's definitions of its activities and verbs, each text in one language.

    Args:
        statement: A valid statement.
        definitions: The canonical definition by the IRI of the activity; where there is none, the statement's stays.
        displays: The canonical display by the IRI of the verb; the same.
        languages: What the reader accepts, best first: see `languages`.
    """

    def one(texts: Mapping[str, str]) -> dict[str, str]:
        tag = _best(texts, languages)
        return {} if tag is None else {tag: texts[tag]}

    def verb(value: Mapping[str, Any]) -> dict[str, Any]:
        display = displays.get(value["id"]) or value.get("display")
        return {**value} if display is None else {**value, "display": one(display)}

    def activity(value: Mapping[str, Any]) -> dict[str, Any]:
        definition = definitions.get(value["id"]) or value.get("definition")
        return {**value} if definition is None else {**value, "definition": _definition(definition, one)}

    return _changed(statement, agent=dict, verb=verb, activity=activity)


def mentioned(statement: Mapping[str, Any]) -> tuple[set[str], set[str]]:
    """The IRIs of the activities and of the verbs that a statement mentions anywhere."""
    activities: set[str] = set()
    verbs: set[str] = set()

    def activity(value: Mapping[str, Any]) -> dict[str, Any]:
        activities.add(value["id"])
        return {**value}

    def verb(value: Mapping[str, Any]) -> dict[str, Any]:
        verbs.add(value["id"])
        return {**value}

    _changed(statement, agent=dict, verb=verb, activity=activity)
    return activities, verbs


def downgraded(text: bytes) -> bytes:
    """What a reader of 1.0.x gets of a statement of 2.0: nothing that its version does not know.

    Its contextAgents and contextGroups are left out, and its version is of 1.0; what is left is as it was sent, to the
    last digit.

    Args:
        text: The JSON text of a stored statement; one of 1.0 is answered as it is.
    """
    return jsontext.rewritten(text.decode(), _LOWER).encode() if _OF_2 in text else text


def languages(accept_language: str | None) -> list[str]:
    """The language ranges of the header Accept-Language, the most wanted first, in lower case.

    >>> languages("fr;q=0.5, en-GB, de;q=0, *;q=0.1")
    ['en-gb', 'fr', '*']
    """
    ranges = []
    for each in (accept_language or "")[:1_000].split(",")[:_MOST_RANGES]:
        name, *parameters = (part.strip().lower() for part in each.split(";"))
        quality = _quality(parameters)
        if name and quality > 0:
            ranges.append((-quality, name))
    return [name for _, name in sorted(ranges, key=lambda wanted: wanted[0])]


def _quality(parameters: Sequence[str]) -> float:
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "q":
            digits = value.strip()
            if digits.replace(".", "", 1).isdecimal() and len(digits) <= 5:
                return min(float(digits), 1.0)
            return 0.0  # RFC 2616, 3.9: what is malformed is not wanted
    return 1.0


def _best(texts: Mapping[str, str], wanted: Sequence[str]) -> str | None:
    """The tag of the text to show: what a range covers, else a more general one, else an undetermined or any."""
    tags = {tag.lower(): tag for tag in texts}
    for each in wanted:
        found = next((tag for tag in tags if each in ("*", tag) or tag.startswith(f"{each}-")), None)
        if each in tags:
            return tags[each]
        if found is not None:
            return tags[found]
    for each in wanted:
        for general in _generals(each):
            if general in tags:
                return tags[general]
    return tags.get("und", next(iter(texts), None))


def _generals(language: str) -> Iterator[str]:
    """The tags that a lookup tries after the range itself (RFC 4647, 3.4)."""
    parts = language.split("-")
    while len(parts) > 1:
        del parts[-1]
        if len(parts) > 1 and len(parts[-1]) == 1:
            del parts[-1]
        yield "-".join(parts)


def _definition(definition: Mapping[str, Any], one: _Change) -> dict[str, Any]:
    changed = {**definition}
    for name in ("name", "description"):
        if name in changed:
            changed[name] = one(changed[name])
    for name in _COMPONENTS:
        if name in changed:
            changed[name] = [
                each | {"description": one(each["description"])} if "description" in each else each
                for each in changed[name]
            ]
    return changed


def _changed(statement: Mapping[str, Any], *, agent: _Change, verb: _Change, activity: _Change) -> dict[str, Any]:
    """A statement with each agent, verb and activity changed, wherever it stands."""

    def context(value: Mapping[str, Any]) -> dict[str, Any]:
        changes: dict[str, _Change] = {
            "instructor": agent,
            "team": agent,
            "contextActivities": lambda kinds: {kind: [*map(activity, of)] for kind, of in kinds.items()},
            "contextAgents": lambda of: [each | {"agent": agent(each["agent"])} for each in of],
            "contextGroups": lambda of: [each | {"group": agent(each["group"])} for each in of],
        }
        return _apply(value, changes)

    def target(value: Mapping[str, Any]) -> Any:
        kind = value.get("objectType", "Activity")
        if kind == "SubStatement":
            return _apply(value, part)
        if kind == "Activity":
            return activity(value)
        return value if kind == "StatementRef" else agent(value)

    part: dict[str, _Change] = {"actor": agent, "authority": agent, "verb": verb, "object": target, "context": context}
    return _apply(statement, part)


def _apply(value: Mapping[str, Any], changes: Mapping[str, _Change]) -> dict[str, Any]:
    return {name: changes[name](inner) if name in changes else inner for name, inner in value.items()}


def _id(value: Mapping[str, Any]) -> dict[str, Any]:
    return {"id": value["id"]}


def _agent_ids(agent: Mapping[str, Any]) -> dict[str, Any]:
    kept = {name: value for name, value in agent.items() if name in agents.IDENTIFIERS}
    if not kept and "member" in agent:
        kept["member"] = [*map(_agent_ids, agent["member"])]
    return {"objectType": agent["objectType"], **kept} if "objectType" in agent else kept


def _lower_version(text: str) -> str:
    return f'"{stamp.VERSION[versions.V1]}"' if text.startswith('"2.') else text


def _lower_context(text: str) -> str | None:
    lower = jsontext.rewritten(text, dict.fromkeys(_CONTEXT_OF_2, lambda _: None))
    return None if lower == "{}" != text else lower


def _lower_object(text: str) -> str:
    return jsontext.rewritten(text, {"context": _lower_context})


_LOWER: Mapping[str, jsontext.Change] = {
    "version": _lower_version,
    "context": _lower_context,
    "object": _lower_object,
}
