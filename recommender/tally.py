"""Answers by skill: of one learner one by one, of many as counts. Floor 2."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from curriculum.catalog import Catalog
from recommender.interactions import Interactions


@dataclass(frozen=True, slots=True)
class Answer:
    """One graded answer on a skill: when, microseconds since 1970 UTC; whether it was right; its place, or -1."""

    when: int
    right: bool
    seq: int


def by_skill(catalog: Catalog, history: Interactions) -> dict[str, list[Answer]]:
    """List the answers of one learner by skill id, in time order; an item on several skills counts for each.

    Args:
        catalog: The catalog.
        history: Their interactions, in time order.
    """
    items = list(catalog.items.values())
    found: dict[str, list[Answer]] = {name: [] for name in catalog.skills}
    columns = (history.item.tolist(), history.when.tolist(), history.correct.tolist(), history.seq.tolist())
    for item, when, correct, seq in zip(*columns, strict=True):
        answer = Answer(when, correct > 0.5, seq)
        for skill in items[item].skills:
            found[skill].append(answer)
    return found


def sums(catalog: Catalog, past: Interactions) -> tuple[npt.NDArray[Any], npt.NDArray[Any], npt.NDArray[Any]]:
    """Count the answers of many learners.

    Args:
        catalog: The catalog; S skills.
        past: Interactions of L learners.

    Returns:
        int32 [L, S] answers, int32 [L, S] right ones, int64 [L, S] microseconds of the newest, -1 without one.
    """
    shape = (len(past.learners), len(catalog.skills))
    answers, right = np.zeros(shape, np.int32), np.zeros(shape, np.int32)
    newest = np.full(shape, -1, np.int64)
    several = np.zeros((len(catalog.items), max((len(i.skills) for i in catalog.items.values()), default=0)), np.int64)
    several -= 1
    for row, item in enumerate(catalog.items.values()):
        several[row, : len(item.skills)] = [catalog.skill_index[name] for name in item.skills]
    correct = (past.correct > 0.5).astype(np.int32)
    for column in several.T:
        skill = column[past.item]
        there = skill >= 0
        cell = (past.learner[there], skill[there])
        np.add.at(answers, cell, 1)
        np.add.at(right, cell, correct[there])
        np.maximum.at(newest, cell, past.when[there])
    return answers, right, newest
