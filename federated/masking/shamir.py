"""Secrets split so that any t shares give them back and t - 1 say nothing (Shamir 1979). Pure; floor 3.

Byte by byte over GF(2^8) with the polynomial of AES, x^8 + x^4 + x^3 + x + 1: a share is as long as its secret, and all
secrets of a run are split in one pass. Secret bytes are only shifted, masked and added, never looked up in a table.
"""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

Bytes = npt.NDArray[np.uint8]


def split(secrets: Bytes, count: int, coefficients: Bytes) -> Bytes:
    """Return shares at the points 1 to `count`.

    Args:
        secrets: uint8 [...].
        count: how many, 1 to 255.
        coefficients: uint8 [threshold - 1, ...], of a secure generator.

    Returns:
        uint8 [count, ...].

    Raises:
        MaskError: fewer shares than the threshold, or more than there are points.
    """
    raise NotImplementedError


def combine(shares: Mapping[int, Bytes], threshold: int) -> Bytes:
    """Return the secrets, uint8 [...], of shares: those at the `threshold` lowest points are used.

    Args:
        shares: point, 1 to 255 -> uint8 [...].
        threshold: how many it takes.

    Raises:
        SurvivorsError: there are fewer.
    """
    raise NotImplementedError
