"""What there is to do in a unit, and what there is to read in a course. Floor 1.

A knowledge point brings its lesson (to read, with an example worked through), the videos that the lesson links to, its
questions, and its steps in a case; a unit adds whole cases and what the course brings itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from curriculum import bank, practice
from curriculum.catalog import Catalog
from curriculum.courses.tree import EXAM, LINK, OUTSIDE, Course, Discussion, Event, Material, Project, Team, Unit, Words
from curriculum.lessons import Lesson, Link
from curriculum.practice.task import Kind

Own = Project | Discussion | Event | Team | Material
DISCUSSED = 20.0
"""Minutes of a discussion: to read, to write, and to answer two others."""
EXAMPLE = 3.0
"""Minutes of an example worked through."""
LETTERS = 900.0
"""Letters of a text from outside that are read in a minute."""


@dataclass(frozen=True)
class Activity:
    """Something to do.

    Attributes:
        kind: One of `tree.KINDS`, or of `tree.OUTSIDE`.
        subject: What of that kind: a skill, a kind of case, the id of what a course brings.
        name: What a page shows.
        minutes: About how long it takes; None where nobody said.
        url: Where it is, if elsewhere.
    """

    kind: str
    subject: str
    name: Words
    minutes: float | None
    url: str = ""


def of_skill(catalog: Catalog, skill: str, lesson: Lesson | None) -> Iterator[Activity]:
    """What there is to do on a knowledge point.

    Args:
        catalog: As the institution teaches it: its own questions are asked too.
        skill: Id of a skill of it.
        lesson: What explains it, if anything does.
    """
    name = catalog.skills[skill].name
    if lesson is not None:
        yield Activity("reading", skill, name, lesson.minutes)
        yield Activity("example", skill, name, EXAMPLE)
        for link in lesson.links:
            if link.mode == "video":
                yield Activity("video", skill, link.title, None, link.url)
    if bank.has(skill, catalog):
        yield Activity("quiz", skill, name, bank.COUNT * bank.MINUTES)
    kind = practice.of_skill(skill)
    if kind is not None:
        yield Activity("step", f"{kind.id}/{skill}", name, kind.minutes / kind.steps)


def of_unit(course: Course, unit: Unit) -> Iterator[Activity]:
    """What a unit does beside its knowledge points."""
    for named in unit.practice:
        sort, _, id_ = named.partition(":")
        if sort == "case":
            kind = case(id_)
            yield Activity("case", id_, kind.name, float(kind.minutes))
            continue
        thing = own(course, sort, id_)
        name = thing.question if isinstance(thing, Discussion) else thing.name
        url = thing.url if isinstance(thing, Material) else ""
        yield Activity(sort, id_, name, None if sort == LINK else minutes(thing), url)


def of_course(course: Course) -> Iterator[Activity]:
    """What closes a course: its exam."""
    for plan in practice.plans():
        if plan.id == course.exam:
            yield Activity(EXAM, plan.id, plan.name, float(plan.minutes))


def case(name: str) -> Kind:
    """The kind of case that a unit names; `sound` has looked that there is one."""
    return next(kind for kind in practice.kinds() if kind.id == name)


def own(course: Course, kind: str, name: str) -> Own:
    """What a course brings itself.

    Raises:
        LookupError: It brings no such thing.
    """
    shelves: Mapping[str, Mapping[str, Own]] = {
        "project": course.projects,
        "discussion": course.discussions,
        "event": course.events,
        "team": course.teams,
        **dict.fromkeys(OUTSIDE, course.materials),
    }
    return shelves[kind][name]


def minutes(thing: Own) -> float:
    """About how long something of a course takes."""
    if isinstance(thing, Discussion):
        return DISCUSSED
    if isinstance(thing, Material):
        return max(1.0, round(max(map(len, thing.text.values()), default=0) / LETTERS))
    return 60.0 * thing.hours if isinstance(thing, Project) else float(thing.minutes)


def reading(course: Course, lessons: Mapping[str, Lesson]) -> tuple[Link, ...]:
    """The reading list of a course: what its lessons link to, each address once.

    Args:
        course: The course.
        lessons: By skill.
    """
    found: dict[str, Link] = {}
    for skill in course.skills:
        for link in lessons[skill].links if skill in lessons else ():
            found.setdefault(link.url, link)
    return tuple(found.values())
