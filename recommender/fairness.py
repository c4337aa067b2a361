"""Whether predictions and items treat groups of learners alike. Floor 2.

AUC, calibration and bias of the predictions within each group, and differential item functioning (DIF): items that are
harder for one group than for another among learners of equal ability.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt
from scipy import special

from recommender import metrics
from recommender.interactions import Interactions
from recommender.metrics import Figures

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

LEAST = 30
RATE = 0.05
SHUFFLES = 5
ROUNDS = 12
DELTA = 2.35  # log odds on the scale of ETS's delta


@dataclass(frozen=True, slots=True)
class Functioning:
    """Whether an item is as hard for a group as for the others of the same ability.

    Attributes:
        item: Column of the item.
        group: The group that is compared with all others.
        answers: First answers of the group, and of the others.
        effect: Log odds of the group against the others at equal ability; < 0: harder for the group.
        error: Its standard error.
        chance: Two-sided p of no difference.
        flagged: Under the false discovery rate asked for (Benjamini and Hochberg 1995).
        size: "A" negligible, "B" moderate, "C" large, as ETS classes them (Zieky 1993): |2.35 effect| < 1, < 1.5.
    """

    item: int
    group: str
    answers: tuple[int, int]
    effect: float
    error: float
    chance: float
    flagged: bool
    size: str


@dataclass(frozen=True, eq=False)
class Differential:
    """DIF of all items with enough answers.

    Attributes:
        items: Each item and group, the smallest chance first.
        tested: How many comparisons.
        false_alarms: Share of comparisons flagged when the groups are drawn anew among the learners; nan if none.
        level: Share of them with a chance of at most .05: about .05 where the chances can be believed.
    """

    items: tuple[Functioning, ...]
    tested: int
    false_alarms: float
    level: float


def by_group(
    interactions: Interactions, chance: Floats, groups: Sequence[str], rng: np.random.Generator
) -> dict[str, Figures]:
    """Measure predictions within each group.

    Args:
        interactions: n rows of m learners.
        chance: float64 [n], predictions; nan where there is none.
        groups: Group of each learner, m of them; "" where it is not known.
        rng: For the bootstrap over learners.

    Returns:
        The figures of each group that is known, by its name in order.
    """
    names, group = np.unique(np.array(groups, dtype=np.str_), return_inverse=True)
    predicted = ~np.isnan(chance)
    found = {}
    for number, name in enumerate(names.tolist()):
        rows = predicted & (group[interactions.learner] == number)
        if name and rows.any():
            found[name] = metrics.figures(interactions.correct[rows], chance[rows], interactions.learner[rows], rng)
    return found


def differential(
    interactions: Interactions,
    groups: Sequence[str],
    rng: np.random.Generator,
    *,
    least: int = LEAST,
    rate: float = RATE,
    shuffles: int = SHUFFLES,
) -> Differential:
    """Look for items that are harder for one group at equal ability.

    Logistic DIF of first answers (Swaminathan and Rogers 1990): ability is that of a Rasch model without the answer in
    question, with a mean of its own for each group, so that a group that knows less is not taken for one that is
    treated badly. It is estimated twice, the second time without the items flagged in the first pass. Of two groups the
    smaller one is compared with the other, of more each one with all others.

    Args:
        interactions: n rows of m learners.
        groups: Group of each learner, m of them; "" where it is not known.
        rng: For drawing groups anew.
        least: First answers that the group and the others must both have.
        rate: False discovery rate.
        shuffles: How often groups are drawn anew to count false alarms.
    """
    names, group = np.unique(np.array(groups, dtype=np.str_), return_inverse=True)
    known = np.array([bool(name) for name in names.tolist()], np.bool_)[group] if len(group) else np.zeros(0, np.bool_)
    answers = _first(interactions, known)
    compared = _compared(group, known)
    everything = np.ones(len(answers.right_of), np.bool_)
    first = _tests(answers, group, compared, everything, least)
    anchors = everything.copy()
    anchors[first.item[benjamini_hochberg(first.chance, rate)]] = False
    tests = first if anchors.all() else _tests(answers, group, compared, anchors, least)
    flagged = benjamini_hochberg(tests.chance, rate)
    alarms, small, drawn = 0, 0, 0
    for _ in range(shuffles):
        shuffled = group.copy()
        shuffled[known] = rng.permutation(group[known])
        again = _tests(answers, shuffled, compared, everything, least)
        alarms += int(benjamini_hochberg(again.chance, rate).sum())
        small += int((again.chance <= 0.05).sum())
        drawn += len(again.chance)
    return Differential(
        items=tuple(_functioning(tests, names.tolist(), flagged, place) for place in np.argsort(tests.chance).tolist()),
        tested=len(tests.item),
        false_alarms=alarms / drawn if drawn else float("nan"),
        level=small / drawn if drawn else float("nan"),
    )


def benjamini_hochberg(chance: Floats, rate: float) -> npt.NDArray[np.bool_]:
    """Which of some tests to flag so that at most a share of `rate` of the flagged ones are false alarms.

    Benjamini and Hochberg, Journal of the Royal Statistical Society B 57 (1995).

    Args:
        chance: float64 [k], p values.
        rate: 0..1.

    Returns:
        bool [k].

    Examples:
        >>> benjamini_hochberg(np.array([0.9, 0.01, 0.02, 0.5]), 0.05).tolist()
        [False, True, True, False]
    """
    order = np.argsort(chance)
    below = np.flatnonzero(chance[order] <= rate * np.arange(1, len(chance) + 1) / max(len(chance), 1))
    flagged = np.zeros(len(chance), np.bool_)
    flagged[order[: below[-1] + 1 if len(below) else 0]] = True
    return flagged


@dataclass(frozen=True, eq=False)
class _Answers:
    """First answers of learners whose group is known."""

    learner: Ints  # [k]
    item: Ints  # [k]
    correct: Floats  # [k]
    learners: int
    right_of: Floats  # [items] right answers


@dataclass(frozen=True, eq=False)
class _Tests:
    item: Ints
    group: Ints
    here: Ints  # first answers of the group
    there: Ints  # of the others
    effect: Floats
    error: Floats
    chance: Floats


def _first(interactions: Interactions, known: npt.NDArray[np.bool_]) -> _Answers:
    items = int(interactions.item.max(initial=-1)) + 1
    cell, row = np.unique(interactions.learner.astype(np.int64) * items + interactions.item, return_index=True)
    learner, item = cell // max(items, 1), cell % max(items, 1)
    kept = known[learner]
    correct = interactions.correct[row[kept]].astype(np.float64)
    right = np.bincount(item[kept], weights=correct, minlength=items).astype(np.float64)
    return _Answers(learner[kept], item[kept], correct, len(known), right)


def _compared(group: Ints, known: npt.NDArray[np.bool_]) -> list[int]:
    """Groups to compare with all others: each, or the smaller one of two."""
    present, sizes = np.unique(group[known], return_counts=True)
    if len(present) == 2:
        return [int(present[np.argmin(sizes)])]
    return present.tolist() if len(present) > 2 else []


def _tests(
    answers: _Answers, group: Ints, compared: Sequence[int], anchors: npt.NDArray[np.bool_], least: int
) -> _Tests:
    """Compare each of some groups with the others on every item that both answered often enough."""
    offset = _ability(answers, group, anchors)
    items = len(answers.right_of)
    found = []
    for number in compared:
        inside = (group[answers.learner] == number).astype(np.float64)
        here = np.bincount(answers.item, weights=inside, minlength=items).astype(np.int64)
        there = np.bincount(answers.item, minlength=items) - here
        enough = np.flatnonzero((here >= least) & (there >= least))
        effect, error = _contrast(answers, offset, inside, items)
        z = effect[enough] / error[enough]
        chance = 2.0 * special.ndtr(-np.abs(z))
        of = np.full(len(enough), number, np.int64)
        found.append(_Tests(enough, of, here[enough], there[enough], effect[enough], error[enough], chance))
    names = [field.name for field in fields(_Tests)]
    empty = {
        name: np.zeros(0, np.int64 if name in {"item", "group", "here", "there"} else np.float64) for name in names
    }
    return _Tests(**{name: np.concatenate([empty[name], *(getattr(one, name) for one in found)]) for name in names})


def _ability(answers: _Answers, group: Ints, anchors: npt.NDArray[np.bool_]) -> Floats:
    """Ability of the learner at each answer, from their answers to other items, float64 [k].

    A Rasch model by alternating Newton steps, ability pulled to the mean of the group by a normal prior of variance 1.
    """
    used = anchors[answers.item]
    learner, item, correct = answers.learner[used], answers.item[used], answers.correct[used]
    ability: Floats = np.zeros(answers.learners)
    level: Floats = np.zeros(len(anchors))
    mean: Floats = np.zeros(int(group.max(initial=0)) + 1)
    answered = np.bincount(learner, minlength=answers.learners) > 0
    sizes = np.maximum(np.bincount(group[answered], minlength=len(mean)), 1)
    information: Floats = np.ones(answers.learners)
    for _ in range(ROUNDS):
        chance = special.expit(ability[learner] + level[item])
        weight = chance * (1.0 - chance)
        gradient = np.bincount(item, correct - chance, len(level))
        level = np.asarray(level + gradient / (np.bincount(item, weight, len(level)) + 0.1), np.float64)
        chance = special.expit(ability[learner] + level[item])
        information = np.asarray(np.bincount(learner, chance * (1.0 - chance), answers.learners) + 1.0, np.float64)
        pull = ability - mean[group]
        ability += np.where(
            answered, (np.bincount(learner, correct - chance, answers.learners) - pull) / information, 0.0
        )
        mean = np.asarray(np.bincount(group[answered], ability[answered], len(mean)) / sizes, np.float64)
    chance = special.expit(ability[answers.learner] + level[answers.item])
    others = information[answers.learner] - chance * (1.0 - chance)
    own = np.where(used, (answers.correct - chance) / np.maximum(others, 0.5), 0.0)
    return np.asarray(ability[answers.learner] - own)


def _contrast(answers: _Answers, offset: Floats, inside: Floats, items: int) -> tuple[Floats, Floats]:
    """Log odds of the group against the others at equal ability and its standard error, of each item, float64 [items].

    Newton for logit = ability + level + effect * group in all items at once, with a slight pull of the effect to 0.
    """
    level, effect, error = np.zeros(items), np.zeros(items), np.ones(items)
    for _ in range(ROUNDS):
        chance = special.expit(np.clip(offset + level[answers.item] + effect[answers.item] * inside, -30, 30))
        miss, weight = answers.correct - chance, chance * (1.0 - chance)
        all_of = np.bincount(answers.item, weight, items) + 1e-6
        group_of = np.bincount(answers.item, weight * inside, items)
        within = group_of + 0.05
        gradient = np.bincount(answers.item, miss, items)
        of_group = np.bincount(answers.item, miss * inside, items) - 0.05 * effect
        determinant = np.maximum(all_of * within - group_of**2, 1e-12)
        level += np.clip((within * gradient - group_of * of_group) / determinant, -2.0, 2.0)
        effect += np.clip((all_of * of_group - group_of * gradient) / determinant, -2.0, 2.0)
        error = np.sqrt(all_of / determinant)
    return effect, error


def _functioning(tests: _Tests, names: Sequence[str], flagged: npt.NDArray[np.bool_], place: int) -> Functioning:
    effect = float(tests.effect[place])
    delta = abs(DELTA * effect) if flagged[place] else 0.0
    return Functioning(
        item=int(tests.item[place]),
        group=names[int(tests.group[place])],
        answers=(int(tests.here[place]), int(tests.there[place])),
        effect=effect,
        error=float(tests.error[place]),
        chance=float(tests.chance[place]),
        flagged=bool(flagged[place]),
        size="A" if delta < 1.0 else "B" if delta < 1.5 else "C",
    )
