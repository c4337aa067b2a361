"""Which role may do what: one table, and for every route what it asks for. Floor 3.

A route that is not in `ROUTES` does not exist: the gate answers 404 and a test fails. `None` is what anybody may ask
for without a launch.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum

from lti_tool import errors
from lti_tool.roles import Role


class Permission(StrEnum):
    """A right inside one course."""

    LEARN = "learn"
    """Open the path, choose a goal, practise; only a learner's doing is recorded and scored."""
    PICK = "pick"
    """Choose what goes into the course (deep linking)."""
    SEE_CLASS = "see_class"
    """See the members of the course, what they did, and scores that could not be sent."""
    MEND_SCORES = "mend_scores"
    """Send a score again that the platform refused."""
    GUIDE = "guide"
    """Put something first for learners of the course, hide or propose it, and take that back."""
    JUDGE = "judge"
    """Decide by its rubric on what learners hand in for a project."""
    HOLD = "hold"
    """Schedule a session, show its code, note who was there, and say what was seen of their skills."""
    PROPOSE = "propose"
    """See rules and skills with their history, and propose changes; who may edit (`edits`) makes them hold."""
    SEE_CONSORTIUM = "see_consortium"
    """See what left the institution in training with others, and take the register and the ledger along."""
    HOST = "host"
    """Register partner enterprises, let their people in, and approve what they offer to learners."""
    VISIT = "visit"
    """Come into the room of a partner enterprise by a launch, with the address that was given."""
    ADMINISTER = "administer"
    """See what the check of the platform's registration says."""


_TEACHING = frozenset(
    {
        Permission.LEARN,
        Permission.PICK,
        Permission.SEE_CLASS,
        Permission.MEND_SCORES,
        Permission.GUIDE,
        Permission.HOLD,
        Permission.JUDGE,
        Permission.PROPOSE,
        Permission.SEE_CONSORTIUM,
        Permission.HOST,
        Permission.VISIT,
    }
)
MATRIX: Mapping[Role, frozenset[Permission]] = {
    Role.LEARNER: frozenset({Permission.LEARN}),
    Role.INSTRUCTOR: _TEACHING,
    Role.ASSISTANT: frozenset(
        {
            Permission.LEARN,
            Permission.SEE_CLASS,
            Permission.HOLD,
            Permission.JUDGE,
            Permission.PROPOSE,
            Permission.SEE_CONSORTIUM,
            Permission.VISIT,
        }
    ),
    Role.DEVELOPER: frozenset({Permission.LEARN, Permission.PICK, Permission.VISIT}),
    Role.MENTOR: frozenset({Permission.LEARN, Permission.VISIT}),
    Role.OBSERVER: frozenset({Permission.LEARN, Permission.VISIT}),
    Role.ADMINISTRATOR: frozenset(
        {
            Permission.LEARN,
            Permission.PICK,
            Permission.PROPOSE,
            Permission.SEE_CONSORTIUM,
            Permission.HOST,
            Permission.VISIT,
            Permission.ADMINISTER,
        }
    ),
}
ROUTES: Mapping[str, Permission | None] = {
    "static": None,
    "launching.begin": None,
    "launching.take": None,
    "launching.keys": None,
    "launching.health": None,
    "publishing.documents": None,
    "publishing.thing": None,
    "registering.begin": None,
    "registering.enter": None,
    "registering.canvas": None,
    "registering.examine": Permission.ADMINISTER,
    "learning.again": Permission.LEARN,
    "learning.path": Permission.LEARN,
    "learning.goal": Permission.LEARN,
    "learning.cases": Permission.LEARN,
    "learning.profile": Permission.LEARN,
    "learning.evidence": Permission.LEARN,
    "learning.why_not": Permission.LEARN,
    "learning.start": Permission.LEARN,
    "learning.rest": Permission.LEARN,
    "learning.plan": Permission.LEARN,
    "reading.learn": Permission.LEARN,
    "reading.page": Permission.LEARN,
    "leaflet.go": Permission.LEARN,
    "handing.go": Permission.LEARN,
    "handing.review": Permission.LEARN,
    "handing.file": Permission.LEARN,
    "talking.go": Permission.LEARN,
    "talking.place": Permission.GUIDE,
    "marking.listed": Permission.SEE_CLASS,
    "marking.one": Permission.SEE_CLASS,
    "marking.file": Permission.SEE_CLASS,
    "marking.decided": Permission.JUDGE,
    "marking.settled": Permission.GUIDE,
    "inspecting.works": None,
    "inspecting.work": None,
    "inspecting.file": None,
    "sharing.shown": Permission.LEARN,
    "sharing.keep": Permission.LEARN,
    "seeking.listed": Permission.LEARN,
    "seeking.one": Permission.LEARN,
    "seeking.apply": Permission.LEARN,
    "hosting.listed": Permission.HOST,
    "hosting.one": Permission.HOST,
    "hosting.settled": Permission.HOST,
    "visiting.enter": Permission.VISIT,
    "partnering.room": None,
    "partnering.spread": None,
    "partnering.shared": None,
    "partnering.view": None,
    "partnering.file": None,
    "partnering.offers": None,
    "partnering.feed": None,
    "saying.about": Permission.LEARN,
    "saying.vote": Permission.LEARN,
    "placing.go": Permission.LEARN,
    "practising.go": Permission.LEARN,
    "rephrasing.asked": Permission.LEARN,
    "rephrasing.switched": Permission.GUIDE,
    "trading.go": Permission.LEARN,
    "analysing.go": Permission.LEARN,
    "trading.books": Permission.LEARN,
    "scening.go": Permission.LEARN,
    "teaming.go": Permission.LEARN,
    "teaming.mark": Permission.LEARN,
    "forming.shown": Permission.SEE_CLASS,
    "forming.formed": Permission.GUIDE,
    "scoring.scores": Permission.SEE_CLASS,
    "scoring.again": Permission.MEND_SCORES,
    "surveying.asked": Permission.SEE_CLASS,
    "polling.answering": Permission.LEARN,
    "polling.asking": Permission.GUIDE,
    "polling.figured": Permission.SEE_CLASS,
    "surveying.taught": Permission.SEE_CLASS,
    "teaching.overview": Permission.SEE_CLASS,
    "teaching.listed": Permission.SEE_CLASS,
    "teaching.evidence": Permission.SEE_CLASS,
    "teaching.guide": Permission.GUIDE,
    "allowing.time": Permission.GUIDE,
    "watching.page": Permission.LEARN,
    "watching.told": Permission.LEARN,
    "exchanging.listed": Permission.PROPOSE,
    "exchanging.sent": Permission.PROPOSE,
    "exchanging.one": Permission.PROPOSE,
    "exchanging.settled": Permission.PROPOSE,
    "exchanging.file": Permission.PROPOSE,
    "linking.listed": Permission.PROPOSE,
    "linking.mended": Permission.PROPOSE,
    "filming.listed": Permission.PROPOSE,
    "filming.keep": Permission.PROPOSE,
    "eventing.listed": Permission.LEARN,
    "eventing.enter": Permission.LEARN,
    "eventing.link": Permission.LEARN,
    "eventing.feed": None,
    "copying.taken": Permission.HOLD,
    "holding.listed": Permission.SEE_CLASS,
    "holding.one": Permission.SEE_CLASS,
    "holding.form": Permission.HOLD,
    "holding.keep": Permission.HOLD,
    "holding.code": Permission.HOLD,
    "holding.noted": Permission.HOLD,
    "picking.go": Permission.PICK,
    "ruling.listed": Permission.PROPOSE,
    "ruling.drafted": Permission.PROPOSE,
    "ruling.settled": Permission.PROPOSE,
    "graphing.shown": Permission.PROPOSE,
    "graphing.changed": Permission.PROPOSE,
    "graphing.versions": Permission.PROPOSE,
    "questioning.listed": Permission.PROPOSE,
    "questioning.one": Permission.PROPOSE,
    "questioning.write": Permission.PROPOSE,
    "questioning.settled": Permission.PROPOSE,
    "questioning.file": Permission.PROPOSE,
    "kitting.listed": Permission.PROPOSE,
    "kitting.sent": Permission.PROPOSE,
    "kitting.one": Permission.PROPOSE,
    "kitting.settled": Permission.PROPOSE,
    "kitting.file": Permission.PROPOSE,
    "authoring.listed": Permission.PROPOSE,
    "authoring.write": Permission.PROPOSE,
    "authoring.settled": Permission.PROPOSE,
    "authoring.file": Permission.PROPOSE,
    "consortium.consortium": Permission.SEE_CONSORTIUM,
    "consortium.file": Permission.SEE_CONSORTIUM,
}


def of(held: Iterable[str]) -> frozenset[Permission]:
    """What these roles may do together; opening a page is granted to whoever the platform lets in."""
    return frozenset({Permission.LEARN}).union(*(MATRIX[Role(role)] for role in held))


EDITORS: Mapping[str, frozenset[Role]] = {
    "administrators": frozenset({Role.ADMINISTRATOR}),
    "instructors": frozenset({Role.ADMINISTRATOR, Role.INSTRUCTOR}),
}
"""By what the institution set (`settings.editors`): whose changes of the catalog hold at once."""


def edits(held: Iterable[str], setting: str) -> bool:
    """Whether somebody of these roles makes changes of the catalog hold, and not only proposes them.

    Args:
        held: Roles in the course.
        setting: One of `EDITORS`.
    """
    return any(Role(role) in EDITORS[setting] for role in held)


def check(setting: str) -> str:
    """The setting, if it says whose changes hold.

    Raises:
        errors.ConfigurationError: It does not.
    """
    if setting not in EDITORS:
        message = f"ENTREPOT_LTI_EDITORS is {setting!r}: write one of {', '.join(EDITORS)}"
        raise errors.ConfigurationError(message)
    return setting
