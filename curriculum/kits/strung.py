"""A case strung together from questions of the bank, under a story and documents of one's own. Floor 1.

The way to a case that no template has: the questions, with their wrong answers and causes, are written as questions
are; the case gives them a common situation.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from curriculum import bank, errors, telling
from curriculum.catalog import Catalog
from curriculum.practice import deck
from curriculum.practice.task import Case, Kind, Question, Step, Table, Words

TEMPLATE = "questions"
MOST, PAPERS, ROWS, LETTERS = 20, 6, 20, 120
Problem = tuple[str, str, Mapping[str, str]]


def problems(document: Mapping[str, Any], catalog: Catalog) -> Iterator[Problem]:
    """What is wrong with the questions and documents of such a case: path, key of its words below "own.", facts.

    Args:
        document: As it is kept.
        catalog: As it is taught.
    """
    if not document.get("story"):
        yield "story", "story", {}
    known = bank.whole(catalog).entries
    named = document.get("questions")
    if not isinstance(named, list) or not 1 <= len(named) <= MOST or len(set(map(str, named))) < len(named):
        yield "questions", "questions", {"most": str(MOST)}
    else:
        for place, one in enumerate(named):
            if not isinstance(one, str) or one not in known or known[one].skill not in catalog.skills:
                yield f"questions[{place}]", "question", {}
    papers = document.get("papers") or []
    if not isinstance(papers, list) or len(papers) > PAPERS:
        yield "papers", "papers", {"most": str(PAPERS)}
        return
    for place, paper in enumerate(papers):
        rows = paper.get("rows") if isinstance(paper, dict) else None
        whole = isinstance(rows, list) and 1 <= len(rows) <= ROWS and all(map(_is_row, rows))
        if not whole or not _both(paper.get("title")):
            yield f"papers[{place}]", "paper", {"most": str(ROWS)}


def kind(document: Mapping[str, Any], catalog: Catalog) -> Kind:
    """Such a case as a kind of case.

    Args:
        document: Without problems.
        catalog: As it is taught.
    """
    entries = [bank.whole(catalog).entries[one] for one in document["questions"]]
    skills = tuple(dict.fromkeys(one.skill for one in entries))
    minutes = max(1, round(bank.MINUTES * len(entries)))
    return Kind(document["id"], document["name"], document["story"], skills, len(entries), minutes)


def case(document: Mapping[str, Any], seed: int, on: date, catalog: Catalog) -> Case:
    """Make such a case.

    Args:
        document: Without problems.
        seed: What figures of its questions are drawn from.
        on: Today: a question whose rule does not hold is left out.
        catalog: As it is taught.

    Raises:
        errors.NoCase: None of its questions can be asked today.
    """
    found = [made for one in document["questions"] if (made := _asked(one, seed, on, catalog)) is not None]
    if not found:
        raise errors.NoCase(document["id"], seed)
    tables = tuple(
        Table(paper["title"], (_WHAT, _FIGURE), tuple((row[0], row[1]) for row in paper["rows"]))
        for paper in document.get("papers") or ()
    )
    steps = tuple(_step(one) for one in found)
    return Case(
        document["id"], seed, on, document["name"], document["story"], tables, steps, deck.mark(document["id"], steps)
    )


_WHAT: Words = {"en": "What", "zh": "项目"}
_FIGURE: Words = {"en": "Figure", "zh": "数值"}


def _asked(name: str, seed: int, on: date, catalog: Catalog) -> Question | None:
    """A question, if it is asked on the day."""
    entry = bank.whole(catalog).entries[name]
    if entry.id not in {one.id for one in bank.asked(catalog, entry.skill, on)}:
        return None
    return bank.question(catalog, name, seed, on)


def _step(made: Question) -> Step:
    """The step of a question, with its own situation before what it asks."""
    story, ask = made.case.story, made.step.question
    joined = {language: f"{story[language]} {ask[language]}".strip() for language in telling.LANGUAGES}
    return replace(made.step, question=joined)


def _is_row(row: object) -> bool:
    return isinstance(row, list) and len(row) == len(("what", "figure")) and all(_both(cell) for cell in row)


def _both(value: object) -> bool:
    return isinstance(value, dict) and all(
        isinstance(value.get(one), str) and 0 < len(value[one].strip()) <= LETTERS for one in telling.LANGUAGES
    )
