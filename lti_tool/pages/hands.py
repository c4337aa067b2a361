"""Who may want a hand, and why: what they tried in vain, what they left, or that nothing is known of them. Floor 3.

Pure. Only what learners did, never who they are; who has been waiting longest comes first.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from curriculum import practice
from lti_tool import tries
from lti_tool.attempts import Attempt
from lti_tool.pages import classroom, heat, lately
from lti_tool.pages.lately import DAYS, SURE, Frame
from lti_tool.roster.deeds import Deeds
from lti_tool.tries import Day

TRIES = 3
"""Answers in a row that were not right, on one thing, after which somebody may want a hand."""
FRESH = 14
"""Days after which a row of such answers is no longer news."""
LEFT = 1
"""Days after which a case that was begun and not finished counts as left."""
ROWS = 12
"""Rows of the table."""
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


def hands(frame: Frame, opened: Sequence[tuple[str, Deeds]], practised: Mapping[str, Sequence[Day]]) -> list[Hand]:
    """Who may want a hand, who has been waiting longest first.

    Args:
        frame: Of the class.
        opened: Those whose deeds may be looked at, with these.
        practised: Their days of practice lately.
    """
    return sorted(_hands(frame, opened, practised), key=lambda hand: (hand.since, hand.learners))


def _hands(frame: Frame, opened: Sequence[tuple[str, Deeds]], practised: Mapping[str, Sequence[Day]]) -> Iterable[Hand]:
    left: dict[str, list[Attempt]] = {}
    for one in frame.known.left:
        if LEFT * 86_400 <= frame.now - one.attempt.since <= tries.KEPT_DAYS * 86_400 and one.attempt.answers:
            left.setdefault(one.learner, []).append(one.attempt)
    first = {one.learner: one.first for one in frame.known.members}
    quiet = []
    for learner, deeds in opened:
        hand = _hand(frame, learner, deeds, practised.get(learner, ()), left.get(learner, ()))
        if hand is not None:
            yield hand
        elif _quiet(frame, deeds, first[learner]):
            seen = max(deeds.launched or 0, deeds.answered or 0) or first[learner] * 1_000_000
            quiet.append((seen, learner))
    if quiet:
        since = min(quiet)[0]
        learners = tuple(learner for _, learner in sorted(quiet))
        say = frame.say
        yield Hand(learners, (say("brief.quiet.why", days=DAYS),), say("brief.quiet.help"), "", since, quiet=True)


def _hand(frame: Frame, learner: str, deeds: Deeds, days: Sequence[Day], left: Sequence[Attempt]) -> Hand | None:
    say, now = frame.say, int(frame.now * 1e6)
    runs = [
        (run, frame.catalog.items[item].skills[0])
        for item, run in deeds.runs.items()
        if run.count >= TRIES and item in frame.catalog.items and now - run.last <= FRESH * _DAY
    ]
    if not runs and not left:
        return None
    whys, since = [], []
    help_, skill = "", ""
    for run, trained in sorted(runs, key=lambda pair: (-pair[0].count, pair[1]))[:2]:
        whys.append(_tried(frame, run.count, trained, days))
        since.append(run.first)
        help_, skill = help_ or _helps(frame, deeds, trained), skill or trained
    for attempt in sorted(left, key=lambda one: one.since)[:2]:
        values = {"place": attempt.place + 1, "total": attempt.total}
        whys.append(say("brief.left.why", name=_activity(attempt.activity, frame.language), **values))
        since.append(int(attempt.since * 1e6))
        help_ = help_ or say("brief.left.help", place=attempt.place + 1)
    waited = classroom.days(min(since), frame.now)
    return Hand((learner,), tuple(whys), help_, classroom.day(waited, say), min(since), skill)


def _tried(frame: Frame, count: int, skill: str, days: Sequence[Day]) -> str:
    """What somebody tried, with the cause that was named most often, if one was."""
    named: Counter[str] = Counter()
    for day in days:
        for tally in day.steps.values():
            if tally.skill == skill:
                named.update(tally.causes or {})
    known = [(-number, cause) for cause, number in named.items() if cause in frame.catalog.misconceptions]
    if not known:
        return frame.say("brief.run.why", count=count, skill=frame.skill(skill))
    cause = frame.catalog.misconceptions[min(known)[1]].name[frame.language]
    return frame.say("brief.run.why.cause", count=count, skill=frame.skill(skill), cause=cause)


def _helps(frame: Frame, deeds: Deeds, skill: str) -> str:
    """The weakest of what comes before, if it is not there yet; else the thing itself."""
    needed = frame.catalog.skills[skill].prerequisites
    weakest = min(needed, key=lambda one: lately.level(deeds, one), default="")
    if weakest and lately.level(deeds, weakest) < SURE:
        level = heat.words(deeds.skills.get(weakest), frame.say)
        return frame.say("brief.run.help.before", skill=frame.skill(weakest), level=level)
    return frame.say("brief.run.help.itself" if needed else "brief.run.help.first", skill=frame.skill(skill))


def _quiet(frame: Frame, deeds: Deeds, first: int) -> bool:
    """Nothing lately, of somebody who has been here for longer than that."""
    newest = max(deeds.launched or 0, deeds.answered or 0, first * 1_000_000)
    return classroom.days(newest, frame.now) >= DAYS


def _activity(activity: str, language: str) -> str:
    """The name of a case or an exam; its id where it is there no more."""
    sort, _, id_ = activity.partition(":")
    named = {f"case:{kind.id}": kind.name for kind in practice.kinds()}
    named |= {f"exam:{plan.id}": plan.name for plan in practice.plans()}
    return named[activity][language] if activity in named else id_ or sort
