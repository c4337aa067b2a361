"""Courses: course, module, sub-module (a unit), knowledge point (a skill); outcomes, practice, assessment. Floor 1.

The files are `curriculum/data/courses/*.yaml`, one a course: `tree` has the nouns, `sound` says what a file must be,
`shelf` reads them, `doing` says what there is to do in a unit. Pure: the catalog and the day are arguments.

What must not be in here: a text of a course (they are data), a lesson, a question, a case, a person.
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Mapping
from types import MappingProxyType

from curriculum import errors, graph
from curriculum.catalog import Catalog, Role
from curriculum.courses import own, shelf
from curriculum.courses.tree import Course, Module, Unit

LEVEL = 3
"""What a course asks of a skill that no role asks for: to do it independently."""
PREFIX = "course:"
UNITS = "."
"""Between the ids in the name of a module or a unit: "operations.orders.risk"."""


def load() -> Mapping[str, Course]:
    """The shipped courses by id, variants for a platform behind the course that they are of.

    Raises:
        errors.InvalidCourses: A file breaks a rule; every problem of it is listed.
    """
    return shelf.load()


def of_catalog(catalog: Catalog) -> Mapping[str, Course]:
    """The courses of a catalog: those whose skills it teaches, then those that the institution took in.

    A skill that the institution took out is left out of its course; what is shipped is of one catalog alone.
    """
    return _of_catalog(catalog)


@functools.lru_cache(maxsize=8)
def _of_catalog(catalog: Catalog) -> Mapping[str, Course]:
    shipped = load() if catalog.id == shelf.CATALOG else {}
    found = {one.id: _without(one, catalog) for one in (*shipped.values(), *own.known(catalog).values())}
    return MappingProxyType({name: one for name, one in found.items() if one.modules})


def find(catalog: Catalog, name: str) -> tuple[Course, Module | None, Unit | None]:
    """What a name means: "operations", "operations.orders", "operations.orders.risk".

    Raises:
        errors.UnknownReference: There is no such course, module or unit.
    """
    ids = name.split(UNITS)
    course = of_catalog(catalog).get(ids[0])
    if course is None or len(ids) > 3:
        raise errors.UnknownReference(catalog.id, "course", name)
    if len(ids) == 1:
        return course, None, None
    module = next((one for one in course.modules if one.id == ids[1]), None)
    if module is None:
        raise errors.UnknownReference(catalog.id, "course", name)
    if len(ids) == 2:
        return course, module, None
    unit = next((one for one in module.units if one.id == ids[2]), None)
    if unit is None:
        raise errors.UnknownReference(catalog.id, "course", name)
    return course, module, unit


@functools.lru_cache(maxsize=64)
def goal(catalog: Catalog, name: str) -> tuple[Catalog, str]:
    """The catalog with a course, or a part of one, as a role, and the id of that role.

    A skill is wanted at the highest level that a role of the catalog asks of it; what it needs is wanted with it.

    Args:
        catalog: What there is to learn.
        name: As in `find`.

    Raises:
        errors.UnknownReference: There is no such course, module or unit.
    """
    found = find(catalog, name)
    part = next(one for one in reversed(found) if one is not None)
    wanted = frozenset(part.skills).union(*(graph.ancestors(catalog, skill) for skill in part.skills))
    asked = [role.targets for role in catalog.roles.values()]
    targets = {
        skill: max((levels[skill] for levels in asked if skill in levels), default=LEVEL)
        for skill in catalog.skills
        if skill in wanted
    }
    role = Role(PREFIX + name, part.name, MappingProxyType(targets))
    return dataclasses.replace(catalog, roles=MappingProxyType({**catalog.roles, role.id: role})), role.id


def _without(course: Course, catalog: Catalog) -> Course:
    """The course without what the catalog does not teach."""
    if catalog.skills.keys() >= set(course.skills):
        return course
    modules = []
    for module in course.modules:
        units = [
            dataclasses.replace(unit, skills=tuple(skill for skill in unit.skills if skill in catalog.skills))
            for unit in module.units
        ]
        kept = tuple(unit for unit in units if unit.skills)
        if kept:
            modules.append(dataclasses.replace(module, units=kept))
    return dataclasses.replace(course, modules=tuple(modules))
