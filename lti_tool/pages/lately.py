"""What is known of a class, for the parts of its brief: who it is about, what they did, and since when counts. Floor 3.

Pure.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

import numpy as np
import numpy.typing as npt

from curriculum.catalog import Catalog
from lti_tool import tries
from lti_tool.attempts import Attempt
from lti_tool.roster import columns
from lti_tool.roster.columns import Columns
from lti_tool.roster.deeds import Deeds
from lti_tool.roster.members import Member
from lti_tool.texts import Say
from lti_tool.tries import Tally

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
        practice: What came of the practice of each lately.
        left: Attempts that are not finished.
    """

    members: Sequence[Member]
    deeds: Mapping[str, Deeds]
    practice: Mapping[str, Sequence[Tally]]
    left: Sequence[Left]


@dataclass(frozen=True, eq=False)
class Frame:
    """What every part needs, L learners of whom something may be said, S skills of the catalog.

    Attributes:
        known: Of the class.
        catalog: The course's.
        language: "en" or "zh".
        say: Of the language.
        now: Seconds since the epoch.
    """

    known: Known
    catalog: Catalog
    language: str
    say: Say
    now: float

    @property
    def day(self) -> date:
        """Today (UTC)."""
        return datetime.fromtimestamp(self.now, UTC).date()

    @functools.cached_property
    def learners(self) -> list[str]:
        """Pseudonyms of those whose deeds may be looked at and are counted, L of them."""
        listed = [one.learner for one in self.known.members]
        return [one for one in listed if self.known.deeds[one].shared and self.known.deeds[one].counted]

    @functools.cached_property
    def stands(self) -> Columns:
        """`columns.STAND` [L, S]."""
        return columns.stack([self.known.deeds[one].skills for one in self.learners], len(self.catalog.skills))

    @functools.cached_property
    def counts(self) -> npt.NDArray[np.int64]:
        """int64 [L, S]: answers lately, by main skill of the item."""
        found = np.zeros((len(self.learners), len(self.catalog.skills)), np.int64)
        for row, learner in enumerate(self.learners):
            found[row] = answered(self.known.deeds[learner], self.now)
        return found

    @functools.cached_property
    def practised(self) -> dict[str, Sequence[Tally]]:
        """What came of practice lately, of those who practised."""
        there = self.known.practice
        return {one: there[one] for one in self.learners if one in there}

    def skill(self, id_: str) -> str:
        """The name of a skill."""
        return self.catalog.skills[id_].name[self.language]

    def who(self, rows: npt.NDArray[np.bool_]) -> tuple[str, ...]:
        """Pseudonyms of some learners: bool [L]."""
        return tuple(self.learners[row] for row in np.flatnonzero(rows).tolist())


def answered(deeds: Deeds, now: float) -> npt.NDArray[np.int64]:
    """Answers of a person in the last DAYS days, by main skill of the item: int64 [S]."""
    first = max(0, int(now // 86_400) - DAYS + 1 - (deeds.day - columns.DAYS + 1))
    found: npt.NDArray[np.int64] = deeds.days[first:].sum(axis=0, dtype=np.int64)
    return found


def levels(stands: Columns) -> npt.NDArray[np.float64]:
    """Levels to compare: below all others without enough data yet."""
    found: npt.NDArray[np.float64] = np.nan_to_num(stands["level"], nan=-1.0)
    return found
