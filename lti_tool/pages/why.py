"""The answer to "why not this one?", for any skill of the goal; pure. Floor 3."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from lti_tool import exercises, figures, texts
from lti_tool.advice import Advice
from lti_tool.pages import lesson, meter, reasons, view
from lti_tool.pages.meter import Meter
from lti_tool.texts import Say
from recommender import recommend
from recommender.whynot import WhyNot


@dataclass(frozen=True)
class Page:
    """The whole page.

    Attributes:
        skill: Id of the skill.
        item: Id of its activity.
        heading: The question.
        finding: The one thing that keeps it back.
        more: How it compares with what is offered, in words; empty where that says nothing.
        meter: The skill as it stands.
        practice: Kind of the case that trains it; empty if there is none.
        resting: Whether it rests at the learner's wish.
        lesson: Whether there is a lesson on it.
    """

    skill: str
    item: str
    heading: str
    finding: str
    more: str
    meter: Meter
    practice: str
    resting: bool
    lesson: bool


def item_of(advice: Advice, skill: str, now: datetime) -> str:
    """The activity that a question about a skill is about: the first that is not done, else the last; empty: none.

    Args:
        advice: What is known and recommended.
        skill: Id of the skill.
        now: The moment of asking.
    """
    own = [item for item in advice.catalog.items.values() if item.skills[0] == skill]
    offered = [offer.item for offer in advice.recommendations if offer.skill == skill]
    finished = recommend.done(advice.catalog, advice.history, now)
    ordered = [item.id for item in sorted(own, key=lambda item: (item.id in finished, item.order))]
    return next(iter([*offered, *ordered]), "")


def page(advice: Advice, skill: str, answer: WhyNot, language: str) -> Page:
    """Build the page.

    Args:
        advice: What is known and recommended.
        skill: Id of the skill.
        answer: Why its activity is not offered.
        language: "en" or "zh".
    """
    say = texts.speaker(language)
    catalog = advice.catalog
    name = catalog.skills[skill].name[language]
    heading = "why.heading.in" if answer.cause == "recommended" else "why.heading"
    return Page(
        skill=skill,
        item=answer.item,
        heading=say(heading, name=reasons.short(name)),
        finding=_finding(answer, advice, language, say),
        more=_more(answer, advice, language, say),
        meter=meter.of_skill(advice.profile.knowledge[skill], name, view.targets(advice).get(skill), say),
        practice=exercises.of_skill(catalog, skill),
        resting=answer.cause == "paused",
        lesson=lesson.has(catalog, skill),
    )


def _finding(answer: WhyNot, advice: Advice, language: str, say: Say) -> str:
    data = answer.data or {}
    named = [reasons.short(advice.catalog.skills[one].name[language]) for one in answer.skills]
    names = say("list.comma").join(named)
    cause = f"{answer.cause}.back" if answer.cause == "resting" and named else answer.cause
    until = datetime.fromtimestamp(float(data.get("until", 0)), UTC).date()
    return say(
        f"why.{cause}",
        names=names,
        minutes=round(float(data.get("minutes", 0))),
        day=view.calendar(until, language),
    )


def _more(answer: WhyNot, advice: Advice, language: str, say: Say) -> str:
    if answer.ratio is None or answer.against is None or answer.cause == "recommended":
        return ""
    other = advice.catalog.skills[advice.catalog.items[answer.against].skills[0]].name[language]
    told = say("why.ratio", ratio=figures.share(answer.ratio), name=reasons.short(other))
    return f"{told} {say(f'why.factor.{answer.factor}')}" if answer.factor else told
