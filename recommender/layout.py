"""The items of a catalog by column, laid out once, so that a thousand are weighed at a time. Floor 2."""

from __future__ import annotations

import functools
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from curriculum.catalog import Catalog, Item
from recommender import pace, tracker, trail
from recommender.tracker import Three

Floats = npt.NDArray[np.float64]
Whole = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Layout:
    """The n items and m skills of a catalog by column.

    Attributes:
        ids: Of each item, its id.
        skills: Of each skill, its id.
        needs: Of each item, the columns of its skills, the main one first.
        users: Of each skill, the items that need it.
        chances: Of each item, the chance of a right answer in the three states, by declared difficulty.
        typical: The same of each skill, for a typical item.
        minutes: Of each item.
        by_item: float64 [n, 3], `chances`.
        main: int64 [n], main skill.
        pair_item, pair_skill: int64 [p], every item with every skill that it needs.
        long: float64 [n], `minutes`.
        repeatable: bool [n].
        order: int64 [n], place in the course.
        modes: Of each item, its way of learning.
    """

    ids: tuple[str, ...]
    skills: tuple[str, ...]
    needs: tuple[tuple[int, ...], ...]
    users: tuple[tuple[int, ...], ...]
    chances: tuple[Three, ...]
    typical: tuple[Three, ...]
    minutes: tuple[float, ...]
    by_item: Floats
    main: Whole
    pair_item: Whole
    pair_skill: Whole
    long: Floats
    repeatable: npt.NDArray[np.bool_]
    order: Whole
    modes: tuple[str, ...]


@functools.lru_cache(maxsize=64)
def of(catalog: Catalog) -> Layout:
    """Lay out the items of a catalog by column, once."""
    items = list(catalog.items.values())
    needs = trail.columns(catalog)
    users: list[list[int]] = [[] for _ in catalog.skills]
    for number, skills in enumerate(needs):
        for skill in skills:
            users[skill].append(number)
    chances = tuple(tracker.chances(declared(catalog, item)) for item in items)
    return Layout(
        ids=tuple(catalog.items),
        skills=tuple(catalog.skills),
        needs=needs,
        users=tuple(tuple(found) for found in users),
        chances=chances,
        typical=tuple(tracker.chances(skill.difficulty) for skill in catalog.skills.values()),
        minutes=pace.minutes(catalog),
        by_item=np.array(chances).reshape(len(items), 3),
        main=np.array([skills[0] for skills in needs], np.int64),
        pair_item=np.array([item for item, skills in enumerate(needs) for _ in skills], np.int64),
        pair_skill=np.array([skill for skills in needs for skill in skills], np.int64),
        long=np.array(pace.minutes(catalog)),
        repeatable=np.array([item.repeatable for item in items], bool),
        order=np.array([item.order for item in items], np.int64),
        modes=tuple(item.mode for item in items),
    )


def declared(catalog: Catalog, item: Item) -> float:
    """Declared difficulty of an item, 1..5: its own, else that of its main skill."""
    return float(catalog.skills[item.skills[0]].difficulty) if item.difficulty is None else item.difficulty


@functools.lru_cache(maxsize=256)
def serving(catalog: Catalog, role: str) -> npt.NDArray[np.bool_]:
    """Which items serve a role: all of their skills are among its targets; bool [n], not to be written to."""
    wanted = np.array([name in catalog.roles[role].targets for name in catalog.skills], bool)
    return every(of(catalog), wanted)


def every(laid: Layout, holds: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Of each item, whether something holds for all of its skills.

    Args:
        laid: The catalog by column.
        holds: bool [m], of each skill.

    Returns:
        bool [n].
    """
    found: npt.NDArray[np.bool_] = np.bincount(laid.pair_item, ~holds[laid.pair_skill], len(laid.ids)) == 0
    return found
