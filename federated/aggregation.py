"""Add up what the institutions sent. Pure; floor 3.

Policy `exact`: the sum of sums, in the order of the institutions' names, so that a run can be repeated bit by bit.
"""

import functools
import operator
from collections.abc import Mapping

from federated import errors
from recommender.tracing import Sums


def total(summed: Mapping[str, Sums]) -> Sums:
    """Return the sum over institutions.

    Args:
        summed: sums that the guard has passed, by institution.

    Raises:
        RoundError: nobody sent any.
    """
    if not summed:
        raise errors.RoundError("no institution sent sums; nothing can be added up")
    return functools.reduce(operator.add, (summed[name] for name in sorted(summed)))
