"""Is a catalog sound? Every rule that plain data must meet before it becomes a catalog. Floor 1.

All problems are found at once. Each is one line `path: what is wrong; what would be right`, with the line of the YAML
file where known.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

import yaml

LANGUAGES = ("en", "zh")
CONFIDENCES = ("high", "medium", "low")
KINDS = ("knowledge", "skill", "attitude", "assessment")
# Ways of learning, as statements tell them apart.
MODES = ("simulation", "quiz", "exam", "example", "video", "reading", "discussion", "project", "scene", "event")
_PATH = re.compile(r"[^.\[\]]+")
_IRI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"{}|\\^`]+")

_Path = str
_Check = Callable[[Any], bool]


def problems(mapping: Any) -> list[str]:
    """Find everything that is wrong with a catalog.

    Args:
        mapping: The parsed YAML document, of any type.

    Returns:
        One line a problem, in the order of the file; empty if the catalog is sound. References are looked at only
        when the shape is right.
    """
    shape = list(_shape(mapping))
    return shape or [*_unique(mapping), *_references(mapping)] or list(_closure(mapping))


def day(value: Any) -> date:
    """Read a date: YAML gives a `date` or a string such as "2026-07-01".

    Raises:
        ValueError: It is neither.
    """
    return value if isinstance(value, date) else date.fromisoformat(value)


def items_of(mapping: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """List the items: where `meta.practice` asks for it one repeatable item a skill, then those of the file."""
    practice = mapping["meta"].get("practice")
    made = [
        {
            "id": f"practice:{skill['id']}",
            "activity": f"{practice['activity']}{skill['id']}",
            "skills": [skill["id"]],
            "difficulty": skill["difficulty"],
            "order": position,
            "repeatable": True,
        }
        for position, skill in enumerate(mapping["skills"] if practice else (), start=1)
    ]
    return [*made, *mapping.get("items", ())]


def lines(text: str, loader: Any = yaml.SafeLoader) -> dict[_Path, int]:
    r"""Line (from 1) of every path in a YAML document.

    Args:
        text: A YAML document.
        loader: A safe loader class.

    Examples:
        >>> lines("skills:\n- id: a\n- id: b\n")["skills[1].id"]
        3
    """
    found: dict[_Path, int] = {}

    def walk(node: Any, path: _Path) -> None:
        found[path] = node.start_mark.line + 1
        if isinstance(node, yaml.MappingNode):
            for key, value in node.value:
                walk(value, f"{path}.{key.value}" if path else str(key.value))
        elif isinstance(node, yaml.SequenceNode):
            for position, value in enumerate(node.value):
                walk(value, f"{path}[{position}]")

    node = yaml.compose(text, Loader=loader)
    if node is not None:
        walk(node, "")
    return found


def with_line(problem: str, known: Mapping[_Path, int]) -> str:
    """Put the line of its path, or of the nearest parent, before a problem.

    Examples:
        >>> with_line("skills[1].name: missing", {"skills[1]": 7})
        'line 7: skills[1].name: missing'
    """
    path = problem.split(": ", 1)[0]
    while path and path not in known:
        path = path[: max(path.rfind("."), path.rfind("["), 0)]
    return f"line {known[path]}: {problem}" if path in known else problem


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _is_names(value: Any) -> bool:
    return isinstance(value, Mapping) and all(_is_text(value.get(language)) for language in LANGUAGES)


def _is_texts(value: Any) -> bool:
    return isinstance(value, list) and all(_is_text(entry) for entry in value)


def _is_level(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= 5


def _is_positive(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value > 0


def _is_day(value: Any) -> bool:
    try:
        day(value)
    except (TypeError, ValueError):
        return False
    return True


def _is_iri(value: Any) -> bool:
    return isinstance(value, str) and _IRI.fullmatch(value) is not None


def _is_targets(value: Any) -> bool:
    return (
        isinstance(value, Mapping)
        and bool(value)
        and all(_is_text(key) and _is_level(level) for key, level in value.items())
    )


def _is_because(value: Any) -> bool:
    return isinstance(value, Mapping) and all(_is_text(key) and _is_names(text) for key, text in value.items())


def _is_alignment(value: Any) -> bool:
    return isinstance(value, Mapping) and _is_iri(value.get("uri")) and _is_text(value.get("label"))


def _optional(check: _Check) -> _Check:
    return lambda value: value is None or check(value)


_NAMES = (_is_names, "a text in each of en and zh")
_ID = (_is_text, "a text")
_MINUTES = (_optional(_is_positive), "a positive number of minutes")
_MODE = (_optional(lambda value: value in MODES), f"one of {', '.join(MODES)}")
# By list: for each field, the test and what would be right. A field that may be absent has an optional test.
_FIELDS: Mapping[str, Mapping[str, tuple[_Check, str]]] = {
    "areas": {"id": _ID, "name": _NAMES},
    "skills": {
        "id": _ID,
        "name": _NAMES,
        "area": (_is_text, "the id of an area"),
        "kind": (lambda value: value in KINDS, f"one of {', '.join(KINDS)}"),
        "difficulty": (_is_level, "a whole number 1 to 5"),
        "prerequisites": (_optional(_is_texts), "a list of skill ids"),
        "half_life_days": (_optional(_is_positive), "a positive number of days"),
        "sources": (_optional(_is_texts), "a list of texts"),
        "because": (_optional(_is_because), "a text in each of en and zh by prerequisite id"),
        "esco": (_optional(_is_alignment), "a mapping with uri, an absolute IRI, and label"),
    },
    "items": {
        "id": _ID,
        "activity": (_is_iri, "an absolute IRI"),
        "skills": (lambda value: _is_texts(value) and bool(value), "a list of at least one skill id"),
        "difficulty": (lambda value: value is None or (_is_positive(value) and 1 <= value <= 5), "a number 1 to 5"),
        "name": (_optional(_is_names), _NAMES[1]),
        "order": (_optional(_is_positive), "a whole number from 1"),
        "repeatable": (lambda value: value is None or isinstance(value, bool), "true or false"),
        "minutes": _MINUTES,
        "mode": _MODE,
    },
    "resources": {
        "id": _ID,
        "activity": (_is_iri, "an absolute IRI"),
        "skills": (lambda value: _is_texts(value) and bool(value), "a list of at least one skill id"),
        "name": _NAMES,
        "minutes": _MINUTES,
        "mode": _MODE,
        "valid_from": (_optional(_is_day), "a date such as 2026-07-01"),
        "valid_to": (_optional(_is_day), "a date such as 2026-07-01, or null"),
    },
    "roles": {"id": _ID, "name": _NAMES, "targets": (_is_targets, "a level 1 to 5 for each of at least one skill id")},
    "rules": {
        "id": _ID,
        "jurisdiction": (_is_text, "a text"),
        "valid_from": (_is_day, "a date such as 2026-07-01"),
        "valid_to": (_optional(_is_day), "a date such as 2026-07-01, or null"),
        "affects": (_is_texts, "a list of skill ids"),
        "statement": _NAMES,
        "params": (_optional(lambda value: isinstance(value, Mapping)), "a mapping"),
        "source": (_optional(_is_texts), "a list of texts"),
        "confidence": (lambda value: value in CONFIDENCES, f"one of {', '.join(CONFIDENCES)}"),
    },
    "misconceptions": {"id": _ID, "skill": (_is_text, "the id of a skill"), "name": _NAMES, "signature": _ID},
}
_NEEDED = ("areas", "skills")


def _shape(mapping: Any) -> Iterator[str]:
    if not isinstance(mapping, Mapping):
        yield f"meta: the document is {type(mapping).__name__}; it must be a mapping with meta, areas and skills"
        return
    yield from _meta(mapping.get("meta"))
    for section, fields in _FIELDS.items():
        entries = mapping.get(section, [] if section not in _NEEDED else None)
        if not isinstance(entries, list) or (section in _NEEDED and not entries):
            yield f"{section}: must be a list" + (" of at least one" if section in _NEEDED else "")
            continue
        for position, entry in enumerate(entries):
            yield from _entry(f"{section}[{position}]", entry, fields)


def _meta(meta: Any) -> Iterator[str]:
    if not isinstance(meta, Mapping):
        yield "meta: missing; it must be a mapping with id and name"
        return
    if not _is_text(meta.get("id")):
        yield f"meta.id: is {meta.get('id')!r}; it must be a text"
    if not _is_names(meta.get("name")):
        yield f"meta.name: is {meta.get('name')!r}; it must be {_NAMES[1]}"
    score = meta.get("pass_score")
    if score is not None and not (_is_positive(score) and score <= 1):
        yield f"meta.pass_score: is {score!r}; it must be a number above 0 up to 1, or null"
    practice = meta.get("practice")
    if practice is not None and not (isinstance(practice, Mapping) and _is_iri(practice.get("activity"))):
        yield f"meta.practice: is {practice!r}; it must be a mapping with activity, the start of an absolute IRI"
    lessons = meta.get("lessons")
    if lessons is not None and not (isinstance(lessons, Mapping) and _is_iri(lessons.get("activity"))):
        yield f"meta.lessons: is {lessons!r}; it must be a mapping with activity, the start of an absolute IRI"
    if meta.get("date") is not None and not _is_day(meta["date"]):
        yield f"meta.date: is {meta['date']!r}; it must be a date such as 2026-07-01"
    if meta.get("notice") is not None and not _is_names(meta["notice"]):
        yield f"meta.notice: is {meta['notice']!r}; it must be {_NAMES[1]}"


def _entry(path: _Path, entry: Any, fields: Mapping[str, tuple[_Check, str]]) -> Iterator[str]:
    if not isinstance(entry, Mapping):
        yield f"{path}: is {entry!r}; it must be a mapping"
        return
    for field, (fits, right) in fields.items():
        value = entry.get(field)
        if not fits(value):
            yield f"{path}.{field}: is {value!r}; it must be {right}"


def _unique(mapping: Mapping[str, Any]) -> Iterator[str]:
    sections = {
        **{section: mapping.get(section, []) for section in _FIELDS},
        "items": items_of(mapping),
    }
    for section, entries in sections.items():
        keys = ("id", "activity") if section in {"items", "resources"} else ("id",)
        for key in keys:
            seen: dict[str, int] = {}
            for position, entry in enumerate(entries):
                first = seen.setdefault(entry[key], position)
                if first != position:
                    path = f"{section}[{position}].{key}"
                    yield f"{path}: {entry[key]!r} is taken by {section}[{first}]; it must be unique"


def _references(mapping: Mapping[str, Any]) -> Iterator[str]:
    areas = {entry["id"] for entry in mapping["areas"]}
    skills = {entry["id"] for entry in mapping["skills"]}
    for position, skill in enumerate(mapping["skills"]):
        if skill["area"] not in areas:
            yield f"skills[{position}].area: no area is called {skill['area']!r}; use one of {', '.join(sorted(areas))}"
        needed = skill.get("prerequisites") or ()
        yield from _known(f"skills[{position}].prerequisites", needed, skills)
        for name in set(skill.get("because") or ()).difference(needed):
            yield f"skills[{position}].because.{name}: {name!r} is no prerequisite of it; name one of its own"
    for section in ("items", "resources"):
        for position, item in enumerate(mapping.get(section, ())):
            yield from _known(f"{section}[{position}].skills", item["skills"], skills)
    yield from _references_elsewhere(mapping, skills)


def _references_elsewhere(mapping: Mapping[str, Any], skills: set[str]) -> Iterator[str]:
    for position, role in enumerate(mapping.get("roles", ())):
        for name in role["targets"]:
            if name not in skills:
                yield f"roles[{position}].targets.{name}: no skill is called {name!r}"
    for position, rule in enumerate(mapping.get("rules", ())):
        yield from _known(f"rules[{position}].affects", rule["affects"], skills)
        if rule.get("valid_to") is not None and day(rule["valid_to"]) < day(rule["valid_from"]):
            path = f"rules[{position}].valid_to"
            yield f"{path}: {rule['valid_to']} lies before valid_from {rule['valid_from']}; it must not"
    yield from _overlaps(mapping.get("rules", ()))
    for position, misconception in enumerate(mapping.get("misconceptions", ())):
        if misconception["skill"] not in skills:
            yield f"misconceptions[{position}].skill: no skill is called {misconception['skill']!r}"


def _overlaps(rules: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    for position, rule in enumerate(rules):
        for other in rules[:position]:
            if overlap(rule, other):
                when, where = rule["valid_from"], f"rules[{position}].valid_from"
                yield f"{where}: {when} lies in the time of {other['id']!r}, of the same figures; end one before it"


def overlap(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether two rules give the same figures of the same place and skill on one day, so that nobody knows which holds.

    Rules without figures may stand side by side; one of low confidence applies to nobody.

    Args:
        one: A rule of a sound shape, as plain data.
        other: Another one.
    """
    if "low" in {one["confidence"], other["confidence"]} or one["jurisdiction"] != other["jurisdiction"]:
        return False
    figures = set(one.get("params") or ())
    if not figures or figures != set(other.get("params") or ()) or not set(one["affects"]) & set(other["affects"]):
        return False
    first, last = sorted((one, other), key=lambda rule: day(rule["valid_from"]))
    return first.get("valid_to") is None or day(first["valid_to"]) >= day(last["valid_from"])


def _known(path: _Path, names: Iterable[str], skills: set[str]) -> Iterator[str]:
    for position, name in enumerate(names):
        if name not in skills:
            yield f"{path}[{position}]: no skill is called {name!r}"


def _closure(mapping: Mapping[str, Any]) -> Iterator[str]:
    needs = {entry["id"]: tuple(entry.get("prerequisites") or ()) for entry in mapping["skills"]}
    found = cycle(needs)
    if found:
        position = list(needs).index(found[0])
        yield f"skills[{position}].prerequisites: they form a cycle: {' -> '.join(found)}; remove one of these edges"
        return
    for position, role in enumerate(mapping.get("roles", ())):
        for name in role["targets"]:
            for needed in needs[name]:
                if needed not in role["targets"]:
                    path = f"roles[{position}].targets"
                    yield f"{path}: {name!r} needs {needed!r}, no target of {role['id']!r}; add it with a level"


def cycle(needs: Mapping[str, tuple[str, ...]]) -> list[str]:
    """One cycle, from a skill over its prerequisites back to itself; empty if there is none."""
    done: set[str] = set()
    for root in needs:
        trail: dict[str, None] = {}  # in order, and quick to ask: a framework of others may be a long chain
        pending = [(root, iter(needs[root]))] if root not in done else []
        if pending:
            trail[root] = None
        while pending:
            name, rest = pending[-1]
            step = next(rest, None)
            if step is None:
                done.add(name)
                del trail[name]
                pending.pop()
            elif step in trail:
                order = list(trail)
                return [*order[order.index(step) :], step]
            elif step not in done:
                trail[step] = None
                pending.append((step, iter(needs[step])))
    return []
