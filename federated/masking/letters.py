"""What members write under their signatures: versioned, bound to one place, checked whole. Pure; floor 3.

A message is a head of four bytes, a body and an Ed25519 signature (RFC 8032). What is signed names the kind of message
and everything that it is bound to (run, round, sender, ...), so that no message says anything anywhere but where it was
written for. Parts are hashed with their lengths before them: no two lists of parts make the same text.
"""

import hashlib
from collections.abc import Sequence

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from federated import errors

VERSION = 1
KINDS = {"offer": 1, "shares": 2, "masked": 3, "confirmation": 4, "reveal": 5}
HEAD = 4
SIGNATURE = 64
OVERHEAD = HEAD + SIGNATURE

Part = bytes | str | int

_DOMAIN = "entrepot/masking/1"


def digest(*parts: Part) -> bytes:
    """Return SHA-256 over parts, each with its type and length before it.

    Args:
        parts: bytes, texts (UTF-8), or whole numbers from 0 to 2^64 - 1.

    Returns:
        32 bytes.
    """
    found = hashlib.sha256()
    for part in (_DOMAIN, *parts):
        if isinstance(part, bytes):
            mark, content = b"b", part
        elif isinstance(part, str):
            mark, content = b"s", part.encode()
        else:
            mark, content = b"i", part.to_bytes(8, "big")
        found.update(mark + len(content).to_bytes(8, "big"))
        found.update(content)
    return found.digest()


def write(kind: str, bound: Sequence[Part], body: bytes, signer: Ed25519PrivateKey) -> bytes:
    """Return a signed message.

    Args:
        kind: one of `KINDS`.
        bound: what the message is bound to; the reader must know the same.
        body: what it says.
        signer: the sender's key, whose public half stands in the charter.
    """
    return _head(kind) + body + signer.sign(_signed(kind, bound, body))


def read(message: bytes, kind: str, bound: Sequence[Part], size: int, *, public: bytes, sender: str) -> bytes:
    """Return the body of a message.

    Args:
        message: as it came.
        kind: that it must have.
        bound: what it must be bound to.
        size: how many bytes its body must have.
        public: the sender's Ed25519 public key, 32 bytes.
        sender: its name, for the error.

    Raises:
        MaskError: it has another length, version or kind, or `sender` did not sign it for this place.
    """
    if len(message) != OVERHEAD + size:
        text = f"{sender}: a message of kind {kind} has {len(message)} bytes; expected {OVERHEAD + size}"
        raise errors.MaskError(text)
    if message[:HEAD] != _head(kind):
        text = f"{sender}: not a message of kind {kind}, version {VERSION}"
        raise errors.MaskError(text)
    body = message[HEAD:-SIGNATURE]
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(message[-SIGNATURE:], _signed(kind, bound, body))
    except InvalidSignature as error:
        text = f"{sender}: its key in the charter did not sign this message of kind {kind} for this run and place"
        raise errors.MaskError(text) from error
    return body


def _head(kind: str) -> bytes:
    return b"EM" + bytes([VERSION, KINDS[kind]])


def _signed(kind: str, bound: Sequence[Part], body: bytes) -> bytes:
    return digest("signed", kind, *bound, hashlib.sha256(body).digest())
