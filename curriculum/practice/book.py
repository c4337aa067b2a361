"""What cases are made of: goods, places, tariffs and every word, read once from the data of practice. Floor 1.

`data/practice.yaml` has the short cases, `data/flow.yaml` those of the whole flow.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from importlib import resources
from typing import Any

import yaml

from curriculum import catalog as catalogs
from curriculum import errors
from curriculum.almanac import names
from curriculum.catalog import Catalog
from curriculum.practice.draft import Fact
from curriculum.practice.flow import shelf
from curriculum.practice.task import Kind, Plan, Words

CATALOG = "cbec"
LANGUAGES = ("en", "zh")


@functools.cache
def pages() -> Mapping[str, Any]:
    """The file of the short cases, as plain data."""
    text = resources.files("curriculum").joinpath("data", "practice.yaml").read_text(encoding="utf-8")
    read: dict[str, Any] = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506  (safe)
    return {**read, "places": [placed(place) for place in read["places"]]}


def placed(place: Mapping[str, Any]) -> Mapping[str, Any]:
    """A place of the data with the name of its country, as a sentence takes it, and the calendar of its holidays."""
    return {"calendar": place["id"], "country": names.within(place["id"]), **place}


_TAUGHT: ContextVar[Catalog | None] = ContextVar("taught", default=None)


def catalog() -> Catalog:
    """The catalog that the case in the making trains, and whose dated rules it follows."""
    return _TAUGHT.get() or catalogs.load(CATALOG)


@contextmanager
def teaching(taught: Catalog | None) -> Iterator[None]:
    """Let every maker of a case read an institution's catalog; None: the shipped one.

    `deck.case` takes the catalog as an argument; from there on it is this scope, not one more argument of every maker.
    """
    token = _TAUGHT.set(taught)
    try:
        yield
    finally:
        _TAUGHT.reset(token)


def sorts() -> tuple[Mapping[str, Any], ...]:
    """Every kind of case as plain data: the short ones, then those of the whole flow."""
    return (*pages()["kinds"], *shelf.kinds())


@functools.cache
def kinds() -> tuple[Kind, ...]:
    """Every kind of case, in the order of the files."""
    return tuple(
        Kind(
            id=raw["id"],
            name=raw["name"],
            about=raw["about"],
            skills=tuple(dict.fromkeys(step["skill"] for step in raw["steps"])),
            steps=len(raw["steps"]),
            minutes=raw["minutes"],
        )
        for raw in sorts()
    )


def words_of(kind: str) -> Mapping[str, Any]:
    """The texts of a kind.

    Raises:
        errors.UnknownReference: There is no such kind.
    """
    for raw in sorts():
        if raw["id"] == kind:
            found: Mapping[str, Any] = raw
            return found
    raise errors.UnknownReference(CATALOG, "kind of case", kind)


@functools.cache
def plans() -> tuple[Plan, ...]:
    """Every exam that a link may open, the usual one first."""
    return tuple(
        Plan(
            raw["id"],
            raw["name"],
            raw["count"],
            raw["minutes"],
            raw.get("area", ""),
            timed=raw.get("timed", False),
            flow=raw.get("flow", False),
        )
        for raw in pages()["exam"]["plans"]
    )


def steps_of(kind: str, skill: str) -> tuple[str, ...]:
    """Ids of the steps of a kind that train a skill."""
    return tuple(raw["id"] for raw in words_of(kind)["steps"] if raw["skill"] == skill)


def filled(words: Words, facts: Mapping[str, Fact]) -> Words:
    """A text of both languages with its placeholders filled.

    >>> filled({"en": "{n} in {city}", "zh": "{city} {n}"}, {"n": "3", "city": {"en": "Riga", "zh": "里加"}})
    {'en': '3 in Riga', 'zh': '里加 3'}
    """
    return {
        language: words[language].format_map(
            {name: fact if isinstance(fact, str) else fact[language] for name, fact in facts.items()}
        )
        for language in LANGUAGES
    }


def cause(name: str) -> Words:
    """The name of a misconception; empty if there is none of this id."""
    known = catalog().misconceptions.get(name)
    return known.name if known else same("")


def same(text: str) -> Words:
    """A text that is the same in both languages."""
    return dict.fromkeys(LANGUAGES, text)
