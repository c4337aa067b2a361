"""Numbers on a grid, so that their sum is exact and no sum runs over. Pure; floor 3.

A number is rounded to a multiple of a power of two and travels as a word modulo 2^32 or 2^64, two's complement. The step
is chosen so that as many addends as there are members, each up to the bound, cannot run over. What exceeds the bound is
refused, never wrapped: a sum that wrapped would be a wrong one that looks right.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Words = npt.NDArray[np.uint32] | npt.NDArray[np.uint64]


@dataclass(frozen=True)
class Grid:
    """Where numbers lie.

    Attributes:
        bits: of a word, 32 or 64.
        members: most addends of a sum.
        bound: largest magnitude of a number of one addend, > 0.
    """

    bits: int
    members: int
    bound: float


def step(grid: Grid) -> float:
    """Return the distance of two neighbours on a grid: a power of two; a number is rounded by at most half of it."""
    raise NotImplementedError


def encode(values: Floats, grid: Grid) -> Words:
    """Return numbers as words.

    Args:
        values: float64 [n].
        grid: where they lie.

    Raises:
        MaskError: one is not finite or exceeds the bound.
    """
    raise NotImplementedError


def decode(total: Words, grid: Grid) -> Floats:
    """Return the sum of words, modulo 2^bits, as numbers, float64 [n]."""
    raise NotImplementedError


def count(values: Ints, bits: int, members: int) -> Words:
    """Return whole numbers as words, exactly.

    Raises:
        MaskError: one is so large that a sum over `members` could run over.
    """
    raise NotImplementedError


def counted(total: Words) -> Ints:
    """Return the sum of words of `count` as whole numbers, int64 [n]."""
    raise NotImplementedError
