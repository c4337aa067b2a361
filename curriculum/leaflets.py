"""A dated rule on one page for a class: what it changed, calculated, three questions, something to discuss. Floor 1.

Names, prompts and formulas are in `curriculum/data/leaflets.yaml`. What stands before and after a rule is never typed:
it is an order of the practice flow on two days, the formulas over the figures of the rule, or a pair of questions of
the bank of which one ended on the eve of the other.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from importlib import resources
from types import MappingProxyType
from typing import Any

import yaml

from curriculum import bank, errors, practice
from curriculum import catalog as catalogs
from curriculum.bank import formula, shelf
from curriculum.catalog import Catalog, Rule
from curriculum.practice import figures, importing
from curriculum.practice.dice import Dice
from curriculum.practice.flow import law
from curriculum.practice.task import MATCH, NUMBER, TEXT, Case, Question, Step, Table, Words

ONE = timedelta(days=1)
QUESTIONS = 3
SEEDS = 8
"""Orders that are tried until one shows the rule."""
DESTINATIONS = {"EU": "eu", law.UK: "uk", law.US: "us", law.CN: "cn"}
DECIDING = frozenset({importing.FLAT, *law.THRESHOLD.values(), law.FORMER, law.SURCHARGE, law.SINGLE})
"""Figures by which the flow finds the rules that it follows."""
MONEY = frozenset({"tax", "price"})
"""Groups of the flow in which a change of the law shows; others go by the calendar."""


@dataclass(frozen=True)
class Row:
    """One thing on both days.

    Attributes:
        name: What it is.
        before: Its value, or the answer, on the last day of what was before.
        since: On the first day of what came after.
        working: How each comes about, line by line, in figures and signs.
        asked: Of questions: the situation and what was asked, on each day.
    """

    name: Words
    before: Words
    since: Words
    working: tuple[tuple[str, ...], tuple[str, ...]] = ((), ())
    asked: tuple[Words, ...] = ()


@dataclass(frozen=True)
class Example:
    """Before and after.

    Attributes:
        sort: "order" (of the flow), "figures" (of the rule) or "questions" (of the bank).
        until: Last day of what was before.
        since: First day of what came after.
        rows: What differs.
        story: Of an order; empty otherwise.
        tables: Its documents that matter.
    """

    sort: str
    until: date
    since: date
    rows: tuple[Row, ...]
    story: Words = field(default_factory=dict)
    tables: tuple[Table, ...] = ()


@dataclass(frozen=True)
class Leaflet:
    """A rule on one page.

    Attributes:
        rule: The rule.
        name: Short; its id where nobody gave it one.
        day: The day for which the questions are asked: today, or the nearest day on which the rule holds.
        examples: Before and after; none where nothing of ours changes with the rule.
        questions: Of the bank, those on the rule itself first.
        talk: What to discuss.
    """

    rule: Rule
    name: Words
    day: date
    examples: tuple[Example, ...]
    questions: tuple[Question, ...]
    talk: Words


@functools.cache
def texts() -> Mapping[str, Any]:
    """Names, prompts and formulas by rule, as plain data; `any` is for a rule without an entry."""
    text = resources.files("curriculum").joinpath("data", "leaflets.yaml").read_text(encoding="utf-8")
    read: dict[str, Any] = yaml.load(text, Loader=catalogs.Loader)  # noqa: S506  (both loaders are the safe ones)
    return MappingProxyType(read)


def name(rule: str) -> Words:
    """A short name of a rule; its id where nobody gave it one.

    Args:
        rule: Id of the rule.
    """
    found: Words = texts().get(rule, {}).get("name") or {"en": rule, "zh": rule}
    return found


@functools.lru_cache(maxsize=256)
def of(catalog: Catalog, rule: str, on: date) -> Leaflet | None:
    """A rule on one page; None where the catalog has no such rule.

    Args:
        catalog: As the institution teaches it.
        rule: Id of the rule.
        on: Today.
    """
    found = catalog.rules.get(rule)
    if found is None:
        return None
    day = max(on, found.valid_from) if found.valid_to is None else min(max(on, found.valid_from), found.valid_to)
    examples = (_order(catalog, found, on), _figures(found), _pair(catalog, found))
    answered = {text["en"] for one in examples if one is not None for row in one.rows for text in row.asked}
    return Leaflet(
        rule=found,
        name=name(rule),
        day=day,
        examples=tuple(one for one in examples if one is not None and one.rows),
        questions=tuple(itertools.islice(_questions(catalog, found, day, answered), QUESTIONS)),
        talk=texts().get(rule, texts()["any"])["talk"],
    )


def right(step: Step) -> Words:
    """The right answer of a question in words."""
    return {language: _answer(step, language) for language in ("en", "zh")}


def _answer(step: Step, language: str) -> str:
    if isinstance(step.right, Decimal):
        unit = step.unit if isinstance(step.unit, str) else step.unit[language]
        return " ".join(filter(None, (figures.shown(step.right, step.places), unit)))
    if step.form == TEXT:
        return step.right[0]
    options = {one.key: one.text[language] for one in step.options}
    if step.form != MATCH:
        return " / ".join(options[key] for key in step.right)
    lefts = {one.key: one.text[language] for one in step.lefts}
    between = {"en": "; ", "zh": "；"}[language]
    return between.join(f"{lefts[key[0]]} – {options[key[1]]}" for key in step.right)


# Before and after


def _order(catalog: Catalog, rule: Rule, on: date) -> Example | None:
    """An order of the flow on the eve of a change and on its day; None where the flow does not go by the rule.

    The change is the rule's end where that is past, else its beginning.
    """
    since = rule.valid_to + ONE if rule.valid_to is not None and rule.valid_to < on else rule.valid_from
    kin = [one for one in catalog.rules.values() if one.jurisdiction == rule.jurisdiction]
    known = [one.valid_from for one in kin if not DECIDING.isdisjoint(one.params) and one.confidence != "low"]
    destination = DESTINATIONS.get(rule.jurisdiction)
    if destination is None or DECIDING.isdisjoint(rule.params) or rule.confidence == "low" or since - ONE < min(known):
        return None
    for seed in range(SEEDS):
        try:
            before, after = practice.twins(seed, destination, since - ONE, since, catalog)
        except (errors.NoCase, LookupError):
            return None
        pairs = [pair for pair in zip(before.steps, after.steps, strict=True) if _differs(*pair)]
        if any(step.rule == rule for pair in pairs for step in pair):
            return Example(
                sort="order",
                until=since - ONE,
                since=since,
                rows=tuple(
                    Row(new.name, right(old), right(new), (old.working, new.working)) for old, new in pairs
                ),
                story=after.story,
                tables=_papers(after, pairs[0][1]),
            )  # fmt: skip
    return None


def _differs(old: Step, new: Step) -> bool:
    return old.form == NUMBER and old.group in MONEY and old.right != new.right


def _papers(case: Case, step: Step) -> tuple[Table, ...]:
    return tuple(case.tables[place] for place in step.papers)


def _figures(rule: Rule) -> Example | None:
    """The formulas over the figures of the rule; those that name a figure which it does not have are left out."""
    known = shelf.figures(rule.params)
    rows = []
    for raw in texts().get(rule.id, {}).get("rows", ()):
        read = [formula.read(raw[side]) for side in ("before", "since")]
        if all(one.names <= known.keys() for one in read):
            before, since = (_valued(one.value(known), raw["unit"]) for one in read)
            rows.append(Row(raw["ask"], before, since))
    return Example("figures", rule.valid_from - ONE, rule.valid_from, tuple(rows))


def _valued(value: Decimal, unit: str | Words) -> Words:
    shown = figures.plain(value) if value == value.to_integral_value() else figures.shown(value)
    units = {"en": unit, "zh": unit} if isinstance(unit, str) else unit
    return {language: f"{shown} {units[language]}" for language in ("en", "zh")}


def _pair(catalog: Catalog, rule: Rule) -> Example | None:
    """Questions of the bank that ended on the eve of the rule, and those on the same skill that follow it."""
    if catalog.id != shelf.CATALOG:
        return None
    entries = bank.whole(catalog).entries.values()
    eve, rows = rule.valid_from - ONE, []
    after = [one for one in entries if one.rule == rule.id]
    for old in entries:
        new = next((one for one in after if one.skill == old.skill and one.form == old.form), None)
        if old.valid_to == eve and new is not None:
            drawn = [bank.question(catalog, old.id, 0, eve), bank.question(catalog, new.id, 0, rule.valid_from)]
            before, since = (one for one in drawn if one is not None)
            asked = (_asked(before), _asked(since))
            rows.append(Row(since.step.name, right(before.step), right(since.step), asked=asked))
    return Example("questions", eve, rule.valid_from, tuple(rows))


def _asked(one: Question) -> Words:
    """The situation and the question in one text; Chinese needs no space between sentences."""
    return {
        language: between.join(filter(None, (one.case.story[language], one.step.question[language])))
        for language, between in (("en", " "), ("zh", ""))
    }


# Questions


def _questions(catalog: Catalog, rule: Rule, day: date, answered: Collection[str]) -> Iterator[Question]:
    """Those on the rule itself, then others on the skills that it changes, easy ones first; none with its answer above.

    Args:
        catalog: As the institution teaches it.
        rule: The rule.
        day: On which they are asked.
        answered: Situation and question of those whose answer the page gives.
    """
    own = bank.whole(catalog).entries.values() if catalog.id == shelf.CATALOG else ()
    on_it = [one for one in own if one.rule == rule.id and one in bank.asked(catalog, one.skill, day)]
    near = [entry for skill in rule.affects for entry in bank.asked(catalog, skill, day)]
    listed = [*sorted(on_it, key=lambda one: one.difficulty), *sorted(near, key=lambda one: one.difficulty)]
    dice = Dice(f"leaflet/{rule.id}")
    for entry in dict.fromkeys(one.id for one in listed):
        made = bank.question(catalog, entry, dice.whole(entry, 0, 2**31), day)
        if made is not None and _asked(made)["en"] not in answered:
            yield made
