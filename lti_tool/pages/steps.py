"""What learners say of steps, which steps to look at, and what each step teaches: the instructor's page; pure. Floor 3.

Counts and estimates only, no learner by name. Nobody was sent to a step by chance, so an estimate is a reason to look.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np

from curriculum.catalog import Catalog
from lti_tool import figures
from lti_tool.everybody import Known
from lti_tool.pages import gauge, reasons
from lti_tool.pages.gauge import Gauge
from lti_tool.texts import Say
from lti_tool.votes import Tally
from recommender import others, quality
from recommender.indicators import Reference
from recommender.measures import Measure

SHOWN = 8
"""Steps at each end of the list of what steps teach."""


@dataclass(frozen=True)
class Word:
    """What learners said of one step.

    Attributes:
        name: Of the step.
        skill: Id of its skill.
        useful: How many said so.
        mistake: How many said that there is one.
        outdated: How many said so.
        later: Whether it comes later for everybody because of it.
    """

    name: str
    skill: str
    useful: int
    mistake: int
    outdated: int
    later: bool


@dataclass(frozen=True)
class Doubt:
    """A step to look at: its name, the id of its skill, why, and what that rests on."""

    name: str
    skill: str
    whys: list[str]
    evidence: str


@dataclass(frozen=True)
class Steps:
    """The whole page.

    Attributes:
        words: Steps and lessons of which learners of the class said something, the most faults first.
        doubts: Steps to look at.
        best: What the steps that teach most teach.
        least: What the steps that teach least teach; none that is among the best.
        judged: Steps with enough learners for an estimate.
        apart: How many of them are clearly above or below the mean of all.
        known: Whether all learners were counted yet.
        learners: Learners of the institution that the estimates rest on.
        needed: Learners that a step needs.
        timed: Whether what steps teach is told for ten minutes; else for one step.
    """

    words: list[Word]
    doubts: list[Doubt]
    best: list[Gauge]
    least: list[Gauge]
    judged: int
    apart: int
    known: bool
    learners: int
    needed: int
    timed: bool


def steps(
    catalog: Catalog,
    tallied: Mapping[str, Tally],
    known: Known | None,
    reference: Reference,
    *,
    language: str,
    say: Say,
) -> Steps:
    """Build the page.

    Args:
        catalog: The course's.
        tallied: What learners of the class said, by item, and by resource of a lesson.
        known: What all learners of the institution say together; None: not counted yet.
        reference: How long items take.
        language: "en" or "zh".
        say: The words.
    """
    doubted = {} if known is None else known.doubted
    words = [
        Word(told, skill, one.useful, one.mistake, one.outdated, key in doubted)
        for key, one in sorted(tallied.items(), key=lambda pair: (-pair[1].faults, -pair[1].useful, pair[0]))
        for told, skill in _there(catalog, key, language, say)
    ]
    if known is None:
        return Steps(words, [], [], [], 0, 0, False, 0, others.LEAST, False)
    minutes = np.where(np.isnan(reference.seconds), known.others.seconds, reference.seconds) / 60.0
    found = quality.items(catalog, known.others.items, minutes)
    doubts = [
        Doubt(
            name(catalog, one.item, language, say),
            catalog.items[one.item].skills[0],
            [say(f"steps.doubt.{doubt}") for doubt in one.doubts],
            _evidence(one, say),
        )
        for one in found
        if one.doubts
    ]
    told = [one for one in found if one.effect.known]
    timed = bool(told) and all(one.minute is not None for one in told)
    ordered = sorted(told, key=lambda one: -(_told(one, timed).value or 0.0))
    best = ordered[:SHOWN]
    last = ordered[max(len(best), len(ordered) - SHOWN) :]
    measured = [_told(one, timed) for one in [*best, *last]]
    scale = gauge.scale(measured)
    drawn = [
        gauge.of(measure, name(catalog, one.item, language, say), say, scale)
        for one, measure in zip([*best, *last], measured, strict=True)
    ]
    return Steps(
        words=words,
        doubts=doubts,
        best=drawn[: len(best)],
        least=drawn[len(best) :],
        judged=len(told),
        apart=sum((one.effect.low or 0.0) > 0 or (one.effect.high or 0.0) < 0 for one in told),
        known=True,
        learners=known.others.learners,
        needed=others.LEAST,
        timed=timed,
    )


def name(catalog: Catalog, item: str, language: str, say: Say) -> str:
    """What a page calls a step."""
    there = catalog.items[item]
    if there.name:
        return there.name[language]
    return say("card.practice", name=reasons.short(catalog.skills[there.skills[0]].name[language]))


def _there(catalog: Catalog, key: str, language: str, say: Say) -> Iterator[tuple[str, str]]:
    """Name and skill of what was spoken of, a step or a lesson; nothing where the catalog has lost it."""
    if key in catalog.items:
        yield name(catalog, key, language, say), catalog.items[key].skills[0]
    elif key in catalog.resources:
        there = catalog.resources[key]
        yield say("steps.lesson", name=reasons.short(there.name[language])), there.skills[0]


def _told(one: quality.Item, timed: bool) -> Measure:
    """What a step teaches in ten minutes of it, or in one go."""
    per = one.minute
    if not timed or per is None or per.value is None or per.low is None or per.high is None:
        return one.effect
    return replace(per, value=10 * per.value, low=10 * per.low, high=10 * per.high)


def _evidence(one: quality.Item, say: Say) -> str:
    share = figures.share(one.right)
    if one.fit is None:
        return say("steps.evidence", count=one.learners, percent=share)
    return say("steps.evidence.fit", count=one.learners, percent=share, fit=figures.signed(round(100 * one.fit)))
