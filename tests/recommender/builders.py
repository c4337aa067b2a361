"""Catalogs, histories and labels of made-up learners, valid by default."""

from __future__ import annotations

import functools
import uuid
from datetime import UTC, datetime

import numpy as np

from curriculum import catalog
from recommender import verbs
from recommender.interactions import Interactions
from tests.curriculum import builders as curricula
from xapi_collector.label import Label

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
DAY = 86400 * 10**6


@functools.cache
def tiny(pass_score=None):
    """Six skills with a practice item each, and two assessments, one of them on two skills."""
    meta = {**curricula.tiny()["meta"], "pass_score": pass_score}
    items = [
        {"id": "test", "activity": "urn:tiny:test", "skills": ["left"], "order": 7},
        {"id": "exam", "activity": "urn:tiny:exam", "skills": ["top", "left"], "order": 8},
    ]
    return catalog.parse(curricula.tiny(meta=meta, items=items))


def interactions(catalog, *, learners=40, rows=12, seed=0, scores=True):
    """Answers of learners who differ in ability, on items that differ in difficulty; up to `rows` a learner."""
    rng = np.random.default_rng(seed)
    ability = rng.normal(size=learners)
    difficulty = np.random.default_rng(99).normal(size=len(catalog.items))  # the same items in every institution
    sizes = rng.integers(1, rows + 1, learners)
    learner = np.repeat(np.arange(learners), sizes).astype(np.int32)
    item = rng.integers(0, len(catalog.items), len(learner)).astype(np.int32)
    noise = rng.normal(size=len(learner))
    score = 1.0 / (1.0 + np.exp(-(1.0 + ability[learner] - difficulty[item] + noise)))
    score[rng.random(len(score)) < 0.1] = np.nan
    correct = np.where(np.isnan(score), rng.random(len(score)) < 0.6, score >= 0.75)
    when = NOW.timestamp() * 10**6 - DAY * (1000 - np.arange(len(learner)))
    return Interactions(
        learners=tuple(f"{number:04d}" for number in range(learners)),
        learner=learner,
        item=item,
        correct=correct.astype(np.float32),
        score=(score if scores else np.full(len(score), np.nan)).astype(np.float32),
        when=when.astype(np.int64),
    )


def history(catalog, *answers):
    """One learner's answers as (item id, correct) or (item id, correct, score), a day apart, the last one a day ago."""
    full = [(*answer, float("nan"))[:3] for answer in answers]
    return Interactions(
        learners=("one",) if full else (),
        learner=np.zeros(len(full), np.int32),
        item=np.array([catalog.item_index[item] for item, _, _ in full], np.int32),
        correct=np.array([correct for _, correct, _ in full], np.float32),
        score=np.array([score for _, _, score in full], np.float32),
        when=np.array([int(NOW.timestamp()) * 10**6 - DAY * (len(full) - n) for n in range(len(full))], np.int64),
    )


def label(seq, **changes):
    """A graded statement's label."""
    base = {
        "seq": seq,
        "stored": seq,
        "id": str(uuid.UUID(int=seq)),
        "timestamp": seq * DAY,
        "actor": "someone",
        "verb": verbs.ANSWERED,
        "activity": "urn:tiny:root",
        "success": True,
    }
    return Label(**{**base, **changes})
