"""The page "Today": three good next steps, how they compare, and the week so far; pure. Floor 3.

Every number comes with its method; the parts of a weight add up as shown.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

import numpy as np

from curriculum import readings
from lti_tool import advice as advising
from lti_tool import exercises, figures, texts
from lti_tool.advice import Advice
from lti_tool.pages import bar, lesson, meter, reasons, view
from lti_tool.pages.bar import Bar, Stripe
from lti_tool.pages.meter import Meter
from lti_tool.pages.reasons import Sentence
from lti_tool.plans import Plan
from lti_tool.texts import Say
from recommender.recommend import Recommendation

COMFORT = ((0.85, "safe"), (0.6, "reach"), (0.4, "even"), (0.0, "stretch"))
NEWS = 4
LATELY = 30
"""Days for which a new rule is news."""
CATALOG = "cbec"
"""The catalog that the practice cases belong to."""


@dataclass(frozen=True)
class Card:
    """One recommendation.

    Attributes:
        skill: Id of its skill.
        item: Id of its item.
        rank: From 1 on.
        area: Name of the skill's area.
        title: Of the activity.
        name: Of the skill, short.
        chance: Of success, in per cent.
        chance_words: The same in tenths, in words.
        comfort: How that feels, in words.
        gain: Expected growth of the level.
        meter: The skill as it stands.
        reasons: In the order in which to show them.
        bar: What the chance is made of.
        basis: "model" or "graph": where the chance comes from.
        weight: What the place among the three is made of, against the greatest of the three, which is 1.
        practice: Kind of the case that trains the skill; empty if there is none.
        minutes: About how long it takes, declared or estimated.
        kind: What sort of step it is, in words.
        read: What to read or watch first, in words; empty if there is nothing.
        lesson: Whether there is a lesson on the skill.
    """

    skill: str
    item: str
    rank: int
    area: str
    title: str
    name: str
    chance: str
    chance_words: str
    comfort: str
    gain: str
    meter: Meter
    reasons: list[Sentence]
    bar: Bar
    basis: str
    weight: Stripe
    practice: str
    minutes: int
    kind: str
    read: str
    lesson: bool


@dataclass(frozen=True)
class Resting:
    """A skill at rest: its id and name, and until when, in words."""

    id: str
    name: str
    until: str


@dataclass(frozen=True)
class Hours:
    """Time spent this week.

    Attributes:
        spent: In words; empty if no answer of this week says how long it took.
        planned: Hours a week; 0: not said.
        share: Place on the bar, for an SVG attribute.
        timed: Answers of this week that say how long they took.
        answers: Answers of this week.
    """

    spent: str
    planned: int
    share: str
    timed: int
    answers: int


@dataclass(frozen=True)
class News:
    """What changed: the class of its mark in the stylesheet, and its words."""

    mark: str
    words: str


@dataclass(frozen=True)
class Page:
    """The whole page.

    Attributes:
        cards: At most three, the first is the pick.
        counts: Skills of the goal by `view.STATES`.
        reached: Share of the skills that are there, for an SVG attribute.
        hours: Of this week.
        likely: When the goal is likely reached, in words; empty where no hours are planned.
        help: Whom a person should help with what, in words; empty if with nothing.
        news: Since Monday, at most `NEWS`.
        resting: Skills that the learner does not want now.
        others: Skills of the goal that are not on a card, by area: (id, name).
    """

    cards: list[Card]
    counts: dict[str, int]
    reached: str
    hours: Hours
    likely: str
    help: str
    news: list[News]
    resting: list[Resting]
    others: list[tuple[str, list[tuple[str, str]]]]


def page(advice: Advice, plan: Plan, language: str, now: float) -> Page:
    """Build the page.

    Args:
        advice: What is known and recommended.
        plan: What the learner asked for.
        language: "en" or "zh".
        now: Seconds since the epoch.
    """
    say = texts.speaker(language)
    counted = view.counts(advice)
    total = sum(counted.values())
    return Page(
        cards=cards(advice, language, say),
        counts=counted,
        reached=figures.part(counted["there"] / total if total else 0.0),
        hours=_hours(advice, plan, now, say),
        likely=_likely(advice, plan, language, say),
        help=_help(advice, language, say),
        news=_news(advice, language, now, say),
        resting=_resting(advice, plan, language),
        others=_others(advice, language),
    )


def cards(advice: Advice, language: str, say: Say) -> list[Card]:
    """The recommendations as cards."""
    offers = advice.recommendations
    scale = _Scale(
        logits=bar.reach(offer.contributions for offer in offers),
        widest=max((offer.score for offer in offers), default=0.0),
        parts=frozenset({"gap", "opens", *(part.name for offer in offers for part in offer.parts if part.value > 0)}),
    )
    return [
        replace(_card(offer, advice, scale, language, say), rank=rank) for rank, offer in enumerate(offers, start=1)
    ]


def duration(seconds: float, say: Say) -> str:
    """A time as hours and minutes, such as "3 h 10 min"."""
    hours, minutes = divmod(round(seconds / 60), 60)
    if not hours:
        return say("today.minutes", minutes=minutes)
    return say("today.hours", hours=hours, minutes=minutes) if minutes else say("today.hours.full", hours=hours)


@dataclass(frozen=True)
class _Scale:
    """What the cards of a page share: how far logits go, the greatest weight, the parts of a weight that are shown."""

    logits: tuple[float, float]
    widest: float
    parts: frozenset[str]


def _card(offer: Recommendation, advice: Advice, scale: _Scale, language: str, say: Say) -> Card:
    catalog = advice.catalog
    skill, item = catalog.skills[offer.skill], catalog.items[offer.item]
    name = skill.name[language]
    return Card(
        skill=offer.skill,
        item=offer.item,
        rank=0,
        area=catalog.areas[skill.area].name[language],
        title=item.name[language] if item.name else name,
        name=reasons.short(name),
        chance=figures.percent(offer.chance),
        chance_words=_tenths(offer.chance, say),
        comfort=say(f"comfort.{next(word for least, word in COMFORT if offer.chance >= least)}"),
        gain=figures.signed(figures.hundredths([offer.gain])[0]),
        meter=meter.of_skill(advice.profile.knowledge[offer.skill], name, view.targets(advice).get(offer.skill), say),
        reasons=reasons.sentences(offer.reasons, catalog, language, say),
        bar=bar.of_parts(offer.contributions, scale.logits),
        basis=offer.basis,
        weight=bar.stripe(
            [(part.name, part.value / (scale.widest or 1.0)) for part in offer.parts if part.name in scale.parts], 1.0
        ),
        practice=exercises.of_skill(catalog, offer.skill),
        minutes=max(1, round(offer.minutes)),
        kind=say(f"today.kind.{offer.kind}"),
        read=_resource(offer, advice, language, say),
        lesson=lesson.has(catalog, offer.skill),
    )


def _tenths(chance: float, say: Say) -> str:
    tenths = round(10 * chance)
    if tenths < 1:
        return say("card.tenths.low")
    return say("card.tenths.mid", tenths=tenths) if tenths < 10 else say("card.tenths.high")


def _hours(advice: Advice, plan: Plan, now: float, say: Say) -> Hours:
    history, when = advice.history, datetime.fromtimestamp(now, UTC)
    week = history.when >= int(advising.week(when).timestamp() * 1e6)
    timed = week & np.isfinite(history.seconds)
    spent = advising.spent(history, when)
    return Hours(
        spent=duration(spent, say) if timed.any() else "",
        planned=plan.hours,
        share=figures.part(min(1.0, spent / 3600 / plan.hours) if plan.hours else 0.0),
        timed=int(np.sum(timed)),
        answers=int(np.sum(week)),
    )


def _likely(advice: Advice, plan: Plan, language: str, say: Say) -> str:
    if advice.likely is None:
        return ""
    low, high = advice.likely
    late = plan.deadline is not None and low > plan.deadline
    return say("today.late" if late else "today.likely", low=_date(low, language), high=_date(high, language))


def _date(day: date, language: str) -> str:
    return reasons.day(day, language)


def _help(advice: Advice, language: str, say: Say) -> str:
    """Where several tries at a skill did not work out: a person can look at it."""
    stuck = [] if advice.outlook is None else [one.skill for one in advice.outlook.stuck if one.help]
    names = [reasons.short(advice.catalog.skills[name].name[language]) for name in stuck]
    return say("today.help", name=say("list.comma").join(names)) if names else ""


def _resource(offer: Recommendation, advice: Advice, language: str, say: Say) -> str:
    if offer.resource is None:
        return ""
    found = advice.catalog.resources[offer.resource]
    if readings.skill_of(found.id):
        if offer.skill in lesson.read(advice):
            return say("today.read.done")
        return say("today.read.lesson", minutes=max(1, round(found.minutes or 0)))
    return say("today.read", way=say(f"way.{found.mode}"), name=found.name[language])


def _news(advice: Advice, language: str, now: float, say: Say) -> list[News]:
    """Skills that reached the level of the goal this week, then rules of the last month that change its skills."""
    catalog = advice.catalog
    wanted = view.targets(advice)
    found: list[News] = []
    for name, target in wanted.items():
        before, after = advice.earlier.get(name), advice.profile.knowledge[name]
        if view.state(after.level, target) == "there" and view.state(before, target) != "there":
            title = reasons.short(catalog.skills[name].name[language])
            found.append(News("done", say("today.news.reached", name=title, target=target, count=after.answers)))
    today_ = datetime.fromtimestamp(now, UTC).date()
    for rule in sorted(catalog.rules.values(), key=lambda one: one.valid_from, reverse=True):
        young = timedelta(0) <= today_ - rule.valid_from <= timedelta(days=LATELY)
        if young and rule.confidence != "low" and any(skill in wanted for skill in rule.affects):
            found.append(News("changed", reasons.rule(rule, language, say)))
    return found[:NEWS]


def _resting(advice: Advice, plan: Plan, language: str) -> list[Resting]:
    skills = advice.catalog.skills
    return [
        Resting(name, skills[name].name[language], view.calendar(datetime.fromtimestamp(until, UTC).date(), language))
        for name, until in plan.paused.items()
        if name in skills
    ]


def _others(advice: Advice, language: str) -> list[tuple[str, list[tuple[str, str]]]]:
    catalog = advice.catalog
    shown: Sequence[str] = [offer.skill for offer in advice.recommendations]
    found: dict[str, list[tuple[str, str]]] = {}
    for name in view.targets(advice):
        if name not in shown:
            skill = catalog.skills[name]
            found.setdefault(skill.area, []).append((name, skill.name[language]))
    return [(area.name[language], found[area.id]) for area in catalog.areas.values() if area.id in found]
