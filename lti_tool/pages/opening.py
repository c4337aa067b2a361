"""What a link opens, by its custom parameter `activity`: one function for each. Floor 3."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from flask import Response

from lti_tool import emit, errors
from lti_tool.pages import (
    consortium,
    eventing,
    handing,
    leaflet,
    learning,
    practising,
    reading,
    scening,
    seeking,
    talking,
    teaching,
    teaming,
    trading,
    visiting,
)
from lti_tool.pages.gate import Guest
from lti_tool.tool import Tool

Open = Callable[[Tool, Guest], Response]


def _path(tool: Tool, guest: Guest) -> Response:
    launched = emit.launched(guest.person, tool.settings.url, new_id=tool.new_id, now=tool.now())
    return learning.show(tool, guest, tell=[launched])


OPENERS: Mapping[str, Open] = {
    "path": _path,
    "module": _path,
    "course": reading.open_course,
    "lesson": reading.open_lesson,
    "case": practising.open_,
    "quiz": practising.open_,
    "exam": practising.open_,
    "week": trading.open_,
    "scene": scening.open_,
    "team": teaming.open_,
    "project": handing.open_,
    "discussion": talking.open_,
    "rule": leaflet.open_,
    "events": eventing.open_,
    "openings": seeking.open_,
    "partner": visiting.open_,
    "class": teaching.open_,
    "consortium": consortium.open_,
}


def show(tool: Tool, guest: Guest) -> Response:
    """The page that the link of this launch opens.

    Raises:
        errors.PageRefused: The link names nothing that there is.
    """
    opener = OPENERS.get(guest.person.opens)
    if opener is None:
        raise errors.PageRefused("activity_unknown", "custom.activity")
    return opener(tool, guest)
