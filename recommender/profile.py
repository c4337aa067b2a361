"""What the answers of one learner suggest about each skill, and how sure that is. Floor 2.

Level = 5 x the chance to get a typical item of the skill right now. Under three answers there is no estimate: "not
enough data yet".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class SkillState:
    """One skill of one learner.

    Attributes:
        skill: Its id.
        answers: Graded answers on it.
        right: How many of them were correct.
        last: When the last one was, microseconds since 1970 UTC; None without answers.
        mastery: Chance 0..1 to get a typical item right now; None under `ENOUGH` answers.
        level: 5 x mastery; None under `ENOUGH` answers.
        low: Lower end of the likely range of the level (8 in 10); None under `ENOUGH` answers.
        high: Upper end; None under `ENOUGH` answers.
    """

    skill: str
    answers: int
    right: int
    last: int | None
    mastery: float | None
    level: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Ability:
    """How often this learner's answers were right, over everything.

    Attributes:
        answers: Graded answers.
        right: How many of them were correct.
        share: right / answers; None under `ENOUGH` answers.
        low: Lower end of the likely range of the share (8 in 10); None under `ENOUGH` answers.
        high: Upper end; None under `ENOUGH` answers.
    """

    answers: int
    right: int
    share: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Profile:
    """What is known of one learner, with the evidence.

    Attributes:
        basis: "model" (a fitted model) or "graph" (declared difficulty and the tracker): where `mastery` comes from.
        knowledge: State of every skill of the catalog, by skill id, in the catalog's order.
        ability: Over everything.
        first: When the first answer was, microseconds; None without answers.
        last: When the last one was.
    """

    basis: str
    knowledge: Mapping[str, SkillState]
    ability: Ability
    first: int | None
    last: int | None
