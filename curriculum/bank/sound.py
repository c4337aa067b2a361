"""Is a file of questions sound? Every rule that plain data must meet before it becomes a part of the bank. Floor 1.

All problems are found at once. Each is one line `path: what is wrong; what would be right`, with the line of the YAML
file where known.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from curriculum import check, errors
from curriculum.bank import formula
from curriculum.bank.entry import BLOOM, UNKNOWN
from curriculum.practice.task import CHOICE, FORMS, MATCH, NUMBER, SEVERAL, TEXT

UNITS = ("EUR", "USD", "GBP", "CNY", "kg", "%", "pieces", "days", "")
FEWEST, MOST = 3, 6
RESERVED = frozenset({"right", "value", "gap"})
"""What texts call the right answer, a wrong one and the difference between them."""


@dataclass(frozen=True)
class Known:
    """What questions may refer to.

    Attributes:
        skills: Ids of skills.
        rules: Ids of dated rules, each with the names of its figures.
        causes: Ids of misconceptions.
    """

    skills: Collection[str]
    rules: Mapping[str, Collection[str]]
    causes: Collection[str]


def problems(mapping: Any, known: Known) -> list[str]:
    """Find everything that is wrong with a file of questions.

    Args:
        mapping: The parsed YAML document, of any type.
        known: What its questions may refer to; its own misconceptions need not be there.

    Returns:
        One line a problem, in the order of the file; empty if it is sound.
    """
    if not isinstance(mapping, Mapping) or not isinstance(mapping.get("questions"), list):
        return ["questions: missing; the document must be a mapping with a list of questions"]
    own = mapping.get("misconceptions") or []
    if not isinstance(own, list):
        return ["misconceptions: must be a list"]
    found = [*_misconceptions(own, known)]
    causes = {*known.causes, UNKNOWN, *(str(one.get("id")) for one in own if isinstance(one, Mapping))}
    seen: dict[Any, int] = {}
    for position, raw in enumerate(mapping["questions"]):
        path = f"questions[{position}]"
        if not isinstance(raw, Mapping):
            found.append(f"{path}: is {raw!r}; it must be a mapping")
            continue
        first = seen.setdefault(raw.get("id"), position)
        if first != position:
            found.append(f"{path}.id: {raw.get('id')!r} is taken by questions[{first}]; it must be unique")
        found += [f"{path}.{problem}" for problem in _question(raw, Known(known.skills, known.rules, causes))]
    return found


def _misconceptions(own: list[Any], known: Known) -> Iterator[str]:
    seen = set(known.causes)
    for position, raw in enumerate(own):
        path = f"misconceptions[{position}]"
        if not isinstance(raw, Mapping):
            yield f"{path}: is {raw!r}; it must be a mapping"
            continue
        if not _is_text(raw.get("id")) or raw["id"] in seen or raw["id"] == UNKNOWN:
            yield f"{path}.id: is {raw.get('id')!r}; it must be a text that no other misconception has"
        seen.add(raw.get("id", ""))
        if raw.get("skill") not in known.skills:
            yield f"{path}.skill: no skill is called {raw.get('skill')!r}"
        if not _is_words(raw.get("name")):
            yield f"{path}.name: is {raw.get('name')!r}; it must be a text in each of en and zh"


def _question(raw: Mapping[str, Any], known: Known) -> Iterator[str]:
    yield from _head(raw, known)
    for field in ("ask", "explanation"):
        if not _is_words(raw.get(field)):
            yield f"{field}: is {raw.get(field)!r}; it must be a text in each of en and zh"
    for field in ("story", "basis"):
        if raw.get(field) is not None and not _is_words(raw[field]):
            yield f"{field}: is {raw[field]!r}; it must be a text in each of en and zh, or be left out"
    form = str(raw.get("form"))
    if form not in _FORMS:
        yield f"form: is {form!r}; it must be one of {', '.join(FORMS)}"
        return
    if strange := set(raw) - _COMMON - _FIELDS[form]:
        fields = ", ".join(sorted(_FIELDS[form]))
        yield f"{min(strange)}: a question of the form {form} has no such field; it has {fields}"
    yield from _FORMS[form](raw, known)


def _head(raw: Mapping[str, Any], known: Known) -> Iterator[str]:
    skill = raw.get("skill")
    if skill not in known.skills:
        yield f"skill: no skill is called {skill!r}"
    name = raw.get("id")
    if not _is_text(name) or not str(name).startswith(f"{skill}."):
        yield f"id: is {name!r}; it must be the skill and a number, such as {skill}.1"
    for position, other in enumerate(raw.get("also") or ()):
        if other not in known.skills:
            yield f"also[{position}]: no skill is called {other!r}"
    if raw.get("bloom") not in BLOOM:
        yield f"bloom: is {raw.get('bloom')!r}; it must be one of {', '.join(BLOOM)}"
    level = raw.get("difficulty")
    if not isinstance(level, int) or isinstance(level, bool) or not 1 <= level <= 5:
        yield f"difficulty: is {level!r}; it must be a whole number 1 to 5"
    if raw.get("rule") is not None and raw["rule"] not in known.rules:
        yield f"rule: no dated rule is called {raw['rule']!r}"
    for field in ("valid_from", "valid_to"):
        if raw.get(field) is not None and not _is_day(raw[field]):
            yield f"{field}: is {raw[field]!r}; it must be a date such as 2026-07-01"


def _chosen(raw: Mapping[str, Any], known: Known) -> Iterator[str]:
    options = raw.get("options")
    if not isinstance(options, list) or not FEWEST <= len(options) <= MOST:
        yield f"options: must be a list of {FEWEST} to {MOST}"
        return
    rights = sum(isinstance(one, Mapping) and one.get("right") is True for one in options)
    if raw["form"] == CHOICE and rights != 1:
        yield f"options: {rights} of them have `right: true`; exactly one must"
    if raw["form"] == SEVERAL and not 1 <= rights < len(options):
        yield f"options: {rights} of {len(options)} have `right: true`; at least one must, and not all"
    texts: dict[str, int] = {}
    for position, one in enumerate(options):
        path = f"options[{position}]"
        if not isinstance(one, Mapping) or not _is_words(one.get("text")):
            yield f"{path}.text: must be a text in each of en and zh"
            continue
        for language in check.LANGUAGES:
            first = texts.setdefault(f"{language} {one['text'][language]}", position)
            if first != position:
                yield f"{path}.text: says the same as options[{first}]"
        if one.get("right") is not True:
            yield from _told(path, one, known)
        elif one.get("missed") is not None:
            yield from _told(f"{path}.missed", one["missed"], known)


def _matched(raw: Mapping[str, Any], known: Known) -> Iterator[str]:
    pairs = raw.get("pairs")
    if not isinstance(pairs, list) or not FEWEST <= len(pairs) <= MOST:
        yield f"pairs: must be a list of {FEWEST} to {MOST}"
        return
    rights: dict[str, int] = {}
    for position, one in enumerate(pairs):
        if not isinstance(one, Mapping) or not (_is_words(one.get("left")) and _is_words(one.get("right"))):
            yield f"pairs[{position}]: must have left and right, each a text in en and zh"
            continue
        first = rights.setdefault(str(one["right"]["en"]), position)
        if first != position:
            yield f"pairs[{position}].right: says the same as pairs[{first}]"
    others = raw.get("distractors")
    if others is not None and not (isinstance(others, list) and len(pairs) + len(others) <= MOST):
        yield f"distractors: must be a list of texts, {MOST - len(pairs)} at most beside {len(pairs)} pairs"
        return
    for position, one in enumerate(others or ()):
        if not _is_words(one):
            yield f"distractors[{position}]: is {one!r}; it must be a text in each of en and zh"
            continue
        first = rights.setdefault(str(one["en"]), len(pairs) + position)
        if first != len(pairs) + position:
            place = f"pairs[{first}]" if first < len(pairs) else f"distractors[{first - len(pairs)}]"
            yield f"distractors[{position}]: says the same as {place}"
    ends = len(pairs) + len(others or ())
    for position, one in enumerate(raw.get("mixups") or ()):
        path = f"mixups[{position}]"
        left, right = (one.get("left"), one.get("right")) if isinstance(one, Mapping) else (None, None)
        if left == right or not (_is_place(left, len(pairs)) and _is_place(right, ends)):
            yield f"{path}: left and right must be two different places of pairs, from 0 to {ends - 1}"
            continue
        yield from _told(path, one, known)


def _spelt(raw: Mapping[str, Any], known: Known) -> Iterator[str]:
    if not _is_texts(raw.get("accept")):
        yield 'accept: must be a list of at least one text; quote codes, such as "6109.10"'
    if not isinstance(raw.get("digits", False), bool):
        yield "digits: must be true or false"
    for position, one in enumerate(raw.get("wrong") or ()):
        path = f"wrong[{position}]"
        if not isinstance(one, Mapping) or not _is_texts(one.get("accept")):
            yield f'{path}.accept: must be a list of at least one text; quote codes, such as "6109.10"'
            continue
        yield from _told(path, one, known)


def _counted(raw: Mapping[str, Any], known: Known) -> Iterator[str]:
    unit = raw.get("unit", "")
    if unit not in UNITS if isinstance(unit, str) else not _is_words(unit):
        yield f"unit: is {unit!r}; it must be one of {', '.join(UNITS[:-1])}, or a word in each of en and zh"
    places = raw.get("places")
    if not isinstance(places, int) or isinstance(places, bool) or not 0 <= places <= 6:
        yield f"places: is {places!r}; it must be a whole number 0 to 6"
    if raw.get("tolerance") is not None and not (_is_figure(raw["tolerance"]) and raw["tolerance"] >= 0):
        yield f"tolerance: is {raw['tolerance']!r}; it must be a number from 0"
    if not isinstance(raw.get("working"), list) or not raw["working"] or not all(map(_is_text, raw["working"])):
        yield 'working: must be a list of at least one line, such as ["{price} × {pieces} = {right}"]'
    yield from _draws(raw.get("draw") or {})
    drawn = {name for name, source in _named(raw.get("draw")).items() if not _is_said(source)}
    names = drawn | set(known.rules.get(raw.get("rule") or "", ()))
    for field in ("draw", "with"):
        for name in sorted(RESERVED.intersection(_named(raw.get(field)))):
            yield f"{field}.{name}: {name} is what texts call an answer or the gap between two; choose another"
    for name, text in _named(raw.get("with")).items():
        yield from _formula(f"with.{name}", text, names)
        names.add(name)
    yield from _formula("right", raw.get("right"), names)
    wrong = raw.get("wrong")
    if not isinstance(wrong, list) or not wrong:
        yield "wrong: must be a list of at least one wrong way to calculate, with cause, value and why"
        return
    for position, one in enumerate(wrong):
        if not isinstance(one, Mapping):
            yield f"wrong[{position}]: is {one!r}; it must be a mapping with cause, value and why"
            continue
        yield from _formula(f"wrong[{position}].value", one.get("value"), names)
        yield from _told(f"wrong[{position}]", one, known)


def _draws(draw: Any) -> Iterator[str]:
    for name, source in _pairs(draw):
        if not isinstance(name, str) or not name.isidentifier():
            yield f"draw: {name!r} is no name; quote what YAML takes for true or false, such as on, off, yes and no"
            continue
        if isinstance(source, Mapping):
            things = source.get("pick")
            if (
                not isinstance(things, list)
                or not things
                or not all(_is_figure(one) or _is_words(one) for one in things)
            ):
                yield f"draw.{name}.pick: must be a list of numbers, or of texts in en and zh"
            continue
        figures = source if isinstance(source, list) else []
        if len(figures) != 3 or not all(map(_is_figure, figures)) or figures[2] <= 0 or figures[0] >= figures[1]:
            yield f"draw.{name}: is {source!r}; it must be [from, to, step], or pick"


def _formula(path: str, text: Any, names: Collection[str]) -> Iterator[str]:
    try:
        made = formula.read(text)
    except errors.BadFormula as error:
        yield f"{path}: {error}"
        return
    for name in sorted(made.names.difference(names)):
        yield f"{path}: {name!r} is no figure here; known are {', '.join(sorted(names)) or 'none'}"


def _told(path: str, one: Any, known: Known) -> Iterator[str]:
    raw = one if isinstance(one, Mapping) else {}
    if raw.get("cause") not in known.causes:
        yield f"{path}.cause: no misconception is called {raw.get('cause')!r}; name one, or {UNKNOWN}"
    if not _is_words(raw.get("why")):
        yield f"{path}.why: is {raw.get('why')!r}; it must be a text in each of en and zh"


def _pairs(raw: Any) -> list[tuple[str, Any]]:
    return list(raw.items()) if isinstance(raw, Mapping) else []


def _named(raw: Any) -> dict[str, Any]:
    return {name: value for name, value in _pairs(raw) if isinstance(name, str)}


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _is_texts(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(map(_is_text, value))


def _is_words(value: Any) -> bool:
    return isinstance(value, Mapping) and all(_is_text(value.get(language)) for language in check.LANGUAGES)


def _is_figure(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_place(value: Any, count: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < count


def _is_said(source: Any) -> bool:
    """Whether a draw gives a text, which no formula can use."""
    things = source.get("pick") if isinstance(source, Mapping) else None
    return isinstance(things, list) and any(isinstance(one, Mapping) for one in things)


def _is_day(value: Any) -> bool:
    try:
        check.day(value)
    except (TypeError, ValueError):
        return False
    return True


_COMMON = {
    *("id", "skill", "also", "form", "bloom", "difficulty", "rule", "valid_from", "valid_to"),
    *("story", "ask", "explanation", "basis"),
}
_FIELDS: Mapping[str, set[str]] = {
    CHOICE: {"options"},
    SEVERAL: {"options"},
    MATCH: {"pairs", "distractors", "mixups"},
    TEXT: {"accept", "digits", "wrong"},
    NUMBER: {"unit", "places", "tolerance", "draw", "with", "right", "wrong", "working"},
}
_FORMS: Mapping[str, Callable[[Mapping[str, Any], Known], Iterator[str]]] = {
    CHOICE: _chosen,
    SEVERAL: _chosen,
    MATCH: _matched,
    TEXT: _spelt,
    NUMBER: _counted,
}
