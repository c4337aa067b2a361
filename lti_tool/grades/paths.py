"""The score of an adaptive path: how many skills of its goal a learner has reached, sent as it rises. Floor 3.

Only for a link that has its column in the gradebook: nobody who adds a path without a grade gets one. Sent after a
launch, by the outbox (AGS 2.0, section 3.4); one per cent is the least step that is worth a message.
"""

from __future__ import annotations

from collections.abc import Mapping

from lti_tool import courses
from lti_tool.courses import Link
from lti_tool.grades import outbox
from lti_tool.learner import Learner
from lti_tool.settings import LINE_ITEMS, SCORES
from recommender.profile import Profile
from storage.port import Storage
from xapi_collector.keyring import Keyring

STEP = 0.01
MAXIMUM = 100.0


def scored(storage: Storage, person: Learner) -> Link | None:
    """The link that a person opened, if the gradebook has a column for it; None if it has none."""
    link = courses.link(storage, person.link) if person.link else None
    if link is None or link.lineitem_url:
        return link
    if outbox.policy(link) == "none":
        return None
    known = storage.get(LINE_ITEMS, (link.link,))
    return link if known is not None and known["url"] else None


def share(profile: Profile, targets: Mapping[str, int]) -> float:
    """The share of the skills of a goal that have reached its level, from 0 to 1; 0 without a goal.

    A skill with too few answers for an estimate is not reached yet.
    """
    levels = [(profile.knowledge[skill].level, target) for skill, target in targets.items()]
    reached = sum(level is not None and level >= target for level, target in levels)
    return reached / len(levels) if levels else 0.0


def put(
    storage: Storage, keyring: Keyring, person: Learner, link: Link, *, pseudonym: str, reached: float, now: float
) -> bool:
    """Queue the score of a path if it rose since the last one; two look-ups if it did not.

    Args:
        storage: The tool's store.
        keyring: The institution's secrets.
        person: Who launched.
        link: As `scored` gave it.
        pseudonym: Theirs.
        reached: As `share` gives it.
        now: Seconds since the epoch.

    Returns:
        Whether a score will be sent.
    """
    document = storage.get(SCORES, (pseudonym, link.link))
    before = 0.0 if document is None else outbox.of_document(document).share
    change = abs(reached - before) if outbox.policy(link) == "last" else reached - before
    if change < STEP:
        return False
    return outbox.put(
        storage,
        keyring,
        person,
        given=round(MAXIMUM * reached, 2),
        maximum=MAXIMUM,
        activity_progress="Completed" if reached == 1.0 else "InProgress",
        grading_progress=outbox.GRADED,
        now=now,
    )
