"""What an instructor can add to a course: its path, parts, lessons, practice, pages for others. Floor 3."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from curriculum import bank, courses, leaflets, practice, readings
from curriculum.catalog import Catalog
from curriculum.courses import doing
from curriculum.kits import own
from curriculum.practice import scenes, team, week_market
from lti_tool import exercises, resources

GROUPS = (
    "path", "module", "course", "lesson", "quiz", "case", "scene", "exam", "week", "team", "project",
    "discussion", "rule", "events", "openings", "partner", "class", "consortium",
)  # fmt: skip
GRADED = frozenset({"path", "module", "quiz", "case", "scene", "exam", "week", "team", "project"})
GRADED_AT_FIRST = frozenset({"quiz", "case", "scene", "exam", "week", "team", "project"})


@dataclass(frozen=True)
class Choice:
    """One thing that can be added.

    Attributes:
        catalog: Id of its catalog.
        activity: What the link opens: one of `GROUPS`.
        subject: Which module, course, lesson, quiz, case, scene, exam or team task; empty if the activity needs none.
        role: The role that a path sets as goal; empty if the learner chooses.
        name: Of the subject or the role, by language; empty where the activity says it all.
        about: What a learner does in it, by language; empty where nobody wrote it down.
        minutes: About how long it takes; 0 where that is up to the learner.
    """

    catalog: str
    activity: str
    subject: str
    role: str
    name: Mapping[str, str]
    about: Mapping[str, str] = field(default_factory=dict)
    minutes: int = 0

    @property
    def key(self) -> str:
        """What names it in a form, and its line item in any course (AGS 2.0, resourceId): the same in every copy."""
        return resources.id_of(self.custom)

    @property
    def gradable(self) -> bool:
        """Whether it has a result that a gradebook could show."""
        return self.activity in GRADED

    @property
    def custom(self) -> dict[str, str]:
        """The custom parameters that make a link open it: the whole configuration, so that a copy needs nothing."""
        found = {"catalog": self.catalog, "activity": self.activity}
        if self.subject:
            found[self.activity] = self.subject
        if self.role:
            found["role"] = self.role
        if self.activity == "project":
            found["grade"] = "last"  # a person decides, and may decide anew
        return found


def offered(catalog: Catalog) -> dict[str, Choice]:
    """Everything that a catalog offers, by key, in the order in which a page shows it.

    Cases and exams belong to the catalog whose skills they train.
    """
    of, none = catalog.id, dict[str, str]()
    kinds = [kind for kind in own.every(catalog) if not catalog.skills.keys().isdisjoint(kind.skills)]
    rooms = [kind for kind in scenes.kinds() if not catalog.skills.keys().isdisjoint(kind.skills)]
    plans = practice.plans() if kinds else ()
    listed = [
        Choice(of, "path", "", "", none),
        *(Choice(of, "path", "", role.id, role.name) for role in catalog.roles.values()),
        *(Choice(of, "module", area.id, "", area.name) for area in catalog.areas.values()),
        *_courses(catalog),
        *_lessons(catalog),
        *_brought(catalog),
        *_quizzes(catalog),
        *(Choice(of, "case", kind.id, "", kind.name, kind.about, kind.minutes) for kind in kinds),
        *(Choice(of, "scene", kind.id, "", kind.name, kind.about, kind.minutes) for kind in rooms),
        *(Choice(of, "exam", plan.id, "", plan.name, minutes=plan.minutes) for plan in plans),
        *([Choice(of, "week", "standard", "", week_market.NAME, minutes=week_market.MINUTES)] if plans else []),
        *(_teams(of) if plans else ()),
        *(Choice(of, "rule", rule, "", leaflets.name(rule), catalog.rules[rule].statement) for rule in catalog.rules),
        Choice(of, "events", "", "", none),
        Choice(of, "openings", "", "", none),
        Choice(of, "partner", "", "", none),
        Choice(of, "class", "", "", none),
        Choice(of, "consortium", "", "", none),
    ]
    return {choice.key: choice for choice in listed}


def _courses(catalog: Catalog) -> Iterator[Choice]:
    """The courses of a catalog, each with its modules behind it."""
    none = dict[str, str]()
    for course in courses.of_catalog(catalog).values():
        yield Choice(catalog.id, "course", course.id, "", course.name, course.about)
        for module in course.modules if not course.of else ():
            name = {language: f"{course.name[language]} · {module.name[language]}" for language in module.name}
            yield Choice(catalog.id, "course", f"{course.id}{courses.UNITS}{module.id}", "", name, none)


def _brought(catalog: Catalog) -> Iterator[Choice]:
    """Projects and discussions, which courses bring; those of a variant are those of its course."""
    for course in courses.of_catalog(catalog).values():
        if course.of:
            continue
        for id_, project in course.projects.items():
            named = f"{course.id}{courses.UNITS}{id_}"
            yield Choice(catalog.id, "project", named, "", project.name, course.name, round(60 * project.hours))
        for id_, talk in course.discussions.items():
            named = f"{course.id}{courses.UNITS}{id_}"
            yield Choice(catalog.id, "discussion", named, "", talk.question, course.name, round(doing.DISCUSSED))


def _lessons(catalog: Catalog) -> Iterator[Choice]:
    none = dict[str, str]()
    for one in catalog.resources.values():
        skill = readings.skill_of(one.id)
        if skill:
            yield Choice(catalog.id, "lesson", skill, "", one.name, none, max(1, round(one.minutes or 0)))


def _quizzes(catalog: Catalog) -> Iterator[Choice]:
    none, minutes = dict[str, str](), round(bank.COUNT * bank.MINUTES)
    for skill in catalog.skills.values() if catalog.id == exercises.CATALOG else ():
        if bank.has(skill.id, catalog):
            yield Choice(catalog.id, "quiz", skill.id, "", skill.name, none, minutes)


def _teams(catalog: str) -> Iterator[Choice]:
    """An order for teams: each destination, each size."""
    for destination in team.DESTINATIONS:
        for size in team.SIZES:
            name, minutes = team.choice(destination, size), team.minutes(destination, size)
            yield Choice(catalog, "team", f"{destination}.{size}", "", name, team.about(), minutes)
