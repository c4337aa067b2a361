"""The form of a question: what was typed becomes plain data of the item bank, and plain data fills the form. Floor 3.

Pure. Every form of a question has its fields, in rows that can be added without a script; YAML in one field is for what
is larger than that. What is wrong with what was typed the bank says, so nothing is refused here; `Made.spots` tells of
each part of the document which field it came from, so that what is wrong can be said beside it.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import yaml

from curriculum import check
from curriculum.bank.entry import UNKNOWN
from curriculum.catalog import Catalog
from curriculum.practice.task import CHOICE, MATCH, NUMBER, SEVERAL, TEXT

Plain = dict[str, Any]
YAML = "yaml"
"""The last kind of form: one field with the question as YAML."""
KINDS = (CHOICE, SEVERAL, MATCH, TEXT, NUMBER, YAML)
ROWS: Mapping[str, Mapping[str, tuple[int, int]]] = {
    CHOICE: {"option": (4, 6)},
    SEVERAL: {"option": (4, 6)},
    MATCH: {"pair": (3, 6), "spare": (1, 3), "wrong": (2, 12)},
    TEXT: {"wrong": (2, 8)},
    NUMBER: {"draw": (2, 10), "with": (1, 10), "wrong": (2, 8)},
    YAML: {},
}
"""By kind of form: its lists, each with the rows that it begins with, and those that it may have."""
NEW = "new"
"""Of a cause: one that is named here."""
YES = "yes"
LONGEST = 20000
_NOT_KEPT = frozenset({"bearer", "act", "language", "more", "answer"})
_COMMAS = re.compile(r"\s*[,，、;；]\s*")
_SEMICOLONS = re.compile(r"\s*[;；\n]\s*")


@dataclass(frozen=True)
class Typed:
    """What a form holds.

    Attributes:
        kind: One of `KINDS`.
        values: By name of the field.
    """

    kind: str
    values: Mapping[str, str]

    def rows(self, name: str) -> int:
        """How many rows of a list the form shows."""
        begun, most = ROWS[self.kind][name]
        wished = self.values.get(f"rows_{name}", "")
        return min(most, max(begun, int(wished) if wished.isascii() and wished.isdigit() and len(wished) < 3 else 0))


@dataclass
class Made:
    """A document of the bank while it is made of a form.

    Attributes:
        document: Questions, and misconceptions that are named in it.
        spots: By path in the document, such as "questions[0].options[1].why": the field it came from, such as "why_2".
        problems: What the document cannot show, each as the bank says it.
    """

    document: Plain
    spots: dict[str, str] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)


def typed(form: Mapping[str, str]) -> Typed:
    """The fields of a form that was sent, with one more row where that was asked for."""
    kind = form.get("kind", CHOICE)
    kind = kind if kind in KINDS else CHOICE
    kept = {name: value[:LONGEST] for name, value in form.items() if name not in _NOT_KEPT}
    found = Typed(kind, {**kept, "kind": kind})
    more = form.get("more", "")
    if more in ROWS[kind]:
        return Typed(kind, {**found.values, f"rows_{more}": str(found.rows(more) + 1)})
    return found


def blank(skill: str, kind: str, catalog: Catalog) -> Typed:
    """An empty form for a skill, at the difficulty of the skill."""
    level = str(catalog.skills[skill].difficulty)
    return Typed(kind, {"kind": kind, "skill": skill, "difficulty": level, "bloom": "apply", "places": "2"})


def lacking(form: Typed) -> dict[str, str]:
    """Texts that stand in one language alone: the field without its language, and the language that is missing."""
    found = {}
    for name in form.values:
        base, _, language = name.rpartition("_")
        if language in check.LANGUAGES and form.values[name].strip():
            (other,) = (one for one in check.LANGUAGES if one != language)
            if not form.values.get(f"{base}_{other}", "").strip():
                found[base] = other
    return found


def document(form: Typed, token: str) -> Made:
    """What was typed as a document of the bank.

    Args:
        form: Of any kind but `YAML`.
        token: A new unguessable text: names of new things are made of it.
    """
    values = form.values
    maker = _Maker(form, hashlib.sha256(token.encode()).hexdigest())
    skill = values.get("skill", "")
    raw: Plain = {"id": values.get("id") or f"{skill}.own_{maker.mark[:8]}", "skill": skill}
    also = [name for name in values.get("also", "").split(",") if name]
    if also:
        raw["also"] = also
    raw |= {"form": form.kind, "bloom": values.get("bloom", ""), "difficulty": _whole(values.get("difficulty", ""))}
    for name in ("rule", "valid_from", "valid_to"):
        if values.get(name):
            raw[name] = values[name]
    for name in ("story", "ask", "explanation", "basis"):
        text = maker.both(name, name)
        if any(text.values()) or name in {"ask", "explanation"}:
            raw[name] = text
    raw |= _FORMS[form.kind](maker)
    for name in ("bloom", "difficulty", "rule", "valid_from", "valid_to"):
        maker.spot(name, name)
    return Made({"misconceptions": maker.causes, "questions": [raw]}, maker.spots, maker.problems)


@dataclass
class _Maker:
    """What a document is made with: the form, what is unique to it, and what was found so far."""

    form: Typed
    mark: str
    causes: list[Plain] = field(default_factory=list)
    spots: dict[str, str] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    def value(self, name: str) -> str:
        """What stands in a field, without blanks around it."""
        return self.form.values.get(name, "").strip()

    def spot(self, path: str, name: str) -> None:
        """Note from which field a part of the question comes."""
        self.spots[f"questions[0].{path}"] = name

    def both(self, path: str, name: str) -> dict[str, str]:
        """A text in both languages; where one is to do for both, that one twice."""
        self.spot(path, name)
        made = {language: self.value(f"{name}_{language}") for language in check.LANGUAGES}
        if self.form.values.get("single") == YES:
            some = next(filter(None, made.values()), "")
            made = {language: text or some for language, text in made.items()}
        return made

    def used(self, name: str, *fields: str) -> list[int]:
        """Rows of a list in which one of some fields is filled; of a text, in one of its languages."""
        ends = ("", *(f"_{language}" for language in check.LANGUAGES))
        return [
            row
            for row in range(self.form.rows(name))
            if any(self.value(f"{one}_{row}{end}") for one in fields for end in ends)
        ]

    def told(self, path: str, row: int) -> Plain:
        """The thinking behind a wrong answer, and what it misses."""
        skill, cause = self.value("skill"), self.value(f"cause_{row}") or UNKNOWN
        self.spot(f"{path}.cause", f"cause_{row}")
        if cause == NEW:
            cause = f"m.own.{self.mark[:8]}_{row}"
            self.spots[f"misconceptions[{len(self.causes)}].name"] = f"new_{row}"
            self.causes.append({"id": cause, "skill": skill, "name": self._named(row)})
        return {"cause": cause, "why": self.both(f"{path}.why", f"why_{row}")}

    def _named(self, row: int) -> dict[str, str]:
        spots = dict(self.spots)
        made = self.both("", f"new_{row}")
        self.spots = spots
        return made


def _chosen(maker: _Maker) -> Plain:
    maker.spot("options", "text_0")
    options: list[Plain] = []
    for row in maker.used("option", "text"):
        path = f"options[{len(options)}]"
        maker.spot(path, f"text_{row}")
        text = {"text": maker.both(f"{path}.text", f"text_{row}")}
        several = maker.form.kind == SEVERAL
        if maker.value(f"right_{row}") != YES if several else maker.value("right") != str(row):
            options.append(text | maker.told(path, row))
            continue
        missed = several and any(maker.value(f"why_{row}_{language}") for language in check.LANGUAGES)
        options.append(text | {"right": True} | ({"missed": maker.told(f"{path}.missed", row)} if missed else {}))
    return {"options": options}


def _matched(maker: _Maker) -> Plain:
    maker.spot("pairs", "left_0")
    maker.spot("distractors", "spare_0")
    pairs: list[Plain] = []
    ends: dict[str, int] = {}
    for row in maker.used("pair", "left", "end"):
        path = f"pairs[{len(pairs)}]"
        maker.spot(path, f"left_{row}")
        ends[f"pair_{row}"] = len(pairs)
        sides = (("left", f"left_{row}"), ("right", f"end_{row}"))
        pairs.append({side: maker.both(f"{path}.{side}", name) for side, name in sides})
    others: list[Plain] = []
    for row in maker.used("spare", "spare"):
        ends[f"spare_{row}"] = len(pairs) + len(others)
        others.append(maker.both(f"distractors[{len(others)}]", f"spare_{row}"))
    mixups: list[Plain] = []
    for row in maker.used("wrong", "from", "to", "why"):
        path = f"mixups[{len(mixups)}]"
        maker.spot(path, f"from_{row}")
        places = {
            side: ends.get(maker.value(f"{name}_{row}"), -1) for side, name in (("left", "from"), ("right", "to"))
        }
        mixups.append(places | maker.told(path, row))
    return {"pairs": pairs} | ({"distractors": others} if others else {}) | ({"mixups": mixups} if mixups else {})


def _spelt(maker: _Maker) -> Plain:
    maker.spot("accept", "accept")
    made: Plain = {"accept": _lines(maker.value("accept"))}
    if maker.value("digits") == YES:
        made["digits"] = True
    wrong: list[Plain] = []
    for row in maker.used("wrong", "spelt", "why"):
        path = f"wrong[{len(wrong)}]"
        maker.spot(path, f"spelt_{row}")
        wrong.append({"accept": _lines(maker.value(f"spelt_{row}")), **maker.told(path, row)})
    return made | ({"wrong": wrong} if wrong else {})


def _counted(maker: _Maker) -> Plain:
    unit = {language: maker.value(f"unit_{language}") for language in check.LANGUAGES}
    made: Plain = {"unit": maker.both("unit", "unit") if any(unit.values()) else maker.value("unit")}
    if isinstance(made["unit"], str):
        maker.spot("unit", "unit")
    made["places"] = _whole(maker.value("places"))
    if maker.value("tolerance"):
        made["tolerance"] = _figure(maker.value("tolerance"))
    for name in ("places", "tolerance", "right", "working"):
        maker.spot(name, name)
    drawn = _named(maker, "draw", _drawn(maker))
    further = _named(maker, "with", ((row, maker.value(f"is_{row}")) for row in maker.used("with", "with", "is")))
    made |= ({"draw": drawn} if drawn else {}) | ({"with": further} if further else {})
    made |= {"right": maker.value("right"), "working": _lines(maker.value("working"))}
    maker.spot("draw", "draw_0")
    maker.spot("wrong", "value_0")
    wrong: list[Plain] = []
    for row in maker.used("wrong", "value", "why"):
        path = f"wrong[{len(wrong)}]"
        maker.spot(f"{path}.value", f"value_{row}")
        wrong.append({"value": maker.value(f"value_{row}"), **maker.told(path, row)})
    return made | {"wrong": wrong}


def _named(maker: _Maker, name: str, found: Iterator[tuple[int, Any]]) -> Plain:
    """Rows that have names, by name; a name that stands twice is a problem, for one of them would be lost."""
    made: Plain = {}
    for row, value in found:
        called = maker.value(f"{name}_{row}")
        if called in made:
            maker.problems.append(f"questions[0].{name}.{called}: is named twice; give each figure a name of its own")
        made[called] = value
        maker.spot(f"{name}.{called}", f"{name}_{row}")
    return made


def _drawn(maker: _Maker) -> Iterator[tuple[int, Any]]:
    """Each row of draws as the bank has it: a range, figures to pick one of, or texts to pick one of."""
    for row in maker.used("draw", "draw", "low", "high", "step", "pick", "said"):
        ends = [maker.value(f"{name}_{row}") for name in ("low", "high", "step")]
        texts = [_parts(_SEMICOLONS, maker.value(f"said_{row}_{language}")) for language in check.LANGUAGES]
        if any(texts):
            longest = max(map(len, texts))
            filled = [part + [""] * (longest - len(part)) for part in texts]
            yield row, {"pick": [dict(zip(check.LANGUAGES, pair, strict=True)) for pair in zip(*filled, strict=True)]}
        elif any(ends):
            yield row, [_figure(ends[0]), _figure(ends[1]), _figure(ends[2] or "1")]
        else:
            yield row, {"pick": [_figure(part) for part in _parts(_COMMAS, maker.value(f"pick_{row}"))]}


_FORMS = {CHOICE: _chosen, SEVERAL: _chosen, MATCH: _matched, TEXT: _spelt, NUMBER: _counted}


# Back into a form


def filled(question: Mapping[str, Any], causes: Sequence[Mapping[str, Any]] = ()) -> Typed:
    """The form of a question that is there: with fields where it has rows enough, else as YAML.

    Args:
        question: As plain data.
        causes: Misconceptions of the institution that it names.
    """
    kind = question["form"]
    lists = dict(_LISTS[kind](question))
    if any(len(listed) > ROWS[kind][name][1] for name, listed in lists.items()):
        return Typed(YAML, {"kind": YAML, "id": question["id"], "text": dumped([question], causes)})
    values = {name: str(question.get(name) or "") for name in ("id", "skill", "bloom", "difficulty", "rule")}
    values |= {name: str(question.get(name) or "") for name in ("valid_from", "valid_to")}
    values |= {"kind": kind, "also": ",".join(question.get("also") or ())}
    for name in ("story", "ask", "explanation", "basis"):
        values |= _apart(name, question.get(name))
    for name, listed in lists.items():
        values[f"rows_{name}"] = str(max(ROWS[kind][name][0], len(listed)))
        for row, one in enumerate(listed):
            values |= {f"{called}_{row}{end}": value for (called, end), value in one.items()}
    if kind == CHOICE:
        rights = [str(row) for row, one in enumerate(question["options"]) if one.get("right") is True]
        values["right"] = rights[0]
    elif kind == TEXT:
        values |= {"accept": "\n".join(question["accept"]), "digits": YES if question.get("digits") else ""}
    elif kind == NUMBER:
        unit = question.get("unit", "")
        values |= {"unit": unit} if isinstance(unit, str) else {"unit": "", **_apart("unit", unit)}
        values |= {name: _shown(question.get(name)) for name in ("places", "tolerance", "right")}
        values["working"] = "\n".join(question["working"])
    return Typed(kind, values)


def dumped(questions: Sequence[Mapping[str, Any]], causes: Sequence[Mapping[str, Any]]) -> str:
    """A document of the bank as YAML, for people."""
    whole = {"misconceptions": [dict(one) for one in causes]} if causes else {}
    whole["questions"] = [dict(one) for one in questions]
    found: str = yaml.safe_dump(whole, allow_unicode=True, sort_keys=False, width=110)
    return found


_Row = dict[tuple[str, str], str]
"""Fields of a row by name, and by what comes after the number of the row: "_en", "_zh" or nothing."""


def _options(question: Mapping[str, Any]) -> Iterator[tuple[str, list[_Row]]]:
    rows = []
    for one in question["options"]:
        right = one.get("right") is True
        told = one.get("missed") or {} if right else one
        rows.append(_split("text", one["text"]) | _said(told) | ({("right", ""): YES} if right else {}))
    yield "option", rows


def _pairs(question: Mapping[str, Any]) -> Iterator[tuple[str, list[_Row]]]:
    pairs, others = question["pairs"], question.get("distractors") or ()
    yield "pair", [_split("left", one["left"]) | _split("end", one["right"]) for one in pairs]
    yield "spare", [_split("spare", one) for one in others]
    ends = [*(f"pair_{row}" for row in range(len(pairs))), *(f"spare_{row}" for row in range(len(others)))]
    yield (
        "wrong",
        [
            {("from", ""): ends[one["left"]], ("to", ""): ends[one["right"]]} | _said(one)
            for one in question.get("mixups") or ()
        ],
    )


def _codes(question: Mapping[str, Any]) -> Iterator[tuple[str, list[_Row]]]:
    yield "wrong", [{("spelt", ""): "\n".join(one["accept"])} | _said(one) for one in question.get("wrong") or ()]


def _figures(question: Mapping[str, Any]) -> Iterator[tuple[str, list[_Row]]]:
    yield "draw", [{("draw", ""): name} | _source(one) for name, one in (question.get("draw") or {}).items()]
    yield (
        "with",
        [{("with", ""): name, ("is", ""): _shown(one)} for name, one in (question.get("with") or {}).items()],
    )
    yield "wrong", [{("value", ""): _shown(one["value"])} | _said(one) for one in question["wrong"]]


_LISTS = {CHOICE: _options, SEVERAL: _options, MATCH: _pairs, TEXT: _codes, NUMBER: _figures}


def _source(source: Any) -> _Row:
    if not isinstance(source, Mapping):
        return {(name, ""): _shown(one) for name, one in zip(("low", "high", "step"), source, strict=True)}
    if any(isinstance(one, Mapping) for one in source["pick"]):
        return {("said", f"_{one}"): "; ".join(text[one] for text in source["pick"]) for one in check.LANGUAGES}
    return {("pick", ""): ", ".join(map(_shown, source["pick"]))}


def _said(told: Mapping[str, Any]) -> _Row:
    return {("cause", ""): told.get("cause", UNKNOWN)} | _split("why", told.get("why"))


def _split(name: str, text: Mapping[str, str] | None) -> _Row:
    return {(name, f"_{language}"): (text or {}).get(language, "") for language in check.LANGUAGES}


def _apart(name: str, text: Mapping[str, str] | None) -> dict[str, str]:
    return {f"{called}{end}": value for (called, end), value in _split(name, text).items()}


def _shown(value: Any) -> str:
    return "" if value is None else str(value)


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def _parts(between: re.Pattern[str], text: str) -> list[str]:
    return [part for part in between.split(text) if part]


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
