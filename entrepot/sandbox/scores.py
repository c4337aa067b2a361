"""What a gradebook makes of a posted score: pure rules, by the LMS's profile. Floor 4.

Assignment and Grade Services 2.0, section 3.4. The answers of a Moodle 4.5.6 were measured, one by one.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from entrepot.sandbox.profiles import Profile

ACTIVITY = ("Initialized", "Started", "InProgress", "Submitted", "Completed")
GRADING = ("FullyGraded", "Pending", "PendingManual", "Failed", "NotReady")
SUBMISSION = "https://canvas.instructure.com/lti/submission"
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:?\d{2})?")


@dataclass(frozen=True)
class Score:
    """A score that the LMS took.

    Attributes:
        user: The `userId` as sent.
        given: `scoreGiven` as a number; None if there was none.
        maximum: `scoreMaximum` as a number; None if there was none.
        activity: `activityProgress`.
        grading: `gradingProgress`.
        timestamp: As sent.
        moment: The timestamp in seconds since the epoch.
        comment: As sent; empty if there was none.
        at: When it came, in seconds since the epoch.
        attempt: It counts as a new attempt (Canvas).
    """

    user: str
    given: float | None
    maximum: float | None
    activity: str
    grading: str
    timestamp: str
    moment: float
    comment: str = ""
    at: float = 0.0
    attempt: bool = True


@dataclass(frozen=True)
class Refusal:
    """Why a score is not taken: the status and a word for the log of a test."""

    status: int
    why: str


@dataclass(frozen=True)
class Grade:
    """What the gradebook shows for a learner in a column: a number in the column's scale, or None for nothing."""

    value: float | None
    comment: str = ""


def read(profile: Profile, body: Any, now: float) -> Score | Refusal:
    """Read a posted score.

    Args:
        profile: Of the LMS.
        body: The JSON.
        now: Seconds since the epoch.
    """
    if not isinstance(body, dict):
        return Refusal(400, "not an object")
    told = [str(body[name]) for name in ("userId", "activityProgress", "gradingProgress") if _named(body.get(name))]
    if len(told) < 3:
        return Refusal(400, "userId, activityProgress or gradingProgress missing")
    user, activity, grading = told
    if not profile.loose and (activity not in ACTIVITY or grading not in GRADING):
        return Refusal(400, "activityProgress or gradingProgress unknown")
    try:
        moment = _moment(body.get("timestamp"), loose=profile.loose)
        given, maximum = (_number(body.get(name), loose=profile.loose) for name in ("scoreGiven", "scoreMaximum"))
    except (ValueError, OverflowError):
        return Refusal(400, "timestamp, scoreGiven or scoreMaximum")
    if given is not None and (maximum is None or (not profile.loose and (given < 0 or maximum <= 0))):
        return Refusal(profile.range_status, "scoreGiven below 0, or scoreMaximum missing or not above 0")
    extension = body.get(SUBMISSION)
    attempt = not (isinstance(extension, dict) and extension.get("new_submission") is False)
    return Score(
        user=user,
        given=given,
        maximum=maximum,
        activity=activity,
        grading=grading,
        timestamp=str(body["timestamp"]),
        moment=moment,
        comment=str(body.get("comment") or ""),
        at=now,
        attempt=attempt,
    )


def stale(profile: Profile, score: Score, last: Score | None) -> Refusal | None:
    """Whether a score is older than the last one taken.

    The specification lets an equal timestamp pass; Moodle compares whole seconds and does not.
    """
    if last is None:
        return None
    older = int(score.moment) <= int(last.moment) if profile.whole_seconds else score.moment < last.moment
    return Refusal(profile.stale_status, "older than the last score") if older else None


def grade(profile: Profile, score: Score, maximum: float, before: Grade) -> Grade:
    """The grade after a score.

    Args:
        profile: Of the LMS.
        score: The one taken.
        maximum: Of the line item.
        before: The grade until now.
    """
    if score.grading != "FullyGraded" or score.given is None:
        return before if profile.pending == "kept" else Grade(None, score.comment)
    # A scoreMaximum of 0, where it is let in, leaves the score as it is.
    value = score.given * maximum / score.maximum if score.maximum else score.given
    if profile.clip:
        value = min(max(value, 0.0), maximum)
    return Grade(value, score.comment)


def _named(value: Any) -> bool:
    return isinstance(value, str) and value != ""


def _number(value: Any, *, loose: bool) -> float | None:
    """A finite number; None if absent; ValueError if it is none."""
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, (int, float, str) if loose else (int, float)):
        raise ValueError(value)  # noqa: TRY004 - one kind of refusal for whatever was sent
    found = float(value)
    if not math.isfinite(found):
        raise ValueError(value)
    return found


def _moment(value: Any, *, loose: bool) -> float:
    """Seconds since the epoch; ValueError if it is no timestamp."""
    found = _ISO.fullmatch(value) if isinstance(value, str) else None
    if found is None or (found[2] is None and not loose):
        raise ValueError(value)
    moment = datetime.fromisoformat(found[0])
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
