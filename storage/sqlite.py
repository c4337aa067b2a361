"""The `sqlite` adapter: one file in one directory, several processes. Floor 0.

WAL, synchronous=FULL: a commit is on the disk before it is answered. A document is one row of one table, its index
entries are rows of another, whatever its collection.
"""

import sqlite3
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from storage import document, errors, sqlite_migrations, sqlite_statements, sqlite_terms, sqlite_words
from storage.collection import Collection
from storage.port import Document, Key
from storage.sqlite_connection import FILE, WAIT_MS, Connection, damaged

_APPLICATION = 0x456E7470  # "Entp", in the file's header
_FORMAT = 2
_MOVED = 0.005  # seconds between two looks whether the log is moved still
_COUNTED = (32, 1_024, 32_768)  # documents of an entry, before another is looked at more closely
LOG_PAGES = 16_000  # of 4 KiB; a commit that makes the log longer moves it itself
_SCHEMA = """
CREATE TABLE documents (collection TEXT, name TEXT, body BLOB NOT NULL, PRIMARY KEY (collection, name)) WITHOUT ROWID;
CREATE TABLE entries (
    collection TEXT, entry TEXT, name TEXT, PRIMARY KEY (collection, entry, name)
) WITHOUT ROWID;
CREATE TABLE declarations (collection TEXT PRIMARY KEY, indexed TEXT NOT NULL) WITHOUT ROWID;
"""


class Sqlite:
    """The store in one directory; see `port.Storage` for what each verb promises."""

    def __init__(self, directory: str, collections: Sequence[Collection]) -> None:
        self._declared = tuple(collections)
        path = Path(directory)
        _make_writable(path)
        self._connection = Connection(path)
        try:
            self._open()
        except BaseException:
            self._connection.close()
            raise
        self._statements = sqlite_statements.Statements(self._connection)

    @property
    def statements(self) -> sqlite_statements.Statements:
        """As `port.Storage.statements`."""
        if not any(collection.hot for collection in self._declared):
            raise errors.UndeclaredError("No hot collection was declared: hand it to connect.connect(url, ...).")
        return self._statements

    def insert(self, collection: Collection, document_: Mapping[str, Any]) -> None:
        """As `port.Storage.insert`."""
        name, body, entries = self._prepared(collection, document_)
        with self._connection.writing() as sqlite:
            if not _insert(sqlite, collection.name, name, body, entries):
                msg = f"{collection.name} has a document with this key already."
                raise errors.DuplicateKey(msg)

    def insert_missing(self, collection: Collection, documents: Iterable[Mapping[str, Any]]) -> list[Document]:
        """As `port.Storage.insert_missing`."""
        prepared = [self._prepared(collection, each) for each in documents]
        with self._connection.writing() as sqlite:
            for name, body, entries in prepared:
                _insert(sqlite, collection.name, name, body, entries)
            bodies = [_body(sqlite, collection.name, name) for name, _, _ in prepared]
        return [document.decode(body) for body in bodies if body is not None]

    def get(self, collection: Collection, key: Key) -> Document | None:
        """As `port.Storage.get`."""
        name = self._name(collection, key)
        with self._connection.reading() as sqlite:
            body = _body(sqlite, collection.name, name)
        return None if body is None else document.decode(body)

    def get_many(self, collection: Collection, keys: Sequence[Key]) -> dict[Key, Document]:
        """As `port.Storage.get_many`."""
        names = {key: self._name(collection, key) for key in keys}
        with self._connection.reading() as sqlite:
            bodies = {key: _body(sqlite, collection.name, name) for key, name in names.items()}
        return {key: document.decode(body) for key, body in bodies.items() if body is not None}

    def find(
        self,
        collection: Collection,
        where: Mapping[str, Any] | None = None,
        *,
        limit: int | None = None,
        after: Key | None = None,
        descending: bool = False,
    ) -> list[Document]:
        """As `port.Storage.find`."""
        document.check_declared(self._declared, collection)
        wanted = document.wanted(collection, where)
        with self._connection.snapshot() as sqlite:  # a document that changes meanwhile is not half of each
            sql, parameters = _find_sql(collection.name, _rarest_first(sqlite, collection.name, wanted))
            if after is not None:
                sql += f" AND name {'<' if descending else '>'} ?"
                parameters.append(document.name(collection, after))
            sql += f" ORDER BY name {'DESC' if descending else 'ASC'} LIMIT ?"
            parameters.append(-1 if limit is None else limit)
            names = [name for (name,) in sqlite.execute(sql, parameters)]
            bodies = [_body(sqlite, collection.name, name) for name in names]
        return [document.decode(body) for body in bodies if body is not None]

    def replace(
        self, collection: Collection, document_: Mapping[str, Any], *, expected: Mapping[str, Any] | None
    ) -> bool:
        """As `port.Storage.replace`."""
        name, body, entries = self._prepared(collection, document_)
        old = None if expected is None else document.encode(collection, expected)
        with self._connection.writing() as sqlite:
            if _body(sqlite, collection.name, name) != old:
                return False
            _delete(sqlite, collection, name)
            _insert(sqlite, collection.name, name, body, entries)
        return True

    def take(self, collection: Collection, key: Key) -> Document | None:
        """As `port.Storage.take`."""
        name = self._name(collection, key)
        with self._connection.writing() as sqlite:
            body = _delete(sqlite, collection, name)
        return None if body is None else document.decode(body)

    def delete(self, collection: Collection, key: Key, *, expected: Mapping[str, Any] | None = None) -> bool:
        """As `port.Storage.delete`."""
        if expected is None:
            return self.take(collection, key) is not None
        name, old = self._name(collection, key), document.encode(collection, expected)
        with self._connection.writing() as sqlite:
            if _body(sqlite, collection.name, name) != old:
                return False
            _delete(sqlite, collection, name)
        return True

    def scrub(self) -> None:
        """As `port.Storage.scrub`: the log goes into the database, where what is removed is overwritten, and ends."""
        # SQLite waits for readers by itself, but never for who moves the log just now (`Checkpoints` of any process).
        until = time.monotonic() + WAIT_MS / 1000
        with self._connection.alone() as sqlite:
            while sqlite.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]:
                if time.monotonic() > until:
                    msg = "A reader holds the log of the store for long: try again when it is done."
                    raise errors.UnavailableError(msg)
                time.sleep(_MOVED)

    def close(self) -> None:
        """As `port.Storage.close`."""
        self._connection.close()

    def _name(self, collection: Collection, key: Key) -> str:
        document.check_declared(self._declared, collection)
        return document.name(collection, key)

    def _prepared(self, collection: Collection, each: Mapping[str, Any]) -> tuple[str, bytes, list[str]]:
        name = self._name(collection, document.key_of(collection, each))
        return name, document.encode(collection, each), document.entries(collection, each)

    def _open(self) -> None:
        with self._connection.alone() as sqlite:
            application, format_ = (sqlite.execute(f"PRAGMA {pragma}").fetchone()[0] for pragma in _HEADER)
            if sqlite.execute("SELECT count(*) FROM sqlite_master").fetchone()[0] and application != _APPLICATION:
                raise damaged(self._connection.directory / FILE, "its header names another program")
            if format_ > _FORMAT:
                raise damaged(self._connection.directory / FILE, f"its format {format_} is newer than ours, {_FORMAT}")
            for pragma in (
                "journal_mode=WAL",
                "synchronous=FULL",
                f"wal_autocheckpoint={LOG_PAGES}",
                "cache_size=-32768",
                "secure_delete=ON",
                f"busy_timeout={WAIT_MS}",
            ):
                sqlite.execute(f"PRAGMA {pragma}")
        with self._connection.writing() as sqlite:
            if not sqlite.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
                for statement in (
                    _SCHEMA + sqlite_statements.SCHEMA + sqlite_terms.SCHEMA + ";" + sqlite_words.SCHEMA
                ).split(";"):
                    sqlite.execute(statement)
                sqlite.execute(f"PRAGMA application_id={_APPLICATION}")
                sqlite.execute(f"PRAGMA user_version={_FORMAT}")
            sqlite_migrations.migrate(sqlite, _FORMAT)
            for collection in self._declared:
                if not collection.hot:
                    _declare(sqlite, collection)


_HEADER = ("application_id", "user_version")


def _make_writable(path: Path) -> None:
    try:
        path.mkdir(parents=True, exist_ok=True)
        (path / FILE).touch(0o600)
    except OSError as error:
        reason = f"The store's directory {path} cannot be written ({error.strerror})"
        message = f"{reason}: choose a writable one in ENTREPOT_STORAGE."
        raise errors.UnavailableError(message) from None


def _declare(sqlite: sqlite3.Connection, collection: Collection) -> None:
    """Make the index entries anew if the declaration asks for other fields than when they were written."""
    indexed = document.indexed(collection)
    row = sqlite.execute("SELECT indexed FROM declarations WHERE collection=?", (collection.name,)).fetchone()
    if row is not None and row[0] == indexed:
        return
    sqlite.execute("DELETE FROM entries WHERE collection=?", (collection.name,))
    rows = sqlite.execute("SELECT name, body FROM documents WHERE collection=?", (collection.name,)).fetchall()
    for name, body in rows:
        _enter(sqlite, collection.name, name, document.entries(collection, document.decode(body)))
    sqlite.execute("INSERT OR REPLACE INTO declarations VALUES (?, ?)", (collection.name, indexed))


def _enter(sqlite: sqlite3.Connection, collection: str, name: str, entries: Iterable[str]) -> None:
    sqlite.executemany("INSERT INTO entries VALUES (?, ?, ?)", [(collection, entry, name) for entry in entries])


def _insert(sqlite: sqlite3.Connection, collection: str, name: str, body: bytes, entries: Iterable[str]) -> bool:
    done = sqlite.execute("INSERT OR IGNORE INTO documents VALUES (?, ?, ?)", (collection, name, body)).rowcount == 1
    if done:
        _enter(sqlite, collection, name, entries)
    return done


def _delete(sqlite: sqlite3.Connection, collection: Collection, name: str) -> bytes | None:
    body = _body(sqlite, collection.name, name)
    if body is not None:
        sqlite.execute("DELETE FROM documents WHERE collection=? AND name=?", (collection.name, name))
        entries = document.entries(collection, document.decode(body))
        sqlite.executemany(
            "DELETE FROM entries WHERE collection=? AND entry=? AND name=?",
            [(collection.name, entry, name) for entry in entries],
        )
    return body


def _body(sqlite: sqlite3.Connection, collection: str, name: str) -> bytes | None:
    row = sqlite.execute("SELECT body FROM documents WHERE collection=? AND name=?", (collection, name)).fetchone()
    return None if row is None else row[0]


def _rarest_first(sqlite: sqlite3.Connection, collection: str, wanted: Sequence[str]) -> Sequence[str]:
    """The entries, that of the fewest documents first: `_find_sql` walks through it and looks the others up."""
    sql = "SELECT count(*) FROM (SELECT 1 FROM entries WHERE collection=? AND entry=? LIMIT ?)"
    for most in _COUNTED if len(wanted) > 1 else ():
        counts = [sqlite.execute(sql, (collection, each, most)).fetchone()[0] for each in wanted]
        rarest = counts.index(min(counts))
        if counts[rarest] < most:
            return [wanted[rarest], *wanted[:rarest], *wanted[rarest + 1 :]]
    return wanted


def _find_sql(collection: str, wanted: Sequence[str]) -> tuple[str, list[Any]]:
    if not wanted:
        return "SELECT name FROM documents WHERE collection=?", [collection]
    first, *others = wanted
    sql = "SELECT name FROM entries AS one WHERE collection=? AND entry=?"
    sql += " AND EXISTS (SELECT 1 FROM entries WHERE collection=? AND entry=? AND name=one.name)" * len(others)
    parameters: list[Any] = [collection, first]
    for other in others:
        parameters += [collection, other]
    return sql, parameters
