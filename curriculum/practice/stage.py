"""The nouns of a scene, and its words: a case that is laid out as a whole, with things to look at. Floor 1.

A scene is a case whose steps need not come one after another: they lie on one bench or one desk, and are handed over
together. What a picture of it needs (shapes, sizes, paints) is data too, and says nothing that the words do not say.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from typing import Any

import yaml

from curriculum import errors
from curriculum.practice import book
from curriculum.practice.draft import Fact
from curriculum.practice.task import Case, Kind, Words, Wrong

KEYS = "abcdefghij"


@dataclass(frozen=True)
class Prop:
    """What a thing looks like.

    Attributes:
        shape: "box", "soft", "bottle", "sheet" or "lane".
        size: Width, height and depth in cm.
        paint: A colour, as "#rrggbb".
    """

    shape: str
    size: tuple[int, int, int]
    paint: str


@dataclass(frozen=True)
class Scene:
    """A case laid out as a whole.

    Attributes:
        case: Its story, documents and steps.
        props: What each option of each step looks like: by id of the step, then by key of the option; "" is the thing
            that the step is about, where it is one.
        own: The columns of the first document, where its rows belong to the steps one by one; empty where they do not.
    """

    case: Case
    props: Mapping[str, Mapping[str, Prop]]
    own: tuple[Words, ...] = ()


@functools.cache
def pages() -> Mapping[str, Any]:
    """The file of the scenes, as plain data."""
    text = resources.files("curriculum").joinpath("data", "scenes.yaml").read_text(encoding="utf-8")
    read: dict[str, Any] = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506  (safe)
    return read


@functools.cache
def kinds() -> tuple[Kind, ...]:
    """Every kind of scene, in the order of the file."""
    return tuple(
        Kind(raw["id"], raw["name"], raw["about"], tuple(raw["skills"]), STEPS[raw["id"]], raw["minutes"])
        for raw in pages()["kinds"]
    )


STEPS = {"packing": 6, "customs_desk": 10}


def words_of(kind: str) -> Mapping[str, Any]:
    """The texts of a kind of scene.

    Raises:
        errors.UnknownReference: There is no such kind.
    """
    for raw in pages()["kinds"]:
        if raw["id"] == kind:
            found: Mapping[str, Any] = raw
            return found
    raise errors.UnknownReference(book.CATALOG, "kind of scene", kind)


def wrong(cause: str, part: str, words: Words, facts: Mapping[str, Fact]) -> Wrong:
    """What a wrong method answers: one part of it, and its words filled with the figures of the scene."""
    return Wrong(cause, (part,), book.filled(words, facts))


def joined(first: Words, second: Words, between: Words) -> Words:
    """Two texts of both languages as one."""
    return {language: f"{first[language]}{between[language]}{second[language]}" for language in book.LANGUAGES}
