"""Bearer tokens of the institution's own issuer, for systems that have no credential here. Floor 1.

RFC 6750, RFC 9068; OpenID Connect Discovery 1.0, 4. PyJWT checks the signature, the issuer and the audience; times are
checked here, by the clock that is given.
"""

import hashlib
import hmac
import ipaddress
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import jwt

from storage import errors as storage_errors
from xapi_collector import agents, errors
from xapi_collector.door import auth, jwks, scopes
from xapi_collector.keyring import Keyring
from xapi_collector.settings import Settings

ALGORITHMS = ("RS256", "ES256")
LEEWAY = 60  # seconds
LARGEST = 16 * 1024  # characters of a token
DISCOVERY = "/.well-known/openid-configuration"

Fetch = Callable[[str], Mapping[str, Any]]
fetch: Fetch = jwks.document


@dataclass(frozen=True, slots=True)
class Issuer:
    """Whose tokens are taken.

    Attributes:
        issuer: Its address, as in `iss`.
        audience: What a token must be for, as in `aud`.
        jwks_url: Where its keys are, or an empty text: where its discovery document says.
        key: Makes names for logs and limits.
        fetch: How a JSON object is fetched.
        sets: The keys known to this process.
    """

    issuer: str
    audience: str
    jwks_url: str
    key: bytes = field(repr=False)
    fetch: Fetch
    sets: jwks.KeySets = field(default_factory=jwks.KeySets)


def issuer(settings: Settings, keyring: Keyring, fetch: Fetch = fetch) -> Issuer | None:
    """The issuer that the settings name, or None.

    Raises:
        storage.errors.SettingsError: An address is not https (or loopback), or the audience is missing.
    """
    if not settings.oidc_issuer:
        return None
    for name, url in (("ISSUER", settings.oidc_issuer), ("JWKS_URL", settings.oidc_jwks_url)):
        if url and not _is_safe(url):
            msg = f"ENTREPOT_XAPI_OIDC_{name} is {url!r}, and must be an address with https."
            raise storage_errors.SettingsError(msg)
    if not settings.oidc_audience:
        raise storage_errors.SettingsError("Set ENTREPOT_XAPI_OIDC_AUDIENCE: the audience that a token must be for.")
    key = keyring.derive("oidc")
    return Issuer(settings.oidc_issuer, settings.oidc_audience, settings.oidc_jwks_url, key, fetch)


def authenticate(its: Issuer, token: str, now: int) -> auth.Credential:
    """The credential that a token is.

    Args:
        its: Whose tokens are taken.
        token: As in the Authorization header, after `Bearer`.
        now: Microseconds.

    Raises:
        errors.UnauthorizedError: It is not a valid token of the issuer for this collector.
        errors.IssuerUnavailableError: The key that it is signed with cannot be had now.
    """
    seconds = now / 1_000_000
    algorithm, kid = _header(token)
    claims = _claims(its, token, algorithm, _key(its, kid, seconds))
    _check_times(claims, seconds)
    client = next(
        (claims[name] for name in ("azp", "client_id", "sub") if claims.get(name) and isinstance(claims[name], str)), ""
    )
    if not 0 < len(client) <= 255:
        raise challenge("The token names no client.", "azp, client_id or sub")
    name = hmac.new(its.key, client.encode(), hashlib.sha256).hexdigest()[:16]
    return auth.Credential(f"oidc-{name}", "oidc", _scopes(claims), agents.authority(its.issuer, client))


def challenge(detail: str, expected: str = "") -> errors.UnauthorizedError:
    """The error of a request without a valid token, or without anything."""
    error = errors.UnauthorizedError(
        detail,
        path="Authorization",
        rule="XAPI-00334",
        expected=expected or "Basic, then base64 of key:secret; or Bearer, then a token of the institution's issuer",
    )
    bearer = 'Bearer realm="xAPI"' + (', error="invalid_token"' if expected else "")
    error.headers = {"WWW-Authenticate": bearer if expected else f"{error.headers['WWW-Authenticate']}, {bearer}"}
    return error


def _header(token: str) -> tuple[str, str]:
    """The algorithm and key id of a header that may be believed only that far."""
    if len(token) > LARGEST:
        raise challenge("The token is too long.", f"at most {LARGEST} characters")
    try:
        header = jwt.get_unverified_header(token)
    except (jwt.PyJWTError, RecursionError, ValueError):
        raise challenge("The token is malformed.", "a signed JWT") from None
    algorithm, kid = header.get("alg"), header.get("kid")
    if algorithm not in ALGORITHMS or "crit" in header:
        raise challenge("The token is signed in a way that is not taken.", " or ".join(ALGORITHMS))
    if not isinstance(kid, str) or not 0 < len(kid) <= 255:
        raise challenge("The token names no key.", "the id of a key of the issuer")
    return algorithm, kid


def _key(its: Issuer, kid: str, now: float) -> jwks.PublicKey:
    try:
        return jwks.find(its.sets, (its.issuer, its.jwks_url), kid, now, lambda url: _key_set(its, url))
    except errors.KeySetError as error:
        if error.reached:
            raise challenge("The issuer has no such key.", "a key of the issuer; a new one is seen in 30 s") from None
        raise errors.IssuerUnavailableError(
            "The issuer's keys cannot be had now.", path="Authorization", expected="the same request a little later"
        ) from None


def _key_set(its: Issuer, url: str) -> jwks.KeySet:
    if not url:
        found = its.fetch(its.issuer.rstrip("/") + DISCOVERY)
        url = str(found.get("jwks_uri"))
        if found.get("issuer") != its.issuer or not _is_safe(url):
            raise errors.KeySetError("The discovery document is not the issuer's.")
    return jwks.parse(its.fetch(url))


def _claims(its: Issuer, token: str, algorithm: str, key: jwks.PublicKey) -> dict[str, Any]:
    options: Any = {
        "require": ["exp", "iat", "iss", "aud"],
        "verify_exp": False,
        "verify_iat": False,
        "verify_nbf": False,
        "verify_sub": False,
    }
    try:
        return jwt.decode(token, key, algorithms=[algorithm], audience=its.audience, issuer=its.issuer, options=options)
    except (jwt.PyJWTError, RecursionError, ValueError, TypeError):
        # which of them failed is nobody's business who has no valid token
        raise challenge("The token is not valid here.", "a token of the issuer for this collector") from None


def _check_times(claims: Mapping[str, Any], now: float) -> None:
    expires, issued, begins = (claims.get(name, claims["iat"]) for name in ("exp", "iat", "nbf"))
    for time in (expires, issued, begins):
        if isinstance(time, bool) or not isinstance(time, int | float) or not 0 <= time < 1e11:
            raise challenge("A time of the token is no time.", "seconds since 1970")
    if now >= expires + LEEWAY:
        raise challenge("The token has expired.", "a fresh token")
    if max(issued, begins) > now + LEEWAY:
        raise challenge("The token is not valid yet.", "a token of now; compare the clocks")


def _scopes(claims: Mapping[str, Any]) -> frozenset[str]:
    """What a token allows; of what it says, only scopes of xAPI count (RFC 9068, 2.2.3)."""
    given = claims.get("scope", claims.get("scp", ""))
    names = given.split() if isinstance(given, str) else given if isinstance(given, list) else ()
    return frozenset(name for name in names if isinstance(name, str) and name in scopes.MEANINGS)


def _is_safe(url: str) -> bool:
    """Whether an address is https, or of this machine."""
    try:
        split = urlsplit(url)
        host = split.hostname or ""
        local = host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        local = False
    return bool(split.hostname) and (split.scheme == "https" or (split.scheme == "http" and local))
