"""Names and Role Provisioning Services 2.0, and Course Groups 1.0: who is in a course. Floor 4."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

from flask import Flask, Response, request

from entrepot.sandbox import claims, grants, paging, profiles
from entrepot.sandbox.ags import refuse
from entrepot.sandbox.platform import Course, Link, Member, Platform
from entrepot.sandbox.profiles import GROUPS_READ, MEMBERS_READ
from entrepot.sandbox.tokens import LTI

CONTAINER = "application/vnd.ims.lti-nrps.v2.membershipcontainer+json"
GROUPS = "application/vnd.ims.lti-gs.v1.contextgroupcontainer+json"
SETS = "application/vnd.ims.lti-gs.v1.contextgroupsetcontainer+json"
SET = {"id": "set-1", "name": "Project groups"}


def register(app: Flask, platform: Platform) -> None:
    """Add the routes."""

    @app.get("/<institution>/lti/<context>/memberships", endpoint="members")
    def members(institution: str, context: str) -> Response:
        course = _course(platform, institution, context, MEMBERS_READ)
        return course if isinstance(course, Response) else _members(platform, course)

    @app.get("/<institution>/lti/<context>/groups", endpoint="groups")
    def groups(institution: str, context: str) -> Response:
        course = _course(platform, institution, context, GROUPS_READ)
        return course if isinstance(course, Response) else _groups(platform, course)

    @app.get("/<institution>/lti/<context>/sets", endpoint="sets")
    def sets(institution: str, context: str) -> Response:
        course = _course(platform, institution, context, GROUPS_READ)
        if isinstance(course, Response):
            return course
        return Response(json.dumps({"id": request.base_url, "sets": [SET]}), content_type=SETS)


def _course(platform: Platform, institution: str, context: str, scope: str) -> Course | Response:
    if platform.institution(institution) is None:
        return refuse(404, "no such institution")
    registered = grants.opens(platform, institution, (scope,))
    if isinstance(registered, Response):
        return registered
    profile = platform.profile(institution)
    course = platform.by_context(institution, context)
    linked = course is not None and any(one.client_id == registered.tool.client_id for one in course.links.values())
    if course is None or not (linked or profile.any_course) or (scope == GROUPS_READ and not profile.groups):
        return refuse(404, "no such course")
    return course


def _members(platform: Platform, course: Course) -> Response:
    profile = platform.profile(course.institution)
    link = next((one for one in course.links.values() if one.resource_link == request.args.get("rlid")), None)
    if "rlid" in request.args and link is None:
        return refuse(404, "no such resource link")
    with platform.lock:
        listed, changes = list(course.members.values()), course.changes
    since = request.args.get("since", "")
    if since.isdecimal() and profile.differences:
        listed = [one for one in listed if one.changed > int(since)]
    else:
        listed = [one for one in listed if one.active]
    role = request.args.get("role", "")
    if role:
        wanted = role if "#" in role else profiles.MEMBERSHIP + role
        listed = [one for one in listed if wanted in profile.roles[one.person.role]]
    part, first, limit = paging.cut(listed, profile.page)
    body = {
        "id": request.base_url,
        "context": {"id": course.context, "label": course.id, "title": course.title["en"]},
        "members": [_written(platform, course, one, link) for one in part],
    }
    response = Response(json.dumps(body, ensure_ascii=False), content_type=CONTAINER)
    # Moodle's Link header is sound here: only that of line items is not.
    style = "link" if profile.paging == "curly" else profile.paging
    paging.link(response, request.base_url, total=len(listed), first=first, limit=limit, style=style)
    if profile.differences and "next" not in response.headers.get("Link", ""):
        asked = {name: value for name, value in request.args.items() if name in {"rlid", "role", "limit"}}
        response.headers["Link"] = f'<{request.base_url}?{urlencode({**asked, "since": changes})}>; rel="differences"'
    return response


def _written(platform: Platform, course: Course, member: Member, link: Link | None) -> dict[str, Any]:
    profile, person = platform.profile(course.institution), member.person
    roles = list(profile.roles[person.role])
    if profile.short_roles:
        roles = [one.removeprefix(profiles.MEMBERSHIP) for one in roles if one.startswith(profiles.MEMBERSHIP)]
    name = person.name["en"]
    given, _, family = name.rpartition(" ")
    found: dict[str, Any] = {
        "status": "Active" if member.active else "Deleted",
        "user_id": platform.user(course.institution, person),
        "roles": roles,
        "name": name,
        "given_name": given or name,
        "family_name": family,
        "email": person.email,
        "lis_person_sourcedid": f"sis-{person.id}",
    }
    if link is not None:
        found["message"] = [_message(platform, course, member, link)]
    if request.args.get("groups") == "true" and profile.groups:
        found["group_enrollments"] = [{"group_id": one.id} for one in course.groups if person.id in one.members]
    return found


def _message(platform: Platform, course: Course, member: Member, link: Link) -> dict[str, Any]:
    """What a launch of the link would say of this member beyond what the membership says (section 3)."""
    person = member.person.id
    tool = platform.tools[link.client_id].tool
    visit = claims.Visit(course, member.person, "en", link.client_id)
    message: dict[str, Any] = {LTI + "message_type": "LtiResourceLinkRequest"}
    if not platform.profile(course.institution).sourcedids:
        message[LTI + "custom"] = claims.custom(platform, visit, tool, link)
    else:
        message[claims.OUTCOME] = claims.sourcedid("1", person)
    return message


def _groups(platform: Platform, course: Course) -> Response:
    who = platform.member(course, request.args.get("user_id", ""))
    shown = [
        {"id": one.id, "name": one.name, "tag": "", "set_id": SET["id"]}
        for one in course.groups
        if "user_id" not in request.args or (who is not None and who.person.id in one.members)
    ]
    part, first, limit = paging.cut(shown, platform.profile(course.institution).page)
    response = Response(json.dumps({"id": request.base_url, "groups": part}, ensure_ascii=False), content_type=GROUPS)
    paging.link(
        response,
        request.base_url,
        total=len(shown),
        first=first,
        limit=limit,
        style=platform.profile(course.institution).paging,
    )
    return response
