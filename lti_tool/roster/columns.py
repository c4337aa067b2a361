"""What a person did, as columns by skill and by item: numbers by which hundreds are compared at once. Floor 3.

Pure. A document keeps them as base64 of their bytes (little-endian), which is read a hundred times faster than lists.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Columns = npt.NDArray[np.void]
Counts = npt.NDArray[np.uint16]

DAYS = 8
"""Days of which answers are kept apart by skill."""
STAND = np.dtype(
    [("answers", "<i4"), ("right", "<i4"), ("last", "<i8"), ("level", "<f8"), ("low", "<f8"), ("high", "<f8")]
)
"""Where somebody stands in a skill: answers, right ones, moment of the newest (microseconds; 0 without any), the level
0 to 5 and its likely range (nan without enough data yet)."""
RUN = np.dtype([("count", "<i4"), ("first", "<i8"), ("last", "<i8")])
"""Answers on an item that were not right, one after another, up to now: how many, and when (microseconds)."""
COUNT = np.dtype("<u2")


def stands(skills: int) -> Columns:
    """Of somebody without an answer: [skills]."""
    made = np.zeros(skills, STAND)
    for name in ("level", "low", "high"):
        made[name] = np.nan
    return made


def runs(items: int) -> Columns:
    """Of somebody without an answer: [items]."""
    return np.zeros(items, RUN)


def days(skills: int) -> Counts:
    """No answer on any day: [DAYS, skills], the oldest day first."""
    return np.zeros((DAYS, skills), COUNT)


def moved(counts: Counts, by: int) -> Counts:
    """The counts of a window that has moved on by some days; what fell out of it is gone.

    Args:
        counts: uint16 [DAYS, skills], the oldest day first.
        by: Days, 0 or more.
    """
    found = np.zeros_like(counts)
    if by < DAYS:
        found[: DAYS - by] = counts[by:]
    return found


def stack(listed: Sequence[Columns], width: int, dtype: np.dtype[np.void] = STAND) -> Columns:
    """The columns of several persons: [persons, width]."""
    return np.stack(listed) if listed else np.zeros((0, width), dtype)


def packed(array: npt.NDArray[np.generic]) -> str:
    """An array as text."""
    return base64.b64encode(np.ascontiguousarray(array).tobytes()).decode("ascii")


def unpacked(text: str, dtype: np.dtype[np.void]) -> Columns:
    """The columns of a text; a view that cannot be written."""
    return np.frombuffer(base64.b64decode(text), dtype)


def unpacked_days(text: str) -> Counts:
    """The counts of a text."""
    return np.frombuffer(base64.b64decode(text), COUNT).reshape(DAYS, -1)


def unpacked_floats(text: str) -> npt.NDArray[np.float64]:
    """The numbers of a text; a view that cannot be written."""
    return np.frombuffer(base64.b64decode(text), "<f8")
