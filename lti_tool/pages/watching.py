"""A video on a page: played where a browser can, opened elsewhere where it cannot; what is watched is told. Floor 3.

The player works without a script; a small script of ours reports what was played, so that a watched share is known.
Nobody but a learner is recorded.
"""

from __future__ import annotations

from flask import Blueprint, Response, request

from curriculum import catalog as catalogs
from curriculum.videos import Video
from lti_tool import bearer, emit, errors, texts, viewings
from lti_tool.pages import gate, seats, viewing
from lti_tool.pages.seats import Seat
from lti_tool.tool import Tool


def blueprint(tool: Tool) -> Blueprint:
    """The page of a video, and what its script reports."""
    views = Blueprint("watching", __name__)

    @views.post("/lti/watch")
    def page() -> Response:
        seat = seats.of_form(tool)
        video = _video(seat)
        said = ""
        if request.form.get("act") == "seen":
            _seen(seat, video)
            said = texts.speaker(seat.language)("video.told.seen")
        return _page(seat, video, said)

    @views.post("/lti/watched")
    def told() -> Response:
        guest = gate.guest()
        session = request.form.get("session", "")
        acts = viewings.read(request.form.get("acts", ""))
        video = tool.catalog(guest.person.catalog).videos.get(request.form.get("video", ""))
        if video is not None and guest.person.learns and viewings.is_session(session):
            made = viewings.statements(
                guest.person, tool.settings.url, video, acts, session=session, new_id=tool.new_id, now=tool.now()
            )
            emit.put(tool.emitter, made)
        # A long video outlives the bearer of its page: each report is answered by a new one.
        return Response(bearer.sign(guest.person, guest.language, tool.bearer_key, tool.now), mimetype="text/plain")

    return views


def _page(seat: Seat, video: Video, said: str) -> Response:
    given = seats.advised(seat)
    (line,) = viewing.lines([video], given.watched, seat.language)
    skills = seat.catalog.skills
    back = request.form.get("skill", "")
    return seats.shown(
        seat,
        given,
        "watch.html",
        "learn",
        "watch",
        scripts=video.plays,
        calls=video.plays,
        media=video.origin if video.plays else "",
        video=video,
        line=line,
        about=[(one, skills[one].name[seat.language]) for one in video.skills if one in skills],
        back=back if back in skills else "",
        said=said,
        keep={"video": video.id, "skill": back if back in skills else ""},
    )


def _seen(seat: Seat, video: Video) -> None:
    """The learner says that they watched it: where no player can tell, or no script runs."""
    tool, person = seat.tool, seat.person
    if person.learns:
        resource = seat.catalog.resources[f"{catalogs.VIDEO}{video.id}"]
        told = emit.read(
            person, tool.settings.url, resource, done=True, seconds=None, new_id=tool.new_id, now=tool.now()
        )
        emit.put(tool.emitter, [told])


def _video(seat: Seat) -> Video:
    """The video that a form names.

    Raises:
        errors.PageRefused: The catalog has none of this id.
    """
    found = seat.catalog.videos.get(request.form.get("video", ""))
    if found is None:
        raise errors.PageRefused("not_found", "video")
    return found
