"""The platform's side of OpenID Connect: how a launch begins, and what is posted to the tool. Floor 4.

1EdTech Security Framework 1.0, section 5.1.1: the course page posts a login initiation to the tool inside the frame,
the tool sends the browser to `/auth`, which checks every parameter and posts a signed id_token back.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from entrepot.sandbox import claims, tokens
from entrepot.sandbox.claims import Visit
from entrepot.sandbox.config import Person, Tool
from entrepot.sandbox.platform import Course, Link, Platform, Registered
from entrepot.sandbox.tokens import Hint

REQUIRED = {"scope": "openid", "response_type": "id_token", "response_mode": "form_post", "prompt": "none"}
DEEP_LINKING = "deep_linking"


class Refused(Exception):
    """The tool is told an error instead of who came."""


@dataclass(frozen=True)
class Answer:
    """What is posted to a tool's redirect URI."""

    url: str
    fields: Mapping[str, str]
    language: str


def begin(
    platform: Platform, course: Course, person: Person, link: Link | None, *, language: str = "en", client_id: str = ""
) -> dict[str, str]:
    """The parameters of a login initiation: of a link, or of deep linking where there is none.

    Raises:
        LookupError: The institution has no such tool, or none that is active.
    """
    registered = platform.tool_of(course.institution, link.client_id if link else client_id)
    if registered is None or not registered.active:
        message = f"no active tool at {course.institution}"
        raise LookupError(message)
    tool, profile = registered.tool, platform.profile(course.institution)
    hint = Hint(
        course.institution,
        course.id,
        person.id,
        language,
        link.id if link else "",
        "" if link else DEEP_LINKING,
        tool.client_id,
    )
    found = {
        "iss": platform.base,
        "client_id": tool.client_id,
        "lti_deployment_id": tool.deployment_id,
        "target_link_uri": (link.url if link else "") or tool.launch_url,
        "login_hint": platform.user(course.institution, person),
        "lti_message_hint": tokens.write_hint(platform.ring.hints, hint, platform.clock()),
        **profile.extras,
    }
    if platform.storage and profile.storage:
        found["lti_storage_target"] = profile.storage
    return found


def authorise(platform: Platform, sent: Mapping[str, str]) -> Answer | None:
    """The answer of the authorisation endpoint; None where nobody can be told."""
    registered = platform.tools.get(sent.get("client_id", ""))
    if registered is None or sent.get("redirect_uri") not in redirects(registered.tool):
        return None
    hint = tokens.read_hint(platform.ring.hints, sent.get("lti_message_hint", ""))
    fields = {"state": sent.get("state", "")}
    try:
        body = _message(platform, registered, sent, hint)
    except Refused as refused:
        plain = platform.profile(registered.institution).plain_errors
        if plain and (str(refused) == "invalid_request" or not sent.get("lti_message_hint")):
            return None
        fields["error"] = str(refused)
    else:
        if platform.claims_hook is not None:
            body = platform.claims_hook(body)
        fields["id_token"] = tokens.sign(platform.signer, body)
    return Answer(sent["redirect_uri"], fields, hint.language if hint else "en")


def _message(platform: Platform, registered: Registered, sent: Mapping[str, str], hint: Hint | None) -> dict[str, Any]:
    """The claims that answer a request.

    Raises:
        Refused: With the error code of OpenID Connect.
    """
    well_formed = all(sent.get(name) == value for name, value in REQUIRED.items())
    if not well_formed or not sent.get("nonce") or not sent.get("state"):
        raise Refused("invalid_request")
    if not registered.active:
        raise Refused("unauthorized_client")
    course = platform.course(hint.institution, hint.course) if hint else None
    member = course.members.get(hint.person) if course and hint else None
    if hint is None or course is None or member is None or not member.active:
        raise Refused("login_required")
    if registered.institution != course.institution or hint.client_id not in {"", registered.tool.client_id}:
        raise Refused("login_required")
    if sent.get("login_hint") != platform.user(course.institution, member.person):
        raise Refused("access_denied")
    visit = Visit(course, member.person, hint.language, registered.tool.client_id)
    if hint.message == DEEP_LINKING:
        return claims.deep_linking(platform, visit, sent["nonce"])
    link = course.links.get(hint.link) or next(iter(course.links.values()), None)
    if link is None:
        raise Refused("login_required")
    return claims.launch(platform, visit, link, sent["nonce"])


def redirects(tool: Tool) -> tuple[str, ...]:
    """Where a launch may be posted."""
    return tool.redirect_urls or (tool.launch_url,)
