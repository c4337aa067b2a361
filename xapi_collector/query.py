"""The parameters of GET /xapi/statements as a query, and the opaque continuation of a page. Floor 1, pure.

xAPI 1.0.3, Communication 2.1.3. Every parameter of the specification has a row; one that is not served yet is refused
with a text that says so, unless it has its default value.
"""

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from storage.port import Query
from xapi_collector import agents, errors, extract, formats, jsontext, validate
from xapi_collector.keyring import Keyring

MAX_LIMIT = 500
_FILTERS = ("agent", "verb", "activity", "since", "until", "limit", "ascending")
# What they do comes with the rest of the standard; until then only their default is true.
_DEFAULTS = {"related_activities": "false", "related_agents": "false", "attachments": "false", "format": "exact"}
_UNSERVED = ("voidedStatementId", "registration")
PARAMETERS = ("statementId", *_FILTERS, *_DEFAULTS, *_UNSERVED, "more")


@dataclass(frozen=True, slots=True)
class One:
    """One statement is asked for, by its id."""

    statement_id: str


def parse(parameters: Mapping[str, list[str]], keyring: Keyring) -> One | Query:
    """What the parameters ask for.

    Args:
        parameters: Name and every value given.
        keyring: For the pseudonym of `agent` and for `more`.

    Raises:
        errors.RequestError: A parameter is unknown, repeated, malformed, or does not go with another.
    """
    values = {name: _single(name, given) for name, given in parameters.items()}
    for name, default in _DEFAULTS.items():
        if values.get(name, default) != default:
            _refuse(name, "This collector does not serve that value yet.", "XAPI-00324", default)
    for name in _UNSERVED:
        if name in values:
            _refuse(name, "This collector does not serve the parameter yet.", "XAPI-00324", "a request without it")
    if "statementId" in values:
        return _one(values)
    if "more" in values:
        return _continue(values, keyring)
    return _filtered(values, keyring)


def continuation(query: Query, last: int, keyring: Keyring, nonce: bytes) -> str:
    """The opaque text that continues a query after the row of seq `last`; it holds no name and no one can forge it."""
    where = {"after": last, "before": query.before} if query.ascending else {"after": query.after, "before": last}
    content = {
        "terms": query.terms,
        "kind": query.kind,
        "since": query.since,
        "until": query.until,
        "limit": query.limit,
        "ascending": query.ascending,
    } | where
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


def _one(values: Mapping[str, str]) -> One:
    for name in values:
        if name not in ("statementId", "attachments", "format"):
            _refuse(name, "statementId goes with attachments and format only.", "XAPI-00151", "statementId alone")
    if not formats.is_uuid(values["statementId"]):
        _refuse("statementId", "The value is no UUID.", "XAPI-00012", "a UUID in its standard form")
    return One(values["statementId"])


def _filtered(values: Mapping[str, str], keyring: Keyring) -> Query:
    terms: list[tuple[str, int]] = []
    kind = None
    if "agent" in values:
        terms.append((agents.pseudonym(_agent(values["agent"]), keyring.pseudonym_key), extract.AGENT))
    if "activity" in values:
        terms.append((_checked(values, "activity", formats.is_iri, "an absolute IRI"), extract.ACTIVITY))
    if "verb" in values:
        kind = _checked(values, "verb", formats.is_iri, "an absolute IRI")
        if not terms:
            terms.append((kind, extract.VERB))
    limit = (
        int(_checked(values, "limit", _is_count, "a whole number, 0 for as many as allowed"))
        if "limit" in values
        else 0
    )
    ascending = (
        _checked(values, "ascending", {"true", "false"}.__contains__, "true or false") if "ascending" in values else ""
    )
    return Query(
        terms=tuple(terms),
        kind=kind,
        since=_time(values, "since"),
        until=_time(values, "until"),
        limit=min(limit, MAX_LIMIT) or MAX_LIMIT,
        ascending=ascending == "true",
    )


def _is_count(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 19


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


def _continue(values: Mapping[str, str], keyring: Keyring) -> Query:
    if len(values) > 1:
        _refuse("more", "The continuation of a page takes no other parameter.", "XAPI-00324", "the IRL as it was given")
    text = values["more"]
    try:
        blob = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        content = orjson.loads(AESGCM(keyring.derive("more")).decrypt(blob[:12], blob[12:], None))
    except (ValueError, InvalidTag):
        _refuse("more", "The continuation was not given by this collector.", "XAPI-00108", "the IRL as it was given")
    return Query(**{**content, "terms": tuple((word, role) for word, role in content["terms"])})
