"""What differs between families of learning platforms, as data: never an `if canvas` anywhere else. Floor 3.

Measured on Moodle 4.5.6, read in the public documentation of Canvas (November 2026); anything else follows the
specification.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Family:
    """How one family behaves.

    Attributes:
        name: "spec", "moodle" or "canvas".
        pending_keeps: A score whose grading is pending leaves an earlier grade in place; where it does not, the tool
            never sends one over a grade.
        stale_statuses: What it answers to a score that is older than the one it has: superseded, never tried again.
        page: How many members or line items to ask for at once.
        user_variable: The platform's variable for the person's id in its own event stream, where that is not `sub`.
        group_variable: The platform's variable for the groups of the person who launches.
        variables: Further custom parameters of every link: name, and the platform's variable.
    """

    name: str
    pending_keeps: bool = True
    stale_statuses: frozenset[int] = frozenset({409})
    page: int = 200
    user_variable: str = ""
    group_variable: str = ""
    variables: Mapping[str, str] = field(default_factory=dict)


FAMILIES: Mapping[str, Family] = {
    "spec": Family(
        "spec",
        variables={"context_history": "$Context.id.history", "link_history": "$ResourceLink.id.history"},
    ),
    "moodle": Family(
        "moodle",
        pending_keeps=False,
        group_variable="$Moodle.Person.userGroupIds",
        variables={"context_history": "$Context.id.history"},
    ),
    "canvas": Family(
        "canvas",
        stale_statuses=frozenset({400, 409}),
        page=100,
        user_variable="$Canvas.user.globalId",
        group_variable="$Canvas.group.contextIds",
        variables={"context_history": "$Context.id.history", "link_history": "$ResourceLink.id.history"},
    ),
}


def custom(family: Family) -> dict[str, str]:
    """The custom parameters that every link of ours asks this family's platforms to fill in."""
    found = dict(family.variables)
    if family.user_variable:
        found["user"] = family.user_variable
    if family.group_variable:
        found["groups"] = family.group_variable
    return found
