"""Who acts in a Caliper event, as an xAPI Agent. Floor 1, pure. Caliper 1.2, C.26 (LtiSession), C.35 (Person).

A person's statements, launches and events meet only if they have one account, so an account is taken, in this order:
from the LTI session that the event names (iss, sub); from an identifier that says it is the LTI user's; from a Canvas
id, urn:instructure:canvas:user:N, as (the issuer of Canvas, N); else the id as it is, at its own origin.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from xapi_collector.caliper.entities import Entity, identity, kind
from xapi_collector.grammar import formats

CANVAS = "https://canvas.instructure.com"
"""The issuer of every Canvas that Instructure hosts (LTI 1.3); one's own Canvas may have another."""

_CANVAS_USER = "urn:instructure:canvas:user:"


@dataclass(frozen=True, slots=True)
class Issuer:
    """What an event says about who knows its people.

    Attributes:
        sensor: The id of the sensor.
        canvas: The homePage of people of Canvas.
        session: The event's federatedSession, an LtiSession, or None.
        starter: The id of who is meant by a session that names no user: the actor.
    """

    sensor: str
    canvas: str
    session: Entity = None
    starter: str | None = None


def agent(entity: Entity, issuer: Issuer) -> dict[str, Any] | None:
    """The Agent of an actor, without a name; None if it has no id that tells them apart.

    >>> agent("urn:instructure:canvas:user:7", Issuer("https://a.example", CANVAS))
    {'account': {'homePage': 'https://canvas.instructure.com', 'name': '7'}}
    """
    found = identity(entity)
    if found is None:
        return None
    pair = _launched(found, issuer) or _identified(entity) or _named(found, issuer)
    if pair is None:
        return None
    account = {"account": {"homePage": pair[0], "name": pair[1]}}
    return {"objectType": "Group"} | account if kind(entity) in ("Group", "Organization") else account


def _launched(found: str, issuer: Issuer) -> tuple[str, str] | None:
    """The account of the LTI launch, if the session is that of this very person."""
    session = issuer.session
    parameters = session.get("messageParameters") if isinstance(session, dict) else None
    if not isinstance(parameters, Mapping) or (identity(session.get("user")) or issuer.starter) != found:
        return None
    return _pair(parameters.get("iss"), parameters.get("sub"))


def _identified(entity: Entity) -> tuple[str, str] | None:
    """The account of a SystemIdentifier of type LtiUserId whose source is the platform (Caliper 1.2, C.43)."""
    others = entity.get("otherIdentifiers") if isinstance(entity, dict) else None
    for each in others if isinstance(others, list) else ():
        if isinstance(each, dict) and each.get("identifierType") == "LtiUserId":
            pair = _pair(identity(each.get("source")), each.get("identifier"))
            if pair is not None:
                return pair
    return None


def _named(found: str, issuer: Issuer) -> tuple[str, str] | None:
    if found.startswith(_CANVAS_USER) and len(found) > len(_CANVAS_USER):
        return issuer.canvas, found.removeprefix(_CANVAS_USER)
    for address in (found, issuer.sensor):
        try:
            split = urlsplit(address)
        except ValueError:
            continue
        home_page = f"{split.scheme}://{split.netloc.rpartition('@')[2]}"
        if split.scheme in ("http", "https") and formats.is_iri(home_page):
            return home_page, found
    return _pair(issuer.sensor, found)


def _pair(home_page: Any, name: Any) -> tuple[str, str] | None:
    if isinstance(home_page, str) and isinstance(name, str) and formats.is_iri(home_page) and name:
        return home_page, name
    return None
