"""Who came in by a launch, and into which course: the claims that a page needs, and no others. Floor 3.

Name and mail are not among them. The account {homePage: issuer, name: sub} is the agent that the LMS writes in its
statements, so the same key makes the same pseudonym of both.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from lti_tool import roles
from lti_tool.families import Family
from lti_tool.roles import Role
from xapi_collector import agents

CATALOG = "cbec"
FACTORS = (1.0, 1.25, 1.5, 2.0)
"""How much of the usual time of an exam a learner may have."""
MOST_TRIES = 3
CLOSING = ("closes", "ends")
"""Custom parameters that a platform fills in with the time at which it closes a link; the earlier one holds."""
OPENS = (
    "path", "module", "course", "lesson", "case", "quiz", "exam", "week", "scene", "team", "project",
    "discussion", "rule", "events", "openings", "partner", "class", "consortium",
)  # fmt: skip


@dataclass(frozen=True)
class Learner:
    """A person in a course, as the platform knows them.

    Attributes:
        iss: The platform.
        client_id: The tool's client id there.
        deployment: The deployment launched.
        sub: The person's id at the platform.
        roles: Names of their roles in this course (`roles.Role`), sorted.
        course: Title of the course; empty if none came.
        context: Opaque key of the course, unique over platforms.
        link: Opaque key of the resource link, unique over platforms.
        catalog: Custom parameter: which catalog the link opens.
        role: Custom parameter: the role that the link sets as goal; empty if the learner chooses.
        opens: Custom parameter `activity`: what the link opens; one of `OPENS`, "path" if it does not say.
        subject: Custom parameter named like `opens`: which module, case, lesson, ...; empty if that needs none.
        locale: Language wish of the launch; empty if none.
        known_as: The name that the platform's own events give the person, where that is not `sub`; empty if it is.
        tries: Custom parameter: how many tries a step of practice has, 1 to 3.
        timed: Custom parameter of an exam: "yes" or "no", whether it has a deadline; empty: as its plan says.
        extra: Custom parameter: how much of the usual time they have, one of `FACTORS`.
        closes: When the platform closes the link, by a variable that it fills in, seconds since the epoch; 0: never.
        visit: What the tool calls this launch of theirs, until they are erased (`visits`); empty before it is let in.
    """

    iss: str
    client_id: str
    deployment: str
    sub: str
    roles: tuple[str, ...]
    course: str
    context: str
    link: str
    catalog: str
    role: str
    opens: str
    subject: str
    locale: str
    known_as: str = ""
    tries: int = 1
    timed: str = ""
    extra: float = 1.0
    closes: float = 0.0
    visit: str = ""

    @property
    def teaches(self) -> bool:
        """Whether they teach, assist or design in this course."""
        return not {Role.INSTRUCTOR, Role.ASSISTANT, Role.DEVELOPER}.isdisjoint(self.roles)

    @property
    def learns(self) -> bool:
        """Whether what they do here is recorded and scored: they are a learner, and nothing that teaches."""
        return Role.LEARNER in self.roles and not self.teaches


def from_claims(named: Mapping[str, Any], client_id: str, family: Family) -> Learner:
    """Build the learner of a verified launch.

    Args:
        named: Claims by name, as `claims.read` gives them.
        client_id: Of the platform record.
        family: Of the platform record.
    """
    custom = named["custom"] or {}
    opens = str(custom.get("activity") or OPENS[0])
    scope = (named["iss"], client_id, named["deployment"])
    return Learner(
        iss=named["iss"],
        client_id=client_id,
        deployment=named["deployment"],
        sub=named["sub"],
        roles=tuple(sorted(roles.of(named["roles"]))),
        course=(named["context_title"] or "").strip()[:200],
        context=_opaque(*scope, "context", named["context"] or ""),
        link=_opaque(*scope, "link", named["link"]) if named["link"] else "",
        catalog=str(custom.get("catalog") or CATALOG),
        role=str(custom.get("role") or ""),
        opens=opens,
        subject=str(custom.get(opens) or "")[:255],
        locale=named["locale"] or "",
        known_as=known_as(custom.get("user"), family),
        tries=tries(custom.get("tries")),
        timed=str(custom.get("timed") or "") if custom.get("timed") in {"yes", "no"} else "",
        extra=factor(str(custom.get("extra") or "")),
        closes=min(filter(None, (moment(str(custom.get(name) or "")) for name in CLOSING)), default=0.0),
    )


def tries(sent: Any) -> int:
    """How many tries a step has, as a link says it; 1 for anything that is no such number.

    >>> tries("3"), tries(2), tries("9"), tries(None)
    (3, 2, 1, 1)
    """
    return next((count for count in range(1, MOST_TRIES + 1) if str(sent) == str(count)), 1)


def factor(text: str) -> float:
    """Extra time, as a link or a form says it; 1 for anything that is none.

    >>> factor("1.5"), factor("2"), factor("3"), factor("")
    (1.5, 2.0, 1.0, 1.0)
    """
    return next((one for one in FACTORS if text in {f"{one:g}", f"{one}"}), FACTORS[0])


def moment(text: str) -> float:
    """A time that a platform filled into a custom parameter (ISO 8601), seconds since the epoch; 0: none.

    A platform that does not know the variable sends its name ("$ResourceLink.submission.endDateTime"), or nothing.

    >>> moment("2026-11-26T12:00:00Z"), moment("$ResourceLink.submission.endDateTime"), moment("")
    (1795694400.0, 0.0, 0.0)
    """
    try:
        found = datetime.fromisoformat(text)
        return max(0.0, (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp())
    except (ValueError, OverflowError):
        return 0.0


def agent(learner: Learner) -> dict[str, Any]:
    """The learner as an xAPI Agent (xAPI 1.0.3 part 2, section 2.4.2.3: account)."""
    return {"objectType": "Agent", "account": {"homePage": learner.iss, "name": learner.known_as or learner.sub}}


def pseudonyms(learner: Learner, keys: Sequence[bytes]) -> tuple[str, ...]:
    """The person's pseudonyms under each of `keyring.pseudonym_keys`, the active key's first.

    Where the platform's events call them something else than its launches do, those of both names: whoever is blocked
    under one is blocked.
    """
    found = agents.pseudonyms(agent(learner), keys)
    if learner.known_as:
        account = {"objectType": "Agent", "account": {"homePage": learner.iss, "name": learner.sub}}
        found = (*found, *agents.pseudonyms(account, keys))
    return found


def known_as(sent: Any, family: Family) -> str:
    """The custom parameter that the platform fills in with the person's id in its own events.

    Only of a family that has such a variable, and only a number: a platform that does not know the variable sends its
    name ("$Canvas.user.globalId") or nothing, and then the person is known by `sub`. Canvas numbers its people; an
    `urn:instructure:canvas:user:N` of its events is (issuer, N) in the record store.
    """
    text = str(sent or "")
    return text if family.user_variable and text.isascii() and text.isdigit() and len(text) <= 32 else ""


def key(iss: str, client_id: str, deployment: str, what: str, id_: str) -> str:
    """The opaque key of a course ("context") or a resource link ("link") of a deployment."""
    return _opaque(iss, client_id, deployment, what, id_)


def _opaque(*parts: str) -> str:
    """A key of ids that mean something only together: platforms number their courses from 1."""
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:32]
