"""The sender: brings what waits in the outbox to the platforms, each score once. Floor 3.

LTI Assignment and Grade Services 2.0, section 3.4. A record is leased by compare-and-set, sent, and marked. A process
that dies between sending and marking leaves the lease to run out; the score is then sent again with the same timestamp,
and a platform that has it says so (409) or takes it for the same one: never lost, never doubled.

Platforms take turns, and one that fails is left alone for a while: it costs the others nothing. A score is given up
three days after it was queued at the earliest.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from lti_tool import errors, platforms
from lti_tool.grades import columns, outbox, seal, wire
from lti_tool.grades.columns import Target
from lti_tool.grades.outbox import FAILED, SENT, SUPERSEDED, WAITING, Score
from lti_tool.platforms import Platform
from lti_tool.services.connector import Services
from lti_tool.settings import SCORES
from storage.port import Key, Storage
from xapi_collector.keyring import Keyring

LOG = logging.getLogger("lti_tool.grades")
LEASE = 180.0
"""Longer than a call with its token, a refreshed token and a look at the result may take."""
BATCH = 25
LOOK = 200
FIRST_WAIT, LONGEST_WAIT = 10.0, 6 * 3600.0
PATIENCE = 3 * 24 * 3600.0
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 300.0
LOOKS, LONG_LOOKS = 3, 12
"""So often is a result asked for that does not come: before a first score, and where a platform calls one old."""
RESTAMPS = 3
ROUNDING = 1e-4
"""Gradebooks round: Moodle keeps five digits of the points."""
FORGIVEN = 2
"""So many failures in a row are bad luck; the next one rests the platform."""

REASONS = {
    "busy": "the platform asked to wait",
    "unreachable": "the platform did not answer, or not as it should",
    "no_token": "the platform gave no token",
    "searching": "another process looks for the line item",
    "newer_there": "the platform has a newer score",
    "better_there": "the platform has a score that is as good or better",
    "not_enrolled": "not enrolled as a learner",
    "not_a_learner": "not a learner there, or no attempts left",
    "line_item_gone": "the line item is gone",
    "no_line_item": "no line item, and none may be made",
    "not_allowed": "the platform does not let the tool send scores",
    "address_unsafe": "an address that the tool must not call",
    "platform_gone": "the platform or the course is not known any more",
    "refused": "refused without a reason that is known",
    "gave_up": "tried for three days",
}
"""Every code of a record's `reason`; the words for people are in `locales` (`score.reason.<code>`)."""


@dataclass
class Pause:
    """How a platform did of late: failures in a row, and until when it is left alone."""

    failures: int = 0
    until: float = 0.0


@dataclass
class Sender:
    """What the senders of one process share; `step` may run in several threads.

    Attributes:
        storage: The tool's store.
        keyring: The institution's secrets.
        services: How to call a platform.
        now: Seconds since the epoch.
        random: Numbers from 0 to 1, for jitter.
        lease: Seconds after which a record that was taken and not marked is taken again.
        pauses: By platform.
        served: Number of the last turn of each platform: who waits longest is next.
        places: How far the walk through what waits for a platform got.
        working: Platforms that a thread is at.
    """

    storage: Storage
    keyring: Keyring
    services: Services
    now: Callable[[], float]
    random: Callable[[], float]
    lease: float = LEASE
    pauses: dict[str, Pause] = field(default_factory=dict)
    served: dict[str, int] = field(default_factory=dict)
    places: dict[str, Key | None] = field(default_factory=dict)
    working: set[str] = field(default_factory=set)
    lock: threading.Lock = field(default_factory=threading.Lock)
    turn: int = 0


@dataclass(frozen=True)
class Attempt:
    """One try of one score.

    Attributes:
        target: Where it goes.
        score: The record as it was before the lease.
        leased: The record as it is now.
        url: The line item.
        user: The learner's id at the platform.
    """

    target: Target
    score: Score
    leased: Score
    url: str
    user: str = field(repr=False)


def step(sender: Sender) -> bool:
    """Send what is due for one platform, a bounded number; true if something was sent or tried."""
    for platform in _in_turn(sender):
        key = outbox.platform_key(platform.iss, platform.client_id)
        if not _enter(sender, key):
            continue
        try:
            if _batch(sender, platform, key):
                return True
        finally:
            with sender.lock:
                sender.working.discard(key)
    return False


def _in_turn(sender: Sender) -> list[Platform]:
    """Active platforms, those that waited longest first."""
    active = [one for one in platforms.every(sender.storage, limit=None) if one.state == "active"]
    return sorted(active, key=lambda one: sender.served.get(outbox.platform_key(one.iss, one.client_id), 0))


def _enter(sender: Sender, key: str) -> bool:
    """Take a platform's turn, unless it rests or another thread has it."""
    with sender.lock:
        pause = sender.pauses.setdefault(key, Pause())
        # A pause far in the future was set by a clock that has been set back since.
        if key in sender.working or 0 < pause.until - sender.now() <= LONGEST_WAIT:
            return False
        sender.working.add(key)
        sender.turn += 1
        sender.served[key] = sender.turn
        return True


def _batch(sender: Sender, platform: Platform, key: str) -> int:
    """Walk on through what waits for a platform, and send what is due; answer how many were tried."""
    where = {"platform": key, "state": WAITING}
    place = sender.places.get(key)
    found = sender.storage.find(SCORES, where, limit=LOOK, after=place)
    if place is not None and not found:
        found = sender.storage.find(SCORES, where, limit=LOOK)
    sender.places[key] = None
    tried = 0
    for score in map(outbox.of_document, found):
        if tried == BATCH:
            break
        sender.places[key] = score.key
        # A store may find a document by what it was, and read it as another process has just left it.
        if score.state != WAITING or not _is_due(score, sender.now()):
            continue
        tried += 1
        _work(sender, platform, score)
        if sender.pauses[key].until > sender.now():
            break
    else:
        if len(found) < LOOK:
            sender.places[key] = None
    return tried


def _is_due(score: Score, now: float) -> bool:
    """Whether it is time; what lies further ahead than any wait was written by a clock that has been set back since."""
    return not (0 < score.due - now <= 2 * LONGEST_WAIT or 0 < score.leased - now <= 2 * LONGEST_WAIT)


def _work(sender: Sender, platform: Platform, score: Score) -> None:
    """Send one score, whatever comes."""
    target = columns.target(sender.storage, platform, score.course, score.link)
    user = seal.open_(sender.keyring, score.link, platform.iss, score.sealed)
    if target is None or user is None:
        _end(sender, platform, score, FAILED, "platform_gone")
        return
    now = sender.now()
    try:
        url = columns.find(sender.storage, sender.services, target, now)
    except columns.BusyError:
        outbox.change(sender.storage, score, replace(score, due=now + FIRST_PAUSE, reason="searching"))
        return
    except columns.NoColumnError as error:
        _end(sender, platform, score, FAILED, error.code)
        return
    except errors.ServiceError as error:
        _failed(sender, platform, score, score, error)
        return
    leased = replace(score, leased=now + sender.lease, doubt=True, ever=score.ever or score.graded)
    if outbox.change(sender.storage, score, leased):
        _send(sender, Attempt(target, score, leased, url, user))


def _send(sender: Sender, attempt: Attempt) -> None:
    """Send a leased score and mark what became of it."""
    platform, score, leased = attempt.target.platform, attempt.score, attempt.leased
    try:
        # Before the first score of a learner and link alone: later ones are compared with what was sent.
        there = None if score.ever else _there(sender, attempt, LOOKS)
    except errors.ServiceError as error:
        _failed(sender, platform, leased, replace(leased, doubt=score.doubt, ever=score.ever), error)
        return
    if there is not None and there >= (score.share if score.graded else 0.0):
        _end(sender, platform, leased, SUPERSEDED, "better_there")
        return
    try:
        wire.send(sender.services, platform, attempt.url, wire.body(score, attempt.user, platform))
    except errors.ServiceError as error:
        _answered(sender, attempt, error)
        return
    _rested(sender, platform)
    _end(sender, platform, leased, SENT, "")


def _there(sender: Sender, attempt: Attempt, looks: int) -> float | None:
    """The share in the gradebook for the learner: -1 if there is none, None if that is not known or does not matter.

    A platform that does not answer this does not keep a score back for ever.

    Raises:
        errors.ServiceError: It may answer later.
    """
    target, score = attempt.target, attempt.score
    if not wire.may_read(target.course) or outbox.policy(target.link) == "last" or score.tries >= looks:
        return None
    try:
        found = [one.share for one in wire.results(sender.services, target.platform, attempt.url, user=attempt.user)]
    except errors.ServiceError as error:
        if _passes(error):
            raise
        return None
    return max((share for share in found if share is not None), default=-1.0)


def _answered(sender: Sender, attempt: Attempt, error: errors.ServiceError) -> None:
    """Mark a score that the platform did not take, by what its answer means."""
    platform, score, leased = attempt.target.platform, attempt.score, attempt.leased
    # A server that breaks or falls silent may have taken it.
    certain = error.kind in {"busy", "unauthorised", "refused", "unsafe", "conflict"}
    stale = error.kind in {"conflict", "refused"} and error.status in platforms.family(platform).stale_statuses
    try:
        if stale:
            _stale(sender, attempt)
            return
        if error.status in columns.GONE:
            _missing(sender, attempt)
            return
    except errors.ServiceError as unclear:
        error = unclear
    before = replace(leased, doubt=score.doubt, ever=score.ever)
    _failed(sender, platform, leased, before if certain else leased, error)


def _stale(sender: Sender, attempt: Attempt) -> None:
    """What became of a score that the platform takes for older than the one it has.

    Where the gradebook can be read and has less, the platform is mistaken (a clock was wrong once, here or there): the
    better score counts, and goes again with a newer timestamp. Else the platform has this very score, if an earlier try
    got no answer; or something newer, which stays.

    Raises:
        errors.ServiceError: The gradebook may be read later.
    """
    platform, score, leased = attempt.target.platform, attempt.score, attempt.leased
    there = _there(sender, attempt, LONG_LOOKS) if score.graded and score.restamped < RESTAMPS else None
    _rested(sender, platform)
    if there is not None and there < min(score.share, 1.0) - ROUNDING:
        stamp = outbox.after(leased.stamp, sender.now())
        again = replace(leased, leased=0.0, doubt=False, stamp=stamp, restamped=score.restamped + 1)
        outbox.change(sender.storage, leased, again)
        return
    _end(sender, platform, leased, *((SENT, "") if score.doubt else (SUPERSEDED, "newer_there")))


def _missing(sender: Sender, attempt: Attempt) -> None:
    """What to do where the line item, or the person, was not found: look for the line item again, once.

    Raises:
        errors.ServiceError: It cannot be told now which of the two is missing.
    """
    platform, score, leased = attempt.target.platform, attempt.score, attempt.leased
    if not columns.is_gone(sender.services, attempt.target, attempt.url):
        _end(sender, platform, leased, FAILED, "not_enrolled", ever=score.ever)
        return
    columns.lost(sender.storage, score.link, attempt.url)
    if score.renewed:
        _end(sender, platform, leased, FAILED, "line_item_gone", ever=score.ever)
        return
    again = replace(leased, leased=0.0, doubt=score.doubt, ever=score.ever, renewed=True)
    outbox.change(sender.storage, leased, again)


def _passes(error: errors.ServiceError) -> bool:
    """Whether the same call may succeed later: a token that is refused today may be given once keys are read again."""
    return error.temporary or error.kind == "malformed" or (error.kind == "unauthorised" and error.status != 403)


def _failed(sender: Sender, platform: Platform, kept: Score, score: Score, error: errors.ServiceError) -> None:
    """Try again later, or give up.

    Args:
        sender: The parts.
        platform: Who failed.
        kept: The record as it is in the store.
        score: What it is to become, but for the outcome.
        error: What happened.
    """
    now = sender.now()
    if not _passes(error):
        code = _code(error, platforms.family(platform).refusals)
        _end(sender, platform, kept, FAILED, code, ever=score.ever)
        return
    _rests(sender, platform, error)
    if now - score.queued >= PATIENCE:
        _end(sender, platform, kept, FAILED, "gave_up")
        return
    wait = min(LONGEST_WAIT, FIRST_WAIT * 2.0 ** min(score.tries, 20)) * (0.5 + sender.random())
    after = replace(
        score,
        due=now + max(wait, error.retry_after or 0.0),
        leased=0.0,
        tries=score.tries + 1,
        reason={"busy": "busy", "unauthorised": "no_token"}.get(error.kind, "unreachable"),
    )
    outbox.change(sender.storage, kept, after)


def _code(error: errors.ServiceError, refusals: Mapping[int, str]) -> str:
    """The reason of an answer that will not change by waiting."""
    if error.kind == "unsafe":
        return "address_unsafe"
    if error.kind == "unauthorised":
        return "not_allowed"
    return refusals.get(error.status) or ("line_item_gone" if error.status in columns.GONE else "refused")


def _end(sender: Sender, platform: Platform, kept: Score, state: str, reason: str, *, ever: bool | None = None) -> None:
    """Mark a record that is done with; who the learner is at the platform is kept while somebody may send it again."""
    after = replace(
        kept,
        state=state,
        reason=reason,
        leased=0.0,
        doubt=False,
        ever=kept.ever if ever is None else ever,
        sent=sender.now() if state == SENT else kept.sent,
        sealed=kept.sealed if state == FAILED else "",
    )
    # A newer score, an erasure or another process came between: theirs stands.
    if outbox.change(sender.storage, kept, after) and state == FAILED:
        LOG.warning("code=score_failed reason=%s family=%s", reason, platform.family)


def _rests(sender: Sender, platform: Platform, error: errors.ServiceError) -> None:
    """Leave a platform alone for a while: at once if it asked for it or let us wait, else after some failures."""
    pause = sender.pauses.setdefault(outbox.platform_key(platform.iss, platform.client_id), Pause())
    pause.failures += 1
    if pause.failures <= FORGIVEN and error.kind not in {"busy", "timeout"}:
        return
    wait = min(LONGEST_PAUSE, FIRST_PAUSE * 2.0 ** min(pause.failures - 1, 20)) * (0.5 + sender.random())
    pause.until = sender.now() + max(wait, error.retry_after or 0.0)


def _rested(sender: Sender, platform: Platform) -> None:
    sender.pauses[outbox.platform_key(platform.iss, platform.client_id)] = Pause()
