"""The model: weights, the scale of its columns and the count tables that they stand on. Floor 2.

A frozen record: a step makes a new one. `arrays` and `of_arrays` turn it into named arrays and back, for a file or a
message.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt

from recommender.cells import NONE, Counts

Floats = npt.NDArray[np.float64]
COUNTS = ("keys", "tries", "wins")


@dataclass(frozen=True, eq=False)
class Tables:
    """What peers did, as sums over institutions, and what stands where nobody did anything.

    Attributes:
        counts: By name: "item", "combo", then those of `cells.CELLS` and `cells.SKIPS`. What is not there is empty.
        prior: float64 [combos], share of right answers that a set of skills starts with, strictly between 0 and 1.
        offset: float64 [items], logits by which an item starts above its set of skills.
    """

    counts: Mapping[str, Counts]
    prior: Floats
    offset: Floats

    def of(self, name: str) -> Counts:
        """Counts of one table; empty if nobody counted it."""
        return self.counts.get(name, NONE)


@dataclass(frozen=True, eq=False)
class Parameters:
    """A fitted (or starting) model.

    Attributes:
        catalog: Id of the catalog.
        fingerprint: The catalog's fingerprint, 64 hex digits.
        version: Version of the columns, such as "2".
        weights: float64 [d]: two for each item (its own level, and how much ability matters on it), then those of the
            dense columns.
        centre: float64 [r], mean of each dense column in training.
        spread: float64 [r], its standard deviation, > 0.
        tables: What peers did.
    """

    catalog: str
    fingerprint: str
    version: str
    weights: Floats
    centre: Floats
    spread: Floats
    tables: Tables

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """The model as named arrays: "weights", "centre", "spread", "prior", "offset", "<table>.keys" and the like."""
        found: dict[str, npt.NDArray[Any]] = {
            "weights": self.weights,
            "centre": self.centre,
            "spread": self.spread,
            "prior": self.tables.prior,
            "offset": self.tables.offset,
        }
        for name, counts in sorted(self.tables.counts.items()):
            found |= {f"{name}.{part}": getattr(counts, part) for part in COUNTS}
        return found


def of_arrays(catalog: str, fingerprint: str, version: str, arrays: Mapping[str, npt.NDArray[Any]]) -> Parameters:
    """The model of named arrays.

    Raises:
        KeyError: One of them is missing.
    """
    names = [name.removesuffix(".keys") for name in arrays if name.endswith(".keys")]
    counts = {
        name: Counts(*(np.asarray(arrays[f"{name}.{part}"], dtype=np.int64) for part in COUNTS)) for name in names
    }
    floats = {
        name: np.asarray(arrays[name], dtype=np.float64) for name in ("weights", "centre", "spread", "prior", "offset")
    }
    tables = Tables(MappingProxyType(counts), floats["prior"], floats["offset"])
    return Parameters(catalog, fingerprint, version, floats["weights"], floats["centre"], floats["spread"], tables)
