"""The reasons of a recommendation as sentences: a chain of facts that ends in the goal. Floor 3."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from curriculum.catalog import Catalog, Rule
from lti_tool import figures
from lti_tool.texts import Say
from recommender.reasons import Reason

BRACKETS = re.compile(r"\s*[(（][^()（）]*[)）]$")
MARKS = {"goal": "goal", "rule": "changed", "review": "faded"}


@dataclass(frozen=True)
class Sentence:
    """One reason: the class of its mark in the stylesheet, and its words."""

    mark: str
    words: str


def sentences(reasons: tuple[Reason, ...], catalog: Catalog, language: str, say: Say) -> list[Sentence]:
    """Say every reason once, the goal last: what a skill opens is not said again if it is the way to the goal."""
    way = {skill for reason in reasons if reason.kind == "needed_for" for skill in reason.skills}
    told = [
        reason
        for reason in reasons
        if not (reason.kind == "opens" and way.issuperset(reason.skills))
        and not (reason.kind == "needed_for" and len(reason.skills) < 2)
    ]
    ordered = sorted(told, key=lambda reason: reason.kind == "goal")
    if any(reason.kind == "needed_for" for reason in told):  # the same edge: why it is there is said once
        ordered = [replace(reason, edges=()) if reason.kind == "opens" else reason for reason in ordered]
    return [Sentence(MARKS.get(reason.kind, ""), _words(reason, catalog, language, say)) for reason in ordered]


def _words(reason: Reason, catalog: Catalog, language: str, say: Say) -> str:
    names = [short(catalog.skills[skill].name[language]) for skill in reason.skills]
    whys = [None if one.because is None else one.because[language] for one in reason.edges]
    because = [why for why in whys if why is not None]
    data = reason.data
    listed = say("list.comma").join(names[:2])
    sayings: dict[str, Callable[[], str]] = {
        "goal": lambda: say("reason.goal", target=data["target"]),
        "needed_for": lambda: _because(_needed(names, say), because, say),
        "ready": lambda: say("reason.ready", names=listed) if names else say("reason.ready.free"),
        "evidence": lambda: _evidence(int(data["answers"]), int(data["right"]), catalog, say),
        "no_evidence": lambda: say("reason.no_evidence"),
        "opens": lambda: _opens(named(names[:2], whys, say), len(names) - 2, say),
        "rule": lambda: _rule(catalog.rules[str(data["rule"])], int(data["answers_before"]), language, say),
        "review": lambda: say("reason.review", count=max(1, int(data["days"]))),
        "near": lambda: say("reason.near", name=names[-1]),
        "pinned": lambda: say("reason.pinned"),
        "proposed": lambda: say("reason.proposed"),
        "claimed": lambda: say("reason.claimed"),
        "step_back": lambda: say("reason.step_back", name=names[-1], wrong=data["wrong"]),
    }
    return sayings[reason.kind]()


def _evidence(answers: int, right: int, catalog: Catalog, say: Say) -> str:
    """Right answers, or results that reach the pass score; failures are not counted."""
    if not right:
        return say("reason.evidence.begun", count=answers)
    if catalog.pass_score is None:
        return say("reason.evidence", count=answers, right=right)
    return say("reason.evidence.scored", count=answers, reached=right, least=figures.share(catalog.pass_score))


def _opens(listed: str, more: int, say: Say) -> str:
    return say("reason.opens.more", names=listed, count=more) if more > 0 else say("reason.opens", names=listed)


def named(names: Sequence[str], whys: Sequence[str | None], say: Say) -> str:
    """Skills in a list, each with why it needs what is spoken of, where the catalog says it.

    Args:
        names: As a sentence says them.
        whys: One a name, or fewer.
        say: The words.
    """
    told = [*whys, *[None] * len(names)]
    return say("list.comma").join(
        say("reason.named", name=name, why=why) if why else name for name, why in zip(names, told, strict=False)
    )


def _because(words: str, because: list[str], say: Say) -> str:
    """The sentence, and why the one needs the other where the catalog says it."""
    return say("reason.because", what=words, because=because[0]) if because else words


def _rule(rule_: Rule, older: int, language: str, say: Say) -> str:
    told = rule(rule_, language, say)
    return say("reason.and", one=told, two=say("reason.rule.older", count=older)) if older else told


def rule(rule: Rule, language: str, say: Say) -> str:
    """A dated rule: where, since when, what it says."""
    since = day(rule.valid_from, language)
    return say("reason.rule", jurisdiction=rule.jurisdiction, day=since, what=rule.statement[language])


def _needed(chain: list[str], say: Say) -> str:
    if len(chain) <= 2:
        return say("reason.needed", name=chain[-1])
    return say("reason.needed.way", name=chain[1], goal=chain[-1])


def short(name: str) -> str:
    """A skill's name inside a sentence: without what it lists in brackets at its end.

    >>> short("Compute landed cost (goods, freight, duty)"), short("落地成本核算（货值、运费、关税）")
    ('Compute landed cost', '落地成本核算')
    """
    return BRACKETS.sub("", name) or name


def day(when: date, language: str) -> str:
    """A day as a sentence says it: 1 July 2026, or 2026-07-01 beside a rule in Chinese."""
    if language == "zh":
        return when.isoformat()
    return f"{when.day}\N{NO-BREAK SPACE}{when:%B}\N{NO-BREAK SPACE}{when.year}"
