"""The nouns of a course: frozen, all texts in both languages. Floor 1."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

Words = Mapping[str, str]

BLOOM = ("remember", "understand", "apply", "analyse", "evaluate", "create")
"""Levels of an outcome: Anderson and Krathwohl, "A Taxonomy for Learning, Teaching, and Assessing", 2001."""
SORTS = ("course", "certificate")
TAKEN_IN = "own"
"""The sort of a course that came from outside; no shipped one has it."""
PLATFORMS: Mapping[str, Words] = MappingProxyType(
    {
        "amazon": MappingProxyType({"en": "Amazon", "zh": "亚马逊"}),
        "aliexpress": MappingProxyType({"en": "AliExpress", "zh": "速卖通"}),
        "temu": MappingProxyType({"en": "Temu", "zh": "Temu"}),
        "shopee": MappingProxyType({"en": "Shopee", "zh": "Shopee"}),
        "tiktok_shop": MappingProxyType({"en": "TikTok Shop", "zh": "TikTok Shop"}),
        "independent_store": MappingProxyType({"en": "Independent store", "zh": "独立站"}),
    }
)
"""Where a course may be practised, in the order of a page."""
OWN = ("project", "discussion", "event", "team")
"""Kinds of activity that a course brings itself."""
LINK, PAGE, TASK = OUTSIDE = ("link", "page", "task")
"""Kinds of material that came with a course from outside: an address, a page of text, an assignment."""
EXAM = "exam"
KINDS = ("reading", "video", "example", "quiz", "step", "case", *OWN, EXAM)
"""Kinds of activity of the trade, in the order of a unit."""
LEVELS = 4
"""Of a criterion of a rubric, from the weakest to the best."""
CRITERIA = 4
"""Of a rubric."""


@dataclass(frozen=True)
class Outcome:
    """What somebody can do after the course, so that it can be seen.

    Attributes:
        bloom: One of `BLOOM`.
        text: Begins with a verb of that level.
        skills: Ids of the skills that show it.
    """

    bloom: str
    text: Words
    skills: tuple[str, ...]


@dataclass(frozen=True)
class Unit:
    """A sub-module: some knowledge points, and what is done with them.

    Attributes:
        id: Unique in its module.
        name: What a page shows.
        skills: Ids of its knowledge points, in the order of learning.
        practice: What is done beside reading and questions: "case:freight", "project:launch", "discussion:cod", ...
        platforms: What differs there, by id of a platform.
    """

    id: str
    name: Words
    skills: tuple[str, ...]
    practice: tuple[str, ...] = ()
    platforms: Mapping[str, Words] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True)
class Module:
    """A module: its units. `id` is unique in its course."""

    id: str
    name: Words
    units: tuple[Unit, ...]

    @property
    def skills(self) -> tuple[str, ...]:
        """Ids of its knowledge points, each once, in the order of learning."""
        return tuple(dict.fromkeys(skill for unit in self.units for skill in unit.skills))


@dataclass(frozen=True)
class Criterion:
    """A line of a rubric.

    Attributes:
        name: What is looked at.
        skills: Ids of the skills that it tells of.
        levels: `LEVELS` descriptions, from the weakest to the best.
    """

    name: Words
    skills: tuple[str, ...]
    levels: tuple[Words, ...]


@dataclass(frozen=True)
class Project:
    """A brief of one page.

    Attributes:
        id: Unique in its course and kind.
        name: What a page shows.
        hours: About how long it takes one learner.
        situation: Who asks for what, and with which figures.
        deliverables: What is handed in.
        rubric: `CRITERIA` lines.
    """

    id: str
    name: Words
    hours: float
    situation: Words
    deliverables: tuple[Words, ...]
    rubric: tuple[Criterion, ...]

    @property
    def skills(self) -> tuple[str, ...]:
        """Ids of the skills that it tells of, each once."""
        return tuple(dict.fromkeys(skill for line in self.rubric for skill in line.skills))


@dataclass(frozen=True)
class Discussion:
    """A question without one right answer.

    Attributes:
        id: Unique in its course and kind.
        question: To be discussed.
        touches: What a good answer touches.
        skills: Ids of the skills that it is about.
        text: What is said before it; empty if nothing is.
    """

    id: str
    question: Words
    touches: tuple[Words, ...]
    skills: tuple[str, ...]
    text: Words = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True)
class Stage:
    """A part of a session: how many minutes, and what is done."""

    minutes: int
    text: Words


@dataclass(frozen=True)
class Event:
    """A session off line.

    Attributes:
        id: Unique in its course and kind.
        name: What a page shows.
        plan: Its parts, in order.
        checkin: What is checked in, by whom and when: without it nobody was there.
        skills: Ids of the skills that it is about.
    """

    id: str
    name: Words
    plan: tuple[Stage, ...]
    checkin: Words
    skills: tuple[str, ...]

    @property
    def minutes(self) -> int:
        """How long it takes."""
        return sum(stage.minutes for stage in self.plan)


@dataclass(frozen=True)
class Part:
    """A role in a team: what it is called, what it does, which skills that takes."""

    name: Words
    does: Words
    skills: tuple[str, ...]


@dataclass(frozen=True)
class Team:
    """A task that a team does with a role for each.

    Attributes:
        id: Unique in its course and kind.
        name: What a page shows.
        minutes: How long it takes.
        task: What the team does, and how it is seen who did what.
        roles: At least two.
    """

    id: str
    name: Words
    minutes: int
    task: Words
    roles: tuple[Part, ...]

    @property
    def skills(self) -> tuple[str, ...]:
        """Ids of the skills that it takes, each once."""
        return tuple(dict.fromkeys(skill for role in self.roles for skill in role.skills))


@dataclass(frozen=True)
class Material:
    """Something to read or do that came with a course from outside.

    Attributes:
        id: Unique in its course.
        kind: One of `OUTSIDE`.
        name: What a page shows.
        text: What it says, as lines; empty for a link.
        url: Of a link: its address.
        skills: Ids of the skills that it is about.
    """

    id: str
    kind: str
    name: Words
    text: Words
    url: str
    skills: tuple[str, ...]


@dataclass(frozen=True)
class Share:
    """A part of the mark: its kind of activity, how much of 100 it counts, what exactly is marked."""

    kind: str
    weight: int
    text: Words


@dataclass(frozen=True)
class Course:
    """A course: what it is for, its parts, and how it is marked.

    Attributes:
        id: Unique among the courses.
        sort: One of `SORTS`, or `TAKEN_IN`.
        name: What a page shows.
        about: What it is about, and for whom.
        weeks: How many.
        hours: A week, with everything.
        assumes: Ids of skills that it builds on and does not teach.
        outcomes: What somebody can do after it.
        modules: Its parts.
        projects: By id.
        discussions: By id.
        events: By id.
        teams: By id.
        assessment: Shares that add up to 100.
        exam: Id of the plan of its exam (`practice.plans`); empty: it has none.
        platform: The one that it is a variant for; empty: for all of them.
        of: Id of the course that it is a variant of; empty: of none.
        materials: What came with it from outside, by id.
        terms: On what terms it may be used, as it said; empty: it did not.
    """

    id: str
    sort: str
    name: Words
    about: Words
    weeks: int
    hours: float
    assumes: tuple[str, ...]
    outcomes: tuple[Outcome, ...]
    modules: tuple[Module, ...]
    projects: Mapping[str, Project]
    discussions: Mapping[str, Discussion]
    events: Mapping[str, Event]
    teams: Mapping[str, Team]
    assessment: tuple[Share, ...]
    exam: str = ""
    platform: str = ""
    of: str = ""
    materials: Mapping[str, Material] = field(default_factory=lambda: MappingProxyType({}))
    terms: str = ""

    @property
    def skills(self) -> tuple[str, ...]:
        """Ids of its knowledge points, each once, in the order of learning."""
        return tuple(dict.fromkeys(skill for module in self.modules for skill in module.skills))
