"""The brief before a class: three things worth ten minutes, causes, what was worked on; with `hands`. Floor 3.

Pure. Only what learners did, never who they are; ordered by how long they have been waiting, never by rank. Every count
is of learners who let the institution look at what they do.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from curriculum import bank, graph, rules
from curriculum.catalog import Catalog, Rule
from lti_tool import exercises, tries
from lti_tool.pages import hands, heat, lately
from lti_tool.pages.hands import Hand
from lti_tool.pages.lately import Frame, Known
from lti_tool.texts import Say

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
        case: An activity of practice to go through together; empty if there is none.
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
    waiting, unshown = hands.hands(frame)
    everybody = [known.deeds[one.learner] for one in known.members]
    ranked = _ranked(frame)
    return Brief(
        learners=len(known.members),
        active=int((frame.counts.sum(axis=1) > 0).sum()),
        answers=int(frame.counts.sum()),
        private=sum(not deeds.shared for deeds in everybody),
        pending=sum(deeds.shared and not deeds.counted for deeds in everybody),
        behind=sum(deeds.shared and deeds.counted and deeds.behind for deeds in everybody),
        things=[one for one in (_cause(frame, ranked), _rule(frame), _ready(frame)) if one],
        hands=waiting,
        unshown=unshown,
        causes=_causes(frame, ranked),
        worked=_worked(frame),
    )


# Practice lately


@dataclass(frozen=True)
class _Cause:
    """A cause of the catalog: to whom it was named, in how many answers, and in what they practised."""

    id: str
    learners: tuple[str, ...]
    answers: int
    activities: frozenset[str]


def _ranked(frame: Frame) -> list[_Cause]:
    """The causes that were named, the one of most learners first."""
    learners: dict[str, list[str]] = {}
    activities: dict[str, set[str]] = {}
    answers: Counter[str] = Counter()
    for learner, tallies in frame.practised.items():
        for tally in tallies:
            for cause, number in tally.causes.items():
                if bank.misconception(frame.catalog, cause) is not None:
                    answers[cause] += number
                    activities.setdefault(cause, set()).add(tally.activity)
                    listed = learners.setdefault(cause, [])
                    if not listed or listed[-1] != learner:
                        listed.append(learner)
    found = [_Cause(one, tuple(listed), answers[one], frozenset(activities[one])) for one, listed in learners.items()]
    return sorted(found, key=lambda one: (-len(one.learners), -one.answers, one.id))


def _causes(frame: Frame, ranked: Sequence[_Cause]) -> Causes:
    tallies = [tally for listed in frame.practised.values() for tally in listed]
    practised = len(frame.practised)
    bars = []
    for one in ranked[:CAUSES]:
        cause, count = bank.misconception(frame.catalog, one.id), len(one.learners)
        width = f"{100 * count / practised:.1f}%"
        if cause is not None:
            bars.append(Bar(cause.name[frame.language], frame.skill(cause.skill), count, practised, width))
    return Causes(
        bars=bars,
        practised=practised,
        other=sum(tally.other for tally in tallies),
        unknown=sum(tally.causes.get(tries.UNKNOWN, 0) for tally in tallies),
        shown=sum(tally.shown for tally in tallies),
        more=len(ranked) - len(bars),
    )


# Three things worth ten minutes


def _cause(frame: Frame, ranked: Sequence[_Cause]) -> Thing | None:
    if not ranked:
        return None
    first, say = ranked[0], frame.say
    found = bank.misconception(frame.catalog, first.id)
    if found is None:  # pragma: no cover  # they are ranked because they are known
        return None
    return Thing(
        kind="cause",
        title=say(
            "brief.cause.title",
            part=len(first.learners),
            all=len(frame.practised),
            cause=found.name[frame.language],
        ),
        words=say("brief.cause.words", skill=frame.skill(found.skill)),
        evidence=say(
            "brief.cause.evidence", answers=say("brief.answers", count=first.answers), count=len(first.activities)
        ),
        skill=found.skill,
        learners=first.learners,
        case=exercises.of_skill(frame.catalog, found.skill),
    )


def _rule(frame: Frame) -> Thing | None:
    """The rule and skill of which most learners' newest evidence is older than the rule."""
    last, most = frame.stands["last"], 0
    found: tuple[Rule, str] | None = None
    for rule in rules.on(frame.catalog, frame.day):
        begun = heat.moment(rule.valid_from)
        for skill in rule.affects:
            column = last[:, frame.catalog.skill_index[skill]]
            count = int(((column > 0) & (column < begun)).sum())
            if count > most:
                most, found = count, (rule, skill)
    if found is None:
        return None
    rule, skill = found
    column = last[:, frame.catalog.skill_index[skill]]
    return Thing(
        kind="rule",
        title=frame.say("brief.rule.title", count=most, skill=frame.skill(skill)),
        words=rule.statement[frame.language],
        evidence=frame.say("brief.rule.evidence"),
        skill=skill,
        learners=frame.who((column > 0) & (column < heat.moment(rule.valid_from))),
        case=exercises.of_skill(frame.catalog, skill),
        place=rule.jurisdiction,
        since=rule.valid_from.isoformat(),
        instrument=rule.instrument,
        source=next(iter(rules.addresses(rule)), ""),
    )


def _ready(frame: Frame) -> Thing | None:
    """The skill that most learners could take early: all before it is there, and some of that is behind them."""
    catalog, index = frame.catalog, frame.catalog.skill_index
    level = lately.levels(frame.stands)
    strong = (level >= STRONG) & (np.nan_to_num(frame.stands["low"], nan=-1.0) > lately.SURE)
    trained = {item.skills[0] for item in catalog.items.values()}
    most, chosen, who = 0, "", np.zeros(len(frame.learners), np.bool_)
    for name in graph.order(catalog):
        before = [index[one] for one in catalog.skills[name].prerequisites]
        if not before or name not in trained:
            continue
        there = (level[:, before] >= lately.SURE).all(axis=1) & (level[:, index[name]] < lately.SURE)
        ready = there & strong[:, before].any(axis=1)
        if int(ready.sum()) > most:
            most, chosen, who = int(ready.sum()), name, ready
    if not chosen:
        return None
    passed = max(catalog.skills[chosen].prerequisites, key=lambda one: int(strong[who, index[one]].sum()))
    return Thing(
        kind="ready",
        title=frame.say("brief.ready.title", count=most, skill=frame.skill(passed)),
        words=frame.say("brief.ready.words", skill=frame.skill(chosen)),
        evidence=frame.say("brief.ready.evidence"),
        skill=chosen,
        learners=frame.who(who),
    )


def _worked(frame: Frame) -> list[Bar]:
    """What was worked on lately, the most first."""
    answers, learners = frame.counts.sum(axis=0), (frame.counts > 0).sum(axis=0)
    most = [place for place in np.argsort(-answers, kind="stable")[:WORKED].tolist() if answers[place]]
    names = list(frame.catalog.skills)
    return [
        Bar(
            frame.skill(names[place]),
            "",
            int(learners[place]),
            int(answers[place]),
            f"{100 * answers[place] / answers[most[0]]:.1f}%",
        )
        for place in most
    ]
