"""The platforms that may launch the tool: a record each, found by (issuer, client id). Floor 3.

What differs between LMS families is data on this record. Canvas cloud has one issuer for everybody, so a client id is
part of the key and deployments belong to it (LTI 1.3 core, section 3.1.3).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any
from urllib.parse import urlsplit

from lti_tool import errors, families
from lti_tool.families import Family
from lti_tool.settings import PLATFORMS
from storage import errors as storage_errors
from storage.port import Storage

FRAME = re.compile(r"https?://([A-Za-z0-9.-]+|\[[0-9a-f:]+\])(:[0-9]{1,5})?")
STATES = ("active", "pending")


@dataclass(frozen=True)
class Platform:
    """A registered platform.

    Attributes:
        iss: Its issuer.
        client_id: The tool's client id there.
        auth_url: OIDC authorization endpoint.
        token_url: Where service tokens are had; empty if it offers no services.
        jwks_url: Its key set.
        deployments: Ids of the deployments that may launch; empty if the first launch is to tell.
        family: A key of `families.FAMILIES`.
        frames: Origins of the pages that may show the tool in a frame, where they are not the issuer's own.
        state: "active", or "pending" until the tool's administrator has approved it: then nobody can launch.
        audience: The `aud` of our assertions at `token_url`, where it is not that address.
        name: What people call it; the issuer if nobody said.
    """

    iss: str
    client_id: str
    auth_url: str
    token_url: str
    jwks_url: str
    deployments: tuple[str, ...]
    family: str = "spec"
    frames: tuple[str, ...] = ()
    state: str = "active"
    audience: str = ""
    name: str = ""


def register(storage: Storage, platform: Platform) -> None:
    """Keep a platform, in place of an earlier record of the same (issuer, client id).

    Raises:
        errors.ConfigurationError: an address that is not http(s), an empty deployment id, a frame that is no origin,
            an unknown family or state.
    """
    check(platform)
    present = storage.get(PLATFORMS, (platform.iss, platform.client_id))
    storage.replace(PLATFORMS, _document(platform), expected=present)


def add(storage: Storage, platform: Platform) -> bool:
    """Keep a platform that is not known yet; False if this (issuer, client id) is: an earlier record stays as it is.

    Raises:
        errors.ConfigurationError: As `register`.
    """
    check(platform)
    try:
        storage.insert(PLATFORMS, _document(platform))
    except storage_errors.DuplicateKey:
        return False
    return True


def change(storage: Storage, iss: str, client_id: str, **changes: Any) -> Platform | None:
    """Change some fields of a record, whoever else changes others at the same time; None if it is not there.

    Raises:
        errors.ConfigurationError: As `register`.
    """
    while True:
        present = storage.get(PLATFORMS, (iss, client_id))
        if present is None:
            return None
        changed = replace(from_document(present), **changes)
        check(changed)
        if storage.replace(PLATFORMS, _document(changed), expected=present):
            return changed


def learn(storage: Storage, platform: Platform, deployment: str) -> Platform:
    """Take the first deployment that a verified launch names, where the registration's answer named none.

    Of many first launches at once one is learned, and all get the same answer (LTI 1.3 core, section 3.1.3; Canvas
    names the deployment in no answer to a registration).

    Returns:
        The platform as it is kept now; it has a deployment, this one or another.
    """
    while True:
        document = storage.get(PLATFORMS, (platform.iss, platform.client_id))
        if document is None or document["deployments"]:
            return platform if document is None else from_document(document)
        storage.replace(PLATFORMS, {**document, "deployments": [deployment]}, expected=document)


def find(storage: Storage, iss: str, client_id: str) -> Platform | None:
    """The platform of exactly this issuer and client id."""
    document = storage.get(PLATFORMS, (iss, client_id))
    return None if document is None else from_document(document)


def of_issuer(storage: Storage, iss: str) -> list[Platform]:
    """Every client registered for an issuer (at most 50)."""
    return [from_document(document) for document in storage.find(PLATFORMS, {"iss": iss}, limit=50)]


def family(platform: Platform) -> Family:
    """How its family behaves."""
    return families.FAMILIES[platform.family]


def every(storage: Storage, limit: int | None = 50) -> list[Platform]:
    """Every registered platform; by default at most 50: whose pages may show an error page."""
    return [from_document(document) for document in storage.find(PLATFORMS, {}, limit=limit)]


def frames(platform: Platform) -> tuple[str, ...]:
    """The origins whose pages may show the tool in a frame."""
    return platform.frames or (origin(platform.iss),)


def origin(url: str) -> str:
    """The scheme, host and port of an absolute URL, as a browser writes an origin."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _document(platform: Platform) -> dict[str, Any]:
    lists = {"deployments": list(platform.deployments), "frames": list(platform.frames)}
    return {**asdict(platform), **lists}


def from_document(document: Mapping[str, Any]) -> Platform:
    """A platform as the store has it."""
    return Platform(
        iss=document["iss"],
        client_id=document["client_id"],
        auth_url=document["auth_url"],
        token_url=document["token_url"],
        jwks_url=document["jwks_url"],
        deployments=tuple(document["deployments"]),
        family=document["family"],
        frames=tuple(document["frames"]),
        state=document.get("state", "active"),
        audience=document.get("audience", ""),
        name=document.get("name", ""),
    )


def check(platform: Platform) -> None:
    """See whether a record can be right.

    Raises:
        errors.ConfigurationError: As `register`.
    """
    for name in ("iss", "auth_url", "token_url", "jwks_url"):
        if name == "token_url" and not platform.token_url:
            continue
        parts = urlsplit(getattr(platform, name))
        if parts.scheme not in {"http", "https"} or not parts.hostname or "@" in parts.netloc:
            message = f"platform {platform.client_id}: {name} must be an http or https address without user name"
            raise errors.ConfigurationError(message)
    if not all(platform.deployments):
        message = f"platform {platform.client_id}: deployments must not hold an empty id"
        raise errors.ConfigurationError(message)
    for frame in frames(platform):
        if not FRAME.fullmatch(frame):
            message = f"platform {platform.client_id}: frames must be origins such as https://lms.example"
            raise errors.ConfigurationError(message)
    if platform.state not in STATES:
        message = f"platform {platform.client_id}: state must be one of {', '.join(STATES)}"
        raise errors.ConfigurationError(message)
    if platform.family not in families.FAMILIES:
        message = f"platform {platform.client_id}: family must be one of {', '.join(families.FAMILIES)}"
        raise errors.ConfigurationError(message)
