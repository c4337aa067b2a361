"""Stores of released formats are opened, upgraded whole or not at all, and go on."""

import sqlite3

import pytest

from storage import errors, sqlite_migrations
from storage.port import Query
from tests.storage import stores
from tests.storage.stores import KIND, NOTES, Clock, note, row

# Format 1: version 0.1.0
_FORMAT_1 = """
PRAGMA journal_mode=WAL;
CREATE TABLE documents (collection TEXT, name TEXT, body BLOB NOT NULL, PRIMARY KEY (collection, name)) WITHOUT ROWID;
CREATE TABLE entries (
    collection TEXT, entry TEXT, name TEXT, PRIMARY KEY (collection, entry, name)
) WITHOUT ROWID;
CREATE TABLE declarations (collection TEXT PRIMARY KEY, indexed TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE words (number INTEGER PRIMARY KEY, word TEXT NOT NULL UNIQUE);
CREATE TABLE statements (
    seq INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE, stored INTEGER NOT NULL, source INTEGER NOT NULL, label BLOB NOT
    NULL
);
CREATE TABLE envelopes (seq INTEGER PRIMARY KEY, body BLOB NOT NULL);
CREATE TABLE terms (
    term INTEGER, role INTEGER, seq INTEGER, kind INTEGER NOT NULL, PRIMARY KEY (term, role, seq)
) WITHOUT ROWID;
PRAGMA application_id=1164866672;
PRAGMA user_version=1;
"""


@pytest.fixture
def directory(tmp_path):
    return tmp_path / "store"


@pytest.fixture
def rows():
    return [
        row(kind=("did", "saw")[number % 3 == 0], source=("lms", "quiz")[number % 2], body=bytes([number]))
        for number in range(9)
    ]


@pytest.fixture
def old(directory, rows):
    """A store as version 0.1.0 left it."""
    directory.mkdir()
    words = sorted({word for each in rows for word in (each.kind, each.source, *(word for word, _ in each.terms))})
    numbers = {word: number for number, word in enumerate(words, 1)}
    connection = sqlite3.connect(directory / "entrepot.db")
    connection.executescript(_FORMAT_1)
    connection.executemany("INSERT INTO words VALUES (?, ?)", [(number, word) for word, number in numbers.items()])
    for seq, each in enumerate(rows, 1):
        values = (seq, each.id, 1_000 + seq, numbers[each.source], each.label)
        connection.execute("INSERT INTO statements VALUES (?, ?, ?, ?, ?)", values)
        connection.execute("INSERT INTO envelopes VALUES (?, ?)", (seq, each.body))
        connection.executemany(
            "INSERT INTO terms VALUES (?, ?, ?, ?)",
            [(numbers[word], role, seq, numbers[each.kind]) for word, role in each.terms],
        )
    body = b'{"colour":"red","name":"n","owner":"o","size":3,"tags":["a","b"],"text":"hello"}'
    connection.execute("INSERT INTO documents VALUES ('notes', 'o\x1fn', ?)", (body,))
    connection.commit()
    connection.close()
    return directory


def _ids(found):
    return [each.id for each in found]


def test_a_store_of_the_released_format_is_upgraded_and_goes_on(old, rows):
    store = stores.open_store(f"sqlite:///{old}")
    statements = store.statements

    assert [(each.seq, each.stored, each.id, each.source, each.body, each.label) for each in statements.rows()] == [
        (seq, 1_000 + seq, each.id, each.source, each.body, each.label) for seq, each in enumerate(rows, 1)
    ]
    assert _ids(stores.find(statements, (("actor-1", 0),), ascending=True)) == _ids(rows)
    assert _ids(stores.find(statements, (("thing-1", 2),), kind=("saw", KIND), ascending=True)) == _ids(rows[::3])
    assert _ids(stores.find(statements, source="quiz", ascending=True)) == _ids(rows[1::2])
    assert store.get(NOTES, ("o", "n")) == note()
    assert store.find(NOTES, {"tags": "a"}) == [note()]
    assert statements.append([row(target=rows[0].id, voids=True)], Clock(5)) == 1_010
    assert statements.last() == 10
    assert _ids(stores.find(statements, (("actor-1", 0),), source="lms", ascending=True)) == _ids(rows[2::2])
    store.close()


def test_an_upgraded_store_is_opened_again_as_it_is(old):
    stores.open_store(f"sqlite:///{old}").close()
    store = stores.open_store(f"sqlite:///{old}")

    assert len(store.statements.query(Query()).rows) == 9
    store.close()


@pytest.mark.parametrize("steps", [0, 1, 5, 20, 60, 150])
def test_an_upgrade_that_was_killed_never_was_and_is_done_by_the_next_opening(old, rows, steps):
    connection = sqlite3.connect(old / "entrepot.db", isolation_level=None)
    connection.set_progress_handler(iter([0] * steps + [1] * 100_000).__next__, 10)
    connection.execute("BEGIN IMMEDIATE")
    with pytest.raises(sqlite3.OperationalError, match="interrupted"):
        sqlite_migrations.migrate(connection, 2)
    connection.close()

    store = stores.open_store(f"sqlite:///{old}")
    assert _ids(stores.find(store.statements, (("actor-1", 0),), ascending=True)) == _ids(rows)
    store.close()


def test_an_empty_store_of_the_released_format_is_upgraded(directory):
    directory.mkdir()
    connection = sqlite3.connect(directory / "entrepot.db")
    connection.executescript(_FORMAT_1)
    connection.close()
    store = stores.open_store(f"sqlite:///{directory}")

    store.statements.append([row()], Clock())
    assert len(stores.find(store.statements, (("actor-1", 0),))) == 1
    store.close()


def test_a_file_of_a_format_that_never_was_is_left_alone(old):
    connection = sqlite3.connect(old / "entrepot.db")
    connection.execute("PRAGMA user_version=99")
    connection.close()

    with pytest.raises(errors.DamagedError, match="format 99 is newer"):
        stores.open_store(f"sqlite:///{old}")
