"""What becomes of a change of the catalog that holds or waits: taken back, approved, declined; alike on each page.

Floor 3. For those who may edit. A page names the kinds of change that it may approve, for what has to be looked at
before differs by kind.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

from curriculum import errors as curriculum_errors
from curriculum import telling
from lti_tool import editions, errors, proposals
from lti_tool.pages.ruling import Desk
from lti_tool.proposals import Proposal

LONGEST = 255
"""Letters of an id that a form names."""


def decided(
    desk: Desk, form: Mapping[str, str], kinds: Collection[str], fits: Callable[[Proposal], bool] = lambda _: True
) -> tuple[str, list[str]]:
    """Do what a form asks for: `decline` or `approve` a proposal, or take `back` a change.

    Args:
        desk: Who asks, of which catalog.
        form: What was sent: one of the three with an id.
        kinds: What this page may approve, of `editions.KINDS`.
        fits: Whether what was proposed can be entered still; what it raises is the caller's.

    Returns:
        What came of it ("declined", "entered", "back", or "gone" where it is not open any more), and, where the catalog
        as it is now does not take it, why not, in words.

    Raises:
        errors.PageRefused: Who asks may not edit.
    """
    if not desk.edits:
        raise errors.PageRefused("permission_missing", "editors")
    act = next((one for one in ("decline", "approve", "back") if form.get(one)), "")
    if not act:
        return "gone", []
    storage, name, id_, by, now = desk.tool.storage, desk.name, form[act][:LONGEST], desk.by, desk.tool.now()
    try:
        if act == "decline":
            return "declined" if proposals.decline(storage, name, id_, by=by, now=now) else "gone", []
        if act == "approve":
            return "entered" if _approved(desk, id_, kinds, fits) else "gone", []
        return "gone" if editions.back(storage, name, id_, by=by, now=now) is None else "back", []
    except curriculum_errors.InvalidEdit as error:
        return "", [telling.say(one, desk.language) for one in error.problems]


def _approved(desk: Desk, id_: str, kinds: Collection[str], fits: Callable[[Proposal], bool]) -> bool:
    tool = desk.tool
    found = proposals.find(tool.storage, desk.name, id_)
    if found is None or found.state != proposals.OPEN or found.kind not in kinds or not fits(found):
        return False
    made = proposals.approve(
        tool.storage, desk.name, id_, found.edits, why=found.why, by=desk.by, change=tool.new_token(), now=tool.now()
    )
    return made is not None
