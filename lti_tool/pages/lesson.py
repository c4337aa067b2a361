"""The page of a lesson: text, example, the usual mistake, the dated rules that hold today, what comes before. Floor 3.

Pure: a text that speaks of a rule which has ended, or is older than a rule that began, says so.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np

from curriculum import bank, courses, lessons, readings, rules
from curriculum.catalog import Catalog, Rule
from curriculum.lessons import Lesson
from lti_tool import exercises, texts
from lti_tool.advice import Advice
from lti_tool.pages import meter, reasons, view
from lti_tool.pages.meter import Meter
from lti_tool.texts import Say
from recommender import verbs

READING = verbs.MODES.index("reading")
CONTENT = verbs.SOURCES.index("content")
STATES = ("known", "read", "new")


@dataclass(frozen=True)
class Chip:
    """A dated rule.

    Attributes:
        id: Of the rule.
        tag: Where, and from when to when.
        state: "holds", "ended", "coming" or "doubtful".
        statement: What it says.
        note: What its state means for the reader; empty where it simply holds.
        sources: Addresses where it was read.
    """

    id: str
    tag: str
    state: str
    statement: str
    note: str
    sources: tuple[str, ...]


@dataclass(frozen=True)
class Before:
    """A prerequisite: id and name, why it is needed (empty where nobody wrote it down), one of `STATES`."""

    id: str
    name: str
    why: str
    state: str


@dataclass(frozen=True)
class Link:
    """An open resource: address, title, what it is, and the language of its text where that is another."""

    url: str
    title: str
    way: str
    languages: str


@dataclass(frozen=True)
class Page:
    """The whole page.

    Attributes:
        skill: Id of the skill.
        item: Id of what is practised; empty if nothing.
        name: Of the skill.
        over: Course and unit, or the area.
        at: The part of a course that it was opened from, as `courses.find` takes it; empty if from none.
        minutes: About how long reading takes.
        checked: The day on which somebody last looked at the text.
        older: That a rule began since then; empty if none did.
        meter: The skill as it stands.
        state: One of `STATES`.
        text: Paragraphs.
        example: Worked through.
        beware: The usual mistake.
        rules: That it speaks of or that change its skill, those that hold first.
        links: Open resources.
        before: What comes before it.
        case: Name of the case that practises it; empty if there is none.
        quiz: The activity of its questions; empty if there are none.
        word: What the learner said of it, one of `votes.WORDS`; empty if nothing.
        following: Id and name of the next knowledge point of the course; empty at its end.
    """

    skill: str
    item: str
    name: str
    over: str
    at: str
    minutes: int
    checked: str
    older: str
    meter: Meter
    state: str
    text: list[str]
    example: str
    beware: str
    rules: list[Chip]
    links: list[Link]
    before: list[Before]
    case: str
    quiz: str
    word: str
    following: tuple[str, str] | None


def read(advice: Advice) -> frozenset[str]:
    """Ids of the skills on which something was read to its end, as the record store knows it."""
    done = advice.activities
    if done is None:
        return frozenset()
    names = tuple(advice.catalog.skills)
    mine = (done.mode == READING) & (done.source == CONTENT) & (done.skill >= 0)
    return frozenset(names[column] for column in np.unique(done.skill[mine]).tolist())


def states(advice: Advice) -> dict[str, str]:
    """How it stands with every skill: one of `STATES`. Known is what is at the level of the goal, or of a course."""
    wanted, seen = view.targets(advice), read(advice)
    found = {}
    for name, known in advice.profile.knowledge.items():
        there = known.level is not None and known.level >= wanted.get(name, courses.LEVEL)
        found[name] = "known" if there else "read" if name in seen else "new"
    return found


def has(catalog: Catalog, skill: str) -> bool:
    """Whether there is a lesson on a skill that the institution did not end."""
    return readings.id_of(skill) in catalog.resources


def page(advice: Advice, skill: str, at: str, language: str, *, today: date, word: str = "") -> Page | None:
    """Build the page; None where there is no lesson on the skill.

    Args:
        advice: What is known of the learner.
        skill: Id of a skill of the catalog.
        at: The part of a course that it is opened from; empty, or of no course: none.
        language: "en" or "zh".
        today: What decides which rules hold.
        word: What the learner said of it.
    """
    catalog = advice.catalog
    lesson = lessons.of_skill(catalog, skill) if has(catalog, skill) else None
    if lesson is None:
        return None
    say, entry = texts.speaker(language), catalog.skills[skill]
    known, stand = advice.profile.knowledge[skill], states(advice)
    trained = exercises.of_skill(catalog, skill)
    case = exercises.name(catalog, trained) if trained.startswith(f"{exercises.CASE}:") else None
    over, following = _place(catalog, skill, at, language, say)
    return Page(
        skill=skill,
        item=f"practice:{skill}" if trained and f"practice:{skill}" in catalog.items else "",
        name=entry.name[language],
        over=over or catalog.areas[entry.area].name[language],
        at=at if over else "",
        minutes=max(1, round(lesson.minutes)),
        checked=reasons.day(lesson.checked, language),
        older=_older(catalog, lesson, today, language, say),
        meter=meter.of_skill(known, entry.name[language], view.targets(advice).get(skill), say),
        state=stand[skill],
        text=[one[language] for one in lesson.text],
        example=lesson.example[language],
        beware=lesson.beware[language],
        rules=list(_chips(catalog, lesson, today, language, say)),
        links=[link(one, language, say, catalog.links) for one in lesson.links],
        before=[
            Before(
                name,
                catalog.skills[name].name[language],
                entry.because[name][language] if name in entry.because else "",
                stand[name],
            )
            for name in entry.prerequisites
        ],
        case="" if case is None else case[language],
        quiz=f"{exercises.QUIZ}:{skill}" if bank.has(skill, catalog) else "",
        word=word,
        following=following,
    )


def _place(catalog: Catalog, skill: str, at: str, language: str, say: Say) -> tuple[str, tuple[str, str] | None]:
    """Course and unit of a lesson in words, and what comes after it there; nothing where it is in no course."""
    course = courses.of_catalog(catalog).get(at.partition(courses.UNITS)[0])
    if course is None or skill not in course.skills:
        return "", None
    unit = next(unit for module in course.modules for unit in module.units if skill in unit.skills)
    order = course.skills
    place = order.index(skill) + 1
    after = order[place] if place < len(order) else ""
    over = say("lesson.over", course=course.name[language], unit=unit.name[language], place=place, total=len(order))
    return over, (after, reasons.short(catalog.skills[after].name[language])) if after else None


def _older(catalog: Catalog, lesson: Lesson, today: date, language: str, say: Say) -> str:
    """That a rule on the skill began after somebody last looked at the text, and which."""
    newest = rules.affecting(catalog, lesson.skill, today)[:1]
    if not newest or newest[0].valid_from <= lesson.checked:
        return ""
    return say("lesson.older", rule=reasons.rule(newest[0], language, say))


def _chips(catalog: Catalog, lesson: Lesson, today: date, language: str, say: Say) -> Iterator[Chip]:
    """The rules of a lesson: those that hold on the day, then those to come, then those that ended."""
    named = [catalog.rules[name] for name in lesson.rules if name in catalog.rules]
    holding = rules.affecting(catalog, lesson.skill, today)
    found = [*dict.fromkeys(one.id for one in (*holding, *named))]
    chips = [_chip(catalog.rules[name], today, language, say) for name in found]
    order = ("holds", "coming", "doubtful", "ended")
    yield from sorted(chips, key=lambda chip: order.index(chip.state))


def _chip(rule: Rule, today: date, language: str, say: Say) -> Chip:
    state = _state(rule, today)
    since, until = reasons.day(rule.valid_from, language), rule.valid_to and reasons.day(rule.valid_to, language)
    key = "lesson.rule.both" if until else "lesson.rule.since"
    return Chip(
        id=rule.id,
        tag=say(key, jurisdiction=rule.jurisdiction, since=since, until=until or ""),
        state=state,
        statement=rule.statement[language],
        note="" if state == "holds" else say(f"lesson.rule.{state}", since=since, until=until or ""),
        sources=rules.addresses(rule),
    )


def _state(rule: Rule, today: date) -> str:
    if rule.confidence == "low":
        return "doubtful"
    if rule.valid_to is not None and rule.valid_to < today:
        return "ended"
    return "holds" if rule.valid_from <= today else "coming"


def link(link: lessons.Link, language: str, say: Say, moved: Mapping[str, str]) -> Link:
    """A link of a lesson, where it leads by now, and in which language it is where that is another."""
    others = [one for one in link.languages if one != language]
    told = "" if language in link.languages else say("list.comma").join(say(f"lesson.in.{one}") for one in others)
    return Link(moved.get(link.url, link.url), link.title[language], say(f"way.{link.mode}"), told)
