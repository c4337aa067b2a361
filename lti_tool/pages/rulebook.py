"""What the pages of dated rules show, and what their form says: pure. Floor 3.

Every rule with its days on a line of time, what is stale and why, and the form in which a draft of news is confirmed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from curriculum import bank, check, contents, freshness, lessons, readings, rules, telling
from curriculum.catalog import Catalog, Rule
from curriculum.contents import Content
from curriculum.editing import Edit
from curriculum.freshness import Finding
from curriculum.intake import Draft, News
from curriculum.telling import Sentence, sentence
from lti_tool.texts import Say

NEW, REPLACES, ENDS, CHANGES = ACTS = ("new", "replaces", "ends", "changes")
BEFORE, AFTER = 730, 730
"""Days to each side of today on the line of time."""
LATELY = 31, 92
"""Days before and after today in which what begins or ends is news for a class."""
FINDINGS = 20
TOUCHED = 20
_NUMBER = re.compile(r"[+-]?\d+(?:\.\d+)?")
_ORDER = {"holds": 0, "ahead": 1, "unsure": 2, "ended": 3}


@dataclass(frozen=True)
class Row:
    """A rule in the list.

    Attributes:
        id: Of the rule.
        place: Where it holds.
        words: What it says.
        status: "holds", "ahead", "unsure" or "ended".
        days: Its days, in words.
        line: Start and width of its bar in percent of the line of time; empty width if it lies outside.
        confidence: "high", "medium" or "low".
        caveat: What is doubtful about it.
        instrument: The legal text.
        sources: Addresses.
        skills: Names of the skills that it changes.
        own: Whether the institution entered or changed it.
        looked: Day on which somebody last looked.
    """

    id: str
    place: str
    words: str
    status: str
    days: str
    line: tuple[str, str]
    confidence: str
    caveat: str
    instrument: str
    sources: tuple[str, ...]
    skills: tuple[str, ...]
    own: bool
    looked: str


@dataclass(frozen=True)
class Lately:
    """A rule that began or ended lately, or soon will: its id, where, what it says, how ("began", ...), and the day."""

    id: str
    place: str
    words: str
    how: str
    day: str


@dataclass(frozen=True)
class Stale:
    """One thing to look at: its id, what a page calls it, the words of the reason, what it is, who should look."""

    id: str
    name: str
    words: str
    kind: str
    sort: str
    who: str


@dataclass(frozen=True)
class Form:
    """What the form of a rule holds.

    Attributes:
        values: Text by field.
        affects: Ids of the ticked skills.
        choices: Id, name and whether it is ticked, of each skill that is offered.
        doubts: What to look at, in words.
        problems: What is wrong, in words.
        similar: Rules that it may change: id, words.
        touched: Contents that speak of it: kind and name.
        proposal: Id of the proposal that it answers; empty if none.
    """

    values: Mapping[str, str]
    affects: tuple[str, ...]
    choices: Sequence[tuple[str, str, bool]]
    doubts: Sequence[str] = ()
    problems: Sequence[str] = ()
    similar: Sequence[tuple[str, str]] = ()
    touched: Sequence[tuple[str, str]] = ()
    proposal: str = ""


FIELDS = (
    "act", "other", "id", "jurisdiction", "valid_from", "valid_to", "statement_en", "statement_zh", "params", "source",
    "confidence", "instrument", "caveat", "why", "text", "told", "title",
)  # fmt: skip
LONGEST = {"text": 20_000, "statement_en": 1_000, "statement_zh": 1_000, "params": 2_000, "source": 2_000}


def everything(catalog: Catalog) -> tuple[Content, ...]:
    """All that teaches and asks on a catalog, with its days.

    A question has no day of its own: the shipped ones were looked at when the catalog was.
    """
    found = [*contents.of_catalog(catalog)]
    if catalog.id == lessons.CATALOG:
        found += [
            Content(
                contents.LESSON, f"lesson:{one.skill}", (one.skill,), catalog.skills[one.skill].name, one.rules,
                one.checked, catalog.ends.get(f"lesson:{one.skill}"),
            )
            for one in lessons.load().values() if one.skill in catalog.skills
        ]  # fmt: skip
        found += [
            Content(
                contents.QUESTION, one.id, (one.skill,), telling.both(one.id), (one.rule,) if one.rule else (),
                catalog.dated, catalog.ends.get(one.id, one.valid_to),
            )
            for one in bank.whole(catalog).entries.values() if one.skill in catalog.skills
        ]  # fmt: skip
    return tuple(found)


def rows(
    catalog: Catalog,
    day: date,
    *,
    own: frozenset[str],
    looked: Mapping[str, date],
    language: str,
    say: Say,
) -> list[Row]:
    """The rules: those that hold first, then those to come, those in doubt, those that ended.

    Args:
        catalog: As it is taught.
        day: Today.
        own: Ids of rules that the institution entered or changed.
        looked: Day on which somebody last looked, by id.
        language: "en" or "zh".
        say: The words.
    """
    listed = sorted(
        catalog.rules.values(),
        key=lambda rule: (_ORDER[freshness.status(rule, day)], -rule.valid_from.toordinal(), rule.id),
    )
    return [
        Row(
            id=rule.id,
            place=rule.jurisdiction,
            words=rule.statement[language],
            status=freshness.status(rule, day),
            days=days(rule, say),
            line=line(rule, day),
            confidence=rule.confidence,
            caveat=rule.caveat,
            instrument=rule.instrument,
            sources=rules.addresses(rule),
            skills=tuple(catalog.skills[name].name[language] for name in rule.affects),
            own=rule.id in own,
            looked=_seen(catalog, rule, looked),
        )
        for rule in listed
    ]


def lately(catalog: Catalog, day: date, language: str) -> list[Lately]:
    """What began or ended not long ago, or soon will, by day; rules in doubt are left out, since none may hold.

    Args:
        catalog: As it is taught.
        day: Today.
        language: "en" or "zh".
    """
    first, last = day - timedelta(days=LATELY[0]), day + timedelta(days=LATELY[1])
    found = []
    for rule in catalog.rules.values():
        ends = [] if rule.valid_to is None else [("ended" if rule.valid_to < day else "ends", rule.valid_to)]
        for how, when in (("began" if rule.valid_from <= day else "begins", rule.valid_from), *ends):
            if first <= when <= last and rule.confidence != "low":
                found.append(Lately(rule.id, rule.jurisdiction, rule.statement[language], how, when.isoformat()))
    return sorted(found, key=lambda one: (one.day, one.id))


def _seen(catalog: Catalog, rule: Rule, looked: Mapping[str, date]) -> str:
    seen = looked.get(rule.id, catalog.dated)
    return "" if seen is None else seen.isoformat()


def days(rule: Rule, say: Say) -> str:
    """From when until when a rule holds."""
    if rule.valid_to is None:
        return say("rules.since", first=rule.valid_from.isoformat())
    return say("rules.between", first=rule.valid_from.isoformat(), last=rule.valid_to.isoformat())


def line(rule: Rule, day: date) -> tuple[str, str]:
    """Where the bar of a rule begins on the line of time and how wide it is, in percent.

    The line goes from `BEFORE` days before today to `AFTER` days after it; today is at 50 %.
    """
    start, whole = day - timedelta(days=BEFORE), BEFORE + AFTER
    first = min(max((rule.valid_from - start).days, 0), whole)
    last = whole if rule.valid_to is None else min(max((rule.valid_to - start).days + 1, 0), whole)
    return f"{100 * first / whole:.1f}%", f"{100 * max(last - first, 0) / whole:.1f}%"


def stale(
    found: Iterable[Finding], catalog: Catalog, language: str, say: Say, most: int = FINDINGS
) -> tuple[list[Stale], int]:
    """What needs a look, and how many more there are."""
    listed = [
        Stale(one.id, called(catalog, one.id, language, say), telling.say(one.why, language), one.kind, one.sort,
              one.who)
        for one in found
    ]  # fmt: skip
    return listed[:most], max(len(listed) - most, 0)


def called(catalog: Catalog, id_: str, language: str, say: Say) -> str:
    """What a page calls a rule or a content: a lesson and a resource by name, what has no name by its id."""
    skill = readings.skill_of(id_)
    if skill in catalog.skills:
        return say("steps.lesson", name=catalog.skills[skill].name[language])
    return catalog.resources[id_].name[language] if id_ in catalog.resources else id_


# The form


def of_draft(
    made: Draft,
    news: News,
    catalog: Catalog,
    everything_: Iterable[Content],
    *,
    language: str,
    say: Say,
    proposal: str = "",
) -> Form:
    """The form that a draft fills."""
    rule = made.rule
    act = ENDS if made.ends else REPLACES if made.replaces else NEW
    offered = dict.fromkeys((*rule["affects"], *(name for name, _ in made.affected)))
    values = {
        **of_rule(rule),
        "act": act,
        "other": made.ends or made.replaces,
        "id": made.id,
        "why": say("rules.why.news"),
        "text": news.text,
        "title": news.title,
        "told": news.told.isoformat(),
        "source": news.source,
    }
    listed = contents.touched(everything_, rule["affects"], [made.replaces, made.ends])
    return Form(
        values=values,
        affects=tuple(rule["affects"]),
        choices=choices(catalog, offered, rule["affects"], language),
        doubts=[telling.say(one, language) for one in made.doubts],
        similar=[(name, catalog.rules[name].statement[language]) for name, _ in made.similar],
        touched=[(one.kind, one.name.get(language) or one.id) for one in listed[:TOUCHED]],
        proposal=proposal,
    )


def of_rule(rule: Mapping[str, Any]) -> dict[str, str]:
    """The fields of a rule as text."""
    statement = rule.get("statement") or {}
    return {
        "jurisdiction": str(rule.get("jurisdiction") or ""),
        "valid_from": str(rule.get("valid_from") or ""),
        "valid_to": str(rule.get("valid_to") or ""),
        "statement_en": statement.get("en", ""),
        "statement_zh": statement.get("zh", ""),
        "params": "\n".join(f"{name} = {value}" for name, value in dict(rule.get("params") or {}).items()),
        "source": "\n".join(rule.get("source") or ()),
        "confidence": str(rule.get("confidence") or "medium"),
        "instrument": str(rule.get("instrument") or ""),
        "caveat": str(rule.get("caveat") or ""),
    }


def choices(
    catalog: Catalog, offered: Iterable[str], ticked: Iterable[str], language: str
) -> list[tuple[str, str, bool]]:
    """Skills to tick: id, name, whether it is ticked."""
    held = frozenset(ticked)
    return [(name, catalog.skills[name].name[language], name in held) for name in offered if name in catalog.skills]


def edit_of(values: Mapping[str, str], affects: Sequence[str], id_: str) -> Edit | list[Sentence]:
    """The edit that a form asks for, or what is wrong with it.

    Args:
        values: Text by field.
        affects: Ids of the ticked skills.
        id_: Of the edit.
    """
    act = values.get("act", "")
    if act == ENDS:
        return Edit(id_, "rule.end", values.get("other", ""), {"valid_to": values.get("valid_to", "")})
    if act not in ACTS:
        return [sentence("edit.act", act=act, acts=", ".join(ACTS))]
    params = figures(values.get("params", ""))
    if isinstance(params, list):
        return params
    rule = {
        "jurisdiction": values.get("jurisdiction", "").strip(),
        "valid_from": values.get("valid_from", "").strip(),
        "valid_to": values.get("valid_to", "").strip() or None,
        "affects": list(affects),
        "statement": {"en": values.get("statement_en", "").strip(), "zh": values.get("statement_zh", "").strip()},
        "params": params,
        "source": [one.strip() for one in values.get("source", "").splitlines() if one.strip()],
        "confidence": values.get("confidence", ""),
        "caveat": values.get("caveat", "").strip(),
        "instrument": values.get("instrument", "").strip(),
    }
    if act == CHANGES:
        return Edit(id_, "rule.change", values.get("other", ""), rule)
    if act == REPLACES:
        rule = {**rule, "replaces": values.get("other", "")}
    return Edit(id_, "rule.add", values.get("id", "").strip(), rule)


def figures(text: str) -> dict[str, Any] | list[Sentence]:
    """Figures of a rule, one a line as "name = value"; or what is wrong with them."""
    found: dict[str, Any] = {}
    wrong = []
    for raw in text.splitlines():
        name, mark, value = (part.strip() for part in raw.partition("="))
        if not name and not mark:
            continue
        if not mark or not re.fullmatch(r"[a-z][a-z0-9_]*", name) or not value:
            wrong.append(sentence("edit.figure", line=raw.strip()[:80]))
        elif _NUMBER.fullmatch(value):
            found[name] = float(value) if "." in value else int(value)
        else:
            found[name] = value
    return wrong or found


def typed(form: Mapping[str, str]) -> dict[str, str]:
    """The fields of a posted form, each cut at its length."""
    return {name: form.get(name, "")[: LONGEST.get(name, 500)] for name in FIELDS}


def confidences() -> Sequence[str]:
    """What a rule's confidence may be."""
    return check.CONFIDENCES
