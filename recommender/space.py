"""What the model knows of a catalog before any answer: numbers of items, skills, sets of skills. Floor 2."""

from __future__ import annotations

import functools
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from curriculum.catalog import Catalog

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

HALF_LIFE = 30.0  # days, of a skill for which the catalog declares none


@dataclass(frozen=True, eq=False)
class Space:
    """Items and skills of one catalog by column.

    Attributes:
        catalog: What there is to learn.
    """

    catalog: Catalog

    @functools.cached_property
    def items(self) -> int:
        """Number of items."""
        return len(self.catalog.items)

    @functools.cached_property
    def skills(self) -> int:
        """Number of skills."""
        return len(self.catalog.skills)

    @property
    def scored(self) -> bool:
        """Whether scores decide and so help: the catalog has a pass score."""
        return self.catalog.pass_score is not None

    @functools.cached_property
    def item_skills(self) -> tuple[tuple[int, ...], ...]:
        """For each item the columns of its skills, the main one first."""
        index = self.catalog.skill_index
        return tuple(tuple(index[name] for name in item.skills) for item in self.catalog.items.values())

    @functools.cached_property
    def main(self) -> Ints:
        """int64 [items], the main skill of each item."""
        return np.array([skills[0] for skills in self.item_skills], dtype=np.int64)

    @functools.cached_property
    def wide(self) -> Ints:
        """int64 [items, most skills of an item], skills of each item; -1 where it has fewer."""
        most = max((len(skills) for skills in self.item_skills), default=1)
        rows = [(*skills, *(-1,) * (most - len(skills))) for skills in self.item_skills]
        return np.array(rows, dtype=np.int64).reshape(len(rows), most)

    @functools.cached_property
    def combos(self) -> tuple[tuple[int, ...], ...]:
        """Every set of skills that some item needs, in the order of the items."""
        return tuple(dict.fromkeys(self.item_skills))

    @functools.cached_property
    def combo(self) -> Ints:
        """int64 [items], the number of each item's set of skills."""
        place = {skills: number for number, skills in enumerate(self.combos)}
        return np.array([place[skills] for skills in self.item_skills], dtype=np.int64)

    @functools.cached_property
    def areas(self) -> int:
        """Number of areas."""
        return len(self.catalog.areas)

    @functools.cached_property
    def area(self) -> Ints:
        """int64 [skills], the area of each skill."""
        place = {name: number for number, name in enumerate(self.catalog.areas)}
        return np.array([place[skill.area] for skill in self.catalog.skills.values()], dtype=np.int64)

    @functools.cached_property
    def half_life(self) -> Floats:
        """float64 [skills], days until half is forgotten, declared or `HALF_LIFE`."""
        declared = (skill.half_life_days for skill in self.catalog.skills.values())
        return np.array([HALF_LIFE if days is None else days for days in declared], dtype=np.float64)


@functools.lru_cache(maxsize=64)
def of(catalog: Catalog) -> Space:
    """The space of a catalog; the last ones are kept, because laying out 1,000 items takes longer than predicting."""
    return Space(catalog)
