"""A platform's public keys: those of its key set that LTI takes, RSA for RS256 (1EdTech Security Framework 1.0, 5.1.1).

Floor 3. How they are fetched and kept is `xapi_collector.door.jwks`, which does it for the issuer of bearer tokens too.
"""

from __future__ import annotations

from cryptography.hazmat.primitives.asymmetric import rsa

from lti_tool import errors
from lti_tool.platforms import Platform
from xapi_collector import errors as collector_errors
from xapi_collector.door import jwks


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
