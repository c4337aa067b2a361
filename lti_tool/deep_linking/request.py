"""The settings of a deep linking request, read strictly: where the answer goes, and what the platform takes. Floor 3.

LTI Deep Linking 2.0, "Deep linking settings". The return address carries the person's session key on
Moodle (seen on 4.5): it is never logged or stored, and only an address of the platform itself is answered.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from lti_tool import claims, errors, platforms, urls
from lti_tool.platforms import Platform

LINK = "ltiResourceLink"
TARGETS = ("iframe", "window")
LONGEST_TITLE = 200
LONGEST_TEXT = 1000
LONGEST_DATA = 32 * 1024


@dataclass(frozen=True)
class Request:
    """What a platform asks for.

    Attributes:
        return_url: Where the answer is posted; on the platform.
        multiple: Whether several items may come at once; one, if the platform did not say.
        auto_create: Whether the platform creates what comes back at once, without asking the person again.
        lineitem: Whether it makes a line item of an item's; None if it did not say.
        targets: Where its pages can show an item, of `TARGETS`; empty if it knows neither.
        title: Title that the person has typed already; empty if none.
        text: Plain text likewise.
        data: What must come back unchanged; None if nothing came.
    """

    return_url: str
    multiple: bool
    auto_create: bool
    lineitem: bool | None
    targets: tuple[str, ...]
    title: str
    text: str
    data: str | None


def read(settings: Mapping[str, Any] | None, platform: Platform) -> Request:
    """Read the claim.

    Args:
        settings: The claim, as `claims.read` gives it.
        platform: Who sent it.

    Raises:
        errors.PageRefused: A member is missing or has the wrong type or size, the answer would go to an address that
            is not the platform's, or the platform takes no links.
    """
    told = settings or {}
    url = _required(told, "deep_link_return_url", claims.address)
    if _origin(url) not in origins(platform):
        raise errors.PageRefused("return_foreign", _path("deep_link_return_url"))
    if LINK not in _required(told, "accept_types", claims.texts):
        raise errors.PageRefused("links_not_taken", _path("accept_types"))
    targets = _required(told, "accept_presentation_document_targets", claims.texts)
    text = _optional(told, "text", _string) or ""
    return Request(
        return_url=url,
        multiple=bool(_flag(told, "accept_multiple")),
        auto_create=bool(_flag(told, "auto_create")),
        lineitem=_flag(told, "accept_lineitem"),
        targets=tuple(target for target in TARGETS if target in targets),
        title=line(_optional(told, "title", _string) or ""),
        # An editor's markup is not the plain text that an item may have.
        text="" if "<" in text else lines(text),
        data=_optional(told, "data", _data),
    )


def origins(platform: Platform) -> frozenset[str]:
    """Where a platform's pages are: its issuer, where people sign in, and where it shows the tool."""
    return frozenset(map(urls.origin, (platform.iss, platform.auth_url, *platforms.frames(platform))))


def line(text: str) -> str:
    """A title as people type it: one line, without control characters, not too long."""
    return " ".join(_clean(text).split())[:LONGEST_TITLE].strip()


def lines(text: str) -> str:
    """A text as people type it: several lines, without control characters, not too long."""
    return "\n".join(map(str.rstrip, _clean(text).splitlines())).strip()[:LONGEST_TEXT].strip()


def _clean(text: str) -> str:
    return "".join(letter if letter.isprintable() or letter == "\n" else " " for letter in text)


def _origin(url: str) -> str:
    """The origin of an address, in one spelling; empty if it could be read in two ways."""
    try:
        return urls.origin(url)
    except errors.ServiceError:
        return ""


def _required(told: Mapping[str, Any], name: str, check: Callable[[Any], bool]) -> Any:
    if told.get(name) is None:
        raise errors.PageRefused("claim_missing", _path(name))
    return _optional(told, name, check)


def _optional(told: Mapping[str, Any], name: str, check: Callable[[Any], bool]) -> Any:
    value = told.get(name)
    if value is not None and not check(value):
        raise errors.PageRefused("claim_invalid", _path(name))
    return value


def _flag(told: Mapping[str, Any], name: str) -> bool | None:
    """A boolean; some platforms write it as a string."""
    value = _optional(told, name, _boolean)
    return None if value is None else value in (True, "true")


def _boolean(value: Any) -> bool:
    return isinstance(value, bool) or (isinstance(value, str) and value in {"true", "false"})


def _string(value: Any) -> bool:
    return isinstance(value, str)


def _data(value: Any) -> bool:
    return isinstance(value, str) and len(value) <= LONGEST_DATA and not claims.SURROGATE.search(value)


def _path(name: str) -> str:
    return f"{claims.DL}.{name}"
