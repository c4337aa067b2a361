"""What a person sees: home, a course with its activities in a frame, and the way to the tool and back. Floor 4."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

from flask import Flask, Response, abort, redirect, render_template, request
from werkzeug.wrappers import Response as BaseResponse

from entrepot.sandbox import claims, deep_linking, door, registering
from entrepot.sandbox.config import Person
from entrepot.sandbox.door import Answer
from entrepot.sandbox.platform import Course, Member, Platform

TEXTS = json.loads(Path(__file__).with_name("texts.json").read_text(encoding="utf-8"))
HTML_LANG = {"en": "en", "zh": "zh-Hans"}
# Whoever may add activities, by role.
EDITORS = frozenset({"instructor", "assistant", "developer", "administrator"})
# A select, or a table, of more people than this helps nobody.
SHOWN = 200
FORWARDING = "post_message_forwarding"


def register(app: Flask, platform: Platform) -> None:
    """Add the routes."""
    _register_courses(app, platform)
    _register_lists(app, platform)
    _register_tools(app, platform)

    @app.before_request
    def refuse_strangers() -> None:
        # A page of another site must not press our buttons. The tool's own answers come by its pages: they are signed.
        strange = request.headers.get("Sec-Fetch-Site", "none") in {"cross-site", "same-site"}
        if strange and request.method == "POST" and request.endpoint in {"copy", "activate", "add_tool"}:
            abort(403)

    @app.get("/")
    def home() -> Response:
        courses = list(platform.courses.values())
        return page(platform, "home.html", language(), institutions=platform.config.institutions, courses=courses)

    @app.route("/auth", methods=["GET", "POST"], endpoint="auth")
    def auth() -> Response:
        answer = door.authorise(platform, request.values)
        return page(platform, "refused.html", "en", status=400) if answer is None else _post(platform, answer)

    @app.get("/blank")
    def blank() -> Response:
        return page(platform, "blank.html", language())

    @app.get("/storage")
    def storage() -> Response:
        """The frame beside the tool's that keeps its values, on the origin where people sign in."""
        return page(platform, "storage.html", "en", origins=_origins(platform))


def _register_courses(app: Flask, platform: Platform) -> None:
    @app.get("/<institution>/courses/<course>")
    def course(institution: str, course: str) -> Response:
        found = _course(platform, institution, course)
        spoken, member = language(), chosen(found)
        links = [
            (link, door.begin(platform, found, member.person, link, language=spoken))
            for link in found.links.values()
            if (tool := platform.tool_of(institution, link.client_id)) and tool.active
        ]
        registered = platform.tool_of(institution)
        picking = None
        if registered is not None and member.person.role in EDITORS:
            picking = door.begin(platform, found, member.person, None, language=spoken)
        kept = platform.storage and platform.storage_answers and platform.profile(institution).storage
        return page(
            platform,
            "course.html",
            spoken,
            course=found,
            person=member.person,
            people=[one.person for one in found.members.values() if one.active][:SHOWN],
            links=links,
            picking=picking,
            picker=registered.tool if registered else None,
            tools={key: one.tool for key, one in platform.tools.items()},
            storage=kept,
            origins=_origins(platform),
            **_place(platform, institution),
        )

    @app.post("/<institution>/courses/<course>/copy", endpoint="copy")
    def copy(institution: str, course: str) -> BaseResponse:
        made = platform.copy(_course(platform, institution, course))
        return redirect(f"/{institution}/courses/{made.id}?{urlencode({'lang': language()})}", 303)

    @app.post("/deep-linking", endpoint="deep_linking")
    def picked() -> Response:
        try:
            found = deep_linking.take(platform, request.form.get("JWT", ""))
        except deep_linking.NotTaken as refused:
            return page(platform, "not_taken.html", language(), status=400, why=str(refused))
        return page(platform, "picked.html", language(), picked=found)


def _register_lists(app: Flask, platform: Platform) -> None:
    @app.get("/<institution>/courses/<course>/grades")
    def grades(institution: str, course: str) -> Response:
        found = _course(platform, institution, course)
        items = list(found.items.values())
        rows: list[tuple[Person, list[str]]] = []
        for member in list(found.members.values()):
            if member.active and member.person.role == "learner" and len(rows) < SHOWN:
                user = platform.user(institution, member.person)
                rows.append((member.person, [_cell(platform, found, user, item.id) for item in items]))
        return page(
            platform, "grades.html", language(), course=found, items=items, rows=rows, **_place(platform, institution)
        )

    @app.get("/<institution>/courses/<course>/people")
    def people(institution: str, course: str) -> Response:
        found = _course(platform, institution, course)
        here = [one.person for one in found.members.values() if one.active]
        groups = {one.id: [g.name for g in found.groups if one.id in g.members] for one in here[:SHOWN]}
        return page(
            platform,
            "people.html",
            language(),
            course=found,
            people=here[:SHOWN],
            total=len(here),
            groups=groups,
            **_place(platform, institution),
        )


def _register_tools(app: Flask, platform: Platform) -> None:
    def shown(institution: str, spoken: str, opened: str = "", status: int = 200) -> Response:
        return page(
            platform,
            "tools.html",
            spoken,
            status=status,
            tools=[one for one in platform.tools.values() if one.institution == institution],
            opened=opened,
            frame=_origin(opened) if opened else "",
            **_place(platform, institution),
        )

    @app.get("/<institution>/tools")
    def tools(institution: str) -> Response:
        return shown(_institution(platform, institution), language())

    @app.post("/<institution>/tools", endpoint="add_tool")
    def add_tool(institution: str) -> Response:
        url, place = request.form.get("url", "").strip(), _institution(platform, institution)
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.netloc:
            return shown(place, language(), status=400)
        return shown(place, language(), registering.invite(platform, place, url))

    @app.post("/<institution>/tools/<client_id>/activate", endpoint="activate")
    def activate(institution: str, client_id: str) -> BaseResponse:
        found = platform.tool_of(_institution(platform, institution), client_id)
        if found is None:
            abort(404)
        registering.activate(platform, client_id)
        return redirect(f"/{institution}/tools?{urlencode({'lang': language()})}", 303)


def page(
    platform: Platform, template: str, spoken: str, *, status: int = 200, frame: str = "", **values: Any
) -> Response:
    """Render a page under a policy that names the tools, and `frame`, an origin that is about to become one."""
    texts = TEXTS[spoken]
    body = render_template(
        template,
        t=texts,
        issuer=platform.base,
        sso=platform.sso,
        language=spoken,
        lang=HTML_LANG[spoken],
        forwarding=FORWARDING,
        frame=frame,
        **values,
    )
    response = Response(body, status=status, mimetype="text/html")
    tools = " ".join(dict.fromkeys([*_origins(platform), *([frame] if frame else [])]))
    own = f"'self' {platform.base} {platform.sso}" if platform.config.sso else "'self'"
    response.headers["Content-Security-Policy"] = (
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; base-uri 'none'; "
        f"form-action {own} {tools}; frame-src {own} {tools}; frame-ancestors {own} {tools}"
    )
    return response


def language() -> str:
    """The language that the request asks for."""
    wanted = request.values.get("lang", "")
    if wanted in TEXTS:
        return wanted
    return request.accept_languages.best_match(list(TEXTS), default="en") or "en"


def chosen(course: Course) -> Member:
    """Whoever the page is for: the one that the request names, or the course's first."""
    named = course.members.get(request.args.get("learner", ""))
    if named is not None and named.active:
        return named
    here = [one for one in course.members.values() if one.active]
    if not here:
        abort(404)
    return here[0]


def _course(platform: Platform, institution: str, course: str) -> Course:
    found = platform.course(institution, course)
    if found is None:
        abort(404)
    return found


def _institution(platform: Platform, institution: str) -> str:
    if platform.institution(institution) is None:
        abort(404)
    return institution


def _place(platform: Platform, institution: str) -> dict[str, Any]:
    return {"institution": platform.institution(institution)}


def _cell(platform: Platform, course: Course, user: str, item: str) -> str:
    """A grade as the gradebook shows it; a dash where there is none."""
    address = claims.lineitem_url(platform, course, item, course.items[item].client_id)
    grade = platform.grades.get((user, address))
    return "–" if grade is None or grade.value is None else f"{grade.value:g}"


def _post(platform: Platform, answer: Answer) -> Response:
    """A page that posts fields to the tool: by its own script, or by the button."""
    return page(platform, "post.html", answer.language, url=answer.url, fields=answer.fields)


def _origins(platform: Platform) -> list[str]:
    return sorted({_origin(one.tool.launch_url) for one in platform.tools.values()})


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
