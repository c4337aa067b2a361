"""Why not another activity? The one thing that keeps it from being recommended. Floor 2."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from curriculum.catalog import Catalog
from recommender import knobs as knobs_of
from recommender.candidates import Goal, Ready
from recommender.interactions import Interactions
from recommender.knobs import Knobs
from recommender.parameters import Parameters

CAUSES = (
    "recommended", "done", "not_needed", "hidden", "prerequisite", "paused", "resting", "too_long", "known",
    "same_skill", "another_kind", "lower",
)  # fmt: skip


@dataclass(frozen=True)
class WhyNot:
    """Why an activity is not among the recommendations.

    Attributes:
        item: Its id.
        skill: Id of its main skill.
        cause: One of `CAUSES`: it is recommended; it is done; the goal asks for none of it; the instructor hid it; a
            prerequisite is not met; the learner set it aside; it went wrong again and again; it takes longer than the
            hours that are left; later answers show that it is known; another item of the same skill fits better; the
            place was kept for what comes back or for a stretch; its score is lower.
        skills: Skills that the sentence names: for "prerequisite" those not met, the weakest first; for "resting" what
            to practise first; for "known" what shows it.
        ratio: Its score as a share of the lowest recommended score, 0..1, where it has one; else None.
        factor: Which part is smaller by the greater factor against that recommendation: "own" or "opens"; else None.
        against: Id of the item that it is compared with, or None.
        data: Numbers for the sentence: support of the weakest prerequisite, `until` in seconds, minutes, wrong answers.
        seqs: Statements that it rests on.
    """

    item: str
    skill: str
    cause: str
    skills: tuple[str, ...] = ()
    ratio: float | None = None
    factor: str | None = None
    against: str | None = None
    data: Mapping[str, float | int | str] | None = None
    seqs: tuple[int, ...] = ()


def why_not(
    catalog: Catalog,
    history: Interactions,
    parameters: Parameters | None,
    goal: Goal,
    now: datetime,
    item: str,
    *,
    count: int = 3,
    knobs: Knobs = knobs_of.USUAL,
    ready: Ready | None = None,
    spent: float = 0.0,
) -> WhyNot:
    """Say why an activity is not recommended; the arguments are those of `recommend.recommend`.

    Args:
        catalog: The catalog.
        history: Interactions of this one learner.
        parameters: The fitted model, or None.
        goal: What the learner is after.
        now: The moment of asking.
        item: Id of the item in question.
        count: How many recommendations are given.
        knobs: The setting.
        ready: What need not be replayed.
        spent: Minutes practised in this week.

    Raises:
        errors.UnknownGoal: The catalog has no such role.
        KeyError: The catalog has no such item.
    """
    raise NotImplementedError
