"""What an instructor put first, hid or proposed, as the class page shows it: pure. Floor 3."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from curriculum import graph
from curriculum.catalog import Catalog
from lti_tool import overrides
from lti_tool.overrides import Entry, Override
from lti_tool.pages import classroom
from lti_tool.texts import Say


@dataclass(frozen=True)
class Made:
    """An override in words: its id, what it does, to what, for whom, since when."""

    id: str
    does: str
    subject: str
    audience: str
    since: str


@dataclass(frozen=True)
class Guidance:
    """What holds, what was done, and what can be chosen.

    Attributes:
        made: What holds, the newest first.
        log: Lines of the log: when, code of who did it, what, to what, for whom; the newest first.
        choices: Skills by area: name of the area, then id and name of each skill that has something to do.
    """

    made: list[Made]
    log: list[tuple[str, str, str, str, str]]
    choices: list[tuple[str, list[tuple[str, str]]]]


def guidance(
    found: Sequence[Override],
    log: Sequence[Entry],
    catalog: Catalog,
    groups: Mapping[str, str],
    *,
    language: str,
    say: Say,
) -> Guidance:
    """Put it in words.

    Args:
        found: What holds, the newest first.
        log: The newest first.
        catalog: The course's.
        groups: Name of each group by id.
        language: "en" or "zh".
        say: Of the language.
    """
    made = [
        Made(
            one.id,
            say(f"guide.does.{one.kind}"),
            subject(catalog, one.sort, one.subject, language),
            _audience(one.audience, groups.get(one.group, one.group), len(one.learners), say),
            _day(one.made),
        )
        for one in found
    ]
    lines = [
        (
            _minute(line.at),
            line.by[: classroom.CODE],
            say(f"guide.log.{line.act}.{line.kind}"),
            subject(catalog, line.sort, line.subject, language),
            _audience(line.audience, groups.get(line.group, line.group), line.learners, say),
        )
        for line in log
    ]
    return Guidance(made, lines, _choices(catalog, language))


def subject(catalog: Catalog, sort: str, id_: str, language: str) -> str:
    """The name of an item or a skill; its id where the catalog has it no more."""
    if sort == overrides.ITEM and id_ in catalog.items:
        one = catalog.items[id_]
        return (one.name or catalog.skills[one.skills[0]].name)[language]
    return catalog.skills[id_].name[language] if id_ in catalog.skills else id_


def _audience(audience: str, group: str, count: int, say: Say) -> str:
    if audience == overrides.GROUP:
        return say("guide.for.group", group=group)
    return say("guide.for.some", count=count) if audience == overrides.SOME else say("guide.for.all")


def _choices(catalog: Catalog, language: str) -> list[tuple[str, list[tuple[str, str]]]]:
    trained = {item.skills[0] for item in catalog.items.values()}
    found: dict[str, list[tuple[str, str]]] = {area: [] for area in catalog.areas}
    for name in graph.order(catalog):
        if name in trained:
            found[catalog.skills[name].area].append((name, catalog.skills[name].name[language]))
    return [(catalog.areas[area].name[language], listed) for area, listed in found.items() if listed]


def _day(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d")


def _minute(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M")
