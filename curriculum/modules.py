"""A module as a goal: an area of a catalog, for a link that opens one module of a course. Floor 1.

A module asks for its own skills and for what must be learnt before them, so that a recommendation inside it is made in
the same way as one for a role. The catalog that comes back differs from the given one by that role alone: its
fingerprint, and so a model, stay valid.
"""

from __future__ import annotations

import dataclasses
import functools
from types import MappingProxyType

from curriculum import errors, graph
from curriculum.catalog import Catalog, Role

LEVEL = 3
"""What a module asks of a skill that no role asks for: to do it independently."""
PREFIX = "module:"


@functools.lru_cache(maxsize=64)
def goal(catalog: Catalog, area: str) -> tuple[Catalog, str]:
    """The catalog with the module as a role, and the id of that role.

    A skill of the module is wanted at the highest level that a role of the catalog asks of it.

    Args:
        catalog: The catalog.
        area: Id of the area.

    Raises:
        errors.UnknownReference: The catalog has no such area.
    """
    if area not in catalog.areas:
        raise errors.UnknownReference(catalog.id, "area", area)
    inside = [skill.id for skill in catalog.skills.values() if skill.area == area]
    wanted = frozenset(inside).union(*(graph.ancestors(catalog, name) for name in inside))
    asked = [role.targets for role in catalog.roles.values()]
    targets = {
        name: max((levels[name] for levels in asked if name in levels), default=LEVEL)
        for name in catalog.skills
        if name in wanted
    }
    role = Role(PREFIX + area, catalog.areas[area].name, MappingProxyType(targets))
    return dataclasses.replace(catalog, roles=MappingProxyType({**catalog.roles, role.id: role})), role.id
