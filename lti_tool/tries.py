"""What came of a learner's answers in practice on one day of a course: tallies by step, with the causes named. Floor 3.

Made when an answer is told to the record store, so that a class page counts causes without opening a statement. A
document is a learner's day: who asks for a week reads seven ranges of keys.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from lti_tool.settings import TRIES
from storage.port import Storage

UNKNOWN = "unknown"
KEPT_DAYS = 28
DAYS = 7


@dataclass(frozen=True)
class Try:
    """One answer in practice.

    Attributes:
        activity: What was practised: "case:" and a kind, or "exam:" and a plan.
        step: Kind of case and id of the step, such as "freight.volume".
        skill: Id of the step's skill.
        right: Whether it was right.
        shown: Whether the learner asked to see the answer instead.
        cause: Id of a misconception, UNKNOWN, or empty.
        at: Seconds since the epoch.
    """

    activity: str
    step: str
    skill: str
    right: bool
    shown: bool
    cause: str
    at: float


@dataclass(frozen=True)
class Tally:
    """What came of one step on one day.

    Attributes:
        activity: What was practised.
        skill: Id of the step's skill.
        right: Right answers.
        other: Other answers.
        shown: How often the learner asked to see the answer.
        run: Answers that were not right since the last right one of the day, those shown among them.
        first: When that run began, seconds since the epoch; 0 if there is none.
        last: When the newest answer was, seconds since the epoch.
        causes: How often each cause was named, UNKNOWN among them.
    """

    activity: str
    skill: str
    right: int = 0
    other: int = 0
    shown: int = 0
    run: int = 0
    first: int = 0
    last: int = 0
    causes: Mapping[str, int] | None = None


@dataclass(frozen=True)
class Day:
    """A learner's practice of one day.

    Attributes:
        learner: Their pseudonym.
        day: The day (UTC), as YYYY-MM-DD.
        steps: Tally by step.
    """

    learner: str
    day: str
    steps: Mapping[str, Tally]


def note(storage: Storage, course: str, learner: str, given: Iterable[Try]) -> None:
    """Add answers to their days, whatever others write at the same time.

    Args:
        storage: The institution's store.
        course: The key of the course; nothing is kept where there is none.
        learner: Pseudonym.
        given: Answers, in their order.
    """
    by_day: dict[str, list[Try]] = {}
    for one in given:
        by_day.setdefault(_day(one.at).isoformat(), []).append(one)
    for day, listed in by_day.items() if course else ():
        key = (course, day, learner)
        while True:
            kept = storage.get(TRIES, key)
            steps = {} if kept is None else _steps(kept)
            for one in listed:
                steps[one.step] = added(steps.get(one.step, Tally(one.activity, one.skill)), one)
            document = {
                "course": course,
                "day": day,
                "learner": learner,
                "steps": {name: asdict(tally) for name, tally in steps.items()},
            }
            if storage.replace(TRIES, document, expected=kept):
                break


def added(before: Tally, one: Try) -> Tally:
    """A tally with one more answer: pure."""
    causes = dict(before.causes or {})
    if one.cause:
        causes[one.cause] = causes.get(one.cause, 0) + 1
    return replace(
        before,
        activity=one.activity,
        right=before.right + one.right,
        other=before.other + (not one.right and not one.shown),
        shown=before.shown + one.shown,
        run=0 if one.right else before.run + 1,
        first=0 if one.right else before.first or int(one.at),
        last=max(before.last, int(one.at)),
        causes=causes,
    )


def since(storage: Storage, course: str, now: float, days: int = DAYS) -> list[Day]:
    """The days of a course's learners, the oldest first.

    Args:
        storage: The institution's store.
        course: The key of the course.
        now: Seconds since the epoch.
        days: How many days, today among them.
    """
    today = _day(now)
    wanted = [(today - timedelta(days=back)).isoformat() for back in reversed(range(days))]
    return [
        Day(kept["learner"], day, _steps(kept))
        for day in wanted
        for kept in storage.find(TRIES, {"course": course, "day": day})
    ]


def tidy(storage: Storage, now: float, *, limit: int = 1000) -> int:
    """Remove some days that are older than KEPT_DAYS; answer how many.

    Args:
        storage: The institution's store.
        now: Seconds since the epoch.
        limit: At most so many documents of each day.
    """
    last = _day(now) - timedelta(days=KEPT_DAYS)
    removed = 0
    # A day that no turn found, because nothing ran for weeks, is found by a later turn: each looks back a month.
    for back in range(31):
        day = (last - timedelta(days=back)).isoformat()
        for kept in storage.find(TRIES, {"day": day}, limit=limit):
            removed += storage.delete(TRIES, (kept["course"], day, kept["learner"]))
    return removed


def remove(storage: Storage, course: str) -> None:
    """Remove what is kept of a course, whose platform is removed."""
    for kept in storage.find(TRIES, {"course": course}):
        storage.delete(TRIES, (course, kept["day"], kept["learner"]))


def of_learner(days: Sequence[Day]) -> dict[str, list[Day]]:
    """Days by learner, in their order."""
    found: dict[str, list[Day]] = {}
    for day in days:
        found.setdefault(day.learner, []).append(day)
    return found


def _steps(kept: Mapping[str, Any]) -> dict[str, Tally]:
    return {name: Tally(**tally) for name, tally in kept["steps"].items()}


def _day(at: float) -> date:
    return datetime.fromtimestamp(at, UTC).date()
