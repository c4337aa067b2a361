"""Which rows a query of the hot port finds in SQLite. Floor 0.

The rarest of what is asked for drives: its entries are one ordered range each, newest (or oldest) first, and all else
is a look-up beside them. No query looks at more than port.SCAN entries; then it answers what it has and where to go on.
Rows that the index does not know yet come from the tail.
"""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

from storage import port
from storage.port import Query
from storage.sqlite_tail import Tail

_SAMPLE = 256  # entries: how far these reach back says how rare a term is


@dataclass(frozen=True, slots=True)
class Asked:
    """A query in numbers.

    Attributes:
        groups: Of each, a row must have one term.
        kind_term: The term that is the kind, or None.
        kind: The kind's number, or None.
        source: The term of the source that a row itself must have, or None.
        low: The least seq that is asked for.
        high: The greatest.
        limit: At most so many rows.
        ascending: Oldest first.
    """

    groups: list[tuple[int, ...]]
    kind_term: int | None
    kind: int | None
    source: int | None
    low: int
    high: int
    limit: int
    ascending: bool


def find(sqlite: sqlite3.Connection, asked: Asked, tail: Tail) -> tuple[list[int], int | None]:
    """The seqs of a page, in order, and the seq after which more may be found, or None.

    Args:
        sqlite: Inside the transaction in which the tail was read.
        asked: What for.
        tail: The rows that the index does not know.
    """
    extra = [(term,) for term in (asked.kind_term, asked.source) if term is not None]
    newest = tail.find([*asked.groups, *extra], asked.kind, asked.low, asked.high, ascending=asked.ascending)
    most = asked.limit + 1
    if asked.ascending:
        seqs, bound = _indexed(sqlite, asked, tail.first - 1, most)
        if bound is None and len(seqs) < most:
            seqs += islice(newest, most - len(seqs))
    else:
        seqs = [*islice(newest, most)]
        bound = None
        if len(seqs) < most:
            found, bound = _indexed(sqlite, asked, tail.first - 1, most - len(seqs))
            seqs += found
    if len(seqs) > asked.limit:
        return seqs[: asked.limit], seqs[asked.limit - 1]
    return seqs, bound


def own(sqlite: sqlite3.Connection, term: int, after: int, limit: int, tail: Tail) -> list[int]:
    """The seqs after one of rows that have the term themselves, oldest first."""
    sql = "SELECT seq FROM terms WHERE term = ? AND seq > ? AND via = 0 ORDER BY seq LIMIT ?"
    seqs = [seq for (seq,) in sqlite.execute(sql, (term, after, limit))]
    newest = tail.find([(term,)], None, after + 1, tail.last, ascending=True)
    return [*seqs, *islice(newest, limit - len(seqs))]


def bounds(sqlite: sqlite3.Connection, query: Query) -> tuple[int, int]:
    """The range of seq that a query may touch: [low, high]. `stored` grows with seq, so time needs no index."""
    low = 1 if query.after is None else query.after + 1
    high = 2**62 if query.before is None else query.before - 1
    if query.since is not None:
        low = max(low, _last_stored_by(sqlite, query.since) + 1)
    if query.until is not None:
        high = min(high, _last_stored_by(sqlite, query.until))
    return low, high


def _last_stored_by(sqlite: sqlite3.Connection, time: int) -> int:
    """The greatest seq whose `stored` is not later than the time, by bisection; 0 if there is none."""
    low = 0
    (high,) = sqlite.execute("SELECT coalesce(max(seq), 0) FROM statements").fetchone()
    while low < high:
        middle = (low + high + 1) // 2
        seq, stored = sqlite.execute(
            "SELECT seq, stored FROM statements WHERE seq <= ? ORDER BY seq DESC LIMIT 1", (middle,)
        ).fetchone() or (0, 0)
        if stored <= time:
            low = middle
        else:
            high = seq - 1
    return int(low)


def _indexed(sqlite: sqlite3.Connection, asked: Asked, indexed: int, most: int) -> tuple[list[int], int | None]:
    """At most so many seqs that the index knows, in order, and where it stopped looking, or None: at the end."""
    low, high = asked.low, min(asked.high, indexed)
    if low > high:
        return [], None
    order = "ASC" if asked.ascending else "DESC"
    groups = list(asked.groups)
    if asked.kind_term is not None:
        groups.append((asked.kind_term,))
    source = asked.source
    if not groups and source is not None:
        groups, source = [(source,)], None
    if not groups:
        sql = (
            "SELECT seq FROM statements AS s WHERE seq BETWEEN ? AND ?"  # noqa: S608 - the order is ours
            f" AND NOT EXISTS (SELECT 1 FROM voided WHERE seq = s.seq) ORDER BY seq {order} LIMIT ?"
        )
        return [seq for (seq,) in sqlite.execute(sql, (low, high, most))], None
    driver, *others = _rarest_first(sqlite, groups, low, high, order)
    if asked.kind_term is not None:
        others = [group for group in others if group != (asked.kind_term,)]  # the entry itself says its kind
    condition = _condition(asked.kind, others, source, own=not asked.groups and asked.kind_term is None)
    found: set[int] = set()
    floors = []
    for term in driver:
        seqs, floor = _arm(sqlite, term, (low, high), condition, most=most, order=order)
        found.update(seqs)
        if floor is not None:
            floors.append(floor)
    if not floors:
        return sorted(found, reverse=not asked.ascending)[:most], None
    bound = min(floors) if asked.ascending else max(floors)
    kept = [seq for seq in found if (seq <= bound if asked.ascending else seq >= bound)]
    return sorted(kept, reverse=not asked.ascending)[:most], bound


def _arm(
    sqlite: sqlite3.Connection,
    term: int,
    between: tuple[int, int],
    condition: tuple[str, list[int]],
    *,
    most: int,
    order: str,
) -> tuple[list[int], int | None]:
    """The seqs of one term's entries that hold the condition, and where it stopped looking, or None: at the end."""
    where, values = condition
    entries = f"FROM terms WHERE term = ? AND seq BETWEEN ? AND ? ORDER BY seq {order}"
    sql = (
        f"SELECT c.seq FROM (SELECT seq, via, kind {entries} LIMIT ?) AS c"  # noqa: S608 - constants of this module
        f" WHERE NOT EXISTS (SELECT 1 FROM voided WHERE seq = c.seq){where} LIMIT ?"  # in the order of the inner one
    )
    scan = port.SCAN
    seqs = [seq for (seq,) in sqlite.execute(sql, (term, *between, scan, *values, most))]
    if len(seqs) >= most:
        return seqs, seqs[-1]
    row = sqlite.execute(f"SELECT seq {entries} LIMIT 1 OFFSET ?", (term, *between, scan - 1)).fetchone()
    if row is None:
        return seqs, None
    (last,) = row  # a row has an entry for each row that it targets, and these may go on where the look ended
    seqs += (seq for (seq,) in sqlite.execute(sql, (term, last, last, -1, *values, 1)))
    return seqs, last


def _condition(
    kind: int | None, others: Sequence[Sequence[int]], source: int | None, *, own: bool
) -> tuple[str, list[int]]:
    """What an entry c must hold besides its term: SQL, and its values."""
    where, values = "", []
    if own:
        where += " AND c.via = 0"
    if kind is not None:
        where += " AND c.kind = ?"
        values.append(kind)
    beside = " AND EXISTS (SELECT 1 FROM terms WHERE term IN ({}) AND seq = c.seq AND via = c.via)"
    for group in others:
        where += beside.format(", ".join("?" * len(group)))
        values += group
    if source is not None:
        where += " AND EXISTS (SELECT 1 FROM terms WHERE term = ? AND seq = c.seq AND via = 0)"
        values.append(source)
    return where, values


def _rarest_first(
    sqlite: sqlite3.Connection, groups: list[tuple[int, ...]], low: int, high: int, order: str
) -> list[tuple[int, ...]]:
    """The groups, the one first whose newest (oldest) entries reach back farthest."""
    if len(groups) < 2:
        return groups
    sql = f"SELECT seq FROM terms WHERE term = ? AND seq BETWEEN ? AND ? ORDER BY seq {order} LIMIT 1 OFFSET ?"  # noqa: S608 - constants

    def rows(group: tuple[int, ...]) -> float:
        """How many entries the range holds, told by how far a sample reaches."""
        total = 0.0
        for term in group:
            row = sqlite.execute(sql, (term, low, high, _SAMPLE - 1)).fetchone()
            if row is not None:
                reach = abs((high if order == "DESC" else low) - row[0]) + 1
                total += _SAMPLE * (high - low + 1) / reach
        return total

    return sorted(groups, key=rows)
