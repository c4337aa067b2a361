"""What each item teaches, and whether its key can be right: sums over learners that add up, and what they say. Floor 2.

Teaching: how much more often the next answer on the same skill is right than was to be expected before the item, less
the mean of all items. Key: where those who are good elsewhere do worse on an item, its key is to be looked at (a
negative item-rest correlation; Ebel, Measuring Educational Achievement, 1965). Nobody was sent anywhere by chance, so
both are reasons to look, and no proof.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from math import exp, sqrt

import numpy as np
import numpy.typing as npt

from curriculum.catalog import Catalog
from recommender import errors, measures
from recommender.interactions import Interactions
from recommender.measures import Measure

LEAST = 20
"""Learners under whom nothing is said of an item."""
KNOWN = 5
"""Earlier answers of a learner from which on their ability can be compared with an answer."""
DOUBT = -3.0
"""Standard errors below which a correlation casts doubt on a key: of 1,000 sound items about one falls below it."""
RARE = 0.05
"""Share of right answers under which an item is hardly ever right, and above 1 - RARE hardly ever not."""
_STEP, _CALM = 0.6, 0.05  # of the ability that follows the answers, in logits
_EDGE = 4.0  # logits that an item may be easier or harder than the middle

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Sums:
    """What answers say of items; float64 [items] each. Those of several learners add up.

    Attributes:
        asked: Learners who answered it.
        right: First answers that were right.
        known: First answers by learners with at least `KNOWN` earlier answers elsewhere.
        hits: How many of these were right.
        able: Sum of their abilities, in logits.
        square: Sum of the squares.
        product: Sum of the abilities of those who were right.
        after: Answers on the same skill that came next after an answer on it.
        above: How many more of these were right than was to be expected.
        spread: Sum of the variances of what was to be expected.
    """

    asked: Floats
    right: Floats
    known: Floats
    hits: Floats
    able: Floats
    square: Floats
    product: Floats
    after: Floats
    above: Floats
    spread: Floats

    def __add__(self, other: Sums) -> Sums:
        """Sums of both."""
        return Sums(*(getattr(self, one.name) + getattr(other, one.name) for one in fields(self)))


@dataclass(frozen=True)
class Item:
    """What is known of one item.

    Attributes:
        item: Its id.
        learners: Who answered it.
        right: Share of right first answers.
        effect: Right answers more of 100 next ones than after the mean item, "points"; its value is None with too few.
        minute: The same for each minute that the item takes; None where nobody said how long that is.
        fit: Standard errors by which those who are good elsewhere do better on it (+) or worse (-); None with too few.
        doubts: Reasons to look at it: "key", "hard", "easy".
    """

    item: str
    learners: int
    right: float
    effect: Measure
    minute: Measure | None
    fit: float | None
    doubts: tuple[str, ...]


def nothing(catalog: Catalog) -> Sums:
    """Of no answer."""
    return Sums(*(np.zeros(len(catalog.items)) for _ in fields(Sums)))


def sums(catalog: Catalog, history: Interactions, ease: Floats) -> Sums:
    """Add up what learners' answers say.

    Args:
        catalog: The catalog.
        history: Of any number of learners, n rows sorted by learner, then by time.
        ease: float64 [items], logit of a right first answer by a middling learner: of `eases`, or of what is declared.

    Raises:
        errors.MismatchError: The eases are of another catalog.
    """
    if len(ease) != len(catalog.items):
        raise errors.MismatchError("eases", f"{len(ease)} items", f"{len(catalog.items)}")
    main = [catalog.skill_index[item.skills[0]] for item in catalog.items.values()]
    easy = ease.tolist()
    found = [[0.0] * len(easy) for _ in fields(Sums)]
    asked, hit, known, hits, able, square, product, after, above, spread = found
    learner, ability, count = -1, 0.0, 0
    seen: set[int] = set()
    last: dict[int, tuple[int, float]] = {}
    for who, item, correct in zip(
        history.learner.tolist(), history.item.tolist(), history.correct.tolist(), strict=True
    ):
        if who != learner:
            learner, ability, count = who, 0.0, 0
            seen.clear()
            last.clear()
        right = 1.0 if correct > 0.5 else 0.0
        before = last.get(main[item])
        if before is not None:
            chance = _chance(before[1] + easy[item])
            after[before[0]] += 1.0
            above[before[0]] += right - chance
            spread[before[0]] += chance * (1.0 - chance)
        if item not in seen:
            seen.add(item)
            asked[item] += 1.0
            hit[item] += right
            if count >= KNOWN:
                known[item] += 1.0
                hits[item] += right
                able[item] += ability
                square[item] += ability * ability
                product[item] += right * ability
        last[main[item]] = (item, ability)  # as it was before this item: what comes next may be owed to it
        ability += _STEP / (1.0 + _CALM * count) * (right - _chance(ability + easy[item]))
        count += 1
    return Sums(*(np.array(column) for column in found))


def eases(catalog: Catalog, total: Sums, declared: Floats) -> Floats:
    """How easy each item is at first, in logits: what is declared, and what first answers say.

    Args:
        catalog: The catalog.
        total: Over learners.
        declared: float64 [items], chance of a right answer that was declared; worth four answers.

    Returns:
        float64 [items].
    """
    share = (total.right + 4.0 * declared) / (total.asked + 4.0)
    return np.clip(np.log(share / (1.0 - share)), -_EDGE, _EDGE)[: len(catalog.items)]


def items(catalog: Catalog, total: Sums, minutes: Floats) -> list[Item]:
    """Say of each item that enough learners answered what it teaches, and whether to look at it.

    Args:
        catalog: The catalog.
        total: Over learners.
        minutes: float64 [items], how long each takes; nan where nobody said.

    Returns:
        In the order of the catalog.
    """
    gain, error = _gains(total)
    found = []
    for number, name in enumerate(catalog.items):
        learners = int(total.asked[number])
        if learners < LEAST:
            continue
        right = float(total.right[number] / total.asked[number])
        fit = _fit(total, number)
        count = int(total.after[number])
        effect = _points(100.0 * float(gain[number]), 100.0 * float(error[number]), count)
        long = float(minutes[number])
        per = None if not long > 0 else _points(100.0 * gain[number] / long, 100.0 * error[number] / long, count)
        found.append(Item(name, learners, right, effect, per, fit, _doubts(right, fit)))
    return found


def _gains(total: Sums) -> tuple[Floats, Floats]:
    """What each item teaches beyond the mean, pulled to it by empirical Bayes, and the standard error, in chance."""
    enough = total.after >= LEAST
    if not enough.any():
        return np.zeros(len(total.after)), np.ones(len(total.after))
    number = np.where(enough, total.after, 1.0)
    raw, noise = total.above / number, total.spread / number**2
    mean = float(total.above[enough].sum() / total.after[enough].sum())
    beyond = raw[enough] - mean
    between = max(float(np.mean(beyond**2 - noise[enough])), 1e-6)
    kept = between / (between + noise)
    return kept * (raw - mean), np.sqrt(kept * noise)


def _points(value: float, error: float, count: int) -> Measure:
    if count < LEAST:
        return measures.unknown("quality.effect", count, LEAST, unit="points")
    return measures.normal("quality.effect", value, error, (), "points", count=count)


def _fit(total: Sums, number: int) -> float | None:
    """Score test of the slope of a right answer on ability; None with too few, or where all were alike."""
    known = float(total.known[number])
    if known < LEAST:
        return None
    share = float(total.hits[number]) / known
    wide = float(total.square[number]) - float(total.able[number]) ** 2 / known
    variance = share * (1.0 - share) * wide
    if variance <= 1e-9:
        return None
    return (float(total.product[number]) - share * float(total.able[number])) / sqrt(variance)


def _doubts(right: float, fit: float | None) -> tuple[str, ...]:
    told = ["key"] if fit is not None and fit < DOUBT else []
    told += ["hard"] if right < RARE else ["easy"] if right > 1.0 - RARE else []
    return tuple(told)


def _chance(logit: float) -> float:
    return 1.0 / (1.0 + exp(-logit))


def total(catalog: Catalog, parts: Iterable[Sums]) -> Sums:
    """All sums together."""
    found = nothing(catalog)
    for part in parts:
        found += part
    return found
