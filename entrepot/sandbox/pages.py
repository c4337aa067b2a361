"""What a person sees: home, a course with its activities in a frame, and the way to the tool and back. Floor 4."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, Response, abort, render_template, request

from entrepot.sandbox import deep_linking, door
from entrepot.sandbox.door import Answer
from entrepot.sandbox.platform import Course, Member, Platform

TEXTS = json.loads(Path(__file__).with_name("texts.json").read_text(encoding="utf-8"))
HTML_LANG = {"en": "en", "zh": "zh-Hans"}


def register(app: Flask, platform: Platform) -> None:
    """Add the routes."""

    @app.get("/")
    def home() -> Response:
        return page(platform, "home.html", language(), institutions=platform.config.institutions)

    @app.get("/<institution>/courses/<course>")
    def course(institution: str, course: str) -> Response:
        found = _course(platform, institution, course)
        spoken = language()
        member = chosen(found)
        links = [
            (link, door.begin(platform, found, member.person, link, language=spoken))
            for link in found.links.values()
            if platform.tool_of(institution, link.client_id)
        ]
        return page(
            platform,
            "course.html",
            spoken,
            institution=platform.institution(institution),
            course=found,
            person=member.person,
            links=links,
            tools={key: one.tool for key, one in platform.tools.items()},
        )

    @app.route("/auth", methods=["GET", "POST"], endpoint="auth")
    def auth() -> Response:
        answer = door.authorise(platform, request.values)
        return page(platform, "refused.html", "en", status=400) if answer is None else _post(platform, answer)

    @app.post("/deep-linking", endpoint="deep_linking")
    def picked() -> Response:
        try:
            found = deep_linking.take(platform, request.form.get("JWT", ""))
        except deep_linking.NotTaken as refused:
            return page(platform, "not_taken.html", language(), status=400, why=str(refused))
        return page(platform, "picked.html", language(), picked=found)

    @app.get("/blank")
    def blank() -> Response:
        return page(platform, "blank.html", language())


def page(platform: Platform, template: str, spoken: str, *, status: int = 200, **values: Any) -> Response:
    """Render a page under a policy that names the tools."""
    texts = TEXTS[spoken]
    body = render_template(template, t=texts, issuer=platform.base, language=spoken, lang=HTML_LANG[spoken], **values)
    response = Response(body, status=status, mimetype="text/html")
    tools = " ".join(sorted({_origin(one.tool.launch_url) for one in platform.tools.values()}))
    response.headers["Content-Security-Policy"] = (
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; base-uri 'none'; "
        f"form-action 'self' {tools}; frame-src 'self' {tools}; frame-ancestors 'self' {tools}"
    )
    return response


def language() -> str:
    """The language that the request asks for."""
    wanted = request.args.get("lang", "")
    if wanted in TEXTS:
        return wanted
    return request.accept_languages.best_match(list(TEXTS), default="en") or "en"


def chosen(course: Course) -> Member:
    """Whoever the page is for: the one that the request names, or the course's first."""
    named = course.members.get(request.args.get("learner", ""))
    if named is not None and named.active:
        return named
    return next(one for one in course.members.values() if one.active)


def _course(platform: Platform, institution: str, course: str) -> Course:
    found = platform.course(institution, course)
    if found is None:
        abort(404)
    return found


def _post(platform: Platform, answer: Answer) -> Response:
    """A page that posts fields to the tool: by its own script, or by the button."""
    return page(platform, "post.html", answer.language, url=answer.url, fields=answer.fields)


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
