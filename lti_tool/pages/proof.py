"""The page "Statements behind a number": what was recorded, when, and what came of it; pure. Floor 3.

Every number of the profile leads here. What is shown is what the number was computed from, newest first.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite

from lti_tool import figures, texts
from lti_tool.advice import Advice
from lti_tool.pages import gauge, reasons, view
from lti_tool.texts import Say
from recommender import background, indicators, verbs
from recommender.measures import Measure
from recommender.profile import Profile

MOST = 200
"""Statements that are listed."""
SKILL, WAY = "skill:", "way:"


@dataclass(frozen=True)
class Row:
    """One statement: the day, the activity, what came of it, and how long it took, all in words."""

    when: str
    what: str
    result: str
    took: str


@dataclass(frozen=True)
class Page:
    """The whole page.

    Attributes:
        key: Of the number.
        name: Of the number.
        value: As shown; empty without enough data.
        note: Its likely range, and how much it rests on.
        method: How it was computed.
        rows: The newest first.
        more: How many older ones are not listed.
    """

    key: str
    name: str
    value: str
    note: str
    method: str
    rows: list[Row]
    more: int


def key(measure: Measure) -> str:
    """What names a number of the profile in a form; empty where no statement of the store is behind it."""
    return measure.method if measure.seqs else ""


def numbers(profile: Profile) -> Mapping[str, Measure]:
    """The numbers of a profile that have statements, but for levels, by key."""
    ability, found = profile.ability, profile.indicators
    listed = [ability.first_try, ability.within, ability.put_right, ability.unaided, *ability.kinds.values()]
    listed += [one for name in indicators.DIMENSIONS for one in found.of(name)]
    listed += [found.growth, profile.goals.kept]
    named = {key(measure): measure for measure in listed}
    named |= {WAY + way: measure for way, measure in profile.ways.effects.items() if measure.seqs}
    return {name: measure for name, measure in named.items() if name}


def page(advice: Advice, asked: str, language: str) -> Page | None:
    """Build the page; None where there is no such number.

    Args:
        advice: What is known.
        asked: Key of the number: `SKILL` and an id, `WAY` and a way, or that of a measure.
        language: "en" or "zh".
    """
    say = texts.speaker(language)
    if asked.startswith(SKILL):
        return _of_skill(advice, asked, language, say)
    measure = numbers(advice.profile).get(asked)
    if measure is None:
        return None
    name = say(f"way.{asked.removeprefix(WAY)}") if asked.startswith(WAY) else say(f"measure.{measure.method}")
    drawn = gauge.of(measure, name, say, gauge.usual(measure))
    rows = _rows(advice, measure.seqs, language, say)
    method = say(f"method.{measure.method}")
    return Page(asked, name, drawn.value, drawn.note, method, rows[:MOST], len(rows) - len(rows[:MOST]))


def _of_skill(advice: Advice, asked: str, language: str, say: Say) -> Page | None:
    state = advice.profile.knowledge.get(asked.removeprefix(SKILL))
    if state is None:
        return None
    shown = view.skills(advice, language, say)[state.skill]
    rows = _rows(advice, state.seqs, language, say)
    method = say(f"proof.how.{advice.profile.basis}") if state.level is not None else say("story.note.few")
    if state.level is None and advice.moved and isfinite(state.believed):
        # A number that rests on what they said of themselves says so; a level never does.
        before = background.moved(state.believed, -advice.moved)
        method = say("proof.said", what=method, percent=figures.share(state.believed), before=figures.share(before))
    more = len(rows) - len(rows[:MOST])
    return Page(asked, shown.name, "", shown.meter.words, method, rows[:MOST], more)


def _rows(advice: Advice, seqs: tuple[int, ...], language: str, say: Say) -> list[Row]:
    wanted = set(seqs)
    answers = _answers(advice, wanted, language, say)
    others = _others(advice, wanted - answers.keys(), language, say)
    return [row for _, row in sorted([*answers.values(), *others], key=lambda one: one[0], reverse=True)]


def _answers(advice: Advice, wanted: set[int], language: str, say: Say) -> dict[int, tuple[int, Row]]:
    """By place in the store: when, and the row of a graded answer."""
    history, items = advice.history, list(advice.catalog.items.values())
    columns = (history.seq, history.item, history.when, history.correct, history.seconds)
    found = {}
    for seq, item, when, correct, seconds in zip(*(column.tolist() for column in columns), strict=True):
        if seq in wanted:
            skill = advice.catalog.skills[items[item].skills[0]].name[language]
            name = items[item].name[language] if items[item].name else say("card.practice", name=reasons.short(skill))
            result = say("story.right" if correct > 0.5 else "story.differs")
            found[seq] = (when, Row(view.moment(when, language), name, result, _took(seconds, say)))
    return found


def _others(advice: Advice, wanted: set[int], language: str, say: Say) -> list[tuple[int, Row]]:
    """What was done besides graded answers."""
    done = advice.activities
    if done is None:
        return []
    columns = (done.seq, done.when, done.source, done.mode, done.skill, done.seconds)
    skills = list(advice.catalog.skills)
    found = []
    for seq, when, source, mode, skill, seconds in zip(*(column.tolist() for column in columns), strict=True):
        if seq not in wanted:
            continue
        way = say(f"way.{verbs.MODES[mode]}") if mode >= 0 else say(f"proof.source.{verbs.SOURCES[source]}")
        name = reasons.short(advice.catalog.skills[skills[skill]].name[language]) if skill >= 0 else ""
        what = say("proof.what", way=way, name=name) if name else way
        found.append((when, Row(view.moment(when, language), what, "–", _took(seconds, say))))
    return found


def _took(seconds: float, say: Say) -> str:
    return say("proof.took", seconds=round(seconds)) if isfinite(seconds) else "–"
