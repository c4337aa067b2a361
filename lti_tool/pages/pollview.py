"""What the pages of a question to the class, and of what came of questions, show: pure. Floor 3.

Counts and shares with their ranges, never a name; of few answers nothing is drawn.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from curriculum import bank
from curriculum.catalog import Catalog
from curriculum.practice.task import Question
from lti_tool import figures, polls, texts
from lti_tool.pages import casework, questionview
from lti_tool.pages.casework import Screen
from lti_tool.polls import Poll, Split
from lti_tool.questionfigures import UNKNOWN, Figures
from lti_tool.texts import Say

LOW, HIGH = 0.3, 0.7
"""Share right between which talking it over teaches most."""


@dataclass(frozen=True)
class Bar:
    """One bar of a split: what was answered, how many, and its width."""

    name: str
    count: int
    share: str
    width: str
    right: bool


@dataclass(frozen=True)
class Round:
    """A round: its number, how many answered, and its bars; none of few answers, and none while it is open."""

    number: int
    answers: int
    bars: list[Bar]
    open: bool


@dataclass(frozen=True)
class Page:
    """A question as the instructor sees it.

    Attributes:
        screen: The question as learners see it; None where its data have changed since.
        entry: Id of the question.
        right: The right answer; empty before the end.
        rounds: Those that were opened.
        next: States that a button leads to, in order.
        advice: What the first round says of talking it over; empty while it says nothing.
    """

    screen: Screen | None
    entry: str
    right: str
    rounds: list[Round]
    next: tuple[str, ...]
    advice: str


@dataclass(frozen=True)
class Row:
    """What came of a question.

    Attributes:
        id: Of the question.
        ask: What it asks.
        skill: Name of its skill.
        answered: How many learners answered it.
        right: Share right with its likely range, in words; empty where there is not enough.
        causes: Causes with their shares, in words.
        fit: How far it goes with the others, in words; empty where that cannot be said.
        whys: Why somebody should look at it, in words.
    """

    id: str
    ask: str
    skill: str
    answered: int
    right: str
    causes: list[str]
    fit: str
    whys: list[str]


def page(poll: Poll, made: Question | None, splits: Mapping[int, Split], catalog: Catalog, language: str) -> Page:
    """Build the instructor's page of a question.

    Args:
        poll: The question as it was asked.
        made: The same, made again; None where its data have changed since.
        splits: What was answered, by round.
        catalog: Names causes.
        language: "en" or "zh".
    """
    say = texts.speaker(language)
    place = polls.STATES.index(poll.state)
    begun = [1, *([2] if splits[2].answers or poll.state == polls.SECOND else [])]
    rounds = [
        Round(
            number,
            splits[number].answers,
            [] if poll.round == number else _bars(splits[number], catalog, language, say),
            poll.round == number,
        )
        for number in begun
    ]
    shown = None
    right = ""
    if made is not None:
        shown = casework.question(questionview.task(made), questionview.attempt(made), language)
        right = casework.written(made.step.right, made.step, language) if poll.state == polls.CLOSED else ""
    following = (polls.CLOSED,) if made is None and poll.state != polls.CLOSED else polls.STATES[place + 1 :]
    return Page(shown, poll.entry, right, rounds, following, _advice(poll, splits[1], say))


def former(poll: Poll, catalog: Catalog, language: str) -> tuple[str, str, str]:
    """An earlier question in the list: its id, when it was asked, what it asks."""
    entry = bank.whole(catalog).entries.get(poll.entry)
    when = datetime.fromtimestamp(poll.made, UTC).strftime("%Y-%m-%d %H:%M UTC")
    return poll.poll, when, poll.entry if entry is None else entry.ask[language]


def rows(found: Mapping[str, Figures], catalog: Catalog, language: str) -> list[Row]:
    """What came of each question, those that need a look first, then those that were answered most.

    Args:
        found: By id of the question.
        catalog: Names skills and causes.
        language: "en" or "zh".
    """
    say, entries = texts.speaker(language), bank.whole(catalog).entries
    order = sorted(found, key=lambda name: (-len(found[name].reasons), -found[name].answered, name))
    return [
        Row(
            name,
            entries[name].ask[language],
            catalog.skills[entries[name].skill].name[language],
            found[name].answered,
            _right(found[name], say),
            [
                say("asked.cause", cause=_cause(cause, catalog, language, say), percent=figures.share(share))
                for cause, share in found[name].causes
            ],
            _fit(found[name], say),
            [say(f"asked.why.{why}") for why in found[name].reasons],
        )
        for name in order
        if entries[name].skill in catalog.skills
    ]


def _bars(split: Split, catalog: Catalog, language: str, say: Say) -> list[Bar]:
    if split.right is None:
        return []
    listed = [(say("asked.right"), split.right, True)]
    listed += [(_cause(cause, catalog, language, say), count, False) for cause, count in split.causes]
    if split.passed:
        listed.append((say("asked.passed"), split.passed, False))
    return [
        Bar(name, count, figures.share(count / split.answers), f"{100 * count / split.answers:.1f}%", right)
        for name, count, right in listed
    ]


def _advice(poll: Poll, first: Split, say: Say) -> str:
    if poll.state != polls.TALK or first.right is None:
        return ""
    share = first.right / first.answers
    return say(f"asked.advice.{'few' if share < LOW else 'many' if share > HIGH else 'talk'}")


def _right(found: Figures, say: Say) -> str:
    if found.right is None:
        return ""
    low, high = figures.share(found.low), figures.share(found.high)
    return say("asked.share", percent=figures.share(found.right), low=low, high=high)


def _fit(found: Figures, say: Say) -> str:
    if found.fit is None:
        return ""
    return say("asked.fit", fit=f"{found.fit:.2f}", low=f"{found.fit_low:.2f}", high=f"{found.fit_high:.2f}")


def _cause(cause: str, catalog: Catalog, language: str, say: Say) -> str:
    known = None if cause == UNKNOWN else bank.misconception(catalog, cause)
    return say("asked.unknown") if known is None else known.name[language]
