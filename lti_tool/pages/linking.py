"""The page of links: what is broken, what has moved, where each is used, and one step to put another in its place.

Floor 3. No page asks the web: what is shown was seen by `entrepot links check`. A replacement is a change of the
catalog, so it is logged, has its version and is taken back by one press; it holds wherever the address stands.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from flask import Blueprint, Response, request

from curriculum import addresses, links, telling
from curriculum import errors as curriculum_errors
from curriculum.acts import Edit
from lti_tool import editions, errors, linkbook, proposals
from lti_tool.pages import deciding, linkview, ruling
from lti_tool.pages.ruling import Desk
from lti_tool.proposals import Proposal
from lti_tool.tool import Tool


def blueprint(tool: Tool) -> Blueprint:
    """The page's own forms."""
    views = Blueprint("linking", __name__)

    @views.post("/lti/links")
    def listed() -> Response:
        return show(ruling.seated(tool))

    @views.post("/lti/links/mend")
    def mended() -> Response:
        return _mended(ruling.seated(tool), request.form)

    return views


def show(desk: Desk, told: str = "", problems: Sequence[str] = (), typed: Mapping[str, str] | None = None) -> Response:
    """The links that were asked for, what waits, and what was changed.

    Args:
        desk: Who sits there.
        told: What was just done: a key below "links.told."; empty: nothing.
        problems: What is wrong with what was sent.
        typed: What was typed for an address, by that address.
    """
    tool, say = desk.tool, desk.say
    every = links.every(desk.taught.catalog)
    wanted = linkview.sought(request.form)
    checks = linkbook.known(tool.storage, every)
    waiting = [one for one in proposals.waiting(tool.storage, desk.name) if one.kind == editions.LINK]
    return ruling.page(
        desk,
        "links.html",
        "links",
        found=linkview.found(every.values(), checks, wanted, desk.language, say),
        total=len(every),
        wanted=wanted,
        kinds=links.KINDS,
        states=linkview.ORDER,
        waiting=[(one.id, one.edits[0].subject, one.edits[0].value["url"]) for one in waiting],
        changes=[_changed(desk, one) for one in reversed(desk.taught.changes) if one.kind == editions.LINK],
        log=ruling.lines(desk),
        told=told,
        problems=problems,
        typed=typed or {},
    )


def _mended(desk: Desk, form: Mapping[str, str]) -> Response:
    """Put another address in the place of one, or propose that."""
    if any(name in form for name in ("back", "approve", "decline")):
        told, problems = deciding.decided(desk, form, {editions.LINK})
        return show(desk, problems=problems) if problems else show(ruling.again(desk), told=told)
    tool, now = desk.tool, desk.tool.now()
    url, other = form.get("url", ""), addresses.plain(form.get("to", "")[: addresses.LONGEST])
    if url not in links.every(desk.taught.catalog):
        raise errors.PageRefused("not_found", "url")
    edit = Edit(tool.new_token(), "link.put", url, {"url": other})
    try:
        if desk.edits:
            editions.enter(
                tool.storage, desk.name, (edit,), kind=editions.LINK, why="", by=desk.by, id_=tool.new_token(), now=now
            )
            return show(ruling.again(desk), told="entered")
        editions.settled(desk.taught, (edit,))
    except curriculum_errors.InvalidEdit as error:
        said = [telling.say(one, desk.language) for one in error.problems]
        return show(desk, problems=said, typed={url: form.get("to", "")[: addresses.LONGEST]})
    made = Proposal(id=tool.new_token(), kind=editions.LINK, edits=(edit,), why="", made=int(now))
    proposals.propose(tool.storage, desk.name, [made], by=desk.by, now=now)
    return show(desk, told="proposed")


def _changed(desk: Desk, one: editions.Change) -> Mapping[str, str]:
    edit = one.edits[0]
    return {**ruling.changed(one, desk), "words": f"{edit.subject} → {edit.value['url']}"}
