"""The model: one array of weights, and what it belongs to. Floor 2.

Weights are the item block (one per item of the catalog) followed by the shared block (`features.Space`). A frozen
record: a step makes a new one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True, eq=False)
class Parameters:
    """A fitted (or starting) model.

    Attributes:
        catalog: Id of the catalog.
        fingerprint: The catalog's fingerprint, 64 hex digits.
        version: Version of the feature space, such as "1".
        weights: float64 [d], d = items + shared columns.
    """

    catalog: str
    fingerprint: str
    version: str
    weights: npt.NDArray[np.float64]
