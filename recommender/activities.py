"""Columns of everything learners did, graded or not: which way of learning, how long, on which skill. Floor 2.

Made from labels like `interactions`, which keeps graded answers alone. Each statement belongs to one source of the
profile (`verbs.SOURCES`) and so moves that part of it and no other.
"""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt

from curriculum.catalog import Catalog
from recommender import verbs
from xapi_collector.label import Label


@dataclass(frozen=True)
class Content:
    """What a page outside the catalog's items teaches.

    Attributes:
        skills: Ids of its skills.
        mode: One of `verbs.MODES`.
    """

    skills: tuple[str, ...]
    mode: str


@dataclass(frozen=True, eq=False)
class Activities:
    """What learners did, sorted by learner, time and order of storing.

    Attributes:
        learners: Pseudonyms, sorted; `learner` points into it.
        learner: int32 [n], ascending.
        when: int64 [n], microseconds since 1970 UTC.
        seq: int64 [n], place of the statement in the store.
        source: int8 [n], index in `verbs.SOURCES`.
        mode: int8 [n], index in `verbs.MODES`; -1 where the statement is of no way of learning.
        skill: int32 [n], column of the main skill in the catalog; -1 where nobody knows it.
        seconds: float32 [n], how long it took; nan where nobody said.
        skipped: How many labels were left out, by reason: "no learner", "other verb", "placement".
    """

    learners: tuple[str, ...]
    learner: npt.NDArray[np.int32]
    when: npt.NDArray[np.int64]
    seq: npt.NDArray[np.int64]
    source: npt.NDArray[np.int8]
    mode: npt.NDArray[np.int8]
    skill: npt.NDArray[np.int32]
    seconds: npt.NDArray[np.float32]
    skipped: Mapping[str, int] = field(default_factory=dict)


ROWS = ("learner", "when", "seq", "source", "mode", "skill", "seconds")
_TYPES = (np.int32, np.int64, np.int64, np.int8, np.int8, np.int32, np.float32)


def from_labels(
    labels: Iterable[Label], catalog: Catalog, content: Mapping[str, Content] = MappingProxyType({})
) -> Activities:
    """Turn labels into columns. Order and repetition of the stream do not matter.

    Args:
        labels: Labels of one institution.
        catalog: Gives the skills of graded activities.
        content: What else there is to learn from beside the catalog's items and resources, by activity IRI; it goes
            before what the catalog says.

    Returns:
        The columns.
    """
    known = {**_of_catalog(catalog), **content}
    found: dict[str, _Row] = {}
    viewings: dict[str, _Viewing] = {}
    skipped: Counter[str] = Counter()
    seen: set[str] = set()
    for label in labels:
        if label.id in seen:
            continue
        seen.add(label.id)
        source = verbs.SOURCE_OF.get(label.verb)
        if not label.actor:
            skipped["no learner"] += 1
        elif source is None:
            skipped["other verb"] += 1
        elif verbs.PLACED_IN_IRI in label.activity:
            skipped["placement"] += 1
        else:
            seconds = float("nan") if label.duration is None else label.duration
            if label.playback is not None and label.verb in verbs.VIEWING:
                viewings[label.id] = (label.actor, label.activity, label.playback.session or label.registration)
            found[label.id] = (
                label.actor,
                label.timestamp,
                label.seq,
                verbs.SOURCES.index(source),
                _mode(label, known),
                _skill(label, catalog, known),
                seconds,
            )
    ordered = _once([(row, viewings.get(id_)) for id_, row in found.items()])
    names = sorted({row[0] for row in ordered})
    index = {name: position for position, name in enumerate(names)}
    columns: dict[str, Any] = {
        name: np.array([row[place] if place else index[row[0]] for row in ordered], dtype=kind)
        for place, (name, kind) in enumerate(zip(ROWS, _TYPES, strict=True))
    }
    return Activities(tuple(names), **columns, skipped=dict(sorted(skipped.items())))


_Row = tuple[str, int, int, int, int, int, float]
_Viewing = tuple[str, str, object]


def _once(rows_: Iterable[tuple[_Row, _Viewing | None]]) -> list[_Row]:
    """The rows in order. Of one viewing of a video the first alone is of a way of learning: it is one activity."""
    seen: set[_Viewing] = set()
    ordered: list[_Row] = []
    for row, viewing in sorted(rows_, key=lambda one: one[0][:3]):
        if viewing is None:
            ordered.append(row)
            continue
        learner, when, seq, source, mode, skill, seconds = row
        ordered.append((learner, when, seq, source, -1 if viewing in seen else mode, skill, seconds))
        seen.add(viewing)
    return ordered


def until(activities: Activities, now: datetime) -> Activities:
    """Keep what was done up to a moment."""
    past = activities.when <= int(now.timestamp() * 1e6)
    return activities if past.all() else rows(activities, past)


def rows(activities: Activities, which: npt.NDArray[Any]) -> Activities:
    """Keep some rows; the list of learners stays."""
    return replace(activities, **{name: getattr(activities, name)[which] for name in ROWS})


def empty() -> Activities:
    """No learner and no row."""
    columns: dict[str, Any] = {name: np.zeros(0, kind) for name, kind in zip(ROWS, _TYPES, strict=True)}
    return Activities((), **columns)


@functools.lru_cache(maxsize=64)
def _of_catalog(catalog: Catalog) -> Mapping[str, Content]:
    """Skills and ways of the items and the resources of a catalog, by activity IRI."""
    items = {item.activity: Content(item.skills, item.mode) for item in catalog.items.values()}
    return items | {one.activity: Content(one.skills, one.mode) for one in catalog.resources.values()}


def _mode(label: Label, content: Mapping[str, Content]) -> int:
    """Of the practice that the statement belongs to; of the activity or what it is part of; of the verb.

    "quiz" is what an item is where nobody said, so whatever else is known goes before it.
    """
    if label.verb in verbs.ALONE:
        return verbs.MODES.index(verbs.MODE_OF[label.verb])
    above = (*label.grouping, *label.parent)
    for mark, mode in verbs.MODE_IN_IRI:
        if any(mark in iri for iri in above):
            return verbs.MODES.index(mode)
    modes = [content[iri].mode for iri in (label.activity, *above) if iri in content]
    said = next((mode for mode in modes if mode != "quiz"), verbs.MODE_OF.get(label.verb))
    return -1 if said is None else verbs.MODES.index(said)


def _skill(label: Label, catalog: Catalog, content: Mapping[str, Content]) -> int:
    for iri in (label.activity, *label.parent, *label.grouping):
        if iri in content and content[iri].skills:
            return catalog.skill_index.get(content[iri].skills[0], -1)
    return -1
