"""Mistakes in what protects learners, seeded on purpose: an audit that does not notice them is worth nothing.

Each takes `releases.protect`, or what has its signature, and answers what does the same with one mistake in it.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any

import numpy as np

from federated.privacy import accountant, audits, releases
from federated.privacy.audits import Finding
from federated.privacy.noise import Draw
from federated.privacy.releases import Release

Protect = Callable[[Any, Release, float, float, Draw], Any]
SIZE = 256
_WIDER = 16  # clips in which a canary is not yet clipped


def stream(seed: int) -> Draw:
    """Bytes that come again with the seed, for measurements that do: never for real learners."""
    return np.random.default_rng(seed).bytes


def no_noise(protect: Protect) -> Protect:
    return lambda rows, release, _, part, draw: protect(rows, release, 1e-6, part, draw)


def a_tenth_of_the_noise(protect: Protect) -> Protect:
    return lambda rows, release, sigma, part, draw: protect(rows, release, sigma / 10, part, draw)


def half_of_the_noise(protect: Protect) -> Protect:
    return lambda rows, release, sigma, part, draw: protect(rows, release, sigma / 2, part, draw)


def no_clip(protect: Protect) -> Protect:
    """The noise of the declared clip, and rows up to sixteen times as long."""

    def mutant(rows: Any, release: Release, sigma: float, part: float, draw: Draw) -> Any:
        return protect(rows, replace(release, clip=release.clip * _WIDER), sigma / _WIDER, part, draw) * _WIDER

    return mutant


def a_doubled_learner(protect: Protect) -> Protect:
    return lambda rows, release, sigma, part, draw: protect(np.repeat(rows, 2, axis=0), release, sigma, part, draw)


def a_fixed_seed(protect: Protect) -> Protect:
    return lambda rows, release, sigma, part, _: protect(rows, release, sigma, part, stream(7))


def a_clip_by_coordinate(protect: Protect) -> Protect:
    def mutant(rows: Any, release: Release, sigma: float, part: float, draw: Draw) -> Any:
        return no_clip(protect)(np.clip(rows, -release.clip, release.clip), release, sigma, part, draw)

    return mutant


def a_share_forgotten(protect: Protect) -> Protect:
    """Every release has the noise of a run that consists of it alone."""
    return lambda rows, release, sigma, part, draw: protect(
        rows, release, sigma * float(np.sqrt(release.share)), part, draw
    )


def a_part_too_small(protect: Protect) -> Protect:
    return lambda rows, release, sigma, part, draw: protect(rows, release, sigma, part / 4, draw)


SEEDED: Mapping[str, Callable[[Protect], Protect]] = MappingProxyType(
    {
        "no noise": no_noise,
        "a tenth of the noise": a_tenth_of_the_noise,
        "half of the noise": half_of_the_noise,
        "no clip": no_clip,
        "a doubled learner": a_doubled_learner,
        "a fixed seed": a_fixed_seed,
    }
)
FURTHER: Mapping[str, Callable[[Protect], Protect]] = MappingProxyType(
    {
        "a clip by coordinate": a_clip_by_coordinate,
        "a share forgotten": a_share_forgotten,
        "a part too small": a_part_too_small,
    }
)


def audit(
    protect: Protect, epsilon: float, seed: int, *, members: int = 1, repeats: int = 16, confidence: float = 0.999
) -> Finding:
    """Audit one release as a run at `epsilon` makes it.

    Args:
        protect: `releases.protect`, or a mutant of it.
        epsilon: Of the run; the release has a third of its budget.
        seed: Of the canaries and of the noise.
        members: Institutions whose shares of the noise make up the whole: 1 at the source. Canaries lie at the first.
        repeats: Pairs of releases of each shape of canaries.
        confidence: That what is right passes.
    """
    release = Release("audited", SIZE, 1.5, 0.35)
    sigma = accountant.sigma(epsilon, 1e-5)
    draw = stream(seed)
    none = np.zeros((1, SIZE))

    def mechanism(rows: Any) -> Any:
        sent = [protect(rows if member == 0 else none, release, sigma, 1 / members, draw) for member in range(members)]
        return np.sum(sent, axis=0)

    return audits.separation(
        mechanism,
        size=SIZE,
        clip=release.clip,
        mu=1.0 / release.multiplier(sigma),
        rng=np.random.default_rng(seed),
        unit=release.step,
        repeats=repeats,
        confidence=confidence,
    )


def caught(epsilon: float, seed: int, mutants: Mapping[str, Callable[[Protect], Protect]] = SEEDED) -> dict[str, bool]:
    """Which of the mistakes the audit notices."""
    members = {"a part too small": 4}
    return {
        name: not audit(mutant(releases.protect), epsilon, seed, members=members.get(name, 1)).passes
        for name, mutant in mutants.items()
    }
