"""The login initiation: find the platform, remember one record, send the browser to the platform. Floor 3.

1EdTech Security Framework 1.0, section 5.1.1. The record {state, nonce, issuer, client, target, browser binding} is
what the launch is checked against; it is taken once, within five minutes. What the platform may choose is bounded,
and how many records there are too.
"""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode, urlsplit, urlunsplit

from lti_tool import errors, platforms
from lti_tool.platforms import Platform
from lti_tool.settings import LOGINS
from storage.port import Storage

LIFETIME = 300.0
OUTSTANDING = 20_000
LONGEST = {"iss": 2048, "client_id": 1024, "target_link_uri": 2048, "login_hint": 4096, "lti_message_hint": 8192}
REQUIRED = ("iss", "login_hint", "target_link_uri")

NewToken = Callable[[], str]


@dataclass(frozen=True)
class Begun:
    """A begun login: where the browser goes, and the cookie that binds the launch to it."""

    location: str
    cookie: str
    binding: str


@dataclass
class Pace:
    """How many logins this process began in the last five minutes; bounded, so that nobody fills the store."""

    begun: deque[float] = field(default_factory=deque)
    swept: float = 0.0


def launch_url(base: str) -> str:
    """The one redirect_uri of this tool."""
    return f"{base}/lti/launch"


def begin(
    storage: Storage, base: str, parameters: Mapping[str, str], *, now: float, new_token: NewToken, pace: Pace
) -> Begun:
    """Begin a login.

    Args:
        storage: Where the record is kept.
        base: Public base URL of the tool.
        parameters: What the platform sent (query or form).
        now: Seconds since the epoch.
        new_token: Makes an unguessable token of at least 128 bits.
        pace: The process's count of logins.

    Raises:
        errors.LoginRefused: A parameter is missing or too long, the platform is unknown, the target is not ours, or
        too many.
    """
    sent = _bounded(parameters)
    platform = _platform(storage, sent["iss"], sent.get("client_id"))
    if not is_ours(sent["target_link_uri"], base):
        raise errors.LoginRefused("target_foreign", "target_link_uri")
    _keep_pace(storage, pace, now)
    state, nonce, binding = new_token(), new_token(), new_token()
    record = {
        "state": state,
        "nonce": nonce,
        "iss": platform.iss,
        "client_id": platform.client_id,
        "target": sent["target_link_uri"],
        "binding": digest(binding),
        "expires": now + LIFETIME,
        "minute": int(now // 60),
        "again": {name: sent[name] for name in LONGEST if name in sent},
    }
    storage.insert(LOGINS, record)
    return Begun(_authorisation(platform, sent, base, state, nonce), cookie_name(state), binding)


def take(storage: Storage, state: str | None, now: float) -> dict[str, Any]:
    """Take the record of a state: once, whoever asks, and only while it lives.

    Raises:
        errors.LaunchRefused: No state, an unknown or used one, or one that is too old.
    """
    if not state:
        raise errors.LaunchRefused("state_missing", "state")
    record = storage.take(LOGINS, (state,)) if len(state) <= 255 and state.isascii() else None
    if record is None:
        raise errors.LaunchRefused("state_unknown", "state")
    if now >= record["expires"]:
        raise errors.LaunchRefused("state_expired", "state")
    return dict(record)


def sweep(storage: Storage, minutes: Iterable[int], now: float) -> None:
    """Delete the records of these minutes that nobody came back for, at most 1,000 a minute."""
    for minute in minutes:
        for record in storage.find(LOGINS, {"minute": minute}, limit=1000):
            if now >= record["expires"]:
                storage.delete(LOGINS, (record["state"],))


def is_ours(target: str, base: str) -> bool:
    """Whether a target_link_uri lies on the tool's own origin, below its base path."""
    if not target.isascii() or not target.isprintable() or "\\" in target or " " in target:
        return False
    try:
        there, here = urlsplit(target), urlsplit(base)
    except ValueError:
        return False
    below = there.path == here.path or there.path.startswith(here.path.rstrip("/") + "/")
    return (there.scheme, there.netloc) == (here.scheme, here.netloc) and below and ".." not in there.path


def cookie_name(state: str) -> str:
    """One cookie a login, so that two tabs at once both succeed."""
    return f"lti_{digest(state)[:16]}"


def digest(value: str) -> str:
    """sha256 in hex: what the record keeps of the browser's binding."""
    return hashlib.sha256(value.encode()).hexdigest()


def _bounded(parameters: Mapping[str, str]) -> dict[str, str]:
    sent = {name: parameters[name] for name in LONGEST if parameters.get(name)}
    for name in REQUIRED:
        if name not in sent:
            raise errors.LoginRefused("login_parameter_missing", name)
    for name, value in sent.items():
        if len(value) > LONGEST[name]:
            raise errors.LoginRefused("login_parameter_too_long", name)
    return sent


def _platform(storage: Storage, iss: str, client_id: str | None) -> Platform:
    if client_id is not None:
        found = platforms.find(storage, iss, client_id)
        if found is None:
            raise errors.LoginRefused("platform_unknown", "iss, client_id")
        return found
    candidates = platforms.of_issuer(storage, iss)
    if not candidates:
        raise errors.LoginRefused("platform_unknown", "iss")
    if len(candidates) > 1:
        raise errors.LoginRefused("client_ambiguous", "client_id")
    return candidates[0]


def _keep_pace(storage: Storage, pace: Pace, now: float) -> None:
    while pace.begun and pace.begun[0] <= now - LIFETIME:
        pace.begun.popleft()
    if len(pace.begun) >= OUTSTANDING:
        raise errors.LoginRefused("too_many_logins")
    pace.begun.append(now)
    if now - pace.swept >= 60:
        minute, pace.swept = int((now - LIFETIME) // 60), now
        sweep(storage, range(minute - 5, minute + 1), now)


def _authorisation(platform: Platform, sent: Mapping[str, str], base: str, state: str, nonce: str) -> str:
    query = {
        "scope": "openid",
        "response_type": "id_token",
        "response_mode": "form_post",
        "prompt": "none",
        "client_id": platform.client_id,
        "redirect_uri": launch_url(base),
        "login_hint": sent["login_hint"],
        "state": state,
        "nonce": nonce,
    }
    if "lti_message_hint" in sent:
        query["lti_message_hint"] = sent["lti_message_hint"]
    parts = urlsplit(platform.auth_url)
    joined = "&".join(filter(None, [parts.query, urlencode(query)]))
    return urlunsplit((parts.scheme, parts.netloc, parts.path, joined, ""))
