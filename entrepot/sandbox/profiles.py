"""How three kinds of LMS differ, as data: the specification's letter, Moodle 4.5 and Canvas. Floor 4.

Measured on Moodle 4.5.6 and read in the public source and documentation of both (November 2026). A difference is a
member here; no other module asks for a name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

MEMBERSHIP = "http://purl.imsglobal.org/vocab/lis/v2/membership#"
SUB = "http://purl.imsglobal.org/vocab/lis/v2/membership/"
INSTITUTION = "http://purl.imsglobal.org/vocab/lis/v2/institution/person#"
SYSTEM = "http://purl.imsglobal.org/vocab/lis/v2/system/person#"

AGS = "https://purl.imsglobal.org/spec/lti-ags/scope/"
LINEITEM = AGS + "lineitem"
LINEITEM_READ = AGS + "lineitem.readonly"
RESULT_READ = AGS + "result.readonly"
SCORE = AGS + "score"
MEMBERS_READ = "https://purl.imsglobal.org/spec/lti-nrps/scope/contextmembership.readonly"
GROUPS_READ = "https://purl.imsglobal.org/spec/lti-gs/scope/contextgroup.readonly"
SCOPES = (LINEITEM, LINEITEM_READ, RESULT_READ, SCORE, MEMBERS_READ, GROUPS_READ)

ROLES = ("learner", "instructor", "assistant", "developer", "mentor", "observer", "administrator")


@dataclass(frozen=True)
class Profile:
    """How one kind of LMS behaves.

    Attributes:
        name: As the configuration writes it.
        product: `product_family_code` in launches and in the openid-configuration.
        version: `version` beside it.
        token_seconds: How long an id_token lives.
        ids: "words" (readable), "numbers" (counted from 1, not unique over platforms) or "opaque".
        extras: Parameters of a login initiation beyond the specification's.
        storage: `lti_storage_target` of a login initiation; empty if the LMS has no platform storage.
        roles: The URIs of each role.
        short_roles: Memberships name roles by their short names.
        variables: Custom variables that it fills in; any other stays as it was written.
        jwks_cache: `Cache-Control` of its key set; empty for none.
        jti_once: An assertion's `jti` serves once.
        configuration_open: The openid-configuration is answered without a token.
        tells_deployment: The registration's answer names the deployment.
        pending_tools: A tool that registered itself waits to be activated.
        registration_status: The answer to a registration that holds.
        user_agent: A request without a User-Agent is refused.
        strict_types: A media type must be exactly the service's own, nothing beside it.
        type_status: The answer to a wrong media type.
        scope_status: The answer to a token that has not the scope.
        link_status: The answer to a line item for a resource link that is not there.
        item_query: Query of every line item's address; `{deployment}` is filled in.
        page: How many line items, results, members come at once where nobody says; 0 for all.
        paging: "link" (RFC 8288), "curly" (Moodle's line items: curly quotes, `&amp;`), "opaque" (bookmarks).
        differences: Memberships name an address of what changed since.
        any_course: Memberships of a course that has no link of the tool can be read.
        sourcedids: Launches and memberships of a link carry basic-outcome ids.
        sesskeys: Addresses that it hands out for the way back hold the session key of whoever came.
        plain_errors: A malformed authorisation request gets a page, and the tool hears nothing.
        placement: What it calls the place of a link, in a claim of its own; empty for none.
        groups: It has the Course Groups service.
        loose: Numbers may be strings and timestamps may lack a zone.
        clip: Grades stay between 0 and the line item's maximum.
        stale_status: The answer to a score older than the last.
        whole_seconds: Timestamps count by whole seconds, and an equal one is older.
        range_status: The answer to a score below 0 or of nothing.
        member_status: The answer to a score for somebody who is not a learner of the course.
        pending: A score that is not fully graded: "kept" leaves the grade, "removed" takes it away.
        attempts: Each score of a learner is a new attempt unless it says otherwise.
    """

    name: str
    product: str
    version: str
    roles: Mapping[str, tuple[str, ...]]
    token_seconds: int = 300
    ids: str = "words"
    extras: Mapping[str, str] = field(default_factory=dict)
    storage: str = "_parent"
    short_roles: bool = False
    variables: frozenset[str] = frozenset()
    jwks_cache: str = ""
    jti_once: bool = True
    configuration_open: bool = True
    tells_deployment: bool = True
    pending_tools: bool = False
    registration_status: int = 201
    user_agent: bool = False
    strict_types: bool = False
    type_status: int = 415
    scope_status: int = 403
    link_status: int = 404
    item_query: str = ""
    page: int = 0
    paging: str = "link"
    differences: bool = True
    any_course: bool = False
    sourcedids: bool = False
    sesskeys: bool = False
    plain_errors: bool = False
    placement: str = ""
    groups: bool = True
    loose: bool = False
    clip: bool = False
    stale_status: int = 409
    whole_seconds: bool = False
    range_status: int = 400
    member_status: int = 404
    pending: str = "kept"
    attempts: bool = False


_SPEC_ROLES = {
    "learner": (MEMBERSHIP + "Learner",),
    "instructor": (MEMBERSHIP + "Instructor",),
    "assistant": (SUB + "Instructor#TeachingAssistant", MEMBERSHIP + "Instructor"),
    "developer": (MEMBERSHIP + "ContentDeveloper",),
    "mentor": (MEMBERSHIP + "Mentor",),
    "observer": (INSTITUTION + "Observer",),
    "administrator": (INSTITUTION + "Administrator",),
}
# Moodle knows who may manage an activity and who may not, and its administrators.
_MOODLE_ROLES = {
    "learner": (MEMBERSHIP + "Learner",),
    "instructor": (MEMBERSHIP + "Instructor",),
    "assistant": (MEMBERSHIP + "Instructor",),
    "developer": (MEMBERSHIP + "Instructor",),
    "mentor": (MEMBERSHIP + "Learner",),
    "observer": (MEMBERSHIP + "Learner",),
    "administrator": (SYSTEM + "Administrator", INSTITUTION + "Administrator", MEMBERSHIP + "Instructor"),
}
# Canvas calls an observer (a parent, most often) a mentor.
_CANVAS_ROLES = {
    "learner": (INSTITUTION + "Student", MEMBERSHIP + "Learner", SYSTEM + "User"),
    "instructor": (INSTITUTION + "Instructor", MEMBERSHIP + "Instructor", SYSTEM + "User"),
    "assistant": (
        INSTITUTION + "Instructor",
        SUB + "Instructor#TeachingAssistant",
        MEMBERSHIP + "Instructor",
        SYSTEM + "User",
    ),
    "developer": (MEMBERSHIP + "ContentDeveloper", SYSTEM + "User"),
    "mentor": (MEMBERSHIP + "Mentor", SYSTEM + "User"),
    "observer": (INSTITUTION + "Observer", MEMBERSHIP + "Mentor", SYSTEM + "User"),
    "administrator": (INSTITUTION + "Administrator", SYSTEM + "User"),
}
_VARIABLES = frozenset(
    {"User.id", "Person.name.full", "Person.email.primary", "Context.id", "Context.title", "ResourceLink.id"}
)

PROFILES: Mapping[str, Profile] = {
    "spec": Profile(
        "spec",
        "entrepot",
        "1",
        _SPEC_ROLES,
        variables=_VARIABLES | {"Context.id.history", "ResourceLink.id.history"},
        jwks_cache="max-age=300",
    ),
    "moodle": Profile(
        "moodle",
        "moodle",
        "2024100706",
        _MOODLE_ROLES,
        token_seconds=60,
        ids="numbers",
        storage="",
        short_roles=True,
        variables=_VARIABLES - {"ResourceLink.id"} | {"Context.id.history", "Moodle.Person.userGroupIds"},
        jti_once=False,
        pending_tools=True,
        registration_status=200,
        strict_types=True,
        type_status=400,
        scope_status=401,
        link_status=403,
        item_query="?type_id={deployment}",
        paging="curly",
        differences=False,
        any_course=True,
        sourcedids=True,
        sesskeys=True,
        plain_errors=True,
        groups=False,
        loose=True,
        clip=True,
        whole_seconds=True,
        member_status=400,
        pending="removed",
    ),
    "canvas": Profile(
        "canvas",
        "canvas",
        "cloud",
        _CANVAS_ROLES,
        token_seconds=3600,
        ids="opaque",
        extras={"canvas_region": "us-east-1", "canvas_environment": "prod"},
        storage="post_message_forwarding",
        variables=_VARIABLES
        | {"Context.id.history", "ResourceLink.id.history", "Canvas.user.globalId", "Canvas.group.contextIds"},
        jwks_cache="max-age=864000",
        configuration_open=False,
        tells_deployment=False,
        pending_tools=True,
        registration_status=200,
        user_agent=True,
        placement="link_selection",
        scope_status=401,
        link_status=422,
        page=10,
        paging="opaque",
        differences=False,
        stale_status=400,
        range_status=422,
        member_status=422,
        attempts=True,
    ),
}
