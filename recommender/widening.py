"""A model of one catalog in the columns of a relative: with skills that it has not, without some that it has. Floor 2.

An institution may add skills of its own to a catalog whose model it shares with others. What both catalogs have keeps
its numbers, to the bit where nothing is gone; what is new starts where a new item starts (`cold_start`); what is gone
leaves the tables, and with it what its answers told of everybody. Nothing is learnt here, and nothing of it travels:
training stays with the catalog that the consortium agreed upon.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

from recommender import cells, cold_start, errors, features
from recommender.cells import Counts
from recommender.parameters import Parameters, Tables
from recommender.space import Space

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class _Places:
    """Where the columns of one space stand in another: int64, -1 where they do not."""

    item: Ints
    skill: Ints
    combo: Ints


def widen(parameters: Parameters, known: Space, wanted: Space) -> Parameters:
    """Put a model into the columns of another catalog.

    Args:
        parameters: The model.
        known: The columns that it was made for.
        wanted: The columns to put it into: same areas, same pass score.

    Raises:
        errors.MismatchError: The model is not of `known`, or the two catalogs share too little.
    """
    if parameters.fingerprint != known.catalog.fingerprint:
        raise errors.MismatchError("a model's catalog", found=parameters.fingerprint, needed=known.catalog.fingerprint)
    if known.catalog.id != wanted.catalog.id or features.names(known) != features.names(wanted):
        raise errors.MismatchError("catalogs of one model", found=wanted.catalog.id, needed=known.catalog.id)
    places = _Places(
        _of(list(known.catalog.items), list(wanted.catalog.items)),
        _of(list(known.catalog.skills), list(wanted.catalog.skills)),
        _of(_combos(known), _combos(wanted)),
    )
    counts = {name: _moved(name, table, places, known, wanted) for name, table in parameters.tables.counts.items()}
    prior, offset = cold_start.start(wanted, counts.get("item", cells.NONE))
    _keep(prior, parameters.tables.prior, places.combo)
    _keep(offset, parameters.tables.offset, places.item)
    return replace(
        parameters,
        fingerprint=wanted.catalog.fingerprint,
        weights=_weights(parameters, places, known, wanted),
        tables=Tables(MappingProxyType(counts), prior, offset),
    )


def _of(known: list[str], wanted: list[str]) -> Ints:
    place = {name: number for number, name in enumerate(wanted)}
    return np.array([place.get(name, -1) for name in known], dtype=np.int64)


def _combos(space: Space) -> list[str]:
    names = list(space.catalog.skills)
    return ["\x1f".join(names[skill] for skill in skills) for skills in space.combos]


def _keep(made: npt.NDArray[np.float64], known: npt.NDArray[np.float64], place: Ints) -> None:
    there = place >= 0
    made[place[there]] = known[there]


def _weights(parameters: Parameters, places: _Places, known: Space, wanted: Space) -> npt.NDArray[np.float64]:
    """Weights by item, by skill and of the columns; those of what is new are 0, as before any answer."""
    own, shared = len(features.of_item(known)), len(features.of_skill(known))
    items, skills = own * known.items, shared * known.skills
    by_item = np.zeros((wanted.items, own))
    by_skill = np.zeros((wanted.skills, shared))
    for made, kept, place in (
        (by_item, parameters.weights[:items].reshape(known.items, own), places.item),
        (by_skill, parameters.weights[items : items + skills].reshape(known.skills, shared), places.skill),
    ):
        there = place >= 0
        made[place[there]] = kept[there]
    return np.concatenate([by_item.ravel(), by_skill.ravel(), parameters.weights[items + skills :]])


def _moved(name: str, table: Counts, places: _Places, known: Space, wanted: Space) -> Counts:
    """A table under the keys of the other space, without the cells of what is gone."""
    old, new = cells.sizes(known), cells.sizes(wanted)
    parts = _parts(name)
    moves: Mapping[str, Callable[[Ints], Ints]] = {
        "item": lambda one: places.item[one],
        "combo": lambda one: places.combo[one],
        "before_item": lambda one: _after(places.item, one),
        "before_combo": lambda one: _after(places.combo, one),
    }
    rest, found = table.keys, dict[str, Ints]()
    for part in reversed(parts):
        rest, value = np.divmod(rest, old[part])
        found[part] = moves[part](value) if part in moves else value
    keys = found[parts[0]]
    for part in parts[1:]:
        keys = keys * new[part] + found[part]
    there = np.logical_and.reduce([found[part] >= 0 for part in parts])
    order = np.argsort(keys[there], kind="stable")
    return Counts(*(one[there][order] for one in (keys, table.tries, table.wins)))


def _after(place: Ints, value: Ints) -> Ints:
    """0 is "none before" in both; else a column more one."""
    moved = place[np.maximum(value - 1, 0)]
    return np.where(value == 0, 0, np.where(moved < 0, -1, moved + 1))


def _parts(name: str) -> tuple[str, ...]:
    if name in cells.BASE:
        return (name,)
    return ("item", "before_item", "last") if name == cells.SKIPS else cells.CELLS[name].parts
