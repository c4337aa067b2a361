"""Every address that a catalog leads to: of lessons, rules, videos and courses from outside, and where each is used.

Floor 1. A list to be checked by whoever may ask the web; nothing is fetched here. An address is listed once, as it
leads by now, with all places that name it, for one replacement mends them all.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from curriculum import addresses, courses, lessons
from curriculum.catalog import Catalog
from curriculum.courses import own

LESSON, RULE, VIDEO, COURSE = KINDS = ("lesson", "rule", "video", "course")


@dataclass(frozen=True)
class Use:
    """A place that names an address.

    Attributes:
        kind: One of `KINDS`.
        id: Of the skill of the lesson, the rule, the video, or the course.
        name: What that is called, by language.
        title: What the place calls the address, by language; empty where it gives it no name.
    """

    kind: str
    id: str
    name: Mapping[str, str]
    title: Mapping[str, str]


@dataclass(frozen=True)
class Link:
    """An address with its uses.

    Attributes:
        url: As it leads by now.
        uses: Where it is named, in the order of the catalog.
        former: Addresses in whose place it stands.
        problem: What is wrong with its form: one of `addresses.PROBLEMS`; empty if nothing is.
    """

    url: str
    uses: tuple[Use, ...]
    former: tuple[str, ...] = ()
    problem: str = ""


def every(catalog: Catalog) -> dict[str, Link]:
    """Every address of a catalog, once each, in the order in which they first stand.

    Args:
        catalog: As the institution teaches it.
    """
    found: dict[str, list[Use]] = {}
    for url, use in (*_lessons(catalog), *_rules(catalog), *_videos(catalog), *_courses(catalog)):
        found.setdefault(url, []).append(use)
    former: dict[str, list[str]] = {}
    for old, new in catalog.links.items():
        former.setdefault(new, []).append(old)
    return {
        url: Link(url, tuple(uses), tuple(former.get(url, ())), addresses.problem(url)) for url, uses in found.items()
    }


def _lessons(catalog: Catalog) -> Iterator[tuple[str, Use]]:
    for skill in catalog.skills.values():
        lesson = lessons.of_skill(catalog, skill.id)
        for link in lesson.links if lesson else ():
            yield catalog.links.get(link.url, link.url), Use(LESSON, skill.id, skill.name, link.title)


def _rules(catalog: Catalog) -> Iterator[tuple[str, Use]]:
    for rule in catalog.rules.values():
        for url in rule.source:
            if "://" in url:  # a source may be words, such as "from memory"
                yield url, Use(RULE, rule.id, rule.statement, {})


def _videos(catalog: Catalog) -> Iterator[tuple[str, Use]]:
    for video in catalog.videos.values():
        yield video.url, Use(VIDEO, video.id, video.name, video.name)


def _courses(catalog: Catalog) -> Iterator[tuple[str, Use]]:
    for course in courses.of_catalog(catalog).values():
        if course.id in own.known(catalog):
            for one in course.materials.values():
                if one.url:
                    yield one.url, Use(COURSE, course.id, course.name, one.name)
