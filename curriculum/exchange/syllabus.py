"""What is taught as the parts of a course in an LMS: links into the tool, and where to read on. Floor 1.

A course keeps its modules and units; a catalog without one is a module an area. The custom parameters are those by
which a link of deep linking opens the same things. Only cases and exams bring a column of grades: one for each of a
hundred quizzes would bury them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from curriculum import bank, courses, errors, practice
from curriculum.catalog import Area, Catalog
from curriculum.courses import doing
from curriculum.courses.tree import LINK, Course, Discussion, Material, Unit
from curriculum.exchange.cartridge import Link, Part
from curriculum.lessons import Lesson
from curriculum.practice.task import Kind

# Titles that no file of the catalog has.
TITLES: Mapping[str, Mapping[str, str]] = {
    "start": {"en": "Start here", "zh": "从这里开始"},
    "path": {"en": "My learning path", "zh": "我的学习路径"},
    "module": {"en": "Path through this module", "zh": "本模块的学习路径"},
    "practice": {"en": "Practice", "zh": "实训"},
    "read": {"en": "Read on", "zh": "延伸阅读"},
    "quiz": {"en": "Quiz: ", "zh": "小测："},
    "exams": {"en": "Exams", "zh": "考试"},
    "events": {"en": "Sessions", "zh": "课程活动"},
}
_LINKED = ("project", "discussion", LINK)


def parts(
    catalog: Catalog,
    language: str,
    *,
    area: str = "",
    lessons: Mapping[str, Lesson] | None = None,
    own: Sequence[Kind] = (),
) -> tuple[Part, ...]:
    """The modules of a course.

    Args:
        catalog: What there is to learn.
        language: "en" or "zh".
        area: Id of the one area that the course is about; all if empty.
        lessons: By skill; their links to the web are part of the course.
        own: Kinds of case of the institution's own, beside the shipped ones.

    Raises:
        errors.UnknownReference: The catalog has no such area.
    """
    if area and area not in catalog.areas:
        raise errors.UnknownReference(catalog.id, "area", area)
    kinds = [kind for kind in (*practice.kinds(), *own) if not catalog.skills.keys().isdisjoint(kind.skills)]
    chosen = [catalog.areas[area]] if area else list(catalog.areas.values())
    modules = tuple(_module(catalog, one, kinds, lessons or {}, language) for one in chosen)
    if area:
        return modules
    path = Link(TITLES["path"][language], custom={"catalog": catalog.id, "activity": "path", "grade": "none"})
    exams = tuple(
        Link(plan.name[language], custom={"catalog": catalog.id, "activity": "exam", "exam": plan.id})
        for plan in (practice.plans() if kinds else ())
    )
    last = (Part(TITLES["exams"][language], exams),) if exams else ()
    return Part(TITLES["start"][language], (path,)), *modules, *last


def course(
    catalog: Catalog, name: str, language: str, *, lessons: Mapping[str, Lesson], own: Sequence[Kind] = ()
) -> tuple[Part, ...]:
    """The modules of a course of ours: its units, each with lessons, quizzes, cases and links to the web.

    Args:
        catalog: What there is to learn.
        name: Id of the course.
        language: "en" or "zh".
        lessons: By skill.
        own: Kinds of case of the institution's own: each stands in the units that teach its first skill.

    Raises:
        errors.UnknownReference: The catalog has no such course.
    """
    found = courses.find(catalog, name)[0]
    opened = {"catalog": catalog.id, "activity": "course", "course": found.id}
    meet = {"catalog": catalog.id, "activity": "events"}
    sessions = (Link(TITLES["events"][language], custom=meet),) if found.events else ()
    start = Part(TITLES["start"][language], (Link(found.name[language], found.about[language], opened), *sessions))
    modules = tuple(
        Part(
            one.name[language], tuple(_unit(_Made(catalog, found, lessons, own, language), unit) for unit in one.units)
        )
        for one in found.modules
    )
    exams = tuple(
        Link(plan.name[language], custom={"catalog": catalog.id, "activity": "exam", "exam": plan.id})
        for plan in practice.plans()
        if plan.id == found.exam
    )
    last = (Part(TITLES["exams"][language], exams),) if exams else ()
    return start, *modules, *last


@dataclass(frozen=True)
class _Made:
    """What the units of a course are made with."""

    catalog: Catalog
    course: Course
    lessons: Mapping[str, Lesson]
    own: Sequence[Kind]
    language: str


def _unit(made: _Made, unit: Unit) -> Part:
    catalog, lessons, language = made.catalog, made.lessons, made.language
    inside: list[Part | Link] = []
    seen: set[str] = set()
    for skill in unit.skills:
        title, lesson = catalog.skills[skill].name[language], lessons.get(skill)
        if lesson is not None:
            inside.append(Link(title, custom={"catalog": catalog.id, "activity": "lesson", "lesson": skill}))
        if bank.has(skill, catalog):
            quiz = {"catalog": catalog.id, "activity": "quiz", "quiz": skill, "grade": "none"}
            inside.append(Link(f"{TITLES['quiz'][language]}{title}", custom=quiz))
        for link in lesson.links if lesson else ():
            url = catalog.links.get(link.url, link.url)
            if url not in seen:
                seen.add(url)
                inside.append(Link(link.title[language], url=url))
    wanted = {name.removeprefix("case:") for name in unit.practice if name.startswith("case:")}
    inside += (_case(catalog, kind, language) for kind in practice.kinds() if kind.id in wanted)
    taught = set(unit.skills)
    inside += (_case(catalog, kind, language) for kind in made.own if taught & set(kind.skills[:1]))
    inside += _brought(made, unit)
    return Part(unit.name[language], tuple(inside))


def _brought(made: _Made, unit: Unit) -> Iterator[Link]:
    """What a course brings itself and a link can open: projects, discussions, and links of a course from outside."""
    course_, language = made.course, made.language
    for named in unit.practice:
        sort, _, id_ = named.partition(":")
        if sort not in _LINKED:
            continue
        thing = doing.own(course_, sort, id_)
        if isinstance(thing, Material):
            yield Link(thing.name[language], url=thing.url)
            continue
        title = thing.question[language] if isinstance(thing, Discussion) else thing.name[language]
        custom = {"catalog": made.catalog.id, "activity": sort, sort: f"{course_.of or course_.id}{courses.UNITS}{id_}"}
        # A person decides on a project, and may decide anew; a discussion has no score.
        yield Link(title, custom=custom | {"grade": "last" if sort == "project" else "none"})


def _case(catalog: Catalog, kind: Kind, language: str) -> Link:
    custom = {"catalog": catalog.id, "activity": "case", "case": kind.id}
    return Link(kind.name[language], kind.about[language], custom)


def _module(catalog: Catalog, area: Area, kinds: Iterable[Kind], lessons: Mapping[str, Lesson], language: str) -> Part:
    custom = {"catalog": catalog.id, "activity": "module", "module": area.id, "grade": "none"}
    inside: list[Part | Link] = [Link(TITLES["module"][language], area.name[language], custom)]
    cases = tuple(_case(catalog, kind, language) for kind in kinds if catalog.skills[kind.skills[0]].area == area.id)
    if cases:
        inside.append(Part(TITLES["practice"][language], cases))
    links = tuple(_links(catalog, area, lessons, language))
    if links:
        inside.append(Part(TITLES["read"][language], links))
    return Part(area.name[language], tuple(inside))


def _links(catalog: Catalog, area: Area, lessons: Mapping[str, Lesson], language: str) -> Iterator[Link]:
    """The links of the lessons of an area, each address once."""
    seen: set[str] = set()
    for skill in catalog.skills.values():
        lesson = lessons.get(skill.id) if skill.area == area.id else None
        for link in lesson.links if lesson else ():
            url = catalog.links.get(link.url, link.url)
            if url not in seen:
                seen.add(url)
                yield Link(link.title[language], url=url)
