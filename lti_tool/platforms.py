"""The platforms that may launch the tool: a record each, found by (issuer, client id). Floor 3.

What differs between LMS families is data on this record. Canvas cloud has one issuer for everybody, so a client id is
part of the key and deployments belong to it (LTI 1.3 core, section 3.1.3).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from lti_tool import errors
from lti_tool.settings import PLATFORMS
from storage.port import Storage

FRAME = re.compile(r"https?://([A-Za-z0-9.-]+|\[[0-9a-f:]+\])(:[0-9]{1,5})?")
FAMILIES = ("spec", "moodle", "canvas")


@dataclass(frozen=True)
class Platform:
    """A registered platform.

    `frames`: origins of the pages that may show the tool in a frame, where they are not the issuer's own.
    """

    iss: str
    client_id: str
    auth_url: str
    token_url: str
    jwks_url: str
    deployments: tuple[str, ...]
    family: str = "spec"
    frames: tuple[str, ...] = ()


def register(storage: Storage, platform: Platform) -> None:
    """Keep a platform, in place of an earlier record of the same (issuer, client id).

    Raises:
        errors.ConfigurationError: an address that is not http(s), no deployment, a frame that is no origin, or an
            unknown family.
    """
    _check(platform)
    document = {
        "iss": platform.iss,
        "client_id": platform.client_id,
        "auth_url": platform.auth_url,
        "token_url": platform.token_url,
        "jwks_url": platform.jwks_url,
        "deployments": list(platform.deployments),
        "family": platform.family,
        "frames": list(platform.frames),
    }
    present = storage.get(PLATFORMS, (platform.iss, platform.client_id))
    storage.replace(PLATFORMS, document, expected=present)


def find(storage: Storage, iss: str, client_id: str) -> Platform | None:
    """The platform of exactly this issuer and client id."""
    document = storage.get(PLATFORMS, (iss, client_id))
    return None if document is None else _from_document(document)


def of_issuer(storage: Storage, iss: str) -> list[Platform]:
    """Every client registered for an issuer (at most 50)."""
    return [_from_document(document) for document in storage.find(PLATFORMS, {"iss": iss}, limit=50)]


def every(storage: Storage) -> list[Platform]:
    """Every registered platform (at most 50): whose pages may show an error page."""
    return [_from_document(document) for document in storage.find(PLATFORMS, {}, limit=50)]


def frames(platform: Platform) -> tuple[str, ...]:
    """The origins whose pages may show the tool in a frame."""
    return platform.frames or (origin(platform.iss),)


def origin(url: str) -> str:
    """The scheme, host and port of an absolute URL, as a browser writes an origin."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _from_document(document: Mapping[str, Any]) -> Platform:
    return Platform(
        iss=document["iss"],
        client_id=document["client_id"],
        auth_url=document["auth_url"],
        token_url=document["token_url"],
        jwks_url=document["jwks_url"],
        deployments=tuple(document["deployments"]),
        family=document["family"],
        frames=tuple(document["frames"]),
    )


def _check(platform: Platform) -> None:
    for name in ("iss", "auth_url", "token_url", "jwks_url"):
        parts = urlsplit(getattr(platform, name))
        if parts.scheme not in {"http", "https"} or not parts.hostname or "@" in parts.netloc:
            message = f"platform {platform.client_id}: {name} must be an http or https address without user name"
            raise errors.ConfigurationError(message)
    if not platform.deployments or not all(platform.deployments):
        message = f"platform {platform.client_id}: deployments must name at least one deployment id"
        raise errors.ConfigurationError(message)
    for frame in frames(platform):
        if not FRAME.fullmatch(frame):
            message = f"platform {platform.client_id}: frames must be origins such as https://lms.example"
            raise errors.ConfigurationError(message)
    if platform.family not in FAMILIES:
        message = f"platform {platform.client_id}: family must be one of {', '.join(FAMILIES)}"
        raise errors.ConfigurationError(message)
