"""Rows of a Hessian, many of which stand on few answers, as few bytes. Pure; floor 3.

Of most items an institution has a handful of answers, and the pull to 0 outweighs them. Their rows travel as whole
numbers of two bytes with the largest entry of a row as the scale, all others as float32. A Hessian decides how fast
Newton's steps converge, not where they end. One byte was tried: then steps near the end only halve what is left.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

# Sum of chance times (1 - chance) up to which a row is coarse: some hundred answers.
COARSE = 25.0
_STEPS = 32767.0


def pack(rows: Floats) -> dict[str, npt.NDArray[Any]]:
    """Return rows as flat arrays.

    Args:
        rows: float64 [n, m, r]; entry [0, -1] is the weight of the n-th, > 0.

    Returns:
        "weight" float32 [n]; "fine" float32, those over `COARSE`; "coarse" int16 and "scale" float32, all others.
    """
    weight = rows[:, 0, -1].astype(np.float32)
    coarse = weight <= COARSE
    scale = np.abs(rows[coarse]).max(axis=2).astype(np.float32)
    steps = np.rint(rows[coarse] * (_STEPS / np.where(scale > 0, scale, 1.0).astype(np.float64))[:, :, None])
    return {
        "weight": weight,
        "fine": rows[~coarse].ravel().astype(np.float32),
        "coarse": np.clip(steps, -_STEPS, _STEPS).ravel().astype(np.int16),
        "scale": scale.ravel(),
    }


def form(weight: npt.NDArray[np.float32], m: int, r: int) -> dict[str, tuple[str, int]]:
    """Name -> (dtype, length) of each array of rows of these weights."""
    coarse = int((weight <= COARSE).sum())
    return {
        "weight": ("float32", len(weight)),
        "fine": ("float32", (len(weight) - coarse) * m * r),
        "coarse": ("int16", coarse * m * r),
        "scale": ("float32", coarse * m),
    }


def unpack(arrays: Mapping[str, npt.NDArray[Any]], places: npt.NDArray[np.int64], r: int) -> Floats:
    """Return the rows, float64 [n, m, r], of arrays that have their `form`.

    Args:
        arrays: as `pack` made them.
        places: int64 [m], where the m columns stand among the r ones: that block of a row is made symmetric again.
        r: number of columns.
    """
    m = len(places)
    weight = np.asarray(arrays["weight"], dtype=np.float64)
    coarse = weight <= COARSE
    found = np.empty((len(weight), m, r))
    found[~coarse] = np.asarray(arrays["fine"], dtype=np.float64).reshape(-1, m, r)
    scale = np.asarray(arrays["scale"], dtype=np.float64).reshape(-1, m, 1)
    found[coarse] = np.asarray(arrays["coarse"], dtype=np.float64).reshape(-1, m, r) * (scale / _STEPS)
    own = found[:, :, places]
    found[:, :, places] = 0.5 * (own + own.transpose(0, 2, 1))
    return found
