"""A rubric as a form, and what was said by it, as plain data for templates: pure. Floor 3."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from curriculum import courses
from curriculum.catalog import Catalog
from curriculum.courses.tree import Course, Discussion, Project
from lti_tool import enclosures, marks
from lti_tool.enclosures import Block, Enclosure
from lti_tool.projects import DISCUSSION, Version
from lti_tool.reviews import DECISION, OUTSIDE, Opinion, Verdict
from lti_tool.texts import Say


@dataclass(frozen=True)
class Level:
    """A level of a criterion: its number, its description, whether it is the chosen one."""

    number: int
    text: str
    chosen: bool


@dataclass(frozen=True)
class Line:
    """A criterion in a form: its place from 0, name, levels, the sentence, what lacks, and what others say of it."""

    place: int
    name: str
    levels: list[Level]
    words: str
    problems: list[str]
    hint: str


@dataclass(frozen=True)
class Mark:
    """A criterion that was judged: its name, the level and what it says in words, the sentence."""

    name: str
    level: str
    words: str


@dataclass(frozen=True)
class Said:
    """What somebody said of a work: who, when, the points in words, the criteria, the comment; what flags it."""

    kind: str
    who: str
    when: str
    points: str
    marks: list[Mark]
    comment: list[Block]
    flag: str


@dataclass(frozen=True)
class Inside:
    """What was handed in: its text, links, the learner's own part, the file in words, the first rows of a table."""

    blocks: list[Block]
    links: tuple[str, ...]
    part: list[Block]
    file: str
    kind: str
    table: list[list[str]]


def find(catalog: Catalog, name: str) -> tuple[Course, Project] | None:
    """The project of a name: "operations.shelf"; of a variant of a course, that of the course. None: there is none."""
    course, id_ = _course(catalog, name)
    found = None if course is None else course.projects.get(id_)
    return None if course is None or found is None else (course, found)


def talk(catalog: Catalog, name: str) -> tuple[Course, Discussion] | None:
    """The discussion of a name: "operations.platform"; None: there is none."""
    course, id_ = _course(catalog, name)
    found = None if course is None else course.discussions.get(id_)
    return None if course is None or found is None else (course, found)


def name_of(course: Course, id_: str) -> str:
    """What a project or a discussion is called over all courses; in a variant as in the course."""
    return f"{course.of or course.id}{courses.UNITS}{id_}"


def kept_as(name: str) -> str:
    """Under which name the store keeps what is set for a discussion, so that no project is meant."""
    return f"{DISCUSSION}:{name}"


def every(catalog: Catalog) -> list[tuple[str, Course, Project]]:
    """All projects of a catalog, in the order of its courses."""
    return [
        (name_of(course, id_), course, project)
        for course in courses.of_catalog(catalog).values()
        if not course.of
        for id_, project in course.projects.items()
    ]


def _course(catalog: Catalog, name: str) -> tuple[Course | None, str]:
    of, _, id_ = name.partition(courses.UNITS)
    course = courses.of_catalog(catalog).get(of)
    if course is not None and course.of:
        course = courses.of_catalog(catalog).get(course.of)
    return course, id_


def lines(
    project: Project,
    language: str,
    say: Say,
    *,
    opinion: Opinion | None = None,
    problems: Sequence[tuple[str, int]] = (),
    hints: Mapping[int, str] | None = None,
) -> list[Line]:
    """The rubric as a form.

    Args:
        project: Whose rubric.
        language: "en" or "zh".
        say: How to say a text.
        opinion: What was chosen and typed so far.
        problems: As `reviews.opinion` answers.
        hints: What others say of a criterion, by its place.
    """
    chosen, typed = (opinion.levels, opinion.words) if opinion is not None else ((), ())
    return [
        Line(
            place=place,
            name=criterion.name[language],
            levels=[
                Level(number, level[language], place < len(chosen) and chosen[place] == number)
                for number, level in enumerate(criterion.levels, start=1)
            ],
            words=typed[place] if place < len(typed) else "",
            problems=[say(f"judging.problem.{code}") for code, where in problems if where == place],
            hint=(hints or {}).get(place, ""),
        )
        for place, criterion in enumerate(project.rubric)
    ]


def typed(levels: Sequence[str], words: Sequence[str], comment: str) -> Opinion:
    """What a form said, as it was typed, to be shown again: what is no level is 0."""
    return Opinion(tuple(int(one) if one in set("1234") else 0 for one in levels), tuple(words), comment)


def said(verdict: Verdict, project: Project, language: str, say: Say, *, who: str, when: str, flag: str = "") -> Said:
    """What somebody said, in words.

    Args:
        verdict: What.
        project: By whose rubric.
        language: "en" or "zh".
        say: How to say a text.
        who: What they are called.
        when: The moment, in words.
        flag: Why somebody should look at it; empty: nobody need.
    """
    opinion = verdict.opinion
    shown = [
        Mark(
            criterion.name[language],
            say("judging.mark", level=say("course.level", number=level), text=criterion.levels[level - 1][language]),
            opinion.words[place] if place < len(opinion.words) else "",
        )
        for place, (criterion, level) in enumerate(zip(project.rubric, opinion.levels, strict=False))
    ]
    total = say("judging.points", points=marks.points(opinion), most=marks.most(project))
    return Said(verdict.kind, who, when, total, shown, enclosures.blocks(opinion.comment), flag)


def called(verdict: Verdict, number: int, say: Say) -> str:
    """What whose work it is reads of who said something: never a name of a learner."""
    if verdict.kind == DECISION:
        return say("judging.who.instructor")
    return verdict.opinion.label if verdict.kind == OUTSIDE else say("judging.who.peer", number=number)


def inside(enclosure: Enclosure, version: Version, content: bytes | None, say: Say) -> Inside:
    """What was handed in, for a page.

    Args:
        enclosure: Its words.
        version: Which version.
        content: The bytes of a table; None: it is no table.
        say: How to say a text.
    """
    size = f"{max(1, round(version.size / 1024)):,}"
    return Inside(
        blocks=enclosures.blocks(enclosure.text),
        links=enclosure.links,
        part=enclosures.blocks(enclosure.part),
        file=say(f"handing.file.{version.kind}", size=size) if version.kind else "",
        kind=version.kind,
        table=enclosures.table(content) if content and version.kind == "csv" else [],
    )


def moment(at: float, zone: ZoneInfo) -> str:
    """A moment as a page shows it: "2026-11-26 14:05" in the zone of the institution."""
    return datetime.fromtimestamp(at, zone).strftime("%Y-%m-%d %H:%M")


def field(at: float, zone: ZoneInfo) -> tuple[str, str]:
    """A moment as the fields of a form hold it: the day and the time; empty where there is none."""
    if not at:
        return "", ""
    found = datetime.fromtimestamp(at, zone)
    return found.strftime("%Y-%m-%d"), found.strftime("%H:%M")


def read_moment(day: str, time: str, zone: ZoneInfo) -> float | None:
    """A moment from the fields of a form; 0 where no day is named, None where it is none.

    >>> read_moment("2026-11-26", "", ZoneInfo("UTC")), read_moment("", "", ZoneInfo("UTC"))
    (1795737540.0, 0.0)
    >>> read_moment("26.11.", "", ZoneInfo("UTC")) is None
    True
    """
    if not day:
        return 0.0
    try:
        found = datetime.fromisoformat(f"{day[:10]}T{time[:5] or '23:59'}").replace(tzinfo=zone)
    except ValueError:
        return None
    return found.timestamp()
