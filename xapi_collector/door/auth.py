"""Who may send and read: Basic credentials of systems, and the authority that they give. Floor 1.

A secret is 256 random bits, so a keyed fast digest is enough (a slow one on every request would cost more than the
rest of it). An unknown key costs the same work as a wrong secret. xAPI 1.0.3, Communication 4; RFC 7617.
"""

import base64
import hmac
import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import orjson

from storage import errors as storage_errors
from storage.port import Storage
from xapi_collector import agents, errors, settings
from xapi_collector.door import scopes
from xapi_collector.keyring import Keyring

DAY = 86_400_000_000  # microseconds
# What an unknown key is compared with; more than most credentials have, for the row that was not read cost nothing.
_NOBODY = orjson.dumps(
    {
        "key": "0" * 24,
        "name": "nobody",
        "digest": "0" * 64,
        "scopes": [*scopes.MEANINGS],
        "used": 0,
        "previous": {"digest": "0" * 64, "until": 0},
    }
)


@dataclass(frozen=True, slots=True)
class Credential:
    """A system that was let in.

    Attributes:
        key: Its name in logs and limits; a credential's key, or a token's issuer and client as a digest.
        name: What people call it.
        scopes: What it may do (`scopes.MEANINGS`).
        authority: The JSON text of the Agent that vouches for what it sends.
    """

    key: str
    name: str
    scopes: frozenset[str]
    authority: str

    @property
    def reads_mine_only(self) -> bool:
        """Whether it may read only what has its own authority."""
        return self.scopes.isdisjoint((scopes.READ, scopes.READ_ALL, scopes.ALL))

    @property
    def defines(self) -> bool:
        """Whether what it says of activities changes what the store knows of them."""
        return not self.scopes.isdisjoint((scopes.DEFINE, scopes.ALL))


@dataclass(frozen=True, slots=True)
class Listed:
    """A credential as lists show it.

    Attributes:
        key: Its key.
        name: What the system is called.
        scopes: What it may do, sorted.
        used: The day of its last use (days since 1970), or None: not yet.
        overlap: Until when (microseconds) the secret before the last rotation works as well, or None.
    """

    key: str
    name: str
    scopes: tuple[str, ...]
    used: int | None
    overlap: int | None


def create_credential(
    storage: Storage,
    keyring: Keyring,
    name: str,
    random: Callable[[int], bytes] = secrets.token_bytes,
    *,
    granted: Iterable[str] = (scopes.ALL,),
) -> tuple[str, str]:
    """Make a credential for a system.

    Args:
        storage: Opened with `settings.COLLECTIONS`.
        keyring: The institution's.
        name: What the system is called in lists.
        random: Makes random bytes.
        granted: Its scopes.

    Returns:
        The key and the secret. The secret is shown this once; only its digest is kept.

    Raises:
        errors.CredentialError: A scope is not known, or there is none.
    """
    its = sorted(set(granted))
    if not its or scopes.unknown(its):
        wrong = ", ".join(scopes.unknown(its)) or "none"
        msg = f"Scopes are {wrong}; choose among {', '.join(scopes.MEANINGS)}."
        raise errors.CredentialError(msg)
    key, secret = random(12).hex(), _new_secret(random)
    document = {"key": key, "name": name, "digest": _digest(keyring, key, secret), "scopes": its}
    storage.insert(settings.CREDENTIALS, document)
    return key, secret


def list_credentials(storage: Storage) -> list[Listed]:
    """Every credential, in the order of the keys; no secret can be shown again."""
    return [
        Listed(
            each["key"],
            each["name"],
            tuple(each.get("scopes", (scopes.ALL,))),
            each.get("used"),
            each.get("previous", {}).get("until"),
        )
        for each in storage.find(settings.CREDENTIALS)
    ]


def rotate_credential(
    storage: Storage,
    keyring: Keyring,
    key: str,
    random: Callable[[int], bytes] = secrets.token_bytes,
    *,
    until: int,
) -> str:
    """Give a credential a new secret; the one that it had works as well for a while.

    Args:
        storage: Opened with `settings.COLLECTIONS`.
        keyring: The institution's.
        key: The credential's.
        random: Makes random bytes.
        until: When (microseconds) the old secret ends; the past ends it now.

    Returns:
        The new secret, shown this once.

    Raises:
        errors.CredentialError: No credential has this key.
    """
    secret = _new_secret(random)
    while True:
        old = storage.get(settings.CREDENTIALS, (key,))
        if old is None:
            raise errors.CredentialError("No credential has this key; `entrepot lrs credentials list` shows them.")
        changed = {"digest": _digest(keyring, key, secret), "previous": {"digest": old["digest"], "until": until}}
        if storage.replace(settings.CREDENTIALS, old | changed, expected=old):
            return secret


def revoke_credential(storage: Storage, key: str) -> bool:
    """Withdraw a credential, at once and for every worker; False if there is none with this key."""
    return storage.delete(settings.CREDENTIALS, (key,))


def authenticate(storage: Storage, keyring: Keyring, header: str | None, home_page: str, now: int) -> Credential:
    """The credential of an Authorization header.

    Args:
        storage: Opened with `settings.COLLECTIONS`.
        keyring: The institution's.
        header: The header's value, or None.
        home_page: The public address of the collector.
        now: Microseconds.

    Raises:
        errors.UnauthorizedError: There is none, or it is malformed, unknown or wrong.
    """
    key, secret = _parse(header)
    stored = storage.get(settings.CREDENTIALS, (key,))
    digest = _digest(keyring, key, secret)
    found = orjson.loads(_NOBODY) if stored is None else stored
    previous = found.get("previous", {"digest": "", "until": 0})
    right = hmac.compare_digest(digest, found["digest"])
    older = hmac.compare_digest(digest, previous["digest"]) and now < previous["until"]
    if stored is None or not (right or older):
        raise unauthorized("The credential is not known, or its secret is wrong.")
    if found.get("used") != now // DAY:
        _note_use(storage, found, now // DAY)
    granted = frozenset(found.get("scopes", (scopes.ALL,)))
    return Credential(key, found["name"], granted, agents.authority(home_page, key))


def unauthorized(detail: str) -> errors.UnauthorizedError:
    """The error of a request that is not let in."""
    return errors.UnauthorizedError(
        detail, path="Authorization", rule="XAPI-00334", expected="Basic, then base64 of key:secret"
    )


def _parse(header: str | None) -> tuple[str, str]:
    scheme, _, encoded = (header or "").partition(" ")
    try:
        key, colon, secret = base64.b64decode(encoded.strip(), validate=True).decode("ascii").partition(":")
    except ValueError:
        raise unauthorized("The Authorization header is malformed.") from None
    if scheme.lower() != "basic" or not colon or not key or not key.isalnum() or len(key) > 100:
        raise unauthorized("The request carries no Basic credential.")
    return key, secret


def _note_use(storage: Storage, found: dict[str, Any], day: int) -> None:
    try:
        storage.replace(settings.CREDENTIALS, found | {"used": day}, expected=found)
    except storage_errors.UnavailableError:
        return  # a full disk must not keep readers out; the day is noted by a later request


def _new_secret(random: Callable[[int], bytes]) -> str:
    return base64.urlsafe_b64encode(random(32)).decode().rstrip("=")


def _digest(keyring: Keyring, key: str, secret: str) -> str:
    return hmac.digest(keyring.credential_key, f"{key}:{secret}".encode(), "sha256").hex()
