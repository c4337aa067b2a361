"""Who may want a hand, and why: what they tried in vain, what they left, or that nothing is known of them. Floor 3.

Pure. Only what learners did, never who they are; who has been waiting longest comes first.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from curriculum import bank
from curriculum.catalog import Catalog
from lti_tool import exercises, tries
from lti_tool.attempts import Attempt
from lti_tool.pages import classroom, heat, lately
from lti_tool.pages.lately import DAYS, SURE, Frame
from lti_tool.roster.deeds import Deeds
from lti_tool.tries import Tally

TRIES = 3
"""Answers in a row that were not right, on one thing, after which somebody may want a hand."""
FRESH = 14
"""Days after which a row of such answers is no longer news."""
LEFT = 1
"""Days after which a case that was begun and not finished counts as left."""
STILL = 28
"""Days after which a case that was left is no longer news."""
ROWS = 12
"""Rows of the table, beside the one of those of whom there is nothing lately."""
_DAY = 86_400_000_000


@dataclass(frozen=True)
class Hand:
    """Somebody who may want a hand, or several of whom there is nothing to go on.

    Attributes:
        learners: Pseudonyms.
        whys: What they did, in words.
        help: What may help, in words.
        waiting: How long they have been waiting, in words.
        since: Since when, microseconds since 1970; what the rows are ordered by.
        skill: Id of the skill whose evidence is behind it; empty if there is none.
        quiet: Whether it is the row of those of whom there is nothing lately.
    """

    learners: tuple[str, ...]
    whys: tuple[str, ...]
    help: str
    waiting: str
    since: int
    skill: str = ""
    quiet: bool = False


@dataclass(frozen=True)
class _Case:
    """What speaks for a hand, before it is put in words: since when, tries (count, item), attempts that were left."""

    since: int
    learner: str
    runs: tuple[tuple[int, str], ...]
    left: tuple[Attempt, ...]


def hands(frame: Frame) -> tuple[list[Hand], int]:
    """Who may want a hand, who has been waiting longest first: at most ROWS rows, and how many learners are in no row.

    Args:
        frame: Of the class.
    """
    left = _left(frame)
    cases, quiet = [], []
    first = {one.learner: one.first for one in frame.known.members}
    for learner in frame.learners:
        deeds = frame.known.deeds[learner]
        case = _case(frame, learner, deeds, left.get(learner, ()))
        newest = max(deeds.launched or 0, deeds.answered or 0)
        if case is not None:
            cases.append(case)
        elif classroom.days(max(newest, first[learner] * 1_000_000), frame.now) >= DAYS:
            quiet.append((newest or first[learner] * 1_000_000, learner))
    cases.sort(key=lambda case: (case.since, case.learner))
    # Only what is shown is put in words: a page of hundreds has no time for the rest.
    rows = [_hand(frame, case) for case in cases[:ROWS]]
    if quiet:
        rows.append(_silent(frame, sorted(quiet)))
        rows.sort(key=lambda hand: hand.since)
    return rows, max(0, len(cases) - ROWS)


def _left(frame: Frame) -> dict[str, tuple[Attempt, ...]]:
    """Attempts that were begun and left, by learner, the oldest first."""
    found: dict[str, list[Attempt]] = {}
    for one in frame.known.left:
        if LEFT * 86_400 <= frame.now - one.attempt.since <= STILL * 86_400 and one.attempt.answers:
            found.setdefault(one.learner, []).append(one.attempt)
    return {learner: tuple(sorted(listed, key=lambda one: one.since)) for learner, listed in found.items()}


def _case(frame: Frame, learner: str, deeds: Deeds, left: Sequence[Attempt]) -> _Case | None:
    counts, last = deeds.runs["count"], deeds.runs["last"]
    hard = np.flatnonzero((counts >= TRIES) & (last >= frame.now * 1e6 - FRESH * _DAY))
    if not len(hard) and not left:
        return None
    items = list(frame.catalog.items)
    since = [*deeds.runs["first"][hard].tolist(), *(int(one.since * 1e6) for one in left)]
    runs = sorted(((int(counts[place]), items[place]) for place in hard.tolist()), reverse=True)
    return _Case(min(since), learner, tuple(runs[:2]), tuple(left[:2]))


def _hand(frame: Frame, case: _Case) -> Hand:
    say, deeds = frame.say, frame.known.deeds[case.learner]
    whys: list[str] = []
    helps: list[str] = []
    skills = [frame.catalog.items[item].skills[0] for _, item in case.runs]
    for (count, _), skill in zip(case.runs, skills, strict=True):
        whys.append(_tried(frame, count, skill, frame.practised.get(case.learner, ())))
        helps.append(_helps(frame, deeds, skill))
    for attempt in case.left:
        place = attempt.place + 1
        name = _activity(frame.catalog, attempt.activity, frame.language)
        whys.append(say("brief.left.why", name=name, place=place, total=attempt.total))
        helps.append(say("brief.left.help", place=place))
    waited = classroom.day(classroom.days(case.since, frame.now), say)
    return Hand((case.learner,), tuple(whys), helps[0], waited, case.since, skills[0] if skills else "")


def _silent(frame: Frame, quiet: Sequence[tuple[int, str]]) -> Hand:
    """The row of those of whom there is nothing lately, who has been away longest first."""
    say, since = frame.say, quiet[0][0]
    learners = tuple(learner for _, learner in quiet)
    waited = classroom.day(classroom.days(since, frame.now), say)
    why = say("brief.quiet.why", days=DAYS)
    return Hand(learners, (why,), say("brief.quiet.help"), waited, since, quiet=True)


def _tried(frame: Frame, count: int, skill: str, tallies: Sequence[Tally]) -> str:
    """What somebody tried, with the cause that was named most often, if one was."""
    named: Counter[str] = Counter()
    for tally in tallies:
        if tally.skill == skill:
            named.update(tally.causes)
    known = [(-number, cause) for cause, number in named.items() if cause != tries.UNKNOWN]
    found = bank.misconception(frame.catalog, min(known)[1]) if known else None
    if found is None:
        return frame.say("brief.run.why", count=count, skill=frame.skill(skill))
    cause = found.name[frame.language]
    return frame.say("brief.run.why.cause", count=count, skill=frame.skill(skill), cause=cause)


def _helps(frame: Frame, deeds: Deeds, skill: str) -> str:
    """The weakest of what comes before, if it is not there yet; else the thing itself."""
    index, needed = frame.catalog.skill_index, frame.catalog.skills[skill].prerequisites
    level = lately.levels(deeds.skills)
    weakest = min(needed, key=lambda one: float(level[index[one]]), default="")
    if weakest and level[index[weakest]] < SURE:
        words = heat.words(*heat.range_(deeds.skills[index[weakest]]), frame.say)
        return frame.say("brief.run.help.before", skill=frame.skill(weakest), level=words)
    return frame.say("brief.run.help.itself" if needed else "brief.run.help.first", skill=frame.skill(skill))


def _activity(catalog: Catalog, activity: str, language: str) -> str:
    """The name of what was practised; its id where it is there no more."""
    sort, _, id_ = activity.partition(":")
    found = exercises.name(catalog, activity)
    return id_ or sort if found is None else found[language]
