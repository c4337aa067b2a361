"""The institution's secrets: one file, readable by its owner alone. Floor 1.

Whoever has this file and the store can read every statement; without it the store shows labels only. It never leaves
the institution.
"""

import base64
import hashlib
import hmac
import json
import os
import secrets
import stat
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from xapi_collector import errors

_KEYS = ("pseudonym_key", "sealing_key", "credential_key")
_FORMAT = 1


@dataclass(frozen=True, slots=True)
class Keyring:
    """Three independent keys of 32 bytes.

    Attributes:
        pseudonym_key: Makes pseudonyms of agents. Change it, and no learner is found again.
        sealing_key: Wraps the data key of each actor.
        credential_key: Makes the digests of credentials, and by `derive` every lesser key.
    """

    pseudonym_key: bytes = field(repr=False)
    sealing_key: bytes = field(repr=False)
    credential_key: bytes = field(repr=False)

    def derive(self, purpose: str) -> bytes:
        """A key of 32 bytes for one purpose (such as signing a form), independent of those for other purposes."""
        return hmac.new(self.credential_key, b"derive:" + purpose.encode(), hashlib.sha256).digest()


def create(path: Path | str, random: Callable[[int], bytes] = secrets.token_bytes) -> Keyring:
    """Make a keyring file with fresh keys, mode 0600.

    Raises:
        errors.KeyringError: The file exists (it is never overwritten), or cannot be written.
    """
    path = Path(path)
    keys = {name: random(32) for name in _KEYS}
    text = json.dumps(
        {"format": _FORMAT} | {name: base64.b64encode(key).decode() for name, key in keys.items()}, indent=2
    )
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        msg = f"Keyring {path} exists; it is never overwritten. Move it away if it is not needed."
        raise errors.KeyringError(msg) from None
    except OSError as error:
        msg = f"Keyring {path} cannot be written ({error.strerror}): choose a writable directory."
        raise errors.KeyringError(msg) from None
    with os.fdopen(descriptor, "w") as file:
        file.write(text + "\n")
        file.flush()
        os.fsync(file.fileno())
    return Keyring(**keys)


def load(path: Path | str) -> Keyring:
    """Read a keyring file.

    Raises:
        errors.KeyringError: It is missing, readable by others, or malformed.
    """
    path = Path(path)
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
        content = json.loads(text)
        keys = {name: base64.b64decode(content[name], validate=True) for name in _KEYS}
        known = content["format"] == _FORMAT
    except (ValueError, KeyError, TypeError):
        raise _malformed(path) from None
    if not known or any(len(key) != 32 for key in keys.values()):
        raise _malformed(path)
    return Keyring(**keys)


def _malformed(path: Path) -> errors.KeyringError:
    return errors.KeyringError(f"Keyring {path} is not a keyring of format {_FORMAT}: restore it from its backup.")
