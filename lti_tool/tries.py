"""What came of a learner's answers in practice in the last days of a course: tallies by step, causes named. Floor 3.

Made when an answer is told to the record store, so that a class page counts causes without opening a statement. A
document is a learner in a course, and keeps a week.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass, field
from datetime import UTC, date, datetime, timedelta

from lti_tool.settings import TRIES
from storage.port import Storage

UNKNOWN = "unknown"
PAGE = 1000
DAYS = 7
"""Days that are kept, today among them."""


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


@dataclass(frozen=True, slots=True)
class Tally:
    """What came of one step on one day.

    Attributes:
        activity: What was practised.
        skill: Id of the step's skill.
        right: Right answers.
        other: Other answers.
        shown: How often the learner asked to see the answer.
        causes: How often each cause was named, UNKNOWN among them.
    """

    activity: str
    skill: str
    right: int = 0
    other: int = 0
    shown: int = 0
    causes: Mapping[str, int] = field(default_factory=dict)


def note(storage: Storage, course: str, learner: str, given: Sequence[Try]) -> None:
    """Add answers to their days, whatever others write at the same time; days that are over a week old go.

    Args:
        storage: The institution's store.
        course: The key of the course; nothing is kept where there is none.
        learner: Pseudonym.
        given: Answers, in their order.
    """
    if not course or not given:
        return
    oldest = first_day(max(one.at for one in given))
    while True:
        kept = storage.get(TRIES, (course, learner))
        days = {} if kept is None else {day: dict(steps) for day, steps in kept["days"].items() if day >= oldest}
        for one in given:
            steps = days.setdefault(_day(one.at).isoformat(), {})
            before = Tally(*steps[one.step]) if one.step in steps else Tally(one.activity, one.skill)
            steps[one.step] = list(astuple(added(before, one)))
        document = {"course": course, "learner": learner, "days": days, "newest": max(days)}
        if storage.replace(TRIES, document, expected=kept):
            return


def added(before: Tally, one: Try) -> Tally:
    """A tally with one more answer: pure."""
    causes = dict(before.causes)
    if one.cause:
        causes[one.cause] = causes.get(one.cause, 0) + 1
    return Tally(
        one.activity,
        one.skill,
        before.right + one.right,
        before.other + (not one.right and not one.shown),
        before.shown + one.shown,
        causes,
    )


def lately(storage: Storage, course: str, now: float) -> dict[str, list[Tally]]:
    """What came of the last DAYS days of a course's learners, by pseudonym: of who practised.

    Args:
        storage: The institution's store.
        course: The key of the course.
        now: Seconds since the epoch.
    """
    oldest = first_day(now)
    found = {
        kept["learner"]: [
            Tally(*tally) for day, steps in kept["days"].items() if day >= oldest for tally in steps.values()
        ]
        for kept in storage.find(TRIES, {"course": course})
    }
    return {learner: tallies for learner, tallies in found.items() if tallies}


def tidy(storage: Storage, now: float) -> int:
    """Remove what is over a week old; answer of how many learners."""
    oldest, removed = first_day(now), 0
    after: tuple[str, str] | None = None
    while page := storage.find(TRIES, {}, limit=PAGE, after=after):
        for kept in page:
            if kept["newest"] < oldest:
                removed += storage.delete(TRIES, (kept["course"], kept["learner"]), expected=kept)
        after = (page[-1]["course"], page[-1]["learner"])
    return removed


def remove(storage: Storage, course: str) -> None:
    """Remove what is kept of a course, whose platform is removed."""
    for kept in storage.find(TRIES, {"course": course}):
        storage.delete(TRIES, (course, kept["learner"]))


def first_day(now: float) -> str:
    """The first day (UTC) of the last DAYS, as YYYY-MM-DD."""
    return (_day(now) - timedelta(days=DAYS - 1)).isoformat()


def _day(at: float) -> date:
    return datetime.fromtimestamp(at, UTC).date()
