"""How the browser that began a login is known again at the launch: nobody is signed in as somebody else. Floor 3.

1EdTech Security Framework 1.0, section 5.1.1.3 (state); LTI OIDC Login with LTI Client Side postMessages 0.1. Three
ways, the first that works is taken, and none is never taken:

1. A cookie, kept apart for each platform that shows the tool (`Partitioned`).
2. The platform's own storage, where it offers one: the browser asks the platform's page, whose origin is checked.
3. A new window, where the tool's cookies are those of the page in the address bar.

Which one is needed is known before the platform is asked to sign anybody in: what it gave us to begin with
(`lti_message_hint`) counts once on Moodle and on Canvas, so a login cannot be begun again after its answer.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lti_tool import platforms
from lti_tool.platforms import Platform

FIELD = "binding"
KEPT = "lti_kept"
TARGET = "lti_storage_target"
PARENT = "_parent"

_TARGET = re.compile(r"[A-Za-z0-9_-]{1,100}")
_FRAMED = frozenset({"iframe", "frame", "embed", "object"})


@dataclass(frozen=True)
class Keeper:
    """Where a platform's page keeps a value for the tool.

    Attributes:
        frame: Name of the frame beside ours that is asked; empty for the page around us alone.
        origin: Whose that frame is: the origin of the platform's authorisation endpoint.
        parents: Origins that the page around us may have; it is asked where the frame does not answer.
    """

    frame: str
    origin: str
    parents: tuple[str, ...]


def target(parameters: Mapping[str, str]) -> str:
    """The name that a login gives for the platform's storage; empty if it gives none that a frame can have."""
    sent = parameters.get(TARGET, "")
    return sent if _TARGET.fullmatch(sent) else ""


def keeper(platform: Platform, name: str) -> Keeper | None:
    """The storage of a platform by the name that its login gave.

    Only origins of its registration are ever asked: a value is never sent to whatever page happens to be around us.
    """
    if not name:
        return None
    origin = platforms.origin(platform.auth_url)
    parents = tuple(dict.fromkeys((origin, *platforms.frames(platform))))
    if name == PARENT:
        return Keeper("", origin, parents)
    return Keeper(name, origin, tuple(one for one in parents if one != origin))


def framed(destination: str | None, parameters: Mapping[str, str]) -> bool:
    """Whether the browser opens us inside the platform's page, where cookies may be lost.

    It says so itself (Fetch Metadata, `Sec-Fetch-Dest`); of an older browser we know it only where the platform offers
    its storage.

    Args:
        destination: The header; None if there is none.
        parameters: Of the login.
    """
    return destination in _FRAMED or (destination is None and bool(target(parameters)))


def cookie_name(state: str) -> str:
    """One cookie a login, so that two tabs at once both succeed."""
    return f"lti_{digest(state)[:16]}"


def digest(value: str) -> str:
    """sha256 in hex: what a record keeps of a secret of the browser's."""
    return hashlib.sha256(value.encode()).hexdigest()


def holds(record: Mapping[str, Any], state: str, form: Mapping[str, str], cookies: Mapping[str, str]) -> bool:
    """Whether a launch comes from the browser that began this login."""
    sent = cookies.get(cookie_name(state)) or form.get(FIELD) or ""
    return hmac.compare_digest(digest(sent), record["binding"])
