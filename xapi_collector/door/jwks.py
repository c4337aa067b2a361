"""Others' public keys: fetched with bounds, cached, fetched again when an unknown key id appears. Floor 1.

RFC 7517. At most one fetch in 30 s an address, however many unknown key ids arrive; a known key serves for a day while
nobody answers. Connect 2 s, read 3 s, 5 s in all, 256 KiB, no redirect.
"""

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import jwt
import orjson
import requests
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from xapi_collector import errors

TIMEOUTS = (2.0, 3.0)
DEADLINE = 5.0
LARGEST = 256 * 1024
FRESH = 3600.0
STALE = 24 * 3600.0
GAP = 30.0
SMALLEST_KEY = 2048
AGENT = "Entrepot"

PublicKey = rsa.RSAPublicKey | ec.EllipticCurvePublicKey
KeySet = Mapping[str, PublicKey]


@dataclass(frozen=True)
class Fetched:
    """A key set, and for how many seconds it serves without being asked for again: at most `FRESH`."""

    keys: KeySet
    fresh: float = FRESH


Fetch = Callable[[str], KeySet | Fetched]


@dataclass
class _Entry:
    keys: KeySet = field(default_factory=dict)
    fresh: float = FRESH
    fetched: float | None = None
    tried: float | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)


@dataclass
class KeySets:
    """The cache of one process: key sets by whose they are and their address."""

    entries: dict[tuple[str, str], _Entry] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)


def find(sets: KeySets, whose: tuple[str, str], kid: str, now: float, fetch: Fetch) -> PublicKey:
    """An issuer's public key of this id, from the cache or freshly fetched.

    Args:
        sets: The process's cache.
        whose: The issuer, and the address that `fetch` is given.
        kid: Key id from the header of a token.
        now: Seconds since the epoch.
        fetch: How to fetch a key set; `over_http` is one.

    Raises:
        errors.KeySetError: The key set has no such key, or nobody answered and no cached key serves.
    """
    with sets.lock:
        entry = sets.entries.setdefault(whose, _Entry())
    with entry.lock:
        age = None if entry.fetched is None else now - entry.fetched
        if kid in entry.keys and age is not None and age < entry.fresh:
            return entry.keys[kid]
        failed = _refresh(entry, whose[1], now, fetch)
        usable = entry.fetched is not None and now - entry.fetched < STALE
        if usable and kid in entry.keys:
            return entry.keys[kid]
        raise errors.KeySetError("The key set gives no such key.", reached=usable and not failed)


def _refresh(entry: _Entry, url: str, now: float, fetch: Fetch) -> bool:
    """Fetch, unless that was tried within the last `GAP` seconds; true if a fetch failed."""
    if entry.tried is not None and 0 <= now - entry.tried < GAP:
        return False
    entry.tried = now
    try:
        found = fetch(url)
    except errors.KeySetError:
        return True
    if not isinstance(found, Fetched):
        found = Fetched(found)
    entry.keys, entry.fresh = found.keys, found.fresh
    entry.fetched = now
    return False


def over_http(url: str) -> KeySet:
    """Fetch and read a key set.

    Raises:
        errors.KeySetError: No answer in time, not status 200, too large, or not a key set.
    """
    return parse(document(url))


def document(url: str) -> dict[str, Any]:
    """Fetch a JSON object, with the bounds of this module.

    Raises:
        errors.KeySetError: No answer in time, not status 200, too large, or no JSON object.
    """
    try:
        with requests.get(
            url, timeout=TIMEOUTS, allow_redirects=False, stream=True, headers={"User-Agent": AGENT}
        ) as response:
            if response.status_code != 200:
                raise errors.KeySetError("The answer is not of status 200.")
            return _object(b"".join(_bounded(response)))
    except requests.RequestException as error:
        raise errors.KeySetError("There is no answer.") from error


def _bounded(response: requests.Response) -> Iterator[bytes]:
    size, end = 0, time.monotonic() + DEADLINE
    for chunk in response.iter_content(8192):
        size += len(chunk)
        if size > LARGEST or time.monotonic() > end:
            raise errors.KeySetError("The answer is too large or too slow.")
        yield chunk


def _object(body: bytes) -> dict[str, Any]:
    try:
        found = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise errors.KeySetError("The answer is not JSON.") from error
    if not isinstance(found, dict):
        raise errors.KeySetError("The answer is no JSON object.")
    return found


def parse(found: Mapping[str, Any]) -> KeySet:
    """Read a JWK set: RSA keys of at least 2048 bits and keys on P-256; an id given twice names no key.

    Raises:
        errors.KeySetError: It has no list of keys.
    """
    listed = found.get("keys")
    if not isinstance(listed, list):
        raise errors.KeySetError("The key set has no list of keys.")
    keys: dict[str, PublicKey] = {}
    twice: set[str] = set()
    for jwk in listed:
        kid = jwk.get("kid") if isinstance(jwk, dict) else None
        key = _public_key(jwk) if isinstance(kid, str) else None
        if key is None or not isinstance(kid, str):
            continue
        if kid in keys:
            twice.add(kid)
        keys[kid] = key
    return {kid: key for kid, key in keys.items() if kid not in twice}


def _public_key(jwk: dict[str, object]) -> PublicKey | None:
    algorithm = {"RSA": "RS256", "EC": "ES256"}.get(str(jwk.get("kty")))
    if algorithm is None or jwk.get("alg", algorithm) != algorithm or jwk.get("use", "sig") != "sig" or "d" in jwk:
        return None
    try:
        key = jwt.PyJWK(jwk, algorithm=algorithm).key
    except (jwt.PyJWTError, ValueError, TypeError):
        return None
    if isinstance(key, rsa.RSAPublicKey):
        return key if key.key_size >= SMALLEST_KEY else None
    return key if isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, ec.SECP256R1) else None
