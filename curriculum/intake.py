"""From a piece of policy news to the draft of a dated rule, which a person then confirms, changes or drops. Floor 1.

It finds days, figures and the place by their words, the skills that are touched by likeness of texts, and the rule that
the news may change. Measured on the shipped rules, each left out in turn, the ten skills named first hold nine in ten
of those that its author named (docs/curriculum.md): good enough to offer, not good enough to apply.
"""

from __future__ import annotations

import functools
import hashlib
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from curriculum import likeness, telling, wording
from curriculum.editing import Edit
from curriculum.likeness import Index
from curriculum.telling import Sentence, sentence
from curriculum.wording import Day, Figure

Plain = Mapping[str, Any]

TOP = 10
TICKED = 3
"""Skills that a draft names by itself where it replaces no rule; the others are offered."""
LONGEST = 20_000
"""Letters of a piece of news that are read."""
CHANGE = 0.2
"""Likeness (0..1) from which an existing rule of the same place is taken for the one that the news changes."""
_STATEMENT = 600
_HAN = re.compile(r"[\u4e00-\u9fff]")
_SENTENCE = re.compile(r"(?<=[.!?;])\s+(?=[A-Z0-9\"“(])|(?<=[。！？；\n])")
_HOME = {
    "EUR": "EU", "USD": "US", "GBP": "GB", "CNY": "CN", "JPY": "JP", "RON": "RO", "CAD": "CA", "AUD": "AU", "CHF": "CH",
    "PLN": "PL", "SEK": "SE", "NOK": "NO", "TRY": "TR", "KRW": "KR", "THB": "TH", "VND": "VN", "BRL": "BR", "MXN": "MX",
    "SGD": "SG", "MYR": "MY", "INR": "IN", "IDR": "ID", "AED": "AE",
}  # fmt: skip
VAT_RATE, FORMER_RATE = "vat_rate", "former_vat_rate"
_VAT = re.compile(r"\bVAT\b|value.added tax|增值税", re.IGNORECASE)
_OTHER, _STANDARD = (
    re.compile(r"reduced|低税率|优惠税率", re.IGNORECASE),
    re.compile(r"standard|标准|general", re.IGNORECASE),
)
_CHANGE = re.compile(r"(?:from|从|由)\s*([\d.]+)\s*%\s*(?:to|上调至|提高到|下调至|降至|降到|调整为|至|到)\s*[\d.]+\s*%")
_PARAM = {wording.LIMIT: "threshold", wording.EACH: "fee", wording.PLAIN: "amount"}


@dataclass(frozen=True)
class News:
    """A piece of news.

    Attributes:
        text: What it says, in English, Chinese or both.
        source: Where it was read: an address, or empty.
        told: When it was published or read.
        title: Its title; empty if it has none.
    """

    text: str
    source: str
    told: date
    title: str = ""


@dataclass(frozen=True)
class Draft:
    """The draft of a rule: what a person reads before the rule holds.

    Attributes:
        rule: As `rule.add` takes it, but for what only a person can say.
        id: Offered for the rule; free in the catalog.
        replaces: Id of the rule that the news seems to change; empty: none.
        ends: Id of the rule that the news seems only to end, on the last day of the draft; empty: none.
        similar: Rules that are like the news, the most alike first, with their likeness 0..1.
        affected: Ids of at most `TOP` skills, the likeliest first, each with its share of the best (0..1).
        days: Every day that the news names.
        figures: Every figure that it names.
        doubts: What the person should look at, in sentences.
    """

    rule: Plain
    id: str
    replaces: str
    ends: str
    similar: tuple[tuple[str, float], ...]
    affected: tuple[tuple[str, float], ...]
    days: tuple[Day, ...]
    figures: tuple[Figure, ...]
    doubts: tuple[Sentence, ...]


@dataclass(frozen=True, eq=False)
class Known:
    """The texts of a catalog, ready to be compared with news; made by `know`, once a version.

    Attributes:
        mapping: The catalog as plain data.
        skills: Texts of the skills, by words and by pieces of words.
        rules: Texts of the rules, likewise.
    """

    mapping: Plain
    skills: tuple[Index, Index]
    rules: tuple[Index, Index] = field(repr=False)


def know(mapping: Plain, lessons: Mapping[str, str] = MappingProxyType({}), *, without: Collection[str] = ()) -> Known:
    """Read the texts of a catalog.

    Args:
        mapping: The catalog as plain data.
        lessons: What is taught on a skill, in any language, by id of the skill.
        without: Ids of rules to leave out, to measure how well the others tell.
    """
    rules = [rule for rule in mapping.get("rules", ()) if rule["id"] not in without]
    skills = {skill["id"]: _about(mapping, skill, rules, lessons.get(skill["id"], "")) for skill in mapping["skills"]}
    laws = {rule["id"]: " ".join((*_both(rule["statement"]), str(rule.get("instrument", "")))) for rule in rules}
    return Known(mapping, _indexes(skills), _indexes(laws))


def affected(known: Known, text: str, most: int = TOP) -> tuple[tuple[str, float], ...]:
    """The skills that a text is about, the likeliest first, each with its share of the best, 0..1.

    Args:
        known: The texts of the catalog.
        text: In English, Chinese or both.
        most: How many at most.
    """
    found = likeness.fuse(*(likeness.likeness(index, text) for index in known.skills))
    best = max(found.values(), default=0.0)
    return tuple((name, value / best) for name, value in list(found.items())[:most] if value > 0.0)


def similar(known: Known, text: str, most: int = 3) -> tuple[tuple[str, float], ...]:
    """The rules that a text is like, the most alike first: mean cosine of words and of pieces, 0..1.

    Args:
        known: The texts of the catalog.
        text: In English, Chinese or both.
        most: How many at most.
    """
    told = [likeness.likeness(index, text) for index in known.rules]
    means = {name: sum(one[name] for one in told) / len(told) for name in told[0]}
    return tuple((name, value) for name, value in sorted(means.items(), key=lambda pair: -pair[1])[:most] if value > 0)


def draft(known: Known, news: News) -> Draft:
    """Make the draft of a rule of a piece of news.

    Args:
        known: The texts of the catalog.
        news: The piece.
    """
    text = f"{news.title}\n{news.text}".strip()[:LONGEST]
    days, figures = wording.days(text, news.told), wording.figures(text)
    first, last = _first(days), _last(days)
    place = _place(text, figures)
    alike = similar(known, text)
    rules = {rule["id"]: rule for rule in known.mapping.get("rules", ())}
    old = next(
        (
            rules[name]
            for name, value in alike
            if value >= CHANGE and rules[name]["jurisdiction"] == place and _before(rules[name], first)
        ),
        None,
    )
    ends = old is not None and last is not None and not any(day.cue == wording.FROM for day in days)
    params, kept = _params(figures, (old or {}).get("params") or {})
    skills = affected(known, text)
    rule = {
        "jurisdiction": place,
        "valid_from": "" if first is None else first.day.isoformat(),
        "valid_to": None if last is None else last.day.isoformat(),
        "affects": list(old["affects"]) if old else [name for name, _ in skills[:TICKED]],
        "statement": _statement(text, place, first, figures),
        "params": params,
        "source": [news.source] if news.source else [],
        "confidence": "medium" if news.source else "low",
        "caveat": "",
        "instrument": "",
    }
    return Draft(
        rule=rule,
        id=_name(rules, place, old, skills, first.day if first else news.told),
        replaces=old["id"] if old and not ends else "",
        ends=old["id"] if old and ends else "",
        similar=alike,
        affected=skills,
        days=days,
        figures=figures,
        doubts=(
            *_when(days, first, last if ends else None),
            *_where(text, place),
            *(() if news.source else (sentence("intake.no_source"),)),
            *(sentence("intake.kept", name=name) for name in kept),
            sentence("intake.language"),
        ),
    )


def edit(id_: str, name: str, rule: Plain, replaces: str = "") -> Edit:
    """The edit that puts a confirmed draft into the catalog.

    Args:
        id_: Of the edit.
        name: Id of the rule.
        rule: As confirmed.
        replaces: Id of the rule that it ends the day before; empty: none.
    """
    return Edit(id_, "rule.add", name, {**rule, **({"replaces": replaces} if replaces else {})})


def mark(news: News) -> str:
    """16 hex digits that name a piece of news by what it says and where: the same piece comes in once."""
    matter = "\x1f".join((news.source, news.title, " ".join(news.text.split())))
    return hashlib.sha256(matter.encode()).hexdigest()[:16]


# Texts


def _indexes(documents: Mapping[str, str]) -> tuple[Index, Index]:
    return likeness.index(documents, likeness.words), likeness.index(documents, likeness.pieces)


def _about(mapping: Plain, skill: Plain, rules: Sequence[Plain], lesson: str) -> str:
    """All that is said of a skill: names, reasons, misconceptions, and the rules that change it."""
    name = skill["id"]
    areas = {area["id"]: area["name"] for area in mapping["areas"]}
    texts = [*_both(skill["name"]), *_both(areas[skill["area"]]), re.sub(r"[._]", " ", name)]
    texts.append(str((skill.get("esco") or {}).get("label", "")))
    for reason in (skill.get("because") or {}).values():
        texts += _both(reason)
    for one in mapping.get("misconceptions", ()):
        if one["skill"] == name:
            texts += [*_both(one["name"]), one["signature"]]
    for rule in rules:
        if name in rule["affects"]:
            texts += [*_both(rule["statement"]), str(rule.get("instrument", ""))]
    return " ".join((*texts, lesson))


def _both(text: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(text[language] for language in telling.LANGUAGES)


def _statement(text: str, place: str, first: Day | None, figures: Sequence[Figure]) -> dict[str, str]:
    """What the news says in its own language, cut to what carries days and figures; a line of facts in the other."""
    whole = " ".join(text.split())
    if len(whole) > _STATEMENT:
        marks = {one.words for one in figures} | ({first.words} if first else set())
        parts = [" ".join(part.split()) for part in _SENTENCE.split(text) if part.strip()]
        telling_ones = [part for part in parts if any(words in part for words in marks)] or parts
        whole = functools.reduce(
            lambda made, part: made if len(made) + len(part) >= _STATEMENT else f"{made} {part}".strip(),
            telling_ones,
            "",
        )
        whole = whole or f"{telling_ones[0][: _STATEMENT - 1]}…"
    own = "zh" if len(_HAN.findall(whole)) > len(whole) / 8 else "en"
    other = "en" if own == "zh" else "zh"
    facts = ", ".join(dict.fromkeys(shown(one) for one in figures)) or "–"
    day = first.day.isoformat() if first else "?"
    made = telling.say(sentence("intake.facts", place=place or "?", day=day, figures=facts), other)
    return {own: whole, other: made}


def shown(figure: Figure) -> str:
    """A figure as a reader takes it: "EUR 3", "10 %", "14 days"."""
    if figure.kind == wording.RATE:
        return f"{_plain(figure.value * 100)} %"
    return f"{figure.unit} {_plain(figure.value)}" if figure.kind == wording.AMOUNT else _timed(figure)


def _timed(figure: Figure) -> str:
    return f"{_plain(figure.value)} {figure.unit}"


def _plain(value: Decimal) -> str:
    return f"{value.normalize():f}"


# Choices


def _first(days: Sequence[Day]) -> Day | None:
    """The first day: the one that the words call so; else the last one that is only mentioned, if there is one."""
    called = [day for day in days if day.cue == wording.FROM]
    told = [day for day in days if day.cue == wording.TOLD and day.whole]
    return max(called, key=lambda day: day.day) if called else told[-1] if len(told) == 1 else None


def _last(days: Sequence[Day]) -> Day | None:
    first = _first(days)
    ends = [day for day in days if day.cue == wording.UNTIL and (first is None or day.day > first.day)]
    return ends[-1] if ends else None


def _place(text: str, figures: Sequence[Figure]) -> str:
    named = wording.places(text)
    homes = [_HOME[one.unit] for one in figures if one.unit in _HOME]
    return named[0] if named else homes[0] if homes else ""


def _before(rule: Plain, first: Day | None) -> bool:
    """Whether a rule still holds when the news begins, so that the news can follow on it."""
    begun, ended = str(rule["valid_from"]), str(rule.get("valid_to") or "")
    return first is None or (begun < first.day.isoformat() and (not ended or ended >= first.day.isoformat()))


def _params(figures: Sequence[Figure], old: Plain) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Figures by name, and the names whose old figure was kept because the news has none of its kind.

    A rule that follows on another keeps its names: practice and questions read a figure by its name.
    """
    left = list(figures)
    made: dict[str, Any] = {}
    kept = []
    for name, value in old.items():
        fits = [one for one in left if _fits(name, one)]
        fits = [one for one in fits if not _role(name) or one.part == _role(name)]
        # "from EUR 3 to EUR 4": what differs from the former figure is the news.
        best = next((one for one in fits if one.value != Decimal(str(value))), fits[0] if fits else None)
        if best is None:
            made[name] = value
            kept.append(name)
        else:
            left.remove(best)
            made[name] = _json(best.value)
    if old:
        return made, tuple(kept)
    for one in left:
        made.setdefault(_called(one), _json(one.value))
    return made, ()


def _called(figure: Figure) -> str:
    """The name of a figure that follows on none; a new rate of VAT has the one that cases read (`practice.rates`)."""
    if figure.kind == wording.AMOUNT:
        return f"{_PARAM[figure.part]}_{figure.unit.lower()}"
    if figure.kind == wording.RATE and _VAT.search(figure.words) and not _reduced(figure.words):
        change = _CHANGE.search(figure.words)
        former = change is not None and Decimal(change[1]) / 100 == figure.value
        return FORMER_RATE if former else VAT_RATE
    return figure.unit


def _reduced(words: str) -> bool:
    """Whether the words are about another rate of VAT than the standard one."""
    return _OTHER.search(words) is not None and _STANDARD.search(words) is None


def _fits(name: str, figure: Figure) -> bool:
    parts = name.split("_")
    if figure.kind == wording.RATE:
        return bool({"rate", "factor", "tariff", "percent"} & set(parts))
    return (figure.unit.lower() if figure.kind == wording.AMOUNT else figure.unit) in parts


def _role(name: str) -> str:
    if "threshold" in name or "limit" in name:
        return wording.LIMIT
    return wording.EACH if {"fee", "flat", "per"} & set(name.split("_")) else ""


def _json(value: Decimal) -> int | float:
    return int(value) if value == value.to_integral_value() else float(value)


def _name(
    rules: Mapping[str, Plain], place: str, old: Plain | None, skills: Sequence[tuple[str, float]], first: date
) -> str:
    """An id that nothing has: the place, then the stem of the rule that is followed or of the skill, then the year."""
    topic = old["id"].partition(".")[2] if old else skills[0][0].partition(".")[2] if skills else "rule"
    stem = re.sub(r"(?:_?\d+)+$", "", topic) or "rule"
    name = f"{place.lower() or 'xx'}.{stem}_{first.year}"
    number = 2
    free = name
    while free in rules:
        free, number = f"{name}_{number}", number + 1
    return free


def _when(days: Sequence[Day], first: Day | None, ends: Day | None) -> list[Sentence]:
    """What is doubtful about the days of a draft."""
    found = []
    begins = sorted({day.day for day in days if day.cue == wording.FROM})
    if first is None and ends is None:
        found.append(sentence("intake.no_day"))
    elif first is not None and not first.whole:
        found.append(sentence("intake.part_day", day=first.day.isoformat(), words=first.words))
    if len(begins) > 1:
        found.append(sentence("intake.several_days", days=", ".join(day.isoformat() for day in begins)))
    return found


def _where(text: str, place: str) -> list[Sentence]:
    """What is doubtful about the place of a draft."""
    named = wording.places(text)
    if not place:
        return [sentence("intake.no_place")]
    return [sentence("intake.several_places", places=", ".join(named))] if len(named) > 1 else []
