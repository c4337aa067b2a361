"""A launch, from the posted form to a learner: every check in its order. Floor 3.

1EdTech Security Framework 1.0, section 5.1.1.3. First the login record is taken, once; then the browser must be the
one that began; then the id_token must answer that very login.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives.asymmetric import rsa

from lti_tool import courses, errors, id_token, jwks, login, message, platforms
from lti_tool import learner as learners
from lti_tool.learner import Learner
from lti_tool.message import Message
from lti_tool.platforms import Platform
from storage.port import Storage
from xapi_collector.door.jwks import KeySets


@dataclass(frozen=True)
class Launch:
    """A launch that holds.

    Attributes:
        platform: Who vouches.
        learner: Who came, and what they opened.
        message: As pylti1p3 sees it, for the type of the message and its settings.
        named: The claims by name, as `claims.read` gives them.
    """

    platform: Platform
    learner: Learner
    message: Message
    named: Mapping[str, Any]


def take(storage: Storage, sets: KeySets, form: Mapping[str, str], cookies: Mapping[str, str], now: float) -> Launch:
    """Take a launch.

    Args:
        storage: Where login records and platforms are.
        sets: The process's cache of platform keys.
        form: The posted fields: state and id_token, or state and error.
        cookies: Of the browser.
        now: Seconds since the epoch.

    Raises:
        errors.Refused: It does not hold; the error tells who may show it, and how to begin again.
    """
    record = login.take(storage, form.get("state"), now)
    platform = platforms.find(storage, record["iss"], record["client_id"])
    try:
        if platform is None:
            raise errors.LaunchRefused("platform_unknown", "iss, client_id")
        if form.get("error"):
            raise errors.LaunchRefused("platform_error", "error")
        binding = cookies.get(login.cookie_name(record["state"]), "")
        if not hmac.compare_digest(login.digest(binding), record["binding"]):
            raise errors.LaunchRefused("state_not_bound", "cookie")

        def find_key(kid: str) -> rsa.RSAPublicKey:
            return jwks.find(sets, platform, kid, now)

        body, named = id_token.verify(
            form.get("id_token"), platform, nonce=record["nonce"], target=record["target"], find_key=find_key, now=now
        )
        wrapped = message.of(body, platform)
    except errors.Refused as refused:
        refused.frames = () if platform is None else platforms.frames(platform)
        refused.again = record["again"]
        raise
    learner = learners.from_claims(named, platform.client_id, platforms.family(platform))
    _remember(storage, platform, learner, named, now)
    return Launch(platform, learner, wrapped, named)


def _remember(storage: Storage, platform: Platform, learner: Learner, named: Mapping[str, Any], now: float) -> None:
    """Keep the course and the link of a launch, with the services that came with them."""
    scope = (platform.iss, platform.client_id, named["deployment"])
    custom = named["custom"] or {}
    history = [part for part in str(custom.get("context_history") or "").split(",") if part and part[0] != "$"]
    course = courses.Course(
        course=learner.context,
        iss=platform.iss,
        client_id=platform.client_id,
        deployment=named["deployment"],
        context=named["context"] or "",
        title=learner.course,
        memberships_url=named["memberships"] or "",
        lineitems_url=named["lineitems"] or "",
        groups_url=named["groups"] or "",
        scopes=tuple(sorted(named["scopes"] or ())),
        history=tuple(learners.key(*scope, "context", part) for part in history[:20]),
        launched=int(now // 86_400),
    )
    link = None
    if named["link"]:
        opens = {
            key: str(value)
            for key, value in custom.items()
            if key in (*learners.OPENS, "activity", "catalog", "role", "grade")
        }
        title = (named["link_title"] or "").strip()[:200]
        link = courses.Link(learner.link, learner.context, named["link"], title, named["lineitem"] or "", opens)
    courses.remember(storage, course, link)
