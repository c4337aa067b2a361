"""Who came in by a launch, and into which course: the claims that a page needs, and no others. Floor 3.

Name and mail are not among them. The account {homePage: issuer, name: sub} is the agent that the LMS writes in its
statements, so the same key makes the same pseudonym of both.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

CATALOG = "cbec"


@dataclass(frozen=True)
class Learner:
    """A person in a course, as the platform knows them.

    Attributes:
        iss: The platform.
        client_id: The tool's client id there.
        deployment: The deployment launched.
        sub: The person's id at the platform.
        instructor: Whether the launch says that they teach or design here.
        course: Title of the course; empty if none came.
        context: Opaque key of the course, unique over platforms.
        link: Opaque key of the resource link, unique over platforms.
        catalog: Custom parameter: which catalog the link opens.
        role: Custom parameter: the role that the link sets as goal; empty if the learner chooses.
        locale: Language wish of the launch; empty if none.
    """

    iss: str
    client_id: str
    deployment: str
    sub: str
    instructor: bool
    course: str
    context: str
    link: str
    catalog: str
    role: str
    locale: str


def from_claims(named: Mapping[str, Any], client_id: str, *, instructor: bool) -> Learner:
    """Build the learner of a verified launch.

    Args:
        named: Claims by name, as `claims.read` gives them.
        client_id: Of the platform record.
        instructor: What the message's roles say.
    """
    custom = named["custom"] or {}
    scope = (named["iss"], client_id, named["deployment"])
    return Learner(
        iss=named["iss"],
        client_id=client_id,
        deployment=named["deployment"],
        sub=named["sub"],
        instructor=instructor,
        course=(named["context_title"] or "").strip()[:200],
        context=_opaque(*scope, "context", named["context"] or ""),
        link=_opaque(*scope, "link", named["link"]),
        catalog=str(custom.get("catalog") or CATALOG),
        role=str(custom.get("role") or ""),
        locale=named["locale"] or "",
    )


def agent(learner: Learner) -> dict[str, Any]:
    """The learner as an xAPI Agent (xAPI 1.0.3 part 2, section 2.4.2.3: account)."""
    return {"objectType": "Agent", "account": {"homePage": learner.iss, "name": learner.sub}}


def _opaque(*parts: str) -> str:
    """A key of ids that mean something only together: platforms number their courses from 1."""
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:32]
