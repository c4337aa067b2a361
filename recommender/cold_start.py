"""What stands where nobody answered yet: skills and items start from their neighbours, words and declarations. Floor 2.

A function of counts that are shared anyway and of the catalog. How much each source of a start is worth is learnt from
the items and skills that have answers, each predicted from the others (stacking: Wolpert, Neural Networks 5, 1992), so
that a source that says nothing in a catalog gets no say in it.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import linalg, optimize, sparse, special

from recommender import wording
from recommender.cells import Counts
from recommender.parameters import Tables
from recommender.space import Space
from recommender.wording import Embed, Reading, Words

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

STEP = 0.45  # logits that one step of declared difficulty costs, before any data
_STRENGTH = 10.0  # answers that a skill's start is worth
_BELIEF = 30.0  # skills that the declared step is worth against a fitted one
_MIDDLE = 3.0

# Items to each side, in the order of the course, that are neighbours: of the same area, and of the same set of skills.
REACH = (2, 10, 40)
_OWN = 0.5  # variance, in logits, of an item around what its neighbours say: the most that one neighbour may tell
_EMPTY = 2.0  # information that "as its set of skills" is worth against the neighbours
_DOUBT = 10.0  # information that "no source says anything" is worth against the fitted say of the sources
_UNHEARD = 0.08  # share of a text that others hold, under which its words say next to nothing
_FEW = 10.0  # skills that the graph alone is worth against the fitted say of graph and words

# What the strength of an item's start is chosen from, in answers.
STRENGTHS = (2.0, 3.0, 4.0, 6.0, 8.0, 10.0, 13.0, 16.0, 20.0, 25.0, 32.0, 40.0)
_USUAL, _SPREAD = 8.0, 0.7  # what is believed of it before any count: its middle, and the spread of its logarithm


def start(space: Space, items: Counts, embed: Embed | None = None) -> tuple[Floats, Floats]:
    """Where sets of skills and items start.

    Args:
        space: The catalog by column.
        items: Answers by item.
        embed: Turns texts into their meaning (`wording.meanings`); None: words alone are read.

    Returns:
        float64 [combos], share of right answers of each set of skills, strictly between 0 and 1; float64 [items],
        logits by which an item starts above its set of skills.
    """
    words = wording.of(space.catalog, embed)
    tries, wins = counted(space, items)
    mean = (wins.sum() + 1.0) / (tries.sum() + 2.0)
    middle = np.log(mean / (1.0 - mean))
    on_skill, right = np.zeros(space.skills), np.zeros(space.skills)
    for column in space.wide.T:
        there = column >= 0
        np.add.at(on_skill, column[there], tries[there])
        np.add.at(right, column[there], wins[there])
    share = (right + _STRENGTH * mean) / (on_skill + _STRENGTH)
    level = np.log(share / (1.0 - share)) - middle
    hard = np.array([skill.difficulty for skill in space.catalog.skills.values()], dtype=np.float64) - _MIDDLE
    known = on_skill > 0
    step = (-STEP * _BELIEF + level[known] @ hard[known]) / (_BELIEF + hard[known] @ hard[known])
    if not np.ptp(hard):
        step = 0.0  # nothing is declared
    declared = step * hard
    rest = np.where(known, level - declared, 0.0)
    weight = on_skill / (on_skill + _STRENGTH)
    near = _told(space, words, rest, weight)
    level = declared + weight * rest + (1.0 - weight) * near
    wide = space.wide
    there = wide >= 0
    combined = np.where(there, level[wide], 0.0).sum(axis=1) / there.sum(axis=1)
    prior = np.zeros(len(space.combos))
    prior[space.combo] = combined
    own = np.array(
        [
            0.0 if item.difficulty is None else item.difficulty - space.catalog.skills[item.skills[0]].difficulty
            for item in space.catalog.items.values()
        ],
        dtype=np.float64,
    )
    prior = special.expit(middle + prior)
    return prior, step * own + _beside(space, words, prior, step * own, (tries, wins))


def counted(space: Space, items: Counts) -> tuple[Floats, Floats]:
    """Answers and right ones of every item, float64 [items] each."""
    tries, wins = np.zeros(space.items), np.zeros(space.items)
    tries[items.keys], wins[items.keys] = items.tries, items.wins
    return tries, wins


def _told(space: Space, words: Words, rest: Floats, weight: Floats) -> Floats:
    """What graph and words say of each skill above what was declared, float64 [skills]."""
    near = _neighbours(space, rest, weight > 0)
    # The graph is believed until skills with answers say otherwise.
    return _stacked(near[:, None], words.skills, (rest, weight), 1.0, _FEW)


def _neighbours(space: Space, rest: Floats, known: npt.NDArray[np.bool_]) -> Floats:
    """Mean of what the prerequisites and the dependents of each skill are above what was declared, pulled to 0."""
    total, number = np.zeros(space.skills), np.ones(space.skills)
    index = space.catalog.skill_index
    for name, skill in space.catalog.skills.items():
        for before in skill.prerequisites:
            for one, other in ((index[name], index[before]), (index[before], index[name])):
                if known[other]:
                    total[one] += rest[other]
                    number[one] += 1.0
    return total / number


def _beside(space: Space, words: Words, prior: Floats, declared: Floats, answers: tuple[Floats, Floats]) -> Floats:
    """What an item's neighbours in the course and its words say of it above its set of skills, float64 [items].

    Each item gives its score residual and the information in it; what it tells others is bounded, so that an item with
    many answers is one neighbour and not all of them.

    Args:
        space: The catalog by column.
        words: Of the catalog.
        prior: float64 [combos].
        declared: float64 [items], logits that declared difficulty adds.
        answers: float64 [items], answers and right ones.
    """
    tries, wins = answers
    share = expected(space, prior, declared, answers)
    information = tries * share * (1.0 - share)
    bound = 1.0 / (1.0 + _OWN * information)
    residual, information = (wins - tries * share) * bound, information * bound
    columns = []
    for line in lines(space):
        summed, known = (np.append(0.0, np.cumsum(values[line.order])) for values in (residual, information))
        for reach in REACH:
            begin, end = np.maximum(line.place - reach, line.begin), np.minimum(line.place + reach + 1, line.end)
            others, weight = summed[end] - summed[begin] - residual, known[end] - known[begin] - information
            columns.append(others / (np.maximum(weight, 0.0) + _EMPTY))
    value = np.divide(residual, information, out=np.zeros(len(residual)), where=information > 0)
    return _stacked(np.column_stack(columns), words.items, (value, information), 0.0, _DOUBT)


def expected(space: Space, prior: Floats, offset: Floats, answers: tuple[Floats, Floats]) -> Floats:
    """Share of right answers that each item starts with, from its set of skills and its offset, float64 [items]."""
    tries, wins = (np.bincount(space.combo, values, minlength=len(prior)) for values in answers)
    share = (wins + _STRENGTH * prior) / (tries + _STRENGTH)
    found: Floats = special.expit(special.logit(share)[space.combo] + offset)
    return found


def _stacked(
    near: Floats, readings: Sequence[Reading], known: tuple[Floats, Floats], belief: float, doubt: float
) -> Floats:
    """All sources in one guess, float64 [n].

    Where meanings are known too, they count alone for a text of whose words next to none have been answered to: beside
    words they get little say, because they say much the same, and of a text in another language words say nothing.

    Args:
        near: float64 [n, sources], what neighbours say.
        readings: Of the texts, words first.
        known: float64 [n] values, and information in them.
        belief: How much neighbours count before any data.
        doubt: Information that this is worth.
    """
    values, weights = known
    words, *others = [wording.guesses(reading, values, weights) for reading in readings]

    def by(*parts: Floats) -> Floats:
        sources = np.column_stack([near, *parts])
        before = np.zeros(sources.shape[1])
        before[: near.shape[1]] = belief
        return np.asarray(sources @ _say(sources, values, weights, before, doubt), np.float64)

    whole = by(words, *others)
    if not others:
        return whole
    share = np.minimum(wording.heard(sparse.csr_array(readings[0]), weights) / _UNHEARD, 1.0)
    return np.asarray(share * whole + (1.0 - share) * by(*others), np.float64)


def _say(sources: Floats, values: Floats, weights: Floats, before: Floats, doubt: float) -> Floats:
    """How much each source counts, by weighted least squares pulled to what was thought before, float64 [sources].

    None counts below 0: residuals of a set of skills sum to about nothing, so in a small set the others always speak
    against an item, and to turn that round would be to count its own answers twice.
    """
    weighted = sources * weights[:, None]
    root = np.linalg.cholesky(weighted.T @ sources + doubt * np.eye(sources.shape[1]))
    target = linalg.solve_triangular(root, weighted.T @ values + doubt * before, lower=True)
    return np.asarray(optimize.nnls(root.T, target)[0], np.float64)


@dataclass(frozen=True, eq=False)
class Line:
    """Items one after the other, in groups.

    Attributes:
        order: int64 [items], item at each place.
        place: int64 [items], place of each item.
        begin: int64 [items], first place of its group.
        end: int64 [items], the place after its group.
    """

    order: Ints
    place: Ints
    begin: Ints
    end: Ints


@functools.lru_cache(maxsize=16)
def lines(space: Space) -> tuple[Line, Line]:
    """Items as the course has them, of each area and of each set of skills.

    Inside a group they stand by their declared order; where that is the same, by their ids, in which authors number
    what belongs together ("ch2.ex9" before "ch2.ex10").
    """
    listed = list(space.catalog.items.values())
    by_course = sorted(range(len(listed)), key=lambda place: (listed[place].order, *_natural(listed[place].id)))
    course = np.array(by_course, np.int64)
    return _line(course, space.area[space.main]), _line(course, space.combo)


def _natural(name: str) -> tuple[tuple[str, int], ...]:
    """A key under which numbers in names stand by their size."""
    parts: Sequence[tuple[str, str]] = re.findall(r"([^0-9]*)([0-9]*)", name)
    return tuple((word, int(number or -1)) for word, number in parts)


def _line(course: Ints, group: Ints) -> Line:
    order = course[np.argsort(group[course], kind="stable")]
    sorted_group = group[order]
    place, begin, end = (np.zeros(len(order), np.int64) for _ in range(3))
    place[order] = np.arange(len(order))
    begin[order] = np.searchsorted(sorted_group, sorted_group, side="left")
    end[order] = np.searchsorted(sorted_group, sorted_group, side="right")
    return Line(order, place, begin, end)


@functools.lru_cache(maxsize=4)
def strength(tables: Tables, space: Space) -> float:
    """How many answers an item's start is worth: what makes the counts of all items most likely (empirical Bayes).

    The share of an item is taken as beta-distributed around its start (Casella, The American Statistician 39, 1985).

    Args:
        tables: Counts, and where sets of skills and items start.
        space: The catalog by column.

    Returns:
        One of `STRENGTHS`.
    """
    tries, wins = counted(space, tables.of("item"))
    known = tries > 0
    share = expected(space, tables.prior, tables.offset, (tries, wins))[known]
    tries, wins = tries[known], wins[known]

    def likelihood(worth: float) -> float:
        right, wrong = worth * share, worth * (1.0 - share)
        believed = -0.5 * (np.log(worth / _USUAL) / _SPREAD) ** 2
        told = np.sum(special.betaln(wins + right, tries - wins + wrong) - special.betaln(right, wrong))
        return float(believed + told)

    return max(STRENGTHS, key=likelihood)
