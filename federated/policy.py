"""What the members of a consortium have declared about what may leave an institution. Pure; floor 3.

`exact` sends exact sums over an institution's learners. It is admissible inside one legal entity only (learner-model
section 4.3: at the first round the sums are raw counts), so every member names its legal entity, and they must agree.
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
    """

    name: str
    legal_entity: str


def check(policy: Policy, where: str) -> Policy:
    """Return `policy`, or raise PolicyError naming `where` when it cannot be followed."""
    if policy.name not in KNOWN:
        text = f"{where}: policy {policy.name!r} is not known; known are: {', '.join(KNOWN)}"
        raise errors.PolicyError(text)
    if not policy.legal_entity.strip():
        text = f"{where}: policy {policy.name!r} needs legal_entity, the one controller of all members"
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
                f"{first} declares policy {expected.name!r} for {expected.legal_entity!r}, {institution} declares "
                f"{found.name!r} for {found.legal_entity!r}; all members must declare the same"
            )
            raise errors.PolicyError(text)
    return expected
