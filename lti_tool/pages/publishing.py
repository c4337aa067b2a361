"""The graph for other systems, by CASE 1.1: public, read-only, and kept by whoever asked until it changes. Floor 3.

1EdTech CASE 1.1, REST binding. Nothing of a person is in it: what is published is what the institution teaches, its own
changes of the shipped catalogs included. An answer has the hash of its content for an ETag, so that who asks again is
told that nothing changed (RFC 9110, section 13).
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, Response, request

from curriculum import catalog as catalogs
from curriculum.catalog import Catalog
from curriculum.exchange import case
from lti_tool import editions
from lti_tool.tool import Tool

BASE = "/ims/case/v1p1"
FRESH = 300
SORTED = ("identifier", "title", "lastChangeDateTime", "language", "version")

_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[1-5][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
_NUMBER = re.compile(r"[0-9]{1,9}")


class _Wrong(ValueError):
    """A request that the specification answers with 400."""

    def __init__(self, minor: str, text: str) -> None:
        super().__init__(text)
        self.minor = minor


@dataclass(frozen=True, eq=False)
class _Issue:
    """What is published of one state of the catalogs, and the answers that were asked for.

    Attributes:
        state: The catalogs.
        shelf: What is published of them.
        bodies: Answers by kind and identifier.
    """

    state: tuple[Catalog, ...] = ()
    shelf: case.Shelf = field(default_factory=lambda: case.Shelf({}))
    bodies: dict[tuple[str, str], bytes] = field(default_factory=dict)


@dataclass(eq=False)
class _Desk:
    """The newest issue, replaced as a whole: whoever answers from the one before goes on with that one."""

    read: editions.Shelf = field(default_factory=editions.Shelf)
    issue: _Issue = field(default_factory=_Issue)


def blueprint(tool: Tool) -> Blueprint:
    """What other systems read."""
    views, desk = Blueprint("publishing", __name__), _Desk()

    @views.get(f"{BASE}/CFDocuments")
    def documents() -> Response:
        listed = _issue(tool, desk).shelf.documents
        try:
            chosen = _chosen(listed)
        except _Wrong as wrong:
            return _failed(400, wrong.minor, str(wrong))
        answer = _answer(_body({"CFDocuments": chosen}))
        answer.headers["X-Total-Count"] = str(len(listed))
        return answer

    @views.get(f"{BASE}/<kind>/<identifier>")
    def thing(kind: str, identifier: str) -> Response:
        issue, key = _issue(tool, desk), (kind, identifier)
        found = issue.shelf.things.get(kind, {}).get(identifier)
        if found is None:
            known = kind in case.KINDS and _UUID.fullmatch(identifier) is None
            minor, text = ("invalid_uuid", "Invalid UUID") if known else ("unknownobject", "Unknown Object")
            return _failed(404, minor, text)
        if key not in issue.bodies:
            issue.bodies[key] = _body(found)
        return _answer(issue.bodies[key])

    return views


def _issue(tool: Tool, desk: _Desk) -> _Issue:
    """What is published now: made anew where an edition changed since."""
    now = tool.now()
    taught = [editions.taught(tool.storage, desk.read, name, now) for name in catalogs.NAMES]
    state = tuple(one.catalog for one in taught)
    issue = desk.issue
    if state != issue.state:
        made = case.shelve([_dated(one) for one in taught], f"{tool.settings.url}{BASE}")
        issue = desk.issue = _Issue(state, made)
    return issue


def _dated(taught: editions.Taught) -> Catalog:
    """The catalog with the day of the institution's own last change of it, where there was one."""
    edition = taught.edition
    if not edition.number:
        return taught.catalog
    day = datetime.fromtimestamp(edition.made, UTC).date()
    return dataclasses.replace(taught.catalog, dated=day, version=f"{taught.catalog.version}+{edition.number}")


def _chosen(documents: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The documents that the query asks for: sorted, then cut.

    Raises:
        _Wrong: The query asks for what there is not.
    """
    asked = request.args
    if asked.get("filter"):
        raise _Wrong("invalid_selection_field", "filter is not served here; leave it out")
    order = asked.get("sort")
    if order and order not in SORTED:
        raise _Wrong("invalid_sort_field", f"sort may be one of {', '.join(SORTED)}")
    if order:
        documents = sorted(documents, key=lambda one: str(one.get(order, "")), reverse=asked.get("orderBy") == "desc")
    first = _number(asked, "offset", 0)
    listed = documents[first : first + _number(asked, "limit", len(documents) or 1)]
    wanted = [name for part in asked.getlist("fields") for name in part.split(",") if name]
    if not set(wanted) <= {name for one in documents for name in one}:
        raise _Wrong("invalid_selection_field", "fields may name fields of a CFDocument, with commas between")
    return [{name: one[name] for name in one if not wanted or name in wanted} for one in listed]


def _number(asked: Mapping[str, str], name: str, default: int) -> int:
    text = asked.get(name)
    if text is None:
        return default
    if not _NUMBER.fullmatch(text) or (name == "limit" and int(text) < 1):
        raise _Wrong("invalid_selection_field", f"{name} must be a whole number")
    return int(text)


def _body(found: Mapping[str, Any]) -> bytes:
    return json.dumps(found, ensure_ascii=False, separators=(",", ":")).encode()


def _answer(body: bytes) -> Response:
    response = Response(body, mimetype="application/json")
    response.set_etag(hashlib.sha256(body).hexdigest())
    response.headers["Cache-Control"] = f"public, max-age={FRESH}"
    # Public data: a page of any origin may read it, as any server may.
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.make_conditional(request)
    return response


def _failed(status: int, minor: str, text: str) -> Response:
    return Response(_body(case.failure(minor, text)), status=status, mimetype="application/json")
