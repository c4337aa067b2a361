"""Questions about the graph of prerequisites: what comes before, what is ready, what opens. Floor 1.

Pure functions over a catalog. "Before" means prerequisites: an edge runs from a skill to one that needs it.
"""

from __future__ import annotations

import functools
from collections.abc import Collection, Mapping
from types import MappingProxyType

from curriculum import errors
from curriculum.catalog import Catalog


@functools.lru_cache(maxsize=64)
def order(catalog: Catalog) -> tuple[str, ...]:
    """All skills, prerequisites first; among equals the order of the file."""
    placed: dict[str, None] = {}
    waiting = list(catalog.skills.values())
    while waiting:
        later = []
        for skill in waiting:
            if all(name in placed for name in skill.prerequisites):
                placed[skill.id] = None
            else:
                later.append(skill)
        waiting = later
    return tuple(placed)


@functools.lru_cache(maxsize=64)
def dependents(catalog: Catalog) -> Mapping[str, tuple[str, ...]]:
    """By skill id: the skills that name it as a prerequisite, in the order of the file."""
    found: dict[str, list[str]] = {name: [] for name in catalog.skills}
    for skill in catalog.skills.values():
        for name in skill.prerequisites:
            found[name].append(skill.id)
    return MappingProxyType({name: tuple(after) for name, after in found.items()})


def ancestors(catalog: Catalog, skill: str) -> frozenset[str]:
    """Every skill that must come before this one, at any distance; without itself.

    Raises:
        errors.UnknownReference: The catalog has no such skill.
    """
    return _reach({name: entry.prerequisites for name, entry in catalog.skills.items()}, _known(catalog, skill))


def descendants(catalog: Catalog, skill: str) -> frozenset[str]:
    """Every skill that this one opens, at any distance; without itself.

    Raises:
        errors.UnknownReference: The catalog has no such skill.
    """
    return _reach(dependents(catalog), _known(catalog, skill))


def ready(catalog: Catalog, known: Collection[str]) -> tuple[str, ...]:
    """Skills that are not known and whose prerequisites all are, prerequisites first.

    Args:
        catalog: The catalog.
        known: Ids of the skills that count as known.
    """
    return tuple(
        name
        for name in order(catalog)
        if name not in known and all(needed in known for needed in catalog.skills[name].prerequisites)
    )


def path(catalog: Catalog, role: str, known: Collection[str] = ()) -> tuple[str, ...]:
    """The skills of a role that are not known yet, in an order that breaks no prerequisite.

    Raises:
        errors.UnknownReference: The catalog has no such role.
    """
    if role not in catalog.roles:
        raise errors.UnknownReference(catalog.id, "role", role)
    targets = catalog.roles[role].targets
    return tuple(name for name in order(catalog) if name in targets and name not in known)


def unlocks(catalog: Catalog, skill: str, known: Collection[str] = ()) -> tuple[str, ...]:
    """Skills that become ready when this one is known besides the known ones, in the order of the file.

    Raises:
        errors.UnknownReference: The catalog has no such skill.
    """
    if _known(catalog, skill) in known:
        return ()
    have = {*known, skill}
    return tuple(
        name
        for name in dependents(catalog)[skill]
        if name not in have and all(needed in have for needed in catalog.skills[name].prerequisites)
    )


def chain(catalog: Catalog, skill: str, goals: Collection[str]) -> tuple[str, ...]:
    """A shortest chain of edges from a skill to one of the goals, both ends included.

    It is (skill,) if the skill is a goal, and () if no goal is reached.

    Raises:
        errors.UnknownReference: The catalog has no such skill.
    """
    trails: list[tuple[str, ...]] = [(_known(catalog, skill),)]
    seen = {skill}
    after = dependents(catalog)
    for trail in trails:
        if trail[-1] in goals:
            return trail
        for name in after[trail[-1]]:
            if name not in seen:
                seen.add(name)
                trails.append((*trail, name))
    return ()


def _known(catalog: Catalog, skill: str) -> str:
    if skill not in catalog.skills:
        raise errors.UnknownReference(catalog.id, "skill", skill)
    return skill


def _reach(edges: Mapping[str, tuple[str, ...]], start: str) -> frozenset[str]:
    found: set[str] = set()
    pending = list(edges[start])
    while pending:
        name = pending.pop()
        if name not in found:
            found.add(name)
            pending.extend(edges[name])
    return frozenset(found)
