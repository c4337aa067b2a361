"""Look at every message before anything is done with it: declared names, shapes, dtypes, finite values. Pure; floor 3.

Used on both sides: an institution looks at what the coordinator asks, the coordinator at every answer before it is
summed. Flower checks nothing: a wrong shape ends its whole run, and one NaN its whole model (federation.md, section 5).
"""

import math
from collections.abc import Collection, Mapping
from dataclasses import replace

import numpy as np

from federated import errors, messages, packing
from federated.messages import Array, Packet
from recommender import artifact, cells, context, features
from recommender import errors as recommender_errors
from recommender.space import Space

_COUNTED = {"round", "rows", "learners"}
_NUMBERS = {
    messages.COUNTS: _COUNTED,
    messages.CELLS: _COUNTED,
    messages.MOMENTS: {*_COUNTED, "loss"},
    messages.SUMS: {*_COUNTED, "loss"},
    messages.PUBLISH: {"round"},
}
_SLACK = 1.01  # for rounding to float32


def question(packet: Packet, expected: Mapping[str, str]) -> None:
    """Pass what the coordinator asked, or raise. Whether its arrays make up a model is seen when they are put together.

    Args:
        packet: what came.
        expected: the names that the institution stands for, see `messages.names`; whatever they say of models is for
            the institution to compare.

    Raises:
        PolicyError: another policy than this institution declared.
        CatalogError: another catalog, or another version of its columns.
        GuardError: anything else that was not declared.
    """
    if packet.names.get("policy") != expected["policy"]:
        text = "the coordinator follows another policy than this institution declared; their digests differ"
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


def answer(packet: Packet, space: Space, expected: Mapping[str, str], kind: str, number: int) -> None:
    """Pass what an institution answered in round `number`, or raise.

    Args:
        packet: what came.
        space: the catalog by column.
        expected: the names that were asked with.
        kind: one of `messages.KINDS`.
        number: the round that was asked.

    Raises:
        GuardError: something in it was not declared, or cannot be what any learners add up to.
    """
    _names(packet, expected)
    _numbers(packet, _NUMBERS[kind])
    if packet.numbers["round"] != number:
        text = f"the answer is to round {packet.numbers['round']}, asked was round {number}"
        raise errors.GuardError(text)
    if "learners" in packet.numbers and not 1 <= packet.numbers["learners"] <= packet.numbers["rows"]:
        text = f"{packet.numbers['learners']} learners in {packet.numbers['rows']} rows; at least one, and one row each"
        raise errors.GuardError(text)
    if kind in messages.TABLES:
        _tables(packet, space, messages.TABLES[kind])
    elif kind == messages.MOMENTS:
        names = ("total", "squares")
        _moments(_part(packet, names), len(features.names(space)))
        _sums(_part(packet, set(packet.arrays) - set(names)), space)
    elif kind == messages.SUMS:
        _sums(packet, space)
    else:
        _arrays(packet, {})


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


def _tables(packet: Packet, space: Space, declared: tuple[str, ...]) -> None:
    """Refuse tables with cells that the catalog has not, more right answers than answers, more answers than rows."""
    if set(packet.arrays) != set(declared) or any(array.dtype != np.uint8 for array in packet.arrays.values()):
        text = f"tables {sorted(packet.arrays)} came, declared are {sorted(declared)} as bytes"
        raise errors.GuardError(text)
    for name, counts in messages.unpack_counts(packet).items():
        try:
            artifact.check(name, counts, space)
        except recommender_errors.MismatchError as error:
            raise errors.GuardError(str(error)) from error
        # An answer is in one cell of a table, and in one for each of ten earlier answers in that of skips.
        most = packet.numbers["rows"] * (context.LAGS if name == cells.SKIPS else 1)
        if counts.tries.sum(dtype=np.float64) > most:
            text = (
                f"table {name} holds {counts.tries.sum()} answers, of {packet.numbers['rows']} rows at most {most:.0f}"
            )
            raise errors.GuardError(text)


def _part(packet: Packet, names: Collection[str]) -> Packet:
    return replace(packet, arrays={name: array for name, array in packet.arrays.items() if name in names})


def _moments(packet: Packet, columns: int) -> None:
    """Refuse sums of columns that cannot be: the intercept's are the rows, and no mean is over the root of a square."""
    _arrays(packet, {"total": ("float64", columns), "squares": ("float64", columns)})
    rows, total, squares = packet.numbers["rows"], packet.arrays["total"], packet.arrays["squares"]
    if (squares < 0).any() or (total * total > rows * squares * (1 + 1e-9) + 1e-9).any():
        text = f"columns of {rows} rows with these sums and sums of squares cannot be"
        raise errors.GuardError(text)
    if total[-1] != rows or squares[-1] != rows:
        text = f"the intercept adds up to {total[-1]}, there are {rows} rows"
        raise errors.GuardError(text)


def _sums(packet: Packet, space: Space) -> None:
    """Refuse what no learners can add up to: a diagonal under 0 or over a quarter of the rows."""
    if "items" not in packet.arrays or packet.arrays["items"].dtype != np.uint8:
        text = f"arrays {sorted(packet.arrays)} came, with the list of items as bytes"
        raise errors.GuardError(text)
    items, _ = packing.unpack(packet.arrays["items"], 0)
    if len(items) and items[-1] >= space.items:
        text = f"sums of item {items[-1]} came, the catalog has {space.items}"
        raise errors.GuardError(text)
    weight = packet.arrays.get("weight", np.zeros(0, np.float32))
    if weight.shape != items.shape:
        text = f"weights of {weight.shape} items came, the list has {len(items)}"
        raise errors.GuardError(text)
    rest = {name: array for name, array in packet.arrays.items() if name != "items"}
    _arrays(Packet(packet.kind, rest), messages.sums_form(weight, space))
    k, r = len(features.of_skill(space)), len(features.names(space))
    dense = np.einsum("imm->im", messages.symmetric(packet.arrays["dense"][None], r))[0]
    skills = packet.arrays["skill_rows"].reshape(-1, k, r)
    for name, rows, names in (
        ("item rows", messages.item_rows(packet, space), features.of_item(space)),
        ("skill rows", skills, features.of_skill(space)),
    ):
        own = rows[:, np.arange(len(names)), features.places(space, names)]
        _plausible(name, rows, own, dense, packet.numbers["rows"])


def _plausible(name: str, rows: Array, own: Array, dense: Array, answers: float) -> None:
    """Refuse blocks of a Hessian, [n, columns, r], that no answers can add up to; `own` is their diagonal."""
    # One item a row and p (1 - p) <= 1/4: the levels add up to a quarter of the answers, and so does the intercept.
    most = _SLACK * answers / 4
    if (own < 0).any() or (dense < 0).any() or own[:, 0].sum() > most or dense[-1] > most:
        text = f"the Hessian's diagonal must be between 0 and a quarter of the {answers} rows, in {name}"
        raise errors.GuardError(text)
    # No column of a Hessian outweighs two others' lengths (Cauchy and Schwarz): a sign of sums that were made up.
    lengths = np.sqrt(own)[:, :, None] * np.sqrt(dense)
    # Coarse rows are off by a step of their scale.
    slack = 1e-3 + 1e-4 * np.abs(rows).max(axis=2, keepdims=True, initial=0.0)
    if (np.abs(rows) > _SLACK * lengths + slack).any():
        text = f"the Hessian's {name} outweigh its diagonal"
        raise errors.GuardError(text)
