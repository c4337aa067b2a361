"""The parts of a statement that occur in several places: actors, verbs, activities, references. Floor 1, pure.

xAPI 1.0.3, Data 2.4.2 to 2.4.4; 2.0, 4.2.2.1 to 4.2.2.3, and the agents and groups of 4.2.2.5. Each function is a
check: it raises errors.InvalidStatementError or does nothing.
"""

from typing import Any

from xapi_collector import agents
from xapi_collector.grammar import checks, formats
from xapi_collector.grammar.checks import Check, Table

CONTEXT_RULE = "9274.1.1, 4.2.2.5"  # xAPI 2.0; the list of requirements numbers no rule of it

# Actors, Data 2.4.2

uuid = checks.form(formats.is_uuid, "XAPI-00027", "a UUID in its standard form, 8-4-4-4-12 hexadecimal digits")
moment = checks.form(
    lambda text: formats.microseconds(text) is not None,
    "XAPI-00123",
    "an ISO 8601 date and time, such as 2026-11-23T08:30:00Z",
)


def _account(value: Any) -> None:
    checks.fields(value, _ACCOUNT, "XAPI-00041")
    checks.required(value, {"homePage": "XAPI-00042", "name": "XAPI-00043"})


def actor(value: Any) -> None:
    """Refuse what is no Agent and no Group (Data 2.4.2)."""
    checks.fields(value, _AGENT, "XAPI-00031")
    kind = value.get("objectType", "Agent")
    identifiers = ("account" in value) + ("mbox" in value) + ("mbox_sha1sum" in value) + ("openid" in value)
    if kind == "Agent":
        if "member" in value:
            checks.refuse("An Agent has no members.", "XAPI-00035", "objectType 'Group' with 'member'", ".member")
        if identifiers != 1:
            checks.refuse(
                f"The Agent has {identifiers} identifiers.", "XAPI-00034", f"one of {', '.join(agents.IDENTIFIERS)}"
            )
    elif identifiers > 1:
        checks.refuse(
            f"The Group has {identifiers} identifiers.", "XAPI-00037", f"one of {', '.join(agents.IDENTIFIERS)}"
        )
    elif identifiers == 0 and not value.get("member"):
        checks.refuse(
            "The Group has neither identifier nor members.", "XAPI-00037", "an identifier, or 'member' with an Agent"
        )


def _member(value: Any) -> None:
    actor(value)
    if value.get("objectType") == "Group":
        checks.refuse("A member of a Group is a Group.", "XAPI-00036", "Agents as members")


def group(value: Any) -> None:
    """Refuse what is no Group."""
    actor(value)
    if value.get("objectType") != "Group":
        checks.refuse("The value is not a Group.", "XAPI-00088", "a Group, with objectType 'Group'")


def authority(value: Any) -> None:
    """Refuse what is no authority (Data 2.4.9): an Agent, or an anonymous Group of two."""
    actor(value)
    if value.get("objectType") == "Group" and (
        len(value.get("member", ())) != 2 or any(name in value for name in agents.IDENTIFIERS)
    ):
        checks.refuse("An authority that is a Group has two members and no identifier.", "XAPI-00098", "an Agent")


def _relevant(value: Any) -> None:
    checks.each(value, _relevant_type, CONTEXT_RULE)
    if not value:
        checks.refuse("There is no relevant type.", CONTEXT_RULE, "one IRI at least, or no relevantTypes")


def _single(value: Any) -> None:
    actor(value)
    if value.get("objectType") == "Group":
        checks.refuse("The agent is a Group.", CONTEXT_RULE, "an Agent; contextGroups is for Groups")


def context_agent(value: Any) -> None:
    """Refuse what is no contextAgent (2.0, 4.2.2.5)."""
    checks.fields(value, _CONTEXT_AGENT, CONTEXT_RULE)
    checks.required(value, {"objectType": CONTEXT_RULE, "agent": CONTEXT_RULE})


def context_group(value: Any) -> None:
    """Refuse what is no contextGroup (2.0, 4.2.2.5)."""
    checks.fields(value, _CONTEXT_GROUP, CONTEXT_RULE)
    checks.required(value, {"objectType": CONTEXT_RULE, "group": CONTEXT_RULE})


_relevant_type = checks.form(formats.is_iri, CONTEXT_RULE, "an absolute IRI, with its scheme")
_CONTEXT_AGENT: Table = {
    "objectType": checks.one_of(("contextAgent",), CONTEXT_RULE),
    "agent": _single,
    "relevantTypes": _relevant,
}
_CONTEXT_GROUP: Table = {
    "objectType": checks.one_of(("contextGroup",), CONTEXT_RULE),
    "group": group,
    "relevantTypes": _relevant,
}
_ACCOUNT: Table = {
    "homePage": checks.form(formats.is_iri, "XAPI-00042", "an IRL with its scheme"),
    "name": checks.form(bool, "XAPI-00043", "a string that is not empty"),
}
_AGENT: Table = {
    "objectType": checks.one_of(("Agent", "Group"), "XAPI-00031"),
    "name": checks.string("XAPI-00033"),
    "mbox": checks.form(formats.is_mailbox, "XAPI-00038", "'mailto:' and a mail address"),
    "mbox_sha1sum": checks.form(formats.is_sha1, "XAPI-00039", "40 hexadecimal digits"),
    "openid": checks.form(formats.is_iri, "XAPI-00040", "a URI with its scheme"),
    "account": _account,
    "member": checks.array(_member, "XAPI-00036"),
}

# Verbs and objects, Data 2.4.3 and 2.4.4


def verb(value: Any) -> None:
    """Refuse what is no Verb (Data 2.4.3)."""
    checks.fields(value, _VERB, "XAPI-00044")
    checks.required(value, {"id": "XAPI-00044"})


def _component(value: Any) -> None:
    checks.fields(value, _COMPONENT, "XAPI-00063")
    checks.required(value, {"id": "XAPI-00058"})


def _components(rule: str) -> Check:
    def check(value: Any) -> None:
        checks.each(value, _component, rule)
        ids = [each["id"] for each in value]
        if len(set(ids)) < len(ids):
            checks.refuse("Two components have one id.", "XAPI-00058", "an id of its own for each")

    return check


def _definition(value: Any) -> None:
    if value == {}:
        return  # an Activity Definition has no required property
    checks.fields(value, _DEFINITION, "XAPI-00048")
    if "interactionType" not in value:
        for name in ("correctResponsesPattern", "choices", "scale", "source", "target", "steps"):
            if name in value:
                checks.refuse(
                    "The definition lacks interactionType.", "XAPI-00064", "interactionType", checks.step(name)
                )


def activity(value: Any) -> None:
    """Refuse what is no Activity (Data 2.4.4.1)."""
    checks.fields(value, _ACTIVITY, "XAPI-00047")
    checks.required(value, {"id": "XAPI-00047"})


def reference(value: Any) -> None:
    """Refuse what is no Statement Reference (Data 2.4.4.3)."""
    checks.fields(value, _REFERENCE, "XAPI-00092")
    checks.required(value, {"objectType": "XAPI-00073", "id": "XAPI-00072"})


_VERB: Table = {
    "id": checks.form(formats.is_iri, "XAPI-00044", "an absolute IRI, with its scheme"),
    "display": checks.language_map("XAPI-00045"),
}
_COMPONENT: Table = {
    "id": checks.form(bool, "XAPI-00058", "a string that is not empty"),
    "description": checks.language_map("XAPI-00062"),
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
    "name": checks.language_map("XAPI-00056"),
    "description": checks.language_map("XAPI-00059"),
    "type": checks.form(formats.is_iri, "XAPI-00060", "an absolute IRI, with its scheme"),
    "moreInfo": checks.form(formats.is_iri, "XAPI-00061", "an IRL with its scheme"),
    "extensions": checks.extensions,
    "interactionType": checks.one_of(_INTERACTIONS, "XAPI-00049"),
    "correctResponsesPattern": checks.array(checks.string("XAPI-00050"), "XAPI-00050"),
    "choices": _components("XAPI-00055"),
    "scale": _components("XAPI-00054"),
    "source": _components("XAPI-00053"),
    "target": _components("XAPI-00052"),
    "steps": _components("XAPI-00051"),
}
_ACTIVITY: Table = {
    "objectType": checks.one_of(("Activity",), "XAPI-00046"),
    "id": checks.form(formats.is_iri, "XAPI-00047", "an absolute IRI, with its scheme"),
    "definition": _definition,
}
_REFERENCE: Table = {
    "objectType": checks.one_of(("StatementRef",), "XAPI-00073"),
    "id": checks.form(formats.is_uuid, "XAPI-00072", "a UUID in its standard form"),
}
