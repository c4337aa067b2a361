"""A platform's public keys: fetched with bounds, cached, fetched again when an unknown key id appears. Floor 3.

RFC 7517. Bounds after trust.md section 1: connect 2 s, read 3 s, 5 s in all, 256 KiB, no redirect, at most one fetch
in 30 s a platform however many unknown key ids arrive, and a known key serves for 24 h while the platform is away.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import jwt
import orjson
import requests
from cryptography.hazmat.primitives.asymmetric import rsa

from lti_tool import errors
from lti_tool.platforms import Platform

TIMEOUTS = (2.0, 3.0)
DEADLINE = 5.0
LARGEST = 256 * 1024
FRESH = 3600.0
STALE = 24 * 3600.0
GAP = 30.0
SMALLEST_KEY = 2048
AGENT = "Entrepot-LTI"

KeySet = dict[str, rsa.RSAPublicKey]
Fetch = Callable[[str], KeySet]


@dataclass
class _Entry:
    keys: KeySet = field(default_factory=dict)
    fetched: float | None = None
    tried: float | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)


@dataclass
class KeySets:
    """The cache of one process: key sets by (issuer, address)."""

    entries: dict[tuple[str, str], _Entry] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)


def find(sets: KeySets, platform: Platform, kid: str, now: float, fetch: Fetch | None = None) -> rsa.RSAPublicKey:
    """The platform's public key of this id, from the cache or freshly fetched.

    Args:
        sets: the process's cache.
        platform: whose keys.
        kid: key id from the header of the token.
        now: seconds since the epoch.
        fetch: how to fetch a key set; the default is over HTTP with the bounds above.

    Raises:
        errors.KeyUnavailable: the platform does not have such a key, or did not answer and no cached key serves.
    """
    with sets.lock:
        entry = sets.entries.setdefault((platform.iss, platform.jwks_url), _Entry())
    with entry.lock:
        age = None if entry.fetched is None else now - entry.fetched
        if kid in entry.keys and age is not None and age < FRESH:
            return entry.keys[kid]
        failed = _refresh(entry, platform, now, fetch or over_http)
        usable = entry.fetched is not None and now - entry.fetched < STALE
        if usable and kid in entry.keys:
            return entry.keys[kid]
        raise errors.KeyUnavailable("keys_unavailable" if failed or not usable else "key_unknown", "header.kid")


def _refresh(entry: _Entry, platform: Platform, now: float, fetch: Fetch) -> bool:
    """Fetch, unless that was tried within the last `GAP` seconds; true if a fetch failed."""
    if entry.tried is not None and 0 <= now - entry.tried < GAP:
        return False
    entry.tried = now
    try:
        entry.keys = fetch(platform.jwks_url)
    except errors.KeyUnavailable:
        return True
    entry.fetched = now
    return False


def over_http(url: str) -> KeySet:
    """Fetch and read a key set.

    Raises:
        errors.KeyUnavailable: no answer in time, not status 200, too large, or not a key set.
    """
    try:
        with requests.get(
            url, timeout=TIMEOUTS, allow_redirects=False, stream=True, headers={"User-Agent": AGENT}
        ) as response:
            if response.status_code != 200:
                raise errors.KeyUnavailable("keys_unavailable", "jwks_url")
            return parse(b"".join(_bounded(response)))
    except requests.RequestException as error:
        raise errors.KeyUnavailable("keys_unavailable", "jwks_url") from error


def _bounded(response: requests.Response) -> Iterator[bytes]:
    size, end = 0, time.monotonic() + DEADLINE
    for chunk in response.iter_content(8192):
        size += len(chunk)
        if size > LARGEST or time.monotonic() > end:
            raise errors.KeyUnavailable("keys_unavailable", "jwks_url")
        yield chunk


def parse(body: bytes) -> KeySet:
    """Read a JWK set: RSA signing keys of at least 2048 bits by key id; an id given twice names no key.

    Raises:
        errors.KeyUnavailable: not a JSON object with a list of keys.
    """
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise errors.KeyUnavailable("keys_unavailable", "jwks") from error
    listed = document.get("keys") if isinstance(document, dict) else None
    if not isinstance(listed, list):
        raise errors.KeyUnavailable("keys_unavailable", "jwks.keys")
    found: KeySet = {}
    twice: set[str] = set()
    for jwk in listed:
        kid = jwk.get("kid") if isinstance(jwk, dict) else None
        key = _public_key(jwk) if isinstance(kid, str) else None
        if key is None or not isinstance(kid, str):
            continue
        if kid in found:
            twice.add(kid)
        found[kid] = key
    return {kid: key for kid, key in found.items() if kid not in twice}


def _public_key(jwk: dict[str, object]) -> rsa.RSAPublicKey | None:
    if jwk.get("kty") != "RSA" or jwk.get("alg", "RS256") != "RS256" or jwk.get("use", "sig") != "sig" or "d" in jwk:
        return None
    try:
        key = jwt.PyJWK(jwk, algorithm="RS256").key
    except (jwt.PyJWTError, ValueError, TypeError):
        return None
    return key if isinstance(key, rsa.RSAPublicKey) and key.key_size >= SMALLEST_KEY else None
