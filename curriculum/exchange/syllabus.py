"""What is taught as the parts of a course in an LMS: links into the tool, and where to read on. Floor 1.

A course keeps its modules and units; a catalog without one is a module an area. The custom parameters are those by
which a link of deep linking opens the same things. Only cases and exams bring a column of grades: one for each of a
hundred quizzes would bury them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from curriculum import bank, courses, errors, practice
from curriculum.catalog import Area, Catalog
from curriculum.courses.tree import Unit
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
}


def parts(
    catalog: Catalog, language: str, *, area: str = "", lessons: Mapping[str, Lesson] | None = None
) -> tuple[Part, ...]:
    """The modules of a course.

    Args:
        catalog: What there is to learn.
        language: "en" or "zh".
        area: Id of the one area that the course is about; all if empty.
        lessons: By skill; their links to the web are part of the course.

    Raises:
        errors.UnknownReference: The catalog has no such area.
    """
    if area and area not in catalog.areas:
        raise errors.UnknownReference(catalog.id, "area", area)
    kinds = [kind for kind in practice.kinds() if not catalog.skills.keys().isdisjoint(kind.skills)]
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


def course(catalog: Catalog, name: str, language: str, *, lessons: Mapping[str, Lesson]) -> tuple[Part, ...]:
    """The modules of a course of ours: its units, each with lessons, quizzes, cases and links to the web.

    Args:
        catalog: What there is to learn.
        name: Id of the course.
        language: "en" or "zh".
        lessons: By skill.

    Raises:
        errors.UnknownReference: The catalog has no such course.
    """
    found = courses.find(catalog, name)[0]
    opened = {"catalog": catalog.id, "activity": "course", "course": found.id}
    start = Part(TITLES["start"][language], (Link(found.name[language], found.about[language], opened),))
    modules = tuple(
        Part(one.name[language], tuple(_unit(catalog, unit, lessons, language) for unit in one.units))
        for one in found.modules
    )
    exams = tuple(
        Link(plan.name[language], custom={"catalog": catalog.id, "activity": "exam", "exam": plan.id})
        for plan in practice.plans()
        if plan.id == found.exam
    )
    last = (Part(TITLES["exams"][language], exams),) if exams else ()
    return start, *modules, *last


def _unit(catalog: Catalog, unit: Unit, lessons: Mapping[str, Lesson], language: str) -> Part:
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
            if link.url not in seen:
                seen.add(link.url)
                inside.append(Link(link.title[language], url=link.url))
    wanted = {name.removeprefix("case:") for name in unit.practice if name.startswith("case:")}
    inside += (_case(catalog, kind, language) for kind in practice.kinds() if kind.id in wanted)
    return Part(unit.name[language], tuple(inside))


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
            if link.url not in seen:
                seen.add(link.url)
                yield Link(link.title[language], url=link.url)
