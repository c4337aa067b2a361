"""Columns of what learners did: the noun between statements and the model. Floor 2.

Made from labels, the clear part of stored statements; only pseudonyms are in it. Time order inside a learner.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import numpy as np
import numpy.typing as npt

from curriculum.catalog import Catalog
from recommender import errors, verbs
from xapi_collector.label import Label


def _no_seq() -> npt.NDArray[np.int64]:
    return np.zeros(0, np.int64)


def _not_said() -> npt.NDArray[np.float32]:
    return np.zeros(0, np.float32)


@dataclass(frozen=True, eq=False)
class Interactions:
    """Graded answers, sorted by learner, then by time.

    Attributes:
        learners: Pseudonyms, sorted; `learner` points into it.
        learner: int32 [n], ascending.
        item: int32 [n], column of the item in the catalog.
        correct: float32 [n], 0 or 1.
        score: float32 [n], scaled score -1..1; nan where the statement had none.
        when: int64 [n], microseconds since 1970 UTC.
        seq: int64 [n], place of the statement in the institution's store: the evidence behind a number; -1 where the
            row is not from a store.
        seconds: float32 [n], how long the answer took; nan where nobody said.
        hints: float32 [n], hints asked for before the answer; nan where nobody said.
        attempt: float32 [n], which try at the same task it was, from 1; nan where nobody said.
        skipped: How many labels were left out, by reason: "not graded", "no learner", "unknown activity", "no result".
    """

    learners: tuple[str, ...]
    learner: npt.NDArray[np.int32]
    item: npt.NDArray[np.int32]
    correct: npt.NDArray[np.float32]
    score: npt.NDArray[np.float32]
    when: npt.NDArray[np.int64]
    skipped: tuple[tuple[str, int], ...] = ()
    seq: npt.NDArray[np.int64] = field(default_factory=_no_seq)
    seconds: npt.NDArray[np.float32] = field(default_factory=_not_said)
    hints: npt.NDArray[np.float32] = field(default_factory=_not_said)
    attempt: npt.NDArray[np.float32] = field(default_factory=_not_said)

    def __post_init__(self) -> None:
        """Fill in what was left out: whatever carries no such facts need not name them."""
        rows = len(self.item)
        if len(self.seq) != rows:
            object.__setattr__(self, "seq", np.full(rows, -1, np.int64))
        for name in ("seconds", "hints", "attempt"):
            if len(getattr(self, name)) != rows:
                object.__setattr__(self, name, np.full(rows, np.nan, np.float32))


ROWS = ("learner", "item", "correct", "score", "when", "seq", "seconds", "hints", "attempt")


def rows(interactions: Interactions, which: npt.NDArray[Any]) -> Interactions:
    """Keep or reorder some rows; the list of learners stays.

    Args:
        interactions: n rows.
        which: bool [n], or row numbers.
    """
    return replace(interactions, **{name: getattr(interactions, name)[which] for name in ROWS})


def from_labels(labels: Iterable[Label], catalog: Catalog) -> Interactions:
    """Turn labels into columns.

    A graded verb on an activity of the catalog with a result is an interaction. Correct is score >= the catalog's
    pass score where both are there, else the statement's success, else what the verb means; after a hint it is not, as
    in the data sets that models are made from (Corbett and Anderson 1995: a request for help at a step counts as not
    known). The order and repetition of the stream do not matter: a statement counts once, and rows are sorted by
    learner, time, and the order of storage.

    Args:
        labels: Labels of one institution, in any order.
        catalog: Gives the items and the pass score.

    Returns:
        The columns; `skipped` says how many labels were left out and why.
    """
    found: dict[str, _Row] = {}
    skipped: Counter[str] = Counter()
    seen: set[str] = set()
    for label in labels:
        if label.id in seen:
            continue
        seen.add(label.id)
        outcome = _read(label, catalog)
        if isinstance(outcome, str):
            skipped[outcome] += 1
        else:
            found[label.id] = outcome
    ordered = sorted(found.values(), key=lambda row: row[:3])
    names = sorted({row[0] for row in ordered})
    index = {name: position for position, name in enumerate(names)}
    return Interactions(
        learners=tuple(names),
        learner=np.array([index[row[0]] for row in ordered], dtype=np.int32),
        item=np.array([row[3] for row in ordered], dtype=np.int32),
        correct=np.array([row[4] for row in ordered], dtype=np.float32),
        score=np.array([row[5] for row in ordered], dtype=np.float32),
        when=np.array([row[1] for row in ordered], dtype=np.int64),
        skipped=tuple(sorted(skipped.items())),
        seq=np.array([row[2] for row in ordered], dtype=np.int64),
        seconds=np.array([row[6] for row in ordered], dtype=np.float32),
        hints=np.array([row[7] for row in ordered], dtype=np.float32),
        attempt=np.array([row[8] for row in ordered], dtype=np.float32),
    )


def select(interactions: Interactions, learners: npt.NDArray[np.bool_]) -> Interactions:
    """Keep some learners with all their rows.

    Args:
        interactions: n rows of m learners.
        learners: bool [m], which ones to keep.

    Returns:
        The rows of the kept learners, renumbered; `skipped` is not carried over.
    """
    number = np.cumsum(learners) - 1
    kept = rows(interactions, learners[interactions.learner])
    names = tuple(name for name, wanted in zip(interactions.learners, learners, strict=True) if wanted)
    return replace(kept, learners=names, learner=number[kept.learner].astype(np.int32), skipped=())


def until(interactions: Interactions, now: datetime) -> Interactions:
    """Keep what one learner did up to a moment.

    Args:
        interactions: Of one learner, or empty.
        now: The moment, with a time zone.

    Raises:
        errors.MismatchError: They are of several learners.
    """
    if len(interactions.learners) > 1:
        raise errors.MismatchError("a history", found=f"{len(interactions.learners)} learners", needed="one learner")
    past = interactions.when <= int(now.timestamp() * 1e6)
    return interactions if past.all() else rows(interactions, past)


def join(parts: Iterable[Interactions]) -> Interactions:
    """Put institutions side by side. A pseudonym of one is never the same learner in another, so equal ones stay apart.

    Args:
        parts: Interactions over the same catalog.

    Returns:
        All rows; learners in the order of the parts.
    """
    listed = list(parts)
    offsets = np.cumsum([0, *(len(part.learners) for part in listed)])
    if not listed:
        return empty()
    columns: dict[str, Any] = {name: np.concatenate([getattr(part, name) for part in listed]) for name in ROWS}
    shifted = [part.learner + np.int32(start) for part, start in zip(listed, offsets, strict=False)]
    columns["learner"] = np.concatenate(shifted)
    return replace(empty(), learners=tuple(name for part in listed for name in part.learners), **columns)


def empty() -> Interactions:
    """No learner and no row."""
    nothing = np.zeros(0, np.float32)
    return Interactions((), np.zeros(0, np.int32), np.zeros(0, np.int32), nothing, nothing, np.zeros(0, np.int64))


_Row = tuple[str, int, int, int, float, float, float, float, float]


def _read(label: Label, catalog: Catalog) -> _Row | str:
    """One row (learner, when, seq, item, correct, score, seconds, hints, attempt), or why there is none."""
    if label.verb not in verbs.GRADED:
        return "not graded"
    if not label.actor:
        return "no learner"
    item = catalog.activities.get(label.activity or "")
    if item is None:
        return "unknown activity"
    correct = _correct(label, catalog.pass_score)
    if correct is None:
        return "no result"
    numbers = (_or_nan(number) for number in (label.score, label.duration, label.hints, label.attempt))
    score, seconds, hints, attempt = numbers
    place = (label.actor, label.timestamp, label.seq, catalog.item_index[item])
    alone = correct and not label.hints
    return (*place, float(alone), score, seconds, hints, attempt)


def _or_nan(number: float | None) -> float:
    return float("nan") if number is None else float(number)


def _correct(label: Label, pass_score: float | None) -> bool | None:
    if label.score is not None and pass_score is not None:
        return float(label.score) >= pass_score
    if label.success is not None:
        return bool(label.success)
    return verbs.IMPLIED_SUCCESS.get(label.verb)
