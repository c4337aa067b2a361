"""Tables of counts as few bytes, exactly: whole numbers of seven bits a byte (LEB128). Pure; floor 3.

A table has sorted keys and some counts a key. Of the keys the steps from one to the next are packed, which are small
where a table is dense; of counts most are small. About four bytes a cell, where arrays would take twenty-four.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from federated import errors

Ints = npt.NDArray[np.int64]
Bytes = npt.NDArray[np.uint8]

_LONGEST = 9  # bytes of a number under 2 ** 63
_BITS = np.uint64(7)
_LOW = np.uint64(0x7F)


def pack(keys: Ints, counts: Sequence[Ints]) -> Bytes:
    """Return a table as bytes.

    Args:
        keys: int64 [m], >= 0, ascending, each once.
        counts: arrays of int64 [m], >= 0.

    Returns:
        uint8 [some]: the number of cells, then the steps of the keys, then each array of counts.
    """
    steps = np.diff(keys, prepend=np.int64(-1)) - 1
    return _encode(np.concatenate([np.array([len(keys)], np.int64), steps, *counts]))


def unpack(data: Bytes, columns: int) -> tuple[Ints, Ints]:
    """Return the table in `data`.

    Args:
        data: uint8 [some], as `pack` made it.
        columns: how many counts a key there are.

    Returns:
        int64 [m], the keys, ascending, each once; int64 [columns, m], the counts, >= 0.

    Raises:
        GuardError: it is not such a table.
    """
    values = _decode(data)
    cells = int(values[0]) if len(values) else -1
    if len(values) != 1 + cells * (1 + columns):
        text = f"a table of {cells} cells with {columns} counts each came as {len(values)} numbers"
        raise errors.GuardError(text)
    keys = np.cumsum(values[1 : 1 + cells] + 1) - 1
    if (keys < 0).any() or (np.diff(keys) < 1).any():
        raise errors.GuardError("the keys of a table run over")
    return keys, values[1 + cells :].reshape(columns, cells)


def _encode(values: Ints) -> Bytes:
    rest = values.astype(np.uint64)
    size = np.ones(len(rest), np.int64)
    for length in range(1, _LONGEST):
        size += rest >= np.uint64(1) << np.uint64(7 * length)
    ends = np.cumsum(size)
    found = np.zeros(int(ends[-1]), np.uint8)
    begins = ends - size
    for place in range(int(size.max())):
        there = size > place
        more = size[there] > place + 1
        found[begins[there] + place] = (rest[there] & _LOW) | (more.astype(np.uint64) << _BITS)
        rest >>= _BITS
    return found


def _decode(data: Bytes) -> Ints:
    ends = np.flatnonzero(data < 0x80)
    if len(data) and (not len(ends) or ends[-1] != len(data) - 1):
        raise errors.GuardError("a table breaks off inside a number")
    begins = np.concatenate([np.zeros(min(len(ends), 1), np.int64), ends[:-1] + 1])
    size = ends - begins + 1
    if (size > _LONGEST).any():
        raise errors.GuardError("a table holds a number of more than 63 bits")
    values = np.zeros(len(ends), np.uint64)
    for place in range(int(size.max(initial=0))):
        there = size > place
        low = data[begins[there] + place].astype(np.uint64) & _LOW
        values[there] |= low << np.uint64(7 * place)
    return values.astype(np.int64)
