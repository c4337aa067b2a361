"""Secrets split so that any t shares give them back and t - 1 say nothing (Shamir 1979). Pure; floor 3.

Byte by byte over GF(2^8) with the polynomial of AES, x^8 + x^4 + x^3 + x + 1: a share is as long as its secret, and all
secrets of a run are split in one pass. Secret bytes are only shifted, masked and added, never looked up in a table.
"""

from collections.abc import Mapping, Sequence
from functools import cache

import numpy as np
import numpy.typing as npt

from federated import errors

Bytes = npt.NDArray[np.uint8]

MOST = 255  # points of GF(2^8) but nought, where the secret lies
_BITS = 8
_WHOLE = 0x11B  # x^8 + x^4 + x^3 + x + 1
_REST = _WHOLE & 0xFF  # what x^8 leaves


def split(secrets: Bytes, points: Sequence[int], coefficients: Bytes) -> Bytes:
    """Return the shares at some points.

    Args:
        secrets: uint8 [...].
        points: each once, 1 to 255.
        coefficients: uint8 [threshold - 1, ...], of a secure generator and for these secrets alone.

    Returns:
        uint8 [points, ...].

    Raises:
        MaskError: a point is not in range; the coefficients are not of the shape of the secrets.
    """
    if not all(1 <= point <= MOST for point in points):
        text = f"shares at the points {list(points)}; expected 1 to {MOST}"
        raise errors.MaskError(text)
    if coefficients.shape[1:] != secrets.shape:
        text = f"coefficients of shape {coefficients.shape} for secrets of shape {secrets.shape}"
        raise errors.MaskError(text)
    factors = np.array(points, np.uint8).reshape(-1, *(1 for _ in secrets.shape))
    shares = np.zeros((len(points), *secrets.shape), np.uint8)
    for part in (*coefficients[::-1], secrets):
        shares = _times(shares, factors) ^ part
    return shares


def combine(shares: Mapping[int, Bytes], threshold: int) -> Bytes:
    """Return the secrets, uint8 [...], of shares; those at the lowest points are used, as many as it takes.

    Args:
        shares: point, 1 to 255 -> uint8 [...], all of one shape.
        threshold: how many it takes, at least 1.

    Raises:
        SurvivorsError: there are fewer.
        MaskError: a point is not in range.
    """
    if len(shares) < threshold:
        text = f"{len(shares)} shares of a secret; it takes {threshold}"
        raise errors.SurvivorsError(text)
    points = sorted(shares)[:threshold]
    if not 1 <= points[0] <= points[-1] <= MOST:
        text = f"shares at the points {points[0]} to {points[-1]}; expected 1 to {MOST}"
        raise errors.MaskError(text)
    there = np.stack([shares[point] for point in points])
    weights = np.array([_weight(point, points) for point in points], np.uint8)
    parts = _times(there, weights.reshape(-1, *(1 for _ in there.shape[1:])))
    return np.asarray(np.bitwise_xor.reduce(parts, axis=0), np.uint8)


def _times(values: Bytes, factors: Bytes) -> Bytes:
    """Multiply bytes by factors, which every value costs the same."""
    found, power = np.zeros_like(values), values
    for bit in range(_BITS):
        found ^= power * (factors >> np.uint8(bit) & np.uint8(1))
        power = (power << np.uint8(1)) ^ (np.uint8(_REST) * (power >> np.uint8(7)))
    return found


def _weight(point: int, points: Sequence[int]) -> int:
    """Lagrange's weight of a point for the value at nought; minus is plus here."""
    weight = 1
    for other in points:
        if other != point:
            weight = _product(weight, _product(other, _inverse(other ^ point)))
    return weight


def _product(one: int, other: int) -> int:
    """Multiply two public numbers."""
    found = 0
    for bit in range(_BITS):
        if other >> bit & 1:
            found ^= one
        one = (one << 1) ^ (_WHOLE if one >> (_BITS - 1) else 0)
    return found


@cache
def _inverse(value: int) -> int:
    """The inverse is the 254th power, 2 + 4 + ... + 128: every value but nought has the 255th power 1."""
    found, power = 1, value
    for _ in range(_BITS - 1):
        power = _product(power, power)
        found = _product(found, power)
    return found
