"""Lessons: every skill explained in both languages, with an example, the usual mistake and open links. Floor 1.

The files are `curriculum/data/lessons/*.yaml`, one an area. Links are checked for their form; nothing is fetched.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from importlib import resources
from types import MappingProxyType
from typing import Any

import yaml

from curriculum import catalog as catalogs
from curriculum import check, errors
from curriculum.catalog import Catalog

CATALOG = "cbec"
FOLDER = "curriculum/data/lessons"
Words = Mapping[str, str]
_URL = re.compile(r"https?://[a-z0-9.-]+\.[a-z]{2,}(?:/[^\s<>\"{}|\\^`]*)?")
_FIELDS = {"skill", "minutes", "text", "example", "beware", "links", "rules", "checked"}


@dataclass(frozen=True)
class Link:
    """An open resource elsewhere.

    Attributes:
        url: Its address.
        title: What it is, by language.
        mode: Way of learning, one of `check.MODES`.
        languages: Which it is in.
    """

    url: str
    title: Words
    mode: str
    languages: tuple[str, ...]


@dataclass(frozen=True)
class Lesson:
    """The explanation of one skill.

    Attributes:
        skill: Id of the skill.
        minutes: About how long reading takes.
        text: Paragraphs.
        example: Worked through.
        beware: The usual mistake, and how to notice it.
        links: Open resources.
        rules: Ids of dated rules that it speaks of.
        checked: Day on which somebody looked last whether it still holds.
    """

    skill: str
    minutes: float
    text: tuple[Words, ...]
    example: Words
    beware: Words
    links: tuple[Link, ...]
    rules: tuple[str, ...]
    checked: date


@functools.cache
def load() -> Mapping[str, Lesson]:
    """The shipped lessons by skill, read once per process.

    Raises:
        errors.InvalidLessons: A file breaks a rule; every problem of the first such file is listed with its line.
    """
    folder = resources.files("curriculum").joinpath("data", "lessons")
    files = [(file.name, file.read_text(encoding="utf-8")) for file in folder.iterdir() if file.name.endswith(".yaml")]
    catalog = catalogs.load(CATALOG)
    found: dict[str, Lesson] = {}
    for name, text in sorted(files):
        found |= parse_text(text, catalog, where=f"{FOLDER}/{name}")
    return MappingProxyType(found)


def of_skill(catalog: Catalog, skill: str) -> Lesson | None:
    """The lesson on a skill; None where there is none."""
    return load().get(skill) if catalog.id == CATALOG else None


def parse_text(text: str, catalog: Catalog, *, where: str = "lessons") -> dict[str, Lesson]:
    """Read a file of lessons.

    Args:
        text: The YAML document.
        catalog: What its skills and rules may be.
        where: Name of the file, for messages.

    Raises:
        errors.InvalidLessons: Not YAML, or it breaks a rule; problems carry the line where one is known.
    """
    try:
        data = yaml.load(text, Loader=catalogs.Loader)  # noqa: S506  (both loaders are the safe ones)
    except yaml.YAMLError as error:
        raise errors.InvalidLessons(where, [f"not YAML: {error}"]) from error
    found = problems(data, catalog.skills, catalog.rules)
    if found:
        # Lists are at the top here: their paths begin as "[3]".
        lines = {path.removeprefix("."): line for path, line in check.lines(text, catalogs.Loader).items()}
        raise errors.InvalidLessons(where, [check.with_line(problem, lines) for problem in found])
    return {raw["skill"]: _lesson(raw) for raw in data}


def problems(data: Any, skills: Collection[str], rules: Collection[str]) -> list[str]:
    """Everything that is wrong with a file of lessons, one line `path: what is wrong; what would be right` each."""
    if not isinstance(data, list):
        return [f"the document is {type(data).__name__}; it must be a list of lessons"]
    found: list[str] = []
    seen: dict[Any, int] = {}
    for position, raw in enumerate(data):
        path = f"[{position}]"
        if not isinstance(raw, Mapping):
            found.append(f"{path}: is {raw!r}; it must be a mapping")
            continue
        first = seen.setdefault(raw.get("skill"), position)
        if first != position:
            found.append(f"{path}.skill: {raw.get('skill')!r} has a lesson in [{first}]; one is enough")
        found += [f"{path}.{problem}" for problem in _wrong(raw, skills, rules)]
    return found


def _wrong(raw: Mapping[str, Any], skills: Collection[str], rules: Collection[str]) -> Iterator[str]:
    if strange := set(raw) - _FIELDS:
        yield f"{min(strange)}: a lesson has no such field; it has {', '.join(sorted(_FIELDS))}"
    if raw.get("skill") not in skills:
        yield f"skill: no skill is called {raw.get('skill')!r}"
    minutes = raw.get("minutes")
    if not isinstance(minutes, int | float) or isinstance(minutes, bool) or minutes <= 0:
        yield f"minutes: is {minutes!r}; it must be a positive number"
    text = raw.get("text")
    if not isinstance(text, list) or not text or not all(map(_is_words, text)):
        yield "text: must be a list of paragraphs, each a text in en and zh"
    for field in ("example", "beware"):
        if not _is_words(raw.get(field)):
            yield f"{field}: must be a text in each of en and zh"
    yield from _links(raw.get("links") or ())
    for position, name in enumerate(raw.get("rules") or ()):
        if name not in rules:
            yield f"rules[{position}]: no dated rule is called {name!r}"
    try:
        check.day(raw.get("checked"))
    except (TypeError, ValueError):
        yield f"checked: is {raw.get('checked')!r}; it must be a date such as 2026-11-26"


def _links(links: Iterable[Any]) -> Iterator[str]:
    for position, one in enumerate(links):
        path = f"links[{position}]"
        if not isinstance(one, Mapping):
            yield f"{path}: must be a mapping with url, title, mode and language"
            continue
        if not isinstance(one.get("url"), str) or not _URL.fullmatch(one["url"]):
            yield f"{path}.url: is {one.get('url')!r}; it must be an address that begins with https:// or http://"
        if not _is_words(one.get("title")):
            yield f"{path}.title: must be a text in each of en and zh"
        if one.get("mode", "reading") not in check.MODES:
            yield f"{path}.mode: is {one.get('mode')!r}; it must be one of {', '.join(check.MODES)}"


def _is_words(value: Any) -> bool:
    return isinstance(value, Mapping) and all(
        isinstance(value.get(language), str) and value[language].strip() for language in check.LANGUAGES
    )


def _words(raw: Mapping[str, str]) -> Words:
    return MappingProxyType({language: raw[language].strip() for language in check.LANGUAGES})


def _lesson(raw: Mapping[str, Any]) -> Lesson:
    links = tuple(
        Link(one["url"], _words(one["title"]), one.get("mode", "reading"), tuple(one.get("language") or ()))
        for one in raw.get("links") or ()
    )
    return Lesson(
        skill=raw["skill"],
        minutes=float(raw["minutes"]),
        text=tuple(_words(one) for one in raw["text"]),
        example=_words(raw["example"]),
        beware=_words(raw["beware"]),
        links=links,
        rules=tuple(raw.get("rules") or ()),
        checked=check.day(raw["checked"]),
    )
