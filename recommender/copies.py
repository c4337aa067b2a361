"""Learners who are copies of each other: test accounts, double enrolments, repeated exports. Floor 2.

A quarter of the published test rows of ASSISTments 2009 belong to learners whose twin is in the training part; a model
that remembers pairs of items then recognises the twin. Two learners are copies if they share enough items and gave the
same first answer to nearly all of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.sparse import csgraph

from recommender.interactions import Interactions

SHARED = 20
SAME = 0.98
BLOCK = 512
CROWDED = 0.05  # from this share of answered cells on, dense products are faster than sparse ones

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Copies:
    """Who is a copy of whom.

    Attributes:
        cluster: int64 [m], number of each learner's cluster; a learner without a copy is alone in one.
        keep: bool [m], one learner of each cluster: the one with most rows, the first among equals.
        pairs: How many pairs were found.
        rows: How many rows the dropped learners have.
    """

    cluster: Ints
    keep: npt.NDArray[np.bool_]
    pairs: int
    rows: int

    @property
    def dropped(self) -> int:
        """How many learners are not kept."""
        return int((~self.keep).sum())


def find(
    interactions: Interactions, *, shared: int = SHARED, same: float = SAME, honest: float | None = None
) -> Copies:
    """Find learners who share at least `shared` items, with at least a share of `same` identical first answers.

    Args:
        interactions: n rows of m learners.
        shared: Least number of items that both answered.
        same: Least share of them with the same first outcome, 0..1.
        honest: How many pairs of honest learners may be taken for copies. In a course of easy items many learners get
            everything right; two learners who would agree so often by their shares of right answers alone are no pair
            then. None: the two limits above decide.
    """
    count, items = len(interactions.learners), int(interactions.item.max(initial=-1)) + 1
    signs = _first_answers(interactions, count, items)
    enough = np.flatnonzero(np.diff(signs.indptr) >= shared)
    cluster, pairs = np.arange(count, dtype=np.int64), 0
    signs = signs[enough]
    for left, right, both in _pairs(signs, shared, same):
        if honest is not None:
            likely = _by_chance(signs, left, right, both) * (len(enough) * (len(enough) - 1) / 2) > honest
            left, right = left[~likely], right[~likely]  # noqa: PLW2901  (fewer pairs of the same block)
        pairs += len(left)
        cluster = _joined(cluster, enough[left], enough[right])
    rows = np.bincount(interactions.learner, minlength=count)
    best = np.lexsort((np.arange(count), -rows, cluster))
    keep = np.zeros(count, np.bool_)
    keep[best[np.append(True, np.diff(cluster[best]) > 0)[: len(best)]]] = True
    return Copies(cluster, keep, pairs, int(rows[~keep].sum()))


def _first_answers(interactions: Interactions, count: int, items: int) -> sparse.csr_array:
    """+1 or -1 for the first answer of each learner to each item, float32 [m, items]."""
    cell, row = np.unique(interactions.learner.astype(np.int64) * items + interactions.item, return_index=True)
    sign = 2.0 * interactions.correct[row] - 1.0
    starts = np.searchsorted(cell, np.arange(count + 1) * items)
    return sparse.csr_array((sign.astype(np.float32), cell % max(items, 1), starts), shape=(count, items))


def _by_chance(signs: sparse.csr_array, left: Ints, right: Ints, both: Floats) -> Floats:
    """Chance that two learners agree on all they share if only their shares of right answers are alike, float64 [k]."""
    tried = np.diff(signs.indptr)
    rate = ((signs.sum(axis=1) + tried) / 2.0 + 0.5) / (tried + 1.0)
    match = rate[left] * rate[right] + (1.0 - rate[left]) * (1.0 - rate[right])
    return np.asarray(match**both, np.float64)


def _pairs(signs: sparse.csr_array, shared: int, same: float) -> Iterator[tuple[Ints, Ints, Floats]]:
    """Pairs of rows that agree, and how many items they share, a block of rows at a time to bound memory.

    The products below count what each two learners share: through the inverted index of items where few items are
    answered by each learner, densely where many are.
    """
    learners, items = signs.shape
    signs = signs[:, np.bincount(signs.indices, minlength=items) > 1]
    crowded = signs.nnz > CROWDED * max(signs.shape[0] * signs.shape[1], 1)
    whole = signs.toarray() if crowded else signs
    for start in range(0, learners, BLOCK):
        rest = whole[start:]
        agreed = whole[start : start + BLOCK] @ rest.T
        both = np.abs(whole[start : start + BLOCK]) @ np.abs(rest).T
        if crowded:
            left, right = np.nonzero((both >= shared) & (both + agreed >= 2.0 * same * both))
            number = both[left, right]
        else:
            # An agreed of 0 is left out of a sparse matrix: half the answers differ, so it is no pair.
            both = both.tocoo()
            here = both.data >= shared
            left, right = both.coords[0][here], both.coords[1][here]
            alike = np.asarray(agreed.tocsr()[left, right]).ravel() if len(left) else np.zeros(0, np.float32)
            fits = both.data[here] + alike >= 2.0 * same * both.data[here]
            left, right, number = left[fits], right[fits], both.data[here][fits]
        once = left < right
        yield left[once] + start, right[once] + start, number[once].astype(np.float64)


def _joined(cluster: Ints, left: Ints, right: Ints) -> Ints:
    """Clusters after more pairs are known, named by their first learner."""
    if not len(left):
        return cluster
    count = len(cluster)
    places = np.concatenate([np.arange(count), left])
    others = np.concatenate([cluster, right])
    edges = sparse.coo_array((np.ones(len(places), np.int8), (places, others)), shape=(count, count))
    number, label = csgraph.connected_components(edges, directed=False)
    first = np.full(number, count, np.int64)
    np.minimum.at(first, label, np.arange(count))
    return np.asarray(first[label], np.int64)
