"""The page "Profile": four blocks with their evidence, and how each number came about; pure. Floor 3.

What is not known is said, with how much is missing; no number stands without its range.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime

import numpy as np

from curriculum.catalog import Catalog
from lti_tool import figures, texts
from lti_tool.advice import SEEDED, Advice
from lti_tool.goals import Chosen
from lti_tool.pages import gauge, proof, reasons, view
from lti_tool.pages.gauge import Gauge
from lti_tool.pages.view import Skill
from lti_tool.plans import Plan
from lti_tool.texts import Say
from recommender import indicators, others
from recommender.mastery import Move, Story
from recommender.measures import Measure

TOLD = 1
"""Skills whose story the page tells: each takes one more walk through the answers. Others are told when asked for."""


@dataclass(frozen=True)
class Row:
    """One line of how a level came about; `when` is empty for a line that is no single answer."""

    when: str
    what: str
    result: str
    moved: str


@dataclass(frozen=True)
class Told:
    """How a level came about.

    Attributes:
        heading: What it is about.
        rows: They add up to `total` as shown.
        total: The estimate; empty where there is none.
        note: How the lines were computed.
        open: Whether the learner asked for this one.
        key: What leads to the statements behind it; empty where none is in the store.
    """

    heading: str
    rows: list[Row]
    total: str
    note: str
    open: bool
    key: str = ""


@dataclass(frozen=True)
class Ruled:
    """A rule that is newer than the answers on some skills, and the names of these."""

    words: str
    skills: str


@dataclass(frozen=True)
class Aim:
    """One line of the goals: what, how far, and what leads to the statements behind that; empty where nothing does."""

    name: str
    note: str
    key: str = ""


@dataclass(frozen=True)
class Card:
    """One block of numbers.

    Attributes:
        title: Of the block.
        lead: What its numbers are.
        gauges: The numbers.
        finding: What they say together; empty if nothing.
        methods: How each kind of number was computed, each once.
    """

    title: str
    lead: str
    gauges: list[Gauge]
    finding: str
    methods: list[str]


@dataclass(frozen=True)
class Page:
    """The whole page.

    Attributes:
        counts: Skills of the goal by `view.STATES`.
        ruled: How many skills have a rule newer than every answer.
        near: Skills nearest to the next steps, six at most.
        areas: All skills of the goal, or with answers, by area.
        stories: How some levels came about.
        rules: Which rules are newer.
        goals: The block of goals.
        cards: The other blocks.
        others: What the numbers take from all learners of the institution, and where that is not enough data yet.
    """

    counts: dict[str, int]
    ruled: int
    near: list[Skill]
    areas: list[tuple[str, list[Skill]]]
    stories: list[Told]
    rules: list[Ruled]
    goals: list[Aim]
    cards: list[Card]
    others: list[str] = field(default_factory=list)


def page(advice: Advice, stories: Sequence[Story], plan: Plan, *, chosen: Chosen, asked: str, language: str) -> Page:
    """Build the page.

    Args:
        advice: What is known and recommended.
        stories: Of the skills to tell about, the one asked for first.
        plan: What the learner asked for.
        chosen: The goal that they chose; without a role where the course set it.
        asked: Id of the skill that they asked about; empty if none.
        language: "en" or "zh".
    """
    say = texts.speaker(language)
    skills = view.skills(advice, language, say)
    wanted = view.targets(advice)
    known = advice.profile.knowledge
    listed = {name: skill for name, skill in skills.items() if name in wanted or skill.answers}
    return Page(
        counts=view.counts(advice),
        ruled=sum(bool(skill.rule) for skill in listed.values()),
        near=[skills[name] for name in near(advice, asked)],
        areas=view.areas(advice.catalog, listed, language),
        stories=[_told(advice, story, story.skill == asked, language, say) for story in stories],
        rules=_rules(advice, [name for name in listed if known[name].answers], language, say),
        goals=_goals(advice, plan, chosen, language, say),
        cards=[_ability(advice, say), _ways(advice, plan, say), _indicators(advice, say)],
        others=_others(advice, say),
    )


def near(advice: Advice, asked: str = "") -> list[str]:
    """The skill asked for, those of the cards, those of the goal with most answers, then others: six at most."""
    wanted = view.targets(advice)
    known = advice.profile.knowledge
    answered = sorted(
        (name for name in known if known[name].answers), key=lambda name: (name not in wanted, -known[name].answers)
    )
    first = [asked] if asked in known else []
    found = dict.fromkeys([*first, *(offer.skill for offer in advice.recommendations), *answered])
    return list(found)[: view.NEAREST]


def to_tell(advice: Advice, asked: str = "") -> list[str]:
    """The skills whose story is told: the one asked for, then the nearest that have answers."""
    known = advice.profile.knowledge
    told = [name for name in near(advice, asked) if known[name].answers or name == asked]
    return told[:TOLD]


def _told(advice: Advice, story: Story, opened: bool, language: str, say: Say) -> Told:
    catalog = advice.catalog
    name = reasons.short(catalog.skills[story.skill].name[language])
    key = proof.SKILL + story.skill if advice.profile.knowledge[story.skill].seqs else ""
    if advice.profile.knowledge[story.skill].level is None:
        rows = [_row(move, story, catalog, language, say, moved=False) for move in story.moves if move.kind == "answer"]
        return Told(say("story.heading.none", name=name), rows, "", say("story.note.few"), opened, key)
    rows = [_row(move, story, catalog, language, say) for move in story.moves]
    total = figures.tenths(story.tenths)
    heading = say("story.heading", name=name, level=total)
    return Told(heading, rows, total, say(f"story.note.{story.basis}"), opened, key)


def _row(move: Move, story: Story, catalog: Catalog, language: str, say: Say, *, moved: bool = True) -> Row:
    change = figures.tenths(move.tenths, plus=move.kind != "start") if moved else "–"
    if move.kind == "answer" and move.item is not None and move.when is not None:
        item = catalog.items[move.item]
        name = (
            item.name[language] if item.name else say("card.practice", name=_short(catalog, item.skills[0], language))
        )
        return Row(
            view.moment(move.when, language), name, say("story.right" if move.right else "story.differs"), change
        )
    if move.kind == "rule" and move.item is not None:
        rule = catalog.rules[move.item]
        what = say("story.rule", day=reasons.day(rule.valid_from, language), what=rule.statement[language])
        return Row("", what, "", change)
    if move.kind in {"earlier", "elsewhere"}:
        return Row("", say(f"story.{move.kind}", count=move.count), "", change)
    return Row("", say("story.time" if move.kind == "time" else f"story.start.{story.basis}"), "", change)


def _short(catalog: Catalog, skill: str, language: str) -> str:
    return reasons.short(catalog.skills[skill].name[language])


def _others(advice: Advice, say: Say) -> list[str]:
    """What the page takes from all learners of the institution, or how many are missing."""
    if advice.others is None:
        return [say("others.none")]
    found, least = advice.others.others, others.LEAST
    told = []
    if found.slopes is None:
        told.append(say("others.ways.none", count=found.sloped, least=least))
    else:
        told.append(say("others.ways", count=found.sloped))
    if found.counts is None:
        told.append(say("others.start.none", count=found.learners, least=least))
    else:
        told.append(say("others.start", count=found.learners, answers=SEEDED))
    timed = int(np.isfinite(found.seconds).sum())
    told.append(say("others.times", count=timed) if timed else say("others.times.none", least=least))
    return told


def _rules(advice: Advice, answered: Iterable[str], language: str, say: Say) -> list[Ruled]:
    found: dict[str, list[str]] = {}
    for name in answered:
        current = advice.profile.knowledge[name].currency
        if current is not None and current.rule is not None:
            found.setdefault(current.rule, []).append(_short(advice.catalog, name, language))
    rules = advice.catalog.rules
    comma = say("list.comma")
    return [Ruled(reasons.rule(rules[id_], language, say), comma.join(names)) for id_, names in found.items()]


def _goals(advice: Advice, plan: Plan, chosen: Chosen, language: str, say: Say) -> list[Aim]:
    found = []
    if not advice.role:
        found.append(Aim(say("profile.goal.none"), say("profile.goal.none.note")))
    else:
        since = datetime.fromtimestamp(chosen.at, UTC).date()
        by = say("profile.goal.since", day=view.calendar(since, language)) if chosen.role else say("profile.goal.fixed")
        found.append(Aim(advice.catalog.roles[advice.role].name[language], by))
    kept = _kept(advice.profile.goals.kept, say)
    hours = say("profile.hours", hours=plan.hours) if plan.hours else say("profile.hours.none")
    found.append(Aim(hours, kept, proof.key(advice.profile.goals.kept)))
    likely = between(advice.likely, "profile.likely", language, say) or say("profile.likely.none")
    if plan.deadline is not None:
        found.append(Aim(say("profile.deadline", day=view.calendar(plan.deadline, language)), likely))
    return found


def between(dates: tuple[date, date] | None, key: str, language: str, say: Say) -> str:
    """Two days in a sentence; empty where there are none."""
    if dates is None:
        return ""
    low, high = (view.calendar(day, language) for day in dates)
    return say(key, low=low, high=high)


def _kept(kept: Measure, say: Say) -> str:
    if kept.value is None or kept.low is None or kept.high is None:
        return say("profile.hours.unknown", count=kept.count, enough=kept.count + kept.missing)
    value, low, high = (say("gauge.hours", hours=f"{one:.1f}") for one in (kept.value, kept.low, kept.high))
    return say("profile.hours.kept", value=value, low=low, high=high)


def _ability(advice: Advice, say: Say) -> Card:
    ability = advice.profile.ability
    shown = [ability.first_try, ability.within, ability.put_right]
    shown += [ability.unaided] if ability.unaided.count else []
    return _card("ability", [_named(measure, say) for measure in (*shown, *ability.kinds.values())], say)


def _ways(advice: Advice, plan: Plan, say: Say) -> Card:
    ways = advice.profile.ways
    shown = [(say(f"way.{name}"), measure) for name, measure in ways.effects.items()]
    known = sum(measure.known for _, measure in shown)
    if not known:
        finding = say("profile.ways.none")
    elif known == 1:
        finding = say("profile.ways.single")
    elif ways.best:
        finding = say("profile.ways.best", name=say(f"way.{ways.best}"))
    else:
        finding = say("profile.ways.open")
    if plan.way:
        finding = say("profile.ways.liked", finding=finding, name=say(f"way.{plan.way}"))
    timed = any(measure.unit == "level/hour" for _, measure in shown)
    card = _card("ways", shown, say, scale=gauge.scale(ways.effects.values()), finding=finding)
    keys = [proof.WAY + name if measure.seqs else "" for name, measure in ways.effects.items()]
    gauges = [replace(one, key=key) for one, key in zip(card.gauges, keys, strict=True)]
    return replace(card, gauges=gauges, lead=say("profile.ways.hour" if timed else "profile.ways.activity"))


def _indicators(advice: Advice, say: Say) -> Card:
    found = advice.profile.indicators
    shown = [measure for name in indicators.DIMENSIONS for measure in found.of(name) if measure is not found.growth]
    return _card("indicators", [_named(measure, say) for measure in (*shown, found.growth)], say)


def _named(measure: Measure, say: Say) -> tuple[str, Measure]:
    return say(f"measure.{measure.method}"), measure


def _card(
    block: str,
    shown: Sequence[tuple[str, Measure]],
    say: Say,
    *,
    scale: tuple[float, float] | None = None,
    finding: str = "",
) -> Card:
    methods = dict.fromkeys(measure.method for _, measure in shown)
    return Card(
        title=say(f"profile.{block}.title"),
        lead=say(f"profile.{block}.lead") if block != "ways" else "",
        gauges=[
            replace(gauge.of(measure, name, say, scale or gauge.usual(measure)), key=proof.key(measure))
            for name, measure in shown
        ],
        finding=finding,
        methods=[say(f"method.{method}") for method in methods],
    )
