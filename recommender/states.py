"""Chances of the three states of a skill, and what may happen to them. Floor 2.

Unknown, fragile, solid; they add up to 1.
"""

from __future__ import annotations

Three = tuple[float, float, float]
Pair = tuple[Three, Three]

_LEAST = 1e-6


def wrong(chance: Three) -> Three:
    """Chances of a wrong answer, from those of a right one."""
    return 1.0 - chance[0], 1.0 - chance[1], 1.0 - chance[2]


def lifted(state: Three, factor: float) -> Three:
    """What is believed when the odds of knowing it are multiplied by a factor."""
    unknown, fragile, solid = state
    total = unknown + factor * (fragile + solid)
    factor /= total
    return unknown / total, factor * fragile, factor * solid


def faded(state: Three, kept: float) -> Three:
    """Solid becomes fragile, but for the share that was kept."""
    unknown, fragile, solid = state
    return unknown, fragile + solid * (1.0 - kept), solid * kept


def mixed(pair: Pair, ready: float) -> Three:
    """Mix what holds with the prerequisites and without, by how ready they are."""
    (u1, f1, m1), (u0, f0, m0) = pair
    rest = 1.0 - ready
    return ready * u1 + rest * u0, ready * f1 + rest * f0, ready * m1 + rest * m0


def normal(state: Three) -> Three:
    """Chances that add up to 1, none of them ever quite 0: a belief that is certain could never change again."""
    total = state[0] + state[1] + state[2]
    unknown, fragile, solid = state[0] / total, state[1] / total, state[2] / total
    if min(unknown, fragile, solid) >= _LEAST:
        return unknown, fragile, solid
    unknown, fragile, solid = max(unknown, _LEAST), max(fragile, _LEAST), max(solid, _LEAST)
    rest = unknown + fragile + solid
    return unknown / rest, fragile / rest, solid / rest


def times(left: Three, right: Three) -> Three:
    """Multiply state by state."""
    return left[0] * right[0], left[1] * right[1], left[2] * right[2]


def grown(state: Three, learn: float, firm: float) -> Three:
    """What one practice makes of it: some of what is unknown fragile, some of what is fragile solid."""
    unknown, fragile, solid = state
    return unknown * (1.0 - learn), fragile * (1.0 - firm) + unknown * learn, solid + fragile * firm
