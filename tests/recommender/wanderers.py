"""Learners who wander through a catalog: histories of every length, pace and ability, for tests that try many."""

from __future__ import annotations

import math

import numpy as np

from recommender import layout
from recommender.interactions import Interactions
from tests.recommender import builders

DAY = 86400


def wander(catalog, rng, *, most=60):
    """A learner's history and role: near the goal, again the same, or anywhere; with pauses of minutes to months."""
    size = int(rng.integers(0, most))
    ability = rng.normal(0.3, 1.2)
    role = list(catalog.roles)[int(rng.integers(len(catalog.roles)))]
    needed = np.flatnonzero(layout.serving(catalog, role))
    items, right, at = [], [], []
    now = 0.0
    for _ in range(size):
        draw = rng.random()
        if draw < 0.7:
            item = int(needed[min(len(needed) - 1, int(abs(rng.normal(0, 0.15)) * len(needed)))])
        elif draw < 0.85 and items:
            item = items[-1]
        else:
            item = int(rng.integers(len(catalog.items)))
        entry = list(catalog.items.values())[item]
        hard = entry.difficulty or catalog.skills[entry.skills[0]].difficulty
        now += float(rng.exponential(rng.choice([0.02, 2.0, 20.0]))) * DAY
        items.append(item)
        right.append(float(rng.random() < 1.0 / (1.0 + math.exp(0.5 * (hard - 2.5) - ability))))
        at.append(now)
    end = builders.NOW.timestamp() - float(rng.exponential(30.0)) * DAY
    return told(catalog, items, right, [end - (now - moment) for moment in at]), role


def told(catalog, items, right, seconds):
    """A history from item ids or columns, outcomes and seconds since 1970; it comes from a store."""
    columns = [catalog.item_index[item] if isinstance(item, str) else item for item in items]
    return Interactions(
        learners=("one",) if columns else (),
        learner=np.zeros(len(columns), np.int32),
        item=np.array(columns, np.int32),
        correct=np.array(right, np.float32),
        score=np.full(len(columns), np.nan, np.float32),
        when=np.array([round(moment * 1e6) for moment in seconds], np.int64),
        seq=np.arange(1, len(columns) + 1, dtype=np.int64),
    )


def answered(catalog, *answers, every=600):
    """A history of (item id, right), some seconds apart, the last one just before `builders.NOW`."""
    end = builders.NOW.timestamp()
    seconds = [end - every * (len(answers) - place) for place in range(len(answers))]
    return told(catalog, [item for item, _ in answers], [right for _, right in answers], seconds)
