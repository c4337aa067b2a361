"""The hot port in SQLite. Floor 0.

Words (pseudonyms, IRIs) become integers by a dictionary; each term of a row is one entry of a WITHOUT ROWID table
ordered by (term, role, seq) that carries the row's kind, so that every question is one ordered range. Labels and
envelopes are
apart: who reads labels reads no envelope. `seq` and `stored` are assigned inside the write lock and grow together.
"""

import sqlite3
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from storage import errors
from storage.port import Clear, Clock, Query, Row, Stored
from storage.sqlite_connection import Connection

SCHEMA = """
CREATE TABLE words (number INTEGER PRIMARY KEY, word TEXT NOT NULL UNIQUE);
CREATE TABLE statements (
    seq INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE, stored INTEGER NOT NULL, source INTEGER NOT NULL, label BLOB NOT
    NULL
);
CREATE TABLE envelopes (seq INTEGER PRIMARY KEY, body BLOB NOT NULL);
CREATE TABLE terms (
    term INTEGER, role INTEGER, seq INTEGER, kind INTEGER NOT NULL, PRIMARY KEY (term, role, seq)
) WITHOUT ROWID
"""
_MANY = 2_000  # a term of so many rows is not counted further
_WORDS = 50_000  # words kept in memory
_PAGE = 4_000  # labels read at a time, so that no reader holds back a checkpoint
_FULL = "s.seq, s.stored, s.id, w.word, e.body"
_JOINS = "JOIN envelopes AS e ON e.seq = s.seq JOIN words AS w ON w.number = s.source"


class Statements:
    """See `port.Statements`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._known: OrderedDict[str, int] = OrderedDict()

    def append(self, rows: Sequence[Row], clock: Clock) -> int:
        """As `port.Statements.append`."""
        words = {word for row in rows for word, _ in row.terms}
        words.update(word for row in rows for word in (row.kind, row.source))
        with self._connection.writing() as sqlite:
            last, before = sqlite.execute(
                "SELECT seq, stored FROM statements ORDER BY seq DESC LIMIT 1"
            ).fetchone() or (0, 0)
            stored = max(clock(), before + 1)
            numbers, fresh = self._numbers(sqlite, words)
            try:
                _write(sqlite, rows, numbers, last + 1, stored)
            except sqlite3.IntegrityError:
                raise errors.DuplicateIdError(_taken(sqlite, rows, last + 1)) from None
        self._remember(fresh)
        return stored

    def get(self, ids: Sequence[bytes]) -> dict[bytes, Stored]:
        """As `port.Statements.get`."""
        sql = f"SELECT {_FULL} FROM statements AS s {_JOINS} WHERE s.id = ?"  # noqa: S608 - constants of this module
        with self._connection.reading() as sqlite:
            rows = [sqlite.execute(sql, (each,)).fetchone() for each in ids]
        return {row[2]: Stored(*row) for row in rows if row is not None}

    def query(self, query: Query) -> list[Stored]:
        """As `port.Statements.query`."""
        with self._connection.reading() as sqlite:
            bounds = _bounds(sqlite, query)
            words = [word for word, _ in query.terms] + ([] if query.kind is None else [query.kind])
            numbers = self._existing(sqlite, words)
            if len(numbers) < len(set(words)):
                return []  # a word that was never seen: no row has it
            sql, parameters = _query_sql(_rarest_first(sqlite, query, numbers), numbers, bounds)
            return [Stored(*row) for row in sqlite.execute(sql, parameters)]

    def labels(self, *, term: tuple[str, int] | None = None, after: int = 0) -> Iterator[Clear]:
        """As `port.Statements.labels`."""
        sql = "SELECT seq, stored, id, label FROM statements WHERE seq > ? ORDER BY seq LIMIT ?"
        fixed: tuple[int, ...] = ()
        if term is not None:
            with self._connection.reading() as sqlite:
                numbers = self._existing(sqlite, [term[0]])
            if not numbers:
                return
            fixed = (numbers[term[0]], term[1])
            sql = (
                "SELECT s.seq, s.stored, s.id, s.label FROM terms AS t JOIN statements AS s ON s.seq = t.seq"
                " WHERE t.term = ? AND t.role = ? AND t.seq > ? ORDER BY t.seq LIMIT ?"
            )
        while True:
            with self._connection.reading() as sqlite:
                rows = sqlite.execute(sql, (*fixed, after, _PAGE)).fetchall()
            for row in rows:
                yield Clear(*row)
            if len(rows) < _PAGE:
                return
            after = rows[-1][0]

    def consistent_through(self, clock: Clock) -> int:
        """As `port.Statements.consistent_through`."""
        with self._connection.quiet() as quiet, self._connection.reading() as sqlite:
            row = sqlite.execute("SELECT stored FROM statements ORDER BY seq DESC LIMIT 1").fetchone() or (0,)
            last: int = row[0]
            return max(clock(), last) if quiet else last

    def _numbers(self, sqlite: sqlite3.Connection, words: Iterable[str]) -> tuple[dict[str, int], dict[str, int]]:
        """The number of each word, and of those that were not in memory; unknown words are added to the dictionary."""
        numbers = {word: number for word in words if (number := self._known.get(word)) is not None}
        fresh = self._existing(sqlite, [word for word in words if word not in numbers])
        for word in sorted(set(words) - numbers.keys() - fresh.keys()):
            fresh[word] = int(sqlite.execute("INSERT INTO words (word) VALUES (?)", (word,)).lastrowid or 0)
        numbers.update(fresh)
        return numbers, fresh

    def _existing(self, sqlite: sqlite3.Connection, words: Iterable[str]) -> dict[str, int]:
        found = {}
        for word in words:
            row = sqlite.execute("SELECT number FROM words WHERE word = ?", (word,)).fetchone()
            if row is not None:
                found[word] = row[0]
        return found

    def _remember(self, fresh: dict[str, int]) -> None:
        self._known.update(fresh)
        while len(self._known) > _WORDS:
            self._known.popitem(last=False)


def _write(sqlite: sqlite3.Connection, rows: Sequence[Row], numbers: dict[str, int], first: int, stored: int) -> None:
    sqlite.executemany(
        "INSERT INTO statements VALUES (?, ?, ?, ?, ?)",
        [(seq, row.id, stored, numbers[row.source], row.label) for seq, row in enumerate(rows, first)],
    )
    sqlite.executemany("INSERT INTO envelopes VALUES (?, ?)", [(seq, row.body) for seq, row in enumerate(rows, first)])
    terms = [
        (numbers[word], role, seq, numbers[row.kind]) for seq, row in enumerate(rows, first) for word, role in row.terms
    ]
    terms.sort()
    sqlite.executemany("INSERT INTO terms VALUES (?, ?, ?, ?)", terms)


def _taken(sqlite: sqlite3.Connection, rows: Sequence[Row], first: int) -> list[bytes]:
    """The ids of the batch that rows before `first` have, or that the batch itself has twice."""
    seen: set[bytes] = set()
    taken = []
    for row in rows:
        found = sqlite.execute("SELECT 1 FROM statements WHERE id = ? AND seq < ?", (row.id, first)).fetchone()
        if row.id in seen or found is not None:
            taken.append(row.id)
        seen.add(row.id)
    return taken


def _bounds(sqlite: sqlite3.Connection, query: Query) -> tuple[int, int]:
    """The range of seq that the query may touch: [low, high]. `stored` grows with seq, so time needs no index."""
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


def _rarest_first(sqlite: sqlite3.Connection, query: Query, numbers: dict[str, int]) -> Query:
    """The query driven by the term that the fewest rows have, counted no further than _MANY."""
    if len(query.terms) < 2:
        return query
    sql = "SELECT count(*) FROM (SELECT 1 FROM terms WHERE term = ? AND role = ? LIMIT ?)"
    counts = {term: sqlite.execute(sql, (numbers[term[0]], term[1], _MANY)).fetchone() for term in query.terms}
    return replace(query, terms=tuple(sorted(query.terms, key=lambda term: counts[term])))


def _query_sql(query: Query, numbers: dict[str, int], bounds: tuple[int, int]) -> tuple[str, list[Any]]:
    """One ordered range: of the first term, or of all rows if none is asked for."""
    order = "ASC" if query.ascending else "DESC"
    parameters: list[Any] = []
    if query.terms:
        (word, role), *others = query.terms
        where = "FROM terms AS t WHERE t.term = ? AND t.role = ? AND t.seq BETWEEN ? AND ?"
        parameters += [numbers[word], role, *bounds]
        if query.kind is not None:
            where += " AND t.kind = ?"
            parameters.append(numbers[query.kind])
        for other, its_role in others:
            where += " AND EXISTS (SELECT 1 FROM terms WHERE term = ? AND role = ? AND seq = t.seq)"
            parameters += [numbers[other], its_role]
    else:
        where = "FROM statements AS t WHERE t.seq BETWEEN ? AND ?"
        parameters += bounds
    parameters.append(query.limit)
    found = f"(SELECT t.seq AS seq {where} ORDER BY t.seq {order} LIMIT ?) AS found"
    joins = f"JOIN statements AS s ON s.seq = found.seq {_JOINS}"
    sql = f"SELECT {_FULL} FROM {found} {joins} ORDER BY s.seq {order}"  # noqa: S608 - constants; values are bound
    return sql, parameters
