"""A packet as Flower's records and back. Floor 3; with the two apps and `control`, all that knows Flower."""

import math
import re
from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
from flwr.app import ConfigRecord, RecordDict

from federated import errors
from federated.messages import Packet

_PACKET = "packet"
_ARRAY, _NUMBER, _NAME = "array.", "number.", "name."
_WANTED: dict[str, tuple[type, ...]] = {_ARRAY: (bytes,), _NUMBER: (int, float), _NAME: (str,)}
_LINE = re.compile(rb"([<|][biuf][1248])((?: \d{1,12}){0,8})\n")  # at most 8 dimensions

Array = npt.NDArray[Any]


def action(kind: str) -> str:
    """Return a kind as Flower names what a message asks for: letters, digits and underscores."""
    return kind.replace("-", "_")


def content(packet: Packet) -> RecordDict:
    """Return `packet` as the content of a Flower message: one record, with arrays as plain bytes.

    NumPy's own format is not used, since its reader evaluates what came as an expression of Python.

    Flower fetches each record, each array and each piece of an array by a request of its own, on each of four ways. Of
    a run in processes those requests were a fifth of the time, and between continents each of them is a journey.
    """
    told: dict[str, Any] = {_ARRAY + name: _bytes(array) for name, array in packet.arrays.items()}
    told |= {_NUMBER + name: value for name, value in packet.numbers.items()}
    return RecordDict(
        {_PACKET: ConfigRecord({**told, **{_NAME + name: value for name, value in packet.names.items()}})}
    )


def packet(found: RecordDict, kind: str) -> Packet:
    """Return what a Flower message of `kind` holds.

    Raises:
        GuardError: it is not one record of arrays, numbers and names, or an array cannot be read.
    """
    record = found.get(_PACKET)
    if set(found) != {_PACKET} or not isinstance(record, ConfigRecord):
        text = f"records {sorted(found)} came, declared is one, {_PACKET}"
        raise errors.GuardError(text)
    try:
        arrays = {name: _array(data) for name, data in _of(record, _ARRAY)}
    except (ValueError, TypeError) as error:
        raise errors.GuardError("an array does not follow from its type and shape") from error
    numbers, names = dict(_of(record, _NUMBER)), dict(_of(record, _NAME))
    if len(arrays) + len(numbers) + len(names) != len(record):
        raise errors.GuardError(
            "a message holds arrays as bytes, numbers, and names as text; nothing else, and no lists"
        )
    return Packet(kind, arrays, numbers, names)


def size(found: RecordDict) -> int:
    """Return the bytes of the arrays in a message as they travel, before TLS."""
    record = found.get(_PACKET)
    return sum(len(data) for _, data in _of(record, _ARRAY)) if isinstance(record, ConfigRecord) else 0


def _of(record: ConfigRecord, kind: str) -> Iterator[tuple[str, Any]]:
    """Names and values of a kind that are of its type; True is no number."""
    for name, value in record.items():
        if name.startswith(kind) and isinstance(value, _WANTED[kind]) and not isinstance(value, bool):
            yield name.removeprefix(kind), value


def _bytes(array: Array) -> bytes:
    """An array as bytes: its type and its shape on a line, then its numbers row by row, the lowest byte first."""
    told = np.ascontiguousarray(array, array.dtype.newbyteorder("<"))
    return " ".join([told.dtype.str, *map(str, array.shape)]).encode() + b"\n" + told.tobytes()


def _array(data: bytes) -> Array:
    """Read an array; its memory is that of the bytes that came, whatever its first line says."""
    line = _LINE.match(data)
    if line is None:
        raise ValueError("without type and shape")
    shape, dtype = tuple(map(int, line[2].split())), np.dtype(line[1].decode())
    if math.prod(shape) * dtype.itemsize != len(data) - line.end():
        raise ValueError("of another length")
    return np.ndarray(shape, dtype, data, line.end()).copy()
