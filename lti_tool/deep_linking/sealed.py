"""The request, carried through the picker's pages in a hidden field, sealed. Floor 3.

AES-256-GCM under a key of its own: the return address holds the person's session key on Moodle, and `data` is nobody's
but the platform's. Bound to the person, platform, deployment and course of the page's bearer, so that a request of one
course cannot be answered from another.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Callable
from dataclasses import asdict

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from lti_tool import errors
from lti_tool.deep_linking.request import Request
from lti_tool.learner import Learner

PURPOSE = "lti_tool deep linking"
LIFETIME = 3600
NONCE = 12


def seal(asked: Request, person: Learner, key: bytes, *, now: float, new_token: Callable[[], str]) -> str:
    """Seal a request for the pages of a person.

    Args:
        asked: The request.
        person: Who picks.
        key: 32 bytes, from `keyring.derive(PURPOSE)`.
        now: Seconds since the epoch.
        new_token: Makes an unguessable token, anew each time.
    """
    nonce = hashlib.sha256(new_token().encode()).digest()[:NONCE]
    body = json.dumps({**asdict(asked), "until": int(now) + LIFETIME}, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(nonce + AESGCM(key).encrypt(nonce, body, _owner(person))).decode()


def open_(text: str, person: Learner, key: bytes, now: float) -> Request:
    """Open a sealed request.

    Raises:
        errors.PageRefused: Not sealed by us for this person and course, or older than an hour.
    """
    try:
        raw = base64.b64decode(text.encode(), altchars=b"-_", validate=True)
        body = json.loads(AESGCM(key).decrypt(raw[:NONCE], raw[NONCE:], _owner(person)))
    except (InvalidTag, ValueError, binascii.Error) as error:
        raise errors.PageRefused("page_not_ours", "picking") from error
    if now >= body.pop("until"):
        raise errors.PageRefused("page_expired", "picking")
    return Request(**{**body, "targets": tuple(body["targets"])})


def _owner(person: Learner) -> bytes:
    return json.dumps([person.iss, person.client_id, person.deployment, person.context, person.sub]).encode()
