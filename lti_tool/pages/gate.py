"""Who may come in: for every route what `permissions.ROUTES` asks for, before its view runs. Floor 3."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Flask, g, request

from lti_tool import bearer, errors, permissions, platforms
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
        errors.PageRefused: No valid bearer, a platform that is gone or pending, or a role without this right.
    """
    person, language = bearer.read(text, tool.bearer_key, tool.now)
    platform = platforms.find(tool.storage, person.iss, person.client_id)
    if platform is None or platform.state != "active":
        raise errors.PageRefused("platform_unknown", "bearer")
    guest = Guest(person, platform, language)
    try:
        require(person, needed)
    except errors.PageRefused as refused:
        refused.frames = guest.frames
        raise
    return guest


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
