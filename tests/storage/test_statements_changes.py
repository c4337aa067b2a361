"""Files, rewriting, removing and forgetting in the hot port, over every adapter."""

import pytest

from storage import errors
from storage.port import SOURCE
from tests.storage import stores
from tests.storage.stores import KIND, Clock, row


@pytest.fixture
def statements(store):
    return store.statements


def _ids(rows):
    return [each.id for each in rows]


def _found(statements, word, role=0, **options):
    return _ids(stores.find(statements, ((word, role),), ascending=True, **options))


def _void(target, **changes):
    return row(kind="voided", terms=(("voider", 0),), target=target, voids=True, **changes)


# Files


def test_files_come_back_with_their_rows(statements):
    one = row(files=(("a", b"\x00sealed"), ("b", b"")))
    two = row()
    three = row(files=(("a", b"another"),))
    statements.append([one, two, three], Clock())

    assert statements.files([1, 2, 3, 99]) == {1: {"a": b"\x00sealed", "b": b""}, 3: {"a": b"another"}}
    assert statements.files([2]) == statements.files([]) == {}


def test_a_refused_batch_leaves_no_file(statements):
    one = row()
    statements.append([one], Clock())
    with pytest.raises(errors.DuplicateIdError):
        statements.append([row(files=(("a", b"a"),)), one], Clock())

    assert statements.files([*range(1, 9)]) == {}
    statements.append([row()], Clock())
    assert statements.files([*range(1, 9)]) == {}


def test_a_large_file_comes_back_whole(statements):
    content = bytes(range(256)) * 68_000  # 17 MB: more than one document of MongoDB can hold
    statements.append([row(files=(("large", content), ("small", b"s")))], Clock())

    assert statements.files([1]) == {1: {"large": content, "small": b"s"}}


def test_files_of_a_void_row_can_be_read(statements):
    one = row(files=(("a", b"a"),))
    statements.append([one, _void(one.id)], Clock())

    assert statements.files([1]) == {1: {"a": b"a"}}


# Rewriting


def test_a_rewritten_row_keeps_its_place_and_has_all_else_new(statements):
    old = row(terms=(("old", 0), ("kept", 0)), files=(("a", b"old"), ("b", b"b")))
    statements.append([row(), old, row()], Clock(500))
    before = statements.get([old.id])[old.id]
    new = row(
        id=old.id,
        kind="new",
        source="new-sender",
        label=b"new-label",
        body=b"new-body",
        terms=(("new", 0), ("kept", 0)),
        files=(("a", b"new"),),
    )

    statements.rewrite([(2, new)])

    (whole,) = [each for each in statements.rows() if each.id == old.id]
    assert (whole.seq, whole.stored, whole.source, whole.body, whole.label, whole.voided) == (
        2,
        before.stored,
        "new-sender",
        b"new-body",
        b"new-label",
        False,
    )
    assert statements.get([old.id])[old.id].body == b"new-body"
    assert _found(statements, "old") == []
    assert _found(statements, "new") == _found(statements, "kept") == [old.id]
    assert _found(statements, "kept", kind=("new", KIND)) == [old.id]
    assert _found(statements, "kept", kind=("did", KIND)) == []
    assert _found(statements, "kept", source="new-sender") == [old.id]
    assert _ids(statements.rows(term=("sender", SOURCE))) == [
        each for each in _ids(statements.labels()) if each != old.id
    ]
    assert statements.files([2]) == {2: {"a": b"new"}}
    assert [each.label for each in statements.labels()] == [b"label", b"new-label", b"label"]


def test_a_removed_row_stays_gone_when_it_is_rewritten(statements):
    one, two = row(), row()
    statements.append([one, two], Clock())
    statements.remove([1])

    statements.rewrite([(1, one), (2, row(id=two.id, body=b"new"))])

    assert [each.body for each in statements.rows()] == [b"new"]
    assert list(statements.get([one.id])) == []


def test_a_row_of_another_id_is_not_rewritten(statements):
    statements.append([row()], Clock())
    statements.rewrite([(1, row(body=b"other"))])

    assert [each.body for each in statements.rows()] == [b"body"]


def test_who_targets_a_rewritten_row_inherits_its_new_terms(statements):
    one = row(terms=(("old", 0),))
    two = row(terms=(("two", 0),), target=one.id)
    three = row(terms=(("three", 0),), target=two.id)
    statements.append([one, two, three], Clock())

    statements.rewrite([(1, row(id=one.id, terms=(("new", 0),), kind="new"))])

    assert _found(statements, "old") == []
    assert _found(statements, "new", kind=("new", KIND)) == [one.id, two.id, three.id]
    assert _found(statements, "two") == [two.id, three.id]


def test_a_row_rewritten_with_another_target_inherits_from_that(statements):
    one, other = row(terms=(("one", 0),)), row(terms=(("other", 0),))
    two = row(terms=(("two", 0),), target=one.id)
    three = row(target=two.id)
    statements.append([one, other, two, three], Clock())

    statements.rewrite([(3, row(id=two.id, target=other.id))])
    assert _found(statements, "one") == [one.id]
    assert _found(statements, "other") == [other.id, two.id, three.id]

    statements.rewrite([(3, row(id=two.id))])
    assert _found(statements, "other") == [other.id]


def test_a_row_rewritten_so_that_it_voids_another_makes_it_void_and_the_reverse(statements):
    one, other = row(), row()
    voiding = _void(one.id)
    statements.append([one, other, voiding], Clock())

    statements.rewrite([(3, _void(other.id, id=voiding.id))])
    assert {each.id for each in statements.rows() if each.voided} == {other.id}

    statements.rewrite([(3, row(id=voiding.id, target=other.id))])
    assert {each.id for each in statements.rows() if each.voided} == set()


def test_a_void_row_that_is_rewritten_stays_void(statements):
    one = row(terms=(("one", 0),))
    statements.append([one, _void(one.id)], Clock())

    statements.rewrite([(1, row(id=one.id, terms=(("new", 0),)))])

    assert statements.get([one.id])[one.id].voided
    assert one.id not in _found(statements, "new")


def test_many_rows_are_rewritten_at_once(statements):
    rows = [row(terms=(("old", 0),)) for _ in range(20)]
    statements.append(rows, Clock())

    statements.rewrite([(seq, row(id=each.id, terms=(("new", 0),))) for seq, each in enumerate(rows, 1)])

    assert _found(statements, "old") == []
    assert _found(statements, "new") == _ids(rows)


# Removing


def test_a_removed_row_is_nowhere(statements):
    one, two = row(terms=(("one", 0),), files=(("a", b"a"),)), row()
    statements.append([one, two], Clock())

    assert statements.remove([1, 1, 99]) == 1

    assert statements.remove([1]) == 0
    assert list(statements.get([one.id])) == []
    assert _found(statements, "one") == []
    assert _found(statements, "one", kind=("did", KIND)) == []
    assert _ids(stores.find(statements, source="sender")) == [two.id]
    assert _ids(statements.labels()) == _ids(statements.rows()) == _ids(stores.find(statements)) == [two.id]
    assert list(statements.rows(term=("one", 0))) == []
    assert statements.files([1]) == {}


def test_removing_nothing_is_nothing(statements):
    assert statements.remove([]) == 0


def test_a_removed_row_lends_nothing_to_those_who_target_it(statements):
    rows = [row(terms=(("one", 0),))]
    for number in range(3):
        rows.append(row(terms=((f"link-{number}", 0),), target=rows[-1].id))
    statements.append(rows, Clock())

    statements.remove([2])

    assert _found(statements, "one") == [rows[0].id]
    assert _found(statements, "link-0") == []
    assert _found(statements, "link-1") == [rows[2].id, rows[3].id]


def test_the_id_of_a_removed_row_can_be_given_again_and_joins_its_chain_again(statements):
    one = row(terms=(("one", 0),))
    two = row(target=one.id)
    statements.append([one, two], Clock())
    statements.remove([1])
    statements.append([row(id=one.id, terms=(("again", 0),))], Clock())

    assert _found(statements, "one") == []
    assert _found(statements, "again") == [two.id, one.id]
    assert statements.get([one.id])[one.id].seq == 3


def test_without_the_row_that_voids_it_a_row_is_not_void(statements):
    one = row(terms=(("one", 0),))
    statements.append([one, _void(one.id)], Clock())

    statements.remove([2])

    assert not statements.get([one.id])[one.id].voided
    assert _found(statements, "one") == [one.id]
    assert _ids(statements.labels()) == [one.id]


def test_a_row_that_two_void_stays_void_without_one_of_them(statements):
    one = row()
    statements.append([one, _void(one.id), _void(one.id)], Clock())

    statements.remove([2])

    assert statements.get([one.id])[one.id].voided


def test_a_removed_row_is_void_again_when_it_comes_again(statements):
    one = row()
    statements.append([one, _void(one.id)], Clock())
    statements.remove([1])

    statements.append([one], Clock())

    assert statements.get([one.id])[one.id].voided


def test_removing_a_void_row_and_what_voids_it_in_one_step(statements):
    one, other = row(), row()
    statements.append([one, _void(one.id), other], Clock())

    assert statements.remove([2, 1]) == 2
    assert _ids(stores.find(statements)) == [other.id]


def test_a_seq_is_never_given_twice(statements, address):
    statements.append([row(), row(), row()], Clock(700))
    assert statements.last() == 3
    statements.remove([2, 3])
    assert statements.last() == 3
    again = stores.open_store(address)

    assert again.statements.last() == 3
    assert again.statements.append([row()], Clock(1)) > 700
    assert [each.seq for each in again.statements.rows()] == [1, 4]
    again.close()


def test_an_emptied_store_goes_on_counting_and_its_time_does_not_go_back(statements):
    statements.append([row()], Clock(700))
    statements.remove([1])

    assert statements.append([row()], Clock(5)) == 701
    assert statements.last() == 2
    assert statements.consistent_through(Clock(0)) == 701


# Forgetting


def test_a_forgotten_word_finds_nothing_and_can_come_again(statements):
    statements.append([row(terms=(("secret", 0),))], Clock())
    statements.remove([1])
    statements.forget(["secret", "never-seen"])
    assert _found(statements, "secret") == []
    again = row(terms=(("secret", 0),))

    statements.append([again], Clock())

    assert _found(statements, "secret") == [again.id]


def test_a_word_that_a_row_has_is_not_forgotten(statements):
    one = row(kind="kind", source="source", terms=(("word", 0),))
    two = row(target=one.id)
    statements.append([one, two], Clock())

    statements.forget(["word", "kind", "source", "sender"])

    assert _found(statements, "word") == [one.id, two.id]
    assert _ids(stores.find(statements, kind=("kind", KIND))) == [two.id, one.id]
    assert statements.get([one.id])[one.id].source == "source"
    assert _ids(stores.find(statements, source="sender")) == [two.id]


def test_each_forgetting_begins_an_epoch_that_all_processes_see(address):
    one, other = stores.open_store(address), stores.open_store(address)
    before = one.statements.epoch()
    assert other.statements.epoch() == before
    one.statements.append([row()], Clock())
    one.statements.remove([1])
    assert one.statements.epoch() == before

    one.statements.forget([])

    assert one.statements.epoch() == other.statements.epoch() > before
    one.close()
    other.close()


def test_rows_of_an_earlier_epoch_are_refused_and_those_of_this_one_stored(address):
    one, other = stores.open_store(address), stores.open_store(address)
    epoch = one.statements.epoch()
    one.statements.append([row(terms=(("one", 0),))], Clock(), epoch=epoch)
    other.statements.forget(["one"])

    with pytest.raises(errors.StaleError, match="make them again"):
        one.statements.append([row(terms=(("two", 0),), files=(("a", b"a"),))], Clock(), epoch=epoch)

    assert one.statements.last() == 1
    assert one.statements.files([2]) == {}
    one.statements.append([row(terms=(("two", 0),))], Clock(), epoch=one.statements.epoch())
    assert len(_found(other.statements, "one")) == len(_found(other.statements, "two")) == 1
    one.close()
    other.close()


def test_a_word_forgotten_by_one_process_is_known_anew_by_another(address):
    one, other = stores.open_store(address), stores.open_store(address)
    one.statements.append([row(terms=(("secret", 0),))], Clock())
    assert len(_found(other.statements, "secret")) == 1
    other.statements.append([row(terms=(("secret", 0),))], Clock())
    one.statements.remove([1, 2])
    one.statements.forget(["secret"])
    one.statements.append([row(terms=(("newcomer", 0),))], Clock())
    again = row(terms=(("secret", 0),))

    other.statements.append([again], Clock())

    assert _found(one.statements, "secret") == _found(other.statements, "secret") == [again.id]
    assert len(_found(other.statements, "newcomer")) == 1
    one.close()
    other.close()


def test_changes_of_one_process_are_seen_by_another(address):
    one, other = stores.open_store(address), stores.open_store(address)
    rows = [row(terms=(("one", 0),)) for _ in range(4)]
    one.statements.append(rows, Clock())
    assert len(_found(other.statements, "one")) == 4
    other.statements.remove([2])
    other.statements.rewrite([(3, row(id=rows[2].id, terms=(("new", 0),)))])
    voiding = _void(rows[3].id)
    other.statements.append([voiding], Clock())

    assert _found(one.statements, "one") == [rows[0].id, voiding.id]
    assert _found(one.statements, "new") == [rows[2].id]
    one.close()
    other.close()
