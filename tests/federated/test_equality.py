"""Federated is centralised: through the real coordinator and the real client, over stores, 3 to 13 institutions."""

import json
import os

import numpy as np
import pytest

from federated import institution, server_app, task
from federated.localgrid import LocalGrid
from recommender import artifact, interactions, metrics, training
from tests.federated import builders

pytestmark = pytest.mark.usefixtures("identity")

SOAK = os.environ.get("ENTREPOT_TEST_SOAK") == "1"


def unlike(count, smallest, seed):
    """Records of institutions that differ: ten to one in size, in ability, and in which items they use."""
    random = np.random.default_rng(seed)
    sizes = np.geomspace(10 * smallest, smallest, count).astype(int)
    for number, size in enumerate(sizes):
        name = f"u{number:02d}"
        shift = random.normal(0, 0.1)
        skipped = set(random.choice(65, 20, replace=False).tolist())
        rows = builders.answers(int(size), seed + number, prefix=name)
        yield (
            name,
            [
                (who, item, round(float(np.clip(score + shift, 0, 1)), 2), day)
                for who, item, score, day in rows
                if item not in skipped
            ],
        )


def federated(root, count, smallest, rounds):
    """Run a whole fit; return the members' settings, the shared model and its outcome."""
    members = {name: builders.institution(root / name, name, rows) for name, rows in unlike(count, smallest, count)}
    builders.consortium(root, members)
    numbers = {"rounds": rounds, "tolerance": 1e-12, "penalty": 1.0, "join-seconds": 0.2, "round-seconds": 60.0}
    server_app.lead(LocalGrid(members), root, root / "runs" / "1", numbers)
    return members, json.loads((root / "runs" / "1" / "outcome.json").read_text())


# Of few learners a step finds its way more slowly: they have fewer answers than there are weights.
SIZES = [(3, 12, 8), *([(13, 4, 8), (3, 120, 6), (8, 80, 6)] if SOAK else [])]


@pytest.fixture(autouse=True)
def _impatient(monkeypatch):
    monkeypatch.setattr(server_app, "_POLL_SECONDS", 0.001)


@pytest.mark.parametrize(("count", "smallest", "rounds"), SIZES)
def test_unlike_institutions_end_where_one_with_all_records_would(tmp_path, space, count, smallest, rounds):
    members, outcome = federated(tmp_path, count, smallest, rounds)
    shared = artifact.load(tmp_path / "models" / "oulad", space.catalog)
    records = [institution.interactions(institution.load(path)) for path in members.values()]
    held = [institution.held_out(one) for one in records]
    pooled = training.fit([interactions.select(one, ~kept) for one, kept in zip(records, held, strict=True)], space)
    test = interactions.join(interactions.select(one, kept) for one, kept in zip(records, held, strict=True))

    assert len(outcome["members"]) == count
    for name, array in artifact.arrays_of(pooled).items():
        np.testing.assert_allclose(artifact.arrays_of(shared)[name], array, atol=1e-6, err_msg=name)
    apart, together = (metrics.auc(test.correct, task.predict(test, space, one)) for one in (shared, pooled))
    assert apart == pytest.approx(together, abs=0.0005)
