"""Indicators of knowledge, skill, attitude and learning ability. Floor 2.

Formative: they are for the learner and their instructor, and no grade rests on them unless an instructor says so. Each
is a `Measure` with its evidence; under the least evidence there is no value.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta, tzinfo
from math import exp, inf, sqrt
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

from curriculum.catalog import Catalog
from recommender import measures, rhythm, verbs
from recommender.interactions import Interactions
from recommender.measures import Measure
from recommender.rhythm import Events, Rhythm

WINDOW = timedelta(days=56)  # of what tells how somebody works now
RETURN = timedelta(days=7)  # to come back to a skill after an answer that was not right
OTHERS = 3  # learners whose times make a reference
LEVELS = 5.0
DIMENSIONS = MappingProxyType(
    {
        "knowledge": ("knowledge",),
        "skill": ("accuracy", "efficiency"),
        "attitude": ("regularity", "spacing", "persistence", "exchange"),
        "learning": ("growth",),
    }
)
KINDS = ("understanding", "application", "creation")


@dataclass(frozen=True, eq=False)
class Reference:
    """How long an item takes.

    Attributes:
        seconds: float64 [items]; nan where nobody knows.
        declared: bool [items], whether somebody declared it; else it is the median of other learners.
    """

    seconds: npt.NDArray[np.float64]
    declared: npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Work:
    """How a learner works, in the last `WINDOW`.

    Attributes:
        first_try: Share right at the first try.
        within: Share of right answers within the reference time.
        pace: Time taken against the reference time of right answers, geometric mean; 1 is as long, 2 twice as long.
        unaided: Share of answers without a hint, of those that say.
        put_right: Share of wrong answers that the next try put right, of those that were tried again.
        kinds: Share right by kind of evidence: "understanding", "application", "creation". Without any evidence it is
            not evidenced: no value, however well the others went.
    """

    first_try: Measure
    within: Measure
    pace: Measure
    unaided: Measure
    put_right: Measure
    kinds: Mapping[str, Measure]


@dataclass(frozen=True)
class Indicators:
    """The four dimensions; `DIMENSIONS` says which measure belongs to which.

    Attributes:
        knowledge: Mean chance of success over the skills with a level.
        accuracy: Share of right answers where a skill is applied (simulation, scene, project, event).
        efficiency: Of those right answers, mean of reference / (reference + time taken): .5 is the reference time.
        regularity: Share of weeks with any work.
        spacing: Share of returns to a skill that were on another day.
        persistence: Share of answers that were not right after which the learner came back to the skill in `RETURN`.
        exchange: Questions and comments a week.
        growth: Levels that an answer on a skill brought beyond what was expected of it; 0 is as expected.
    """

    knowledge: Measure
    accuracy: Measure
    efficiency: Measure
    regularity: Measure
    spacing: Measure
    persistence: Measure
    exchange: Measure
    growth: Measure

    def of(self, dimension: str) -> tuple[Measure, ...]:
        """The measures of one of `DIMENSIONS`."""
        return tuple(getattr(self, name) for name in DIMENSIONS[dimension])


def reference(
    interactions: Interactions,
    catalog: Catalog,
    *,
    declared: Mapping[str, float] = MappingProxyType({}),
    but: str | None = None,
) -> Reference:
    """Find how long items take: declared (here, or in the catalog), else the median over learners of their own median.

    Only right answers count.

    Args:
        interactions: Of many learners.
        catalog: The catalog.
        declared: Seconds by item id, where somebody said; goes before the catalog's minutes.
        but: Pseudonym of a learner to leave out, so that nobody is compared with themselves.
    """
    seconds = np.full(len(catalog.items), np.nan)
    said = np.zeros(len(catalog.items), np.bool_)
    timed = (interactions.seconds > 0) & (interactions.correct > 0.5)
    if but in interactions.learners:
        timed &= interactions.learner != interactions.learners.index(but)
    item, learner = interactions.item[timed], interactions.learner[timed]
    taken = interactions.seconds[timed].astype(np.float64)
    order = np.lexsort((taken, learner, item))
    item, learner, taken = item[order], learner[order], taken[order]
    new = np.flatnonzero(np.diff(item, prepend=-1) | np.diff(learner, prepend=-1))
    sizes = np.diff(np.append(new, len(item)))
    typical = (taken[new + (sizes - 1) // 2] + taken[new + sizes // 2]) / 2.0
    for one in np.unique(item).tolist():
        own = typical[item[new] == one]
        if len(own) >= OTHERS:
            seconds[one] = float(np.median(own))
    minutes = {item.id: 60.0 * item.minutes for item in catalog.items.values() if item.minutes is not None}
    for name, value in {**minutes, **declared}.items():
        seconds[catalog.item_index[name]] = value
        said[catalog.item_index[name]] = True
    return Reference(seconds, said)


def work(history: Interactions, modes: npt.NDArray[np.int8], known: Reference | None, now: datetime) -> Work:
    """Say how a learner works.

    Args:
        history: Their answers, n rows in time order.
        modes: int8 [n], way of learning of each answer, index in `verbs.MODES`.
        known: How long items take; None: nobody knows.
        now: The moment of asking.
    """
    recent = history.when > int((now - WINDOW).timestamp() * 1e6)
    right = history.correct > 0.5
    first, again = tries(history)
    seqs = history.seq
    said = recent & ~np.isnan(history.hints)
    ratio = _ratio(history, known)
    timed = np.flatnonzero(recent & right & ~np.isnan(ratio))
    slow = ratio[timed]
    followed = np.flatnonzero(recent & ~right & (again >= 0))
    return Work(
        first_try=_share("first_try", recent & first, right, seqs),
        within=measures.share("within", (slow <= 1.0).tolist(), seqs[timed].tolist()),
        pace=_pace(slow, seqs[timed].tolist()),
        unaided=_share("unaided", said, history.hints == 0, seqs),
        put_right=measures.share("put_right", right[again[followed]].tolist(), seqs[again[followed]].tolist()),
        kinds=MappingProxyType({kind: _share(f"kind.{kind}", which, right, seqs) for kind, which in kinds(modes)}),
    )


def kinds(modes: npt.NDArray[np.int8]) -> list[tuple[str, npt.NDArray[np.bool_]]]:
    """Which answers show that somebody understands, applies or creates (Anderson and Krathwohl's Bloom levels).

    Args:
        modes: int8 [n], index in `verbs.MODES`.

    Returns:
        (kind, bool [n]) for each of `KINDS`.
    """
    use, created = applied(modes), np.isin(modes, [verbs.MODES.index(mode) for mode in verbs.CREATED])
    return list(zip(KINDS, (~use, use & ~created, created), strict=True))


def applied(modes: npt.NDArray[np.int8]) -> npt.NDArray[np.bool_]:
    """Whether a skill is applied there, bool [n]."""
    return np.isin(modes, [verbs.MODES.index(mode) for mode in verbs.APPLIED])


def indicators(
    history: Interactions,
    made: Events,
    habits: Rhythm,
    *,
    skills: npt.NDArray[np.int32],
    used: npt.NDArray[np.bool_],
    everything: bool,
    known: Reference | None,
    mastered: Sequence[tuple[float, float, tuple[int, ...]]],
    expected: npt.NDArray[np.float64],
    now: datetime,
    zone: tzinfo = UTC,
) -> Indicators:
    """Make the indicators of one learner.

    Args:
        history: Their answers, n rows in time order.
        made: All events.
        habits: Of these events.
        skills: int32 [n], column of the main skill of each answer.
        used: bool [n], answers where a skill is applied.
        everything: Whether the events tell more than the answers; else nobody knows of questions.
        known: How long items take.
        mastered: (mastery, spread, places of the evidence) of each skill that has a level.
        expected: float64 [n], chance of a right answer that was expected of each answer from those before; nan for a
            first answer on a skill.
        now: The moment of asking.
        zone: Where the learner's clock is.
    """
    right, seqs = history.correct > 0.5, history.seq
    ratio = _ratio(history, known)
    quick = np.flatnonzero(used & right & ~np.isnan(ratio))
    efficient = (1.0 / (1.0 + ratio[quick])).tolist()
    back = _returns(history, skills, zone, now)
    return Indicators(
        knowledge=_knowledge(mastered),
        accuracy=_share("accuracy", used, right, seqs),
        efficiency=_bounded(measures.mean("efficiency", efficient, seqs[quick].tolist(), "share")),
        regularity=habits.regular,
        spacing=measures.share("spacing", back.other_day, seqs[back.rows].tolist(), rhythm.SITTINGS),
        persistence=measures.share("persistence", back.came, seqs[back.missed].tolist()),
        exchange=_exchange(made, habits, now) if everything else measures.unknown("exchange", 0, 2, unit="count"),
        growth=_growth(right, expected, seqs),
    )


def tries(history: Interactions) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.int64]]:
    """Tell first tries from others.

    What the statement says goes first. Else an answer is another try where the one before on the same item was not
    right and came in the same half hour.

    Args:
        history: n rows of one learner in time order.

    Returns:
        bool [n], whether it is a first try; int64 [n], row of the next answer on the same item, -1 if there is none.
    """
    first, again = np.ones(len(history.item), np.bool_), np.full(len(history.item), -1, np.int64)
    last: dict[int, int] = {}
    columns = zip(history.item.tolist(), history.when.tolist(), history.attempt.tolist(), strict=True)
    for row, (item, when, attempt) in enumerate(columns):
        before = last.get(item)
        if before is not None:
            again[before] = row
            soon = when - int(history.when[before]) <= rhythm.PAUSE
            first[row] = bool(history.correct[before] > 0.5) or not soon
        if attempt >= 1.0:  # nan is not
            first[row] = attempt < 2.0
        last[item] = row
    return first, again


def _share(
    method: str, which: npt.NDArray[np.bool_], right: npt.NDArray[np.bool_], seqs: npt.NDArray[np.int64]
) -> Measure:
    return measures.share(method, right[which].tolist(), seqs[which].tolist())


def _ratio(history: Interactions, known: Reference | None) -> npt.NDArray[np.float64]:
    """Time taken / reference, float64 [n]; nan where either is not known."""
    if known is None:
        return np.full(len(history.item), np.nan)
    seconds = history.seconds.astype(np.float64)
    return np.where(seconds > 0, seconds, np.nan) / known.seconds[history.item]


def _pace(ratio: npt.NDArray[np.float64], seqs: Sequence[int]) -> Measure:
    """Geometric mean, because twice as long and half as long are equally far from the reference."""
    found = measures.mean("pace", np.log(ratio).tolist(), seqs, "ratio", least=-inf)
    if found.value is None or found.low is None or found.high is None:
        return found
    return replace(found, value=exp(found.value), low=exp(found.low), high=exp(found.high))


def _bounded(found: Measure) -> Measure:
    """A share has no range beyond 0 and 1."""
    if found.low is None or found.high is None:
        return found
    return replace(found, low=max(found.low, 0.0), high=min(found.high, 1.0))


def _knowledge(mastered: Sequence[tuple[float, float, tuple[int, ...]]]) -> Measure:
    if not mastered:
        return measures.unknown("knowledge", 0, 1)
    seqs = [seq for _, _, places in mastered for seq in places]
    value = sum(mastery for mastery, _, _ in mastered) / len(mastered)
    spread = sqrt(sum(spread**2 for _, spread, _ in mastered)) / len(mastered)
    return _bounded(measures.normal("knowledge", value, spread, seqs, "share", count=len(mastered)))


@dataclass(frozen=True)
class _Returns:
    """Rows that return to a skill, and whether on another day; rows that were not right, and whether one came back."""

    rows: list[int]
    other_day: list[bool]
    missed: list[int]
    came: list[bool]


def _returns(history: Interactions, skills: npt.NDArray[np.int32], zone: tzinfo, now: datetime) -> _Returns:
    found = _Returns([], [], [], [])
    last: dict[int, int] = {}
    pending: dict[int, int] = {}
    when, right = history.when.tolist(), (history.correct > 0.5).tolist()
    late = int(RETURN.total_seconds() * 1e6)
    for row, skill in enumerate(skills.tolist()):
        before = last.get(skill)
        if before is not None:
            found.rows.append(row)
            found.other_day.append(_day(when[row], zone) != _day(when[before], zone))
        missed = pending.pop(skill, None)
        if missed is not None:
            found.missed.append(missed)
            found.came.append(when[row] - when[missed] <= late)
        if not right[row]:
            pending[skill] = row
        last[skill] = row
    for missed in sorted(pending.values()):
        if int(now.timestamp() * 1e6) - when[missed] > late:  # a younger one may still be come back to
            found.missed.append(missed)
            found.came.append(False)
    return found


def _day(moment: int, zone: tzinfo) -> date:
    return datetime.fromtimestamp(moment / rhythm.SECOND, UTC).astimezone(zone).date()


def _exchange(made: Events, habits: Rhythm, now: datetime) -> Measure:
    """Questions and comments of each of the weeks that the rhythm tells."""
    asked = made.source == verbs.SOURCES.index("questions")
    weeks = len(habits.weekly)
    back = (int(now.timestamp() * 1e6) - made.when[asked]) // rhythm.WEEK
    recent = back < weeks
    counted = np.bincount(back[recent], minlength=weeks).astype(np.float64)
    return measures.mean("exchange", counted.tolist(), made.seq[asked][recent].tolist(), "count", needed=2)


def _growth(right: npt.NDArray[np.bool_], expected: npt.NDArray[np.float64], seqs: npt.NDArray[np.int64]) -> Measure:
    """Mean of what answers were above the expectation; each error is that of a coin with the expected chance."""
    told = np.flatnonzero(~np.isnan(expected))
    needed = 2 * rhythm.SITTINGS
    if len(told) < needed:
        return measures.unknown("growth", len(told), needed, seqs[told].tolist(), "level")
    chance = expected[told]
    value = LEVELS * float(np.mean(right[told] - chance))
    spread = LEVELS * sqrt(float(np.sum(chance * (1.0 - chance)))) / len(told)
    return measures.normal("growth", value, spread, seqs[told].tolist(), "level")
