"""When and how long a learner works: sittings, hours a week, regularity, time of day, spacing, mix of ways. Floor 2.

Habits are told, never judged: none of them enters an estimate or a grade.
"""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from math import atan2, cos, hypot, log, nan, pi, sin, sqrt
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt

from curriculum.catalog import Catalog
from recommender import measures, verbs
from recommender.activities import Activities
from recommender.interactions import Interactions
from recommender.measures import Measure

SECOND = 10**6
PAUSE = 30 * 60 * SECOND  # a longer one ends a sitting
LONGEST = 600.0  # seconds that a statement without a duration may count until the next one
ALONE = 60.0  # seconds that the last statement of a sitting counts without a duration
WEEK = 7 * 86400 * SECOND
WEEKS = 8
SITTINGS = 5  # for a habit to be told


@dataclass(frozen=True, eq=False)
class Events:
    """What one learner did, in time order.

    Attributes:
        when: int64 [n], microseconds since 1970 UTC.
        seq: int64 [n], place in the store; -1 where it is not from one.
        mode: int8 [n], index in `verbs.MODES`; -1 without one.
        skill: int32 [n], column of the main skill; -1 where nobody knows it.
        seconds: float64 [n], as stated; nan where nobody said.
        asked: bool [n], a question, a comment or an answer with hints.
        source: int8 [n], index in `verbs.SOURCES`; of a graded answer that of answers.
        row: int64 [n], row of the history of a graded answer; -1 for everything else.
    """

    when: npt.NDArray[np.int64]
    seq: npt.NDArray[np.int64]
    mode: npt.NDArray[np.int8]
    skill: npt.NDArray[np.int32]
    seconds: npt.NDArray[np.float64]
    asked: npt.NDArray[np.bool_]
    source: npt.NDArray[np.int8]
    row: npt.NDArray[np.int64]


@dataclass(frozen=True)
class Rhythm:
    """Habits of a learner.

    Attributes:
        hours: Hours a week, mean of the last `WEEKS` whole weeks, or of those since the beginning.
        weekly: Hours of each of these weeks, the newest last.
        regular: Share of these weeks with any work.
        hour: Typical hour of the day, 0..24, on the learner's clock; the range is of that mean and may pass midnight.
        gap: Days between sittings, mean.
        sitting: Minutes of a sitting, mean.
        mix: Share of activities by way of learning.
        help: Share of answers, questions and comments that asked for help.
    """

    hours: Measure
    weekly: tuple[float, ...]
    regular: Measure
    hour: Measure
    gap: Measure
    sitting: Measure
    mix: Mapping[str, Measure]
    help: Measure


def events(history: Interactions, activities: Activities | None, catalog: Catalog) -> Events:
    """Put side by side what is known of one learner: each statement once.

    Args:
        history: Graded answers.
        activities: Everything, graded or not; None: only the answers are known.
        catalog: Gives the main skill of each item, and its way of learning where no activity tells another.

    Returns:
        Events.
    """
    answers = verbs.SOURCES.index("answers")
    skills, modes = mains(catalog), _modes(catalog)
    rows = len(history.item)
    columns: list[npt.NDArray[Any]] = [
        history.when,
        history.seq,
        modes[history.item],
        skills[history.item],
        history.seconds.astype(np.float64),
        history.hints > 0,
        np.full(rows, answers, np.int8),
        np.arange(rows),
    ]
    if activities is not None:
        place = {seq: row for row, seq in enumerate(activities.seq.tolist())}
        known = [place.get(seq, -1) for seq in history.seq.tolist()]
        told = np.array(known, np.int64)
        columns[2] = np.where(told >= 0, np.append(activities.mode, np.int8(0))[told], columns[2])
        others = np.ones(len(activities.seq), np.bool_)
        others[[row for row in known if row >= 0]] = False
        asked = activities.source == verbs.SOURCES.index("questions")
        more = (
            activities.when,
            activities.seq,
            activities.mode,
            activities.skill,
            activities.seconds.astype(np.float64),
            asked,
            activities.source,
            np.full(len(activities.seq), -1),
        )
        columns = [np.concatenate([one, two[others]]) for one, two in zip(columns, more, strict=True)]
    order = np.lexsort((columns[1], columns[0]))
    return Events(*(column[order] for column in columns))


@functools.lru_cache(maxsize=64)
def mains(catalog: Catalog) -> npt.NDArray[np.int32]:
    """Column of the main skill of each item, int32 [items]."""
    return np.array([catalog.skill_index[item.skills[0]] for item in catalog.items.values()], np.int32)


@functools.lru_cache(maxsize=64)
def _modes(catalog: Catalog) -> npt.NDArray[np.int8]:
    return np.array([verbs.MODES.index(item.mode) for item in catalog.items.values()], np.int8)


def rhythm(made: Events, now: datetime, zone: tzinfo = UTC) -> Rhythm:
    """Tell the habits behind some events.

    Args:
        made: Of one learner, none later than `now`.
        now: The moment of asking.
        zone: Where the learner's clock is.
    """
    seconds = spent(made)
    sitting = sittings(made)
    weekly, seqs = _weeks(made, seconds, now)
    starts = np.flatnonzero(np.diff(sitting, prepend=-1)) if len(sitting) else np.zeros(0, np.int64)
    begun, first = made.when[starts], made.seq[starts].tolist()
    lengths = np.bincount(sitting, weights=seconds) / 60.0 if len(sitting) else np.zeros(0)
    gaps = (np.diff(begun) / (86400.0 * SECOND)).tolist()
    helping = np.isin(made.source, [verbs.SOURCES.index("answers"), verbs.SOURCES.index("questions")])
    return Rhythm(
        hours=measures.mean("rhythm.hours", weekly, seqs, "hours/week", needed=2),
        weekly=tuple(weekly),
        regular=measures.share("rhythm.regular", [hours > 0 for hours in weekly], seqs),
        hour=_hour(begun, first, zone),
        gap=measures.mean("rhythm.gap", gaps, first, "days", needed=SITTINGS - 1),
        sitting=measures.mean("rhythm.sitting", lengths.tolist(), first, "minutes", needed=SITTINGS),
        mix=_mix(made),
        help=measures.share("rhythm.help", made.asked[helping].tolist(), made.seq[helping].tolist(), SITTINGS),
    )


def sittings(made: Events) -> npt.NDArray[np.int64]:
    """Number of the sitting of each event, from 0; int64 [n]."""
    return np.cumsum(np.diff(made.when, prepend=made.when[:1]) > PAUSE)


def spent(made: Events) -> npt.NDArray[np.float64]:
    """Seconds of each event: as stated, else until the next one of the sitting, at most `LONGEST`; float64 [n]."""
    until = np.diff(made.when, append=made.when[-1:]) / SECOND
    last = np.diff(sittings(made), append=-1) != 0
    guessed = np.where(last, ALONE, np.minimum(until, LONGEST))
    return np.where(np.isnan(made.seconds), guessed, made.seconds)


def study(made: Events) -> Mapping[str, Measure]:
    """Tell what was recorded of each of `verbs.SOURCES`: minutes of time, else how many statements.

    Args:
        made: Of one learner.
    """
    found = {}
    for number, source in enumerate(verbs.SOURCES):
        here = made.source == number
        seqs = made.seq[here].tolist()
        method = f"study.{source}"
        if not here.any():
            found[source] = measures.unknown(method, 0, 1, unit="count")
        elif source == "time":
            minutes = float(np.nansum(made.seconds[here])) / 60.0
            found[source] = Measure(method, minutes, minutes, minutes, len(seqs), 0, measures.stored(seqs), "minutes")
        else:
            count = float(here.sum())
            found[source] = Measure(method, count, count, count, len(seqs), 0, measures.stored(seqs), "count")
    return MappingProxyType(found)


def _weeks(made: Events, seconds: npt.NDArray[np.float64], now: datetime) -> tuple[list[float], list[int]]:
    """Hours of each of the last weeks since the beginning, the newest last, and the statements behind them.

    Behind idle weeks stands the last statement before them.
    """
    if not len(made.when):
        return [], []
    back = (int(now.timestamp() * 1e6) - made.when) // WEEK
    number = min(WEEKS, int(back[0]) + 1)
    recent = back < number
    hours = np.bincount(back[recent], weights=seconds[recent], minlength=number) / 3600.0
    return hours[::-1].tolist(), (made.seq[recent] if recent.any() else made.seq[-1:]).tolist()


def _hour(begun: npt.NDArray[np.int64], seqs: list[int], zone: tzinfo) -> Measure:
    """Mean on the circle of 24 hours (Fisher, Statistical Analysis of Circular Data, 1993, 2.3 and 4.4)."""
    if len(begun) < SITTINGS:
        return measures.unknown("rhythm.hour", len(begun), SITTINGS, seqs, "hour")
    angles = []
    for moment in begun.tolist():
        local = datetime.fromtimestamp(moment / SECOND, UTC).astimezone(zone)
        angles.append((local.hour + local.minute / 60.0 + local.second / 3600.0) * pi / 12.0)
    east, north = sum(map(cos, angles)) / len(angles), sum(map(sin, angles)) / len(angles)
    length = min(hypot(east, north), 1.0)
    value = atan2(north, east) * 12.0 / pi % 24.0
    spread = sqrt(max(-2.0 * log(length), 0.0) / len(angles)) * 12.0 / pi if length > 1e-9 else nan
    if not spread < 4.0:  # spread all over the day: no hour is typical
        return measures.unknown("rhythm.hour", len(begun), len(begun) + SITTINGS, seqs, "hour")
    return measures.normal("rhythm.hour", value, spread, seqs, "hour", count=len(begun))


def _mix(made: Events) -> Mapping[str, Measure]:
    """Share of each way among the activities that are of one."""
    of_a_way = made.mode >= 0
    modes, seqs = made.mode[of_a_way], made.seq[of_a_way]
    counted = Counter(modes.tolist())
    return MappingProxyType(
        {
            verbs.MODES[mode]: measures.share(
                "rhythm.mix", (modes == mode).tolist(), seqs[modes == mode].tolist(), SITTINGS
            )
            for mode in sorted(counted)
        }
    )
