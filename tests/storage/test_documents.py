"""The contract of the general verbs, over every adapter."""

import threading

import pytest
from hypothesis import HealthCheck, given, settings, strategies

from storage import errors
from storage.collection import Collection
from tests.storage import stores
from tests.storage.stores import NOTES, TICKETS, note


def test_an_inserted_document_comes_back_as_it_was(store):
    store.insert(NOTES, note())

    assert store.get(NOTES, ("o", "n")) == note()


def test_a_missing_document_is_none(store):
    assert store.get(NOTES, ("o", "other")) is None


def test_names_that_mean_something_to_a_database_are_kept(store):
    odd = {"$where": 1, "a.b": {"$gt": ""}, "": None, "__proto__": [1.5], "\x00": "\x00", "界": "\U0001f600"}
    store.insert(NOTES, note(text=odd))

    assert store.get(NOTES, ("o", "n"))["text"] == odd


def test_a_second_document_with_a_key_is_refused_and_changes_nothing(store):
    store.insert(NOTES, note())

    with pytest.raises(errors.DuplicateKey):
        store.insert(NOTES, note(text="other"))

    assert store.get(NOTES, ("o", "n")) == note()


def test_insert_missing_keeps_what_is_there_and_answers_in_order(store):
    store.insert(TICKETS, {"id": "2", "by": "first"})

    kept = store.insert_missing(TICKETS, [{"id": str(n), "by": "second"} for n in (3, 2, 1)])

    assert kept == [{"id": "3", "by": "second"}, {"id": "2", "by": "first"}, {"id": "1", "by": "second"}]


def test_insert_missing_of_nothing_is_nothing(store):
    assert store.insert_missing(TICKETS, []) == []


def test_get_many_answers_those_that_are_there(store):
    store.insert(TICKETS, {"id": "1"})

    assert store.get_many(TICKETS, [("1",), ("2",)]) == {("1",): {"id": "1"}}


@pytest.fixture
def filled(store):
    for name, colour, tags in (("d", "red", ["x"]), ("a", "red", ["x", "y"]), ("c", "blue", []), ("b", "red", ["y"])):
        store.insert(NOTES, note(name=name, colour=colour, tags=tags))
    return store


def _names(found):
    return "".join(each["name"] for each in found)


@pytest.mark.parametrize(
    ("where", "names"),
    [
        (None, "abcd"),
        ({"colour": "red"}, "abd"),
        ({"colour": "red", "tags": "y"}, "ab"),
        ({"tags": "x"}, "ad"),
        ({"name": "c"}, "c"),
        ({"size": 3, "colour": "blue"}, "c"),
        ({"colour": None}, ""),
        ({"size": "3"}, ""),
    ],
)
def test_find_answers_equal_fields_in_the_order_of_keys(filled, where, names):
    assert _names(filled.find(NOTES, where)) == names


@pytest.mark.parametrize(
    ("options", "names"),
    [
        ({"limit": 2}, "ab"),
        ({"limit": 0}, ""),
        ({"after": ("o", "b")}, "cd"),
        ({"after": ("o", "c"), "descending": True}, "ba"),
        ({"descending": True, "limit": 1}, "d"),
    ],
)
def test_find_pages_in_both_directions(filled, options, names):
    assert _names(filled.find(NOTES, **options)) == names


def test_a_missing_indexed_field_counts_as_null(store):
    store.insert(NOTES, {"owner": "o", "name": "n"})

    assert len(store.find(NOTES, {"colour": None})) == 1


def test_a_replaced_document_is_found_by_its_new_fields_only(store):
    store.insert(NOTES, note())

    assert store.replace(NOTES, note(colour="blue", tags=["c"]), expected=note())
    assert store.find(NOTES, {"colour": "red"}) == store.find(NOTES, {"tags": "a"}) == []
    assert _names(store.find(NOTES, {"colour": "blue", "tags": "c"})) == "n"


def test_replace_refuses_a_document_that_is_not_the_expected_one(store):
    store.insert(NOTES, note())

    assert not store.replace(NOTES, note(text="new"), expected=note(text="another"))
    assert not store.replace(NOTES, note(text="new"), expected=None)
    assert store.get(NOTES, ("o", "n")) == note()


def test_replace_with_none_expected_keeps_a_first_document(store):
    assert store.replace(NOTES, note(), expected=None)
    assert store.get(NOTES, ("o", "n")) == note()


def test_replace_of_a_missing_document_is_false(store):
    assert not store.replace(NOTES, note(), expected=note())
    assert store.get(NOTES, ("o", "n")) is None


def test_a_taken_document_is_gone_from_every_index(store):
    store.insert(NOTES, note())

    assert store.take(NOTES, ("o", "n")) == note()
    assert store.take(NOTES, ("o", "n")) is None
    assert store.find(NOTES, {"colour": "red"}) == []


def test_delete_says_whether_there_was_one(store):
    store.insert(NOTES, note())

    assert store.delete(NOTES, ("o", "n"))
    assert not store.delete(NOTES, ("o", "n"))


def test_delete_of_what_was_expected_spares_what_was_changed_meanwhile(store):
    store.insert(NOTES, note())

    assert not store.delete(NOTES, ("o", "n"), expected=note(colour="blue"))
    assert store.get(NOTES, ("o", "n")) == note()
    assert store.delete(NOTES, ("o", "n"), expected=note())
    assert not store.delete(NOTES, ("o", "n"), expected=note())
    assert store.find(NOTES, {"colour": "red"}) == []


def test_of_many_takers_exactly_one_gets_the_document(address):
    opened = [stores.open_store(address) for _ in range(4)]
    opened[0].insert(TICKETS, {"id": "1"})
    barrier = threading.Barrier(8)
    taken = []

    def take(store):
        barrier.wait()
        taken.append(store.take(TICKETS, ("1",)))

    threads = [threading.Thread(target=take, args=(store,)) for store in opened * 2]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for store in opened:
        store.close()

    assert [each for each in taken if each] == [{"id": "1"}]


def test_documents_outlive_the_connection(address):
    first = stores.open_store(address)
    first.insert(NOTES, note())
    first.close()
    second = stores.open_store(address)

    assert second.find(NOTES, {"tags": "b"}) == [note()]
    second.close()


def test_a_new_index_finds_old_documents(address):
    first = stores.open_store(address)
    first.insert(NOTES, note(text="hello"))
    first.close()
    wider = Collection("notes", ("owner", "name"), ("text",), **stores.FACTS)
    second = stores.open_store(address, wider)

    assert second.find(wider, {"text": "hello"}) == [note()]
    second.close()


def test_collections_do_not_see_each_other(store):
    store.insert(TICKETS, {"id": "1"})
    other = Collection("other", ("id",), **stores.FACTS)

    with pytest.raises(errors.UndeclaredError, match="not declared"):
        store.get(other, ("1",))


def test_the_hot_collection_has_its_own_port(store):
    with pytest.raises(errors.UndeclaredError, match=r"storage\.statements"):
        store.insert(stores.HOT, {"id": "1"})


def test_without_a_hot_collection_there_is_no_hot_port(address):
    store = stores.open_store(address, TICKETS)

    with pytest.raises(errors.UndeclaredError, match="hot collection"):
        _ = store.statements
    store.close()


@pytest.mark.parametrize(
    ("document", "text"),
    [
        ({"owner": "o"}, "lacks its key field 'name'"),
        (note(name=""), "Key field 'name'"),
        (note(name=5), "Key field 'name'"),
        (note(name="a\x1fb"), "Key field 'name'"),
        (note(name="\ud800"), "Key field 'name'"),
        (note(text=object()), "is not JSON"),
        (note(text=2**70), "is not JSON"),
        (note(colour={"a": 1}), "Field 'colour'"),
        (note(tags="a"), "Field 'tags'"),
        (note(tags=[["a"]]), "Field 'tags'"),
    ],
)
def test_what_no_store_can_hold_is_refused_with_its_place(store, document, text):
    with pytest.raises(errors.DocumentError, match=text):
        store.insert(NOTES, document)


def test_a_field_that_is_not_indexed_cannot_be_asked_for(store):
    with pytest.raises(errors.UndeclaredError, match="'text' of notes is not indexed"):
        store.find(NOTES, {"text": "hello"})


def test_a_key_of_another_length_is_refused(store):
    with pytest.raises(errors.DocumentError, match="has 2 values, not 1"):
        store.get(NOTES, ("o",))


_json = strategies.recursive(
    strategies.none() | strategies.booleans() | strategies.integers(-(2**63), 2**64 - 1) | strategies.text()
    | strategies.floats(allow_nan=False, allow_infinity=False),
    lambda inner: strategies.lists(inner, max_size=3) | strategies.dictionaries(strategies.text(), inner, max_size=3),
    max_leaves=8,
)  # fmt: skip


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(key=strategies.text(min_size=1).filter(lambda text: "\x1f" not in text), value=_json)
def test_any_json_under_any_key_comes_back(store, key, value):
    store.delete(TICKETS, (key,))
    store.insert(TICKETS, {"id": key, "value": value})

    assert store.get(TICKETS, (key,)) == {"id": key, "value": value}
