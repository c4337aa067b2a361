"""Practice: cases and exams made from (kind, seed, date), each wrong answer named by its cause. Floor 1.

Pure: no web, clock or chance of the machine. The doors are the functions below; what they give is in `task`.

Short kinds of case, an exam, and the whole flow of an order in ten parts (`flow`). A kind is one module that draws the
figures of a case (`importing`, `freight`, `payout`) and its words in `curriculum/data/practice.yaml`.

What must not be in here: a figure of the law (dated rules are in the catalog) and a text (they are in the data).
"""

from __future__ import annotations

from datetime import date

from curriculum.catalog import Catalog
from curriculum.practice import book, deck, grading
from curriculum.practice.task import Case, Kind, Plan, Step, Verdict

SHORT = 8
"""Steps of a case that practises a skill; the whole flow has more, and is opened for itself."""


def kinds() -> tuple[Kind, ...]:
    """Every kind of case."""
    return book.kinds()


def plans() -> tuple[Plan, ...]:
    """Every exam that a link may open, the usual one first."""
    return book.plans()


def of_skill(skill: str) -> Kind | None:
    """The short kind of case that trains a skill, the one with fewest skills beside it; None if there is none."""
    found = [kind for kind in book.kinds() if skill in kind.skills and kind.steps <= SHORT]
    return min(found, key=lambda kind: len(kind.skills), default=None)


def case(kind: str, seed: int, on: date, catalog: Catalog | None = None) -> Case:
    """Make a case: the same one on every machine.

    Args:
        kind: Id of a kind.
        seed: Which case of the kind.
        on: Today: what decides which rules the case may be about.
        catalog: Whose rules it follows; None: the shipped one.

    Raises:
        errors.UnknownReference: There is no such kind.
    """
    return deck.case(kind, seed, on, catalog)


def twins(seed: int, destination: str, before: date, after: date, catalog: Catalog | None = None) -> tuple[Case, Case]:
    """Make the same order of the whole flow on two dates: it differs as the law does, and in nothing else.

    Args:
        seed: Which order.
        destination: "eu", "uk", "us" or "cn".
        before: Day of the declaration of the first.
        after: Of the second.
        catalog: Whose rules it follows; None: the shipped one.

    Raises:
        errors.UnknownReference: There is no flow to such a destination.
    """
    return deck.twins(seed, destination, before, after, catalog)


def grade(step: Step, answer: str) -> Verdict:
    """Grade what a learner typed in a step of a case; nonsense is asked about again and does not count."""
    return grading.grade(step, answer)


def shown(step: Step) -> Verdict:
    """The verdict where a learner asked to see the answer: counted as not right, without a cause."""
    return grading.shown(step)
