"""Extra time in exams: who of the class has it, and how much. Floor 3.

Whoever teaches settles it; no reason is asked for, so none is kept. It holds from the next exam on, and for one that
runs. Nobody but the learner and whoever teaches sees it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flask import Blueprint, Response, request

from lti_tool import allowances, practised, texts
from lti_tool import figures as shares
from lti_tool import learner as learners
from lti_tool.pages import classroom, teaching
from lti_tool.pages.teaching import Desk
from lti_tool.tool import Tool


@dataclass(frozen=True)
class Row:
    """A learner of the class, by the id of a form, and their extra time."""

    id: str
    learner: str
    factor: str


def blueprint(tool: Tool) -> Blueprint:
    """The page's own form."""
    views = Blueprint("allowing", __name__)

    @views.post("/lti/class/time")
    def time() -> Response:
        desk = teaching.posted(tool)
        changed = _settled(desk, request.form) if request.form.get("act") == "keep" else None
        return _page(desk, changed)

    return views


def words(factor: float, language: str) -> str:
    r"""Extra time in words.

    >>> words(1.0, "en"), words(1.25, "en")
    ('usual time', '+25\xa0%')
    """
    if factor == allowances.USUAL:
        return texts.speaker(language)("extra.usual")
    return f"+{shares.share(factor - 1)}"


def _settled(desk: Desk, form: Mapping[str, str]) -> int:
    """Settle what a form says of the learners of this class; answer for how many it changed."""
    known = allowances.of_course(desk.tool.storage, desk.course.course)
    changed = 0
    for one in desk.people:
        typed = form.get(f"extra:{one[: classroom.ID]}")
        if typed is None or desk.named(one[: classroom.ID]) != one:
            continue
        factor = learners.factor(typed)
        if factor != known.get(one, allowances.USUAL):
            practised.extend(desk.tool, one, desk.course.course, factor)
            changed += 1
    return changed


def _page(desk: Desk, changed: int | None) -> Response:
    known = allowances.of_course(desk.tool.storage, desk.course.course)
    called, problem = teaching.names_of(desk) if desk.asked.names else ({}, "")
    rows = [
        Row(one[: classroom.ID], one, f"{known.get(one, allowances.USUAL):g}")
        for one in sorted(desk.people, key=lambda one: (called.get(one, ""), one))
    ]
    say = texts.speaker(desk.language)
    return teaching.page(
        desk,
        "class_time.html",
        rows=rows,
        called=called,
        names_problem=problem,
        factors=[(f"{one:g}", words(one, desk.language)) for one in learners.FACTORS],
        told="" if changed is None else say("extra.told", count=changed),
        some=len(known),
    )
