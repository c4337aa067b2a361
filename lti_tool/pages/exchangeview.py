"""What the pages of courses from outside show of one: its units, the skills offered, what was left out. Floor 3.

Pure. A reason is said in the language of the page, with the file, the line and what would be right.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from curriculum.catalog import Catalog
from curriculum.exchange import assessment, cartridge_reader, skeleton
from lti_tool.arrivals import Arrival
from lti_tool.texts import Say

SHOWN = 200
"""Lines of what was left out that a page shows."""


@dataclass(frozen=True)
class Offer:
    """A skill that a unit is offered: id, name, why in words where there is a reason, whether it is ticked."""

    id: str
    name: str
    why: str
    ticked: bool


@dataclass(frozen=True)
class Unit:
    """A unit to be confirmed.

    Attributes:
        key: Names it in the form.
        name: Its title.
        parts: Kind in words and title of each thing in it.
        questions: How many questions it brings.
        offers: Skills.
        more: What was typed as another skill.
        taken: Whether it is to come in.
        problem: What is wrong with what was chosen; empty if nothing.
    """

    key: str
    name: str
    parts: list[tuple[str, str]]
    questions: int
    offers: list[Offer]
    more: str
    taken: bool
    problem: str


@dataclass(frozen=True)
class Page:
    """A draft as a page shows it.

    Attributes:
        id: Of the draft.
        file: The file that it came in.
        title: Of the course, as it came.
        version: Of Common Cartridge.
        terms: What it says of rights.
        modules: Name and units of each.
        counts: How many of each kind came in: (words, number).
        left: What was left out: where, what, why.
        more: How much more was left out.
    """

    id: str
    file: str
    title: str
    version: str
    terms: str
    modules: list[tuple[str, list[Unit]]]
    counts: list[tuple[str, int]]
    left: list[tuple[str, str, str]]
    more: int


@dataclass(frozen=True)
class Chosen:
    """What a form chose.

    Attributes:
        skills: By key of a unit that is to come in.
        wrong: Keys of units whose other skill is none; and of those without a skill.
        typed: What was typed as another skill, by key.
    """

    skills: Mapping[str, list[str]]
    wrong: Mapping[str, str]
    typed: Mapping[str, str]


def chosen(body: Mapping[str, Any], catalog: Catalog, ticks: Sequence[str], more: Mapping[str, str]) -> Chosen:
    """What a form says of the units of a draft.

    Args:
        body: The draft.
        catalog: Whose skills.
        ticks: "take:<unit>" for each unit that is to come in, "<unit>:<skill>" for each skill that is ticked.
        more: Another skill by key of the unit: its id, or its name in any language.
    """
    names = {text.lower(): one.id for one in catalog.skills.values() for text in one.name.values()}
    skills: dict[str, list[str]] = {}
    wrong: dict[str, str] = {}
    for unit in units(body):
        key = unit["key"]
        if f"take:{key}" not in ticks:
            continue
        offered = [*unit["fixed"], *unit["near"]]
        found = [name for name in offered if f"{key}:{name}" in ticks and name in catalog.skills]
        asked = more.get(key, "").strip()
        other = asked if asked in catalog.skills else names.get(asked.lower(), "")
        if other and other not in found:
            found.append(other)
        if asked and not other:
            wrong[key] = "unknown"
        elif not found:
            wrong[key] = "none"
        skills[key] = found
    return Chosen(skills, wrong, more)


def units(body: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The units of a draft, in order."""
    return [unit for module in body["modules"] for unit in module["units"]]


def page(arrival: Arrival, catalog: Catalog, language: str, say: Say, made: Chosen | None = None) -> Page:
    """A draft as a page shows it.

    Args:
        arrival: The draft.
        catalog: Whose skills.
        language: "en" or "zh".
        say: The words.
        made: What was chosen, where that could not be taken; None: what is ticked at first.
    """
    body = arrival.body
    counted: dict[str, int] = {}
    for unit in units(body):
        for part in unit["parts"]:
            counted[part["kind"]] = counted.get(part["kind"], 0) + 1
        for kind, number in (("case", len(unit["practice"])), ("question", len(unit["questions"]))):
            if number:
                counted[kind] = counted.get(kind, 0) + number
    left = [_left(one, say) for one in body["left"]]
    return Page(
        id=arrival.id,
        file=arrival.file,
        title=body["title"] or arrival.file,
        version=body["version"],
        terms=body["terms"],
        modules=[
            (module["name"], [_unit(unit, catalog, language, say, made) for unit in module["units"]])
            for module in body["modules"]
        ],
        counts=[(say(f"exch.count.{kind}"), number) for kind, number in counted.items()],
        left=left[:SHOWN],
        more=max(0, len(left) - SHOWN),
    )


def _unit(unit: Mapping[str, Any], catalog: Catalog, language: str, say: Say, made: Chosen | None) -> Unit:
    key = unit["key"]
    ticked = skeleton.ticked(unit) if made is None else made.skills.get(key, [])
    whys = [*((name, "exch.sure") for name in unit["fixed"]), *((name, "exch.likeliest") for name in unit["near"][:1])]
    whys += [(name, "") for name in unit["near"][1:]]
    offers = [
        Offer(name, catalog.skills[name].name[language], say(why) if why else "", name in ticked)
        for name, why in whys
        if name in catalog.skills
    ]
    problem = "" if made is None or key not in made.wrong else say(f"exch.problem.{made.wrong[key]}")
    parts = [(say(f"course.kind.{one['kind']}"), one["name"]) for one in unit["parts"]]
    parts += [(say("course.kind.case"), name.partition(":")[2]) for name in unit["practice"]]
    return Unit(
        key=key,
        name=unit["name"],
        parts=parts,
        questions=len(unit["questions"]),
        offers=offers,
        more="" if made is None else made.typed.get(key, ""),
        taken=bool(ticked) if made is None else key in made.skills,
        problem=problem,
    )


def _left(one: Sequence[Any], say: Say) -> tuple[str, str, str]:
    """Where, what and why, in words."""
    where, line, element, reason, more = one
    place = say("exch.place", file=where, line=line) if line else where
    if reason == cartridge_reader.QUESTION:
        return place, element, say(f"exch.item.{more if more in assessment.REASONS else assessment.STRANGE}")
    return place, element, say(f"exch.left.{reason}")
