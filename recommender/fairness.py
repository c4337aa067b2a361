"""Whether predictions and items treat groups of learners alike. Floor 2.

AUC, calibration and bias of the predictions within each group, and differential item functioning (DIF): items that are
harder for one group than for another among learners of equal ability.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from recommender import metrics
from recommender.interactions import Interactions
from recommender.metrics import Interval

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Group:
    """How good predictions are for one group.

    Attributes:
        name: The group.
        learners: With at least one predicted row.
        rows: Predicted rows.
        auc: Area under the ROC curve, with its interval.
        ece: Expected calibration error.
        bias: Mean chance minus share of right answers: > 0 where the group is predicted too well.
    """

    name: str
    learners: int
    rows: int
    auc: Interval
    ece: Interval
    bias: Interval


@dataclass(frozen=True, slots=True)
class Functioning:
    """Whether an item is as hard for a group as for the others of the same ability.

    Attributes:
        item: Column of the item.
        group: The group that is compared with all others.
        answers: First answers of the group, and of the others.
        effect: Log odds of the group against the others at equal ability; < 0: harder for the group.
        error: Its standard error.
        chance: Two-sided p of no difference.
        flagged: Under the false discovery rate asked for (Benjamini and Hochberg 1995).
        size: "A" negligible, "B" moderate, "C" large, as ETS classes them (Zieky 1993): |2.35 effect| < 1, < 1.5.
    """

    item: int
    group: str
    answers: tuple[int, int]
    effect: float
    error: float
    chance: float
    flagged: bool
    size: str


@dataclass(frozen=True, eq=False)
class Differential:
    """DIF of all items with enough answers.

    Attributes:
        items: Each item and group, the smallest chance first.
        tested: How many comparisons.
        false_alarms: Share of comparisons flagged when the groups are drawn anew among the learners.
    """

    items: tuple[Functioning, ...]
    tested: int
    false_alarms: float


def by_group(
    interactions: Interactions, chance: Floats, groups: Sequence[str], rng: np.random.Generator
) -> tuple[Group, ...]:
    """Measure predictions within each group.

    Args:
        interactions: n rows of m learners.
        chance: float64 [n], predictions; nan where there is none.
        groups: Group of each learner, m of them; "" where it is not known.
        rng: For the bootstrap over learners.
    """
    raise NotImplementedError


def differential(
    interactions: Interactions,
    groups: Sequence[str],
    rng: np.random.Generator,
    *,
    least: int = 30,
    rate: float = 0.05,
    shuffles: int = 5,
) -> Differential:
    """Look for items that are harder for one group at equal ability.

    Args:
        interactions: n rows of m learners.
        groups: Group of each learner, m of them; "" where it is not known.
        rng: For drawing groups anew.
        least: First answers that the group and the others must both have.
        rate: False discovery rate.
        shuffles: How often groups are drawn anew to count false alarms.
    """
    raise NotImplementedError
