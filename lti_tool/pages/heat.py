"""The heat map of a class, learners by skills, and the evidence behind one cell of it: pure. Floor 3.

A cell shows the level that the learner's own page shows, rounded down: what is reached. Under three answers it says
that there is not enough data yet.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from math import isnan

import numpy as np

from curriculum import graph, rules
from curriculum.catalog import Catalog, Rule
from lti_tool import figures
from lti_tool.pages import lately, meter
from lti_tool.pages.meter import Meter
from lti_tool.roster.deeds import Deeds
from lti_tool.texts import NBSP, Say
from recommender.interactions import Interactions
from recommender.profile import SkillState

COLUMNS = 12
"""Skills of one map: what a wide screen shows."""
NEWEST = 20
"""Answers listed behind a cell."""


@dataclass(frozen=True)
class Cell:
    """One learner and one skill.

    Attributes:
        text: The level 0 to 5, or "?".
        look: Class of the cell.
        label: Level, likely range and answers in words, or what is missing.
        skill: Id of the skill.
    """

    text: str
    look: str
    label: str
    skill: str


@dataclass(frozen=True)
class Heat:
    """The map.

    Attributes:
        topic: Id of the area.
        name: Its name.
        topics: Id and name of every area with skills, in the order of the catalog.
        columns: Name of each skill, prerequisites first.
        rows: Pseudonym of the learner, and their cells; no cells of one who keeps it to themselves or is not counted.
        more: How many skills of the topic are not shown.
    """

    topic: str
    name: str
    topics: list[tuple[str, str]]
    columns: list[str]
    rows: list[tuple[str, list[Cell]]]
    more: int


@dataclass(frozen=True)
class Answer:
    """One answer behind a cell: the day, the item, whether it was right, and its place in the record store."""

    day: str
    item: str
    right: bool
    seq: int


@dataclass(frozen=True)
class Evidence:
    """What is behind a cell.

    Attributes:
        skill: Id of the skill.
        name: Its name.
        area: Name of its area.
        meter: The estimate, as the learner's own page draws it.
        answers: How many there are.
        right: How many of them were right.
        last: Day of the newest; empty without any.
        newest: The newest answers, the newest first.
        laws: Rules that hold since after the newest answer: place, day, statement, instrument, address.
        before: Names of what has to be learnt before, each with its level in words.
    """

    skill: str
    name: str
    area: str
    meter: Meter
    answers: int
    right: int
    last: str
    newest: list[Answer]
    laws: list[tuple[str, str, str, str, str]]
    before: list[tuple[str, str]]


def topic(catalog: Catalog, asked: str, deeds: Sequence[Deeds], now: float) -> str:
    """The area to show: what was asked for, else the one with most answers lately, else with most answers ever.

    Args:
        catalog: The course's.
        asked: Id of an area; what is none is as if nothing was asked.
        deeds: Of the learners.
        now: Seconds since the epoch.
    """
    there = _topics(catalog)
    if asked in there:
        return asked
    counts, ever = np.zeros(len(catalog.skills), np.int64), np.zeros(len(catalog.skills), np.int64)
    for one in deeds:
        if one.shared and one.counted:
            counts += lately.answered(one, now)
            ever += one.skills["answers"]
    order = {area: (0, 0, -place) for place, area in enumerate(there)}
    for skill, new, old in zip(catalog.skills.values(), counts.tolist(), ever.tolist(), strict=True):
        before = order[skill.area]
        order[skill.area] = (before[0] + new, before[1] + old, before[2])
    return max(order, key=order.__getitem__, default="")


def heat(
    catalog: Catalog,
    area: str,
    learners: Sequence[str],
    deeds: Mapping[str, Deeds],
    *,
    day: date,
    language: str,
    say: Say,
) -> Heat:
    """Draw the map.

    Args:
        catalog: The course's.
        area: Id of the area that is the topic.
        learners: Pseudonyms, in the order of the rows.
        deeds: Of each.
        day: Today: what rules hold.
        language: "en" or "zh".
        say: Of the language.
    """
    inside = [name for name in graph.order(catalog) if catalog.skills[name].area == area]
    shown = inside[:COLUMNS]
    since = {name: changed(catalog, name, day) for name in shown}
    names = {name: catalog.skills[name].name[language] for name in shown}
    places = [catalog.skill_index[name] for name in shown]
    rows = []
    for learner in learners:
        one = deeds[learner]
        cells = []
        if one.shared and one.counted:
            stands = one.skills[places].tolist()
            cells = [
                _cell(stand, name, names[name], since[name], say) for stand, name in zip(stands, shown, strict=True)
            ]
        rows.append((learner, cells))
    topics = _topics(catalog)
    return Heat(
        topic=area,
        name=catalog.areas[area].name[language] if area else "",
        topics=[(id_, catalog.areas[id_].name[language]) for id_ in topics],
        columns=list(names.values()),
        rows=rows,
        more=len(inside) - len(shown),
    )


def evidence(
    catalog: Catalog,
    history: Interactions,
    states: Mapping[str, SkillState],
    skill: str,
    *,
    target: int | None,
    day: date,
    language: str,
    say: Say,
) -> Evidence:
    """What is behind a cell.

    Args:
        catalog: The course's.
        history: The learner's interactions.
        states: State of every skill, as the profile has it.
        skill: Id of the skill.
        target: The level that the learner's goal asks for, or None.
        day: Today.
        language: "en" or "zh".
        say: Of the language.
    """
    state, items = states[skill], list(catalog.items.values())
    name = catalog.skills[skill].name[language]
    found = [
        Answer(_day_of(when), _item(catalog, items[item].id, language), correct > 0.5, seq)
        for item, when, correct, seq in zip(
            history.item.tolist(), history.when.tolist(), history.correct.tolist(), history.seq.tolist(), strict=True
        )
        if skill in items[item].skills
    ]
    laws = [
        (
            rule.jurisdiction,
            rule.valid_from.isoformat(),
            rule.statement[language],
            rule.instrument,
            next(iter(rules.addresses(rule)), ""),
        )
        for rule in _newer(catalog, skill, state.last, day)
    ]
    before = [
        (catalog.skills[one].name[language], words(states[one].level, states[one].low, states[one].high, say))
        for one in catalog.skills[skill].prerequisites
    ]
    return Evidence(
        skill=skill,
        name=name,
        area=catalog.areas[catalog.skills[skill].area].name[language],
        meter=meter.of_skill(state, name, target, say),
        answers=state.answers,
        right=state.right,
        last="" if state.last is None else _day_of(state.last),
        newest=found[::-1][:NEWEST],
        laws=laws,
        before=before,
    )


def words(level: float | None, low: float | None, high: float | None, say: Say) -> str:
    """A level in words, or that there is not enough data yet."""
    if level is None or low is None or high is None:
        return say("heat.none")
    return say("heat.level", level=figures.level(level), low=figures.level(low), high=figures.level(high))


def range_(stand: np.void) -> tuple[float | None, float | None, float | None]:
    """Level, low and high of one of `columns.STAND`; None where there is not enough data yet."""
    level, low, high = (float(stand[name]) for name in ("level", "low", "high"))
    return (None, None, None) if isnan(level) else (level, low, high)


def changed(catalog: Catalog, skill: str, day: date) -> int:
    """When the newest rule that holds and changes a skill began, microseconds since 1970; 0 if there is none."""
    return max((moment(rule.valid_from) for rule in rules.affecting(catalog, skill, day)), default=0)


def moment(day: date) -> int:
    """The beginning of a day (UTC), microseconds since 1970."""
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()) * 1_000_000


_Stand = tuple[int, int, int, float, float, float]
"""As `columns.STAND` has it: answers, right, last, level, low, high."""


def _cell(stand: _Stand, skill: str, name: str, since: int, say: Say) -> Cell:
    answers, _, last, level, low, high = stand
    mark, rule = (" old", say("heat.old")) if 0 < last < since else ("", "")
    if isnan(level):
        return Cell("?", f"hna{mark}", say("heat.cell.none", name=name, count=answers) + rule, skill)
    reached = int(float(figures.level(level)))  # of the level as it is shown, so that the two never differ
    label = say("heat.cell", name=name, level=words(level, low, high, say), count=answers)
    return Cell(str(reached), f"h{reached}{mark}", label + rule, skill)


def _newer(catalog: Catalog, skill: str, last: int | None, day: date) -> list[Rule]:
    if last is None:
        return []
    return [rule for rule in rules.affecting(catalog, skill, day) if last < moment(rule.valid_from)]


def _topics(catalog: Catalog) -> list[str]:
    used = {skill.area for skill in catalog.skills.values()}
    return [area for area in catalog.areas if area in used]


def _item(catalog: Catalog, item: str, language: str) -> str:
    one = catalog.items[item]
    return (one.name or catalog.skills[one.skills[0]].name)[language]


def _day_of(when: int) -> str:
    return datetime.fromtimestamp(when / 1e6, UTC).strftime("%Y-%m-%d").replace(" ", NBSP)
