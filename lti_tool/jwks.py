"""A platform's public keys: those of its key set that LTI takes, RSA for RS256 (1EdTech Security Framework 1.0, 5.1.1).

Floor 3. How they are kept is `xapi_collector.door.jwks`, which does it for the issuer of bearer tokens too; how they
are fetched is `services.wire`, whose guard keeps a registration from pointing the tool into its own network.
A platform may say that its key set is fresh for less than an hour (RFC 9111, section 5.2.2.1), but not for less than a
minute: a retired key ends within the hour whatever it says, and nobody makes us fetch at every launch.
"""

from __future__ import annotations

import re

from cryptography.hazmat.primitives.asymmetric import rsa

from lti_tool import errors
from lti_tool.platforms import Platform
from lti_tool.services import wire
from lti_tool.services.wire import Exchange
from xapi_collector import errors as collector_errors
from xapi_collector.door import jwks

SHORTEST = 60.0

_MAX_AGE = re.compile(r"(?:^|[,\s])max-age=\"?([0-9]{1,9})")


def over(exchange: Exchange) -> jwks.Fetch:
    """How to fetch a key set by an exchange of ours."""

    def fetch(url: str) -> jwks.Fetched:
        try:
            answer = exchange("GET", url, headers={"Accept": "application/json"}, limits=wire.KEY_SET)
            found = answer.json()
        except errors.ServiceError as error:
            raise collector_errors.KeySetError("The key set could not be fetched.") from error
        if not isinstance(found, dict):
            raise collector_errors.KeySetError("The answer is no JSON object.")
        return jwks.Fetched(jwks.parse(found), fresh(answer.headers.get("cache-control", "")))

    return fetch


def fresh(directives: str) -> float:
    """How long a key set serves without being asked for again, by its Cache-Control.

    >>> fresh("public, max-age=300"), fresh("no-store"), fresh("max-age=86400"), fresh("")
    (300.0, 60.0, 3600.0, 3600.0)
    """
    lower = directives.lower()
    found = _MAX_AGE.search(lower)
    if "no-store" in lower or "no-cache" in lower:
        return SHORTEST
    return max(SHORTEST, min(float(found[1]), jwks.FRESH)) if found else jwks.FRESH


def find(
    sets: jwks.KeySets, platform: Platform, kid: str, now: float, fetch: jwks.Fetch = jwks.over_http
) -> rsa.RSAPublicKey:
    """The platform's public key of this id, from the cache or freshly fetched.

    Args:
        sets: the process's cache.
        platform: whose keys.
        kid: key id from the header of the token.
        now: seconds since the epoch.
        fetch: how to fetch a key set; the default is over HTTP with the bounds of `xapi_collector.door.jwks`.

    Raises:
        errors.KeyUnavailable: the platform does not have such a key, or did not answer and no cached key serves.
    """
    try:
        key = jwks.find(sets, (platform.iss, platform.jwks_url), kid, now, fetch)
    except collector_errors.KeySetError as error:
        raise errors.KeyUnavailable("key_unknown" if error.reached else "keys_unavailable", "header.kid") from error
    if not isinstance(key, rsa.RSAPublicKey):
        raise errors.KeyUnavailable("key_unknown", "header.kid")
    return key
