"""The parameters of GET /xapi/statements as a query, and the opaque continuation of a page. Floor 1, pure.

xAPI 1.0.3, Communication 2.1.3; 2.0, 4.1.6.1. Every parameter of the specification has a row.
"""

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, NoReturn

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from storage.port import SOURCE, Query, Term
from xapi_collector import agents, errors, extract
from xapi_collector.grammar import formats, jsontext, validate
from xapi_collector.keyring import Keyring

MAX_LIMIT = 500
FORMATS = ("exact", "ids", "canonical")
_ALONE = ("statementId", "voidedStatementId")
_SHAPES = ("attachments", "format")
_FILTERS = (
    "agent",
    "verb",
    "activity",
    "registration",
    "related_activities",
    "related_agents",
    "since",
    "until",
    "limit",
    "ascending",
)
PARAMETERS = (*_ALONE, *_SHAPES, *_FILTERS, "more")
_UUID = "a UUID in its standard form"


@dataclass(frozen=True, slots=True)
class Shape:
    """How statements are answered.

    Attributes:
        form: One of FORMATS.
        attachments: With the data of their attachments, as multipart/mixed.
    """

    form: str = "exact"
    attachments: bool = False


@dataclass(frozen=True, slots=True)
class One:
    """One statement is asked for, by its id; a void one only as void."""

    statement_id: str
    voided: bool
    shape: Shape


@dataclass(frozen=True, slots=True)
class Many:
    """A page of statements is asked for."""

    query: Query
    shape: Shape


def parse(parameters: Mapping[str, list[str]], keyring: Keyring) -> One | Many:
    """What the parameters ask for.

    Args:
        parameters: Name and every value given.
        keyring: For the pseudonyms of `agent` and for `more`.

    Raises:
        errors.RequestError: A parameter is unknown, repeated, malformed, or does not go with another.
    """
    values = {name: _single(name, given) for name, given in parameters.items()}
    shape = Shape(
        _checked(values, "format", FORMATS.__contains__, f"one of {', '.join(FORMATS)}")
        if "format" in values
        else "exact",
        _flag(values, "attachments"),
    )
    for name in _ALONE:
        if name in values:
            return _one(values, name, shape)
    if "more" in values:
        return _continue(values, keyring)
    return Many(_filtered(values, keyring), shape)


def continuation(many: Many, resume: int, keyring: Keyring, nonce: bytes) -> str:
    """The opaque text that continues a query after the row of seq `resume`; it holds no name, and none can forge it."""
    query = many.query
    rest = replace(query, after=resume) if query.ascending else replace(query, before=resume)
    content = {"query": rest, "shape": many.shape}
    sealed = AESGCM(keyring.derive("more")).encrypt(nonce, orjson.dumps(content), None)
    return base64.urlsafe_b64encode(nonce + sealed).decode().rstrip("=")


def _single(name: str, given: list[str]) -> str:
    if name not in PARAMETERS:
        known = next((each for each in PARAMETERS if each.lower() == name.lower()), None)
        _refuse(
            name[:100],
            "The parameter is not known.",
            "XAPI-00325" if known else "XAPI-00324",
            known or f"one of {', '.join(PARAMETERS)}",
        )
    if len(given) != 1:
        _refuse(name, "The parameter is given more than once.", "XAPI-00324", "the parameter once")
    return given[0]


def _refuse(name: str, detail: str, rule: str, expected: str) -> NoReturn:
    raise errors.RequestError(detail, path=name, rule=rule, expected=expected)


def _one(values: Mapping[str, str], name: str, shape: Shape) -> One:
    for other in values:
        if other not in (name, *_SHAPES):
            _refuse(other, f"{name} goes with attachments and format only.", "XAPI-00151", f"{name} alone")
    return One(_checked(values, name, formats.is_uuid, _UUID).lower(), name == "voidedStatementId", shape)


def _filtered(values: Mapping[str, str], keyring: Keyring) -> Query:
    groups: list[tuple[Term, ...]] = []
    kind = None
    related_agents = _flag(values, "related_agents")
    related_activities = _flag(values, "related_activities")
    if "agent" in values:
        groups.append(_agent_terms(_agent(values["agent"]), keyring, related=related_agents))
    if "activity" in values:
        activity = _checked(values, "activity", formats.is_iri, "an absolute IRI")
        roles = (extract.ACTIVITY, extract.RELATED_ACTIVITY) if related_activities else (extract.ACTIVITY,)
        groups.append(tuple((activity, role) for role in roles))
    if "registration" in values:
        registration = _checked(values, "registration", formats.is_uuid, _UUID)
        groups.append(((registration.lower(), extract.REGISTRATION),))
    if "verb" in values:
        kind = (_checked(values, "verb", formats.is_iri, "an absolute IRI"), extract.VERB)
    limit = (
        int(_checked(values, "limit", _is_count, "a whole number, 0 for as many as allowed"))
        if "limit" in values
        else 0
    )
    return Query(
        groups=tuple(groups),
        kind=kind,
        since=_time(values, "since"),
        until=_time(values, "until"),
        limit=min(limit, MAX_LIMIT) or MAX_LIMIT,
        ascending=_flag(values, "ascending"),
    )


def _agent_terms(agent: Mapping[str, Any], keyring: Keyring, *, related: bool) -> tuple[Term, ...]:
    """The terms of an agent, by every key that may have made its pseudonym; related, it may be an authority too."""
    names = [agents.pseudonym(agent, key) for key in keyring.pseudonym_keys]
    if not related:
        return tuple((name, extract.AGENT) for name in names)
    terms = [(name, role) for name in names for role in (extract.AGENT, extract.RELATED_AGENT)]
    if "account" in agent:
        terms.append((agents.authority(agent["account"]["homePage"], agent["account"]["name"]), SOURCE))
    return tuple(terms)


def _is_count(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 19


def _flag(values: Mapping[str, str], name: str) -> bool:
    if name not in values:
        return False
    return _checked(values, name, {"true", "false"}.__contains__, "true or false") == "true"


def _checked(values: Mapping[str, str], name: str, holds: Callable[[str], bool], expected: str) -> str:
    if not holds(values[name]):
        _refuse(name, "The value does not have its format.", "XAPI-00012", expected)
    return values[name]


def _time(values: Mapping[str, str], name: str) -> int | None:
    if name not in values:
        return None
    time = formats.microseconds(values[name])
    if time is None:
        _refuse(
            name, "The value is no timestamp.", "XAPI-00012", "an ISO 8601 date and time, such as 2026-11-23T08:30:00Z"
        )
    return time


def _agent(text: str) -> Mapping[str, Any]:
    try:
        agent: Mapping[str, Any] = jsontext.object_of(text)
        validate.agent(agent)
    except errors.RequestError as error:
        raise errors.RequestError(
            error.detail,
            path=f"agent{error.path.removeprefix('$')}",
            rule=error.rule or "XAPI-00012",
            expected=error.expected,
        ) from None
    return agent


def _continue(values: Mapping[str, str], keyring: Keyring) -> Many:
    if len(values) > 1:
        _refuse("more", "The continuation of a page takes no other parameter.", "XAPI-00324", "the IRL as it was given")
    text = values["more"]
    try:
        blob = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        content = orjson.loads(AESGCM(keyring.derive("more")).decrypt(blob[:12], blob[12:], None))
    except (ValueError, InvalidTag):
        _refuse("more", "The continuation was not given by this collector.", "XAPI-00108", "the IRL as it was given")
    query = content["query"]
    groups = tuple(tuple((word, role) for word, role in group) for group in query.pop("groups"))
    kind = query.pop("kind")
    return Many(
        Query(groups=groups, kind=None if kind is None else (kind[0], kind[1]), **query), Shape(**content["shape"])
    )
