"""Tables of counts by key as words whose sum is the table of all members, while nobody's keys are shown. Pure; floor 3.

An invertible Bloom lookup table (Goodrich and Mitzenmacher 2011): every key is added to one cell of each of several
parts, chosen by hashes; a cell holds how many entries it has, the sums of their keys and of the keys' checksums, and of
their counts. All are sums, so tables of members add up, under masks too. A cell whose entries are all of one key gives
that key and its counts away; taken out of its other cells, it frees the next. What is learnt is the union of keys, their summed
counts, and by how many members a key was sent; not by whom.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Words = npt.NDArray[np.uint32] | npt.NDArray[np.uint64]


@dataclass(frozen=True)
class Shape:
    """How large a table is, and how its keys are spread; the same at all members.

    Attributes:
        keys: most distinct keys in all members' tables together.
        members: most members that send one.
        seed: bytes that differ from round to round, such as a digest of run and round.
    """

    keys: int
    members: int
    seed: bytes


def form(shape: Shape) -> dict[str, tuple[str, int]]:
    """Return name -> (dtype, length) of the vectors of a table."""
    raise NotImplementedError


def encode(keys: Ints, tries: Ints, wins: Ints, shape: Shape) -> dict[str, Words]:
    """Return a member's table as vectors for `turns.mask`.

    Args:
        keys: int64 [m], >= 0, each once.
        tries: int64 [m], >= 0.
        wins: int64 [m], >= 0.
        shape: of the table.

    Raises:
        MaskError: a key twice, negative or too large; a count so large that a sum could run over; more keys than the shape
            holds.
    """
    raise NotImplementedError


def decode(total: dict[str, Words], shape: Shape) -> tuple[Ints, Ints, Ints]:
    """Return the table in a sum: keys, int64 [m], ascending; tries and wins, int64 [m].

    Raises:
        MaskError: the sum holds more keys than the shape was made for, or is not of such tables.
    """
    raise NotImplementedError
