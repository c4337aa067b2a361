"""The sandbox's one JSON file: institutions, their tools, courses and learners. Floor 4.

`{"issuer", "institutions": [...]}`; an institution has `id, name, tool, courses`, its tool `login_url, launch_url,
jwks_url, client_id, deployment_id`, a course `id, title, custom, learners`, a learner `id, name` and, if true,
`instructor`. A name or title is a string, or `{"en": ..., "zh": ...}`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from entrepot import errors

Name = Mapping[str, str]
LANGUAGES = ("en", "zh")


class ConfigError(errors.EntrepotError):
    """The file cannot be used; the text is one line that says where and what would be right."""


@dataclass(frozen=True)
class Person:
    """Somebody in a course; `instructor` says in which role."""

    id: str
    name: Name
    instructor: bool = False


@dataclass(frozen=True)
class Course:
    """A course with one activity: the tool, opened with the custom parameters of this link."""

    id: str
    title: Name
    custom: Mapping[str, str]
    learners: tuple[Person, ...]


@dataclass(frozen=True)
class Tool:
    """The institution's registered tool."""

    login_url: str
    launch_url: str
    jwks_url: str
    client_id: str
    deployment_id: str


@dataclass(frozen=True)
class Institution:
    """One university on this LMS."""

    id: str
    name: Name
    tool: Tool
    courses: tuple[Course, ...]


@dataclass(frozen=True)
class Config:
    """The whole sandbox; `issuer` is its base URL without a slash at its end."""

    issuer: str
    institutions: tuple[Institution, ...]


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
    return Config(issuer, tuple(_institution(raw, path) for raw, path in _members(document, "institutions", "")))


def find(config: Config, institution: str, course: str) -> tuple[Institution, Course] | None:
    """An institution and one of its courses, by their ids."""
    for candidate in config.institutions:
        if candidate.id == institution:
            for offered in candidate.courses:
                if offered.id == course:
                    return candidate, offered
    return None


def person(course: Course, id_: str) -> Person | None:
    """Somebody of a course, by id."""
    return next((learner for learner in course.learners if learner.id == id_), None)


def by_client(config: Config, client_id: str) -> Institution | None:
    """The institution whose tool has this client id."""
    return next((one for one in config.institutions if one.tool.client_id == client_id), None)


def _institution(raw: Any, path: str) -> Institution:
    tool = raw.get("tool") if isinstance(raw, dict) else None
    urls = [_url(tool, name, f"{path}.tool") for name in ("login_url", "launch_url", "jwks_url")]
    ids = [_text(tool, name, f"{path}.tool") for name in ("client_id", "deployment_id")]
    courses = tuple(_course(one, where) for one, where in _members(raw, "courses", path))
    return Institution(_text(raw, "id", path), _name(raw, "name", path), Tool(*urls, *ids), courses)


def _course(raw: Any, path: str) -> Course:
    custom = raw.get("custom", {}) if isinstance(raw, dict) else {}
    if not isinstance(custom, dict) or not all(isinstance(value, str) for value in custom.values()):
        what = f"{path}.custom must be an object of strings"
        raise _wrong(what)
    learners = tuple(
        Person(_text(one, "id", where), _name(one, "name", where), instructor=bool(one.get("instructor", False)))
        for one, where in _members(raw, "learners", path)
    )
    return Course(_text(raw, "id", path), _name(raw, "title", path), custom, learners)


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
