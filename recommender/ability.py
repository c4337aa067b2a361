"""What a learner can do, answer by answer: four abilities with their uncertainties, as a filter. Floor 2.

A diagonal extended Kalman filter over a logistic observation, which is Elo with steps that shrink as evidence grows
(Pelánek, Applications of the Elo rating system in adaptive educational systems, Computers & Education 98, 2016). The
expected logit of an answer is the peers' difficulty of the item, plus a general ability, a recent form that fades, the
mean of the abilities in the item's skills, and what the learner knows of this one item.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import exp, sqrt

import numpy as np
import numpy.typing as npt

from recommender import grouped

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

COLUMNS = (
    "ability_general",
    "ability_recent",
    "ability_skill",
    "ability_item",
    "spread_general",
    "spread_skill",
    "expected",
    "ability",
)

# Variances that a learner starts with, and what each answer adds to them (people change).
GENERAL, RECENT, SKILL, ITEM = 1.0, 0.2, 0.25, 0.5
GENERAL_DRIFT, SKILL_DRIFT = 0.0005, 0.01
FADE = 0.8  # what is left of the recent form after each answer
_FADED = FADE * FADE
_RENEWED = (1.0 - _FADED) * RECENT
PROBIT = 0.3927  # pi / 8: how much variance flattens a logistic curve (MacKay 1992)


@dataclass(frozen=True, eq=False)
class Paths:
    """Where each row finds its learner's abilities.

    Attributes:
        learners: Groups of the rows by learner, in time order.
        skills: int64 [n, k], number of the pair (learner, skill) for each skill of the row's item; `pairs` where the
            item has fewer skills.
        share: float64 [n, k], 1 / number of skills, 0 where there is none.
        pairs: Number of pairs (learner, skill).
        items: int64 [n], number of the pair (learner, item).
    """

    learners: grouped.Groups
    skills: Ints
    share: Floats
    pairs: int
    items: Ints


def trace(paths: Paths, difficulty: Floats, correct: Floats) -> Floats:
    """Filter the answers of many learners at once, step by step.

    Args:
        paths: n rows.
        difficulty: float64 [n], log-odds of the peers on the item of each row.
        correct: float64 [n], 0 or 1.

    Returns:
        float64 [n, 8], the values of `COLUMNS` before each answer.
    """
    order, first = paths.learners.order, np.flatnonzero(paths.learners.rank == 0)
    sizes = np.diff(np.append(first, len(order)))
    longest = np.argsort(-sizes, kind="stable")
    first, sizes = first[longest], sizes[longest]
    alive = np.searchsorted(-sizes, -np.arange(sizes[0] if len(sizes) else 0), side="left")
    general, recent = np.zeros(len(first)), np.zeros(len(first))
    var_general, var_recent = np.full(len(first), GENERAL), np.full(len(first), RECENT)
    on_skill, var_skill = np.zeros(paths.pairs + 1), np.full(paths.pairs + 1, SKILL)
    on_item = np.zeros(int(paths.items.max(initial=-1)) + 1)
    var_item = np.full(len(on_item), ITEM)
    found = np.empty((len(order), len(COLUMNS)))
    for step, living in enumerate(alive):
        rows = order[first[:living] + step]
        pairs, share, own = paths.skills[rows], paths.share[rows], paths.items[rows]
        skill, var_s = on_skill[pairs], var_skill[pairs]
        item, var_i = on_item[own], var_item[own]
        tg, vg, tf, vf = general[:living], var_general[:living], recent[:living], var_recent[:living]
        mean = (skill * share).sum(axis=1)
        ability = tg + tf + mean + item
        spread = vg + vf + (var_s * share * share).sum(axis=1) + var_i
        logit = difficulty[rows] + ability
        found[rows] = np.stack(
            [
                tg,
                tf,
                mean,
                item,
                np.sqrt(vg),
                np.sqrt((var_s * share).sum(axis=1)),
                logit / np.sqrt(1.0 + PROBIT * spread),
                ability,
            ],
            axis=1,
        )
        chance = 1.0 / (1.0 + np.exp(-logit))
        weight = chance * (1.0 - chance)
        damp = 1.0 / (1.0 + weight * spread)
        gain, loss = (correct[rows] - chance) * damp, weight * damp
        general[:living] = tg + vg * gain
        var_general[:living] = vg - loss * vg * vg + GENERAL_DRIFT
        recent[:living] = FADE * (tf + vf * gain)
        var_recent[:living] = _FADED * (vf - loss * vf * vf) + _RENEWED
        on_skill[pairs] = skill + var_s * share * gain[:, None]
        var_skill[pairs] = var_s - loss[:, None] * (var_s * share) ** 2 + SKILL_DRIFT
        on_skill[-1], var_skill[-1] = 0.0, SKILL  # the place of items with fewer skills
        on_item[own] = item + var_i * gain
        var_item[own] = var_i - loss * var_i * var_i
    return found


@dataclass(slots=True)
class Filter:
    """The abilities of one learner; `observe` changes them in place. Pairs are (ability, variance)."""

    general: float = 0.0
    var_general: float = GENERAL
    recent: float = 0.0
    var_recent: float = RECENT
    skills: dict[int, tuple[float, float]] = field(default_factory=dict)
    items: dict[int, tuple[float, float]] = field(default_factory=dict)


_NEW_SKILL = (0.0, SKILL)
_NEW_ITEM = (0.0, ITEM)


def look(known: Filter, skills: Sequence[int], item: int, difficulty: float) -> tuple[float, ...]:
    """The values of `COLUMNS` for the next answer on one item.

    Args:
        known: What is known of the learner; not changed.
        skills: Columns of the item's skills.
        item: Column of the item.
        difficulty: Log-odds of the peers on it.
    """
    share = 1.0 / len(skills)
    mean = var = 0.0
    for skill in skills:
        ability, variance = known.skills.get(skill, _NEW_SKILL)
        mean += ability
        var += variance
    mean *= share
    own, var_own = known.items.get(item, _NEW_ITEM)
    ability = known.general + known.recent + mean + own
    spread = known.var_general + known.var_recent + var * share * share + var_own
    return (
        known.general,
        known.recent,
        mean,
        own,
        sqrt(known.var_general),
        sqrt(var * share),
        (difficulty + ability) / sqrt(1.0 + PROBIT * spread),
        ability,
    )


def observe(known: Filter, skills: Sequence[int], item: int, difficulty: float, correct: float) -> None:
    """Take one answer in, in place.

    Args:
        known: What is known of the learner.
        skills: Columns of the item's skills.
        item: Column of the item.
        difficulty: Log-odds of the peers on it.
        correct: 0 or 1.
    """
    share = 1.0 / len(skills)
    pairs = [known.skills.get(skill, _NEW_SKILL) for skill in skills]
    own, var_own = known.items.get(item, _NEW_ITEM)
    mean, var = share * sum(pair[0] for pair in pairs), share * share * sum(pair[1] for pair in pairs)
    vg, vf = known.var_general, known.var_recent
    spread = vg + vf + var + var_own
    logit = difficulty + known.general + known.recent + mean + own
    chance = 1.0 / (1.0 + exp(-logit)) if logit > -700.0 else 0.0
    weight = chance * (1.0 - chance)
    damp = 1.0 / (1.0 + weight * spread)
    gain, loss = (correct - chance) * damp, weight * damp
    known.general += vg * gain
    known.var_general = vg - loss * vg * vg + GENERAL_DRIFT
    known.recent = FADE * (known.recent + vf * gain)
    known.var_recent = _FADED * (vf - loss * vf * vf) + _RENEWED
    for skill, (ability, variance) in zip(skills, pairs, strict=True):
        moved = variance * share
        known.skills[skill] = (ability + moved * gain, variance - loss * moved * moved + SKILL_DRIFT)
    known.items[item] = (own + var_own * gain, var_own - loss * var_own * var_own)
