"""How good the model is on held-out learners of OULAD, and what it costs. Each figure has a control beside it.

`python -m bench.model` prints a table and writes var/bench/model.json. Held out: a fifth of the learners, by a hash of
their number.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
from sklearn.linear_model import LogisticRegression

from bench import report
from curriculum import catalog as catalogs
from curriculum.catalog import Catalog
from entrepot import oulad
from recommender import features, interactions, metrics, online, profile, recommend, tracing
from recommender.interactions import Interactions

RUNS = 5
NOW = datetime(2026, 11, 23, tzinfo=UTC)


def records(catalog: Catalog) -> dict[str, Interactions]:
    """Interactions of each region, as its collector would give them."""
    return {region: columns(catalog, results) for region, results in oulad.regions().items()}


def columns(catalog: Catalog, results: list[oulad.Result]) -> Interactions:
    """Results as columns, sorted by learner and time."""
    begins = {result.presentation: oulad.begins(result.presentation) for result in results}
    rows = sorted(
        (r.learner, int((begins[r.presentation] + timedelta(days=r.day)).timestamp()) * 10**6, position)
        for position, r in enumerate(results)
    )
    kept = [results[position] for _, _, position in rows]
    names = sorted({result.learner for result in kept})
    index = {name: number for number, name in enumerate(names)}
    score = np.array([round(result.score / 100, 4) for result in kept])
    return Interactions(
        learners=tuple(names),
        learner=np.array([index[result.learner] for result in kept], np.int32),
        item=np.array([catalog.item_index[result.item] for result in kept], np.int32),
        correct=(score >= (catalog.pass_score or 1.0)).astype(np.float32),
        score=score.astype(np.float32),
        when=np.array([when for _, when, _ in rows], np.int64),
    )


def held_out(records: Interactions) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """The stated rule, on the learner's number."""
    digests = (hashlib.sha256(name.encode()).hexdigest()[:8] for name in records.learners)
    return np.array([int(digest, 16) % 5 == 0 for digest in digests])


def random_history(catalog: Catalog, answers: int) -> Interactions:
    """One learner with many answers on any items."""
    rng = np.random.default_rng(0)
    return Interactions(
        learners=("one",),
        learner=np.zeros(answers, np.int32),
        item=rng.integers(0, len(catalog.items), answers).astype(np.int32),
        correct=(rng.random(answers) < 0.6).astype(np.float32),
        score=np.full(answers, np.nan, np.float32),
        when=np.arange(answers, dtype=np.int64) * 3600 * 10**6,
    )


def timed(work: Callable[[], object], *, runs: int = RUNS, scale: float = 1.0) -> list[float]:
    """Wall-clock time of each run, multiplied by `scale`."""
    found = []
    for _ in range(runs):
        start = time.perf_counter()
        work()
        found.append((time.perf_counter() - start) * scale)
    return found


def quality(catalog: Catalog, parts: dict[str, Interactions]) -> list[dict[str, Any]]:
    space = features.Space(catalog)
    pooled = interactions.join(parts.values())
    held = held_out(pooled)
    train = features.design(interactions.select(pooled, ~held), space)
    test = features.design(interactions.select(pooled, held), space)
    fit_seconds = timed(lambda: tracing.fit(train), runs=3)
    model = tracing.fit(train)
    chance = tracing.predict(test, model)

    matrix = np.hstack([np.eye(space.items)[train.item], train.sparse.toarray(), train.dense])
    judge = LogisticRegression(C=1.0, fit_intercept=False, solver="newton-cholesky", tol=1e-6)
    judge_seconds = timed(lambda: judge.fit(matrix, train.correct), runs=1)
    judged = np.hstack([np.eye(space.items)[test.item], test.sparse.toarray(), test.dense]) @ judge.coef_[0]
    share = np.bincount(train.item, weights=train.correct, minlength=space.items) / np.maximum(
        np.bincount(train.item, minlength=space.items), 1
    )
    item_mean = metrics.auc(test.correct, share[test.item])

    gains = []
    for part in parts.values():
        mine = held_out(part)
        inside = features.design(interactions.select(part, ~mine), space)
        outside = features.design(interactions.select(part, mine), space)
        own = tracing.personalise(inside, model).parameters
        aucs = [metrics.auc(outside.correct, tracing.predict(outside, p)) for p in (own, tracing.fit(inside))]
        gains.append(aucs[0] - aucs[1])
    auc = [metrics.auc(test.correct, chance)]
    away = float(np.abs(model.weights - judge.coef_[0]).max())
    row = report.row
    return [
        row("OULAD AUC, held-out learners (control: item mean)", auc, "AUC", target=">= 0.8173", controls=[item_mean]),
        row("the same (control: scikit-learn)", auc, "AUC", controls=[metrics.auc(test.correct, judged)]),
        row("largest difference of a weight from scikit-learn", [away], "weight", target="<= 1e-5"),
        row("OULAD calibration error", [metrics.ece(test.correct, chance)], "ECE", target="<= 0.02"),
        row("personalised - local, worst institution", [min(gains)], "AUC", target=">= -0.002"),
        row("personalised - local, mean over institutions", [float(np.mean(gains))], "AUC"),
        row(f"fit on {len(train.item):,} rows (control: scikit-learn)", fit_seconds, "s", controls=judge_seconds),
    ]


def cost(catalog: Catalog, parts: dict[str, Interactions]) -> list[dict[str, Any]]:
    space = features.Space(catalog)
    pooled = interactions.join(parts.values())
    some = interactions.select(pooled, np.arange(len(pooled.learners)) < 8000)
    model = tracing.fit(features.design(some, space))
    weights = model.weights.tolist()
    state = online.state_of(random_history(catalog, 500), space)
    vector = np.ones(space.dimension)

    def interaction() -> None:
        for number in range(1000):
            online.update(state, space, number % space.items, 1.0, 0.8)
            online.score(state, space, weights, (number + 1) % space.items)

    cbec = catalogs.load("cbec")
    many, none = random_history(cbec, 500), interactions.select(random_history(cbec, 1), np.array([False]))
    shop = tracing.start(features.Space(cbec))
    goal = recommend.Goal("operations")
    module = recommend.Goal("BBB")
    taken = random_history(catalog, 500)
    design = features.design(some, space)

    def batch() -> object:
        return features.design(some, space)

    def products() -> object:
        return [vector @ model.weights for _ in range(1000)]

    def shop_model() -> object:
        return recommend.recommend(cbec, many, shop, goal, NOW)

    def newcomer() -> object:
        return recommend.recommend(cbec, none, None, goal, NOW)

    row = report.row
    return [
        row(
            f"features of {len(some.item):,} rows of 8,000 learners (control: sums over them)",
            timed(batch),
            "s",
            target="<= 2",
            controls=timed(lambda: tracing.sums(design, model)),
        ),
        row(
            "update and score one interaction (control: numpy product of the weights)",
            timed(interaction, scale=1000.0),
            "us",
            target="<= 50",
            controls=timed(products, scale=1000.0),
        ),
        row(
            "recommend after 500 interactions, 143 skills (control: newcomer from the graph)",
            timed(shop_model, scale=1000.0),
            "ms",
            target="<= 50",
            controls=timed(newcomer, scale=1000.0),
        ),
        row(
            "recommend after 500 interactions, OULAD module",
            timed(lambda: recommend.recommend(catalog, taken, model, module, NOW), scale=1000.0),
            "ms",
            target="<= 50",
        ),
        row(
            "profile after 500 interactions, 143 skills",
            timed(lambda: profile.profile(cbec, many, shop, NOW), scale=1000.0),
            "ms",
            target="<= 50",
        ),
        row("read cbec.yaml and check it", timed(lambda: catalogs.load.__wrapped__("cbec"), scale=1000.0), "ms"),
    ]


def main() -> None:
    catalog = catalogs.load("oulad")
    parts = records(catalog)
    report.write("model", [*quality(catalog, parts), *cost(catalog, parts)])


if __name__ == "__main__":
    main()
