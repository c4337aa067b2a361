"""What holds on a date. Floor 1.

Law has a date: the rules are data, the date is an argument. A rule of low confidence never applies unless it is asked
for by name.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from curriculum.catalog import Catalog, Rule


def holds(rule: Rule, on: date) -> bool:
    """Whether the dates of a rule include a day; both ends belong to it."""
    return rule.valid_from <= on and (rule.valid_to is None or on <= rule.valid_to)


def on(catalog: Catalog, day: date, *, also: Collection[str] = ()) -> tuple[Rule, ...]:
    """Rules that hold on a day, in the order of the file.

    Args:
        catalog: The catalog.
        day: The day in question.
        also: Ids of rules of low confidence that an instructor switched on.
    """
    return tuple(
        rule for rule in catalog.rules.values() if holds(rule, day) and (rule.confidence != "low" or rule.id in also)
    )


def affecting(catalog: Catalog, skill: str, day: date, *, also: Collection[str] = ()) -> tuple[Rule, ...]:
    """Rules that hold on a day and change a skill, the newest first."""
    found = [rule for rule in on(catalog, day, also=also) if skill in rule.affects]
    return tuple(sorted(found, key=lambda rule: rule.valid_from, reverse=True))


def addresses(rule: Rule) -> tuple[str, ...]:
    """Where a rule can be read: those of its sources that a page may lead to. Others are words, or no page at all."""
    return tuple(one for one in rule.source if one.startswith(("https://", "http://")))
