"""The institution's secrets: one file, readable by its owner alone. Floor 1.

Whoever has this file and the store can read every statement; without it the store shows labels only. It never leaves
the institution. Pseudonym keys can be rotated: a keyring follows its file, so that a program that runs for months
notices a key that came, became the active one or went.
"""

import base64
import hashlib
import hmac
import json
import os
import secrets
import stat
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from xapi_collector import errors

ACTIVE, COMING, RETIRING = "active", "coming", "retiring"
FOLLOW = 1.0  # seconds between two looks at the file
_OTHERS = ("sealing_key", "credential_key")
_FORMATS = (1, 2)


@dataclass(frozen=True, slots=True)
class PseudonymKey:
    """One key that makes pseudonyms.

    Attributes:
        key: 32 bytes.
        state: ACTIVE makes new pseudonyms; by a COMING or RETIRING one they are still looked for.
    """

    key: bytes
    state: str = ACTIVE

    def __repr__(self) -> str:
        return f"PseudonymKey({self.id}, {self.state})"

    @property
    def id(self) -> str:
        """What the key is called: 8 hexadecimal digits that say nothing about it."""
        return hmac.new(self.key, b"id", hashlib.sha256).hexdigest()[:8]


@dataclass(frozen=True, slots=True)
class _Content:
    pseudonym_keys: tuple[PseudonymKey, ...]  # the active one first
    sealing_key: bytes
    credential_key: bytes


class Keyring:
    """The keys of one file, as they are in it now (looked at once in FOLLOW seconds at most).

    Only pseudonym keys may change under a running program; a file with another sealing key is another keyring, and is
    not followed.
    """

    __slots__ = ("_content", "_looked", "_mark", "_monotonic", "path")

    def __init__(self, path: Path, content: _Content, monotonic: Callable[[], float]) -> None:
        self.path = path
        self._content = content
        self._monotonic = monotonic
        self._looked = monotonic()
        self._mark = _mark(path)

    def __repr__(self) -> str:
        return "Keyring()"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Keyring) and self._content == other._content

    __hash__ = None  # type: ignore[assignment]  # its content changes; the declared type is that of object

    @property
    def pseudonym_key(self) -> bytes:
        """Makes pseudonyms of agents. Lose it, and no learner is found again."""
        return self._current().pseudonym_keys[0].key

    @property
    def pseudonym_keys(self) -> tuple[bytes, ...]:
        """Every key by which a pseudonym may have been made, the active one first; more than one during a rotation."""
        return tuple(each.key for each in self._current().pseudonym_keys)

    @property
    def states(self) -> tuple[PseudonymKey, ...]:
        """The pseudonym keys with their states, the active one first."""
        return self._current().pseudonym_keys

    @property
    def sealing_key(self) -> bytes:
        """Wraps the data key of each actor."""
        return self._content.sealing_key

    @property
    def credential_key(self) -> bytes:
        """Makes the digests of credentials, and by `derive` every lesser key."""
        return self._content.credential_key

    def derive(self, purpose: str) -> bytes:
        """A key of 32 bytes for one purpose (such as signing a form), independent of those for other purposes."""
        return hmac.new(self.credential_key, b"derive:" + purpose.encode(), hashlib.sha256).digest()

    def look(self) -> None:
        """Look at the file now: who was told that something changed cannot wait for the next look."""
        self._looked = self._monotonic()
        mark = _mark(self.path)
        if mark not in (self._mark, ()):
            self._follow(mark)

    def _current(self) -> _Content:
        if self._monotonic() - self._looked >= FOLLOW:
            self.look()
        return self._content

    def _follow(self, mark: tuple[int, ...]) -> None:
        try:
            found = _read(self.path)
        except errors.KeyringError:
            return  # whoever replaces the file by hand is not done yet: what was read before stays true
        self._mark = mark
        if found.sealing_key == self._content.sealing_key and found.credential_key == self._content.credential_key:
            self._content = found


def create(
    path: Path | str,
    random: Callable[[int], bytes] = secrets.token_bytes,
    monotonic: Callable[[], float] = time.monotonic,
) -> Keyring:
    """Make a keyring file with fresh keys, mode 0600.

    Raises:
        errors.KeyringError: The file exists (it is never overwritten), or cannot be written.
    """
    path = Path(path)
    content = _Content((PseudonymKey(random(32)),), random(32), random(32))
    try:
        _write(path, content)
    except FileExistsError:
        msg = f"Keyring {path} exists; it is never overwritten. Move it away if it is not needed."
        raise errors.KeyringError(msg) from None
    except OSError as error:
        raise _unwritable(path, error) from None
    return Keyring(path, content, monotonic)


def load(path: Path | str, monotonic: Callable[[], float] = time.monotonic) -> Keyring:
    """Read a keyring file of any released format.

    Raises:
        errors.KeyringError: It is missing, readable by others, or malformed.
    """
    path = Path(path)
    return Keyring(path, _read(path), monotonic)


def change(path: Path | str, keys: tuple[PseudonymKey, ...]) -> Keyring:
    """Put these pseudonym keys into the file in place of those in it, in one step: all programs see both or neither.

    Args:
        path: The keyring file.
        keys: Exactly one is ACTIVE.

    Raises:
        errors.KeyringError: The file cannot be read or written, or not exactly one key is active.
    """
    path = Path(path)
    ordered = tuple(sorted(keys, key=lambda each: each.state != ACTIVE))
    if [each.state for each in ordered].count(ACTIVE) != 1:
        raise errors.KeyringError("A keyring has exactly one active pseudonym key.")
    content = replace(_read(path), pseudonym_keys=ordered)
    draft = path.with_name(f"{path.name}.draft")
    try:
        draft.unlink(missing_ok=True)  # left by a change that was killed
        _write(draft, content)
        draft.replace(path)
        directory = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(directory)
        finally:
            os.close(directory)
    except OSError as error:
        raise _unwritable(path, error) from None
    return load(path)


def _mark(path: Path) -> tuple[int, ...]:
    """Changes whenever the file is replaced; empty if it is not there."""
    try:
        found = path.stat()
    except OSError:
        return ()
    return found.st_mtime_ns, found.st_size, found.st_ino


def _write(path: Path, content: _Content) -> None:
    """Make a new file, durably, that only its owner can read."""
    keys = [{"id": each.id, "key": _text(each.key), "state": each.state} for each in content.pseudonym_keys]
    others = {name: _text(getattr(content, name)) for name in _OTHERS}
    text = json.dumps({"format": _FORMATS[-1], "pseudonym_keys": keys} | others, indent=2)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text + "\n")
        file.flush()
        os.fsync(file.fileno())


def _read(path: Path) -> _Content:
    try:
        mode = path.stat().st_mode
        text = path.read_text()
    except OSError as error:
        msg = (
            f"Keyring {path} cannot be read ({error.strerror}): make one with `entrepot init`, or set ENTREPOT_KEYRING."
        )
        raise errors.KeyringError(msg) from None
    except UnicodeDecodeError:
        raise _malformed(path) from None
    if os.name == "posix" and stat.S_IMODE(mode) & 0o077:
        msg = f"Keyring {path} is open to others (mode {stat.S_IMODE(mode):04o}): run chmod 600 {path}."
        raise errors.KeyringError(msg)
    try:
        return _parse(json.loads(text))
    except (ValueError, KeyError, TypeError):
        raise _malformed(path) from None


def _parse(content: dict[str, Any]) -> _Content:
    """The content of a file; anything malformed raises ValueError, KeyError or TypeError."""
    if content["format"] == 1:
        keys: tuple[PseudonymKey, ...] = (PseudonymKey(_key(content["pseudonym_key"])),)
    elif content["format"] == _FORMATS[-1]:
        keys = tuple(PseudonymKey(_key(each["key"]), each["state"]) for each in content["pseudonym_keys"])
        if [each.id for each in keys] != [each["id"] for each in content["pseudonym_keys"]]:
            raise ValueError("a key is not the one that its id names")
        if [each.state == ACTIVE for each in keys] != [True, *[False] * (len(keys) - 1)]:
            raise ValueError("the first key must be the active one, and no other")
    else:
        raise ValueError("an unknown format")
    return _Content(keys, *(_key(content[name]) for name in _OTHERS))


def _key(text: str) -> bytes:
    key = base64.b64decode(text, validate=True)
    if len(key) != 32:
        raise ValueError("a key has 32 bytes")
    return key


def _text(key: bytes) -> str:
    return base64.b64encode(key).decode()


def _malformed(path: Path) -> errors.KeyringError:
    known = " or ".join(map(str, _FORMATS))
    return errors.KeyringError(f"Keyring {path} is not a keyring of format {known}: restore it from its backup.")


def _unwritable(path: Path, error: OSError) -> errors.KeyringError:
    return errors.KeyringError(f"Keyring {path} cannot be written ({error.strerror}): choose a writable directory.")
