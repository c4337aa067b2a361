"""The addresses that a platform knows: login, launch, key set; and /health. Floor 3."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, jsonify, redirect, request
from werkzeug.wrappers import Response as BaseResponse

from lti_tool import errors, launch, login, platforms, texts
from lti_tool.pages import answers, opening
from lti_tool.pages.gate import Guest
from lti_tool.tool import Tool


def blueprint(tool: Tool) -> Blueprint:
    """The platform's side of the tool."""
    views = Blueprint("launching", __name__)
    secure = tool.settings.url.startswith("https://")

    @views.route("/lti/login", methods=["GET", "POST"])
    def begin() -> BaseResponse:
        begun = login.begin(
            tool.storage, tool.settings.url, request.values, now=tool.now(), new_token=tool.new_token, pace=tool.pace
        )
        response = redirect(begun.location, 302)
        response.set_cookie(begun.cookie, begun.binding, **_cookie(tool, secure=secure))
        return response

    @views.post("/lti/launch")
    def take() -> Response:
        taken = launch.take(tool.storage, tool.key_sets, request.form, request.cookies, tool.now())
        language = texts.choose(taken.learner.locale, answers.wished_language())
        guest = Guest(taken.learner, taken.platform, language)
        try:
            response = opening.show(tool, guest)
        except errors.PageRefused as refused:
            refused.frames = guest.frames
            raise
        response.delete_cookie(login.cookie_name(request.form["state"]), **_place(tool, secure=secure))
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


def _place(tool: Tool, *, secure: bool) -> dict[str, Any]:
    """Frames of another site need None, Secure and Partitioned; plain http on one machine can only have Lax."""
    path = login.launch_url(tool.settings.url).removeprefix(platforms.origin(tool.settings.url))
    return {
        "path": path,
        "secure": secure,
        "httponly": True,
        "samesite": "None" if secure else "Lax",
        "partitioned": secure,
    }


def _cookie(tool: Tool, *, secure: bool) -> dict[str, Any]:
    return {**_place(tool, secure=secure), "max_age": int(login.LIFETIME)}
