"""The pages of courses: all of them, one with its modules and units, and what a course brings itself; pure. Floor 3."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from curriculum import courses, lessons
from curriculum.catalog import Catalog
from curriculum.courses import doing
from curriculum.courses.doing import Activity
from curriculum.courses.tree import PLATFORMS, Course, Discussion, Event, Module, Project, Team, Unit
from lti_tool import figures, texts
from lti_tool.advice import Advice
from lti_tool.pages import lesson, reasons
from lti_tool.texts import Say


@dataclass(frozen=True)
class Progress:
    """Knowledge points: how many there are, are known, were read; the share known or read, for an SVG attribute."""

    total: int
    known: int
    read: int
    share: str


@dataclass(frozen=True)
class Book:
    """A course in the list: id, name, what it is about, how long, how far."""

    id: str
    name: str
    about: str
    size: str
    progress: Progress


@dataclass(frozen=True)
class Shelf:
    """Courses of one sort: its heading and its courses."""

    sort: str
    books: list[Book]


@dataclass(frozen=True)
class Point:
    """A knowledge point: id, name, the name in a sentence, one of `lesson.STATES`, whether there is a lesson."""

    id: str
    name: str
    short: str
    state: str
    lesson: bool


@dataclass(frozen=True)
class Thing:
    """An activity of a unit.

    Attributes:
        kind: In words.
        sort: One of `tree.KINDS`.
        subject: What opens it: a kind of case, or "project:shelf".
        name: What it is called.
        minutes: How long it takes.
        done: Whether the learner did it, as far as the tool keeps that.
        url: Of a link: its address.
    """

    kind: str
    sort: str
    subject: str
    name: str
    minutes: int
    done: bool = False
    url: str = ""


@dataclass(frozen=True)
class Section:
    """A unit: its knowledge points, its activities, and what differs on a platform: (platform, words)."""

    id: str
    name: str
    points: list[Point]
    things: list[Thing]
    platforms: list[tuple[str, str]]


@dataclass(frozen=True)
class Chapter:
    """A module: its name of `courses.find`, its name, its units, how far, and whether it is open."""

    id: str
    name: str
    sections: list[Section]
    progress: Progress
    open: bool


@dataclass(frozen=True)
class Outcome:
    """What somebody can do after it: the level of Bloom in words, and the text."""

    level: str
    text: str


@dataclass(frozen=True)
class Page:
    """A course, or one module of it.

    Attributes:
        at: Its name of `courses.find`.
        course: Id of the course.
        name: Of the course or the module.
        over: Name of the course, where a module is shown.
        about: What it is about.
        size: How long, in words.
        progress: How far.
        next: The knowledge point that comes next; None where all are known.
        outcomes: What somebody can do after it.
        assumes: Names of the skills that it builds on.
        chapters: Its modules.
        variants: For which platforms there is one: (id, name, whether it is this one); the whole course is the first.
        marks: (weight in per cent, what is marked).
        reading: The reading list.
        terms: Of a course that came from outside: on what terms it may be used.
    """

    at: str
    course: str
    name: str
    over: str
    about: str
    size: str
    progress: Progress
    next: Point | None
    outcomes: list[Outcome]
    assumes: list[str]
    chapters: list[Chapter]
    variants: list[tuple[str, str, bool]]
    marks: list[tuple[int, str]]
    reading: list[lesson.Link]
    terms: str = ""


@dataclass(frozen=True)
class Brief:
    """What a course brings itself, on a page of its own.

    Attributes:
        kind: One of `tree.OWN`.
        course: Id of the course.
        over: Kind and course, in words.
        name: What it is called, or what is asked.
        size: How long it takes, in words.
        text: The situation, the task, or what a page from outside says; empty if there is none.
        parts: What is handed in, what a good answer touches, or the plan: (minutes or "", text).
        roles: Of a team: (name, what it does).
        rubric: Of a project: (criterion, descriptions of the levels).
        checkin: Of an event.
        skills: Its knowledge points.
    """

    kind: str
    course: str
    over: str
    name: str
    size: str
    text: str
    parts: list[tuple[str, str]]
    roles: list[tuple[str, str]]
    rubric: list[tuple[str, list[str]]]
    checkin: str
    skills: list[Point]


def shelves(advice: Advice, language: str) -> list[Shelf]:
    """All courses of the catalog by sort, without their variants."""
    catalog, say, stand = advice.catalog, texts.speaker(language), lesson.states(advice)
    found: dict[str, list[Book]] = {}
    for course in courses.of_catalog(catalog).values():
        if not course.of:
            book = Book(
                course.id,
                course.name[language],
                course.about[language],
                _size(course, say),
                _progress(course.skills, stand),
            )
            found.setdefault(course.sort, []).append(book)
    return [Shelf(sort, books) for sort, books in found.items()]


def page(advice: Advice, at: str, language: str, done: Collection[str] = ()) -> Page:
    """A course or a module.

    Args:
        advice: What is known of the learner.
        at: Name of the course, the module or a unit, as `courses.find` takes it.
        language: "en" or "zh".
        done: Activities that the learner did: "operations/event:desk", with the id of the course that others vary.

    Raises:
        curriculum.errors.UnknownReference: There is none of this name.
    """
    catalog, say, stand = advice.catalog, texts.speaker(language), lesson.states(advice)
    course, module, _ = courses.find(catalog, at)
    part: Course | Module = course if module is None else module
    coming = next((skill for skill in part.skills if stand[skill] != "known"), "")
    return Page(
        at=course.id if module is None else f"{course.id}{courses.UNITS}{module.id}",
        course=course.id,
        name=part.name[language],
        over="" if module is None else course.name[language],
        about=course.about[language] if module is None else "",
        size=_size(course, say),
        progress=_progress(part.skills, stand),
        next=_point(catalog, coming, stand, language) if coming else None,
        outcomes=[Outcome(say(f"course.bloom.{one.bloom}"), one.text[language]) for one in course.outcomes],
        assumes=[catalog.skills[name].name[language] for name in course.assumes if name in catalog.skills],
        chapters=[
            _chapter(_Seen(catalog, stand, language, done), course, one, open_=coming in one.skills)
            for one in (course.modules if module is None else (module,))
        ],
        variants=_variants(catalog, course, language, say) if module is None else [],
        marks=[(share.weight, share.text[language]) for share in course.assessment],
        reading=[lesson.link(one, language, say, catalog.links) for one in doing.reading(course, lessons.load())],
        terms=course.terms,
    )


def brief(advice: Advice, at: str, named: str, language: str) -> Brief | None:
    """What a course brings itself; None where it has no such thing.

    Args:
        advice: What is known of the learner.
        at: Name of the course or a part of it.
        named: "project:shelf", "discussion:platform", "event:warehouse", "team:peak".
        language: "en" or "zh".

    Raises:
        curriculum.errors.UnknownReference: There is no such course.
    """
    say, stand = texts.speaker(language), lesson.states(advice)
    course, _, _ = courses.find(advice.catalog, at)
    kind, _, id_ = named.partition(":")
    try:
        thing = doing.own(course, kind, id_)
    except LookupError:
        return None
    text, parts, roles, rubric, checkin = _inside(thing, language, say)
    return Brief(
        kind=kind,
        course=course.id,
        over=say("course.thing.over", kind=say(f"course.kind.{kind}"), course=course.name[language]),
        name=(thing.question if isinstance(thing, Discussion) else thing.name)[language],
        size=_minutes(doing.minutes(thing), say),
        text=text,
        parts=parts,
        roles=roles,
        rubric=rubric,
        checkin=checkin,
        skills=[_point(advice.catalog, one, stand, language) for one in thing.skills if one in advice.catalog.skills],
    )


def _inside(
    thing: doing.Own, language: str, say: Say
) -> tuple[str, list[tuple[str, str]], list[tuple[str, str]], list[tuple[str, list[str]]], str]:
    """Text, parts, roles, rubric and check-in of a thing, as far as it has them."""
    if isinstance(thing, Project):
        parts = [("", one[language]) for one in thing.deliverables]
        rubric = [(line.name[language], [level[language] for level in line.levels]) for line in thing.rubric]
        return thing.situation[language], parts, [], rubric, ""
    if isinstance(thing, Discussion):
        return thing.text.get(language, ""), [("", one[language]) for one in thing.touches], [], [], ""
    if isinstance(thing, Event):
        plan = [(_minutes(stage.minutes, say), stage.text[language]) for stage in thing.plan]
        return "", plan, [], [], thing.checkin.get(language, "")
    if isinstance(thing, Team):
        return thing.task[language], [], [(role.name[language], role.does[language]) for role in thing.roles], [], ""
    return thing.text.get(language, ""), [], [], [], ""


@dataclass(frozen=True)
class _Seen:
    """A catalog as a learner sees it: where they stand with each skill, the language of the page, what they did."""

    catalog: Catalog
    stand: Mapping[str, str]
    language: str
    done: Collection[str]


def _chapter(seen: _Seen, course: Course, module: Module, *, open_: bool) -> Chapter:
    return Chapter(
        id=f"{course.id}{courses.UNITS}{module.id}",
        name=module.name[seen.language],
        sections=[_section(seen, course, unit) for unit in module.units],
        progress=_progress(module.skills, seen.stand),
        open=open_,
    )


def _section(seen: _Seen, course: Course, unit: Unit) -> Section:
    language, say = seen.language, texts.speaker(seen.language)
    return Section(
        id=unit.id,
        name=unit.name[language],
        points=[_point(seen.catalog, skill, seen.stand, language) for skill in unit.skills],
        things=[_thing(one, course, seen, say) for one in doing.of_unit(course, unit)],
        platforms=[(PLATFORMS[name][language], told[language]) for name, told in unit.platforms.items()],
    )


def _thing(activity: Activity, course: Course, seen: _Seen, say: Say) -> Thing:
    subject = f"{activity.kind}:{activity.subject}"
    minutes = max(1, round(activity.minutes or 0))
    name, done = activity.name[seen.language], f"{course.of or course.id}/{subject}" in seen.done
    return Thing(say(f"course.kind.{activity.kind}"), activity.kind, subject, name, minutes, done, activity.url)


def _point(catalog: Catalog, skill: str, stand: Mapping[str, str], language: str) -> Point:
    name = catalog.skills[skill].name[language]
    return Point(skill, name, reasons.short(name), stand[skill], lesson.has(catalog, skill))


def _progress(skills: Iterable[str], stand: Mapping[str, str]) -> Progress:
    found = [stand[skill] for skill in skills]
    known, seen = found.count("known"), found.count("read")
    return Progress(len(found), known, seen, figures.part((known + seen) / len(found)))


def _variants(catalog: Catalog, course: Course, language: str, say: Say) -> list[tuple[str, str, bool]]:
    """The course for all platforms, then for each; nothing where there is but one."""
    whole = course.of or course.id
    family = [one for one in courses.of_catalog(catalog).values() if whole in (one.id, one.of)]
    if len(family) < 2:
        return []
    return [
        (
            one.id,
            PLATFORMS[one.platform][language] if one.platform else say("course.platforms.all"),
            one.id == course.id,
        )
        for one in family
    ]


def _size(course: Course, say: Say) -> str:
    if not course.weeks:  # of a course from outside nobody said how long it takes
        return say("course.size.points", count=len(course.skills))
    hours = f"{course.hours:g}"
    return say("course.size", weeks=course.weeks, hours=hours, count=len(course.skills))


def _minutes(minutes: float, say: Say) -> str:
    if minutes < 120:
        return say("today.minutes", minutes=round(minutes))
    return say("course.hours", hours=f"{minutes / 60:g}")
