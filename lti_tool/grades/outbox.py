"""The outbox: one record for each learner and link, with the newest score and how far it got. Floor 3.

LTI Assignment and Grade Services 2.0, section 3.4. Only the newest score matters, so a new one takes the place of one
that waits. Every change is compare-and-set: two processes, a sender and an erasure may work on one record at once.

States: `waiting` (to be sent), `sent` (the platform has it), `superseded` (the platform has something that must stay),
`failed` (it will not be tried again unless an instructor says so).
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from lti_tool import courses, platforms
from lti_tool import learner as learners
from lti_tool.courses import Course, Link
from lti_tool.grades import seal
from lti_tool.learner import Learner
from lti_tool.settings import SCORES
from storage.port import Document, Key, Storage
from xapi_collector import agents
from xapi_collector.keyring import Keyring

WAITING, SENT, SUPERSEDED, FAILED = "waiting", "sent", "superseded", "failed"
STATES = (WAITING, SENT, SUPERSEDED, FAILED)
ACTIVITY = ("Initialized", "Started", "InProgress", "Submitted", "Completed")
"""Section 3.4.7: how far the learner is."""
GRADING = ("FullyGraded", "Pending", "PendingManual", "Failed", "NotReady")
"""Section 3.4.8: how far the grading is; only the first has a grade that holds."""
GRADED = GRADING[0]
POLICIES = ("best", "last", "none")
"""Custom parameter `grade` of a link: the best score counts (also where nothing is said), or the last one; "none": the
tool makes no column for it, and scores go only into one that the course has given the link."""
SCOPE = "https://purl.imsglobal.org/spec/lti-ags/scope/score"
LONGEST_COMMENT = 1000


@dataclass(frozen=True)
class Score:
    """A record of the outbox.

    Attributes:
        learner: Pseudonym.
        link: Key of the resource link.
        course: Key of its course.
        platform: Key of (issuer, client id), to find what waits for a platform.
        state: One of `STATES`.
        given: Points; None for a message about progress alone.
        maximum: Of how many.
        activity: One of `ACTIVITY`.
        grading: One of `GRADING`.
        comment: For the learner, shown in the gradebook; empty if none.
        stamp: Microseconds since 1970 UTC, in a later second than that of every earlier score of this learner and link.
        queued: Seconds: when it was put here; it is given up three days later at the earliest.
        due: Seconds: not to be tried before.
        tries: How often the platform did not take it.
        leased: Seconds: a sender works on it until then; 0 if none does.
        doubt: An earlier try of this very stamp may have arrived although no answer said so.
        ever: Some score of this learner and link was sent, or may have been.
        renewed: The line item was gone once, and was looked for again.
        restamped: How often it got a newer timestamp because the platform took it for old without having a better one.
        reason: Code of why it is not there; empty if nothing went wrong.
        sealed: Who the learner is at the platform; empty once nothing is left to send.
        sent: Seconds: when the platform took the newest; 0 if it has none.
    """

    learner: str
    link: str
    course: str
    platform: str
    state: str
    given: float | None
    maximum: float
    activity: str
    grading: str
    comment: str
    stamp: int
    queued: float
    due: float
    sealed: str
    tries: int = 0
    leased: float = 0.0
    doubt: bool = False
    ever: bool = False
    renewed: bool = False
    restamped: int = 0
    reason: str = ""
    sent: float = 0.0

    @property
    def key(self) -> Key:
        """Its key in the collection."""
        return self.learner, self.link

    @property
    def graded(self) -> bool:
        """Whether it is a grade, and not progress alone."""
        return self.grading == GRADED and self.given is not None

    @property
    def share(self) -> float:
        """Given of maximum; 0 without a grade."""
        return self.given / self.maximum if self.graded and self.given is not None else 0.0

    @property
    def id(self) -> str:
        """What a page calls it: says nothing about the learner."""
        return hashlib.sha256("\x1f".join(self.key).encode()).hexdigest()[:24]


@dataclass(frozen=True)
class Status:
    """What a learner is told of their score.

    Attributes:
        state: One of `STATES`.
        given: Points; None if only progress was told.
        maximum: Of how many.
        at: Seconds: when it was sent, or queued if it is not there yet.
        reason: Code of why it is not there; empty if nothing went wrong.
    """

    state: str
    given: float | None
    maximum: float
    at: float
    reason: str


def put(
    storage: Storage,
    keyring: Keyring,
    person: Learner,
    *,
    given: float | None,
    maximum: float,
    activity_progress: str,
    grading_progress: str,
    comment: str = "",
    final: bool = False,
    now: float,
) -> bool:
    """Queue a score for the link that a learner has opened; call it when they finish something.

    Never waits for the platform. The best score counts: one that is not better than what is queued or sent is dropped,
    unless the link says `grade=last` (custom parameter; see `POLICIES`). Progress without a grade is
    dropped where it could remove a grade that is there.

    Args:
        storage: The tool's store.
        keyring: The institution's secrets.
        person: Who has finished; nobody but a learner is scored.
        given: Points, 0 or more; None to tell of progress alone.
        maximum: Of how many points, more than 0.
        activity_progress: One of `ACTIVITY`.
        grading_progress: One of `GRADING`.
        comment: A sentence for the learner, without a name.
        final: A person decided: it counts whatever was sent before, also where it is less.
        now: Seconds since the epoch.

    Returns:
        Whether something will be sent.

    Raises:
        ValueError: A number that is no score, or a progress that there is not.
    """
    _check(given, maximum, activity_progress, grading_progress)
    link = courses.link(storage, person.link) if person.learns and person.link else None
    course = None if link is None else courses.find(storage, link.course)
    if link is None or course is None or not takes_scores(course, link):
        return False
    names = agents.pseudonyms(learners.agent(person), keyring.pseudonym_keys)
    fresh = Score(
        learner=names[0],
        link=person.link,
        course=link.course,
        platform=platform_key(person.iss, person.client_id),
        state=WAITING,
        given=None if given is None else float(given),
        maximum=float(maximum),
        activity=activity_progress,
        grading=grading_progress,
        comment=comment[:LONGEST_COMMENT],
        stamp=int(now * 1e6),
        queued=now,
        due=now,
        sealed=seal.close(keyring, person.link, person.iss, person.sub),
    )
    if not fresh.graded and not _progress_is_safe(storage, person):
        return False
    while True:
        present = storage.get(SCORES, fresh.key)
        earlier = _earlier(storage, present, names, person.link)
        chosen = _next(fresh, earlier, "last" if final else policy(link))
        if chosen is None:
            return False
        if storage.replace(SCORES, asdict(chosen), expected=present):
            return True


def status(storage: Storage, pseudonym: str, link: str) -> Status | None:
    """How far the score of a learner for a link got; None if there is none."""
    document = storage.get(SCORES, (pseudonym, link)) if link else None
    if document is None:
        return None
    score = of_document(document)
    at = score.sent if score.state == SENT else score.queued
    return Status(score.state, score.given, score.maximum, at, score.reason)


def of_course(
    storage: Storage, course: str, state: str, *, limit: int | None = None, after: Key | None = None
) -> list[Score]:
    """The scores of a course in a state, in the order of their keys."""
    found = storage.find(SCORES, {"course": course, "state": state}, limit=limit, after=after)
    return [of_document(document) for document in found if document["state"] == state]


def again(storage: Storage, score: Score, now: float) -> bool:
    """Send a failed score again, as new: the answer to an instructor's wish.

    It gets a timestamp of now, so that a platform takes it for the newest. False: somebody else changed it meanwhile,
    or it is not a failed one.
    """
    if score.state != FAILED:
        return False
    fresh = replace(
        score,
        state=WAITING,
        stamp=after(score.stamp, now),
        queued=now,
        due=now,
        tries=0,
        leased=0.0,
        doubt=False,
        renewed=False,
        restamped=0,
        reason="",
    )
    return change(storage, score, fresh)


def after(stamp: int, now: float) -> int:
    """The timestamp of a score that follows one: now, and a later second than before in any case.

    Greater even where the clock was set back or another process wrote at the same moment; and by whole seconds, because
    Moodle compares those and takes the second of two for old.

    >>> after(1_000_000_999_999, 1_000_000.5), after(1_000_000_999_999, 1_000_003.25)
    (1000001000000, 1000003250000)
    """
    return max(int(now * 1e6), (stamp // 1_000_000 + 1) * 1_000_000)


def change(storage: Storage, before: Score, after: Score) -> bool:
    """Put a record in the place of what it was; False if it is not that any more."""
    return storage.replace(SCORES, asdict(after), expected=asdict(before))


def takes_scores(course: Course, link: Link) -> bool:
    """Whether scores of this link have somewhere to go, as far as launches told.

    Section 3.1.1: the scope must have been granted, and either the link has its line item, or one can be found or made.
    """
    own = course.lineitems_url and policy(link) != "none"
    return SCOPE in course.scopes and bool(link.lineitem_url or own)


def policy(link: Link) -> str:
    """Which score of several counts: what the link says, "best" if it says nothing that there is."""
    wish = (link.opens or {}).get("grade", "")
    return wish if wish in POLICIES else POLICIES[0]


def platform_key(iss: str, client_id: str) -> str:
    """The opaque key of a platform."""
    return hashlib.sha256(f"{iss}\x1f{client_id}".encode()).hexdigest()[:32]


def of_document(document: Mapping[str, Any]) -> Score:
    """A record as it was kept."""
    return Score(**document)


def _earlier(storage: Storage, present: Document | None, names: Sequence[str], link: str) -> Score | None:
    """What is kept already, under the present pseudonym or, while pseudonyms are rotated, under another."""
    if present is not None:
        return of_document(present)
    for name in names[1:]:
        document = storage.get(SCORES, (name, link))
        if document is not None:
            return of_document(document)
    return None


def _next(fresh: Score, earlier: Score | None, policy_: str) -> Score | None:
    """What to keep after a new score came: None if what is kept stays."""
    if earlier is None:
        return fresh
    fresh = replace(fresh, stamp=after(earlier.stamp, fresh.queued), ever=earlier.ever, sent=earlier.sent)
    same = (fresh.given, fresh.maximum, fresh.activity, fresh.grading, fresh.comment) == (
        earlier.given,
        earlier.maximum,
        earlier.activity,
        earlier.grading,
        earlier.comment,
    )
    if not fresh.graded:
        # A grade was queued or sent: nothing that has none may follow it.
        return None if earlier.graded or earlier.ever or same else fresh
    if earlier.state == FAILED:
        if policy_ != "last" and earlier.share > fresh.share:
            return replace(fresh, given=earlier.given, maximum=earlier.maximum, comment=earlier.comment)
        return fresh
    if not earlier.graded:
        return fresh
    return None if same or (policy_ != "last" and earlier.share >= fresh.share) else fresh


def _progress_is_safe(storage: Storage, person: Learner) -> bool:
    """Whether this platform keeps a grade that is there when told of progress."""
    platform = platforms.find(storage, person.iss, person.client_id)
    return platform is not None and platforms.family(platform).pending_keeps


def _check(given: float | None, maximum: float, activity: str, grading: str) -> None:
    if given is not None and (not math.isfinite(given) or given < 0):
        raise ValueError("given: a finite number, 0 or more")
    if not math.isfinite(maximum) or maximum <= 0:
        raise ValueError("maximum: a finite number, more than 0")
    if activity not in ACTIVITY or grading not in GRADING:
        raise ValueError("progress: one of outbox.ACTIVITY and one of outbox.GRADING")
