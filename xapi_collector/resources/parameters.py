"""The parameters of a request, each checked once: unknown, repeated, missing and malformed ones are refused. Floor 1.

xAPI 1.0.3, Communication 3.2 (XAPI-00324, XAPI-00325). The rule that a parameter breaks depends on the method, so a
parameter carries a table of them.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask import request

from xapi_collector import errors
from xapi_collector.grammar import formats, jsontext, validate

Rules = Mapping[str, str]
"""The requirement by method; HEAD has that of GET."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of a resource.

    Attributes:
        name: As the specification spells it.
        parse: Makes its value of the text; None where the text is malformed.
        expected: What would be right.
        missing: The rule that is broken where it is required and is not there.
        malformed: The rule that a malformed value breaks.
    """

    name: str
    parse: Callable[[str], Any]
    expected: str
    missing: Rules = field(default_factory=dict)
    malformed: Rules = field(default_factory=dict)


def activity_id(missing: Rules) -> Parameter:
    """The parameter activityId: an IRI."""
    return Parameter("activityId", lambda text: text if formats.is_iri(text) else None, "an absolute IRI", missing)


def agent(missing: Rules, malformed: Rules) -> Parameter:
    """The parameter agent: the JSON of an Agent, no Group (Communication 2.4 and 2.6)."""
    return Parameter("agent", _agent, "the JSON of an Agent with one identifier", missing, malformed)


def registration(malformed: Rules) -> Parameter:
    """The parameter registration: a UUID."""
    return Parameter(
        "registration", lambda text: text.lower() if formats.is_uuid(text) else None, "a UUID", {}, malformed
    )


def since(malformed: str) -> Parameter:
    """The parameter since: a timestamp; its value is in microseconds."""
    expected = "an ISO 8601 date and time, such as 2026-11-23T08:30:00Z"
    return Parameter("since", formats.microseconds, expected, {}, {"GET": malformed})


def document_id(name: str, missing: Rules) -> Parameter:
    """The parameter stateId or profileId: any text that is not empty."""
    return Parameter(name, lambda text: text or None, "a text that is not empty", missing)


def read(allowed: Sequence[Parameter], required: Collection[str]) -> dict[str, Any]:
    """The values of the current request's parameters.

    Args:
        allowed: Those that this resource knows.
        required: The names of those without which it does not answer.

    Raises:
        errors.RequestError: 400, with the parameter's name as path.
    """
    method = "GET" if request.method == "HEAD" else request.method
    known = {each.name: each for each in allowed}
    values = {}
    for name, texts in request.args.lists():
        parameter = known.get(name)
        if parameter is None:
            raise _unknown(name, known)
        if len(texts) > 1:
            raise errors.RequestError(
                "The parameter is there twice.", path=name, rule="XAPI-00324", expected="each parameter once"
            )
        values[name] = parameter.parse(texts[0])
        if values[name] is None:
            raise errors.RequestError(
                "The value does not have its format.",
                path=name,
                rule=parameter.malformed.get(method, "XAPI-00012"),
                expected=parameter.expected,
            )
    for name in required:
        if name not in values:
            msg = f"The parameter {name} is missing."
            rule = known[name].missing.get(method, "")
            raise errors.RequestError(msg, path=name, rule=rule, expected=known[name].expected)
    return values


def _unknown(name: str, known: Collection[str]) -> errors.RequestError:
    meant = next((each for each in known if each.lower() == name.lower()), None)
    return errors.RequestError(
        "The parameter is not known here.",
        path=name[:100],
        rule="XAPI-00325" if meant else "XAPI-00324",
        expected=f"{meant}, in this case of letters" if meant else f"no other than {', '.join(known)}",
    )


def _agent(text: str) -> Mapping[str, Any] | None:
    try:
        value: Mapping[str, Any] = jsontext.object_of(text)
        validate.agent(value)
    except errors.RequestError:
        return None
    return None if value.get("objectType") == "Group" else value
