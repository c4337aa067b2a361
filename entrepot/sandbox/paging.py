"""Long lists in pages, with the Link header of the profile. Floor 4.

RFC 8288; Assignment and Grade Services 2.0, section 3.2.4. Moodle's line items have curly quotes and `&amp;` in it,
Canvas names its pages by bookmarks that mean nothing to anybody else.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import TypeVar
from urllib.parse import urlencode

from flask import Response, request

T = TypeVar("T")


def cut(items: Sequence[T], default: int) -> tuple[list[T], int, int]:
    """The part of a list that this request asks for.

    Returns:
        The part, where it begins, and how long a page is (0 for all).
    """
    limit = _number("limit") or default
    first = _opened(request.args.get("page", "")) if "page" in request.args else _number("from")
    return list(items[first : first + limit] if limit else items), first, limit


def link(response: Response, url: str, *, total: int, first: int, limit: int, style: str) -> None:
    """Add the Link header.

    Args:
        response: Of this page.
        url: Of the list, without a query.
        total: How long the whole list is.
        first: Where this page begins.
        limit: How long a page is; 0 for all.
        style: As `Profile.paging`.
    """
    if not limit:
        return
    starts = {"first": 0, "canonical" if style == "curly" else "current": first}
    if first + limit < total:
        starts["next"] = first + limit
    if style == "curly":
        starts["last"] = max(0, total - limit + 1)
    if style == "link" and "next" not in starts:
        return
    parts = []
    for rel, start in starts.items():
        asked = {name: value for name, value in request.args.items() if name not in {"from", "page", "limit"}}
        place = {"page": _bookmark(start)} if style == "opaque" else {"from": str(start)}
        query = urlencode({**asked, "limit": str(limit), **place})
        if style == "curly":
            query = query.replace("&", "&amp;")
            parts.append(f"<{url}?{query}>; rel=“{rel}”")
        elif style == "opaque" or rel == "next":
            parts.append(f'<{url}?{query}>; rel="{rel}"')
    # A header is written byte by byte; the curly quotes are sent as UTF-8, as Moodle sends them.
    response.headers["Link"] = ", ".join(parts).encode().decode("latin-1")


def _number(name: str) -> int:
    value = request.args.get(name, "")
    return min(int(value), 1_000_000) if value.isdecimal() else 0


def _bookmark(start: int) -> str:
    return "bookmark:" + base64.urlsafe_b64encode(f"Bk{start:09d}".encode()).decode()


def _opened(page: str) -> int:
    try:
        return int(base64.urlsafe_b64decode(page.removeprefix("bookmark:"))[2:])
    except ValueError:
        return 0
