"""Where a learner is stuck, where to step back to, and when a person should help. Floor 2.

Three wrong answers in a row: rest the skill, and practise the prerequisite that carries least. Five: a person should
look at it. Nothing is asked ten times over: a skill comes back after practice elsewhere, or the next day.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from curriculum.catalog import Catalog
from recommender import tracker
from recommender.tracker import Belief
from recommender.trail import DAY, OnSkill, Trail

ENOUGH = 3  # wrong answers in a row after which to step back
HELP = 5  # wrong answers in a row after which a person should help
AWAY = 3  # answers on other skills after which it may be tried again
CARRIES = 0.5  # support of a prerequisite from which on it counts as met
DOUBTED = 0.75  # support of a prerequisite below which repeated failure after it makes it worth another look


@dataclass(frozen=True)
class Struggle:
    """One skill that goes wrong again and again.

    Attributes:
        skill: Column of the skill.
        wrong: Wrong answers in a row, up to now.
        rows: Their rows in the history.
        back: Column of the prerequisite to practise first; None where nothing comes before it, or all of it carries.
        resting: Whether the skill should not be offered now.
        help: Whether a person should help.
    """

    skill: int
    wrong: int
    rows: tuple[int, ...]
    back: int | None
    resting: bool
    help: bool


def find(catalog: Catalog, trail: Trail, beliefs: Sequence[Belief], now: int) -> Mapping[int, Struggle]:
    """Find the skills that go wrong again and again.

    Args:
        catalog: The catalog.
        trail: What the learner did.
        beliefs: One a skill.
        now: Microseconds since 1970 UTC.

    Returns:
        By column of the skill.
    """
    found = {}
    for skill, known in trail.skills.items():
        if known.run >= ENOUGH:
            rows = tuple(known.rows[-known.run :])
            back = weakest(catalog, beliefs, skill)
            elsewhere = len(trail.item) - 1 - known.rows[-1]
            resting = not _again(trail, known, back, elsewhere, now)
            found[skill] = Struggle(skill, known.run, rows, back, resting, known.run >= HELP)
    return found


def weakest(catalog: Catalog, beliefs: Sequence[Belief], skill: int) -> int | None:
    """The prerequisite to step back to: the least carrying one, and down to one with nothing unmet before it.

    Args:
        catalog: The catalog.
        beliefs: One a skill.
        skill: Column of the skill that goes wrong.
    """
    parents = tracker.plan(catalog).parents
    found, bound = skill, DOUBTED
    while unmet := [parent for parent in parents[found] if beliefs[parent].support < bound]:
        found, bound = min(unmet, key=lambda parent: (beliefs[parent].support, parent)), CARRIES
    return None if found == skill else found


def _again(trail: Trail, known: OnSkill, back: int | None, elsewhere: int, now: int) -> bool:
    """Whether it may be tried again: after some practice elsewhere, a right answer on what it needs, or a day."""
    if now - known.last >= DAY or elsewhere >= AWAY:
        return True
    below = trail.skills.get(back) if back is not None else None
    return below is not None and below.last_right and below.last > known.last
