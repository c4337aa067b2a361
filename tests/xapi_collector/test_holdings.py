"""What is kept of a person in documents of any room is found by its declaration."""

import base64

import pytest

from storage.collection import Collection
from tests.house import collections_table
from tests.storage import stores
from tests.xapi_collector import persons
from tests.xapi_collector.lrs import agent, statement
from xapi_collector import blob, settings
from xapi_collector.upkeep import holdings

NOBODYS = {
    "credentials": "systems, not persons",
    "lti_logins": "a browser that signs in, for five minutes: no pseudonym is known yet",
    "activity_profiles": "about activities",
}
DECLARED = [collection for room in collections_table.ROOMS for collection in collections_table.declared(room)]


@pytest.fixture(params=stores.STORES)
def lrs(request, tmp_path):
    made = persons.make(stores.url(request.param, tmp_path / "store"), tmp_path)
    yield made
    made.storage.close()


@pytest.mark.parametrize("collection", DECLARED, ids=lambda collection: collection.name)
def test_a_collection_about_persons_says_by_which_field(collection):
    impersonal = "no personal data" in collection.legal_basis or collection.name in NOBODYS

    assert collection.hot or bool(collection.person) is not impersonal


def test_data_keys_and_renames_are_no_holdings_of_a_person():
    names = {each.name for each in holdings.personal(DECLARED)}

    assert {"consents", "agent_documents", "definitions", "lti_goals", "dead_letters", "forward_agents"} <= names
    assert names.isdisjoint({"statements", "data_keys", "renames", "tombstones", "progress"})


def test_documents_are_walked_page_by_page_while_they_go(lrs, monkeypatch):
    monkeypatch.setattr(holdings, "PAGE", 2)
    for number in range(7):
        lrs.storage.insert(persons.GOALS, {"learner": "p" * 32, "context": f"c{number}", "role": "broker"})
    seen = []
    for document in holdings.walk(lrs.storage, persons.GOALS, "p" * 32):
        lrs.storage.delete(persons.GOALS, holdings.key_of(persons.GOALS, document))
        seen.append(document["context"])

    assert seen == [f"c{number}" for number in range(7)]


def test_a_renamed_document_is_sealed_under_the_data_key_of_the_new_name(lrs):
    lrs.post(statement(actor=agent("Ada")))
    persons.keep_documents(lrs, "Ada")
    collector = persons.collector(lrs)
    old, new = persons.person(lrs, "Ada"), "n" * 32
    (before,) = lrs.storage.find(settings.AGENT_DOCUMENTS)
    plain = holdings.opened(collector, before, old)
    assert holdings.rename(collector, settings.AGENT_DOCUMENTS, old, new) == 1
    (after,) = lrs.storage.find(settings.AGENT_DOCUMENTS)

    assert after["agent"] == new
    assert holdings.opened(collector, after, new) == plain
    assert holdings.rename(collector, settings.AGENT_DOCUMENTS, old, new) == 0


def test_a_document_renamed_twice_by_two_who_were_killed_stays_readable(quick):
    quick.post(statement(actor=agent("Ada")))
    persons_key = persons.person(quick, "Ada")
    collector = persons.collector(quick)
    cipher = collector.keys.of(["n" * 32], create=True)["n" * 32]
    sealed = base64.b64encode(blob.seal(b"text", "k", cipher, bytes(12))).decode()
    quick.storage.insert(settings.DEFINITIONS, {"key": "k", "owner": persons_key, "blob": sealed})
    holdings.rename(collector, settings.DEFINITIONS, persons_key, "n" * 32)

    assert holdings.opened(collector, quick.storage.get(settings.DEFINITIONS, ("k",)), "n" * 32) == b"text"


def test_what_the_new_name_has_already_is_newer_and_stays(lrs):
    collector = persons.collector(lrs)
    for learner, role in (("o" * 32, "old"), ("n" * 32, "new")):
        lrs.storage.insert(persons.GOALS, {"learner": learner, "context": "c", "role": role})
    holdings.rename(collector, persons.GOALS, "o" * 32, "n" * 32)

    assert lrs.storage.find(persons.GOALS) == [{"learner": "n" * 32, "context": "c", "role": "new"}]


def test_a_person_is_taken_out_of_a_list_and_the_list_stays(lrs):
    for name, people in (("a", ["p" * 32, "q" * 32]), ("b", ["p" * 32]), ("c", ["q" * 32])):
        lrs.storage.insert(persons.FILTERS, {"name": name, "persons": people})
    assert holdings.remove(lrs.storage, persons.FILTERS, ["p" * 32]) == 2

    assert [each["persons"] for each in lrs.storage.find(persons.FILTERS)] == [["q" * 32], [], ["q" * 32]]


def test_a_document_without_its_person_is_about_nobody():
    collection = Collection("notes", ("id",), ("owner",), person="owner", **stores.FACTS)

    assert holdings.persons(collection, {"id": "1"}) == holdings.persons(collection, {"id": "1", "owner": ""}) == []
