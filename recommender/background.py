"""What a learner says of themselves, as a start before there are answers. Floor 2.

Age band, education, major, experience, role, languages, courses: each optional, each for this purpose alone. What a
value means is learnt from learners who said it, or it means nothing. It fades as answers come; nothing is kept here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import exp, log

import numpy as np
import numpy.typing as npt

from recommender import errors
from recommender.interactions import Interactions

FIELDS = ("age", "education", "major", "experience", "role", "languages", "courses")
FIRST = 10  # answers of each learner from which the effect is learnt
LEAST = 20  # learners who share a value, before it means anything: a rarer one could tell who somebody is
FADE = 5.0  # answers after which half of the effect is left
_SHRINK = 1.0  # penalty on an effect, in squared logits
_FREE = 1e-6  # on what is common to all: nearly none
_STEPS = 12  # of Newton's method


@dataclass(frozen=True)
class Effects:
    """What backgrounds were found to mean.

    Attributes:
        logits: By field and value, what it adds to the logit of a right answer at the start.
        learners: By field and value, how many learners it was learnt from.
    """

    logits: Mapping[tuple[str, str], float]
    learners: Mapping[tuple[str, str], int]


NEUTRAL = Effects({}, {})


def learn(interactions: Interactions, expected: npt.NDArray[np.float64], said: Sequence[Mapping[str, str]]) -> Effects:
    """Learn what backgrounds mean from first answers: a penalised logistic offset for each value.

    Args:
        interactions: n rows of m learners.
        expected: float64 [n], chance of a right answer without regard to the background, in (0, 1).
        said: For each of the m learners, value by field of `FIELDS`; empty where they said nothing.

    Returns:
        Effects of values that at least `LEAST` learners share; none for any other.

    Raises:
        errors.MismatchError: `said` is not of these learners.
    """
    if len(said) != len(interactions.learners):
        raise errors.MismatchError("backgrounds", f"{len(said)} learners", f"{len(interactions.learners)}")
    counted: dict[tuple[str, str], int] = {}
    for one in said:
        for pair in stated(one):
            counted[pair] = counted.get(pair, 0) + 1
    values = sorted(pair for pair, number in counted.items() if number >= LEAST)
    if not values:
        return NEUTRAL
    column = {pair: number for number, pair in enumerate(values)}
    told = np.zeros((len(said), len(values) + 1))
    told[:, -1] = 1.0  # what is common to all is no effect of a background
    for row, one in enumerate(said):
        for pair in stated(one):
            if pair in column:
                told[row, column[pair]] = 1.0
    place = np.arange(len(interactions.item)) - np.searchsorted(interactions.learner, interactions.learner)
    early = place < FIRST
    rows = told[interactions.learner[early]]
    base = np.log(expected[early] / (1.0 - expected[early]))
    right = interactions.correct[early].astype(np.float64)
    weights = np.zeros(len(values) + 1)
    penalty = np.append(np.full(len(values), _SHRINK), _FREE)
    for _ in range(_STEPS):
        chance = 1.0 / (1.0 + np.exp(-(base + rows @ weights)))
        gradient = rows.T @ (chance - right) + penalty * weights
        hessian = (rows * (chance * (1.0 - chance))[:, None]).T @ rows + np.diag(penalty)
        weights -= np.linalg.solve(hessian, gradient)
    return Effects(
        {pair: float(weights[number]) for pair, number in column.items()}, {pair: counted[pair] for pair in values}
    )


def offset(effects: Effects | None, said: Mapping[str, str], answers: int = 0) -> float:
    """Logits that a background adds to the chance of a right answer; 0 where nothing is said or known.

    Args:
        effects: What was learnt; None: nothing.
        said: Value by field.
        answers: Answers that the learner has given since; the effect fades with them.
    """
    if effects is None:
        return 0.0
    return sum(effects.logits.get(pair, 0.0) for pair in stated(said)) * FADE / (FADE + answers)


def moved(chance: float, logits: float) -> float:
    """Move a chance by some logits; 0 and 1 stay.

    >>> moved(0.5, 0.0)
    0.5
    """
    if not logits or not 0.0 < chance < 1.0:
        return chance
    return 1.0 / (1.0 + exp(-(log(chance / (1.0 - chance)) + logits)))


def stated(said: Mapping[str, str]) -> list[tuple[str, str]]:
    """(field, value) of what is of a known field and not empty, in the order of `FIELDS`; blanks part values."""
    return [(name, value) for name in FIELDS for value in said.get(name, "").split()]
