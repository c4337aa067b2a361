"""The sandbox's one JSON file: institutions, their tools, courses and people. Floor 4.

`{"issuer", "institutions": [...]}`, and if wanted `sso` (another origin for sign-in and storage, as Canvas has),
`storage` (false switches platform storage off) and `control` (a token that opens the faults). An institution has `id,
name, courses`, and if wanted `profile` (spec, moodle, canvas) and `tool` with `login_url, launch_url, jwks_url,
client_id, deployment_id`. A course has `id, title, learners`, and if wanted `custom` (of its one link) or `links`,
`groups` and `members` (so many learners more); a learner `id, name` and, if wanted, `role` or `instructor`. A link has
`id, title`, and if wanted `custom, line_item, target`; a group `id, name, members`. A name or title is a string, or
`{"en": ..., "zh": ...}`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from entrepot import errors
from entrepot.sandbox.profiles import PROFILES, ROLES, SCOPES

Name = Mapping[str, str]
LANGUAGES = ("en", "zh")


class ConfigError(errors.EntrepotError):
    """The file cannot be used; the text is one line that says where and what would be right."""


@dataclass(frozen=True)
class Person:
    """Somebody in a course, in one of the roles of `profiles.ROLES`."""

    id: str
    name: Name
    role: str = "learner"

    @property
    def email(self) -> str:
        """A mail address that no mail reaches."""
        return f"{self.id}@learners.example"


@dataclass(frozen=True)
class LineItem:
    """The column of the gradebook that a link comes with."""

    label: str
    maximum: float = 100.0
    resource_id: str = ""
    tag: str = ""


@dataclass(frozen=True)
class Link:
    """An activity of a course: the tool, opened with custom parameters, in a frame or in a window."""

    id: str
    title: Name
    custom: Mapping[str, str]
    line_item: LineItem | None = None
    target: str = "iframe"


@dataclass(frozen=True)
class Group:
    """Some of a course's people."""

    id: str
    name: str
    members: tuple[str, ...]


@dataclass(frozen=True)
class Course:
    """A course with its links and its people."""

    id: str
    title: Name
    links: tuple[Link, ...]
    learners: tuple[Person, ...]
    groups: tuple[Group, ...] = ()


@dataclass(frozen=True)
class Tool:
    """A tool that an institution registered."""

    login_url: str
    launch_url: str
    jwks_url: str
    client_id: str
    deployment_id: str
    name: str = ""
    scopes: tuple[str, ...] = SCOPES
    custom: Mapping[str, str] = field(default_factory=dict)
    redirect_urls: tuple[str, ...] = ()


@dataclass(frozen=True)
class Institution:
    """One university on this LMS; its tool is None until one is registered."""

    id: str
    name: Name
    tool: Tool | None
    courses: tuple[Course, ...]
    profile: str = "spec"


@dataclass(frozen=True)
class Config:
    """The whole sandbox.

    Attributes:
        issuer: Its base URL without a slash at its end.
        institutions: Who is on it.
        sso: The origin where people sign in and where storage is kept; the issuer's own if it is empty.
        storage: Whether platform storage is offered where the profile has it.
        control: The token of the control routes; they do not exist if it is empty.
    """

    issuer: str
    institutions: tuple[Institution, ...]
    sso: str = ""
    storage: bool = True
    control: str = ""


def load(path: str | Path) -> Config:
    """Read the file.

    Raises:
        ConfigError: Not there, not JSON, or a member is missing or wrong.
    """
    try:
        document = json.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        message = f"sandbox configuration {path}: cannot read it as JSON ({type(error).__name__})"
        raise ConfigError(message) from error
    return parse(document)


def parse(document: Any) -> Config:
    """Build the configuration from plain data.

    Raises:
        ConfigError: A member is missing or wrong; the text names its path.
    """
    issuer = _url(document, "issuer", "").rstrip("/")
    institutions = tuple(_institution(raw, path) for raw, path in _members(document, "institutions", ""))
    sso = _url(document, "sso", "").rstrip("/") if "sso" in document else ""
    control = _text(document, "control", "") if "control" in document else ""
    return Config(issuer, institutions, sso, bool(document.get("storage", True)), control)


def _institution(raw: Any, path: str) -> Institution:
    tool = None
    if not isinstance(raw, dict) or "tool" in raw:
        given = raw.get("tool") if isinstance(raw, dict) else None
        tool = _tool(given, f"{path}.tool")
    profile = _choice(raw, "profile", PROFILES, "spec", path)
    courses = tuple(_course(one, where) for one, where in _members(raw, "courses", path))
    return Institution(_text(raw, "id", path), _name(raw, "name", path), tool, courses, profile)


def _tool(raw: Any, path: str) -> Tool:
    login_url, launch_url, jwks_url = (_url(raw, name, path) for name in ("login_url", "launch_url", "jwks_url"))
    client_id, deployment_id = (_text(raw, name, path) for name in ("client_id", "deployment_id"))
    return Tool(login_url, launch_url, jwks_url, client_id, deployment_id, str(raw.get("name", "")))


def _course(raw: Any, path: str) -> Course:
    learners = [
        Person(_text(one, "id", where), _name(one, "name", where), _role(one, where))
        for one, where in _members(raw, "learners", path)
    ]
    title = _name(raw, "title", path)
    links = (
        tuple(_link(one, where) for one, where in _members(raw, "links", path))
        if "links" in raw
        else (Link("link", title, _custom(raw, path)),)
    )
    groups = tuple(
        Group(_text(one, "id", where), _text(one, "name", where), tuple(map(str, one.get("members", ()))))
        for one, where in (_members(raw, "groups", path) if "groups" in raw else ())
    )
    return Course(_text(raw, "id", path), title, links, (*learners, *crowd(int(raw.get("members", 0)))), groups)


def crowd(count: int) -> list[Person]:
    """So many learners, numbered from 100001."""
    return [
        Person(str(number), {"en": f"Learner {number}", "zh": f"学习者 {number}"})
        for number in range(100_001, 100_001 + count)
    ]


def _link(raw: Any, path: str) -> Link:
    id_, title, custom = _text(raw, "id", path), _name(raw, "title", path), _custom(raw, path)
    item = _line_item(raw["line_item"], f"{path}.line_item") if "line_item" in raw else None
    return Link(id_, title, custom, item, _choice(raw, "target", ("iframe", "window"), "iframe", path))


def _custom(raw: Mapping[str, Any], path: str) -> dict[str, str]:
    custom = raw.get("custom", {})
    if not isinstance(custom, dict) or not all(isinstance(value, str) for value in custom.values()):
        what = f"{path}.custom must be an object of strings"
        raise _wrong(what)
    return custom


def _line_item(raw: Any, path: str) -> LineItem:
    label = _text(raw, "label", path)
    maximum = raw.get("maximum", 100)
    if isinstance(maximum, bool) or not isinstance(maximum, int | float) or maximum <= 0:
        what = f"{path}.maximum must be a number above 0"
        raise _wrong(what)
    return LineItem(label, float(maximum), str(raw.get("resource_id", "")), str(raw.get("tag", "")))


def _role(raw: Mapping[str, Any], path: str) -> str:
    return "instructor" if raw.get("instructor") is True else _choice(raw, "role", ROLES, "learner", path)


def _choice(raw: Any, name: str, known: Iterable[str], default: str, path: str) -> str:
    value = raw.get(name, default)
    if value not in known:
        what = f"{_at(path, name)} must be one of {', '.join(known)}"
        raise _wrong(what)
    return str(value)


def _members(raw: Any, name: str, path: str) -> list[tuple[Any, str]]:
    listed = raw.get(name) if isinstance(raw, dict) else None
    if not isinstance(listed, list) or not listed:
        what = f"{_at(path, name)} must be a list with at least one member"
        raise _wrong(what)
    return [(one, f"{_at(path, name)}[{position}]") for position, one in enumerate(listed)]


def _text(raw: Any, name: str, path: str) -> str:
    value = raw.get(name) if isinstance(raw, dict) else None
    if not isinstance(value, str) or not value:
        what = f"{_at(path, name)} must be a string with at least one character"
        raise _wrong(what)
    return value


def _url(raw: Any, name: str, path: str) -> str:
    value = _text(raw, name, path)
    if urlsplit(value).scheme not in {"http", "https"} or not urlsplit(value).netloc:
        what = f"{_at(path, name)} must be an http or https address"
        raise _wrong(what)
    return value


def _name(raw: Any, name: str, path: str) -> Name:
    value = raw.get(name) if isinstance(raw, dict) else None
    if isinstance(value, str) and value:
        return dict.fromkeys(LANGUAGES, value)
    if isinstance(value, dict) and all(isinstance(value.get(language), str) for language in LANGUAGES):
        return {language: value[language] for language in LANGUAGES}
    what = f'{_at(path, name)} must be a string, or {{"en": ..., "zh": ...}}'
    raise _wrong(what)


def _at(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _wrong(what: str) -> ConfigError:
    return ConfigError(f"sandbox configuration: {what}")
