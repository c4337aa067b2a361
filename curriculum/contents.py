"""What is taught and asked, as far as its days go: lessons, questions, resources, cases by one noun. Floor 1.

Whoever keeps a kind of content makes these of it; `freshness` says which need a look, `touched` which a new rule moves.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from curriculum import readings
from curriculum.catalog import Catalog

LESSON, QUESTION, RESOURCE, CASE = KINDS = ("lesson", "question", "resource", "case")


@dataclass(frozen=True)
class Content:
    """One thing that teaches or asks.

    Attributes:
        kind: One of `KINDS`.
        id: Unique in its kind.
        skills: Ids of its skills, the main one first.
        name: By language; empty where it has none of its own.
        rules: Ids of the dated rules that it speaks of.
        checked: Day on which somebody last looked whether it still holds; None: nobody said.
        valid_to: Last day on which it holds; None while no end is known.
    """

    kind: str
    id: str
    skills: tuple[str, ...]
    name: Mapping[str, str]
    rules: tuple[str, ...] = ()
    checked: date | None = None
    valid_to: date | None = None


def of_catalog(catalog: Catalog) -> tuple[Content, ...]:
    """The resources of a catalog, without its lessons: whoever keeps those says more of them."""
    return tuple(
        Content(RESOURCE, one.id, one.skills, one.name, valid_to=one.valid_to)
        for one in catalog.resources.values()
        if not readings.skill_of(one.id)
    )


def touched(contents: Iterable[Content], skills: Collection[str], rules: Collection[str]) -> tuple[Content, ...]:
    """What speaks of one of these rules, then what trains one of these skills, in their order.

    Args:
        contents: All there is.
        skills: Ids.
        rules: Ids.
    """
    listed = list(contents)
    first = [one for one in listed if set(one.rules) & set(rules)]
    return (*first, *(one for one in listed if one not in first and set(one.skills) & set(skills)))
