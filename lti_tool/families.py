"""What differs between families of learning platforms, as data: never an `if canvas` anywhere else. Floor 3.

Measured on Moodle 4.5.6, read in the public documentation of Canvas (November 2026); anything else follows the
specification.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

CANVAS_SUBMISSION = "https://canvas.instructure.com/lti/submission"


@dataclass(frozen=True)
class Endpoints:
    """Where a platform authorises, gives out tokens, and keeps its keys: addresses, or paths below its issuer."""

    auth: str
    token: str
    jwks: str


@dataclass(frozen=True)
class Family:
    """How one family behaves.

    Attributes:
        name: "spec", "moodle" or "canvas".
        pending_keeps: A score whose grading is pending leaves an earlier grade in place; where it does not, the tool
            never sends one over a grade.
        stale_statuses: What it answers to a score that is older than the one it has: superseded, never tried again.
        refusals: What its statuses mean where it does not take a score; a reason of `grades.sender.REASONS`.
        score_extra: Further members of every score.
        score_again: Further members of a score that follows one which it took.
        page: How many members or line items to ask for at once.
        user_variable: The platform's variable for the person's id in its own event stream, where that is not `sub`.
        group_variable: The platform's variable for the groups of the person who launches.
        variables: Further custom parameters of every link: name, and the platform's variable.
        closing: Custom parameters of a link to an exam, by which the platform says when it closes the link.
        code: How its platform configuration names it (`product_family_code`); empty if by nothing of its own.
        hosted: Issuers that many institutions share, each with the addresses of its endpoints. An institution of theirs
            has pages, services and a registration endpoint on a host of its own.
        endpoints: The addresses of anybody else's endpoints, below the issuer.
        asserts_to_endpoint: Its assertions name the token endpoint, whatever it calls its authorization server.
        placements: Where its tools may stand, by the type of the message that they send there.
        accounts: What its event stream must say for statements to meet launches; an id of a text, empty if nothing.
    """

    name: str
    pending_keeps: bool = True
    stale_statuses: frozenset[int] = frozenset({409})
    refusals: Mapping[int, str] = field(default_factory=dict)
    score_extra: Mapping[str, Any] = field(default_factory=dict)
    score_again: Mapping[str, Any] = field(default_factory=dict)
    page: int = 200
    user_variable: str = ""
    group_variable: str = ""
    variables: Mapping[str, str] = field(default_factory=dict)
    closing: Mapping[str, str] = field(default_factory=dict)
    code: str = ""
    hosted: Mapping[str, Endpoints] = field(default_factory=dict)
    endpoints: Endpoints | None = None
    asserts_to_endpoint: bool = False
    placements: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    accounts: str = ""


def _hosted(environment: str) -> tuple[str, Endpoints]:
    """An environment of hosted Canvas: its issuer, and its endpoints (Canvas documentation, LTI developer keys)."""
    sso = f"https://sso{environment}.canvaslms.com"
    return f"https://canvas{environment}.instructure.com", Endpoints(
        f"{sso}/api/lti/authorize_redirect", f"{sso}/login/oauth2/token", f"{sso}/api/lti/security/jwks"
    )


# LTI Deep Linking 2.0, "Substitution variables": the end of submission, and the end of availability.
CLOSING = {"closes": "$ResourceLink.submission.endDateTime", "ends": "$ResourceLink.available.endDateTime"}
FAMILIES: Mapping[str, Family] = {
    "spec": Family(
        "spec",
        variables={"context_history": "$Context.id.history", "link_history": "$ResourceLink.id.history"},
        closing=CLOSING,
    ),
    "moodle": Family(
        "moodle",
        pending_keeps=False,
        refusals={400: "not_enrolled"},
        group_variable="$Moodle.Person.userGroupIds",
        variables={"context_history": "$Context.id.history"},
        code="moodle",
        endpoints=Endpoints("/mod/lti/auth.php", "/mod/lti/token.php", "/mod/lti/certs.php"),
        accounts="check.accounts.moodle",
    ),
    "canvas": Family(
        "canvas",
        stale_statuses=frozenset({400, 409}),
        refusals={422: "not_a_learner"},
        # An instructor's own grade stays, and a better score is no further attempt (Canvas documentation, Score).
        score_extra={CANVAS_SUBMISSION: {"prioritize_non_tool_grade": True}},
        score_again={CANVAS_SUBMISSION: {"prioritize_non_tool_grade": True, "new_submission": False}},
        page=100,
        user_variable="$Canvas.user.globalId",
        closing={"closes": "$Canvas.assignment.lockAt.iso8601"},
        group_variable="$Canvas.group.contextIds",
        variables={"context_history": "$Context.id.history", "link_history": "$ResourceLink.id.history"},
        code="canvas",
        hosted=dict(_hosted(environment) for environment in ("", ".beta", ".test")),
        endpoints=Endpoints("/api/lti/authorize_redirect", "/login/oauth2/token", "/api/lti/security/jwks"),
        # Its configuration names a bare host; its token endpoint takes its own address alone (read in its source).
        asserts_to_endpoint=True,
        placements={
            "LtiResourceLinkRequest": ("course_navigation",),
            "LtiDeepLinkingRequest": ("assignment_selection", "link_selection"),
        },
        accounts="check.accounts.canvas",
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


def of_code(code: str) -> Family:
    """The family whose platforms call themselves so; "spec" for every other."""
    return next((one for one in FAMILIES.values() if one.code and one.code == code.lower()), FAMILIES["spec"])


def endpoints(family: Family, iss: str) -> Endpoints | None:
    """Where a platform of this issuer has its endpoints, if its family lets us know."""
    if iss in family.hosted:
        return family.hosted[iss]
    if family.endpoints is None:
        return None
    paths = family.endpoints
    return Endpoints(f"{iss}{paths.auth}", f"{iss}{paths.token}", f"{iss}{paths.jwks}")
