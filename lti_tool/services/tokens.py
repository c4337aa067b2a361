"""Service tokens: had for a signed assertion, kept until shortly before they end. Floor 3.

OAuth 2.0 client credentials with a JWT (1EdTech Security Framework 1.0, section 4.1; RFC 7523). A token belongs to
(issuer, client id, token address, scopes): a library that left out the client id gave one university another's.
One request at a time for each of them, however many threads wait.
"""

from __future__ import annotations

import re
import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import jwt

from lti_tool import errors
from lti_tool.keys import ToolKey, ToolKeys
from lti_tool.platforms import Platform
from lti_tool.services import wire
from lti_tool.services.wire import Exchange

ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
# An assertion lives a minute (section 4.1.1 leaves it open), and began some seconds ago for a platform whose clock is
# behind ours.
ASSERTION_LIFE = 60
BACKDATED = 5
# RFC 6749, section 5.1, lets the answer leave the life out. A short guess costs one more request in five minutes; a
# long one costs a refused call, which is tried once with a new token.
UNTOLD_LIFE = 300.0
LONGEST_LIFE = 3600.0
MARGIN = 60.0
MOST = 1000

_TOKEN = re.compile(r"[A-Za-z0-9._~+/-]{1,8192}=*")  # RFC 6750, section 2.1

Holder = tuple[str, str, str, tuple[str, ...]]


@dataclass(frozen=True)
class Token:
    """An access token, and until when (seconds since the epoch) it is used."""

    text: str = field(repr=False)
    until: float


class Tokens:
    """The tokens of one process; safe for several threads."""

    def __init__(self, keys: ToolKeys, exchange: Exchange, now: Callable[[], float], new_id: Callable[[], str]) -> None:
        """None yet; `new_id` makes the `jti` of an assertion."""
        self._keys = keys
        self._exchange = exchange
        self._now = now
        self._new_id = new_id
        self._kept: OrderedDict[Holder, Token] = OrderedDict()
        self._asked: dict[Holder, Future[Token]] = {}
        self._lock = threading.Lock()

    def get(self, platform: Platform, scopes: Sequence[str], *, refused: Token | None = None) -> tuple[Token, bool]:
        """A token of a platform with these scopes.

        Args:
            platform: Whose.
            scopes: URIs, in any order.
            refused: A token that the platform has just refused: it is not given again.

        Returns:
            The token, and whether it is new: asked for in this call, or by another thread while this one waited.

        Raises:
            errors.ServiceError: The platform offers no services or refuses the tool (`unauthorised`), or does not
                answer.
        """
        if not platform.token_url:
            raise errors.ServiceError("unauthorised")
        holder = (platform.iss, platform.client_id, platform.token_url, tuple(sorted(set(scopes))))
        with self._lock:
            kept = self._kept.get(holder)
            if kept is not None and kept.until > self._now() and (refused is None or kept.text != refused.text):
                self._kept.move_to_end(holder)
                return kept, False
            asked = self._asked.get(holder)
            if asked is None:
                mine: Future[Token] = Future()
                self._asked[holder] = mine
        if asked is not None:
            return asked.result(), True
        try:
            token = self._ask(platform, holder[3])
        except BaseException as error:
            with self._lock:
                del self._asked[holder]
            mine.set_exception(error)
            raise
        with self._lock:
            del self._asked[holder]
            self._kept[holder] = token
            self._kept.move_to_end(holder)
            while len(self._kept) > MOST:
                self._kept.popitem(last=False)
        mine.set_result(token)
        return token, True

    def _ask(self, platform: Platform, scopes: Sequence[str]) -> Token:
        now = self._now()
        form = {
            "grant_type": "client_credentials",
            "client_assertion_type": ASSERTION,
            "client_assertion": assertion(platform, self._keys.signing, now, self._new_id()),
            "scope": " ".join(scopes),
        }
        try:
            answer = self._exchange(
                "POST",
                platform.token_url,
                headers={"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"},
                body=urlencode(form).encode(),
                limits=wire.SMALL,
            )
        except errors.ServiceError as error:
            if error.kind in {"refused", "conflict"}:  # 400 invalid_client and the like (RFC 6749, section 5.2)
                raise errors.ServiceError("unauthorised", error.status) from error
            raise
        return _read(answer.json(), answer.status, now)


def assertion(platform: Platform, key: ToolKey, now: float, jti: str) -> str:
    """Sign who we are (1EdTech Security Framework 1.0, section 4.1.1)."""
    issued = int(now) - BACKDATED
    claims = {
        "iss": platform.client_id,
        "sub": platform.client_id,
        "aud": platform.audience or platform.token_url,
        "iat": issued,
        "exp": issued + ASSERTION_LIFE,
        "jti": jti,
    }
    return jwt.encode(claims, key.private, algorithm="RS256", headers={"kid": key.kid})


def _read(found: Any, status: int, now: float) -> Token:
    """Read the answer of the token endpoint (RFC 6749, section 5.1)."""
    text = found.get("access_token") if isinstance(found, dict) else None
    if not isinstance(text, str) or not _TOKEN.fullmatch(text):
        raise errors.ServiceError("malformed", status)
    if str(found.get("token_type") or "bearer").lower() != "bearer":
        raise errors.ServiceError("malformed", status)
    return Token(text, now + _life(found.get("expires_in")) - MARGIN)


def _life(told: Any) -> float:
    """How long a token lives: at most an hour is believed, and what cannot be read is not said."""
    if isinstance(told, bool) or not isinstance(told, int | float | str):
        return UNTOLD_LIFE
    try:
        life = float(told)
    except (ValueError, OverflowError):
        return UNTOLD_LIFE
    return min(life, LONGEST_LIFE) if life > 0 else UNTOLD_LIFE
