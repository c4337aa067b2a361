"""What the members of a consortium have declared about what may leave an institution. Pure; floor 3.

`exact` sends exact counts and sums over an institution's learners. It is admissible inside one legal entity only (the
first rounds are raw counts), so every member names its legal entity, and they must agree. What fewer than
`least_learners` learners of an institution did in a cell of a table, such as an answer to one item after another, stays
at the institution: 1 keeps nothing back, and only then is the federated fit the centralised one.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from federated import errors

EXACT = "exact"
KNOWN = (EXACT,)


@dataclass(frozen=True)
class Policy:
    """A declared policy.

    Attributes:
        name: one of `KNOWN`.
        legal_entity: the one controller that every member belongs to; any stable text, compared letter by letter.
        least_learners: fewest learners of an institution that a cell of a table must stem from to leave it, from 1.
    """

    name: str
    legal_entity: str
    least_learners: int = 1


def check(policy: Policy, where: str) -> Policy:
    """Return `policy`, or raise PolicyError naming `where` when it cannot be followed."""
    if policy.name not in KNOWN:
        text = f"{where}: policy {policy.name!r} is not known; known are: {', '.join(KNOWN)}"
        raise errors.PolicyError(text)
    if not policy.legal_entity.strip():
        text = f"{where}: policy {policy.name!r} needs legal_entity, the one controller of all members"
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
                f"{first} declares {_say(expected)}, {institution} declares {_say(found)}; "
                "all members must declare the same"
            )
            raise errors.PolicyError(text)
    return expected


def _say(policy: Policy) -> str:
    return f"policy {policy.name!r} for {policy.legal_entity!r} with least_learners {policy.least_learners}"
