"""The tool's own RSA keys: one signs, up to three are published, each loaded once. Floor 3.

Platforms keep a copy of the tool's key set, some for a day: a key must be published long before it signs, and stay
published after it has stopped. So there are up to three files (`rotation` moves them):

    tool-key.pem            signs
    tool-key.pem.next       published, signs after the promotion
    tool-key.pem.previous   signs no more, still published

Loading a PEM checks the key and costs about 200 ms; signing with the loaded object costs a quarter of one.
The key id is the RFC 7638 thumbprint, so that the same key always has the same name.
"""

from __future__ import annotations

import base64
import hashlib
import json
import logging
import os
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from lti_tool import errors

BITS = 2048
NEXT = ".next"
PREVIOUS = ".previous"
LOOK_EVERY = 2.0

LOG = logging.getLogger(__name__)

Sight = tuple[tuple[int, int, int] | None, ...]
"""What a look at the three files saw of each: inode, size, time of change; None if it is not there."""


@dataclass(frozen=True)
class ToolKey:
    """A loaded key: `private` signs, `jwk` is what the world may see, `kid` names both."""

    private: rsa.RSAPrivateKey = field(repr=False)
    kid: str
    jwk: dict[str, str]


@dataclass(frozen=True)
class KeySet:
    """The keys of one moment.

    Attributes:
        signing: The one that signs.
        published: What the world may see of all, that one first.
        loaded: Each, by the digest of its file: a key that only moved is not loaded again.
    """

    signing: ToolKey
    published: tuple[dict[str, str], ...]
    loaded: Mapping[bytes, ToolKey] = field(default_factory=dict, repr=False)


class ToolKeys:
    """The tool's keys as they are now: a change of the files is seen within two seconds, without a restart.

    Where a file is broken or half written, the last good keys go on, and the log says so once.
    """

    def __init__(
        self,
        found: KeySet,
        path: Path | None = None,
        seen: Sight | None = None,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        """Keys that were loaded, after what was `seen` at `path`; None for keys that never change."""
        self._found = found
        self._path = path
        self._now = now
        self._seen = seen
        self._looked = now()
        self._lock = threading.Lock()

    @property
    def signing(self) -> ToolKey:
        """The key that signs now."""
        return self._current().signing

    @property
    def published(self) -> list[dict[str, str]]:
        """The public halves for the tool's key set (RFC 7517), the signing one first."""
        return list(self._current().published)

    def _current(self) -> KeySet:
        due = self._path is not None and not 0 <= self._now() - self._looked < LOOK_EVERY
        # Whoever comes while another thread loads takes the keys there are: loading takes 200 ms a key.
        if due and self._lock.acquire(blocking=False):
            try:
                self._looked = self._now()
                self._refresh()
            finally:
                self._lock.release()
        return self._found

    def _refresh(self) -> None:
        path = self._path
        seen = None if path is None else look(path)
        if path is None or seen == self._seen:
            return
        try:
            found = load_set(path, self._found.loaded)
        except errors.ConfigurationError as error:
            LOG.warning("code=tool_keys_kept reason=%s", error)
            self._seen = seen
            return
        if look(path) == seen:  # otherwise a rotation is under way: the next look takes it up
            self._found, self._seen = found, seen
            LOG.info("code=tool_keys_loaded kids=%s", ",".join(jwk["kid"] for jwk in found.published))


def watch(path: str | Path, now: Callable[[], float] = time.monotonic) -> ToolKeys:
    """The keys at this path and beside it, for as long as the process runs.

    Raises:
        errors.ConfigurationError: As `load`.
    """
    place = Path(path)
    seen = look(place)
    return ToolKeys(load_set(place), place, seen, now)


def only(key: ToolKey) -> ToolKeys:
    """One key that never changes."""
    return ToolKeys(KeySet(key, (key.jwk,)))


def load_set(path: Path, loaded: Mapping[bytes, ToolKey] | None = None) -> KeySet:
    """Load the key at this path, and those beside it.

    Args:
        path: Of the key that signs.
        loaded: Keys that are at hand, by the digest of their files.

    Raises:
        errors.ConfigurationError: As `load`, for any of them.
    """
    found: dict[bytes, ToolKey] = {}
    ordered: list[ToolKey] = []
    for place in (path, beside_of(path, NEXT), beside_of(path, PREVIOUS)):
        if place != path and not place.exists():
            continue
        pem = _read(place)
        digest = hashlib.sha256(pem).digest()
        key = (loaded or {}).get(digest) or _parse(place, pem)
        found[digest] = key
        ordered.append(key)
    published = {key.kid: key.jwk for key in ordered}
    return KeySet(ordered[0], tuple(published.values()), found)


def beside_of(path: Path, suffix: str) -> Path:
    """The file of another key beside the one at this path."""
    return path.with_name(path.name + suffix)


def look(path: Path) -> Sight:
    """What is there, without reading it."""
    seen: list[tuple[int, int, int] | None] = []
    for place in (path, beside_of(path, NEXT), beside_of(path, PREVIOUS)):
        try:
            facts = place.stat()
        except OSError:
            seen.append(None)
        else:
            seen.append((facts.st_ino, facts.st_size, facts.st_mtime_ns))
    return tuple(seen)


def create(path: str | Path) -> ToolKey:
    """Make a new key and keep it in a new file that only its owner may read.

    Raises:
        errors.ConfigurationError: the file exists already, or cannot be written.
    """
    private = rsa.generate_private_key(public_exponent=65537, key_size=BITS)
    pem = private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    write_new(path, pem)
    return from_private(private)


def write_new(path: str | Path, pem: bytes) -> None:
    """Keep a key in a new file, which appears whole or not at all.

    Raises:
        errors.ConfigurationError: the file exists already, or cannot be written.
    """
    place = Path(path)
    beside = place.with_name(f"{place.name}.{os.getpid()}.part")
    try:
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(pem)
                file.flush()
                os.fsync(file.fileno())
            os.link(beside, place)  # unlike a rename, it fails where there is a file
        finally:
            beside.unlink()
    except FileExistsError as error:
        message = f"tool key {path}: the file exists already; use it, or move it away first"
        raise errors.ConfigurationError(message) from error
    except OSError as error:
        message = f"tool key {path}: cannot write ({error.strerror}); choose a directory that exists and is writable"
        raise errors.ConfigurationError(message) from error


def load(path: str | Path) -> ToolKey:
    """Load the key of a PEM file.

    Raises:
        errors.ConfigurationError: no such file, not a PEM private key, not RSA, or under 2048 bits.
    """
    return _parse(path, _read(path))


def _read(path: str | Path) -> bytes:
    try:
        return Path(path).read_bytes()
    except OSError as error:
        message = f"tool key {path}: cannot read ({error.strerror}); `entrepot init` makes one"
        raise errors.ConfigurationError(message) from error


def _parse(path: str | Path, pem: bytes) -> ToolKey:
    try:
        private = serialization.load_pem_private_key(pem, password=None)
    except (ValueError, TypeError) as error:
        message = f"tool key {path}: not an unencrypted PEM private key; `entrepot init` makes one"
        raise errors.ConfigurationError(message) from error
    if not isinstance(private, rsa.RSAPrivateKey) or private.key_size < BITS:
        message = f"tool key {path}: must be RSA with at least {BITS} bits"
        raise errors.ConfigurationError(message)
    return from_private(private)


def from_private(private: rsa.RSAPrivateKey) -> ToolKey:
    """Name a loaded private key and write down its public half (RFC 7517, RFC 7638)."""
    jwk = public_jwk(private.public_key())
    return ToolKey(private, jwk["kid"], jwk)


def public_jwk(public: rsa.RSAPublicKey) -> dict[str, str]:
    """The public key as a JWK with `kid` (its RFC 7638 thumbprint), `alg` RS256 and `use` sig."""
    numbers = public.public_numbers()
    required = {"e": _base64url(numbers.e), "kty": "RSA", "n": _base64url(numbers.n)}
    canonical = json.dumps(required, sort_keys=True, separators=(",", ":")).encode()
    kid = base64.urlsafe_b64encode(hashlib.sha256(canonical).digest()).rstrip(b"=").decode()
    return {**required, "kid": kid, "alg": "RS256", "use": "sig"}


def _base64url(number: int) -> str:
    raw = number.to_bytes((number.bit_length() + 7) // 8, "big")
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
