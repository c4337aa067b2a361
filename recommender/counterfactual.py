"""Is a reason true? Take it away, ask again, and see whether the recommendation stands. Floor 2."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from curriculum.catalog import Catalog
from recommender import knobs as knobs_of
from recommender.candidates import Goal
from recommender.interactions import Interactions
from recommender.knobs import Knobs
from recommender.parameters import Parameters
from recommender.recommend import Recommendation


@dataclass(frozen=True)
class Counterfactual:
    """What would be recommended without a reason.

    Attributes:
        kind: Kind of the reason that was taken away.
        before: Ids of the items recommended with it.
        after: Ids of the items recommended without it.
        left: Whether the item is no longer among them.
        changed: Whether the order, or a score of them, is another.
    """

    kind: str
    before: tuple[str, ...]
    after: tuple[str, ...]
    left: bool
    changed: bool


def without(
    catalog: Catalog,
    history: Interactions,
    parameters: Parameters | None,
    goal: Goal,
    now: datetime,
    recommendation: Recommendation,
    kind: str = "",
    *,
    count: int = 3,
    knobs: Knobs = knobs_of.USUAL,
) -> Counterfactual:
    """Take one reason away and recommend again.

    What is taken away: "goal" the target, "opens" and "needed_for" the edges that go on from the skill, "rule" the rule,
    "review" the time that passed, "evidence" the answers on the skill, "ready" the answers on its prerequisites,
    "step_back" the wrong answers, "pinned", "proposed" and "claimed" the setting.

    Args:
        catalog: The catalog.
        history: Interactions of this one learner.
        parameters: The fitted model, or None.
        goal: What the learner is after.
        now: The moment of asking.
        recommendation: One that `recommend.recommend` gave for the same arguments.
        kind: Kind of one of its reasons; empty: the one that it cites.
        count: How many recommendations are given.
        knobs: The setting.

    Raises:
        ValueError: The recommendation has no such reason.
    """
    raise NotImplementedError
