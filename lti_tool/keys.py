"""The tool's own RSA key: made once, loaded once, used as a loaded object. Floor 3.

Loading a PEM checks the key and costs about 200 ms; signing with the loaded object costs a quarter of one (lti.md,
headline 5). The key id is the RFC 7638 thumbprint, so that the same key always has the same name.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from lti_tool import errors

BITS = 2048


@dataclass(frozen=True)
class ToolKey:
    """A loaded key: `private` signs, `jwk` is what the world may see, `kid` names both."""

    private: rsa.RSAPrivateKey = field(repr=False)
    kid: str
    jwk: dict[str, str]


def create(path: str | Path) -> ToolKey:
    """Make a new key and keep it in a new file that only its owner may read.

    Raises:
        errors.ConfigurationError: the file exists already, or cannot be written.
    """
    private = rsa.generate_private_key(public_exponent=65537, key_size=BITS)
    pem = private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as error:
        message = f"tool key {path}: the file exists already; use it, or move it away first"
        raise errors.ConfigurationError(message) from error
    except OSError as error:
        message = f"tool key {path}: cannot write ({error.strerror}); choose a directory that exists and is writable"
        raise errors.ConfigurationError(message) from error
    with os.fdopen(descriptor, "wb") as file:
        file.write(pem)
    return from_private(private)


def load(path: str | Path) -> ToolKey:
    """Load the key of a PEM file.

    Raises:
        errors.ConfigurationError: no such file, not a PEM private key, not RSA, or under 2048 bits.
    """
    try:
        private = serialization.load_pem_private_key(Path(path).read_bytes(), password=None)
    except OSError as error:
        message = f"tool key {path}: cannot read ({error.strerror}); `entrepot init` makes one"
        raise errors.ConfigurationError(message) from error
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
