"""The simulators by name: those that are shipped, and those that an operator may install. Floor 2."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np

from curriculum import catalog as catalogs
from curriculum.catalog import Catalog
from recommender.simulators import ability, bayes, coherence, foreign, practice, worlds
from recommender.simulators.worlds import Simulator, World

LEAST, MOST = 20, 150  # skills of a drawn graph
EDGES = (0.8, 2.0)  # a skill
REACH = (4, 40)  # how far back in the hidden order a prerequisite may lie: small makes chains, large makes wide graphs

_LAWS = (
    ("bayes", bayes.world, "known or not known, with prerequisites"),
    ("ability", ability.world, "growing ability, with prerequisites and forgetting"),
    ("practice", practice.world, "power law of practice, carried over along the edges"),
)


def _drawn(law: Callable[..., World]) -> Callable[[np.random.Generator], World]:
    def world(rng: np.random.Generator) -> World:
        skills = int(rng.integers(LEAST, MOST + 1))
        edges = round(float(rng.uniform(*EDGES)) * skills)
        parents = worlds.graph(skills, edges, int(rng.integers(REACH[0], REACH[1] + 1)), rng)
        return law(worlds.catalog_of(parents), lambda luck: worlds.goal(parents, luck), rng)

    return world


def on(catalog: Catalog, law: Callable[..., World]) -> Callable[[np.random.Generator], World]:
    """Worlds on a given graph, whose learners each want one of the catalog's roles.

    Args:
        catalog: The graph and the roles.
        law: `bayes.world`, `ability.world` or `practice.world`.
    """
    return lambda rng: law(catalog, lambda luck: worlds.role(catalog, luck), rng)


def _shipped(law: Callable[..., World]) -> Callable[[np.random.Generator], World]:
    def world(rng: np.random.Generator) -> World:
        return on(catalogs.load("cbec"), law)(rng)  # read when it is drawn: to import this reads no file

    return world


SIMULATORS: Mapping[str, Simulator] = MappingProxyType(
    {
        simulator.name: simulator
        for simulator in (
            *(Simulator(name, f"random graphs; {text}", _drawn(law)) for name, law, text in _LAWS),
            *(
                Simulator(f"{name}-cbec", f"the catalog cbec and its roles; {text}", _shipped(law))
                for name, law, text in _LAWS
            ),
            Simulator("coherence", "ten skills; a practice counts only near the last one", coherence.world),
            foreign.KSS,
            foreign.TMS,
        )
    }
)
