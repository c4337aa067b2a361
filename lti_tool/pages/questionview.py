"""What the pages of questions show: rows, previews, what waits and what was changed. Floor 3."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from curriculum import bank
from curriculum.bank import own
from curriculum.bank.entry import Bank, Entry
from curriculum.practice import answers
from curriculum.practice.task import Question
from lti_tool import editions, exercises, proposals
from lti_tool.attempts import Answer, Attempt
from lti_tool.pages import casework, questionform, ruling
from lti_tool.pages.casework import Task
from lti_tool.pages.ruling import Desk
from lti_tool.proposals import Proposal

DRAWS = 5
"""Examples that a trial of a number question shows."""
ALL, OWN, RETIRED = ONLY = ("all", "own", "retired")


@dataclass(frozen=True)
class Row:
    """A question in the list.

    Attributes:
        id: Of the question.
        ask: What it asks, in the language of the page.
        form: One of `task.FORMS`.
        difficulty: 1 to 5.
        state: "asked", "resting" (not on this day), "retired" or "unsound".
        own: Whether the institution wrote it.
        why: What is wrong with one that is unsound.
    """

    id: str
    ask: str
    form: str
    difficulty: int
    state: str
    own: bool
    why: str = ""


def rowed(desk: Desk, skill: str) -> list[Row]:
    """The questions on a skill, the institution's own last, those that no longer fit at the end."""
    catalog, day = desk.taught.catalog, desk.day
    asked = {entry.id for entry in bank.asked(catalog, skill, day)}
    mine = {one["id"]: one for one in catalog.questions}
    found = [
        Row(
            entry.id,
            entry.ask[desk.language],
            entry.form,
            entry.difficulty,
            "asked" if entry.id in asked else "retired" if ended(desk, entry.id) else "resting",
            entry.id in mine,
        )
        for entry in own.by_skill(catalog).get(skill, ())
    ]
    left = own.left(catalog)
    return found + [
        Row(name, str(mine[name]["ask"][desk.language]), mine[name]["form"], mine[name]["difficulty"], "unsound", True,
            "; ".join(left[name]))
        for name in left if mine[name]["skill"] == skill
    ]  # fmt: skip


def wanted(row: Row, only: str) -> bool:
    """Whether a row is among those that were asked for."""
    return row.own if only == OWN else row.state == "retired" if only == RETIRED else True


def ended(desk: Desk, name: str) -> bool:
    """Whether a question is retired."""
    ends = desk.taught.catalog.ends
    return name in ends and ends[name] < desk.day


def proposed(desk: Desk) -> list[Proposal]:
    """Questions that wait for somebody who may edit."""
    return [one for one in proposals.waiting(desk.tool.storage, desk.name) if one.kind == editions.QUESTION]


def waiting(desk: Desk, one: Proposal) -> Mapping[str, Any]:
    """A proposal in the list."""
    edit = one.edits[0]
    documents = edit.value.get("questions") or ()
    return {
        "id": one.id,
        "name": desk.say(f"edited.{edit.act}"),
        "asks": [text["ask"][desk.language] for text in documents][:DRAWS] or [edit.subject],
        "count": len(documents),
        "why": one.why,
        "text": questionform.dumped(documents, edit.value.get("misconceptions") or ()) if documents else "",
    }


def changed(desk: Desk, one: editions.Change) -> Mapping[str, str]:
    """A change in the list of those that hold."""
    edit = one.edits[0]
    documents = edit.value.get("questions") or ()
    words = f"{desk.say(f'edited.{edit.act}')} {documents[0]['id'] if documents else edit.subject}"
    more = f" +{len(documents) - 1}" if len(documents) > 1 else ""
    return {**ruling.changed(one, desk), "words": words + more}


def task(made: Question) -> Task:
    """A question as a quiz of its own."""
    return Task(f"{exercises.QUIZ}:{made.step.skill}", False, made.step.name, (made,), made.case.mark)


def attempt(made: Question, given: str | None = None) -> Attempt:
    """A try at it that is kept nowhere: open, or answered."""
    answered = () if given is None else (Answer(given, False, "", 0, None),)
    return Attempt(f"{exercises.QUIZ}:{made.step.skill}", 1, 1, "", made.case.mark, 1, answered, 0, 0)


def wrongs(made: Question, language: str) -> list[tuple[str, str, str]]:
    """What is said to each wrong answer that a question knows: the answer, its cause, what that thinking misses."""
    step, found = made.step, []
    for one in step.wrong:
        value = answers.mistaken(one.value, step)
        answer = casework.written(value, step, language)
        found.append((answer, one.title[language] if one.title else "", one.words[language]))
    return found


def examples(desk: Desk, entry: Entry, whole: Bank) -> list[tuple[str, str, str]]:
    """Some draws of a number question: the situation with what is asked, the right answer, and the wrong ones."""
    found = []
    for seed in range(1, DRAWS + 1):
        made = bank.drawn(whole, entry, desk.taught.catalog, seed, desk.day)
        asked = f"{made.case.story[desk.language]} {made.step.question[desk.language]}".strip()
        wrong = [casework.written(one.value, made.step, desk.language) for one in made.step.wrong]
        found.append((asked, casework.written(made.step.right, made.step, desk.language), "; ".join(wrong)))
    return found


def causes(desk: Desk, questions: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The institution's own misconceptions that some questions name, as plain data."""
    shipped = {one["id"] for one in desk.taught.shipped["misconceptions"]}
    text = str(questions)
    return [
        {key: one[key] for key in ("id", "skill", "name")}
        for one in desk.taught.mapping["misconceptions"]
        if one["id"] not in shipped and repr(one["id"]) in text
    ]
