"""May these questions become a part of an institution's bank? They are checked and drawn before anybody sees them.

Floor 1. What somebody pastes or uploads is not ours: besides the rules of `sound`, texts may hold plain placeholders
only (a format string can read its way out of its figures), figures are bounded, and a document is a tree, not a graph.
"""

from __future__ import annotations

import json
import math
import string
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

import yaml

from curriculum import catalog as catalogs
from curriculum import check as checks
from curriculum import errors, pasted
from curriculum.bank import check, own, shelf, sound
from curriculum.bank.entry import Bank
from curriculum.bank.sound import Known
from curriculum.catalog import Catalog

Plain = dict[str, Any]
MOST = 500
"""Questions of one document."""
LETTERS = 4000
"""Of one text."""
LARGEST = 1e9
"""What a figure may be, either sign."""
DEEPEST = 20
"""Lists and mappings in one another."""
STEPS = 1e6
"""Figures that a range may hold."""
_TEXTS = ("id", "skill", "form", "bloom", "rule")
_FILLED = ("story", "ask", "explanation", "basis", "why")
"""Fields whose texts are filled with figures."""


def read(text: str, where: str, catalog: Catalog) -> Plain:
    """Read a YAML document of questions and try it.

    Args:
        text: What was pasted or uploaded.
        where: Its name, for messages.
        catalog: As it is taught.

    Returns:
        The document as JSON holds it.

    Raises:
        errors.InvalidBank: Something is wrong; every problem is listed, with its line where one is known.
    """
    try:
        data = pasted.load(text, DEEPEST)
        lines = checks.lines(text, catalogs.Loader)
    except (yaml.YAMLError, ValueError) as error:
        raise errors.InvalidBank(where, [f"not YAML: {error}"]) from None
    try:
        return tried(data, where, catalog)
    except errors.InvalidBank as refused:
        raise errors.InvalidBank(where, [checks.with_line(one, lines) for one in refused.problems]) from None


def tried(document: Any, where: str, catalog: Catalog) -> Plain:
    """Check a document of questions against the catalog and the whole bank, and draw each question.

    Args:
        document: As a file of the bank, of any type. A question with the id of an own one takes its place.
        where: Its name, for messages.
        catalog: As it is taught.

    Returns:
        The document as JSON holds it.

    Raises:
        errors.InvalidBank: Something is wrong; every problem is listed with its path.
    """
    made = _tree(document, where)
    found = [*_strange(made)] or _sound(made, among(made, catalog)) or [*_taken(made)]
    if not found:
        bank, whole = bank_of(made, catalog)
        places = {name: f"questions[{place}]" for place, name in enumerate(bank.entries)}
        found = [_placed(one, places) for one in check.problems(whole, catalog)]
    if found:
        raise errors.InvalidBank(where, found)
    return made


def bank_of(document: Mapping[str, Any], catalog: Catalog) -> tuple[Bank, Bank]:
    """A document that was tried as a bank: alone, and with every misconception that it may name."""
    bank = shelf.parse(document)
    return bank, Bank(bank.entries, {**own.whole(catalog).misconceptions, **bank.misconceptions})


def among(document: Mapping[str, Any], catalog: Catalog) -> Known:
    """What a document may refer to; its misconceptions may be own ones that are there already.

    Args:
        document: As `tried` takes it.
        catalog: As it is taught.
    """
    there = own.known(catalog)
    shipped = {*shelf.load().misconceptions, *catalogs.load(shelf.CATALOG).misconceptions}
    listed = document.get("misconceptions")
    again = {one.get("id") for one in listed if isinstance(one, Mapping)} if isinstance(listed, list) else set()
    return Known(there.skills, there.rules, {one for one in there.causes if one in shipped or one not in again})


def _tree(document: Any, where: str) -> Plain:
    def iso(value: object) -> str:
        if isinstance(value, date):
            return value.isoformat()
        raise TypeError

    try:
        made = json.loads(json.dumps(document, default=iso, allow_nan=False))
    except (TypeError, ValueError, RecursionError):
        problem = "it holds something that is no text, number, date, list or mapping of texts"
        raise errors.InvalidBank(where, [problem]) from None
    if not isinstance(made, dict):
        raise errors.InvalidBank(where, ["questions: missing; the document must be a mapping with a list of questions"])
    return made


def _sound(made: Plain, known: Known) -> list[str]:
    try:
        return sound.problems(made, known)
    except (TypeError, AttributeError, ValueError, KeyError):
        return ["questions: a field holds a list, mapping or number where another kind belongs; compare the example"]


def _strange(made: Plain) -> Iterator[str]:
    """What `sound`, which reads files of ours, does not look for."""
    for name in set(made) - {"questions", "misconceptions"}:
        yield f"{name}: no such list; a document has questions and misconceptions"
    for section in ("misconceptions", "questions"):
        listed = made.get(section)
        if not isinstance(listed, list):
            continue  # `sound` says so
        if len(listed) > MOST:
            yield f"{section}: {len(listed)} of them; at most {MOST} at once"
            return
        for place, one in enumerate(listed):
            path = f"{section}[{place}]"
            if not isinstance(one, dict):
                continue
            for name in _TEXTS:
                if one.get(name) is not None and not isinstance(one[name], str):
                    yield f"{path}.{name}: is {one[name]!r:.80}; it must be a text"
            if isinstance(one.get("id"), str) and not _is_id(one["id"]):
                yield f"{path}.id: is {one['id']!r:.80}; use letters, digits, dots, - and _, 100 at most"
            yield from _texts(one, path)
            yield from _draws(one.get("draw"), path)


def _is_id(name: str) -> bool:
    """Whether an id is one that an address, a file name and a key can hold."""
    plain = name.replace(".", "").replace("-", "").replace("_", "")
    return len(name) <= 100 and name.isascii() and plain.isalnum()


def _texts(value: Any, path: str, filled: bool = False) -> Iterator[str]:
    if isinstance(value, dict):
        for name, one in value.items():
            yield from _texts(one, f"{path}.{name}", filled or name in _FILLED or name == "working")
    elif isinstance(value, list):
        for place, one in enumerate(value):
            yield from _texts(one, f"{path}[{place}]", filled)
    elif isinstance(value, str):
        if len(value) > LETTERS:
            yield f"{path}: {len(value)} letters; at most {LETTERS}"
        elif filled and not _plain(value):
            yield f"{path}: a placeholder must be {{name}} or {{name:2}} with one digit; write {{{{ for a brace"
    elif isinstance(value, float | int) and abs(value) > LARGEST:
        yield f"{path}: is {value!r:.40}; a figure must lie between -{LARGEST:.0f} and {LARGEST:.0f}"


def _plain(text: str) -> bool:
    """Whether placeholders are names alone, with a number of decimals at most."""
    try:
        found = [*string.Formatter().parse(text)]
    except ValueError:
        return False
    return all(
        name is None or (name.isidentifier() and not how and (not spec or (len(spec) == 1 and spec in string.digits)))
        for _, name, spec, how in found
    )


def _draws(draw: Any, path: str) -> Iterator[str]:
    for name, source in draw.items() if isinstance(draw, dict) else ():
        figures = source if isinstance(source, list) and len(source) == 3 else ()
        if len(figures) == 3 and all(isinstance(one, int | float) for one in figures) and figures[2] > 0:
            count = (figures[1] - figures[0]) / figures[2]
            if not math.isfinite(count) or count > STEPS:
                yield f"{path}.draw.{name}: so many figures; at most {STEPS:.0f} steps from the first to the last"


def _taken(made: Plain) -> Iterator[str]:
    shipped = shelf.load().entries
    for place, one in enumerate(made["questions"]):
        if one["id"] in shipped:
            yield f"questions[{place}].id: {one['id']!r} is a shipped question; choose another id"


def _placed(problem: str, places: Mapping[str, str]) -> str:
    """A problem of a trial draw with the path of its question, so that a line is found for it."""
    name, _, what = problem.partition(": ")
    return f"{places.get(name, 'questions')}: {name}: {what}"
