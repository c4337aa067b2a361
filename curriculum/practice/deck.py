"""Cases from (kind, seed, date): drawn until each wrong method has an answer of its own, then worded. Floor 1.

A case in which a wrong method gives the right number teaches nothing about it: such draws are passed over ("diagnostic
case selection"), so that each wrong answer of a known method is named by one cause.
"""

from __future__ import annotations

import functools
import hashlib
import re
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from curriculum import errors
from curriculum.catalog import Catalog
from curriculum.practice import book, draft, figures, freight, importing, invoicing, numbering, payout
from curriculum.practice.dice import Dice
from curriculum.practice.draft import Draft, Fact, Sheet, Sum
from curriculum.practice.flow import machine, scenario
from curriculum.practice.task import Case, Option, Step, Table, Value, Words, Wrong

Make = Callable[[Dice, date], Draft]
Fits = Callable[[Draft], bool]

MAKERS: Mapping[str, tuple[Make, Fits]] = {
    "eu_import": (importing.draft, importing.fits),
    "freight": (freight.draft, freight.fits),
    "payout": (payout.draft, payout.fits),
    "invoice": (invoicing.draft, invoicing.fits),
    "numbers": (numbering.draft, numbering.fits),
    "flow_eu": (scenario.of_eu, scenario.fits),
    "flow_uk": (scenario.of_uk, scenario.fits),
    "flow_us": (scenario.of_us, scenario.fits),
    "flow_cn": (scenario.of_cn, scenario.fits),
    "machine_eu": (machine.of_eu, scenario.fits),
}
TRIES = 400
FIGURE = re.compile(r"\d+")


@functools.lru_cache(maxsize=256)
def case(kind: str, seed: int, on: date, catalog: Catalog | None = None) -> Case:
    """Make a case: the same one on every machine.

    Args:
        kind: Id of a kind.
        seed: Which case of the kind.
        on: Today: what decides which rules the case may be about.
        catalog: Whose rules it follows; None: the shipped one.

    Raises:
        errors.UnknownReference: There is no such kind.
        errors.NoCase: The data of the kind leave no room for one.
    """
    if kind not in MAKERS:
        raise errors.UnknownReference(book.CATALOG, "kind of case", kind)
    with book.teaching(catalog):
        return _worded(kind, seed, on, _drawn(kind, seed, on))


def twins(seed: int, destination: str, before: date, after: date, catalog: Catalog | None = None) -> tuple[Case, Case]:
    """Make the same order on two dates: the same draws and exchange rate, so that it differs as the law does.

    Args:
        seed: Which order.
        destination: One of `scenario.DESTINATIONS`.
        before: Day of the declaration of the first.
        after: Of the second.
        catalog: Whose rules it follows; None: the shipped one.

    Raises:
        errors.UnknownReference: There is no flow to such a destination.
        errors.NoCase: The data leave no room for one.
    """
    kind = f"flow_{destination}"
    if destination not in scenario.DESTINATIONS:
        raise errors.UnknownReference(book.CATALOG, "kind of case", kind)
    with book.teaching(catalog):
        for attempt in range(TRIES):
            dice = Dice(f"twins/{kind}/{seed}/{attempt}")
            first, second = (scenario.case(dice, destination, day, before) for day in (before, after))
            if draft.separated(first) and draft.separated(second):
                return _worded(kind, seed, before, first), _worded(kind, seed, after, second)
    raise errors.NoCase(kind, seed)


def _drawn(kind: str, seed: int, on: date) -> Draft:
    make, fits = MAKERS[kind]
    for attempt in range(TRIES):
        made = make(Dice(f"{kind}/{seed}/{attempt}"), on)
        if fits(made) and draft.separated(made):
            return made
    raise errors.NoCase(kind, seed)


def _worded(kind: str, seed: int, on: date, made: Draft) -> Case:
    return worded(kind, seed, on, made, book.words_of(kind))


def worded(kind: str, seed: int, on: date, made: Draft, texts: Mapping[str, Any]) -> Case:
    """A draft with its words.

    Args:
        kind: Id of the kind, for the mark.
        seed: What it was made from.
        on: The day for which it was made.
        made: Its figures.
        texts: Name, story, tables, columns, rows, and the steps in the order of the draft's.
    """
    steps = tuple(_step(raw, figure, texts, made) for raw, figure in zip(texts["steps"], made.steps, strict=True))
    tables = tuple(_table(sheet, texts, made.facts) for sheet in made.sheets)
    story = book.filled(texts["story"], made.facts)
    return Case(kind, seed, on, texts["name"], story, tables, steps, mark(kind, steps))


def _step(raw: Mapping[str, Any], figure: Sum, texts: Mapping[str, Any], made: Draft) -> Step:
    facts: dict[str, Fact] = {**made.facts, **figure.facts}
    if isinstance(figure.right, Decimal):
        facts["right"] = figures.shown(figure.right, figure.places)
    suffix = f"_{figure.variant}" if figure.variant else ""
    return Step(
        id=figure.id,
        skill=raw["skill"],
        name=raw["name"],
        question=book.filled(raw.get(f"question{suffix}", raw["question"]), facts),
        unit=figure.unit or raw.get("unit", ""),
        places=figure.places,
        right=figure.right,
        tolerance=figure.tolerance,
        wrong=tuple(_wrong(raw, cause, value, figure, facts) for cause, value in figure.wrong),
        working=tuple(line.format_map(_plain(facts)) for line in raw.get(f"working{suffix}", ())),
        explanation=book.filled(raw[f"explanation{suffix}"], facts),
        rule=figure.rule,
        basis=book.filled(raw["basis"], facts),
        given=tuple((book.filled(texts["rows"][key], facts), shown) for key, shown in figure.given),
        form=figure.form,
        options=tuple(Option(key, _cell(text)) for key, text in figure.options),
        lefts=tuple(Option(key, _cell(text)) for key, text in figure.lefts),
        spellings=figure.spellings,
        digits=figure.digits,
        group=raw.get("group", ""),
        papers=tuple(place for place, sheet in enumerate(made.sheets) if sheet.title in figure.sheets),
    )


def _wrong(raw: Mapping[str, Any], cause: str, value: Value, figure: Sum, facts: Mapping[str, Fact]) -> Wrong:
    if not isinstance(value, Decimal) or not isinstance(figure.right, Decimal):
        told = None if isinstance(value, Decimal) else figure.told.get(value)
        return Wrong(cause, value, told or book.filled(raw["causes"][cause], facts))
    gap = figures.shown(abs(figure.right - value), figure.places)
    told_of: dict[str, Fact] = {**facts, "gap": gap, "effect": figure.effects.get(value, "")}
    return Wrong(cause, figures.rounded(value, figure.places), book.filled(raw["causes"][cause], told_of))


def _plain(facts: Mapping[str, Fact]) -> Mapping[str, str]:
    return {name: fact for name, fact in facts.items() if isinstance(fact, str)}


def _table(sheet: Sheet, texts: Mapping[str, Any], facts: Mapping[str, Fact]) -> Table:
    return Table(
        title=texts["tables"][sheet.title],
        columns=tuple(texts["columns"][key] for key in sheet.columns),
        rows=tuple(
            tuple(
                book.filled(texts["rows"][cell], facts)
                if sheet.keyed and place == 0 and isinstance(cell, str)
                else _cell(cell)
                for place, cell in enumerate(row)
            )
            for row in sheet.rows
        ),
    )


def _cell(cell: Fact) -> Words:
    return book.same(cell) if isinstance(cell, str) else cell


def mark(kind: str, steps: tuple[Step, ...]) -> str:
    """16 hex digits over figures alone, those inside options among them: a better wording leaves a case what it is."""
    matter = [kind, *(f"{step.id}={_plainly(step.right)}" for step in steps)]
    matter += [f"{wrong.cause}={_plainly(wrong.value)}" for step in steps for wrong in step.wrong]
    matter += [figure for step in steps for option in step.options for figure in FIGURE.findall(option.text["en"])]
    return hashlib.sha256("\x1f".join(matter).encode()).hexdigest()[:16]


def _plainly(value: Value) -> str:
    return f"{value}" if isinstance(value, Decimal) else ",".join(value)
