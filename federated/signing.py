"""Signed JSON: canonical text, Ed25519 (RFC 8032), keys as OpenSSH writes them. Pure; floor 3.

A signature covers the kind of document beside its content, so that one given under an invitation says nothing under a
charter. Public keys are OpenSSH text, and their fingerprints those of `ssh-keygen -l`: two people can compare them by
telephone with a tool that both have.
"""

import base64
import binascii
import hashlib
import json
from collections.abc import Mapping
from typing import Any

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ec import SECP384R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

_SPACE = "entrepot"
_NO_KEY = "not a public key of that kind in OpenSSH form"


def canonical(body: Mapping[str, Any]) -> bytes:
    """Return the one text of a JSON object that is hashed and signed: sorted keys, no spaces, UTF-8.

    Raises:
        ValueError: it holds a number that JSON does not know (NaN, infinity).
    """
    return json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()


def sign(key: Ed25519PrivateKey, kind: str, body: Mapping[str, Any]) -> str:
    """Return the signature of a document.

    Args:
        key: who signs.
        kind: what it is, such as "charter".
        body: what it says, without the signature.

    Returns:
        64 bytes in base64.
    """
    return base64.b64encode(key.sign(covered(kind, body))).decode()


def holds(public: str, kind: str, body: Mapping[str, Any], signature: str) -> bool:
    """Say whether `signature` is that of the holder of `public` (OpenSSH) under this kind of document and this body."""
    return vouches(public, covered(kind, body), signature)


def vouches(public: str, content: bytes, signature: str) -> bool:
    """Say whether `signature` is that of the holder of `public` (OpenSSH) under a content, see `covered`."""
    try:
        _public(public).verify(base64.b64decode(signature, validate=True), content)
    except (InvalidSignature, binascii.Error, ValueError):
        return False
    return True


def covered(kind: str, body: Mapping[str, Any]) -> bytes:
    """Return what a signature under this kind of document and this body covers: made once where many signed it."""
    return f"{_SPACE} {kind}\n".encode() + canonical(body)


def public(key: Ed25519PrivateKey) -> str:
    """Return the public half of a key as OpenSSH text ("ssh-ed25519 AAAA…")."""
    form = serialization.PublicFormat.OpenSSH
    return key.public_key().public_bytes(serialization.Encoding.OpenSSH, form).decode()


def raw(public: str) -> bytes:
    """Return the 32 bytes of an Ed25519 public key given as OpenSSH text; raises ValueError when it is none."""
    return _public(public).public_bytes_raw()


def node(public: str) -> str:
    """Return a SuperNode's public key, given as OpenSSH text on P-384, as PEM SubjectPublicKeyInfo: what is registered.

    Raises:
        ValueError: it is no such key.
    """
    try:
        key = serialization.load_ssh_public_key(public.encode())
    except (ValueError, UnsupportedAlgorithm) as error:
        raise ValueError(_NO_KEY) from error
    if not isinstance(key, EllipticCurvePublicKey) or not isinstance(key.curve, SECP384R1):
        raise ValueError(_NO_KEY)  # noqa: TRY004 - the text is wrong, not its type
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    return key.public_bytes(serialization.Encoding.PEM, form).decode()


def fingerprint(public: str) -> str:
    """Return the fingerprint of any OpenSSH public key, as `ssh-keygen -l` prints it, or raise ValueError.

    >>> fingerprint("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")
    'SHA256:kmYcvdi2GkPeWxB6XLjrZB8JHsy2Hm8luHMFp9GMvqk'
    """
    words = public.split()
    if len(words) < 2:
        raise ValueError(_NO_KEY)
    try:
        digest = hashlib.sha256(base64.b64decode(words[1], validate=True)).digest()
    except binascii.Error as error:
        raise ValueError(_NO_KEY) from error
    return "SHA256:" + base64.b64encode(digest).decode().rstrip("=")


def _public(text: str) -> Ed25519PublicKey:
    try:
        key = serialization.load_ssh_public_key(text.encode())
    except (ValueError, UnsupportedAlgorithm) as error:
        raise ValueError(_NO_KEY) from error
    if not isinstance(key, Ed25519PublicKey):
        raise ValueError(_NO_KEY)  # noqa: TRY004 - the text is wrong, not its type
    return key
