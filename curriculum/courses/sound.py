"""Is the file of a course sound? Every rule that plain data must meet before it becomes a course. Floor 1.

All problems are found at once, each one line `path: what is wrong; what would be right`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from curriculum import check, practice
from curriculum.catalog import Catalog
from curriculum.courses.tree import BLOOM, CRITERIA, KINDS, LEVELS, OWN, PLATFORMS, SORTS

_ID = re.compile(r"[a-z][a-z0-9_]{0,39}")
_FIELDS = {
    "order", "id", "sort", "name", "about", "weeks", "hours", "assumes", "outcomes", "modules", "variants", "projects",
    "discussions", "events", "teams", "assessment", "exam",
}  # fmt: skip
# What can be seen done; "understand" and "know" cannot.
VERBS: Mapping[str, frozenset[str]] = {
    "remember": frozenset({"name", "list", "recall", "state"}),
    "understand": frozenset({"explain", "describe", "classify", "compare", "summarise", "tell", "trace"}),
    "apply": frozenset(
        {"apply", "compute", "use", "prepare", "write", "carry", "set", "process", "answer", "build", "query", "run"}
    ),
    "analyse": frozenset({"analyse", "break", "diagnose", "find", "examine", "read", "segment", "screen", "map"}),
    "evaluate": frozenset({"assess", "choose", "defend", "judge", "check", "decide", "justify", "review"}),
    "create": frozenset({"design", "plan", "create", "draft", "propose", "compose", "develop"}),
}


def problems(data: Any, catalog: Catalog) -> list[str]:
    """Everything that is wrong with the file of a course; references are looked at only when the shape is right."""
    if not isinstance(data, Mapping):
        return [f"id: the document is {type(data).__name__}; it must be a mapping of one course"]
    shape = [*_shape(data), *_own_shape(data)]
    return shape or [*_skills(data, catalog), *_practice(data), *_marks(data), *_told_skills(data, catalog)]


def _shape(data: Mapping[str, Any]) -> Iterator[str]:
    if strange := set(data) - _FIELDS:
        yield f"{min(strange)}: a course has no such field; it has {', '.join(sorted(_FIELDS))}"
    yield from _id("id", data)
    if data.get("sort") not in SORTS:
        yield f"sort: is {data.get('sort')!r}; it must be one of {', '.join(SORTS)}"
    yield from _texts(data, "", "name", "about")
    for name in ("order", "weeks", "hours"):
        yield from _number(data, "", name)
    if not _ids(data.get("assumes") or []):
        yield "assumes: must be a list of skill ids"
    yield from _outcomes(data)
    yield from _count(data, "modules", 1)
    for path, module in _entries(data, "modules"):
        yield from _id(f"{path}.id", module)
        yield from _texts(module, path, "name")
        yield from _count(module, "units", 1, path)
        for inner, unit in _entries(module, "units", path):
            yield from _unit(inner, unit)
    yield from _count(data, "variants", 0)
    yield from _count(data, "assessment", 2)
    for path, share in _entries(data, "assessment"):
        if share.get("kind") not in KINDS:
            yield f"{path}.kind: is {share.get('kind')!r}; it must be one of {', '.join(KINDS)}"
        yield from _number(share, path, "weight")
        yield from _text(path, share)
    for path, variant in _entries(data, "variants"):
        if variant.get("platform") not in PLATFORMS:
            yield f"{path}.platform: is {variant.get('platform')!r}; it must be one of {', '.join(PLATFORMS)}"
        yield from _text(path, variant)


def _unit(path: str, unit: Mapping[str, Any]) -> Iterator[str]:
    yield from _id(f"{path}.id", unit)
    yield from _texts(unit, path, "name")
    if not _ids(unit.get("skills")) or not unit["skills"]:
        yield f"{path}.skills: must be a list of at least one skill id"
    if not _ids(unit.get("practice") or []):
        yield f"{path}.practice: must be a list of texts such as case:freight"
    told = unit.get("platforms") or {}
    if not isinstance(told, Mapping):
        yield f"{path}.platforms: must be a text in en and zh for each platform"
        return
    for name, text in told.items():
        if name not in PLATFORMS:
            yield f"{path}.platforms.{name}: no platform is called so; it must be one of {', '.join(PLATFORMS)}"
        yield from _text(f"{path}.platforms.{name}", text)


def _outcomes(data: Mapping[str, Any]) -> Iterator[str]:
    yield from _count(data, "outcomes", 3)
    for path, one in _entries(data, "outcomes"):
        level = one.get("bloom")
        if level not in BLOOM:
            yield f"{path}.bloom: is {level!r}; it must be one of {', '.join(BLOOM)}"
        yield from _text(path, one)
        verb = str(one.get("en", "")).partition(" ")[0].lower()
        if level in BLOOM and verb not in VERBS[level]:
            wanted = ", ".join(sorted(VERBS[level]))
            yield f"{path}.en: begins with {verb!r}; what can be seen done at this level begins with one of {wanted}"
        yield from _skilled(path, one)


def _own_shape(data: Mapping[str, Any]) -> Iterator[str]:
    yield from _count(data, "projects", 0)
    for path, one in _entries(data, "projects"):
        yield from _id(f"{path}.id", one)
        yield from _texts(one, path, "name", "situation")
        yield from _number(one, path, "hours")
        yield from _count(one, "deliverables", 1, path)
        for inner, text in _entries(one, "deliverables", path):
            yield from _text(inner, text)
        yield from _count(one, "rubric", CRITERIA, path)
        if len(one.get("rubric") or ()) > CRITERIA:
            yield f"{path}.rubric: has {len(one['rubric'])} criteria; it must have {CRITERIA}"
        for inner, line in _entries(one, "rubric", path):
            yield from _texts(line, inner, "name")
            yield from _skilled(inner, line)
            levels = line.get("levels")
            if not isinstance(levels, list) or len(levels) != LEVELS:
                yield f"{inner}.levels: must be {LEVELS} texts, from the weakest to the best"
                continue
            for number, text in enumerate(levels):
                yield from _text(f"{inner}.levels[{number}]", text)
    yield from _count(data, "discussions", 0)
    for path, one in _entries(data, "discussions"):
        yield from _id(f"{path}.id", one)
        yield from _texts(one, path, "question")
        yield from _skilled(path, one)
        yield from _count(one, "touches", 2, path)
        for inner, text in _entries(one, "touches", path):
            yield from _text(inner, text)
    yield from _together(data)


def _together(data: Mapping[str, Any]) -> Iterator[str]:
    yield from _count(data, "events", 0)
    for path, one in _entries(data, "events"):
        yield from _id(f"{path}.id", one)
        yield from _texts(one, path, "name", "checkin")
        yield from _skilled(path, one)
        yield from _count(one, "plan", 2, path)
        for inner, stage in _entries(one, "plan", path):
            yield from _number(stage, inner, "minutes")
            yield from _text(inner, stage)
    yield from _count(data, "teams", 0)
    for path, one in _entries(data, "teams"):
        yield from _id(f"{path}.id", one)
        yield from _texts(one, path, "name", "task")
        yield from _number(one, path, "minutes")
        yield from _count(one, "roles", 2, path)
        for inner, role in _entries(one, "roles", path):
            yield from _texts(role, inner, "name", "does")
            yield from _skilled(inner, role)


def _skills(data: Mapping[str, Any], catalog: Catalog) -> Iterator[str]:
    """Each skill exists and is taught once; what it needs comes before it, or is assumed."""
    yield from _twice("modules", data["modules"])
    assumed = data.get("assumes") or []
    for position, name in enumerate(assumed):
        if name not in catalog.skills:
            yield f"assumes[{position}]: no skill is called {name!r}"
    taught: dict[str, str] = {}
    needed: set[str] = set()
    for place, module in enumerate(data["modules"]):
        yield from _twice(f"modules[{place}].units", module["units"])
    for path, name in _taught(data):
        if name not in catalog.skills:
            yield f"{path}: no skill is called {name!r}"
            continue
        if name in taught:
            yield f"{path}: {name!r} is taught in {taught[name]}; once is enough"
        before = catalog.skills[name].prerequisites
        needed.update(before)
        for one in before:
            if one not in taught and one not in assumed:
                yield f"{path}: {name!r} needs {one!r}; teach that before it, or name it in assumes"
        taught.setdefault(name, path)
    for position, name in enumerate(assumed):
        if name in taught:
            yield f"assumes[{position}]: {name!r} is taught in {taught[name]}; it is one of the two"
        elif name not in needed:
            yield f"assumes[{position}]: no skill of the course needs {name!r}; leave it out"


def _taught(data: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The skills of a course in the order of learning, each with its path."""
    for place, module in enumerate(data["modules"]):
        for number, unit in enumerate(module["units"]):
            for position, name in enumerate(unit["skills"]):
                yield f"modules[{place}].units[{number}].skills[{position}]", name


def _practice(data: Mapping[str, Any]) -> Iterator[str]:
    """What a unit does is there; what a course brings is done in it, once."""
    known = {f"case:{kind.id}" for kind in practice.kinds()}
    own = {f"{kind}:{one['id']}": f"{kind}s[{n}]" for kind in OWN for n, one in enumerate(data.get(f"{kind}s") or ())}
    for kind in OWN:
        yield from _twice(f"{kind}s", data.get(f"{kind}s") or ())
    used: set[str] = set()
    for place, module in enumerate(data["modules"]):
        for number, unit in enumerate(module["units"]):
            for position, name in enumerate(unit.get("practice") or ()):
                path = f"modules[{place}].units[{number}].practice[{position}]"
                if name not in known and name not in own:
                    yield f"{path}: nothing is called {name!r}; it is a case, or a {', '.join(OWN)} of this course"
                elif name in used and name in own:
                    yield f"{path}: {name!r} is done in another unit too; once is enough"
                used.add(name)
    for name, path in own.items():
        if name not in used:
            yield f"{path}: no unit does it; name {name!r} in the practice of one"


def _marks(data: Mapping[str, Any]) -> Iterator[str]:
    shares = list(_entries(data, "assessment"))
    total = sum(share["weight"] for _, share in shares)
    if total != 100:
        yield f"assessment: the weights add up to {total}; they must add up to 100"
    kinds = [share["kind"] for _, share in shares]
    exam = data.get("exam") or ""
    plans = [plan.id for plan in practice.plans()]
    if exam and exam not in plans:
        yield f"exam: no plan is called {exam!r}; it must be one of {', '.join(plans)}"
    if ("exam" in kinds) != bool(exam):
        yield "exam: an exam that counts has a plan, and a plan an exam that counts; name both or none"
    done = {
        name.partition(":")[0]
        for module in data["modules"]
        for unit in module["units"]
        for name in unit.get("practice") or ()
    } | {"quiz", "exam"}
    for path, share in shares:
        if share["kind"] not in done:
            yield f"{path}.kind: no unit does a {share['kind']!r}; it must be one of {', '.join(sorted(done))}"


def _told_skills(data: Mapping[str, Any], catalog: Catalog) -> Iterator[str]:
    """Outcomes, projects and the rest tell of skills that the course teaches."""
    taught = {name for _, name in _taught(data)}
    for path, names in _named(data):
        for position, name in enumerate(names):
            if name not in taught:
                say = "is no skill of this course" if name in catalog.skills else "is no skill"
                yield f"{path}.skills[{position}]: {name!r} {say}; name one that it teaches"


def _named(data: Mapping[str, Any]) -> Iterator[tuple[str, Sequence[str]]]:
    for section in ("outcomes", "discussions", "events"):
        for path, one in _entries(data, section):
            yield path, one["skills"]
    for section, inner in (("projects", "rubric"), ("teams", "roles")):
        for path, one in _entries(data, section):
            for deeper, line in _entries(one, inner, path):
                yield deeper, line["skills"]


def _entries(data: Mapping[str, Any], section: str, above: str = "") -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The mappings of a list, each with its path; `_count` says what else is there."""
    raw = data.get(section)
    for place, one in enumerate(raw if isinstance(raw, list) else []):
        if isinstance(one, Mapping):
            yield _at(f"{section}[{place}]", above), one


def _count(data: Mapping[str, Any], section: str, least: int, above: str = "") -> Iterator[str]:
    raw = data.get(section) or []
    if not isinstance(raw, list) or len(raw) < least or not all(isinstance(one, Mapping) for one in raw):
        yield f"{_at(section, above)}: must be a list of mappings, at least {least}"


def _at(name: str, above: str) -> str:
    return f"{above}.{name}" if above else name


def _twice(path: str, raw: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    seen: dict[str, int] = {}
    for position, one in enumerate(raw):
        first = seen.setdefault(one["id"], position)
        if first != position:
            yield f"{path}[{position}].id: {one['id']!r} stands in [{first}] too; rename one"


def _id(path: str, raw: Mapping[str, Any]) -> Iterator[str]:
    value = raw.get("id")
    if not isinstance(value, str) or not _ID.fullmatch(value):
        yield f"{path}: is {value!r}; it must be small letters, digits and _, such as big_data"


def _texts(raw: Mapping[str, Any], path: str, *names: str) -> Iterator[str]:
    for name in names:
        yield from _text(f"{path}.{name}" if path else name, raw.get(name))


def _text(path: str, raw: Any) -> Iterator[str]:
    right = isinstance(raw, Mapping) and all(
        isinstance(raw.get(language), str) and raw[language].strip() for language in check.LANGUAGES
    )
    if not right:
        yield f"{path}: must be a text in each of en and zh"


def _number(raw: Mapping[str, Any], path: str, name: str) -> Iterator[str]:
    value = raw.get(name)
    fits = int | float if name == "hours" else int
    if not isinstance(value, fits) or isinstance(value, bool) or value <= 0:
        yield f"{path}.{name}: is {value!r}; it must be a positive number".removeprefix(".")


def _skilled(path: str, raw: Mapping[str, Any]) -> Iterator[str]:
    if not _ids(raw.get("skills")) or not raw["skills"]:
        yield f"{path}.skills: must be a list of at least one skill id"


def _ids(raw: Any) -> bool:
    return isinstance(raw, list) and all(isinstance(one, str) for one in raw)
