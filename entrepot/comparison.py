"""How good each kind of model is on held-out learners: local, federated, personalised, and centralised to compare.

The only place where records of several institutions meet, and only because all of them lie on this one machine: the
centralised fit exists to show what federation gives away. No institution ever does this.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from curriculum.catalog import Catalog
from federated import institution
from recommender import artifact, errors, interactions, metrics, training
from recommender.parameters import Parameters
from recommender.space import Space

KINDS = ("local", "federated", "personalised")
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Comparison:
    """AUC on held-out learners.

    Attributes:
        institutions: institution -> kind of model -> AUC on its own held-out learners; None where no round published a
            model there.
        pooled: kind of model, and "centralised" -> AUC over the held-out learners of those that have a model.
        learners: institution -> learners with interactions.
    """

    institutions: dict[str, dict[str, float | None]]
    pooled: dict[str, float]
    learners: dict[str, int]


def compare(catalog: Catalog, members: Mapping[str, Path]) -> Comparison:
    """Score each institution's models, and a centralised fit over all of them, on held-out learners.

    Args:
        catalog: the catalog that the federation trained on.
        members: institution -> the settings file of its SuperNode.
    """
    space = Space(catalog)
    records = {name: institution.interactions(institution.load(path)) for name, path in members.items()}
    held = {name: institution.held_out(records[name]) for name in records}
    train = {name: interactions.select(own, ~held[name]) for name, own in records.items()}
    pooled = training.fit([train[name] for name in sorted(train)], space)
    chances: dict[str, list[Floats]] = {kind: [] for kind in (*KINDS, "centralised")}
    answers: list[npt.NDArray[np.float32]] = []
    table: dict[str, dict[str, float | None]] = {}
    for name, own in records.items():
        test = interactions.select(own, held[name])
        local = training.fit([train[name]], space)
        models = {"local": local, "centralised": pooled, **_published(catalog, members[name])}
        found = {kind: training.predict(test, model, space) for kind, model in models.items()}
        table[name] = {kind: metrics.auc(test.correct, found[kind]) if kind in found else None for kind in KINDS}
        if len(found) == len(chances):
            answers.append(test.correct)
            for kind, chance in found.items():
                chances[kind].append(chance)
    correct = np.concatenate(answers)
    return Comparison(
        institutions=table,
        pooled={kind: metrics.auc(correct, np.concatenate(parts)) for kind, parts in chances.items()},
        learners={name: len(own.learners) for name, own in records.items()},
    )


def _published(catalog: Catalog, settings: Path) -> dict[str, Parameters]:
    """The models that a round left at an institution; none where it dropped out."""
    place = institution.load(settings).models
    try:
        return {
            "federated": artifact.load(place / "shared" / catalog.id, catalog),
            "personalised": artifact.load(place / catalog.id, catalog),
        }
    except errors.ArtifactError:
        return {}
