"""Which arm of an experiment a learner is in: the same at every call, on every machine. Floor 2.

A hash of the experiment and the pseudonym decides, so that no list of assignments has to be kept and anybody who knows
the pseudonyms can repeat the assignment. Name the experiment and its arms before it begins, and do not change them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from recommender import errors

COHERENCE = "coherence"  # arm of an experiment on the path: see `policy.coherent`
PLAIN = "plain"


def assign(pseudonym: str, experiment: str, arms: Sequence[str]) -> str:
    """Assign a learner to an arm; every arm is equally likely.

    Args:
        pseudonym: Of the learner.
        experiment: Name of the experiment, and of its repetition: another name assigns anew, independently.
        arms: Names of the arms, in the order that was registered.

    Raises:
        errors.MismatchError: There are no arms, or one stands twice.
    """
    if not arms or len(set(arms)) != len(arms):
        what = f"arms of the experiment {experiment!r}"
        raise errors.MismatchError(what, str(list(arms)), "different names")
    digest = hashlib.sha256(b"\x00".join((experiment.encode(), pseudonym.encode()))).digest()
    return arms[int.from_bytes(digest[:16], "big") % len(arms)]
