"""What is said in a round, as declared names and arrays. Pure; `records` turns it into Flower's records. Floor 3.

A run counts first (`COUNTS`: by item and set of skills, then `CELLS`: by situation), looks at the scale of the columns
(`MOMENTS`, with the sums of a first step), then takes Newton's steps (`SUMS`), and publishes. The coordinator asks with
the current model, of which only those arrays travel that changed since its last question. Counts are whole numbers and
arrive exactly. Of the sums the gradient travels as float64, the Hessian more roughly (`rows`): that changes how fast
Newton converges, not where it ends; and only of items that the institution has answers to, which its counts have told.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from federated import errors, packing, rows
from federated import policy as policies
from federated.policy import Policy
from recommender import artifact, cells, features
from recommender import errors as recommender_errors
from recommender.cells import Counts
from recommender.parameters import COUNTS as PARTS
from recommender.parameters import Parameters
from recommender.space import Space
from recommender.tracing import Sums
from recommender.training import Moments

COUNTS = "counts"
CELLS = "cells"
MOMENTS = "moments"
SUMS = "sums"
PUBLISH = "publish"
KINDS = (COUNTS, CELLS, MOMENTS, SUMS, PUBLISH)
# The tables that the rounds of counting fill.
TABLES: Mapping[str, tuple[str, ...]] = {COUNTS: cells.BASE, CELLS: (*cells.CELLS, cells.SKIPS)}

Array = npt.NDArray[Any]

_TABLE = "table."


@dataclass(frozen=True, eq=False)
class Packet:
    """One message, free of Flower.

    Attributes:
        kind: one of `KINDS`; an answer has the kind of its question.
        arrays: by declared name.
        numbers: by declared name, finite.
        names: what both sides must agree on letter by letter, see `names`; an answer repeats those of its question.
    """

    kind: str
    arrays: Mapping[str, Array] = field(default_factory=dict)
    numbers: Mapping[str, int | float] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)


def question(kind: str, parameters: Parameters, policy: Policy, number: int, base: Parameters | None = None) -> Packet:
    """Return what the coordinator sends in round `number`: the current model.

    Args:
        kind: of the round.
        parameters: the current model.
        policy: the declared policy.
        number: of the round.
        base: a model that every institution asked has already; only arrays that differ from its are sent. None: all.
    """
    known = {} if base is None else artifact.arrays_of(base)
    changed = {
        name
        for name, array in artifact.arrays_of(parameters).items()
        if name not in known or not np.array_equal(array, known[name])
    }
    return Packet(kind, _encode(parameters, changed), {"round": number}, names(parameters, policy, base))


def names(parameters: Parameters, policy: Policy, base: Parameters | None = None) -> dict[str, str]:
    """Return what both sides must agree on, letter by letter.

    The catalog's fingerprint, the version of the columns, the policy; and by their digests the model that the question
    is about, and the one that its arrays are added to (empty: to none).
    """
    return {
        "catalog": parameters.fingerprint,
        "space": parameters.version,
        "policy": policies.digest(policy),
        "model": artifact.digest(parameters),
        "base": artifact.digest(base) if base is not None else "",
    }


def model(packet: Packet, space: Space, base: Parameters) -> Parameters:
    """Return the model that a question is about.

    Args:
        packet: the question, which the guard has passed.
        space: the catalog by column.
        base: the model that its arrays are added to.

    Raises:
        GuardError: its arrays do not make up a model.
    """
    arrays = artifact.arrays_of(base)
    for name, array in packet.arrays.items():
        if name.startswith(_TABLE):
            keys, (tries, wins) = packing.unpack(array, 2)
            table = name.removeprefix(_TABLE)
            arrays |= {f"{table}.{part}": value for part, value in zip(PARTS, (keys, tries, wins), strict=True)}
        else:
            arrays[name] = array
    try:
        return artifact.assemble(space, arrays)
    except recommender_errors.MismatchError as error:
        raise errors.GuardError(str(error)) from error


def counts_answer(counted: Mapping[str, Counts], answers: int, learners: int, asked: Packet) -> Packet:
    """Return what an institution answers to a question for counts: its tables, and of how many rows and learners."""
    numbers = {"round": asked.numbers["round"], "rows": answers, "learners": learners}
    return Packet(asked.kind, {name: _pack(counts) for name, counts in counted.items()}, numbers, asked.names)


def unpack_counts(packet: Packet) -> dict[str, Counts]:
    """Return the tables in an answer.

    Raises:
        GuardError: one of them is not a table.
    """
    found = {}
    for name, array in packet.arrays.items():
        keys, (tries, wins) = packing.unpack(array, 2)
        found[name] = Counts(keys, tries, wins)
    return found


def moments_answer(seen: Moments, summed: Sums, asked: Packet) -> Packet:
    """Return what an institution answers to a question for the scale of its columns, and its sums on that scale."""
    told = sums_answer(summed, asked)
    return replace(told, arrays={**told.arrays, "total": seen.total, "squares": seen.squares})


def unpack_moments(packet: Packet) -> Moments:
    """Return the moments in an answer that the guard has passed."""
    return Moments(int(packet.numbers["rows"]), packet.arrays["total"], packet.arrays["squares"])


def sums_answer(summed: Sums, asked: Packet) -> Packet:
    """Return what an institution answers to a question for sums: those, packed."""
    items, m, r = summed.items.shape
    own = summed.gradient[: items * m].reshape(items, m)
    there = np.flatnonzero(summed.items[:, 0, -1])
    return Packet(
        asked.kind,
        {
            "items": packing.pack(there.astype(np.int64), ()),
            "gradient": np.concatenate([own[there].ravel(), summed.gradient[items * m :]]),
            **rows.pack(summed.items[there]),
            "skill_rows": summed.skills.ravel().astype(np.float32),
            "dense": summed.dense[np.triu_indices(r)].astype(np.float32),
        },
        {
            "round": asked.numbers["round"],
            "loss": summed.loss,
            "rows": summed.rows,
            "learners": summed.learners,
        },
        asked.names,
    )


def sums_form(weight: Array, space: Space) -> dict[str, tuple[str, int]]:
    """Name -> (dtype, length) of each array of sums, but for the list of items; all are flat.

    Args:
        weight: float32 [items], as it came: it says which rows are coarse.
        space: the catalog by column.
    """
    m, k, r = len(features.of_item(space)), len(features.of_skill(space)), len(features.names(space))
    return {
        "gradient": ("float64", len(weight) * m + space.skills * k + r),
        **rows.form(weight, m, r),
        "skill_rows": ("float32", space.skills * k * r),
        "dense": ("float32", r * (r + 1) // 2),
    }


def unpack_sums(packet: Packet, space: Space) -> Sums:
    """Return the sums in an answer that the guard has passed, in float64."""
    there, _ = packing.unpack(packet.arrays["items"], 0)
    m, k, r = len(features.of_item(space)), len(features.of_skill(space)), len(features.names(space))
    own, blocks = np.zeros((space.items, m)), np.zeros((space.items, m, r))
    told = np.asarray(packet.arrays["gradient"], dtype=np.float64)
    own[there] = told[: len(there) * m].reshape(-1, m)
    blocks[there] = item_rows(packet, space)
    return Sums(
        gradient=np.concatenate([own.ravel(), told[len(there) * m :]]),
        items=blocks,
        skills=packet.arrays["skill_rows"].astype(np.float64).reshape(space.skills, k, r),
        dense=symmetric(packet.arrays["dense"][None], r)[0],
        loss=float(packet.numbers["loss"]),
        rows=int(packet.numbers["rows"]),
        learners=int(packet.numbers["learners"]),
    )


def item_rows(packet: Packet, space: Space) -> npt.NDArray[np.float64]:
    """Return the rows of the items in an answer, float64 [items, m, r]."""
    return rows.unpack(packet.arrays, features.places(space, features.of_item(space)), len(features.names(space)))


def symmetric(upper: Array, size: int) -> npt.NDArray[np.float64]:
    """Return symmetric matrices, float64 [n, size, size], of their upper triangles, [n, size (size + 1) / 2]."""
    found = np.zeros((len(upper), size, size))
    rows, columns = np.triu_indices(size)
    found[:, rows, columns] = upper
    found[:, columns, rows] = upper
    return found


def publish_answer(asked: Packet) -> Packet:
    """Return what an institution says once it has published: nothing but that it has."""
    return Packet(PUBLISH, {}, {"round": asked.numbers["round"]}, asked.names)


def _encode(parameters: Parameters, changed: set[str]) -> dict[str, Array]:
    """Of the arrays whose names are given, tables as few bytes, all others as they are."""
    arrays = artifact.arrays_of(parameters)
    found = {name: array for name, array in arrays.items() if name in changed and "." not in name}
    for name in sorted({name.rpartition(".")[0] for name in changed if "." in name}):
        found[f"{_TABLE}{name}"] = _pack(parameters.tables.of(name))
    return found


def _pack(counts: Counts) -> npt.NDArray[np.uint8]:
    return packing.pack(counts.keys, (counts.tries, counts.wins))
