"""The form of a question: what was typed becomes plain data of the item bank, and plain data fills the form. Floor 3.

Pure. The form knows two kinds, one right option and a number; other kinds are written as YAML in one field. What is
wrong with what was typed the bank says, so nothing is refused here.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import yaml

from curriculum import check
from curriculum.catalog import Catalog
from curriculum.practice.task import CHOICE, NUMBER

Plain = dict[str, Any]
OPTIONS, METHODS = 5, 3
"""Options, and wrong ways to calculate, that the form has room for."""
TEXT = "yaml"
"""The third kind of form: one field with the question as YAML."""
KINDS = (CHOICE, NUMBER, TEXT)
NEW = "new"
"""Of a cause: one that is named here."""
LONGEST = 20000
_RANGE = re.compile(
    r"^\s*(\w+)\s*=\s*(-?[\d.]+)\s*(?:to|until|[-–~]|到|至)\s*(-?[\d.]+)\s*(?:step|步长|每)\s*([\d.]+)\s*$"
)
_PICK = re.compile(r"^\s*(\w+)\s*=\s*(-?[\d.]+(?:\s*[,，、]\s*-?[\d.]+)*)\s*$")
_NAMED = re.compile(r"^\s*(\w+)\s*=\s*(.+?)\s*$")


@dataclass(frozen=True)
class Typed:
    """What a form holds.

    Attributes:
        kind: One of `KINDS`.
        values: By name of the field.
    """

    kind: str
    values: Mapping[str, str]


def typed(form: Mapping[str, str]) -> Typed:
    """The fields of a form that was sent."""
    kind = form.get("kind", CHOICE)
    kept = {name: value[:LONGEST] for name, value in form.items() if name not in {"bearer", "act", "language"}}
    return Typed(kind if kind in KINDS else CHOICE, {**kept, "kind": kind})


def blank(skill: str, kind: str, catalog: Catalog) -> Typed:
    """An empty form for a skill, at the difficulty of the skill."""
    level = str(catalog.skills[skill].difficulty)
    return Typed(kind, {"kind": kind, "skill": skill, "difficulty": level, "bloom": "apply", "places": "2"})


def document(form: Typed, token: str) -> Plain:
    """What was typed as a document of the bank.

    Args:
        form: Of the kinds choice and number.
        token: A new unguessable text: names of new things are made of it.
    """
    values = form.values
    mark = hashlib.sha256(token.encode()).hexdigest()
    skill = values.get("skill", "")
    made: Plain = {"id": values.get("id") or f"{skill}.own_{mark[:8]}", "skill": skill, "form": form.kind}
    made |= {"bloom": values.get("bloom", ""), "difficulty": _whole(values.get("difficulty", ""))}
    for field in ("rule", "valid_from", "valid_to"):
        if values.get(field):
            made[field] = values[field]
    for field in ("story", "ask", "explanation", "basis"):
        text = _both(values, field)
        if any(text.values()) or field in {"ask", "explanation"}:
            made[field] = text
    causes: list[Plain] = []
    if form.kind == CHOICE:
        made["options"] = [_option(values, place, skill, mark, causes) for place in _used(values, "text", OPTIONS)]
    else:
        made |= _sums(values)
        made["wrong"] = [
            {"value": values[f"value_{place}"].strip(), **_told(values, place, skill, mark, causes)}
            for place in range(METHODS)
            if values.get(f"value_{place}", "").strip()
        ]
    return {"misconceptions": causes, "questions": [made]}


def filled(question: Mapping[str, Any], causes: Sequence[Mapping[str, Any]] = ()) -> Typed:
    """The form of a question that is there: with fields where it has some, else as YAML.

    Args:
        question: As plain data.
        causes: Misconceptions of the institution that it names.
    """
    kind = question["form"]
    if kind not in {CHOICE, NUMBER} or not _fits(question):
        return Typed(TEXT, {"kind": TEXT, "id": question["id"], "text": dumped([question], causes)})
    values = {name: str(question.get(name) or "") for name in ("id", "skill", "bloom", "difficulty", "rule")}
    values |= {name: str(question.get(name) or "") for name in ("valid_from", "valid_to")} | {"kind": kind}
    for field in ("story", "ask", "explanation", "basis"):
        values |= _apart(field, question.get(field))
    told = question["options"] if kind == CHOICE else question["wrong"]
    for place, one in enumerate(told):
        values |= _apart(f"text_{place}", one.get("text")) | _apart(f"why_{place}", one.get("why"))
        values[f"cause_{place}"] = one.get("cause", "unknown")
        if one.get("right") is True:
            values["right"] = str(place)
        elif kind == NUMBER:
            values[f"value_{place}"] = str(one["value"])
    if kind == NUMBER:
        unit = question.get("unit", "")
        values |= {"unit": unit, "places": str(question["places"]), "right": str(question["right"])}
        values["draw"] = "\n".join(_drawn(name, source) for name, source in (question.get("draw") or {}).items())
        values["with"] = "\n".join(f"{name} = {text}" for name, text in (question.get("with") or {}).items())
        values["working"] = "\n".join(question["working"])
        values["tolerance"] = str(question.get("tolerance", ""))
    return Typed(kind, values)


def dumped(questions: Sequence[Mapping[str, Any]], causes: Sequence[Mapping[str, Any]]) -> str:
    """A document of the bank as YAML, for people."""
    whole = {"misconceptions": [dict(one) for one in causes]} if causes else {}
    whole["questions"] = [dict(one) for one in questions]
    found: str = yaml.safe_dump(whole, allow_unicode=True, sort_keys=False, width=110)
    return found


def _fits(question: Mapping[str, Any]) -> bool:
    """Whether the form has a field for everything that a question says."""
    if question.get("also") or any("missed" in one for one in question.get("options", ())):
        return False
    if question["form"] == CHOICE:
        return len(question["options"]) <= OPTIONS
    plain = all(isinstance(one, list) or _is_pick(one) for one in (question.get("draw") or {}).values())
    return plain and len(question["wrong"]) <= METHODS and isinstance(question.get("unit", ""), str)


def _is_pick(source: Any) -> bool:
    return isinstance(source, Mapping) and all(isinstance(one, int | float) for one in source.get("pick", ("",)))


def _used(values: Mapping[str, str], name: str, most: int) -> list[int]:
    return [
        place
        for place in range(most)
        if any(values.get(f"{name}_{place}_{language}", "").strip() for language in check.LANGUAGES)
    ]


def _option(values: Mapping[str, str], place: int, skill: str, mark: str, causes: list[Plain]) -> Plain:
    text = _both(values, f"text_{place}")
    if values.get("right") == str(place):
        return {"text": text, "right": True}
    return {"text": text, **_told(values, place, skill, mark, causes)}


def _told(values: Mapping[str, str], place: int, skill: str, mark: str, causes: list[Plain]) -> Plain:
    cause = values.get(f"cause_{place}", "unknown")
    if cause == NEW:
        cause = f"m.own.{mark[:8]}_{place}"
        causes.append({"id": cause, "skill": skill, "name": _both(values, f"new_{place}")})
    return {"cause": cause, "why": _both(values, f"why_{place}")}


def _sums(values: Mapping[str, str]) -> Plain:
    made: Plain = {"unit": values.get("unit", ""), "places": _whole(values.get("places", ""))}
    if values.get("tolerance"):
        made["tolerance"] = _figure(values["tolerance"])
    draw = {}
    for line in filter(None, map(str.strip, values.get("draw", "").splitlines())):
        name, source = _source(line)
        draw[name] = source
    if draw:
        made["draw"] = draw
    also = [_NAMED.match(line) for line in values.get("with", "").splitlines() if line.strip()]
    if also:
        made["with"] = {found[1]: found[2] for found in also if found}
    working = [line.strip() for line in values.get("working", "").splitlines() if line.strip()]
    return made | {"right": values.get("right", "").strip(), "working": working}


def _source(line: str) -> tuple[str, Any]:
    """A line of draws; one that cannot be read is handed on as it is, for the bank to say what would be right."""
    found = _RANGE.match(line)
    if found:
        return found[1], [_figure(part) for part in found.groups()[1:]]
    found = _PICK.match(line)
    if found:
        return found[1], {"pick": [_figure(part) for part in re.split(r"[,，、]", found[2])]}
    named = _NAMED.match(line)
    return (named[1], named[2]) if named else (line[:40], line)


def _drawn(name: str, source: Any) -> str:
    if isinstance(source, Mapping):
        return f"{name} = {', '.join(map(str, source['pick']))}"
    return f"{name} = {source[0]} to {source[1]} step {source[2]}"


def _both(values: Mapping[str, str], name: str) -> dict[str, str]:
    return {language: values.get(f"{name}_{language}", "").strip() for language in check.LANGUAGES}


def _apart(name: str, text: Mapping[str, str] | None) -> dict[str, str]:
    return {f"{name}_{language}": (text or {}).get(language, "") for language in check.LANGUAGES}


def _whole(text: str) -> int | str:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 4 else text


def _figure(text: str) -> int | float | str:
    try:
        return int(text)
    except ValueError:
        pass
    try:
        return float(text)
    except ValueError:
        return text
