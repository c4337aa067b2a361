"""How every page of the tool is sent, the error pages among them: headers, language, reference id. Floor 3.

Content Security Policy 3: nothing but our own stylesheet and icon, framed only by the platform of the launch; our own
script files, style elements by their hashes, and a form that goes to the platform, on the few pages that need them.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode, urlsplit

from flask import Flask, Response, render_template, request
from werkzeug.exceptions import HTTPException

from lti_tool import errors, platforms, texts
from lti_tool.errors import Refused
from lti_tool.tool import Tool
from storage import errors as storage_errors

LOG = logging.getLogger("lti_tool")
POLICY = (
    "default-src 'none'; {scripts}{calls}style-src 'self'{styles}; img-src 'self'{media}; form-action 'self'{posts}; "
    "base-uri 'none'; frame-ancestors {frames}"
)
# What somebody can do about a refusal; for every other code it is the administrator who can.
GROUPS = {
    "state_not_bound": "bound",
    "state_unknown": "again",
    "state_expired": "again",
    "page_expired": "again",
    "page_not_ours": "again",
    "method_not_allowed": "again",
    "not_found": "again",
    "platform_error": "again",
    "token_expired": "again",
    "too_many_logins": "busy",
    "too_many_requests": "busy",
    "keys_unavailable": "busy",
    "store_unavailable": "busy",
    "platform_pending": "pending",
    "person_blocked": "blocked",
    "permission_missing": "role",
    "catalog_unknown": "link",
    "activity_unknown": "link",
    "role_unknown": "link",
    "skill_unknown": "link",
    "module_unknown": "link",
}
BY_STATUS = {404: "not_found", 405: "method_not_allowed", 413: "too_large"}


def page(
    template: str,
    tool: Tool,
    language: str,
    frames: Sequence[str],
    *,
    status: int = 200,
    scripts: bool = False,
    calls: bool = False,
    styles: Sequence[str] = (),
    posts_to: str = "",
    media: str = "",
    **values: Any,
) -> Response:
    """Render a page.

    Args:
        template: Name of the template.
        tool: The running tool.
        language: "en" or "zh".
        frames: Origins that may show it in a frame; none if empty.
        status: HTTP status.
        scripts: Whether script files of our own may run.
        calls: Whether such a script may ask this tool for something.
        styles: Hashes of style elements that such a script may add.
        posts_to: An origin, besides our own, to which a form of the page goes.
        media: An origin from which the page plays a video; empty: none.
        values: For the template.
    """
    body = render_template(
        template,
        say=texts.speaker(language),
        language=language,
        lang=texts.HTML_LANG[language],
        base=urlsplit(tool.settings.url).path.rstrip("/"),
        **values,
    )
    response = Response(body, status=status, mimetype="text/html")
    response.headers["Content-Security-Policy"] = POLICY.format(
        scripts="script-src 'self'; " if scripts else "",
        calls="connect-src 'self'; " if calls else "",
        styles="".join(f" {one}" for one in styles),
        posts=f" {posts_to}" if posts_to else "",
        media=f"; media-src {media}" if media else "",
        frames=" ".join(frames) or "'none'",
    )
    return response


def wished_language() -> str:
    """The language of the browser, where the launch says none."""
    return request.accept_languages.best_match(["en", "zh"], default="en") or "en"


def register(app: Flask, tool: Tool) -> None:
    """Give the app its one handler of refusals and the headers of every answer."""

    @app.errorhandler(Refused)
    def refused(error: Refused) -> Response:
        return refusal(
            tool,
            error.code,
            error.where,
            error.status,
            frames=error.frames,
            again=error.again,
            language=error.language,
        )

    @app.errorhandler(HTTPException)
    def http(error: HTTPException) -> Response | HTTPException:
        code = BY_STATUS.get(error.code or 0)
        if code is None:
            return error
        return refusal(tool, code, "", errors.CODES[code])

    @app.errorhandler(storage_errors.StorageError)
    def store(error: storage_errors.StorageError) -> Response:
        return refusal(tool, "store_unavailable", type(error).__name__, 503, frames=["*"])

    @app.after_request
    def harden(response: Response) -> Response:
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Referrer-Policy"] = "no-referrer"
        response.headers["Permissions-Policy"] = "camera=(), microphone=(), geolocation=()"
        if request.endpoint != "static":
            response.headers.setdefault("Cache-Control", "no-store")
        return response


def refusal(
    tool: Tool,
    code: str,
    where: str,
    status: int,
    *,
    frames: Sequence[str] = (),
    again: Mapping[str, str] | None = None,
    language: str = "",
) -> Response:
    """The page of a refusal; the log gets its reference and its code."""
    reference = tool.new_reference()
    LOG.warning("refused reference=%s code=%s where=%s", reference, code, where)
    return page(
        "refused.html",
        tool,
        language or wished_language(),
        frames or (() if code in errors.SETUP else _known_frames(tool)),
        status=status,
        reference=reference,
        code=code,
        where=where,
        group="setup" if code in errors.SETUP else GROUPS.get(code, "admin"),
        # A page that has the window to itself gains nothing from another one.
        window=code == "state_not_bound" and request.headers.get("Sec-Fetch-Dest") != "document",
        when=datetime.fromtimestamp(tool.now(), UTC),
        again=beginning(again or {}),
    )


def beginning(again: Mapping[str, str]) -> str:
    """Where a login begins once more, below our address; empty if it is not known how."""
    return f"lti/login?{urlencode(again)}" if again else ""


def _known_frames(tool: Tool) -> list[str]:
    """Without a known platform, any registered one may frame the error: it holds nothing to steal or press."""
    return sorted({origin for platform in platforms.every(tool.storage) for origin in platforms.frames(platform)})
