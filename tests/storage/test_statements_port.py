"""The contract of the hot port, over every adapter."""

import threading

import pytest

from storage import errors, mongo_statements, sqlite_statements
from storage.port import Query
from tests.storage import stores
from tests.storage.stores import Clock, row


def _ids(rows):
    return [each.id for each in rows]


@pytest.fixture
def statements(store):
    return store.statements


def test_an_appended_row_comes_back_by_its_id(statements):
    one = row(body=b"\x00sealed", source="who")
    stored = statements.append([one], Clock(5))

    found = statements.get([one.id])[one.id]

    assert (found.seq, found.stored, found.source, found.body) == (1, stored, "who", b"\x00sealed")


def test_get_answers_only_those_that_are_there(statements):
    one = row()
    statements.append([one], Clock())

    assert list(statements.get([row().id, one.id])) == [one.id]


def test_stored_grows_though_the_clock_stands_or_goes_back(statements):
    clock = Clock(100)
    first = statements.append([row()], clock)
    second = statements.append([row()], clock)
    clock.now = 50
    third = statements.append([row(), row()], clock)

    assert first == 100
    assert first < second < third


def test_a_batch_with_a_taken_id_stores_nothing_and_names_the_id(statements):
    one, two, three = row(), row(), row()
    statements.append([one], Clock())

    with pytest.raises(errors.DuplicateIdError) as caught:
        statements.append([two, one, three], Clock())

    assert caught.value.ids == (one.id,)
    assert list(statements.get([two.id, three.id])) == []
    assert len(list(statements.labels())) == 1


def test_a_batch_that_repeats_an_id_stores_nothing(statements):
    one = row()

    with pytest.raises(errors.DuplicateIdError) as caught:
        statements.append([one, row(id=one.id)], Clock())

    assert caught.value.ids == (one.id,)
    assert list(statements.labels()) == []


def test_words_of_a_refused_batch_are_known_correctly_afterwards(statements):
    one = row()
    statements.append([one], Clock())
    with pytest.raises(errors.DuplicateIdError):
        statements.append([row(terms=(("new-word", 0),)), one], Clock())
    other = row(terms=(("other-word", 0),))
    late = row(terms=(("new-word", 0),))
    statements.append([other], Clock())
    statements.append([late], Clock())

    assert _ids(statements.query(Query(terms=(("new-word", 0),)))) == [late.id]


@pytest.fixture
def filled(statements):
    """20 rows in 5 batches at the times 1000, 2000, ...; actors 0-1, things 0-3, kinds even and odd."""
    rows = [
        row(
            kind=("even", "odd")[number % 2],
            terms=((f"actor-{number % 2}", 0), (f"thing-{number % 4}", 2), (f"course-{number % 3}", 3), ("actor-9", 1)),
            label=str(number).encode(),
            body=str(number).encode(),
        )
        for number in range(20)
    ]
    for batch in range(5):
        statements.append(rows[batch * 4 : batch * 4 + 4], Clock(1000 * (batch + 1)))
    return statements


def _numbers(rows):
    return [int(each.body) for each in rows]


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        (Query(limit=3), [19, 18, 17]),
        (Query(limit=3, ascending=True), [0, 1, 2]),
        (Query(terms=(("actor-1", 0),), limit=3), [19, 17, 15]),
        (Query(terms=(("thing-3", 2),)), [19, 15, 11, 7, 3]),
        (Query(terms=(("thing-3", 2),), kind="odd", limit=2), [19, 15]),
        (Query(terms=(("thing-3", 2),), kind="even"), []),
        (Query(terms=(("actor-1", 0), ("course-0", 3))), [15, 9, 3]),
        (Query(terms=(("actor-1", 0), ("course-0", 3), ("thing-1", 2))), [9]),
        (Query(terms=(("actor-1", 1),)), []),
        (Query(terms=(("actor-9", 1),), limit=1), [19]),
        (Query(terms=(("never-seen", 0),)), []),
        (Query(terms=(("actor-1", 0),), kind="never-seen"), []),
        (Query(since=4000), [19, 18, 17, 16]),
        (Query(since=3999, limit=5), [19, 18, 17, 16, 15]),
        (Query(until=1000), [3, 2, 1, 0]),
        (Query(until=999), []),
        (Query(since=9999), []),
        (Query(since=1000, until=2000), [7, 6, 5, 4]),
        (Query(since=1000, until=2000, terms=(("actor-0", 0),), ascending=True), [4, 6]),
        (Query(before=4, limit=2), [2, 1]),
        (Query(after=18, ascending=True), [18, 19]),
        (Query(after=5, before=8), [6, 5]),
        (Query(limit=0), []),
    ],
)
def test_a_query_answers_what_matches_in_order(filled, query, numbers):
    assert _numbers(filled.query(query)) == numbers


def test_rare_rows_are_found_far_back(statements, monkeypatch):
    monkeypatch.setattr(mongo_statements, "_WINDOW", 2)
    rare = row(terms=(("rare", 0),))
    statements.append([rare, *(row() for _ in range(60))], Clock())

    assert _ids(statements.query(Query(terms=(("rare", 0),), limit=1))) == [rare.id]
    assert _ids(statements.query(Query(terms=(("rare", 0),), limit=1, ascending=True))) == [rare.id]
    assert len(statements.query(Query(terms=(("did", 4),), limit=50))) == 50


def test_labels_come_oldest_first_after_a_seq(filled):
    assert [int(each.label) for each in filled.labels()] == list(range(20))
    assert [each.seq for each in filled.labels(after=18)] == [19, 20]


def test_labels_of_a_term_are_those_of_its_rows(filled):
    assert [int(each.label) for each in filled.labels(term=("thing-1", 2), after=6)] == [9, 13, 17]
    assert list(filled.labels(term=("never-seen", 2))) == []


def test_labels_of_many_rows_come_in_pages_without_loss(statements, monkeypatch):
    monkeypatch.setattr(mongo_statements, "_PAGE", 3)
    monkeypatch.setattr(sqlite_statements, "_PAGE", 3)
    statements.append([row() for _ in range(9)], Clock())

    assert [each.seq for each in statements.labels()] == list(range(1, 10))
    assert [each.seq for each in statements.labels(term=("did", 4), after=2)] == list(range(3, 10))


def test_everything_stored_is_consistent_at_once(statements):
    clock = Clock(10_000_000_000)
    assert statements.consistent_through(clock) <= clock.now
    stored = statements.append([row()], clock)
    clock.now = 0

    assert statements.consistent_through(clock) == stored


def test_rows_outlive_the_connection_and_the_order_goes_on(address):
    first = stores.open_store(address)
    first.statements.append([row()], Clock(7_000))
    first.close()
    second = stores.open_store(address)
    stored = second.statements.append([row()], Clock(1))

    assert stored == 7_001
    assert [each.seq for each in second.statements.labels()] == [1, 2]
    second.close()


def test_concurrent_writers_keep_batches_whole_and_the_order_gapless(address):
    opened = [stores.open_store(address) for _ in range(3)]
    batches = {writer: [[row(kind=str(writer)) for _ in range(3)] for _ in range(8)] for writer in range(3)}

    def write(writer):
        for batch in batches[writer]:
            opened[writer].statements.append(batch, Clock())

    threads = [threading.Thread(target=write, args=(writer,)) for writer in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    clear = list(opened[0].statements.labels())
    place = {each.id: each for each in clear}

    assert [each.seq for each in clear] == list(range(1, 73))
    assert [each.stored for each in clear] == sorted(each.stored for each in clear)
    for writer in range(3):
        for batch in batches[writer]:
            seqs = [place[each.id].seq for each in batch]
            assert seqs == list(range(seqs[0], seqs[0] + 3))
            assert len({place[each.id].stored for each in batch}) == 1
    for store in opened:
        store.close()
