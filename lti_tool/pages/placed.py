"""The page "What do you know already?": its questions, and what a placement found; pure. Floor 3.

A question is one step of a practice case, with what comes before it given, or one of the bank. Nothing is
said of an answer before the end, so that no question answers another.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime

from curriculum import catalog as catalogs
from curriculum.catalog import Catalog
from curriculum.practice import task as tasks
from lti_tool import attempts, exercises, figures, placements, texts
from lti_tool.attempts import Attempt
from lti_tool.pages import casework, reasons, view
from lti_tool.pages.casework import Line, Screen
from lti_tool.placements import Asked, Placement
from lti_tool.tasks import Task
from recommender import interactions, placement, tracker
from recommender.interactions import Interactions
from recommender.tracker import Belief

OFTEN = 2
"""How often a skill may be asked: two answers tell luck from knowing; the figures are new."""
MINUTES = 2
"""About how long a question takes."""
NEW = 20
"""Graded answers from which on a path has other things to go by, and offers a placement less loudly."""
LIKELY, UNLIKELY = 0.75, 0.25
"""Chance from which on, and below which, a skill is said to be likely known, and likely new."""
MOVED = 0.1
"""Change of that chance from which on a skill that was not asked is listed."""
LISTED = 12


@dataclass(frozen=True)
class Offer:
    """How the page of today speaks of a placement.

    Attributes:
        state: "new", "open" or "done"; empty where there is nothing to ask.
        most: Questions at most.
        minutes: About how long they take.
        answers: Given so far.
        day: When it was finished, in words; empty unless it is.
        loud: Whether it is offered above the cards: to who has just come.
    """

    state: str
    most: int = 0
    minutes: int = 0
    answers: int = 0
    day: str = ""
    loud: bool = False


@dataclass(frozen=True)
class Moved:
    """A skill that is seen differently now.

    Attributes:
        name: Of the skill.
        before: Chance that it is known, before, in per cent.
        after: The same now.
        why: What moved it, in words.
    """

    name: str
    before: str
    after: str
    why: str


@dataclass(frozen=True)
class Found:
    """What a placement found.

    Attributes:
        heading: How many answers were right.
        finding: What is believed of the skills that were asked, in words.
        asked: Those skills, in the order in which they were asked.
        others: Other skills of the goal that are seen differently now, those that moved most.
        lines: The questions with their answers and explanations.
        day: When it was finished, in words.
    """

    heading: str
    finding: str
    asked: list[Moved]
    others: list[Moved]
    lines: tuple[Line, ...]
    day: str


@functools.lru_cache(maxsize=64)
def askable(catalog: Catalog, on: date) -> frozenset[str]:
    """Ids of the items that can be asked on a day: practice on a skill with a step of a case, or a question then."""
    return frozenset(
        item.id for item in catalog.items.values() if item.repeatable and exercises.asks(catalog, item.skills[0], on)
    )


def most(catalog: Catalog, role: str, on: date) -> int:
    """How many questions a placement towards a goal has at most on a day; 0 where there is nothing to ask."""
    if role not in catalog.roles:
        return 0
    targets = catalog.roles[role].targets
    count = sum(catalog.items[name].skills[0] in targets for name in askable(catalog, on))
    return min(placement.MOST, OFTEN * count)


def offer(catalog: Catalog, role: str, there: Placement, answers: int, *, language: str, on: date) -> Offer:
    """How the page of today speaks of it.

    Args:
        catalog: What there is to learn.
        role: The goal; empty if none is chosen.
        there: The placement so far.
        answers: Graded answers of the learner.
        language: "en" or "zh".
        on: Today.
    """
    count = most(catalog, role, on)
    if not count:
        return Offer("")
    state = "open" if there.open else "done" if there.answers else "new"
    day = _day(there, language) if state == "done" else ""
    loud = state == "open" or (state == "new" and answers < NEW)
    return Offer(state, count, MINUTES * count, len(there.answers), day, loud)


def choose(
    catalog: Catalog, role: str, there: Placement, history: Interactions, *, seed: Callable[[], int], on: date
) -> Asked | None:
    """The next question; None: nothing more is worth asking.

    Args:
        catalog: What there is to learn.
        role: The goal.
        there: The placement so far.
        history: What the learner practised.
        seed: Makes the figures of a case.
        on: Today.
    """
    found = placement.next_item(
        catalog,
        role,
        answers(catalog, there.answers),
        before=tracker.replay(catalog, history),
        most=most(catalog, role, on),
        barred=frozenset(catalog.items) - askable(catalog, on),
        often=OFTEN,
    )
    if found is None:
        return None
    seen = {one.asked.step for one in there.answers if one.asked.item == found.item}
    made = exercises.asking(catalog, found.skill, seed(), on, seen)
    if made is None:  # pragma: no cover  # what has nothing to ask is barred
        return None
    return Asked(found.item, made.case.kind, made.case.seed, made.step.id, on.isoformat(), made.case.mark)


def answers(catalog: Catalog, given: Sequence[placements.Answer]) -> list[placement.Answer]:
    """Answers as the recommender takes them; what the catalog has lost since is left out."""
    return [placement.Answer(one.asked.item, one.right) for one in given if one.asked.item in catalog.items]


def question(asked: Asked, catalog: Catalog | None = None) -> tasks.Question | None:
    """The question made again, of the shipped catalog or this one; None where what made it has changed since."""
    catalog = catalog or catalogs.load(exercises.CATALOG)
    made = exercises.again(catalog, asked.kind, asked.step, asked.seed, date.fromisoformat(asked.on))
    return None if made is None or made.case.mark != asked.mark else made


def screen(
    asked: tasks.Question, there: Placement, count: int, language: str, *, problem: str = "", typed: str = ""
) -> Screen:
    """The question that waits.

    Args:
        asked: The question.
        there: The placement so far.
        count: Questions at most.
        language: "en" or "zh".
        problem: Why the last answer could not be read; empty if nothing was wrong.
        typed: That answer.
    """
    say = texts.speaker(language)
    made = Task("placement", True, _words(), (asked,), "")
    shown = casework.question(made, _attempt(there, 1), language, problem=problem, typed=typed)
    over = say("placing.over", place=len(there.answers) + 1, most=count)
    return replace(shown, name=say("placing.title"), over=over, number=there.number, place=len(there.answers), steps=[])


def found(catalog: Catalog, role: str, there: Placement, history: Interactions, language: str) -> Found:
    """What a finished placement found.

    Args:
        catalog: What there is to learn.
        role: The goal.
        there: The placement, with at least one answer.
        history: What the learner practised; what came after the placement's first answer is left out.
        language: "en" or "zh".
    """
    say = texts.speaker(language)
    past = history.when <= int(there.answers[0].at * 1e6)
    known = tracker.replay(catalog, interactions.rows(history, past))
    before, now = tracker.beliefs(known), placement.result(catalog, answers(catalog, there.answers), before=known)
    change = {name: _known(now[number]) - _known(before[number]) for name, number in catalog.skill_index.items()}
    told: dict[str, list[bool]] = {}
    for one in there.answers:
        if one.asked.item in catalog.items:
            told.setdefault(catalog.items[one.asked.item].skills[0], []).append(one.right)
    targets = catalog.roles[role].targets
    moved = [name for name in targets if name not in told and abs(change[name]) >= MOVED]

    def seen(name: str, why: str) -> Moved:
        number = catalog.skill_index[name]
        was, is_ = (figures.share(_known(beliefs[number])) for beliefs in (before, now))
        return Moved(reasons.short(catalog.skills[name].name[language]), was, is_, why)

    chances = [_known(now[catalog.skill_index[name]]) for name in told]
    likely, new = sum(one >= LIKELY for one in chances), sum(one < UNLIKELY for one in chances)
    return Found(
        heading=say("placing.found", right=sum(one.right for one in there.answers), total=len(there.answers)),
        finding=say(
            "placing.finding",
            count=len(told),
            likely=likely,
            open=len(told) - likely - new,
            new=new,
            rest=len(targets.keys() - told.keys()),
        ),
        asked=[seen(name, say("placing.asked", right=sum(right), count=len(right))) for name, right in told.items()],
        others=[
            seen(name, say("placing.through")) for name in sorted(moved, key=lambda name: -abs(change[name]))[:LISTED]
        ],
        lines=_lines(there, language),
        day=_day(there, language),
    )


def _known(belief: Belief) -> float:
    return 1.0 - belief.state[0]


def _lines(there: Placement, language: str) -> tuple[Line, ...]:
    """The questions with their explanations; those whose data have changed since are left out."""
    made = [(one, question(one.asked)) for one in there.answers]
    kept = [(one, asked) for one, asked in made if asked is not None]
    questions = tuple(asked for _, asked in kept)
    given = tuple(attempts.Answer(one.given, one.right, one.cause, one.at, one.seconds) for one, _ in kept)
    attempt = replace(_attempt(there, len(questions)), answers=given)
    return casework.summary(Task("placement", True, _words(), questions, ""), attempt, language).lines


def _attempt(there: Placement, total: int) -> Attempt:
    """A placement as the pages of practice take an attempt."""
    return attempts.begin("placement", there.number, 0, on="", mark="", total=total, now=there.begun)


def _words() -> dict[str, str]:
    """What a placement is called, in both languages."""
    return {language: texts.speaker(language)("placing.title") for language in texts.LANGUAGES}


def _day(there: Placement, language: str) -> str:
    return view.calendar(datetime.fromtimestamp(there.finished, UTC).date(), language)
