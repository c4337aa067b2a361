"""What only the SQLite adapter promises: its file, its errors, several processes."""

import contextlib
import itertools
import multiprocessing
import sqlite3

import pytest

from storage import errors, sqlite_tail, sqlite_words
from storage.port import Query
from tests.storage import stores
from tests.storage.stores import NOTES, Clock, note, row


@pytest.fixture
def directory(tmp_path):
    return tmp_path / "store"


@pytest.fixture
def store(directory):
    opened = stores.open_store(f"sqlite:///{directory}")
    yield opened
    opened.close()


def test_every_commit_is_on_the_disk_before_it_is_answered(store):
    with store._connection.reading() as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert connection.execute("PRAGMA synchronous").fetchone() == (2,)


def test_the_file_is_readable_by_its_owner_alone(store, directory):
    assert (directory / "entrepot.db").stat().st_mode & 0o077 == 0


def test_a_directory_that_cannot_be_written_says_what_to_do(tmp_path):
    (tmp_path / "file").write_text("")

    with pytest.raises(errors.UnavailableError, match=r"cannot be written .*ENTREPOT_STORAGE"):
        stores.open_store(f"sqlite:///{tmp_path}/file/store")


@pytest.mark.parametrize("content", [b"not a database, surely not one" * 40, b"SQLite format 3\x00" + b"\xff" * 4096])
def test_a_file_that_is_no_database_says_what_to_do(directory, content):
    directory.mkdir()
    (directory / "entrepot.db").write_bytes(content)

    with pytest.raises(errors.DamagedError, match=r"entrepot\.db is damaged .* backup"):
        stores.open_store(f"sqlite:///{directory}")


def test_the_database_of_another_program_is_left_alone(directory):
    directory.mkdir()
    with sqlite3.connect(directory / "entrepot.db") as other:
        other.execute("CREATE TABLE theirs (a)")
    other.close()

    with pytest.raises(errors.DamagedError, match="another program"):
        stores.open_store(f"sqlite:///{directory}")


@pytest.mark.parametrize("name", ["entrepot.db", "write.lock"])
def test_a_directory_in_the_place_of_a_file_says_what_to_do(directory, name):
    (directory / name).mkdir(parents=True)

    with pytest.raises(errors.UnavailableError, match=r"cannot be used \(.*that its directory is writable"):
        stores.open_store(f"sqlite:///{directory}")


def _open_at_once(directory, barrier):
    for attempt in range(60):
        barrier.wait()
        stores.open_store(f"sqlite:///{directory}/{attempt}").close()


@pytest.mark.processes
def test_many_processes_may_open_a_new_store_at_once(tmp_path):
    context = multiprocessing.get_context("spawn")
    barrier = context.Barrier(4, timeout=60)
    processes = [context.Process(target=_open_at_once, args=(tmp_path, barrier)) for _ in range(4)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()

    assert [process.exitcode for process in processes] == [0] * 4


def test_a_newer_format_is_left_alone(store, directory):
    with store._connection.writing() as connection:
        connection.execute("PRAGMA user_version=99")

    with pytest.raises(errors.DamagedError, match="format 99 is newer"):
        stores.open_store(f"sqlite:///{directory}")


def _read_all(directory):
    with contextlib.closing(stores.open_store(f"sqlite:///{directory}")) as store:
        return store.statements.query(Query(limit=1000)).rows


def test_a_page_overwritten_while_open_is_an_error_of_ours(store, directory):
    store.statements.append([row(body=b"b" * 3000) for _ in range(200)], Clock())
    with store._connection.reading() as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    size = (directory / "entrepot.db").stat().st_size
    with (directory / "entrepot.db").open("r+b") as file:
        file.seek(4096)
        file.write(b"\xff" * (size - 4096))

    with pytest.raises(errors.DamagedError, match="damaged"):
        _read_all(directory)


def test_a_failing_transaction_leaves_nothing_behind(store):
    writing = store._connection.writing()
    writing.__enter__().execute("INSERT INTO documents VALUES ('notes', 'a', 'b')")
    writing.__exit__(KeyError, KeyError(), None)

    assert store.find(NOTES) == []


def test_a_store_that_was_closed_says_so(directory):
    store = stores.open_store(f"sqlite:///{directory}")
    store.close()

    with pytest.raises(errors.UnavailableError, match="closed"):
        store.get(NOTES, ("o", "n"))


def test_a_full_disk_refuses_the_batch_and_says_so(store):
    with store._connection.reading() as connection:
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count={pages}")

    with pytest.raises(errors.FullError, match="disk"):
        store.statements.append([row(body=b"b" * 100_000)], Clock())
    assert list(store.statements.labels()) == []


def test_the_dictionary_in_memory_is_bounded(store, monkeypatch):
    monkeypatch.setattr(sqlite_words, "_MOST", 2)
    for number in range(5):
        store.statements.append([row(terms=((f"actor-{number}", 0),))], Clock())

    assert len(store.statements._words._known) == 2
    assert len(stores.find(store.statements, (("actor-0", 0),))) == 1


def test_while_another_writes_only_what_it_has_committed_is_consistent(store, directory):
    stored = store.statements.append([row()], Clock(100))
    other = stores.open_store(f"sqlite:///{directory}")

    with other._connection.writing():
        assert store.statements.consistent_through(Clock(10**9)) == stored
    assert store.statements.consistent_through(Clock(10**9)) == 10**9
    other.close()


def test_labels_never_touch_envelopes(store):
    store.statements.append([row(), row()], Clock())
    touched = []

    def watch(action, table, *_):
        touched.append(table)
        return sqlite3.SQLITE_OK

    with store._connection.reading() as connection:
        connection.set_authorizer(watch)
    assert len([*store.statements.labels(), *store.statements.labels(term=("did", 4))]) == 4

    assert "statements" in touched
    assert "envelopes" not in touched


def _steps(store, query):
    """How many hundreds of steps SQLite takes for a query."""
    steps = itertools.count()
    with store._connection.reading() as connection:
        connection.set_progress_handler(lambda: next(steps) and 0, 100)
    found = store.statements.query(query).rows
    with store._connection.reading() as connection:
        connection.set_progress_handler(None, 0)
    return next(steps), len(found)


@pytest.mark.parametrize(
    "query",
    [
        Query(groups=((("all", 0),),), limit=9),
        Query(groups=((("rare", 0),),)),
        Query(groups=((("all", 0),), (("rare", 0), ("other", 1))), kind=("k", 4), source="sender", ascending=True),
        Query(groups=((("all", 0),), (("never-seen", 0),))),
        Query(groups=((("all", 0),),), kind=("v", 4)),
        Query(kind=("v", 4)),
        Query(source="seldom"),
        Query(before=30, limit=9),
        Query(since=5, until=2_000_000, limit=9),
    ],
)
def test_a_query_costs_no_more_in_a_store_ten_times_as_large(store, query, monkeypatch):
    monkeypatch.setattr(sqlite_tail, "MOST", 100)
    rare = row(terms=(("all", 0), ("rare", 0)), kind="k")
    store.statements.append([row(source="seldom"), rare, row(target=rare.id, kind="v", terms=(("all", 0),))], Clock())

    def fill(number):
        store.statements.append([row(terms=(("all", 0),), kind="k") for _ in range(number)], Clock())
        return _steps(store, query)

    fill(500)
    small, _ = fill(500)
    large, _ = fill(9_000)

    assert large <= 2 * small + 20


def test_a_tail_that_waits_to_be_indexed_is_found_at_once_and_by_others(store, directory, monkeypatch):
    monkeypatch.setattr(sqlite_tail, "MOST", 5)
    other = stores.open_store(f"sqlite:///{directory}")
    found = []
    for number in range(12):
        store.statements.append([row(terms=(("a", 0),), body=str(number).encode())], Clock())
        found.append(len(stores.find(other.statements, (("a", 0),), limit=3)))

    assert found == [*range(1, 13)]
    other.close()


def _append(directory, number):
    store = stores.open_store(f"sqlite:///{directory}")
    for batch in range(20):
        rows = [row(id=bytes([number, batch, each]) + bytes(13), terms=((f"actor-{batch}", 0),)) for each in range(5)]
        store.statements.append(rows, Clock())
        store.insert_missing(NOTES, [note(name=f"{batch}", text=str(number))])
    store.close()


@pytest.mark.processes
def test_four_processes_append_at_once_and_nothing_is_lost_or_torn(directory):
    context = multiprocessing.get_context("spawn")
    processes = [context.Process(target=_append, args=(directory, number)) for number in range(4)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    store = stores.open_store(f"sqlite:///{directory}")
    clear = list(store.statements.labels())

    assert [process.exitcode for process in processes] == [0] * 4
    assert [each.seq for each in clear] == list(range(1, 401))
    assert len({each.id for each in clear}) == 400
    for start in range(0, 400, 5):
        batch = clear[start : start + 5]
        assert {each.id[:2] for each in batch} == {batch[0].id[:2]}
        assert len({each.stored for each in batch}) == 1
    assert len(store.find(NOTES)) == 20
    assert len(stores.find(store.statements, (("actor-7", 0),))) == 20
    store.close()


@pytest.mark.parametrize("where", [{"colour": "red", "size": 7}, {"size": 7, "colour": "red"}])
def test_documents_are_found_by_the_rarest_of_several_fields(store, where):
    store.insert_missing(NOTES, [note(name=str(number), size=number % 500) for number in range(2000)])
    steps = 0

    def count():
        nonlocal steps
        steps += 1

    with store._connection.reading() as connection:
        connection.set_progress_handler(count, 100)
    found = store.find(NOTES, where)

    assert sorted(each["name"] for each in found) == ["1007", "1507", "507", "7"]
    assert steps < 100, "hundreds of steps of SQLite: it walked through all that are red"
