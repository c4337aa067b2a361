"""Whether a new model may take the place of the one that stands: not where it is worse. Pure; floor 3.

Both models predict the same answers of held-out learners, whom neither was fitted to. The measure is the log loss an
answer, which sees ranking and calibration alike. How far the difference may be chance is said by a paired bootstrap
over learners (Efron and Tibshirani 1993, section 6.4: what is drawn again is what was drawn, here a learner with all
answers). Of few learners a bootstrap says little, so a rule decides there: only a gross difference is refused.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

# What a reader of a chance would not notice: a model so little worse still brings the newer evidence.
TOLERANCE = 1e-3
# Of fewer learners the bootstrap's intervals are too short (they are drawn from the few that happen to be there).
ENOUGH = 30
# The rule for fewer. Measured on the regions of OULAD cut to 15 to 100 learners, the candidate fitted to twice the
# learners of what stood (261 pairs): an honest one was at most .031 worse; one fitted from weights of the opposite
# sign was .5 to .7 worse at up to 50 learners. From 150 on, 5 of 198 honest candidates were refused by the bootstrap.
GROSS = 0.05
DRAWS = 1000
_AT_ONCE = 100
_SMALLEST = 1e-15

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Judgement:
    """What the gate said.

    Attributes:
        taken: Whether the candidate may be served.
        rule: "bootstrap", "few learners" or "no answers"; "not finite" where the candidate predicts no number.
        difference: Log loss an answer of the candidate less that of what stands, nats; above 0 it is worse.
        low: Lower end of the 95 % interval of `difference`; as `difference` where no bootstrap was made.
        high: Upper end.
        learners: How many learners it was judged on.
        answers: How many answers.
    """

    taken: bool
    rule: str
    difference: float
    low: float
    high: float
    learners: int
    answers: int


def judge(
    learner: npt.NDArray[np.integer], correct: Floats, candidate: Floats, stands: Floats, rng: np.random.Generator
) -> Judgement:
    """Compare a candidate with what stands on answers of learners whom neither was fitted to.

    With at least `ENOUGH` learners a candidate is refused that is worse by more than `TOLERANCE`, and worse at the
    lower end of its interval too; with fewer, one that is worse by more than `GROSS`, times
    the root of how many times fewer they are, as chance grows; without any, none.

    Args:
        learner: integers [n], whose answer it is.
        correct: [n] of 0 and 1.
        candidate: float64 [n], chances by the candidate.
        stands: float64 [n], chances by the model that stands.
        rng: Draws the learners again.
    """
    _, place = np.unique(learner, return_inverse=True)
    learners, answers = int(place.max(initial=-1)) + 1, len(correct)
    if not np.isfinite(candidate).all():
        return Judgement(False, "not finite", 0.0, 0.0, 0.0, learners, answers)
    if not answers:
        return Judgement(True, "no answers", 0.0, 0.0, 0.0, 0, 0)
    worse = np.bincount(place, weights=_losses(correct, candidate) - _losses(correct, stands)).astype(np.float64)
    rows = np.bincount(place).astype(np.float64)
    difference = float(worse.sum() / rows.sum())
    if learners < ENOUGH:
        taken = difference <= GROSS * (ENOUGH / learners) ** 0.5
        return Judgement(taken, "few learners", difference, difference, difference, learners, answers)
    low, high = _interval(worse, rows, rng)
    taken = difference <= TOLERANCE or low <= 0.0
    return Judgement(taken, "bootstrap", difference, low, high, learners, answers)


def _losses(correct: Floats, chance: Floats) -> Floats:
    kept = np.clip(chance, _SMALLEST, 1.0 - _SMALLEST)
    return np.asarray(-(correct * np.log(kept) + (1.0 - correct) * np.log1p(-kept)))


def _interval(worse: Floats, rows: Floats, rng: np.random.Generator) -> tuple[float, float]:
    """The middle 95 % of the difference an answer over draws of learners with replacement."""
    found = []
    for _ in range(0, DRAWS, _AT_ONCE):
        times = rng.multinomial(len(rows), np.full(len(rows), 1.0 / len(rows)), size=_AT_ONCE)
        found.append((times @ worse) / (times @ rows))
    low, high = np.quantile(np.concatenate(found), (0.025, 0.975))
    return float(low), float(high)
