"""Rows put back from a backup, over every adapter: where they were, once, and found as before."""

import pytest

from tests.storage import stores
from tests.storage.stores import Clock, row


@pytest.fixture
def statements(store):
    return store.statements


def _seqs(statements, word, role=0, **options):
    return [each.seq for each in stores.find(statements, ((word, role),), ascending=True, **options)]


def _void(target, **changes):
    return row(kind="voided", terms=(("voider", 0),), target=target, voids=True, **changes)


def test_rows_come_back_at_their_seq_and_time_with_all_that_belongs_to_them(statements):
    one, two = row(files=(("a", b"a"),)), row(body=b"two", label=b"clear", source="another")
    assert statements.restore([(7, 70, one), (9, 95, two)]) == 2

    found = list(statements.rows())
    assert [(each.seq, each.stored, each.id) for each in found] == [(7, 70, one.id), (9, 95, two.id)]
    assert (found[1].body, found[1].label, found[1].source) == (b"two", b"clear", "another")
    assert statements.files([7, 9]) == {7: {"a": b"a"}}
    assert _seqs(statements, "actor-1") == [7, 9]
    assert _seqs(statements, "actor-1", source="another") == [9]
    assert _seqs(statements, "actor-1", since=70) == [9]


def test_what_is_appended_afterwards_comes_after_them(statements):
    statements.restore([(7, 70, row())])
    stored = statements.append([row()], Clock(5))

    assert stored > 70
    assert [each.seq for each in statements.rows()] == [7, 8]
    assert statements.last() == 8


def test_the_same_rows_may_be_put_back_twice_and_in_any_order(statements):
    rows = [(number, number * 10, row()) for number in range(1, 6)]
    assert statements.restore(rows[3:]) == 2
    assert statements.restore(rows) == 3
    assert statements.restore(rows) == 0

    assert [(each.seq, each.stored) for each in statements.rows()] == [(seq, stored) for seq, stored, _ in rows]
    assert _seqs(statements, "actor-1") == [1, 2, 3, 4, 5]


def test_a_row_whose_place_or_id_is_taken_is_left_out(statements):
    there = row(body=b"there")
    statements.append([there], Clock())
    assert statements.restore([(1, 1, row()), (2, 2, row(id=there.id)), (3, 3, row())]) == 1

    assert [each.seq for each in statements.rows()] == [1, 3]
    assert statements.get([there.id])[there.id].body == b"there"


@pytest.mark.parametrize("order", [1, -1])
def test_targets_and_void_rows_are_as_they_were(statements, order):
    one = row(terms=(("first", 0),))
    void = _void(one.id)
    other = row(terms=(("other", 0),))
    about = row(terms=(("about", 0),), target=other.id)
    for each in [(1, 10, one), (2, 20, void), (3, 30, other), (4, 40, about)][::order]:
        statements.restore([each])

    assert _seqs(statements, "first") == [2]
    assert statements.get([one.id])[one.id].voided
    assert _seqs(statements, "other") == [3, 4]


def test_rows_are_put_back_beside_thousands_that_came_meanwhile(statements):
    statements.append([row() for _ in range(30)], Clock())
    statements.restore([(100 + number, 10**13 + number, row()) for number in range(50)])
    statements.append([row(terms=(("late", 0),))], Clock())

    assert len(_seqs(statements, "actor-1", limit=500)) == 80
    assert _seqs(statements, "late") == [150]
