"""Another goal, tried out: what carries over, what is new, what is set aside, and what remains. Floor 2.

Nothing changes by looking. Levels are those of the profile, so the page says the same numbers everywhere; hours and
dates are estimates with a range.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from curriculum.catalog import Catalog
from recommender import knobs as knobs_of
from recommender.candidates import Goal
from recommender.interactions import Interactions
from recommender.knobs import Knobs
from recommender.pace import Hours
from recommender.parameters import Parameters

STRETCH = 6  # steps of the new path that are shown


@dataclass(frozen=True)
class Side:
    """One of the two goals, for one learner.

    Attributes:
        role: Id of the role.
        skills: How many skills it asks for.
        reached: Of those, at or above the target.
        under_way: Of those, with an estimate below the target.
        unknown: Of those, without enough data.
        hours: Practice still ahead.
        dates: When it is likely reached, from and to; None where no hours a week are named.
    """

    role: str
    skills: int
    reached: int
    under_way: int
    unknown: int
    hours: Hours
    dates: tuple[date, date] | None


@dataclass(frozen=True)
class Change:
    """One skill that both goals ask for.

    Attributes:
        skill: Its id.
        old: Target level of the goal that stands.
        new: Target level of the goal that is tried out.
        level: Level 0..5; None: not enough data.
    """

    skill: str
    old: int
    new: int
    level: float | None


@dataclass(frozen=True)
class Step:
    """One step of the first stretch of the new path; where one skill needs another, it comes after it.

    Attributes:
        skill: Its id.
        target: Level that the new goal asks for.
        level: Level 0..5; None: not enough data.
        state: "reached" (a later step builds on it), "nearly" (within one level), "ready" (can begin now), or "later".
        new: Whether only the new goal asks for it.
        minutes: Practice still ahead on it.
        opens: Ids of the next skills of the new goal that build on it, at most `reasons.MOST`.
        builds_on: Ids of its prerequisites.
    """

    skill: str
    target: int
    level: float | None
    state: str
    new: bool
    minutes: float
    opens: tuple[str, ...]
    builds_on: tuple[str, ...]


@dataclass(frozen=True)
class Switch:
    """What a change of goal would mean.

    Attributes:
        old: The goal that stands.
        new: The goal that is tried out.
        carried: Skills that both ask for, those that go to a higher level first.
        added: Ids of the skills that only the new goal asks for, prerequisites first.
        dropped: Ids of the skills that only the old goal asks for, prerequisites first.
        higher: Ids of the carried skills whose target rises.
        lower: Ids of the carried skills whose target falls.
        same: Ids of the carried skills whose target stays.
        kept: Ids of the dropped skills that are reached: they stay in the profile.
        first: The first stretch of the new path.
    """

    old: Side
    new: Side
    carried: tuple[Change, ...]
    added: tuple[str, ...]
    dropped: tuple[str, ...]
    higher: tuple[str, ...]
    lower: tuple[str, ...]
    same: tuple[str, ...]
    kept: tuple[str, ...]
    first: tuple[Step, ...]


def compare(
    catalog: Catalog,
    history: Interactions,
    parameters: Parameters | None,
    old: Goal,
    new: Goal,
    now: datetime,
    *,
    knobs: Knobs = knobs_of.USUAL,
) -> Switch:
    """Try out another goal.

    Args:
        catalog: The catalog.
        history: Interactions of this one learner.
        parameters: The fitted model, for the levels; None: the graph.
        old: The goal that stands.
        new: The goal that is tried out; its hours a week give the dates of both where `old` names none.
        now: The moment of asking.
        knobs: The setting, for the first stretch.

    Raises:
        errors.UnknownGoal: The catalog has no such role.
        errors.MismatchError: The history is of several learners, or the model of another catalog.
    """
    raise NotImplementedError
