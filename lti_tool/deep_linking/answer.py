"""The answer to a deep linking request: content items, and the signed message that carries them. Floor 3.

LTI Deep Linking 2.0, "LTI resource link" and "Deep linking response message"; 1EdTech Security Framework 1.0, section
5.2 (a tool's message). pylti1p3 has the wire model of an item; signing with it would load the
key from its PEM each time (257 ms), so the message is signed here with the loaded key.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import jwt
from pylti1p3.deep_link_resource import DeepLinkResource
from pylti1p3.lineitem import LineItem

from lti_tool import claims, resources
from lti_tool.deep_linking.choices import Choice
from lti_tool.deep_linking.request import Request
from lti_tool.keys import ToolKey
from lti_tool.platforms import Platform

RESPONSE = "LtiDeepLinkingResponse"
PREFIX = "https://purl.imsglobal.org/spec/lti-dl/claim/"
LIFETIME = 300
SCORE_MAXIMUM = 100
PLACES: Mapping[str, Mapping[str, Any]] = {
    "iframe": {"iframe": {"width": 1100, "height": 900}},
    "window": {"window": {"targetName": "entrepot"}},
}


@dataclass(frozen=True)
class Item:
    """Something that an instructor adds.

    Attributes:
        choice: What it opens.
        title: As the course will show it.
        text: Plain text beneath the title; empty if none.
        graded: Whether the gradebook gets a line item.
        place: "iframe", "window", or empty if the platform decides.
        settings: Further custom parameters that were chosen, such as how many tries a step has.
    """

    choice: Choice
    title: str
    text: str
    graded: bool
    place: str
    settings: Mapping[str, str] = field(default_factory=dict)


def content_item(item: Item, launch_url: str, variables: Mapping[str, str]) -> dict[str, Any]:
    """An item as JSON ("LTI resource link").

    Args:
        item: What is added.
        launch_url: Where the link launches.
        variables: Custom parameters that the platform fills in (`families.custom`).
    """
    # Without a line item the tool would make a column of its own at the first score, which nobody asked for.
    ungraded = {"grade": "none"} if item.choice.gradable and not item.graded else {}
    resource = (
        DeepLinkResource()
        .set_url(launch_url)
        .set_title(item.title)
        .set_custom_params({**variables, **item.choice.custom, **ungraded, **item.settings})
    )
    if item.graded and item.choice.gradable:
        line = LineItem().set_score_maximum(SCORE_MAXIMUM).set_label(item.title)
        resource.set_lineitem(line.set_resource_id(item.choice.key).set_tag(resources.TAG))
    written = resource.to_dict()
    if item.text:
        written["text"] = item.text
    return {**written, **PLACES.get(item.place, {})}


def body(
    platform: Platform,
    deployment: str,
    asked: Request,
    items: Sequence[Mapping[str, Any]],
    *,
    words: str,
    now: float,
    new_token: Callable[[], str],
) -> dict[str, Any]:
    """The claims of the answer ("Deep linking response message").

    Args:
        platform: Who asked.
        deployment: In which deployment.
        asked: What it asked for; its `data` comes back if there was any.
        items: As `content_item` writes them; none if the person changed their mind.
        words: What the platform shows the person.
        now: Seconds since the epoch.
        new_token: Makes an unguessable token, anew each time.
    """
    claimed: dict[str, Any] = {
        "iss": platform.client_id,
        "aud": platform.iss,
        "iat": int(now),
        "exp": int(now) + LIFETIME,
        "nonce": new_token(),
        claims.LTI + "message_type": RESPONSE,
        claims.LTI + "version": claims.VERSION,
        claims.LTI + "deployment_id": deployment,
        PREFIX + "content_items": list(items),
        PREFIX + "msg": words,
        PREFIX + "log": f"content_items={len(items)}",
    }
    if asked.data is not None:
        claimed[PREFIX + "data"] = asked.data
    return claimed


def sign(claimed: Mapping[str, Any], key: ToolKey) -> str:
    """Sign the answer with the tool's loaded key."""
    return jwt.encode(dict(claimed), key.private, algorithm="RS256", headers={"kid": key.kid})
