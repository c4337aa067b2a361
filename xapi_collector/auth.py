"""Who may send and read: Basic credentials of systems, and the authority that they give. Floor 1.

A secret is 256 random bits, so a keyed fast digest is enough (a slow one on every request would cost more than the
rest of it). An unknown key costs the same work as a wrong secret.
"""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Callable

import orjson

from storage.port import Storage
from xapi_collector import errors, settings
from xapi_collector.keyring import Keyring


def create_credential(
    storage: Storage, keyring: Keyring, name: str, random: Callable[[int], bytes] = secrets.token_bytes
) -> tuple[str, str]:
    """Make a credential for a system.

    Args:
        storage: Opened with `settings.COLLECTIONS`.
        keyring: The institution's.
        name: What the system is called in lists.
        random: Makes random bytes.

    Returns:
        The key and the secret. The secret is shown this once; only its digest is kept.
    """
    key, secret = random(12).hex(), base64.urlsafe_b64encode(random(32)).decode().rstrip("=")
    storage.insert(settings.CREDENTIALS, {"key": key, "name": name, "digest": _digest(keyring, key, secret)})
    return key, secret


def authenticate(storage: Storage, keyring: Keyring, header: str | None) -> str:
    """The key of the credential in an Authorization header (RFC 7617).

    Raises:
        errors.UnauthorizedError: There is none, it is malformed, unknown or wrong.
    """
    key, secret = _parse(header)
    stored = storage.get(settings.CREDENTIALS, (key,))
    digest = _digest(keyring, key, secret)
    if not hmac.compare_digest(digest, "" if stored is None else stored["digest"]):
        raise _unauthorized("The credential is not known, or its secret is wrong.")
    return key


def authority(home_page: str, key: str) -> str:
    """The JSON text of the Agent that vouches for what a credential sends (Data 2.4.9).

    Args:
        home_page: The public address of the collector.
        key: The credential's key.
    """
    agent = {"objectType": "Agent", "account": {"homePage": home_page, "name": key}}
    return orjson.dumps(agent).decode()


def _parse(header: str | None) -> tuple[str, str]:
    scheme, _, encoded = (header or "").partition(" ")
    try:
        key, colon, secret = base64.b64decode(encoded.strip(), validate=True).decode("ascii").partition(":")
    except ValueError:
        raise _unauthorized("The Authorization header is malformed.") from None
    if scheme.lower() != "basic" or not colon or not key or not key.isalnum():
        raise _unauthorized("The request carries no Basic credential.")
    return key, secret


def _unauthorized(detail: str) -> errors.UnauthorizedError:
    return errors.UnauthorizedError(detail, path="Authorization", expected="Basic, then base64 of key:secret")


def _digest(keyring: Keyring, key: str, secret: str) -> str:
    return hmac.new(keyring.credential_key, f"{key}:{secret}".encode(), hashlib.sha256).hexdigest()
