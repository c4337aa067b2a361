"""A CFPackage of CASE as the draft of a catalog: items are skills, `isChildOf` areas, `precedes` edges. Floor 1.

1EdTech CASE 1.0 and 1.1. What is at the top and has children is an area; everything below is a skill of it, however
deep. Several packages are read together where they are one framework in two languages: an item and its translation, or
items of the same coding scheme, are one skill.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from curriculum import check, errors
from curriculum.exchange import case

LARGEST = 32 * 1024 * 1024
MOST = 10_000
MIDDLE = 3
ENDS = ("originNodeURI", "destinationNodeURI")
ESCO = "http://data.europa.eu/esco/skill/"

_STRANGE = re.compile(r"[^a-z0-9_.]+")
_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,59}")
JSON = dict[str, Any]


@dataclass(frozen=True)
class Drafted:
    """What was read.

    Attributes:
        document: A catalog as plain data, for the checks of a catalog.
        notes: What the packages did not say; one sentence each.
    """

    document: JSON
    notes: tuple[str, ...]


@dataclass
class _Draft:
    """A framework while it is read.

    Attributes:
        nodes: Items by identifier, each with the id that it gets.
        parents: Item above, by identifier.
        before: Items that come before, by identifier, each with why by language.
        esco: ESCO skill by identifier.
        same: Identifier that stands for another one: its translation.
    """

    nodes: dict[str, JSON] = field(default_factory=dict)
    parents: dict[str, str] = field(default_factory=dict)
    before: dict[str, dict[str, JSON]] = field(default_factory=dict)
    esco: dict[str, JSON] = field(default_factory=dict)
    same: dict[str, str] = field(default_factory=dict)

    def of(self, identifier: str) -> str:
        """The item that an identifier stands for."""
        return self.same.get(identifier, identifier)


def read(files: Mapping[str, bytes]) -> Drafted:
    """Read one framework.

    Args:
        files: Its packages as JSON, one a language, by the names of their files.

    Raises:
        errors.ExchangeRefused: One is no CFPackage, names what is not there, or children or prerequisites form a cycle.
    """
    packages = {where: _package(data, where) for where, data in files.items()}
    if not packages:
        raise errors.ExchangeRefused("CASE", ["no file was given; give one CFPackage as JSON"])
    draft, problems = _Draft(), list[str]()
    for where, package in packages.items():
        problems += (f"{where}: {problem}" for problem in _items(draft, package, where))
    if not problems:
        _pair(draft, packages.values())
        for where, package in packages.items():
            problems += (f"{where}: {problem}" for problem in _ties(draft, package))
    first = next(iter(packages))
    if not problems:
        before = {name: tuple(found) for name, found in draft.before.items()}
        above = {name: (parent,) for name, parent in draft.parents.items()}
        found = [*_cycle(draft, before, "precedes"), *_cycle(draft, above, "isChildOf")]
        problems += (f"{first}: {problem}" for problem in found)
    if problems:
        raise errors.ExchangeRefused("CASE", problems)
    return _drafted(draft, list(packages.values()))


def _package(data: bytes, where: str) -> JSON:
    """The package, of the right shape down to its items and associations."""
    if len(data) > LARGEST:
        raise errors.ExchangeRefused(where, [f"it has {len(data)} bytes; a package may have {LARGEST}"])
    try:
        found = json.loads(data.decode("utf-8-sig"))
    except json.JSONDecodeError as error:
        raise errors.ExchangeRefused(where, [f"line {error.lineno}: not JSON: {error.msg}"]) from error
    except (UnicodeDecodeError, RecursionError) as error:
        raise errors.ExchangeRefused(where, ["not JSON in UTF-8, or nested too deeply"]) from error
    problems = list(_shape(found))
    if problems:
        raise errors.ExchangeRefused(where, problems)
    package: JSON = found
    return package


def _shape(found: Any) -> Iterator[str]:
    if not isinstance(found, dict) or not isinstance(found.get("CFDocument"), dict):
        yield "CFDocument: missing; it must be a CFPackage, as GET /CFPackages/{id} answers"
        return
    if not _text(found["CFDocument"].get("title")):
        yield "CFDocument.title: missing; a framework has a title"
    for section in ("CFItems", "CFAssociations"):
        entries = found.get(section) or []
        if not isinstance(entries, list) or not all(isinstance(one, dict) for one in entries):
            yield f"{section}: must be a list of objects"
            return
    if not 0 < len(found.get("CFItems") or ()) <= MOST:
        yield f"CFItems: there are {len(found.get('CFItems') or ())}; a framework has 1 to {MOST} items"
    for position, one in enumerate(found.get("CFAssociations") or ()):
        path = f"CFAssociations[{position}]"
        if not _text(one.get("associationType")):
            yield f"{path}.associationType: missing; it must be a text such as isChildOf"
        for end in ENDS:
            if not isinstance(one.get(end), dict) or not _text(one[end].get("identifier")):
                yield f"{path}.{end}.identifier: missing; it must name an item"


def _text(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _language(package: JSON) -> str:
    """The language of a package; what says none, or another one, counts as the first: a person sees the draft."""
    tag = str(package["CFDocument"].get("language") or check.LANGUAGES[0]).lower()
    first = {"eng": "en", "zho": "zh", "chi": "zh"}.get(tag, tag.partition("-")[0])
    return first if first in check.LANGUAGES else check.LANGUAGES[0]


def _items(draft: _Draft, package: JSON, where: str) -> Iterator[str]:
    language = _language(package)
    for position, raw in enumerate(package["CFItems"]):
        path, identifier = f"CFItems[{position}]", raw.get("identifier")
        if not _text(identifier):
            yield f"{path}.identifier: missing; it must be a UUID"
            continue
        if not _text(raw.get("fullStatement")):
            yield f"{path}.fullStatement: missing; an item says what is to be learnt"
            continue
        if identifier in draft.nodes:
            yield f"{path}.identifier: {identifier!r} is taken by another item; it must be unique"
            continue
        short = raw.get("abbreviatedStatement")
        said = str(short if _text(short) else raw["fullStatement"])
        draft.nodes[identifier] = {
            "name": {language: " ".join(said.split())},
            "code": str(raw.get("humanCodingScheme") or "").strip(),
            "type": str(raw.get("CFItemType") or "").strip().lower(),
            "own": _own(raw),
            "from": where,
        }


def _pair(draft: _Draft, packages: Any) -> None:
    """Make one of an item and its translation: by association, else by the same coding scheme in another package."""
    listed = list(packages)
    for package in listed:
        for one in package.get("CFAssociations") or ():
            origin, end = one["originNodeURI"]["identifier"], one["destinationNodeURI"]["identifier"]
            known = {origin, end} <= draft.nodes.keys()
            if one["associationType"] == "isTranslationOf" and known and draft.of(end) != origin:
                draft.same[origin] = draft.of(end)
    seen: dict[str, str] = {}
    for identifier, node in draft.nodes.items():
        first = seen.setdefault(node["code"], identifier) if node["code"] else identifier
        apart = first != identifier and draft.nodes[first]["from"] != node["from"]
        if apart and identifier not in draft.same and draft.of(first) != identifier:
            draft.same[identifier] = draft.of(first)
    for other, original in draft.same.items():
        draft.nodes[original]["name"] = {**draft.nodes[other]["name"], **draft.nodes[original]["name"]}
    for other in draft.same:
        del draft.nodes[other]


def _ties(draft: _Draft, package: JSON) -> Iterator[str]:
    language, document = _language(package), package["CFDocument"].get("identifier")
    for position, one in enumerate(package.get("CFAssociations") or ()):
        kind, path = one["associationType"], f"CFAssociations[{position}]"
        ends = [draft.of(one[end]["identifier"]) for end in ENDS]
        origin, end = ends
        if kind in {"exactMatchOf", "isRelatedTo"} and origin in draft.nodes:
            uri = str(one["destinationNodeURI"].get("uri") or "")
            if uri.startswith(ESCO):
                draft.esco[origin] = {"uri": uri, "label": str(one["destinationNodeURI"].get("title") or uri)}
        if kind not in {"isChildOf", "precedes"}:
            continue
        if kind == "isChildOf" and one["destinationNodeURI"]["identifier"] == document:
            continue
        if not draft.nodes.keys() >= set(ends):
            for name, key in zip(ENDS, ends, strict=True):
                if key not in draft.nodes:
                    yield f"{path}.{name}.identifier: no item is called {key!r}; add it or remove the association"
            continue
        if kind == "isChildOf":
            if draft.parents.setdefault(origin, end) != end:
                problem = f"{origin!r} is the child of another item too; it may have one parent"
                yield f"{path}.originNodeURI.identifier: {problem}"
        else:
            why = draft.before.setdefault(end, {}).setdefault(origin, {})
            if _text(one.get("notes")):
                why[language] = " ".join(one["notes"].split())


def _cycle(draft: _Draft, edges: Mapping[str, tuple[str, ...]], kind: str) -> list[str]:
    found = check.cycle({name: edges.get(name, ()) for name in draft.nodes})
    names = [next(iter(draft.nodes[name]["name"].values())) for name in found]
    return [f"CFAssociations: {kind} forms a cycle: {' -> '.join(names)}; remove one of these"] if found else []


def _drafted(draft: _Draft, packages: list[JSON]) -> Drafted:
    """The catalog, and what is still to be said about it."""
    ids = _ids(draft)
    parents = set(draft.parents.values())
    tops = [name for name in draft.nodes if name not in draft.parents]
    areas = {name: None for name in tops if name in parents or draft.nodes[name]["type"] == case.AREA}
    titles = {_language(package): package["CFDocument"]["title"].strip() for package in packages}
    loose = len(tops) > len(areas)
    listed = [{"id": ids[name], "name": draft.nodes[name]["name"]} for name in areas]
    rest = next(name for name in ("general", "general_area", "general_rest") if name not in ids.values())
    if loose:
        listed.append({"id": rest, "name": dict(titles)})
    skills = []
    tops_of = _tops(draft)
    for name in draft.nodes:
        if name not in areas:
            top = tops_of[name]
            skills.append(_skill(draft, name, ids, ids[top] if top in areas else rest, areas))
    notes = [*_silent(skills, listed, draft, areas)]
    named = _own(packages[0]["CFDocument"]).get("catalog")
    meta = {"id": named if _text(named) else _slug(titles.get("en", "")) or "imported", "name": titles}
    return Drafted({"meta": meta, "areas": listed, "skills": skills}, tuple(notes))


def _own(thing: JSON) -> JSON:
    """What we ourselves said about a thing; empty where others wrote it."""
    extensions = thing.get("extensions")
    own = extensions.get(case.EXTENSION) if isinstance(extensions, dict) else None
    return own if isinstance(own, dict) else {}


def _skill(draft: _Draft, name: str, ids: Mapping[str, str], area: str, areas: Collection[str]) -> JSON:
    node = draft.nodes[name]
    own = node["own"]
    before = {one: why for one, why in draft.before.get(name, {}).items() if one not in areas}
    level = own.get("difficulty")
    half_life = own.get("half_life_days")
    made: JSON = {
        "id": ids[name],
        "name": node["name"],
        "area": area,
        "kind": node["type"] if node["type"] in check.KINDS else "skill",
        "difficulty": level if isinstance(level, int) and 1 <= level <= 5 else MIDDLE,
        "prerequisites": [ids[one] for one in before],
    }
    because = {ids[one]: why for one, why in before.items() if why}
    optional = {
        "because": because,
        "half_life_days": half_life if isinstance(half_life, int | float) else None,
        "sources": [one for one in own.get("sources") or () if _text(one)],
        "esco": draft.esco.get(name),
    }
    return made | {key: value for key, value in optional.items() if value}


def _tops(draft: _Draft) -> dict[str, str]:
    """The item at the top above each item; each way up is walked once."""
    tops: dict[str, str] = {}
    for name in draft.nodes:
        way = []
        while name not in tops and name in draft.parents:
            way.append(name)
            name = draft.parents[name]  # noqa: PLW2901  (one walks up from it)
        top = tops.setdefault(name, name)
        tops.update(dict.fromkeys(way, top))
    return tops


def _ids(draft: _Draft) -> dict[str, str]:
    """An id for each item: its code, else its name; numbered where it comes twice."""
    ids: dict[str, str] = {}
    taken: set[str] = set()
    last: Counter[str] = Counter()
    for name, node in draft.nodes.items():
        code = node["code"] if _CODE.fullmatch(node["code"]) else ""
        wanted = code or _slug(node["code"] or node["name"].get("en", "")) or f"item_{name[:8].lower()}"
        made = wanted
        while made in taken:
            last[wanted] += 1
            made = f"{wanted}_{last[wanted] + 1}"
        taken.add(made)
        ids[name] = made
    return ids


def _slug(text: str) -> str:
    return _STRANGE.sub("_", text.lower()).strip("_.")[:60] or ""


def _silent(skills: list[JSON], listed: list[JSON], draft: _Draft, areas: Collection[str]) -> Iterator[str]:
    for language in check.LANGUAGES:
        lacking = sum(language not in one["name"] for one in [*listed, *skills])
        if lacking:
            yield f"{lacking} names are missing in {language}; write them"
    silent = [name for name, node in draft.nodes.items() if not isinstance(node["own"].get("difficulty"), int)]
    guessed = len(set(silent).difference(areas))
    if guessed:
        yield f"{guessed} items say no difficulty; {MIDDLE} of 5 stands there until somebody judges"
    deep = sum(parent in draft.parents for parent in draft.parents.values())
    if deep:
        yield f"{deep} items lie deeper than areas go; they are skills of the area at their top"
    apart = sum(end in areas or origin in areas for end, found in draft.before.items() for origin in found)
    if apart:
        yield f"{apart} associations say that an area precedes; only skills do, so these were left out"
