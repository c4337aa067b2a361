"""Rows that target others, and those that void them, over every adapter."""

import itertools

import pytest

from storage.port import SOURCE, Query
from tests.storage import stores
from tests.storage.stores import KIND, Clock, row


@pytest.fixture
def statements(store):
    return store.statements


def _ids(rows):
    return [each.id for each in rows]


def _found(statements, word, role=0, **options):
    return _ids(stores.find(statements, ((word, role),), ascending=True, **options))


def _append(statements, rows, order):
    """Store rows in an order: one by one, backwards, or as one batch in either direction."""
    clock = Clock()
    if "backwards" in order:
        rows = rows[::-1]
    for batch in [rows] if "batch" in order else [[each] for each in rows]:
        statements.append(batch, clock)


ORDERS = ("one by one", "backwards", "batch", "batch backwards")


def _chain(length):
    """The first row has a term of its own; each of the others targets the one before it."""
    rows = [row(terms=(("first", 0),))]
    for number in range(1, length):
        rows.append(row(terms=((f"link-{number}", 0),), target=rows[-1].id))
    return rows


@pytest.mark.parametrize("order", ORDERS)
def test_a_row_is_found_by_the_terms_of_the_row_that_it_targets(statements, order):
    first, second = _chain(2)
    _append(statements, [first, second], order)

    assert set(_found(statements, "first")) == {first.id, second.id}
    assert _found(statements, "link-1") == [second.id]


@pytest.mark.parametrize("order", ORDERS)
def test_terms_are_inherited_along_a_chain(statements, order):
    rows = _chain(4)
    _append(statements, rows, order)

    assert set(_found(statements, "first")) == set(_ids(rows))
    assert set(_found(statements, "link-2")) == set(_ids(rows[2:]))


def test_the_middle_of_a_chain_joins_its_ends_when_it_comes(statements):
    first, middle, last = _chain(3)
    statements.append([first, last], Clock())
    assert _found(statements, "first") == [first.id]

    statements.append([middle], Clock())

    assert set(_found(statements, "first")) == {first.id, middle.id, last.id}


@pytest.mark.parametrize("order", ORDERS)
def test_a_chain_lends_the_terms_of_16_rows_and_no_more(statements, order):
    rows = _chain(20)
    _append(statements, rows, order)

    assert set(_found(statements, "first")) == set(_ids(rows[:17]))
    assert set(_found(statements, "link-2")) == set(_ids(rows[2:19]))


@pytest.mark.parametrize("order", ORDERS)
def test_rows_in_a_circle_are_found_by_each_others_terms_once(statements, order):
    one = row(terms=(("one", 0),), target=bytes([250]) * 16)
    two = row(terms=(("two", 0),), target=one.id)
    three = row(id=bytes([250]) * 16, terms=(("three", 0),), target=two.id)
    _append(statements, [one, two, three], order)

    for word in ("one", "two", "three"):
        assert sorted(_found(statements, word)) == sorted([one.id, two.id, three.id])


def test_a_row_that_targets_itself_is_found_once(statements):
    alone = row(id=b"a" * 16, target=b"a" * 16, terms=(("alone", 0),))
    statements.append([alone], Clock())

    assert _found(statements, "alone") == [alone.id]


def test_a_row_with_a_term_that_its_target_has_as_well_is_found_once(statements):
    one = row(terms=(("both", 0), ("both", 1)))
    two = row(terms=(("both", 0),), target=one.id)
    statements.append([one, two], Clock())

    assert _ids(stores.find(statements, (("both", 0), ("both", 1)))) == [two.id, one.id]
    assert _ids(stores.find(statements, (("both", 0), ("both", 1)), limit=1)) == [two.id, one.id]


@pytest.mark.parametrize("order", ORDERS)
def test_all_terms_must_be_those_of_one_row(statements, order):
    first = row(terms=(("actor", 0), ("course", 3)), kind="saw")
    second = row(terms=(("thing", 2),), kind="said", target=first.id)
    third = row(terms=(("other", 0),), kind="cited", target=second.id)
    _append(statements, [first, second, third], order)
    everyone = {first.id, second.id, third.id}

    assert set(_ids(stores.find(statements, (("actor", 0),), (("course", 3),)))) == everyone
    assert stores.find(statements, (("actor", 0),), (("thing", 2),)) == []
    assert stores.find(statements, (("other", 0),), (("thing", 2),)) == []
    assert set(_ids(stores.find(statements, (("thing", 2), ("actor", 0)), (("course", 3), ("other", 0))))) == everyone


def test_the_kind_is_that_of_the_row_whose_terms_match(statements):
    first = row(terms=(("actor", 0),), kind="saw")
    second = row(terms=(("other", 0),), kind="said", target=first.id)
    statements.append([first, second], Clock())

    assert _found(statements, "actor", kind=("saw", KIND)) == [first.id, second.id]
    assert _found(statements, "actor", kind=("said", KIND)) == []
    assert _found(statements, "other", kind=("saw", KIND)) == []
    assert _ids(stores.find(statements, kind=("saw", KIND))) == [second.id, first.id]
    assert _ids(stores.find(statements, kind=("said", KIND))) == [second.id]


def test_the_source_is_that_of_the_found_row_itself(statements):
    first = row(terms=(("actor", 0),), source="lms")
    second = row(terms=(("other", 0),), source="quiz", target=first.id)
    statements.append([first, second], Clock())

    assert _found(statements, "actor", source="quiz") == [second.id]
    assert _found(statements, "actor", source="lms") == [first.id]
    assert _found(statements, "other", source="lms") == []
    assert _ids(stores.find(statements, source="lms")) == [first.id]
    assert _ids(stores.find(statements, source="lms", kind=("did", KIND))) == [first.id]


def test_place_and_time_are_those_of_the_found_row_itself(statements):
    first, second, third = _chain(3)
    for time, each in ((100, first), (200, row()), (300, second), (400, third)):
        statements.append([each], Clock(time))

    assert _found(statements, "first", since=200) == [second.id, third.id]
    assert _found(statements, "first", until=300) == [first.id, second.id]
    assert _found(statements, "first", after=1, before=4) == [second.id]


@pytest.mark.parametrize("ascending", [False, True])
def test_own_and_inherited_rows_come_in_one_order_page_by_page(statements, ascending):
    rows = [row(terms=(("actor", 0),))]
    for number in range(1, 30):
        inherits = number % 3 == 0
        rows.append(row(target=rows[-1].id) if inherits else row(terms=(("actor", 0),)))
    statements.append(rows, Clock())
    wanted = _ids(rows)

    found = _ids(stores.find(statements, (("actor", 0),), limit=4, ascending=ascending))

    assert found == (wanted if ascending else wanted[::-1])


def test_many_rows_inherit_from_one_that_comes_late(statements):
    late = row(terms=(("late", 0),))
    early = [row(target=late.id) for _ in range(40)]
    statements.append(early, Clock())

    statements.append([late], Clock())

    assert _found(statements, "late", limit=7) == [*_ids(early), late.id]


def test_labels_and_rows_of_a_term_are_those_that_have_it_themselves(statements):
    first, second = _chain(2)
    statements.append([first, second], Clock())

    assert _ids(statements.labels(term=("first", 0))) == [first.id]
    assert _ids(statements.rows(term=("first", 0))) == [first.id]
    assert _ids(statements.rows(term=("sender", SOURCE))) == [first.id, second.id]


def _void(target, **changes):
    return row(kind="voided", terms=(("voider", 0),), target=target, voids=True, **changes)


@pytest.mark.parametrize("order", ORDERS)
def test_a_void_row_is_in_no_query_and_no_label_but_is_got_as_void(statements, order):
    one, other = row(terms=(("one", 0),)), row(terms=(("one", 0),))
    voiding = _void(one.id)
    _append(statements, [one, voiding], order)
    statements.append([other], Clock())

    assert one.id not in _ids(statements.query(Query()).rows)
    assert set(_ids(stores.find(statements, kind=("did", KIND)))) == {voiding.id, other.id}
    assert set(_found(statements, "one")) == {voiding.id, other.id}
    assert _found(statements, "one", source="never-seen") == []
    assert set(_ids(statements.labels())) == {voiding.id, other.id}
    assert _ids(statements.labels(term=("one", 0))) == [other.id]
    assert {each.id: each.voided for each in statements.get([one.id, voiding.id, other.id]).values()} == {
        one.id: True,
        voiding.id: False,
        other.id: False,
    }
    assert {each.id for each in statements.rows() if each.voided} == {one.id}


@pytest.mark.parametrize("order", ORDERS)
def test_a_row_that_voids_another_is_never_void_itself(statements, order):
    one = row(terms=(("one", 0),))
    voiding = _void(one.id)
    against = _void(voiding.id)
    _append(statements, [one, voiding, against], order)

    assert not statements.get([voiding.id])[voiding.id].voided
    assert statements.get([one.id])[one.id].voided
    assert set(_ids(stores.find(statements))) == {voiding.id, against.id}


def test_a_row_that_voids_what_is_not_there_is_not_void_either(statements):
    voiding = _void(row().id)
    statements.append([voiding, _void(voiding.id)], Clock())

    assert len(stores.find(statements)) == 2


def test_a_row_that_voids_itself_is_not_void(statements):
    statements.append([_void(b"s" * 16, id=b"s" * 16)], Clock())

    assert len(stores.find(statements)) == 1


@pytest.mark.parametrize("order", [*itertools.permutations(range(3))])
def test_a_row_that_targets_a_void_one_is_still_found_by_its_terms(statements, order):
    one = row(terms=(("one", 0),))
    citing = row(terms=(("citing", 0),), target=one.id)
    rows = [one, citing, _void(one.id)]
    for each in order:
        statements.append([rows[each]], Clock())

    assert set(_found(statements, "one")) == {citing.id, rows[2].id}


@pytest.mark.parametrize("order", ORDERS)
def test_a_void_row_is_not_found_by_the_terms_that_it_inherits(statements, order):
    one, two = _chain(2)
    _append(statements, [one, two, _void(two.id)], order)

    assert two.id not in _found(statements, "first")
    assert two.id not in _found(statements, "link-1")
    assert one.id in _found(statements, "first")


def test_a_row_that_is_targeted_but_not_voided_is_not_void(statements):
    one = row()
    statements.append([one, row(target=one.id)], Clock())

    assert not statements.get([one.id])[one.id].voided


def test_void_rows_do_not_make_pages_short_of_what_follows(statements):
    rows = [row(terms=(("one", 0),)) for _ in range(12)]
    statements.append(rows, Clock())
    statements.append([_void(each.id) for each in rows[2:]], Clock())

    pages = stores.pages(statements, Query(groups=((("one", 0),),), kind=("did", KIND), ascending=True, limit=1))

    assert [each.id for page in pages for each in page if each.seq <= 12] == _ids(rows[:2])
