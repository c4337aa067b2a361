"""Documents over HTTP: what State, Activity Profile and Agent Profile do alike. Floor 1.

xAPI 1.0.3, Communication 2.2 and 3.1. In 2.0 a state is replaced under a precondition as a profile is; in 1.0.3 a
profile is stored under one only, and a state without.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, g, request
from werkzeug.datastructures import ETags

from xapi_collector import documents, errors, preconditions
from xapi_collector.collector import Collector
from xapi_collector.door import body
from xapi_collector.door.gate import Gate
from xapi_collector.grammar import versions
from xapi_collector.place import Document, Place
from xapi_collector.preconditions import Precondition
from xapi_collector.resources import answers, parameters
from xapi_collector.resources.parameters import Parameter

_UNNAMED = "application/octet-stream"  # RFC 9110, 8.3: of a body that does not say what it is


@dataclass(frozen=True, slots=True)
class Resource:
    """One of the three document resources.

    Attributes:
        name: Of its blueprint.
        path: Below /xapi.
        scope: What a credential needs.
        whose: The parameters that say whose documents; all but `registration` are required.
        document: The parameter with the id of one document.
        since: The parameter of the GET of many.
        place: Makes the place of the values of `whose`.
        free: In 1.0.3 a PUT needs no precondition.
        deletes_many: A DELETE without the id of one deletes all.
    """

    name: str
    path: str
    scope: str
    whose: tuple[Parameter, ...]
    document: Parameter
    since: Parameter
    place: Callable[[Mapping[str, Any]], Place]
    free: bool = False
    deletes_many: bool = False


def blueprint(collector: Collector, gate: Gate, resource: Resource) -> Blueprint:
    """The routes of one document resource."""
    routes = Blueprint(resource.name, __name__, url_prefix="/xapi")
    many = tuple(each.name for each in resource.whose if each.name != "registration")
    one = (*many, resource.document.name)

    def asked(required: tuple[str, ...], *more: Parameter) -> tuple[Place, Any, Any]:
        gate.enter(resource.scope)
        given = parameters.read((*resource.whose, resource.document, *more), required)
        return resource.place(given), given.get(resource.document.name), given.get("since")

    def get() -> Response:
        where, document_id, since = asked(many, resource.since)
        if document_id is None:
            found, updated = documents.ids(collector, where, since)
            return answers.value(found, updated=updated)
        document = documents.get(collector, where, document_id)
        if document is None:
            raise errors.NotFoundError("There is no document with this id.", path=resource.document.name)
        return answers.content(document.content, document.content_type, updated=document.updated)

    def put() -> Response:
        where, document_id, _ = asked(one)
        documents.put(collector, where, _sent(collector, document_id), _precondition(_needed(resource)))
        return Response(status=204)

    def post() -> Response:
        where, document_id, _ = asked(one)
        documents.merge(collector, where, _sent(collector, document_id), _precondition())
        return Response(status=204)

    def delete() -> Response:
        where, document_id, _ = asked(many if resource.deletes_many else one)
        if document_id is None:
            documents.delete_all(collector, where)
        else:
            documents.delete(collector, where, document_id, _precondition())
        return Response(status=204)

    for view in (get, put, post, delete):
        routes.add_url_rule(resource.path, view.__name__, view, methods=[view.__name__.upper()])
    return routes


def _sent(collector: Collector, document_id: str) -> Document:
    return Document(document_id, request.headers.get("Content-Type") or _UNNAMED, body.read(), collector.clock())


def _needed(resource: Resource) -> int:
    if g.version == versions.V2:
        return preconditions.TO_REPLACE
    return preconditions.FREE if resource.free else preconditions.ALWAYS


def _precondition(needed: int = preconditions.FREE) -> Precondition:
    match = _tags(request.if_match) if "If-Match" in request.headers else None
    none_match = _tags(request.if_none_match, weak=True) if "If-None-Match" in request.headers else None
    return Precondition(match, none_match, needed)


def _tags(tags: ETags, *, weak: bool = False) -> frozenset[str]:
    """The tags of a header; weak ones mean nothing to If-Match (RFC 9110, 13.1.1)."""
    if tags.star_tag:
        return frozenset({preconditions.ANY})
    return frozenset(tags.as_set(include_weak=weak))
