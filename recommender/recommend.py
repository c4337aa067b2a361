"""What a learner should do next, and why: policy F over the graph, the chance from the model. Floor 2.

Sources: learning-path policy F (three-state tracker, expected gain x unlock value); contributions are exact parts of
a logit.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Goal:
    """What the learner is after.

    Attributes:
        role: Id of a role of the catalog.
    """

    role: str


@dataclass(frozen=True)
class Reason:
    """One fact that speaks for a recommendation; a page turns it into a sentence.

    Attributes:
        kind: "goal" (the goal asks for the skill; data: role, target, and level where known) |
            "needed_for" (skills: a chain of prerequisite edges from the skill to one that the goal asks for) |
            "ready" (skills: the prerequisites, all supported; data: readiness 0..1; no skills: nothing comes before
            it) | "evidence" (data: answers, right, days since the last) | "no_evidence" |
            "opens" (skills: what it opens next for the goal) |
            "rule" (data: rule id, valid_from ISO date, answers_before: answers older than the rule).
        skills: Skill ids that the sentence names, in order.
        data: Numbers and ids for the sentence.
    """

    kind: str
    skills: tuple[str, ...]
    data: Mapping[str, float | int | str]


@dataclass(frozen=True)
class Contribution:
    """One part of the logit of the chance of success; the parts of a recommendation add up to it within 1e-9.

    Attributes:
        name: With basis "model": "level" (intercept), "item", "skill", "earlier_right", "earlier_answers", "recency",
            "scores". With basis "graph": "level", "difficulty", "evidence".
        value: In logits; positive speaks for success.
        data: The facts behind it, for a sentence.
    """

    name: str
    value: float
    data: Mapping[str, float | int | str]


@dataclass(frozen=True)
class Recommendation:
    """One activity, with its reasons.

    Attributes:
        skill: Id of the main skill.
        item: Id of the item; `catalog.items[item].activity` is the activity.
        chance: Chance of success, 0..1.
        gain: Expected growth in levels (0..5) of the skill by doing it.
        score: What orders the recommendations: own + opens.
        own: Part of the score from the growth of the skill itself.
        opens: Part of the score from what it opens for the goal.
        basis: "model": the chance comes from the fitted model; "graph": from declared difficulty and the tracker.
        reasons: In the order in which to show them.
        contributions: Parts of the logit.
        logit: log(chance / (1 - chance)), the sum of the contributions.
    """

    skill: str
    item: str
    chance: float
    gain: float
    score: float
    own: float
    opens: float
    basis: str
    reasons: tuple[Reason, ...]
    contributions: tuple[Contribution, ...]
    logit: float
