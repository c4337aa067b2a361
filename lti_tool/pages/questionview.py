"""What the pages of questions show of one of them: previews, versions, what waits and what was changed. Floor 3."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from curriculum import bank
from curriculum.bank.entry import Bank, Entry
from curriculum.practice import answers
from curriculum.practice.task import Question, Wrong
from lti_tool import editions, exercises, proposals
from lti_tool.attempts import Answer, Attempt
from lti_tool.editions import Change
from lti_tool.pages import casework, questionform, ruling
from lti_tool.pages.ruling import Desk
from lti_tool.proposals import Proposal
from lti_tool.tasks import Task

DRAWS = 5
"""Examples that a trial of a number question shows."""
PROBLEMS = 40
"""Problems that a page lists."""


@dataclass(frozen=True)
class Example:
    """A draw of a number question: what is asked, the right answer, and of each wrong method its cause and answer."""

    asked: str
    right: str
    wrong: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Version:
    """A change of one question that holds.

    Attributes:
        id: Of the change, to take it back.
        made: When.
        words: What was done.
        fields: Parts of the question that it changed, as the bank calls them; empty for the first.
        why: The reason.
    """

    id: str
    made: str
    words: str
    fields: tuple[str, ...]
    why: str


def ended(desk: Desk, name: str) -> bool:
    """Whether a question is retired."""
    ends = desk.taught.catalog.ends
    return name in ends and ends[name] < desk.day


def versions(desk: Desk, name: str) -> list[Version]:
    """The changes of a question that hold, the newest first."""
    found: list[Version] = []
    before: Mapping[str, Any] = {}
    for change, act, after in _changes(desk.taught.changes, name):
        fields = sorted(key for key in {*before, *after} if before.get(key) != after.get(key)) if before else []
        words = desk.say(f"edited.{act}")
        found.append(Version(change.id, ruling.moment(change.made), words, tuple(fields), change.why))
        before = after
    return found[::-1]


def _changes(changes: Sequence[Change], name: str) -> Iterator[tuple[Change, str, Mapping[str, Any]]]:
    """Each change of a question, with what it is after it; retiring leaves it as it was."""
    now: Mapping[str, Any] = {}
    for change in changes:
        for edit in change.edits:
            if edit.act == "question.put":
                put = next((one for one in edit.value["questions"] if one["id"] == name), None)
                if put is not None:
                    now = put
                    yield change, edit.act, now
            elif edit.act == "content.end" and edit.subject == name:
                yield change, edit.act, now


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
        "asks": [_said(text["ask"], desk.language) for text in documents][:DRAWS] or [edit.subject],
        "count": len(documents),
        "why": one.why,
        "text": questionform.dumped(documents, edit.value.get("misconceptions") or ()) if documents else "",
    }


def _said(text: Mapping[str, str], language: str) -> str:
    """A text of what is not written in both languages yet."""
    return text.get(language) or next(iter(text.values()), "")


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
        found.append((answer, _titled(one, language), one.words[language]))
    return found


def examples(desk: Desk, entry: Entry, whole: Bank) -> list[Example]:
    """Some draws of a number question."""
    found, language = [], desk.language
    for seed in range(1, DRAWS + 1):
        made = bank.drawn(whole, entry, desk.taught.catalog, seed, desk.day)
        asked = f"{made.case.story[language]} {made.step.question[language]}".strip()
        wrong = ((_titled(one, language), casework.written(one.value, made.step, language)) for one in made.step.wrong)
        found.append(Example(asked, casework.written(made.step.right, made.step, language), tuple(wrong)))
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


def _titled(one: Wrong, language: str) -> str:
    return one.title[language] if one.title else ""
