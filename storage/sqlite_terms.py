"""The index of the hot port in SQLite: which rows have a term, and which inherit one from a row that they target.

Floor 0. One entry is (term, seq, via, kind): the row `seq` has the term itself (via 0), or is found by it because it
targets the row `via`, at once or along a chain. A term is one integer made of a word's number and a role, so that each
question is one ordered range of a WITHOUT ROWID table.
"""

import sqlite3
import struct
from collections.abc import Iterable, Sequence

SCHEMA = """
CREATE TABLE terms (
    term INTEGER, seq INTEGER, via INTEGER, kind INTEGER NOT NULL, PRIMARY KEY (term, seq, via)
) WITHOUT ROWID;
CREATE TABLE refs (target BLOB, seq INTEGER, voids INTEGER NOT NULL, PRIMARY KEY (target, seq)) WITHOUT ROWID;
CREATE INDEX refs_by_seq ON refs (seq);
CREATE TABLE voided (seq INTEGER PRIMARY KEY)
"""
CHAIN = 16  # so many rows along a chain of targets lend their terms
_ROLES = 8


def number(word: int, role: int) -> int:
    """The integer that stands for a term; roles are from -1 to 6."""
    return word * _ROLES + role + 1


def pack(terms: Sequence[int]) -> bytes:
    """The terms of a row as it keeps them."""
    return struct.pack(f"<{len(terms)}Q", *terms)


def unpack(packed: bytes) -> tuple[int, ...]:
    """The terms of packed bytes.

    >>> unpack(pack((9, 300)))
    (9, 300)
    """
    return struct.unpack(f"<{len(packed) // 8}Q", packed)


def enter(sqlite: sqlite3.Connection, rows: Iterable[tuple[int, int, bytes]]) -> None:
    """Index rows by their own terms.

    Args:
        sqlite: Inside a transaction.
        rows: (seq, kind, packed terms).
    """
    entries = [(term, seq, 0, kind) for seq, kind, packed in rows for term in unpack(packed)]
    entries.sort()  # neighbours in the tree are written together
    sqlite.executemany("INSERT OR IGNORE INTO terms VALUES (?, ?, ?, ?)", entries)


def targeted(sqlite: sqlite3.Connection, ids: Sequence[bytes]) -> bool:
    """Whether an earlier row targets one of these new ids."""
    if sqlite.execute("SELECT 1 FROM refs LIMIT 1").fetchone() is None:
        return False
    return any(sqlite.execute("SELECT 1 FROM refs WHERE target = ? LIMIT 1", (each,)).fetchone() for each in ids)


def refer(sqlite: sqlite3.Connection, refs: Iterable[tuple[bytes, int, bool]]) -> None:
    """Note that rows target ids: (target, seq, voids)."""
    sqlite.executemany("INSERT INTO refs VALUES (?, ?, ?)", refs)


def link(sqlite: sqlite3.Connection, seqs: Sequence[int]) -> None:
    """Let rows inherit from what they target, and those who target them, from them; void what is to be void."""
    for seq in seqs:
        below = {seq, *_chain(sqlite, seq)}
        for heir in (seq, *_referrers(sqlite, seq)):
            for via in _chain(sqlite, heir):
                if via in below:
                    _inherit(sqlite, heir, via)
    for each in {each for seq in seqs for each in (seq, *_chain(sqlite, seq)[:1])}:
        _void(sqlite, each)


def unlink(sqlite: sqlite3.Connection, seq: int) -> None:
    """Take every entry of a row away, and those that others have by it."""
    below = {seq, *_chain(sqlite, seq)}
    for heir in (seq, *_referrers(sqlite, seq)):
        for via in _chain(sqlite, heir):
            if via in below:
                _, packed = _terms(sqlite, via)
                sqlite.executemany(
                    "DELETE FROM terms WHERE term = ? AND seq = ? AND via = ?",
                    [(term, heir, via) for term in unpack(packed)],
                )
    _, packed = _terms(sqlite, seq)
    sqlite.executemany(
        "DELETE FROM terms WHERE term = ? AND seq = ? AND via = 0", [(term, seq) for term in unpack(packed)]
    )


def unrefer(sqlite: sqlite3.Connection, seq: int) -> None:
    """Forget what a row targets; what it alone made void is void no longer."""
    target = _target(sqlite, seq)
    sqlite.execute("DELETE FROM refs WHERE seq = ?", (seq,))
    if target is not None:
        _void(sqlite, target)


def _inherit(sqlite: sqlite3.Connection, heir: int, via: int) -> None:
    kind, packed = _terms(sqlite, via)
    sqlite.executemany(
        "INSERT OR IGNORE INTO terms VALUES (?, ?, ?, ?)", [(term, heir, via, kind) for term in unpack(packed)]
    )


def _void(sqlite: sqlite3.Connection, seq: int) -> None:
    """Bring the mark of a row in line with who voids it; a row that voids one itself is never void."""
    sql = (
        "SELECT EXISTS (SELECT 1 FROM statements AS s JOIN refs AS r ON r.target = s.id WHERE s.seq = ? AND r.voids)"
        " AND NOT EXISTS (SELECT 1 FROM refs WHERE seq = ? AND voids)"
    )
    if sqlite.execute(sql, (seq, seq)).fetchone()[0]:
        sqlite.execute("INSERT OR IGNORE INTO voided VALUES (?)", (seq,))
    else:
        sqlite.execute("DELETE FROM voided WHERE seq = ?", (seq,))


def _terms(sqlite: sqlite3.Connection, seq: int) -> tuple[int, bytes]:
    row: tuple[int, bytes] = sqlite.execute("SELECT kind, terms FROM statements WHERE seq = ?", (seq,)).fetchone()
    return row


def _target(sqlite: sqlite3.Connection, seq: int) -> int | None:
    """The row that a row targets, if it is there."""
    row = sqlite.execute(
        "SELECT s.seq FROM refs AS r JOIN statements AS s ON s.id = r.target WHERE r.seq = ?", (seq,)
    ).fetchone()
    return None if row is None else int(row[0])


def _chain(sqlite: sqlite3.Connection, seq: int) -> list[int]:
    """What a row targets, what that targets, and so on; no row twice."""
    chain: list[int] = []
    following = _target(sqlite, seq)
    while following is not None and following != seq and following not in chain and len(chain) < CHAIN:
        chain.append(following)
        following = _target(sqlite, following)
    return chain


def _referrers(sqlite: sqlite3.Connection, seq: int) -> list[int]:
    """The rows that target a row, those who target them, and so on, as far as a chain reaches; no row twice."""
    found: list[int] = []
    level = [seq]
    for _ in range(CHAIN):
        above = [
            row[0]
            for each in level
            for row in sqlite.execute(
                "SELECT r.seq FROM statements AS s JOIN refs AS r ON r.target = s.id WHERE s.seq = ?", (each,)
            )
        ]
        level = [each for each in dict.fromkeys(above) if each != seq and each not in found]
        if not level:
            break
        found += level
    return found
