"""Advice on made-up answers, for the tests of the learner's pages."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np

from curriculum import catalog as catalogs
from curriculum.catalog import Catalog
from lti_tool import advice
from lti_tool.advice import Advice, Model, Wish
from recommender import interactions
from recommender.interactions import Interactions

OULAD = catalogs.load("oulad")
CBEC = catalogs.load("cbec")
NOW = datetime(2026, 11, 26, 9, tzinfo=UTC)
THREE = (("AAA.TMA.1", 0.78), ("AAA.TMA.2", 0.85), ("AAA.TMA.3", 0.6))


def history(catalog: Catalog, *answers: tuple[str, float], seconds: float = np.nan, apart: float = 1.0) -> Interactions:
    """One learner's answers, a day apart, the last one yesterday."""
    if not answers:
        return interactions.empty()
    count = len(answers)
    when = [NOW - timedelta(days=apart * (count - n)) for n in range(count)]
    return Interactions(
        learners=("somebody",),
        learner=np.zeros(count, np.int32),
        item=np.array([catalog.item_index[item] for item, _ in answers], np.int32),
        correct=np.array([score >= 0.75 for _, score in answers], np.float32),
        score=np.array([score for _, score in answers], np.float32),
        when=np.array([int(one.timestamp() * 1e6) for one in when], np.int64),
        seconds=np.full(count, seconds, np.float32),
    )


def advised(catalog: Catalog, role: str, *answers: tuple[str, float], **wishes: Any) -> Advice:
    """Advice without a model, on answers a day apart."""
    wish = Wish(role, **wishes)
    return advice.of_history(catalog, history(catalog, *answers), Model("missing"), wish=wish, now=NOW)
