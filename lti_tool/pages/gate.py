"""Who may come in: for every route what `permissions.ROUTES` asks for, before its view runs. Floor 3."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Flask, g, request

from lti_tool import bearer, blocked, errors, permissions, platforms, visits
from lti_tool import learner as learners
from lti_tool.learner import Learner
from lti_tool.platforms import Platform
from lti_tool.tool import Tool


@dataclass(frozen=True)
class Guest:
    """Whoever a bearer vouches for: the person, their platform, the language of the page."""

    person: Learner
    platform: Platform
    language: str

    @property
    def frames(self) -> tuple[str, ...]:
        """Origins that may show the page."""
        return platforms.frames(self.platform)


def register(app: Flask, tool: Tool) -> None:
    """Stand before every route of the app."""

    @app.before_request
    def admit() -> None:
        if request.endpoint is None or request.routing_exception is not None:
            return
        if request.endpoint not in permissions.ROUTES:
            raise errors.PageRefused("not_found", "route")
        needed = permissions.ROUTES[request.endpoint]
        if needed is not None:
            g.guest = admitted(tool, request.form.get("bearer", ""), needed)


def admitted(tool: Tool, text: str, needed: permissions.Permission) -> Guest:
    """The guest of a bearer who may do what is needed.

    Raises:
        errors.PageRefused: No valid bearer, a platform that is gone or pending, a person who was blocked or erased
            since the launch, or a role without this right.
    """
    person, language = bearer.read(text, tool.bearer_key, tool.now)
    platform = platforms.find(tool.storage, person.iss, person.client_id)
    if platform is None:
        raise errors.PageRefused("platform_unknown", "bearer")
    guest = Guest(person, platform, language)
    try:
        _still_welcome(tool, guest)
        require(person, needed)
    except errors.PageRefused as refused:
        refused.frames, refused.language = guest.frames, language
        raise
    return guest


def _still_welcome(tool: Tool, guest: Guest) -> None:
    """What has happened since the launch holds at the next request.

    Raises:
        errors.PageRefused: `platform_pending`, `person_blocked`, or `page_expired` of somebody who was erased.
    """
    person = guest.person
    if guest.platform.state != "active":
        raise errors.PageRefused("platform_pending", "bearer")
    pseudonyms = learners.pseudonyms(person, tool.keyring.pseudonym_keys)
    if blocked.is_blocked(tool.storage, pseudonyms):
        raise errors.PageRefused("person_blocked", "bearer")
    if not visits.holds(tool.storage, pseudonyms, person.visit):
        raise errors.PageRefused("page_expired", "bearer")


def require(person: Learner, needed: permissions.Permission) -> None:
    """Refuse a person whose roles do not hold a right.

    Raises:
        errors.PageRefused: `permission_missing`.
    """
    if needed not in permissions.of(person.roles):
        raise errors.PageRefused("permission_missing", needed)


def guest() -> Guest:
    """Who asks, inside a view whose route needs a permission."""
    found: Guest = g.guest
    return found
