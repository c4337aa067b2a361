"""Audits that would notice a mistake in what protects learners: canaries that are put in, and looked for. Floor 3.

A canary is a made-up learner of the largest contribution. Half of many are put in; what comes out is asked which. Two
ways to read it: `separation` compares how far in and out lie apart with what the declared noise allows (it knows that
the noise is Gaussian, and so notices noise of half the size); `one_run` only counts right guesses and assumes nothing
of the mechanism.

An audit cannot prove that a mechanism keeps its promise; it can show that it does not.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import numpy.typing as npt
from scipy import linalg, stats

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
# What is audited: contributions, float64 [learners, size], to what leaves, int or float [size].
Mechanism = Callable[[Floats], npt.NDArray[np.int64] | Floats]

LONG = 10.0  # canaries are so many times as long as the clip: a mechanism that forgets to clip shows
SHAPES = ("axis", "spread")  # all in one coordinate, and the same in every one: clipping in another norm shows
TWICE = "twice"  # the difference of two releases: noise that repeats itself shows
_PRECISION = 30  # halvings in the search for epsilon
_GUESSED = 0.1  # share of the canaries that `one_run` guesses, on each side


@dataclass(frozen=True)
class Finding:
    """What an audit found.

    Attributes:
        claimed: mu that the mechanism claims: a learner's largest effect in standard deviations of the noise.
        lower: The greatest of the lower bounds; all of them hold together with the confidence asked for.
        estimate: The estimate of mu that goes with it.
        by: Way of looking -> its own lower bound.
        passes: Whether nothing speaks against the claim.
    """

    claimed: float
    lower: float
    estimate: float
    by: Mapping[str, float]
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

    Canaries are at right angles to each other, one for each coordinate, so that what one does to a release is read off
    by a product that no other moves. Their difference in standard deviations of what is outside is mu; its lower bound
    follows from the spread of an estimated ratio, 1/inside + 1/outside + mu^2 / (2 outside). A correct mechanism fails
    with a chance of 1 - confidence at the most.

    Args:
        mechanism: What is audited: clips, sums and adds noise; called 4 x `repeats` times.
        size: Coordinates of a release, a power of two, at least 4.
        clip: L2 norm that it clips to.
        mu: Claimed: the clip over the standard deviation of the noise.
        rng: Draws who is inside.
        unit: Of what comes out, in the unit of the contributions.
        repeats: Pairs of releases of each shape of canaries.
        confidence: That a correct mechanism passes.

    Raises:
        ValueError: a size that is no such power.
    """
    if size < 4 or size & (size - 1):
        text = f"canaries of {size} coordinates; the size must be a power of two, at least 4"
        raise ValueError(text)
    error = float(stats.norm.isf((1.0 - confidence) / (2 * len(SHAPES))))
    by: dict[str, float] = {}
    estimates: dict[str, float] = {}
    for shape in SHAPES:
        canaries = _canaries(shape, size)
        single, double = _scores(mechanism, canaries * (LONG * clip), canaries, rng, repeats=repeats)
        for name, (inside, outside), widths in ((shape, single, 1.0), (f"{shape} {TWICE}", double, math.sqrt(2.0))):
            estimate = _ratio(inside * unit, outside * unit) * widths
            estimates[name] = estimate
            by[name] = estimate - error * widths * _spread(estimate / widths, len(inside), len(outside))
    worst = max(by, key=by.__getitem__)
    return Finding(mu, by[worst], estimates[worst], MappingProxyType(by), by[worst] <= mu)


def one_run(
    mechanism: Mechanism,
    *,
    size: int,
    clip: float,
    delta: float,
    rng: np.random.Generator,
    confidence: float = 0.95,
) -> float:
    """Return the epsilon that one release has at least, whatever the mechanism is.

    Steinke, Nasr and Jagielski, "Privacy auditing with one (1) training run" (NeurIPS 2023), theorem 5.2 and its
    algorithm: the tenth of the canaries that look most like it are said to be inside, the tenth that look least like
    it outside, and the number of right guesses is held against what epsilon and delta allow. It cannot say more than
    about log(size / 15), and does not notice noise of half the size; for that there is `separation`.

    Args:
        mechanism: What is audited; called once.
        size: Coordinates of the release, and number of canaries, at least 20.
        clip: L2 norm that it clips to.
        delta: Of the claim.
        rng: Draws who is inside.
        confidence: Of the bound.
    """
    canaries = np.eye(size)
    inside = rng.random(size) < 0.5
    scores = np.asarray(mechanism(canaries[inside] * (LONG * clip)), np.float64)
    order, guesses = np.argsort(scores, kind="stable"), int(size * _GUESSED)
    right = int(inside[order[-guesses:]].sum() + (~inside[order[:guesses]]).sum())
    return _epsilon(size, 2 * guesses, right, delta, 1.0 - confidence)


def chance_of(right: int, guesses: int, canaries: int, epsilon: float, delta: float) -> float:
    """Return how likely so many right guesses are at most under (epsilon, delta), as in the paper's appendix D.

    Args:
        right: Guesses that were right.
        guesses: All guesses.
        canaries: Those that were not guessed among them.
        epsilon: Of the claim.
        delta: Of the claim.
    """
    each = 1.0 / (1.0 + math.exp(-epsilon))
    exact = stats.binom.pmf(np.arange(right - 1, -1, -1), guesses, each)
    slack = float(np.max(np.cumsum(exact) / np.arange(1, right + 1), initial=0.0))
    return float(min(1.0, stats.binom.sf(right - 1, guesses, each) + slack * delta * 2 * canaries))


def _canaries(shape: str, size: int) -> Floats:
    """Rows of length 1 at right angles, float64 [size, size]."""
    return np.eye(size) if shape == SHAPES[0] else linalg.hadamard(size) / math.sqrt(size)


def _scores(
    mechanism: Mechanism, rows: Floats, canaries: Floats, rng: np.random.Generator, *, repeats: int
) -> tuple[tuple[Floats, Floats], tuple[Floats, Floats]]:
    """Products of releases with canaries, inside and outside: of single releases, and of differences of two.

    In the second release of a pair those are inside that were not in the first, but for a random half: who is in the
    first alone counts as inside, who is in neither or in both as outside.
    """
    singles: tuple[list[Floats], list[Floats]] = ([], [])
    doubles: tuple[list[Floats], list[Floats]] = ([], [])
    for _ in range(repeats):
        first, second = rng.random((2, len(rows))) < 0.5
        scores = [canaries @ np.asarray(mechanism(rows[inside]), np.float64) for inside in (first, second)]
        for inside, score in zip((first, second), scores, strict=True):
            singles[0].append(score[inside])
            singles[1].append(score[~inside])
        difference = scores[0] - scores[1]
        doubles[0].append(np.concatenate([difference[first & ~second], -difference[second & ~first]]))
        doubles[1].append(difference[first == second])
    return (
        (np.concatenate(singles[0]), np.concatenate(singles[1])),
        (np.concatenate(doubles[0]), np.concatenate(doubles[1])),
    )


def _ratio(inside: Floats, outside: Floats) -> float:
    """How far the means lie apart in standard deviations of what is outside; without bound where those are 0."""
    apart, spread = float(inside.mean() - outside.mean()), float(outside.std(ddof=1))
    return apart / spread if spread > 0.0 else math.inf


def _spread(ratio: float, inside: int, outside: int) -> float:
    """Standard deviation of an estimated ratio; 0 of one without bound."""
    return math.sqrt(1.0 / inside + 1.0 / outside + ratio**2 / (2.0 * outside)) if math.isfinite(ratio) else 0.0


def _epsilon(canaries: int, guesses: int, right: int, delta: float, level: float) -> float:
    low, high = 0.0, 1.0
    while chance_of(right, guesses, canaries, high, delta) < level:
        high += 1.0
    for _ in range(_PRECISION):
        middle = (low + high) / 2.0
        low, high = (middle, high) if chance_of(right, guesses, canaries, middle, delta) < level else (low, middle)
    return low
