"""What one learner did, by item and by skill: the evidence that recommendations and reasons stand on. Floor 2.

One pass over the rows; nothing here estimates anything.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass, field

from curriculum.catalog import Catalog
from recommender.interactions import Interactions

DAY = 86_400_000_000  # microseconds


@dataclass(slots=True)
class OnSkill:
    """What was done on one skill, items that need it besides others included.

    Attributes:
        rows: Rows of the answers in the history, the oldest first.
        right: How many of them were right.
        last: When the last one was, microseconds since 1970 UTC.
        last_right: Whether the last one was right.
        run: Wrong answers in a row up to now.
        spaced: Right answers in a row up to now that were at least a day after the right one before; the first counts.
        counted: When the last right answer was that `spaced` counts.
    """

    rows: list[int] = field(default_factory=list)
    right: int = 0
    last: int = 0
    last_right: bool = False
    run: int = 0
    spaced: int = 0
    counted: int = 0


@dataclass(frozen=True, eq=False)
class Trail:
    """What one learner did.

    Attributes:
        skills: By column of the skill; only those with an answer.
        items: By column of the item: the row of the last answer.
        right: By column of the item: whether the last answer was right.
        when: Of each row, microseconds since 1970 UTC.
        correct: Of each row, whether it was right.
        item: Of each row, the column of the item.
        seq: Of each row, the place of its statement in the store; -1: not from a store.
    """

    skills: Mapping[int, OnSkill]
    items: Mapping[int, int]
    right: Mapping[int, bool]
    when: list[int]
    correct: list[bool]
    item: list[int]
    seq: list[int]


@functools.lru_cache(maxsize=64)
def columns(catalog: Catalog) -> tuple[tuple[int, ...], ...]:
    """For each item the columns of its skills, the main one first."""
    index = catalog.skill_index
    return tuple(tuple(index[name] for name in item.skills) for item in catalog.items.values())


def follow(catalog: Catalog, history: Interactions) -> Trail:
    """Go through the answers of one learner.

    Args:
        catalog: The catalog.
        history: Interactions of one learner, in time order; n rows.
    """
    skills: dict[int, OnSkill] = {}
    items: dict[int, int] = {}
    last: dict[int, bool] = {}
    needs = columns(catalog)
    item, when = history.item.tolist(), history.when.tolist()
    correct = (history.correct > 0.5).tolist()
    for row, (number, moment, right) in enumerate(zip(item, when, correct, strict=True)):
        items[number] = row
        last[number] = right
        for skill in needs[number]:
            known = skills.get(skill)
            if known is None:
                known = skills[skill] = OnSkill()
            _add(known, row, moment, right)
    return Trail(skills, items, last, when, correct, item, history.seq.tolist())


def _add(known: OnSkill, row: int, moment: int, right: bool) -> None:
    known.rows.append(row)
    known.last = moment
    known.last_right = right
    if not right:
        known.run += 1
        known.spaced = 0
        return
    known.right += 1
    known.run = 0
    if known.spaced == 0 or moment - known.counted >= DAY:
        known.spaced += 1
        known.counted = moment


def seqs(trail: Trail, rows: list[int]) -> tuple[int, ...]:
    """Places in the store of some rows, those from a store only."""
    return tuple(trail.seq[row] for row in rows if trail.seq[row] >= 0)
