"""Other words for an explanation, for a page that asks; and the course whose instructor wants them. Floor 3.

The page is there already, and complete: a script of ours asks here and puts the text below the explanation, as text and
never as markup. Without a script the button of the page does the same (`practising`). Nothing waits for the model.
"""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, request

from lti_tool import texts
from lti_tool.pages import gate, practising, teaching
from lti_tool.pages.teaching import Desk
from lti_tool.phrasing import phrases
from lti_tool.phrasing.phrases import Phrase
from lti_tool.tool import Tool

DAYS = 30


def blueprint(tool: Tool) -> Blueprint:
    """What the script asks for, and the page of a course."""
    views = Blueprint("rephrasing", __name__)

    @views.post("/lti/phrase")
    def asked() -> Response:
        offer = practising.other_words(tool, gate.guest())
        found = Phrase(phrases.NONE) if offer is None else Phrase(offer.state, offer.text)
        return jsonify({"state": found.state, "text": found.text})

    @views.post("/lti/class/words")
    def switched() -> Response:
        desk = teaching.posted(tool)
        act = request.form.get("act", "")
        if act in {"on", "off"}:
            phrases.switch(tool.storage, desk.course.course, on=act == "on", now=tool.now())
        return _page(desk, act)

    return views


def _page(desk: Desk, act: str) -> Response:
    tool, say = desk.tool, texts.speaker(desk.language)
    return teaching.page(
        desk,
        "class_words.html",
        there=tool.writer is not None,
        on=phrases.is_on(tool.storage, desk.course.course),
        told=say(f"words.told.{act}") if act in {"on", "off"} else "",
        tally=phrases.tally(tool.storage, tool.now(), DAYS),
        days=DAYS,
    )
