"""Queries of the hot port, over every adapter."""

from dataclasses import replace

import pytest

from storage import port, sqlite_query, sqlite_tail
from storage.port import Page, Query
from tests.storage import stores
from tests.storage.stores import KIND, Clock, row


@pytest.fixture
def statements(store):
    return store.statements


@pytest.fixture
def filled(statements):
    """20 rows in 5 batches at the times 1000, 2000, ...; actors 0-1, things 0-3, courses 0-2, kinds even and odd."""
    rows = [
        row(
            kind=("even", "odd")[number % 2],
            source=("lms", "quiz")[number // 10],
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


def _ids(rows):
    return [each.id for each in rows]


ACTOR_1, COURSE_0, THING_1, THING_3 = ((("actor-1", 0),), (("course-0", 3),), (("thing-1", 2),), (("thing-3", 2),))


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        (Query(limit=3), [19, 18, 17]),
        (Query(limit=3, ascending=True), [0, 1, 2]),
        (Query(groups=(ACTOR_1,), limit=3), [19, 17, 15]),
        (Query(groups=(THING_3,)), [19, 15, 11, 7, 3]),
        (Query(groups=(ACTOR_1, COURSE_0)), [15, 9, 3]),
        (Query(groups=(ACTOR_1, COURSE_0, THING_1)), [9]),
        (Query(groups=((("actor-1", 1),),)), []),
        (Query(groups=((("actor-9", 1),),), limit=1), [19]),
        (Query(groups=((("never-seen", 0),),)), []),
        (Query(since=4000), [19, 18, 17, 16]),
        (Query(since=3999, limit=5), [19, 18, 17, 16, 15]),
        (Query(until=1000), [3, 2, 1, 0]),
        (Query(until=1999), [3, 2, 1, 0]),
        (Query(until=999), []),
        (Query(since=9999), []),
        (Query(since=1000, until=2000), [7, 6, 5, 4]),
        (Query(since=1000, until=2000, groups=((("actor-0", 0),),), ascending=True), [4, 6]),
        (Query(before=4, limit=2), [2, 1]),
        (Query(after=18, ascending=True), [18, 19]),
        (Query(after=5, before=8), [6, 5]),
        (Query(after=20), []),
        (Query(limit=0), []),
    ],
)
def test_a_query_answers_what_matches_in_order(filled, query, numbers):
    assert _numbers(filled.query(query).rows) == numbers


@pytest.mark.parametrize(
    ("groups", "numbers"),
    [
        (((("thing-1", 2), ("thing-3", 2)),), [19, 17, 15, 13, 11, 9, 7, 5, 3, 1]),
        (((("thing-1", 2), ("never-seen", 0)),), [17, 13, 9, 5, 1]),
        (((("thing-1", 2), ("course-0", 3)), (("actor-1", 0),)), [17, 15, 13, 9, 5, 3, 1]),
        (((("actor-0", 0), ("actor-1", 0)), (("thing-0", 2), ("thing-3", 2)), COURSE_0), [15, 12, 3, 0]),
    ],
)
def test_of_each_group_one_alternative_is_enough(filled, groups, numbers):
    assert _numbers(stores.find(filled, *groups)) == numbers
    assert _numbers(stores.find(filled, *groups, ascending=True)) == numbers[::-1]


def test_a_row_that_has_two_alternatives_is_found_once(filled):
    both = (("thing-1", 2), ("actor-1", 0), ("actor-9", 1))

    assert _numbers(stores.find(filled, both, limit=7)) == [*range(19, -1, -1)]


@pytest.mark.parametrize(
    ("kind", "groups", "numbers"),
    [
        ("odd", (), [19, 17, 15, 13, 11, 9, 7, 5, 3, 1]),
        ("odd", (COURSE_0,), [15, 9, 3]),
        ("even", (THING_3,), []),
        ("odd", (THING_3, COURSE_0), [15, 3]),
        ("never-seen", (ACTOR_1,), []),
        ("never-seen", (), []),
    ],
)
def test_a_kind_narrows_what_is_found(filled, kind, groups, numbers):
    assert _numbers(stores.find(filled, *groups, kind=(kind, KIND))) == numbers


@pytest.mark.parametrize(
    ("options", "groups", "numbers"),
    [
        ({"source": "lms"}, (), [*range(9, -1, -1)]),
        ({"source": "lms"}, (THING_3,), [7, 3]),
        ({"source": "quiz", "kind": ("even", KIND)}, (), [18, 16, 14, 12, 10]),
        ({"source": "quiz", "kind": ("even", KIND), "since": 4000}, (COURSE_0,), [18]),
        ({"source": "never-seen"}, (ACTOR_1,), []),
    ],
)
def test_a_source_narrows_what_is_found(filled, options, groups, numbers):
    assert _numbers(stores.find(filled, *groups, **options)) == numbers


@pytest.mark.parametrize("ascending", [False, True])
@pytest.mark.parametrize("groups", [(), (ACTOR_1,), (ACTOR_1, ((("course-0", 3), ("course-1", 3))))])
def test_pages_joined_are_the_whole_in_both_directions(filled, groups, ascending):
    whole = filled.query(Query(groups=groups, ascending=ascending)).rows
    pages = stores.pages(filled, Query(groups=groups, ascending=ascending, limit=3))

    assert [each for page in pages for each in page] == whole
    assert [len(page) for page in pages[:-1]] == [3] * (len(pages) - 1)


@pytest.mark.parametrize("ascending", [False, True])
def test_a_full_page_that_is_the_last_says_that_nothing_follows(filled, ascending):
    assert filled.query(Query(groups=(THING_3,), limit=5, ascending=ascending)).resume is None
    assert filled.query(Query(groups=(THING_3,), limit=4, ascending=ascending)).resume is not None
    assert filled.query(Query(limit=20, ascending=ascending)).resume is None


def test_a_page_goes_on_where_it_ended_though_rows_came_meanwhile(filled):
    page = filled.query(Query(groups=(ACTOR_1,), limit=2))
    filled.append([row(terms=(("actor-1", 0),))], Clock(9000))

    assert _numbers(filled.query(Query(groups=(ACTOR_1,), limit=2, before=page.resume)).rows) == [15, 13]


def test_an_empty_store_has_an_empty_last_page(statements):
    assert statements.query(Query()) == Page([], None)
    assert statements.query(Query(groups=(ACTOR_1,), since=5, until=9)) == Page([], None)


def test_rare_rows_are_found_far_back(statements):
    rare = row(terms=(("rare", 0),))
    statements.append([rare, *(row() for _ in range(60))], Clock())

    assert _ids(stores.find(statements, (("rare", 0),), limit=1)) == [rare.id]
    assert _ids(stores.find(statements, (("rare", 0),), limit=1, ascending=True)) == [rare.id]
    assert len(statements.query(Query(groups=((("did", KIND),),), limit=50)).rows) == 50


def test_times_are_found_though_rows_between_them_are_gone(statements):
    clock = Clock(0)
    for time in range(1, 61):
        clock.now = time * 10
        statements.append([row(body=str(time).encode())], clock)
    statements.remove([*range(1, 31), *range(32, 59)])

    assert _numbers(stores.find(statements, since=309)) == [60, 59, 31]
    assert _numbers(stores.find(statements, since=310)) == [60, 59]
    assert _numbers(stores.find(statements, until=589)) == [31]
    assert _numbers(stores.find(statements, until=309)) == []
    assert _numbers(stores.find(statements, since=310, until=590)) == [59]


@pytest.fixture
def narrow(monkeypatch):
    """A bound of 10 entries, a sample smaller than it, and no row that waits to be indexed."""
    monkeypatch.setattr(port, "SCAN", 10)
    monkeypatch.setattr(sqlite_query, "_SAMPLE", 5)
    monkeypatch.setattr(sqlite_tail, "MOST", 1)


def _two_terms_that_never_meet(statements, number):
    statements.append([row(terms=((("left", "right")[each % 2], 0),)) for each in range(number)], Clock())


@pytest.mark.parametrize("ascending", [False, True])
def test_two_huge_terms_that_never_meet_cost_a_page_no_more_than_the_bound(statements, narrow, ascending):
    _two_terms_that_never_meet(statements, 80)

    pages = stores.pages(statements, Query(groups=((("left", 0),), (("right", 0),)), ascending=ascending))

    assert [page for page in pages if page] == []
    assert 4 <= len(pages) <= 20


@pytest.mark.parametrize("ascending", [False, True])
def test_the_one_row_beyond_the_bound_is_found_on_a_later_page(statements, narrow, ascending):
    both = row(terms=(("left", 0), ("right", 0)))
    _two_terms_that_never_meet(statements, 60)
    statements.append([both], Clock())
    _two_terms_that_never_meet(statements, 60)

    pages = stores.pages(statements, Query(groups=((("left", 0),), (("right", 0),)), ascending=ascending))

    assert [_ids(page) for page in pages if page] == [[both.id]]
    assert len(pages) > 2


def test_the_rarer_term_drives_wherever_it_stands(statements, narrow):
    both = row(terms=(("often", 0), ("seldom", 2)))
    statements.append([both, *(row(terms=(("often", 0),)) for _ in range(100))], Clock())

    for groups in (((("often", 0),), (("seldom", 2),)), ((("seldom", 2),), (("often", 0),))):
        assert _ids(statements.query(Query(groups=groups, limit=1)).rows) == [both.id]


def test_what_is_found_is_not_cut_by_the_bound(statements, narrow):
    statements.append([row(terms=(("all", 0), ("most", 0))) for _ in range(50)], Clock())

    assert len(stores.find(statements, (("all", 0),), (("most", 0),), limit=20)) == 50
    assert len(stores.find(statements, (("all", 0),), limit=20)) == 50


def test_a_body_of_any_bytes_and_words_of_any_text_come_back(statements):
    words = ("$where", "a.b", "", "\x00", "界\U0001f600", "0 actor", "x" * 4000)
    one = row(body=bytes(range(256)), terms=tuple((word, 0) for word in words), source="界", kind="$set")
    statements.append([one], Clock())

    for word in words:
        (found,) = stores.find(statements, ((word, 0),), kind=("$set", KIND), source="界")
        assert found.body == one.body
        assert found.source == "界"


def test_a_row_whose_entries_lie_across_the_bound_of_a_look_is_not_passed_over(statements, monkeypatch):
    """What a row inherits are entries of its own: a look that ends among them has not seen the row yet."""
    monkeypatch.setattr(port, "SCAN", 3)
    first, other, last = row(), row(), row()
    second = row(target=first.id)
    third = row(target=second.id)
    statements.append([first, second, other, third, last], Clock())
    for ascending in (False, True):
        found, query = [], Query(source="sender", limit=1, ascending=ascending)
        for _ in range(30):
            page = statements.query(query)
            found += [each.seq for each in page.rows]
            if page.resume is None:
                break
            query = replace(query, **({"after": page.resume} if ascending else {"before": page.resume}))

        assert found == ([1, 2, 3, 4, 5] if ascending else [5, 4, 3, 2, 1])
