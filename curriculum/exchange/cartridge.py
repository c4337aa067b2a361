"""A course as a Common Cartridge: modules, links that launch the tool, links to the web. Floor 1.

1EdTech Common Cartridge 1.1 and 1.3, a thin cartridge: it holds links and no content. Moodle's importer reads 1.1 and
nothing later, and of a link no custom parameters: so what a link opens stands in its address too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

PROFILES = ("1.1", "1.3")


@dataclass(frozen=True)
class Link:
    """Something to open: the tool with custom parameters, or a page of the web.

    Attributes:
        title: What the course shows.
        text: One sentence beneath it; may be empty.
        custom: Custom parameters that say what the tool opens; empty for a page of the web.
        url: Address of a page of the web; empty for the tool.
    """

    title: str
    text: str = ""
    custom: Mapping[str, str] | None = None
    url: str = ""


@dataclass(frozen=True)
class Part:
    """A module or a part of one: a title, and what lies in it."""

    title: str
    inside: tuple[Part | Link, ...]


def write(
    title: str, about: str, parts: tuple[Part, ...], *, launch: str, language: str, profile: str = "1.3"
) -> bytes:
    """Write a cartridge.

    Args:
        title: Of the course.
        about: What it is about.
        parts: Its modules.
        launch: Where the tool is launched, such as https://learn.example.org/lti/launch.
        language: Of the texts: "en" or "zh".
        profile: One of `PROFILES`.

    Raises:
        errors.ExchangeRefused: No such profile, no module, or an address that is none.
    """
    raise NotImplementedError
