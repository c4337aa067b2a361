"""Discrete Gaussian noise on whole numbers, from bytes of a secure generator. Pure. Floor 3.

Canonne, Kamath and Steinke, The Discrete Gaussian for Differential Privacy (NeurIPS 2020), algorithms 2 and 3: a
candidate from the discrete Laplace distribution, taken with the chance that makes it Gaussian. Floats decide only where
their error cannot matter: each draw is held as an interval, and where its two ends disagree, more bytes are drawn and
200 digits decide. So the distribution is exact up to a total variation of 2^-600 a coordinate, and no bit pattern of a
float tells what the noise was (Mironov, CCS 2012).
"""

from __future__ import annotations

import decimal
import math
from collections.abc import Callable

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Words = npt.NDArray[np.uint64]

# So many bytes, unpredictable and independent: `os.urandom`.
Draw = Callable[[int], bytes]

MOST = 2.0**40  # the greatest standard deviation, in steps: candidates stay far from the end of int64
_WIDE = 8  # bytes of a word
_MORE = 72  # further bytes where a word was not enough
_DIGITS = decimal.Context(prec=250)
_SLACK = 2.0**-46  # above the error of all floats below


def gaussian(deviation: float, size: int, draw: Draw) -> Ints:
    """Return independent whole numbers n with chance proportional to exp(-n^2 / (2 deviation^2)), int64 [size].

    Args:
        deviation: in steps, > 0 and at most `MOST`.
        size: how many.
        draw: a secure generator.

    Raises:
        ValueError: the deviation is not in range.
    """
    if not 0.0 < deviation <= MOST:
        text = f"the noise's deviation must be positive and at most 2^40 steps, not {deviation}"
        raise ValueError(text)
    scale = max(round(deviation), 1)
    found: list[Ints] = []
    missing = size
    while missing > 0:
        # About three in four candidates are taken; what is too much is thrown away.
        number = int(missing * 1.4) + 16
        words = np.frombuffer(draw(2 * _WIDE * number), dtype="<u8").astype(np.uint64)
        taken = _candidates(words[:number], words[number:], deviation, scale, draw)[:missing]
        found.append(taken)
        missing -= len(taken)
    return np.concatenate([np.zeros(0, np.int64), *found])


def _candidates(first: Words, second: Words, deviation: float, scale: int, draw: Draw) -> Ints:
    """The candidates that are taken, in their order; each needs a word for its size, and one for its sign and fate."""
    size = _geometric(first, scale, draw)
    negative = (second & np.uint64(1)).astype(bool)
    kept = _kept(second >> np.uint64(1), size, deviation, scale, draw)
    kept &= ~(negative & (size == 0))  # nought has one sign only
    return np.where(negative, -size, size)[kept]


def _geometric(words: Words, scale: int, draw: Draw) -> Ints:
    """Whole numbers x >= 0 with P(X >= x) = exp(-x / scale): floor(-scale log u) of uniform u."""
    words_f = words.astype(np.float64)
    with np.errstate(divide="ignore"):
        most, least = (-np.log((words_f + up) * 2.0**-64) for up in (0.0, 1.0))
    # The slack is relative, and absolute where u is near 1 and rounds.
    high = np.floor(scale * (most + _SLACK * (1.0 + most)))
    low = np.floor(scale * np.maximum(least - _SLACK * (1.0 + least), 0.0))
    found = np.where(np.isfinite(high), high, -1.0).astype(np.int64)
    for place in np.flatnonzero(high != low).tolist():
        uniform = _uniform(int(words[place]), 64, draw)
        found[place] = int(-_DIGITS.multiply(_DIGITS.ln(uniform), decimal.Decimal(scale)))
    return found


def _kept(words: Words, size: Ints, deviation: float, scale: int, draw: Draw) -> npt.NDArray[np.bool_]:
    """Which candidates are taken: with chance exp(-(x - deviation^2 / scale)^2 / (2 deviation^2)); words of 63 bits."""
    away = (size - deviation * deviation / scale) / deviation
    chance = np.exp(-0.5 * away * away)
    uniform = words.astype(np.float64) * 2.0**-63
    kept = np.asarray(uniform < chance)
    for place in np.flatnonzero(np.abs(uniform - chance) < _SLACK).tolist():
        kept[place] = _uniform(int(words[place]), 63, draw) < _chance(int(size[place]), deviation, scale)
    return kept


def _chance(size: int, deviation: float, scale: int) -> decimal.Decimal:
    """The same chance with 250 digits."""
    square = _DIGITS.power(decimal.Decimal(deviation), 2)
    away = _DIGITS.subtract(decimal.Decimal(size), _DIGITS.divide(square, decimal.Decimal(scale)))
    exponent = _DIGITS.divide(_DIGITS.power(away, 2), _DIGITS.multiply(square, decimal.Decimal(-2)))
    return _DIGITS.exp(exponent)


def _uniform(word: int, bits: int, draw: Draw) -> decimal.Decimal:
    """A number strictly between 0 and 1 that begins with `bits` bits and goes on with fresh ones."""
    rest = int.from_bytes(draw(_MORE), "little")
    numerator = 2 * ((word << (8 * _MORE)) | rest) + 1
    return _DIGITS.divide(decimal.Decimal(numerator), decimal.Decimal(2 ** (bits + 8 * _MORE + 1)))


def chances(deviation: float, reach: int) -> Floats:
    """Return the chance of each whole number from -reach to reach, float64 [2 reach + 1]: what tests compare with."""
    number = np.arange(-reach, reach + 1, dtype=np.float64)
    weights = np.exp(-0.5 * (number / deviation) ** 2)
    far = np.arange(-math.ceil(40 * deviation), math.ceil(40 * deviation) + 1, dtype=np.float64)
    return np.asarray(weights / np.exp(-0.5 * (far / deviation) ** 2).sum(), np.float64)
