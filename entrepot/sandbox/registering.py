"""Dynamic registration: a tool registers itself by one address that an administrator pastes. Floor 4.

LTI Dynamic Registration 1.0; OpenID Connect Dynamic Client Registration 1.0. An invitation serves once and for an
hour. Where the profile says so the tool is pending until somebody activates it, and the answer names no deployment.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode, urlsplit, urlunsplit

import jwt
from flask import Flask, Response, jsonify, request

from entrepot.sandbox import tokens
from entrepot.sandbox.config import Tool
from entrepot.sandbox.platform import Platform, Registered
from entrepot.sandbox.profiles import SCOPES, Profile

CONFIGURATION = "https://purl.imsglobal.org/spec/lti-tool-configuration"
PLATFORM = "https://purl.imsglobal.org/spec/lti-platform-configuration"
AUDIENCE = "registration"
LIFETIME = 3600


class NotRegistered(Exception):
    """The registration does not hold: `status`, and a code of RFC 7591, section 3.2.2, with what is wrong."""

    def __init__(self, status: int, code: str, why: str) -> None:
        super().__init__(f"{code}: {why}")
        self.status = status
        self.code = code
        self.why = why


def register(app: Flask, platform: Platform) -> None:
    """Add the routes."""

    @app.get("/<institution>/openid-configuration", endpoint="configuration")
    def configuration(institution: str) -> Response:
        if platform.institution(institution) is None:
            return _refusal(NotRegistered(404, "not_found", "no such institution"))
        if not platform.profile(institution).configuration_open:
            try:
                _invited(platform, institution)
            except NotRegistered as refused:
                return _refusal(refused)
        return jsonify(describe(platform, institution))

    @app.post("/<institution>/register", endpoint="registration")
    def registration(institution: str) -> Response:
        try:
            client_id = _invited(platform, institution)
            body = take(platform, institution, client_id, request.get_json(force=True, silent=True))
        except NotRegistered as refused:
            return _refusal(refused)
        answer = jsonify(body)
        answer.status_code = platform.profile(institution).registration_status
        return answer


def invite(platform: Platform, institution: str, url: str) -> str:
    """The address to open for a tool's registration address: with openid_configuration and registration_token."""
    client_id = _client_id(platform, institution)
    token = tokens.sign(
        platform.ring.hints,
        {"sub": client_id, "inst": institution, "aud": AUDIENCE, "exp": int(platform.clock()) + LIFETIME},
    )
    parts = urlsplit(url)
    query = urlencode(
        {"openid_configuration": f"{platform.base}/{institution}/openid-configuration", "registration_token": token}
    )
    return urlunsplit(parts._replace(query=f"{parts.query}&{query}" if parts.query else query))


def activate(platform: Platform, client_id: str) -> None:
    """Let a registered tool be launched; links without a tool become its own.

    Raises:
        KeyError: There is no such tool.
    """
    with platform.lock:
        found = platform.tools[client_id]
        found.active = True
        for course in platform.courses.values():
            if course.institution == found.institution:
                for link in course.links.values():
                    link.client_id = link.client_id or client_id
                for item in course.items.values():
                    item.client_id = item.client_id or client_id


def describe(platform: Platform, institution: str) -> dict[str, Any]:
    """The openid-configuration (LTI Dynamic Registration 1.0, section 3.3)."""
    profile = platform.profile(institution)
    scopes = [scope for scope in SCOPES if profile.groups or "lti-gs" not in scope]
    return {
        "issuer": platform.base,
        "authorization_endpoint": f"{platform.sso}/auth",
        "token_endpoint": f"{platform.base}/token",
        "token_endpoint_auth_methods_supported": ["private_key_jwt"],
        "token_endpoint_auth_signing_alg_values_supported": ["RS256"],
        "jwks_uri": f"{platform.base}/jwks",
        "registration_endpoint": f"{platform.base}/{institution}/register",
        "scopes_supported": ["openid", *scopes],
        "response_types_supported": ["id_token"],
        "subject_types_supported": ["public", "pairwise"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "claims_supported": ["sub", "iss", "name", "given_name", "family_name", "email"],
        PLATFORM: {
            "product_family_code": profile.product,
            "version": profile.version,
            "messages_supported": [
                {"type": "LtiResourceLinkRequest"},
                {"type": "LtiDeepLinkingRequest", "placements": ["ContentArea"]},
            ],
            "variables": sorted(profile.variables),
        },
    }


def take(platform: Platform, institution: str, client_id: str, body: Any) -> dict[str, Any]:
    """Register a tool.

    Raises:
        NotRegistered: Something is missing or wrong; nothing was registered.
    """
    profile = platform.profile(institution)
    tool = _tool(platform, profile, client_id, body)
    with platform.lock:
        if client_id in platform.tools:
            raise NotRegistered(401, "invalid_token", "token_already_used")
        platform.tools[client_id] = Registered(institution, tool, active=False)
        if not profile.pending_tools:
            activate(platform, client_id)
    configured = dict(body[CONFIGURATION])
    if profile.tells_deployment:
        configured["deployment_id"] = tool.deployment_id
    return {**body, "client_id": client_id, "scope": " ".join(tool.scopes), CONFIGURATION: configured}


def _tool(platform: Platform, profile: Profile, client_id: str, body: Any) -> Tool:
    if not isinstance(body, Mapping):
        raise NotRegistered(400, "invalid_client_metadata", "the body is no JSON object")
    configured = body.get(CONFIGURATION)
    if not isinstance(configured, Mapping):
        raise NotRegistered(400, "invalid_client_metadata", CONFIGURATION)
    for name in ("initiate_login_uri", "client_name", "jwks_uri"):
        _text(body, name)
    for name in ("domain", "target_link_uri"):
        _text(configured, name)
    if "id_token" not in (body.get("response_types") or ()):
        raise NotRegistered(400, "invalid_client_metadata", "response_types")
    if body.get("token_endpoint_auth_method") != "private_key_jwt":
        raise NotRegistered(400, "invalid_client_metadata", "token_endpoint_auth_method")
    if body.get("application_type", "web") != "web":
        raise NotRegistered(400, "invalid_client_metadata", "application_type")
    redirects = body.get("redirect_uris")
    if not isinstance(redirects, list) or not redirects or not all(isinstance(one, str) for one in redirects):
        raise NotRegistered(400, "invalid_redirect_uri", "redirect_uris")
    asked = str(body.get("scope") or "").split()
    custom = configured.get("custom_parameters") or {}
    number = str(len(platform.tools) + 1)
    if profile.ids == "opaque":
        number = f"{number}:{hashlib.sha1(client_id.encode(), usedforsecurity=False).hexdigest()}"
    return Tool(
        body["initiate_login_uri"],
        redirects[0],
        body["jwks_uri"],
        client_id,
        number,
        name=body["client_name"],
        scopes=tuple(one for one in SCOPES if one in asked and (profile.groups or "lti-gs" not in one)),
        custom={str(name): str(value) for name, value in custom.items()} if isinstance(custom, Mapping) else {},
        redirect_urls=tuple(redirects),
    )


def _text(body: Mapping[str, Any], name: str) -> None:
    value = body.get(name)
    if not isinstance(value, str) or not value:
        raise NotRegistered(400, "invalid_client_metadata", f"missing required attribute {name}")


def _invited(platform: Platform, institution: str) -> str:
    """The client id that this request's token was made for."""
    if platform.institution(institution) is None:
        raise NotRegistered(404, "not_found", "no such institution")
    kind, _, text = request.headers.get("Authorization", "").partition(" ")
    try:
        body = jwt.decode(
            text if kind.lower() == "bearer" else "",
            platform.ring.hints.private.public_key(),
            algorithms=["RS256"],
            audience=AUDIENCE,
        )
    except jwt.PyJWTError as error:
        raise NotRegistered(401, "invalid_token", "registration token") from error
    if body["inst"] != institution or body["sub"] in platform.tools:
        raise NotRegistered(401, "invalid_token", "token_already_used")
    return str(body["sub"])


def _client_id(platform: Platform, institution: str) -> str:
    made = platform.new_token()
    # Canvas counts its developer keys; the others draw letters.
    return str(10**13 + int(made[:12], 36) % 10**12) if platform.profile(institution).ids == "opaque" else made[:15]


def _refusal(refused: NotRegistered) -> Response:
    answer = jsonify({"error": refused.code, "error_description": refused.why})
    answer.status_code = refused.status
    return answer
