"""What is said in a round, as declared names and arrays. Pure; `records` turns it into Flower's records. Floor 3.

Where sums are masked a run begins with two exchanges of keys (`OFFERS`, `SHARES`), and every round of it ends with one
by which the sum is unmasked (`REVEAL`, before it `CONFIRM` where many are missing). An exact run counts first
(`COUNTS`: by item and set of skills, then `CELLS`: by situation), looks at the scale of the columns (`MOMENTS`, with
the sums of a first step), then takes Newton's steps (`SUMS`). A private run takes the steps of `private`. Both publish.
The coordinator asks with the current model, of which only those arrays travel that changed since its last question.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from federated import charter as charters
from federated import errors, packing
from federated import policy as policies
from federated.charter import Charter
from recommender import artifact, features
from recommender import errors as recommender_errors
from recommender.cells import Counts
from recommender.parameters import COUNTS as PARTS
from recommender.parameters import Parameters
from recommender.space import Space

OFFERS = "offers"
SHARES = "shares"
CONFIRM = "confirm"
REVEAL = "reveal"
COUNTS = "counts"
CELLS = "cells"
MOMENTS = "moments"
SUMS = "sums"
PUBLISH = "publish"
MASKING = (OFFERS, SHARES, CONFIRM, REVEAL)
EXACT = (COUNTS, CELLS, MOMENTS, SUMS)
KINDS = (*MASKING, *EXACT, PUBLISH)

# Names of arrays.
OFFER, SHARE, PARCEL, MASKED, SURVIVORS, CONFIRMATION = (
    "offer",
    "share",
    "parcel",
    "masked",
    "survivors",
    "confirmation",
)
_TABLE = "table."
_STATE = "state."

Array = npt.NDArray[Any]
Bytes = npt.NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class Packet:
    """One message, free of Flower.

    Attributes:
        kind: what it is about; an answer has the kind of its question.
        arrays: by declared name.
        numbers: by declared name, finite; an answer repeats those of its question.
        names: what both sides must agree on letter by letter, see `names`; an answer repeats those of its question.
    """

    kind: str
    arrays: Mapping[str, Array] = field(default_factory=dict)
    numbers: Mapping[str, int | float] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Place:
    """Where a message belongs: the charter that is in force, the run, and how often its masks were begun anew.

    Attributes:
        charter: in force, signed by all.
        run: the same when a run is resumed.
        attempt: from 1; another one for every set-up of masks.
    """

    charter: Charter
    run: str
    attempt: int = 1


def names(space: Space, place: Place, model: str = "", base: str = "") -> dict[str, str]:
    """Return what both sides must agree on, letter by letter.

    The catalog's fingerprint, the version of the columns, policy and charter, the run; and by their digests the model
    that the question is about, and the one that its arrays are added to (empty: none).
    """
    return {
        "catalog": space.catalog.fingerprint,
        "space": features.VERSION,
        "policy": policies.digest(place.charter.policy),
        "charter": charters.digest(place.charter),
        "run": place.run,
        "attempt": str(place.attempt),
        "model": model,
        "base": base,
    }


def changed(parameters: Parameters, base: Parameters | None) -> tuple[dict[str, Array], str, str]:
    """Return what of a model must travel, and the digests of it and of its base.

    Args:
        parameters: the model that is asked about.
        base: one that every institution asked has already; only arrays that differ from its are sent. None: all.
    """
    known = {} if base is None else artifact.arrays_of(base)
    differ = {
        name
        for name, array in artifact.arrays_of(parameters).items()
        if name not in known or not np.array_equal(array, known[name])
    }
    return _encode(parameters, differ), artifact.digest(parameters), artifact.digest(base) if base is not None else ""


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
        elif name != PARCEL:
            arrays[name] = array
    try:
        return artifact.assemble(space, arrays)
    except recommender_errors.MismatchError as error:
        raise errors.GuardError(str(error)) from error


def state(arrays: Mapping[str, Array]) -> dict[str, Array]:
    """Return the arrays of a private run's state under the names by which they travel."""
    return {_STATE + name: array for name, array in arrays.items()}


def stated(packet: Packet) -> dict[str, Array]:
    """Return the arrays of the state in a question, under their own names."""
    return {name.removeprefix(_STATE): array for name, array in packet.arrays.items() if name.startswith(_STATE)}


def answer(asked: Packet, arrays: Mapping[str, Array] | None = None) -> Packet:
    """Return an answer: its arrays, under the names and numbers of the question."""
    return Packet(asked.kind, arrays or {}, asked.numbers, asked.names)


def text(content: bytes) -> Bytes:
    """Return bytes as an array."""
    return np.frombuffer(content, np.uint8)


def survivors(names: tuple[str, ...], alive: tuple[str, ...]) -> Bytes:
    """Return who of a roster's `names` is alive, uint8 [members], 0 or 1."""
    return np.array([name in alive for name in names], np.uint8)


def alive(names: tuple[str, ...], packet: Packet) -> tuple[str, ...]:
    """Return who of a roster's `names` is alive, as a question says.

    Raises:
        GuardError: it does not say so of each.
    """
    told = packet.arrays.get(SURVIVORS, np.zeros(0, np.uint8))
    if told.dtype != np.uint8 or told.shape != (len(names),) or not set(told.tolist()) <= {0, 1}:
        message = f"survivors came as {told.dtype} {told.shape}, needed is 0 or 1 for each of {len(names)} members"
        raise errors.GuardError(message)
    return tuple(name for name, there in zip(names, told, strict=True) if there)


def _encode(parameters: Parameters, differ: set[str]) -> dict[str, Array]:
    """Of the arrays whose names are given, tables as few bytes, all others as they are."""
    arrays = artifact.arrays_of(parameters)
    found = {name: array for name, array in arrays.items() if name in differ and "." not in name}
    for name in sorted({name.rpartition(".")[0] for name in differ if "." in name}):
        found[f"{_TABLE}{name}"] = _pack(parameters.tables.of(name))
    return found


def _pack(counts: Counts) -> Bytes:
    return packing.pack(counts.keys, (counts.tries, counts.wins))
