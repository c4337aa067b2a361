"""What a model must beat: simple models, other solvers of the same model, and other ways to federate it. Floor 2.

Every baseline is a function of training rows and test rows, so that one loop serves all.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt
from scipy import sparse

from recommender.features import Space
from recommender.interactions import Interactions

Floats = npt.NDArray[np.float64]
Predictor = Callable[[Interactions, Interactions, Space], Floats]
