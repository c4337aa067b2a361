"""Tables of counts by key as words whose sum is the table of all members, while nobody's keys are shown. Pure; floor 3.

An invertible Bloom lookup table (Goodrich and Mitzenmacher 2011): every key is added to one cell of each of some parts,
chosen by hashes. A cell holds how many entries it has, and the sums of their keys, of the keys' checksums and of their
counts. All are sums, so tables of members add up, and do so under masks. A cell whose entries are all of one key gives
that key and its counts; taken out of its other cells, it frees the next.

What is learnt of a sum is the union of the keys, the summed counts of each, and how many members sent it; not who.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from federated import errors
from federated.masking import letters

Ints = npt.NDArray[np.int64]
Uints = npt.NDArray[np.uint64]
Words = npt.NDArray[np.uint32] | npt.NDArray[np.uint64]

_WORD, _LONG = 2**32 - 1, 2**64 - 1
# How likely two keys that share all their cells may be, which then nothing can tell apart.
_TWINS = 5e-7
# Parts -> cells a key from which on tables of many keys come apart (Molloy 2005), and the room over that which tables
# of few keys need: so much by the square root of their number.
_LOADS = {4: (1.295, 4.0), 5: (1.425, 4.0), 6: (1.570, 4.0), 7: (1.721, 4.0)}
_LEAST = 16  # cells of a part


@dataclass(frozen=True)
class Shape:
    """How large a table is, and how its keys are spread; the same at all members.

    Attributes:
        keys: most distinct keys in all members' tables together, at least 1.
        members: most members that send one, at least 1.
        columns: how many counts a key has.
        seed: bytes that differ from round to round, such as a digest of run and round.
    """

    keys: int
    members: int
    columns: int
    seed: bytes

    def __post_init__(self) -> None:
        if self.keys < 1 or self.members < 1 or self.columns < 0:
            text = f"no table of {self.keys} keys with {self.columns} counts of {self.members} members"
            raise errors.MaskError(text)


def parts(shape: Shape) -> tuple[int, int]:
    """Return how many parts a table has, and how many cells a part; of all choices the fewest cells.

    Cells are so many that a table that is full comes apart but once in a million times.
    """
    found = []
    for number, (load, room) in _LOADS.items():
        full = (load + room / shape.keys**0.5) * shape.keys / number
        twins = (shape.keys**2 / (2 * _TWINS)) ** (1 / number)
        found.append((number * max(int(full) + 1, int(twins) + 1, _LEAST), number))
    cells, number = min(found)
    return number, cells // number


def form(shape: Shape) -> dict[str, tuple[str, int]]:
    """Return name -> (dtype, length) of the vectors of a table: 20 bytes a cell, and 4 for each count."""
    number, size = parts(shape)
    words = {"keys": "uint64", "checks": "uint64", "entries": "uint32"}
    words |= {f"column.{place}": "uint32" for place in range(shape.columns)}
    return {name: (dtype, number * size) for name, dtype in words.items()}


def encode(keys: Ints, counts: Sequence[Ints], shape: Shape) -> dict[str, Words]:
    """Return a member's table as vectors for `turns.mask`.

    Args:
        keys: int64 [m], >= 0, each once.
        counts: arrays of int64 [m], >= 0, one for each column.
        shape: of the table.

    Raises:
        MaskError: a key twice, negative or too large; a count negative or so large that a sum could run over; more keys
            or other columns than the shape has.
    """
    _check(keys, counts, shape)
    table = {name: np.zeros(length, dtype) for name, (dtype, length) in form(shape).items()}
    _add(table, _places(keys.astype(np.uint64), shape), _rows(keys.astype(np.uint64), 1, counts, shape), sign=1)
    return table


def decode(total: Mapping[str, Words], shape: Shape) -> tuple[Ints, Ints]:
    """Return the table in a sum.

    Args:
        total: name -> words, of the sum.
        shape: of the table.

    Returns:
        int64 [m], the keys, ascending; int64 [columns, m], the counts.

    Raises:
        MaskError: the words do not come apart into keys: there are more than the shape was made for, or a member sent
            no such table.
    """
    if {name: (str(words.dtype), len(words)) for name, words in total.items()} != form(shape):
        raise errors.MaskError("a sum of tables has not the form of its shape")
    table: dict[str, Words] = {name: words.copy() for name, words in total.items()}
    names = [f"column.{place}" for place in range(shape.columns)]
    cells = np.flatnonzero(table["entries"])
    keys, counts, left = [np.zeros(0, np.uint64)], [np.zeros((shape.columns, 0), np.int64)], len(table["entries"])
    while left > 0 and len(alone := _alone(table, cells, shape)):
        found, first = np.unique(table["keys"][alone] // table["entries"][alone], return_index=True)
        chosen, places = alone[first], _places(found, shape)
        values = [table[name][chosen] for name in names]
        _add(table, places, _rows(found, table["entries"][chosen], values, shape), sign=-1)
        keys.append(found)
        counts.append(np.array(values, np.int64).reshape(shape.columns, len(found)))
        cells, left = np.unique(places), left - len(found)
    key = np.concatenate(keys).astype(np.int64)
    order = np.argsort(key)
    if any(words.any() for words in table.values()) or (np.diff(key[order]) == 0).any():
        text = f"a sum of tables made for {shape.keys} keys does not come apart; make it for more"
        raise errors.MaskError(text)
    return key[order], np.concatenate(counts, axis=1)[:, order]


def _check(keys: Ints, counts: Sequence[Ints], shape: Shape) -> None:
    most, each = _most(shape), _WORD // shape.members
    if len(np.unique(keys)) != len(keys) or (keys < 0).any() or (keys > most).any():
        text = f"the keys of a table are whole numbers from 0 to {most}, each once"
        raise errors.MaskError(text)
    if len(keys) > shape.keys:
        text = f"{len(keys)} keys in a table made for {shape.keys}"
        raise errors.MaskError(text)
    if [len(column) for column in counts] != [len(keys)] * shape.columns:
        text = f"a key of this table has {shape.columns} counts"
        raise errors.MaskError(text)
    if any(((column < 0) | (column > each)).any() for column in counts):
        text = f"the counts of a table are whole numbers from 0 to {each}, so that {shape.members} can be added up"
        raise errors.MaskError(text)


def _most(shape: Shape) -> int:
    """The largest key: the sum of one of each member is a word still, and a key is an int64."""
    return min(_LONG // shape.members, 2**63 - 1)


def _alone(table: Mapping[str, Words], cells: Ints, shape: Shape) -> Ints:
    """Those of some cells whose entries are all of one key."""
    number = table["entries"][cells].astype(np.uint64)
    cells, number = cells[number > 0], number[number > 0]
    total = table["keys"][cells]
    key = total // number
    alone = (
        (key <= np.uint64(_most(shape)))
        & (key * number == total)
        & (table["checks"][cells] == number * _check_of(key, shape))
    )
    cells, key = cells[alone], key[alone]
    place = _places(key, shape)[cells // parts(shape)[1], np.arange(len(cells))]
    return np.asarray(cells[place == cells], np.int64)


def _rows(keys: Uints, entries: Words | int, counts: Sequence[Ints | Words], shape: Shape) -> dict[str, Words]:
    """What so many entries of each key add to a cell."""
    number = np.broadcast_to(np.asarray(entries, np.uint64), keys.shape)
    rows: dict[str, Words] = {
        "keys": number * keys,
        "checks": number * _check_of(keys, shape),
        "entries": number.astype(np.uint32),
    }
    return rows | {f"column.{place}": column.astype(np.uint32) for place, column in enumerate(counts)}


def _add(table: Mapping[str, Words], places: Ints, rows: Mapping[str, Words], *, sign: int) -> None:
    """Add rows to the cells of their keys in place, or take them out; `places` is int64 [parts, keys]."""
    turn = np.add if sign > 0 else np.subtract
    for name, words in table.items():
        for part in places:
            turn.at(words, part, rows[name])


def _places(keys: Uints, shape: Shape) -> Ints:
    """The cell of each key in each part, int64 [parts, keys]."""
    number, size = parts(shape)
    seeds = _seeds(shape, number + 1)[1:]
    # The upper half of a hash times the size is a number below the size, without the bias of a remainder.
    at = [(mix(keys ^ seed) >> np.uint64(32)) * np.uint64(size) >> np.uint64(32) for seed in seeds]
    return np.array([place + np.uint64(part * size) for part, place in enumerate(at)], np.int64).reshape(number, -1)


def _check_of(keys: Uints, shape: Shape) -> Uints:
    return mix(keys ^ _seeds(shape, 1)[0])


def _seeds(shape: Shape, number: int) -> Uints:
    return np.array(
        [int.from_bytes(letters.digest("sparse", shape.seed, at)[:8], "big") for at in range(number)], np.uint64
    )


def mix(values: Uints) -> Uints:
    """A hash of 64 bits (the finaliser of SplitMix64, Steele et al. 2014)."""
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return values ^ (values >> np.uint64(31))
