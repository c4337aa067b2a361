"""What only the MongoDB adapter of the hot port promises: windows, races, and a server that goes away."""

import multiprocessing
import signal
import threading
import time
from concurrent import futures

import pymongo
import pytest

from storage import errors, mongo_door, mongo_query, mongo_rows, mongo_statements, mongo_targets, mongo_writer, port
from storage.port import Query
from tests.storage import mongo_server, stores
from tests.storage.stores import KIND, Clock, row


@pytest.fixture
def address():
    return stores.url(mongo_server.SERVERS[-1], None)


@pytest.fixture
def store(address):
    opened = stores.open_store(address)
    yield opened
    opened.close()


def _ids(rows):
    return [each.id for each in rows]


@pytest.mark.parametrize("ascending", [False, True])
def test_windows_that_grow_miss_nothing_and_find_nothing_twice(store, monkeypatch, ascending):
    monkeypatch.setattr(mongo_query, "_WINDOW", 1)
    rows = [row(terms=(("rare", 0),)) if number % 9 == 0 else row() for number in range(60)]
    store.statements.append(rows, Clock())
    store.statements.append([row(target=rows[9].id), row(target=rows[10].id)], Clock())
    wanted = [each.id for number, each in enumerate(rows) if number % 9 == 0]

    for limit in (1, 2, 5, 100):
        found = _ids(stores.find(store.statements, (("rare", 0),), limit=limit, ascending=ascending))
        assert found if ascending else found[::-1][:-1] == wanted
        assert len(found) == len(wanted) + 1


def test_a_walk_widens_where_little_is_found_and_misses_nothing(store, monkeypatch):
    monkeypatch.setattr(mongo_statements, "_PAGE", 2)
    rows = [row(terms=(("rare", 0),)) if number in (0, 30, 31, 32, 33, 59) else row() for number in range(60)]
    store.statements.append(rows, Clock())
    store.statements.remove([*range(41, 50)])

    assert [each.seq for each in store.statements.labels(term=("rare", 0))] == [1, 31, 32, 33, 34, 60]
    assert [each.seq for each in store.statements.rows()] == [*range(1, 41), *range(50, 61)]


def test_upgrades_and_pieces_of_files_are_larger_than_no_document_can_be():
    assert mongo_rows._PIECE < 16 * 1024 * 1024 - 1024


def test_a_query_of_one_rare_term_does_not_use_up_the_bound(store, monkeypatch):
    monkeypatch.setattr(port, "SCAN", 16)
    rare = row(terms=(("rare", 0),))
    store.statements.append([rare, *(row() for _ in range(300))], Clock())

    assert _ids(store.statements.query(Query(groups=((("rare", 0),),), limit=1)).rows) == [rare.id]


def test_the_rows_and_what_they_inherit_are_read_by_their_indexes_alone(store):
    rows = [row(terms=(("a", 0),)) for _ in range(20)]
    store.statements.append(rows, Clock())
    store.statements.append([row(target=rows[0].id)], Clock())
    tables = store.statements._tables
    questions = (
        (tables.rows, {"terms": "0 a", "_id": {"$gte": 1, "$lte": 9}}),
        (tables.rows, {"_id": {"$gte": 1, "$lte": 9}}),
        (tables.rows, {"sid": {"$in": [rows[0].id]}}),
        (tables.rows, {"target": {"$in": [rows[0].id]}}),
        (tables.inherited, {"terms": "0 a", "seq": {"$gte": 1, "$lte": 9}}),
        (tables.inherited, {"seq": {"$in": [3]}}),
        (tables.files, {"seq": {"$in": [3]}}),
    )

    plans = [
        str(collection.find(question).explain()["queryPlanner"]["winningPlan"]) for collection, question in questions
    ]

    assert [plan for plan in plans if "IXSCAN" not in plan] == []


def _append(address, number):
    store = stores.open_store(address)
    for batch in range(6):
        shared = [row(id=bytes([batch, each]) + bytes(14), terms=(("shared", 0),)) for each in range(3)]
        own = [row(id=bytes([99, number, batch, each]) + bytes(12), target=shared[0].id) for each in range(3)]
        for rows in (shared, own):
            try:
                store.statements.append(rows, Clock())
            except errors.DuplicateIdError as error:
                assert rows is shared
                assert len(error.ids) == 3  # noqa: PT017 - its process says so by its exit code
    store.close()


@pytest.mark.processes
@pytest.mark.alone
def test_processes_that_race_for_the_same_ids_lose_nothing_and_see_no_other_error(address):
    stores.open_store(address).close()
    context = multiprocessing.get_context("spawn")
    processes = [context.Process(target=_append, args=(address, number)) for number in range(4)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    store = stores.open_store(address)

    assert [process.exitcode for process in processes] == [0] * 4
    assert len(list(store.statements.rows())) == store.statements.last() == 6 * 3 + 4 * 6 * 3
    assert len(stores.find(store.statements, (("shared", 0),))) == store.statements.last()
    store.close()


def test_a_thread_that_waited_long_for_its_turn_goes_on_without(store, monkeypatch):
    monkeypatch.setattr(mongo_writer, "TURN_S", 0.05)
    with store.statements._writer._writing:
        writing = threading.Thread(target=store.statements.append, args=([row()], Clock()))
        writing.start()
        writing.join()

    assert store.statements.last() == 1


def test_what_a_process_that_died_left_open_holds_no_other_back(address, store):
    dead = stores.open_store(address)
    session = dead.statements._writer._session
    session.start_transaction()
    dead.statements._advance(session, 1, 5)

    store.statements.append([row(terms=(("kept", 0),))], Clock())

    assert store.statements.last() == 1
    with pytest.raises(pymongo.errors.OperationFailure):
        session.commit_transaction()
    dead.statements.append([row(terms=(("kept", 0),))], Clock())
    assert len(stores.find(store.statements, (("kept", 0),))) == 2
    dead.close()


def test_what_this_process_left_open_is_ended_by_its_next_write(store):
    session = store.statements._writer._session
    session.start_transaction()
    store.statements._advance(session, 1, 5)
    session._transaction.reset()  # as after a cut connection: the server knows of it, the driver no longer

    start = time.monotonic()
    store.statements.append([row()], Clock())

    assert store.statements.last() == 1
    assert time.monotonic() - start < mongo_writer.STUCK_S


def test_processes_that_left_orderly_are_not_noted_any_more(address, store):
    other = stores.open_store(address)
    assert store._database["writers"].count_documents({}) == 2
    other.close()

    assert store._database["writers"].count_documents({}) == 1


@pytest.fixture
def server(tmp_path, unused_port):
    """A server process that the test may end, and how to start it again."""
    running = [mongo_server.start(unused_port, tmp_path / "data")]
    yield (
        f"mongodb://127.0.0.1:{unused_port}/institution?directConnection=true",
        running,
        lambda: running.append(mongo_server.start(unused_port, tmp_path / "data")),
    )
    for process in running:
        process.send_signal(signal.SIGCONT)
        process.kill()
        process.wait()


def _outcomes(store):
    """What a write, a query and a document say, asked at once, and how long the slowest of them took (seconds)."""

    def ask(action):
        start = time.monotonic()
        try:
            action()
        except errors.UnavailableError as error:
            return "check that the server of ENTREPOT_STORAGE runs" in str(error), time.monotonic() - start
        return "done", time.monotonic() - start

    actions = (
        lambda: store.statements.append([row(terms=(("kept", 0),))], Clock()),
        lambda: store.statements.query(Query(groups=((("kept", 0),),))),
        lambda: store.get(stores.NOTES, ("o", "n")),
    )
    with futures.ThreadPoolExecutor(3) as pool:
        outcomes = [*pool.map(ask, actions)]
    return [said for said, _ in outcomes], max(took for _, took in outcomes)


@pytest.mark.processes
@pytest.mark.alone
def test_a_server_that_was_killed_is_missed_within_seconds_and_found_again(server):
    url, running, again = server
    store = stores.open_store(url)
    assert _outcomes(store)[0] == ["done"] * 3
    running[0].kill()
    running[0].wait()

    said, slowest = _outcomes(store)
    assert said == [True] * 3
    assert slowest < 7

    again()
    assert _outcomes(store)[0] == ["done"] * 3
    assert len(stores.find(store.statements, (("kept", 0),))) == 2
    store.close()


@pytest.mark.processes
@pytest.mark.alone
def test_a_server_that_stands_still_is_missed_within_seconds_and_found_again(server):
    url, running, _ = server
    store = stores.open_store(url)
    running[0].send_signal(signal.SIGSTOP)

    said, slowest = _outcomes(store)
    assert said == [True] * 3
    assert slowest < 7

    running[0].send_signal(signal.SIGCONT)
    assert _outcomes(store)[0] == ["done"] * 3
    store.close()


@pytest.mark.processes
def test_what_was_acknowledged_before_a_kill_is_there_whole_and_once(server):
    url, running, again = server
    store = stores.open_store(url)
    acknowledged, sent = [], threading.Event()

    def write():
        while True:
            batch = [row(terms=(("kept", 0),), files=(("a", b"a"),)) for _ in range(3)]
            try:
                store.statements.append([batch[0], batch[1], row(target=batch[0].id)], Clock())
            except errors.UnavailableError:
                return
            acknowledged.extend(batch[:2])
            if len(acknowledged) >= 20:
                sent.set()

    writer = threading.Thread(target=write)
    writer.start()
    sent.wait(60)
    running[0].kill()
    writer.join()
    again()

    kept = [each.seq for each in store.statements.rows()]
    assert set(store.statements.get(_ids(acknowledged))) == set(_ids(acknowledged))
    assert len(kept) % 3 == 0
    assert kept == [*range(1, len(kept) + 1)]
    assert len(store.statements.files(kept)) == len(kept) * 2 // 3
    assert len(stores.find(store.statements, (("kept", 0),))) == len(kept)
    store.close()


@pytest.mark.parametrize(
    "error",
    [
        pymongo.errors.OperationFailure("no space", 14031),
        pymongo.errors.BulkWriteError({"writeErrors": [{"code": 14031, "errmsg": "no space"}]}),
        pymongo.errors.BulkWriteError({"writeErrors": [], "writeConcernErrors": [{"code": 14031, "errmsg": ""}]}),
        pymongo.errors.WriteConcernError("w", 64, {"writeConcernError": {"code": 14031}}),
    ],
)
def test_a_full_disk_of_the_server_is_told_from_one_that_is_away(error):
    with pytest.raises(errors.FullError, match="disk of the MongoDB server is full"), mongo_door.mapped():
        raise error


@pytest.mark.parametrize("error", [pymongo.errors.AutoReconnect("gone"), pymongo.errors.OperationFailure("no", 13)])
def test_any_other_error_of_the_server_is_no_full_disk(error):
    with pytest.raises(errors.UnavailableError, match="check that the server") as caught, mongo_door.mapped():
        raise error

    assert not isinstance(caught.value, errors.FullError)


def test_the_chain_of_both_adapters_is_equally_long():
    from storage import sqlite_terms

    assert mongo_targets.CHAIN == sqlite_terms.CHAIN


# Format 1: version 0.1.0


def _old_database(address, rows):
    """A database as version 0.1.0 left it: no format, no source among the terms, no inherited rows."""
    client = pymongo.MongoClient(address)
    database = client.get_default_database()
    database["statements"].create_index("sid", unique=True)
    database["statements"].create_index([("terms", 1), ("_id", 1)])
    database["counters"].insert_one({"_id": "statements", "seq": len(rows), "stored": 1_000 + len(rows)})
    database.create_collection("envelopes")
    for seq, each in enumerate(rows, 1):
        database["statements"].insert_one(
            {
                "_id": seq,
                "sid": each.id,
                "stored": 1_000 + seq,
                "source": each.source,
                "kind": each.kind,
                "label": each.label,
                "terms": [f"{role} {word}" for word, role in each.terms],
            }
        )
        database["envelopes"].insert_one({"_id": seq, "body": each.body})
    return client, database


def test_a_database_of_the_released_format_is_upgraded_and_goes_on(address, monkeypatch):
    monkeypatch.setattr(mongo_rows, "_STEP", 2)
    rows = [row(source=("lms", "quiz")[number % 2], terms=(("a", 0),), body=bytes([number])) for number in range(7)]
    client, database = _old_database(address, rows)

    store = stores.open_store(address)

    assert _ids(stores.find(store.statements, source="lms", ascending=True)) == _ids(rows[::2])
    assert _ids(stores.find(store.statements, (("a", 0),), kind=("did", KIND))) == _ids(rows[::-1])
    assert [each.body for each in store.statements.rows()] == [each.body for each in rows]
    assert store.statements.append([row(target=rows[0].id)], Clock(5)) == 1_008
    assert store.statements.last() == 8
    assert len(stores.find(store.statements, (("a", 0),))) == 8
    assert database["counters"].find_one({"_id": "format"})["version"] == 2
    store.close()
    client.close()


@pytest.mark.parametrize("steps", range(4))
def test_an_upgrade_that_was_killed_is_finished_by_the_next_opening(address, monkeypatch, steps):
    monkeypatch.setattr(mongo_rows, "_STEP", 2)
    rows = [row(source="lms") for _ in range(8)]
    client, database = _old_database(address, rows)
    left = iter(range(steps))

    class Killed(Exception):
        pass

    class Rows:
        """The collection of rows of a process that is killed before it upgrades some step."""

        def __getattr__(self, name):
            return getattr(database["statements"], name)

        def update_many(self, *arguments):
            if next(left, None) is None:
                raise Killed
            return database["statements"].update_many(*arguments)

    tables = mongo_rows.Tables(Rows(), *(database[name] for name in ("inherited", "envelopes", "files", "counters")))
    with pytest.raises(Killed):
        mongo_rows._add_sources(tables, 0)
    assert database["statements"].count_documents({"terms": "-1 lms"}) == 2 * steps

    for _ in range(2):
        store = stores.open_store(address)
        assert _ids(stores.find(store.statements, source="lms", ascending=True)) == _ids(rows)
        store.close()
    terms = [each["terms"] for each in database["statements"].find({})]
    assert all(each.count("-1 lms") == 1 for each in terms)
    client.close()


def test_a_database_of_a_newer_format_is_left_alone(address):
    stores.open_store(address).close()
    with pymongo.MongoClient(address) as client:
        client.get_default_database()["counters"].update_one({"_id": "format"}, {"$set": {"version": 3}})

    with pytest.raises(errors.DamagedError, match="format 3, newer than ours"):
        stores.open_store(address)
