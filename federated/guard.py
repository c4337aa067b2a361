"""Look at every message before anything is done with it: declared names, shapes, dtypes, finite values. Pure; floor 3.

Used on both sides: an institution looks at what the coordinator asks, the coordinator at every answer before it is
summed. Flower checks nothing: a wrong shape ends its whole run, and one NaN its whole model (federation.md, section 5).
"""

import math
from collections.abc import Mapping

import numpy as np

from federated import errors, messages
from federated.messages import Array, Packet, Shape
from recommender import artifact

_NUMBERS = {messages.SUMS: {"round", "loss", "rows", "learners"}, messages.PUBLISH: {"round"}}


def question(packet: Packet, expected: Mapping[str, str]) -> None:
    """Pass what the coordinator asked, or raise. Whether its arrays make up a model is seen when they are put together.

    Args:
        packet: what came.
        expected: the names that the institution stands for, see `messages.names`; whatever they say of models is for
            the institution to compare.

    Raises:
        PolicyError: another policy, legal entity or number of least learners than this institution declared.
        CatalogError: another catalog, or another version of its columns.
        GuardError: anything else that was not declared.
    """
    for name in ("policy", "legal-entity", "least-learners"):
        if packet.names.get(name) != expected[name]:
            text = (
                f"the coordinator's {name} is {packet.names.get(name)!r}, this institution declared {expected[name]!r}"
            )
            raise errors.PolicyError(text)
    for name in ("catalog", "space"):
        if packet.names.get(name) != expected[name]:
            text = f"the coordinator's {name} is {packet.names.get(name)!r}, this institution has {expected[name]!r}"
            raise errors.CatalogError(text)
    if packet.names.keys() != expected.keys():
        text = f"names {sorted(packet.names)} came, declared are {sorted(expected)}"
        raise errors.GuardError(text)
    _numbers(packet, {"round"})
    for name, array in packet.arrays.items():
        if array.dtype.name not in artifact.DTYPES:
            text = f"array {name} is {array.dtype}, declared are {', '.join(artifact.DTYPES)}"
            raise errors.GuardError(text)
        _finite(name, array)


def answer(packet: Packet, form: Shape, expected: Mapping[str, str], kind: str, number: int) -> None:
    """Pass what an institution answered in round `number`, or raise.

    Args:
        packet: what came.
        form: what the arrays of the catalog look like.
        expected: the names that were asked with.
        kind: `messages.SUMS` or `messages.PUBLISH`.
        number: the round that was asked.

    Raises:
        GuardError: something in it was not declared, or cannot be the sums of any learners.
    """
    _names(packet, expected)
    _numbers(packet, _NUMBERS[kind])
    if packet.numbers["round"] != number:
        text = f"the answer is to round {packet.numbers['round']}, asked was round {number}"
        raise errors.GuardError(text)
    _arrays(packet, form.arrays if kind == messages.SUMS else {})
    if kind == messages.SUMS:
        _plausible(packet, form)


def _names(packet: Packet, expected: Mapping[str, str]) -> None:
    if dict(packet.names) != dict(expected):
        wrong = sorted(
            key for key in packet.names.keys() | expected.keys() if packet.names.get(key) != expected.get(key)
        )
        text = f"names {wrong} differ; expected " + ", ".join(f"{key}={expected.get(key)!r}" for key in wrong)
        raise errors.GuardError(text)


def _numbers(packet: Packet, declared: set[str]) -> None:
    if packet.numbers.keys() != declared:
        text = f"numbers {sorted(packet.numbers)} came, declared are {sorted(declared)}"
        raise errors.GuardError(text)
    for name, value in packet.numbers.items():
        if not math.isfinite(value) or value < 0 or (name != "loss" and value != int(value)):
            text = f"number {name} is {value!r}; it must be finite, not negative" + (
                "" if name == "loss" else ", whole"
            )
            raise errors.GuardError(text)


def _arrays(packet: Packet, declared: Mapping[str, tuple[str, int]]) -> None:
    if packet.arrays.keys() != declared.keys():
        text = f"arrays {sorted(packet.arrays)} came, declared are {sorted(declared)}"
        raise errors.GuardError(text)
    for name, (dtype, length) in declared.items():
        array = packet.arrays[name]
        if array.dtype != np.dtype(dtype) or array.shape != (length,):
            text = f"array {name} is {array.dtype} {array.shape}, declared is {dtype} ({length},)"
            raise errors.GuardError(text)
        _finite(name, array)


def _finite(name: str, array: Array) -> None:
    if not np.isfinite(array).all():
        text = f"array {name} holds {int((~np.isfinite(array)).sum())} values that are not finite"
        raise errors.GuardError(text)


def _plausible(packet: Packet, form: Shape) -> None:
    """Refuse what no learners can add up to: a diagonal under 0 or over a quarter of the rows, nobody at all."""
    rows, learners = packet.numbers["rows"], packet.numbers["learners"]
    if not 1 <= learners <= rows:
        text = f"{learners} learners in {rows} rows; at least one learner, and one row each"
        raise errors.GuardError(text)
    diagonal = packet.arrays["diagonal"]
    dense = packet.arrays["dense"][np.cumsum([0, *range(form.shared, 1, -1)])]
    # One item a row, and p (1 - p) <= 1/4, so the item block adds up to rows / 4 at most; 1 % for rounding.
    if (diagonal < 0).any() or (dense < 0).any() or diagonal.sum(dtype=np.float64) > 0.2525 * rows:
        text = f"the Hessian's diagonal must be between 0 and a quarter of the {rows} rows"
        raise errors.GuardError(text)
