"""The press by which a copied course takes over the sessions and projects of the one that it came from. Floor 3."""

from __future__ import annotations

from datetime import UTC, date, datetime

from flask import Blueprint, Response, request

from lti_tool import copies, errors, events
from lti_tool.pages import copyview, holding, teaching
from lti_tool.pages.teaching import Desk
from lti_tool.tool import Tool


def blueprint(tool: Tool) -> Blueprint:
    """The page's own form."""
    views = Blueprint("copying", __name__)

    @views.post("/lti/class/events/copy")
    def taken() -> Response:
        return _taken(teaching.posted(tool))

    return views


def _taken(desk: Desk) -> Response:
    tool = desk.tool
    former = copies.find(tool.storage, desk.course.course)
    if former is None:
        raise errors.PageRefused("not_found", "course")
    begins: date | None = None
    if former.sessions:
        begins = copyview.day(request.form, datetime.fromtimestamp(tool.now(), UTC).date())
        if begins is None:
            return holding.listed(desk, ("copy.day", {}))
    sessions, projects = copies.take(
        tool.storage, desk.course.course, former, begins, zone=events.zone(tool.settings.zone), now=tool.now()
    )
    return holding.listed(desk, ("copied", {"sessions": sessions, "projects": projects}))
