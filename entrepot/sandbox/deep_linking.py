"""What a tool sends back from picking: a signed list of content, made into links of the course. Floor 4.

Deep Linking 2.0, section 4.5 and 5; 1EdTech Security Framework 1.0, section 5.2.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import jwt

from entrepot.sandbox import claims, grants
from entrepot.sandbox.platform import Course, Item, Link, Platform, Registered
from entrepot.sandbox.tokens import LTI


class NotTaken(Exception):
    """The answer does not hold; the text is a word for whoever writes a tool."""


@dataclass(frozen=True)
class Picked:
    """What an answer added."""

    course: Course
    links: tuple[Link, ...]
    message: str


def take(platform: Platform, text: str) -> Picked:
    """Add the links of an answer.

    Raises:
        NotTaken: It does not hold; nothing was added.
    """
    registered, body = _verified(platform, text)
    if body.get(LTI + "message_type") != "LtiDeepLinkingResponse" or body.get(LTI + "version") != "1.3.0":
        message = "message_type or version"
        raise NotTaken(message)
    if body.get(LTI + "deployment_id") != registered.tool.deployment_id:
        message = "deployment_id"
        raise NotTaken(message)
    items = body.get(claims.DL + "content_items", [])
    if not isinstance(items, list):
        message = "content_items"
        raise NotTaken(message)
    nonce, data = body.get("nonce"), body.get(claims.DL + "data")
    with platform.lock:
        if not isinstance(nonce, str) or not nonce or (registered.tool.client_id, f"nonce {nonce}") in platform.used:
            message = "nonce missing or used before"
            raise NotTaken(message)
        begun = platform.picking.get(data) if isinstance(data, str) else None
        if begun is None or begun[2] != registered.tool.client_id:
            message = "data is not what the request held, or was used before"
            raise NotTaken(message)
        course = platform.courses[begun[:2]]
        made = [_link(platform, course, registered, one) for one in items]
        platform.used.add((registered.tool.client_id, f"nonce {nonce}"))
        del platform.picking[str(data)]
        for link, item in made:
            platform.add_link(course, link, item)
    said = body.get(claims.DL + "msg")
    return Picked(course, tuple(link for link, _ in made), said if isinstance(said, str) else "")


def _verified(platform: Platform, text: str) -> tuple[Registered, dict[str, Any]]:
    try:
        claimed = jwt.decode(text, options={"verify_signature": False})
    except jwt.PyJWTError as error:
        message = "no JWT"
        raise NotTaken(message) from error
    registered = platform.tools.get(str(claimed.get("iss")))
    if registered is None or not registered.active:
        message = "iss is no client id of a tool here"
        raise NotTaken(message)
    try:
        return registered, grants.verify(platform, registered, text, [platform.base])
    except grants.NotGranted as refused:
        raise NotTaken(refused.why) from refused


def _link(platform: Platform, course: Course, registered: Registered, one: Any) -> tuple[Link, Item | None]:
    if not isinstance(one, dict) or one.get("type") != "ltiResourceLink":
        message = "a content item that is no ltiResourceLink"
        raise NotTaken(message)
    url = one.get("url") or registered.tool.launch_url
    if not isinstance(url, str) or urlsplit(url)[:2] != urlsplit(registered.tool.launch_url)[:2]:
        message = "url is not the tool's"
        raise NotTaken(message)
    custom = one.get("custom") or {}
    if not isinstance(custom, dict) or not all(isinstance(value, str) for value in custom.values()):
        message = "custom must be an object of strings"
        raise NotTaken(message)
    title = one.get("title") or registered.tool.name or "Activity"
    if not isinstance(title, str):
        message = "title must be a string"
        raise NotTaken(message)
    link = platform.new_link(
        course,
        {"en": title, "zh": title},
        custom=dict(custom),
        url=url,
        target="window" if "window" in one and "iframe" not in one else "iframe",
        client_id=registered.tool.client_id,
    )
    return link, _item(one, title)


def _item(one: dict[str, Any], title: str) -> Item | None:
    given = one.get("lineItem")
    if given is None:
        return None
    maximum = given.get("scoreMaximum") if isinstance(given, dict) else None
    if isinstance(maximum, bool) or not isinstance(maximum, int | float) or maximum <= 0:
        message = "lineItem.scoreMaximum must be above 0"
        raise NotTaken(message)
    return Item(
        "",
        str(given.get("label") or title),
        float(maximum),
        str(given.get("resourceId") or ""),
        str(given.get("tag") or ""),
    )
