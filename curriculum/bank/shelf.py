"""The bank from its files: one file an area, read once, all checked. Floor 1."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping
from decimal import Decimal
from importlib import resources
from types import MappingProxyType
from typing import Any

import yaml

from curriculum import catalog as catalogs
from curriculum import check, errors
from curriculum.bank import formula, sound
from curriculum.bank.entry import Bank, Choice, Entry, Method, Mixup, Pair, Range, Spelt, Sums, Told
from curriculum.bank.sound import Known
from curriculum.catalog import Catalog, Misconception
from curriculum.practice.task import NUMBER, Words

CATALOG = "cbec"
FOLDER = "curriculum/data/bank"
NOTHING: Words = MappingProxyType({"en": "", "zh": ""})
COUNT = Decimal("0.3")
"""Tolerance of a count: it takes in a figure that was not rounded, and not the next count."""
_UNITS: Mapping[str, Words] = {"pieces": {"en": "pieces", "zh": "件"}, "days": {"en": "days", "zh": "天"}}


@functools.cache
def load() -> Bank:
    """The shipped bank, read once per process.

    Raises:
        errors.InvalidBank: A file breaks a rule; every problem of the first such file is listed with its line.
    """
    folder = resources.files("curriculum").joinpath("data", "bank")
    files = [(file.name, file.read_text(encoding="utf-8")) for file in folder.iterdir() if file.name.endswith(".yaml")]
    return joined(sorted(files))


def joined(files: Iterable[tuple[str, str]]) -> Bank:
    """One bank of several files, by name and text; an entry of one may name a misconception of another.

    Raises:
        errors.InvalidBank: A file breaks a rule.
    """
    read = [(f"{FOLDER}/{name}", text, _data(text, f"{FOLDER}/{name}")) for name, text in files]
    catalog = catalogs.load(CATALOG)
    entries: dict[str, Entry] = {}
    misconceptions: dict[str, Misconception] = {}
    for place, (where, text, data) in enumerate(read):
        others = [other for number, (_, _, other) in enumerate(read) if number != place]
        bank = _parsed(data, text, where, known(catalog, others))
        entries |= bank.entries
        misconceptions |= bank.misconceptions
    return Bank(MappingProxyType(entries), MappingProxyType(misconceptions))


def parse_text(text: str, *, where: str, among: Known) -> Bank:
    """Read one file of questions.

    Args:
        text: The YAML document.
        where: Name of the file, for messages.
        among: What its questions may refer to.

    Raises:
        errors.InvalidBank: Not YAML, or it breaks a rule; problems carry the line where one is known.
    """
    return _parsed(_data(text, where), text, where, among)


def known(catalog: Catalog, others: Iterable[Any] = ()) -> Known:
    """What questions of a catalog may refer to.

    Args:
        catalog: The catalog.
        others: Parsed documents whose misconceptions may be named as well.
    """
    causes = {
        raw["id"]
        for data in others
        if isinstance(data, Mapping) and isinstance(data.get("misconceptions"), list)
        for raw in data["misconceptions"]
        if isinstance(raw, Mapping) and isinstance(raw.get("id"), str)
    }
    rules = {rule.id: frozenset(figures(rule.params)) for rule in catalog.rules.values()}
    return Known(frozenset(catalog.skills), rules, causes.union(catalog.misconceptions))


def figures(params: Mapping[str, Any]) -> Mapping[str, Decimal]:
    """The params of a rule that are figures, exact."""
    return {
        name: Decimal(str(value))
        for name, value in params.items()
        if isinstance(value, int | float) and not isinstance(value, bool)
    }


def _data(text: str, where: str) -> Any:
    try:
        return yaml.load(text, Loader=catalogs.Loader)  # noqa: S506  (both loaders are the safe ones)
    except yaml.YAMLError as error:
        raise errors.InvalidBank(where, [f"not YAML: {error}"]) from error


def _parsed(data: Any, text: str, where: str, among: Known) -> Bank:
    found = sound.problems(data, among)
    if found:
        lines = check.lines(text, catalogs.Loader)
        raise errors.InvalidBank(where, [check.with_line(problem, lines) for problem in found])
    return parse(data)


def parse(data: Mapping[str, Any]) -> Bank:
    """Questions of plain data that `sound.problems` found sound.

    Args:
        data: A document with `questions` and, if it has some, `misconceptions`.
    """
    return Bank(
        MappingProxyType({raw["id"]: _entry(raw) for raw in data["questions"]}),
        MappingProxyType(
            {
                raw["id"]: Misconception(raw["id"], raw["skill"], _words(raw["name"]), raw.get("signature", ""))
                for raw in data.get("misconceptions") or ()
            }
        ),
    )


def _words(raw: Mapping[str, str] | None) -> Words:
    return NOTHING if raw is None else MappingProxyType({"en": raw["en"].strip(), "zh": raw["zh"].strip()})


def _told(raw: Mapping[str, Any]) -> Told:
    return Told(raw["cause"], _words(raw["why"]))


def _entry(raw: Mapping[str, Any]) -> Entry:
    def day(field: str) -> Any:
        return None if raw.get(field) is None else check.day(raw[field])

    return Entry(
        id=raw["id"],
        skill=raw["skill"],
        also=tuple(raw.get("also") or ()),
        form=raw["form"],
        bloom=raw["bloom"],
        difficulty=raw["difficulty"],
        rule=raw.get("rule") or "",
        valid_from=day("valid_from"),
        valid_to=day("valid_to"),
        story=_words(raw.get("story")),
        ask=_words(raw["ask"]),
        explanation=_words(raw["explanation"]),
        basis=_words(raw.get("basis")),
        options=tuple(_choice(one) for one in raw.get("options", ())),
        pairs=tuple(Pair(_words(one["left"]), _words(one["right"])) for one in raw.get("pairs", ())),
        distractors=tuple(_words(one) for one in raw.get("distractors") or ()),
        mixups=tuple(Mixup(one["left"], one["right"], _told(one)) for one in raw.get("mixups") or ()),
        codes=Spelt(tuple(raw.get("accept", ()))),
        wrong=() if raw["form"] == NUMBER else tuple(_spelt(one) for one in raw.get("wrong") or ()),
        digits=raw.get("digits", False),
        sums=_sums(raw) if raw["form"] == NUMBER else None,
    )


def _choice(raw: Mapping[str, Any]) -> Choice:
    if raw.get("right") is True:
        return Choice(_words(raw["text"]), True, _told(raw["missed"]) if raw.get("missed") else None)
    return Choice(_words(raw["text"]), False, _told(raw))


def _spelt(raw: Mapping[str, Any]) -> Spelt:
    return Spelt(tuple(raw["accept"]), _told(raw))


def _sums(raw: Mapping[str, Any]) -> Sums:
    unit = raw.get("unit", "")
    places = raw["places"]
    tolerance = raw.get("tolerance")
    return Sums(
        draw=MappingProxyType({name: _source(source) for name, source in (raw.get("draw") or {}).items()}),
        also=tuple((name, formula.read(text)) for name, text in (raw.get("with") or {}).items()),
        right=formula.read(raw["right"]),
        wrong=tuple(Method(formula.read(one["value"]), _told(one)) for one in raw["wrong"]),
        unit=_UNITS.get(unit, unit) if isinstance(unit, str) else _words(unit),
        places=places,
        tolerance=_tolerance(places) if tolerance is None else Decimal(str(tolerance)),
        working=tuple(raw["working"]),
    )


def _tolerance(places: int) -> Decimal:
    """One unit of the last place, which rounding in between can cost; a count is right or it is not."""
    return Decimal(1).scaleb(-places) if places else COUNT


def _source(raw: Any) -> Range | tuple[Decimal | Words, ...]:
    if isinstance(raw, Mapping):
        return tuple(_words(one) if isinstance(one, Mapping) else Decimal(str(one)) for one in raw["pick"])
    low, high, step = (Decimal(str(one)) for one in raw)
    return Range(low, high, step)
