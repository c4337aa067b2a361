"""Is a registration right? Ask what a launch, a score and a roster will need, and say each in a line. Floor 3.

What a line says is data (an id of the texts and its values), so that the command and the page say the same in each
language. It asks through the guard of `services`, with a real service token for each scope, and keeps nothing.
"""

from __future__ import annotations

import email.utils
import shlex
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

from lti_tool import errors, id_token, platforms
from lti_tool.families import Family
from lti_tool.keys import ToolKeys
from lti_tool.platforms import Platform
from lti_tool.registration import description
from lti_tool.services import tokens, wire
from lti_tool.services.wire import Answer, Exchange
from lti_tool.texts import Say

OK, NOTE, WRONG = "ok", "note", "wrong"
BITS = 2048
DRIFT = 10
"""Seconds between two clocks that nobody need look at: more is a server that does not follow NTP."""


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at.

    Attributes:
        level: "ok", "note" or "wrong".
        id: Of its text, `check.<id>`; unless it is ok, `check.<id>.cure` says what to do.
        values: What the two texts name.
    """

    level: str
    id: str
    values: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Bench:
    """What a check needs: the way out, the tool's address and keys, the clock, and new ids."""

    exchange: Exchange
    url: str
    keys: ToolKeys
    now: Callable[[], float]
    new_id: Callable[[], str]


def tool(bench: Bench) -> list[Finding]:
    """Check what the tool itself shows to every platform: https, and its key set at its public address."""
    findings = list(_protected("url", (bench.url,)))
    address = f"{bench.url}/lti/jwks"
    try:
        answer = bench.exchange("GET", address, limits=wire.KEY_SET)
        served = {key.get("kid") for key in _keys(answer)}
    except errors.ServiceError as error:
        unseen = "own_unsafe" if error.kind == "unsafe" else "own_unreachable"
        return [*findings, Finding(WRONG, unseen, {"url": address, "why": error.kind})]
    if bench.keys.signing.kid not in served:
        return [*findings, Finding(WRONG, "own_foreign", {"url": address})]
    return [*findings, Finding(OK, "own_served", {"url": address})]


def platform(bench: Bench, record: Platform) -> list[Finding]:
    """Check one registration, from its state to the tokens of each service."""
    family = platforms.family(record)
    return [
        *_state(record),
        *_protected("endpoints", (record.iss, record.auth_url, record.token_url, record.jwks_url)),
        *_key_set(bench, record),
        *_login(bench, record),
        *_services(bench, record),
        *_deployments(record),
        *_family(record, family),
    ]


@dataclass(frozen=True)
class Line:
    """A finding in words: what was found, and what to do unless that is well."""

    level: str
    text: str
    cure: str


def say(findings: Sequence[Finding], speak: Say) -> list[Line]:
    """Put findings into the words of a language."""
    return [
        Line(
            one.level,
            speak(f"check.{one.id}", **one.values),
            "" if one.level == OK else speak(f"check.{one.id}.cure", **one.values),
        )
        for one in findings
    ]


def worst(findings: Sequence[Finding]) -> str:
    """The level of the gravest of them."""
    return next((level for level in (WRONG, NOTE) if any(one.level == level for one in findings)), OK)


def _state(record: Platform) -> Iterator[Finding]:
    if record.state == "pending":
        yield Finding(WRONG, "pending", _named(record))
    else:
        yield Finding(OK, "active")


def _protected(what: str, addresses: tuple[str, ...]) -> Iterator[Finding]:
    plain = [address for address in addresses if address and not address.startswith("https://")]
    if plain:
        yield Finding(WRONG, f"{what}_plain", {"address": plain[0]})
    else:
        yield Finding(OK, f"{what}_protected")


def _key_set(bench: Bench, record: Platform) -> Iterator[Finding]:
    values = {"address": record.jwks_url}
    try:
        answer = bench.exchange("GET", record.jwks_url, limits=wire.KEY_SET)
        usable = [key for key in _keys(answer) if _signs(key)]
    except errors.ServiceError as error:
        if error.kind == "malformed":
            yield Finding(WRONG, "keys_malformed", values)
        else:
            yield _unheard("keys", record.jwks_url, error)
        return
    yield Finding(OK, "keys_found", values) if usable else Finding(WRONG, "keys_none", values)
    yield from _clock(answer, bench.now())


def _clock(answer: Answer, now: float) -> Iterator[Finding]:
    """Compare the platform's clock, by the second, with ours (RFC 9110, section 6.6.1)."""
    try:
        there = email.utils.parsedate_to_datetime(answer.headers.get("date", "")).timestamp()
    except (ValueError, TypeError, OverflowError):
        return
    seconds = round(there - now)
    values = {"seconds": str(abs(seconds)), "leeway": f"{id_token.LEEWAY:.0f}"}
    if abs(seconds) <= DRIFT:
        yield Finding(OK, "clock")
    else:
        level = WRONG if abs(seconds) > id_token.LEEWAY else NOTE
        yield Finding(level, "clock_ahead" if seconds > 0 else "clock_behind", values)


def _login(bench: Bench, record: Platform) -> Iterator[Finding]:
    """The login endpoint answers something, most likely an error: nothing of a login was sent."""
    try:
        bench.exchange("GET", record.auth_url)
    except errors.ServiceError as error:
        if error.status == 404:
            yield Finding(WRONG, "login_missing", {"address": record.auth_url})
            return
        if error.kind in {"unsafe", "unreachable", "timeout", "failing"}:
            yield _unheard("login", record.auth_url, error)
            return
    yield Finding(OK, "login")


def _services(bench: Bench, record: Platform) -> Iterator[Finding]:
    """Ask for a token of each scope, one by one, so that a line says which of them the platform withholds."""
    if not record.token_url:
        yield Finding(NOTE, "tokens_none")
        return
    fresh = tokens.Tokens(bench.keys, bench.exchange, bench.now, bench.new_id)
    refused: list[str] = []
    for scope in description.SCOPES:
        try:
            fresh.get(record, [scope])
        except errors.ServiceError as error:
            if error.kind != "unauthorised":
                yield _unheard("tokens", record.token_url, error)
                return
            refused.append(scope)
    if len(refused) == len(description.SCOPES):
        yield Finding(WRONG, "tokens_refused", {"url": f"{bench.url}/lti/jwks", "client": record.client_id})
        return
    yield Finding(OK, "tokens")
    for scope in refused:
        yield Finding(WRONG, "scope_refused", {"scope": scope})


def _deployments(record: Platform) -> Iterator[Finding]:
    if record.deployments:
        yield Finding(OK, "deployments", {"ids": ", ".join(record.deployments)})
    else:
        yield Finding(NOTE, "deployments_open", _named(record))


def _family(record: Platform, family: Family) -> Iterator[Finding]:
    if record.iss in family.hosted and not record.frames:
        yield Finding(WRONG, "frames", _named(record))
    if family.accounts:
        yield Finding(NOTE, f"accounts_{family.name}", {"iss": record.iss})


def _named(record: Platform) -> dict[str, str]:
    """How a command names a platform: quoted, for its ids are the platform's own words and end in somebody's shell."""
    return {"iss": shlex.quote(record.iss), "client": shlex.quote(record.client_id)}


def _unheard(what: str, address: str, error: errors.ServiceError) -> Finding:
    reason = error.kind if error.kind in {"unsafe", "timeout", "unreachable", "malformed"} else "status"
    return Finding(WRONG, f"{what}_{reason}", {"address": address, "status": str(error.status)})


def _keys(answer: Answer) -> list[dict[str, Any]]:
    found = answer.json()
    keys = found.get("keys") if isinstance(found, dict) else None
    if not isinstance(keys, list):
        raise errors.ServiceError("malformed", answer.status)
    return [key for key in keys if isinstance(key, dict)]


def _signs(key: Mapping[str, Any]) -> bool:
    """Whether it can have signed an id_token: RSA of 2048 bits and more, with an id, and meant for signatures."""
    if key.get("kty") != "RSA" or not key.get("kid") or key.get("use", "sig") != "sig":
        return False
    try:
        public = jwt.PyJWK(dict(key), algorithm="RS256").key
    except (jwt.PyJWTError, ValueError, TypeError):
        return False
    return isinstance(public, rsa.RSAPublicKey) and public.key_size >= BITS
