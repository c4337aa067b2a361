"""The brief before a class: three things worth ten minutes, causes, what was worked on; with `hands`. Floor 3.

Pure. Only what learners did, never who they are; ordered by how long they have been waiting, never by rank. Every count
is of learners who let the institution look at what they do.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from curriculum import graph, practice, rules
from curriculum.catalog import Catalog
from lti_tool import tries
from lti_tool.pages import hands, heat, lately
from lti_tool.pages.hands import Hand
from lti_tool.pages.lately import Frame, Known
from lti_tool.roster.deeds import Deeds
from lti_tool.texts import Say
from lti_tool.tries import Day

STRONG = 4.0
"""Ready for more: at least this level, with a likely range above `lately.SURE`."""
CAUSES = 8
WORKED = 8


@dataclass(frozen=True)
class Thing:
    """One thing worth ten minutes.

    Attributes:
        kind: "cause", "rule" or "ready".
        title: The finding.
        words: What it means.
        evidence: What it rests on.
        skill: Id of the skill that can be put first or proposed.
        learners: Pseudonyms of those it is about.
        case: Id of a kind of case to go through together; empty if there is none.
        place: Of a rule: its jurisdiction.
        since: Of a rule: its first day.
        instrument: Of a rule: the legal text.
        source: Of a rule: where it can be read; empty if that is not known.
    """

    kind: str
    title: str
    words: str
    evidence: str
    skill: str
    learners: tuple[str, ...]
    case: str = ""
    place: str = ""
    since: str = ""
    instrument: str = ""
    source: str = ""


@dataclass(frozen=True)
class Bar:
    """One bar: name, the skill beside it, how many learners, of how many, and its width."""

    name: str
    skill: str
    count: int
    of: int
    width: str


@dataclass(frozen=True)
class Causes:
    """The causes of a week.

    Attributes:
        bars: The most frequent first.
        practised: Learners who practised cases or exams.
        other: Answers that were not right; those where the learner asked to see the answer are none of them.
        unknown: How many of those have no known cause.
        shown: How often an answer was asked for instead.
        more: Causes that are not drawn.
    """

    bars: list[Bar]
    practised: int
    other: int
    unknown: int
    shown: int
    more: int


@dataclass(frozen=True)
class Brief:
    """The brief.

    Attributes:
        learners: How many it is about.
        active: How many of them answered something lately.
        answers: How many answers they gave lately.
        private: How many keep what they do to themselves.
        pending: Of how many the sums are still being made.
        behind: Of how many the levels lack the newest answers.
        things: At most three.
        hands: Who may want a hand, who has waited longest first.
        unshown: How many more there are.
        causes: Named in practice lately.
        worked: What was worked on lately: skill, learners, answers.
    """

    learners: int
    active: int
    answers: int
    private: int
    pending: int
    behind: int
    things: list[Thing]
    hands: list[Hand]
    unshown: int
    causes: Causes
    worked: list[Bar]


def brief(known: Known, catalog: Catalog, *, language: str, say: Say, now: float) -> Brief:
    """Make the brief.

    Args:
        known: Of the class.
        catalog: The course's.
        language: "en" or "zh".
        say: Of the language.
        now: Seconds since the epoch.
    """
    frame = Frame(known, catalog, language, say, now)
    opened = frame.open()
    counts = {learner: _lately(deeds, frame.since) for learner, deeds in opened}
    practised = lately.practised(frame, {learner for learner, _ in opened})
    waiting = hands.hands(frame, opened, practised)
    everybody = [known.deeds[one.learner] for one in known.members]
    return Brief(
        learners=len(known.members),
        active=sum(bool(found) for found in counts.values()),
        answers=sum(sum(found.values()) for found in counts.values()),
        private=sum(not deeds.shared for deeds in everybody),
        pending=sum(deeds.shared and not deeds.counted for deeds in everybody),
        behind=sum(deeds.shared and deeds.counted and deeds.behind for deeds in everybody),
        things=[one for one in (_cause(frame, practised), _rule(frame, opened), _ready(frame, opened)) if one],
        hands=waiting[: hands.ROWS],
        unshown=sum(len(hand.learners) for hand in waiting[hands.ROWS :]),
        causes=_causes(frame, practised),
        worked=_worked(frame, counts),
    )


# Practice lately


def _named(days: Sequence[Day]) -> Counter[str]:
    """How often each cause was named to a learner."""
    found: Counter[str] = Counter()
    for day in days:
        for tally in day.steps.values():
            found.update(tally.causes or {})
    return found


def _causes(frame: Frame, practised: Mapping[str, Sequence[Day]]) -> Causes:
    tallies = [tally for days in practised.values() for day in days for tally in day.steps.values()]
    ranked = _ranked(frame, practised)
    bars = [
        Bar(
            frame.catalog.misconceptions[cause].name[frame.language],
            frame.skill(frame.catalog.misconceptions[cause].skill),
            len(learners),
            len(practised),
            f"{100 * len(learners) / len(practised):.1f}%",
        )
        for cause, learners, _ in ranked[:CAUSES]
    ]
    return Causes(
        bars=bars,
        practised=len(practised),
        other=sum(tally.other for tally in tallies),
        unknown=sum((tally.causes or {}).get(tries.UNKNOWN, 0) for tally in tallies),
        shown=sum(tally.shown for tally in tallies),
        more=len(ranked) - len(bars),
    )


def _ranked(frame: Frame, practised: Mapping[str, Sequence[Day]]) -> list[tuple[str, tuple[str, ...], int]]:
    """Causes of the catalog, with the learners they were named to and in how many answers; the most learners first."""
    named = {learner: _named(days) for learner, days in practised.items()}
    answers: Counter[str] = Counter()
    for found in named.values():
        answers.update(found)
    listed = [
        (cause, tuple(sorted(learner for learner, found in named.items() if found[cause])), count)
        for cause, count in answers.items()
        if cause in frame.catalog.misconceptions
    ]
    return sorted(listed, key=lambda one: (-len(one[1]), -one[2], one[0]))


# Three things worth ten minutes


def _cause(frame: Frame, practised: Mapping[str, Sequence[Day]]) -> Thing | None:
    ranked = _ranked(frame, practised)
    if not ranked:
        return None
    cause, learners, answers = ranked[0]
    found = frame.catalog.misconceptions[cause]
    kinds = {
        tally.activity
        for days in practised.values()
        for day in days
        for tally in day.steps.values()
        if cause in (tally.causes or {})
    }
    kind = practice.of_skill(found.skill)
    say = frame.say
    return Thing(
        kind="cause",
        title=say("brief.cause.title", part=len(learners), all=len(practised), cause=found.name[frame.language]),
        words=say("brief.cause.words", skill=frame.skill(found.skill)),
        evidence=say("brief.cause.evidence", answers=_count(say, "brief.answers", answers), count=len(kinds)),
        skill=found.skill,
        learners=learners,
        case="" if kind is None else kind.id,
    )


def _rule(frame: Frame, opened: Sequence[tuple[str, Deeds]]) -> Thing | None:
    """The rule and skill of which most learners' newest evidence is older than the rule."""
    best: Thing | None = None
    for rule in rules.on(frame.catalog, frame.day):
        begun = heat.moment(rule.valid_from)
        for skill in rule.affects:
            stale = tuple(learner for learner, deeds in opened if _older(deeds, skill, begun))
            if len(stale) > (len(best.learners) if best else 0):
                kind = practice.of_skill(skill)
                best = Thing(
                    kind="rule",
                    title=frame.say("brief.rule.title", count=len(stale), skill=frame.skill(skill)),
                    words=rule.statement[frame.language],
                    evidence=frame.say("brief.rule.evidence"),
                    skill=skill,
                    learners=stale,
                    case="" if kind is None else kind.id,
                    place=rule.jurisdiction,
                    since=rule.valid_from.isoformat(),
                    instrument=rule.instrument,
                    source=rule.source[0] if rule.source else "",
                )
    return best


def _older(deeds: Deeds, skill: str, begun: int) -> bool:
    state = deeds.skills.get(skill)
    return state is not None and state.last < begun


def _ready(frame: Frame, opened: Sequence[tuple[str, Deeds]]) -> Thing | None:
    """The skill that most learners could take early: all before it is there, and one of that is behind them."""
    catalog = frame.catalog
    trained = {item.skills[0] for item in catalog.items.values()}
    best: tuple[str, ...] = ()
    chosen = ""
    for name in graph.order(catalog):
        needed = catalog.skills[name].prerequisites
        if not needed or name not in trained:
            continue
        ready = tuple(learner for learner, deeds in opened if _past(deeds, needed, name))
        if len(ready) > len(best):
            best, chosen = ready, name
    if not chosen:
        return None
    known = dict(opened)
    behind = Counter(
        one for learner in best for one in catalog.skills[chosen].prerequisites if _strong(known[learner], one)
    )
    passed = max(catalog.skills[chosen].prerequisites, key=lambda one: behind[one])
    return Thing(
        kind="ready",
        title=frame.say("brief.ready.title", count=len(best), skill=frame.skill(passed)),
        words=frame.say("brief.ready.words", skill=frame.skill(chosen)),
        evidence=frame.say("brief.ready.evidence"),
        skill=chosen,
        learners=best,
    )


def _past(deeds: Deeds, needed: Sequence[str], name: str) -> bool:
    return (
        any(_strong(deeds, one) for one in needed)
        and all(lately.level(deeds, one) >= lately.SURE for one in needed)
        and lately.level(deeds, name) < lately.SURE
    )


def _strong(deeds: Deeds, skill: str) -> bool:
    state = deeds.skills.get(skill)
    return state is not None and state.level is not None and state.level >= STRONG and (state.low or 0.0) > lately.SURE


# What was worked on


def _lately(deeds: Deeds, since: str) -> Counter[str]:
    """Answers by skill."""
    found: Counter[str] = Counter()
    for day, counts in deeds.days.items():
        if day >= since:
            found.update(counts)
    return found


def _worked(frame: Frame, counts: Mapping[str, Counter[str]]) -> list[Bar]:
    answers: Counter[str] = Counter()
    learners: Counter[str] = Counter()
    for found in counts.values():
        answers.update(found)
        learners.update(found.keys())
    most = sorted(answers, key=lambda skill: (-answers[skill], skill))[:WORKED]
    top = max((answers[skill] for skill in most), default=1)
    return [
        Bar(frame.skill(skill), "", learners[skill], answers[skill], f"{100 * answers[skill] / top:.1f}%")
        for skill in most
    ]


def _count(say: Say, id_: str, count: int) -> str:
    return say(id_, count=count)
