"""Audits that would notice a mistake in what protects learners: canaries that are put in, and looked for. Floor 3.

A canary is a made-up learner of the largest contribution. Half of many are put in; what comes out is asked which. Two
ways to read it: `separation` compares how far in and out lie apart with what the declared noise allows (it knows that
the noise is Gaussian, and so notices noise of half the size); `one_run` only counts right guesses and assumes nothing
of the mechanism (Steinke, Nasr & Jagielski, "Privacy auditing with one (1) training run", 2023).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Mechanism = Callable[[Floats], npt.NDArray[np.int64] | Floats]  # contributions [learners, size] -> release [size]


@dataclass(frozen=True)
class Finding:
    """What an audit found.

    Attributes:
        claimed: mu that the mechanism claims: a learner's largest effect in standard deviations of the noise.
        lower: mu that it has at least, with the confidence asked for.
        estimate: mu, most likely.
        by: Way of looking -> its own lower bound.
        passes: Whether nothing speaks against the claim.
    """

    claimed: float
    lower: float
    estimate: float
    by: dict[str, float]
    passes: bool


def separation(
    mechanism: Mechanism,
    *,
    size: int,
    clip: float,
    mu: float,
    rng: np.random.Generator,
    unit: float = 1.0,
    repeats: int = 16,
    confidence: float = 0.95,
) -> Finding:
    """Compare how far canaries inside lie from canaries outside with what the claimed mu allows.

    Args:
        mechanism: What is audited: clips, sums and adds noise; called 2 x `repeats` times.
        size: Coordinates of a release, a power of two.
        clip: L2 norm that it clips to; canaries are ten times as long.
        mu: Claimed: clip over the standard deviation of the noise.
        rng: Draws who is inside.
        unit: Of what comes out, in the unit of the contributions.
        repeats: Pairs of releases.
        confidence: That a correct mechanism passes.
    """
    raise NotImplementedError


def one_run(mechanism: Mechanism, *, size: int, clip: float, delta: float, rng: np.random.Generator) -> float:
    """Return the epsilon that one release has at least, with 95 % confidence, whatever the mechanism is."""
    raise NotImplementedError
