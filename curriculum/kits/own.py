"""An institution's own cases: from a template or a kit, checked as a whole, made the same on every machine. Floor 1.

They travel with the catalog as plain data, as own questions do. What no longer fits, because its kit is gone or a rule
has changed since, is left out and named: an upgrade never stops a tool.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from itertools import pairwise
from types import MappingProxyType
from typing import Any

from curriculum import errors, practice, telling
from curriculum.catalog import Catalog
from curriculum.kits import cases, strung, templates
from curriculum.kits import kit as kits
from curriculum.kits.kit import Kit
from curriculum.practice import book, deck, draft
from curriculum.practice.dice import Dice
from curriculum.practice.draft import Draft, Sum
from curriculum.practice.task import NUMBER, Case, Kind, Words
from curriculum.telling import Sentence, sentence

KIT = "kit"
OWN = "own."
KITS = "kit."
"""Beginnings of an id: an instructor's case, and the case that every kit is."""
TEMPLATES = (*templates.TEMPLATES, strung.TEMPLATE, KIT)
FIELDS = ("id", "template", "name", "story", "figures", "rows", "questions", "papers", "kit", "asked")
NAME, STORY, TRIES = 80, 1200, 60
VERSIONS = 4


@dataclass(frozen=True)
class Blur:
    """Two ways of a question that lead to the same answer, so that nobody can tell them apart.

    Attributes:
        step: Id of the question.
        cause: Of the wrong method that is therefore not named.
        other: Of the other one; empty: the right way.
    """

    step: str
    cause: str
    other: str


def problems(document: Any, catalog: Catalog) -> list[Sentence]:
    """Everything that is wrong with an own case, each with what would be right.

    Args:
        document: As a form or a file has it, of any type.
        catalog: As it is taught, with its kits.
    """
    return [sentence(f"own.{key}", path=path, **facts) for path, key, facts in _wrong(document, catalog)]


def blurs(document: Mapping[str, Any], on: date, catalog: Catalog) -> tuple[Blur, ...]:
    """The wrong methods that an own case cannot tell apart, whatever is drawn; empty is best.

    Args:
        document: Without problems.
        on: Today.
        catalog: As it is taught.
    """
    if document["template"] not in templates.TEMPLATES:
        return ()  # a kit asks nothing of the kind, and a question was tried when it was written
    with book.teaching(catalog):
        made = _drawn(document, 1, on)
        return () if draft.separated(made) else tuple(blur for step in made.steps for blur in _blurred(step))


def known(catalog: Catalog) -> Mapping[str, Mapping[str, Any]]:
    """The own cases of a catalog that fit, by id, as plain data."""
    return _sorted(catalog)[0]


def left(catalog: Catalog) -> Mapping[str, tuple[Sentence, ...]]:
    """Those that do not fit any more, by id, each with what is wrong."""
    return _sorted(catalog)[1]


def kinds(catalog: Catalog) -> tuple[Kind, ...]:
    """The own cases of a catalog as kinds of case, in their order."""
    return tuple(_kind(one, catalog) for one in known(catalog).values())


def every(catalog: Catalog) -> tuple[Kind, ...]:
    """Every kind of case: those that are shipped, then the institution's own."""
    return (*practice.kinds(), *kinds(catalog))


def case(kind: str, seed: int, on: date, catalog: Catalog | None = None) -> Case:
    """Make a case of any kind: an own one, or one that is shipped.

    Args:
        kind: Id of a kind.
        seed: Which case of it.
        on: Today.
        catalog: Whose cases, kits and rules; None: the shipped one.

    Raises:
        errors.UnknownReference: There is no such kind, or it is there no more.
        errors.NoCase: Nothing of it can be asked.
    """
    if not kind.startswith((OWN, KITS)):
        return practice.case(kind, seed, on, catalog)
    document = None if catalog is None else known(catalog).get(kind)
    if catalog is None or document is None:
        raise errors.UnknownReference(book.CATALOG, "kind of case", kind)
    return made(document, seed, on, catalog)


def made(document: Mapping[str, Any], seed: int, on: date, catalog: Catalog) -> Case:
    """Make an own case from its document, kept or not.

    Args:
        document: Without problems.
        seed: Which case of it.
        on: Today.
        catalog: Whose kits and rules.

    Raises:
        errors.NoCase: Its figures leave nothing to ask on this day.
    """
    name: Words = document["name"]
    story: Words | None = document.get("story") or None
    if document["template"] == KIT:
        kit = _kit(document, catalog)
        if kit is None:
            raise errors.UnknownReference(book.CATALOG, "case kit", str(document.get("kit")))
        asked = document.get("asked") or list(cases.MAKERS)
        return cases.case(document["id"], kit, asked, seed, on, catalog=catalog, name=name, story=story)
    if document["template"] == strung.TEMPLATE:
        return strung.case(document, seed, on, catalog)
    with book.teaching(catalog):
        found = _drawn(document, seed, on)
        clear = replace(found, steps=tuple(_clear(step) for step in found.steps))
        texts = book.words_of(document["template"])
        own = texts["story"] if story is None else _escaped(story)
        return deck.worded(document["id"], seed, on, clear, {**texts, "name": name, "story": own})


def _drawn(document: Mapping[str, Any], seed: int, on: date) -> Draft:
    """The first draw that tells its wrong methods apart; the last one, where none does."""
    found: Draft | None = None
    for attempt in range(TRIES):
        try:
            found = templates.draft(document, Dice(f"{document['id']}/{seed}/{attempt}"), on)
        except (LookupError, ArithmeticError):
            continue
        if draft.separated(found):
            return found
    if found is None:
        raise errors.NoCase(document["id"], seed)
    return found


def _blurred(step: Sum) -> Iterator[Blur]:
    if step.form != NUMBER:  # pragma: no cover  # every template asks for figures
        return
    ways = sorted(
        ((value, cause) for value, cause in ((step.right, ""), *((value, cause) for cause, value in step.wrong))),
        key=lambda way: (way[0], way[1]),
    )
    for (low, one), (high, other) in pairwise(ways):
        if not isinstance(low, Decimal) or not isinstance(high, Decimal) or one == other:
            continue
        if high == low or high - low < 3 * step.tolerance:
            yield Blur(step.id, one or other, other if one else "")


def _clear(step: Sum) -> Sum:
    """A step without the wrong methods that nobody could tell apart: no cause is better than a false one."""
    gone = {name for blur in _blurred(step) for name in (blur.cause, blur.other)}
    return replace(step, wrong=tuple(one for one in step.wrong if one[0] not in gone))


def _kit(document: Mapping[str, Any], catalog: Catalog) -> Kit | None:
    text = catalog.kits.get(str(document.get("kit")))
    return None if text is None else kits.loaded(text)


def _kind(document: Mapping[str, Any], catalog: Catalog) -> Kind:
    name: Words = document["name"]
    if document["template"] == KIT:
        kit = _kit(document, catalog)
        there = () if kit is None else cases.askable(kit, catalog)
        asked = [one for one in document.get("asked") or there if one in there]
        return cases.kind(document["id"], name, asked)
    if document["template"] == strung.TEMPLATE:
        return strung.kind(document, catalog)
    shape = next(one for one in practice.kinds() if one.id == document["template"])
    return replace(shape, id=document["id"], name=name)


@functools.lru_cache(maxsize=VERSIONS)
def _sorted(catalog: Catalog) -> tuple[Mapping[str, Mapping[str, Any]], Mapping[str, tuple[Sentence, ...]]]:
    fit: dict[str, Mapping[str, Any]] = {}
    wrong: dict[str, tuple[Sentence, ...]] = {}
    for one in catalog.cases:
        found = tuple(problems(one, catalog))
        if found:
            wrong[str(one.get("id"))] = found
        else:
            fit[one["id"]] = one
    return MappingProxyType(fit), MappingProxyType(wrong)


def _wrong(document: Any, catalog: Catalog) -> Iterator[tuple[str, str, Mapping[str, str]]]:
    if not isinstance(document, dict):
        yield "", "mapping", {}
        return
    for name in document.keys() - set(FIELDS):
        yield str(name)[:20], "unknown", {"fields": ", ".join(FIELDS)}
    id_ = document.get("id")
    if not isinstance(id_, str) or not _is_id(id_):
        yield "id", "id", {}
    if document.get("template") not in TEMPLATES:
        yield "template", "pick", {"choices": ", ".join(TEMPLATES)}
        return
    yield from _texts(document)
    if document["template"] == KIT:
        if document.get("kit") not in catalog.kits:
            yield "kit", "kit", {}
            return
        asked = document.get("asked")
        listed = isinstance(asked, list) and bool(asked) and set(map(str, asked)) <= cases.MAKERS.keys()
        if asked is not None and not listed:
            yield "asked", "asked", {"choices": ", ".join(cases.MAKERS)}
        return
    if document["template"] == strung.TEMPLATE:
        yield from strung.problems(document, catalog)
        return
    found = list(templates.problems(document))
    yield from found
    if not found:
        yield from _unmade(document, catalog)


def _texts(document: Mapping[str, Any]) -> Iterator[tuple[str, str, Mapping[str, str]]]:
    for name, most in (("name", NAME), ("story", STORY)):
        value = document.get(name)
        if name == "story" and not value:
            continue
        both = isinstance(value, dict) and all(isinstance(value.get(one), str) for one in telling.LANGUAGES)
        if not both or not all(0 < len(value[one].strip()) <= most for one in telling.LANGUAGES):  # type: ignore[index]  # a dict, as `both` says
            yield name, "words", {"most": str(most)}


def _unmade(document: Mapping[str, Any], catalog: Catalog) -> Iterator[tuple[str, str, Mapping[str, str]]]:
    """Whether its figures make a case at all."""
    with book.teaching(catalog):
        try:
            found = templates.draft(document, Dice(f"{document['id']}/1/0"), date(2026, 7, 1))
        except LookupError:
            yield "figures.day", "no_rule", {}
            return
        except ArithmeticError:
            yield "figures", "nothing", {}
            return
    if document["template"] == "eu_import" and found.steps[0].figure > Decimal(str(found.facts["threshold"])):
        yield "rows", "above", {"limit": str(found.facts["threshold"])}
    if document["template"] == "freight" and found.steps[3].figure <= 0:
        yield "figures.revenue", "loss", {}
    if document["template"] == "payout" and found.steps[3].figure <= 0:
        yield "figures.price", "loss", {}


def _is_id(name: str) -> bool:
    begin = next((one for one in (OWN, KITS) if name.startswith(one)), "")
    rest = name.removeprefix(begin)
    plain = rest.replace("_", "").replace("-", "")
    return bool(begin) and 0 < len(rest) <= 60 and plain.isascii() and plain.isalnum() and plain == plain.lower()


def _escaped(text: Words) -> Words:
    return {language: said.replace("{", "{{").replace("}", "}}") for language, said in text.items()}
