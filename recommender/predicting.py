"""Chances of a few items for one learner, as exact parts: the one place where recommending meets the model. Floor 2."""

from __future__ import annotations

import functools
import weakref
from collections.abc import Sequence

from curriculum.catalog import Catalog
from recommender import artifact, explain, features, online, tracing
from recommender.explain import Contribution
from recommender.features import Space
from recommender.interactions import Interactions
from recommender.online import State
from recommender.parameters import Parameters


@functools.lru_cache(maxsize=64)
def space(catalog: Catalog) -> Space:
    """The columns of a catalog; kept, because laying out 1,000 items takes longer than predicting ten."""
    return features.Space(catalog)


def contributions(
    catalog: Catalog,
    history: Interactions,
    parameters: Parameters,
    items: Sequence[int],
    state: State | None = None,
) -> list[tuple[Contribution, ...]]:
    """Parts of the logit of each of some items.

    Args:
        catalog: The catalog.
        history: Interactions of this one learner.
        parameters: The fitted model.
        items: Columns of items.
        state: What is remembered of the learner, where it is ready; None: the history is replayed.

    Raises:
        errors.MismatchError: The model is of another catalog.
    """
    columns = space(catalog)
    tracing.match(columns, parameters)
    weights = _weights(parameters)
    known = online.state_of(history, columns) if state is None else state
    return [explain.by_model(known, columns, weights, item) for item in items]


def name(parameters: Parameters) -> str:
    """Id of a model; kept, because it takes as long as a recommendation."""
    found = _NAMES.get(parameters)
    if found is None:
        found = _NAMES[parameters] = artifact.identity(parameters)
    return found


def _weights(parameters: Parameters) -> list[float]:
    found = _WEIGHTS.get(parameters)
    if found is None:
        found = _WEIGHTS[parameters] = parameters.weights.tolist()
    return found


_NAMES: weakref.WeakKeyDictionary[Parameters, str] = weakref.WeakKeyDictionary()
_WEIGHTS: weakref.WeakKeyDictionary[Parameters, list[float]] = weakref.WeakKeyDictionary()
