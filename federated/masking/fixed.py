"""Numbers on a grid, so that their sum is exact and no sum runs over. Pure; floor 3.

A number is rounded to a multiple of a power of two and travels as a word modulo 2^32 or 2^64, two's complement. The
step is chosen so that as many addends as there are members, each up to the bound, cannot run over. What exceeds the
bound is refused, never wrapped: a sum that wrapped would be a wrong one that looks right.

A sum of 16 members is off by at most bound * 2^-23 with 32 bits (counts, protected sums); with 64 bits by no more than
float64 itself, which gradients near an optimum need.
"""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from federated import errors

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Words = npt.NDArray[np.uint32] | npt.NDArray[np.uint64]

BITS = (32, 64)
_EXACT = 2.0**53  # float64 holds all whole numbers up to here


@dataclass(frozen=True)
class Grid:
    """Where numbers lie.

    Attributes:
        bits: of a word, 32 or 64.
        members: most addends of a sum, at least 1.
        bound: largest magnitude of a number of one addend, > 0.
    """

    bits: int
    members: int
    bound: float

    def __post_init__(self) -> None:
        if self.bits not in BITS or self.members < 1 or not 0.0 < self.bound < math.inf:
            text = f"no grid: {self.bits} bits, {self.members} members, bound {self.bound}"
            raise errors.MaskError(text)


def step(grid: Grid) -> float:
    """Return the distance of two neighbours on a grid: a power of two; a number is rounded by at most half of it."""
    return math.ldexp(1.0, _exponent(grid))


def encode(values: Floats, grid: Grid) -> Words:
    """Return numbers as words.

    Args:
        values: float64 [n].
        grid: where they lie.

    Raises:
        MaskError: one is not finite or exceeds the bound.
    """
    if not (np.abs(values) <= grid.bound).all():  # what is not a number is not below it either
        text = f"a number is not finite, or exceeds the bound {grid.bound}; expected a magnitude up to it"
        raise errors.MaskError(text)
    return _words(np.rint(np.ldexp(np.asarray(values, np.float64), -_exponent(grid))).astype(np.int64), grid.bits)


def decode(total: Words, grid: Grid) -> Floats:
    """Return the sum of words, modulo 2^bits, as numbers, float64 [n]."""
    return np.ldexp(counted(total).astype(np.float64), _exponent(grid))


def count(values: Ints, bits: int, members: int) -> Words:
    """Return whole numbers as words, exactly.

    Args:
        values: int64 [n].
        bits: of a word, 32 or 64.
        members: most addends of a sum.

    Raises:
        MaskError: one is so large that a sum over `members` could run over.
    """
    most = _most(bits, members)
    if ((values > most) | (values < -most)).any():
        text = f"a count exceeds {most}, the most that {members} members may add up in words of {bits} bits"
        raise errors.MaskError(text)
    return _words(values, bits)


def counted(total: Words) -> Ints:
    """Return the sum of words of `count` as whole numbers, int64 [n]."""
    signed: npt.NDArray[np.signedinteger] = total.view(np.int64 if total.dtype == np.uint64 else np.int32)
    return signed.astype(np.int64)


def _most(bits: int, members: int) -> int:
    """The largest magnitude of an addend, so that a sum of all stays below 2^(bits - 1)."""
    return int((2 ** (bits - 1) - 1) // members)


def _exponent(grid: Grid) -> int:
    """The least exponent of two at which the bound, rounded, is no more than the largest addend."""
    mantissa, exponent = math.frexp(grid.bound)  # bound = mantissa 2^exponent, mantissa in [.5, 1)
    most = _most(grid.bits, grid.members)
    found = exponent - most.bit_length()
    while math.ldexp(mantissa, exponent - found) + 0.5 > most:
        found += 1
    return found


def _words(values: Ints, bits: int) -> Words:
    return values.view(np.uint64) if bits == BITS[1] else (values & 0xFFFFFFFF).astype(np.uint32)
