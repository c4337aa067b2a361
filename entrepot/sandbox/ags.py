"""Assignment and Grade Services 2.0: line items, scores, results, by the profile of the institution. Floor 4."""

from __future__ import annotations

import json
from typing import Any

from flask import Flask, Response, jsonify, request

from entrepot.sandbox import claims, grants, paging
from entrepot.sandbox.platform import Course, Item, Platform, Registered
from entrepot.sandbox.profiles import LINEITEM, LINEITEM_READ, RESULT_READ, SCORE
from entrepot.sandbox.scores import Grade, Refusal

TYPE = "application/vnd.ims.lis.v2.lineitem+json"
CONTAINER = "application/vnd.ims.lis.v2.lineitemcontainer+json"
SCORE_TYPE = "application/vnd.ims.lis.v1.score+json"
RESULTS = "application/vnd.ims.lis.v2.resultcontainer+json"
KNOWN = ("id", "label", "scoreMaximum", "resourceId", "tag", "resourceLinkId")


def register(app: Flask, platform: Platform) -> None:
    """Add the routes."""
    place = "/<institution>/lti/<context>/lineitems"

    @app.route(place, methods=["GET", "POST"], endpoint="lineitems")
    def lineitems(institution: str, context: str) -> Response:
        reading = request.method == "GET"
        asked = _asked(platform, institution, context, (LINEITEM, LINEITEM_READ) if reading else (LINEITEM,))
        if isinstance(asked, Response):
            return asked
        return _listed(platform, *asked) if reading else _created(platform, *asked)

    @app.route(f"{place}/<item>/lineitem", methods=["GET", "PUT", "DELETE"], endpoint="lineitem")
    def lineitem(institution: str, context: str, item: str) -> Response:
        scopes = (LINEITEM, LINEITEM_READ) if request.method == "GET" else (LINEITEM,)
        asked = _asked_of(platform, institution, context, item, scopes=scopes)
        return asked if isinstance(asked, Response) else _one(platform, *asked)

    @app.post(f"{place}/<item>/lineitem/scores", endpoint="scores")
    def scores(institution: str, context: str, item: str) -> Response:
        asked = _asked_of(platform, institution, context, item, scopes=(SCORE,))
        return asked if isinstance(asked, Response) else _scored(platform, *asked)

    @app.get(f"{place}/<item>/lineitem/results", endpoint="results")
    def results(institution: str, context: str, item: str) -> Response:
        asked = _asked_of(platform, institution, context, item, scopes=(RESULT_READ,))
        return asked if isinstance(asked, Response) else _results(platform, *asked)


def refuse(status: int, why: str) -> Response:
    """An answer that says why not."""
    response = jsonify({"status": status, "reason": why})
    response.status_code = status
    return response


def _asked(
    platform: Platform, institution: str, context: str, scopes: tuple[str, ...]
) -> tuple[Course, Registered] | Response:
    """The course that a request is about, and the tool that asks; or the refusal of it."""
    if platform.institution(institution) is None:
        return refuse(404, "no such institution")
    registered = grants.opens(platform, institution, scopes)
    if isinstance(registered, Response):
        return registered
    course = platform.by_context(institution, context)
    return refuse(404, "no such course") if course is None else (course, registered)


def _asked_of(
    platform: Platform, institution: str, context: str, item: str, *, scopes: tuple[str, ...]
) -> tuple[Course, Registered, Item] | Response:
    asked = _asked(platform, institution, context, scopes)
    if isinstance(asked, Response):
        return asked
    found = asked[0].items.get(item)
    if found is None or found.client_id != asked[1].tool.client_id:
        return refuse(404, "no such line item")
    return (*asked, found)


def _one(platform: Platform, course: Course, registered: Registered, item: Item) -> Response:
    if request.method == "DELETE":
        with platform.lock:
            course.items.pop(item.id, None)
            for one in course.links.values():
                one.item = "" if one.item == item.id else one.item
        return Response(status=204)
    refused = _read(platform, course, item) if request.method == "PUT" else None
    return refused or _json(_written(platform, course, item, registered), TYPE)


def _scored(platform: Platform, course: Course, registered: Registered, item: Item) -> Response:
    profile = platform.profile(course.institution)
    if not _typed(SCORE_TYPE, strict=profile.strict_types):
        return refuse(profile.type_status, "content type")
    address = claims.lineitem_url(platform, course, item.id, registered.tool.client_id)
    taken = platform.score(course, item, address, request.get_json(force=True, silent=True))
    if isinstance(taken, Refusal):
        return refuse(taken.status, taken.why)
    if profile.attempts:
        return jsonify({"resultUrl": f"{address}/results/{taken.user}"})
    return Response("[]" if profile.strict_types else "", content_type=SCORE_TYPE)


def _listed(platform: Platform, course: Course, registered: Registered) -> Response:
    profile = platform.profile(course.institution)
    accept = request.headers.get("Accept", "")
    if profile.strict_types and accept not in {"", CONTAINER}:
        return refuse(400, "Accept")
    wanted = [one for one in list(course.items.values()) if one.client_id == registered.tool.client_id]
    links = {link.id: link.resource_link for link in course.links.values()}
    for name in ("resource_id", "tag", "resource_link_id"):
        if name in request.args:
            wanted = [one for one in wanted if _facets(one, links)[name] == request.args[name]]
    part, first, limit = paging.cut(wanted, profile.page)
    response = _json([_written(platform, course, one, registered) for one in part], CONTAINER)
    paging.link(response, request.base_url, total=len(wanted), first=first, limit=limit, style=profile.paging)
    return response


def _facets(item: Item, links: dict[str, str]) -> dict[str, str]:
    """What line items are filtered by (section 3.2.4)."""
    return {"resource_id": item.resource_id, "tag": item.tag, "resource_link_id": links.get(item.link, "")}


def _created(platform: Platform, course: Course, registered: Registered) -> Response:
    item = Item(platform.new_id(course.institution), "", 0.0, client_id=registered.tool.client_id)
    refused = _read(platform, course, item)
    if refused is not None:
        return refused
    with platform.lock:
        course.items[item.id] = item
    return _json(_written(platform, course, item, registered), TYPE, 201)


def _read(platform: Platform, course: Course, item: Item) -> Response | None:
    """Take what was sent into a line item, or refuse it and leave the item as it was."""
    profile = platform.profile(course.institution)
    if not _typed(TYPE, strict=profile.strict_types):
        return refuse(profile.type_status, "content type")
    body = request.get_json(force=True, silent=True)
    if not isinstance(body, dict) or not isinstance(body.get("label"), str) or not body["label"]:
        return refuse(400, "label missing")
    maximum = body.get("scoreMaximum")
    if isinstance(maximum, bool) or not isinstance(maximum, int | float) or not 0 < maximum < float("inf"):
        return refuse(400, "scoreMaximum missing or not above 0")
    link = None
    if body.get("resourceLinkId"):
        named = str(body["resourceLinkId"])
        link = next((one for one in course.links.values() if one.resource_link == named), None)
        if link is None:
            return refuse(profile.link_status, "no such resource link")
    with platform.lock:
        item.label, item.maximum = body["label"], float(maximum)
        item.resource_id, item.tag = str(body.get("resourceId") or ""), str(body.get("tag") or "")
        item.link = link.id if link is not None else item.link
        item.more = {name: value for name, value in body.items() if name not in KNOWN}
    return None


def _written(platform: Platform, course: Course, item: Item, registered: Registered) -> dict[str, Any]:
    found: dict[str, Any] = {
        **item.more,
        "id": claims.lineitem_url(platform, course, item.id, registered.tool.client_id),
        "label": item.label,
        "scoreMaximum": item.maximum,
    }
    # Moodle writes an empty text where nothing was said.
    if item.resource_id or platform.profile(course.institution).strict_types:
        found["resourceId"] = item.resource_id
    if item.tag or platform.profile(course.institution).strict_types:
        found["tag"] = item.tag
    if item.link in course.links:
        found["resourceLinkId"] = course.links[item.link].resource_link
    return found


def _results(platform: Platform, course: Course, registered: Registered, item: Item) -> Response:
    profile = platform.profile(course.institution)
    address = claims.lineitem_url(platform, course, item.id, registered.tool.client_id)
    wanted = request.args.get("user_id", "")
    shown = []
    for (user, place), grade in list(platform.grades.items()):
        if place == address and wanted in {"", user} and (grade.value is not None or not profile.strict_types):
            shown.append(_result(address, user, grade, item))
    part, first, limit = paging.cut(shown, profile.page)
    response = _json(part, RESULTS)
    style = "link" if profile.paging == "curly" else profile.paging
    paging.link(response, request.base_url, total=len(shown), first=first, limit=limit, style=style)
    return response


def _result(address: str, user: str, grade: Grade, item: Item) -> dict[str, Any]:
    base, _, query = address.partition("?")
    found: dict[str, Any] = {
        "id": f"{base}/results?{query and query + '&'}user_id={user}",
        "scoreOf": address,
        "userId": user,
    }
    if grade.value is not None:
        found |= {"resultScore": grade.value, "resultMaximum": item.maximum}
    if grade.comment:
        found["comment"] = grade.comment
    return found


def _typed(wanted: str, *, strict: bool) -> bool:
    sent = request.headers.get("Content-Type", "")
    return sent == wanted if strict else sent.partition(";")[0].strip().lower() == wanted


def _json(body: Any, content_type: str, status: int = 200) -> Response:
    return Response(json.dumps(body, ensure_ascii=False), status, content_type=content_type)
