"""How a class stands, as a partner sees it, as plain data for the template: pure. Floor 3.

Nothing here is finer than what `cohorts` said: counts are rounded, parts are of five learners or more.
"""

from __future__ import annotations

from dataclasses import dataclass

from curriculum.catalog import Catalog
from lti_tool.cohorts import Cohort, Figure
from lti_tool.pages import reasons
from lti_tool.texts import Say
from recommender import cohort
from recommender.cohort import Part


@dataclass(frozen=True)
class Stripe:
    """A part of a bar: its words, its place and width in per cent, and whether it is at the level that is asked for."""

    words: str
    x: str
    width: str
    there: bool


@dataclass(frozen=True)
class Line:
    """A skill: its name, the level that the role asks for, the bar, and what it says in a sentence."""

    name: str
    target: int
    stripes: list[Stripe]
    words: str


def lines(found: Cohort, catalog: Catalog, role: str, language: str, say: Say) -> list[Line]:
    """The skills of a role, the highest target first.

    Args:
        found: What is said of the class.
        catalog: Its catalog.
        role: Id of a role of it.
        language: "en" or "zh".
        say: How to say a text.
    """
    wanted = catalog.roles[role].targets
    place = {name: number for number, name in enumerate(catalog.skills)}
    ordered = sorted(wanted, key=lambda name: (-wanted[name], place[name]))
    named = {name: reasons.short(catalog.skills[name].name[language]) for name in ordered}
    return [_line(found.figures.get(name), named[name], wanted[name], say) for name in ordered]


def _line(figure: Figure | None, name: str, target: int, say: Say) -> Line:
    parts = () if figure is None else cohort.parts(figure.counts)
    if len(parts) < 2:
        few = say("cohort.few", least=cohort.LEAST) if figure is None else say("cohort.alike")
        return Line(name, target, [], few)
    above = cohort.at_least(parts, target)
    whole = sum(one.count for one in parts)
    said = (
        say("cohort.unclear", target=target)
        if above is None
        else say("cohort.above", number=above, all=whole, target=target)
    )
    stripes, left = [], 0
    for one in parts:
        stripes.append(
            Stripe(_words(one, say), f"{100 * left / whole:.1f}%", f"{100 * one.count / whole:.1f}%", one.low >= target)
        )
        left += one.count
    return Line(name, target, stripes, said)


def _words(one: Part, say: Say) -> str:
    levels = f"{one.low}" if one.low == one.high else f"{one.low}–{one.high}"
    return say("cohort.part", levels=levels, number=one.count)
