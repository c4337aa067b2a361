"""The item bank: questions on every skill, each wrong answer tied to the thinking behind it. Floor 1.

Pure, as practice is, on whose nouns it stands: a question is asked and graded like a step of a case. The files are
`curriculum/data/bank/*.yaml`, one an area; `sound` says what they must be, `shelf` reads them, `draw` makes a question.

What must not be in here: a text of a question (they are the data), a grade (it is in practice), a figure of the law.
"""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Sequence
from datetime import date

from curriculum import rules
from curriculum.bank import draw, own, shelf
from curriculum.bank.entry import Bank, Entry
from curriculum.catalog import Catalog, Misconception
from curriculum.practice.dice import Dice
from curriculum.practice.task import Question

COUNT = 4
"""Questions of a quiz, where there are so many."""
MINUTES = 1.5
"""About how long a question takes."""


def load() -> Bank:
    """The shipped bank."""
    return shelf.load()


def whole(catalog: Catalog) -> Bank:
    """The bank of a catalog: the shipped one and the institution's own questions; empty for a catalog without one."""
    return own.whole(catalog)


def has(skill: str, catalog: Catalog | None = None) -> bool:
    """Whether there are questions on a skill, today or on another day.

    Args:
        skill: Id of the skill.
        catalog: As the institution teaches it; None: as it is shipped.
    """
    return skill in (_shipped() if catalog is None else own.by_skill(catalog))


def asked(catalog: Catalog, skill: str, on: date) -> tuple[Entry, ...]:
    """The entries on a skill that may be asked on a day, in the order of the files.

    Args:
        catalog: Its rules say which keys hold; a bank belongs to the catalog `shelf.CATALOG` alone.
        skill: Id of the main skill.
        on: The day.
    """
    if catalog.id != shelf.CATALOG:
        return ()
    found = own.by_skill(catalog).get(skill, ())
    return tuple(entry for entry in found if _holds(entry, catalog, on))


def question(catalog: Catalog, entry: str, seed: int, on: date) -> Question | None:
    """One question; None where the bank has no such entry any more."""
    found = whole(catalog).entries.get(entry)
    return None if found is None or found.skill not in catalog.skills else _made(found, catalog, seed, on)


def drawn(whole: Bank, entry: Entry, catalog: Catalog, seed: int, on: date) -> Question:
    """One question of an entry that need not be in the bank yet.

    Raises:
        errors.NoCase: No draw keeps its wrong methods apart.
    """
    return draw.question(whole, entry, catalog, seed, on)


def quiz(catalog: Catalog, skill: str, seed: int, on: date, count: int = COUNT) -> tuple[Question, ...]:
    """Some questions on one skill, easier ones first; the same ones on every machine.

    Args:
        catalog: The catalog.
        skill: Id of the skill.
        seed: Which questions and figures.
        on: Today: what decides which keys hold.
        count: How many, where the bank has so many.
    """
    there = asked(catalog, skill, on)
    dice = Dice(f"quiz/{skill}/{seed}")
    drawn = dice.draw("entries", there, min(count, len(there)))
    drawn.sort(key=lambda entry: entry.difficulty)
    return tuple(_made(entry, catalog, dice.whole(entry.id, 0, 2**31), on) for entry in drawn)


def mark(questions: Sequence[Question]) -> str:
    """16 hex digits over several questions: they change when the data that made them change."""
    return hashlib.sha256("".join(f"{one.case.mark}{one.step.id}" for one in questions).encode()).hexdigest()[:16]


def misconception(catalog: Catalog, name: str) -> Misconception | None:
    """A wrong way of thinking, of the catalog or of the bank; None if neither knows it."""
    known = catalog.misconceptions.get(name)
    return known or whole(catalog).misconceptions.get(name)


def _made(entry: Entry, catalog: Catalog, seed: int, on: date) -> Question:
    return draw.question(whole(catalog), entry, catalog, seed, on)


def _holds(entry: Entry, catalog: Catalog, on: date) -> bool:
    if (entry.valid_from and on < entry.valid_from) or (entry.valid_to and entry.valid_to < on):
        return False
    if entry.id in catalog.ends and catalog.ends[entry.id] < on:
        return False
    if not entry.rule:
        return True
    rule = catalog.rules.get(entry.rule)
    return rule is not None and rule.confidence != "low" and rules.holds(rule, on)


@functools.cache
def _shipped() -> frozenset[str]:
    return frozenset(entry.skill for entry in load().entries.values())
