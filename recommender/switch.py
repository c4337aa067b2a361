"""Another goal, tried out: what carries over, what is new, what is set aside, and what remains. Floor 2.

Nothing changes by looking. Levels are those of the profile, so the page says the same numbers everywhere; hours and
dates are estimates with a range.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime

from curriculum import graph
from curriculum.catalog import Catalog
from recommender import candidates, errors, pace, policy, profile, reasons
from recommender import knobs as knobs_of
from recommender.candidates import Case, Goal, Ready
from recommender.interactions import Interactions
from recommender.knobs import Knobs
from recommender.pace import Hours
from recommender.parameters import Parameters
from recommender.policy import Arm

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
        state: "nearly" (within one level), "ready" (can begin now), or "later".
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
    *,
    old: Goal,
    new: Goal,
    now: datetime,
    knobs: Knobs = knobs_of.USUAL,
    levels: Mapping[str, float | None] | None = None,
    ready: Ready | None = None,
    arm: Arm = policy.PLAIN,
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
        levels: Level 0..5 by skill id, None where there is not enough data, where the profile has them ready.
        ready: What need not be replayed.
        arm: Of the experiment that the learner takes part in.

    Raises:
        errors.UnknownGoal: The catalog has no such role.
        errors.MismatchError: The history is of several learners, or the model of another catalog.
    """
    for goal in (old, new):
        if goal.role not in catalog.roles:
            raise errors.UnknownGoal(catalog.id, goal.role, catalog.roles)
    if levels is None:
        known = profile.profile(catalog, history, parameters, now).knowledge
        levels = {name: state.level for name, state in known.items()}
    case = candidates.case(catalog, history, new, now, knobs=knobs, ready=ready, arm=arm)
    weekly = old.hours or new.hours or 0.0
    before, after = catalog.roles[old.role].targets, catalog.roles[new.role].targets
    both = [name for name in graph.order(catalog) if name in before and name in after]
    dropped = tuple(name for name in graph.order(catalog) if name in before and name not in after)
    carried = [Change(name, before[name], after[name], levels[name]) for name in both]
    return Switch(
        old=_side(case, old.role, levels, old.hours or weekly),
        new=_side(case, new.role, levels, new.hours or weekly),
        carried=tuple(sorted(carried, key=lambda one: one.old - one.new)),
        added=tuple(name for name in graph.order(catalog) if name in after and name not in before),
        dropped=dropped,
        higher=tuple(one.skill for one in carried if one.new > one.old),
        lower=tuple(one.skill for one in carried if one.new < one.old),
        same=tuple(one.skill for one in carried if one.new == one.old),
        kept=tuple(name for name in dropped if _reached(levels[name], before[name])),
        first=_stretch(case, before, levels),
    )


def _reached(level: float | None, target: int) -> bool:
    return level is not None and level >= target


def _side(case: Case, role: str, levels: Mapping[str, float | None], weekly: float) -> Side:
    targets = case.catalog.roles[role].targets
    reached = sum(_reached(levels[name], target) for name, target in targets.items())
    unknown = sum(levels[name] is None for name in targets)
    hours = pace.ahead(case.catalog, case.beliefs, targets)
    when = pace.dates(hours, weekly, case.now.astimezone(UTC).date())
    return Side(role, len(targets), reached, len(targets) - reached - unknown, unknown, hours, when)


def _stretch(case: Case, before: Mapping[str, int], levels: Mapping[str, float | None]) -> tuple[Step, ...]:
    """The first steps: always the one of the greatest score whose prerequisites are met, or come before it."""
    catalog, targets = case.catalog, case.role.targets
    names, index = case.layout.skills, catalog.skill_index
    today = case.now.timestamp()
    aside = {name for name in targets if name in case.knobs.hidden or case.knobs.paused.get(name, 0.0) > today}
    left = [name for name in graph.order(catalog) if name in targets and not _there(case, name) and name not in aside]
    chosen: list[str] = []
    while left and len(chosen) < STRETCH:
        open_now = [name for name in left if not _missing(case, name, chosen)]
        if not open_now:
            break
        best = max(open_now, key=lambda name: case.worths[index[name]].own + case.worths[index[name]].opens)
        chosen.append(best)
        left.remove(best)
    after = graph.dependents(catalog)
    steps = []
    for name in chosen:
        skill, level = index[name], levels[name]
        near = level is not None and level >= targets[name] - 1
        number, _ = pace.practices(case.beliefs[skill], targets[name])
        steps.append(
            Step(
                skill=names[skill],
                target=targets[name],
                level=level,
                state="nearly" if near else "later" if _missing(case, name, ()) else "ready",
                new=name not in before,
                minutes=number * pace.typical_minutes(catalog)[skill],
                opens=tuple(child for child in after[name] if child in targets)[: reasons.MOST],
                builds_on=catalog.skills[name].prerequisites,
            )
        )
    return tuple(steps)


def _there(case: Case, name: str) -> bool:
    skill = case.catalog.skill_index[name]
    return skill in case.closed or pace.reached(case.catalog, case.beliefs[skill], skill, case.role.targets[name])


def _missing(case: Case, name: str, chosen: Collection[str]) -> list[str]:
    """Prerequisites that are neither met nor chosen before."""
    index = case.catalog.skill_index
    return [
        needed
        for needed in case.catalog.skills[name].prerequisites
        if needed not in chosen
        and index[needed] not in case.closed
        and case.beliefs[index[needed]].support < candidates.MET
    ]
