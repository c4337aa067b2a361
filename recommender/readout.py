"""A fitted model laid out to be asked one item at a time: look-ups instead of arrays. Floor 2."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from recommender import cells, cold_start, features, tracing
from recommender.parameters import Parameters, Tables
from recommender.space import Space


@dataclass(frozen=True, eq=False)
class Prepared:
    """A model laid out to be asked one item at a time.

    Attributes:
        space: The catalog by column.
        parameters: The model.
        difficulty: Log-odds of the peers by item.
        share: Share of the peers by item.
        combo_odds: Log-odds of the peers by item, of its set of skills.
        told: For each of `cells.CELLS`, what a cell says beyond the coarser one, in logits by key; missing: 0.
        skips: The same of pairs of items.
        weights: Of the dense columns, on their own scale.
        of_item: For each item the weights of `features.of_item`, on their own scale.
        of_skill: For each skill those of `features.of_skill`.
        item_places: Where the columns of `of_item` stand among the dense ones; `skill_places` those of `of_skill`.
        constant: For each item what the scale of all these columns leaves, so that `score` needs no scale.
    """

    space: Space
    parameters: Parameters
    difficulty: list[float]
    share: list[float]
    combo_odds: list[float]
    told: tuple[Mapping[int, float], ...]
    skips: Mapping[int, float]
    weights: list[float]
    of_item: list[list[float]]
    of_skill: list[list[float]]
    item_places: list[int]
    skill_places: list[int]
    constant: list[float]


@functools.lru_cache(maxsize=16)
def prepare(parameters: Parameters, space: Space) -> Prepared:
    """Lay out a model; the last few are kept.

    Raises:
        errors.MismatchError: It belongs to another catalog or to other columns.
    """
    tracing.match(space, parameters)
    tables = parameters.tables
    combo = _shares(tables.prior, tables.of("combo"), cells.COMBO_STRENGTH)
    start = 1.0 / (1.0 + np.exp(-cells.log_odds(combo[space.combo]) - tables.offset))
    item = _shares(start, tables.of("item"), cold_start.strength(tables, space))
    of_item, of_skill, weights = (part.copy() for part in tracing.split(space, parameters.weights))
    weights /= parameters.spread
    constant = np.full(space.items, -float(weights @ parameters.centre))
    for own, rows, names in (
        (of_item, np.arange(space.items), features.of_item(space)),
        (of_skill, space.main, features.of_skill(space)),
    ):
        place = features.places(space, names)
        np.divide(own, parameters.spread[place], out=own)
        constant -= (own @ parameters.centre[place])[rows]
    return Prepared(
        space=space,
        parameters=parameters,
        difficulty=cells.difficulty(item).tolist(),
        share=item.tolist(),
        combo_odds=cells.difficulty(combo)[space.combo].tolist(),
        told=tuple(_told(name, _Shares(tables, space, item, combo)) for name in cells.CELLS),
        skips=_skips(tables, space, item),
        weights=weights.tolist(),
        of_item=of_item.tolist(),
        of_skill=of_skill.tolist(),
        item_places=features.places(space, features.of_item(space)).tolist(),
        skill_places=features.places(space, features.of_skill(space)).tolist(),
        constant=constant.tolist(),
    )


def _shares(start: npt.NDArray[np.float64], counts: cells.Counts, strength: float) -> npt.NDArray[np.float64]:
    tries, wins = cells.lookup(counts, np.arange(len(start), dtype=np.int64))
    return cells.shrink(tries, wins, strength, start)


@dataclass(frozen=True, eq=False)
class _Shares:
    """What a cell's coarser situations are made of: tables, catalog, shares of the peers by item and by combo."""

    tables: Tables
    space: Space
    item: npt.NDArray[np.float64]
    combo: npt.NDArray[np.float64]


def _parent(name: str, keys: npt.NDArray[np.int64], known: _Shares) -> npt.NDArray[np.float64]:
    """Share of the coarser situation of each cell of one table."""
    cell, size = cells.CELLS[name], cells.sizes(known.space)
    values: dict[str, npt.NDArray[np.int64]] = {}
    rest = keys
    for part in reversed(cell.parts):
        rest, values[part] = np.divmod(rest, size[part])
    if cell.parent == "item":
        return known.item[values["item"]]
    if cell.parent == "combo":
        return known.combo[values["combo"]]
    if cell.parent == "mean":
        return np.full(len(keys), features.mean(known.tables))
    above = cells.key(values, cells.CELLS[cell.parent], size)
    tries, wins = cells.lookup(known.tables.of(cell.parent), above)
    return cells.shrink(tries, wins, cells.CELLS[cell.parent].strength, _parent(cell.parent, above, known))


def _told(name: str, known: _Shares) -> dict[int, float]:
    counts = known.tables.of(name)
    start = _parent(name, counts.keys, known)
    share = cells.shrink(counts.tries.astype(float), counts.wins.astype(float), cells.CELLS[name].strength, start)
    return dict(zip(counts.keys.tolist(), (cells.log_odds(share) - cells.log_odds(start)).tolist(), strict=True))


def _skips(tables: Tables, space: Space, item: npt.NDArray[np.float64]) -> dict[int, float]:
    counts = tables.of(cells.SKIPS)
    start = item[counts.keys // 3 // (space.items + 1)]
    share = cells.shrink(counts.tries.astype(float), counts.wins.astype(float), cells.SKIP_STRENGTH, start)
    return dict(zip(counts.keys.tolist(), (cells.log_odds(share) - cells.log_odds(start)).tolist(), strict=True))
