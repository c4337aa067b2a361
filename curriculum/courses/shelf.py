"""Read the files of courses: frozen data, or every problem of a file with its line. Floor 1."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Iterable, Mapping
from importlib import resources
from types import MappingProxyType
from typing import Any, TypeVar

import yaml

from curriculum import catalog as catalogs
from curriculum import check, errors
from curriculum.catalog import Catalog
from curriculum.courses import sound
from curriculum.courses.tree import (
    PLATFORMS,
    Course,
    Criterion,
    Discussion,
    Event,
    Module,
    Outcome,
    Part,
    Project,
    Share,
    Stage,
    Team,
    Unit,
    Words,
)

CATALOG = "cbec"
"""The catalog that the shipped courses are of."""
FOLDER = "curriculum/data/courses"
Own = TypeVar("Own", Project, Discussion, Event, Team)


@functools.cache
def load() -> Mapping[str, Course]:
    """The shipped courses by id, read once per process, in the order of their `order`; variants behind their course.

    Raises:
        errors.InvalidCourses: A file breaks a rule; every problem of the first such file is listed with its line.
    """
    folder = resources.files("curriculum").joinpath("data", "courses")
    files = [(file.name, file.read_text(encoding="utf-8")) for file in folder.iterdir() if file.name.endswith(".yaml")]
    catalog = catalogs.load(CATALOG)
    return joined(parse_text(text, catalog, where=f"{FOLDER}/{name}") for name, text in sorted(files))


def joined(read: Iterable[tuple[int, tuple[Course, ...]]]) -> Mapping[str, Course]:
    """The courses of several files, by id, in their order.

    Args:
        read: What `parse_text` made of each file.

    Raises:
        errors.InvalidCourses: Two courses have one id.
    """
    found: dict[str, Course] = {}
    for _, several in sorted(read, key=lambda pair: pair[0]):
        for course in several:
            if course.id in found:
                raise errors.InvalidCourses(FOLDER, [f"two courses are called {course.id!r}; rename one"])
            found[course.id] = course
    return MappingProxyType(found)


def parse_text(text: str, catalog: Catalog, *, where: str = "course") -> tuple[int, tuple[Course, ...]]:
    """Read a file: a course and its variants.

    Args:
        text: The YAML document.
        catalog: What its skills may be.
        where: Name of the file, for messages.

    Returns:
        Its place among the courses, and the course, then its variants.

    Raises:
        errors.InvalidCourses: Not YAML, or it breaks a rule; problems carry the line where one is known.
    """
    try:
        data = yaml.load(text, Loader=catalogs.Loader)  # noqa: S506  (both loaders are the safe ones)
    except yaml.YAMLError as error:
        raise errors.InvalidCourses(where, [f"not YAML: {error}"]) from error
    found = sound.problems(data, catalog)
    if found:
        lines = check.lines(text, catalogs.Loader)
        raise errors.InvalidCourses(where, [check.with_line(problem, lines) for problem in found])
    course = _course(data)
    return data["order"], (course, *(_variant(course, one) for one in data.get("variants") or ()))


def _course(raw: Mapping[str, Any]) -> Course:
    return Course(
        id=raw["id"],
        sort=raw["sort"],
        name=words(raw["name"]),
        about=words(raw["about"]),
        weeks=raw["weeks"],
        hours=float(raw["hours"]),
        assumes=tuple(raw.get("assumes") or ()),
        outcomes=tuple(Outcome(one["bloom"], words(one), tuple(one["skills"])) for one in raw["outcomes"]),
        modules=tuple(_module(one) for one in raw["modules"]),
        projects=_by_id(map(_project, raw.get("projects") or ())),
        discussions=_by_id(map(_discussion, raw.get("discussions") or ())),
        events=_by_id(map(_event, raw.get("events") or ())),
        teams=_by_id(map(_team, raw.get("teams") or ())),
        assessment=tuple(Share(one["kind"], one["weight"], words(one)) for one in raw["assessment"]),
        exam=raw.get("exam") or "",
    )


def _variant(course: Course, raw: Mapping[str, Any]) -> Course:
    """The course for one platform: its units say what differs there and nothing of the others."""
    platform = raw["platform"]
    modules = tuple(
        dataclasses.replace(
            module,
            units=tuple(
                dataclasses.replace(
                    unit,
                    platforms=MappingProxyType(
                        {name: told for name, told in unit.platforms.items() if name == platform}
                    ),
                )
                for unit in module.units
            ),
        )
        for module in course.modules
    )
    name = MappingProxyType(
        {
            "en": f"{course.name['en']}: {PLATFORMS[platform]['en']}",
            "zh": f"{course.name['zh']}（{PLATFORMS[platform]['zh']}）",
        }
    )
    return dataclasses.replace(
        course,
        id=f"{course.id}-{platform}",
        name=name,
        about=words(raw),
        modules=modules,
        platform=platform,
        of=course.id,
    )


def _module(raw: Mapping[str, Any]) -> Module:
    return Module(raw["id"], words(raw["name"]), tuple(_unit(one) for one in raw["units"]))


def _unit(raw: Mapping[str, Any]) -> Unit:
    told = raw.get("platforms") or {}
    return Unit(
        id=raw["id"],
        name=words(raw["name"]),
        skills=tuple(raw["skills"]),
        practice=tuple(raw.get("practice") or ()),
        platforms=MappingProxyType({name: words(told[name]) for name in PLATFORMS if name in told}),
    )


def _project(raw: Mapping[str, Any]) -> Project:
    rubric = tuple(
        Criterion(words(one["name"]), tuple(one["skills"]), _several(one["levels"])) for one in raw["rubric"]
    )
    return Project(
        raw["id"],
        words(raw["name"]),
        float(raw["hours"]),
        words(raw["situation"]),
        _several(raw["deliverables"]),
        rubric,
    )


def _discussion(raw: Mapping[str, Any]) -> Discussion:
    return Discussion(raw["id"], words(raw["question"]), _several(raw["touches"]), tuple(raw["skills"]))


def _event(raw: Mapping[str, Any]) -> Event:
    plan = tuple(Stage(one["minutes"], words(one)) for one in raw["plan"])
    return Event(raw["id"], words(raw["name"]), plan, words(raw["checkin"]), tuple(raw["skills"]))


def _team(raw: Mapping[str, Any]) -> Team:
    roles = tuple(Part(words(one["name"]), words(one["does"]), tuple(one["skills"])) for one in raw["roles"])
    return Team(raw["id"], words(raw["name"]), raw["minutes"], words(raw["task"]), roles)


def words(raw: Mapping[str, Any]) -> Words:
    """A text in both languages, without blanks at its ends."""
    return MappingProxyType({language: raw[language].strip() for language in check.LANGUAGES})


def _several(raw: Iterable[Mapping[str, Any]]) -> tuple[Words, ...]:
    return tuple(words(one) for one in raw)


def _by_id(things: Iterable[Own]) -> Mapping[str, Own]:
    return MappingProxyType({one.id: one for one in things})
