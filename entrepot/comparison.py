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
from recommender import artifact, features, interactions, metrics, tracing
from recommender.interactions import Interactions
from recommender.parameters import Parameters

KINDS = ("local", "federated", "personalised")
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Comparison:
    """AUC on held-out learners.

    Attributes:
        institutions: institution -> kind of model -> AUC on its own held-out learners.
        pooled: kind of model, and "centralised" -> AUC over all institutions' held-out learners.
        learners: institution -> learners with interactions.
    """

    institutions: dict[str, dict[str, float]]
    pooled: dict[str, float]
    learners: dict[str, int]


def compare(catalog: Catalog, members: Mapping[str, Path]) -> Comparison:
    """Score each institution's models, and a centralised fit over all of them, on held-out learners.

    Args:
        catalog: the catalog that the federation trained on.
        members: institution -> the settings file of its SuperNode.

    Raises:
        recommender.errors.ArtifactError: if an institution published no model.
    """
    space = features.Space(catalog)
    records = {name: institution.interactions(institution.load(path)) for name, path in members.items()}
    held = {name: institution.held_out(records[name]) for name in records}
    pooled = tracing.fit(features.design(_train_all(records, held), space))
    chances: dict[str, list[Floats]] = {kind: [] for kind in (*KINDS, "centralised")}
    answers: list[npt.NDArray[np.float32]] = []
    table: dict[str, dict[str, float]] = {}
    for name, own in records.items():
        models = _models(catalog, members[name], own, held[name], space)
        test = interactions.select(own, held[name])
        design = features.design(test, space)
        answers.append(test.correct)
        table[name] = {}
        for kind, parts in chances.items():
            chance = tracing.predict(design, pooled if kind == "centralised" else models[kind])
            parts.append(chance)
            if kind in KINDS:
                table[name][kind] = metrics.auc(test.correct, chance)
    correct = np.concatenate(answers)
    return Comparison(
        institutions=table,
        pooled={kind: metrics.auc(correct, np.concatenate(parts)) for kind, parts in chances.items()},
        learners={name: len(own.learners) for name, own in records.items()},
    )


def _models(
    catalog: Catalog, settings: Path, own: Interactions, held: npt.NDArray[np.bool_], space: features.Space
) -> dict[str, Parameters]:
    published = institution.load(settings).models
    return {
        "local": tracing.fit(features.design(interactions.select(own, ~held), space)),
        "federated": artifact.load(published / "shared" / catalog.id, catalog),
        "personalised": artifact.load(published / catalog.id, catalog),
    }


def _train_all(records: Mapping[str, Interactions], held: Mapping[str, npt.NDArray[np.bool_]]) -> Interactions:
    return interactions.join(interactions.select(own, ~held[name]) for name, own in records.items())
