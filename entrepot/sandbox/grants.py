"""The token endpoint, and what an access token opens. Floor 4.

1EdTech Security Framework 1.0, section 4.1.1: client credentials by a signed assertion (RFC 7523), checked against the
key set of the tool.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import jwt
import requests
from flask import Flask, Response, jsonify, request

from entrepot.sandbox.platform import Grant, Platform, Registered

ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


class NotGranted(Exception):
    """No token: `code` is one of RFC 6749, section 5.2."""

    def __init__(self, code: str, why: str) -> None:
        super().__init__(f"{code}: {why}")
        self.code = code
        self.why = why


def register(app: Flask, platform: Platform) -> None:
    """Add the token endpoint."""

    @app.post("/token", endpoint="token")
    def token() -> Response:
        try:
            body = grant(platform, request.form)
        except NotGranted as refused:
            answer = jsonify({"error": refused.code, "error_description": refused.why})
            answer.status_code = 400
        else:
            answer = jsonify(body)
        answer.headers["Cache-Control"] = "no-store"
        return answer


def grant(platform: Platform, form: Mapping[str, str]) -> dict[str, Any]:
    """Grant a token.

    Raises:
        NotGranted: With the reason.
    """
    if form.get("grant_type") != "client_credentials" or form.get("client_assertion_type") != ASSERTION:
        raise NotGranted("unsupported_grant_type", "grant_type or client_assertion_type")
    text = form.get("client_assertion", "")
    try:
        claimed = jwt.decode(text, options={"verify_signature": False})
    except jwt.PyJWTError as error:
        raise NotGranted("invalid_request", "the assertion is no JWT") from error
    registered = platform.tools.get(str(claimed.get("sub")))
    if registered is None or not registered.active:
        raise NotGranted("invalid_client", "unknown or not active")
    profile = platform.profile(registered.institution)
    audience = [f"{platform.base}/token"] if profile.attempts else [f"{platform.base}/token", platform.base]
    claims = verify(platform, registered, text, audience)
    if claims["iss"] != claims["sub"]:
        raise NotGranted("invalid_client", "iss is not sub")
    if profile.jti_once:
        _use(platform, registered, claims)
    asked = form.get("scope", "").split()
    scopes = [scope for scope in asked if scope in registered.tool.scopes]
    if not scopes:
        raise NotGranted("invalid_scope", "none of these scopes")
    made = platform.new_token()
    life = platform.token_life
    with platform.lock:
        platform.grants[made] = Grant(registered.tool.client_id, frozenset(scopes), platform.clock() + life)
    return {"access_token": made, "token_type": "Bearer", "expires_in": int(life), "scope": " ".join(scopes)}


def verify(platform: Platform, registered: Registered, text: str, audience: list[str]) -> dict[str, Any]:
    """The claims of a JWT that a tool signed.

    Raises:
        NotGranted: It did not, or its time or audience is wrong.
    """
    try:
        kid = jwt.get_unverified_header(text).get("kid")
        key = _key(platform, registered, kid)
        claims: dict[str, Any] = jwt.decode(
            text,
            key,
            algorithms=["RS256"],
            audience=audience,
            leeway=10,
            options={"require": ["exp", "iat", "iss", "aud"]},
        )
    except (jwt.PyJWTError, requests.RequestException, KeyError, TypeError, ValueError) as error:
        raise NotGranted("invalid_client", type(error).__name__) from error
    return claims


def opens(platform: Platform, institution: str, scopes: tuple[str, ...]) -> Registered | Response:
    """The tool whose token came with this request, or the refusal of it.

    Args:
        platform: The LMS.
        institution: Whose service it is.
        scopes: Any of them is enough.
    """
    profile = platform.profile(institution)
    if profile.user_agent and not request.headers.get("User-Agent"):
        return _refusal(403, "User-Agent missing")
    kind, _, text = request.headers.get("Authorization", "").partition(" ")
    found = platform.grants.get(text) if kind.lower() == "bearer" else None
    if found is None or found.expires <= platform.clock():
        refused = _refusal(401, "token unknown or expired")
        refused.headers["WWW-Authenticate"] = 'Bearer realm="sandbox"'
        return refused
    registered = platform.tools.get(found.client_id)
    if registered is None or registered.institution != institution or not registered.active:
        return _refusal(404, "no such course")
    if found.scopes.isdisjoint(scopes):
        return _refusal(profile.scope_status, "scope missing")
    return registered


def _key(platform: Platform, registered: Registered, kid: Any) -> Any:
    url = registered.tool.jwks_url
    for fresh in (False, True):
        for one in platform.tool_keys(url, fresh=fresh)["keys"]:
            if one.get("kid") == kid and kid is not None:
                return jwt.PyJWK(one, algorithm="RS256").key
    message = "no key of this kid"
    raise jwt.InvalidKeyError(message)


def _use(platform: Platform, registered: Registered, claims: Mapping[str, Any]) -> None:
    jti = claims.get("jti")
    if not isinstance(jti, str) or not jti:
        raise NotGranted("invalid_request", "jti missing")
    with platform.lock:
        if (registered.tool.client_id, jti) in platform.used:
            raise NotGranted("invalid_request", "jti used before")
        platform.used.add((registered.tool.client_id, jti))


def _refusal(status: int, why: str) -> Response:
    answer = jsonify({"error": why})
    answer.status_code = status
    return answer
