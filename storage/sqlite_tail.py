"""The newest rows of the hot port, which the index on the disk does not know yet, in memory. Floor 0.

A row is durable with its terms before it is acknowledged; the index takes rows in by the thousand, sorted, which costs
a third less than one by one. Until then every process that asks reads the terms of the newest rows and keeps them here.
A row that targets another, or is targeted, rewritten or removed, is never here: that indexes everything at once.
"""

import sqlite3
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from heapq import merge
from itertools import islice

from storage import sqlite_terms

MOST = 1_000  # rows; then the writer indexes them, in some 15 ms


class Tail:
    """The rows from `first` to `last`, as far as this process has read them."""

    def __init__(self) -> None:
        self.first = self.last = 0
        self._order: list[int] = []
        self._kinds: dict[int, int] = {}
        self._terms: dict[int, frozenset[int]] = {}
        self._seqs: dict[int, list[int]] = {}

    def read(self, sqlite: sqlite3.Connection, indexed: int) -> None:
        """Follow the store: rows up to `indexed` are the index's, newer ones come in here.

        Args:
            sqlite: Inside the transaction in which the index is asked too.
            indexed: The greatest seq that the index knows.
        """
        if indexed >= self.first:
            self.__init__()  # type: ignore[misc]  # a fresh start, in place
            self.first, self.last = indexed + 1, indexed
        rows = sqlite.execute("SELECT seq, kind, terms FROM statements WHERE seq > ? ORDER BY seq", (self.last,))
        for seq, kind, packed in rows:
            terms = sqlite_terms.unpack(packed)
            self._kinds[seq] = kind
            self._terms[seq] = frozenset(terms)
            self._order.append(seq)
            for term in terms:
                self._seqs.setdefault(term, []).append(seq)
            self.last = seq

    def find(
        self, groups: Sequence[Sequence[int]], kind: int | None, low: int, high: int, *, ascending: bool
    ) -> Iterable[int]:
        """The rows from `low` to `high` that have one term of each group, in order."""
        columns = [[self._seqs.get(term, ()) for term in group] for group in groups]
        if not columns:
            yield from _between(self._order, low, high, ascending=ascending)
            return
        rarest = min(columns, key=lambda column: sum(map(len, column)))
        others = [frozenset(group) for group in groups] if len(groups) > 1 else []
        before = -1
        each = [_between(column, low, high, ascending=ascending) for column in rarest if column]
        for seq in each[0] if len(each) == 1 else merge(*each, reverse=not ascending):
            if seq == before or (kind is not None and self._kinds[seq] != kind):
                continue
            before = seq
            terms = self._terms[seq]
            if all(not terms.isdisjoint(group) for group in others):
                yield seq


def _between(seqs: Sequence[int], low: int, high: int, *, ascending: bool) -> Iterable[int]:
    """The part of an ascending list from `low` to `high`, in the order asked for."""
    first, last = bisect_left(seqs, low), bisect_right(seqs, high)
    return islice(seqs, first, last) if ascending else islice(reversed(seqs), len(seqs) - last, len(seqs) - first)
