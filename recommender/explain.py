"""Exact parts of a logit, in words that a page can show. Floor 2.

The model is additive, so its logit splits into groups of weights without any approximation; so does that of a cold
start.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from math import exp, fsum, log

from recommender import ability, cells, context, features
from recommender.online import OnItem, OnSkill, Prepared, State, row

# With a fitted model: the group of each dense column. `expected` is peers' difficulty plus ability, flattened, and
# its part of each is told apart.
_GROUP = {
    **dict.fromkeys(ability.COLUMNS, "ability"),
    **dict.fromkeys(features.PEERS, "item"),
    "difficulty_ability": "ability",
    "difficulty_form": "recency",
    "first": "practice",
    "first_on_skill": "practice",
    **dict.fromkeys(features.TALLY, "practice"),
    **dict.fromkeys(features.RECENCY, "recency"),
    **dict.fromkeys(features.PATTERN, "recency"),
    **dict.fromkeys(cells.COLUMNS, "peers"),
    **dict.fromkeys(features.WAITED, "time"),
    **dict.fromkeys(features.EFFORT, "effort"),
    **dict.fromkeys(context.SCORES, "scores"),
    "intercept": "level",
}
MODEL_GROUPS = ("level", "item", "ability", "practice", "recency", "peers", "time", "effort", "scores")
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


def by_model(state: State, model: Prepared, item: int, *, when: int | None = None) -> tuple[Contribution, ...]:
    """Split the logit of a fitted model, each part against a typical answer of training.

    Args:
        state: What is remembered of the learner.
        model: The model.
        item: Column of the item.
        when: The moment of asking, microseconds since 1970; None: right after the last answer.

    Returns:
        One contribution a group of `MODEL_GROUPS`; "scores" only where the catalog has scores.
    """
    centre, values = model.parameters.centre.tolist(), row(state, model, item, when=when)
    place, groups = _layout(features.names(model.space))
    weights = list(model.weights)
    skill = model.space.item_skills[item][0]
    for own, there in ((model.of_item[item], model.item_places), (model.of_skill[skill], model.skill_places)):
        for weight, number in zip(own, there, strict=True):
            weights[number] += weight
    above = [weight * (value - usual) for weight, value, usual in zip(weights, values, centre, strict=True)]
    parts = {name: [above[number] for number in own] for name, own in groups.items()}
    # The intercept counts for everybody; what an item and a skill add to it is theirs.
    common = model.weights[-1]
    parts["level"] = [common]
    parts["item"].append(weights[-1] - common)
    # What the filter expects is the peers' difficulty plus the learner's ability, flattened: each where it belongs.
    able, difficulty = values[place["ability"]], model.difficulty[item]
    flat = values[place["expected"]] / (difficulty + able) if difficulty + able else 1.0
    moved = weights[place["expected"]] * (flat * difficulty - centre[place["difficulty"]])
    parts["item"].append(moved)
    parts["ability"].append(-moved)
    facts = _facts(state, model, item)
    return tuple(
        Contribution(name, fsum(found), facts.get(name, {}))
        for name, found in parts.items()
        if name != "scores" or model.space.scored
    )


@functools.lru_cache(maxsize=8)
def _layout(names: tuple[str, ...]) -> tuple[dict[str, int], dict[str, list[int]]]:
    """Place of each dense column by name, and places of the columns of each group."""
    groups: dict[str, list[int]] = {name: [] for name in MODEL_GROUPS}
    for number, name in enumerate(names):
        groups[_GROUP[name]].append(number)
    return {name: number for number, name in enumerate(names)}, groups


def group(column: str) -> str:
    """Name the group of a weight of the model, as in `features.weight_names`."""
    name, of, _ = column.partition(" of ")
    return "item" if of and name == "intercept" else _GROUP[name]


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


def _facts(state: State, model: Prepared, item: int) -> dict[str, dict[str, float | int | str]]:
    space = model.space
    main = space.item_skills[item][0]
    on_skill, scores = state.skills.get(main, OnSkill()), state.scores
    centre = space.catalog.pass_score or 0.0
    counts = model.parameters.tables.of("item")
    place = int(counts.keys.searchsorted(item))
    peers = int(counts.tries[place]) if place < len(counts.keys) and counts.keys[place] == item else 0
    return {
        "item": {"peers": peers, "share": model.share[item]},
        "ability": {"general": state.known.general, "answers": state.answers},
        "practice": {
            "skill": list(space.catalog.skills)[main],
            "answers": on_skill.answers,
            "right": int(on_skill.right),
            "tries": state.items.get(item, OnItem()).answers,
        },
        "recency": {"recent": state.short, "on_skill": on_skill.average},
        "scores": {
            "number": int(scores.number),
            "mean": scores.total / scores.number + centre if scores.number else 0.0,
        },
    }
