"""The class pages about what is taught: what a goal asks for beside the class, and what becomes of steps. Floor 3.

A bearer names the course, and nothing that a form sends can name another.
"""

from __future__ import annotations

from flask import Blueprint, Response, request

from lti_tool import advice, everybody, texts, votes
from lti_tool.pages import demand, steps, teaching
from lti_tool.pages.teaching import Desk
from lti_tool.tool import Tool


def blueprint(tool: Tool) -> Blueprint:
    """The pages' own forms."""
    views = Blueprint("surveying", __name__)

    @views.post("/lti/class/demand")
    def asked() -> Response:
        return _demand(teaching.posted(tool), request.form.get("role", ""))

    @views.post("/lti/class/steps")
    def taught() -> Response:
        return _steps(teaching.posted(tool))

    return views


def _demand(desk: Desk, asked: str) -> Response:
    known, _ = teaching.known_of(desk)
    role = demand.usual(desk.catalog, known.goals, asked)
    found = demand.demand(desk.catalog, role, [known.deeds[one] for one in desk.people], desk.language)
    return teaching.page(desk, "class_demand.html", demand=found)


def _steps(desk: Desk) -> Response:
    storage, say = desk.tool.storage, texts.speaker(desk.language)
    found = steps.steps(
        desk.catalog,
        votes.tallies(storage, desk.catalog.id, only=frozenset(desk.people)),
        everybody.read(storage, desk.catalog),
        advice.reference(desk.catalog),
        language=desk.language,
        say=say,
    )
    return teaching.page(desk, "class_steps.html", steps=found)
