"""What a release costs: noise for a wanted epsilon, and epsilon for the noise that was added. Pure. Floor 3.

Every release is a Gaussian one, so a spend is one number that adds up exactly: mu squared, the sum of
(sensitivity / standard deviation)^2 (Gaussian differential privacy: Dong, Roth and Su, JRSS-B 84, 2022). Between mu
and (epsilon, delta) stands the analytic Gaussian mechanism (Balle and Wang, ICML 2018), which loses nothing. `composed`
says the same by privacy loss distributions of dp-accounting, as a second opinion. The unit is a learner: one added or
removed. The noise itself is discrete, on a grid so fine (`releases`) that the difference is far below what is said.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from scipy import optimize, special

MOST_DELTA = 1e-5
_LEARNERS = 10  # delta is at most 1 in so many times the learners
_LOW, _HIGH = 1e-4, 1e5  # between these mu is looked for


def delta_for(learners: int) -> float:
    """Return the delta of a number of learners: min(1e-5, 1 / (10 n)), n known to two leading digits.

    The rounding keeps delta, which is public, from telling whether one learner more or less took part.

    Args:
        learners: of the whole consortium, >= 1.

    Raises:
        ValueError: there is no learner.
    """
    if learners < 1:
        text = f"delta needs at least one learner, not {learners}"
        raise ValueError(text)
    unit = 10 ** max(len(str(learners)) - 2, 0)
    # A delta for fewer learners would be greater, so the next step above n decides.
    return float(min(MOST_DELTA, 1.0 / (_LEARNERS * (learners // unit + 1) * unit)))


def delta(epsilon: float, mu_squared: float) -> float:
    """Return the delta of a spend at `epsilon` (Balle and Wang 2018, theorem 8, with sensitivity / deviation = mu).

    Args:
        epsilon: >= 0.
        mu_squared: >= 0; 0 is nothing spent.
    """
    if mu_squared <= 0.0:
        return 0.0
    mu = math.sqrt(mu_squared)
    low = special.log_ndtr(mu / 2.0 - epsilon / mu)
    high = epsilon + special.log_ndtr(-mu / 2.0 - epsilon / mu)
    return float(max(math.exp(low) - math.exp(min(high, low)), 0.0))


def sigma(epsilon: float, delta: float) -> float:
    """Return the noise multiplier, standard deviation / sensitivity, of one release that costs (epsilon, delta).

    Args:
        epsilon: > 0.
        delta: strictly between 0 and 1.

    Raises:
        ValueError: they are not.
    """
    return 1.0 / math.sqrt(allowance(epsilon, delta))


def allowance(epsilon: float, delta: float) -> float:
    """Return how much mu squared may be spent within (epsilon, delta); arguments as `sigma`."""
    _check(epsilon, delta)
    target = math.log(delta)

    def over(log_mu: float) -> float:
        return _log_delta(epsilon, math.exp(2.0 * log_mu)) - target

    return math.exp(2.0 * float(optimize.brentq(over, math.log(_LOW), math.log(_HIGH), xtol=1e-13)))


def spent(mu_squared: float, delta: float) -> float:
    """Return the epsilon of a spend.

    Args:
        mu_squared: sum over all releases of (sensitivity / standard deviation)^2, >= 0 (`mu_squared`).
        delta: strictly between 0 and 1.
    """
    _check(1.0, delta)
    if _log_delta(0.0, mu_squared) <= math.log(delta):
        return 0.0

    def over(epsilon: float) -> float:
        return _log_delta(epsilon, mu_squared) - math.log(delta)

    # Chernoff: P(loss > epsilon) <= delta from here on, so the root lies below.
    most = mu_squared / 2.0 + math.sqrt(2.0 * mu_squared * math.log(1.0 / delta)) + 1.0
    return float(optimize.brentq(over, 0.0, most, xtol=1e-12))


def mu_squared(sigmas: Iterable[float]) -> float:
    """Return what releases of these noise multipliers cost together; the order does not matter, nor who comes when.

    Args:
        sigmas: standard deviation / sensitivity of each release, > 0.

    Raises:
        ValueError: one of them is not positive: it protects nobody, and its price has no bound.
    """
    found = list(sigmas)
    if not all(0.0 < one < math.inf for one in found):
        text = "every noise multiplier must be positive and finite"
        raise ValueError(text)
    return math.fsum(1.0 / (one * one) for one in found)


def epsilon(sigmas: Sequence[float], delta: float) -> float:
    """Return the epsilon of releases of these noise multipliers together, in closed form; arguments as `composed`."""
    return spent(mu_squared(sigmas), delta)


def composed(sigmas: Sequence[float], delta: float) -> float:
    """Return the same by privacy loss distributions (dp-accounting): slower, and independent of `epsilon`.

    Args:
        sigmas: standard deviation / sensitivity of each release, > 0.
        delta: strictly between 0 and 1.
    """
    # Imported here: it takes a second, and brings absl, which otherwise would log to stderr in every process.
    from absl import logging  # noqa: PLC0415 - see above
    from dp_accounting import dp_event  # type: ignore[import-untyped]  # noqa: PLC0415 - see above; it has no types
    from dp_accounting.pld import pld_privacy_accountant  # type: ignore[import-untyped]  # noqa: PLC0415 - the same

    logging.set_verbosity(logging.ERROR)
    mu_squared(sigmas)
    account = pld_privacy_accountant.PLDAccountant()
    for one in sigmas:
        account.compose(dp_event.GaussianDpEvent(one))
    return float(account.get_epsilon(delta))


def _log_delta(epsilon: float, mu_squared: float) -> float:
    """The logarithm of `delta`, exact where delta itself is too small for a float."""
    if mu_squared <= 0.0:
        return -math.inf
    mu = math.sqrt(mu_squared)
    low = float(special.log_ndtr(mu / 2.0 - epsilon / mu))
    high = epsilon + float(special.log_ndtr(-mu / 2.0 - epsilon / mu))
    return low + math.log1p(-math.exp(high - low)) if high < low else -math.inf


def _check(epsilon: float, delta: float) -> None:
    if not (0.0 < epsilon < math.inf and 0.0 < delta < 1.0):
        text = f"epsilon must be positive and delta strictly between 0 and 1, not {epsilon} and {delta}"
        raise ValueError(text)
