"""The page "About you" and what stands of it on the profile: a learner's own words, never mixed with measures; pure.

Floor 3. Beside each word stands what it was found to mean for learners who said the same, or that this is not known.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from curriculum.catalog import Catalog
from lti_tool import backgrounds, figures, texts
from lti_tool.advice import Advice
from lti_tool.backgrounds import Background
from lti_tool.pages import view
from lti_tool.texts import Say
from recommender import background, others

HALF = 0.5
"""A first answer that is right as often as not: by it a page says what a background is worth."""


@dataclass(frozen=True)
class Option:
    """One answer that a field offers: its value, its words, whether it is what the learner said."""

    value: str
    name: str
    chosen: bool


@dataclass(frozen=True)
class Field:
    """One field: its name in the form, its words, and what it offers."""

    id: str
    name: str
    options: list[Option]


@dataclass(frozen=True)
class Line:
    """One thing that the learner said, and what is known of learners who said the same."""

    what: str
    meaning: str


@dataclass(frozen=True)
class Said:
    """What a learner said.

    Attributes:
        lines: One a value.
        day: When they last said so, in words; empty if they said nothing.
        moves: What all of it does to where the path begins, in words; empty if they said nothing.
    """

    lines: list[Line]
    day: str
    moves: str


@dataclass(frozen=True)
class Page:
    """The form.

    Attributes:
        single: Fields with one answer.
        several: Fields with any number of answers.
        roles: Goals to choose among; empty where the course sets the goal.
        said: What stands there now.
    """

    single: list[Field]
    several: list[Field]
    roles: list[Option]
    said: Said


def page(advice: Advice, told: Background, *, fixed: bool, language: str) -> Page:
    """Build the form.

    Args:
        advice: What is known and recommended.
        told: What the learner said.
        fixed: Whether the course sets the goal.
        language: "en" or "zh".
    """
    catalog = advice.catalog
    single = [_field(name, values, told, catalog, language) for name, values in backgrounds.CHOICES.items()]
    several = [
        _field("languages", backgrounds.LANGUAGES, told, catalog, language),
        _field("courses", tuple(catalog.areas), told, catalog, language),
    ]
    roles = [Option(one.id, one.name[language], one.id == advice.role) for one in catalog.roles.values()]
    return Page(single, several, [] if fixed else roles, said(advice, told, language))


def said(advice: Advice, told: Background, language: str) -> Said:
    """What a learner said, and what it means.

    Args:
        advice: What is known and recommended.
        told: What the learner said.
        language: "en" or "zh".
    """
    say = texts.speaker(language)
    lines = [
        Line(
            say("about.line", field=say(f"about.{name}"), value=_words(name, value, advice.catalog, language, say)),
            _meaning(advice, name, value, say),
        )
        for name, value in background.stated(told.said)
    ]
    if not lines:
        return Said([], "", "")
    return Said(lines, view.moment(told.at * 1_000_000, language), moves(advice, say))


def moves(advice: Advice, say: Say) -> str:
    """What all that was said does to where the path begins, in words."""
    if not advice.moved:
        return say("about.moves.nothing")
    percent = figures.share(background.moved(HALF, advice.moved))
    return say("about.moves", percent=percent, count=advice.answers)


def _field(name: str, values: tuple[str, ...], told: Background, catalog: Catalog, language: str) -> Field:
    say, chosen = texts.speaker(language), told.said.get(name, "").split()
    options = [Option(value, _words(name, value, catalog, language, say), value in chosen) for value in values]
    return Field(name, say(f"about.{name}"), options)


def _words(name: str, value: str, catalog: Catalog, language: str, say: Say) -> str:
    named: Mapping[str, Mapping[str, str]] = {
        "courses": {area.id: area.name[language] for area in catalog.areas.values()},
        "role": {role.id: role.name[language] for role in catalog.roles.values()},
    }
    if name in named:
        return named[name].get(value, value)  # a catalog may have lost an area
    return say(f"about.{name}.{value}")


def _meaning(advice: Advice, name: str, value: str, say: Say) -> str:
    known = None if advice.others is None else advice.others.others.offsets
    pair = (name, value)
    if known is None or pair not in known.logits:
        return say("about.meaning.none", least=others.LEAST)
    percent = figures.share(background.moved(HALF, known.logits[pair]))
    return say("about.meaning", percent=percent, count=known.learners[pair])
