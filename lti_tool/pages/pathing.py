"""The page "Path": from here to the goal, with a reason for every step, and what another goal would change. Floor 3.

Pure. A goal that is tried out changes nothing.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime

from curriculum import graph
from lti_tool import figures, texts
from lti_tool.advice import Advice
from lti_tool.goals import Chosen
from lti_tool.pages import meter, reasons, view
from lti_tool.pages.meter import Meter
from lti_tool.plans import Plan
from lti_tool.texts import Say
from recommender import pace
from recommender.pace import Hours
from recommender.profile import SkillState
from recommender.switch import Side as SwitchSide
from recommender.switch import Step as SwitchStep
from recommender.switch import Switch

FIRST_STRETCH = 8
LISTED = 4
DRAWN = 3
ROOMY = 25.0
"""Per cent of the chart that three short words need on a narrow page."""


@dataclass(frozen=True)
class Step:
    """One station of the path.

    Attributes:
        name: Of the skill.
        words: How it stands, and about how long it takes.
        because: Why it is on the way.
        mark: Class of its mark in the stylesheet.
        badge: What it has, such as "reached"; empty if nothing.
    """

    name: str
    words: str
    because: str
    mark: str
    badge: str = ""


@dataclass(frozen=True)
class Area:
    """What a goal asks for in one field: its name, skills that it asks for, those at their level."""

    name: str
    total: int
    there: int


@dataclass(frozen=True)
class Page:
    """The path to the goal.

    Attributes:
        counts: Skills of the goal by `view.STATES`.
        steps: The first stretch.
        later: What follows.
        reached: Names of the skills that are there.
        hours: Practice still ahead, likely range in words.
        dates: When the goal is likely reached, in words; empty where no hours are planned.
        since: When the learner chose the goal, in words; empty if the course set it.
        share: Of the time still ahead, how much is practice and not reading, such as "86%"; empty if nothing is ahead.
        areas: Fields that the goal draws on, in the order of the catalog.
    """

    counts: dict[str, int]
    steps: list[Step]
    later: list[Step]
    reached: list[str]
    hours: str
    dates: str
    since: str
    share: str = ""
    areas: list[Area] = field(default_factory=list)


@dataclass(frozen=True)
class Shape:
    """The two bars, in per cent of the chart's width.

    Attributes:
        aside: Width of what is set aside.
        carry_at: Place where what carries over begins.
        carry: Its width.
        fresh_at: Place where what is new begins.
        fresh: Its width.
        middle: The middle of what carries over.
        roomy: Whether there is room for words below what is set aside.
    """

    aside: str
    carry_at: str
    carry: str
    fresh_at: str
    fresh: str
    middle: str
    roomy: bool


@dataclass(frozen=True)
class Side:
    """One of the two goals in the table: name, counts, hours, dates."""

    name: str
    total: int
    counts: dict[str, int]
    hours: str
    dates: str


@dataclass(frozen=True)
class Higher:
    """A skill that the new goal wants at a higher level."""

    words: str
    meter: Meter


@dataclass(frozen=True)
class Trial:
    """Another goal, tried out.

    Attributes:
        role: Its id.
        old: The goal that is.
        new: The goal that is tried out.
        shape: The two bars.
        carry: How many skills carry over.
        aside: How many are set aside.
        fresh: How many are new.
        there: How many of those that carry over are at the new goal's level.
        hours: (likely hours of the old, of the new), rounded.
        added: Names and levels of what is new, the first of them.
        added_more: The others.
        higher: What carries over to a higher level, the first of them.
        higher_more: The others, in words.
        levels: How many carry over to (a higher, the same, a lower) level.
        dropped: Names of what is set aside, the first of them.
        dropped_more: The others.
        kept: How many of what is set aside the learner has reached.
        steps: The first stretch of the new path.
    """

    role: str
    old: Side
    new: Side
    shape: Shape
    carry: int
    aside: int
    fresh: int
    there: int
    hours: tuple[int, int]
    added: list[str]
    added_more: list[str]
    higher: list[Higher]
    higher_more: list[str]
    levels: tuple[int, int, int]
    dropped: list[str]
    dropped_more: list[str]
    kept: int
    steps: list[Step]


def page(advice: Advice, plan: Plan, chosen: Chosen, language: str) -> Page:
    """The path to the goal that holds.

    Args:
        advice: What is known and recommended.
        plan: What the learner asked for.
        chosen: The goal that the learner chose; without a role where the course set it.
        language: "en" or "zh".
    """
    say = texts.speaker(language)
    catalog = advice.catalog
    steps = _steps(advice, language, say)
    known = advice.profile.knowledge
    there = [
        catalog.skills[name].name[language]
        for name, target in view.targets(advice).items()
        if view.state(known[name].level, target) == "there"
    ]
    since = view.calendar(datetime.fromtimestamp(chosen.at, UTC).date(), language)
    return Page(
        counts=view.counts(advice),
        steps=steps[:FIRST_STRETCH],
        later=steps[FIRST_STRETCH:],
        reached=there,
        hours=hours(advice.hours, say) if advice.hours else "",
        dates=days(advice.likely, language, say) if plan.hours else "",
        since=say("goal.since", day=since) if chosen.role and chosen.role == advice.role else "",
        share=practice(advice),
        areas=_areas(advice, language),
    )


def trial(advice: Advice, switch: Switch, language: str) -> Trial:
    """Another goal, tried out.

    Args:
        advice: What is known, and recommended for the goal that holds.
        switch: What the other one would change.
        language: "en" or "zh".
    """
    say = texts.speaker(language)
    catalog = advice.catalog

    def name(skill: str) -> str:
        return reasons.short(catalog.skills[skill].name[language])

    new_targets = catalog.roles[switch.new.role].targets
    known = advice.profile.knowledge
    changes = {change.skill: change for change in switch.carried}
    added = [say("switch.level", name=name(skill), level=new_targets[skill]) for skill in switch.added]
    raised = [
        Higher(
            say("switch.change", name=name(skill), old=changes[skill].old, new=changes[skill].new),
            _between(known[skill], name(skill), changes[skill].old, changes[skill].new, say),
        )
        for skill in switch.higher
    ]
    dropped = [name(skill) for skill in switch.dropped]
    there = sum(view.state(known[skill].level, new_targets[skill]) == "there" for skill in changes)
    return Trial(
        role=switch.new.role,
        old=_side(switch.old, advice, language, say),
        new=_side(switch.new, advice, language, say),
        shape=_shape(len(switch.dropped), len(switch.carried), len(switch.added)),
        carry=len(switch.carried),
        aside=len(switch.dropped),
        fresh=len(switch.added),
        there=there,
        hours=(round(switch.old.hours.likely), round(switch.new.hours.likely)),
        added=added[:LISTED],
        added_more=added[LISTED:],
        higher=raised[:DRAWN],
        higher_more=[one.words for one in raised[DRAWN:]],
        levels=(len(switch.higher), len(switch.same), len(switch.lower)),
        dropped=dropped[:LISTED],
        dropped_more=dropped[LISTED:],
        kept=len(switch.kept),
        steps=[_first(step, name, say) for step in switch.first],
    )


def practice(advice: Advice) -> str:
    """How much of the time ahead is practice and not reading, in per cent; empty where nothing is ahead.

    Reading is the shortest that the catalog has on each skill still ahead, once.
    """
    known, ahead = advice.profile.knowledge, advice.hours.likely * 60.0 if advice.hours else 0.0
    pages: dict[str, float] = {}
    for one in advice.catalog.resources.values():
        pages[one.skills[0]] = min(pages.get(one.skills[0], math.inf), one.minutes or 0.0)
    waiting = [
        name for name, target in view.targets(advice).items() if view.state(known[name].level, target) != "there"
    ]
    reading = sum(pages.get(name, 0.0) for name in waiting)
    return f"{round(100 * ahead / (ahead + reading))}%" if ahead else ""


def hours(ahead: Hours, say: Say) -> str:
    """Hours of practice ahead as their likely range."""
    low, high = round(ahead.low), round(ahead.high)
    return say("path.hours", low=low, high=high) if low < high else say("path.hours.exact", hours=high)


def days(dates: tuple[date, date] | None, language: str, say: Say) -> str:
    """From which to which day; empty where no hours a week are named."""
    if dates is None:
        return ""
    low, high = (reasons.day(day, language) for day in dates)
    return say("path.dates.value", low=low, high=high)


def _areas(advice: Advice, language: str) -> list[Area]:
    wanted, known, skills = view.targets(advice), advice.profile.knowledge, advice.catalog.skills
    by_area = {area: [name for name in wanted if skills[name].area == area] for area in advice.catalog.areas}
    return [
        Area(
            name=advice.catalog.areas[area].name[language],
            total=len(names),
            there=sum(view.state(known[name].level, wanted[name]) == "there" for name in names),
        )
        for area, names in by_area.items()
        if names
    ]


def _steps(advice: Advice, language: str, say: Say) -> list[Step]:
    """Every skill of the goal that is not at its level, each after what it needs."""
    if not advice.role:
        return []
    wanted, known = view.targets(advice), advice.profile.knowledge
    done = [name for name, target in wanted.items() if view.state(known[name].level, target) == "there"]
    return [_step(name, advice, wanted[name], language, say) for name in graph.path(advice.catalog, advice.role, done)]


def _step(name: str, advice: Advice, target: int, language: str, say: Say) -> Step:
    catalog = advice.catalog
    wanted = view.targets(advice)
    follows = [other for other in graph.dependents(catalog)[name] if other in wanted]
    level = advice.profile.knowledge[name].level
    stands = (
        say("step.new", target=target) if level is None else say("step.at", level=figures.level(level), target=target)
    )
    ahead = pace.ahead(catalog, advice.beliefs, {name: target}).likely
    return Step(
        name=catalog.skills[name].name[language],
        words=say("step.words", hours=_about(ahead, say), stands=stands),
        because=_because(name, follows, advice, language, say),
        mark="" if follows else "goal",
    )


def _because(name: str, follows: list[str], advice: Advice, language: str, say: Say) -> str:
    """What builds on a skill, and why where the catalog says so."""
    skills = advice.catalog.skills
    if not follows:
        return say("step.end")
    names = [reasons.short(skills[one].name[language]) for one in follows[:2]]
    whys = [skills[one].because[name][language] if name in skills[one].because else None for one in follows[:2]]
    return say("step.because", names=reasons.named(names, whys, say))


def _about(ahead: float, say: Say) -> str:
    """Hours or minutes of practice, about."""
    if ahead < 1:
        return say("step.minutes", minutes=max(5, 5 * round(12 * ahead)))
    return say("step.hours", hours=round(ahead))


def _first(step: SwitchStep, name: Callable[[str], str], say: Say) -> Step:
    """One step of the first stretch of another goal's path."""
    opens = [name(one) for one in step.opens]
    if step.state == "reached":
        words = say("step.at", level=figures.level(step.level or 0.0), target=step.target)
        because = say("step.builds", name=opens[0]) if opens else ""
        return Step(name(step.skill), words, because, "done", say("path.reached"))
    stands = say("step.nearly") if step.state == "nearly" else _about(step.minutes / 60.0, say)
    if step.new:
        stands = say("step.is_new", words=stands)
    because = say("step.because", names=say("list.comma").join(opens[:2])) if opens else say("step.end")
    return Step(name(step.skill), stands, because, "" if opens else "goal")


def _between(state: SkillState, name: str, old: int, new: int, say: Say) -> Meter:
    """A skill with the target that is and the one that would be."""
    drawn = meter.of_skill(state, name, new, say)
    label = say("switch.meter", label=drawn.label, old=old)
    return replace(drawn, was=figures.across(old), label=label)


def _side(side: SwitchSide, advice: Advice, language: str, say: Say) -> Side:
    return Side(
        name=advice.catalog.roles[side.role].name[language],
        total=side.skills,
        counts={"there": side.reached, "on_the_way": side.under_way, "unknown": side.unknown},
        hours=hours(side.hours, say),
        dates=days(side.dates, language, say),
    )


def _shape(aside: int, carry: int, fresh: int) -> Shape:
    total = (aside + carry + fresh) or 1
    gap = 0.3

    def place(count: float) -> float:
        return 100 * count / total

    def width(count: int) -> str:
        return f"{max(0.0, place(count) - (gap if 0 < count < total else 0.0)):.1f}%"

    return Shape(
        aside=width(aside),
        carry_at=f"{place(aside):.1f}%",
        carry=width(carry),
        fresh_at=f"{place(aside + carry):.1f}%",
        fresh=f"{place(fresh):.1f}%",
        middle=f"{place(aside + carry / 2):.1f}%",
        roomy=place(aside) >= ROOMY,
    )
