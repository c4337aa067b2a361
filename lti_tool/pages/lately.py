"""What is known of a class, for the parts of its brief: who it is about, what they did, and since when counts. Floor 3.

Pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from curriculum.catalog import Catalog
from lti_tool import tries
from lti_tool.attempts import Attempt
from lti_tool.roster.deeds import Deeds
from lti_tool.roster.members import Member
from lti_tool.texts import Say
from lti_tool.tries import Day

DAYS = tries.DAYS
"""Days that count as lately, today among them."""
SURE = 3.0
"""The level from which on what comes before counts as there: independent."""


@dataclass(frozen=True)
class Left:
    """A case or exam that a learner began and did not finish."""

    learner: str
    attempt: Attempt


@dataclass(frozen=True)
class Known:
    """What the brief is made from.

    Attributes:
        members: The learners it is about: those of the group that was asked for.
        deeds: What each did.
        practice: Days of practice of the course, the oldest first.
        left: Attempts that are not finished.
        goals: Id of the role that each chose.
    """

    members: Sequence[Member]
    deeds: Mapping[str, Deeds]
    practice: Sequence[Day]
    left: Sequence[Left]
    goals: Mapping[str, str]


@dataclass(frozen=True)
class Frame:
    """What every part needs."""

    known: Known
    catalog: Catalog
    language: str
    say: Say
    now: float

    @property
    def day(self) -> date:
        """Today (UTC)."""
        return datetime.fromtimestamp(self.now, UTC).date()

    @property
    def since(self) -> str:
        """The first day that is lately."""
        return first_day(self.now)

    def skill(self, id_: str) -> str:
        """The name of a skill."""
        return self.catalog.skills[id_].name[self.language]

    def open(self) -> list[tuple[str, Deeds]]:
        """Those whose deeds may be looked at and are counted."""
        pairs = ((one.learner, self.known.deeds[one.learner]) for one in self.known.members)
        return [(learner, deeds) for learner, deeds in pairs if deeds.shared and deeds.counted]


def first_day(now: float) -> str:
    """The first day (UTC) that counts as lately, as YYYY-MM-DD."""
    return (datetime.fromtimestamp(now, UTC).date() - timedelta(days=DAYS - 1)).isoformat()


def practised(frame: Frame, learners: Iterable[str]) -> dict[str, list[Day]]:
    """Days of practice lately, by learner, of some learners."""
    allowed = set(learners)
    return tries.of_learner([day for day in frame.known.practice if day.learner in allowed and day.day >= frame.since])


def level(deeds: Deeds, skill: str) -> float:
    """The level; below all without enough data."""
    state = deeds.skills.get(skill)
    return -1.0 if state is None or state.level is None else state.level
