"""What a platform says of itself, read strictly: its OpenID configuration. Floor 3.

1EdTech LTI Dynamic Registration 1.0, section 3.4. The address is the word of whoever opened ours, so the issuer must be
the one that answers there, and everything else must lie where the issuer is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lti_tool import claims, errors, families, urls
from lti_tool.families import Family
from lti_tool.services.wire import Exchange
from lti_tool.urls import Url

PLATFORM = "https://purl.imsglobal.org/spec/lti-platform-configuration"
LONGEST_TOKEN = 8192


@dataclass(frozen=True)
class Configuration:
    """A platform's own description.

    Attributes:
        issuer: Its issuer.
        auth_url: OIDC authorization endpoint.
        token_url: Token endpoint.
        jwks_url: Its key set.
        registration_url: Where a tool registers.
        audience: The `aud` of assertions, where that is not the token endpoint; else empty.
        family: How its family behaves.
        account: Origin of the institution's own pages, where many institutions share the issuer; else empty.
    """

    issuer: str
    auth_url: str
    token_url: str
    jwks_url: str
    registration_url: str
    audience: str
    family: Family
    account: str


def fetch(exchange: Exchange, url: str, token: str) -> Configuration:
    """Fetch a platform's configuration and check where everything lies.

    Args:
        exchange: Asks an address that somebody else named.
        url: As it came with the registration request.
        token: The registration token that came with it, for Canvas tells nothing without it; may be empty.

    Raises:
        errors.RegistrationRefused: It cannot be had, cannot be read, or its issuer or endpoints are foreign to it.
    """
    if len(token) > LONGEST_TOKEN or not token.isascii() or not token.isprintable() or " " in token:
        raise errors.RegistrationRefused("configuration_malformed", "registration_token")
    headers = {"Accept": "application/json", **({"Authorization": f"Bearer {token}"} if token else {})}
    try:
        body = exchange("GET", url, headers=headers).json()
    except errors.ServiceError as error:
        code = {"unsafe": "configuration_unsafe", "malformed": "configuration_malformed"}.get(error.kind)
        raise errors.RegistrationRefused(code or "configuration_unavailable", "openid_configuration") from error
    return read(body, url)


def read(body: Any, url: str) -> Configuration:
    """Read the configuration that was had from an address.

    Args:
        body: The JSON document.
        url: Its address, which the guard let pass: https, or http in a network that the operator named.

    Raises:
        errors.RegistrationRefused: A member is missing or foreign.
    """
    if not isinstance(body, dict):
        raise errors.RegistrationRefused("configuration_malformed", "openid_configuration")
    here = urls.read(url)
    issuer = _address(body, "issuer", here)
    about = body.get(PLATFORM)
    code = about.get("product_family_code") if isinstance(about, dict) else None
    family = families.of_code(code) if isinstance(code, str) else families.FAMILIES["spec"]
    shared = family.hosted.get(body["issuer"])
    mine = {issuer.authority}
    if shared is not None:
        mine |= {urls.read(one).authority for one in (shared.auth, shared.token, shared.jwks)}
    # An issuer with a path has its configuration below it: two institutions may share a host.
    if here.authority not in mine or not here.resource.startswith(issuer.resource.rstrip("/") + "/"):
        raise errors.RegistrationRefused("issuer_foreign", "issuer")
    for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
        if _address(body, name, here).authority not in mine:
            raise errors.RegistrationRefused("endpoint_foreign", name)
    registration = _address(body, "registration_endpoint", here)
    if shared is None and registration.authority not in mine:
        raise errors.RegistrationRefused("endpoint_foreign", "registration_endpoint")
    server = body.get("authorization_server")
    named = claims.text(2048)(server) and not family.asserts_to_endpoint and server != body["token_endpoint"]
    return Configuration(
        issuer=body["issuer"],
        auth_url=body["authorization_endpoint"],
        token_url=body["token_endpoint"],
        jwks_url=body["jwks_uri"],
        registration_url=body["registration_endpoint"],
        audience=str(server) if named else "",
        family=family,
        account="" if shared is None else registration.origin,
    )


def _address(body: Mapping[str, Any], name: str, here: Url) -> Url:
    """A member that is an address, as well protected as that of the document."""
    value = body.get(name)
    try:
        found = urls.read(value if isinstance(value, str) else "")
    except errors.ServiceError as error:
        raise errors.RegistrationRefused("configuration_malformed", name) from error
    if found.scheme != here.scheme or (name == "issuer" and "?" in found.resource) or "#" in str(value):
        raise errors.RegistrationRefused("configuration_malformed", name)
    return found
