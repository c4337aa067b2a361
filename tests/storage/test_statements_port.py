"""The contract of the hot port, over every adapter."""

import threading

import pytest

from storage import errors, mongo_statements, sqlite_statements
from storage.port import SOURCE
from tests.storage import stores
from tests.storage.stores import KIND, Clock, row


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
    assert statements.last() == 1


def test_a_batch_that_repeats_an_id_stores_nothing(statements):
    one = row()

    with pytest.raises(errors.DuplicateIdError) as caught:
        statements.append([one, row(id=one.id)], Clock())

    assert caught.value.ids == (one.id,)
    assert list(statements.labels()) == []


def test_a_batch_that_repeats_an_id_that_is_taken_names_it_at_each_place(statements):
    one, two = row(), row()
    statements.append([one], Clock())

    with pytest.raises(errors.DuplicateIdError) as caught:
        statements.append([one, two, two, one], Clock())

    assert caught.value.ids == (one.id, two.id, one.id)


def test_words_of_a_refused_batch_are_known_correctly_afterwards(statements):
    one = row()
    statements.append([one], Clock())
    with pytest.raises(errors.DuplicateIdError):
        statements.append([row(terms=(("new-word", 0),)), one], Clock())
    other = row(terms=(("other-word", 0),))
    late = row(terms=(("new-word", 0),))
    statements.append([other], Clock())
    statements.append([late], Clock())

    assert _ids(stores.find(statements, (("new-word", 0),))) == [late.id]


@pytest.fixture
def filled(statements):
    """20 rows in 5 batches, each with its number as label, things 0-3."""
    rows = [row(terms=((f"thing-{number % 4}", 2),), label=str(number).encode()) for number in range(20)]
    for batch in range(5):
        statements.append(rows[batch * 4 : batch * 4 + 4], Clock(1000 * (batch + 1)))
    return statements


def test_labels_come_oldest_first_after_a_seq(filled):
    assert [int(each.label) for each in filled.labels()] == list(range(20))
    assert [each.seq for each in filled.labels(after=18)] == [19, 20]


def test_labels_of_a_term_are_those_of_its_rows(filled):
    assert [int(each.label) for each in filled.labels(term=("thing-1", 2), after=6)] == [9, 13, 17]
    assert list(filled.labels(term=("never-seen", 2))) == []


def test_rows_come_whole_oldest_first_after_a_seq(statements):
    rows = [row(source=f"source-{number}", body=f"body-{number}".encode()) for number in range(3)]
    stored = statements.append(rows, Clock())

    found = list(statements.rows(after=1))

    assert [(each.seq, each.stored, each.id) for each in found] == [(2, stored, rows[1].id), (3, stored, rows[2].id)]
    assert [(each.source, each.body, each.label, each.voided) for each in found] == [
        ("source-1", b"body-1", b"label", False),
        ("source-2", b"body-2", b"label", False),
    ]


def test_rows_of_a_term_or_of_a_source_are_those_that_have_it(filled):
    filled.append([row(source="other", label=b"20", terms=(("thing-0", 2),))], Clock())

    assert [int(each.label) for each in filled.rows(term=("thing-1", 2), after=6)] == [9, 13, 17]
    assert [each.seq for each in filled.rows(term=("sender", SOURCE))] == [*range(1, 21)]
    assert [each.seq for each in filled.labels(term=("other", SOURCE))] == [21]
    assert list(filled.rows(term=("never-seen", 2))) == list(filled.rows(after=21)) == []


def test_rows_may_change_while_they_are_walked(statements, monkeypatch):
    monkeypatch.setattr(mongo_statements, "_PAGE", 2)
    monkeypatch.setattr(sqlite_statements, "_PAGE", 2)
    rows = [row() for _ in range(7)]
    statements.append(rows, Clock())
    seen = []
    for each in statements.rows():
        seen.append(each.seq)
        statements.rewrite([(each.seq, row(id=each.id, body=b"new"))])

    assert seen == [1, 2, 3, 4, 5, 6, 7]
    assert {each.body for each in statements.rows()} == {b"new"}


def test_labels_of_many_rows_come_in_pages_without_loss(statements, monkeypatch):
    monkeypatch.setattr(mongo_statements, "_PAGE", 3)
    monkeypatch.setattr(sqlite_statements, "_PAGE", 3)
    statements.append([row() for _ in range(9)], Clock())

    assert [each.seq for each in statements.labels()] == list(range(1, 10))
    assert [each.seq for each in statements.labels(term=("did", KIND), after=2)] == list(range(3, 10))
    assert [each.seq for each in statements.rows()] == list(range(1, 10))
    assert [each.seq for each in statements.rows(term=("did", KIND), after=3)] == list(range(4, 10))


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


def test_writers_of_overlapping_batches_see_no_error_but_a_taken_id(address):
    opened = [stores.open_store(address) for _ in range(4)]
    rows = [row(terms=(("shared", 0),)) for _ in range(12)]
    outcomes = []

    def write(store, start):
        for place in range(start, start + 9, 3):
            batch = [rows[each % 12] for each in range(place, place + 4)]
            try:
                store.statements.append(batch, Clock())
                outcomes.append(frozenset())
            except errors.DuplicateIdError as error:
                outcomes.append(set(error.ids) - {each.id for each in batch})
            store.statements.get([each.id for each in batch])

    threads = [threading.Thread(target=write, args=(opened[each % 4], each)) for each in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = _ids(stores.find(opened[0].statements, (("shared", 0),)))

    assert [set(each) for each in outcomes] == [set()] * 24
    assert len(found) == len(set(found)) == opened[0].statements.last()
    assert len(found) % 4 == 0
    for store in opened:
        store.close()
