"""What peers did in the same situation: count tables, shrunk to a coarser situation. Floor 2.

A cell is a situation (this item after that outcome, ...), its counts are answers and right ones of all learners in it.
Counts are sums, so those of institutions add up exactly. A cell that holds only which item came before, and nothing
that the learner did, would learn how a platform assigns items: there is none here, so that what predicts may also
recommend.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

from recommender.context import LAGS, Context
from recommender.space import Space

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

ABILITY_CUTS = np.array([-1.2, -0.8, -0.5, -0.25, 0.0, 0.25, 0.5, 0.9])
FORM_CUTS = np.array([-0.35, -0.2, -0.07, 0.07, 0.2, 0.35])
MOST_COUNTED, MOST_FEW, MOST_RUN = 9, 3, 6
PATTERN = 64  # codes of up to five outcomes: a leading 1, then a bit each
GAPS = 9

COMBO_STRENGTH = 10.0  # answers that a set of skills starts with; an item starts with `cold_start.strength`
# An item that one in sixty fails is worth as much as one that nobody fails; its square would outweigh all others.
EXTREME = 4.0


@dataclass(frozen=True)
class Cell:
    """One table.

    Attributes:
        parts: What makes up a situation, by name (`sizes`).
        strength: How many answers of the coarser situation each cell starts with.
        parent: The coarser situation: another cell, "item", "combo" or "mean".
    """

    parts: tuple[str, ...]
    strength: float
    parent: str


CELLS: Mapping[str, Cell] = MappingProxyType(
    {
        "item_after_outcome": Cell(("item", "last"), 10.0, "item"),
        "combo_after_outcome": Cell(("combo", "last"), 10.0, "combo"),
        "item_after_item": Cell(("item", "before_item", "last"), 6.0, "item_after_outcome"),
        "combo_after_combo": Cell(("combo", "before_combo", "last"), 10.0, "combo_after_outcome"),
        "item_after_combo": Cell(("item", "before_combo", "last"), 6.0, "item_after_outcome"),
        "item_again": Cell(("item", "tried"), 10.0, "item"),
        "item_again_after": Cell(("item", "tried", "last"), 10.0, "item_again"),
        "again_pattern": Cell(("tried", "last", "same"), 10.0, "mean"),
        "skill_pattern": Cell(("pattern_skill",), 10.0, "mean"),
        "combo_counts": Cell(("combo", "practised", "succeeded"), 10.0, "combo"),
        "pattern": Cell(("pattern", "same", "same_item"), 10.0, "mean"),
        "combo_pattern": Cell(("combo", "pattern"), 10.0, "combo"),
        "item_counts": Cell(("item", "few_practised", "few_succeeded"), 10.0, "item"),
        "combo_distance": Cell(("combo", "gap", "last"), 10.0, "combo_after_outcome"),
        "item_ability": Cell(("item", "ability"), 10.0, "item"),
        "combo_form": Cell(("combo", "ability", "form"), 10.0, "combo"),
        "combo_runs": Cell(("combo", "run0", "run1", "run2", "run3"), 10.0, "combo"),
    }
)
BASE = ("item", "combo")  # the tables that are counted first
# One pooled table over (item, item of an earlier answer, its outcome), for all lags up to ten.
SKIPS = "skips"
SKIP_STRENGTH = 8.0
SKIP_COLUMNS = ("skip1", "skip2", "skip3", "skip4", "skip5", "skip_far", "skip_all")

COLUMNS = (*CELLS, *SKIP_COLUMNS)


@dataclass(frozen=True, eq=False)
class Counts:
    """Answers by cell.

    Attributes:
        keys: int64 [m], ascending, each once.
        tries: int64 [m], answers.
        wins: int64 [m], right ones.
    """

    keys: Ints
    tries: Ints
    wins: Ints

    def __add__(self, other: Counts) -> Counts:
        """Counts of both; their learners must be different ones."""
        keys, place = np.unique(np.concatenate([self.keys, other.keys]), return_inverse=True)
        tries = np.zeros(len(keys), np.int64)
        wins = np.zeros(len(keys), np.int64)
        np.add.at(tries, place, np.concatenate([self.tries, other.tries]))
        np.add.at(wins, place, np.concatenate([self.wins, other.wins]))
        return Counts(keys.astype(np.int64), tries, wins)


NONE = Counts(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0, np.int64))


def sizes(space: Space) -> Mapping[str, int]:
    """How many values each part of a situation has."""
    return {
        "item": space.items,
        "before_item": space.items + 1,
        "combo": len(space.combos),
        "before_combo": len(space.combos) + 1,
        "last": 3,
        "tried": 5,
        "same": 8,
        "same_item": 2,
        "pattern": PATTERN,
        "pattern_skill": PATTERN,
        "practised": MOST_COUNTED + 1,
        "succeeded": MOST_COUNTED + 1,
        "few_practised": MOST_FEW + 1,
        "few_succeeded": MOST_FEW + 1,
        "gap": GAPS,
        "ability": len(ABILITY_CUTS) + 1,
        "form": len(FORM_CUTS) + 1,
        **{f"run{number}": MOST_RUN + 1 for number in range(4)},
    }


def parts(context: Context, ability: Floats, form: Floats) -> dict[str, Ints]:
    """Every part of the situation of each row.

    Args:
        context: n rows.
        ability: float64 [n], the learner's ability on the item (`ability.COLUMNS`).
        form: float64 [n], decayed mean of what the learner did better than peers, over some five answers.
    """
    same = context.same
    return {
        "item": context.item,
        "before_item": context.earlier[0],
        "combo": context.combo,
        "before_combo": context.before,
        "last": context.outcome[0],
        "tried": context.tried,
        "same": same[0] + 2 * same[1] + 4 * same[2],
        "same_item": (context.earlier[0] == context.item + 1).astype(np.int64),
        "pattern": _pattern(context.outcome[:5]),
        "pattern_skill": _pattern(context.skill_outcome),
        "practised": _capped(context.practised, MOST_COUNTED),
        "succeeded": _capped(context.succeeded, MOST_COUNTED),
        "few_practised": _capped(context.practised, MOST_FEW),
        "few_succeeded": _capped(context.succeeded, MOST_FEW),
        "gap": gap(context.distance),
        "ability": np.digitize(ability, ABILITY_CUTS).astype(np.int64),
        "form": np.digitize(form, FORM_CUTS).astype(np.int64),
        **{f"run{number}": _capped(context.run[number], MOST_RUN) for number in range(4)},
    }


def gap(distance: Ints) -> Ints:
    """Doublings of a distance of answers, from 1 for the last one; 0 for never."""
    doubled = np.frexp(np.maximum(distance, 0).astype(np.float64))[1]
    return np.minimum(doubled, GAPS - 1).astype(np.int64)


def _capped(values: Floats, most: int) -> Ints:
    return np.minimum(values, most).astype(np.int64)


def _pattern(outcomes: Ints) -> Ints:
    code = np.ones(outcomes.shape[1], np.int64)
    for outcome in outcomes[::-1]:
        code = np.where(outcome > 0, 2 * code + (outcome == 2), code)
    return code


def key(named: Mapping[str, Ints], cell: Cell, size: Mapping[str, int]) -> Ints:
    """The number of the cell of each row, int64 [n]."""
    found = named[cell.parts[0]].copy()
    for part in cell.parts[1:]:
        found = found * size[part] + named[part]
    return found


def skip_keys(context: Context, space: Space) -> Ints:
    """The numbers of the cells of ten earlier answers, int64 [10, n]; -1 where there was none."""
    base = context.item[None, :] * (space.items + 1) + context.earlier
    return np.where(context.outcome > 0, base * 3 + context.outcome, -1)


@dataclass(frozen=True, eq=False)
class Seen:
    """The cells of some rows, and what their own learners did in each.

    Attributes:
        keys: int64 [m], ascending.
        place: int64 [n], which of `keys` each row is in.
        correct: float64 [n].
        tries: float64 [n], answers of the row's own learner in the cell.
        wins: float64 [n], right ones.
        learners: int64 [m], how many learners were in each cell.
    """

    keys: Ints
    place: Ints
    correct: Floats
    tries: Floats
    wins: Floats
    learners: Ints


def see(keys: Ints, learner: npt.NDArray[np.integer], correct: Floats) -> Seen:
    """Sort rows into cells.

    Args:
        keys: int64 [n].
        learner: integers [n].
        correct: float64 [n].
    """
    found, place = np.unique(keys, return_inverse=True)
    pairs, pair = np.unique(learner.astype(np.int64) * max(len(found), 1) + place, return_inverse=True)
    tries = np.bincount(pair, minlength=len(pairs)).astype(np.float64)
    wins = np.bincount(pair, weights=correct, minlength=len(pairs)).astype(np.float64)
    learners = np.bincount(pairs % max(len(found), 1), minlength=len(found)).astype(np.int64)
    return Seen(found.astype(np.int64), place.astype(np.int64), correct, tries[pair], wins[pair], learners)


def count(seen: Seen, least: int) -> Counts:
    """Counts of every cell with at least `least` learners; the others stay where they are."""
    tries = np.bincount(seen.place, minlength=len(seen.keys))
    wins = np.bincount(seen.place, weights=seen.correct, minlength=len(seen.keys)).astype(np.int64)
    kept = seen.learners >= least
    return Counts(seen.keys[kept], tries[kept].astype(np.int64), wins[kept])


def others(counts: Counts, seen: Seen, sent: Counts | None) -> tuple[Floats, Floats]:
    """Answers and right ones in the cell of each row, without those of its own learner.

    Args:
        counts: Of all institutions.
        seen: n rows.
        sent: What these rows gave to `counts`; None: nothing, their learners were not among them.

    Returns:
        float64 [n] answers, float64 [n] right ones.
    """
    tries, wins = lookup(counts, seen.keys)
    if sent is None:
        return tries[seen.place], wins[seen.place]
    given = (lookup(sent, seen.keys)[0] > 0)[seen.place]
    return tries[seen.place] - seen.tries * given, wins[seen.place] - seen.wins * given


def lookup(counts: Counts, keys: Ints) -> tuple[Floats, Floats]:
    """Answers and right ones by key, 0 where a cell was never seen."""
    if not len(counts.keys):
        return np.zeros(len(keys)), np.zeros(len(keys))
    place = np.minimum(np.searchsorted(counts.keys, keys), len(counts.keys) - 1)
    there = counts.keys[place] == keys
    return np.where(there, counts.tries[place], 0).astype(np.float64), np.where(there, counts.wins[place], 0.0)


def shrink(tries: Floats, wins: Floats, strength: float, parent: Floats) -> Floats:
    """Share of right answers with `strength` answers of the parent's share added."""
    return (wins + strength * parent) / (tries + strength)


def log_odds(share: Floats) -> Floats:
    """log(p / (1 - p)) of shares strictly between 0 and 1."""
    return np.log(share / (1.0 - share))


def difficulty(share: Floats) -> Floats:
    """Log-odds of the peers, within `EXTREME`: beyond it an item only tells that it is far too easy or hard."""
    bounded: Floats = np.clip(log_odds(share), -EXTREME, EXTREME)
    return bounded


def skip_means(values: Floats) -> Floats:
    """The seven skip columns of ten lags: float64 [10, n] -> [n, 7]."""
    return np.column_stack([*values[:5], values[5:LAGS].mean(axis=0), values.mean(axis=0)])
