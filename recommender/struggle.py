"""Where a learner is stuck, where to step back to, and when a person should help. Floor 2.

Three wrong answers in a row: rest the skill, and practise the prerequisite that carries least. Five: a person should
look at it. Nothing is asked ten times over: a skill comes back after practice elsewhere, or the next day.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from curriculum.catalog import Catalog
from recommender import tracker
from recommender.tracker import Belief
from recommender.trail import DAY, OnSkill, Trail

ENOUGH = 3  # wrong answers in a row after which to step back
HELP = 5  # wrong answers in a row after which a person should help
AWAY = 3  # answers on other skills after which it may be tried again
CARRIES = 0.5  # support of a prerequisite from which on it counts as met
WAYS = 2  # prerequisites that are offered at once
DOUBTED = 0.75  # support of a prerequisite below which repeated failure after it makes it worth another look


@dataclass(frozen=True)
class Struggle:
    """One skill that goes wrong again and again.

    Attributes:
        skill: Column of the skill.
        wrong: Wrong answers in a row, up to now.
        rows: Their rows in the history.
        back: Columns of the prerequisites to practise first, the least carrying one first; empty where nothing comes
            before it, or all of it carries.
        resting: Whether the skill should not be offered now.
        help: Whether a person should help.
    """

    skill: int
    wrong: int
    rows: tuple[int, ...]
    back: tuple[int, ...]
    resting: bool
    help: bool


def find(
    catalog: Catalog, trail: Trail, beliefs: Sequence[Belief], now: int, closed: Collection[int] = ()
) -> Mapping[int, Struggle]:
    """Find the skills that go wrong again and again.

    Args:
        catalog: The catalog.
        trail: What the learner did.
        beliefs: One a skill.
        now: Microseconds since 1970 UTC.
        closed: Columns of skills of which all items are done.

    Returns:
        By column of the skill.
    """
    found = {}
    for skill, known in trail.skills.items():
        if known.run >= ENOUGH:
            rows = tuple(known.rows[-known.run :])
            back = weakest(catalog, beliefs, skill, closed)
            elsewhere = len(trail.item) - 1 - known.rows[-1]
            resting = not _again(trail, known, back, elsewhere, now)
            found[skill] = Struggle(skill, known.run, rows, back, resting, known.run >= HELP)
    return found


def weakest(catalog: Catalog, beliefs: Sequence[Belief], skill: int, closed: Collection[int] = ()) -> tuple[int, ...]:
    """The prerequisites to step back to, at most `WAYS`: the least carrying ones, down to what is unmet before them.

    Args:
        catalog: The catalog.
        beliefs: One a skill.
        skill: Column of the skill that goes wrong.
        closed: Columns of skills of which all items are done: one does not step back beyond them.

    Returns:
        The least carrying way first; empty where nothing comes before it, or all of it carries.
    """
    parents = tracker.plan(catalog).parents
    doubted = [parent for parent in parents[skill] if beliefs[parent].support < DOUBTED]
    found = []
    for way in sorted(doubted, key=lambda parent: (beliefs[parent].support, parent)):
        lowest = way
        while unmet := [
            parent for parent in parents[lowest] if beliefs[parent].support < CARRIES and parent not in closed
        ]:
            lowest = min(unmet, key=lambda parent: (beliefs[parent].support, parent))
        found.append(lowest)
    return tuple(dict.fromkeys(found))[:WAYS]


def _again(trail: Trail, known: OnSkill, back: tuple[int, ...], elsewhere: int, now: int) -> bool:
    """Whether it may be tried again: after some practice elsewhere, a right answer on what it needs, or a day."""
    if now - known.last >= DAY or elsewhere >= AWAY:
        return True
    below = [trail.skills[skill] for skill in back if skill in trail.skills]
    return any(one.last_right and one.last > known.last for one in below)
