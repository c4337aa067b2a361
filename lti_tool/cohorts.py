"""How the learners of a course who agreed to be counted stand, as its partners see it: made once a week. Floor 3.

One look a week for everybody, whichever role or partner asks: there is no filter to take differences with. Over weeks
a figure moves only when enough learners did (`recommender.cohort`); how many are enough is drawn under the
institution's key, anew each time a figure moved. Whoever withdraws is in no figure that is made after that.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import numpy.typing as npt

from lti_tool.partnered import COHORTS
from lti_tool.roster.deeds import Deeds
from recommender import cohort
from recommender.cohort import Counts
from storage.port import Storage
from xapi_collector import consent
from xapi_collector.keyring import Keyring

PURPOSE = "lti_tool cohorts"
ALLOWED = consent.EMPLOYER
"""What a learner allows who wants to be counted."""
ALL = ""
"""In place of a skill: the figure is how many are counted."""


@dataclass(frozen=True)
class Figure:
    """A figure as it was said last.

    Attributes:
        week: Monday of the week in which it was said, in days since 1970.
        counts: By level, as in `cohort.histogram`; of `ALL` how many there are, in the first place.
    """

    week: int
    counts: Counts


@dataclass(frozen=True)
class Cohort:
    """What is said of the learners of a course.

    Attributes:
        course: The key of the course.
        week: Monday of the week of which it is, in days since 1970; 0: nothing was made yet.
        figures: By skill, and of `ALL`; a skill of too few learners is not there.
    """

    course: str
    week: int = 0
    figures: Mapping[str, Figure] = field(default_factory=dict)

    @property
    def learners(self) -> int:
        """About how many are counted; 0: too few to say anything."""
        there = self.figures.get(ALL)
        return 0 if there is None else cohort.rounded(there.counts[0])

    @property
    def monday(self) -> date:
        """The day of which it is."""
        return date(1970, 1, 1) + timedelta(days=self.week)


def of_course(storage: Storage, course: str) -> Cohort:
    """What was said last of the learners of a course."""
    kept = storage.get(COHORTS, (course,))
    return Cohort(course) if kept is None else _cohort(kept)


def due(there: Cohort, now: float) -> bool:
    """Whether a new week has begun since."""
    return there.week != week(now)


def take(
    storage: Storage, keyring: Keyring, course: str, skills: Sequence[str], done: Mapping[str, Deeds], *, now: float
) -> Cohort:
    """Make the figures of this week, unless somebody did, or the sums of somebody who is counted are on their way.

    Args:
        storage: The institution's store.
        keyring: Its secrets.
        course: The key of the course.
        skills: Ids of the skills of the catalog, in its order.
        done: What each learner of the course did (`roster.deeds.of`), by pseudonym.
        now: Seconds since the epoch.
    """
    before = storage.get(COHORTS, (course,))
    there = Cohort(course) if before is None else _cohort(before)
    allowed = consent.allowed(storage, ALLOWED)
    counted = [one for person, one in done.items() if person in allowed and one.shared]
    if not due(there, now) or not all(one.counted for one in counted):
        return there
    levels = np.array([one.skills["level"] for one in counted]).reshape(len(counted), len(skills))
    after = Cohort(course, week(now), figures(keyring, there, skills, levels, week(now)))
    storage.replace(COHORTS, _document(after), expected=before)
    return of_course(storage, course)  # of two processes at once one made it


def figures(
    keyring: Keyring, before: Cohort, skills: Sequence[str], levels: npt.NDArray[np.float64], this: int
) -> dict[str, Figure]:
    """The figures of a week from those of the week before and how it is.

    Args:
        keyring: The institution's secrets.
        before: What was said last.
        skills: Ids of skills.
        levels: float64 [learners, skills], 0 to 5; nan: not enough data yet.
        this: The week, as in `week`.
    """
    how = {name: cohort.histogram(levels[:, place]) for place, name in enumerate(skills)}
    how[ALL] = (len(levels), *[0] * (cohort.LEVELS - 1))
    found = {}
    for name, counts in how.items():
        last = before.figures.get(name)
        enough = _enough(keyring, before.course, name, 0 if last is None else last.week)
        said = cohort.published(None if last is None else last.counts, counts, enough)
        if said is not None:
            found[name] = last if last is not None and said == last.counts else Figure(this, said)
    return found


def week(now: float) -> int:
    """Monday of the week of a moment (UTC), in days since 1970.

    >>> week(1795694400.0), date(1970, 1, 1) + timedelta(days=week(1795694400.0))
    (20780, datetime.date(2026, 11, 23))
    """
    day = datetime.fromtimestamp(now, UTC).date()
    return (day - date(1970, 1, 1)).days - day.weekday()


def remove(storage: Storage, course: str) -> None:
    """Remove the figures of a course, whose platform is removed."""
    storage.delete(COHORTS, (course,))


def _enough(keyring: Keyring, course: str, skill: str, since: int) -> int:
    """How many have to move before a figure does: `CELL` to twice that less one, which only the institution knows."""
    text = f"{course}\x1f{skill}\x1f{since}".encode()
    drawn = hmac.new(keyring.derive(PURPOSE), text, hashlib.sha256).digest()[0]
    return cohort.CELL + drawn % cohort.CELL


def _document(found: Cohort) -> dict[str, Any]:
    listed = {name: {"week": one.week, "counts": list(one.counts)} for name, one in found.figures.items()}
    return {"course": found.course, "week": found.week, "figures": listed}


def _cohort(kept: Mapping[str, Any]) -> Cohort:
    listed = {name: Figure(one["week"], tuple(one["counts"])) for name, one in kept["figures"].items()}
    return Cohort(kept["course"], kept["week"], listed)
