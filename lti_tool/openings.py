"""Openings of partners: an internship, a job, a project; approved by an instructor, decided on by a person. Floor 3.

Nothing here ranks learners or filters them. Who applies grants the partner to see something (`grants`), applicants
stand in the order in which they applied, and a decision names the person who made it and their reason (GDPR Art. 22).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace

from lti_tool import partners
from lti_tool.grants import Grant
from lti_tool.partnered import DECISIONS, GRANTS, OPENINGS
from lti_tool.partners import Partner
from lti_tool.vault import Vault
from storage.port import Storage
from xapi_collector.keyring import Keyring

PROPOSED, OPEN, DECLINED, CLOSED = STATES = ("proposed", "open", "declined", "closed")
KINDS = ("internship", "job", "project")
TALK, TAKEN, ELSEWHERE = OUTCOMES = ("talk", "taken", "elsewhere")
"""What a person decided: to talk with the learner, to take them, to take somebody else."""
MOST, EVER = 30, 200
"""Openings of one partner that wait or are open, and all that are kept of it."""
TOLD = 20
"""Decisions on one application: somebody may think anew, and nobody fills a store."""
LINE, LETTERS = 200, 4000
"""Letters of a line, and of a text."""
DAY = 86_400.0
KEPT = 365 * DAY


@dataclass(frozen=True)
class Text:
    """What a partner wrote.

    Attributes:
        title: Of the opening.
        place: Where the work is.
        languages: What is spoken there.
        text: What the work is.
        how: How to apply, beside applying here.
    """

    title: str
    place: str
    languages: str
    text: str
    how: str


@dataclass(frozen=True)
class Opening:
    """An opening.

    Attributes:
        course: The key of the course.
        opening: Its id there.
        partner: Id of the partner.
        state: One of `STATES`.
        kind: One of `KINDS`.
        role: Id of the role of the catalog that it is for.
        targets: Levels asked for, 1 to 5, by skill; at most what the role names.
        begins: First day of the work, seconds since the epoch; 0: not said.
        closes: Until when one may apply, seconds since the epoch.
        made: Seconds since the epoch.
        settled: When an instructor approved or declined it, or it was closed; 0: not yet.
        sealed: `Text`, sealed under the institution's key: it may name a person.
    """

    course: str
    opening: str
    partner: str
    state: str
    kind: str
    role: str
    targets: Mapping[str, int] = field(default_factory=dict)
    begins: float = 0.0
    closes: float = 0.0
    made: float = 0.0
    settled: float = 0.0
    sealed: str = ""

    def takes(self, now: float) -> bool:
        """Whether one may apply now."""
        return self.state == OPEN and now < self.closes


@dataclass(frozen=True)
class Decision:
    """What a person at a partner decided on an application.

    Attributes:
        outcome: One of `OUTCOMES`.
        who: Name of the person.
        reason: Theirs.
        at: Seconds since the epoch.
    """

    outcome: str
    who: str
    reason: str
    at: float


def write(
    storage: Storage, keyring: Keyring, partner: Partner, text: Text, *,
    kind: str, role: str, targets: Mapping[str, int], begins: float, closes: float, now: float,
    new_token: Callable[[], str],
) -> Opening | None:  # fmt: skip
    """Keep an opening that waits for an instructor; None where a partner has `MOST` of them.

    Args:
        storage: The institution's store.
        keyring: Its secrets.
        partner: Whose it is.
        text: What they wrote.
        kind: One of `KINDS`.
        role: Id of a role of the catalog.
        targets: Levels asked for, by skill.
        begins: First day of the work, seconds since the epoch; 0: not said.
        closes: Until when one may apply, seconds since the epoch.
        now: Seconds since the epoch.
        new_token: Makes unguessable texts.
    """
    there = of_partner(storage, partner.course, partner.partner, now)
    if sum(one.state in {PROPOSED, OPEN} for one in there) >= MOST or len(there) >= EVER:
        return None
    id_ = hashlib.sha256(new_token().encode()).hexdigest()[:24]
    sealed = partners.seal(keyring, id_, asdict(text), new_token)
    opening = Opening(
        partner.course, id_, partner.partner, PROPOSED, kind, role, dict(targets), begins, closes, now, 0.0, sealed
    )
    storage.insert(OPENINGS, asdict(opening))
    return opening


def find(storage: Storage, course: str, opening: str) -> Opening | None:
    """An opening of a course; None: the course has none of this id."""
    kept = storage.get(OPENINGS, (course, opening)) if course and opening else None
    return None if kept is None else Opening(**kept)


def of_partner(storage: Storage, course: str, partner: str, now: float) -> list[Opening]:
    """Every opening of a partner, the newest first; those that closed over a year ago are removed."""
    found = storage.find(OPENINGS, {"course": course, "partner": partner})
    return _tidied(storage, [Opening(**kept) for kept in found], now)


def of_course(storage: Storage, course: str, now: float) -> list[Opening]:
    """Every opening of a course, the newest first; those that closed over a year ago are removed."""
    return _tidied(storage, [Opening(**kept) for kept in storage.find(OPENINGS, {"course": course})], now)


def board(storage: Storage, course: str, now: float) -> list[tuple[Opening, Partner]]:
    """The openings to which one may apply now, of partners whose contract holds: the one that closes first is first."""
    there = {one.partner: one for one in partners.holding(storage, course, now)}
    found = [one for one in of_course(storage, course, now) if one.takes(now) and one.partner in there]
    return [(one, there[one.partner]) for one in sorted(found, key=lambda one: (one.closes, one.opening))]


def text(keyring: Keyring, opening: Opening) -> Text:
    """What the partner wrote."""
    return Text(**partners.open_(keyring, opening.opening, opening.sealed))


def settle(storage: Storage, course: str, opening: str, state: str, now: float) -> Opening | None:
    """Approve, decline or close an opening; None where it is not there, or not in a state to be so.

    Args:
        storage: The institution's store.
        course: The key of the course.
        opening: Its id.
        state: `OPEN` or `DECLINED` of one that waits; `CLOSED` of one that waits or is open.
        now: Seconds since the epoch.
    """
    before = {OPEN: {PROPOSED}, DECLINED: {PROPOSED}, CLOSED: {PROPOSED, OPEN}}[state]
    while True:
        kept = storage.get(OPENINGS, (course, opening)) if opening else None
        if kept is None or kept["state"] not in before:
            return None
        after = replace(Opening(**kept), state=state, settled=now)
        if storage.replace(OPENINGS, asdict(after), expected=kept):
            return after


# Applications


def applied(there: Sequence[Grant], opening: str, now: float) -> Grant | None:
    """The application of a learner to an opening that holds; None without one.

    Args:
        there: Their grants.
        opening: Id of the opening.
        now: Seconds since the epoch.
    """
    return next((one for one in there if one.opening == opening and one.holds(now)), None)


def decide(vault: Vault, grant: Grant, outcome: str, who: str, reason: str, *, now: float, id_: str) -> Decision:
    """Keep what a person decided on an application; earlier decisions stay beside it.

    Args:
        vault: The store and the keys.
        grant: The application.
        outcome: One of `OUTCOMES`.
        who: Name of the person.
        reason: Theirs.
        now: Seconds since the epoch.
        id_: A new unguessable text.
    """
    decision = Decision(outcome, who, reason, now)
    key = hashlib.sha256(id_.encode()).hexdigest()[:32]
    sealed = vault.seal(grant.learner, key, json.dumps(asdict(decision)).encode())
    vault.storage.insert(DECISIONS, {"key": key, "learner": grant.learner, "grant": grant.key, "blob": sealed})
    return decision


def decisions(vault: Vault, grant: Grant) -> list[Decision]:
    """What was decided on an application, the newest first."""
    kept = vault.storage.find(DECISIONS, {"grant": grant.key})
    opened = vault.open_all([(one["learner"], one["key"], one["blob"]) for one in kept])
    found = [Decision(**json.loads(content)) for content in opened if content is not None]
    return sorted(found, key=lambda one: -one.at)


def remove(storage: Storage, course: str) -> None:
    """Remove the openings of a course, whose platform is removed, and what was decided on applications to them."""
    for kept in storage.find(GRANTS, {"course": course}):
        for one in storage.find(DECISIONS, {"grant": kept["key"]}):
            storage.delete(DECISIONS, (one["key"],))
    for kept in storage.find(OPENINGS, {"course": course}):
        storage.delete(OPENINGS, (course, kept["opening"]))


def _tidied(storage: Storage, found: Sequence[Opening], now: float) -> list[Opening]:
    for one in found:
        if now > one.closes + KEPT:
            storage.delete(OPENINGS, (one.course, one.opening))
    return sorted((one for one in found if now <= one.closes + KEPT), key=lambda one: (-one.made, one.opening))
