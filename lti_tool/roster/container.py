"""What a platform says of its members, reduced to what may be kept: pure. Floor 3.

Names and Role Provisioning Services 2.0, sections 2 (members of a context) and 3 (of a resource link). A member comes
with a name, a mail address, a picture, and for a resource link with ids of basic outcomes: none of these has a place in
`Seen`, so that nothing beyond this module can keep one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from lti_tool import errors, roles

SCOPE = "https://purl.imsglobal.org/spec/lti-nrps/scope/contextmembership.readonly"
TYPE = "application/vnd.ims.lti-nrps.v2.membershipcontainer+json"
GROUPS_SCOPE = "https://purl.imsglobal.org/spec/lti-gs/scope/contextgroup.readonly"
GROUPS_TYPE = "application/vnd.ims.lti-gs.v1.contextgroupcontainer+json"
CUSTOM = "https://purl.imsglobal.org/spec/lti/claim/custom"
ACTIVE, INACTIVE, LEFT = "active", "inactive", "left"
STATES = {"active": ACTIVE, "inactive": INACTIVE, "deleted": LEFT}
MOST_GROUPS = 50
LONGEST_ID = 255


@dataclass(frozen=True)
class Seen:
    """A member as a page of the roster shows them.

    Attributes:
        user: The person's id at the platform, the `sub` of their launches.
        state: ACTIVE, INACTIVE or LEFT.
        roles: Names of their roles (`roles.Role`), sorted.
        groups: Ids of their groups, sorted; None if the page does not say.
        known_as: What the platform's variable for the person's events says; empty if the page does not say.
    """

    user: str
    state: str
    roles: tuple[str, ...]
    groups: tuple[str, ...] | None = None
    known_as: str = ""


def members(body: Any, context: str) -> list[Seen]:
    """The members of one page, each once.

    Args:
        body: The page as JSON.
        context: The platform's id of the course that was asked for.

    Raises:
        errors.ServiceError: It is no membership container, or one of another course (`malformed`).
    """
    return list({seen.user: seen for seen in map(_seen, _people(body, context))}.values())


def names(body: Any, context: str) -> dict[str, str]:
    """The name of each member of one page by the person's id at the platform; those without one are left out.

    For a page that shows them at once; never for a store.

    Raises:
        errors.ServiceError: As `members`.
    """
    found = {}
    for raw in _people(body, context):
        parts = [raw.get("name")] if raw.get("name") else [raw.get("given_name"), raw.get("family_name")]
        name = " ".join(part.strip() for part in parts if isinstance(part, str) and part.strip())
        if name:
            found[str(raw["user_id"])] = name[:200]
    return found


def called(body: Any, context: str) -> dict[str, frozenset[str]]:
    """What a list of attendance may call each member of one page, in small letters, by the person's id at the platform.

    That id, the mail address and the number of enrolment (`lis_person_sourcedid`), as far as the platform tells them.
    For one request; never for a store.

    Raises:
        errors.ServiceError: As `members`.
    """
    found: dict[str, frozenset[str]] = {}
    for raw in _people(body, context):
        told = (raw.get(name) for name in ("email", "lis_person_sourcedid"))
        names = {_id(raw["user_id"]), *(text.strip() for text in told if isinstance(text, str))}
        found[_id(raw["user_id"])] = frozenset(name.lower() for name in names if 0 < len(name) <= LONGEST_ID)
    return found


def groups(body: Any) -> dict[str, str]:
    """The name of each group of a page of the Course Groups Service, by its id.

    Raises:
        errors.ServiceError: It is no container of groups (`malformed`).
    """
    listed = body.get("groups") if isinstance(body, Mapping) else None
    if not isinstance(listed, list):
        raise errors.ServiceError("malformed")
    found = {}
    for raw in listed:
        id_ = _id(raw.get("id")) if isinstance(raw, Mapping) else ""
        if id_ and raw.get("hidden") is not True:
            found[id_] = str(raw.get("name") or id_).strip()[:200]
    return found


def group_ids(text: Any) -> tuple[str, ...] | None:
    """The ids of a custom variable such as "3,7"; None where the platform did not fill it in."""
    if not isinstance(text, str) or text.startswith("$"):
        return None
    return tuple(sorted({part for part in map(str.strip, text.split(",")) if 0 < len(part) <= LONGEST_ID}))[
        :MOST_GROUPS
    ]


def _people(body: Any, context: str) -> Iterator[Mapping[str, Any]]:
    """The members of a page that have an id."""
    listed = body.get("members") if isinstance(body, Mapping) else None
    if not isinstance(listed, list):
        raise errors.ServiceError("malformed")
    about = body.get("context")
    named = _id(about.get("id")) if isinstance(about, Mapping) else ""
    if named and named != context:
        raise errors.ServiceError("malformed")
    return (raw for raw in listed if isinstance(raw, Mapping) and _id(raw.get("user_id")))


def _seen(raw: Mapping[str, Any]) -> Seen:
    held = raw.get("roles")
    uris = [uri for uri in held if isinstance(uri, str)] if isinstance(held, list) else []
    custom = _custom(raw.get("message"))
    known_as = custom.get("user")
    known = isinstance(known_as, str | int) and not str(known_as).startswith("$")
    enrolled = _enrolled(raw.get("group_enrollments"))
    return Seen(
        user=_id(raw["user_id"]),
        state=STATES.get(str(raw.get("status", "active")).lower(), INACTIVE),
        roles=tuple(sorted(roles.of(uris))),
        groups=group_ids(custom.get("groups")) if enrolled is None else enrolled,
        known_as=str(known_as)[:LONGEST_ID] if known else "",
    )


def _custom(message: Any) -> Mapping[str, Any]:
    """The custom parameters in the message section of a member (section 3), which is a list or a single message."""
    for one in message if isinstance(message, list) else [message]:
        custom = one.get(CUSTOM) if isinstance(one, Mapping) else None
        if isinstance(custom, Mapping):
            return custom
    return {}


def _enrolled(listed: Any) -> tuple[str, ...] | None:
    """Course Groups Service 1.0: `group_enrollments` of a member, where the roster was asked for with groups."""
    if not isinstance(listed, list):
        return None
    ids = {_id(one.get("group_id")) for one in listed if isinstance(one, Mapping)}
    return tuple(sorted(ids - {""}))[:MOST_GROUPS]


def _id(value: Any) -> str:
    """An id as text: some platforms write theirs as numbers; empty if it is none."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        return ""
    text = str(value)
    return text if len(text) <= LONGEST_ID else ""
