"""What the picker's first page offers: a few of each kind at first, what a search finds, and what is chosen already.

Floor 3. Pure. What is chosen stands above everything else and stays chosen, whatever is searched for next.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from curriculum import courses, errors, practice
from curriculum.catalog import Catalog
from curriculum.courses import doing
from curriculum.kits import own
from curriculum.practice import scenes
from lti_tool import texts
from lti_tool.deep_linking import choices
from lti_tool.deep_linking.choices import Choice
from lti_tool.pages import finding
from lti_tool.texts import Say

HIGH = 4
LONG, FEW = 16, 6
"""Things of a kind up to which all are shown at first, and how many of a longer list."""
MANY = 20
"""Things of a kind that a search shows."""


@dataclass(frozen=True)
class Sought:
    """What the page was asked for; an empty text asks for all.

    Attributes:
        find: What is searched for, as it was typed.
        kind: One of `choices.GROUPS`.
        area: Id of an area of the catalog.
    """

    find: str = ""
    kind: str = ""
    area: str = ""

    @property
    def narrowed(self) -> bool:
        """Whether it asks for less than all."""
        return bool(self.kind or self.area or finding.words(self.find))


@dataclass(frozen=True)
class Option:
    """One thing to choose: its key, its name, and how large it is or what it is."""

    key: str
    name: str
    hint: str


@dataclass(frozen=True)
class Group:
    """Things of one kind.

    Attributes:
        id: One of `choices.GROUPS`.
        name: What a page calls the kind.
        lead: What learners get.
        options: Those that are shown.
        open: Whether they are seen without opening the group.
        count: How many were found.
        more: How many of them are not shown.
    """

    id: str
    name: str
    lead: str
    options: list[Option]
    open: bool
    count: int
    more: int


def sought(form: Mapping[str, str], catalog: Catalog) -> Sought:
    """What a form asks for; what it cannot ask for is as if it had not. A button for one kind goes before the list."""
    kind, area = form.get("only", form.get("kind", "")), form.get("area", "")
    return Sought(
        form.get("find", "")[: finding.LONGEST],
        kind if kind in choices.GROUPS else "",
        area if area in catalog.areas else "",
    )


def searched(form: Mapping[str, str]) -> bool:
    """Whether something else was typed to be found than what the page shows."""
    return finding.words(form.get("find", "")) != finding.words(form.get("found", ""))


def groups(
    catalog: Catalog, offered: Iterable[Choice], chosen: Sequence[str], wanted: Sought, language: str
) -> list[Group]:
    """What can be chosen and was asked for, by kind, without what is chosen already.

    Args:
        catalog: Whose things they are.
        offered: All of them.
        chosen: Keys of what is chosen.
        wanted: What was asked for.
        language: "en" or "zh".
    """
    by_kind: dict[str, list[Choice]] = {}
    words = finding.words(wanted.find)
    for choice in offered:
        if choice.key in chosen or (wanted.kind and choice.activity != wanted.kind):
            continue
        skills = _skills(choice, catalog) if wanted.area or words else ()
        areas = {catalog.skills[name].area for name in skills if name in catalog.skills}
        if (not wanted.area or wanted.area in areas) and finding.found(words, _text(choice, catalog, areas)):
            by_kind.setdefault(choice.activity, []).append(choice)
    return [_group(kind, listed, catalog, wanted, language) for kind, listed in by_kind.items()]


def kept(chosen: Iterable[Choice], language: str) -> list[Option]:
    """What is chosen so far, each with its kind."""
    say = texts.speaker(language)
    return [Option(one.key, name(one, say, language), say(f"picking.kind.{one.activity}")) for one in chosen]


def name(choice: Choice, say: Say, language: str) -> str:
    """What a page calls a choice."""
    return choice.name.get(language) or say(f"picking.name.{choice.activity}")


def _group(kind: str, listed: Sequence[Choice], catalog: Catalog, wanted: Sought, language: str) -> Group:
    say = texts.speaker(language)
    short = MANY if wanted.narrowed else FEW if len(listed) > LONG else LONG
    shown = listed if wanted.kind else listed[:short]
    return Group(
        kind,
        say(f"picking.group.{kind}"),
        say(f"picking.lead.{kind}"),
        [Option(one.key, name(one, say, language), _hint(one, catalog, say, language)) for one in shown],
        open=kind == choices.GROUPS[0] or len(listed) == 1 or wanted.narrowed,
        count=len(listed),
        more=len(listed) - len(shown),
    )


def _hint(choice: Choice, catalog: Catalog, say: Say, language: str) -> str:
    """How large a choice is, or what is done in it."""
    if choice.role:
        levels = catalog.roles[choice.role].targets.values()
        return say("role.size", skills=len(levels), high=sum(level >= HIGH for level in levels))
    if choice.activity == "module":
        return say("picking.size", count=sum(skill.area == choice.subject for skill in catalog.skills.values()))
    minutes = say("picking.minutes", minutes=choice.minutes) if choice.minutes else ""
    return " ".join(filter(None, (choice.about.get(language, ""), minutes)))


def _text(choice: Choice, catalog: Catalog, areas: Iterable[str]) -> str:
    """What a search looks in: names in both languages, what is done in it, its id, its kind and its areas."""
    parts = [choice.key]
    for language in texts.LANGUAGES:
        say = texts.speaker(language)
        parts += [name(choice, say, language), choice.about.get(language, ""), say(f"picking.group.{choice.activity}")]
        parts += [catalog.areas[area].name[language] for area in areas]
    return finding.plain(" ".join(parts))


def _skills(choice: Choice, catalog: Catalog) -> Iterable[str]:
    """Ids of the skills that a choice trains or explains; empty where it is about none of its own."""
    kind, subject = choice.activity, choice.subject
    if kind in {"lesson", "quiz"}:
        return [subject]
    if kind in {"case", "scene"}:
        known = own.every(catalog) if kind == "case" else scenes.kinds()
        return next((one.skills for one in known if one.id == subject), ())
    if kind in {"module", "exam"}:
        area = next((plan.area for plan in practice.plans() if plan.id == subject), "") if kind == "exam" else subject
        return [skill.id for skill in catalog.skills.values() if skill.area == area]
    return _taught(choice, catalog)


def _taught(choice: Choice, catalog: Catalog) -> Iterable[str]:
    """The skills of a course, of a module of one, or of what one brings; empty for what no course has."""
    try:
        if choice.activity == "course":
            course, module, _ = courses.find(catalog, choice.subject)
            return course.skills if module is None else module.skills
        course_id, _, thing = choice.subject.partition(courses.UNITS)
        return doing.own(courses.of_catalog(catalog)[course_id], choice.activity, thing).skills
    except (LookupError, errors.UnknownReference):
        return ()
