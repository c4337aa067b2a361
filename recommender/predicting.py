"""Chances of a few items for one learner, as exact parts: the one place where recommending meets the model. Floor 2."""

from __future__ import annotations

import weakref
from collections.abc import Sequence

from curriculum.catalog import Catalog
from recommender import artifact, explain, online, space
from recommender.explain import Contribution
from recommender.interactions import Interactions
from recommender.online import Prepared, State
from recommender.parameters import Parameters


def model(catalog: Catalog, parameters: Parameters) -> Prepared:
    """A model laid out to be asked one item at a time.

    Raises:
        errors.MismatchError: It is of another catalog.
    """
    return online.prepare(parameters, space.of(catalog))


def contributions(
    catalog: Catalog,
    history: Interactions,
    parameters: Parameters,
    items: Sequence[int],
    state: State | None = None,
    *,
    when: int | None = None,
) -> list[tuple[Contribution, ...]]:
    """Parts of the logit of each of some items.

    Args:
        catalog: The catalog.
        history: Interactions of this one learner.
        parameters: The fitted model.
        items: Columns of items.
        state: What is remembered of the learner, where it is ready; None: the history is replayed.
        when: The moment of asking, microseconds since 1970; None: right after the last answer.

    Raises:
        errors.MismatchError: The model is of another catalog.
    """
    prepared = model(catalog, parameters)
    known = online.state_of(history, prepared) if state is None else state
    return [explain.by_model(known, prepared, item, when=when) for item in items]


def chances(
    catalog: Catalog,
    history: Interactions,
    parameters: Parameters,
    items: Sequence[int],
    state: State | None = None,
    *,
    when: int | None = None,
) -> list[float]:
    """Chance of success on each of some items, 0..1; the arguments are those of `contributions`."""
    prepared = model(catalog, parameters)
    known = online.state_of(history, prepared) if state is None else state
    return [online.chance(known, prepared, item, when=when) for item in items]


def name(parameters: Parameters) -> str:
    """Id of a model; kept, because it takes as long as a recommendation."""
    found = _NAMES.get(parameters)
    if found is None:
        found = _NAMES[parameters] = artifact.identity(parameters)
    return found


_NAMES: weakref.WeakKeyDictionary[Parameters, str] = weakref.WeakKeyDictionary()
