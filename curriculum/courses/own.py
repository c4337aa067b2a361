"""Courses that an institution took in from outside, as plain data that travels with its catalog. Floor 1.

Whatever they were made of, what is kept is text, addresses and ids: no HTML, no file. What no longer fits, because a
case or every skill of it is gone, is left out and named: an upgrade never stops a tool.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

from curriculum import addresses, check, practice
from curriculum.catalog import Catalog
from curriculum.courses.tree import (
    LINK,
    OUTSIDE,
    TAKEN_IN,
    Course,
    Discussion,
    Event,
    Material,
    Module,
    Stage,
    Unit,
    Words,
)

PREFIX = "own-"
"""Beginning of an id: no shipped course has it."""
TALK, EVENT, CASE = "discussion", "event", "case"
SORTS = (*OUTSIDE, TALK, EVENT)
"""What a part may be."""
MINUTES = 60
"""Of an event, for nobody said how long it takes: whoever schedules it says so."""
VERSIONS = 4
LONGEST, LONGEST_TEXT = 200, 12_000
MOST_MODULES = MOST_UNITS = MOST_PARTS = 1500
_ID = re.compile(r"own-[a-z0-9]{4,40}")
_PART = re.compile(r"[a-z0-9]{1,20}")
_FIELDS = {"id", "name", "about", "terms", "modules"}


def problems(document: Any, catalog: Catalog) -> list[str]:
    """Everything that is wrong with a course, one line `path: what is wrong; what would be right` each.

    Args:
        document: As a form or a file has it, of any type.
        catalog: What its skills and cases may be.
    """
    return list(_wrong(document, catalog))


def course(document: Mapping[str, Any], moved: Mapping[str, str] = MappingProxyType({})) -> Course:
    """The course of a document without problems; `moved` are addresses in place of others."""
    parts = [
        (one, tuple(unit["skills"]))
        for module in document["modules"]
        for unit in module["units"]
        for one in unit.get("parts") or ()
    ]
    return Course(
        id=document["id"],
        sort=TAKEN_IN,
        name=_words(document["name"]),
        about=_words(document.get("about")),
        weeks=0,
        hours=0.0,
        assumes=(),
        outcomes=(),
        modules=tuple(_module(one) for one in document["modules"]),
        projects=MappingProxyType({}),
        discussions=MappingProxyType({one["id"]: _talk(one, skills) for one, skills in parts if one["kind"] == TALK}),
        events=MappingProxyType({one["id"]: _event(one, skills) for one, skills in parts if one["kind"] == EVENT}),
        teams=MappingProxyType({}),
        assessment=(),
        materials=MappingProxyType(
            {one["id"]: _material(one, skills, moved) for one, skills in parts if one["kind"] in OUTSIDE}
        ),
        terms=document.get("terms") or "",
    )


def known(catalog: Catalog) -> Mapping[str, Course]:
    """The courses of an institution that fit its catalog, by id."""
    return _sorted(catalog)[0]


def left(catalog: Catalog) -> Mapping[str, tuple[str, ...]]:
    """Those that do not fit any more, by id, each with what is wrong."""
    return _sorted(catalog)[1]


@functools.lru_cache(maxsize=VERSIONS)
def _sorted(catalog: Catalog) -> tuple[Mapping[str, Course], Mapping[str, tuple[str, ...]]]:
    fit: dict[str, Course] = {}
    wrong: dict[str, tuple[str, ...]] = {}
    for one in catalog.courses:
        fitting = _fitting(one, catalog)
        found = tuple(problems(fitting, catalog))
        if found:
            wrong[str(one.get("id"))] = found
        else:
            fit[fitting["id"]] = course(fitting, catalog.links)
    return MappingProxyType(fit), MappingProxyType(wrong)


def _fitting(document: Mapping[str, Any], catalog: Catalog) -> Mapping[str, Any]:
    """The course without skills that were taken out since it came, and without units that have no other."""
    modules = []
    for module in document["modules"]:
        units = [
            {**one, "skills": [name for name in one["skills"] if name in catalog.skills]} for one in module["units"]
        ]
        modules.append({**module, "units": [one for one in units if one["skills"]]})
    return {**document, "modules": [one for one in modules if one["units"]]}


def _module(raw: Mapping[str, Any]) -> Module:
    return Module(raw["id"], _words(raw["name"]), tuple(_unit(one) for one in raw["units"]))


def _unit(raw: Mapping[str, Any]) -> Unit:
    parts = tuple(f"{one['kind']}:{one['id']}" for one in raw.get("parts") or ())
    return Unit(raw["id"], _words(raw["name"]), tuple(raw["skills"]), (*parts, *(raw.get("practice") or ())))


def _talk(raw: Mapping[str, Any], skills: tuple[str, ...]) -> Discussion:
    return Discussion(raw["id"], _words(raw["name"]), (), skills, _words(raw.get("text")))


def _event(raw: Mapping[str, Any], skills: tuple[str, ...]) -> Event:
    stage = Stage(MINUTES, _words(raw.get("text") or raw["name"]))
    return Event(raw["id"], _words(raw["name"]), (stage,), MappingProxyType({}), skills)


def _material(raw: Mapping[str, Any], skills: tuple[str, ...], moved: Mapping[str, str]) -> Material:
    url = raw.get("url") or ""
    name, text = _words(raw["name"]), _words(raw.get("text"))
    return Material(raw["id"], raw["kind"], name, text, moved.get(url, url), skills)


def _words(raw: Mapping[str, str] | None) -> Words:
    return MappingProxyType({language: raw[language].strip() if raw else "" for language in check.LANGUAGES})


# What a course must be


def _wrong(document: Any, catalog: Catalog) -> Iterator[str]:
    if not isinstance(document, Mapping):
        yield f"id: the document is {type(document).__name__}; it must be a mapping of one course"
        return
    if strange := set(document) - _FIELDS:
        yield f"{min(map(str, strange))[:40]}: a course has no such field; it has {', '.join(sorted(_FIELDS))}"
    if not _matches(_ID, document.get("id")):
        yield f"id: must be {PREFIX} and 4 to 40 small letters and digits"
    yield from _texts(document, "", {"name": (LONGEST, True), "about": (LONGEST_TEXT, False)})
    if not isinstance(document.get("terms", ""), str) or len(document.get("terms", "")) > LONGEST_TEXT:
        yield f"terms: must be a text of at most {LONGEST_TEXT} letters"
    seen: set[str] = set()
    for path, module in _entries(document, "modules", "", MOST_MODULES):
        if isinstance(module, str):
            yield module
            continue
        yield from _module_wrong(path, module, seen, catalog)
    if not any(_skills(document)):
        yield "modules: no unit names a skill; name at least one, so that its course has a path"


def _module_wrong(path: str, module: Mapping[str, Any], seen: set[str], catalog: Catalog) -> Iterator[str]:
    yield from _named(path, module, seen, "module ")
    for inner, unit in _entries(module, "units", path, MOST_UNITS):
        if isinstance(unit, str):
            yield unit
            continue
        yield from _named(inner, unit, seen, f"{module.get('id')} ")
        skills = unit.get("skills")
        if not isinstance(skills, list) or not skills:
            yield f"{inner}.skills: must be a list of ids, at least one"
        for name in skills if isinstance(skills, list) else ():
            if name not in catalog.skills:
                yield f"{inner}.skills: no skill is called {name!r}"
        for name in unit.get("practice") or ():
            if name not in _cases():
                yield f"{inner}.practice: {name!r} is no case that is shipped; use one such as case:freight"
        for last, part in _entries(unit, "parts", inner, MOST_PARTS, least=0):
            if isinstance(part, str):
                yield part
            else:
                yield from _part(last, part, seen)


def _part(path: str, part: Mapping[str, Any], seen: set[str]) -> Iterator[str]:
    yield from _named(path, part, seen, "part ")
    if part.get("kind") not in SORTS:
        yield f"{path}.kind: is {part.get('kind')!r}; it must be one of {', '.join(SORTS)}"
    yield from _texts(part, f"{path}.", {"text": (LONGEST_TEXT, False)})
    url = part.get("url")
    if part.get("kind") == LINK and (not isinstance(url, str) or addresses.problem(url)):
        yield f"{path}.url: is no address; write one that begins with https:// or http://"


def _named(path: str, raw: Mapping[str, Any], seen: set[str], within: str) -> Iterator[str]:
    """An id that stands once, and a name in both languages."""
    name = raw.get("id")
    if not _matches(_PART, name) or f"{within}{name}" in seen:
        yield f"{path}.id: must be 1 to 20 small letters and digits, and stand once"
    seen.add(f"{within}{name}")
    yield from _texts(raw, f"{path}.", {"name": (LONGEST, True)})


def _texts(raw: Mapping[str, Any], path: str, fields: Mapping[str, tuple[int, bool]]) -> Iterator[str]:
    for name, (most, needed) in fields.items():
        value = raw.get(name)
        if not value and not needed:
            continue
        both = isinstance(value, Mapping) and all(isinstance(value.get(one), str) for one in check.LANGUAGES)
        if not both or not all(0 < len(value[one].strip()) <= most for one in check.LANGUAGES):  # type: ignore[index]  # a mapping, as `both` says
            yield f"{path}{name}: must be a text in each of en and zh, of at most {most} letters"


def _entries(
    raw: Mapping[str, Any], name: str, path: str, most: int, least: int = 1
) -> Iterator[tuple[str, Mapping[str, Any] | str]]:
    """Entries of a list, each with its path; a text in place of one that is none."""
    whole = f"{path}.{name}" if path else name
    listed = raw.get(name) or []
    if not isinstance(listed, list) or not least <= len(listed) <= most:
        yield whole, f"{whole}: must be a list of {least} to {most} mappings"
        return
    for place, one in enumerate(listed):
        inner = f"{whole}[{place}]"
        yield inner, one if isinstance(one, Mapping) else f"{inner}: must be a mapping"


def _skills(document: Mapping[str, Any]) -> Iterator[bool]:
    for _, module in _entries(document, "modules", "", MOST_MODULES):
        for _, unit in _entries(module, "units", "", MOST_UNITS) if not isinstance(module, str) else ():
            yield not isinstance(unit, str) and bool(unit.get("skills"))


def _matches(pattern: re.Pattern[str], value: Any) -> bool:
    return isinstance(value, str) and pattern.fullmatch(value) is not None


@functools.cache
def _cases() -> frozenset[str]:
    return frozenset(f"{CASE}:{kind.id}" for kind in practice.kinds())
