"""What an id_token must be before anything in it is believed. Floor 3.

RFC 7515, RFC 7519; OpenID Connect core 1.0, section 3.1.3.7; 1EdTech Security Framework 1.0, section 5.1.3. PyJWT
checks the signature with a loaded key, issuer and audience; the clock is ours (`now`), so times are checked here.

Clocks may differ by a minute either way. Platforms on an institution's own machines do, and a token of Moodle lives
for a minute only: with less, a learner at such a university cannot come in at all. It costs nothing, because a token
answers one login of ours, which is taken once and within five minutes, whatever the token says of its age.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

from lti_tool import claims, errors
from lti_tool.platforms import Platform

ALGORITHM = "RS256"
LARGEST = 64 * 1024
LEEWAY = 60.0
OLDEST = 600.0
REQUIRED = ["exp", "iat", "nonce", "sub", "iss", "aud"]

FindKey = Callable[[str], rsa.RSAPublicKey]


def verify(
    token: str | None, platform: Platform, *, nonce: str, target: str, find_key: FindKey, now: float
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Verify an id_token against the login that it must answer.

    Args:
        token: As posted.
        platform: The platform of the login record; any deployment holds where it has none yet (`platforms.learn`).
        nonce: Of the login record.
        target: The target_link_uri of the login record.
        find_key: Finds the platform's public key by key id.
        now: Seconds since the epoch.

    Returns:
        The whole verified body, and the claims of `claims.TABLE` by name.

    Raises:
        errors.LaunchRefused: Anything about it is not as it must be.
        errors.KeyUnavailable: The key that it names could not be had.
    """
    key = find_key(_key_id(token))
    body = _decode(token or "", key, platform)
    named = claims.read(body)
    _check_parties(named, platform)
    if not hmac.compare_digest(named["nonce"].encode(), nonce.encode()):
        raise errors.LaunchRefused("nonce_mismatch", "nonce")
    _check_times(named, now)
    _check_message(named, platform, target)
    return body, named


def _key_id(token: str | None) -> str:
    """The key id of a header that may be believed only that far."""
    if not token:
        raise errors.LaunchRefused("token_missing", "id_token")
    if len(token) > LARGEST:
        raise errors.LaunchRefused("token_malformed", "id_token")
    try:
        header = jwt.get_unverified_header(token)
    except (jwt.PyJWTError, RecursionError) as error:
        raise errors.LaunchRefused("token_malformed", "id_token") from error
    if header.get("alg") != ALGORITHM:
        raise errors.LaunchRefused("algorithm_refused", "header.alg")
    if "crit" in header:
        raise errors.LaunchRefused("token_malformed", "header.crit")
    kid = header.get("kid")
    if not isinstance(kid, str) or not 0 < len(kid) <= 255:
        raise errors.LaunchRefused("key_id_missing", "header.kid")
    return kid


def _decode(token: str, key: rsa.RSAPublicKey, platform: Platform) -> dict[str, Any]:
    options: Any = {"require": REQUIRED, "verify_exp": False, "verify_iat": False, "verify_nbf": False}
    try:
        return jwt.decode(
            token, key, algorithms=[ALGORITHM], audience=platform.client_id, issuer=platform.iss, options=options
        )
    except jwt.InvalidSignatureError as error:
        raise errors.LaunchRefused("signature_wrong", "signature") from error
    except jwt.MissingRequiredClaimError as error:
        raise errors.LaunchRefused("claim_missing", error.claim) from error
    except jwt.InvalidAudienceError as error:
        raise errors.LaunchRefused("audience_mismatch", "aud") from error
    except jwt.InvalidIssuerError as error:
        raise errors.LaunchRefused("issuer_mismatch", "iss") from error
    except (jwt.PyJWTError, RecursionError) as error:
        raise errors.LaunchRefused("token_malformed", "id_token") from error


def _check_parties(named: dict[str, Any], platform: Platform) -> None:
    """OpenID Connect core, section 3.1.3.7, points 3 to 5: several audiences need an authorised party: us."""
    if isinstance(named["aud"], list) and len(named["aud"]) > 1 and named["azp"] is None:
        raise errors.LaunchRefused("authorized_party_mismatch", "azp")
    if named["azp"] is not None and named["azp"] != platform.client_id:
        raise errors.LaunchRefused("authorized_party_mismatch", "azp")


def _check_times(named: dict[str, Any], now: float) -> None:
    if named["exp"] <= named["iat"]:
        raise errors.LaunchRefused("claim_invalid", "exp")
    if now >= named["exp"] + LEEWAY:
        raise errors.LaunchRefused("token_expired", "exp")
    if named["iat"] > now + LEEWAY or (named["nbf"] or 0) > now + LEEWAY:
        raise errors.LaunchRefused("token_from_future", "iat, nbf")
    if named["iat"] < now - OLDEST - LEEWAY:
        raise errors.LaunchRefused("token_too_old", "iat")


def _check_message(named: dict[str, Any], platform: Platform, target: str) -> None:
    if named["version"] != claims.VERSION:
        raise errors.LaunchRefused("version_unsupported", claims.LTI + "version")
    if named["message_type"] not in claims.MESSAGE_TYPES:
        raise errors.LaunchRefused("message_unsupported", claims.LTI + "message_type")
    if platform.deployments and named["deployment"] not in platform.deployments:
        raise errors.LaunchRefused("deployment_unknown", claims.LTI + "deployment_id")
    if named["target"] != target:
        raise errors.LaunchRefused("target_mismatch", claims.LTI + "target_link_uri")
