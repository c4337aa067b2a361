"""Exact parts of a logit, in words that a page can show. Floor 2.

The model is additive, so its logit splits into groups of weights without any approximation; so does that of a cold
start.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import exp, fsum, log

from recommender import features
from recommender.features import Space
from recommender.online import OnSkill, State, row

# With a fitted model: the group of each column, by what its name begins with.
_GROUP = {
    "item": "item",
    "skill": "skill",
    "item_answers": "earlier_answers",
    "answers": "earlier_answers",  # of the learner, and of a skill
    "item_right": "earlier_right",
    "right": "earlier_right",
    "odds_skill": "earlier_right",
    "odds": "earlier_right",
    **dict.fromkeys(features.RECENCY[:4], "recency"),
    **dict.fromkeys(features.PATTERN, "recency"),
    "score": "scores",
    **dict.fromkeys(features.SCORES, "scores"),
    "intercept": "level",
}
MODEL_GROUPS = ("level", "item", "skill", "earlier_right", "earlier_answers", "recency", "scores")
GRAPH_GROUPS = ("level", "difficulty", "evidence")


@dataclass(frozen=True)
class Contribution:
    """One part of the logit of the chance of success; the parts of a recommendation add up to it within 1e-9.

    Attributes:
        name: One of `MODEL_GROUPS` or of `GRAPH_GROUPS`.
        value: In logits; positive speaks for success.
        data: The facts behind it, for a sentence.
    """

    name: str
    value: float
    data: Mapping[str, float | int | str]


def by_model(state: State, space: Space, weights: list[float], item: int) -> tuple[Contribution, ...]:
    """Split the logit of a fitted model.

    Args:
        state: What is remembered of the learner.
        space: The columns.
        weights: d weights as Python numbers.
        item: Column of the item.

    Returns:
        One contribution a group of `MODEL_GROUPS`; "scores" only where the catalog has scores.
    """
    parts: dict[str, list[float]] = {name: [] for name in MODEL_GROUPS}
    parts["item"].append(weights[item])
    columns, values, dense = row(state, space, item)
    blocks = [_GROUP[block] for block in space.blocks]
    for column, value in zip(columns, values, strict=True):
        parts[blocks[column // space.skills]].append(weights[space.items + column] * value)
    begin = space.items + space.sparse
    for position, (name, value) in enumerate(zip(space.dense, dense, strict=True), start=begin):
        parts[group(name)].append(weights[position] * value)
    facts = _facts(state, space, item)
    return tuple(
        Contribution(name, fsum(values), facts.get(name, {}))
        for name, values in parts.items()
        if name != "scores" or space.scored
    )


def group(column: str) -> str:
    """Name the group of a column of the model, as in `features.Space.names`."""
    return _GROUP[column.split(":", maxsplit=1)[0]]


def by_graph(typical: float, declared: float, believed: float, data: Mapping[str, float]) -> tuple[Contribution, ...]:
    """Split the logit of a cold start: a typical item, this item's declared difficulty, this learner's evidence.

    Args:
        typical: Chance of an unknown learner on an item of middle difficulty, in (0, 1).
        declared: Chance of an unknown learner on this item.
        believed: Chance of this learner on this item.
        data: `difficulty` of the item and `answers` of the learner.
    """
    return (
        Contribution("level", logit(typical), {}),
        Contribution("difficulty", logit(declared) - logit(typical), {"difficulty": data["difficulty"]}),
        Contribution("evidence", logit(believed) - logit(declared), {"answers": data["answers"]}),
    )


def total(contributions: tuple[Contribution, ...]) -> float:
    """The logit: the exact sum of the parts."""
    return fsum(part.value for part in contributions)


def logit(chance: float) -> float:
    """log(chance / (1 - chance))."""
    return log(chance / (1.0 - chance))


def sigma(value: float) -> float:
    """Chance of a logit, without overflow.

    Examples:
        >>> sigma(0.0), sigma(-1000.0)
        (0.5, 0.0)
    """
    return 1.0 / (1.0 + exp(-value)) if value >= 0 else exp(value) / (1.0 + exp(value))


def _facts(state: State, space: Space, item: int) -> dict[str, dict[str, float | int | str]]:
    known = [state.skills.get(skill, OnSkill()) for skill in space.item_skills[item]]
    scores = state.scores
    centre = space.catalog.pass_score or 0.0
    return {
        "skill": {"skill": list(space.catalog.skills)[space.item_skills[item][0]]},
        "earlier_right": {"right": int(state.right), "on_skill": int(sum(one.right for one in known))},
        "earlier_answers": {"answers": state.answers, "on_skill": sum(one.answers for one in known)},
        "recency": {"recent": state.short, "last_on_skill": known[0].last},
        "scores": {
            "number": int(scores.number),
            "mean": scores.total / scores.number + centre if scores.number else 0.0,
        },
    }
