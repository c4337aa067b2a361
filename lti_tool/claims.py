"""The claims of a launch as one table: a name, where it stands in the token, what it must be. Floor 3.

LTI 1.3 core, section 5; OpenID Connect core 1.0, section 2. Reading is strict about types and sizes and blind to what
it does not know: a new claim is a new row.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from lti_tool import errors

LTI = "https://purl.imsglobal.org/spec/lti/claim/"
AGS = "https://purl.imsglobal.org/spec/lti-ags/claim/endpoint"
NRPS = "https://purl.imsglobal.org/spec/lti-nrps/claim/namesroleservice"
GROUPS = "https://purl.imsglobal.org/spec/lti-gs/claim/groupsservice"
DL = "https://purl.imsglobal.org/spec/lti-dl/claim/deep_linking_settings"
RESOURCE_LINK = "LtiResourceLinkRequest"
DEEP_LINKING = "LtiDeepLinkingRequest"
MESSAGE_TYPES = (RESOURCE_LINK, DEEP_LINKING)
VERSION = "1.3.0"

SURROGATE = re.compile("[\ud800-\udfff]")

Path = tuple[str, ...]
Check = Callable[[Any], bool]


@dataclass(frozen=True)
class Claim:
    """One row: `name` here, `path` in the token, `check` of the value, and whether it must be there."""

    name: str
    path: Path
    check: Check
    required: bool = False


def text(longest: int) -> Check:
    """A non-empty string of at most so many characters, without control characters."""

    def check(value: Any) -> bool:
        return isinstance(value, str) and 0 < len(value) <= longest and value.isprintable()

    return check


def subject(value: Any) -> bool:
    """OpenID Connect core, section 2: at most 255 ASCII characters."""
    return isinstance(value, str) and 0 < len(value) <= 255 and value.isascii() and value.isprintable()


def moment(value: Any) -> bool:
    """A NumericDate (RFC 7519, section 2): a number of seconds that a calendar has, and not a boolean."""
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < 1e11


def texts(value: Any) -> bool:
    """A list of at most 100 strings of at most 1024 characters; it may be empty, and so may they."""
    return isinstance(value, list) and len(value) <= 100 and all(free_text(one) for one in value)


def free_text(value: Any) -> bool:
    """Any string of at most 1024 characters that UTF-8 can write: what a person typed."""
    return isinstance(value, str) and len(value) <= 1024 and not SURROGATE.search(value)


def audience(value: Any) -> bool:
    """A client id, or a list of at most 20 (OpenID Connect core, section 2)."""
    listed = value if isinstance(value, list) else [value]
    return 0 < len(listed) <= 20 and all(isinstance(v, str) and 0 < len(v) <= 1024 for v in listed)


def address(value: Any) -> bool:
    """An absolute http(s) URL of at most 2048 characters, without user name or control characters."""
    if not isinstance(value, str) or not 0 < len(value) <= 2048 or not value.isascii() or not value.isprintable():
        return False
    try:
        parts = urlsplit(value)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname) and "@" not in parts.netloc and "\\" not in value


def settings(value: Any) -> bool:
    """An object of at most 50 members: the settings of a deep linking request, read by `deep_linking`."""
    return isinstance(value, dict) and len(value) <= 50


def parameters(value: Any) -> bool:
    """A flat object of at most 100 members whose values are strings, numbers or null.

    A platform may fill in a list of groups, so a value may be longer than what a person types.
    """
    return (
        isinstance(value, dict)
        and len(value) <= 100
        and all(len(name) <= 255 and (one is None or _parameter(one)) for name, one in value.items())
    )


def _parameter(value: Any) -> bool:
    if isinstance(value, str):
        return len(value) <= 8192 and not SURROGATE.search(value)
    return isinstance(value, int | float)


TABLE: tuple[Claim, ...] = (
    Claim("iss", ("iss",), text(2048), required=True),
    Claim("aud", ("aud",), audience, required=True),
    Claim("azp", ("azp",), text(1024)),
    Claim("sub", ("sub",), subject, required=True),
    Claim("nonce", ("nonce",), text(255), required=True),
    Claim("exp", ("exp",), moment, required=True),
    Claim("iat", ("iat",), moment, required=True),
    Claim("nbf", ("nbf",), moment),
    Claim("deployment", (LTI + "deployment_id",), text(255), required=True),
    Claim("message_type", (LTI + "message_type",), text(255), required=True),
    Claim("version", (LTI + "version",), text(20), required=True),
    Claim("target", (LTI + "target_link_uri",), text(2048), required=True),
    Claim("roles", (LTI + "roles",), texts, required=True),
    Claim("link", (LTI + "resource_link", "id"), text(255)),
    Claim("link_title", (LTI + "resource_link", "title"), free_text),
    Claim("context", (LTI + "context", "id"), text(255)),
    Claim("context_title", (LTI + "context", "title"), free_text),
    Claim("custom", (LTI + "custom",), parameters),
    Claim("lineitems", (AGS, "lineitems"), address),
    Claim("lineitem", (AGS, "lineitem"), address),
    Claim("scopes", (AGS, "scope"), texts),
    Claim("memberships", (NRPS, "context_memberships_url"), address),
    Claim("groups", (GROUPS, "context_groups_url"), address),
    Claim("picking", (DL,), settings),
    Claim("locale", (LTI + "launch_presentation", "locale"), text(50)),
)


def read(body: Mapping[str, Any]) -> dict[str, Any]:
    """Read every row of the table.

    Args:
        body: The verified claims of an id_token.

    Returns:
        The value by the row's name; None where an optional claim is missing.

    Raises:
        errors.LaunchRefused: `claim_missing` or `claim_invalid`, with the path of the claim.
    """
    named = {claim.name: _one(body, claim) for claim in TABLE}
    needed = {RESOURCE_LINK: "link", DEEP_LINKING: "picking"}.get(named["message_type"])
    if needed is not None and named[needed] is None:
        path = next(claim.path for claim in TABLE if claim.name == needed)
        raise errors.LaunchRefused("claim_missing", ".".join(path))
    return named


def _one(body: Mapping[str, Any], claim: Claim) -> Any:
    value: Any = body
    for step in claim.path:
        if value is None:
            break
        if not isinstance(value, Mapping):
            raise errors.LaunchRefused("claim_invalid", ".".join(claim.path))
        value = value.get(step)
    if value is None:
        if claim.required:
            raise errors.LaunchRefused("claim_missing", ".".join(claim.path))
        return None
    if not claim.check(value):
        raise errors.LaunchRefused("claim_invalid", ".".join(claim.path))
    return value
