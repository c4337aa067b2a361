"""What is stale on a day, why, and who should look: rules, what teaches and asks, skills whose rules changed. Floor 1.

Nothing here is a verdict: each finding is a sentence with a reason, for a person who reads it and then says "I looked".
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from types import MappingProxyType

from curriculum import rules, telling
from curriculum.catalog import Catalog, Rule
from curriculum.contents import Content
from curriculum.telling import Sentence, sentence

SOON = 60
"""Days before its first or last day from which a rule is named."""
UNSEEN = 180
"""Days after which nobody looked at a rule or a content any more."""

ENDED, ENDS, BEGINS, UNSURE, UNLOOKED, OVERTAKEN = KINDS = (
    "ended",
    "ends",
    "begins",
    "unsure",
    "unlooked",
    "overtaken",
)
RULE = "rule"
EDITOR, INSTRUCTOR = "editor", "instructor"
"""Who should look: whoever may change the catalog, or whoever teaches with the content."""
_ORDER = {kind: place for place, kind in enumerate((OVERTAKEN, ENDED, BEGINS, ENDS, UNSURE, UNLOOKED))}


@dataclass(frozen=True)
class Limits:
    """Days after which nobody looked any more, and days to each side within which a change is named."""

    unseen: int = UNSEEN
    soon: int = SOON


USUAL = Limits()


@dataclass(frozen=True)
class Finding:
    """Something to look at.

    Attributes:
        kind: One of `KINDS`; `OVERTAKEN`: a rule changed after somebody looked last.
        sort: RULE or the kind of the content.
        id: Of the rule or the content.
        why: The reason.
        who: EDITOR or INSTRUCTOR.
        skills: Ids of the skills that it concerns.
        day: The day that matters; None where none does.
    """

    kind: str
    sort: str
    id: str
    why: Sentence
    who: str
    skills: tuple[str, ...]
    day: date | None = None


def findings(
    catalog: Catalog,
    contents: Iterable[Content],
    day: date,
    *,
    looked: Mapping[str, date] = MappingProxyType({}),
    since: date | None = None,
    limits: Limits = USUAL,
) -> tuple[Finding, ...]:
    """Everything that is stale on a day, what is most urgent first.

    Args:
        catalog: The catalog as it is taught.
        contents: What teaches and asks.
        day: Today.
        looked: Day on which somebody last looked at a rule or a content, by id: newer than what it says itself.
        since: Day from which the catalog stands as it was shipped: its rules count as looked at then; None: never.
        limits: When something is old, and when something is near.
    """
    found = [one for rule in catalog.rules.values() for one in _of_rule(rule, day, looked.get(rule.id, since), limits)]
    for content in contents:
        found += _of_content(catalog, content, day, looked.get(content.id, content.checked), limits)
    # Rules before what follows from them.
    return tuple(sorted(found, key=lambda one: (_ORDER[one.kind], one.sort != RULE, one.day or date.max, one.id)))


def changed(catalog: Catalog, last: Mapping[str, date], day: date, *, also: Collection[str] = ()) -> dict[str, Rule]:
    """Skills whose rules changed since somebody last practised them, each with the newest such rule.

    Args:
        catalog: The catalog as it is taught.
        last: Day of the last practice by skill id; a skill without one needs no refreshing.
        day: Today.
        also: Ids of rules of low confidence that an instructor switched on.
    """
    found = {}
    for skill, practised in last.items():
        newer = [rule for rule in rules.affecting(catalog, skill, day, also=also) if rule.valid_from > practised]
        if newer:
            found[skill] = newer[0]
    return found


def status(rule: Rule, day: date) -> str:
    """What a rule is on a day: "ended", "ahead", "unsure" (of low confidence: it applies to nobody) or "holds"."""
    if rule.valid_to is not None and rule.valid_to < day:
        return "ended"
    if rule.confidence == "low":
        return "unsure"
    return "ahead" if day < rule.valid_from else "holds"


def _of_rule(rule: Rule, day: date, looked: date | None, limits: Limits) -> Iterator[Finding]:
    def finding(kind: str, when: date | None = None, **facts: telling.Fact) -> Finding:
        why = sentence(f"fresh.{kind}", statement=_cut(rule.statement), place=rule.jurisdiction, **facts)
        return Finding(kind, RULE, rule.id, why, EDITOR, rule.affects, when)

    ended = rule.valid_to is not None and rule.valid_to < day
    if rule.valid_to is not None and day - timedelta(days=limits.soon) <= rule.valid_to < day:
        yield finding(ENDED, rule.valid_to, day=rule.valid_to.isoformat())
    elif rule.valid_to is not None and day <= rule.valid_to <= day + timedelta(days=limits.soon):
        yield finding(ENDS, rule.valid_to, day=rule.valid_to.isoformat())
    if day < rule.valid_from <= day + timedelta(days=limits.soon):
        yield finding(BEGINS, rule.valid_from, day=rule.valid_from.isoformat())
    if rule.confidence == "low" and not ended:
        yield finding(UNSURE, rule.valid_from, caveat=rule.caveat or telling.words()["version.nothing"])
    if not ended and (looked is None or looked < day - timedelta(days=limits.unseen)):
        yield finding(UNLOOKED, looked, day=_said(looked), days=str(limits.unseen))


def _of_content(
    catalog: Catalog, content: Content, day: date, looked: date | None, limits: Limits
) -> Iterator[Finding]:
    name = content.name or catalog.skills[content.skills[0]].name if content.skills else content.name
    kind = telling.words()[f"fresh.sort.{content.kind}"]

    def finding(what: str, when: date | None, **facts: telling.Fact) -> Finding:
        why = sentence(f"fresh.content.{what}", kind=kind, name=name or telling.both(content.id), **facts)
        return Finding(what, content.kind, content.id, why, INSTRUCTOR, content.skills, when)

    if content.valid_to is not None and content.valid_to < day - timedelta(days=limits.soon):
        return  # it ended long ago, and is a memory
    if content.valid_to is not None and content.valid_to < day:
        yield finding(ENDED, content.valid_to, day=content.valid_to.isoformat())
        return
    newer = [
        rule for rule in _speaks_of(catalog, content) if looked is not None and looked < (_moved(rule, day) or looked)
    ]
    if newer:
        rule = max(newer, key=lambda one: _moved(one, day) or one.valid_from)
        moved = _moved(rule, day) or rule.valid_from
        yield finding(OVERTAKEN, moved, rule=_cut(rule.statement), day=moved.isoformat(), looked=_said(looked))
    elif looked is None or looked < day - timedelta(days=limits.unseen):
        yield finding(UNLOOKED, looked, day=_said(looked), days=str(limits.unseen))


def _speaks_of(catalog: Catalog, content: Content) -> list[Rule]:
    """The rules that a content names; where it names none, those that change its main skill."""
    named = [catalog.rules[name] for name in content.rules if name in catalog.rules]
    mine = [rule for rule in catalog.rules.values() if content.skills and content.skills[0] in rule.affects]
    both = {rule.id: rule for rule in (*named, *mine)}
    return [rule for rule in both.values() if rule.confidence != "low"]


def _moved(rule: Rule, day: date) -> date | None:
    """The last day up to now on which a rule changed what holds: it began, or it was gone; None: it is to come."""
    gone = rule.valid_to + timedelta(days=1) if rule.valid_to else None
    if gone is not None and gone <= day:
        return gone
    return rule.valid_from if rule.valid_from <= day else None


def _said(day: date | None) -> telling.Fact:
    return telling.words()["fresh.never"] if day is None else day.isoformat()


def _cut(text: Mapping[str, str], most: int = 120) -> dict[str, str]:
    return {key: one if len(one) <= most else f"{one[: most - 1]}…" for key, one in text.items()}
