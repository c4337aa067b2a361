"""The addresses that a platform knows: login, launch, key set; and /health. Floor 3."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, Response, jsonify, redirect, request
from werkzeug.wrappers import Response as BaseResponse

from lti_tool import binding, claims, errors, jwks, launch, login, texts
from lti_tool.binding import Keeper
from lti_tool.launch import Asking, Launch
from lti_tool.login import Begun
from lti_tool.pages import answers, opening, picking, teaching
from lti_tool.pages.gate import Guest
from lti_tool.tool import Tool

CHECKED = "checked"


def blueprint(tool: Tool) -> Blueprint:
    """The platform's side of the tool."""
    views = Blueprint("launching", __name__)
    door = launch.Door(tool.storage, tool.keyring, tool.key_sets, jwks.over(tool.services.exchange), tool.new_token)

    @views.route("/lti/login", methods=["GET", "POST"])
    def begin() -> BaseResponse:
        framed = binding.framed(request.headers.get("Sec-Fetch-Dest"), request.values)
        kept = not framed or binding.KEPT in request.cookies
        if not kept and CHECKED not in request.args:
            return _check(tool)
        begun = login.begin(
            tool.storage,
            tool.settings.url,
            request.values,
            now=tool.now(),
            new_token=tool.new_token,
            pace=tool.pace,
            cookies=kept,
        )
        response = redirect(begun.location, 302) if begun.keeper is None else _keep(tool, begun, begun.keeper)
        response.set_cookie(begun.cookie, begun.binding, max_age=int(login.LIFETIME), **_place(tool, "launch"))
        return response

    @views.post("/lti/launch")
    def take() -> Response:
        asking = launch.asking(door, request.form, request.cookies, tool.now())
        if asking is not None:
            return _ask(tool, asking)
        taken = launch.take(door, request.form, request.cookies, tool.now())
        language = texts.choose(taken.learner.locale, answers.wished_language())
        guest = Guest(taken.learner, taken.platform, language)
        try:
            response = _opened(tool, guest, taken)
        except errors.PageRefused as refused:
            refused.frames, refused.language = guest.frames, language
            raise
        response.delete_cookie(binding.cookie_name(request.form["state"]), **_place(tool, "launch"))
        return response

    @views.get("/lti/jwks")
    def keys() -> Response:
        answer = jsonify({"keys": tool.keys.published})
        # A new key is published a day before it signs, so an hour would do for a rotation by plan. After a theft it is
        # the time for which platforms go on trusting the old key: hence five minutes, at the price of a cheap request.
        answer.headers["Cache-Control"] = "public, max-age=300"
        return answer

    @views.get("/health")
    def health() -> Response:
        return jsonify({"status": "ok"})

    return views


def _opened(tool: Tool, guest: Guest, taken: Launch) -> Response:
    """The page that the message asks for."""
    teaching.arrive(tool, guest, taken.named["custom"])
    if taken.named["message_type"] == claims.DEEP_LINKING:
        return picking.show(tool, guest, taken)
    return opening.show(tool, guest)


def _check(tool: Tool) -> BaseResponse:
    """Send the browser back to this login once, with a cookie, to see whether it keeps one.

    By 307 (RFC 9110, section 15.4.8), so that what the platform posted comes again as it came. A browser that keeps the
    cookie is asked once in its session.
    """
    query = f"{CHECKED}=1&{request.query_string.decode('latin-1')}".rstrip("&")
    response = redirect(f"{_path(tool)}/lti/login?{query}", 307)
    response.set_cookie(binding.KEPT, "1", **_place(tool, "login"))
    return response


def _keep(tool: Tool, begun: Begun, keeper: Keeper) -> Response:
    """A page that has the platform keep the binding, then goes on to the platform."""
    return _by_script(
        tool, keeper, begun.frames, begun.again, key=begun.cookie, value=begun.binding, location=begun.location, form={}
    )


def _ask(tool: Tool, asking: Asking) -> Response:
    """A page that asks the platform for the binding, then posts the launch again with it."""
    state = request.form["state"]
    return _by_script(
        tool,
        asking.keeper,
        asking.frames,
        asking.again,
        key=binding.cookie_name(state),
        value="",
        location="",
        form={"state": state, "id_token": request.form["id_token"]},
    )


def _by_script(
    tool: Tool, keeper: Keeper, frames: Sequence[str], again: Mapping[str, str], *, location: str, **values: Any
) -> Response:
    return answers.page(
        "binding.html",
        tool,
        answers.wished_language(),
        frames,
        scripts=True,
        keeper=keeper,
        field=binding.FIELD,
        again=answers.beginning(again),
        location=location,
        **values,
    )


def _path(tool: Tool) -> str:
    return urlsplit(tool.settings.url).path.rstrip("/")


def _place(tool: Tool, name: str) -> dict[str, Any]:
    """Frames of another site need None, Secure and Partitioned; plain http on one machine can only have Lax."""
    secure = tool.settings.url.startswith("https://")
    return {
        "path": f"{_path(tool)}/lti/{name}",
        "secure": secure,
        "httponly": True,
        "samesite": "None" if secure else "Lax",
        "partitioned": secure,
    }
