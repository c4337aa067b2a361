"""From every released format of the SQLite store to the one that is here. Floor 0.

A migration is one transaction with the format number in it: killed half-way, it never was. Format 1 (version 0.1) kept
no terms with its rows and neither targets nor files; what only the sealed statements say is the collector's reindex.
"""

import sqlite3
from collections.abc import Callable, Iterable, Mapping
from itertools import groupby
from operator import itemgetter

from storage import sqlite_statements, sqlite_terms
from storage.port import SOURCE


def migrate(sqlite: sqlite3.Connection, to: int) -> None:
    """Bring the store to a format, step by step.

    Args:
        sqlite: Inside a transaction that has the write lock.
        to: The format that the code reads.
    """
    (format_,) = sqlite.execute("PRAGMA user_version").fetchone()
    for step in range(format_, to):
        _STEPS[step](sqlite)
        sqlite.execute(f"PRAGMA user_version={step + 1}")


def _from_1(sqlite: sqlite3.Connection) -> None:
    """The terms of a row were (term, role, seq, kind) alone; now the row keeps them as well."""
    for table in ("statements", "terms"):
        sqlite.execute(f"ALTER TABLE {table} RENAME TO old_{table}")
    for statement in (sqlite_statements.SCHEMA + sqlite_terms.SCHEMA).split(";"):
        if "TABLE envelopes" not in statement:
            sqlite.execute(statement)
    entries = sqlite.execute("SELECT seq, kind, term, role FROM old_terms ORDER BY seq, term, role")
    terms = groupby(entries, key=itemgetter(0))
    rows = sqlite.execute("SELECT seq, id, stored, source, label FROM old_statements ORDER BY seq")
    sqlite.executemany("INSERT INTO statements VALUES (?, ?, ?, ?, ?, ?, ?)", _rows(rows, terms))
    sqlite_terms.enter(sqlite, sqlite.execute("SELECT seq, kind, terms FROM statements"))
    sqlite.execute("UPDATE marks SET indexed = (SELECT coalesce(max(seq), 0) FROM statements)")
    for table in ("statements", "terms"):
        sqlite.execute(f"DROP TABLE old_{table}")


def _rows(
    rows: Iterable[tuple[int, bytes, int, int, bytes]], terms: Iterable[tuple[int, Iterable[tuple[int, ...]]]]
) -> Iterable[tuple[int, bytes, int, int, int, bytes, bytes]]:
    """Each row with its kind and packed terms; both orders are by seq, and every row had its verb as a term."""
    for (seq, statement_id, stored, source, label), (_, entries) in zip(rows, terms, strict=True):
        found = list(entries)
        packed = [sqlite_terms.number(term, role) for _, _, term, role in found]
        packed.append(sqlite_terms.number(source, SOURCE))
        yield seq, statement_id, stored, source, found[0][1], sqlite_terms.pack(packed), label


_STEPS: Mapping[int, Callable[[sqlite3.Connection], None]] = {1: _from_1}
