"""Who a learner is at their platform, sealed while a score waits for them. Floor 3.

A score must name the platform's own user (AGS 2.0, section 3.4.3), and a pseudonym cannot be turned back. AES-256-GCM
under a key of the keyring, bound to the link and to nothing else: pseudonyms may be rotated meanwhile. The nonce is
made of what is sealed, so that it is never used for anything else.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from xapi_collector import blob, errors
from xapi_collector.keyring import Keyring

PURPOSE = "lti_tool scores"


def close(keyring: Keyring, link: str, iss: str, sub: str) -> str:
    """Seal a learner's id at their platform."""
    text = json.dumps([iss, sub]).encode()
    nonce = hmac.new(keyring.derive(f"{PURPOSE}: nonce"), f"{_place(link)}\x1f".encode() + text, hashlib.sha256)
    return base64.b64encode(blob.seal(text, _place(link), _cipher(keyring), nonce.digest()[:12])).decode()


def open_(keyring: Keyring, link: str, iss: str, sealed: str) -> str | None:
    """The learner's id at this platform; None if it was sealed under other keys, or for another platform or link."""
    try:
        text = blob.open_(base64.b64decode(sealed), _place(link), _cipher(keyring))
    except (errors.EnvelopeError, ValueError):
        return None
    meant, sub = json.loads(text)
    return str(sub) if meant == iss else None


def _cipher(keyring: Keyring) -> AESGCM:
    return AESGCM(keyring.derive(PURPOSE))


def _place(link: str) -> str:
    return f"lti_scores:{link}"
