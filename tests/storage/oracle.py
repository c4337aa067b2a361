"""The hot port in plain Python: what the adapters are compared with. It knows no index, no page and no bound."""

from dataclasses import dataclass

from storage import errors
from storage.port import SOURCE, Query, Row

_CHAIN = 16


@dataclass(frozen=True)
class Kept:
    """A row with its place and time."""

    seq: int
    stored: int
    row: Row


class Oracle:
    """Rows in a dictionary by seq; everything that is asked is worked out from them anew."""

    def __init__(self):
        self.kept: dict[int, Kept] = {}
        self.seq = 0
        self.stored = 0

    def append(self, rows, now):
        taken = {each.row.id for each in self.kept.values()}
        again = [row.id for place, row in enumerate(rows) if row.id in taken | {one.id for one in rows[:place]}]
        if again:
            raise errors.DuplicateIdError(again)
        self.stored = max(now, self.stored + 1)
        for row in rows:
            self.seq += 1
            self.kept[self.seq] = Kept(self.seq, self.stored, row)

    def rewrite(self, rows):
        for seq, row in rows:
            if seq in self.kept and self.kept[seq].row.id == row.id:
                self.kept[seq] = Kept(seq, self.kept[seq].stored, row)

    def remove(self, seqs):
        return len({seq for seq in seqs if self.kept.pop(seq, None)})

    def is_void(self, row):
        return not row.voids and any(each.row.voids and each.row.target == row.id for each in self.kept.values())

    def lenders(self, row):
        """The row and those along its chain of targets that are there, each once."""
        by_id = {each.row.id: each.row for each in self.kept.values()}
        chain = [row]
        following = by_id.get(row.target)
        while following is not None and following not in chain and len(chain) <= _CHAIN:
            chain.append(following)
            following = by_id.get(following.target)
        return chain

    def find(self, query: Query):
        """The seqs that a query finds on all its pages, in order."""
        found = [seq for seq, each in self.kept.items() if self._matches(query, each)]
        return sorted(found, reverse=not query.ascending)

    def labels(self, term=None):
        return [seq for seq in self.rows(term) if not self.is_void(self.kept[seq].row)]

    def rows(self, term=None):
        return [seq for seq, each in sorted(self.kept.items()) if term is None or term in _own(each.row)]

    def _matches(self, query: Query, each: Kept):
        if self.is_void(each.row) or query.source not in (None, each.row.source):
            return False
        if each.seq <= (query.after or 0) or each.seq >= (query.before or each.seq + 1):
            return False
        if each.stored <= (query.since or 0) or each.stored > (query.until or each.stored):
            return False
        return any(
            all(set(group) & set(lender.terms) for group in query.groups)
            and (query.kind is None or query.kind[0] == lender.kind)
            for lender in self.lenders(each.row)
        )


def _own(row):
    return {*row.terms, (row.source, SOURCE)}
