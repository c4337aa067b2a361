"""Exams: questions drawn by the weights of the examination standard, as far as there are kinds for its units. Floor 1.

Each question is one step of a case of its own, with what comes before it given, so that no question answers another
and no error is carried on. The standard is 跨境电商运营专项职业能力考核规范 (2020-06-19): eight units with weights;
customs and tax is our addition.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import date
from fractions import Fraction

from curriculum.catalog import Catalog
from curriculum.practice import book, deck
from curriculum.practice.dice import Dice
from curriculum.practice.task import Exam, Question


def weights() -> Mapping[str, int]:
    """By kind: its weight in an exam, in the order of the standard's units, our own addition last."""
    blueprint = book.pages()["exam"]
    found = {kind: unit["weight"] for unit in blueprint["units"] for kind in unit["kinds"]}
    return {**found, **blueprint["added"]}


def covered() -> int:
    """Per cent of the standard's weight whose units have a kind."""
    return sum(unit["weight"] for unit in book.pages()["exam"]["units"] if unit["kinds"])


def shares(count: int) -> Mapping[str, int]:
    """How many of so many questions each kind gets: by weight, the rest by largest remainder.

    >>> dict(shares(12))
    {'payout': 5, 'freight': 3, 'eu_import': 4}
    """
    weighed = weights()
    exact = {kind: Fraction(count * weight, sum(weighed.values())) for kind, weight in weighed.items()}
    whole = {kind: int(share) for kind, share in exact.items()}
    missing = count - sum(whole.values())
    for kind in sorted(exact, key=lambda kind: whole[kind] - exact[kind])[:missing]:
        whole[kind] += 1
    return whole


def exam(seed: int, on: date, count: int, catalog: Catalog | None = None) -> Exam:
    """Draw an exam: the same one on every machine.

    Args:
        seed: Which exam.
        on: Today.
        count: How many questions.
        catalog: Whose rules its cases follow; None: the shipped one.
    """
    dice = Dice(f"exam/{seed}")
    questions = []
    for kind, share in shares(count).items():
        known = next(one for one in book.kinds() if one.id == kind)
        # Every step once before one comes again.
        turns = dice.draw(f"{kind}.steps", range(known.steps), known.steps)
        for number in range(share):
            made = deck.case(kind, dice.whole(f"{kind}.{number}", 0, 2**31), on, catalog)
            questions.append(Question(made, made.steps[turns[number % known.steps]]))
    mark = hashlib.sha256("".join(f"{one.case.mark}{one.step.id}" for one in questions).encode()).hexdigest()[:16]
    return Exam(seed, on, tuple(questions), covered(), mark)
