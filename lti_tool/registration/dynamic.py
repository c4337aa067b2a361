"""Dynamic registration: ask the platform who it is, tell it who we are, keep what it answers. Floor 3.

1EdTech LTI Dynamic Registration 1.0, sections 3.3 to 3.7. Every address was named by somebody else, so each is asked
through the guard of `services`; nothing is kept before everything held.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from lti_tool import claims, errors, urls
from lti_tool.platforms import Platform
from lti_tool.registration import configuration, description, invites
from lti_tool.registration.configuration import Configuration
from lti_tool.registration.invites import Invite
from lti_tool.services.wire import Exchange
from storage.port import Storage


def register(
    storage: Storage,
    exchange: Exchange,
    url: str,
    code: str,
    sent: Mapping[str, str],
    *,
    now: Callable[[], float],
    new_token: Callable[[], str],
) -> Platform:
    """Register the tool with the platform that opened the address of an invite.

    Args:
        storage: Where invites and platforms are.
        exchange: Asks an address that somebody else named.
        url: The tool's public address.
        code: Of the invite.
        sent: The parameters of the request: `openid_configuration`, and `registration_token` if there is one.
        now: Seconds since the epoch.
        new_token: Makes an unguessable token.

    Returns:
        The platform as it is kept: "active" if the invite was for its host, else "pending".

    Raises:
        errors.RegistrationRefused: Anything does not hold; the invite may be used again, nothing is kept.
    """
    token = sent.get("registration_token", "")
    with invites.held(storage, code, now=now(), new_token=new_token) as invite:
        found = configuration.fetch(exchange, sent.get("openid_configuration", ""), token)
        if not _expected(invite, found):
            raise errors.RegistrationRefused("invite_foreign", "issuer")
        answer = _tell(exchange, found, url, token)
        platform = _platform(answer, found, approved=bool(invite.host))
        invites.spend(storage, invite, platform, now())
    return platform


def _expected(invite: Invite, found: Configuration) -> bool:
    return not invite.host or invite.host in {urls.read(one).authority for one in (found.issuer, found.account) if one}


def _tell(exchange: Exchange, found: Configuration, url: str, token: str) -> Any:
    """Post the client registration; what the platform made of it."""
    headers = {"Accept": "application/json", "Content-Type": "application/json"}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    body = json.dumps(description.client(url, found.family)).encode()
    try:
        return exchange("POST", found.registration_url, headers=headers, body=body).json()
    except errors.ServiceError as error:
        code = "registration_unavailable" if error.temporary else "registration_refused"
        code = {"unsafe": "configuration_unsafe", "malformed": "registration_malformed"}.get(error.kind, code)
        raise errors.RegistrationRefused(code, "registration_endpoint") from error


def _platform(answer: Any, found: Configuration, *, approved: bool) -> Platform:
    """The record of an answer (section 3.6): a client id, and a deployment if it names one."""
    if not isinstance(answer, dict) or not claims.text(1024)(answer.get("client_id")):
        raise errors.RegistrationRefused("registration_malformed", "client_id")
    tool = answer.get(description.TOOL)
    deployment = tool.get("deployment_id") if isinstance(tool, dict) else None
    if deployment is not None and not claims.text(255)(deployment):
        raise errors.RegistrationRefused("registration_malformed", "deployment_id")
    return Platform(
        iss=found.issuer,
        client_id=answer["client_id"],
        auth_url=found.auth_url,
        token_url=found.token_url,
        jwks_url=found.jwks_url,
        deployments=(deployment,) if deployment else (),
        family=found.family.name,
        frames=tuple(dict.fromkeys((found.account, urls.origin(found.issuer)))) if found.account else (),
        state="active" if approved else "pending",
        audience=found.audience,
        name=urls.read(found.account).authority if found.account else "",
    )
