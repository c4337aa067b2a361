"""The claims of what the sandbox sends: a launch of a link, a request to pick content. Floor 4.

LTI 1.3 core, sections 5.3 and 5.4; Deep Linking 2.0, section 4.4; Assignment and Grade Services 2.0, section 3.1;
Names and Role Provisioning Services 2.0, section 2.1.1; Course Groups Service 1.0, section 3. They are those that a
real platform sends, the learner's name and mail among them.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from entrepot.sandbox import profiles
from entrepot.sandbox.config import Person, Tool
from entrepot.sandbox.platform import Course, Link, Platform
from entrepot.sandbox.profiles import GROUPS_READ, MEMBERS_READ, Profile
from entrepot.sandbox.tokens import LTI

DL = "https://purl.imsglobal.org/spec/lti-dl/claim/"
AGS = "https://purl.imsglobal.org/spec/lti-ags/claim/endpoint"
NRPS = "https://purl.imsglobal.org/spec/lti-nrps/claim/namesroleservice"
GROUPS = "https://purl.imsglobal.org/spec/lti-gs/claim/groupsservice"
OUTCOME = "https://purl.imsglobal.org/spec/lti-bo/claim/basicoutcome"
PLACEMENT = "https://www.instructure.com/placement"
LOCALES = {"en": "en", "zh": "zh-CN"}


@dataclass(frozen=True)
class Visit:
    """Whoever comes, where, in which language, by which tool ("" for the institution's first one)."""

    course: Course
    person: Person
    language: str
    client_id: str = ""


def launch(platform: Platform, visit: Visit, link: Link, nonce: str) -> dict[str, Any]:
    """A resource link launch."""
    course = visit.course
    profile = platform.profile(course.institution)
    body = _common(platform, visit, nonce)
    tool = platform.tools[body["aud"]].tool
    body[LTI + "message_type"] = "LtiResourceLinkRequest"
    body[LTI + "target_link_uri"] = link.url or tool.launch_url
    body[LTI + "resource_link"] = {"id": link.resource_link, "title": link.title[visit.language]}
    body[LTI + "custom"] = custom(platform, visit, tool, link)
    if profile.placement:
        body[PLACEMENT] = profile.placement
    scopes = [scope for scope in profiles.SCOPES if scope.startswith(profiles.AGS) and scope in tool.scopes]
    if scopes:
        endpoint: dict[str, Any] = {"scope": scopes, "lineitems": lineitems_url(platform, course, profile, body["aud"])}
        if link.item:
            endpoint["lineitem"] = lineitem_url(platform, course, link.item, body["aud"])
            if profile.sourcedids:
                body[OUTCOME] = sourcedid(link.item, visit.person.id)
        body[AGS] = endpoint
    return body


def deep_linking(platform: Platform, visit: Visit, nonce: str) -> dict[str, Any]:
    """A request to pick content for a course; its `data` comes back once."""
    course = visit.course
    body = _common(platform, visit, nonce)
    tool = platform.tools[body["aud"]].tool
    data = platform.new_token()
    with platform.lock:
        platform.picking[data] = (course.institution, course.id, tool.client_id)
    body[LTI + "message_type"] = "LtiDeepLinkingRequest"
    body[LTI + "target_link_uri"] = tool.launch_url
    body[LTI + "custom"] = {name: _expand(platform, visit, value, None) for name, value in tool.custom.items()}
    body[DL + "deep_linking_settings"] = {
        "deep_link_return_url": _way_back(platform, course, f"{platform.base}/deep-linking"),
        "accept_types": ["ltiResourceLink"],
        "accept_presentation_document_targets": ["iframe", "window"],
        "accept_multiple": True,
        "accept_lineitem": True,
        "auto_create": True,
        "data": data,
    }
    return body


def custom(platform: Platform, visit: Visit, tool: Tool, link: Link) -> dict[str, str]:
    """The custom parameters of a link, and of its tool, as this person gets them."""
    return {name: _expand(platform, visit, value, link) for name, value in {**tool.custom, **link.custom}.items()}


def sourcedid(item: str, person: str) -> dict[str, str]:
    """The ids of Basic Outcomes (LTI 1.1) that Moodle still hands out beside its services."""
    return {
        "lis_result_sourcedid": json.dumps({"data": {"instanceid": item, "userid": person}, "hash": "0" * 64}),
        "lis_outcome_service_url": "https://lms.example/mod/lti/service.php",
    }


def _way_back(platform: Platform, course: Course, url: str) -> str:
    return f"{url}?sesskey={platform.sesskey}" if platform.profile(course.institution).sesskeys else url


def lineitems_url(platform: Platform, course: Course, profile: Profile, client_id: str) -> str:
    """Where the line items of a course are."""
    deployment = platform.tools[client_id].tool.deployment_id
    return f"{platform.base}/{course.institution}/lti/{course.context}/lineitems" + profile.item_query.format(
        deployment=deployment
    )


def lineitem_url(platform: Platform, course: Course, item: str, client_id: str) -> str:
    """The id of a line item, which is its address."""
    profile = platform.profile(course.institution)
    query = profile.item_query.format(deployment=platform.tools[client_id].tool.deployment_id)
    return f"{platform.base}/{course.institution}/lti/{course.context}/lineitems/{item}/lineitem{query}"


def _common(platform: Platform, visit: Visit, nonce: str) -> dict[str, Any]:
    course, person = visit.course, visit.person
    profile = platform.profile(course.institution)
    registered = platform.tool_of(course.institution, visit.client_id)
    if registered is None:
        message = f"no tool at {course.institution}"
        raise LookupError(message)
    tool, now = registered.tool, int(platform.now())
    name = person.name[visit.language]
    given, _, family = name.rpartition(" ")
    body: dict[str, Any] = {
        "iss": platform.base,
        "aud": tool.client_id,
        "azp": tool.client_id,
        "sub": platform.user(course.institution, person),
        "iat": now,
        "exp": now + profile.token_seconds,
        "nonce": nonce,
        "name": name,
        "given_name": given or name,
        "family_name": family,
        "email": person.email,
        LTI + "version": "1.3.0",
        LTI + "deployment_id": tool.deployment_id,
        LTI + "roles": list(profile.roles[person.role]),
        LTI + "context": {
            "id": course.context,
            "label": course.id,
            "title": course.title[visit.language],
            "type": ["http://purl.imsglobal.org/vocab/lis/v2/course#CourseOffering"],
        },
        LTI + "launch_presentation": {
            "document_target": "iframe",
            "locale": LOCALES[visit.language],
            "return_url": _way_back(platform, course, f"{platform.base}/{course.institution}/courses/{course.id}"),
        },
        LTI + "tool_platform": {
            "guid": platform.base,
            "name": "Entrepôt sandbox",
            "product_family_code": profile.product,
            "version": profile.version,
        },
    }
    services = f"{platform.base}/{course.institution}/lti/{course.context}"
    if MEMBERS_READ in tool.scopes:
        body[NRPS] = {"context_memberships_url": f"{services}/memberships", "service_versions": ["2.0"]}
    if profile.groups and GROUPS_READ in tool.scopes:
        body[GROUPS] = {
            "scope": [GROUPS_READ],
            "context_groups_url": f"{services}/groups",
            "context_group_sets_url": f"{services}/sets",
            "service_versions": ["1.0"],
        }
    return body


def _expand(platform: Platform, visit: Visit, value: str, link: Link | None) -> str:
    """Fill in one custom variable; what the profile does not know stays as it is (LTI 1.3 core, appendix B)."""
    course, person, language = visit.course, visit.person, visit.language
    if not value.startswith("$") or value[1:] not in platform.profile(course.institution).variables:
        return value
    groups = ",".join(group.id for group in course.groups if person.id in group.members)
    return {
        "User.id": platform.user(course.institution, person),
        "Person.name.full": person.name[language],
        "Person.email.primary": person.email,
        "Context.id": course.context,
        "Context.title": course.title[language],
        "Context.id.history": ",".join(course.history),
        "ResourceLink.id": link.resource_link if link else value,
        "ResourceLink.id.history": ",".join(link.history) if link else value,
        "Moodle.Person.userGroupIds": groups,
        "Canvas.group.contextIds": groups,
        "Canvas.user.globalId": person.id,
    }[value[1:]]
