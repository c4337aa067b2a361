"""A launch, from the posted form to a learner: every check in its order. Floor 3.

1EdTech Security Framework 1.0, section 5.1.1.3. First the login record is taken, once; then the browser must be the
one that began; then the id_token must answer that very login.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric import rsa

from lti_tool import errors, id_token, jwks, login, message, platforms
from lti_tool import learner as learners
from lti_tool.learner import Learner
from lti_tool.platforms import Platform
from storage.port import Storage
from xapi_collector.door.jwks import KeySets


@dataclass(frozen=True)
class Launch:
    """A launch that holds: the platform that vouches, and the learner."""

    platform: Platform
    learner: Learner


def take(storage: Storage, sets: KeySets, form: Mapping[str, str], cookies: Mapping[str, str], now: float) -> Launch:
    """Take a launch.

    Args:
        storage: Where login records and platforms are.
        sets: The process's cache of platform keys.
        form: The posted fields: state and id_token, or state and error.
        cookies: Of the browser.
        now: Seconds since the epoch.

    Raises:
        errors.Refused: It does not hold; the error tells who may show it, and how to begin again.
    """
    record = login.take(storage, form.get("state"), now)
    platform = platforms.find(storage, record["iss"], record["client_id"])
    try:
        if platform is None:
            raise errors.LaunchRefused("platform_unknown", "iss, client_id")
        if form.get("error"):
            raise errors.LaunchRefused("platform_error", "error")
        binding = cookies.get(login.cookie_name(record["state"]), "")
        if not hmac.compare_digest(login.digest(binding), record["binding"]):
            raise errors.LaunchRefused("state_not_bound", "cookie")

        def find_key(kid: str) -> rsa.RSAPublicKey:
            return jwks.find(sets, platform, kid, now)

        body, named = id_token.verify(
            form.get("id_token"), platform, nonce=record["nonce"], target=record["target"], find_key=find_key, now=now
        )
        teaching = message.teaches(message.of(body, platform))
    except errors.Refused as refused:
        refused.frames = () if platform is None else platforms.frames(platform)
        refused.again = record["again"]
        raise
    return Launch(platform, learners.from_claims(named, platform.client_id, instructor=teaching))
