"""Which skill has a lesson, how long it takes to read and when it was last looked at: an index of the lessons. Floor 1.

A catalog lists lessons among what there is to read, at every start of every process; the index spares it the texts.
`python -m tests.house.lessons_index` writes it anew from the lessons, and a test says when that is due.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from importlib import resources
from types import MappingProxyType

PREFIX = "lesson:"
"""Before the id of the skill, in the id of a lesson."""


@dataclass(frozen=True)
class Reading:
    """A lesson: about how many minutes it takes, and the day on which somebody last looked whether it holds."""

    minutes: float
    checked: date


@functools.cache
def load() -> Mapping[str, Reading]:
    """The lessons that are shipped, by skill."""
    text = resources.files("curriculum").joinpath("data", "lessons", "index.json").read_text(encoding="utf-8")
    found = {
        skill: Reading(float(minutes), date.fromisoformat(day)) for skill, (minutes, day) in json.loads(text).items()
    }
    return MappingProxyType(found)


def id_of(skill: str) -> str:
    """The id of the lesson on a skill."""
    return f"{PREFIX}{skill}"


def skill_of(name: str) -> str:
    """The skill that a resource is the lesson on; empty where it is no lesson."""
    return name.removeprefix(PREFIX) if name.startswith(PREFIX) else ""
