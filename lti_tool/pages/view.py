"""What the learner's pages share, as plain data for the templates: pure. Floor 3.

Every number comes with its method; parts add up as shown; what is not known is said, never drawn as zero.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime

from curriculum.catalog import Catalog
from lti_tool import exercises, figures, texts
from lti_tool.advice import Advice
from lti_tool.pages import meter, reasons
from lti_tool.pages.meter import Meter
from lti_tool.texts import Say

NEAREST = 6
STATES = ("there", "on_the_way", "unknown")


@dataclass(frozen=True)
class Skill:
    """One line of the profile, and its evidence.

    Attributes:
        id: Of the skill.
        name: In the language of the page.
        meter: Estimate, likely range and goal.
        answers: Graded answers on it.
        right: How many of them were right, or reached the pass score.
        last: The day of the last one; empty if there is none.
        state: One of STATES.
        rule: A newer rule than every answer on it, in words; empty if there is none.
    """

    id: str
    name: str
    meter: Meter
    answers: int
    right: int
    last: str
    state: str
    rule: str = ""


@dataclass(frozen=True)
class Choice:
    """A role that a learner may choose."""

    id: str
    name: str
    skills: int
    high: int
    chosen: bool


@dataclass(frozen=True)
class Frame:
    """What stands around the content of every page of a learner.

    Attributes:
        today: The day, in words.
        catalog: Name of the catalog.
        role: Name of the goal; empty if none is chosen.
        model: "model", "missing" or "damaged".
        round: The round that published the model, or None.
        answers: How many graded answers everything rests on.
        least: The pass score, where the catalog has one; else empty.
        notice: Attribution that the catalog asks for; empty if none.
        roles: That a learner may choose among.
        practises: Whether the catalog has cases to practise.
    """

    today: str
    catalog: str
    role: str
    model: str
    round: int | None
    answers: int
    least: str
    notice: str
    roles: list[Choice]
    practises: bool


def frame(advice: Advice, language: str, now: float) -> Frame:
    """What stands around the content.

    Args:
        advice: What is known and recommended.
        language: "en" or "zh".
        now: Seconds since the epoch.
    """
    catalog = advice.catalog
    return Frame(
        today=today(now, language),
        catalog=catalog.name[language],
        role=catalog.roles[advice.role].name[language] if advice.role else "",
        model=advice.model.state,
        round=advice.model.round,
        answers=advice.answers,
        least="" if catalog.pass_score is None else figures.share(catalog.pass_score),
        notice=catalog.notice.get(language, ""),
        roles=[
            Choice(
                role.id,
                role.name[language],
                len(role.targets),
                sum(level >= 4 for level in role.targets.values()),
                role.id == advice.role,
            )
            for role in catalog.roles.values()
        ],
        practises=any(exercises.of_skill(catalog, skill) for skill in catalog.skills),
    )


def targets(advice: Advice) -> Mapping[str, int]:
    """The levels that the goal asks for, by skill; nothing without a goal."""
    return advice.catalog.roles[advice.role].targets if advice.role else {}


def skills(advice: Advice, language: str, say: Say) -> dict[str, Skill]:
    """Every skill of the catalog, by id."""
    wanted = targets(advice)
    return {name: _skill(advice, name, wanted.get(name), language, say) for name in advice.catalog.skills}


def state(level: float | None, target: int | None) -> str:
    """How it stands with a skill: one of STATES."""
    if level is None:
        return "unknown"
    return "there" if target is not None and level >= target else "on_the_way"


def counts(advice: Advice) -> dict[str, int]:
    """How many skills of the goal are in each of STATES."""
    known = advice.profile.knowledge
    found = [state(known[name].level, target) for name, target in targets(advice).items()]
    return {name: found.count(name) for name in STATES}


def _skill(advice: Advice, name: str, target: int | None, language: str, say: Say) -> Skill:
    known = advice.profile.knowledge[name]
    title = advice.catalog.skills[name].name[language]
    return Skill(
        id=name,
        name=title,
        meter=meter.of_skill(known, title, target, say),
        answers=known.answers,
        right=known.right,
        last="" if known.last is None else moment(known.last, language),
        state=state(known.level, target),
        rule=_newer(advice, name, language, say),
    )


def _newer(advice: Advice, name: str, language: str, say: Say) -> str:
    """Where a rule began after every answer on a skill: which, in words."""
    current = advice.profile.knowledge[name].currency
    if current is None or current.rule is None:
        return ""
    rule = advice.catalog.rules[current.rule]
    return say("profile.rule.tag", jurisdiction=rule.jurisdiction, day=reasons.day(rule.valid_from, language))


def areas(catalog: Catalog, shown: Mapping[str, Skill], language: str) -> list[tuple[str, list[Skill]]]:
    """Skills by area, in the order of the catalog; areas without any are left out."""
    found: list[tuple[str, list[Skill]]] = []
    for area in catalog.areas.values():
        inside = [skill for name, skill in shown.items() if catalog.skills[name].area == area.id]
        if inside:
            found.append((area.name[language], inside))
    return found


def today(now: float, language: str) -> str:
    """The day as the head of a page says it."""
    when = datetime.fromtimestamp(now, UTC)
    if language == "zh":
        return f"{calendar(when.date(), language)} 星期{'一二三四五六日'[when.weekday()]}"
    return f"{when:%A} {calendar(when.date(), language)}"


def calendar(day: date, language: str) -> str:
    r"""A day without its year.

    >>> calendar(date(2026, 11, 23), "en"), calendar(date(2026, 11, 23), "zh")
    ('23\xa0November', '11\xa0月\xa023\xa0日')
    """
    nbsp = texts.NBSP
    if language == "zh":
        return f"{day.month}{nbsp}月{nbsp}{day.day}{nbsp}日"
    return f"{day.day}{nbsp}{day:%B}"


def moment(microseconds: int, language: str) -> str:
    """The day of a moment of the record store."""
    return reasons.day(datetime.fromtimestamp(microseconds / 1e6, UTC).date(), language)
