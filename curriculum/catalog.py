"""A catalog: what there is to learn, as frozen data. Load it, parse it, name it by a fingerprint.

Floor 1. The same type serves the OULAD modules and cross-border e-commerce. The checks are in `check`, the questions in
`graph` and `rules`. The fingerprint covers what a model depends on, and nothing else: a better wording keeps a model
valid.
"""

from __future__ import annotations

import functools
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from importlib import resources
from types import MappingProxyType
from typing import Any

import yaml

from curriculum import check, errors, readings, videos
from curriculum.videos import Video

NAMES = ("cbec", "oulad")
VIDEO = "video:"  # what the id of a resource begins with that is a declared video

# libyaml parses the 80 kB of cbec.yaml in 30 ms, pure Python in 300 ms.
_Safe: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Loader(_Safe):  # type: ignore[misc]  # which of the two it is, is known at run time
    """The safe loader, which does not let a key stand twice: the later one would win silently."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        """A mapping, after a look at its keys."""
        seen: set[str] = set()
        for key, _ in node.value:
            if key.value in seen:
                problem = f"the key {key.value!r} stands twice"
                raise yaml.constructor.ConstructorError(None, None, problem, key.start_mark)
            seen.add(key.value)
        made: dict[Any, Any] = super().construct_mapping(node, deep)
        return made


def _nothing() -> Mapping[str, Any]:
    return MappingProxyType({})


@dataclass(frozen=True)
class Area:
    """A field of skills, such as a module or "Customs & tax": its unique id, and its name by language: `en`, `zh`."""

    id: str
    name: Mapping[str, str]


@dataclass(frozen=True)
class Skill:
    """Something that a learner can learn.

    Attributes:
        id: Unique among the skills, such as "cus.duty" or "AAA.TMA".
        name: By language: `en` and `zh`.
        area: Id of its area.
        kind: "knowledge", "skill", "attitude" or "assessment".
        difficulty: Declared, 1 (easy) to 5 (hard).
        prerequisites: Ids of the skills to learn first.
        half_life_days: Declared days until half is forgotten; None where nobody dared to say.
        sources: Keys of the catalog's `sources`, or free text.
        because: Why it needs a prerequisite, by prerequisite id and language; only where the author wrote it down.
        esco: The ESCO skill that it answers to, `uri` and `label`; empty where there is none.
    """

    id: str
    name: Mapping[str, str]
    area: str
    kind: str
    difficulty: int
    prerequisites: tuple[str, ...]
    half_life_days: float | None
    sources: tuple[str, ...] = ()
    because: Mapping[str, Mapping[str, str]] = field(default_factory=_nothing)
    esco: Mapping[str, str] = field(default_factory=_nothing)


@dataclass(frozen=True)
class Item:
    """One thing to do, with a grade: an assessment or a practice task.

    Attributes:
        id: Unique among the items, such as "AAA.TMA.1" or "practice:cus.duty".
        activity: Its activity IRI in statements.
        skills: Ids of the skills that it needs; the first one is the main one.
        difficulty: Declared, 1 to 5; None where only data can tell.
        name: By language, or None: then a page shows the name of the main skill.
        order: Its place in the course, from 1; equal numbers mean "any order".
        repeatable: May be tried again (practice), or is taken once (an assessment).
        minutes: How long it takes, declared; None where nobody said.
        mode: Way of working: one of `check.MODES`.
    """

    id: str
    activity: str
    skills: tuple[str, ...]
    difficulty: float | None
    name: Mapping[str, str] | None
    order: int
    repeatable: bool
    minutes: float | None = None
    mode: str = "quiz"


@dataclass(frozen=True)
class Resource:
    """Something to read, watch or attend: it teaches and is not graded, so no model has a column for it.

    Attributes:
        id: Unique among the resources.
        activity: Its activity IRI in statements.
        skills: Ids of the skills that it teaches; the first one is the main one.
        name: By language: `en` and `zh`.
        minutes: How long it takes, declared; None where nobody said.
        mode: Way of working: one of `check.MODES`.
        valid_from: First day on which what it says holds; None: always did.
        valid_to: Last day on which what it says holds; None while no end is known.
    """

    id: str
    activity: str
    skills: tuple[str, ...]
    name: Mapping[str, str]
    minutes: float | None = None
    mode: str = "reading"
    valid_from: date | None = None
    valid_to: date | None = None


@dataclass(frozen=True)
class Role:
    """A goal that a learner may choose.

    Attributes:
        id: Unique among the roles.
        name: By language: `en` and `zh`.
        targets: Level 1 to 5 that the role asks for, by skill id; closed under prerequisites.
    """

    id: str
    name: Mapping[str, str]
    targets: Mapping[str, int]


@dataclass(frozen=True)
class Rule:
    """A rule of law or of a platform that holds for a time, and the skills that it changes.

    Attributes:
        id: Unique among the rules.
        jurisdiction: "EU", "US", "CN", ...
        valid_from: First day on which it holds.
        valid_to: Last day on which it holds; None while no end is known.
        affects: Ids of the skills that it changes.
        statement: What it says, by language.
        params: Its figures.
        source: Addresses where it was read.
        confidence: "high", "medium" or "low"; a low one never applies unless asked for.
        caveat: What is doubtful about it.
        instrument: The legal text.
    """

    id: str
    jurisdiction: str
    valid_from: date
    valid_to: date | None
    affects: tuple[str, ...]
    statement: Mapping[str, str]
    params: Mapping[str, Any]
    source: tuple[str, ...]
    confidence: str
    caveat: str
    instrument: str


@dataclass(frozen=True)
class Misconception:
    """A wrong method that learners are known to use.

    Attributes:
        id: Unique among the misconceptions, such as "m.volumetric".
        skill: Id of the skill that it stands in the way of.
        name: What a page shows, by language: `en` and `zh`.
        signature: How an answer gives it away.
    """

    id: str
    skill: str
    name: Mapping[str, str]
    signature: str


@dataclass(frozen=True, eq=False)
class Catalog:
    """All there is to learn in one place, in the order of the file; compare two catalogs by their fingerprints.

    Attributes:
        id: "oulad", "cbec", ...
        name: By language: `en` and `zh`.
        areas: By id.
        skills: By id.
        items: By id; the order is the order of a model's item columns.
        roles: By id.
        rules: By id.
        misconceptions: By id.
        pass_score: Least scaled score (0..1) that counts as correct; None: the `success` of a statement decides.
        notice: Attribution that must stand where the catalog is shown, by language; empty if none.
        fingerprint: sha256 (64 hex digits) of what a model depends on.
        resources: What teaches without a grade, by id.
        version: What its author calls this state of it; empty if nothing.
        dated: The day on which it was last changed, as its author says; None if nobody does.
        ends: Last day of what stands elsewhere (questions, lessons), by id, where an institution ended it.
        questions: Questions of an institution's own, as plain data of the item bank.
        cases: Cases of an institution's own, as plain data of `kits.own`.
        kits: Case kits that it holds, as `kits.kit` writes them, by id.
        videos: Videos that the institution declared, by id; each is a resource as well.
        courses: Courses that it took in, as plain data of `courses.own`.
        links: Addresses in place of others, by the other one.
    """

    id: str
    name: Mapping[str, str]
    areas: Mapping[str, Area]
    skills: Mapping[str, Skill]
    items: Mapping[str, Item]
    roles: Mapping[str, Role]
    rules: Mapping[str, Rule]
    misconceptions: Mapping[str, Misconception]
    pass_score: float | None
    notice: Mapping[str, str]
    fingerprint: str
    resources: Mapping[str, Resource] = field(default_factory=_nothing)
    version: str = ""
    dated: date | None = None
    ends: Mapping[str, date] = field(default_factory=_nothing)
    questions: tuple[Mapping[str, Any], ...] = ()
    cases: tuple[Mapping[str, Any], ...] = ()
    kits: Mapping[str, str] = field(default_factory=_nothing)
    videos: Mapping[str, Video] = field(default_factory=_nothing)
    courses: tuple[Mapping[str, Any], ...] = ()
    links: Mapping[str, str] = field(default_factory=_nothing)

    @functools.cached_property
    def activities(self) -> Mapping[str, str]:
        """Item id by activity IRI."""
        return MappingProxyType({item.activity: item.id for item in self.items.values()})

    @functools.cached_property
    def item_index(self) -> Mapping[str, int]:
        """Column of each item id in a model, 0-based."""
        return MappingProxyType({name: position for position, name in enumerate(self.items)})

    @functools.cached_property
    def skill_index(self) -> Mapping[str, int]:
        """Column of each skill id in a model, 0-based."""
        return MappingProxyType({name: position for position, name in enumerate(self.skills)})


@functools.cache
def load(name: str) -> Catalog:
    """Read a shipped catalog, once per process.

    Args:
        name: "oulad" or "cbec".

    Returns:
        The checked catalog; the same object at every call.

    Raises:
        errors.UnknownCatalog: No such catalog is shipped.
        errors.InvalidCatalog: The file breaks a rule; every problem is listed with its line.
    """
    return parse_text(_shipped(name), where=f"curriculum/data/{name}.yaml")


@functools.cache
def plain(name: str) -> Mapping[str, Any]:
    """A shipped catalog as plain data, read once per process: what edits are put on. Nobody may change it.

    Args:
        name: "oulad" or "cbec".

    Raises:
        errors.UnknownCatalog: No such catalog is shipped.
    """
    read: Mapping[str, Any] = yaml.load(_shipped(name), Loader=Loader)  # noqa: S506  (both loaders are the safe ones)
    return MappingProxyType(read)


def _shipped(name: str) -> str:
    if name not in NAMES:
        raise errors.UnknownCatalog(name, NAMES)
    return resources.files("curriculum").joinpath("data", f"{name}.yaml").read_text(encoding="utf-8")


def parse_text(text: str, *, where: str = "catalog") -> Catalog:
    """Read a catalog from YAML.

    Args:
        text: The YAML document.
        where: Name of the file, for messages.

    Raises:
        errors.InvalidCatalog: Not YAML, or it breaks a rule; problems carry the line where one is known.
    """
    try:
        data = yaml.load(text, Loader=Loader)  # noqa: S506  (both loaders are the safe ones)
    except yaml.YAMLError as error:
        raise errors.InvalidCatalog(where, [f"not YAML: {error}"]) from error
    try:
        return parse(data, where=where)
    except errors.InvalidCatalog as error:
        lines = check.lines(text, Loader)
        raise errors.InvalidCatalog(where, [check.with_line(problem, lines) for problem in error.problems]) from None


def parse(mapping: Any, *, where: str = "catalog") -> Catalog:
    """Build a catalog from plain data, after all checks.

    Args:
        mapping: As in `curriculum/data/*.yaml`: `meta {id, name, pass_score, practice, notice}`, `areas`, `skills`,
            `items`, `resources`, `roles`, `rules`, `misconceptions`. `meta.practice` makes one repeatable practice
            item a skill, `meta.lessons` a resource of each lesson that is shipped.
        where: Name of the source, for messages.

    Raises:
        errors.InvalidCatalog: It breaks a rule; all problems are listed, each with its path.
    """
    problems = check.problems(mapping)
    if problems:
        raise errors.InvalidCatalog(where, problems)
    meta = mapping["meta"]
    areas = {raw["id"]: Area(raw["id"], _names(raw["name"])) for raw in mapping["areas"]}
    skills = {raw["id"]: _skill(raw) for raw in mapping["skills"]}
    items = {raw["id"]: _item(raw) for raw in check.items_of(mapping)}
    roles = {
        raw["id"]: Role(raw["id"], _names(raw["name"]), MappingProxyType(dict(raw["targets"])))
        for raw in mapping.get("roles", ())
    }
    moved = MappingProxyType(dict(mapping.get("links", {})))
    rules = {raw["id"]: _rule(raw, moved) for raw in mapping.get("rules", ())}
    misconceptions = {
        raw["id"]: Misconception(raw["id"], raw["skill"], _names(raw["name"]), raw["signature"])
        for raw in mapping.get("misconceptions", ())
    }
    listed = {raw["id"]: _resource(raw) for raw in mapping.get("resources", ())}
    declared = {raw["id"]: videos.of(raw, moved) for raw in mapping.get("videos", ())}
    listed |= {one.id: one for one in map(_watched, declared.values())}
    pass_score = None if meta.get("pass_score") is None else float(meta["pass_score"])
    return Catalog(
        id=meta["id"],
        name=_names(meta["name"]),
        areas=MappingProxyType(areas),
        skills=MappingProxyType(skills),
        items=MappingProxyType(items),
        roles=MappingProxyType(roles),
        rules=MappingProxyType(rules),
        misconceptions=MappingProxyType(misconceptions),
        pass_score=pass_score,
        notice=MappingProxyType(dict(meta.get("notice", {}))),
        fingerprint=fingerprint(skills, items, pass_score),
        resources=MappingProxyType({**_lessons(mapping), **listed}),
        version=str(meta.get("version") or ""),
        dated=None if meta.get("date") is None else check.day(meta["date"]),
        ends=MappingProxyType({name: check.day(last) for name, last in dict(mapping.get("ends", {})).items()}),
        questions=tuple(mapping.get("questions", ())),
        cases=tuple(mapping.get("cases", ())),
        videos=MappingProxyType(declared),
        courses=tuple(mapping.get("courses", ())),
        links=moved,
    )


def fingerprint(skills: Mapping[str, Skill], items: Mapping[str, Item], pass_score: float | None) -> str:
    """Name what a model depends on.

    Args:
        skills: By id, in order.
        items: By id, in order.
        pass_score: Least scaled score that counts as correct, or None.

    Returns:
        64 hex digits: sha256 of the canonical JSON (sorted keys, no spaces, UTF-8) of ids, order, activities, areas,
        prerequisites, skills of items and the pass score. Names, sources, targets and rules are left out.
    """
    matter = {
        "items": [[item.id, item.activity, list(item.skills), item.order, item.repeatable] for item in items.values()],
        "pass_score": pass_score,
        "skills": [[skill.id, skill.area, sorted(skill.prerequisites)] for skill in skills.values()],
    }
    text = json.dumps(matter, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _names(raw: Mapping[str, str]) -> Mapping[str, str]:
    return MappingProxyType({"en": raw["en"], "zh": raw["zh"]})


def _lessons(mapping: Mapping[str, Any]) -> dict[str, Resource]:
    """The shipped lessons as resources, where the catalog says that they are of its skills.

    A lesson holds from the day on which it was last looked at: a newer rule on its skill makes it old.
    """
    asked = mapping["meta"].get("lessons")
    ends = dict(mapping.get("ends", {}))
    found = {}
    for raw in mapping["skills"] if asked else ():
        known = readings.load().get(raw["id"])
        if known is not None:
            name = readings.id_of(raw["id"])
            found[name] = Resource(
                name,
                f"{asked['activity']}{raw['id']}",
                (raw["id"],),
                _names(raw["name"]),
                minutes=known.minutes,
                valid_from=known.checked,
                valid_to=check.day(ends[name]) if name in ends else None,
            )
    return found


def _skill(raw: Mapping[str, Any]) -> Skill:
    half_life = raw.get("half_life_days")
    return Skill(
        id=raw["id"],
        name=_names(raw["name"]),
        area=raw["area"],
        kind=raw["kind"],
        difficulty=raw["difficulty"],
        prerequisites=tuple(raw.get("prerequisites", ())),
        half_life_days=None if half_life is None else float(half_life),
        sources=tuple(raw.get("sources", ())),
        because=MappingProxyType({name: _names(text) for name, text in (raw.get("because") or {}).items()}),
        esco=MappingProxyType({key: str(value) for key, value in (raw.get("esco") or {}).items()}),
    )


def _item(raw: Mapping[str, Any]) -> Item:
    difficulty = raw.get("difficulty")
    return Item(
        id=raw["id"],
        activity=raw["activity"],
        skills=tuple(raw["skills"]),
        difficulty=None if difficulty is None else float(difficulty),
        name=_names(raw["name"]) if raw.get("name") else None,
        order=raw.get("order", 1),
        repeatable=raw.get("repeatable", False),
        minutes=_minutes(raw),
        mode=raw.get("mode") or "quiz",
    )


def _resource(raw: Mapping[str, Any]) -> Resource:
    return Resource(
        id=raw["id"],
        activity=raw["activity"],
        skills=tuple(raw["skills"]),
        name=_names(raw["name"]),
        minutes=_minutes(raw),
        mode=raw.get("mode") or "reading",
        valid_from=None if raw.get("valid_from") is None else check.day(raw["valid_from"]),
        valid_to=None if raw.get("valid_to") is None else check.day(raw["valid_to"]),
    )


def _watched(video: Video) -> Resource:
    """A declared video as something to learn from, so that the path can offer it before practice."""
    return Resource(f"{VIDEO}{video.id}", video.activity, video.skills, video.name, video.seconds / 60, mode="video")


def _minutes(raw: Mapping[str, Any]) -> float | None:
    return None if raw.get("minutes") is None else float(raw["minutes"])


def _rule(raw: Mapping[str, Any], moved: Mapping[str, str]) -> Rule:
    return Rule(
        id=raw["id"],
        jurisdiction=raw["jurisdiction"],
        valid_from=check.day(raw["valid_from"]),
        valid_to=None if raw.get("valid_to") is None else check.day(raw["valid_to"]),
        affects=tuple(raw["affects"]),
        statement=_names(raw["statement"]),
        params=MappingProxyType(dict(raw.get("params", {}))),
        source=tuple(moved.get(one, one) for one in raw.get("source", ())),
        confidence=raw["confidence"],
        caveat=raw.get("caveat", ""),
        instrument=raw.get("instrument", ""),
    )
