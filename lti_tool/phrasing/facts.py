"""What is known of a question and of the cause of a wrong answer: all that a language model ever gets: pure. Floor 3.

Every text is one that the page shows by itself. What a learner typed or chose is none of them, and neither is who they
are, where they study or how often they tried.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass

LEVELS = NEW, SOME, SURE = ("new", "some", "sure")
"""How far somebody is in a skill, as a text for them needs to know it."""
FIRM = 3.5
BEGUN = 1.5


@dataclass(frozen=True)
class Facts:
    """The facts on one page of feedback, in one language.

    Attributes:
        language: "en" or "zh".
        level: One of `LEVELS`.
        question: What was asked.
        settled: What earlier steps have settled: (name, figure).
        answer: The right answer: (name of the step, as the page writes it).
        cause: Name of the cause; empty where none is known.
        words: What the cause does, and what would be right; empty where none is known.
        explanation: Why the right answer is right.
        working: The calculation, line by line.
        rule: The rule that it follows, with its place and dates; empty where there is none.
    """

    language: str
    level: str
    question: str
    settled: tuple[tuple[str, str], ...]
    answer: tuple[str, str]
    cause: str
    words: str
    explanation: str
    working: tuple[str, ...] = ()
    rule: str = ""


def level(estimate: float | None) -> str:
    """The level of a skill as one of three words.

    Args:
        estimate: From 0 to 5; None: nothing is known.

    >>> level(None), level(2.4), level(4.0)
    ('new', 'some', 'sure')
    """
    if estimate is None or estimate < BEGUN:
        return NEW
    return SURE if estimate >= FIRM else SOME


def named(facts: Facts) -> tuple[tuple[str, str], ...]:
    """The facts that are a name with its figure."""
    return (*facts.settled, facts.answer)


def lines(facts: Facts) -> Iterator[str]:
    """Every fact as a line of text; a named one as "name: figure"."""
    yield from (f"{name}: {figure}" for name, figure in named(facts))
    yield from (text for text in (facts.question, facts.cause, facts.words, facts.explanation, facts.rule) if text)
    yield from facts.working


def digest(facts: Facts, besides: tuple[str, ...]) -> str:
    """The name of a text about these facts: 64 hex digits, the same for everybody who meets them.

    Args:
        facts: On the page.
        besides: What else makes another text: the model, the prompt, the check.
    """
    told = json.dumps([asdict(facts), besides], ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(told.encode()).hexdigest()
