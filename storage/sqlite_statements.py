"""The hot port in SQLite: the write path and the small reads; `sqlite_query` answers queries. Floor 0.

Words (pseudonyms, IRIs) become integers by a dictionary. Labels and envelopes are apart: who reads labels reads no
envelope. `seq` and `stored` are assigned inside the write lock and grow together. The index of terms takes new rows in
by the thousand (`sqlite_tail`), or at once where rows target one another.
"""

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from storage import errors, sqlite_query, sqlite_tail, sqlite_terms, sqlite_words
from storage.port import SOURCE, Clear, Clock, Page, Query, Row, Stored, Term, Whole
from storage.sqlite_connection import Connection

SCHEMA = """
CREATE TABLE statements (
    seq INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE, stored INTEGER NOT NULL, source INTEGER NOT NULL,
    kind INTEGER NOT NULL, terms BLOB NOT NULL, label BLOB NOT NULL
);
CREATE TABLE envelopes (seq INTEGER PRIMARY KEY, body BLOB NOT NULL);
CREATE TABLE files (seq INTEGER, name TEXT, body BLOB NOT NULL, PRIMARY KEY (seq, name)) WITHOUT ROWID;
CREATE TABLE marks (
    one INTEGER PRIMARY KEY CHECK (one = 1), indexed INTEGER NOT NULL, last INTEGER NOT NULL, stored INTEGER NOT NULL,
    forgotten INTEGER NOT NULL
);
INSERT INTO marks VALUES (1, 0, 0, 0, 0);
"""
_BEYOND = 2**62  # greater than any seq
_PAGE = 4_000  # rows read at a time, so that no reader holds back a checkpoint
_FULL = "s.seq, s.stored, s.id, w.word, e.body, EXISTS (SELECT 1 FROM voided WHERE seq = s.seq)"
_MARKS = (
    "SELECT indexed, last, marks.stored, forgotten, newest.seq, newest.stored FROM marks"
    " LEFT JOIN (SELECT seq, stored FROM statements ORDER BY seq DESC LIMIT 1) AS newest"
)
_JOINS = "JOIN envelopes AS e ON e.seq = s.seq JOIN words AS w ON w.number = s.source"


class Statements:
    """See `port.Statements`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._words = sqlite_words.Words()
        self._tail = sqlite_tail.Tail()

    def append(self, rows: Sequence[Row], clock: Clock, *, epoch: int | None = None) -> int:
        """As `port.Statements.append`."""
        with self._connection.writing() as sqlite:
            indexed, last, before = self._marks(sqlite)
            if epoch not in (None, self._words.epoch):
                raise errors.StaleError("The rows were made in an earlier epoch: make them again.")
            stored = max(clock(), before + 1)
            numbers, fresh = self._words.make(sqlite, _used(rows))
            numbered = [(last + place, row) for place, row in enumerate(rows, 1)]
            try:
                _write(sqlite, numbered, numbers, stored)
            except sqlite3.IntegrityError:
                raise errors.DuplicateIdError(_taken(sqlite, rows, last + 1)) from None
            newest = last + len(rows)
            linked = [seq for seq, row in numbered if row.target is not None]
            if linked or sqlite_terms.targeted(sqlite, [row.id for row in rows]):
                _index(sqlite, indexed, newest)
                sqlite_terms.refer(sqlite, _refs(numbered))
                sqlite_terms.link(sqlite, [seq for seq, _ in numbered])
            elif newest - indexed >= sqlite_tail.MOST:
                _index(sqlite, indexed, newest)
        self._words.remember(fresh)
        return stored

    def get(self, ids: Sequence[bytes]) -> dict[bytes, Stored]:
        """As `port.Statements.get`."""
        sql = f"SELECT {_FULL} FROM statements AS s {_JOINS} WHERE s.id = ?"  # noqa: S608 - constants of this module
        with self._connection.reading() as sqlite:
            rows = [sqlite.execute(sql, (each,)).fetchone() for each in ids]
        return {row[2]: _stored(row) for row in rows if row is not None}

    def query(self, query: Query) -> Page:
        """As `port.Statements.query`."""
        if query.limit < 1:
            return Page([], None)
        with self._connection.snapshot() as sqlite:
            indexed, _, _ = self._marks(sqlite)
            asked = self._asked(sqlite, query)
            if asked is None:
                return Page([], None)
            self._tail.read(sqlite, indexed)
            seqs, resume = sqlite_query.find(sqlite, asked, self._tail)
            sql = (
                f"SELECT {_FULL} FROM json_each(?) AS found JOIN statements AS s ON s.seq = found.value"  # noqa: S608 - constants of this module
                f" {_JOINS} ORDER BY found.key"
            )
            rows = sqlite.execute(sql, (json.dumps(seqs),)).fetchall() if seqs else []
        return Page([_stored(row) for row in rows], resume)

    def files(self, seqs: Sequence[int]) -> dict[int, dict[str, bytes]]:
        """As `port.Statements.files`."""
        found: dict[int, dict[str, bytes]] = {}
        with self._connection.reading() as sqlite:
            for seq in seqs:
                rows = sqlite.execute("SELECT name, body FROM files WHERE seq = ?", (seq,)).fetchall()
                if rows:
                    found[seq] = dict(rows)
        return found

    def labels(self, *, term: Term | None = None, after: int = 0) -> Iterator[Clear]:
        """As `port.Statements.labels`."""
        sql = "SELECT seq, stored, id, label FROM statements AS s WHERE s.seq IN (SELECT value FROM json_each(?))"
        void = "NOT EXISTS (SELECT 1 FROM voided WHERE seq = s.seq)"
        if term is None:
            sql = (
                f"SELECT seq, stored, id, label FROM statements AS s WHERE s.seq > ? AND {void} ORDER BY s.seq LIMIT ?"  # noqa: S608 - constants of this module
            )
            for rows in self._pages(sql, after):
                yield from (Clear(*row) for row in rows)
            return
        sql += f" AND {void} ORDER BY s.seq"
        for seqs in self._having(term, after):
            with self._connection.reading() as sqlite:
                rows = sqlite.execute(sql, (json.dumps(seqs),)).fetchall()
            yield from (Clear(*row) for row in rows)

    def rows(self, *, term: Term | None = None, after: int = 0) -> Iterator[Whole]:
        """As `port.Statements.rows`."""
        full = _FULL.replace("e.body,", "e.body, s.label,")
        if term is None:
            sql = f"SELECT {full} FROM statements AS s {_JOINS} WHERE s.seq > ? ORDER BY s.seq LIMIT ?"  # noqa: S608 - constants of this module
            for rows in self._pages(sql, after):
                yield from (_whole(row) for row in rows)
            return
        sql = (
            f"SELECT {full} FROM statements AS s {_JOINS}"  # noqa: S608 - constants of this module
            " WHERE s.seq IN (SELECT value FROM json_each(?)) ORDER BY s.seq"
        )
        for seqs in self._having(term, after):
            with self._connection.reading() as sqlite:
                rows = sqlite.execute(sql, (json.dumps(seqs),)).fetchall()
            yield from (_whole(row) for row in rows)

    def rewrite(self, rows: Sequence[tuple[int, Row]]) -> None:
        """As `port.Statements.rewrite`."""
        with self._connection.writing() as sqlite:
            indexed, last, _ = self._marks(sqlite)
            _index(sqlite, indexed, last)
            there = [(seq, row) for seq, row in rows if _exists(sqlite, seq, row.id)]
            numbers, fresh = self._words.make(sqlite, _used(row for _, row in there))
            for seq, row in there:
                sqlite_terms.unlink(sqlite, seq)
                sqlite_terms.unrefer(sqlite, seq)
                packed = _packed(row, numbers)
                sqlite.execute(
                    "UPDATE statements SET source = ?, kind = ?, terms = ?, label = ? WHERE seq = ?",
                    (numbers[row.source], numbers[row.kind], packed, row.label, seq),
                )
                sqlite.execute("UPDATE envelopes SET body = ? WHERE seq = ?", (row.body, seq))
                sqlite.execute("DELETE FROM files WHERE seq = ?", (seq,))
                sqlite.executemany("INSERT INTO files VALUES (?, ?, ?)", [(seq, *file) for file in row.files])
                sqlite_terms.enter(sqlite, [(seq, numbers[row.kind], packed)])
            sqlite_terms.refer(sqlite, _refs(there))
            sqlite_terms.link(sqlite, [seq for seq, _ in there])
        self._words.remember(fresh)

    def restore(self, rows: Sequence[tuple[int, int, Row]]) -> int:
        """As `port.Statements.restore`."""
        with self._connection.writing() as sqlite:
            indexed, last, before = self._marks(sqlite)
            _index(sqlite, indexed, last)
            taken = set(_taken(sqlite, [row for _, _, row in rows], _BEYOND))
            new = [each for each in rows if each[2].id not in taken and not _exists(sqlite, each[0])]
            numbers, fresh = self._words.make(sqlite, _used(row for _, _, row in new))
            for seq, stored, row in new:
                _write(sqlite, [(seq, row)], numbers, stored)
            numbered = [(seq, row) for seq, _, row in new]
            sqlite_terms.enter(sqlite, [(seq, numbers[row.kind], _packed(row, numbers)) for seq, row in numbered])
            last, before = max([(last, before), *((seq, stored) for seq, stored, _ in new)])
            sqlite.execute("UPDATE marks SET indexed = ?, last = ?, stored = ?", (last, last, before))
            sqlite_terms.refer(sqlite, _refs(numbered))
            if sqlite_terms.targeted(sqlite, [row.id for _, row in numbered]) or _refs(numbered):
                sqlite_terms.link(sqlite, [seq for seq, _ in numbered])
        self._words.remember(fresh)
        return len(new)

    def remove(self, seqs: Sequence[int]) -> int:
        """As `port.Statements.remove`."""
        with self._connection.writing() as sqlite:
            indexed, last, stored = self._marks(sqlite)
            _index(sqlite, indexed, last)
            sqlite.execute("UPDATE marks SET last = ?, stored = ?", (last, stored))
            there = [seq for seq in dict.fromkeys(seqs) if _exists(sqlite, seq)]
            for seq in there:
                sqlite_terms.unlink(sqlite, seq)
                sqlite_terms.unrefer(sqlite, seq)
                for table in ("voided", "files", "envelopes", "statements"):
                    sqlite.execute(f"DELETE FROM {table} WHERE seq = ?", (seq,))  # noqa: S608 - constants
        return len(there)

    def forget(self, words: Sequence[str]) -> None:
        """As `port.Statements.forget`."""
        with self._connection.writing() as sqlite:
            indexed, last, _ = self._marks(sqlite)
            _index(sqlite, indexed, last)
            for number in sqlite_words.existing(sqlite, words).values():
                low, high = sqlite_terms.number(number, SOURCE), sqlite_terms.number(number + 1, SOURCE)
                used = sqlite.execute("SELECT 1 FROM terms WHERE term >= ? AND term < ? LIMIT 1", (low, high))
                if used.fetchone() is None:
                    sqlite.execute("DELETE FROM words WHERE number = ?", (number,))
            sqlite.execute("UPDATE marks SET forgotten = forgotten + 1")

    def epoch(self) -> int:
        """As `port.Statements.epoch`."""
        with self._connection.reading() as sqlite:
            self._marks(sqlite)
            return self._words.epoch

    def last(self) -> int:
        """As `port.Statements.last`."""
        with self._connection.reading() as sqlite:
            return self._marks(sqlite)[1]

    def consistent_through(self, clock: Clock) -> int:
        """As `port.Statements.consistent_through`."""
        with self._connection.quiet() as quiet, self._connection.reading() as sqlite:
            _, _, last = self._marks(sqlite)
            return max(clock(), last) if quiet else last

    def _marks(self, sqlite: sqlite3.Connection) -> tuple[int, int, int]:
        """How far the index goes, the last seq and the last time of storing; words that were removed are dropped."""
        marks = sqlite.execute(_MARKS).fetchone()
        indexed, last, stored, forgotten, newest, newest_stored = marks
        self._words.follow(forgotten)
        return indexed, *max((last, stored), (newest or 0, newest_stored or 0))

    def _asked(self, sqlite: sqlite3.Connection, query: Query) -> sqlite_query.Asked | None:
        """The query in numbers, or None where it asks for a word that no row has."""
        words = {word for group in query.groups for word, _ in group}
        words.update(() if query.kind is None else (query.kind[0],), () if query.source is None else (query.source,))
        numbers = self._words.of(sqlite, words)

        def group(terms: Iterable[Term]) -> tuple[int, ...]:
            return tuple(
                dict.fromkeys(sqlite_terms.number(numbers[word], role) for word, role in terms if word in numbers)
            )

        groups = [group(terms) for terms in query.groups]
        kind = () if query.kind is None else group([query.kind])
        source = () if query.source is None else group([(query.source, SOURCE)])
        if not all(groups) or (query.kind is not None and not kind) or (query.source is not None and not source):
            return None
        low, high = sqlite_query.bounds(sqlite, query)
        return sqlite_query.Asked(
            groups,
            kind[0] if kind else None,
            None if query.kind is None else numbers[query.kind[0]],
            source[0] if source else None,
            low,
            high,
            query.limit,
            query.ascending,
        )

    def _pages(self, sql: str, after: int) -> Iterator[list[Any]]:
        while True:
            with self._connection.reading() as sqlite:
                rows = sqlite.execute(sql, (after, _PAGE)).fetchall()
            yield rows
            if len(rows) < _PAGE:
                return
            after = rows[-1][0]

    def _having(self, term: Term, after: int) -> Iterator[list[int]]:
        """The seqs of the rows that have a term of their own, oldest first, a page at a time."""
        while True:
            with self._connection.snapshot() as sqlite:
                indexed, _, _ = self._marks(sqlite)
                numbers = self._words.of(sqlite, [term[0]])
                if not numbers:
                    return
                self._tail.read(sqlite, indexed)
                seqs = sqlite_query.own(
                    sqlite, sqlite_terms.number(numbers[term[0]], term[1]), after, _PAGE, self._tail
                )
            yield seqs
            if len(seqs) < _PAGE:
                return
            after = seqs[-1]


def _used(rows: Iterable[Row]) -> set[str]:
    """Every word of the rows."""
    words: set[str] = set()
    for row in rows:
        words.update((row.kind, row.source), (word for word, _ in row.terms))
    return words


def _write(
    sqlite: sqlite3.Connection, rows: Sequence[tuple[int, Row]], numbers: Mapping[str, int], stored: int
) -> None:
    sqlite.executemany(
        "INSERT INTO statements VALUES (?, ?, ?, ?, ?, ?, ?)",
        [
            (seq, row.id, stored, numbers[row.source], numbers[row.kind], _packed(row, numbers), row.label)
            for seq, row in rows
        ],
    )
    sqlite.executemany("INSERT INTO envelopes VALUES (?, ?)", [(seq, row.body) for seq, row in rows])
    files = [(seq, name, content) for seq, row in rows for name, content in row.files]
    if files:
        sqlite.executemany("INSERT INTO files VALUES (?, ?, ?)", files)


def _packed(row: Row, numbers: Mapping[str, int]) -> bytes:
    return sqlite_terms.pack(
        [*(numbers[word] * 8 + role + 1 for word, role in row.terms), numbers[row.source] * 8 + SOURCE + 1]
    )


def _refs(rows: Iterable[tuple[int, Row]]) -> list[tuple[bytes, int, bool]]:
    return [(row.target, seq, row.voids) for seq, row in rows if row.target is not None]


def _index(sqlite: sqlite3.Connection, indexed: int, last: int) -> None:
    """Let the index know every row up to the last."""
    if indexed < last:
        sql = "SELECT seq, kind, terms FROM statements WHERE seq > ?"
        sqlite_terms.enter(sqlite, sqlite.execute(sql, (indexed,)).fetchall())
        sqlite.execute("UPDATE marks SET indexed = ?", (last,))


def _exists(sqlite: sqlite3.Connection, seq: int, statement_id: bytes | None = None) -> bool:
    row = sqlite.execute("SELECT id FROM statements WHERE seq = ?", (seq,)).fetchone()
    return row is not None and statement_id in (None, row[0])


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


def _stored(row: tuple[int, int, bytes, str, bytes, int]) -> Stored:
    return Stored(row[0], row[1], row[2], row[3], row[4], bool(row[5]))


def _whole(row: tuple[int, int, bytes, str, bytes, bytes, int]) -> Whole:
    return Whole(row[0], row[1], row[2], row[3], row[4], row[5], bool(row[6]))
