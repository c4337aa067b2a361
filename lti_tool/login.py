"""The login initiation: find the platform, remember one record, send the browser to the platform. Floor 3.

1EdTech Security Framework 1.0, section 5.1.1. The record {state, nonce, issuer, client, target, browser binding} is
what the launch is checked against; it is taken once, within five minutes. It holds no secret and no hint in the clear:
who reads the store learns neither a state nor a binding, nor whom a login was for. What the platform may choose is
bounded, and how many records there are too, over all processes together.
"""

from __future__ import annotations

import base64
import hashlib
import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode, urlsplit, urlunsplit

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from lti_tool import binding, errors, platforms
from lti_tool.binding import Keeper
from lti_tool.platforms import Platform
from lti_tool.settings import LOGINS, PACES
from storage.port import Storage

LIFETIME = 300.0
OUTSTANDING = 20_000
LEASE = 20
SWEPT = 80
LONGEST = {"iss": 2048, "client_id": 1024, "target_link_uri": 2048, "login_hint": 4096, "lti_message_hint": 8192}
LONGEST_KEPT = 320
"""Bytes of the hints of a login that may be begun again. Longer ones (those of Canvas) count once at the platform
anyway; and a record that fits into a quarter of a page of SQLite costs a fifth of one that does not."""
REQUIRED = ("iss", "login_hint", "target_link_uri")
HINTS = ("login_hint", "lti_message_hint")
NONCE = bytes(12)  # each key of `_seal` seals one text

NewToken = Callable[[], str]


@dataclass(frozen=True)
class Begun:
    """A begun login.

    Attributes:
        location: Where the browser goes.
        cookie: Name of the cookie that binds the launch to this browser.
        binding: Its value.
        keeper: The platform's storage, which must keep the binding because the browser loses cookies; or None.
        frames: Origins whose pages may show the tool.
        again: The parameters of the login, to begin once more.
    """

    location: str
    cookie: str
    binding: str
    keeper: Keeper | None
    frames: tuple[str, ...]
    again: Mapping[str, str]


@dataclass
class Pace:
    """What this process may still begin in this minute, and how far it has looked for old records.

    A process takes `LEASE` logins at a time from the institution's common count, so that many processes together keep
    within `OUTSTANDING` and a login costs no write of its own for it.
    """

    minute: int = -1
    left: int = 0
    after: tuple[str, ...] | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)


def launch_url(base: str) -> str:
    """The one redirect_uri of this tool."""
    return f"{base}/lti/launch"


def begin(
    storage: Storage,
    base: str,
    parameters: Mapping[str, str],
    *,
    now: float,
    new_token: NewToken,
    pace: Pace,
    cookies: bool = True,
) -> Begun:
    """Begin a login.

    Args:
        storage: Where the record is kept.
        base: Public base URL of the tool.
        parameters: What the platform sent (query or form).
        now: Seconds since the epoch.
        new_token: Makes an unguessable token of at least 128 bits.
        pace: The process's count of logins.
        cookies: Whether the browser may be trusted to send our cookie back; False: it has just lost one.

    Raises:
        errors.LoginRefused: A parameter is missing or too long, the platform is unknown or pending, the target is not
            ours, the browser cannot be bound here (`state_not_bound`: a new window is needed), or too many.
    """
    sent = _bounded(parameters)
    again = {name: sent[name] for name in LONGEST if name in sent}
    platform = _platform(storage, sent["iss"], sent.get("client_id"))
    try:
        if platform.state != "active":
            raise errors.LoginRefused("platform_pending", "iss, client_id")
        if not is_ours(sent["target_link_uri"], base):
            raise errors.LoginRefused("target_foreign", "target_link_uri")
        offered = binding.target(parameters)
        keeper = None if cookies else binding.keeper(platform, offered)
        if not cookies and keeper is None:
            raise errors.LoginRefused("state_not_bound", "cookie")
        _keep_pace(storage, pace, now)
    except errors.Refused as refused:
        refused.frames = platforms.frames(platform)
        refused.again = again
        raise
    state, nonce, secret = new_token(), new_token(), new_token()
    record = {
        "state": binding.digest(state),
        "nonce": nonce,
        "iss": platform.iss,
        "client_id": platform.client_id,
        "target": sent["target_link_uri"],
        "binding": binding.digest(secret),
        "keeper": offered,
        "expires": now + LIFETIME,
        "hints": _seal({name: sent[name] for name in HINTS if name in sent}, state),
    }
    storage.insert(LOGINS, record)
    location = _authorisation(platform, sent, base, state, nonce)
    return Begun(location, binding.cookie_name(state), secret, keeper, platforms.frames(platform), again)


def peek(storage: Storage, state: str, now: float) -> dict[str, Any] | None:
    """The record of a state while it lives; it stays where it is."""
    record = storage.get(LOGINS, (binding.digest(state),))
    return None if record is None or now >= record["expires"] else _whole(record, state)


def take(storage: Storage, state: str | None, now: float) -> dict[str, Any]:
    """Take the record of a state: once, whoever asks, and only while it lives.

    Raises:
        errors.LaunchRefused: No state, an unknown or used one, or one that is too old.
    """
    if not state:
        raise errors.LaunchRefused("state_missing", "state")
    record = storage.take(LOGINS, (binding.digest(state),))
    if record is None:
        raise errors.LaunchRefused("state_unknown", "state")
    if now >= record["expires"]:
        raise errors.LaunchRefused("state_expired", "state")
    return _whole(record, state)


def sweep(
    storage: Storage, now: float, *, after: tuple[str, ...] | None = None, limit: int = SWEPT
) -> tuple[str, ...] | None:
    """Delete records that nobody came back for.

    States are digests, so a walk in their order meets old and new ones alike, and every record in its turn.

    Args:
        storage: Where they are.
        now: Seconds since the epoch.
        after: What the call before answered.
        limit: How many records to look at.

    Returns:
        Where to go on; None at the end.
    """
    looked = storage.find(LOGINS, {}, limit=limit, after=after)
    for record in looked:
        if now >= record["expires"]:
            storage.delete(LOGINS, (record["state"],))
    return (looked[-1]["state"],) if len(looked) == limit else None


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
    """Count one login. With every lease some old records are swept, so that a flood pays for its own tidying."""
    minute = int(now // 60)
    with pace.lock:
        if pace.minute != minute or not pace.left:
            _lease(storage, minute)
            pace.minute, pace.left = minute, LEASE
            pace.after = sweep(storage, now, after=pace.after)
        pace.left -= 1


def _lease(storage: Storage, minute: int) -> None:
    """Take `LEASE` logins from the common count of the minutes whose records still live.

    Raises:
        errors.LoginRefused: `too_many_logins`.
    """
    living = [(f"{minute - back:012d}",) for back in range(int(LIFETIME // 60) + 1)]
    while True:
        counted = storage.get_many(PACES, living)
        if sum(one["leased"] for one in counted.values()) + LEASE > OUTSTANDING:
            raise errors.LoginRefused("too_many_logins")
        present = counted.get(living[0])
        document = {"minute": living[0][0], "leased": LEASE + (present["leased"] if present else 0)}
        if storage.replace(PACES, document, expected=present):
            break
    if present is None:
        for old in storage.find(PACES, {}, limit=10):
            if (old["minute"],) < living[-1]:
                storage.delete(PACES, (old["minute"],))


def _whole(record: Mapping[str, Any], state: str) -> dict[str, Any]:
    """The record with what a login needs to begin once more; nothing where its hints were not kept."""
    hints = _open(record["hints"], state)
    known = {"iss": record["iss"], "client_id": record["client_id"], "target_link_uri": record["target"]}
    return {**record, "again": {**known, **hints} if hints else {}}


def _seal(hints: Mapping[str, str], state: str) -> str:
    """Hints name a person, so only who brings the state can read them; long ones are not kept."""
    text = json.dumps(hints).encode()
    if len(text) > LONGEST_KEPT:
        return ""
    return base64.b64encode(AESGCM(_key(state)).encrypt(NONCE, text, None)).decode()


def _open(sealed: str, state: str) -> dict[str, str]:
    if not sealed:
        return {}
    found: dict[str, str] = json.loads(AESGCM(_key(state)).decrypt(NONCE, base64.b64decode(sealed), None))
    return found


def _key(state: str) -> bytes:
    return hashlib.sha256(b"hints:" + state.encode()).digest()


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
