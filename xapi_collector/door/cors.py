"""Which pages in a browser may talk to the collector: those of a list of exact origins. Floor 1, pure.

Fetch standard, "CORS protocol". No wildcard, no `null`, and never cookies or stored passwords of the browser: a page
sends its credential itself. By default the list is empty.
"""

import re
from collections.abc import Mapping
from typing import Any

from storage import errors as storage_errors

Headers = list[tuple[str, str]]

EXPOSED = (
    "ETag, Last-Modified, Location, Content-Location, Retry-After, WWW-Authenticate, X-Request-Id,"
    " X-Experience-API-Version, X-Experience-API-Consistent-Through"
)
ACCEPTED = (
    "Accept-Language, Authorization, Content-Type, If-Match, If-None-Match, X-Experience-API-Version, X-Request-Id"
)
METHODS = "GET, HEAD, PUT, POST, DELETE"
AGE = "7200"  # seconds, the most that browsers heed

_ORIGIN = re.compile(r"https?://(?:[a-z0-9\-._]+|\[[0-9a-f:.]+\])(?::[0-9]{1,5})?")


def parse(text: str) -> frozenset[str]:
    """The origins of a setting, separated by commas.

    Raises:
        storage.errors.SettingsError: One is no exact origin, such as `*`, `null` or an address with a path.
    """
    origins = [each.strip() for each in text.split(",") if each.strip()]
    for each in origins:
        if not _ORIGIN.fullmatch(each):
            msg = (
                f"ENTREPOT_XAPI_CORS_ORIGINS has {each!r}, and must have exact origins, such as https://content.example"
                " (lower case, no path, no *), with commas between."
            )
            raise storage_errors.SettingsError(msg)
    return frozenset(origins)


def headers(origin: str | None, allowed: frozenset[str]) -> Headers:
    """What an answer has for the page that asked.

    Args:
        origin: The request's Origin.
        allowed: The list.
    """
    if not allowed:
        return []
    if origin not in allowed or origin is None:
        return [("Vary", "Origin")]
    return [("Vary", "Origin"), ("Access-Control-Allow-Origin", origin), ("Access-Control-Expose-Headers", EXPOSED)]


def is_preflight(environ: Mapping[str, Any]) -> bool:
    """Whether a browser asks before it sends."""
    return environ["REQUEST_METHOD"] == "OPTIONS" and "HTTP_ACCESS_CONTROL_REQUEST_METHOD" in environ


def preflight(origin: str, allowed: frozenset[str]) -> Headers:
    """What a browser is told that asks before it sends; nothing, if the page's origin is not on the list."""
    vary = ("Vary", "Origin, Access-Control-Request-Method, Access-Control-Request-Headers")
    if origin not in allowed:
        return [vary]
    return [
        vary,
        ("Access-Control-Allow-Origin", origin),
        ("Access-Control-Allow-Methods", METHODS),
        ("Access-Control-Allow-Headers", ACCEPTED),
        ("Access-Control-Max-Age", AGE),
    ]
