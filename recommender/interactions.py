"""Columns of what learners did: the noun between statements and the model. Floor 2.

Made from labels, the clear part of stored statements; only pseudonyms are in it. Time order inside a learner.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np
import numpy.typing as npt

from curriculum.catalog import Catalog
from recommender import errors, verbs
from xapi_collector.label import Label


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
        skipped: How many labels were left out, by reason: "not graded", "no learner", "unknown activity", "no result".
    """

    learners: tuple[str, ...]
    learner: npt.NDArray[np.int32]
    item: npt.NDArray[np.int32]
    correct: npt.NDArray[np.float32]
    score: npt.NDArray[np.float32]
    when: npt.NDArray[np.int64]
    skipped: tuple[tuple[str, int], ...] = ()


def from_labels(labels: Iterable[Label], catalog: Catalog) -> Interactions:
    """Turn labels into columns.

    A graded verb on an activity of the catalog with a result is an interaction. Correct is score >= the catalog's
    pass score where both are there, else the statement's success, else what the verb means. The order and repetition
    of the stream do not matter: a statement counts once, and rows are sorted by learner, time, and the order of
    storage.

    Args:
        labels: Labels of one institution, in any order.
        catalog: Gives the items and the pass score.

    Returns:
        The columns; `skipped` says how many labels were left out and why.
    """
    rows: dict[str, tuple[str, int, int, int, float, float]] = {}
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
            rows[label.id] = outcome
    ordered = sorted(rows.values())
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
    rows = learners[interactions.learner]
    return Interactions(
        learners=tuple(name for name, kept in zip(interactions.learners, learners, strict=True) if kept),
        learner=number[interactions.learner[rows]].astype(np.int32),
        item=interactions.item[rows],
        correct=interactions.correct[rows],
        score=interactions.score[rows],
        when=interactions.when[rows],
    )


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
    rows = interactions.when <= int(now.timestamp() * 1e6)
    if rows.all():
        return interactions
    return replace(
        interactions,
        learner=interactions.learner[rows],
        item=interactions.item[rows],
        correct=interactions.correct[rows],
        score=interactions.score[rows],
        when=interactions.when[rows],
    )


def join(parts: Iterable[Interactions]) -> Interactions:
    """Put institutions side by side. A pseudonym of one is never the same learner in another, so equal ones stay apart.

    Args:
        parts: Interactions over the same catalog.

    Returns:
        All rows; learners in the order of the parts.
    """
    listed = list(parts)
    offsets = np.cumsum([0, *(len(part.learners) for part in listed)])
    return Interactions(
        learners=tuple(name for part in listed for name in part.learners),
        learner=np.concatenate(
            [
                np.zeros(0, np.int32),
                *(part.learner + np.int32(start) for part, start in zip(listed, offsets, strict=False)),
            ]
        ),
        item=np.concatenate([np.zeros(0, np.int32), *(part.item for part in listed)]),
        correct=np.concatenate([np.zeros(0, np.float32), *(part.correct for part in listed)]),
        score=np.concatenate([np.zeros(0, np.float32), *(part.score for part in listed)]),
        when=np.concatenate([np.zeros(0, np.int64), *(part.when for part in listed)]),
    )


def _read(label: Label, catalog: Catalog) -> tuple[str, int, int, int, float, float] | str:
    """One row (learner, when, seq, item, correct, score), or why there is none."""
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
    score = float("nan") if label.score is None else float(label.score)
    return label.actor, label.timestamp, label.seq, catalog.item_index[item], float(correct), score


def _correct(label: Label, pass_score: float | None) -> bool | None:
    if label.score is not None and pass_score is not None:
        return float(label.score) >= pass_score
    if label.success is not None:
        return bool(label.success)
    return verbs.IMPLIED_SUCCESS.get(label.verb)
