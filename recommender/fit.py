"""What an opening asks for beside what a learner can do, skill by skill, and what to do next. Floor 2.

For the learner's eyes. There is no score and no order of learners: an opening is compared with one person, and with
nobody else (GDPR Art. 22; Regulation (EU) 2024/1689, Annex III, 4(a): to rank or filter applicants is high-risk).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from curriculum import graph
from curriculum.catalog import Catalog

MET, NEAR, FAR, UNKNOWN = STATES = ("met", "near", "far", "unknown")
"""There; less than `CLOSE` below; further; not enough data yet, which is no gap."""
CLOSE = 1.0
"""Levels."""


@dataclass(frozen=True)
class Row:
    """One skill of an opening.

    Attributes:
        skill: Its id.
        target: The level that is asked for, 1 to 5.
        level: The learner's, 0 to 5; None: not enough data yet.
        gap: Levels that are missing; 0 where it is met or not known.
        state: One of `STATES`.
    """

    skill: str
    target: int
    level: float | None
    gap: float
    state: str


@dataclass(frozen=True)
class Fit:
    """An opening beside a learner.

    Attributes:
        rows: Of each skill asked for: gaps first, the widest first, then what is not known, then what is met.
        counts: Skills by state.
        next: The skills to go on with, up to three, in the order of prerequisites; nothing where all is met.
    """

    rows: tuple[Row, ...]
    counts: Mapping[str, int]
    next: tuple[str, ...]


def compare(catalog: Catalog, targets: Mapping[str, int], levels: Mapping[str, float | None], *, steps: int = 3) -> Fit:
    """Put what an opening asks for beside what a learner can do.

    Args:
        catalog: What there is to learn.
        targets: Levels asked for, 1 to 5, by skill of the catalog; others are left out.
        levels: The learner's, 0 to 5, by skill; None or absent: not enough data yet.
        steps: How many skills to name as next.
    """
    rows = [_row(name, target, levels.get(name)) for name, target in targets.items() if name in catalog.skills]
    order = {FAR: 0, NEAR: 0, UNKNOWN: 1, MET: 2}
    ordered = sorted(rows, key=lambda row: (order[row.state], -row.gap, row.skill))
    open_ = {row.skill for row in rows if row.state != MET}
    place = {name: number for number, name in enumerate(graph.order(catalog))}
    # What another open skill of the opening stands on comes first: it cannot be skipped.
    free = [name for name in open_ if not graph.ancestors(catalog, name) & open_]
    return Fit(
        rows=tuple(ordered),
        counts={state: sum(row.state == state for row in rows) for state in STATES},
        next=tuple(sorted(free, key=lambda name: place[name])[:steps]),
    )


def _row(skill: str, target: int, level: float | None) -> Row:
    if level is None:
        return Row(skill, target, None, 0.0, UNKNOWN)
    gap = max(0.0, target - level)
    return Row(skill, target, level, gap, MET if gap == 0 else NEAR if gap < CLOSE else FAR)
