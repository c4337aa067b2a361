"""What the members of a consortium have declared about what may leave an institution. Pure; floor 3.

In none of the three does an unprotected sum leave an institution. `source-noise`: each institution clips every
learner's part and adds noise that protects it alone; the coordinator sees protected messages and can refuse bad ones.
`secagg`: each adds a share of the noise and a mask, so that only the sum of all is ever seen, and its noise protects.
`exact`: masked sums without noise, for the institutions of one legal entity in one jurisdiction.
"""

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass

from federated import errors
from federated.privacy import accountant, planning

EXACT = "exact"
SECAGG = "secagg"
SOURCE_NOISE = "source-noise"
KNOWN = (SOURCE_NOISE, SECAGG, EXACT)
PRIVATE = (SOURCE_NOISE, SECAGG)
MASKED = (SECAGG, EXACT)

HIGHEST_EPSILON = 4.0  # above, an attacker who knows everybody else tells a member from a stranger: AUC .74 and more
LEAST_COHORT, COHORT = 20, 50
HELD_OUT = 0.2  # the share of learners that an institution keeps for measuring, see `institution.held_out`


@dataclass(frozen=True)
class Policy:
    """A declared policy.

    Attributes:
        name: one of `KNOWN`.
        legal_entity: under `exact` the one controller that every member belongs to; else empty.
        jurisdiction: under `exact` the one jurisdiction of all members, such as "GB"; else empty.
        least_learners: under `exact`: fewest learners of an institution that a cell of a table must stem from to leave
            it, from 1 (only then is the federated fit the centralised one).
        epsilon: what one learner's part may cost in all runs together, from above 0 to 4; 0 under `exact`.
        delta: the chance that epsilon does not hold; 0 under `exact`.
        cohort: fewest consenting learners that an institution trains with, from 20.
        colluding: how many members may work together against another one; shares of noise are sized for the rest.
        runs: how many runs the budget is made for; each spends an equal part of it.
    """

    name: str
    legal_entity: str = ""
    jurisdiction: str = ""
    least_learners: int = 1
    epsilon: float = 0.0
    delta: float = 0.0
    cohort: int = COHORT
    colluding: int = 0
    runs: int = 1

    @property
    def private(self) -> bool:
        """Whether what leaves carries noise."""
        return self.name in PRIVATE

    @property
    def masked(self) -> bool:
        """Whether what leaves carries masks."""
        return self.name in MASKED


def digest(policy: Policy) -> str:
    """Return the sha256 of all that a policy says, hexadecimal."""
    text = json.dumps(asdict(policy), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def survivors(members: int, colluding: int = 0) -> int:
    """Return the fewest of so many members whose masked sum may be opened: two thirds, and three that do not collude.

    Raises:
        PolicyError: there are not so many.
    """
    found = planning.threshold(members, colluding)
    if found is None:
        text = f"masked sums are of {planning.HONEST + colluding} members at least; there are {members}"
        raise errors.PolicyError(text)
    return found


def parts(policy: Policy, members: int) -> int:
    """Return how many honest institutions' noise a sum carries at least: each adds one part of that many.

    Args:
        policy: the declared one.
        members: institutions in the consortium.

    Raises:
        PolicyError: as `survivors`, where the noise comes in parts.
    """
    return survivors(members, policy.colluding) - policy.colluding if policy.name == SECAGG else 1


def multiplier(policy: Policy) -> float:
    """Return the noise multiplier of a whole run: the standard deviation of noise by the clip, all releases together.

    A run costs its learners 1 / multiplier^2 in mu squared, which adds up over `runs` runs to what epsilon allows.
    """
    return accountant.sigma(policy.epsilon, policy.delta) * math.sqrt(policy.runs)


def training(registered: int) -> int:
    """Return how many of an institution's registered learners take part in a fit; others are kept for measuring."""
    return max(int((1 - HELD_OUT) * registered), 1)


def kappa(policy: Policy, sizes: Mapping[str, int]) -> float:
    """Return how much a run's noise weighs beside its learners (`planning.kappa`); both sides know it by the charter.

    Args:
        policy: a private one.
        sizes: institution -> registered learners.
    """
    learners = sum(training(size) for size in sizes.values())
    return planning.kappa(multiplier(policy), len(sizes) / parts(policy, len(sizes)), learners)


def check(policy: Policy, where: str) -> Policy:
    """Return `policy`, or raise PolicyError naming `where` when it cannot be followed."""
    if policy.name not in KNOWN:
        text = f"{where}: policy {policy.name!r} is not known; known are: {', '.join(KNOWN)}"
        raise errors.PolicyError(text)
    if policy.private:
        _noisy(policy, where)
    else:
        _exact(policy, where)
    if policy.runs < 1:
        text = f"{where}: runs is {policy.runs}; use 1 (one run spends the whole budget) or more"
        raise errors.PolicyError(text)
    if policy.least_learners < 1:
        text = f"{where}: least_learners is {policy.least_learners}; use 1 (every cell may leave) or more"
        raise errors.PolicyError(text)
    return policy


def agree(declared: Mapping[str, Policy]) -> Policy:
    """Return the one policy that all members declared.

    Args:
        declared: a policy per institution id, at least one.

    Raises:
        PolicyError: nobody declared one, one is unknown, or two differ; both institutions are named.
    """
    if not declared:
        text = "no institution declared a policy; a consortium needs at least one member"
        raise errors.PolicyError(text)
    (first, expected), *rest = declared.items()
    check(expected, first)
    for institution, found in rest:
        check(found, institution)
        if found != expected:
            text = (
                f"{first} declares {say(expected)}, {institution} declares {say(found)}; "
                "all members must declare the same"
            )
            raise errors.PolicyError(text)
    if expected.name == EXACT and not expected.jurisdiction.strip():
        text = f'{first}: policy {EXACT!r} needs jurisdiction, the one of all members, such as jurisdiction = "GB"'
        raise errors.PolicyError(text)
    return expected


def say(policy: Policy) -> str:
    """Return a policy in words, for errors and for who signs it."""
    if policy.private:
        return (
            f"policy {policy.name!r} with epsilon {policy.epsilon:g}, delta {policy.delta:g}, "
            f"cohorts from {policy.cohort} learners, {policy.colluding} colluding, for {policy.runs} runs"
        )
    return (
        f"policy {policy.name!r} for {policy.legal_entity!r} in {policy.jurisdiction!r} "
        f"with least_learners {policy.least_learners}"
    )


def _noisy(policy: Policy, where: str) -> None:
    if not 0 < policy.epsilon <= HIGHEST_EPSILON:
        text = f"{where}: epsilon is {policy.epsilon:g}; use a number above 0, at most {HIGHEST_EPSILON:g}"
        raise errors.PolicyError(text)
    if not 0 < policy.delta < 1e-4:
        text = f"{where}: delta is {policy.delta:g}; use at most one in ten times the number of learners, say 1e-5"
        raise errors.PolicyError(text)
    if policy.cohort < LEAST_COHORT:
        text = f"{where}: cohort is {policy.cohort}; no institution trains with fewer than {LEAST_COHORT} learners"
        raise errors.PolicyError(text)
    if policy.colluding < 0:
        text = f"{where}: colluding is {policy.colluding}; use 0 or more"
        raise errors.PolicyError(text)


def _exact(policy: Policy, where: str) -> None:
    if not policy.legal_entity.strip():
        text = f"{where}: policy {policy.name!r} needs legal_entity, the one controller of all members"
        raise errors.PolicyError(text)
    if policy.epsilon or policy.delta:
        text = f"{where}: policy {policy.name!r} adds no noise, so epsilon and delta must be 0"
        raise errors.PolicyError(text)
