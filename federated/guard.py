"""Look at every message before anything is done with it: declared names, shapes, dtypes, finite values. Pure; floor 3.

Used on both sides: an institution looks at what the coordinator asks, the coordinator at every answer before it is
summed. Flower checks nothing: a wrong shape ends its whole run, and one NaN its whole model (flwr 1.41).
"""

import math
from collections.abc import Mapping

import numpy as np

from federated import errors
from federated.messages import Array, Packet
from recommender import artifact

# What a question's models may say is for the institution to compare, and of which run and attempt is its session's.
_FREE = {"model", "base", "run", "attempt"}
_LONGEST_RUN = 64
_LONGEST = 9  # digits of an attempt


def question(packet: Packet, expected: Mapping[str, str], numbers: set[str]) -> None:
    """Pass what the coordinator asked, or raise. Whether its arrays make up a model is seen when they are put together.

    Args:
        packet: what came.
        expected: the names that the institution stands for, see `messages.names`.
        numbers: those that a question of this kind has, besides "round" and "exchange".

    Raises:
        PolicyError: another policy, or another charter, than this institution signed.
        CatalogError: another catalog, or another version of its columns.
        GuardError: anything else that was not declared.
    """
    for name in ("policy", "charter"):
        if packet.names.get(name) != expected[name]:
            text = f"the coordinator follows another {name} than this institution signed; their digests differ"
            raise errors.PolicyError(text)
    for name in ("catalog", "space"):
        if packet.names.get(name) != expected[name]:
            text = f"the coordinator's {name} is {packet.names.get(name)!r}, this institution has {expected[name]!r}"
            raise errors.CatalogError(text)
    if packet.names.keys() != expected.keys():
        text = f"names {sorted(packet.names)} came, declared are {sorted(expected)}"
        raise errors.GuardError(text)
    attempt = packet.names["attempt"]
    if not (is_run(packet.names["run"]) and attempt.isascii() and attempt.isdecimal() and len(attempt) <= _LONGEST):
        raise errors.GuardError("the id of a run is letters and digits, 64 at most, and an attempt is a number")
    _numbers(packet, {"round", "exchange", *numbers})
    for name, array in packet.arrays.items():
        if array.dtype.name not in artifact.DTYPES:
            text = f"array {name} is {array.dtype}, declared are {', '.join(artifact.DTYPES)}"
            raise errors.GuardError(text)
        _finite(name, array)


def answer(packet: Packet, asked: Packet, form: Mapping[str, tuple[str, int]]) -> None:
    """Pass what an institution answered, or raise.

    Args:
        packet: what came.
        asked: the question; an answer repeats its names and numbers, so that one to another question is refused.
        form: name -> (dtype, length) of each array of the answer; all are flat.

    Raises:
        GuardError: something in it was not declared.
    """
    if dict(packet.names) != dict(asked.names):
        keys = packet.names.keys() | asked.names.keys()
        wrong = sorted(key for key in keys if packet.names.get(key) != asked.names.get(key))
        text = f"names {wrong} differ; expected " + ", ".join(f"{key}={asked.names.get(key)!r}" for key in wrong)
        raise errors.GuardError(text)
    if dict(packet.numbers) != dict(asked.numbers):
        text = f"the answer is to {dict(packet.numbers)}, asked was {dict(asked.numbers)}"
        raise errors.GuardError(text)
    if packet.arrays.keys() != form.keys():
        text = f"arrays {sorted(packet.arrays)} came, declared are {sorted(form)}"
        raise errors.GuardError(text)
    for name, (dtype, length) in form.items():
        array = packet.arrays[name]
        if array.dtype != np.dtype(dtype) or array.shape != (length,):
            text = f"array {name} is {array.dtype} {array.shape}, declared is {dtype} ({length},)"
            raise errors.GuardError(text)
        _finite(name, array)


def is_run(text: str) -> bool:
    """Whether a text may be the id of a run, which names a directory: letters and digits, 64 at most."""
    return text.isascii() and text.isalnum() and len(text) <= _LONGEST_RUN


def is_whole(value: float) -> bool:
    """Whether a number is finite, not negative, whole."""
    return math.isfinite(value) and value >= 0 and value == int(value)


def _numbers(packet: Packet, declared: set[str]) -> None:
    if packet.numbers.keys() != declared:
        text = f"numbers {sorted(packet.numbers)} came, declared are {sorted(declared)}"
        raise errors.GuardError(text)
    for name, value in packet.numbers.items():
        if not is_whole(value):
            text = f"number {name} is {value!r}; it must be finite, not negative, whole"
            raise errors.GuardError(text)


def _finite(name: str, array: Array) -> None:
    if not np.isfinite(array).all():
        text = f"array {name} holds {int((~np.isfinite(array)).sum())} values that are not finite"
        raise errors.GuardError(text)
