"""Sealed bytes that are no statement: documents and definitions. Floor 1, pure.

AES-256-GCM. Layout: format (1 byte), nonce (12), sealed bytes with their tag; bound to the key of the document that
holds them, so no blob opens in another's place. Whose data key opens it is a field beside it, so that a pseudonym can
be renamed without the blob.
"""

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from xapi_collector import errors

_FORMAT = b"\x01"


def seal(content: bytes, place: str, cipher: AESGCM, nonce: bytes) -> bytes:
    """The sealed form of any bytes.

    Args:
        content: What is sealed.
        place: The collection and key of the document that will hold it.
        cipher: The cipher of a data key.
        nonce: 12 random bytes, never used before.
    """
    return _FORMAT + nonce + cipher.encrypt(nonce, content, _FORMAT + place.encode())


def open_(blob: bytes, place: str, cipher: AESGCM) -> bytes:
    """The bytes that were sealed.

    Raises:
        errors.EnvelopeError: The key is another, or the bytes or their place are not those that were sealed.
    """
    try:
        return cipher.decrypt(blob[1:13], blob[13:], blob[:1] + place.encode())
    except (InvalidTag, ValueError):
        raise errors.EnvelopeError(
            "A document does not open: its bytes were changed. Restore the store from its backup."
        ) from None
