"""How documents lie in the store: nothing in the clear, nothing lost with a pseudonym key, all of it with a person."""

import os
from dataclasses import replace

import pytest

from tests.xapi_collector import exchange
from tests.xapi_collector.exchange import ACTIVITY_PROFILE, AGENT_PROFILE, STATE, document, ids, store
from tests.xapi_collector.lrs import agent, new_id
from xapi_collector import agents, documents, envelope, errors, keyring, place, settings
from xapi_collector.collector import Collector
from xapi_collector.place import Document, Place

CANARY = {"mbox": "mailto:canary@example.org", "name": "Canary"}


def _collector(lrs):
    keys = envelope.DataKeys(lrs.storage, lrs.keys.sealing_key, os.urandom)
    return Collector(lrs.storage, lrs.keys, keys, lambda: 1, os.urandom, new_id)


def _actor(lrs, who=None):
    return agents.pseudonym(who or agent(), lrs.keys.pseudonym_key)


def test_the_store_holds_nothing_of_a_document_in_the_clear(lrs):
    more = {"agent": CANARY, "headers": {"Content-Type": "text/canary", "If-None-Match": "*"}}
    store(lrs, STATE, b"a canary", "canary", activityId="https://canary.example", registration=new_id(), **more)
    store(lrs, AGENT_PROFILE, b"a canary", "canary", **more)
    headers = {"headers": more["headers"]}
    store(lrs, ACTIVITY_PROFILE, b"a canary", "canary", activityId="https://canary.example", **headers)
    held = [*lrs.storage.find(settings.AGENT_DOCUMENTS), *lrs.storage.find(settings.ACTIVITY_PROFILES)]

    assert len(held) == 3
    assert "anary" not in repr(held)
    assert [each.get("agent") for each in held] == [_actor(lrs, CANARY), _actor(lrs, CANARY), None]


def test_everything_of_a_person_is_found_by_their_pseudonym(lrs):
    store(lrs, STATE, b"state", "s", registration="AB97B177-9383-4934-8543-0F91A7A02836")
    store(lrs, AGENT_PROFILE, b"profile", "p")
    store(lrs, STATE, b"foreign", agent=agent("other"))
    held = [*documents.held(_collector(lrs), _actor(lrs))]

    assert sorted((where.kind, each.id, each.content) for where, each in held) == [
        ("agent profile", "p", b"profile"),
        ("state", "s", b"state"),
    ]
    assert {where.registration for where, _ in held} == {None, "ab97b177-9383-4934-8543-0f91a7a02836"}
    assert all(where.agent == agent() for where, _ in held)


def test_without_its_data_key_a_document_is_not_there_and_may_come_anew(lrs):
    store(lrs, STATE, b"old")
    store(lrs, ACTIVITY_PROFILE, b"nobody's")
    lrs.storage.delete(settings.DATA_KEYS, (_actor(lrs),))
    lrs.storage.statements.forget([])

    assert document(lrs, "GET", ACTIVITY_PROFILE).data == b"nobody's"
    assert [*documents.held(_collector(lrs), _actor(lrs))] == []
    assert documents.ids(_collector(lrs), Place("state", exchange.ACTIVITY, agent())) == ([], 0)

    store(lrs, STATE, b"new")

    assert document(lrs, "GET", STATE).data == b"new"
    assert documents.get(_collector(lrs), Place("state", exchange.ACTIVITY, agent()), "d").content == b"new"
    assert ids(lrs, STATE) == ["d"]


def test_a_document_opens_at_every_moment_of_a_rotation_of_pseudonyms(lrs, tmp_path):
    store(lrs, STATE, b"kept")
    fresh = keyring.PseudonymKey(os.urandom(32))
    retiring = replace(lrs.keys.states[0], state=keyring.RETIRING)
    its = replace(_collector(lrs), keyring=keyring.change(tmp_path / "keyring.json", (fresh, retiring)))
    where = Place("state", exchange.ACTIVITY, agent())
    old, new = (agents.pseudonym(agent(), key) for key in (retiring.key, fresh.key))

    assert documents.get(its, where, "d").content == b"kept"

    its.keys.rename({old: new})
    lrs.storage.delete(settings.DATA_KEYS, (old,))
    its.keys.renew()

    assert documents.get(its, where, "d").content == b"kept"

    (raw,) = lrs.storage.find(settings.AGENT_DOCUMENTS)
    lrs.storage.replace(settings.AGENT_DOCUMENTS, raw | {"agent": new}, expected=raw)

    assert documents.get(its, where, "d").content == b"kept"
    assert [each.content for _, each in documents.held(its, new)] == [b"kept"]


def test_a_document_sealed_before_its_person_came_back_under_another_name_is_not_there(quick, tmp_path):
    store(quick, STATE, b"erased")
    fresh = keyring.PseudonymKey(os.urandom(32))
    retiring = replace(quick.keys.states[0], state=keyring.RETIRING)
    its = replace(_collector(quick), keyring=keyring.change(tmp_path / "keyring.json", (fresh, retiring)))
    quick.storage.delete(settings.DATA_KEYS, (_actor(quick),))
    its.keys.of([agents.pseudonym(agent(), fresh.key)], create=True)

    assert documents.get(its, Place("state", exchange.ACTIVITY, agent()), "d") is None


def test_a_changed_document_is_no_document(quick):
    store(quick, STATE, b"kept")
    (raw,) = quick.storage.find(settings.AGENT_DOCUMENTS)
    changed = raw | {"blob": raw["blob"][:-8] + "AAAAAAA="}
    quick.storage.replace(settings.AGENT_DOCUMENTS, changed, expected=raw)

    assert document(quick, "GET", STATE).status_code == 500


def test_a_document_does_not_open_in_the_place_of_another(quick):
    store(quick, STATE, b"one", "one")
    store(quick, STATE, b"two", "two")
    one, two = quick.storage.find(settings.AGENT_DOCUMENTS)

    with pytest.raises(errors.EnvelopeError):
        place.open_(_collector(quick), one | {"blob": two["blob"]})


def test_a_document_is_never_older_than_what_it_replaces(quick):
    collector = _collector(quick)  # its clock stands still
    where = Place("state", exchange.ACTIVITY, agent())
    for _ in range(3):
        documents.put(collector, where, Document("d", "a/b", b"", 1), documents.Precondition())

    assert documents.get(collector, where, "d").updated == 3
